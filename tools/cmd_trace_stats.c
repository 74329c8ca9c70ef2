/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "models/workload/stats.h"
#include "reports/charts.h"
#include "reports/format.h"
#include "tools/args.h"
#include "tools/commands.h"
#include "tools/trace_input.h"
#include "tools/trace_summary.h"

static bool ends_in(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n > m && strcmp(path + n - m, end) == 0;
}

static const char *const span_end[STATS_SPAN_N] = { "1 min", "10 min", "1 h",    "4 h",
                                                    "1 day", "3 days", "7 days", "" };

static int draw(const struct workload *w, const struct workload_stats *s, const char *trace,
                const char *path)
{
    struct charts *charts = NULL;
    struct error err;
    const char *slash = strrchr(trace, '/'), *name = slash ? slash + 1 : trace;
    char title[320], when[160], subtitle[600];
    snprintf(title, sizeof title, "%.80s keeps %s GPUs busy on average, %s at the peak",
             strcmp(name, "-") == 0 ? "The trace" : name, format_number(s->load_mean).s,
             format_number(s->load_peak).s);
    struct format_text first = trace_when(w, s->first_us, true),
                       last = trace_when(w, s->first_us + s->span_us, true);
    if (w->t0_unix_us == INT64_MIN)
        snprintf(when, sizeof when, "over %s", format_duration((double)s->span_us / US_PER_S).s);
    else if (strcmp(first.s, last.s) == 0) snprintf(when, sizeof when, "on %s UTC", first.s);
    else snprintf(when, sizeof when, "%s to %s UTC", first.s, last.s);
    snprintf(subtitle, sizeof subtitle,
             "%s jobs, %s GPU-hours, submitted %s; as if every job started at once",
             format_count((double)s->all.jobs).s, format_number(s->all.gpu_hours).s, when);
    struct trace_picture_bar sizes[CLASS_N], spans[STATS_SPAN_N];
    int size_n = 0;
    double hours = s->all.gpu_hours > 0 ? s->all.gpu_hours : 1, jobs = (double)s->all.jobs;
    for (int c = 0; c < CLASS_N; c++)
        if (s->sizes[c].jobs)
            sizes[size_n++] = (struct trace_picture_bar){ gpu_class_name((enum gpu_class)c),
                                                          (double)s->sizes[c].jobs / jobs,
                                                          s->sizes[c].gpu_hours / hours };
    for (int i = 0; i < STATS_SPAN_N; i++)
        spans[i] = (struct trace_picture_bar){ span_end[i], (double)s->spans[i].jobs / jobs,
                                               s->spans[i].gpu_hours / hours };
    struct trace_picture picture = {
        .title = title,
        .subtitle = subtitle,
        .t0_unix_us = w->t0_unix_us,
        .first_us = s->first_us,
        .last_us = s->first_us + s->span_us,
        .load_us = s->load_us,
        .load_milli = s->load_milli,
        .load_n = s->load_n,
        .mean = s->load_mean,
        .p95 = s->load_p95,
        .peak = s->load_peak,
        .hour0_us = s->hour0_us,
        .hourly = s->hourly,
        .hour_n = s->hour_n,
        .size_n = size_n,
        .sizes = sizes,
        .span_n = STATS_SPAN_N,
        .spans = spans,
    };
    enum status status = charts_open(NULL, &charts, &err);
    if (status == STATUS_OK) status = trace_picture_write(charts, &picture, path, &err);
    charts_close(charts);
    if (status != STATUS_OK) return command_fail(&err);
    fprintf(stderr, "  Saved %s\n", path);
    return EXIT_YES;
}

static int run_stats(const struct invocation *in)
{
    struct workload w;
    struct workload_stats s;
    struct error err;
    int code;
    const char *path = invocation_argument(in, 0), *picture = invocation_option(in, "picture");
    if (picture && !ends_in(picture, ".png") && !ends_in(picture, ".svg"))
        return command_usage("--picture draws a .png or a .svg, not '%s'", picture);
    if (!trace_input(in, path, &w, &code)) return code;
    if (workload_stats_of(&w, &s, &err) != STATUS_OK) {
        workload_free(&w);
        return command_fail(&err);
    }
    if (!invocation_flag(in, "json")) trace_summary_text(&w, &s);
    else if (!trace_summary_json(&w, &s)) code = command_usage("cannot write standard output");
    if (code == EXIT_YES && picture) code = draw(&w, &s, path, picture);
    workload_stats_free(&s);
    workload_free(&w);
    return code;
}

static const struct option_spec stats_options[] = {
    { 0, "json", NULL, false, "as JSON", NULL },
    { 0, "picture", "FILE", false, "draw load, arrivals and sizes; .png or .svg", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_trace_stats = {
    "trace stats",
    "what is in a trace",
    "FILE",
    1,
    1,
    stats_options,
    "  seatrial trace stats trace.csv.gz\n"
    "  seatrial trace stats trace.csv --json | jq .gpu_hours\n"
    "  seatrial trace stats trace.csv --picture load.png\n",
    "Prints how much work there is and whose, run times and sizes, how bursty arrivals are, waits "
    "where they are recorded, and\n"
    "the load at infinite capacity: the GPUs in use if every job started when it was submitted.\n"
    "\n"
    "Quantiles are nearest-rank (values that occurred). Means and quantiles of the load are over "
    "the time from the first\n"
    "submission to the last end; the offered load is GPU time / time from first to last "
    "submission. Hours are those of the clock,\n"
    "UTC, where the trace has one, else of the trace's own time.\n"
    "\n"
    "--json: jobs, gpu_hours, run_{mean,p50,p90,p95,p99,max}_s, top_percent_gpu_time_share (held "
    "by the largest 1% of the jobs);\n"
    "first_submit, last_submit (where there is a clock), span_s, gap_mean_s, gap_cv, "
    "zero_gap_share, hourly_mean_jobs,\n"
    "hourly_fano, hourly_lag1, empty_hour_share, busiest_hour_{jobs,at_s}, hour_of_day_weight, "
    "day_of_week_weight (mean 1, from\n"
    "Monday); load_{offered,mean,p50,p95,p99,peak}_gpus, load_peak_at_s; wait_jobs, "
    "wait_{mean,p50,...}_s (recorded starts);\n"
    "cpu_jobs, fractional_jobs, with_time_limit, with_recorded_start, zero_run_jobs, status; "
    "gpu_counts (the 64 most frequent,\n"
    "jobs_of_other_gpu_counts the rest), gpu_classes, run_times; tenants, users, queues, classes, "
    "gpu_types: how many, and top_...\n"
    "of each. Times are seconds.",
    run_stats,
};
