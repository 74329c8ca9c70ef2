/* SPDX-License-Identifier: Apache-2.0 */
/* What would change a plan: the demand at which it breaks, at which less would do, the price at
 * which the runner-up is as cheap. */
#ifndef TOOLS_PLAN_CHANGE_H
#define TOOLS_PLAN_CHANGE_H

#include "tools/plan/plan.h"

/* Finds plan->change by simulations of the best candidate and the one with fewer nodes at other
 * loads: arrivals closer together or further apart, by 1 % at least. plan_find has succeeded. */
enum status plan_find_changes(struct plan *plan, struct error *err);

#endif
