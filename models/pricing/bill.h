/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pool of static nodes costs over a window, by kind of charge, held by jobs and idle.
 *
 *      on-demand:  nodes x time x list price, less what commitments save
 *      spot:       nodes x time x spot price, less a credit for lives that are free
 *      owned:      nodes x time x (capex - salvage) / life             amortisation, straight line
 *                + (idle watts x node time + (busy - idle watts) x busy share of it) x PUE x price
 * power
 *                + nodes x time x space-and-staff rate
 *
 * What spot nodes did in a life that turns out to be free (metering.h) is in the line `spot` at its
 * price, and in its jobs' part; the credit takes it off again. It is nobody's, since jobs have
 * ended before a life is known to be free.
 *
 * Of each kind the jobs' part is the share busy_gpu_us / (nodes x GPUs x time) of what is spread
 * evenly over the GPUs, and of power also all that busy GPUs draw above idle. Each line is rounded
 * once, to a micro-dollar, half away from zero; the jobs' part is rounded down, what it leaves is
 * idle, so that jobs + idle is the line, exactly. All arithmetic is in 128-bit integers; an amount
 * beyond 63 bits stops at INT64_MAX, which the caller takes for too much.
 */
#ifndef MODELS_PRICING_BILL_H
#define MODELS_PRICING_BILL_H

#include <stdint.h>

#include "models/pricing/purchase.h"

enum charge_kind {
    CHARGE_ON_DEMAND,
    CHARGE_AMORTISATION,
    CHARGE_POWER,
    CHARGE_SPACE_STAFF,
    CHARGE_RESERVED, /* these three: models/pricing/fleet_bill.h */
    CHARGE_SAVINGS_PLAN,
    CHARGE_UNUSED,
    CHARGE_SPOT,
    CHARGE_FREE, /* a credit, below 0 */
    CHARGE_KIND_N
};
/* "on-demand", "amortisation" ... "unused commitment". */
const char *charge_kind_name(enum charge_kind kind);

struct charge_line {
    int64_t jobs_usd_micro, idle_usd_micro;
};

/* What was bought and held. gpus_per_node 0: all is idle. Times >= 0; busy <= node time x GPUs. */
struct pool_usage {
    int32_t gpus_per_node;
    __int128 node_us;     /* node-microseconds bought */
    __int128 busy_gpu_us; /* GPU-microseconds held by jobs */
    __int128 off_us;      /* of node_us: of owned nodes that draw no power */
    __int128 free_us;     /* of node_us: of spot nodes that is not paid */
    /* Where the price changes, the same as money (money.h), in place of the times. */
    struct {
        __int128 all, jobs, free;
    } rated;
};

void bill_pool(const struct purchase *purchase, const struct pool_usage *usage,
               struct charge_line lines[CHARGE_KIND_N]);
/* Of one node, there from then on: its rated usage, where the price changes. */
void bill_rate_life(const struct purchase *purchase, int64_t from_us, struct pool_usage *usage);
/* Energy at the meter in watt-hours, rounded half up; 0 where the purchase knows no watts. */
int64_t bill_energy_wh(const struct purchase *purchase, const struct pool_usage *usage);
/* CO2 of that energy, rounded half up; of a purchase that knows its grid. energy_wh >= 0. */
int64_t bill_co2_g(const struct purchase *purchase, int64_t energy_wh);
/* One job's share of the bill: thousandths of a pool's GPUs, held in [from, to); rounded down. */
int64_t bill_job_usd_micro(const struct purchase *purchase, int32_t gpus_per_node,
                           int64_t gpu_milli, int64_t from_us, int64_t to_us);

#endif
