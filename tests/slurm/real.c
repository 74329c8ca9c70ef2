/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sweeps on a Slurm that is there (tests/slurm/up.sh made it; $SEATRIAL_SLURM is its folder): tasks
 * killed, requeued, lost with their node, cancelled. Whatever happens, the merged file is that of a
 * run on one machine.
 *
 * Tasks are stopped (SIGSTOP) as soon as they are seen, so that what happens to them happens in
 * their middle on any machine.
 */
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/db_dump.h"
#include "tests/support.h"

enum { SHARDS = 20, TASKS_MAX = 64 };

static const char scenario[] =
    "seatrial: 1\n"
    "name: tests on a cluster\n"
    "workload: {synth: {like: itp, jobs: 4000, days: 10 days, load: 60 GPUs}}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "fleets:\n"
    "  a:\n"
    "    scheduler: easy\n"
    "    pools:\n"
    "      - {name: p4d, instance: p4d.24xlarge, buy: on-demand, nodes: 6}\n"
    "run: {replications: 6}\n"
    "vary:\n"
    "  - fleets.a.pools.p4d.nodes: 4..13 by 1\n"
    "  - workload.synth.load: [40 GPUs, 50 GPUs, 60 GPUs, 70 GPUs]\n";

static char local_digest[65], program[4096];

/* ---- Running things ---- */

