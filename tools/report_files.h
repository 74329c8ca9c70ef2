/* SPDX-License-Identifier: Apache-2.0 */
/* From a results file, of a run, a Monte Carlo study or a sweep, or from a plan, to report.html and
 * the PNGs beside it. */
#ifndef TOOLS_REPORT_FILES_H
#define TOOLS_REPORT_FILES_H

#include <stdbool.h>

struct plan_data;

struct report_request {
    const char *results;          /* NULL where there is a plan */
    const struct plan_data *plan; /* in the place of a file; borrowed */
    const char *html;             /* "-" = standard output, without PNGs */
    const char *png_dir;          /* NULL = beside the page */
    const char *gnuplot;          /* NULL = from $PATH */
    bool png, quiet;
};

/* Prints what it made on stderr; returns an exit code. */
int report_files_write(const struct report_request *request);

#endif
