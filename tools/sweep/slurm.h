/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slurm (22.05 and later): one job array whose task I is shard I, and a job behind it that merges.
 * sbatch, squeue, scancel and scontrol are called by name, without a shell.
 *
 * The merge comes after the array has ended (afterany), not only after it went well (afterok): a
 * job that waits for what failed would wait for ever, and the merge itself sees from the files what
 * is missing, says so, and exits with 3.
 */
#ifndef TOOLS_SWEEP_SLURM_H
#define TOOLS_SWEEP_SLURM_H

#include "tools/sweep/backend.h"

enum { SLURM_ARRAYS_MAX = 64 };

struct slurm_queue {
    enum shard_live *live; /* by shard; the caller's, of plan.shards */
    bool ending;           /* a task is being ended at this moment */
    int32_t array_n;       /* jobs that these tasks are of */
    int64_t arrays[SLURM_ARRAYS_MAX];
};

/* What is in the queue under this folder's name. STATUS_BAD_INPUT: squeue does not say; it may be
 * anything then. */
enum status slurm_look(const struct directory *d, struct slurm_queue *queue, struct error *err);

/* The arguments of sbatch for the tasks in `array` ("0-3,7"), ended by NULL; borrowed strings and
 * those of `made`. STATUS_BAD_INPUT: an option of the user's would break what the tasks rely on. */
enum { SLURM_ARGUMENTS_MAX = 128, SLURM_MADE_MAX = 16 };
struct slurm_arguments {
    const char *at[SLURM_ARGUMENTS_MAX];
    size_t n;
    char *made[SLURM_MADE_MAX];
    size_t made_n;
};
enum status slurm_arguments(const struct directory *d, const struct backend_options *options,
                            int32_t submission, const char *array, struct slurm_arguments *to,
                            struct error *err);
void slurm_arguments_free(struct slurm_arguments *arguments);

/* Submits the wanted shards and the merge as submission `number`. *taken: how many of them fit into
 * one array; the rest is for the next submission. */
enum status slurm_submit(const struct directory *d, const struct backend_options *options,
                         const bool *wanted, int32_t number, const struct slurm_queue *queue,
                         int32_t *taken, FILE *say, struct error *err);
enum status slurm_cancel(const struct directory *d, struct error *err);

#endif
