/* SPDX-License-Identifier: Apache-2.0 */
/* How two candidates of a plan differ: replication by replication, as common random numbers allow.
 */
#ifndef TOOLS_PLAN_DIFFERENCE_H
#define TOOLS_PLAN_DIFFERENCE_H

#include "tools/plan/plan.h"

/* By how much b is above a in a figure, paired over the replications that both have; NAN, NAN
 * without memory. Both are simulated. */
struct mean_interval plan_difference(const struct plan *plan, const struct plan_candidate *a,
                                     const struct plan_candidate *b, enum plan_figure figure);
/* The same as a share of a's mean, with the interval of a ratio of means by the delta method: that
 * of the mean of b - ratio * a, over a's mean. */
struct mean_interval plan_difference_share(const struct plan *plan, const struct plan_candidate *a,
                                           const struct plan_candidate *b, enum plan_figure figure);
/* The replications that both have. */
int32_t plan_common(const struct plan_candidate *a, const struct plan_candidate *b);

#endif
