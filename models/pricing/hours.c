/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/hours.h"

#include <string.h>

#include "models/fleet/gpu_table.h"
#include "models/pricing/metering.h"
#include "models/pricing/money.h"

static int is_nothing(const struct charge_line *line)
{
    return line->jobs_usd_micro == 0 && line->idle_usd_micro == 0;
}

void hour_usage_add(const struct hour_usage *usage, int32_t hour, __int128 *held_milli_us,
                    struct pool_usage *until)
{
    until->node_us += usage->node_us[hour];
    if (usage->on_us) until->off_us += usage->node_us[hour] - usage->on_us[hour];
    if (usage->free_us) until->free_us += usage->free_us[hour];
    *held_milli_us += usage->held_milli_us[hour];
    until->busy_gpu_us = *held_milli_us / GPU_WHOLE;
}

__int128 hour_usage_mean(const struct hour_usage *usage, const struct price_trace *trace,
                         int32_t hour)
{
    int64_t from_us = hour * HOUR_US - usage->into_hour_us;
    return price_trace_cost(trace, from_us, from_us + HOUR_US) / HOUR_US;
}

void bill_rate_hour(const struct purchase *purchase, int32_t gpus_per_node,
                    const struct hour_usage *usage, int32_t hour, struct pool_usage *until)
{
    __int128 usd_nano = hour_usage_mean(usage, purchase->prices, hour);
    __int128 all = usd_nano * usage->node_us[hour];
    until->rated.all += all;
    if (gpus_per_node > 0)
        until->rated.jobs += usd_nano * usage->held_milli_us[hour] / (gpus_per_node * GPU_WHOLE);
    if (usage->free_us) until->rated.free += usd_nano * usage->free_us[hour];
}

enum status bill_by_hour(const struct purchase *purchase, int32_t gpus_per_node, int32_t pool,
                         const struct hour_usage *usage,
                         const struct charge_line lines[CHARGE_KIND_N],
                         const struct hour_observer *observer, struct error *err)
{
    struct charge_line before[CHARGE_KIND_N], now[CHARGE_KIND_N];
    struct pool_usage until = { .gpus_per_node = gpus_per_node };
    __int128 held_milli_us = 0;
    memset(before, 0, sizeof before);
    for (int32_t h = 0; h < usage->hours; h++) {
        hour_usage_add(usage, h, &held_milli_us, &until);
        if (purchase->prices) bill_rate_hour(purchase, gpus_per_node, usage, h, &until);
        if (!observer && h + 1 < usage->hours) continue; /* the sum is all that is asked for */
        bill_pool(purchase, &until, now);
        for (int k = 0; observer && k < CHARGE_KIND_N; k++) {
            const struct hour_charge charge = {
                h,
                (enum charge_kind)k,
                -1,
                k == CHARGE_FREE && usage->free_us ? usage->free_us[h] : usage->node_us[h],
                { now[k].jobs_usd_micro - before[k].jobs_usd_micro,
                  now[k].idle_usd_micro - before[k].idle_usd_micro }
            };
            if (!is_nothing(&charge.line)) observer->charge(observer->context, pool, &charge);
        }
        memcpy(before, now, sizeof before);
    }
    for (int k = 0; k < CHARGE_KIND_N; k++)
        if (before[k].jobs_usd_micro != lines[k].jobs_usd_micro ||
            before[k].idle_usd_micro != lines[k].idle_usd_micro)
            return error_set(err, STATUS_BUG,
                             "invariant broken: dollars by hour = dollars by pool, held by jobs "
                             "and idle (%s)",
                             charge_kind_name((enum charge_kind)k));
    return STATUS_OK;
}
