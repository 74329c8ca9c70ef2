/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/orders.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/metrics.h"

const struct order_column order_columns[] = {
    { METRIC_WAIT_MEAN, { "mean", "wait" }, "Mean wait", true, false },
    { METRIC_WAIT_P95, { "p95", "wait" }, "p95 wait", true, false },
    { METRIC_JCT_MEAN, { "mean", "JCT" }, "Mean JCT", true, false },
    { METRIC_SLOWDOWN, { "slow-", "down" }, "Mean slowdown", true, false },
    { METRIC_SLOWDOWN_P95, { "", "" }, "p95 slowdown", false, false },
    { METRIC_FAIRNESS, { "fair-", "ness" }, "Fairness", true, false },
    { METRIC_IDLE_WAITING, { "idle", "GPU-h" }, "Idle GPU-hours", true, false },
    { METRIC_MAKESPAN, { "make-", "span" }, "Makespan", true, false },
    { METRIC_PREEMPTIONS, { "", "" }, "Preemptions", false, true },
    { METRIC_OVER_RACKS, { "", "" }, "Jobs over racks", false, true },
    { METRIC_GPU_HOURS_SCATTERED, { "", "" }, "GPU-hours scattered", false, true },
    { METRIC_GPU_HOURS_BESIDE, { "", "" }, "GPU-hours beside others", false, true },
    { METRIC_GANG_TIMEOUTS, { "", "" }, "Gang timeouts", false, true },
    { METRIC_GPU_HOURS_HALF, { "", "" }, "GPU-hours half-placed", false, true },
    { METRIC_GPU_HOURS_LOST, { "", "" }, "GPU-hours lost", false, true },
    { METRIC_JOB_FAILURES, { "", "" }, "Job failures", false, true },
    { METRIC_LOST_TO_FAILURE, { "", "" }, "GPU-hours lost to failure", false, true },
    { METRIC_JOB_RECLAIMS, { "", "" }, "Job reclaims", false, true },
    { METRIC_LOST_TO_RECLAIM, { "", "" }, "GPU-hours lost to reclaim", false, true },
    { NULL, { NULL, NULL }, NULL, false, false },
};

bool order_has_column(const struct report_data *d, const struct order_column *column)
{
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct estimate *e = report_metric(&d->fleets[f], column->metric);
        if (e->n > 0 && (e->mean != 0 || !column->where_any)) return true;
    }
    return false;
}

/* Of the same nodes, at the same price. */
static bool same_kind(const struct report_pool *a, const struct report_pool *b)
{
    return strcmp(a->instance, b->instance) == 0 && strcmp(a->purchase, b->purchase) == 0 &&
           strcmp(a->price_region, b->price_region) == 0 &&
           strcmp(a->price_market, b->price_market) == 0 &&
           strcmp(a->price_valid_from, b->price_valid_from) == 0 &&
           a->gpus_per_node == b->gpus_per_node;
}

static int64_t nodes_like(const struct report_fleet *f, const struct report_pool *kind)
{
    int64_t nodes = 0;
    for (int32_t p = 0; p < f->pool_n; p++)
        if (same_kind(&f->pools[p], kind)) nodes += f->pools[p].nodes;
    return nodes;
}

/* All that a has, b has, too. */
static bool has_nodes_of(const struct report_fleet *a, const struct report_fleet *b)
{
    for (int32_t p = 0; p < a->pool_n; p++)
        if (nodes_like(a, &a->pools[p]) != nodes_like(b, &a->pools[p])) return false;
    return true;
}

bool report_same_nodes(const struct report_data *d)
{
    const struct report_fleet *first = &d->fleets[0];
    for (int32_t f = 1; f < d->fleet_n; f++) {
        const struct report_fleet *fleet = &d->fleets[f];
        if (fabs(fleet->usd_per_gpu_hour - first->usd_per_gpu_hour) >
                1e-6 * fabs(first->usd_per_gpu_hour) ||
            !has_nodes_of(first, fleet) || !has_nodes_of(fleet, first))
            return false;
    }
    return d->fleet_n > 1;
}

const char *order_label(const struct report_data *d, int32_t fleet)
{
    static const char mark[] = " / ";
    const char *first = d->fleets[0].name, *end = strstr(first, mark);
    size_t n = end ? (size_t)(end - first) + strlen(mark) : 0;
    for (int32_t f = 0; n && f < d->fleet_n; f++)
        if (strncmp(d->fleets[f].name, first, n) != 0 || !d->fleets[f].name[n]) n = 0;
    return d->fleets[fleet].name + n;
}

int32_t *order_ranking(const struct report_data *d)
{
    const char *by = report_pick_metric(d);
    int32_t *order = malloc(((size_t)d->fleet_n + 1) * sizeof *order);
    for (int32_t f = 0; order && f < d->fleet_n; f++) { /* at most 64: by insertion */
        double value = report_metric(&d->fleets[f], by)->mean;
        int32_t at = f;
        for (; at > 0; at--) {
            double before = report_metric(&d->fleets[order[at - 1]], by)->mean;
            if (!(isnan(before) && !isnan(value)) && !(value < before)) break;
            order[at] = order[at - 1];
        }
        order[at] = f;
    }
    return order;
}
