/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/workload/stats.h"
#include "models/workload/synth.h"
#include "reports/charts.h"
#include "reports/escape.h"
#include "reports/format.h"
#include "scenarios/diagnostics.h"
#include "scenarios/traces/trace_file.h"
#include "tools/args.h"
#include "tools/commands.h"

/* Reads a trace, printing what is wrong with it; false: *code says how to exit. */
static bool read_trace(const struct invocation *in, const char *path, struct workload *w, int *code)
{
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    diagnostics_init(&d);
    enum status status = trace_read(path, w, &d, &err);
    if (d.n) diagnostics_print(&d, stderr, invocation_colour(in, stderr), "Nothing was read.");
    *code = status == STATUS_OK ? EXIT_YES : d.errors ? EXIT_INPUT : command_fail(&err);
    diagnostics_free(&d);
    return status == STATUS_OK;
}

static double duration(int64_t us) { return (double)us / US_PER_S; }

static struct format_text gpus_text(int32_t milli)
{
    struct format_text t;
    snprintf(t.s, sizeof t.s, "%.10g", milli / 1000.0);
    return t;
}

static void print_stats(const struct workload *w, const struct workload_stats *s)
{
    printf("  jobs        %s over %s\n", format_count((double)s->jobs).s,
           format_duration(s->span_s).s);
    printf("  GPU-hours   %s\n", format_count(s->gpu_hours).s);
    if (s->cpu_jobs) printf("  CPU jobs    %s\n", format_count((double)s->cpu_jobs).s);
    if (s->fractional_jobs)
        printf("  fractions   %s jobs ask for a part of a GPU\n",
               format_count((double)s->fractional_jobs).s);
    printf("  limits      %s of the jobs have a time limit, %s a recorded start\n",
           format_percent((double)s->with_limit / (double)s->jobs).s,
           format_percent((double)s->with_start / (double)s->jobs).s);
    printf("\n  %6s %12s %7s %14s %7s   run time %8s %10s %10s %10s %10s\n", "GPUs", "jobs", "",
           "GPU-hours", "", "p50", "p90", "p95", "p99", "longest");
    for (int c = 0; c < s->class_n; c++) {
        const struct stats_class *k = &s->classes[c];
        printf("  %6s %12s %7s %14s %7s            %8s", gpus_text(k->gpu_milli).s,
               format_count((double)k->jobs).s, format_percent((double)k->jobs / (double)s->jobs).s,
               format_count(k->gpu_hours).s,
               format_percent(s->gpu_hours > 0 ? k->gpu_hours / s->gpu_hours : 0).s,
               format_duration(duration(k->run_us[0])).s);
        for (int q = 1; q < STATS_QUANTILE_N; q++)
            printf(" %10s", format_duration(duration(k->run_us[q])).s);
        putchar('\n');
    }
    if (s->class_rest)
        printf("  and %s jobs of other GPU counts\n", format_count((double)s->class_rest).s);
    printf("\n  arrivals    gaps: coefficient of variation %.2f, %s are zero\n", s->gap_cv,
           format_percent(s->zero_gaps).s);
    printf("              hourly counts: variance / mean %.1f (Poisson: 1), correlation with the "
           "next hour %.2f, most %s\n",
           s->hourly_fano, s->hourly_lag1, format_count((double)s->busiest_hour).s);
    printf("  load        GPUs in use if every job started at once: mean %.1f, p50 %.1f, p95 %.1f, "
           "peak %.1f\n",
           s->load_mean, s->load_p50, s->load_p95, s->load_peak);
    printf("  tenants     %u", s->tenants);
    for (int t = 0; t < s->tenant_n && t < 5; t++) {
        fputs(t ? ", " : ": ", stdout);
        escape_terminal(stdout, *w->tenants.text[s->top[t].tenant]
                                    ? w->tenants.text[s->top[t].tenant]
                                    : "(none)");
        printf(" %s of the GPU-hours",
               format_percent(s->gpu_hours > 0 ? s->top[t].gpu_hours / s->gpu_hours : 0).s);
    }
    fputs("\n  outcome    ", stdout);
    for (int k = 0; k < JOB_STATUS_N; k++)
        if (s->status[k])
            printf(" %s %s;", format_count((double)s->status[k]).s,
                   job_status_name((enum job_status)k));
    putchar('\n');
}

