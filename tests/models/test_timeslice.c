/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time slicing: cases solved by hand; random worlds against the rule written a second time, as a
 * fluid that is poured from event to event; and processor sharing, whose mean completion time is
 * known whatever the law of the work (Kleinrock 1967; insensitivity: Sakata, Noguchi and Oizumi
 * 1971): E[S] / (1 - rho).
 */
#include <math.h>
#include <stdlib.h>

#include "sim/random.h"
#include "tests/simulate.h"

#define SECOND INT64_C(1000000)

static void add(struct workload *w, int64_t submit_us, int gpu_milli, int64_t run_us)
{
    size_t j = w->job_n;
    simulate_add(w, submit_us, 1, run_us, -1, -1);
    w->gpu_milli[j] = gpu_milli;
}

static struct simulate_fleet fleet_of(int nodes, int gpus, int replicas)
{
    return (struct simulate_fleet){
        .pools = { { nodes, gpus } }, .order = "fifo", .sharing = SHARING_TIME, .replicas = replicas
    };
}

static void ends(const struct workload *w, struct simulate_fleet fleet, const double *expected_s)
{
    struct schedule s;
    simulate(w, &fleet, &s);
    for (size_t j = 0; j < w->job_n; j++) {
        double apart = (double)s.end_us[j] / (double)SECOND - expected_s[j];
        if (apart < -2e-6 || apart > 2e-6)
            fail_msg("job %zu ends at %.6f s, not %.6f", j, (double)s.end_us[j] / (double)SECOND,
                     expected_s[j]);
    }
    schedule_free(&s);
}

/*
 * One GPU, all of which both want.
 *      0 to 10 s    A alone: 10 of 30 s done
 *      10 to 30 s   A and B at a half: A 20, B 10 of 10: B ends
 *      30 to 40 s   A alone: 30
 */
static void two_halve_a_gpu(void **state)
{
    struct workload w;
    (void)state;
    simulate_workload_init(&w);
    add(&w, 0, 1000, 30 * SECOND);
    add(&w, 10 * SECOND, 1000, 10 * SECOND);
    simulate_seal(&w);
    ends(&w, fleet_of(1, 1, 2), (double[]){ 40, 30 });
    workload_free(&w);
}

/* Who wants a quarter has it beside one that wants all, which has the other three quarters: 30 s of
 * work take 40. */
static void who_wants_little_is_not_slowed(void **state)
{
    struct workload w;
    (void)state;
    simulate_workload_init(&w);
    add(&w, 0, 1000, 30 * SECOND);
    add(&w, 0, 250, 100 * SECOND);
    simulate_seal(&w);
    ends(&w, fleet_of(1, 1, 2), (double[]){ 40, 100 });
    workload_free(&w);
}

/*
 * 600, 600 and 200: the last has its fifth, the others two fifths each, at 2/3 of their speed.
 *      0 to 30 s    600s do 20 s, 200 does 30 of 30: it ends
 *      from 30 s    two at a half each, 5/6 of their speed: A has 5 s left, 6 s; B then 600 alone
 *      B            at 36 s 20 + 5 = 25 of 35 done; alone: 46
 */
static void what_one_leaves_the_others_have(void **state)
{
    struct workload w;
    (void)state;
    simulate_workload_init(&w);
    add(&w, 0, 600, 25 * SECOND);
    add(&w, 0, 600, 35 * SECOND);
    add(&w, 0, 200, 30 * SECOND);
    simulate_seal(&w);
    ends(&w, fleet_of(1, 1, 3), (double[]){ 36, 46, 30 });
    workload_free(&w);
}

/* Two GPUs: replicas go to the GPU of which fewest are taken; a third on it waits for a replica,
 * and a job of two GPUs for two idle ones. */
static void replicas_are_distributed(void **state)
{
    struct workload w;
    (void)state;
    simulate_workload_init(&w);
    add(&w, 0, 1000, 10 * SECOND); /* GPU 0 */
    add(&w, 0, 1000, 20 * SECOND); /* GPU 1 */
    add(&w, 0, 1000, 10 * SECOND); /* GPU 0: both of it end at 20 */
    add(&w, 0, 1000, 30 * SECOND); /* GPU 1: at 20 s both have done 10 s */
    add(&w, 0, 1000, 5 * SECOND);  /* none is left: starts on GPU 0 at 20 s */
    add(&w, 0, 2000, 1 * SECOND);  /* 1 at 40 s, the other on GPU 1 at 50 s */
    simulate_seal(&w);
    ends(&w, fleet_of(1, 2, 2), (double[]){ 20, 40, 20, 50, 25, 51 });
    workload_free(&w);
}

