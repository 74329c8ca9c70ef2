/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/status.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/sweep/slurm.h"

const char *const shard_fates[FATE_N] = { "whole", "running", "waiting", "failed",
                                          "lost",  "missing", "unknown" };

static enum shard_fate fate_of(const struct shard_status *s, bool queue_known)
{
    if (s->look.state == SHARD_WHOLE) return FATE_WHOLE;
    if (s->live == LIVE_RUNNING) return FATE_RUNNING;
    if (s->live == LIVE_WAITING) return FATE_WAITING;
    if (s->attempts.ended || s->attempts.refused) return FATE_FAILED;
    if (!queue_known) return FATE_UNKNOWN;
    return s->attempts.begun ? FATE_LOST : FATE_MISSING;
}

/* The last submission in words, from its line. */
static void jobs_of(const json_t *lines, struct sweep_status *s)
{
    size_t i;
    json_t *line;
    s->submissions = directory_submissions(lines);
    json_array_foreach(lines, i, line)
    {
        const char *backend = json_string_value(json_object_get(line, "backend"));
        json_int_t job = json_integer_value(json_object_get(line, "job"));
        json_int_t merge = json_integer_value(json_object_get(line, "merge"));
        const char *name = json_string_value(json_object_get(line, "job_name"));
        if (!backend) continue;
        if (name) snprintf(s->jobs, sizeof s->jobs, "%.20s job %.50s", backend, name);
        else if (job && merge)
            snprintf(s->jobs, sizeof s->jobs, "%.20s job %lld, merged by %lld", backend,
                     (long long)job, (long long)merge);
        else if (job) snprintf(s->jobs, sizeof s->jobs, "%.20s job %lld", backend, (long long)job);
    }
}

static enum status look_at_queue(const struct directory *d, struct sweep_status *s,
                                 struct error *err)
{
    struct error why = { STATUS_OK, "" };
    struct slurm_queue queue = { .live = calloc((size_t)s->shard_n, sizeof *queue.live) };
    if (!queue.live) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    s->queue_known = slurm_look(d, &queue, &why) == STATUS_OK;
    if (!s->queue_known) snprintf(s->queue_says, sizeof s->queue_says, "%.199s", why.message);
    for (int32_t i = 0; i < s->shard_n && s->queue_known; i++) s->shards[i].live = queue.live[i];
    free(queue.live);
    return STATUS_OK;
}

static enum status look_at_file(const struct directory *d, int32_t shard, struct shard_look *look,
                                struct error *err)
{
    char *path = directory_shard(d, shard);
    if (!path) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    shard_look(path, d->plan.id, d->plan.points, shard, d->plan.shards, 1, look);
    look->points =
        shard_points(d->plan.points, shard, d->plan.shards); /* also where it is absent */
    free(path);
    return STATUS_OK;
}

static bool is_there(const struct directory *d, const char *name)
{
    char *path = directory_path(d, name);
    bool there = path && access(path, F_OK) == 0;
    free(path);
    return there;
}

enum status status_look(const struct directory *d, enum status_queue queue, struct sweep_status *s,
                        struct error *err)
{
    json_t *lines = NULL;
    memset(s, 0, sizeof *s);
    s->shard_n = d->plan.shards;
    s->shards = calloc((size_t)s->shard_n, sizeof *s->shards);
    enum status status = s->shards ? directory_records(d, &lines, err)
                                   : error_set(err, STATUS_NO_MEMORY, "out of memory");
    if (status == STATUS_OK) {
        jobs_of(lines, s);
        json_decref(lines);
    }
    s->queue_known = queue != QUEUE_UNASKED;
    if (!s->queue_known)
        snprintf(s->queue_says, sizeof s->queue_says, "kubectl get pods knows which shards run");
    /* The queue before the files: a task that ends in between has published what it has. */
    if (status == STATUS_OK && queue == QUEUE_SLURM) status = look_at_queue(d, s, err);
    for (int32_t i = 0; i < s->shard_n && status == STATUS_OK; i++) {
        struct shard_status *shard = &s->shards[i];
        attempts_read(d, i, &shard->attempts);
        status = look_at_file(d, i, &shard->look, err);
        shard->fate = fate_of(shard, s->queue_known);
        s->fates[shard->fate]++;
        s->points_done += shard->look.done;
    }
    s->cancelled = is_there(d, "cancelled");
    s->merged = is_there(d, "results.db");
    if (status != STATUS_OK) status_free(s);
    return status;
}

void status_free(struct sweep_status *s)
{
    free(s->shards);
    memset(s, 0, sizeof *s);
}

bool status_whole(const struct sweep_status *s) { return s->fates[FATE_WHOLE] == s->shard_n; }
