/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/evict_node.h"

#include <stdlib.h>

struct held {    /* a job's part of a node */
    uint32_t at; /* in the list of slots */
    struct share share;
};

struct by_node {
    uint32_t *first; /* [nodes + 1] of each node of the fleet, in `held` */
    struct held *held;
    uint32_t *chosen; /* scratch: victims on one node */
};

/* Smaller is better, field by field. */
struct price {
    int64_t urgency; /* the priority of the most urgent victim */
    int64_t sum;
    uint32_t n;
    int64_t started_us; /* the first of the most urgent, negated */
};

static int64_t nodes_of(const struct scheduler *s)
{
    const struct pool *last = &s->pools[s->pool_n - 1];
    return (int64_t)last->base + last->node_n;
}

static bool by_node_init(const struct scheduler *s, struct by_node *b, const uint32_t *slots,
                         uint32_t n)
{
    size_t nodes = (size_t)nodes_of(s), pieces = 0;
    for (uint32_t i = 0; i < n; i++) pieces += (size_t)s->running->slots[slots[i]].piece_n;
    b->first = calloc(nodes + 2, sizeof *b->first);
    b->held = malloc((pieces + 1) * sizeof *b->held);
    b->chosen = malloc((n + 1) * sizeof *b->chosen);
    if (!b->first || !b->held || !b->chosen) return false;
    for (int pass = 0; pass < 2; pass++) { /* counted, then filled, in order of the list */
        for (uint32_t i = 0; i < n; i++) {
            const struct running_job *j = &s->running->slots[slots[i]];
            const struct piece *p = running_pieces(s->running, slots[i]);
            const struct demand *d = scheduler_demand(s, j->demand);
            for (int32_t k = 0; k < j->piece_n; k++) {
                uint32_t *at = &b->first[s->pools[j->pool].base + p[k].node + 2 - pass];
                if (pass) b->held[*at] = (struct held){ i, demand_share(d, p[k].gpus) };
                ++*at;
            }
        }
        for (size_t i = 2; !pass && i < nodes + 2; i++) b->first[i] += b->first[i - 1];
    }
    return true;
}

static void by_node_free(struct by_node *b)
{
    free(b->first);
    free(b->held);
    free(b->chosen);
}

static int64_t priority_of(const struct scheduler *s, uint32_t slot)
{
    return s->workload->priority[s->running->slots[slot].job];
}

/* Who must go from the node, into b->chosen; 0 = not even all are enough. */
static uint32_t victims_on(const struct by_node *b, struct pool *pool, int32_t node,
                           const struct share *wanted)
{
    const struct held *held = b->held + b->first[pool->base + node];
    uint32_t n = b->first[pool->base + node + 1] - b->first[pool->base + node], chosen = 0;
    for (uint32_t i = 0; i < n; i++) pool_shift(pool, node, &held[i].share, +1);
    bool fits = pool_node_fits(pool, node, wanted);
    for (uint32_t i = 0; i < n; i++) {
        pool_shift(pool, node, &held[i].share, -1);
        if (!fits || pool_node_fits(pool, node, wanted)) continue;
        pool_shift(pool, node, &held[i].share, +1);
        b->chosen[chosen++] = i;
    }
    for (uint32_t i = 0; i < chosen; i++) pool_shift(pool, node, &held[b->chosen[i]].share, -1);
    for (uint32_t i = 0; i < chosen; i++) b->chosen[i] = held[b->chosen[i]].at;
    return chosen;
}

static struct price price_of(const struct scheduler *s, const uint32_t *slots,
                             const uint32_t *chosen, uint32_t n)
{
    struct price p = { priority_of(s, slots[chosen[0]]), 0, n, 0 };
    p.started_us = -s->running->slots[slots[chosen[0]]].start_us;
    for (uint32_t i = 0; i < n; i++) p.sum += priority_of(s, slots[chosen[i]]) - INT32_MIN;
    return p;
}

static bool is_cheaper(const struct price *a, const struct price *b)
{
    if (a->urgency != b->urgency) return a->urgency < b->urgency;
    if (a->sum != b->sum) return a->sum < b->sum;
    return a->n != b->n ? a->n < b->n : a->started_us < b->started_us;
}

struct evict_choice evict_on_node(struct scheduler *s, uint32_t demand, uint32_t *slots, uint32_t n)
{
    const struct demand *d = scheduler_demand(s, demand);
    struct share wanted = demand_share(d, d->gpus);
    struct evict_choice best = { -1, -1, 0 };
    struct price least = { 0 };
    struct by_node b = { 0 };
    if (!by_node_init(s, &b, slots, n)) s->failed = true;
    for (int32_t p = 0; p < s->pool_n && !s->failed; p++) {
        struct pool *pool = &s->pools[p];
        if (!(d->pools >> p & 1) || d->gpus > pool->gpus) continue;
        for (int32_t node = 0; node < pool->node_n; node++) {
            uint32_t chosen = victims_on(&b, pool, node, &wanted);
            if (chosen == 0) continue;
            struct price price = price_of(s, slots, b.chosen, chosen);
            if (best.pool >= 0 && !is_cheaper(&price, &least)) continue;
            best = (struct evict_choice){ p, node, chosen };
            least = price;
        }
    }
    if (best.pool >= 0) { /* once more, for who they are */
        best.victim_n = victims_on(&b, &s->pools[best.pool], best.node, &wanted);
        for (uint32_t i = 0; i < best.victim_n; i++) { /* chosen rises, so none is overwritten */
            uint32_t slot = slots[b.chosen[i]];
            slots[b.chosen[i]] = slots[i];
            slots[i] = slot;
        }
    }
    by_node_free(&b);
    return best;
}
