/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/diagnostics.h"
#include "scenarios/traces/fields.h"
#include "scenarios/traces/formats.h"
#include "scenarios/traces/trace_file.h"
#include "tools/args.h"
#include "tools/commands.h"

static void say_report(const struct import_report *r, const struct workload *w, const char *path)
{
    fprintf(stderr, "  %llu rows read, %llu jobs kept, %.2f GPU-hours over %.2f days\n",
            (unsigned long long)r->rows, (unsigned long long)r->kept, workload_gpu_hours(w),
            (double)w->span_us / 8.64e10);
    for (int pass = 1; pass >= 0; pass--)
        for (int i = 0; i < r->reason_n; i++)
            if (r->reasons[i].dropped == pass)
                fprintf(stderr, "  %-9s %10llu  %s\n", pass ? "dropped" : "repaired",
                        (unsigned long long)r->reasons[i].count, r->reasons[i].text);
    if (strcmp(path, "-") != 0)
        fprintf(stderr, "  Saved %s\n  Next: seatrial trace stats %s\n", path, path);
}

static int say_json(const struct import_report *r, const struct workload *w)
{
    json_t *o = json_object(), *reasons = json_array();
    for (int i = 0; i < r->reason_n; i++) {
        json_t *reason = json_object();
        json_object_set_new(reason, "reason", json_string(r->reasons[i].text));
        json_object_set_new(reason, "count", json_integer((json_int_t)r->reasons[i].count));
        json_object_set_new(reason, "action",
                            json_string(r->reasons[i].dropped ? "dropped" : "repaired"));
        json_array_append_new(reasons, reason);
    }
    json_object_set_new(o, "format_version", json_string("1.0"));
    json_object_set_new(o, "rows", json_integer((json_int_t)r->rows));
    json_object_set_new(o, "jobs", json_integer((json_int_t)w->job_n));
    json_object_set_new(o, "gpu_hours", json_real(workload_gpu_hours(w)));
    json_object_set_new(o, "span_s", json_real((double)w->span_us / 1e6));
    json_object_set_new(o, "reasons", reasons);
    bool ok =
        json_dumpf(o, stdout, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15)) == 0 &&
        putchar('\n') != EOF;
    json_decref(o);
    return ok ? EXIT_YES : command_usage("cannot write standard output");
}

/* "+08:00" -> microseconds east of UTC. */
static bool parse_zone(const char *text, int64_t *us)
{
    char clock[40];
    int64_t unix_us;
    if (strcmp(text, "UTC") == 0 || strcmp(text, "Z") == 0) {
        *us = 0;
        return true;
    }
    snprintf(clock, sizeof clock, "1970-01-01 00:00:00%.10s", text);
    struct field f = { clock, strlen(clock) };
    if ((*text != '+' && *text != '-') || !field_clock(&f, 0, &unix_us)) return false;
    *us = -unix_us;
    return true;
}

static bool parse_t0(const char *text, int64_t tz_us, int64_t *us)
{
    struct field f = { (char *)text, strlen(text) };
    return field_clock(&f, tz_us, us) || field_time(&f, US_PER_S, us);
}

static bool parse_map(const struct invocation *in, struct import_options *o)
{
    static char copies[IMPORT_MAP_MAX][160];
    const char *names[32];
    size_t n = 0;
    for (; trace_columns[n].name && n < 32; n++) names[n] = trace_columns[n].name;
    for (size_t k = 0; import_columns[k].name && n < 32; k++) names[n++] = import_columns[k].name;
    for (size_t i = 0; invocation_option_at(in, "map", i); i++) {
        const char *pair = invocation_option_at(in, "map", i), *equals = strrchr(pair, '=');
        bool known = false;
        if (!equals || equals == pair || strlen(pair) >= sizeof copies[0] || i >= IMPORT_MAP_MAX) {
            command_usage("--map is theirs=ours, not '%s'", pair);
            return false;
        }
        for (size_t k = 0; k < n; k++) known |= strcmp(names[k], equals + 1) == 0;
        for (size_t k = 0; known && k < o->map_n; k++)
            if (strcmp(o->map[k].ours, equals + 1) == 0) {
                command_usage("--map gives two columns for %s: %s and %.*s", equals + 1,
                              o->map[k].theirs, (int)(equals - pair), pair);
                return false;
            }
        if (!known) {
            args_unknown("column", equals + 1, names, n, "seatrial help import");
            return false;
        }
        strcpy(copies[i], pair);
        copies[i][equals - pair] = '\0';
        o->map[o->map_n++] = (struct import_map){ copies[i], copies[i] + (equals - pair) + 1 };
    }
    return true;
}

static bool parse_options(const struct invocation *in, struct import_options *o, int64_t *t0_us)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = { { "us", 1 },
                  { "ms", 1000 },
                  { "s", US_PER_S },
                  { "min", 60 * INT64_C(1000000) },
                  { "h", US_PER_HOUR } };
    const char *tz = invocation_option(in, "tz"), *t0 = invocation_option(in, "t0"),
               *unit = invocation_option(in, "unit"),
               *delimiter = invocation_option(in, "delimiter");
    long long per_gpu = 0;
    import_options_init(o);
    o->keep_bad_duration = invocation_flag(in, "keep-negative");
    o->drop_zero_gpu = invocation_flag(in, "drop-cpu");
    o->drop_never_started = invocation_flag(in, "drop-never-started");
    o->drop_unfinished = invocation_flag(in, "drop-running");
    o->any_gpu = invocation_flag(in, "any-gpu");
    o->is_static = invocation_flag(in, "static");
    o->requested_procs = invocation_flag(in, "requested");
    if (!option_int64(in, "procs-per-gpu", 1, 1000000, &per_gpu) || !parse_map(in, o)) return false;
    o->procs_per_gpu = per_gpu;
    if (tz && !parse_zone(tz, &o->tz_us)) {
        command_usage("--tz is an offset such as +08:00 or UTC, not '%s'", tz);
        return false;
    }
    *t0_us = INT64_MIN;
    if (t0 && !parse_t0(t0, o->tz_us, t0_us)) {
        command_usage("--t0 is YYYY-MM-DD HH:MM:SS or a number of seconds, not '%s'", t0);
        return false;
    }
    if (delimiter) {
        if (strcmp(delimiter, "tab") == 0) delimiter = "\t";
        if (strlen(delimiter) != 1) {
            command_usage("--delimiter is one character, or tab");
            return false;
        }
        o->delimiter = *delimiter;
    }
    if (unit) {
        size_t i = 0;
        while (i < sizeof units / sizeof *units && strcmp(units[i].name, unit) != 0) i++;
        if (i == sizeof units / sizeof *units) {
            command_usage("--unit is us, ms, s, min or h, not '%s'", unit);
            return false;
        }
        o->time_unit_us = units[i].us;
    }
    return true;
}