static int run(char **out, char **err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int run(char **out, char **err, const char *format, ...)
{
    char command[6000];
    va_list list;
    va_start(list, format);
    vsnprintf(command, sizeof command, format, list);
    va_end(list);
    return run_command(command, out, err);
}

static void must(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void must(const char *format, ...)
{
    char command[6000], *out, *err;
    va_list list;
    va_start(list, format);
    vsnprintf(command, sizeof command, format, list);
    va_end(list);
    int code = run_command(command, &out, &err);
    if (code != 0) fail_msg("exit code %d of: %s\n%s%s", code, command, out, err);
    free(out);
    free(err);
}

static void nap(void)
{
    const struct timespec tick = { 0, 20 * 1000 * 1000 };
    nanosleep(&tick, NULL);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Until the command succeeds. */
static void wait_for(const char *what, double most_s, const char *folder, const char *command)
{
    double until_s = now_s() + most_s;
    while (run(NULL, NULL, "cd '%s' && %s", folder, command) != 0) {
        if (now_s() > until_s) {
            char *out;
            run(&out, NULL,
                "squeue --array; sinfo -N; '%s' sweep '%s' --status; tail -n 5 '%s'/logs/*",
                program, folder, folder);
            fail_msg("%s: not within %.0f s\n%s", what, most_s, out);
        }
        nap();
        nap();
    }
}

/* ---- The tasks of a folder, from /proc ---- */

struct task {
    pid_t program, shell, daemon; /* seatrial, the batch script, the slurmstepd above it */
    int shard;
    char node[20];
};

static size_t slurp(pid_t pid, const char *name, char *to, size_t room)
{
    char path[60];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(to, 1, room - 1, f) : 0;
    if (f) fclose(f);
    to[n] = '\0';
    return n;
}

static pid_t parent_of(pid_t pid)
{
    char text[2000];
    int parent = 0;
    slurp(pid, "stat", text, sizeof text);
    const char *behind_name = strrchr(text, ')');
    if (behind_name) sscanf(behind_name, ") %*c %d", &parent);
    return parent;
}

/* The value of "word" among zero-terminated strings: what begins with it, or the string behind it.
 */
static const char *among(const char *strings, size_t n, const char *word, bool behind)
{
    size_t length = strlen(word);
    for (const char *at = strings; at < strings + n; at += strlen(at) + 1) {
        if (behind ? strcmp(at, word) != 0 : strncmp(at, word, length) != 0) continue;
        const char *value = behind ? at + length + 1 : at + length;
        return value < strings + n ? value : NULL;
    }
    return NULL;
}

static bool is_task(pid_t pid, const char *folder, struct task *task)
{
    static char text[65536];
    char path[60], at[4096];
    snprintf(path, sizeof path, "/proc/%d/cwd", (int)pid);
    ssize_t n = readlink(path, at, sizeof at - 1);
    if (n <= 0) return false;
    at[n] = '\0';
    if (strcmp(at, folder) != 0) return false;
    size_t size = slurp(pid, "cmdline", text, sizeof text);
    const char *shard = among(text, size, "--shard", true);
    if (!shard || sscanf(shard, "%d/", &task->shard) != 1) return false;
    size = slurp(pid, "environ", text, sizeof text);
    const char *node = among(text, size, "SLURMD_NODENAME=", false);
    if (!node) return false;
    snprintf(task->node, sizeof task->node, "%.19s", node);
    /* It catches SIGTERM by now: one that is still starting ends of it, and has nothing to publish.
     */
    unsigned long long caught = 0;
    slurp(pid, "status", text, sizeof text);
    const char *line = strstr(text, "SigCgt:");
    if (!line || sscanf(line, "SigCgt: %llx", &caught) != 1 || !(caught >> (SIGTERM - 1) & 1))
        return false;
    task->program = pid;
    task->shell = parent_of(pid);
    task->daemon = parent_of(task->shell);
    return task->shell > 1 && task->daemon > 1;
}

static size_t list_tasks(const char *folder, struct task *tasks)
{
    size_t n = 0;
    DIR *proc = opendir("/proc");
    assert_non_null(proc);
    for (struct dirent *e; n < TASKS_MAX && (e = readdir(proc));)
        if (isdigit((unsigned char)*e->d_name) &&
            is_task((pid_t)atoi(e->d_name), folder, &tasks[n]))
            n++;
    closedir(proc);
    return n;
}

/* ---- Sweeps ---- */

static int prepare(void **state)
{
    (void)state;
    char *real = realpath(seatrial_path(), NULL);
    if (!real || !getenv("SEATRIAL_SLURM")) return -1;
    snprintf(program, sizeof program, "%s", real);
    free(real);
    write_text(scratch_path("sweep.yaml"), scenario);
    must("'%s' sweep '%s' -o '%s' -q", program, scratch_path("sweep.yaml"),
         scratch_path("local.db"));
    db_digest(scratch_path("local.db"), NULL, local_digest);
    return 0;
}

static char *submit(const char *name, const char *more)
{
    must("'%s' sweep '%s' --backend slurm -o '%s' --shards %d %s", program,
         scratch_path("sweep.yaml"), scratch_path(name), SHARDS, more);
    char *folder = realpath(scratch_path(name), NULL); /* as /proc shows it */
    assert_non_null(folder);
    return folder;
}

static void resume(const char *folder) { must("'%s' sweep '%s' --resume", program, folder); }

static char *status_of(const char *folder, int code)
{
    char *out;
    assert_int_equal(run(&out, NULL, "'%s' sweep '%s' --status", program, folder), code);
    return out;
}

static void says(const char *text, const char *words)
{
    if (!strstr(text, words)) fail_msg("'%s' is not in:\n%s", words, text);
}

static void is_as_local(const char *folder)
{
    char path[4200], digest[65];
    snprintf(path, sizeof path, "%s/results.db", folder);
    db_digest(path, NULL, digest);
    assert_string_equal(digest, local_digest);
    char *out = status_of(folder, 0);
    says(out, "40 of 40 points, 20 of 20 shards whole");
    free(out);
}

static int begins(const char *folder, int shard)
{
    char path[4200];
    int n = 0;
    snprintf(path, sizeof path, "%s/attempts/%05d", folder, shard);
    char *text = read_file(path, NULL);
    for (char *at = text; (at = strstr(at, " begin ")) != NULL; at++) n++;
    free(text);
    return n;
}

static const char nothing_queued[] = "test -z \"$(squeue --noheader)\"";
static const char no_tasks_queued[] = "test -z \"$(squeue --noheader --array --format=%K)\"";

/* ---- What happens to tasks ---- */

/* Picks a task that is none of the taken ones, on the node or on any other, and stops it. */
static struct task pick(const char *folder, const char *node, bool on_it, bool *taken)
{
    struct task tasks[TASKS_MAX];
    double until_s = now_s() + 30.0;
    do {
        size_t n = list_tasks(folder, tasks);
        for (size_t i = 0; i < n; i++) {
            if (taken[tasks[i].shard] || (strcmp(tasks[i].node, node) == 0) != on_it) continue;
            if (kill(tasks[i].program, SIGSTOP) != 0) continue;
            taken[tasks[i].shard] = true;
            return tasks[i];
        }
        nap();
    } while (now_s() < until_s);
    fail_msg("no task to be had within 30 s");
    return tasks[0];
}

/* As a power cut: the node's daemon, then the daemons of its tasks, then the tasks. */
static void crash_node(const char *folder, const char *node)
{
    struct task tasks[TASKS_MAX];
    char path[600];
    snprintf(path, sizeof path, "%s/run/slurmd-%s.pid", getenv("SEATRIAL_SLURM"), node);
    char *text = read_file(path, NULL);
    pid_t daemon = atoi(text);
    free(text);
    assert_true(daemon > 1);
    size_t n = list_tasks(folder, tasks);
    assert_int_equal(kill(daemon, SIGKILL), 0);
    for (size_t i = 0; i < n; i++)
        if (strcmp(tasks[i].node, node) == 0) kill(tasks[i].daemon, SIGKILL);
    for (size_t i = 0; i < n; i++)
        if (strcmp(tasks[i].node, node) == 0) {
            kill(tasks[i].shell, SIGKILL);
            kill(tasks[i].program, SIGKILL);
        }
}

static void killed_requeued_and_crashed_tasks_lose_nothing(void **state)
{
    bool taken[SHARDS] = { false };
    (void)state;
    char *folder = submit("a \"sweep\", $(crash) %A", "--at-once 8");
    struct task crashed = pick(folder, "node3", true, taken);
    struct task killed = pick(folder, "node3", false, taken);
    struct task lost = pick(folder, "node3", false, taken);
    struct task requeued = pick(folder, "node3", false, taken);
    char *out = status_of(folder, 3);
    says(out, "  running ");
    free(out);
    crash_node(folder, "node3");
    assert_int_equal(kill(killed.program, SIGKILL), 0); /* its shell says so, and queues it again */
    assert_int_equal(kill(lost.shell, SIGKILL), 0);     /* nobody says anything */
    kill(lost.program, SIGKILL);
    must("scontrol requeue $(squeue --noheader --array --format='%%A %%K' | "
         "awk '$2 == %d {print $1}')",
         requeued.shard);

    wait_for("the tasks end", 80.0, folder, no_tasks_queued);
    assert_int_equal(begins(folder, crashed.shard), 2);
    assert_int_equal(begins(folder, killed.shard), 2);
    assert_int_equal(begins(folder, requeued.shard), 2);
    assert_int_equal(begins(folder, lost.shard), 1);
    /* The merge ran, says what is missing, and wrote nothing. */
    wait_for("the merge ends", 20.0, folder, nothing_queued);
    assert_int_not_equal(run(NULL, NULL, "test -e '%s'/results.db", folder), 0);
    must("cat '%s'/logs/merge-*.log | grep '^seatrial: 2 points are missing: shards* %d$'", folder,
         lost.shard);
    out = status_of(folder, 3);
    says(out, "38 of 40 points, 19 of 20 shards whole");
    says(out, "  lost          1   ");
    says(out, "  killed: job ");
    free(out);

    resume(folder);
    wait_for("the merge of the resumed sweep", 30.0, folder, nothing_queued);
    assert_int_equal(begins(folder, lost.shard), 2);
    is_as_local(folder);
    free(folder);
}

static void a_cancelled_sweep_is_resumed(void **state)
{
    bool taken[SHARDS] = { false };
    (void)state;
    char *folder = submit("cancelled", "--at-once 3");
    struct task stopped = pick(folder, "none", false, taken);
    wait_for("a shard is whole", 20.0, folder, "ls shards/*.db");
    must("'%s' sweep '%s' --cancel", program, folder);
    wait_for("the queue is empty", 20.0, folder, nothing_queued);
    char *out = status_of(folder, 3);
    says(out, "; cancelled\n");
    says(out, " --resume\n");
    free(out);
    assert_int_not_equal(run(NULL, NULL, "test -e '%s'/results.db", folder), 0);
    assert_int_equal(begins(folder, stopped.shard), 1); /* it did not queue itself again */

    resume(folder);
    wait_for("the merge of the resumed sweep", 40.0, folder, nothing_queued);
    is_as_local(folder);
    /* What was whole was not run again. */
    must("test \"$(cat '%s'/attempts/* | grep -c ' begin ')\" -le %d", folder, SHARDS + 3);
    free(folder);
}

static void a_task_that_runs_out_of_time_goes_on(void **state)
{
    bool taken[SHARDS] = { false };
    (void)state;
    char *folder = submit("timed", "");
    struct task late = pick(folder, "none", false, taken);
    /* What Slurm does at --signal=B:TERM@60; the program publishes what it has and exits with 3. */
    must("scancel --batch --signal=TERM $(squeue --noheader --array --format='%%A %%K' | "
         "awk '$2 == %d {print $1}')",
         late.shard);
    wait_for("the shell has the signal", 10.0, folder, "true");
    for (int i = 0; i < 15; i++) nap();
    assert_int_equal(kill(late.program, SIGCONT), 0);
    wait_for("the merge", 40.0, folder, nothing_queued);
    must("grep ' end .* code 3$' '%s'/attempts/%05d", folder, late.shard);
    assert_int_equal(begins(folder, late.shard), 2);
    is_as_local(folder);
    free(folder);
}

static void two_arrays_of_one_folder_count_once(void **state)
{
    (void)state;
    char *folder = submit("twice", "");
    must("sbatch --array=0-%d --chdir='%s' --output=/dev/null --mem=80M '%s'/task.sh 1", SHARDS - 1,
         folder, folder);
    wait_for("both arrays and the merge end", 60.0, folder, nothing_queued);
    must("test \"$(cat '%s'/attempts/* | grep -c ' begin ')\" -eq %d", folder, 2 * SHARDS);
    is_as_local(folder);
    free(folder);
}

static void what_slurm_refuses_is_said_and_the_folder_stays(void **state)
{
    char *err;
    (void)state;
    assert_int_equal(run(NULL, &err,
                         "'%s' sweep '%s' --backend slurm -o '%s' --shards 20 --partition nowhere",
                         program, scratch_path("sweep.yaml"), scratch_path("refused")),
                     2);
    says(err, "invalid partition specified: nowhere");
    free(err);
    char *out = status_of(scratch_path("refused"), 3);
    says(out, "  missing      20   ");
    free(out);
    must("'%s' sweep '%s' --resume --partition all --sbatch-option=--hold", program,
         scratch_path("refused"));
    out = status_of(scratch_path("refused"), 3);
    says(out, "  waiting      20   ");
    free(out);
    must("'%s' sweep '%s' --cancel", program, scratch_path("refused"));
    wait_for("the queue is empty", 20.0, scratch_path("refused"), nothing_queued);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_requeued_and_crashed_tasks_lose_nothing),
        cmocka_unit_test(a_cancelled_sweep_is_resumed),
        cmocka_unit_test(a_task_that_runs_out_of_time_goes_on),
        cmocka_unit_test(two_arrays_of_one_folder_count_once),
        cmocka_unit_test(what_slurm_refuses_is_said_and_the_folder_stays),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
