/* SPDX-License-Identifier: Apache-2.0 */
/* What Karpenter's disruption loop looks at, and tries out. Inside models/autoscaling. */
#ifndef MODELS_AUTOSCALING_KARPENTER_TRIAL_H
#define MODELS_AUTOSCALING_KARPENTER_TRIAL_H

#include "models/autoscaling/karpenter.h"

struct karpenter_survey {
    bool blocked;     /* a job that waits is to have a node of its own first */
    bool constrained; /* budgets keep some from going */
    int64_t later_us; /* when there are more candidates, or budgets */
};

struct karpenter_outcome { /* of a trial */
    bool good, replaces;
    uint64_t options;
    int32_t nodepool;
};

static inline int32_t karpenter_number(const struct autoscaler_view *v, int32_t pool, int32_t node)
{
    return v->pools[pool].base + node;
}

/* Candidates that have jobs: k->busy_n. */
static inline struct karpenter_node *karpenter_busy(const struct karpenter *k)
{
    return k->nodes + ((size_t)k->node_n - k->busy_n);
}

/* What is free, all nodes of NodePools, in k->tallies, and the candidates in k->nodes. */
struct karpenter_survey karpenter_look_around(struct autoscaler_view *v);
/* After that: budgets of all NodePools for a reason, into k->allowed. */
void karpenter_allow(struct autoscaler_view *v, enum karpenter_reason reason,
                     struct karpenter_survey *s);
/* Takes one of what the budget of its NodePool allows. */
bool karpenter_is_allowed(struct karpenter *k, const struct karpenter_node *n);
/* What it costs to disrupt a node with so many jobs. */
double karpenter_cost(const struct autoscaler_view *v, const struct karpenter_node *n);
/* Which goes first: by price / cost, one that costs nothing to disrupt before all. */
static inline bool karpenter_is_better(const struct karpenter_node *x,
                                       const struct karpenter_node *y)
{
    double left = (double)x->price * y->cost, right = (double)y->price * x->cost;
    if (left != right) return left > right;
    return x->pool != y->pool ? x->pool < y->pool : x->node < y->node;
}
/* Candidates that are empty, or those that are not, as far as budgets allow, the best first, into
 * k->chosen; how many. O(candidates + chosen log candidates). */
int32_t karpenter_choose(struct autoscaler_view *v, enum karpenter_reason reason,
                         struct karpenter_survey *s);
/* Whether the nodes could go, for one at most that is cheaper. */
struct karpenter_outcome karpenter_try_out(struct autoscaler_view *v,
                                           const struct karpenter_node *nodes, int32_t n);

/* ---- nodes that stay, without a trial (karpenter_stay.c) ---- */

/* Whether a job of the node has room on no node, nor on a new one that is cheaper. */
bool karpenter_stays(const struct autoscaler_view *v, const struct karpenter_node *n);
/* Whether none of the candidates goes, in whatever order they are tried: none is empty, GPUs do not
 * suffice for two, nor for any of them, if it does not stay. A budget by the clock is to be asked
 * when it changes. */
bool karpenter_none_goes(const struct autoscaler_view *v, const struct karpenter_survey *s);
/* Whether none of the n chosen ones goes, together or alone; the best comes first. */
bool karpenter_chosen_stay(const struct autoscaler_view *v, int32_t n);
/* Before a look: whether that is so of those of the last look, and they are who would be chosen. */
bool karpenter_still_stay(struct autoscaler_view *v);

/* Of the pools those that cost less than that. */
uint64_t karpenter_cheaper_than(const struct autoscaler_view *v, uint64_t pools, __int128 price);

#endif
