/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "reports/page.h"
#include "tools/commands.h"
#include "tools/process.h"
#include "tools/runner.h"
#include "tools/scenario_input.h"
#include "tools/stopping.h"

static volatile int stop_asked;

static enum status write_execution(const struct invocation *in, const struct runner *runner,
                                   int threads, double began_s, struct results *results,
                                   struct error *err)
{
    struct process_facts f;
    process_facts_now(&f);
    struct results_execution row = { f.created_at,  invocation_line(in),
                                     f.compiler,    f.host,
                                     threads,       process_wall_s() - began_s,
                                     f.cpu_s,       f.max_rss_kib,
                                     runner->events };
    return results_add_execution(results, &row, err);
}

/* The table or JSON on stdout, the rest on stderr. */
static int show(const struct invocation *in, const struct scenario *s, const char *path,
                double wall_s, int64_t events)
{
    struct report_data data;
    struct error err;
    const char *format = invocation_option(in, "format");
    if (report_data_read(path, false, &data, &err) != STATUS_OK) return command_fail(&err);
    int code = EXIT_YES;
    bool quiet = invocation_flag(in, "quiet"), json = invocation_flag(in, "json");
    if (!quiet && !json)
        fprintf(stderr, "  %lld jobs, %d fleet%s x %d replication%s, %lld events, %.1f s\n\n",
                (long long)data.jobs, s->fleet_n, s->fleet_n == 1 ? "" : "s", data.replications,
                data.replications == 1 ? "" : "s", (long long)events, wall_s);
    enum status status = json ? report_json_write(&data, stdout, &err)
                              : report_table_write(&data, format ? format : "table",
                                                   invocation_colour(in, stdout), stdout, &err);
    if (status != STATUS_OK) code = command_fail(&err);
    if (code == EXIT_YES && *data.notes && !quiet) scenario_notes(data.notes);
    bool met = data.pick >= 0;
    report_data_free(&data);
    return scenario_answered(in, path, met, code);
}

/* Batches of replications until they are enough. */
static enum status run_batches(const struct scenario *s, int threads, struct results *results,
                               struct runner *runner, struct error *err)
{
    const struct runner_sink sink = { runner_write, results };
    bool enough = false;
    enum status status = STATUS_OK;
    for (int32_t to = stopping_next(s, runner->ran); !enough && status == STATUS_OK;
         to = stopping_next(s, to + 1)) {
        if (to > runner->ran) status = runner_run(runner, to, threads, &stop_asked, &sink, err);
        if (status == STATUS_OK) status = stopping_look(s, results, to, &enough, err);
    }
    if (status == STATUS_OK && s->precision.asked)
        status = results_set_replications(results, runner->ran, err);
    return status;
}

/* Replications from .. the last into an open results file, which is closed whatever happens. */
static enum status fill_results(const struct invocation *in, const struct scenario *s,
                                const struct workload *first, int32_t from, int threads,
                                double began_s, struct results *results, struct runner *runner,
                                struct error *err)
{
    struct error close_err = { STATUS_OK, "" };
    enum status status = runner_init(runner, s, first, from, err);
    if (status == STATUS_OK) status = run_batches(s, threads, results, runner, err);
    process_catch(NULL);
    if (status == STATUS_OK) status = write_execution(in, runner, threads, began_s, results, err);
    const char *state = status == STATUS_OK            ? "complete"
                        : status == STATUS_INTERRUPTED ? "interrupted"
                                                       : "failed";
    enum status closed = results_close(results, state, &close_err);
    if (status == STATUS_OK && closed != STATUS_OK) {
        status = closed;
        *err = close_err;
    }
    return status;
}

static int simulate(const struct invocation *in, const struct scenario *s, int threads,
                    const char *path)
{
    struct error err = { STATUS_OK, "" };
    struct workload copy;
    const struct workload *first = NULL;
    bool owned = false;
    struct results *results = NULL;
    struct results_run row;
    struct runner runner = { 0 };
    char *text = NULL;
    int32_t from = 0;
    double began_s = process_wall_s();
    int code;

    enum status status = scenario_workload(s, 0, &copy, &first, &owned, &err);
    if (status != STATUS_OK) return command_fail(&err);
    runner_describe(s, first, runner_books_us(s, first), invocation_line(in), &row, &text);
    process_catch(&stop_asked);
    status = results_open(path, &row, &results, &from, &err);
    if (status != STATUS_OK) {
        process_catch(NULL);
    } else {
        if (from > 0 && !invocation_flag(in, "quiet"))
            fprintf(stderr, "  Going on after %d of %s%d replications that %s.partial holds\n",
                    from, s->precision.asked ? "at most " : "", s->replications, path);
        status = fill_results(in, s, first, from, threads, began_s, results, &runner, &err);
    }
    if (status == STATUS_INTERRUPTED) {
        fprintf(
            stderr,
            "seatrial: interrupted after %d of %s%d replications. %s.partial keeps them; the same "
            "line goes on from there.\n",
            runner.handed, s->precision.asked ? "at most " : "", s->replications, path);
        code = EXIT_RESUMABLE;
    } else {
        code = status == STATUS_OK ? show(in, s, path, process_wall_s() - began_s, runner.events)
                                   : command_fail(&err);
    }
    runner_free(&runner);
    if (owned) workload_free(&copy);
    free(text);
    return code;
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
    const struct scenario_settings settings = { (int32_t)replications, seed };
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
        code = simulate(in, &s, (int)threads, chosen);
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
