/* SPDX-License-Identifier: Apache-2.0 */
/* The status of a sweep in words and as JSON. */
#include <stdlib.h>
#include <string.h>

#include "scenarios/diagnostics.h"
#include "tools/sweep/shard.h"
#include "tools/sweep/status.h"
#include "tools/sweep/task_script.h"

static const char *const states[] = { [SHARD_ABSENT] = "no file",
                                      [SHARD_PART] = "part",
                                      [SHARD_WHOLE] = "whole",
                                      [SHARD_FOREIGN] = "foreign",
                                      [SHARD_BROKEN] = "broken" };
static const char *const fate_words[FATE_N] = {
    "the file is there and checked",
    "a task is at it",
    "in the queue",
    "the last task ended without making it whole",
    "the last task began, did not end, and is no more",
    "no task of it has begun, and none is in the queue",
    "nobody knows whether a task is at it",
};

/* "seatrial: error: ..." that the task printed last, from its log; the log has `n` bytes for it. */
static void error_of(const struct directory *d, int32_t shard, const struct attempts *a, char *to,
                     size_t n)
{
    static const char mark[] = "seatrial: error: ";
    char name[60], *text = NULL;
    size_t room = 0;
    long long job;
    *to = '\0';
    if (sscanf(a->where, "job %lld", &job) != 1) return;
    snprintf(name, sizeof name, "logs/%lld_%d.log", job, shard);
    char *path = directory_path(d, name);
    FILE *log = path ? fopen(path, "re") : NULL;
    while (log && getline(&text, &room, log) > 0)
        if (strncmp(text, mark, sizeof mark - 1) == 0)
            snprintf(to, n, "%.*s", (int)strcspn(text + sizeof mark - 1, "\n"),
                     text + sizeof mark - 1);
    if (log) fclose(log);
    free(text);
    free(path);
}

/* What a task's exit code means, where it means something of its own. */
static const char *code_words(int code)
{
    switch (code) {
    case 0: return "it said whole, but the file is not";
    case 2: return "bad input, never repeated";
    case 3: return "interrupted";
    case 70: return "a mistake of Seatrial's, or no memory";
    case 126:
    case 127: return "the program could not be run";
    case 137: return "killed, as where memory ran out";
    default: return code > 128 ? "ended by a signal" : "failed";
    }
}

void status_happened(const struct directory *d, const struct sweep_status *s, int32_t shard,
                     char *to, size_t n)
{
    const struct shard_status *one = &s->shards[shard];
    const struct attempts *a = &one->attempts;
    char error[200];
    switch (one->fate) {
    case FATE_FAILED:
        if (a->refused) {
            snprintf(to, n, "%d attempts of submission %d did not make it whole", TASK_ATTEMPTS,
                     a->submission);
            break;
        }
        error_of(d, shard, a, error, sizeof error);
        snprintf(to, n, "exit code %d, %s", a->code, *error ? error : code_words(a->code));
        break;
    case FATE_LOST: snprintf(to, n, "killed: %s", a->where); break;
    case FATE_RUNNING: snprintf(to, n, "%s", a->begun ? a->where : "starting"); break;
    default: snprintf(to, n, "%s", fate_words[one->fate]);
    }
    size_t used = strlen(to);
    if (one->fate == FATE_WHOLE || used + 4 >= n || !*one->look.why) return;
    if (one->look.state == SHARD_FOREIGN || one->look.state == SHARD_BROKEN)
        snprintf(to + used, n - used, "; its file: %s", one->look.why);
}

static void next_step(const struct directory *d, const struct sweep_status *s, FILE *out)
{
    int32_t live = s->fates[FATE_RUNNING] + s->fates[FATE_WAITING];
    if (!s->queue_known) {
        fputs("  What is in the queue is not known: ", out);
        print_safe(out, s->queue_says);
        fputc('\n', out);
    }
    if (s->merged) directory_say(d, "  Merged: ", "/results.db", out);
    else if (status_whole(s)) {
        directory_say(d, "  Next: seatrial merge ", "/shards", out);
        directory_say(d, " -o ", "/results.db", out);
    }
    if (s->merged || status_whole(s)) fputc('\n', out);
    if (status_whole(s) || live > 0 || s->fates[FATE_UNKNOWN] > 0) return;
    directory_say(d, "  Next: seatrial sweep ", "", out);
    fputs(" --resume\n", out);
}

