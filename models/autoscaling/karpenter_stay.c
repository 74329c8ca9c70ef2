/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of Karpenter's candidates stay, without a trial: one of their jobs has room nowhere else.
 *
 * On a busy fleet the nodes that are cheapest to disrupt hold one large job each, budgets let no
 * others be tried, and look after look finds that so it still is.
 */
#include "models/autoscaling/karpenter_trial.h"

/* Whether a job of the node has room on no node that is there, nor on a new one of these pools. */
static bool is_stuck(const struct autoscaler_view *v, const struct karpenter_node *n,
                     uint64_t pools)
{
    const struct karpenter *k = v->state;
    const struct residents *r = v->residents;
    uint32_t i = r->first[karpenter_number(v, n->pool, n->node)];
    for (; i != RESIDENT_NONE; i = r->all[i].after) {
        uint32_t demand = v->running->slots[r->all[i].slot].demand;
        const struct demand *d = &v->demands->entries[demand].demand;
        bool room = false;
        for (int32_t p = 0; p < v->pool_n && !room; p++) {
            int32_t gpus = pools >> p & 1 ? v->pools[p].gpus : k->most_free[p];
            room = d->pools >> p & 1 && (d->gpus > v->pools[p].gpus || d->gpus <= gpus);
        }
        if (!room) return true;
    }
    return false;
}

bool karpenter_stays(const struct autoscaler_view *v, const struct karpenter_node *n)
{
    return is_stuck(v, n, karpenter_cheaper_than(v, karpenter_usable(v), n->price));
}

bool karpenter_none_goes(const struct autoscaler_view *v, const struct karpenter_survey *s)
{
    const struct karpenter *k = v->state;
    const struct karpenter_node *busy = karpenter_busy(k);
    if (k->scheduled || k->empty_n > 0) return false;
    if (s->blocked) return true;
    if (karpenter_gpus_for_many(v, k->free_gpus)) return false;
    for (size_t i = 0; i < k->busy_n; i++)
        if (karpenter_gpus_for_one(v, busy[i].pool, k->free_gpus) && !karpenter_stays(v, &busy[i]))
            return false;
    return true;
}

/* ---- those that were chosen ---- */

/* A gang that is moved leaves room on nodes that stay. */
static bool has_gang(const struct autoscaler_view *v, const struct karpenter_node *n)
{
    const struct residents *r = v->residents;
    uint32_t i = r->first[karpenter_number(v, n->pool, n->node)];
    for (; i != RESIDENT_NONE; i = r->all[i].after)
        if (v->running->slots[r->all[i].slot].piece_n > 1) return true;
    return false;
}

/* Offerings that may come in place of the node and of others with it. */
static uint64_t followers(const struct autoscaler_view *v, const struct karpenter_node *n)
{
    uint64_t pools = 0;
    for (uint64_t bits = karpenter_usable(v); bits; bits &= bits - 1)
        if (karpenter_may_follow(v, __builtin_ctzll(bits), n->pool)) pools |= bits & -bits;
    return pools;
}

/* Several that are tried together are always the best, and others. */
bool karpenter_chosen_stay(const struct autoscaler_view *v, int32_t n)
{
    const struct karpenter *k = v->state;
    if (n > 1 && !is_stuck(v, &k->chosen[0], followers(v, &k->chosen[0]))) return false;
    for (int32_t i = 0; i < n; i++)
        if (has_gang(v, &k->chosen[i]) || !karpenter_stays(v, &k->chosen[i])) return false;
    return true;
}

/* ---- look after look ---- */

/* What is on each of those that stayed, and what they cost now; the best of them comes first.
 * False: one has gone. */
static bool see_again(struct autoscaler_view *v, struct karpenter_node *worst)
{
    struct karpenter *k = v->state;
    struct karpenter_node *best = k->chosen;
    for (int32_t i = 0; i < k->stay_n; i++) {
        struct karpenter_node *n = &k->chosen[i];
        const struct lifecycle_node *l = lifecycle_node(v->nodes, n->pool, n->node);
        if (l->state != NODE_READY || l->stay != n->stay) return false;
        n->jobs = l->jobs;
        n->cost = karpenter_cost(v, n);
        if (i == 0 || karpenter_is_better(worst, n)) *worst = *n;
        if (karpenter_is_better(n, best)) best = n;
    }
    struct karpenter_node first = *best;
    *best = k->chosen[0];
    k->chosen[0] = first;
    return true;
}

/* How many nodes of the NodePool are at least as good as one of them; -1: one is empty, has failed,
 * or goes. All of them are counted. */
static int64_t as_good(const struct autoscaler_view *v, const struct karpenter_node *worst,
                       int64_t *nodes)
{
    const struct karpenter *k = v->state;
    int64_t n = 0;
    *nodes = 0;
    for (int32_t p = 0; p < v->pool_n; p++) {
        struct karpenter_node node = { .pool = p, .price = karpenter_price(v, p) };
        for (; node.node < v->pools[p].node_n; node.node++) {
            const struct lifecycle_node *l = lifecycle_node(v->nodes, p, node.node);
            int32_t number = karpenter_number(v, p, node.node);
            if (k->owner[number] < 0 || l->state != NODE_READY) continue;
            if (l->jobs == 0 || k->going[number]) return -1;
            node.stay = l->stay;
            node.jobs = l->jobs;
            node.cost = karpenter_cost(v, &node);
            n += !karpenter_is_better(worst, &node);
            ++*nodes;
        }
    }
    return n;
}

/* Nothing waits, so that all that is free is free, and each node is a candidate. */
bool karpenter_still_stay(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    struct karpenter_node worst = { 0 };
    int64_t nodes, most, changes_us;
    if (k->stay_n == 0 || k->n > 1 || k->waits || k->scheduled || v->waiting_n > 0) return false;
    for (int32_t p = 0; p < v->pool_n; p++) k->most_free[p] = karpenter_most_free(&v->pools[p]);
    if (!see_again(v, &worst) || as_good(v, &worst, &nodes) != k->stay_n) return false;
    most = karpenter_allowed(&k->pools[0], KARPENTER_UNDERUTILIZED, nodes, 0, 0, 0, &changes_us);
    return (most <= k->stay_n || nodes == k->stay_n) && karpenter_chosen_stay(v, k->stay_n);
}
