/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as people and programs read it. */
#ifndef TOOLS_PLAN_PLAN_TEXT_H
#define TOOLS_PLAN_PLAN_TEXT_H

#include <stdio.h>

#include "tools/plan/plan.h"

/* The decision in a sentence, today and the runner-up beside it, what was looked at. */
void plan_table(const struct plan *plan, FILE *out);
/* With "format_version"; keys sorted. */
enum status plan_json(const struct plan *plan, FILE *out, struct error *err);

#endif
