/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom kube-scheduler would evict: it looks node by node (defaultpreemption, SelectVictimsOnNode
 * and pickOneNodeForPreemption of kubernetes/kubernetes).
 *
 *      4 GPUs are wanted, by a job of priority 2
 *      node 0    a, 4 GPUs, priority 1              a must go
 *      node 1    b, 2 GPUs, priority 0; c, 2, 0     b and c must go: taken, as they are less urgent
 *      node 2    d, 8 GPUs, priority 2              nobody may
 *
 * On each node all less urgent jobs go on paper; if the job fits then, they come back one by one,
 * the most urgent and of equals the longest running first, as long as it still fits. Of the nodes
 * that is taken whose most urgent victim is the least urgent; then of the least sum of priorities,
 * each counted from the lowest that there is; then of the fewest victims; then whose most urgent
 * victims started last; then the first. A job that lies on more nodes is one victim on each.
 */
#ifndef MODELS_SCHEDULING_EVICT_NODE_H
#define MODELS_SCHEDULING_EVICT_NODE_H

#include "models/scheduling/engine.h"

struct evict_choice {
    int32_t pool, node; /* pool -1: there is none */
    uint32_t victim_n;  /* the first so many of the slots */
};

/* Chooses among the running jobs of slots[0 .. n), all less urgent than the job, the most urgent
 * first and of equals who started first; puts the victims in front. For a demand that fits one
 * node; on others it finds nothing. Sets s->failed without memory. */
struct evict_choice evict_on_node(struct scheduler *s, uint32_t demand, uint32_t *slots,
                                  uint32_t n);

#endif
