/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a sweep's folder is, and what happened to what is not done: from the files first, from
 * the cluster's queue only whether somebody is still at it.
 */
#ifndef TOOLS_SWEEP_STATUS_H
#define TOOLS_SWEEP_STATUS_H

#include <stdbool.h>
#include <stdio.h>

#include "tools/sweep/attempts.h"
#include "tools/sweep/directory.h"
#include "tools/sweep/shard.h"

/* What the queue says of a shard. */
enum shard_live { LIVE_NO, LIVE_WAITING, LIVE_RUNNING };

enum shard_fate {
    FATE_WHOLE,   /* its file is there, checked */
    FATE_RUNNING, /* a task is at it */
    FATE_WAITING, /* a task is in the queue */
    FATE_FAILED,  /* the last task ended without making it whole */
    FATE_LOST,    /* the last task began, did not end, and is no more: killed */
    FATE_MISSING, /* no task of it began, and none is in the queue */
    FATE_UNKNOWN, /* not whole; the queue does not answer */
    FATE_N
};
extern const char *const shard_fates[FATE_N]; /* "whole", "running", ... */

struct shard_status {
    enum shard_fate fate;
    enum shard_live live;
    struct shard_look look;
    struct attempts attempts;
};

struct sweep_status {
    int32_t shard_n;
    struct shard_status *shards;
    int32_t fates[FATE_N];
    int64_t points_done;
    bool cancelled, merged; /* results.db is there */
    bool queue_known;
    char queue_says[200]; /* why not */
    int32_t submissions;
    char jobs[80]; /* the last submission's, in words; "" */
};

/* Which queue may hold tasks of a folder. */
enum status_queue {
    QUEUE_NONE,   /* none: nothing is live */
    QUEUE_SLURM,  /* squeue is asked */
    QUEUE_UNASKED /* one that is not asked: nothing is known of it */
};

/* Looks at every file. */
enum status status_look(const struct directory *d, enum status_queue queue, struct sweep_status *s,
                        struct error *err);
void status_free(struct sweep_status *s);
/* Everything is done that shards are for. */
bool status_whole(const struct sweep_status *s);
/* What happened to a shard that is not whole, one line; `to` has n bytes. */
void status_happened(const struct directory *d, const struct sweep_status *s, int32_t shard,
                     char *to, size_t n);

/* For people; at most `most` shards one by one, 0 = all. And as JSON, with every shard that is not
 * whole. */
void status_table(const struct directory *d, const struct sweep_status *s, int32_t most, FILE *out);
enum status status_json(const struct directory *d, const struct sweep_status *s, FILE *out,
                        struct error *err);

#endif
