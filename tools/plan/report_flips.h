/* SPDX-License-Identifier: Apache-2.0 */
/* What would change a plan, in words: the rows of its page. */
#ifndef TOOLS_PLAN_REPORT_FLIPS_H
#define TOOLS_PLAN_REPORT_FLIPS_H

#include "reports/plan_data.h"
#include "scenarios/arena.h"
#include "tools/plan/plan.h"

/* Fills data->flips, flip_n, flips_known and nearest; texts are the arena's. STATUS_NO_MEMORY. */
enum status plan_report_flips(const struct plan *plan, struct arena *arena, struct plan_data *data,
                              struct error *err);

#endif
