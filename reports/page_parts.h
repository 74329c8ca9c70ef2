/* SPDX-License-Identifier: Apache-2.0 */
/* What pages are made of; for page.c and montecarlo_page.c only. Each writes well-formed markup and
 * escapes what it shows. */
#ifndef REPORTS_PAGE_PARTS_H
#define REPORTS_PAGE_PARTS_H

#include <stdio.h>

#include "reports/charts.h"
#include "reports/data.h"
#include "reports/format.h"

/* ---- of any report ---- */

/* From <!DOCTYPE to the header; <main> is the page's. */
void page_head(const char *answer, const char *name, const char *created_at, FILE *out);
struct page_section {
    const char *id, *title;
};
/* Behind what a page opens with: the links to its sections. */
void page_contents(const struct page_section *sections, int n, FILE *out);
/* The foot, which closes <div class="in"> and <main> too. Returns `status`, or STATUS_IO where that
 * is good and the page could not be written. */
enum status page_end(const char *tool_version, enum status status, FILE *out, struct error *err);
void page_figure(const struct chart *c, FILE *out, const char *kind);
/* A verdict: only `text` is escaped. */
void page_chip(FILE *out, int good, const char *before, const char *text, const char *after);
/* Begins the n-th thing to read first; who has begun one closes "</p></div>". */
void page_warning(FILE *out, int *n);
/* A key figure, open at its line of comparison: the caller closes "</div></div>". */
void page_kpi(const char *title, struct format_text value, FILE *out);
void page_item(FILE *out, const char *name, const char *text); /* <dt>, <dd> */
void page_inputs(const struct report_input *inputs, int32_t n, FILE *out);
void page_lines(const char *lines, FILE *out); /* a list of them; nothing where there are none */

/* ---- of a run ---- */

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
