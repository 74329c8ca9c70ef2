/* SPDX-License-Identifier: Apache-2.0 */
/* When and where a blocked head will start, and who may start before it; the rule is in the header.
 */
#include "models/scheduling/reservation.h"

#include <stdlib.h>

static bool walk_room(struct scheduler *s, struct reservation *r)
{
    size_t need = s->running->used;
    if (need <= r->walk_capacity) return true;
    size_t capacity = 2 * need + 64;
    struct walked *walk = realloc(r->walk, capacity * sizeof *walk);
    if (!walk) return false;
    r->walk = walk;
    r->walk_capacity = capacity;
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
static bool leaving_list(struct scheduler *s, struct reservation *r, int32_t pool, size_t walked)
{
    size_t n = 0, merged = 0;
    for (size_t i = 0; i < walked; i++)
        if (s->running->slots[r->walk[i].slot].pool == pool)
            n += (size_t)s->running->slots[r->walk[i].slot].piece_n;
    if (n > r->leaving_capacity) {
        struct leaving *leaving = realloc(r->leaving, 2 * n * sizeof *leaving);
        if (!leaving) return false;
        r->leaving = leaving;
        r->leaving_capacity = 2 * n;
    }
    n = 0;
    for (size_t i = 0; i < walked; i++) {
        const struct running_job *j = &s->running->slots[r->walk[i].slot];
        const struct piece *pieces = running_pieces(s->running, r->walk[i].slot);
        for (int32_t k = 0; j->pool == pool && k < j->piece_n; k++)
            if (pieces[k].gpus > 0 && pool_node_is_up(&s->pools[pool], pieces[k].node))
                r->leaving[n++] = (struct leaving){ pieces[k].node, pieces[k].gpus };
    }
    if (n > 1) qsort(r->leaving, n, sizeof *r->leaving, compare_leaving_node);
    for (size_t i = 0; i < n; i++) {
        if (merged && r->leaving[merged - 1].node == r->leaving[i].node)
            r->leaving[merged - 1].now += r->leaving[i].now;
        else r->leaving[merged++] = r->leaving[i];
    }
    for (size_t i = 0; i < merged; i++)
        r->leaving[i].now = s->pools[pool].free_gpu[r->leaving[i].node] - r->leaving[i].now;
    if (merged > 1) qsort(r->leaving, merged, sizeof *r->leaving, compare_leaving);
    r->leaving_n = merged;
    return true;
}

/* Notes a piece of the head and hides what it takes. */
static void piece_take(struct scheduler *s, struct reservation *r, struct pool *p, int64_t node,
                       int64_t gpus, int32_t *n)
{
    struct share share = demand_share(scheduler_demand(s, r->head_demand), gpus);
    pool_shift(p, node, &share, -1);
    s->pieces[(*n)++] = (struct piece){ .node = (int32_t)node, .gpus = (uint16_t)gpus };
}

/* Whole nodes and a remainder; one node where it fits one. */
static int32_t pick_fewest(struct scheduler *s, struct reservation *r, struct pool *p)
{
    const struct demand *d = scheduler_demand(s, r->head_demand);
    int64_t whole = d->gpus > p->gpus ? d->gpus / p->gpus : 0, rest = d->gpus - whole * p->gpus;
    struct share share = demand_share(d, whole > 0 ? p->gpus : d->gpus); /* a CPU job has none */
    int32_t n = 0;
    for (size_t i = 0; i < r->leaving_n && n < whole; i++)
        if (pool_node_fits(p, r->leaving[i].node, &share))
            piece_take(s, r, p, r->leaving[i].node, p->gpus, &n);
    while (n < whole) {
        int64_t node = placing_first(p, &share, 0);
        if (node < 0) return n;
        piece_take(s, r, p, node, p->gpus, &n);
    }
    if (whole > 0 && rest == 0) return n;
    int64_t best = -1, best_held = INT64_MAX;
    share = demand_share(d, rest);
    for (size_t i = 0; i < r->leaving_n; i++) {
        const struct leaving *l = &r->leaving[i];
        if (!pool_node_fits(p, l->node, &share)) continue;
        int64_t held = l->now - (p->free_gpu[l->node] - rest);
        if (held < 0) held = 0;
        if (held < best_held) {
            best = l->node;
            best_held = held;
        }
    }
    if (best < 0) best = placing_first(p, &share, 0);
    if (best >= 0) piece_take(s, r, p, best, rest, &n);
    return n;
}

/* GPUs that come free first, then those that are free now on the same nodes, then others by number.
 */
static int32_t pick_anywhere(struct scheduler *s, struct reservation *r, struct pool *p)
{
    const struct demand *d = scheduler_demand(s, r->head_demand);
    struct share one = demand_share(d, 1);
    int64_t left = d->gpus, more = d->gpus; /* more: beyond all that comes free */
    int32_t n = 0;
    for (size_t i = 0; i < r->leaving_n; i++) {
        const struct leaving *l = &r->leaving[i];
        more -= placing_room_on(p, d, l->node, p->free_gpu[l->node] - l->now);
    }
    for (size_t i = 0; i < r->leaving_n && left > 0; i++) {
        const struct leaving *l = &r->leaving[i];
        int64_t coming = placing_room_on(p, d, l->node, p->free_gpu[l->node] - l->now);
        int64_t wanted = more > 0 ? coming + more : coming;
        int64_t take = placing_room_on(p, d, l->node, wanted < left ? wanted : left);
        if (take > coming) more -= take - coming;
        if (take > 0) piece_take(s, r, p, l->node, take, &n);
        left -= take;
    }
    for (int64_t node = placing_first(p, &one, 0); left > 0 && node >= 0;
         node = placing_first(p, &one, node + 1)) {
        int64_t take = placing_room_on(p, d, node, left);
        if (take > 0) piece_take(s, r, p, node, take, &n);
        left -= take;
    }
    return n;
}

static bool keep(struct scheduler *s, struct reservation *r, int32_t pool, size_t walked)
{
    struct pool *p = &s->pools[pool];
    const struct demand *d = scheduler_demand(s, r->head_demand);
    if (!leaving_list(s, r, pool, walked)) return false;
    int32_t n = d->gpus > 0 && s->placing.gang == GANG_ANYWHERE ? pick_anywhere(s, r, p)
                                                                : pick_fewest(s, r, p);
    if ((size_t)n > r->node_capacity) {
        struct reserved *nodes = realloc(r->nodes, (size_t)n * sizeof *nodes);
        if (nodes) {
            r->nodes = nodes;
            r->node_capacity = (size_t)n;
        } else s->failed = true;
    }
    for (int32_t i = 0; i < n && !s->failed; i++) {
        int32_t node = s->pieces[i].node;
        r->nodes[i] =
            (struct reserved){ .node = node,
                               .left = { .gpus = p->free_gpu[node],
                                         .cpu_milli = p->free_cpu ? p->free_cpu[node] : 0,
                                         .mem_mib = p->free_cpu ? p->free_mem[node] : 0 } };
    }
    for (int32_t i = 0; i < n; i++) {
        struct share share = demand_share(d, s->pieces[i].gpus);
        pool_shift(p, s->pieces[i].node, &share, +1);
    }
    r->pool = pool;
    r->node_n = n;
    r->stands = !s->failed;
    return !s->failed;
}

/* ---- the shadow time ---- */

static int compare_arrival(const void *a, const void *b, void *slots)
{
    const struct walked *x = a, *y = b;
    const struct running_job *j = slots;
    return (j[x->slot].job > j[y->slot].job) - (j[x->slot].job < j[y->slot].job);
}

/* Takes the slots that are expected to end by `end` out of the queue; returns how many there are
 * now in the walk. */
static size_t walk_to(struct scheduler *s, struct reservation *r, int64_t end, size_t n)
{
    size_t first = n;
    while (events_next_time(&r->expected) <= end) {
        struct walked *w = &r->walk[n++];
        *w = (struct walked){ events_next_slot(&r->expected), events_next_time(&r->expected) };
        events_set(&r->expected, w->slot, EVENT_NONE);
    }
    if (s->backfill->extra == EXTRA_AS_NEEDED)
        qsort_r(r->walk + first, n - first, sizeof *r->walk, compare_arrival, s->running->slots);
    return n;
}

/* The head as the fleet is on paper, after the first `walked` of the walk have ended. */
static void reserve(struct scheduler *s, struct reservation *r, size_t walked)
{
    const struct demand *d = scheduler_demand(s, r->head_demand);
    for (int32_t p = 0; p < s->pool_n && !r->stands && !s->failed; p++) {
        if (!(d->pools >> p & 1)) continue;
        int32_t pieces = placing_find(&s->placing, &s->pools[p], d, r->head, s->pieces);
        if (pieces > 0 && !keep(s, r, p, walked)) s->failed = true;
    }
}

/* Jobs end on paper, in order of their expected ends, until the head fits; then everything is taken
 * back. */
void reservation_make(struct scheduler *s, struct reservation *r, int64_t now_us)
{
    size_t n = 0, ended = 0;
    bool one_by_one = s->backfill->extra == EXTRA_AS_NEEDED;
    r->stands = false;
    if (!walk_room(s, r)) {
        s->failed = true;
        return;
    }
    while (!r->stands && !s->failed && events_next_time(&r->expected) != EVENT_NONE) {
        r->shadow_us = events_next_time(&r->expected);
        if (r->shadow_us < now_us) r->shadow_us = now_us;
        n = walk_to(s, r, r->shadow_us, n);
        while (ended < n && !r->stands && !s->failed) {
            scheduler_give_back(s, r->walk[ended++].slot, +1);
            if (one_by_one || ended == n) reserve(s, r, ended);
        }
    }
    if (!r->stands) {
        r->shadow_us = EVENT_NONE;
        r->pool = r->node_n = 0;
    }
    while (ended > 0) scheduler_give_back(s, r->walk[--ended].slot, -1);
    while (n-- > 0) events_set(&r->expected, r->walk[n].slot, r->walk[n].end_us);
}

/* ---- what others must leave ---- */

static int64_t beyond(int64_t free_now, int64_t left)
{
    return free_now > left ? free_now - left : 0;
}

void reservation_hold(struct scheduler *s, struct reservation *r)
{
    struct pool *p = &s->pools[r->pool];
    for (int32_t i = 0; i < r->node_n; i++) {
        struct reserved *n = &r->nodes[i];
        n->held = (struct share){ .gpus = (int32_t)beyond(p->free_gpu[n->node], n->left.gpus) };
        if (p->free_cpu) {
            n->held.cpu_milli = beyond(p->free_cpu[n->node], n->left.cpu_milli);
            n->held.mem_mib = beyond(p->free_mem[n->node], n->left.mem_mib);
        }
        pool_shift(p, n->node, &n->held, -1);
    }
}

void reservation_lift(struct scheduler *s, struct reservation *r)
{
    for (int32_t i = 0; i < r->node_n; i++)
        pool_shift(&s->pools[r->pool], r->nodes[i].node, &r->nodes[i].held, +1);
}

/* Counts a started job that outlasts the shadow time against what is left on the head's nodes. */
static void spend(struct scheduler *s, struct reservation *r, uint32_t demand, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        for (int32_t k = 0; k < r->node_n; k++) {
            if (r->nodes[k].node != s->pieces[i].node) continue;
            struct share share = demand_share(scheduler_demand(s, demand), s->pieces[i].gpus);
            r->nodes[k].left.gpus -= share.gpus;
            r->nodes[k].left.cpu_milli -= share.cpu_milli;
            r->nodes[k].left.mem_mib -= share.mem_mib;
        }
}

bool reservation_binds(const struct scheduler *s, const struct reservation *r, uint32_t job,
                       uint32_t demand, int32_t pool, int64_t now_us)
{
    const struct demand_entry *d = &s->demands->entries[demand];
    return r->stands && pool == r->pool &&
           scaled_us(d, pool, estimate_us(s, job)) > reservation_room_us(s, r, now_us);
}

bool reservation_try_in(struct scheduler *s, struct reservation *r, uint32_t job, uint32_t demand,
                        int32_t pool, int64_t now_us)
{
    const struct demand *d = scheduler_demand(s, demand);
    if (!reservation_binds(s, r, job, demand, pool, now_us))
        return scheduler_place_in(s, job, demand, pool, now_us);
    reservation_hold(s, r);
    int32_t n = placing_find(&s->placing, &s->pools[pool], d, job, s->pieces);
    reservation_lift(s, r);
    if (n == 0) return false;
    spend(s, r, demand, n);
    /* The same pieces again, without looking: what is free can only be more. */
    scheduler_start_on(s, job, demand, pool, s->pieces, n, now_us);
    return true;
}

/* ---- what is expected of the jobs that run ---- */

bool reservation_init(struct reservation *r)
{
    return events_init(&r->expected, 64, NULL) == STATUS_OK;
}

void reservation_free(struct reservation *r)
{
    events_free(&r->expected);
    free(r->nodes);
    free(r->leaving);
    free(r->walk);
}

bool reservation_started(struct scheduler *s, struct reservation *r, uint32_t slot, int64_t now_us)
{
    const struct running_job *j = &s->running->slots[slot];
    const struct demand_entry *d = &s->demands->entries[j->demand];
    if (slot >= r->expected.slots && events_grow(&r->expected, 2 * slot, NULL) != STATUS_OK)
        return false;
    events_set(&r->expected, slot, now_us + scaled_us(d, j->pool, estimate_us(s, j->job)));
    return true;
}

bool reservation_released(struct reservation *r, uint32_t slot, int64_t now_us)
{
    bool as_expected = events_time(&r->expected, slot) == now_us;
    events_set(&r->expected, slot, EVENT_NONE);
    return as_expected;
}
