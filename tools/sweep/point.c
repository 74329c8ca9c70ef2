/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/point.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/reliability/restart_tail.h"
#include "tools/runner.h"
#include "tools/stopping.h"

enum { BATCH = 5 };

/* What the replications of a batch share. */
struct batch {
    struct point_run *run;
    const volatile int *stop;
    enum status status; /* the first failure */
    struct error *err;
};

static double *values_of(const struct point_run *run, int32_t replication, int32_t fleet)
{
    return run->values +
           ((size_t)replication * (size_t)run->scenario.fleet_n + (size_t)fleet) * run->metric_n;
}

enum status point_init(struct point_run *run, struct error *err)
{
    const struct scenario *s = &run->scenario;
    const struct world_result nothing = { 0 };
    struct run_metric metrics[RUN_METRICS_MAX];
    run->metric_n = run_metrics(&nothing, metrics);
    for (size_t m = 0; m < run->metric_n; m++) run->metrics[m] = metrics[m].name;
    size_t n = (size_t)s->replications * (size_t)s->fleet_n * run->metric_n;
    run->first = 0;
    run->end = s->fleet_n;
    run->values = malloc(n * sizeof *run->values);
    for (size_t i = 0; run->values && i < n; i++) run->values[i] = NAN;
    run->tail = calloc((size_t)s->fleet_n, sizeof *run->tail);
    return run->values && run->tail
               ? STATUS_OK
               : error_set(err, STATUS_NO_MEMORY, "no memory for %d replications", s->replications);
}

enum status point_keep_usage(struct point_run *run, struct error *err)
{
    run->usage = calloc((size_t)run->scenario.replications * (size_t)run->scenario.fleet_n,
                        sizeof *run->usage);
    return run->usage ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "no memory for usage");
}

void point_free(struct point_run *run)
{
    int32_t pairs = run->scenario.replications * run->scenario.fleet_n;
    for (int32_t i = 0; run->usage && i < pairs; i++) usage_log_free(&run->usage[i]);
    free(run->usage);
    free(run->workload);
    free(run->tail);
    free(run->values);
    scenario_free(&run->scenario);
    memset(run, 0, sizeof *run);
}

/* ---- Running ---- */

/* What is said of a point once. */
static enum status describe(struct point_run *run, const struct workload *first, struct error *err)
{
    const struct scenario *s = &run->scenario;
    struct results_run row;
    enum status status = STATUS_OK;
    runner_describe(s, first, 0, "", &row, &run->workload);
    if (!run->workload) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    run->jobs = row.jobs;
    for (int32_t f = 0; f < s->fleet_n && !status; f++) {
        struct restart_tail tail;
        status = restart_tail_find(first, &s->fleets[f], &tail, err);
        if (!status) run->tail[f] = (int)tail.worst;
    }
    return status;
}

static enum status replicate(struct batch *b, int32_t r, struct error *err)
{
    const struct scenario *s = &b->run->scenario;
    struct workload copy;
    const struct workload *workload;
    bool owned;
    enum status status = scenario_workload(s, (uint32_t)r, &copy, &workload, &owned, err);
    if (status) return status;
    if (r == 0) status = describe(b->run, workload, err);
    for (int32_t f = b->run->first; f < b->run->end && !status; f++) {
        struct runner_run one = { 0 };
        if (b->run->usage) one.usage = &b->run->usage[(size_t)r * (size_t)s->fleet_n + (size_t)f];
        struct run_metric metrics[RUN_METRICS_MAX];
        status = runner_simulate(s, (uint32_t)r, f, workload, false, b->stop, &one, err);
        if (!status) {
            double *values = values_of(b->run, r, f);
            size_t n = run_metrics(&one.result, metrics);
            for (size_t m = 0; m < n; m++) values[m] = metrics[m].value;
        }
        world_result_free(&one.result);
    }
    if (owned) workload_free(&copy);
    return status;
}

