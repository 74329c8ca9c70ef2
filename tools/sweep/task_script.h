/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scripts that a cluster runs, the same on every one of them: a task works on one shard, the
 * merge puts the shards together. Plain POSIX shell, run in the sweep's folder.
 *
 * Every name in them stands between single quotes, in which a shell takes each byte as it is.
 *
 *     sh task.sh SUBMISSION         the shard is $SLURM_ARRAY_TASK_ID, or the
 *                                   $JOB_COMPLETION_INDEX-th word of $SEATRIAL_SHARDS (from 0), or
 *                                   that index itself where there are no words
 *
 * A task exits with what `seatrial sweep --shard` said: 0 the shard is whole, 2 it can never be, 3
 * interrupted, another code: something went wrong. It leaves a line in attempts/ when it begins and
 * one when it ends, and begins at most TASK_ATTEMPTS times a submission; after that it exits with
 * 2. Under Slurm a task that ended with neither 0 nor 2 puts itself into the queue again.
 */
#ifndef TOOLS_SWEEP_TASK_SCRIPT_H
#define TOOLS_SWEEP_TASK_SCRIPT_H

#include <stdio.h>

#include "tools/sweep/directory.h"

enum { TASK_ATTEMPTS = 3 };

/* Where a task finds what it needs; these need not be the plan's, as in a container. */
struct task_places {
    const char *program, *scenario;
};

/* They return malloc'd text; NULL: no memory. */
char *task_script(const struct sweep_plan *plan, const struct task_places *places);
char *merge_script(const struct task_places *places);

#endif
