/* SPDX-License-Identifier: Apache-2.0 */
/* `seatrial sweep`: the points of a scenario's section `vary`. */
#include <errno.h>
#include <inttypes.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/sink.h"
#include "tools/commands.h"
#include "tools/process.h"
#include "tools/sweep/cluster.h"
#include "tools/sweep/run.h"
#include "tools/sweep/shard.h"
#include "tools/sweep/show.h"
#include "tools/sweep/sweep_input.h"

enum { PUBLISH_EVERY_S = 30 };

static volatile int stop_asked;

/* What a run of this command is about. */
struct job {
    const struct invocation *in;
    struct sweep sweep;
    int64_t shard, shards; /* shards 0: all points, on this machine */
    int threads;
    char *output;  /* the file that it makes */
    char *working; /* where a shard works; NULL: at the output itself */
    double began_s, published_s;
};

/* ---- Shards ---- */

static enum status publish(void *context, struct sweep_results *results, struct error *err)
{
    struct job *job = context;
    double now = process_wall_s();
    struct shard_look look;
    if (now - job->published_s < PUBLISH_EVERY_S) return STATUS_OK;
    job->published_s = now;
    /* The same task may run twice, and its twin be done. */
    shard_look(job->output, job->sweep.identity, job->sweep.point_n, job->shard, job->shards, 0,
               &look);
    if (look.state == SHARD_WHOLE) {
        stop_asked = 1;
        return STATUS_OK;
    }
    return sweep_results_publish(results, job->output, "running", err);
}

/* A file of this process alone, where tasks have room of their own. */
static char *working_path(void)
{
    const char *folder = getenv("TMPDIR");
    char *path = NULL;
    if (asprintf(&path, "%s/seatrial-shard-XXXXXX", folder && *folder ? folder : "/tmp") < 0)
        return NULL;
    if (mkdtemp(path)) {
        char *file = NULL;
        if (asprintf(&file, "%s/shard.db", path) < 0) file = NULL;
        free(path);
        return file;
    }
    free(path);
    return NULL;
}

static void remove_working(const char *working)
{
    char *folder = strdup(working), *slash = folder ? strrchr(folder, '/') : NULL;
    if (slash) {
        *slash = '\0';
        rmdir(folder);
    }
    free(folder);
}

/* ---- Running ---- */

static enum status write_execution(const struct job *job, const struct sweep_count *count,
                                   struct sweep_results *results, struct error *err)
{
    struct process_facts f;
    process_facts_now(&f);
    const struct sweep_execution row = {
        f.created_at, invocation_line(job->in),        f.compiler, f.host,       job->threads,
        count->ran,   process_wall_s() - job->began_s, f.cpu_s,    f.max_rss_kib
    };
    return sweep_results_add_execution(results, &row, err);
}

/* Whatever was done is kept: in PATH.partial, or published. */
static enum status end(struct job *job, struct sweep_results *results, enum status status,
                       struct error *err)
{
    struct error close_err = { STATUS_OK, "" };
    const char *state = status == STATUS_OK            ? "complete"
                        : status == STATUS_INTERRUPTED ? "interrupted"
                                                       : "failed";
    enum status closed = STATUS_OK;
    struct shard_look look = { .state = SHARD_ABSENT };
    if (!job->working) {
        closed = sweep_results_close(results, state, &close_err);
    } else {
        if (status)
            shard_look(job->output, job->sweep.identity, job->sweep.point_n, job->shard,
                       job->shards, 0, &look);
        if (look.state != SHARD_WHOLE)
            closed = sweep_results_publish(results, job->output, state, &close_err);
        sweep_results_discard(results);
        if (status == STATUS_INTERRUPTED && look.state == SHARD_WHOLE) return STATUS_OK;
    }
    if (!status && closed) {
        *err = close_err;
        return closed;
    }
    return status;
}

