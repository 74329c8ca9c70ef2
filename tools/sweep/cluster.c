/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/cluster.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/sweep/backend.h"
#include "tools/sweep/pilot.h"

enum { SHARD_SECONDS = 300, SHARDS_USUALLY_MOST = 1000, MORE_MAX = 64 };

bool cluster_is_asked(const struct invocation *in, int *code)
{
    const char *name = invocation_option(in, "backend");
    enum backend backend;
    *code = EXIT_YES;
    if (!name || strcmp(name, "local") == 0) return false;
    if (backend_named(name, &backend)) return true;
    *code = command_usage("--backend is local, slurm or kubernetes, not '%s'", name);
    return false;
}

/* ---- Options ---- */

/* What the line says on top of what options hold; `more` has room for MORE_MAX + 1. */
static bool take_options(const struct invocation *in, struct backend_options *o, const char **more,
                         int *code)
{
    static const char *const names[] = { "partition", "account", "image", "volume-claim",
                                         "namespace" };
    const char **const places[] = { &o->partition, &o->account, &o->image, &o->volume_claim,
                                    &o->k8s_namespace };
    const char *backend = invocation_option(in, "backend");
    long long at_once = o->most_at_once, threads = o->threads;
    size_t n = 0;
    *code = EXIT_INPUT;
    if (backend && !backend_named(backend, &o->backend)) {
        *code = command_usage("--backend is slurm or kubernetes for a folder, not '%s'", backend);
        return false;
    }
    if (!option_int64(in, "at-once", 1, SWEEP_SHARDS_MAX, &at_once) ||
        !option_int64(in, "jobs", 1, 1024, &threads))
        return false;
    o->most_at_once = (int32_t)at_once;
    o->threads = (int32_t)threads;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (invocation_option(in, names[i])) *places[i] = invocation_option(in, names[i]);
    while (n < MORE_MAX && (more[n] = invocation_option_at(in, "sbatch-option", n))) n++;
    if (n == MORE_MAX && invocation_option_at(in, "sbatch-option", n)) {
        *code = command_usage("at most %d --sbatch-option", MORE_MAX);
        return false;
    }
    more[n] = NULL;
    if (n > 0) o->more = more;
    return true;
}

static FILE *say_to(const struct invocation *in)
{
    return invocation_flag(in, "quiet") ? NULL : stderr;
}

/* ---- Submitting ---- */

/* As many shards as give each some minutes. */
static int32_t usual_shards(const struct sweep *sweep, const struct pilot *pilot, int32_t threads)
{
    double tasks = ceil((double)sweep->point_n * pilot->seconds / threads / SHARD_SECONDS);
    double most = fmin((double)sweep->point_n, SHARDS_USUALLY_MOST);
    return (int32_t)fmax(1.0, fmin(tasks, most));
}

static enum status make_folder(const struct invocation *in, const struct sweep *sweep,
                               const char *folder, const struct backend_options *options,
                               int32_t shards, const volatile int *stop, struct directory *d,
                               struct error *err)
{
    struct pilot pilot;
    char program[PATH_MAX];
    enum status status = pilot_run(sweep, stop, &pilot, err);
    if (status != STATUS_OK) return status;
    if (say_to(in))
        fprintf(stderr, "  A point takes %.2g s and %" PRId64 " MiB here\n", pilot.seconds,
                pilot.kib / 1024);
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    char *scenario = realpath(sweep->source.path, NULL);
    if (n <= 0 || !scenario) {
        free(scenario);
        return error_set(err, STATUS_BAD_INPUT,
                         "tasks read the scenario themselves: it must be a file, not '%s'",
                         sweep->source.path);
    }
    program[n] = '\0';
    const struct sweep_plan plan = { .id = sweep->identity,
                                     .version = SEATRIAL_VERSION,
                                     .scenario = scenario,
                                     .program = program,
                                     .points = sweep->point_n,
                                     .replications = sweep->settings.replications,
                                     .seed = sweep->settings.seed,
                                     .shards = shards
                                                   ? shards
                                                   : usual_shards(sweep, &pilot, options->threads),
                                     .pilot_s = pilot.seconds,
                                     .pilot_kib = pilot.kib };
    status = directory_create(d, folder, &plan, err);
    free(scenario);
    return status;
}

/* The folder holds this sweep already: no pilot is needed, and its number of shards stays. */
static bool is_known(const char *folder, const struct sweep *sweep, int32_t shards,
                     struct directory *d)
{
    struct error unheard;
    if (directory_open(d, folder, &unheard) != STATUS_OK) return false;
    if (strcmp(d->plan.id, sweep->identity) == 0 && (!shards || d->plan.shards == shards))
        return true;
    directory_free(d);
    return false;
}

/* Every file that a point reads, once each, ended by NULL; free the strings and the list. */
static void free_inputs(char **inputs)
{
    for (size_t i = 0; inputs && inputs[i]; i++) free(inputs[i]);
    free(inputs);
}

static bool add_input(char ***inputs, size_t *n, const char *path)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp((*inputs)[i], path) == 0) return true;
    char **more = realloc(*inputs, (*n + 2) * sizeof *more);
    if (!more) return false;
    *inputs = more;
    more[*n] = strdup(path);
    if (!more[*n]) return false;
    more[++*n] = NULL;
    return true;
}

