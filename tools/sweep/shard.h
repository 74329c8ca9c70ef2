/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shard's file, as whoever waits for it finds it: files are the truth, whatever a cluster's own
 * accounting says. A shard is published whole or in part by rename, so that a file is never half
 * written; one that is damaged all the same is as good as none.
 */
#ifndef TOOLS_SWEEP_SHARD_H
#define TOOLS_SWEEP_SHARD_H

#include <stdint.h>

#include "sim/status.h"

enum shard_state {
    SHARD_ABSENT,  /* no file */
    SHARD_PART,    /* some points are still to be run */
    SHARD_WHOLE,   /* all of them are there */
    SHARD_FOREIGN, /* of another sweep, shard, or version of the program */
    SHARD_BROKEN   /* cannot be read, or is damaged */
};

struct shard_look {
    enum shard_state state;
    int64_t points, done; /* of the shard; of these in the file. 0 where it is foreign or broken */
    char why[200];        /* of the state, in words; "" */
};

/* How many points shard `shard` of `shards` has. */
int64_t shard_points(int64_t point_n, int64_t shard, int64_t shards);

/* Looks at a file without changing it. thorough: with SQLite's integrity check, and whether the
 * points are the very ones. */
void shard_look(const char *path, const char *identity, int64_t point_n, int64_t shard,
                int64_t shards, int thorough, struct shard_look *look);

/* "3/20", "env/20": the second is SLURM_ARRAY_TASK_ID, else JOB_COMPLETION_INDEX, as the first. */
enum status shard_named(const char *text, int64_t *shard, int64_t *shards, struct error *err);

#endif
