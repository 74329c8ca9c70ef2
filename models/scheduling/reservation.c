/* SPDX-License-Identifier: Apache-2.0 */
/* When and where the blocked head of an EASY queue will start; the rule is in easy.h. */
#include "models/scheduling/easy.h"

#include <stdlib.h>

static bool walk_room(struct scheduler *s)
{
    struct easy *e = s->state;
    size_t need = s->running->used;
    if (need <= e->walk_capacity) return true;
    size_t capacity = 2 * need + 64;
    uint32_t *walk = realloc(e->walk, capacity * sizeof *walk);
    if (walk) e->walk = walk;
    int64_t *end = realloc(e->walk_end, capacity * sizeof *end);
    if (end) e->walk_end = end;
    if (!walk || !end) return false;
    e->walk_capacity = capacity;
    return true;
}

/* ---- the nodes that withhold least ---- */

static int compare_leaving(const void *a, const void *b)
{
    const struct leaving *x = a, *y = b;
    if (x->now != y->now) return x->now < y->now ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

static int compare_leaving_node(const void *a, const void *b)
{
    const struct leaving *x = a, *y = b;
    return (x->node > y->node) - (x->node < y->node);
}

/* The nodes of a pool that jobs on paper have left, with what is free on them now; fewest free
 * first. */
static bool leaving_list(struct scheduler *s, int32_t pool, size_t walked)
{
    struct easy *e = s->state;
    size_t n = 0, merged = 0;
    for (size_t i = 0; i < walked; i++)
        if (s->running->slots[e->walk[i]].pool == pool)
            n += (size_t)s->running->slots[e->walk[i]].piece_n;
    if (n > e->leaving_capacity) {
        struct leaving *leaving = realloc(e->leaving, 2 * n * sizeof *leaving);
        if (!leaving) return false;
        e->leaving = leaving;
        e->leaving_capacity = 2 * n;
    }
    n = 0;
    for (size_t i = 0; i < walked; i++) {
        const struct running_job *j = &s->running->slots[e->walk[i]];
        const struct piece *pieces = running_pieces(s->running, e->walk[i]);
        for (int32_t k = 0; j->pool == pool && k < j->piece_n; k++)
            if (pieces[k].gpus > 0)
                e->leaving[n++] = (struct leaving){ pieces[k].node, pieces[k].gpus };
    }
    qsort(e->leaving, n, sizeof *e->leaving, compare_leaving_node);
    for (size_t i = 0; i < n; i++) {
        if (merged && e->leaving[merged - 1].node == e->leaving[i].node)
            e->leaving[merged - 1].now += e->leaving[i].now;
        else e->leaving[merged++] = e->leaving[i];
    }
    for (size_t i = 0; i < merged; i++)
        e->leaving[i].now = s->pools[pool].free_gpu[e->leaving[i].node] - e->leaving[i].now;
    qsort(e->leaving, merged, sizeof *e->leaving, compare_leaving);
    e->leaving_n = merged;
    return true;
}

/* Notes a piece of the head and hides what it takes. */
static void piece_take(struct scheduler *s, struct pool *p, int64_t node, int64_t gpus, int32_t *n)
{
    struct easy *e = s->state;
    struct share share = demand_share(scheduler_demand(s, e->head_demand), gpus);
    pool_shift(p, node, &share, -1);
    s->pieces[(*n)++] = (struct piece){ (int32_t)node, (int32_t)gpus };
}

/* Whole nodes and a remainder; one node where it fits one. */
static int32_t pick_fewest(struct scheduler *s, struct pool *p)
{
    struct easy *e = s->state;
    const struct demand *d = scheduler_demand(s, e->head_demand);
    int64_t whole = d->gpus > p->gpus ? d->gpus / p->gpus : 0, rest = d->gpus - whole * p->gpus;
    struct share share = demand_share(d, whole > 0 ? p->gpus : d->gpus); /* a CPU job has none */
    int32_t n = 0;
    for (size_t i = 0; i < e->leaving_n && n < whole; i++)
        if (pool_node_fits(p, e->leaving[i].node, &share))
            piece_take(s, p, e->leaving[i].node, p->gpus, &n);
    while (n < whole) {
        int64_t node = placing_first(p, &share, 0);
        if (node < 0) return n;
        piece_take(s, p, node, p->gpus, &n);
    }
    if (whole > 0 && rest == 0) return n;
    int64_t best = -1, best_held = INT64_MAX;
    share = demand_share(d, rest);
    for (size_t i = 0; i < e->leaving_n; i++) {
        const struct leaving *l = &e->leaving[i];
        if (!pool_node_fits(p, l->node, &share)) continue;
        int64_t held = l->now - (p->free_gpu[l->node] - rest);
        if (held < 0) held = 0;
        if (held < best_held) {
            best = l->node;
            best_held = held;
        }
    }
    if (best < 0) best = placing_first(p, &share, 0);
    if (best >= 0) piece_take(s, p, best, rest, &n);
    return n;
}

/* GPUs that come free first, then those that are free now on the same nodes, then others by number.
 */
static int32_t pick_anywhere(struct scheduler *s, struct pool *p)
{
    struct easy *e = s->state;
    const struct demand *d = scheduler_demand(s, e->head_demand);
    struct share one = demand_share(d, 1);
    int64_t left = d->gpus, more = d->gpus; /* more: beyond all that comes free */
    int32_t n = 0;
    for (size_t i = 0; i < e->leaving_n; i++) {
        const struct leaving *l = &e->leaving[i];
        more -= placing_room_on(p, d, l->node, p->free_gpu[l->node] - l->now);
    }
    for (size_t i = 0; i < e->leaving_n && left > 0; i++) {
        const struct leaving *l = &e->leaving[i];
        int64_t coming = placing_room_on(p, d, l->node, p->free_gpu[l->node] - l->now);
        int64_t wanted = more > 0 ? coming + more : coming;
        int64_t take = placing_room_on(p, d, l->node, wanted < left ? wanted : left);
        if (take > coming) more -= take - coming;
        if (take > 0) piece_take(s, p, l->node, take, &n);
        left -= take;
    }
    for (int64_t node = placing_first(p, &one, 0); left > 0 && node >= 0;
         node = placing_first(p, &one, node + 1)) {
        int64_t take = placing_room_on(p, d, node, left);
        if (take > 0) piece_take(s, p, node, take, &n);
        left -= take;
    }
    return n;
}

static bool keep(struct scheduler *s, int32_t pool, size_t walked)
{
    struct easy *e = s->state;
    struct pool *p = &s->pools[pool];
    const struct demand *d = scheduler_demand(s, e->head_demand);
    if (!leaving_list(s, pool, walked)) return false;
    int32_t n =
        d->gpus > 0 && s->placing.gang == GANG_ANYWHERE ? pick_anywhere(s, p) : pick_fewest(s, p);
    if ((size_t)n > e->reserved_capacity) {
        struct reserved *reserved = realloc(e->reserved, (size_t)n * sizeof *reserved);
        if (reserved) {
            e->reserved = reserved;
            e->reserved_capacity = (size_t)n;
        } else s->failed = true;
    }
    for (int32_t i = 0; i < n && !s->failed; i++) {
        int32_t node = s->pieces[i].node;
        e->reserved[i] =
            (struct reserved){ .node = node,
                               .left = { p->free_gpu[node], p->free_cpu ? p->free_cpu[node] : 0,
                                         p->free_cpu ? p->free_mem[node] : 0 } };
    }
    for (int32_t i = 0; i < n; i++) {
        struct share share = demand_share(d, s->pieces[i].gpus);
        pool_shift(p, s->pieces[i].node, &share, +1);
    }
    e->reserved_pool = pool;
    e->reserved_n = n;
    e->has_reservation = !s->failed;
    return !s->failed;
}

/* ---- the shadow time ---- */

/* Gives back (or takes again) on paper all that a running job holds. */
static void release_on_paper(struct scheduler *s, uint32_t slot, int sign)
{
    const struct running_job *j = &s->running->slots[slot];
    const struct piece *pieces = running_pieces(s->running, slot);
    for (int32_t i = 0; i < j->piece_n; i++) {
        struct share share = demand_share(scheduler_demand(s, j->demand), pieces[i].gpus);
        pool_shift(&s->pools[j->pool], pieces[i].node, &share, sign);
    }
}

/* Jobs end on paper, in order of their expected ends, until the head fits; then everything is taken
 * back. */
void reservation_make(struct scheduler *s, int64_t now_us)
{
    struct easy *e = s->state;
    const struct demand *d = scheduler_demand(s, e->head_demand);
    size_t n = 0;
    e->has_reservation = false;
    if (!walk_room(s)) {
        s->failed = true;
        return;
    }
    while (!e->has_reservation && events_next_time(&e->expected) != EVENT_NONE) {
        int64_t end = events_next_time(&e->expected);
        if (end < now_us) end = now_us;
        while (events_next_time(&e->expected) <= end) {
            uint32_t slot = events_next_slot(&e->expected);
            e->walk[n] = slot;
            e->walk_end[n++] = events_time(&e->expected, slot);
            events_set(&e->expected, slot, EVENT_NONE);
            release_on_paper(s, slot, +1);
        }
        e->shadow_us = end;
        for (int32_t p = 0; p < s->pool_n && !e->has_reservation; p++) {
            if (!(d->pools >> p & 1)) continue;
            int32_t pieces = placing_find(&s->placing, &s->pools[p], d, e->head, s->pieces);
            if (pieces > 0 && !keep(s, p, n)) s->failed = true;
        }
        if (s->failed) break;
    }
    while (n-- > 0) {
        release_on_paper(s, e->walk[n], -1);
        events_set(&e->expected, e->walk[n], e->walk_end[n]);
    }
}

/* ---- what others must leave ---- */

static int64_t beyond(int64_t free_now, int64_t left)
{
    return free_now > left ? free_now - left : 0;
}

void reservation_hold(struct scheduler *s)
{
    struct easy *e = s->state;
    struct pool *p = &s->pools[e->reserved_pool];
    for (int32_t i = 0; i < e->reserved_n; i++) {
        struct reserved *r = &e->reserved[i];
        r->held = (struct share){ (int32_t)beyond(p->free_gpu[r->node], r->left.gpus), 0, 0 };
        if (p->free_cpu) {
            r->held.cpu_milli = beyond(p->free_cpu[r->node], r->left.cpu_milli);
            r->held.mem_mib = beyond(p->free_mem[r->node], r->left.mem_mib);
        }
        pool_shift(p, r->node, &r->held, -1);
    }
}

void reservation_lift(struct scheduler *s)
{
    struct easy *e = s->state;
    for (int32_t i = 0; i < e->reserved_n; i++)
        pool_shift(&s->pools[e->reserved_pool], e->reserved[i].node, &e->reserved[i].held, +1);
}

void reservation_spend(struct scheduler *s, uint32_t demand, const struct piece *pieces, int32_t n)
{
    struct easy *e = s->state;
    for (int32_t i = 0; i < n; i++)
        for (int32_t k = 0; k < e->reserved_n; k++) {
            if (e->reserved[k].node != pieces[i].node) continue;
            struct share share = demand_share(scheduler_demand(s, demand), pieces[i].gpus);
            e->reserved[k].left.gpus -= share.gpus;
            e->reserved[k].left.cpu_milli -= share.cpu_milli;
            e->reserved[k].left.mem_mib -= share.mem_mib;
        }
}

void reservation_free(struct easy *e)
{
    free(e->reserved);
    free(e->leaving);
    free(e->walk);
    free(e->walk_end);
}
