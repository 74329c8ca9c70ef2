/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Karpenter's scheduling simulation: where jobs would go, on nodes that are there and on nodes that
 * would have to be launched.
 *
 *      a job --> nodes that are ready, first fit --> nodes that boot --> claims of this batch
 *                                                                      --> a new claim
 *
 * A claim is a node to be launched: what its pods ask for, and which pools of the fleet, its
 * offerings, have room for all of that on one node. A job that lies on one node is one pod. A gang
 * is as many pods as it needs nodes, all in one pool: where the nodes that are there are too few,
 * claims of that pool alone are made for the others. A job that fits nowhere whole makes no claim.
 *
 * Without NodePools there are no claims: so the Cluster Autoscaler tries out drains with it.
 *
 * Of GPUs that jobs share the wholly free ones count alone. A search costs what there are nodes;
 * jobs of one demand that are placed one after another go on where the last was. Owns its memory.
 */
#ifndef MODELS_AUTOSCALING_KARPENTER_FIT_H
#define MODELS_AUTOSCALING_KARPENTER_FIT_H

#include "models/autoscaling/autoscaler.h"

struct karpenter_room { /* of a node; INT64_MAX: nobody looks at it */
    int32_t gpus;
    uint16_t part_milli; /* the kind of part that one GPU of it was cut into last */
    int32_t parts_left;
    int64_t cpu_milli, mem_mib;
};

struct karpenter_bin { /* a node that is there */
    int32_t pool, node;
    struct karpenter_room room;
    bool ready;
    bool shut;      /* it is to go */
    bool nominated; /* a job that waits would go there */
};

struct karpenter_claim {
    int32_t nodepool;
    uint64_t pools;             /* offerings that are left */
    struct karpenter_room used; /* gpus: used ones; part of one is in parts_left */
    int64_t pods;
    bool locked; /* of a gang: one pool, and no other pods */
};

struct karpenter_fit {
    struct karpenter_bin *bins; /* by pool: those that are ready, then those that boot */
    size_t bin_n, bin_capacity;
    size_t *first;   /* [pools + 1] bins of each pool */
    size_t *booting; /* [pools] the first of these that boots */
    int32_t *bin_of; /* by node of the fleet, -1 = none */
    struct karpenter_claim *claims;
    size_t claim_n, claim_capacity;
    size_t *open; /* of these, in order: those that may have GPUs left, and are not locked */
    size_t open_n;
    /* By NodePool: what its limits leave; INT64_MAX: all. Below 0 while a node boots beside the one
     * that it replaces. */
    struct karpenter_limits *left;
    int32_t *locked; /* by pool: nodes that claims of gangs take of it */
    uint64_t usable; /* offerings that may be asked for */
    bool nominates;  /* places jobs that wait */
    uint32_t demand; /* the last that was placed ... */
    size_t *from;    /* [2 * pools] ... and where to go on, ready and booting */
    size_t *chosen;  /* scratch: bins of a gang */
    size_t chosen_capacity;
    bool failed; /* no memory */
};

bool karpenter_fit_init(struct karpenter_fit *f, const struct autoscaler_view *v, int32_t nodepools,
                        int32_t nodes);
void karpenter_fit_free(struct karpenter_fit *f);
/* A copy to try something in. */
void karpenter_fit_copy(struct karpenter_fit *to, const struct karpenter_fit *from,
                        const struct autoscaler_view *v, int32_t nodepools, int32_t nodes);
/* All nodes as they are. The caller sets `left` and `usable`. */
void karpenter_fit_begin(struct karpenter_fit *f, const struct autoscaler_view *v, int32_t nodes);
/* A running job gives back what it holds. */
void karpenter_fit_give_back(struct karpenter_fit *f, const struct autoscaler_view *v,
                             uint32_t slot);

struct karpenter_how {
    const struct karpenter_pool *pools; /* NodePools, by `order` */
    const int32_t *order;
    int32_t n;
    bool ready_only; /* not on nodes that boot */
};
/* Places a whole job, on claims, too, or nothing of it. */
bool karpenter_fit_place(struct karpenter_fit *f, const struct autoscaler_view *v,
                         const struct karpenter_how *how, uint32_t demand);

/* What the limits leave of no nodes. */
struct karpenter_limits karpenter_limits_whole(const struct karpenter_limits *limits);
/* So many nodes of the type back, or taken where below 0. */
void karpenter_limits_add(struct karpenter_limits *left, const struct instance_type *type,
                          int64_t nodes);

/* What one of its pods asks for, on the first pool that it may use: the order of pods goes by it.
 */
struct share karpenter_pod(const struct autoscaler_view *v, uint32_t demand);
/* Reserved 0, spot 1, on-demand 2: the order in which a claim is launched. */
int karpenter_capacity_rank(const struct autoscaler_view *v, int32_t pool);
/* Nano-dollars an hour of a node. */
int64_t karpenter_price(const struct autoscaler_view *v, int32_t pool);

#endif
