/* SPDX-License-Identifier: Apache-2.0 */
#include "models/autoscaling/karpenter_trial.h"

#include <stdlib.h>
#include <string.h>

enum { SPOT_TYPES_LEAST = 15 };

/* ---- what a disruption costs ---- */

/* utils/disruption/disruption.go: 1 for the node, and for each pod 1 and its priority / 2^25. Their
 * sum is exact, in whatever order. */
static double eviction_cost(int32_t priority)
{
    double cost = 1 + priority / 33554432.0;
    return cost < 0 ? 0 : cost > 10 ? 10 : cost;
}

/* The part of its life that a node has before it. */
static double life_left(const struct autoscaler_view *v, const struct karpenter_node *n)
{
    const struct karpenter *k = v->state;
    int64_t expire_us = k->pools[n->nodepool].expire_us;
    if (expire_us <= 0) return 1;
    double left =
        1 - (double)(v->now_us - v->nodes->stays[n->stay].requested_us) / (double)expire_us;
    return left < 0 ? 0 : left;
}

double karpenter_cost(const struct autoscaler_view *v, const struct karpenter_node *n)
{
    const struct karpenter *k = v->state;
    const struct residents *r = v->residents;
    double cost = 1;
    if (!k->priorities) return (cost + n->jobs) * life_left(v, n);
    uint32_t i = r->first[karpenter_number(v, n->pool, n->node)];
    for (; i != RESIDENT_NONE; i = r->all[i].after)
        cost += eviction_cost(v->workload->priority[v->running->slots[r->all[i].slot].job]);
    return cost * life_left(v, n);
}

/* ---- candidates ---- */

/* Whether the node may be consolidated now; if only later, *later_us says when at the latest. */
static bool is_candidate(const struct autoscaler_view *v, const struct karpenter_node *n,
                         int64_t touched_us, int64_t *later_us)
{
    const struct karpenter *k = v->state;
    const struct pool *p = &v->pools[n->pool];
    const struct karpenter_pool *nodepool = &k->pools[n->nodepool];
    int32_t number = p->base + n->node, bin = k->fit.bin_of[number];
    if (nodepool->after_us < 0 || k->going[number] || bin < 0) return false;
    if (n->jobs == 0 ? p->free_gpu[n->node] != p->gpus
                     : !k->moves_jobs || nodepool->policy == KARPENTER_WHEN_EMPTY)
        return false;
    int64_t due_us = touched_us + nodepool->after_us;
    if (due_us > v->now_us) {
        if (due_us < *later_us) *later_us = due_us;
        return false;
    }
    return !k->fit.bins[bin].nominated;
}

/* Counts a node, and keeps it where it is a candidate. It is laid down where that would be: a copy
 * would wait for its parts. */
static void survey_node(struct autoscaler_view *v, const struct lifecycle_node *l, int32_t pool,
                        int32_t node, struct karpenter_survey *s)
{
    struct karpenter *k = v->state;
    int32_t number = karpenter_number(v, pool, node);
    size_t last = (size_t)k->node_n - 1;
    struct karpenter_node *n = &k->nodes[l->jobs == 0 ? k->empty_n : last - k->busy_n];
    struct karpenter_tally *t = &k->tallies[k->owner[number]];
    n->pool = pool;
    n->node = node;
    n->nodepool = k->owner[number];
    n->stay = l->stay;
    n->jobs = l->jobs;
    n->price = karpenter_price(v, pool);
    n->cost = karpenter_cost(v, n);
    t->cost += n->cost;
    t->price += n->price;
    t->nodes++;
    t->going += k->going[number];
    t->down += !pool_node_is_up(&v->pools[pool], node);
    if (!is_candidate(v, n, l->touched_us, &s->later_us)) return;
    if (l->jobs == 0) k->empty_n++;
    else k->busy_n++;
}

static void survey_pool(struct autoscaler_view *v, int32_t pool, struct karpenter_survey *s)
{
    const struct karpenter *k = v->state;
    const int32_t *owner = k->owner + v->pools[pool].base;
    const struct lifecycle_node *l = lifecycle_node(v->nodes, pool, 0);
    for (int32_t node = 0; node < v->pools[pool].node_n; node++)
        if (owner[node] >= 0 && l[node].state == NODE_READY)
            survey_node(v, &l[node], pool, node, s);
}

static void count_free(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    k->free_gpus = 0;
    k->some_whole = false;
    for (int32_t p = 0; p < v->pool_n; p++) {
        k->most_free[p] = 0;
        for (size_t b = k->fit.first[p]; b < k->fit.booting[p]; b++) {
            int32_t gpus = k->fit.bins[b].room.gpus;
            k->free_gpus += gpus;
            if (gpus > k->most_free[p]) k->most_free[p] = gpus;
            k->some_whole |= gpus == v->pools[p].gpus;
        }
    }
}

