/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "models/workload/synth.h"
#include "scenarios/traces/trace_file.h"
#include "tools/args.h"
#include "tools/commands.h"
#include "tools/trace_input.h"

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
        if (!trace_input(in, like, &w, &code)) return code;
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
      "offered load, GPU time / days: run times are scaled to it (default: as drawn)", NULL },
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
    "of one tenant and size. The output carries\n"
    "nobody's names.\n"
    "\n"
    "Batches begin within the days asked for, from Monday 2026-01-05 00:00 UTC; the last may run "
    "over the end. Run times are whole\n"
    "seconds, so that --load is met within 0.5 % (mostly far better) or refused. Jobs that outlast "
    "the days count whole: over the\n"
    "longer time until the last end, trace stats finds a lower mean. A file to imitate needs 100 "
    "jobs over an hour.",
    run_synth,
};