/* ---- the fluid ---- */

enum { JOBS_MAX = 60, GPUS_MAX = 4 };

/* What each of n jobs has of a GPU: the level is raised until it is given out, or all have what
 * they want. */
static void pour(const double *wants, int n, double *has)
{
    double level = 1, sum = 0;
    for (int i = 0; i < n; i++) sum += wants[i];
    if (sum > 1) {
        double low = 0, high = 1;
        for (int k = 0; k < 200; k++) {
            level = (low + high) / 2;
            sum = 0;
            for (int i = 0; i < n; i++) sum += wants[i] < level ? wants[i] : level;
            if (sum > 1) high = level;
            else low = level;
        }
    }
    for (int i = 0; i < n; i++) has[i] = wants[i] < level ? wants[i] : level;
}

struct fluid {
    int n, gpus, replicas;
    double submit[JOBS_MAX], wants[JOBS_MAX], left[JOBS_MAX], start[JOBS_MAX], end[JOBS_MAX];
    int gpu[JOBS_MAX]; /* -1: it waits, or has ended */
    double speed[JOBS_MAX];
};

static void set_speeds(struct fluid *f)
{
    for (int g = 0; g < f->gpus; g++) {
        int on[JOBS_MAX], n = 0;
        double wants[JOBS_MAX], has[JOBS_MAX];
        for (int j = 0; j < f->n; j++)
            if (f->gpu[j] == g) {
                wants[n] = f->wants[j];
                on[n++] = j;
            }
        pour(wants, n, has);
        for (int i = 0; i < n; i++) f->speed[on[i]] = has[i] / wants[i];
    }
}

/* First come, first served, each to the GPU with most replicas left, the lowest of several. */
static void start_heads(struct fluid *f, double now)
{
    for (int j = 0; j < f->n; j++) {
        int best = -1, most = 0;
        if (f->start[j] >= 0 || f->submit[j] > now) continue;
        for (int g = 0; g < f->gpus; g++) {
            int left = f->replicas;
            for (int i = 0; i < f->n; i++) left -= f->gpu[i] == g;
            if (left > most) {
                most = left;
                best = g;
            }
        }
        if (best < 0) return;
        f->gpu[j] = best;
        f->start[j] = now;
    }
}

static void run_fluid(struct fluid *f)
{
    double now = 0;
    for (int ended = 0; ended < f->n;) {
        double next = 1e300;
        for (int j = 0; j < f->n; j++) {
            if (f->submit[j] > now && f->submit[j] < next) next = f->submit[j];
            if (f->gpu[j] >= 0 && now + f->left[j] / f->speed[j] < next)
                next = now + f->left[j] / f->speed[j];
        }
        for (int j = 0; j < f->n; j++) {
            if (f->gpu[j] < 0) continue;
            f->left[j] -= (next - now) * f->speed[j];
            if (f->left[j] > 1e-7) continue;
            f->end[j] = next;
            f->gpu[j] = -1;
            ended++;
        }
        now = next;
        start_heads(f, now);
        set_speeds(f);
    }
}

/* Ends are whole microseconds, up to one late at each change: 100 of them are allowed, of hours. */
static void agrees_with_the_fluid(void **state)
{
    int shared = 0, waited = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 600; seed++) {
        struct random_key key = random_key(seed, 0);
        struct workload w;
        struct schedule s;
        struct fluid f = { .n = 5 + (int)random_below(key, RANDOM_TEST, 0, 0, JOBS_MAX - 5),
                           .gpus = 1 + (int)random_below(key, RANDOM_TEST, 0, 1, GPUS_MAX),
                           .replicas = 2 + (int)random_below(key, RANDOM_TEST, 0, 2, 5) };
        int64_t at = 0;
        simulate_workload_init(&w);
        for (uint64_t j = 0; j < (uint64_t)f.n; j++) {
            int milli = 1000 - (int)random_below(key, RANDOM_TEST, j, 4, 2) *
                                   (int)random_below(key, RANDOM_TEST, j, 5, 999);
            int64_t run = 1 + (int64_t)random_below(key, RANDOM_TEST, j, 6, 3600 * SECOND);
            at += 1 + (int64_t)random_below(key, RANDOM_TEST, j, 7, 1200 * SECOND);
            add(&w, at, milli, run);
            f.submit[j] = (double)at / SECOND;
            f.wants[j] = milli / 1000.0;
            f.left[j] = (double)run / SECOND;
            f.start[j] = f.end[j] = -1;
            f.gpu[j] = -1;
        }
        simulate_seal(&w);
        struct simulate_fleet fleet = fleet_of(1, f.gpus, f.replicas);
        simulate(&w, &fleet, &s);
        run_fluid(&f);
        for (int j = 0; j < f.n; j++) {
            double start = (double)s.start_us[j] / (double)SECOND,
                   end = (double)s.end_us[j] / (double)SECOND;
            if (fabs(start - f.start[j]) > 1e-4 || fabs(end - f.end[j]) > 1e-4)
                fail_msg("seed %llu, job %d: %.6f to %.6f s, by the fluid %.6f to %.6f",
                         (unsigned long long)seed, j, start, end, f.start[j], f.end[j]);
            shared += s.end_us[j] - s.start_us[j] > w.run_us[j] + 1000;
            waited += s.start_us[j] > w.submit_us[j];
        }
        schedule_free(&s);
        workload_free(&w);
    }
    assert_true(shared > 5000 && waited > 2000);
}

