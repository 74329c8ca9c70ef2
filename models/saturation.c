/* SPDX-License-Identifier: Apache-2.0 */
#include "models/saturation.h"

#include <stdlib.h>
#include <string.h>

#include "models/scheduling/engine.h"
#include "models/world.h"

enum { JOBS_LEAST = 200, JOBS_MOST = 20000 };

/* A ceiling below this share needs gangs of more than half of the fleet. */
static const double always_reached = 0.5;

/* Jobs that run one after another must end before the clock does: 32,000 years. */
static const double clock_most_us = 1e18;

static double fastest(const struct fleet_spec *fleet, const double *speed, uint32_t class_)
{
    double most = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        double of = speed ? speed[class_ * (size_t)fleet->pool_n + (size_t)p] : 1;
        if (of > most) most = of;
    }
    return most > 0 ? most : 1;
}

/* Jobs that all nodes stand open to, in order of arrival: what the measure is of. */
static bool is_plain(const struct workload *w, const struct fleet_spec *fleet)
{
    const struct queue_order *order = fleet->scheduler.order;
    bool plain = order->engine == &engine_strict && !order->key && w->selectors.n <= 1 &&
                 w->gpu_types.n <= 1 && w->tolerations.n <= 1 &&
                 fleet->scheduler.sharing == SHARING_NONE && fleet->fallback.rule == FALLBACK_NONE;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        plain &= fleet->pools[p].tenants.n == 0 && fleet->pools[p].queues.n == 0 &&
                 fleet->pools[p].group == 0;
    return plain;
}

struct backlog {
    const struct workload *w;
    int64_t *start_us, *end_us; /* by job; -1: rejected */
};

static void note(void *context, const struct job_record *record)
{
    struct backlog *b = context;
    b->start_us[record->job] = record->start_us;
    b->end_us[record->job] = record->end_us;
}

/* The share of GPUs busy until nine of ten jobs have started: the rest still waits then, and no
 * straggler decides. */
static double busy_share(const struct backlog *b, int64_t gpus)
{
    int64_t last_us = 0;
    double busy = 0;
    for (size_t j = 0; j < b->w->job_n / 10 * 9; j++)
        if (b->start_us[j] > last_us) last_us = b->start_us[j];
    for (size_t j = 0; j < b->w->job_n; j++) {
        int64_t end_us = b->end_us[j] < last_us ? b->end_us[j] : last_us;
        if (b->start_us[j] >= 0 && b->start_us[j] < last_us)
            busy += (double)b->w->gpu_milli[j] / 1000 * (double)(end_us - b->start_us[j]);
    }
    return last_us > 0 ? busy / (double)last_us / (double)gpus : 1;
}

/* All jobs of `part` at the first moment. */
static enum status measure(struct workload *part, const struct fleet_spec *fleet,
                           const double *speed, int64_t gpus, double *ceiling, struct error *err)
{
    struct fleet_spec bare = *fleet;
    struct pool_spec *pools = malloc((size_t)fleet->pool_n * sizeof *pools);
    int64_t *times = malloc(2 * part->job_n * sizeof *times);
    struct backlog b = { part, times, times ? times + part->job_n : NULL };
    const struct observer obs = { .context = &b, .job = note };
    const struct world_options options = { .seed = 1, .speed = speed };
    struct world_result result = { 0 };
    enum status status =
        pools && times ? STATUS_OK
                       : error_set(err, STATUS_NO_MEMORY, "no memory for %zu jobs", part->job_n);
    for (int32_t p = 0; status == STATUS_OK && p < fleet->pool_n; p++) {
        pools[p] = fleet->pools[p];
        pools[p].elastic_nodes = 0;
        memset(&pools[p].provisioning, 0, sizeof pools[p].provisioning);
        memset(&pools[p].failures, 0, sizeof pools[p].failures);
        memset(&pools[p].supply, 0, sizeof pools[p].supply);
    }
    bare.pools = pools;
    memset(&bare.autoscaler, 0, sizeof bare.autoscaler);
    memset(&bare.commitments, 0, sizeof bare.commitments);
    memset(&bare.services, 0, sizeof bare.services);
    for (size_t j = 0; j < part->job_n; j++) part->submit_us[j] = 0;
    if (status == STATUS_OK) status = world_run(part, &bare, &options, &obs, &result, err);
    if (status == STATUS_OK) *ceiling = busy_share(&b, gpus);
    world_result_free(&result);
    free(pools);
    free(times);
    return status;
}

enum status saturation_find(const struct workload *w, const struct fleet_spec *fleet,
                            const double *speed, int64_t window_us, struct saturation *s,
                            struct error *err)
{
    int64_t gpus = fleet_spec_most_gpus(fleet), largest = 0;
    double gpu_us = 0;
    *s = (struct saturation){ 0, 1 };
    if (gpus == 0 || window_us <= 0) return STATUS_OK;
    for (size_t j = 0; j < w->job_n; j++) {
        if ((int64_t)w->gpu_milli[j] > 1000 * gpus) continue; /* it never runs */
        gpu_us += (double)w->run_us[j] / fastest(fleet, speed, w->class_[j]) *
                  (double)w->gpu_milli[j] / 1000;
        if (w->gpu_milli[j] > largest) largest = w->gpu_milli[j];
    }
    s->offered = gpu_us / (double)window_us / (double)gpus;
    bool small = s->offered <= always_reached && largest <= 1000 * (gpus / 2);
    if (small || s->offered >= 1 || w->job_n < JOBS_LEAST || !is_plain(w, fleet)) return STATUS_OK;
    size_t n = w->job_n < JOBS_MOST ? w->job_n : JOBS_MOST;
    double one_by_one_us = 0;
    for (size_t j = 0; j < n; j++) one_by_one_us += (double)w->run_us[j];
    if (one_by_one_us > clock_most_us) return STATUS_OK;
    uint32_t *jobs = malloc(n * sizeof *jobs);
    struct workload part;
    for (size_t j = 0; jobs && j < n; j++) jobs[j] = (uint32_t)j;
    if (!jobs || !workload_part(w, jobs, n, false, &part)) {
        free(jobs);
        return error_set(err, STATUS_NO_MEMORY, "no memory for %zu jobs", n);
    }
    enum status status = measure(&part, fleet, speed, gpus, &s->ceiling, err);
    workload_part_free(&part);
    free(jobs);
    return status;
}
