/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/slurm.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/diagnostics.h"
#include "tools/sweep/ranges.h"
#include "tools/sweep/subprocess.h"
#include "tools/sweep/task_script.h"

/* Linux takes 128 KiB in one argument; half of it names over ten thousand shards without a
 * neighbour, and all shards of a sweep that are in a row. */
enum { ARRAY_BYTES_MAX = 64 * 1024 };

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NO_MEMORY, "out of memory");
}

/* Runs a program of Slurm's that must answer; *out is the caller's to free. */
static enum status ask(const char *const argv[], char **out, struct error *err)
{
    char *said;
    int code;
    enum status status = subprocess_run(argv, &code, out, &said, err);
    if (status != STATUS_OK) return status;
    if (code != 0) {
        const char *line = subprocess_line(said);
        status = error_set(err, STATUS_BAD_INPUT, "%s: %s", argv[0],
                           code == 124 ? "no answer"
                           : *line     ? line
                                       : "failed without a word");
        free(*out);
        *out = NULL;
    }
    free(said);
    return status;
}

/* ---- The queue ---- */

static enum shard_live live_of(const char *state)
{
    static const char *const waits[] = { "PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD",
                                         "SPECIAL_EXIT" };
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        if (strcmp(state, waits[i]) == 0) return LIVE_WAITING;
    return LIVE_RUNNING;
}

static void queue_line(const struct directory *d, const char *line, struct slurm_queue *queue)
{
    long long array;
    int shard, i = 0;
    char state[32];
    /* The task of a job that is no array is "N/A". */
    if (sscanf(line, "%lld|%9d|%31[A-Z_]", &array, &shard, state) != 3) return;
    if (shard < 0 || shard >= d->plan.shards) return;
    enum shard_live live = live_of(state);
    if (strcmp(state, "COMPLETING") == 0) queue->ending = true;
    if (live > queue->live[shard]) queue->live[shard] = live;
    while (i < queue->array_n && queue->arrays[i] != array) i++;
    if (i == queue->array_n && i < SLURM_ARRAYS_MAX) queue->arrays[queue->array_n++] = array;
}

enum status slurm_look(const struct directory *d, struct slurm_queue *queue, struct error *err)
{
    char name[40], by_name[60], *out;
    directory_job_name(d, name);
    snprintf(by_name, sizeof by_name, "--name=%s", name);
    const char *const argv[] = { "squeue", "--noheader",        "--array",
                                 by_name,  "--format=%F|%K|%T", NULL };
    for (int32_t i = 0; i < d->plan.shards; i++) queue->live[i] = LIVE_NO;
    queue->array_n = 0;
    queue->ending = false;
    enum status status = ask(argv, &out, err);
    if (status != STATUS_OK) return status;
    for (char *line = out, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = '\0';
        queue_line(d, line, queue);
    }
    free(out);
    return STATUS_OK;
}

enum status slurm_cancel(const struct directory *d, struct error *err)
{
    char name[40], tasks[60], merge[60], *out;
    directory_job_name(d, name);
    snprintf(tasks, sizeof tasks, "--name=%s", name);
    snprintf(merge, sizeof merge, "--name=%s-merge", name);
    /* The merge first: it would begin where nothing is left before it. */
    const char *const cancel_merge[] = { "scancel", merge, NULL };
    const char *const cancel_tasks[] = { "scancel", tasks, NULL };
    enum status status = ask(cancel_merge, &out, err);
    if (status != STATUS_OK) return status;
    free(out);
    status = ask(cancel_tasks, &out, err);
    free(out);
    return status;
}

/* ---- What sbatch is asked ---- */

/* Options that say which task is which shard, in which folder, and what happens to one that ends.
 */
static const char *const ours[] = {
    "array",  "chdir", "dependency", "job-name", "no-requeue",         "parsable",
    "signal", "wait",  "wrap",       "clusters", "kill-on-invalid-dep"
};

