/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of the page; for page.c only. Each writes well-formed markup and escapes what it
 * shows. */
#ifndef REPORTS_PAGE_PARTS_H
#define REPORTS_PAGE_PARTS_H

#include <stdio.h>

#include "reports/data.h"

void page_answer(const struct report_data *d, const char *answer,
                 FILE *out); /* sentence, verdicts, warnings */
void page_kpis(const struct report_data *d, FILE *out);
void page_plans(const struct report_data *d, FILE *out);
void page_bill(const struct report_data *d, FILE *out);
void page_money(const struct report_data *d, FILE *out);
void page_waits(const struct report_data *d, FILE *out);
void page_sure(const struct report_data *d, FILE *out);
void page_change(const struct report_data *d, FILE *out);
void page_method(const struct report_data *d, FILE *out);

/* The table of schedulers, on the page and for a terminal: where data->same_nodes. */
void page_orders(const struct report_data *d, FILE *out);
void table_orders(const struct report_data *d, int colour, FILE *out);

#endif