static json_t *text_json(const char *text)
{
    json_t *value = json_string(text);
    return value ? value : json_string("(not UTF-8)");
}

static int print_json(const struct workload *w, const struct workload_stats *s)
{
    json_t *o = json_object(), *classes = json_array(), *tenants = json_array(),
           *statuses = json_object();
    static const char *const quantiles[STATS_QUANTILE_N] = { "run_p50_s", "run_p90_s", "run_p95_s",
                                                             "run_p99_s", "run_max_s" };
    const struct {
        const char *key;
        double value;
    } reals[] = {
        { "span_s", s->span_s },
        { "gpu_hours", s->gpu_hours },
        { "gap_cv", s->gap_cv },
        { "zero_gap_share", s->zero_gaps },
        { "hourly_fano", s->hourly_fano },
        { "hourly_lag1", s->hourly_lag1 },
        { "load_mean_gpus", s->load_mean },
        { "load_p50_gpus", s->load_p50 },
        { "load_p95_gpus", s->load_p95 },
        { "load_peak_gpus", s->load_peak },
    };
    const struct {
        const char *key;
        int64_t value;
    } counts[] = {
        { "jobs", s->jobs },
        { "cpu_jobs", s->cpu_jobs },
        { "fractional_jobs", s->fractional_jobs },
        { "with_time_limit", s->with_limit },
        { "with_recorded_start", s->with_start },
        { "zero_run_jobs", s->zero_runs },
        { "busiest_hour_jobs", s->busiest_hour },
        { "tenants", s->tenants },
    };
    json_object_set_new(o, "format_version", json_string("1.0"));
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        json_object_set_new(o, reals[i].key, json_real(reals[i].value));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        json_object_set_new(o, counts[i].key, json_integer(counts[i].value));
    for (int c = 0; c < s->class_n; c++) {
        json_t *k = json_object();
        json_object_set_new(k, "gpus", json_real(s->classes[c].gpu_milli / 1000.0));
        json_object_set_new(k, "jobs", json_integer(s->classes[c].jobs));
        json_object_set_new(k, "gpu_hours", json_real(s->classes[c].gpu_hours));
        for (int q = 0; q < STATS_QUANTILE_N; q++)
            json_object_set_new(k, quantiles[q], json_real(duration(s->classes[c].run_us[q])));
        json_array_append_new(classes, k);
    }
    for (int t = 0; t < s->tenant_n; t++) {
        json_t *k = json_object();
        json_object_set_new(k, "tenant", text_json(w->tenants.text[s->top[t].tenant]));
        json_object_set_new(k, "jobs", json_integer(s->top[t].jobs));
        json_object_set_new(k, "gpu_hours", json_real(s->top[t].gpu_hours));
        json_array_append_new(tenants, k);
    }
    for (int k = 0; k < JOB_STATUS_N; k++)
        json_object_set_new(statuses, job_status_name((enum job_status)k),
                            json_integer(s->status[k]));
    json_object_set_new(o, "gpu_counts", classes);
    json_object_set_new(o, "top_tenants", tenants);
    json_object_set_new(o, "status", statuses);
    bool ok =
        json_dumpf(o, stdout, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15)) == 0 &&
        putchar('\n') != EOF;
    json_decref(o);
    return ok ? EXIT_YES : command_usage("cannot write standard output");
}

static int draw_load(const struct workload_stats *s, const char *path)
{
    struct charts *charts = NULL;
    struct error err;
    double *x = malloc((s->load_n + 1) * sizeof *x), *y = malloc((s->load_n + 1) * sizeof *y);
    enum status status = x && y ? charts_open(NULL, &charts, &err)
                                : error_set(&err, STATUS_NO_MEMORY, "out of memory");
    for (size_t i = 0; status == STATUS_OK && i < s->load_n; i++) {
        x[i] = duration(s->load[i].time_us);
        y[i] = (double)s->load[i].gpu_milli / 1000;
    }
    if (status == STATUS_OK)
        status = chart_series_png(charts, "Load at infinite capacity",
                                  "GPUs in use if every job started at once", x, y, s->load_n, path,
                                  &err);
    charts_close(charts);
    free(x);
    free(y);
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
    if (!read_trace(in, invocation_argument(in, 0), &w, &code)) return code;
    if (workload_stats_of(&w, &s, &err) != STATUS_OK) {
        workload_free(&w);
        return command_fail(&err);
    }
    if (invocation_flag(in, "json")) code = print_json(&w, &s);
    else print_stats(&w, &s);
    if (code == EXIT_YES && invocation_option(in, "picture"))
        code = draw_load(&s, invocation_option(in, "picture"));
    workload_stats_free(&s);
    workload_free(&w);
    return code;
}

