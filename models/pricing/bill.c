/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/bill.h"

#include <string.h>

#include "models/fleet/gpu_table.h"
#include "models/pricing/metering.h"
#include "models/pricing/money.h"

typedef __int128 wide;

const char *charge_kind_name(enum charge_kind kind)
{
    static const char *const names[CHARGE_KIND_N] = {
        "on-demand",    "amortisation",      "power", "space and staff", "reserved",
        "savings plan", "unused commitment", "spot",  "first hours free"
    };
    return names[kind];
}

static int64_t clamp(wide x) { return x > INT64_MAX ? INT64_MAX : (int64_t)x; }

/* amount x numerator / denominator for non-negative amounts, split so that the product stays inside
 * 128 bits; `half` 1 rounds half up, 0 rounds down. */
static wide scale(wide amount, wide numerator, wide denominator, int half)
{
    wide whole = amount / denominator, rest = amount % denominator;
    return whole * numerator + (rest * numerator + (half ? denominator / 2 : 0)) / denominator;
}

/* A line for a cost spread evenly over node time: total = node_us x numerator / denominator. */
static struct charge_line spread(const struct pool_usage *u, wide numerator, wide denominator)
{
    struct charge_line line = { 0, 0 };
    wide total = scale(u->node_us, numerator, denominator, 1), jobs = 0;
    if (u->gpus_per_node > 0)
        jobs = scale(u->busy_gpu_us, numerator, denominator * u->gpus_per_node, 0);
    if (jobs > total) jobs = total; /* a full pool, after rounding */
    line.jobs_usd_micro = clamp(jobs);
    line.idle_usd_micro = clamp(total) - line.jobs_usd_micro;
    return line;
}

/* What `watts` cost, in nano-dollars per hour, rounded half up: a rate like any other. */
static wide power_rate(const struct owned_terms *o, int64_t watts)
{
    const wide divisor = (wide)1000 * 1000000; /* watts per kilowatt x parts per million */
    return ((wide)o->power_usd_nano_per_kwh * o->pue_ppm * watts + divisor / 2) / divisor;
}

/* On demand, in nano-dollars a node-hour. */
static int64_t rate_of(const struct purchase *p)
{
    return p->usd_nano_per_hour - p->saved_usd_nano_per_hour;
}

void bill_pool(const struct purchase *purchase, const struct pool_usage *usage,
               struct charge_line lines[CHARGE_KIND_N])
{
    const struct owned_terms *o = &purchase->owned;
    memset(lines, 0, CHARGE_KIND_N * sizeof *lines);
    if (purchase->prices) {
        int64_t all = rated_usd_micro(usage->rated.all);
        int64_t jobs = clamp(usage->rated.jobs / RATED_USD_MICRO);
        lines[CHARGE_SPOT] = (struct charge_line){ jobs, all - jobs };
        lines[CHARGE_FREE].idle_usd_micro = -rated_usd_micro(usage->rated.free);
        return;
    }
    if (strcmp(purchase->option->name, "spot") == 0) {
        const struct pool_usage free = { .node_us = usage->free_us };
        lines[CHARGE_SPOT] = spread(usage, purchase->usd_nano_per_hour, (wide)HOUR_US * 1000);
        lines[CHARGE_FREE].idle_usd_micro =
            -spread(&free, purchase->usd_nano_per_hour, (wide)HOUR_US * 1000).idle_usd_micro;
        return;
    }
    if (strcmp(purchase->option->name, "owned") != 0) {
        lines[CHARGE_ON_DEMAND] = spread(usage, rate_of(purchase), (wide)HOUR_US * 1000);
        return;
    }
    lines[CHARGE_AMORTISATION] =
        spread(usage, o->capex_usd_micro - o->salvage_usd_micro, o->life_us);
    lines[CHARGE_SPACE_STAFF] =
        spread(usage, o->space_staff_usd_nano_per_hour, (wide)HOUR_US * 1000);
    struct pool_usage on = *usage;
    on.node_us -= on.off_us;
    lines[CHARGE_POWER] = spread(&on, power_rate(o, o->idle_watts), (wide)HOUR_US * 1000);
    if (usage->gpus_per_node > 0)
        lines[CHARGE_POWER].jobs_usd_micro = clamp(
            lines[CHARGE_POWER].jobs_usd_micro +
            scale(usage->busy_gpu_us, power_rate(o, o->busy_watts) - power_rate(o, o->idle_watts),
                  (wide)HOUR_US * 1000 * usage->gpus_per_node, 1));
}

void bill_rate_life(const struct purchase *purchase, int64_t from_us, struct pool_usage *usage)
{
    if (!purchase->prices) return;
    usage->rated.all =
        price_trace_cost(purchase->prices, from_us, from_us + (int64_t)usage->node_us);
    usage->rated.free = usage->free_us > 0 ? usage->rated.all : 0;
}

int64_t bill_energy_wh(const struct purchase *purchase, const struct pool_usage *usage)
{
    const struct owned_terms *o = &purchase->owned;
    const wide divisor = (wide)HOUR_US * 1000000; /* PUE is in parts per million */
    wide wh;
    wh = scale(usage->node_us - usage->off_us, (wide)o->idle_watts * o->pue_ppm, divisor, 1);
    if (usage->gpus_per_node > 0)
        wh += scale(usage->busy_gpu_us, (wide)(o->busy_watts - o->idle_watts) * o->pue_ppm,
                    divisor * usage->gpus_per_node, 1);
    return clamp(wh);
}

int64_t bill_co2_g(const struct purchase *purchase, int64_t energy_wh)
{
    /* Watt-hours x micrograms per kilowatt-hour are nanograms. */
    return clamp(scale(energy_wh, purchase->owned.carbon_ug_per_kwh, (wide)1000000000, 1));
}

int64_t bill_job_usd_micro(const struct purchase *purchase, int32_t gpus_per_node,
                           int64_t gpu_milli, int64_t from_us, int64_t to_us)
{
    const struct owned_terms *o = &purchase->owned;
    wide gpu_us = (wide)(to_us - from_us) * gpu_milli / GPU_WHOLE, usd;
    if (gpus_per_node <= 0) return 0;
    if (purchase->prices)
        return clamp(scale(price_trace_cost(purchase->prices, from_us, to_us), gpu_milli,
                           (wide)gpus_per_node * GPU_WHOLE, 0) /
                     RATED_USD_MICRO);
    if (strcmp(purchase->option->name, "owned") != 0)
        return clamp(scale(gpu_us, rate_of(purchase), (wide)HOUR_US * 1000 * gpus_per_node, 0));
    usd = scale(gpu_us, o->capex_usd_micro - o->salvage_usd_micro, (wide)o->life_us * gpus_per_node,
                0);
    usd += scale(gpu_us, o->space_staff_usd_nano_per_hour, (wide)HOUR_US * 1000 * gpus_per_node, 0);
    usd += scale(gpu_us, power_rate(o, o->busy_watts), (wide)HOUR_US * 1000 * gpus_per_node, 0);
    return clamp(usd);
}
