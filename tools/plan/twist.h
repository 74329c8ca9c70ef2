/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scenario in which one thing of the world is other than it is.
 *
 *      demand        arrivals closer together, as by workload.scale_load: the books and all that
 *                    goes by them are those of the shorter time
 *      price         of an instance on demand: its rates with Savings Plans and those of capacity
 *                    reservations move alike; what was committed to and has a price of its own
 *                    (reserved instances, blocks, a plan's dollars an hour) keeps it
 *      spot price    of an instance, of a price log each hour. Who was outbid stays so: a bid is of
 *                    the prices of the log
 *      reclaim       chances of spot nodes (supply.up, supply.region_up) come so many times as
 *                    often; how long nodes are out, and logs, stay as they are
 *
 * All draws are those of the scenario (common random numbers): a node that is taken back at a rate
 * is so at a higher one, and earlier.
 */
#ifndef TOOLS_PLAN_TWIST_H
#define TOOLS_PLAN_TWIST_H

#include "tools/plan/plan.h"

struct plan_twist {
    enum plan_lever lever;
    const char *subject; /* an instance, of prices */
    double factor;       /* above 0 */
};

/* Whether a fleet's figures may be other for it. */
bool twist_touches(enum plan_lever lever, const char *subject, const struct fleet_spec *fleet);

/* What a twisted scenario holds beside its own memory: free it after the last use. */
struct twisted {
    int32_t trace_n;
    struct price_trace *traces;
    struct fleet_commitment *commitments;
};
/* Loads a candidate's scenario, of which its fleet is to be run, with that changed. Free `own`
 * whatever is returned; on failure there is no scenario. */
enum status twist_load(const struct plan_twist *twist, const struct plan *plan,
                       const struct plan_candidate *candidate, struct scenario *scenario,
                       struct twisted *own, struct error *err);
void twisted_free(struct twisted *own);

#endif