static void replicate_and_tell(struct batch *b, int32_t r)
{
    struct error own;
    enum status before;
#pragma omp critical(sweep_batch)
    before = b->status;
    if (before) return;
    enum status status =
        *b->stop ? error_set(&own, STATUS_INTERRUPTED, "interrupted") : replicate(b, r, &own);
    if (!status) return;
#pragma omp critical(sweep_batch)
    if (!b->status) {
        *b->err = own;
        b->status = status;
    }
}

static enum status run_batch(struct point_run *run, int32_t from, int32_t to,
                             const volatile int *stop, struct error *err)
{
    struct batch b = { .run = run, .stop = stop, .err = err };
    struct batch *shared = &b;
    for (int32_t r = from; r < to; r++) {
#pragma omp task firstprivate(r, shared)
        replicate_and_tell(shared, r);
    }
#pragma omp taskwait
    return b.status;
}

/* ---- Enough ---- */

static size_t metric_of(const struct point_run *run, const char *name)
{
    size_t m = 0;
    while (m < run->metric_n && strcmp(run->metrics[m], name) != 0) m++;
    return m;
}

void point_column(const struct point_run *run, int32_t fleet, const char *metric, int32_t n,
                  double *to)
{
    size_t m = metric_of(run, metric);
    for (int32_t i = 0; i < n; i++) to[i] = values_of(run, i, fleet)[m];
}

static bool is_precise(const struct point_run *run, int32_t n, double *room)
{
    const struct scenario *s = &run->scenario;
    if (!s->precision.asked) return false;
    for (int figure = 0; figure < PRECISION_N; figure++)
        for (int32_t f = run->first; f < run->end; f++) {
            point_column(run, f, stopping_metric(figure), n, room);
            if (!stopping_is_narrow(s, figure, room, (size_t)n)) return false;
        }
    return true;
}

static bool fleet_misses(const struct point_run *run, int32_t fleet, int32_t n,
                         const struct run_target *targets, size_t target_n, double *room)
{
    if (run->tail[fleet] != TAIL_FINITE) return false; /* there is no interval to go by */
    for (size_t t = 0; t < target_n; t++) {
        point_column(run, fleet, targets[t].metric, n, room);
        struct mean_interval of = stopping_interval(&run->scenario, room, (size_t)n);
        double low = of.mean - of.half, high = of.mean + of.half;
        if (targets[t].at_most ? low > targets[t].target : high < targets[t].target) return true;
    }
    return false;
}

static bool misses(const struct point_run *run, int32_t n, double *room)
{
    struct run_target targets[RUN_TARGETS_MAX];
    size_t target_n = run_targets(&run->scenario, targets);
    if (target_n == 0) return false;
    for (int32_t f = run->first; f < run->end; f++)
        if (!fleet_misses(run, f, n, targets, target_n, room)) return false;
    return true;
}

/* How many replications there are at the next look after `done`. */
static int32_t next_look(const struct scenario *s, int32_t done)
{
    if (s->precision.asked) return stopping_next(s, done + 1);
    int32_t n = (done / BATCH + 1) * BATCH;
    return n < s->replications ? n : s->replications;
}

enum status point_run(struct point_run *run, int32_t from, const volatile int *stop,
                      struct error *err)
{
    const struct scenario *s = &run->scenario;
    double *room = malloc((size_t)s->replications * sizeof *room);
    enum status status =
        room ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "no memory for replications");
    if (!status && from > 0) { /* its jobs are drawn once more, to be described */
        struct workload copy;
        const struct workload *first;
        bool owned;
        status = scenario_workload(s, 0, &copy, &first, &owned, err);
        if (!status) {
            status = describe(run, first, err);
            if (owned) workload_free(&copy);
        }
    }
    int32_t n = 0;
    for (run->ended = NULL; !status && !run->ended;) {
        n = next_look(s, n);
        if (n > from) {
            status = run_batch(run, from, n, stop, err);
            from = n;
        }
        if (status) break;
        if (misses(run, n, room)) run->ended = "misses";
        else if (is_precise(run, n, room)) run->ended = "precise";
        else if (n == s->replications) run->ended = "all";
    }
    run->replications = from > n ? from : n;
    free(room);
    return status;
}
