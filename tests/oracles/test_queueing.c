/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queueing theory: the simulated mean wait (by class), the chance to wait and quantiles of the wait
 * lie within four standard errors of the exact answer, the error taken from 32 independent
 * replications; and the same check fails where the answer is that of another queue.
 */
#include "tests/oracles/queues.h"
#include "tests/simulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/random.h"
#include "tests/estimate.h"

enum {
    REPLICATIONS = 32,
    FOREGROUND_US = 50000, /* quantum of las: a twentieth of a time unit */
    JOBS = 60000,
    WARM_UP = 8000,
    TAIL = 2000,
    CLASSES = 4,
    MEASURES = CLASSES + 3
};
enum { CHANCE = CLASSES, P95, P99 };

/* ---- one sample path ---- */

static double draw_law(const struct law *law, struct random_key key, uint64_t job, uint64_t draw)
{
    const double *a = law->a;
    double u = random_unit(key, RANDOM_TEST, job, draw), sum = 0;
    switch (law->kind) {
    case EXPONENTIAL: return random_exponential_of(u) / a[0];
    case DETERMINISTIC: return a[0];
    case LOGNORMAL: return exp(a[0] + a[1] * random_normal_quantile(u * (1 - 1e-16)));
    case HYPEREXPONENTIAL:
        return random_exponential_of(random_unit(key, RANDOM_TEST, job, draw + 1)) /
               (u <= a[0] ? a[1] : a[2]);
    case ERLANG:
        for (int k = 0; k < (int)a[0]; k++)
            sum += random_exponential_of(random_unit(key, RANDOM_TEST, job, draw + (uint64_t)k));
        return sum / a[1];
    case UNIFORM: return a[0] + (a[1] - a[0]) * u;
    case WEIBULL: return a[1] * pow(random_exponential_of(u), 1 / a[0]);
    case BOUNDED_PARETO: return a[0] * pow(1 - (1 - u) * (1 - pow(a[0] / a[1], a[2])), -1 / a[2]);
    }
    return 0;
}

static int64_t microseconds(double t) { return (int64_t)(t * 1e6 + 0.5); }

static int compare_times(const void *a, const void *b)
{
    return (*(const int64_t *)a > *(const int64_t *)b) -
           (*(const int64_t *)a < *(const int64_t *)b);
}

static int64_t nearest_rank(const int64_t *sorted, int n, int percent)
{
    return sorted[((int64_t)percent * n + 99) / 100 - 1];
}

static void path(const struct queue_oracle *q, uint64_t seed, double measure[MEASURES])
{
    struct random_key key = random_key(seed, 0);
    struct workload w;
    struct schedule s;
    double at = 0;
    int *class_ = malloc(JOBS * sizeof *class_), count[CLASSES] = { 0 }, n = 0, waited = 0;
    int64_t *waits = malloc(JOBS * sizeof *waits);

    simulate_workload_init(&w);
    for (uint64_t j = 0; j < JOBS; j++) {
        double u = random_unit(key, RANDOM_TEST, j, 100);
        int c = 0;
        at += draw_law(&q->between, key, j, 0);
        while (c < CLASSES - 1 && u > q->classes[c].chance && q->classes[c + 1].servers)
            u -= q->classes[c++].chance;
        class_[j] = c;
        simulate_add(&w, microseconds(at), q->classes[c].servers,
                     microseconds(draw_law(&q->classes[c].service, key, j, 20)), -1, -1);
        w.priority[j] = -c;
    }
    simulate_seal(&w);
    /* Half of the paths on one node of all GPUs, half on nodes of one: a queue cannot tell. */
    if (seed % 2)
        simulate(&w,
                 &(struct simulate_fleet){ .pools = { { 1, q->servers } },
                                           .order = q->order,
                                           .levels.quantum_us = FOREGROUND_US },
                 &s);
    else
        simulate(&w,
                 &(struct simulate_fleet){ .pools = { { q->servers, 1 } },
                                           .order = q->order,
                                           .placement = "pack",
                                           .gang = GANG_ANYWHERE,
                                           .levels.quantum_us = FOREGROUND_US },
                 &s);

    memset(measure, 0, MEASURES * sizeof *measure);
    for (int j = WARM_UP; j < JOBS - TAIL; j++) {
        waits[n] = s.wait_us[j];
        measure[class_[j]] += (double)waits[n] / 1e6;
        count[class_[j]]++;
        waited += waits[n++] > 0;
    }
    for (int c = 0; c < CLASSES; c++)
        if (count[c]) measure[c] /= count[c];
    measure[CHANCE] = (double)waited / n;
    qsort(waits, (size_t)n, sizeof *waits, compare_times);
    measure[P95] = (double)nearest_rank(waits, n, 95) / 1e6;
    measure[P99] = (double)nearest_rank(waits, n, 99) / 1e6;
    schedule_free(&s);
    workload_free(&w);
    free(class_);
    free(waits);
}

