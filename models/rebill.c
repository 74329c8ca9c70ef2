/* SPDX-License-Identifier: Apache-2.0 */
#include "models/rebill.h"

#include <stdlib.h>
#include <string.h>

#include "models/pricing/fleet_bill.h"
#include "models/pricing/ledger.h"

void usage_log_hour(void *context, const struct hour_record *record)
{
    struct usage_log *log = context;
    if (log->n == log->capacity) {
        size_t capacity = log->capacity ? 2 * log->capacity : 1024;
        int64_t *more = realloc(log->node_us, capacity * sizeof *more);
        if (!more) {
            log->failed = true;
            return;
        }
        log->node_us = more;
        log->capacity = capacity;
    }
    if (record->pool == 0 && record->hour == 0) log->into_hour_us = -record->start_us;
    log->node_us[log->n++] = record->bought_node_us;
}

static bool is_on_demand(const struct fleet_spec *fleet, int32_t pool)
{
    return strcmp(fleet->pools[pool].purchase.option->name, "on-demand") == 0;
}

enum status usage_log_end(struct usage_log *log, const struct fleet_spec *fleet,
                          const struct world_result *result, struct error *err)
{
    if (log->failed)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the hours of %d pools",
                         fleet->pool_n);
    log->pool_n = fleet->pool_n;
    log->hours = fleet->pool_n > 0 ? (int32_t)(log->n / (size_t)fleet->pool_n) : 0;
    log->books_us = result->books_us;
    log->other_usd_micro = 0;
    for (int32_t p = 0; p < result->pool_n; p++)
        if (!is_on_demand(fleet, p)) log->other_usd_micro += result->pools[p].cost_usd_micro;
    for (int32_t i = 0; i < result->service_n; i++)
        log->other_usd_micro +=
            result->services[i].jobs_usd_micro + result->services[i].fleet_usd_micro;
    return STATUS_OK;
}

void usage_log_free(struct usage_log *log)
{
    free(log->node_us);
    *log = (struct usage_log){ 0 };
}

enum status rebill(const struct usage_log *log, const struct fleet_spec *fleet,
                   int64_t *cost_usd_micro, struct error *err)
{
    /* Commitments are paid to the end of the books. */
    int32_t all_hours = ledger_hours_of(log->into_hour_us, log->books_us);
    size_t n = 0, hours = (size_t)(log->hours > all_hours ? log->hours : all_hours);
    struct billed_pool *pools = calloc((size_t)log->pool_n + 1, sizeof *pools);
    struct charge_line(*lines)[CHARGE_KIND_N] = calloc((size_t)log->pool_n + 1, sizeof *lines);
    __int128 *node_us = calloc((size_t)log->pool_n * hours + 1, sizeof *node_us);
    enum status status = STATUS_OK;
    if (!pools || !lines || !node_us)
        status = error_set(err, STATUS_NO_MEMORY, "no memory for a bill of %zu hours", hours);
    for (int32_t p = 0; p < log->pool_n && !status; p++) {
        const struct pool_spec *spec = &fleet->pools[p];
        __int128 *by_hour = node_us + n * hours, sum = 0;
        if (!is_on_demand(fleet, p)) continue;
        for (size_t h = 0; h < (size_t)log->hours; h++) /* none was used after these */
            sum += by_hour[h] = log->node_us[(size_t)p * (size_t)log->hours + h];
        /* All of it idle: how it is shared out does not change its sum. */
        pools[n] = (struct billed_pool){ fleet_offering(spec->type.provider, spec->type.name,
                                                        spec->zone, &spec->purchase),
                                         { .gpus_per_node = spec->type.gpus, .node_us = sum },
                                         by_hour,
                                         NULL,
                                         p,
                                         lines[n] };
        if (fleet->commitments.n == 0) bill_pool(&spec->purchase, &pools[n].usage, lines[n]);
        n++;
    }
    if (!status && fleet->commitments.n > 0)
        status = fleet_bill(&fleet->commitments, pools, n, (int32_t)hours, log->into_hour_us,
                            log->books_us, NULL, err);
    __int128 cost = log->other_usd_micro;
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < CHARGE_KIND_N; k++)
            cost += (__int128)lines[i][k].jobs_usd_micro + lines[i][k].idle_usd_micro;
    if (!status && cost >= INT64_MAX)
        status = error_set(err, STATUS_BAD_INPUT, "fleet '%s' costs more than can be counted",
                           fleet->name);
    *cost_usd_micro = (int64_t)cost;
    free(pools);
    free(lines);
    free(node_us);
    return status;
}
