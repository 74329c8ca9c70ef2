/* SPDX-License-Identifier: Apache-2.0 */
/* EASY backfill; the rule is in scheduler.h. */
#include <stdlib.h>

#include "models/scheduling/scheduler.h"

static const struct demand *demand_at(const struct scheduler *s, uint32_t demand)
{
    return &s->demands->entries[demand].demand;
}

/* The job that arrived first of all that wait. */
static uint32_t queue_head(const struct scheduler *s, uint32_t *demand)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < s->active_n; i++) {
        const struct waiting_line *l = &s->lines[s->active[i]].line;
        if (l->job[l->head] < best) {
            best = l->job[l->head];
            *demand = s->active[i];
        }
    }
    return best;
}

/* ---- the reservation --------------------------------------------------------------------------- */

static bool walk_room(struct scheduler *s)
{
    size_t need = s->running->used;
    if (need <= s->walk_capacity) return true;
    size_t capacity = 2 * need + 64;
    uint32_t *walk = realloc(s->walk, capacity * sizeof *walk);
    if (walk) s->walk = walk;
    int64_t *end = realloc(s->walk_end, capacity * sizeof *end);
    if (end) s->walk_end = end;
    if (!walk || !end) return false;
    s->walk_capacity = capacity;
    return true;
}

/* Gives back (or takes again) on paper all that a running job holds. */
static void release_on_paper(struct scheduler *s, uint32_t slot, int sign)
{
    const struct running_job *j = &s->running->slots[slot];
    const struct piece *pieces = running_pieces(s->running, slot);
    for (int32_t i = 0; i < j->piece_n; i++) {
        struct share share = demand_share(demand_at(s, j->demand), pieces[i].gpus);
        pool_shift(&s->pools[j->pool], pieces[i].node, &share, sign);
    }
}

static bool keep_reservation(struct scheduler *s, int32_t pool, int32_t piece_n)
{
    const struct pool *p = &s->pools[pool];
    if ((size_t)piece_n > s->reserved_capacity) {
        struct reserved *reserved = realloc(s->reserved, (size_t)piece_n * sizeof *reserved);
        if (!reserved) return false;
        s->reserved = reserved;
        s->reserved_capacity = (size_t)piece_n;
    }
    for (int32_t i = 0; i < piece_n; i++) {
        int32_t node = s->pieces[i].node;
        struct share taken = demand_share(demand_at(s, s->head_demand), s->pieces[i].gpus);
        struct reserved *r = &s->reserved[i];
        r->node = node;
        r->left.gpus = p->free_gpu[node] - taken.gpus;
        r->left.cpu_milli = p->free_cpu ? p->free_cpu[node] - taken.cpu_milli : 0;
        r->left.mem_mib = p->free_cpu ? p->free_mem[node] - taken.mem_mib : 0;
    }
    s->reserved_pool = pool;
    s->reserved_n = piece_n;
    s->has_reservation = true;
    return true;
}

/* Lets running jobs end on paper, in order of their expected ends, until the head fits; notes where and
 * when; then takes everything back. */
static void reserve(struct scheduler *s, int64_t now_us)
{
    const struct demand *d = demand_at(s, s->head_demand);
    size_t n = 0;
    s->has_reservation = false;
    if (!walk_room(s)) {
        s->failed = true;
        return;
    }
    while (!s->has_reservation && events_next_time(&s->expected) != EVENT_NONE) {
        int64_t end = events_next_time(&s->expected);
        if (end < now_us) end = now_us;
        while (events_next_time(&s->expected) <= end) {
            uint32_t slot = events_next_slot(&s->expected);
            s->walk[n] = slot;
            s->walk_end[n++] = events_time(&s->expected, slot);
            events_set(&s->expected, slot, EVENT_NONE);
            release_on_paper(s, slot, +1);
        }
        s->shadow_us = end;
        for (int32_t p = 0; p < s->pool_n && !s->has_reservation; p++) {
            if (!(d->pools >> p & 1)) continue;
            int32_t pieces = placing_find(&s->placing, &s->pools[p], d, s->head, s->pieces);
            if (pieces > 0 && !keep_reservation(s, p, pieces)) s->failed = true;
        }
        if (s->failed) break;
    }
    while (n-- > 0) {
        release_on_paper(s, s->walk[n], -1);
        events_set(&s->expected, s->walk[n], s->walk_end[n]);
    }
}