static void say(const struct job *job, const struct sweep_count *n, const char *note)
{
    if (invocation_flag(job->in, "quiet")) return;
    if (*note) fprintf(stderr, "  note: %s\n", note);
    fprintf(stderr, "  %" PRId64 " point%s", n->points, n->points == 1 ? "" : "s");
    if (n->known) fprintf(stderr, ", %" PRId64 " of them known before", n->known);
    fprintf(stderr, "; %" PRId64 " run, %" PRId64 " replications, %.1f s\n", n->ran,
            n->replications, process_wall_s() - job->began_s);
    if (n->missed)
        fprintf(stderr, "  %" PRId64 " ended early: none of their fleets can meet its targets\n",
                n->missed);
    if (n->precise) fprintf(stderr, "  %" PRId64 " ended early: precise enough\n", n->precise);
}

static int run_points(struct job *job)
{
    struct error err = { STATUS_OK, "" };
    char seed[24] = "";
    struct sweep *s = &job->sweep;
    struct sweep_results *results;
    struct sweep_count count = { 0 };
    struct sweep_found found = { .replications =
                                     calloc((size_t)s->point_n, sizeof *found.replications) };
    if (s->settings.seed >= 0) snprintf(seed, sizeof seed, "%" PRId64, s->settings.seed);
    const struct sweep_head head = { .identity = s->identity,
                                     .scenario_name = s->name,
                                     .today_sha256 = s->today,
                                     .scenario_text = s->source.text,
                                     .seed = seed,
                                     .tool_version = SEATRIAL_VERSION,
                                     .rerun = invocation_line(job->in),
                                     .replications = s->settings.replications,
                                     .points = s->point_n,
                                     .shard = job->shard,
                                     .shards = job->shards,
                                     .sha256 = (const char(*)[65])s->sha256 };
    const struct sweep_task task = { .shard = job->shard,
                                     .shards = job->shards,
                                     .threads = job->threads,
                                     .stop = &stop_asked,
                                     .published = job->working ? publish : NULL,
                                     .context = job };
    if (!found.replications) {
        error_set(&err, STATUS_NO_MEMORY, "no memory for %" PRId64 " points", s->point_n);
        return command_fail(&err);
    }
    enum status status = sweep_results_open(job->working ? job->working : job->output, job->output,
                                            &head, &results, &found, &err);
    if (!status) {
        job->published_s = process_wall_s();
        status = sweep_run(s, &task, results, found.replications, found.is_same, &count, &err);
        process_catch(NULL);
        struct error row_err;
        enum status wrote = write_execution(job, &count, results, status ? &row_err : &err);
        status = end(job, results, status ? status : wrote, &err);
    }
    free(found.replications);
    if (status == STATUS_INTERRUPTED) {
        fprintf(stderr,
                "seatrial: interrupted after %" PRId64 " of %" PRId64
                " points. %s%s keeps them; the "
                "same line goes on from there.\n",
                count.known + count.ran, count.points, job->output, job->working ? "" : ".partial");
        return EXIT_RESUMABLE;
    }
    if (status) return command_fail(&err);
    say(job, &count, found.note);
    return job->shards ? EXIT_YES : sweep_show(job->in, job->output);
}

/* ---- The command ---- */

static int choose_output(struct job *job)
{
    const char *path = invocation_option(job->in, "output");
    if (!path && job->shards) return command_usage("--shard wants the shard's file: -o FILE.db");
    job->output = path ? strdup(path) : process_output(job->sweep.name, "-sweep");
    if (job->shards) job->working = working_path();
    if (!job->output || (job->shards && !job->working))
        return command_usage("there is no folder to work in: %s", strerror(errno));
    if (strcmp(job->output, "-") == 0)
        return command_usage("a results file cannot go to standard output");
    if (!path && mkdir("runs", 0777) != 0 && errno != EEXIST)
        return command_usage("cannot make the folder runs: %s", strerror(errno));
    return EXIT_YES;
}

static int run_shard_or_all(struct job *job)
{
    const char *id = invocation_option(job->in, "id");
    struct shard_look look;
    if (id && strcmp(id, job->sweep.identity) != 0)
        return command_usage("this is not the sweep %.64s: the scenario, a setting or the program "
                             "is another (%s)",
                             id, job->sweep.identity);
    int code = choose_output(job);
    if (code != EXIT_YES) return code;
    if (job->shards) {
        shard_look(job->output, job->sweep.identity, job->sweep.point_n, job->shard, job->shards, 1,
                   &look);
        if (look.state == SHARD_WHOLE) return EXIT_YES;
        /* A damaged shard is made anew; a file that never was one is left alone. */
        struct error err;
        if (look.state == SHARD_BROKEN &&
            sink_check_replaceable(job->output, SWEEP_APPLICATION_ID, &err))
            return command_fail(&err);
        if (look.state == SHARD_BROKEN) unlink(job->output);
    }
    return run_points(job);
}