/* sbatch takes the beginning of a long option's name for it. */
static enum status look_at_option(const char *option, struct error *err)
{
    if (strncmp(option, "--", 2) != 0 || !isalpha((unsigned char)option[2]))
        return error_set(err, STATUS_BAD_INPUT,
                         "'%s' is no long option of sbatch, such as --qos=NAME", option);
    size_t n = strcspn(option + 2, "=");
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strncmp(ours[i], option + 2, n) == 0)
            return error_set(err, STATUS_BAD_INPUT,
                             "--%s is Seatrial's to give to sbatch; '%s' would break the sweep",
                             ours[i], option);
    return STATUS_OK;
}

static bool add(struct slurm_arguments *to, const char *text)
{
    if (!text || to->n + 1 >= SLURM_ARGUMENTS_MAX) return false;
    to->at[to->n++] = text;
    to->at[to->n] = NULL;
    return true;
}

static bool add_made(struct slurm_arguments *to, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool add_made(struct slurm_arguments *to, const char *format, ...)
{
    char *text;
    va_list list;
    va_start(list, format);
    int n = vasprintf(&text, format, list);
    va_end(list);
    if (n < 0) return false;
    if (to->made_n == SLURM_MADE_MAX) {
        free(text);
        return false;
    }
    to->made[to->made_n++] = text;
    return add(to, text);
}

/* The logs' place, absolute, with the folder's own % doubled: Slurm puts numbers in their stead.
 * With a backslash in the path it would put none at all. */
static enum status add_output(struct slurm_arguments *to, const struct directory *d,
                              const char *name, struct error *err)
{
    char *escaped = malloc(2 * strlen(d->path) + 1), *end = escaped;
    if (!escaped) return no_memory(err);
    for (const char *c = d->path; *c; c++) {
        if (*c == '%') *end++ = '%';
        *end++ = *c;
    }
    *end = '\0';
    bool ok = add_made(to, "--output=%s/logs/%s", escaped, name);
    free(escaped);
    if (strchr(d->path, '\\'))
        return error_set(err, STATUS_BAD_INPUT,
                         "Slurm cannot name logs in a folder with a backslash in its path: %s",
                         d->path);
    return ok ? STATUS_OK : no_memory(err);
}

void slurm_arguments_free(struct slurm_arguments *a)
{
    for (size_t i = 0; i < a->made_n; i++) free(a->made[i]);
    memset(a, 0, sizeof *a);
}

/* What tasks and the merge have in common, then what the user says, who has the last word on time,
 * memory and the like. */
static enum status add_common(struct slurm_arguments *to, const struct directory *d,
                              const struct backend_options *options, struct error *err)
{
    bool ok = add_made(to, "--chdir=%s", d->path) && add(to, "--open-mode=append") &&
              add(to, "--requeue");
    if (ok && options->partition) ok = add_made(to, "--partition=%s", options->partition);
    if (ok && options->account) ok = add_made(to, "--account=%s", options->account);
    if (!ok) return no_memory(err);
    for (size_t i = 0; options->more && options->more[i]; i++) {
        enum status status = look_at_option(options->more[i], err);
        if (status != STATUS_OK) return status;
        if (to->n + 4 >= SLURM_ARGUMENTS_MAX)
            return error_set(err, STATUS_BAD_INPUT, "more options for sbatch than it is worth");
        add(to, options->more[i]);
    }
    return STATUS_OK;
}

enum status slurm_arguments(const struct directory *d, const struct backend_options *options,
                            int32_t submission, const char *array, struct slurm_arguments *to,
                            struct error *err)
{
    char name[40], throttle[20] = "";
    struct backend_ask needs = backend_ask_of(&d->plan, options->threads);
    memset(to, 0, sizeof *to);
    directory_job_name(d, name);
    if (options->most_at_once > 0)
        snprintf(throttle, sizeof throttle, "%%%d", options->most_at_once);
    bool ok = add(to, "sbatch") && add(to, "--parsable") && add_made(to, "--job-name=%s", name) &&
              add_made(to, "--array=%s%s", array, throttle) && add(to, "--signal=B:TERM@60") &&
              add_made(to, "--time=%lld", (long long)needs.minutes) &&
              add_made(to, "--mem=%lldM", (long long)needs.memory_mib) &&
              add_made(to, "--cpus-per-task=%d", options->threads);
    enum status status = ok ? add_output(to, d, "%A_%a.log", err) : no_memory(err);
    if (status == STATUS_OK) status = add_common(to, d, options, err);
    if (status == STATUS_OK &&
        !(add_made(to, "%s/task.sh", d->path) && add_made(to, "%d", submission)))
        status = no_memory(err);
    if (status != STATUS_OK) slurm_arguments_free(to);
    return status;
}

static enum status merge_arguments(const struct directory *d, const struct backend_options *options,
                                   int64_t job, const struct slurm_queue *queue,
                                   struct slurm_arguments *to, struct error *err)
{
    char name[40], after[24 * (SLURM_ARRAYS_MAX + 1)];
    memset(to, 0, sizeof *to);
    directory_job_name(d, name);
    int n = snprintf(after, sizeof after, "%lld", (long long)job);
    for (int32_t i = 0; i < queue->array_n; i++)
        n += snprintf(after + n, sizeof after - (size_t)n, ":%lld", (long long)queue->arrays[i]);
    bool ok = add(to, "sbatch") && add(to, "--parsable") &&
              add_made(to, "--job-name=%s-merge", name) &&
              add_made(to, "--dependency=afterany:%s", after) && add(to, "--time=60") &&
              add(to, "--mem=1G") && add(to, "--cpus-per-task=1");
    enum status status = ok ? add_output(to, d, "merge-%j.log", err) : no_memory(err);
    if (status == STATUS_OK) status = add_common(to, d, options, err);
    if (status == STATUS_OK && !add_made(to, "%s/merge.sh", d->path)) status = no_memory(err);
    if (status != STATUS_OK) slurm_arguments_free(to);
    return status;
}

/* ---- Submitting ---- */

/* The greatest index of an array is below it; -1 where scontrol does not say. */
static long long max_array_size(void)
{
    static const char *const argv[] = { "scontrol", "show", "config", NULL };
    struct error unheard;
    long long size = -1;
    char *out;
    if (ask(argv, &out, &unheard) != STATUS_OK) return -1;
    const char *line = strstr(out, "MaxArraySize");
    if (!line || sscanf(line, "MaxArraySize = %lld", &size) != 1) size = -1;
    free(out);
    return size;
}

/* Runs sbatch; the job's number is the first word that --parsable prints ("12" or "12;cluster"). */
static enum status submit(const struct slurm_arguments *arguments, int64_t *job, struct error *err)
{
    char *out, *rest;
    enum status status = ask(arguments->at, &out, err);
    if (status != STATUS_OK) return status;
    *job = strtoll(out, &rest, 10);
    if (rest == out || *job <= 0 || (*rest != '\n' && *rest != ';' && *rest != '\0'))
        status = error_set(err, STATUS_BAD_INPUT, "sbatch --parsable said '%.60s' and no job",
                           subprocess_line(out));
    free(out);
    return status;
}

static enum status write_scripts(const struct directory *d, struct error *err)
{
    const struct task_places places = { d->plan.program, d->plan.scenario };
    char *task = task_script(&d->plan, &places), *merge = merge_script(&places);
    enum status status = task && merge ? STATUS_OK : no_memory(err);
    if (status == STATUS_OK) status = directory_write(d, "task.sh", task, strlen(task), err);
    if (status == STATUS_OK) status = directory_write(d, "merge.sh", merge, strlen(merge), err);
    free(task);
    free(merge);
    return status;
}

static json_t *line_of(const char *event, const struct backend_options *options, int32_t number,
                       const char *array, const struct slurm_arguments *arguments)
{
    json_t *line =
        json_pack("{s:s, s:s, s:i, s:s, s:o}", "event", event, "backend", "slurm", "number", number,
                  "shards", array, "options", backend_options_json(options));
    json_t *words = json_array();
    for (size_t i = 0; line && words && i < arguments->n; i++)
        /* An option that is not UTF-8 is passed on, and left out here. */
        json_array_append_new(words, json_string(arguments->at[i]));
    if (line) json_object_set_new(line, "arguments", words);
    else json_decref(words);
    return line;
}

/* An array that nothing merges behind is no failure: its shards are what counts. */
static int64_t submit_merge(const struct directory *d, const struct backend_options *options,
                            int64_t job, const struct slurm_queue *queue, FILE *say)
{
    struct slurm_arguments arguments;
    struct error why = { STATUS_OK, "" };
    int64_t merge = 0;
    enum status status = merge_arguments(d, options, job, queue, &arguments, &why);
    if (status == STATUS_OK) {
        status = submit(&arguments, &merge, &why);
        slurm_arguments_free(&arguments);
    }
    if (status != STATUS_OK && say) {
        fputs("  No job merges the shards (", say);
        print_safe(say, why.message);
        fputs("); `seatrial merge` does, when they are there\n", say);
    }
    return status == STATUS_OK ? merge : 0;
}

static enum status submit_array(const struct directory *d, const struct backend_options *options,
                                const char *array, int32_t number, const struct slurm_queue *queue,
                                FILE *say, struct error *err)
{
    struct slurm_arguments arguments;
    int64_t job = 0;
    enum status status = slurm_arguments(d, options, number, array, &arguments, err);
    if (status != STATUS_OK) return status;
    /* Said before and after: should this program die between the two, the queue has the job by its
     * name. */
    status = directory_record(d, line_of("submitting", options, number, array, &arguments), err);
    if (status == STATUS_OK) status = submit(&arguments, &job, err);
    if (status == STATUS_OK) {
        int64_t merge = submit_merge(d, options, job, queue, say);
        json_t *line = line_of("submitted", options, number, array, &arguments);
        if (line) json_object_set_new(line, "job", json_integer(job));
        if (line && merge) json_object_set_new(line, "merge", json_integer(merge));
        status = directory_record(d, line, err);
        if (say) {
            fprintf(say, "  Submitted job %lld", (long long)job);
            if (merge) fprintf(say, ", and job %lld that merges", (long long)merge);
            fputc('\n', say);
        }
    }
    slurm_arguments_free(&arguments);
    return status;
}

enum status slurm_submit(const struct directory *d, const struct backend_options *options,
                         const bool *wanted, int32_t number, const struct slurm_queue *queue,
                         int32_t *taken, FILE *say, struct error *err)
{
    char name[40], by_name[60], *array, *out;
    int32_t last = d->plan.shards;
    while (last > 0 && !wanted[last - 1]) last--;
    long long size = max_array_size();
    if (size >= 0 && last > size)
        return error_set(err, STATUS_BAD_INPUT,
                         "this Slurm takes at most %lld tasks in an array (MaxArraySize); ask for "
                         "at most so many shards, by --shards",
                         size);
    enum status status = write_scripts(d, err);
    if (status != STATUS_OK) return status;
    *taken = ranges_write(wanted, d->plan.shards, ARRAY_BYTES_MAX, &array);
    if (!array) return no_memory(err);
    /* A merge that still waits would come before the new tasks. */
    directory_job_name(d, name);
    snprintf(by_name, sizeof by_name, "--name=%s-merge", name);
    const char *const cancel_merge[] = { "scancel", by_name, NULL };
    if (number > 1 && (status = ask(cancel_merge, &out, err)) == STATUS_OK) free(out);
    if (status == STATUS_OK) status = submit_array(d, options, array, number, queue, say, err);
    free(array);
    return status;
}