/* ---- jobs that would outlast the shadow time ---------------------------------------------------- */

static int64_t beyond(int64_t free_now, int64_t left) { return free_now > left ? free_now - left : 0; }

/* Hides from placements what jobs that outlast the shadow time must not take. */
static void holds_apply(struct scheduler *s)
{
    struct pool *p = &s->pools[s->reserved_pool];
    for (int32_t i = 0; i < s->reserved_n; i++) {
        struct reserved *r = &s->reserved[i];
        r->held = (struct share){ (int32_t)beyond(p->free_gpu[r->node], r->left.gpus), 0, 0 };
        if (p->free_cpu) {
            r->held.cpu_milli = beyond(p->free_cpu[r->node], r->left.cpu_milli);
            r->held.mem_mib = beyond(p->free_mem[r->node], r->left.mem_mib);
        }
        pool_shift(p, r->node, &r->held, -1);
    }
}

static void holds_lift(struct scheduler *s)
{
    for (int32_t i = 0; i < s->reserved_n; i++)
        pool_shift(&s->pools[s->reserved_pool], s->reserved[i].node, &s->reserved[i].held, +1);
}

/* Counts a started job that outlasts the shadow time against what is left on the head's nodes. */
static void holds_spend(struct scheduler *s, uint32_t demand, const struct piece *pieces, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        for (int32_t k = 0; k < s->reserved_n; k++) {
            if (s->reserved[k].node != pieces[i].node) continue;
            struct share share = demand_share(demand_at(s, demand), pieces[i].gpus);
            s->reserved[k].left.gpus -= share.gpus;
            s->reserved[k].left.cpu_milli -= share.cpu_milli;
            s->reserved[k].left.mem_mib -= share.mem_mib;
        }
}

/* ---- backfill ----------------------------------------------------------------------------------- */

static bool ends_by_shadow(const struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    const struct demand_entry *d = &s->demands->entries[demand];
    return now_us + scaled_us(d, s->reserved_pool, estimate_us(s->workload, job)) <= s->shadow_us;
}

/* Starts the job if that cannot delay the head. */
static bool backfill_try(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    uint64_t pools = demand_at(s, demand)->pools;
    for (int32_t p = 0; p < s->pool_n; p++) {
        if (!(pools >> p & 1)) continue;
        if (p != s->reserved_pool || ends_by_shadow(s, job, demand, now_us)) {
            if (scheduler_place_in(s, job, demand, p, now_us)) return true;
            continue;
        }
        holds_apply(s);
        int32_t n = placing_find(&s->placing, &s->pools[p], demand_at(s, demand), job, s->pieces);
        holds_lift(s);
        if (n == 0) continue;
        holds_spend(s, demand, s->pieces, n);
        /* The same pieces again, without looking: what is free can only be more. */
        uint32_t slot = s->start(s->world, job, demand, p, s->pieces, n);
        if (slot == RUNNING_NONE ||
            (slot >= s->expected.slots && events_grow(&s->expected, 2 * slot, NULL) != STATUS_OK)) {
            s->failed = true;
            return true;
        }
        s->waiting_n--;
        events_set(&s->expected, slot,
                   now_us + scaled_us(&s->demands->entries[demand], p, estimate_us(s->workload, job)));
        return true;
    }
    return false;
}

/* The next job of a demand that may start: any where one that outlasts the shadow time fits, else one that
 * does not outlast it. */
static uint32_t next_candidate(const struct scheduler *s, uint32_t demand, uint32_t from, int64_t now_us)
{
    const struct demand_line *l = &s->lines[demand];
    const struct demand_entry *d = &s->demands->entries[demand];
    if (l->fits_long) return waiting_line_find(&l->line, from, WAITING_GONE);
    if (!l->fits_short || s->shadow_us < now_us) return WAITING_NONE;
    int64_t most = s->shadow_us - now_us;
    /* On the reference GPU, with a microsecond to spare for rounding; the exact test follows. */
    if (d->speed) most = (int64_t)((double)most * d->speed[s->reserved_pool]) + 2;
    for (uint32_t at = from;; at++) {
        at = waiting_line_find(&l->line, at, most);
        if (at == WAITING_NONE || ends_by_shadow(s, l->line.job[at], demand, now_us)) return at;
    }
}

