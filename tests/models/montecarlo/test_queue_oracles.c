/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gang queue of the Monte Carlo model against queueing theory: mean waits by class, the chance
 * to wait and quantiles, within four standard errors of the exact answer, from 48 independent
 * replications; the ceiling of utilisation against exact ones; and schedules worked out by hand.
 */
#include "tests/oracles/queues.h"
#include "tests/oracles/schedules.h"

#include <math.h>
#include <string.h>

#include "sim/random.h"
#include "tests/estimate.h"
#include "tests/gang_queues.h"
#include "tests/support.h"

enum { REPLICATIONS = 48, JOBS = 60000, WARM_UP = 6000, CLASSES = 4, MEASURES = CLASSES + 3 };
enum { CHANCE = CLASSES, P95, P99 };

/* ---- quantiles of the laws ---- */

/* The x at which the chance of more is q, by halving, where there is no formula. */
static double invert(double (*above)(const struct law *, double), const struct law *law, double q)
{
    double low = 0, high = 1;
    while (above(law, high) > q) high *= 2;
    for (int i = 0; i < 200; i++) {
        double middle = (low + high) / 2;
        if (above(law, middle) > q) low = middle;
        else high = middle;
    }
    return (low + high) / 2;
}

static double above_hyperexponential(const struct law *law, double x)
{
    const double *a = law->a;
    return a[0] * exp(-a[1] * x) + (1 - a[0]) * exp(-a[2] * x);
}

static double above_erlang(const struct law *law, double x)
{
    double term = exp(-law->a[1] * x), sum = 0;
    for (int k = 0; k < (int)law->a[0]; k++) {
        sum += term;
        term *= law->a[1] * x / (k + 1);
    }
    return sum;
}

static double quantile_of(double p, double q, const void *context)
{
    const struct law *law = context;
    const double *a = law->a;
    double exponential = law_quantile_exponential(p, q, NULL);
    double z = p < 0.5 ? random_normal_quantile(p) : -random_normal_quantile(q);
    switch (law->kind) {
    case EXPONENTIAL: return exponential / a[0];
    case DETERMINISTIC: return a[0];
    case LOGNORMAL: return exp(a[0] + a[1] * z);
    case HYPEREXPONENTIAL: return invert(above_hyperexponential, law, q);
    case ERLANG: return invert(above_erlang, law, q);
    case UNIFORM: return a[0] + (a[1] - a[0]) * p;
    case WEIBULL: return a[1] * pow(exponential, 1 / a[0]);
    case BOUNDED_PARETO: return a[0] * pow(1 - p * (1 - pow(a[0] / a[1], a[2])), -1 / a[2]);
    }
    return 0;
}

/* ---- estimates ---- */

static void laws_of(const struct queue_oracle *q, struct queue_laws *laws)
{
    struct error err;
    /* A time unit is a second. */
    struct queue_law_source gap = { 1e6, quantile_of, &q->between, NULL, 0 };
    enum status status = queue_laws_init(laws, LAW_LONG, &err);
    if (status == STATUS_OK) status = queue_laws_gap(laws, gap, &err);
    for (int c = 0; status == STATUS_OK && c < CLASSES && q->classes[c].servers; c++)
        status = queue_laws_class(
            laws, (uint32_t)q->classes[c].servers, q->classes[c].chance,
            (struct queue_law_source){ 1e6, quantile_of, &q->classes[c].service, NULL, 0 }, &err);
    if (status) fail_msg("%s: %s", q->name, err.message);
}

/* The value that `rank` counted waits are at most, as a bucket's middle. */
static double quantile_from(const uint64_t *histogram, double share, uint64_t n)
{
    uint64_t seen = 0, rank = (uint64_t)ceil(share * (double)n);
    for (uint32_t b = 0; b < LOG_BUCKET_N; b++) {
        seen += histogram[b];
        if (seen >= rank)
            return ((double)log_bucket_least(b) + (double)log_bucket_least(b + 1) - 1) / 2;
    }
    return 0;
}

/* Classes of one size are told apart by nothing: their waits are one law. */
static void replication(const struct queue_oracle *q, const struct queue_plan *plan, uint32_t r,
                        const struct queue_path *path, double measure[MEASURES])
{
    double tick = (double)plan->tick_us / 1e6, count[CLASSES] = { 0 };
    struct queue_result result;
    uint64_t histogram[LOG_BUCKET_N] = { 0 };
    struct error err;
    memset(measure, 0, MEASURES * sizeof *measure);
    assert_true(queue_trace(&plan->model, r, (struct queue_path *)path));
    for (uint32_t j = WARM_UP; j < JOBS; j++)
        for (int c = 0; c < CLASSES; c++)
            if (path->servers[j] == (uint32_t)q->classes[c].servers) {
                measure[c] += (path->start[j] - path->arrival[j]) * tick;
                count[c]++;
            }
    for (int c = 0; c < CLASSES; c++)
        if (count[c] > 0) measure[c] /= count[c];
    assert_int_equal(queue_run(&plan->model, QUEUE_AUTO, r, 1, &result, histogram, &err),
                     STATUS_OK);
    measure[CHANCE] = (double)result.waited / result.jobs;
    measure[P95] = quantile_from(histogram, 0.95, result.jobs) * tick;
    measure[P99] = quantile_from(histogram, 0.99, result.jobs) * tick;
}

