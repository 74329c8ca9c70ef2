/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of a plan's page; for plan_page.c only. Each writes well-formed markup and escapes
 * what it shows. */
#ifndef REPORTS_PLAN_PARTS_H
#define REPORTS_PLAN_PARTS_H

#include "reports/plan_data.h"

void plan_page_top(const struct plan_data *d, const char *answer, FILE *out);
void plan_page_fleets(const struct plan_data *d, FILE *out);
void plan_page_all(const struct plan_data *d,
                   FILE *out); /* folded; nothing where there are no more */
void plan_page_change(const struct plan_data *d, FILE *out);
void plan_page_flips(const struct plan_data *d, FILE *out);
void plan_page_sure(const struct plan_data *d, FILE *out);
void plan_page_method(const struct plan_data *d, FILE *out);

/* Whether the interval of a difference leaves out zero; of one replication whether it is not zero.
 */
bool plan_is_clear(const struct mean_interval *difference);
/* "today", "plan", "runner-up", "fewer nodes", "frontier"; "" of the others. */
const char *plan_role(const struct plan_data *d, int32_t fleet);

#endif
