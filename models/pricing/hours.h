/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pool cost by clock hour, so that the hours are the bill to the last micro-dollar.
 *
 * A charge line is rounded once, over the whole window. An hour's part of it is what the line grows
 * by in that hour: the line over all time up to its end less the line up to its start. So hours add
 * up to the line, jobs' part and idle part each, whatever is rounded; each is within a micro-dollar
 * of what it would be alone, and an idle part may be a micro-dollar below 0 where all was held.
 *
 *      line up to      0        1        2        3
 *                      |--------|--------|--------|
 *      in hour              L1 - 0   L2 - L1  L3 - L2       sum: L3, the line of the bill
 */
#ifndef MODELS_PRICING_HOURS_H
#define MODELS_PRICING_HOURS_H

#include <stdint.h>

#include "models/pricing/bill.h"
#include "sim/status.h"

/* A charge of one pool in one hour. */
struct hour_charge {
    int32_t hour;
    enum charge_kind kind;
    int32_t commitment; /* of the fleet's, in their order; -1: none */
    __int128 node_us;   /* node time it pays for; 0: of a commitment that no usage took */
    struct charge_line line;
};

/* Called in order of hours; nothing is called for an hour in which a kind cost nothing. */
struct hour_observer {
    void *context;
    void (*charge)(void *context, int32_t pool, const struct hour_charge *charge);
};

/* Usage by hour: [hours] node time bought, and GPU time held, in thousandths of GPUs. */
struct hour_usage {
    int32_t hours;
    const __int128 *node_us, *held_milli_us;
    const __int128 *on_us;   /* of node_us; NULL: all of it */
    const __int128 *free_us; /* of node_us; NULL: none of it */
    int64_t into_hour_us;    /* second 0 lies so far in hour 0 */
};

/* Adds an hour to the usage up to it. *held_milli_us is what was held up to it, from 0. */
void hour_usage_add(const struct hour_usage *usage, int32_t hour, __int128 *held_milli_us,
                    struct pool_usage *until);
/* The mean of a trace over an hour. */
__int128 hour_usage_mean(const struct hour_usage *usage, const struct price_trace *trace,
                         int32_t hour);

/* What an hour costs where the price changes: into usage->rated of the usage up to it. */
void bill_rate_hour(const struct purchase *purchase, int32_t gpus_per_node,
                    const struct hour_usage *usage, int32_t hour, struct pool_usage *until);

/* The charges of a pool by hour, as bill_pool has them. observer NULL: only checked. STATUS_BUG
 * where the hours are not `lines`, which bill_pool made of all of the usage. */
enum status bill_by_hour(const struct purchase *purchase, int32_t gpus_per_node, int32_t pool,
                         const struct hour_usage *usage,
                         const struct charge_line lines[CHARGE_KIND_N],
                         const struct hour_observer *observer, struct error *err);

#endif
