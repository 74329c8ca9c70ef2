/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which nodes that are not empty the Cluster Autoscaler takes away (core/scaledown: planner,
 * eligibility and unneeded at f7bb0c3).
 *
 *      below the threshold --> its jobs fit elsewhere, tried out --> unneeded --> drained
 *             |                         |                           for the unneeded time
 *             '--- no                   '--- no: not tried again for 5 minutes
 *
 * Tried out one after another, those that were unneeded first, the longest first, then by pool and
 * number; what has moved in one trial has moved in the next. Jobs fit by first fit on nodes that
 * are ready, but for empty ones that are to go, and after the jobs that wait for what is free; a
 * gang is moved whole. A node to which jobs would move stays: upstream moves them on, and finds as
 * many nodes. A node that was empty, and unneeded, before its jobs came is unneeded since then, and
 * one whose jobs end remains so.
 *
 * Costs nothing where nothing has changed; else what there are nodes below the threshold, and where
 * what is free elsewhere could hold the jobs of one of them, what there are nodes and jobs that
 * run, and nodes again for a trial. Owns its memory. Inside models/autoscaling.
 */
#ifndef MODELS_AUTOSCALING_CLUSTER_DRAIN_H
#define MODELS_AUTOSCALING_CLUSTER_DRAIN_H

#include "models/autoscaling/autoscaler.h"
#include "models/autoscaling/karpenter_fit.h"
#include "models/autoscaling/needs.h"

struct unneeded { /* a node, first not empty */
    int32_t pool, node;
    uint32_t stay; /* so that a node that came again is not taken for it */
    int64_t since_us;
};

struct cluster_drain {
    bool on;    /* jobs may be stopped */
    bool stale; /* something has changed since it looked */
    int64_t looked_us, recheck_us;
    struct unneeded *unneeded; /* the longest first */
    int32_t unneeded_n;
    /* Scratch of a look. */
    struct unneeded *candidates;
    int32_t candidate_n;
    struct drain_record *records; /* by node of the fleet */
    int32_t node_n;
    int32_t *least_free; /* by pool: a node with so many free GPUs is below the threshold */
    int64_t free_gpus;   /* of the nodes that jobs may move to, at most */
    bool prepared;       /* fit */
    struct karpenter_fit fit, trial;
    struct drain_job *jobs; /* on candidates, by node, then by arrival */
    size_t job_n, job_capacity;
    uint32_t *moved; /* by slot: the look in which it has moved */
    size_t moved_capacity;
    uint32_t looks, gathers;
    int64_t gathered_us;
};

bool cluster_drain_init(struct cluster_drain *d, const struct autoscaler_view *v);
void cluster_drain_free(struct cluster_drain *d);
/* Which nodes are unneeded now. What waits: needs; spare: by pool, idle nodes that nobody who waits
 * would go to; free_gpus: by pool, of nodes that are ready, that nobody who waits would take. */
void cluster_drain_look(struct cluster_drain *d, struct autoscaler_view *v,
                        const struct needs *needs, const int64_t *spare, const int64_t *free_gpus);
/* Takes away those that are due, and not before from_us: one that jobs are on, and as many that are
 * empty by now as *left and spare say, from which they are taken. Wakes for the others. */
void cluster_drain_shrink(struct cluster_drain *d, struct autoscaler_view *v, int64_t from_us,
                          int64_t *left, int64_t *spare);

#endif
