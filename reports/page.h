/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report: one self-contained HTML page that opens with the decision.
 *
 * No script is needed to read it, nothing is fetched (Content-Security-Policy default-src 'none'),
 * all text from outside is escaped. Works in light, dark and print, on a phone and on a desk.
 */
#ifndef REPORTS_PAGE_H
#define REPORTS_PAGE_H

#include <stdio.h>

#include "reports/charts.h"
#include "reports/data.h"

/* Writes the page to out; charts may be NULL (tables only). */
enum status page_write(const struct report_data *data, struct charts *charts, FILE *out,
                       struct error *err);

/* The answer in one sentence, plain text, as the page and the terminal open with it; malloc'd. */
char *report_answer(const struct report_data *data);

/* What came of the precision that was asked for, of each figure in the fleet that has it least
 * well: "34 replications were enough ...: p95 wait ±4.8% (wanted 5%)."; malloc'd, NULL where none
 * was asked for. */
char *report_precision(const struct report_data *data);

/* What waits leave out of the start of runs; malloc'd, NULL where nothing was to be left out. */
char *report_warm_up(const struct report_data *data);

/* Fleets that are offered more than they can run (models/saturation.h); malloc'd, NULL: none is. */
char *report_overload(const struct report_data *data);

/* Fleets of whose figures no interval means anything (models/reliability/restart_tail.h); malloc'd,
 * NULL: there are none. */
char *report_tails(const struct report_data *data);

/* The table `seatrial run` ends with. format: "table", "md", "csv". */
enum status report_table_write(const struct report_data *data, const char *format, int colour,
                               FILE *out, struct error *err);
/* The summary as JSON with "format_version", keys sorted, byte-identical for the same question. */
enum status report_json_write(const struct report_data *data, FILE *out, struct error *err);

#endif
