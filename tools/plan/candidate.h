/* SPDX-License-Identifier: Apache-2.0 */
/* One fleet at one point: what is known of it before and after it is simulated. */
#ifndef TOOLS_PLAN_CANDIDATE_H
#define TOOLS_PLAN_CANDIDATE_H

#include "tools/plan/plan.h"
#include "tools/plan/twist.h"
#include "tools/sweep/point.h"

/* Of a fleet of a loaded scenario. NULL without memory. The plan owns it. */
struct plan_candidate *candidate_new(struct plan *plan, const struct scenario *scenario,
                                     int64_t point, int32_t fleet);
/* The instance types of a fleet's pools, in their order; malloc'd, NULL without memory. */
char *candidate_mix(const struct fleet_spec *fleet);
/* What a month costs at least, in USD: nodes on demand that are always there, by their list prices;
 * 0 where commitments or uncertain prices may change those. */
double candidate_bound(const struct scenario *scenario, int32_t fleet);
/* Whether more nodes only help waits and only add to the bill: nodes that are always there. */
bool candidate_is_static(const struct scenario *scenario, int32_t fleet);
/* Simulates it, unless that was done or another one of the same identity was. */
enum status candidate_simulate(struct plan *plan, struct plan_candidate *candidate,
                               struct error *err);
/* What the first n replications say of a target. */
enum plan_verdict candidate_verdict(const struct scenario *scenario, int32_t n,
                                    const struct run_target *target, const double *values);
/* Of two that meet the targets, whether a is better than b by what the plan is asked for, else by
 * the other: bill or wait. */
bool candidate_is_better(const struct plan *plan, const struct plan_candidate *a,
                         const struct plan_candidate *b);
/* Simulates it in a world that is other: *as has its values and verdicts, and nothing that names
 * it. The caller frees that by candidate_free, whatever is returned; NULL: there is none. */
enum status candidate_try(struct plan *plan, const struct plan_candidate *candidate,
                          const struct plan_twist *twist, struct plan_candidate **as,
                          struct error *err);
void candidate_free(struct plan_candidate *candidate); /* or NULL */

#endif