static int run_sweep(const struct invocation *in)
{
    struct job job = { .in = in, .began_s = process_wall_s() };
    struct error err = { STATUS_OK, "" };
    const char *shard = invocation_option(in, "shard");
    long long threads = omp_get_num_procs(), replications = 0, seed = -1;
    int code;
    if (!option_int64(in, "jobs", 1, 1024, &threads) ||
        !option_int64(in, "replications", 1, 100000, &replications) ||
        !option_int64(in, "seed", 0, INT64_MAX, &seed))
        return EXIT_INPUT;
    if (invocation_flag(in, "status")) return cluster_status(in);
    if (invocation_flag(in, "resume")) return cluster_resume(in);
    if (invocation_flag(in, "cancel")) return cluster_cancel(in);
    bool cluster = cluster_is_asked(in, &code);
    if (code != EXIT_YES) return code;
    if (shard && shard_named(shard, &job.shard, &job.shards, &err)) return command_fail(&err);
    if (sweep_show_check(in, shard != NULL) != EXIT_YES) return EXIT_INPUT;
    const struct scenario_settings settings = { .replications = (int32_t)replications,
                                                .seed = seed };
    job.threads = (int)threads;
    process_catch(&stop_asked);
    const struct sweep_points points = { false, job.shard, job.shards, job.threads, &stop_asked };
    if (!sweep_input(in, &settings, &points, "Nothing was run.", &job.sweep, &code)) return code;
    code = cluster ? cluster_submit(in, &job.sweep, &stop_asked) : run_shard_or_all(&job);
    if (job.working) remove_working(job.working);
    free(job.working);
    free(job.output);
    sweep_free(&job.sweep);
    return code;
}

static const struct option_spec sweep_options[] = {
    { 'o', "output", "FILE.db", false, "the results file (default runs/NAME-sweep.db)", NULL },
    { 'j', "jobs", "N", false, "threads (default: all processors); the results do not depend on it",
      NULL },
    { 0, "replications", "N", false, "so many, instead of the scenario's", NULL },
    { 0, "seed", "N", false, "this one, instead of the scenario's", NULL },
    { 0, "shard", "I/N", false,
      "the points p with p % N = I alone; env/N: I is SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX",
      NULL },
    { 0, "id", "HEX", false, "refuse to run where the sweep's identity is another", NULL },
    CLUSTER_OPTIONS,
    SWEEP_SHOW_OPTIONS,
    { 'q', "quiet", NULL, false, "the table or the JSON, and nothing else", NULL },
    { 0, NULL, NULL, false, NULL, NULL },
};

const struct command cmd_sweep = {
    "sweep",
    "run a scenario with many values of its keys",
    "SCENARIO.yaml|FOLDER",
    1,
    1,
    sweep_options,
    "  seatrial sweep fleets.yaml                     # all points of its section vary\n"
    "  seatrial sweep fleets.yaml -o sweep.db         # again: only what is new is run\n"
    "  seatrial sweep fleets.yaml --csv all.csv --top 50\n"
    "  seatrial sweep fleets.yaml --json | jq '.worlds[].pick'\n"
    "  seatrial sweep fleets.yaml --shard 3/20 -o shards/3.db\n"
    "  seatrial sweep fleets.yaml --backend slurm -o sweep   # a job array, and a job that merges\n"
    "  seatrial sweep sweep --status                  # a cluster's sweep goes by its folder\n",
    "Runs the scenario once for each point that its section `vary` names, each with all its "
    "replications, and writes one SQLite file. A point that is in the file already is never run "
    "again: an interrupted sweep goes on by the same line, and an enlarged one runs what is new. A "
    "point ends early where its intervals are as narrow as run.precision asks, and where all its "
    "fleets surely miss a target. What is printed is the cheapest that surely meets every "
    "target; the same line prints it again. seatrial report draws it.",
    run_sweep,
};