void status_table(const struct directory *d, const struct sweep_status *s, int32_t most, FILE *out)
{
    int32_t shown = 0;
    fprintf(out, "  Sweep %.12s in ", d->plan.id);
    print_safe(out, d->path);
    fprintf(out, ": %lld of %lld points, %d of %d shards whole%s\n", (long long)s->points_done,
            (long long)d->plan.points, s->fates[FATE_WHOLE], s->shard_n,
            s->cancelled ? "; cancelled" : "");
    if (s->submissions) {
        fprintf(out, "  Submitted %d time%s, last as ", s->submissions,
                s->submissions == 1 ? "" : "s");
        print_safe(out, *s->jobs ? s->jobs : "a job that nobody wrote down");
        fputc('\n', out);
    }
    fputc('\n', out);
    for (int f = 0; f < FATE_N; f++)
        if (s->fates[f] || f == FATE_WHOLE)
            fprintf(out, "  %-8s %6d   %s\n", shard_fates[f], s->fates[f], fate_words[f]);
    if (!status_whole(s)) fprintf(out, "\n  shard    fate      points   tries  what happened\n");
    for (int32_t i = 0; i < s->shard_n; i++) {
        const struct shard_status *one = &s->shards[i];
        char happened[480];
        if (one->fate == FATE_WHOLE) continue;
        if (most > 0 && shown++ == most) {
            fprintf(out, "  ... and more; --json has all of them\n");
            break;
        }
        status_happened(d, s, i, happened, sizeof happened);
        fprintf(out, "  %05d    %-8s %4lld/%-4lld %5d  ", i, shard_fates[one->fate],
                (long long)one->look.done, (long long)one->look.points, one->attempts.begun);
        print_safe(out, happened);
        fputc('\n', out);
    }
    fputc('\n', out);
    next_step(d, s, out);
}

static json_t *shard_json(const struct directory *d, const struct sweep_status *s, int32_t shard)
{
    const struct shard_status *one = &s->shards[shard];
    char happened[480];
    status_happened(d, s, shard, happened, sizeof happened);
    json_t *json = json_pack("{s:i, s:s, s:s, s:I, s:I, s:i, s:s*}", "shard", shard, "fate",
                             shard_fates[one->fate], "file", states[one->look.state], "points_done",
                             (json_int_t)one->look.done, "points", (json_int_t)one->look.points,
                             "attempts", one->attempts.begun, "happened", happened);
    return json;
}

enum status status_json(const struct directory *d, const struct sweep_status *s, FILE *out,
                        struct error *err)
{
    json_t *fates = json_object(), *unfinished = json_array();
    for (int f = 0; f < FATE_N; f++)
        json_object_set_new(fates, shard_fates[f], json_integer(s->fates[f]));
    for (int32_t i = 0; i < s->shard_n; i++)
        if (s->shards[i].fate != FATE_WHOLE) json_array_append_new(unfinished, shard_json(d, s, i));
    json_t *all =
        json_pack("{s:s, s:s, s:I, s:I, s:i, s:b, s:b, s:b, s:s, s:i, s:o, s:o}", "id", d->plan.id,
                  "folder", d->path, "points", (json_int_t)d->plan.points, "points_done",
                  (json_int_t)s->points_done, "shards", s->shard_n, "cancelled", s->cancelled,
                  "merged", s->merged, "queue_known", s->queue_known, "queue_says", s->queue_says,
                  "submissions", s->submissions, "fates", fates, "unfinished", unfinished);
    if (!all) return error_set(err, STATUS_IO, "a name in %s is not UTF-8", d->path);
    int failed = json_dumpf(all, out, JSON_INDENT(2));
    json_decref(all);
    if (failed || fputc('\n', out) == EOF || fflush(out) != 0)
        return error_set(err, STATUS_IO, "cannot write the status");
    return STATUS_OK;
}
