/* SPDX-License-Identifier: Apache-2.0 */
/* What waiting less costs: of the simulated candidates that meet every target those that no other
 * one betters in both cost and p95 wait. */
#ifndef TOOLS_PLAN_REPORT_FRONTIER_H
#define TOOLS_PLAN_REPORT_FRONTIER_H

#include "tools/plan/plan.h"

/* Whether the candidate, which was simulated, is one of them: by means, and of two that are alike
 * both. */
bool plan_on_frontier(const struct plan *plan, const struct plan_candidate *candidate);

#endif
