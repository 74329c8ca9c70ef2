/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "models/reliability/interruption_stats.h"
#include "scenarios/diagnostics.h"
#include "scenarios/interruptions/logs.h"
#include "scenarios/units.h"
#include "tools/args.h"
#include "tools/commands.h"
#include "tools/interruption_summary.h"

struct request {
    const struct log_format *format;
    struct log_options options;
    json_t *files; /* NULL: text */
};

static bool parse_options(const struct invocation *in, struct request *q)
{
    const char *from = invocation_option(in, "from"), *gap = invocation_option(in, "gap"),
               *names[32];
    struct unit_problem problem;
    size_t n = 0;
    for (; log_formats[n].name && n < 32; n++) names[n] = log_formats[n].name;
    q->options.direct = invocation_flag(in, "direct");
    if (from && !(q->format = log_format_find(from))) {
        args_unknown("log", from, names, n, "seatrial list interruption-logs");
        return false;
    }
    if (gap && (!unit_duration(gap, &q->options.gap_us, &problem) || q->options.gap_us <= 0 ||
                q->options.gap_us > INT64_C(10000000) * US_PER_S)) {
        command_usage("--gap is a time such as '600 s', not '%s'", gap);
        return false;
    }
    return true;
}

/* The figures of one log. */
static enum status summarise(const char *path, const struct interruptions *log, struct request *q,
                             struct error *err)
{
    struct interruption_stats *stats = calloc(log->series_n, sizeof *stats);
    enum status status =
        stats ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "no memory for %s", path);
    for (size_t i = 0; status == STATUS_OK && i < log->series_n; i++)
        status = interruption_stats_of(&log->series[i], &stats[i], err);
    if (status == STATUS_OK && q->files) {
        json_t *file = interruption_summary_json(path, log, stats);
        if (!file || json_array_append_new(q->files, file) != 0)
            status = error_set(err, STATUS_NO_MEMORY, "no memory for %s", path);
    } else if (status == STATUS_OK) {
        interruption_summary_text(path, log, stats);
    }
    for (size_t i = 0; stats && i < log->series_n; i++) interruption_stats_free(&stats[i]);
    free(stats);
    return status;
}

static int one_file(const struct invocation *in, const char *path, struct request *q)
{
    struct interruptions log;
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    diagnostics_init(&d);
    enum status status = log_read(path, q->format, &q->options, &log, &d, &err);
    if (d.n) diagnostics_print(&d, stderr, invocation_colour(in, stderr), "Nothing was read.");
    int code = status == STATUS_OK ? EXIT_YES : d.errors ? EXIT_INPUT : command_fail(&err);
    diagnostics_free(&d);
    if (status != STATUS_OK) return code;
    if (summarise(path, &log, q, &err) != STATUS_OK) code = command_fail(&err);
    interruptions_free(&log);
    return code;
}

static int run_interruptions(const struct invocation *in)
{
    struct request q = { 0 };
    int code = EXIT_YES;
    if (!parse_options(in, &q)) return EXIT_INPUT;
    if (invocation_flag(in, "json")) q.files = json_array();
    for (size_t i = 0; i < invocation_argument_n(in) && code == EXIT_YES; i++) {
        if (i && !q.files) putchar('\n');
        code = one_file(in, invocation_argument(in, i), &q);
    }
    if (q.files && code == EXIT_YES) {
        json_t *o = json_object();
        json_object_set_new(o, "format_version", json_string("1.0"));
        json_object_set(o, "files", q.files);
        if (json_dumpf(o, stdout, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15)) != 0 ||
            putchar('\n') == EOF)
            code = command_usage("cannot write standard output");
        json_decref(o);
    }
    json_decref(q.files);
    return code;
}

static const struct option_spec interruptions_options[] = {
    { 0, "from", "FORMAT", false, "what the files are (default: told by their first line)",
      "interruption-logs" },
    { 0, "gap", "TIME", false, "skypilot: time between samples, in place of the file's", NULL },
    { 0, "direct", NULL, false, "carbon: direct emissions (default: those of the life cycle)",
      NULL },
    { 0, "json", NULL, false, "as JSON", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_trace_interruptions = {
    "trace interruptions",
    "how often nodes go, from logs of spot capacity, prices, failures",
    "FILE...",
    1,
    4096,
    interruptions_options,
    "  seatrial trace interruptions us-east-1a_v100_1.json\n"
    "  aws ec2 describe-spot-price-history --instance-types p4d.24xlarge > p4d.json\n"
    "  seatrial trace interruptions p4d.json --json | jq '.files[0].series[].values'\n",
    "Prints, for each zone and type of a log, how long it was observed, the share of time nodes "
    "were there, how many went, how many at once, up and down times with Weibull fits, prices, and "
    "what was repaired: figures for a scenario.\n"
    "\n"
    "Where a log only counts nodes, node k is up while at least k are there. A time whose "
    "beginning "
    "was not seen is left out; one whose end was not seen is cut off: fits take it into account "
    "(maximum likelihood, 95% intervals by the observed information), means and quantiles do not. "
    "Quantiles are nearest-rank. Files are plain, .gz, .zst or .xz.\n"
    "\n"
    "--json: files: file, format, t0 (where there is a clock), series: kind, zone, type, from_s, "
    "to_s, samples, step_s, repaired (by rule, gap_s); nodes (max, mean, any_share, all_share), "
    "interrupted, moments, at_once (moments at which 1, 2, ... 16, more nodes went), most_at_once, "
    "up_node_hours, up and down: ended, cut_off, begun_unseen, mean_s, p50_s, p90_s, weibull (n, "
    "cut_off, shape, scale_s with _low and _high, mean_s); or values: unit, min, median, mean, "
    "max.",
    run_interruptions,
};
