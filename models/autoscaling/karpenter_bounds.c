/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Karpenter would find, without its simulation: of a fleet that is full, and has jobs that
 * wait, it looks at the same again and again. All of it follows from how many GPUs are free. Where
 * that does not decide, the simulation does.
 */
#include "models/autoscaling/karpenter.h"

/* ---- batches ---- */

static bool is_narrow(const struct pool *p, const struct demand *d)
{
    return d->gpus <= p->gpus || p->gpus == 0;
}

int32_t karpenter_most_free(const struct pool *p)
{
    int32_t most = p->gpus;
    while (most >= 0 && p->count[most] == 0) most--;
    return most;
}

/* Whether the demand has no room on nodes that are there, or boot: GPUs alone forbid it. Jobs that
 * are placed before it only take room. */
static bool has_no_room(const struct autoscaler_view *v, const struct demand *d)
{
    for (uint64_t bits = d->pools; bits; bits &= bits - 1) {
        int32_t p = __builtin_ctzll(bits);
        const struct pool *pool = &v->pools[p];
        int64_t boots = v->nodes->pools[p].booting.n;
        int64_t gpus = d->part_milli ? 1 : d->gpus;
        if (!is_narrow(pool, d)) {
            if (d->gpus / pool->gpus <= pool->count[pool->gpus] + boots) return false;
        } else if (boots > 0 || gpus <= karpenter_most_free(pool)) return false;
    }
    return true;
}

/* Whether a new node of a pool of some NodePool would hold it; the caller knows of no limits. */
static bool has_claim(const struct autoscaler_view *v, const struct demand *d, uint64_t usable)
{
    for (uint64_t bits = d->pools & usable; bits; bits &= bits - 1) {
        const struct pool *p = &v->pools[__builtin_ctzll(bits)];
        if (!is_narrow(p, d) || (d->part_milli ? 1 : d->gpus) > p->gpus) continue;
        if (!p->free_cpu || (d->cpu_milli <= p->cpu_milli && d->mem_mib <= p->mem_mib)) return true;
    }
    return false;
}

/*
 * Where one offering at most is usable, and has no node left, all claims are of it, none of them is
 * launched, and all that comes of them is that it is unavailable: that there is one claim, which
 * there is if a demand has a claim and no room, is all that matters. A gang, whose claims are only
 * for nodes that can be had, finds none.
 *
 * Without limits, a demand that has a claim has it whatever is placed before. So all find room, or
 * a claim, if each has one, and not if one has neither room nor one. Where not all do and nothing
 * runs, they are placed again in another order, which opens the same claims or none.
 */
bool karpenter_know_batch(const struct autoscaler_view *v, struct karpenter_batch *found)
{
    const struct karpenter *k = v->state;
    uint64_t usable = karpenter_usable(v) & k->offered;
    bool lost = false, each = true, some = false;
    *found = (struct karpenter_batch){ .pool = usable ? __builtin_ctzll(usable) : -1 };
    if (usable && (k->limited || (usable & (usable - 1)) || v->running->n == 0 ||
                   lifecycle_can_come(&v->nodes->pools[found->pool]) > 0))
        return false;
    for (uint32_t i = 0; i < v->demand_n; i++) {
        if (v->waiting[i] == 0) continue;
        const struct demand *d = &v->demands->entries[i].demand;
        bool claim = usable && has_claim(v, d, usable);
        bool out = (!claim || !found->claims) && (claim || !lost) && has_no_room(v, d);
        found->claims |= claim && out;
        lost |= !claim && out;
        each &= claim;
        some |= claim;
    }
    found->all = each;
    return (found->claims || !some) && (each || lost);
}

/* ---- consolidation ---- */

bool karpenter_may_follow(const struct autoscaler_view *v, int32_t q, int32_t p)
{
    const struct karpenter *k = v->state;
    return k->type[q] != k->type[p] || karpenter_price(v, q) < karpenter_price(v, p);
}

/*
 * The GPUs of nodes that go, free ones and those that jobs hold, must be free all over the fleet,
 * these nodes included, but for those of one new node that is cheaper than all of them. What is
 * free now is the most that can be, since jobs that wait only take of it.
 *
 * One node of pool p needs its own. Several need those of two nodes at least, of pools whose nodes
 * the new one may replace.
 */
