/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Karpenter: nodes are launched for pods, of whatever instance type is cheapest for them, and go
 * again where the rest of the fleet can hold what is on them.
 *
 *      pods wait --- window: 1 s without a new one, 10 s at most ---> batch (karpenter_fit.h)
 *                                                                       |
 *      claims: reserved, then spot, then on demand, the cheapest <------'
 *      nodes ready --- every 10 s, where something has changed ---> disruption
 *          empty nodes            all together
 *          many nodes             for none, or for one that is cheaper
 *          one node               the same
 *      found is validated 15 s later; what replaces is ready before what it replaces is drained
 *
 * The rules are of kubernetes-sigs/karpenter 2266468 (2026-08-20), pkg/controllers/provisioning,
 * disruption and nodeclaim, and of aws/karpenter-provider-aws 1d92708, with their defaults. A
 * fleet's pools are the offerings: an instance type, a region or zone, a capacity type (`spot`,
 * `on-demand`, all else is reserved), and `nodes` as the most there can be of it. Nodes that are
 * always there (min_nodes) are nobody's: they hold pods and are never disrupted. What is not so
 * upstream: docs/models.md.
 *
 * Inside models/autoscaling: what karpenter.c and karpenter_disrupt.c share.
 */
#ifndef MODELS_AUTOSCALING_KARPENTER_H
#define MODELS_AUTOSCALING_KARPENTER_H

#include "models/autoscaling/karpenter_fit.h"

struct karpenter_node { /* that may be disrupted */
    int32_t pool, node, nodepool;
    uint32_t stay; /* so that a node that came again is not taken for it */
    int32_t jobs;
    int64_t price; /* nano-dollars an hour */
    double cost;   /* of disrupting it */
};

struct karpenter_tally { /* of a NodePool's nodes that are ready */
    int64_t nodes, going, down;
    double cost;    /* of disrupting all of them */
    __int128 price; /* what they cost an hour */
};

struct karpenter_key { /* of a demand's pods */
    int64_t cpu_milli, mem_mib;
};

/* What is decided and not yet done. */
struct karpenter_command {
    struct karpenter_node *nodes; /* owned */
    int32_t n;
    enum karpenter_reason reason;
    bool replaces;
    uint64_t options; /* offerings of the replacement */
    int32_t nodepool; /* its NodePool */
    int64_t decided_us;
    struct karpenter_node by; /* the node that is launched in their place */
};

struct karpenter {
    const struct karpenter_options *options;
    struct karpenter_pool standard;     /* where no NodePool is given */
    const struct karpenter_pool *pools; /* NodePools */
    int32_t *order;                     /* of these: by weight, high first, then by name */
    int32_t n;
    int32_t node_n;          /* of the fleet */
    int32_t *owner;          /* by node of the fleet: its NodePool, -1 = nobody's */
    bool *going;             /* by node of the fleet: a command is waiting for its replacement */
    int64_t *unavailable_us; /* by pool: until then it has no room, as far as is known */
    struct karpenter_fit fit, trial;
    /* Of NodePools, and of the fleet. */
    uint64_t offered; /* offerings that some NodePool has */
    int32_t *type;    /* by pool: the first pool of its instance type */
    bool limited;     /* a NodePool has limits */
    bool waits;       /* ... or a consolidateAfter */
    bool scheduled;   /* ... or a budget by the clock */
    bool moves_jobs;  /* ... or lets jobs be moved */
    bool priorities;  /* a job has one, and costs more or less than others to move */
    /* By demand: what orders its pods, and scratch of a batch. */
    struct karpenter_key *keys;
    uint32_t key_n;
    uint8_t *hopeless;
    uint32_t *group;    /* alike in their keys */
    uint32_t *demands;  /* those that wait, in the order of their pods */
    uint32_t by_demand; /* room in these */

    int64_t opened_us, latest_us; /* the window, and the latest pod in it; -1: it is shut */
    uint64_t seen;                /* jobs that ever waited, up to the latest pod */
    int64_t batched_us;           /* the latest batch, -1: none yet */
    bool stale;                   /* something has changed since then */
    bool short_of_nodes;          /* in it pods found no room on what is there, nor a claim */