static const struct option_spec stats_options[] = {
    { 0, "json", NULL, false, "as JSON", NULL },
    { 0, "picture", "FILE.png", false, "draw the load over time", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_trace_stats = {
    "trace stats",
    "what is in a trace",
    "FILE",
    1,
    1,
    stats_options,
    "  seatrial trace stats trace.csv.gz\n  seatrial trace stats trace.csv --json | jq "
    ".gpu_hours\n  seatrial trace stats trace.csv --picture load.png\n",
    "Prints jobs, span, GPU-hours, jobs and run times by GPU count, how bursty arrivals are, and "
    "the load at infinite capacity.",
    run_stats,
};

static int run_synth(const struct invocation *in)
{
    struct synth_options o;
    struct workload w;
    struct error err;
    long long jobs = 10000, seed = 1;
    const char *like = invocation_option(in, "like"), *output = invocation_option(in, "output");
    int code;
    synth_options_init(&o);
    if (!like)
        return command_usage("--like says what to imitate: philly, itp, openb, or a trace file");
    if (!output)
        return command_usage(
            "-o says where the trace goes: -o trace.csv, or -o - for standard output");
    if (!option_int64(in, "jobs", 1, 100000000, &jobs) ||
        !option_int64(in, "seed", 0, INT64_MAX, &seed) ||
        !option_double(in, "days", 0.01, 3660, &o.days) ||
        !option_double(in, "load", 0, 1e9, &o.load_gpus))
        return EXIT_INPUT;
    o.jobs = jobs;
    o.seed = (uint64_t)seed;
    o.preset = synth_preset_find(like);
    struct synth_preset *fitted = NULL;
    if (!o.preset) {
        if (!read_trace(in, like, &w, &code)) return code;
        enum status fit = synth_preset_fit(&w, &fitted, &err);
        workload_free(&w);
        if (fit != STATUS_OK) return command_fail(&err);
        o.preset = fitted;
    }
    enum status status = synth_make(&o, &w, &err);
    if (status == STATUS_OK) {
        status = trace_write(&w, output, &err);
        workload_free(&w);
    }
    synth_preset_free(fitted);
    if (status != STATUS_OK) return command_fail(&err);
    if (strcmp(output, "-") != 0)
        fprintf(stderr, "  Saved %s\n  Next: seatrial trace stats %s\n", output, output);
    return EXIT_YES;
}

static const struct option_spec synth_cli_options[] = {
    { 0, "like", "WHAT", false, "a preset or a trace file to fit", "synth-presets" },
    { 'o', "output", "FILE", false, "the trace to write; .gz packs it, - is standard output",
      NULL },
    { 0, "jobs", "N", false, "exactly so many jobs (default 10000)", NULL },
    { 0, "days", "D", false, "over so many days (default 7)", NULL },
    { 0, "load", "GPUS", false,
      "mean GPUs in use at infinite capacity: run times are scaled to it (default: as drawn)",
      NULL },
    { 0, "seed", "S", false, "same seed, same trace, on any machine (default 1)", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_trace_synth = {
    "trace synth",
    "make a trace like a public one, or like yours",
    "",
    0,
    0,
    synth_cli_options,
    "  seatrial trace synth --like philly --jobs 100000 --days 60 --load 400 --seed 1 -o "
    "trace.csv.gz\n"
    "  seatrial trace synth --like mine.csv --jobs 50000 --days 30 -o next-month.csv\n",
    "Draws jobs in batches, as they really come: hours draw numbers of batches, batches draw jobs "
    "of one tenant and size. The output carries "
    "nobody's names.",
    run_synth,
};
