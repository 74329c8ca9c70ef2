/* SPDX-License-Identifier: Apache-2.0 */
/* What to change to get from today's fleet to the plan's. */
#ifndef TOOLS_PLAN_FROM_TODAY_H
#define TOOLS_PLAN_FROM_TODAY_H

#include "tools/plan/change_list.h"
#include "tools/plan/plan.h"

/* The list from the baseline of the scenario as it stands to the best candidate: empty where there
 * is none. plan_find has succeeded. Free it unless this fails. */
enum status plan_from_today(const struct plan *plan, struct change_list *list, struct error *err);

#endif