/* ---- against the exact answer ---- */

static void estimate_queue(const struct queue_oracle *q, struct estimate out[MEASURES])
{
    memset(out, 0, MEASURES * sizeof *out);
    for (uint64_t r = 1; r <= REPLICATIONS; r++) {
        double m[MEASURES];
        path(q, r, m);
        for (int i = 0; i < MEASURES; i++) estimate_add(&out[i], m[i]);
    }
}

static int agrees(const char *name, const char *what, const struct estimate *e, double exact)
{
    if (exact <= 0) return 1;
    int good = estimate_allows(e, exact) && estimate_error(e) < 0.05 * exact;
    if (!good)
        print_message("%s, %s: %.6g, standard error %.3g, exact %.6g\n", name, what,
                      estimate_mean(e), estimate_error(e), exact);
    return good;
}

static int queue_agrees(const struct queue_oracle *q)
{
    struct estimate e[MEASURES];
    int good = 1;
    estimate_queue(q, e);
    for (int c = 0; c < CLASSES; c++)
        good &= agrees(q->name, "mean wait of a class", &e[c], q->classes[c].mean_wait);
    good &= agrees(q->name, "chance to wait", &e[CHANCE], q->chance_to_wait);
    good &= agrees(q->name, "95th percentile of the wait", &e[P95], q->wait_p95);
    good &= agrees(q->name, "99th percentile of the wait", &e[P99], q->wait_p99);
    return good;
}

static void closed_forms(void **state)
{
    int bad = 0;
    (void)state;
    /* Under sanitizers, which are slow, each twelfth queue. */
    for (size_t i = 0; i < sizeof queue_oracles / sizeof *queue_oracles;
         i += getenv("SEATRIAL_SLOW") ? 12 : 1)
        bad += !queue_agrees(&queue_oracles[i]);
    assert_int_equal(bad, 0);
}

/* The check can fail: M/D/2 against the wait of M/M/2, twice as long, and gangs against an answer
 * five in a hundred off. */
static void another_queue_is_told_apart(void **state)
{
    struct estimate e[MEASURES];
    (void)state;
    if (getenv("SEATRIAL_SLOW")) skip(); /* the same queues once more */
    const struct queue_oracle fixed = {
        "M/D/2", "fifo", 2, { EXPONENTIAL, { 1.6 } }, { { 1, 1, { DETERMINISTIC, { 1 } }, 0 } },
        0,       0,      0
    };
    estimate_queue(&fixed, e);
    assert_false(estimate_allows(&e[0], 1.7777777777777777));
    const struct queue_oracle *multiserver = NULL;
    for (size_t i = 0; i < sizeof queue_oracles / sizeof *queue_oracles; i++)
        if (strncmp(queue_oracles[i].name, "msj-10", 6) == 0) multiserver = &queue_oracles[i];
    assert_non_null(multiserver);
    estimate_queue(multiserver, e);
    assert_false(estimate_allows(&e[0], 1.05 * multiserver->classes[0].mean_wait));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(closed_forms),
                                        cmocka_unit_test(another_queue_is_told_apart) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