struct karpenter_survey karpenter_look_around(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    struct karpenter_survey s = { .later_us = EVENT_NONE };
    k->empty_n = k->busy_n = 0;
    memset(k->tallies, 0, (size_t)k->n * sizeof *k->tallies);
    s.blocked = !karpenter_settle(v);
    if (v->failed) return s;
    count_free(v);
    if (k->options->plain || !karpenter_no_move_beside(v, s.blocked))
        for (int32_t p = 0; p < v->pool_n; p++) survey_pool(v, p, &s);
    return s;
}

/* ---- a trial ---- */

static int compare_slots(const void *a, const void *b, void *view)
{
    const struct autoscaler_view *v = view;
    const struct running_job *x = &v->running->slots[*(const uint32_t *)a];
    const struct running_job *y = &v->running->slots[*(const uint32_t *)b];
    int order = karpenter_compare_pods(v, x->demand, y->demand);
    return order ? order : (x->job > y->job) - (x->job < y->job);
}

static bool moved_room(struct karpenter *k, size_t n)
{
    if (n <= k->moved_capacity) return true;
    uint32_t *moved = realloc(k->moved, 2 * n * sizeof *moved);
    if (!moved) return false;
    k->moved = moved;
    k->moved_capacity = 2 * n;
    return true;
}

/* The jobs on the nodes, each once, in the order of their pods. */
static bool gather_moved(struct autoscaler_view *v, const struct karpenter_node *nodes, int32_t n,
                         size_t *moved_n)
{
    struct karpenter *k = v->state;
    const struct residents *r = v->residents;
    size_t moved = 0, kept = 0;
    for (int32_t i = 0; i < n; i++) moved += (size_t)nodes[i].jobs;
    if (!moved_room(k, moved)) return false;
    moved = 0;
    for (int32_t i = 0; i < n; i++) {
        uint32_t at = r->first[karpenter_number(v, nodes[i].pool, nodes[i].node)];
        for (; at != RESIDENT_NONE; at = r->all[at].after) k->moved[moved++] = r->all[at].slot;
    }
    if (moved > 1) qsort_r(k->moved, moved, sizeof *k->moved, compare_slots, v);
    for (size_t i = 0; i < moved; i++)
        if (i == 0 || k->moved[i] != k->moved[i - 1]) k->moved[kept++] = k->moved[i];
    *moved_n = kept;
    return true;
}

static void take_out(struct autoscaler_view *v, const struct karpenter_node *n)
{
    struct karpenter *k = v->state;
    const struct instance_type *t = &v->fleet->pools[n->pool].type;
    k->trial.bins[k->trial.bin_of[karpenter_number(v, n->pool, n->node)]].shut = true;
    karpenter_limits_add(&k->trial.left[n->nodepool], t, +1);
}

static uint64_t every_pool(const struct autoscaler_view *v)
{
    return v->pool_n < 64 ? (UINT64_C(1) << v->pool_n) - 1 : UINT64_MAX;
}

static uint64_t of_rank(const struct autoscaler_view *v, uint64_t pools, int rank)
{
    uint64_t found = 0;
    for (; pools; pools &= pools - 1)
        if (karpenter_capacity_rank(v, __builtin_ctzll(pools)) == rank) found |= pools & -pools;
    return found;
}

uint64_t karpenter_cheaper_than(const struct autoscaler_view *v, uint64_t pools, __int128 price)
{
    uint64_t found = 0;
    for (; pools; pools &= pools - 1)
        if (karpenter_price(v, __builtin_ctzll(pools)) < price) found |= pools & -pools;
    return found;
}

static bool same_type(const struct autoscaler_view *v, int32_t p, int32_t q)
{
    return strcmp(v->fleet->pools[p].type.name, v->fleet->pools[q].type.name) == 0;
}

/* How many instance types there are among the pools. */
static int types_of(const struct autoscaler_view *v, uint64_t pools)
{
    int n = 0;
    for (uint64_t bits = pools; bits; bits &= bits - 1) {
        uint64_t before = pools & ((bits & -bits) - 1);
        bool seen = false;
        for (; before && !seen; before &= before - 1)
            seen = same_type(v, __builtin_ctzll(before), __builtin_ctzll(bits));
        n += !seen;
    }
    return n;
}

/* Where one of the nodes is of a type that would come, what comes must be cheaper than that node
 * (multinodeconsolidation.go, filterOutSameInstanceType). */