/* What fits now, demand by demand: without holds, and with them. */
static void demands_look(struct scheduler *s)
{
    uint64_t others = ~(UINT64_C(1) << s->reserved_pool), reserved = ~others;
    for (uint32_t i = 0; i < s->active_n; i++) {
        struct demand_line *l = &s->lines[s->active[i]];
        l->fits_short = scheduler_fits(s, s->active[i], ~UINT64_C(0));
    }
    holds_apply(s);
    for (uint32_t i = 0; i < s->active_n; i++) {
        struct demand_line *l = &s->lines[s->active[i]];
        l->fits_long = l->fits_short && (scheduler_fits(s, s->active[i], others) ||
                                         scheduler_fits(s, s->active[i], reserved));
    }
    holds_lift(s);
}

/* The same for one demand, after a start. */
static void demand_look_again(struct scheduler *s, uint32_t demand)
{
    struct demand_line *l = &s->lines[demand];
    l->fits_short = l->fits_short && scheduler_fits(s, demand, ~UINT64_C(0));
    if (!l->fits_short) l->fits_long = false;
    if (!l->fits_long) return;
    holds_apply(s);
    l->fits_long = scheduler_fits(s, demand, ~UINT64_C(0));
    holds_lift(s);
}

static void backfill_all(struct scheduler *s, int64_t now_us)
{
    demands_look(s);
    for (uint32_t i = 0; i < s->active_n; i++) {
        struct demand_line *l = &s->lines[s->active[i]];
        l->candidate = l->fits_short ? next_candidate(s, s->active[i], l->line.head, now_us) : WAITING_NONE;
    }
    while (!s->failed) {
        uint32_t demand = UINT32_MAX, job = UINT32_MAX;
        for (uint32_t i = 0; i < s->active_n; i++) {
            const struct demand_line *l = &s->lines[s->active[i]];
            if (l->candidate == WAITING_NONE || l->line.job[l->candidate] >= job) continue;
            job = l->line.job[l->candidate];
            demand = s->active[i];
        }
        if (demand == UINT32_MAX) return;
        struct demand_line *l = &s->lines[demand];
        uint32_t at = l->candidate;
        if (backfill_try(s, job, demand, now_us)) {
            s->backfilled++;
            l->candidate = WAITING_NONE;
            scheduler_line_remove(s, demand, at);
            if (l->line.live == 0) continue;
        }
        demand_look_again(s, demand);
        l->candidate = next_candidate(s, demand, at + 1, now_us);
    }
}

static void backfill_fresh(struct scheduler *s, int64_t now_us)
{
    for (uint32_t i = 0; i < s->fresh_n && !s->failed; i++) {
        const struct waiting_job *f = &s->fresh[i];
        const struct waiting_line *line = &s->lines[f->demand].line;
        if (!backfill_try(s, f->job, f->demand, now_us)) continue;
        s->backfilled++;
        uint32_t at = line->n;
        while (line->job[--at] != f->job || line->limit[at] == WAITING_GONE) continue;
        scheduler_line_remove(s, f->demand, at);
    }
}

void pass_easy(struct scheduler *s, int64_t now_us)
{
    /* The head only changes when it starts, and it can only start after a release. */
    bool head_waits = s->has_reservation;
    if (head_waits && s->shadow_us < now_us) reserve(s, now_us);
    if (head_waits && !s->released) {
        backfill_fresh(s, now_us);
        return;
    }
    for (;;) {
        uint32_t demand = UINT32_MAX, head = queue_head(s, &demand);
        if (head == UINT32_MAX || s->failed) {
            s->has_reservation = false;
            return;
        }
        if (head != s->head) s->has_reservation = false;
        s->head = head;
        s->head_demand = demand;
        if (!scheduler_try(s, head, demand, now_us)) break;
        s->has_reservation = false;
        scheduler_line_remove(s, demand, s->lines[demand].line.head);
    }
    if (!s->has_reservation) reserve(s, now_us);
    if (s->has_reservation && !s->failed) backfill_all(s, now_us);
}