static void estimate_queue(const struct queue_oracle *q, struct estimate out[MEASURES])
{
    static struct queue_laws laws;
    static struct queue_plan plan;
    struct queue_options options;
    struct queue_path path;
    struct error err;
    memset(out, 0, MEASURES * sizeof *out);
    laws_of(q, &laws);
    queue_options_init(&options, (uint32_t)q->servers);
    options.jobs = JOBS;
    options.warm_up = WARM_UP;
    options.seed = 2024;
    if (queue_plan_make(&plan, &laws, &options, &err)) fail_msg("%s: %s", q->name, err.message);
    gang_path_init(&path, JOBS);
    for (uint32_t r = 0; r < REPLICATIONS; r++) {
        double m[MEASURES];
        replication(q, &plan, r, &path, m);
        for (int i = 0; i < MEASURES; i++) estimate_add(&out[i], m[i]);
    }
    gang_path_free(&path);
    queue_laws_free(&laws);
}

/* A quantile from a bucket may be off by half of its width beside the error of the sample. */
static int agrees(const char *name, const char *what, const struct estimate *e, double exact,
                  double width)
{
    if (exact <= 0) return 1;
    double error = estimate_error(e);
    int good = fabs(estimate_mean(e) - exact) <= 4 * error + width * exact && error < 0.05 * exact;
    if (!good)
        print_message("%s, %s: %.6g, standard error %.3g, exact %.6g\n", name, what,
                      estimate_mean(e), error, exact);
    return good;
}

static void exact_answers(void **state)
{
    int bad = 0, queues = 0;
    (void)state;
    for (size_t i = 0; i < sizeof queue_oracles / sizeof *queue_oracles; i++) {
        const struct queue_oracle *q = &queue_oracles[i];
        struct estimate e[MEASURES];
        if (strcmp(q->order, "fifo") != 0) continue;
        queues++;
        estimate_queue(q, e);
        for (int c = 0; c < CLASSES; c++)
            bad += !agrees(q->name, "mean wait of a class", &e[c], q->classes[c].mean_wait, 0);
        bad += !agrees(q->name, "chance to wait", &e[CHANCE], q->chance_to_wait, 0);
        bad += !agrees(q->name, "95th percentile of the wait", &e[P95], q->wait_p95, 1.0 / 64);
        bad += !agrees(q->name, "99th percentile of the wait", &e[P99], q->wait_p99, 1.0 / 64);
    }
    assert_int_equal(bad, 0);
    assert_true(queues >= 32);
}

/* Gangs leave servers idle that the next of them is too large for: what is left of the fleet where
 * jobs always wait, from the Markov chain (Rumyantsev and Morozov 2017). */
static void ceilings_are_exact(void **state)
{
    static const struct {
        const char *name;
        double utilisation;
    } known[] = {
        { "msj-01", 1.1428571428571428 * 1.5 / 2 }, { "msj-04", 1.2933264355923435 * 2.2 / 4 },
        { "msj-05", 1.6221696519094286 * 1.9 / 4 }, { "msj-07", 2.3702710865285614 * 2.4 / 8 },
        { "msj-08", 1.1536815044787367 * 4.6 / 8 }, { "msj-10", 2.978630116095088 * 1.8 / 6 },
        { "msj-11", 1.0869565217391304 * 1.6 / 2 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct queue_oracle *q = queue_oracles;
        static struct queue_laws laws;
        struct queue_ceiling ceiling;
        while (strncmp(q->name, known[i].name, strlen(known[i].name)) != 0) q++;
        laws_of(q, &laws);
        assert_int_equal(queue_ceiling_of(&laws, (uint32_t)q->servers, 40000, 3, &ceiling, NULL),
                         STATUS_OK);
        if (fabs(ceiling.utilisation - known[i].utilisation) > 4 * ceiling.error ||
            ceiling.error > 1e-3 || ceiling.error < 1e-5)
            fail_msg("%s: %.6f, error %.6f, exact %.6f", q->name, ceiling.utilisation,
                     ceiling.error, known[i].utilisation);
        queue_laws_free(&laws);
    }
}

static void schedules_by_hand(void **state)
{
    int schedules = 0;
    (void)state;
    for (size_t i = 0; i < sizeof hand_schedules / sizeof *hand_schedules; i++) {
        const struct hand_schedule *h = &hand_schedules[i];
        uint32_t servers = (uint32_t)h->gpus, f[8] = { 0 };
        uint64_t entries[8];
        struct queue_ring ring = { 0, 0, servers, 0 };
        if (strcmp(h->order, "fifo") != 0) continue;
        schedules++;
        assert_true(servers <= 8);
        for (int j = 0; j < HAND_JOBS && h->jobs[j].gpus; j++) {
            uint32_t at = (uint32_t)h->jobs[j].submit, k = (uint32_t)h->jobs[j].gpus, start;
            uint32_t run = (uint32_t)h->jobs[j].run, end = (uint32_t)h->jobs[j].finish;
            assert_int_equal(queue_start_sorted(f, 1, servers, at, k, run, &start), end);
            assert_int_equal(start, h->jobs[j].start);
            assert_int_equal(queue_start_ring(entries, 7, 1, &ring, at, k, run, &start), end);
            assert_int_equal(start, h->jobs[j].start);
        }
    }
    assert_true(schedules >= 3);
}

/* The check can fail: constant runs against the wait of exponential ones, twice as long. */
static void another_queue_is_told_apart(void **state)
{
    static const struct queue_oracle fixed = {
        "M/D/2", "fifo", 2, { EXPONENTIAL, { 1.6 } }, { { 1, 1, { DETERMINISTIC, { 1 } }, 0 } },
        0,       0,      0
    };
    struct estimate e[MEASURES];
    (void)state;
    estimate_queue(&fixed, e);
    assert_false(estimate_allows(&e[0], 1.7777777777777777));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(exact_answers),
                                        cmocka_unit_test(ceilings_are_exact),
                                        cmocka_unit_test(schedules_by_hand),
                                        cmocka_unit_test(another_queue_is_told_apart) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