static uint64_t without_same_type(const struct autoscaler_view *v, uint64_t options,
                                  const struct karpenter_node *nodes, int32_t n)
{
    __int128 most = (__int128)INT64_MAX + 1;
    for (int32_t i = 0; i < n; i++)
        for (uint64_t bits = options; bits; bits &= bits - 1)
            if (same_type(v, nodes[i].pool, __builtin_ctzll(bits)) && nodes[i].price < most)
                most = nodes[i].price;
    return karpenter_cheaper_than(v, options, most);
}

/* consolidation.go, computeConsolidation: the offerings by which the nodes may be replaced. A
 * NodePool that may have both, spot and on demand, replaces by spot alone, whether there is any now
 * or not: else a node on demand might come that is dearer. */
static uint64_t replacements(const struct autoscaler_view *v, int32_t nodepool, uint64_t options,
                             const struct karpenter_node *nodes, int32_t n)
{
    const struct karpenter *k = v->state;
    uint64_t may_use = k->pools[nodepool].pools & every_pool(v);
    __int128 price = 0;
    bool all_spot = true;
    for (int32_t i = 0; i < n; i++) {
        price += nodes[i].price;
        all_spot &= karpenter_capacity_rank(v, nodes[i].pool) == 1;
    }
    options = karpenter_cheaper_than(v, options, price);
    if (of_rank(v, may_use, 1) && all_spot) {
        options = of_rank(v, options, 1);
        if (!k->options->spot_to_spot || (n == 1 && types_of(v, options) < SPOT_TYPES_LEAST))
            return 0;
    } else if (of_rank(v, may_use, 1)) {
        options &= ~of_rank(v, options, 2);
    }
    return n > 1 ? without_same_type(v, options, nodes, n) : options;
}

/* What of NodePool i's nodes is saved, and disrupted, as parts of all of them: the policy Balanced
 * takes a move where the first is at least half of the second (K = 2). */
static bool balanced(const struct autoscaler_view *v, const struct karpenter_node *nodes, int32_t n,
                     const struct karpenter_outcome *o, int32_t nodepool)
{
    const struct karpenter *k = v->state;
    const struct karpenter_tally *all = &k->tallies[nodepool];
    double saved = 0, cost = 0;
    for (int32_t i = 0; i < n; i++) {
        if (nodes[i].nodepool != nodepool) continue;
        saved += (double)nodes[i].price;
        cost += nodes[i].cost;
    }
    if (cost == 0 || all->cost == 0 || all->price == 0) return true;
    if (o->replaces && o->nodepool == nodepool) {
        int64_t least = INT64_MAX;
        for (uint64_t bits = o->options; bits; bits &= bits - 1)
            if (karpenter_price(v, __builtin_ctzll(bits)) < least)
                least = karpenter_price(v, __builtin_ctzll(bits));
        saved -= (double)least;
    }
    return 2 * saved / (double)all->price >= cost / all->cost;
}

struct karpenter_outcome karpenter_try_out(struct autoscaler_view *v,
                                           const struct karpenter_node *nodes, int32_t n)
{
    struct karpenter *k = v->state;
    struct karpenter_how how = { k->pools, k->order, k->n, true };
    struct karpenter_outcome o = { 0 };
    size_t moved_n = 0;
    if (!k->options->plain && !karpenter_gpus_for(v, nodes, n)) return o;
    karpenter_fit_copy(&k->trial, &k->fit, v, k->n, k->node_n);
    if (k->trial.failed || !gather_moved(v, nodes, n, &moved_n)) v->failed = true;
    for (int32_t i = 0; i < n && !v->failed; i++) take_out(v, &nodes[i]);
    for (size_t i = 0; i < moved_n && !v->failed; i++)
        karpenter_fit_give_back(&k->trial, v, k->moved[i]);
    for (size_t i = 0; i < moved_n && !v->failed; i++) {
        bool placed =
            karpenter_fit_place(&k->trial, v, &how, v->running->slots[k->moved[i]].demand);
        v->failed |= k->trial.failed;
        if (!placed || k->trial.claim_n > 1) return o;
    }
    if (v->failed) return o;
    o.good = true;
    if (k->trial.claim_n == 1) {
        o.replaces = true;
        o.nodepool = k->trial.claims[0].nodepool;
        o.options = replacements(v, o.nodepool, k->trial.claims[0].pools, nodes, n);
        o.good = o.options != 0;
    }
    for (int32_t i = 0; i < k->n && o.good; i++)
        if (k->pools[i].policy == KARPENTER_BALANCED) o.good = balanced(v, nodes, n, &o, i);
    return o;
}