static int run_import(const struct invocation *in)
{
    const char *from = invocation_option(in, "from"), *output = invocation_option(in, "output"),
               *names[32];
    struct import_options options;
    struct import_report report;
    struct workload w;
    struct error err;
    int64_t t0_us;
    size_t n = 0;
    for (; trace_formats[n].name && n < 32; n++) names[n] = trace_formats[n].name;
    if (!from) return command_usage("--from says what the files are: seatrial list formats");
    if (!output)
        return command_usage(
            "-o says where the trace goes: -o trace.csv, or -o - for standard output");
    const struct trace_format *format = trace_format_find(from);
    if (!format) {
        args_unknown("format", from, names, n, "seatrial list formats");
        return EXIT_INPUT;
    }
    if (!parse_options(in, &options, &t0_us)) return EXIT_INPUT;
    const char **paths = calloc(invocation_argument_n(in), sizeof *paths);
    if (!paths) return command_usage("out of memory");
    for (size_t i = 0; i < invocation_argument_n(in); i++) paths[i] = invocation_argument(in, i);
    enum status status =
        import_files(format, &options, paths, invocation_argument_n(in), t0_us, &w, &report, &err);
    free(paths);
    if (status != STATUS_OK) return command_fail(&err);
    status = trace_write(&w, output, &err);
    int code = status == STATUS_OK ? EXIT_YES : command_fail(&err);
    if (code == EXIT_YES && invocation_flag(in, "json")) code = say_json(&report, &w);
    else if (code == EXIT_YES) say_report(&report, &w, output);
    workload_free(&w);
    return code;
}

static const struct option_spec import_cli_options[] = {
    { 0, "from", "FORMAT", false, "what the files are", "formats" },
    { 'o', "output", "FILE", false, "the trace to write; .gz packs it, - is standard output",
      NULL },
    { 0, "map", "THEIRS=OURS", true, "csv: a column of theirs is one of ours, or end_s", NULL },
    { 0, "unit", "UNIT", false, "csv: of its time columns (default s)", "time units" },
    { 0, "delimiter", "C", false, "csv: between fields (default a comma); tab for a tabulator",
      NULL },
    { 0, "tz", "+HH:MM", false, "zone of wall clocks that have none (default UTC)", NULL },
    { 0, "t0", "TIME", false, "second 0 of the trace (default: the first submission)", NULL },
    { 0, "procs-per-gpu", "N", false, "swf: N processors are a GPU (default 1)", NULL },
    { 0, "requested", NULL, false, "swf: believe requested processors before used ones", NULL },
    { 0, "static", NULL, false, "openb lists without times: all arrive at 0 and never leave",
      NULL },
    { 0, "keep-negative", NULL, false, "keep jobs of negative run time as instants (default: drop)",
      NULL },
    { 0, "any-gpu", NULL, false, "forget the GPU types jobs had, so that any model may run them",
      NULL },
    { 0, "drop-cpu", NULL, false, "leave out jobs without a GPU", NULL },
    { 0, "drop-never-started", NULL, false, "leave out jobs that never started", NULL },
    { 0, "drop-running", NULL, false, "leave out jobs that had not ended", NULL },
    { 0, "json", NULL, false, "what was kept, dropped and repaired, as JSON on standard output",
      NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_import = {
    "import",
    "turn a cluster's log into a trace",
    "FILE...",
    1,
    4096,
    import_cli_options,
    "  sacct --parsable2 --allusers -S 2026-01-01 -o JobID,User,Account,Partition,Submit,\\\n"
    "Start,End,ElapsedRaw,TimelimitRaw,State,AllocTRES,ReqTRES,AllocCPUS,ReqMem,NNodes,Priority > "
    "jobs.txt\n"
    "  seatrial import --from slurm jobs.txt -o trace.csv.gz\n"
    "  kubectl get pods,jobs -A -o json | seatrial import --from kubernetes - -o trace.csv\n"
    "  seatrial import --from csv jobs.csv --map submitted=submit_s --map minutes=run_s --map "
    "num_gpus=gpus --unit min -o trace.csv\n"
    "  seatrial import --from csv jobs.csv --map submitted=submit_s --map started=start_s --map "
    "ended=end_s --map num_gpus=gpus -o trace.csv\n",
    "Reads logs (plain, .gz or .zst; - is standard input) and writes the canonical trace. Every "
    "row that is dropped or repaired is counted "
    "by reason and said. Several files are imported together and share their second 0. Times "
    "of a csv are wall clocks (2026-01-02 03:04:05), or numbers: from 1,000,000,000 s on they "
    "count from the Unix epoch. pai2020: give pai_job_table and pai_group_tag_table before "
    "pai_task_table.",
    run_import,
};