bool karpenter_gpus_for_one(const struct autoscaler_view *v, int32_t p, int64_t free)
{
    const struct karpenter *k = v->state;
    if (v->pools[p].gpus <= free) return true;
    uint64_t usable = karpenter_usable(v) & k->offered;
    for (int32_t q = 0; q < v->pool_n; q++)
        if (usable >> q & 1 && karpenter_price(v, q) < karpenter_price(v, p) &&
            v->pools[p].gpus <= free + v->pools[q].gpus)
            return true;
    return false;
}

bool karpenter_gpus_for_many(const struct autoscaler_view *v, int64_t free)
{
    const struct karpenter *k = v->state;
    uint64_t usable = karpenter_usable(v) & k->offered;
    for (int32_t p = 0; p < v->pool_n; p++) {
        int64_t two = 2 * (int64_t)v->pools[p].gpus;
        if (v->nodes->pools[p].ready_n == 0) continue;
        if (two <= free) return true;
        for (int32_t q = 0; q < v->pool_n; q++)
            if (usable >> q & 1 && karpenter_may_follow(v, q, p) && two <= free + v->pools[q].gpus)
                return true;
    }
    return false;
}

static bool gpus_suffice(const struct autoscaler_view *v, int64_t free)
{
    for (int32_t p = 0; p < v->pool_n; p++)
        if (v->nodes->pools[p].ready_n > 0 && karpenter_gpus_for_one(v, p, free)) return true;
    return karpenter_gpus_for_many(v, free);
}

/* Of offerings that cost less than all of the nodes, those that are not of the type of one of them
 * that costs as little. */
bool karpenter_gpus_for(const struct autoscaler_view *v, const struct karpenter_node *nodes,
                        int32_t n)
{
    const struct karpenter *k = v->state;
    __int128 price = 0;
    int64_t least[64], gpus = 0;
    for (int32_t p = 0; p < v->pool_n; p++) least[p] = INT64_MAX;
    for (int32_t i = 0; i < n; i++) {
        int64_t *cheapest = &least[k->type[nodes[i].pool]];
        if (nodes[i].price < *cheapest) *cheapest = nodes[i].price;
        price += nodes[i].price;
        gpus += v->pools[nodes[i].pool].gpus;
    }
    if (gpus <= k->free_gpus) return true;
    for (uint64_t bits = k->fit.usable & k->offered; bits; bits &= bits - 1) {
        int32_t q = __builtin_ctzll(bits);
        if (q < v->pool_n && karpenter_price(v, q) < price &&
            karpenter_price(v, q) < least[k->type[q]] && gpus <= k->free_gpus + v->pools[q].gpus)
            return true;
    }
    return false;
}

/* How many free GPUs of these pools jobs that wait take at least: each that asks for one GPU, and
 * may have it on any of them, has one as long as there is one, on a node that is ready first. */
static int64_t taken(const struct autoscaler_view *v, uint64_t pools)
{
    int64_t gpus = 0;
    for (uint32_t i = 0; i < v->demand_n; i++) {
        const struct demand *d = &v->demands->entries[i].demand;
        if (d->gpus == 1 && (d->pools & pools) == pools) gpus += v->waiting[i];
    }
    return gpus;
}

/* Where a NodePool has a consolidateAfter or a budget by the clock, the caller must also learn when
 * more can go, and looks. An empty node may go. */
bool karpenter_no_move(const struct autoscaler_view *v)
{
    const struct karpenter *k = v->state;
    uint64_t pools = 0;
    int64_t free = 0;
    bool tracked = false;
    if (k->waits || k->scheduled) return false;
    for (int32_t p = 0; p < v->pool_n; p++) {
        if (v->pools[p].count[v->pools[p].gpus] > 0) return false;
        if (v->pools[p].free_gpus > 0) pools |= UINT64_C(1) << p;
        free += v->pools[p].free_gpus;
        tracked |= v->pools[p].free_cpu != NULL;
    }
    if (!k->moves_jobs) return true;
    if (v->waiting_n > 0 && !tracked) {
        int64_t gpus = taken(v, pools);
        free = free > gpus ? free - gpus : 0;
    }
    return !gpus_suffice(v, free);
}

/* The same of what jobs that wait have left. A node of which they take something is not empty, or
 * does not go. */
bool karpenter_no_move_beside(const struct autoscaler_view *v, bool blocked)
{
    const struct karpenter *k = v->state;
    if (k->waits || k->scheduled || k->some_whole) return false;
    return blocked || !k->moves_jobs || !gpus_suffice(v, k->free_gpus);
}
