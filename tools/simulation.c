/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/simulation.h"

#include <stdlib.h>

#include "tools/command.h"
#include "tools/process.h"
#include "tools/runner.h"
#include "tools/stopping.h"

static volatile int stop_asked;

static enum status write_execution(const struct simulation *sim, const struct runner *runner,
                                   double began_s, struct results *results, struct error *err)
{
    struct process_facts f;
    process_facts_now(&f);
    struct results_execution row = { f.created_at, sim->line,     f.compiler,
                                     f.host,       sim->threads,  process_wall_s() - began_s,
                                     f.cpu_s,      f.max_rss_kib, runner->events };
    return results_add_execution(results, &row, err);
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
static enum status fill_results(const struct simulation *sim, const struct workload *first,
                                int32_t from, double began_s, struct results *results,
                                struct runner *runner, struct error *err)
{
    struct error close_err = { STATUS_OK, "" };
    enum status status = runner_init(runner, sim->scenario, first, from, err);
    if (status == STATUS_OK)
        status = run_batches(sim->scenario, sim->threads, results, runner, err);
    process_catch(NULL);
    if (status == STATUS_OK) status = write_execution(sim, runner, began_s, results, err);
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

static void say_interrupted(const struct simulation *sim, const struct runner *runner)
{
    const struct scenario *s = sim->scenario;
    fprintf(stderr, "seatrial: interrupted after %d of %s%d replications", runner->handed,
            s->precision.asked ? "at most " : "", s->replications);
    if (sim->is_kept)
        fprintf(stderr, ". %s.partial keeps them; the same line goes on from there.\n", sim->path);
    else fputs(". Nothing was kept; with -o FILE.db the same line would go on.\n", stderr);
}

int simulation_run(struct simulation *sim)
{
    const struct scenario *s = sim->scenario;
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
    int code = EXIT_YES;

    enum status status = scenario_workload(s, 0, &copy, &first, &owned, &err);
    if (status != STATUS_OK) return command_fail(&err);
    runner_describe(s, first, runner_books_us(s, first), sim->line, &row, &text);
    process_catch(&stop_asked);
    status = results_open(sim->path, &row, &results, &from, &err);
    if (status != STATUS_OK) {
        process_catch(NULL);
    } else {
        if (from > 0 && !sim->quiet)
            fprintf(stderr, "  Going on after %d of %s%d replications that %s.partial holds\n",
                    from, s->precision.asked ? "at most " : "", s->replications, sim->path);
        status = fill_results(sim, first, from, began_s, results, &runner, &err);
    }
    sim->events = runner.events;
    sim->wall_s = process_wall_s() - began_s;
    if (status == STATUS_INTERRUPTED) {
        say_interrupted(sim, &runner);
        code = EXIT_RESUMABLE;
    } else if (status != STATUS_OK) {
        code = command_fail(&err);
    }
    runner_free(&runner);
    if (owned) workload_free(&copy);
    free(text);
    return code;
}
