/* SPDX-License-Identifier: Apache-2.0 */
/* EASY backfill: who may pass the head. The rule is in scheduler.h, the reservation in
 * reservation.c. */
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

/* ---- backfill ---- */

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
        reservation_hold(s);
        int32_t n = placing_find(&s->placing, &s->pools[p], demand_at(s, demand), job, s->pieces);
        reservation_lift(s);
        if (n == 0) continue;
        reservation_spend(s, demand, s->pieces, n);
        /* The same pieces again, without looking: what is free can only be more. */
        uint32_t slot = s->start(s->world, job, demand, p, s->pieces, n);
        if (slot == RUNNING_NONE ||
            (slot >= s->expected.slots && events_grow(&s->expected, 2 * slot, NULL) != STATUS_OK)) {
            s->failed = true;
            return true;
        }
        s->waiting_n--;
        events_set(&s->expected, slot,
                   now_us +
                       scaled_us(&s->demands->entries[demand], p, estimate_us(s->workload, job)));
        return true;
    }
    return false;
}

/* The next job of a demand that may start: any where one that outlasts the shadow time fits, else
 * one that does not outlast it. */
static uint32_t next_candidate(const struct scheduler *s, uint32_t demand, uint32_t from,
                               int64_t now_us)
{
    const struct demand_line *l = &s->lines[demand];
    const struct demand_entry *d = &s->demands->entries[demand];
    if (l->fits_long) return waiting_line_find(&l->line, from, WAITING_GONE);
    if (!l->fits_short || s->shadow_us < now_us) return WAITING_NONE;
    int64_t most = s->shadow_us - now_us;
    /* On the reference GPU, with a microsecond to spare for rounding; the exact test follows. */
    double longest = d->speed ? (double)most * d->speed[s->reserved_pool] : 0;
    if (d->speed) most = longest < 9e18 ? (int64_t)longest + 2 : INT64_MAX;
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
    reservation_hold(s);
    for (uint32_t i = 0; i < s->active_n; i++) {
        struct demand_line *l = &s->lines[s->active[i]];
        l->fits_long = l->fits_short && (scheduler_fits(s, s->active[i], others) ||
                                         scheduler_fits(s, s->active[i], reserved));
    }
    reservation_lift(s);
}

/* The same for one demand, after a start. */
static void demand_look_again(struct scheduler *s, uint32_t demand)
{
    struct demand_line *l = &s->lines[demand];
    l->fits_short = l->fits_short && scheduler_fits(s, demand, ~UINT64_C(0));
    if (!l->fits_short) l->fits_long = false;
    if (!l->fits_long) return;
    reservation_hold(s);
    l->fits_long = scheduler_fits(s, demand, ~UINT64_C(0));
    reservation_lift(s);
}

static void backfill_all(struct scheduler *s, int64_t now_us)
{
    demands_look(s);
    for (uint32_t i = 0; i < s->active_n; i++) {
        struct demand_line *l = &s->lines[s->active[i]];
        l->candidate =
            l->fits_short ? next_candidate(s, s->active[i], l->line.head, now_us) : WAITING_NONE;
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
    /* The head only changes when it starts, and it can only start after a release; a shadow time
     * that has passed (a job outlived its limit) makes another reservation, under which anyone may
     * fit. */
    if (s->has_reservation && s->shadow_us < now_us) s->has_reservation = false;
    if (s->has_reservation && !s->released) {
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
    if (!s->has_reservation) reservation_make(s, now_us);
    if (s->has_reservation && !s->failed) backfill_all(s, now_us);
}
