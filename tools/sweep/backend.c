/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/backend.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/sweep/kubernetes.h"
#include "tools/sweep/slurm.h"

/*
 * Time: twice what the pilot says of a shard, for slower nodes and dearer points, and a minute in
 * which a task that is told to stop publishes what it has; not below ten minutes, since a queue
 * gains nothing by less. Memory: half as much again as the pilot took, for each thread, and 64 MiB
 * of the program and its libraries, in steps of 16 MiB. A task that was asked too little for ends,
 * keeps what it did, and goes on in its next attempt.
 */
struct backend_ask backend_ask_of(const struct sweep_plan *plan, int32_t threads)
{
    struct backend_ask ask;
    double points = ceil((double)plan->points / plan->shards);
    double seconds = 2.0 * ceil(points / threads) * plan->pilot_s + 60.0;
    double mib = 1.5 * (double)plan->pilot_kib / 1024.0 * threads + 64.0;
    ask.minutes = (int64_t)fmin(fmax(ceil(seconds / 60.0), 10.0), 60.0 * 24 * 365);
    ask.memory_mib = (int64_t)(16.0 * ceil(mib / 16.0));
    return ask;
}

/* Which shards to submit, and how many there are. */
static int32_t want(const struct sweep_status *s, const enum shard_live *live, bool *wanted)
{
    int32_t n = 0;
    for (int32_t i = 0; i < s->shard_n; i++) {
        wanted[i] = s->shards[i].look.state != SHARD_WHOLE && (!live || live[i] == LIVE_NO);
        n += wanted[i];
    }
    return n;
}

/* No task of the new submission may find the mark of an old cancellation. */
static enum status remove_mark(const struct directory *d, struct error *err)
{
    char *path = directory_path(d, "cancelled");
    if (!path) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    bool gone = unlink(path) == 0 || errno == ENOENT;
    int why = errno;
    free(path);
    if (gone) return STATUS_OK;
    return error_set(err, STATUS_IO, "cannot remove %s/cancelled: %s", d->path, strerror(why));
}

static void say_left(const struct sweep_status *s, const struct slurm_queue *queue, int32_t wanted,
                     int32_t taken, FILE *say)
{
    int32_t whole = s->fates[FATE_WHOLE], live = s->shard_n - whole - wanted;
    if (!say) return;
    fprintf(say, "  %d of %d shards %s", taken, s->shard_n, queue ? "submitted" : "are in it");
    if (whole) fprintf(say, ", %d are whole", whole);
    if (live) fprintf(say, ", %d are still in the queue", live);
    if (taken < wanted) fprintf(say, ", %d are left for the next --resume", wanted - taken);
    fputc('\n', say);
    if (queue && queue->ending)
        fprintf(say, "  Some of these are just being ended; --resume again when they are gone\n");
}

static enum status submit_locked(struct directory *d, const struct backend_options *options,
                                 FILE *say, struct error *err)
{
    struct sweep_status s;
    struct slurm_queue queue = { .live = calloc((size_t)d->plan.shards, sizeof *queue.live) };
    bool *wanted = calloc((size_t)d->plan.shards, sizeof *wanted);
    bool slurm = options->backend == BACKEND_SLURM;
    int32_t n, taken = 0;
    enum status status =
        queue.live && wanted ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "out of memory");
    /* What the queue holds is asked for before the files are looked at, as in status_look. */
    if (status == STATUS_OK && slurm) status = slurm_look(d, &queue, err);
    if (status == STATUS_OK) status = status_look(d, QUEUE_NONE, &s, err);
    if (status != STATUS_OK) goto done;
    n = want(&s, slurm ? queue.live : NULL, wanted);
    if (n > 0) {
        status = remove_mark(d, err);
        if (status == STATUS_OK && slurm)
            status = slurm_submit(d, options, wanted, s.submissions + 1, &queue, &taken, say, err);
        else if (status == STATUS_OK)
            status = kubernetes_submit(d, options, wanted, s.submissions + 1, &taken, say, err);
    } else if (status_whole(&s) && say) {
        fprintf(say, "  All %d shards are whole%s\n", s.shard_n,
                s.merged ? "" : "; `seatrial merge` puts them together");
    }
    if (status == STATUS_OK && !status_whole(&s))
        say_left(&s, slurm ? &queue : NULL, n, taken, say);
    status_free(&s);
done:
    free(queue.live);
    free(wanted);
    return status;
}

enum status backend_submit(struct directory *d, const struct backend_options *options, FILE *say,
                           struct error *err)
{
    int lock;
    enum status status = directory_lock(d, &lock, err);
    if (status != STATUS_OK) return status;
    status = submit_locked(d, options, say, err);
    directory_unlock(lock);
    return status;
}

enum status backend_cancel(struct directory *d, enum backend backend, FILE *say, struct error *err)
{
    int lock;
    enum status status = directory_lock(d, &lock, err);
    if (status != STATUS_OK) return status;
    /* The mark first: no task may begin, or ask for another attempt, while the others are ended. */
    status = directory_write(d, "cancelled", "", 0, err);
    if (status == STATUS_OK)
        status = backend == BACKEND_SLURM ? slurm_cancel(d, err) : kubernetes_cancel(d, say, err);
    if (status == STATUS_OK)
        status = directory_record(
            d, json_pack("{s:s, s:s}", "event", "cancelled", "backend", backend_names[backend]),
            err);
    if (status == STATUS_OK && say)
        fprintf(say, "  Cancelled; what is done stays, and --resume goes on from it\n");
    directory_unlock(lock);
    return status;
}
