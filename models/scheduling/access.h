/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom pools are for: the tenants and queues that a pool names may use it, or everybody where it
 * names none.
 *
 *      pool    tenants       queues          tenant a, queue gold    uses 0 and 2
 *      0       a                             tenant b, queue gold    uses 1 and 2
 *      1       b                             tenant c, queue lead    uses none
 *      2                     gold
 *
 * Static virtual clusters (Philly, ATC'19; Helios, SC'21) are pools of tenants, partitions of Slurm
 * that share no node are pools of queues.
 */
#ifndef MODELS_SCHEDULING_ACCESS_H
#define MODELS_SCHEDULING_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/fleet/fleet_spec.h"
#include "models/workload/workload.h"

struct access {   /* bit p: pool p */
    uint64_t all; /* the pools there are */
    uint64_t
        *tenant; /* by number in the workload's table; NULL where every pool is for everybody */
    uint64_t *queue;
};

/* false: no memory; free it then, too. */
bool access_init(struct access *a, const struct workload *workload, const struct fleet_spec *fleet);
void access_free(struct access *a);

/* Whether all jobs may use the same pools. */
bool access_is_uniform(const struct access *a, const struct workload *w);

static inline uint64_t access_pools(const struct access *a, const struct workload *w, size_t job)
{
    return a->tenant ? a->tenant[w->tenant[job]] & a->queue[w->queue[job]] : a->all;
}

#endif
