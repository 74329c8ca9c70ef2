/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slurm's priority/multifactor (priority_multifactor.html; slurm.conf(5)):
 *
 *      priority = weight_age       x min(1, age / age_max)
 *               + weight_fairshare x fair-share factor of its user        fair_factor.h
 *               + weight_size      x (part of the fleet's nodes + part of its GPUs) / 2
 *               + weight_partition x partition's number / largest of them
 *               + weight_qos       x priority in the trace / largest of them
 *               - nice
 *
 * All but age and fair share is fixed when a job comes. These two are worked out at multiples of
 * the period; a job that came since is of age 0.
 *
 * Priorities are integers in millionths of a point times age_max in microseconds, so that ages are
 * exact and nothing depends on rounding: Slurm cuts them to whole points. A trace's priority above
 * 0 is its QOS, below 0 its nice value. Slurm looks at CPUs where GPUs are meant here.
 */
#ifndef MODELS_SCHEDULING_MULTIFACTOR_H
#define MODELS_SCHEDULING_MULTIFACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "models/scheduling/fair_factor.h"

struct scheduler;

struct multifactor {
    __int128 age_rate; /* of the priority, a microsecond of waiting */
    int64_t age_max_us;
    int64_t size_weight, partition_weight, qos_weight; /* millionths */
    bool favor_small;
    int64_t nodes, gpus; /* of the fleet */
    int64_t *partition;  /* by queue: its number */
    int64_t partition_most, qos_most;
    int64_t fairshare_weight;
    struct fair_factors factors;
    int64_t *fairshare; /* by account: millionths, at the last period */
};

bool multifactor_init(struct multifactor *m, const struct scheduler *s, struct accounts *a);
void multifactor_free(struct multifactor *m);
/* Fair share, from the usage as it is. */
void multifactor_weigh(struct multifactor *m, struct accounts *a);
/* What is fixed of the job's priority, in millionths of a point. */
int64_t multifactor_fixed(const struct multifactor *m, const struct scheduler *s, uint32_t job,
                          uint32_t demand);

#endif