    bool unsettled;     /* something has changed since the disruption loop found nothing */
    int64_t poll_us;    /* when it looks again */
    int64_t expires_us; /* no node expires before; EVENT_NONE: none does */
    bool overdue;       /* one has, and cannot go yet */

    struct karpenter_command validating; /* n 0: none */
    struct karpenter_command *commands;  /* that wait for their replacements */
    int32_t command_n, command_capacity;
    /* Scratch of a look at the nodes. */
    struct karpenter_node *nodes; /* [node_n] candidates: empty ones, room, those with jobs */
    size_t empty_n, busy_n;
    struct karpenter_node *chosen; /* of these, the best first */
    int32_t stay_n;                /* chosen of the last look, where all of them stayed; else 0 */
    uint32_t *moved;               /* slots that a trial takes off their nodes */
    size_t moved_capacity;
    /* Of nodes that are ready, less what jobs that wait would take: GPUs that are free, by pool the
     * most on one node, and whether all are on one. */
    int64_t free_gpus;
    int32_t *most_free;
    bool some_whole;
    struct karpenter_tally *tallies; /* by NodePool */
    int64_t *allowed;                /* by NodePool: what budgets allow */
};

/* Of provisioning, for disruption: the scheduling state with all jobs that wait placed on it;
 * whether each of them has room without a new node, or could not even be given one. */
bool karpenter_settle(struct autoscaler_view *v);
/* Launches a claim: a node of the first of its offerings that has room; node -1: none has, and all
 * of that capacity type are unavailable for a while. */
struct karpenter_node karpenter_launch(struct autoscaler_view *v, int32_t nodepool,
                                       uint64_t offerings);
/* Offerings that are not known to be out of nodes. */
uint64_t karpenter_usable(const struct autoscaler_view *v);
/* Offerings of NodePool limits and room, before a simulation. */
void karpenter_begin(struct autoscaler_view *v);
/* The order of pods: cores, then memory, the most first; 0: neither is more. */
int karpenter_compare_pods(const struct autoscaler_view *v, uint32_t x, uint32_t y);

/* ---- bounds: what a simulation is not needed for (karpenter_bounds.c) ---- */

struct karpenter_batch { /* of a batch none of whose claims can be launched */
    bool claims;         /* there is one at least */
    int32_t pool;        /* of all of them */
    bool all;            /* all that wait found room, or a claim */
};
/* Whether all that a batch does is known; then *found. */
bool karpenter_know_batch(const struct autoscaler_view *v, struct karpenter_batch *found);
/* The most GPUs that are free on one node; -1: there is no node. */
int32_t karpenter_most_free(const struct pool *p);
/* Whether a node of pool q may come in place of several of which one is of pool p. */
bool karpenter_may_follow(const struct autoscaler_view *v, int32_t q, int32_t p);
/* Whether there are as many GPUs, with so many free, as it takes for a node of the pool to go; for
 * several nodes, whichever; and, after karpenter_look_around, for those. */
bool karpenter_gpus_for_one(const struct autoscaler_view *v, int32_t pool, int64_t free);
bool karpenter_gpus_for_many(const struct autoscaler_view *v, int64_t free);
bool karpenter_gpus_for(const struct autoscaler_view *v, const struct karpenter_node *nodes,
                        int32_t n);
/* Whether no node could be consolidated, whatever the jobs that wait take. */
bool karpenter_no_move(const struct autoscaler_view *v);
/* The same after karpenter_settle, which found that moves are blocked or not, and a count of what
 * is free. */
bool karpenter_no_move_beside(const struct autoscaler_view *v, bool blocked);

/* What is due of the disruption loop, of commands and of nodes that expire; wakes for the rest. */
void karpenter_disrupt(struct autoscaler_view *v);
void karpenter_disrupt_free(struct karpenter *k);
/* How many nodes of a NodePool may be disrupted for a reason; INT64_MAX: any. `going` and `down`:
 * those that are on their way, and those that have failed. *changes_us: when that changes by a
 * schedule, EVENT_NONE: it does not. */
int64_t karpenter_allowed(const struct karpenter_pool *pool, enum karpenter_reason reason,
                          int64_t nodes, int64_t going, int64_t down, int64_t unix_us,
                          int64_t *changes_us);

#endif
