/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/study_waits.h"

#include <math.h>
#include <stdlib.h>

#include "sim/quantile.h"

const double study_wait_shares[STUDY_WAIT_N] = { 0.5, 0.95, 0.99 };

bool study_waits_hold(const struct fleet_spec *fleet)
{
    int64_t gpus = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        const struct failure_spec *f = &pool->failures;
        if (pool->elastic_nodes > 0 || pool->tenants.n || pool->queues.n || pool->marks.taint_n)
            return false;
        if (f->by_node || f->by_gpu || f->log_n) return false;
        gpus += (int64_t)pool->nodes * pool->type.gpus;
    }
    return gpus > 0 && gpus <= QUEUE_SERVERS_MAX;
}

/* The share-quantile of n counted values by nearest rank: the middle of its bucket. */
static double quantile_of(const uint64_t *histogram, uint64_t n, double share)
{
    uint64_t rank = quantile_rank(share, n), below = 0;
    for (uint32_t b = 0; n && b < LOG_BUCKET_N; b++)
        if ((below += histogram[b]) >= rank) {
            uint64_t least = log_bucket_least(b);
            uint64_t next = b + 1 < LOG_BUCKET_N ? log_bucket_least(b + 1) : least + 1;
            return (double)least + (double)(next - least - 1) / 2;
        }
    return 0;
}

/* Where the queue would grow for ever there is no wait to speak of: the load is held against what
 * gangs can use of the servers, three standard errors of which are given away. */
static enum status look_at_load(const struct queue_laws *laws, const struct queue_plan *plan,
                                uint32_t jobs, uint64_t seed, struct study_waits *w,
                                struct error *err)
{
    struct queue_ceiling ceiling;
    w->load = plan->offered / plan->model.servers;
    enum status status = queue_ceiling_of(laws, plan->model.servers, jobs, seed, &ceiling, err);
    if (status) return status;
    w->ceiling = ceiling.utilisation;
    w->is_overloaded = w->load > ceiling.utilisation - 3 * ceiling.error;
    return STATUS_OK;
}

/* The waits of n replications, each counted by itself: 15 KB of each, 4 MB of all. */
static enum status run_queue(const struct queue_plan *plan, struct engine *engine,
                             struct study_waits *w, uint32_t n, struct error *err)
{
    struct queue_result *results = malloc(n * sizeof *results);
    uint64_t *counts = malloc((size_t)n * LOG_BUCKET_N * sizeof *counts);
    enum status status = STATUS_OK;
    if (!results || !counts) status = error_set(err, STATUS_NO_MEMORY, "no memory for waits");
    if (!status)
        status = engine_queue(engine, &plan->model, 0, n, results, QUEUE_EACH, counts, err);
    for (uint32_t r = 0; r < n && !status; r++)
        for (int i = 0; i < STUDY_WAIT_N; i++)
            w->wait_s[i][r] = quantile_of(counts + (size_t)r * LOG_BUCKET_N, results[r].jobs,
                                          study_wait_shares[i]) *
                              (double)plan->tick_us / 1e6;
    free(results);
    free(counts);
    return status;
}

enum status study_waits_run(const struct queue_laws *laws, const struct fleet_spec *fleet,
                            double speed, uint32_t jobs, uint32_t n, uint64_t seed,
                            struct engine *engine, struct study_waits *w, struct error *err)
{
    struct queue_options options;
    struct queue_plan plan;
    struct error own;
    int64_t gpus = 0;
    *w = (struct study_waits){ 0 };
    for (int32_t p = 0; p < fleet->pool_n; p++)
        gpus += (int64_t)fleet->pools[p].nodes * fleet->pools[p].type.gpus;
    queue_options_init(&options, (uint32_t)gpus);
    options.jobs = jobs;
    options.warm_up = jobs / 10;
    options.speed = speed;
    options.seed = seed;
    enum status status = queue_plan_make(&plan, laws, &options, err);
    if (status == STATUS_OK) status = look_at_load(laws, &plan, jobs, seed, w, err);
    if (status || w->is_overloaded) return status;
    for (int i = 0; i < STUDY_WAIT_N; i++)
        if (!(w->wait_s[i] = malloc(n * sizeof *w->wait_s[i])))
            return error_set(err, STATUS_NO_MEMORY, "no memory for waits");
    status = run_queue(&plan, engine, w, n, &own);
    /* A queue that ran out of 32 bits grew without end. */
    w->is_overloaded = status == STATUS_BAD_INPUT;
    if (status && !w->is_overloaded) return error_set(err, status, "%s", own.message);
    w->n = w->is_overloaded ? 0 : n;
    return STATUS_OK;
}

void study_waits_free(struct study_waits *w)
{
    for (int i = 0; i < STUDY_WAIT_N; i++) free(w->wait_s[i]);
    *w = (struct study_waits){ 0 };
}
