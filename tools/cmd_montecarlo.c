/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/montecarlo_data.h"
#include "tools/args.h"
#include "tools/commands.h"
#include "tools/process.h"
#include "tools/runner.h"
#include "tools/scenario_input.h"
#include "tools/study_write.h"

static volatile int stop_asked;

static void show_progress(void *context, const char *what, double share)
{
    const char **last = context;
    if (!*last || strcmp(*last, what) != 0) {
        progress_end();
        progress_begin(what, 1);
        *last = what;
    }
    progress_set(share);
}

/* Beside the program, or where `make install` puts it. */
static void find_library(char *path, size_t size)
{
    static const char *const places[] = { "libseatrial_cuda.so",
                                          "../lib/seatrial/libseatrial_cuda.so" };
    const char *named = getenv("SEATRIAL_CUDA");
    char program[2048];
    snprintf(path, size, "%s", named ? named : "libseatrial_cuda.so");
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (named || n < 0) return;
    program[n] = '\0';
    char *slash = strrchr(program, '/');
    if (!slash) return;
    slash[1] = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(path, size, "%s%s", program, places[i]);
        if (access(path, R_OK) == 0) return;
    }
    snprintf(path, size, "%s%s", program, places[0]);
}

static const char model_words[] =
    "The fleet-year: hour by hour, demand as the jobs' hours show it, with growth, chance and spot "
    "markets, against what each fleet has; every candidate in the same futures. Waits: the gang "
    "queue, first come, first served, at today's demand, for fleets whose nodes are always there. "
    "Both are calibrated on, and held against, the simulation of every job.";

/* What is not sure, a line each; what the model leaves out, a line each. malloc'd. */
static char *assumptions_of(const struct scenario *s)
{
    const struct montecarlo_spec *m = &s->montecarlo;
    const struct uncertain *u = &s->uncertain;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    fprintf(out, "demand grows by %.3g%% a year", (double)m->growth_ppm / 1e4);
    if (m->growth_sd_ppm > 0)
        fprintf(out, ", give or take %.3g%% (one standard deviation)",
                (double)m->growth_sd_ppm / 1e4);
    fputc('\n', out);
    if (u->growth_ppm > 0)
        fprintf(out, "today's demand may be off by %.3g%% (one standard deviation)\n",
                (double)u->growth_ppm / 1e4);
    if (u->spot_prices_ppm > 0)
        fprintf(out, "spot prices wander by %.3g%% (one standard deviation)\n",
                (double)u->spot_prices_ppm / 1e4);
    fputs("what demand does from hour to hour is what the jobs show\n", out);
    return fclose(out) == 0 ? text : NULL;
}

static char *notes_of(const struct study *st)
{
    const struct scenario *s = st->scenario;
    char *text = NULL;
    size_t n = 0, unknown = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    for (int32_t f = 0; f < s->fleet_n; f++)
        if (st->fits[f].left_out)
            fprintf(out, "%s: the fleet-year leaves out %s\n", s->fleets[f].name,
                    st->fits[f].left_out);
    for (size_t c = 0; c < st->candidates.n; c++) {
        const struct study_waits *w = &st->waits[c];
        unknown += w->n == 0 && !w->is_overloaded;
        if (w->is_overloaded && (st->candidates.n <= 16 || c == st->candidates.baseline))
            fprintf(out,
                    "%s is overloaded: jobs ask for %.0f%% of its GPUs, and first come, first "
                    "served gangs can use %.0f%%: its waits grow without end\n",
                    st->candidates.items[c].name, 100 * w->load, 100 * w->ceiling);
    }
    if (unknown == st->candidates.n)
        fputs("no waits are told: nodes of these fleets come and go, fail, or are not for every "
              "job\n",
              out);
    if (s->uncertain.prices_ppm > 0 || s->uncertain.run_times_ppm > 0 ||
        s->uncertain.all_run_times_ppm > 0)
        fputs("of 'uncertain', the fleet-year knows growth and spot_prices\n", out);
    return fclose(out) == 0 ? text : NULL;
}

static enum status write_execution(const struct invocation *in, const struct engine *engine,
                                   const struct study *st, double wall_s,
                                   struct montecarlo_file *out, struct error *err)
{
    struct process_facts f;
    char text[200];
    process_facts_now(&f);
    engine_describe(engine, text, sizeof text);
    return montecarlo_add_execution(
        out,
        &(struct montecarlo_execution){ f.created_at, invocation_line(in), f.compiler, f.host, text,
                                        engine->devices.n > 0 ? engine->devices.name : "",
                                        engine->threads, wall_s, f.cpu_s, f.max_rss_kib,
                                        (int64_t)st->candidates.n * st->futures },
        err);
}

