/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as people and programs read it. */
#ifndef TOOLS_PLAN_PLAN_TEXT_H
#define TOOLS_PLAN_PLAN_TEXT_H

#include <stdio.h>

#include "tools/plan/change_list.h"
#include "tools/plan/plan.h"

/* The decision in a sentence, today and the runner-up beside it, what to change, what was looked
 * at. changes: from today to the best candidate; empty where there is none. */
void plan_table(const struct plan *plan, const struct change_list *changes, FILE *out);
/* With "format_version"; keys sorted. */
enum status plan_json(const struct plan *plan, const struct change_list *changes, FILE *out,
                      struct error *err);
/* The same as a text of ASCII; malloc'd, NULL without memory. */
char *plan_json_text(const struct plan *plan, const struct change_list *changes);

#endif
