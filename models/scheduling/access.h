/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which pools a job may use: those for its tenant and its queue, which a pool names, or is for
 * everybody; of these, those that its node selector takes (models/scheduling/node_selector.h); and
 * of these, those whose taints it tolerates.
 *
 *      pool    tenants       queues          tenant a, queue gold    uses 0 and 2
 *      0       a                             tenant b, queue gold    uses 1 and 2
 *      1       b                             tenant c, queue lead    uses none
 *      2                     gold
 *
 * Static virtual clusters (Philly, ATC'19; Helios, SC'21) are pools of tenants, partitions of Slurm
 * that share no node are pools of queues. A requirement on a label that no pool of the fleet has
 * says nothing: the trace is of a cluster with other labels.
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
    uint64_t *queue, *selector, *tolerations;
};

/* Why a job may use none. */
enum no_access { ACCESS_NOBODY, ACCESS_SELECTOR, ACCESS_TAINT };

/* false: no memory; free it then, too. */
bool access_init(struct access *a, const struct workload *workload, const struct fleet_spec *fleet);
void access_free(struct access *a);
/* Of what a trace says: the pools that each of its selectors takes, that bear each of its
 * tolerations; [names.n]. false: no memory. */
bool access_selectors(const struct names *selectors, const struct fleet_spec *fleet,
                      uint64_t *pools);
bool access_tolerations(const struct names *tolerations, const struct fleet_spec *fleet,
                        uint64_t *pools);

/* Whether all jobs may use the same pools. */
bool access_is_uniform(const struct access *a, const struct workload *w);

static inline uint64_t access_pools(const struct access *a, const struct workload *w, size_t job)
{
    return a->tenant ? a->tenant[w->tenant[job]] & a->queue[w->queue[job]] &
                           a->selector[w->selector[job]] & a->tolerations[w->toleration[job]]
                     : a->all;
}
/* Of a job that may use none. */
enum no_access access_why_none(const struct access *a, const struct workload *w, size_t job);

#endif
