/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the money went: from what was bought to what was useful, in GPU-hours and in dollars.
 *
 *      bought  =  held by jobs                          + idle + unused commitments - first hours
 *                 useful + lost to preemptions, failures,      + services            that are free
 *                          reclaims, checkpoints
 *
 * Of replication 0, by pool; a fleet is the sum of its pools. GPU-hours and the dollars that are
 * held by jobs, idle and unused are what the results file says, exactly. Of the dollars that jobs
 * held in a pool each of their GPU-hours there bears the same part: so what was lost costs
 *
 *      dollars held x GPU-hours lost / GPU-hours held
 *
 * Of what is idle, nodes were booting, or failed and not yet repaired; or were free while jobs
 * waited that asked for as many GPUs, in holes of nodes, behind a head of the queue, for a pass:
 * that is of a fleet alone. Of the idle dollars each idle GPU-hour bears the same part, too.
 *
 * Unused commitments, first hours that are free, and services, which are of no pool, have no
 * GPU-hours. The terms are those of OpenCost (opencost-specv01: allocation and idle are what assets
 * cost), with a fourth layer below them.
 */
#ifndef REPORTS_MONEY_H
#define REPORTS_MONEY_H

#include <stdio.h>

#include "reports/data.h"

enum money_layer {
    MONEY_BOUGHT,
    MONEY_HELD,
    MONEY_USEFUL,
    MONEY_LOST_PREEMPTED,
    MONEY_LOST_FAILED,
    MONEY_LOST_RECLAIMED,
    MONEY_LOST_CHECKPOINTS,
    MONEY_IDLE,
    MONEY_BOOTING, /* this and the next two: of what is idle */
    MONEY_DOWN,
    MONEY_WAITED,
    MONEY_UNUSED,
    MONEY_FREE, /* below 0 */
    MONEY_SERVICES,
    MONEY_LAYERS
};
struct money_layer_def {
    const char *key, *title; /* "lost_to_failures", "Lost to failures" */
};
extern const struct money_layer_def money_layers[MONEY_LAYERS];

struct money {
    double usd[MONEY_LAYERS], gpu_hours[MONEY_LAYERS];
};

struct money money_of_pool(const struct report_use *use);
struct money money_of_fleet(const struct report_fleet *fleet);
/* Whether a layer has GPU-hours. */
static inline bool money_has_hours(enum money_layer layer) { return layer < MONEY_UNUSED; }
/* Whether anything of a layer is in any fleet: of what there is nowhere nothing is shown. */
bool money_has(const struct report_data *data, enum money_layer layer);

/* Tenants or queues: the first `most`, and the rest as one. */
struct report_tenant money_rest(const struct report_tenant *owners, int32_t n, int32_t most);

/* "GPUs", "Cores", "Memory"; another resource as it is called. */
const char *money_resource_title(const char *resource);

/* Tables for a terminal. */
void table_money(const struct report_data *data, FILE *out);

#endif
