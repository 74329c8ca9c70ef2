/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "reports/page.h"
#include "tools/commands.h"
#include "tools/process.h"
#include "tools/scenario_input.h"
#include "tools/simulation.h"

/* The table or JSON on stdout, the rest on stderr. */
static int show(const struct invocation *in, const struct simulation *sim)
{
    struct report_data data;
    struct error err;
    const char *format = invocation_option(in, "format");
    if (report_data_read(sim->path, false, &data, &err) != STATUS_OK) return command_fail(&err);
    int code = EXIT_YES;
    bool quiet = invocation_flag(in, "quiet"), json = invocation_flag(in, "json");
    if (!quiet && !json)
        fprintf(stderr, "  %lld jobs, %d fleet%s x %d replication%s, %lld events, %.1f s\n\n",
                (long long)data.jobs, data.fleet_n, data.fleet_n == 1 ? "" : "s", data.replications,
                data.replications == 1 ? "" : "s", (long long)sim->events, sim->wall_s);
    enum status status = json ? report_json_write(&data, stdout, &err)
                              : report_table_write(&data, format ? format : "table",
                                                   invocation_colour(in, stdout), stdout, &err);
    if (status != STATUS_OK) code = command_fail(&err);
    if (code == EXIT_YES && *data.notes && !quiet) scenario_notes(data.notes);
    bool met = data.pick >= 0;
    report_data_free(&data);
    return scenario_answered(in, sim->path, met, code);
}

static int run_run(const struct invocation *in)
{
    struct scenario s;
    struct error err = { STATUS_OK, "" };
    const char *path = invocation_option(in, "output"), *format = invocation_option(in, "format");
    long long threads = omp_get_num_procs(), replications = 0, seed = -1;
    int code;

    if (format && strcmp(format, "table") != 0 && strcmp(format, "md") != 0 &&
        strcmp(format, "csv") != 0)
        return command_usage("--format is table, md or csv, not '%s'", format);
    if (!option_int64(in, "jobs", 1, 1024, &threads) ||
        !option_int64(in, "replications", 1, 100000, &replications) ||
        !option_int64(in, "seed", 0, INT64_MAX, &seed))
        return EXIT_INPUT;
    const struct scenario_settings settings = { .replications = (int32_t)replications,
                                                .seed = seed };
    if (!scenario_input(in, &settings, &s, &code)) return code;
    char *chosen = path ? strdup(path) : process_output(s.name, "");
    if (!chosen) {
        error_set(&err, STATUS_NO_MEMORY, "out of memory");
        code = command_fail(&err);
    } else if (strcmp(chosen, "-") == 0) {
        code = command_usage(
            "a results file cannot go to standard output; use --json for a summary there");
    } else if (!path && mkdir("runs", 0777) != 0 && errno != EEXIST) {
        code = command_usage("cannot make the folder runs: %s", strerror(errno));
    } else {
        struct simulation sim = { .scenario = &s,
                                  .path = chosen,
                                  .line = invocation_line(in),
                                  .threads = (int)threads,
                                  .quiet = invocation_flag(in, "quiet"),
                                  .is_kept = true };
        code = simulation_run(&sim);
        if (code == EXIT_YES) code = show(in, &sim);
    }
    free(chosen);
    scenario_free(&s);
    return code;
}

static const struct option_spec run_options[] = {
    { 'o', "output", "FILE.db", false, "the results file (default runs/NAME.db)", NULL },
    { 0, "report", "FILE.html", false, "draw the report at once, with PNGs beside it", NULL },
    { 'j', "jobs", "N", false, "threads (default: all processors); the results do not depend on it",
      NULL },
    { 0, "replications", "N", false, "so many, instead of the scenario's", NULL },
    { 0, "seed", "N", false, "this one, instead of the scenario's", NULL },
    { 0, "slo", NULL, false, "exit with 1 where no fleet surely meets every target", NULL },
    { 0, "json", NULL, false, "the summary as JSON on standard output", NULL },
    { 0, "format", "FORMAT", false, "how the table is printed", "table formats" },
    { 'q', "quiet", NULL, false, "the table or the JSON, and nothing else", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_run = {
    "run",
    "simulate a scenario's fleets and compare them",
    "SCENARIO.yaml",
    1,
    1,
    run_options,
    "  seatrial run scenarios/main.yaml --report report.html\n"
    "  seatrial run today.yaml --json | jq '.fleets[].metrics.cost_usd_per_month'\n"
    "  seatrial run - < today.yaml                 # a scenario from standard input\n"
    "  seatrial run today.yaml --slo -q && echo ship it\n",
    "Replays the scenario's workload on each of its fleets, prices them, and writes one SQLite "
    "results file. Ends with a table and "
    "the answer in a sentence. Ctrl-C leaves a valid file FILE.db.partial that says it is "
    "incomplete; the same line goes\n"
    "on after the replications that are in it.",
    run_run,
};