/* ---- processor sharing ---- */

enum law { EXPONENTIAL, DETERMINISTIC, HYPEREXPONENTIAL };

static double work(enum law law, struct random_key key, uint64_t job)
{
    double e = random_exponential_of(random_unit(key, RANDOM_TEST, job, 1));
    switch (law) {
    case EXPONENTIAL: return e;
    case DETERMINISTIC: return 1;
    default: return random_unit(key, RANDOM_TEST, job, 2) < 0.9 ? e / 2 : e * 5.5;
    }
}

static double mean_completion_s(enum law law, double rho, uint64_t seed)
{
    enum { JOBS = 20000 };
    struct random_key key = random_key(seed, 1);
    struct workload w;
    struct schedule s;
    double at = 0;
    simulate_workload_init(&w);
    for (uint64_t j = 0; j < JOBS; j++) {
        at += random_exponential_of(random_unit(key, RANDOM_TEST, j, 0)) / rho;
        add(&w, (int64_t)(at * SECOND), 1000, (int64_t)(work(law, key, j) * SECOND));
    }
    simulate_seal(&w);
    struct simulate_fleet fleet = fleet_of(1, 1, REPLICAS_MAX);
    simulate(&w, &fleet, &s);
    double mean = s.result.mean_jct_s;
    schedule_free(&s);
    workload_free(&w);
    return mean;
}

/* Of 32 paths; the exact mean lies within four standard errors, and that of first come, first
 * served does not where the work varies. */
static void is_processor_sharing(void **state)
{
    enum { PATHS = 32 };
    static const double rho = 0.6;
    (void)state;
    for (enum law law = EXPONENTIAL; law <= HYPEREXPONENTIAL; law++) {
        static const double squares[] = { 2, 1, 0.9 * 2 / 4 + 0.1 * 2 * 5.5 * 5.5 };
        double sum = 0, square = 0, exact = 1 / (1 - rho);
        double fifo = 1 + rho * squares[law] / (2 * (1 - rho));
        for (uint64_t seed = 1; seed <= PATHS; seed++) {
            double mean = mean_completion_s(law, rho, seed);
            sum += mean;
            square += mean * mean;
        }
        double mean = sum / PATHS;
        double error = sqrt((square / PATHS - mean * mean) / (PATHS - 1));
        if (fabs(mean - exact) > 4 * error)
            fail_msg("law %d: %.4f s, exactly %.4f, standard error %.4f", (int)law, mean, exact,
                     error);
        if (law != EXPONENTIAL) assert_true(fabs(mean - fifo) > 8 * error);
    }
}

/* What others took is delay, in slowdowns, and GPU time that is told. */
static void sharing_is_told(void **state)
{
    struct workload w;
    struct schedule s;
    (void)state;
    simulate_workload_init(&w);
    add(&w, 0, 1000, 1800 * SECOND);
    add(&w, 0, 1000, 1800 * SECOND);
    simulate_seal(&w);
    struct simulate_fleet fleet = fleet_of(1, 1, 2);
    simulate(&w, &fleet, &s);
    assert_int_equal(s.end_us[0], 3600 * SECOND);
    assert_int_equal(s.end_us[1], 3600 * SECOND);
    assert_true(fabs(s.result.mean_bounded_slowdown - 2) < 1e-9);
    /* Each holds half a GPU for half an hour more. */
    assert_true(fabs(s.result.beside_gpu_hours - 0.5) < 1e-9);
    schedule_free(&s);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_halve_a_gpu),
        cmocka_unit_test(who_wants_little_is_not_slowed),
        cmocka_unit_test(what_one_leaves_the_others_have),
        cmocka_unit_test(replicas_are_distributed),
        cmocka_unit_test(agrees_with_the_fluid),
        cmocka_unit_test(is_processor_sharing),
        cmocka_unit_test(sharing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
