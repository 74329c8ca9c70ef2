/* SPDX-License-Identifier: Apache-2.0 */
/* What waiting less costs: of the candidates that meet every target those that no other one betters
 * in both cost and p95 wait. */
#ifndef TOOLS_PLAN_REPORT_FRONTIER_H
#define TOOLS_PLAN_REPORT_FRONTIER_H

#include "tools/plan/plan.h"

/* From the cheapest to the fastest, by means; of those that are alike the first that was looked at.
 * to: room for plan->n. How many. */
size_t plan_frontier(const struct plan *plan, const struct plan_candidate **to);

#endif