/* The file, whole or not at all. */
static enum status write_file(const struct invocation *in, const struct study *st,
                              struct engine *engine, double began_s, const char *path,
                              struct error *err)
{
    const struct scenario *s = st->scenario;
    struct montecarlo_file *out = NULL;
    struct results_run described;
    struct workload copy;
    const struct workload *first = NULL;
    bool owned = false;
    char *text = NULL, *assumptions = assumptions_of(s), *notes = notes_of(st);
    struct error close_err;
    enum status status = STATUS_OK;
    if (!assumptions || !notes) status = error_set(err, STATUS_NO_MEMORY, "no memory for notes");
    if (!status) status = scenario_workload(s, 0, &copy, &first, &owned, err);
    if (status) goto done;
    runner_describe(s, first, runner_books_us(s, first), invocation_line(in), &described, &text);
    const double budget = s->slo.budget_usd_micro_per_month < 0
                              ? NAN
                              : (double)s->slo.budget_usd_micro_per_month / 1e6;
    const struct montecarlo_run run = {
        .scenario_name = s->name,
        .scenario_path = s->path,
        .scenario_sha256 = s->sha256,
        .scenario_json = s->json,
        .workload = described.workload,
        .model = model_words,
        .assumptions = assumptions,
        .notes = notes,
        .replications = st->futures,
        .years = s->montecarlo.years,
        .seed = s->seed,
        .antithetic = s->antithetic,
        .budget_usd_per_year = 12 * budget,
        .budget_usd_per_month = budget,
        .deadline_s = (double)s->montecarlo.deadline_us / 1e6,
        .precision = s->montecarlo.precision_ppm ? (double)s->montecarlo.precision_ppm / 1e6 : NAN,
        .price_as_of = s->price_as_of,
        .tool_version = described.tool_version,
        .rerun = described.rerun,
    };
    status = montecarlo_open(path, &run, &out, err);
    for (int32_t i = 0; i < s->input_n && !status; i++) {
        const struct scenario_input *from = &s->inputs[i];
        status = montecarlo_add_input(out, from->role, from->path, from->sha256, from->bytes, err);
    }
    if (!status) status = study_write(out, st, engine, err);
    if (!status) status = write_execution(in, engine, st, process_wall_s() - began_s, out, err);
    if (out) {
        enum status closed = montecarlo_close(out, status == STATUS_OK, status ? &close_err : err);
        if (!status) status = closed;
    }
done:
    if (owned) workload_free(&copy);
    free(text);
    free(assumptions);
    free(notes);
    return status;
}

/* The table or JSON on stdout, the rest on stderr. */
static int show(const struct invocation *in, const struct engine *engine, const char *path,
                double wall_s)
{
    struct montecarlo_data data;
    struct error err;
    const char *format = invocation_option(in, "format");
    bool quiet = invocation_flag(in, "quiet"), json = invocation_flag(in, "json");
    char text[200];
    if (montecarlo_read(path, &data, &err) != STATUS_OK) return command_fail(&err);
    engine_describe(engine, text, sizeof text);
    if (!quiet && !json)
        fprintf(stderr, "  %d fleet%s x %lld futures of %d year%s, %s, %.1f s\n\n", data.plan_n,
                data.plan_n == 1 ? "" : "s", (long long)data.replications, data.years,
                data.years == 1 ? "" : "s", text, wall_s);
    enum status status = json ? montecarlo_json_write(&data, stdout, &err)
                              : montecarlo_table_write(&data, format ? format : "table",
                                                       invocation_colour(in, stdout), stdout, &err);
    int code = status == STATUS_OK ? EXIT_YES : command_fail(&err);
    bool met = data.pick >= 0;
    if (code == EXIT_YES && !quiet) scenario_notes(data.notes);
    montecarlo_data_free(&data);
    return scenario_answered(in, path, met, code);
}

static int study(const struct invocation *in, const struct scenario *s, enum engine_kind kind,
                 int threads, const char *path)
{
    struct study st;
    struct engine engine;
    struct error err = { STATUS_OK, "" };
    char library[4200];
    const char *last = NULL;
    double began_s = process_wall_s();
    find_library(library, sizeof library);
    engine_open(&engine, kind, library, threads);
    if (*engine.left && !invocation_flag(in, "quiet"))
        fprintf(stderr, "seatrial: no GPU is used (%s); the processor computes the same\n",
                engine.left);
    process_catch(&stop_asked);
    struct study_watch watch = { &stop_asked, show_progress, &last };
    bool with_gpu = engine.devices.n > 0;
    enum status status = study_run(s, &engine, &watch, &st, &err);
    progress_end();
    process_catch(NULL);
    if (with_gpu && *engine.left && !invocation_flag(in, "quiet"))
        fprintf(stderr, "seatrial: the GPU was left (%s); the processor computed the same\n",
                engine.left);
    int code;
    if (status == STATUS_INTERRUPTED) {
        fprintf(stderr,
                "seatrial: interrupted; nothing was written. A study is asked again from its "
                "start.\n");
        code = EXIT_RESUMABLE;
    } else {
        if (status == STATUS_OK) {
            status = write_file(in, &st, &engine, began_s, path, &err);
            study_free(&st);
        }
        code = status == STATUS_OK ? show(in, &engine, path, process_wall_s() - began_s)
                                   : command_fail(&err);
    }
    engine_close(&engine);
    return code;
}

