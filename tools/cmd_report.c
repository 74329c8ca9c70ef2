/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "reports/focus.h"
#include "reports/montecarlo_data.h"
#include "reports/page.h"
#include "reports/sweep_data.h"
#include "tools/args.h"
#include "tools/commands.h"
#include "tools/report_files.h"

static int write_study(const struct invocation *in, const char *path, const char *format)
{
    struct montecarlo_data data;
    struct error err;
    if (strcmp(format, "money") == 0)
        return command_usage("%s is a Monte Carlo study: --format is table, md, csv or json", path);
    enum status status = montecarlo_read(path, &data, &err);
    if (status != STATUS_OK) return command_fail(&err);
    status =
        strcmp(format, "json") == 0
            ? montecarlo_json_write(&data, stdout, &err)
            : montecarlo_table_write(&data, format, invocation_colour(in, stdout), stdout, &err);
    montecarlo_data_free(&data);
    return status == STATUS_OK ? EXIT_YES : command_fail(&err);
}

/* --top is a sweep's: the tables of others have all their rows. */
static int write_sweep(const struct invocation *in, const char *path, const char *format)
{
    struct sweep_data data;
    struct error err;
    long long top = SWEEP_TOP;
    if (!option_int64(in, "top", 1, 1000000, &top)) return EXIT_INPUT;
    if (strcmp(format, "money") == 0)
        return command_usage("%s is a sweep: --format is table, md, csv or json", path);
    enum status status = sweep_read(path, &data, &err);
    if (status != STATUS_OK) return command_fail(&err);
    status = strcmp(format, "json") == 0
                 ? sweep_json_write(&data, stdout, &err)
                 : sweep_table_write(&data, format, (int32_t)top, invocation_colour(in, stdout),
                                     stdout, &err);
    sweep_data_free(&data);
    return status == STATUS_OK ? EXIT_YES : command_fail(&err);
}

static int write_table(const struct invocation *in, const char *path, const char *format)
{
    struct report_data data;
    struct error err;
    if (montecarlo_is(path)) return write_study(in, path, format);
    if (sweep_is(path)) return write_sweep(in, path, format);
    enum status status = report_data_read(path, false, &data, &err);
    if (status != STATUS_OK) return command_fail(&err);
    status = strcmp(format, "json") == 0
                 ? report_json_write(&data, stdout, &err)
                 : report_table_write(&data, format, invocation_colour(in, stdout), stdout, &err);
    report_data_free(&data);
    return status == STATUS_OK ? EXIT_YES : command_fail(&err);
}

/* The fleet of that name; NULL: the one that the report is about. -1: there is none. */
static int32_t fleet_named(const struct report_data *data, const char *name)
{
    const char *names[64];
    size_t n = 0;
    if (!name) return data->pick >= 0 ? data->pick : data->baseline;
    for (int32_t f = 0; f < data->fleet_n; f++) {
        if (strcmp(data->fleets[f].name, name) == 0) return f;
        if (n < sizeof names / sizeof *names) names[n++] = data->fleets[f].name;
    }
    args_unknown("fleet", name, names, n, "seatrial report --help");
    return -1;
}

static int write_focus(const struct invocation *in, const char *path, const char *csv)
{
    struct report_data data;
    struct output out;
    struct error err;
    enum status status = report_data_read(path, false, &data, &err);
    if (status != STATUS_OK) return command_fail(&err);
    int32_t fleet = fleet_named(&data, invocation_option(in, "fleet"));
    if (fleet < 0) {
        report_data_free(&data);
        return EXIT_INPUT;
    }
    status = output_open(&out, csv, &err);
    if (status == STATUS_OK) {
        status = focus_write(&data, fleet, out.file, &err);
        if (status == STATUS_OK) status = output_commit(&out, &err);
        else output_abandon(&out);
    }
    if (status == STATUS_OK && strcmp(csv, "-") != 0)
        fprintf(stderr, "  %s: the bill of a fleet in FOCUS 1.2; seatrial check-focus checks it\n",
                csv);
    report_data_free(&data);
    return status == STATUS_OK ? EXIT_YES : command_fail(&err);
}

static int run_report(const struct invocation *in)
{
    const char *focus = invocation_option(in, "focus");
    if (!focus && invocation_option(in, "fleet"))
        return command_usage("--fleet goes with --focus: a report shows all fleets");
    if (focus) return write_focus(in, invocation_argument(in, 0), focus);
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
    { 0, "top", "N", false, "rows of the table of a sweep (default 20)", NULL },
    { 0, "focus", "FILE.csv", false,
      "no page: the bill of a fleet as FOCUS 1.2 rows; - for standard output", NULL },
    { 0, "fleet", "NAME", false, "whose bill (default: the fleet that the report is about)", NULL },
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
    "  seatrial report runs/main.db --format md     # paste into a pull request\n"
    "  seatrial report runs/main.db --focus bill.csv --fleet today\n",
    "Writes one self-contained HTML file, readable without a network and without scripts, and a "
    "PNG of each chart. Needs only the "
    "results file: it can be drawn on another machine, years later.",
    run_report,
};