static enum status list_inputs(const struct sweep *sweep, char ***inputs, struct error *err)
{
    size_t n = 0;
    enum status status = STATUS_OK;
    *inputs = NULL;
    for (int64_t p = 0; p < sweep->point_n && status == STATUS_OK; p++) {
        struct scenario point;
        struct diagnostics diagnostics;
        diagnostics_init(&diagnostics);
        status = sweep_load_point(sweep, p, &point, &diagnostics, err);
        diagnostics_free(&diagnostics);
        if (status != STATUS_OK) break;
        for (int32_t i = 0; i < point.input_n && status == STATUS_OK; i++)
            if (!add_input(inputs, &n, point.inputs[i].path))
                status = error_set(err, STATUS_NO_MEMORY, "out of memory");
        scenario_free(&point);
    }
    if (status != STATUS_OK) {
        free_inputs(*inputs);
        *inputs = NULL;
    }
    return status;
}

int cluster_submit(const struct invocation *in, const struct sweep *sweep, const volatile int *stop)
{
    const char *folder = invocation_option(in, "output"), *more[MORE_MAX + 1];
    struct backend_options options;
    struct directory d;
    struct error err = { STATUS_OK, "" };
    long long shards = 0;
    char **inputs = NULL;
    int code;
    backend_options_init(&options);
    if (!folder) return command_usage("a cluster's sweep wants its folder: -o FOLDER");
    if (!take_options(in, &options, more, &code)) return code;
    if (!option_int64(in, "shards", 1, SWEEP_SHARDS_MAX, &shards)) return EXIT_INPUT;
    if (shards > sweep->point_n)
        return command_usage("there are only %" PRId64 " points for %lld shards", sweep->point_n,
                             shards);
    enum status status = STATUS_OK;
    if (!is_known(folder, sweep, (int32_t)shards, &d))
        status = make_folder(in, sweep, folder, &options, (int32_t)shards, stop, &d, &err);
    if (status != STATUS_OK) return command_fail(&err);
    if (options.backend == BACKEND_KUBERNETES) status = list_inputs(sweep, &inputs, &err);
    options.inputs = (const char *const *)inputs;
    if (status == STATUS_OK) status = backend_submit(&d, &options, say_to(in), &err);
    free_inputs(inputs);
    directory_free(&d);
    return status == STATUS_OK ? EXIT_YES : command_fail(&err);
}

/* ---- A folder ---- */

static enum status open_said(const struct invocation *in, struct directory *d,
                             struct backend_options_said *said, struct error *err)
{
    enum status status = directory_open(d, invocation_argument(in, 0), err);
    if (status != STATUS_OK) return status;
    status = backend_options_read(d, said, err);
    if (status != STATUS_OK) directory_free(d);
    return status;
}

int cluster_resume(const struct invocation *in)
{
    struct directory d;
    struct backend_options_said said;
    struct error err = { STATUS_OK, "" };
    const char *more[MORE_MAX + 1];
    int code = EXIT_YES;
    if (open_said(in, &d, &said, &err) != STATUS_OK) return command_fail(&err);
    bool had_image = said.found && said.options.backend == BACKEND_KUBERNETES;
    if (take_options(in, &said.options, more, &code)) {
        code = EXIT_YES;
        if (said.options.backend == BACKEND_KUBERNETES && !had_image)
            code =
                command_usage("an image wants the scenario's files, which a folder does not have: "
                              "seatrial sweep SCENARIO --backend kubernetes -o FOLDER");
        else if (backend_submit(&d, &said.options, say_to(in), &err) != STATUS_OK)
            code = command_fail(&err);
    }
    backend_options_free(&said);
    directory_free(&d);
    return code;
}

int cluster_status(const struct invocation *in)
{
    struct directory d;
    struct backend_options_said said;
    struct sweep_status s;
    struct error err = { STATUS_OK, "" };
    if (open_said(in, &d, &said, &err) != STATUS_OK) return command_fail(&err);
    enum status_queue queue = !said.found                             ? QUEUE_NONE
                              : said.options.backend == BACKEND_SLURM ? QUEUE_SLURM
                                                                      : QUEUE_UNASKED;
    int code = EXIT_YES;
    if (status_look(&d, queue, &s, &err) != STATUS_OK) {
        code = command_fail(&err);
    } else {
        if (!invocation_flag(in, "json")) status_table(&d, &s, 20, stdout);
        else if (status_json(&d, &s, stdout, &err) != STATUS_OK) code = command_fail(&err);
        if (code == EXIT_YES && !status_whole(&s)) code = EXIT_RESUMABLE;
        status_free(&s);
    }
    backend_options_free(&said);
    directory_free(&d);
    return code;
}

int cluster_cancel(const struct invocation *in)
{
    struct directory d;
    struct backend_options_said said;
    struct error err = { STATUS_OK, "" };
    if (open_said(in, &d, &said, &err) != STATUS_OK) return command_fail(&err);
    enum status status = said.found
                             ? backend_cancel(&d, said.options.backend, say_to(in), &err)
                             : error_set(&err, STATUS_BAD_INPUT, "%s was never submitted", d.path);
    backend_options_free(&said);
    directory_free(&d);
    return status == STATUS_OK ? EXIT_YES : command_fail(&err);
}