static int run_montecarlo(const struct invocation *in)
{
    struct scenario s;
    struct error err = { STATUS_OK, "" };
    const char *path = invocation_option(in, "output"), *format = invocation_option(in, "format"),
               *engine = invocation_option(in, "engine");
    long long threads = omp_get_num_procs(), replications = 0, seed = -1;
    int kind = 0, code;
    if (format && strcmp(format, "table") != 0 && strcmp(format, "md") != 0 &&
        strcmp(format, "csv") != 0)
        return command_usage("--format is table, md or csv, not '%s'", format);
    while (engine && engine_kinds[kind] && strcmp(engine_kinds[kind], engine) != 0) kind++;
    if (!engine_kinds[kind])
        return command_usage("--engine is auto, cuda or cpu, not '%s'", engine);
    if (!option_int64(in, "jobs", 1, 1024, &threads) ||
        !option_int64(in, "replications", 64, 10000000, &replications) ||
        !option_int64(in, "seed", 0, INT64_MAX, &seed))
        return EXIT_INPUT;
    const struct scenario_settings settings = { .seed = seed };
    if (!scenario_input(in, &settings, &s, &code)) return code;
    if (replications > 0) s.montecarlo.replications = replications;
    char *chosen = path ? strdup(path) : process_output(s.name, "-montecarlo");
    if (!chosen) {
        error_set(&err, STATUS_NO_MEMORY, "out of memory");
        code = command_fail(&err);
    } else if (strcmp(chosen, "-") == 0) {
        code = command_usage(
            "a results file cannot go to standard output; use --json for a summary there");
    } else if (s.antithetic && s.montecarlo.replications % 2) {
        code = command_usage("'run.antithetic' takes futures by pairs: --replications is even");
    } else {
        if (!path) mkdir("runs", 0777); /* where it cannot be made, opening the file says so */
        code = study(in, &s, (enum engine_kind)kind, (int)threads, chosen);
    }
    free(chosen);
    scenario_free(&s);
    return code;
}

static const struct option_spec montecarlo_options[] = {
    { 'o', "output", "FILE.db", false, "the results file (default runs/NAME-montecarlo.db)", NULL },
    { 0, "report", "FILE.html", false, "draw the report at once, with PNGs beside it", NULL },
    { 0, "engine", "ENGINE", false, "auto, cuda or cpu; the results do not depend on it",
      "engines" },
    { 'j', "jobs", "N", false, "threads (default: all processors); the results do not depend on it",
      NULL },
    { 0, "replications", "N", false, "so many futures, instead of the scenario's", NULL },
    { 0, "seed", "N", false, "this one, instead of the scenario's", NULL },
    { 0, "slo", NULL, false, "exit with 1 where no fleet surely keeps every chance small enough",
      NULL },
    { 0, "json", NULL, false, "the summary as JSON on standard output", NULL },
    { 0, "format", "FORMAT", false, "how the table is printed", "table formats" },
    { 'q', "quiet", NULL, false, "the table or the JSON, and nothing else", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_montecarlo = {
    "montecarlo",
    "draw thousands of years to come, for thousands of fleets",
    "SCENARIO.yaml",
    1,
    1,
    montecarlo_options,
    "  seatrial montecarlo examples/montecarlo.yaml --report years.html\n"
    "  seatrial montecarlo today.yaml --engine cuda --replications 1000000\n"
    "  seatrial montecarlo today.yaml --json | jq '.pick'\n",
    "Asks of a scenario what years to come may cost, under demand, prices and markets that nobody "
    "knows yet: the bill's distribution, the chance of breaking the budget or of being late, value "
    "at risk, and what choosing a fleet costs beside the best of each future. The key 'mc' says "
    "what "
    "is asked, 'uncertain' what is not known. Models are calibrated on the simulation of every "
    "job, "
    "and the answer says by how much they are off. A GPU computes the same bits, sooner.",
    run_montecarlo,
};
