/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "reports/page.h"
#include "tools/commands.h"
#include "tools/report_files.h"

static int write_table(const struct invocation *in, const char *path, const char *format)
{
    struct report_data data;
    struct error err;
    enum status status = report_data_read(path, false, &data, &err);
    if (status != STATUS_OK) return command_fail(&err);
    status = strcmp(format, "json") == 0
                 ? report_json_write(&data, stdout, &err)
                 : report_table_write(&data, format, invocation_colour(in, stdout), stdout, &err);
    report_data_free(&data);
    return status == STATUS_OK ? EXIT_YES : command_fail(&err);
}

static int run_report(const struct invocation *in)
{
    const char *format = invocation_option(in, "format"), *html = invocation_option(in, "output");
    if (invocation_flag(in, "json")) format = "json";
    if (format) return write_table(in, invocation_argument(in, 0), format);
    struct report_request request = { .results = invocation_argument(in, 0),
                                      .html = html ? html : "report.html",
                                      .png_dir = invocation_option(in, "png-dir"),
                                      .gnuplot = invocation_option(in, "gnuplot"),
                                      .png = !invocation_flag(in, "no-png") };
    return report_files_write(&request);
}

static const struct option_spec report_options[] = {
    { 'o', "output", "FILE.html", false, "the page (default report.html; - for standard output)",
      NULL },
    { 0, "png-dir", "DIR", false, "where the PNGs go (default: beside the page)", NULL },
    { 0, "no-png", NULL, false, "only the page", NULL },
    { 0, "gnuplot", "PATH", false, "the gnuplot to use (default: from $PATH)", NULL },
    { 0, "format", "FORMAT", false, "no page: print the comparison", "report formats" },
    { 0, "json", NULL, false, "the same as --format json", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_report = {
    "report",
    "draw the report of a results file",
    "RESULTS.db",
    1,
    1,
    report_options,
    "  seatrial report runs/main.db -o report.html\n"
    "  seatrial report runs/main.db --format md     # paste into a pull request\n",
    "Writes one self-contained HTML file, readable without a network and without scripts, and a "
    "PNG of each chart. Needs only the "
    "results file: it can be drawn on another machine, years later.",
    run_report,
};
