/* SPDX-License-Identifier: Apache-2.0 */
/* EASY backfill: who may pass the head. The rule is in easy.h, the reservation in
 * reservation.c. */
#include <stdlib.h>

#include "models/scheduling/easy.h"

/* ---- the jobs that wait ---- */

static bool lines_room(struct easy *e, uint32_t demand)
{
    if (demand >= e->line_capacity) {
        uint32_t capacity = demand < 32 ? 64 : 2 * demand;
        struct easy_line *lines = realloc(e->lines, capacity * sizeof *lines);
        if (lines) e->lines = lines;
        uint32_t *active = realloc(e->active, capacity * sizeof *active);
        if (active) e->active = active;
        if (!lines || !active) return false;
        e->line_capacity = capacity;
    }
    for (; e->line_n <= demand; e->line_n++) {
        waiting_line_init(&e->lines[e->line_n].line);
        e->lines[e->line_n].active_at = UINT32_MAX;
    }
    return true;
}

static bool easy_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct easy *e = s->state;
    if (!lines_room(e, demand)) return false;
    struct easy_line *l = &e->lines[demand];
    if (!waiting_line_push(&l->line, job, estimate_us(s->workload, job))) return false;
    if (l->active_at == UINT32_MAX) {
        l->active_at = e->active_n;
        e->active[e->active_n++] = demand;
    }
    if (e->fresh_n == e->fresh_capacity) {
        uint32_t capacity = e->fresh_capacity ? 2 * e->fresh_capacity : 64;
        struct waiting_job *fresh = realloc(e->fresh, capacity * sizeof *fresh);
        if (!fresh) return false;
        e->fresh = fresh;
        e->fresh_capacity = capacity;
    }
    e->fresh[e->fresh_n++] = (struct waiting_job){ 0, job, demand };
    return true;
}

static void line_remove(struct easy *e, uint32_t demand, uint32_t position)
{
    struct easy_line *l = &e->lines[demand];
    waiting_line_remove(&l->line, position);
    if (l->line.live > 0) return;
    uint32_t last = e->active[--e->active_n];
    e->active[l->active_at] = last;
    e->lines[last].active_at = l->active_at;
    l->active_at = UINT32_MAX;
}

/* The job that arrived first of all that wait. */
static uint32_t queue_head(const struct scheduler *s, uint32_t *demand)
{
    struct easy *e = s->state;
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < e->active_n; i++) {
        const struct waiting_line *l = &e->lines[e->active[i]].line;
        if (l->job[l->head] < best) {
            best = l->job[l->head];
            *demand = e->active[i];
        }
    }
    return best;
}

/* ---- backfill ---- */

static bool ends_by_shadow(const struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    struct easy *e = s->state;
    const struct demand_entry *d = &s->demands->entries[demand];
    return now_us + scaled_us(d, e->reserved_pool, estimate_us(s->workload, job)) <= e->shadow_us;
}

/* Starts the job if that cannot delay the head. */
static bool backfill_try(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    struct easy *e = s->state;
    uint64_t pools = scheduler_demand(s, demand)->pools;
    for (int32_t p = 0; p < s->pool_n; p++) {
        if (!(pools >> p & 1)) continue;
        if (p != e->reserved_pool || ends_by_shadow(s, job, demand, now_us)) {
            if (scheduler_place_in(s, job, demand, p, now_us)) return true;
            continue;
        }
        reservation_hold(s);
        int32_t n =
            placing_find(&s->placing, &s->pools[p], scheduler_demand(s, demand), job, s->pieces);
        reservation_lift(s);
        if (n == 0) continue;
        reservation_spend(s, demand, s->pieces, n);
        /* The same pieces again, without looking: what is free can only be more. */
        scheduler_start_on(s, job, demand, p, s->pieces, n, now_us);
        return true;
    }
    return false;
}

/* The next job of a demand that may start: any where one that outlasts the shadow time fits, else
 * one that does not outlast it. */
static uint32_t next_candidate(const struct scheduler *s, uint32_t demand, uint32_t from,
                               int64_t now_us)
{
    struct easy *e = s->state;
    const struct easy_line *l = &e->lines[demand];
    const struct demand_entry *d = &s->demands->entries[demand];
    if (l->fits_long) return waiting_line_find(&l->line, from, WAITING_GONE);
    if (!l->fits_short || e->shadow_us < now_us) return WAITING_NONE;
    int64_t most = e->shadow_us - now_us;
    /* On the reference GPU, with a microsecond to spare for rounding; the exact test follows. */
    double longest = d->speed ? (double)most * d->speed[e->reserved_pool] : 0;
    if (d->speed) most = longest < 9e18 ? (int64_t)longest + 2 : INT64_MAX;
    for (uint32_t at = from;; at++) {
        at = waiting_line_find(&l->line, at, most);
        if (at == WAITING_NONE || ends_by_shadow(s, l->line.job[at], demand, now_us)) return at;
    }
}

/* What fits now, demand by demand: without holds, and with them. */
static void demands_look(struct scheduler *s)
{
    struct easy *e = s->state;
    uint64_t others = ~(UINT64_C(1) << e->reserved_pool), reserved = ~others;
    for (uint32_t i = 0; i < e->active_n; i++) {
        struct easy_line *l = &e->lines[e->active[i]];
        l->fits_short = scheduler_fits(s, e->active[i], ~UINT64_C(0));
    }
    reservation_hold(s);
    for (uint32_t i = 0; i < e->active_n; i++) {
        struct easy_line *l = &e->lines[e->active[i]];
        l->fits_long = l->fits_short && (scheduler_fits(s, e->active[i], others) ||
                                         scheduler_fits(s, e->active[i], reserved));
    }
    reservation_lift(s);
}

/* The same for one demand, after a start. */
static void demand_look_again(struct scheduler *s, uint32_t demand)
{
    struct easy *e = s->state;
    struct easy_line *l = &e->lines[demand];
    l->fits_short = l->fits_short && scheduler_fits(s, demand, ~UINT64_C(0));
    if (!l->fits_short) l->fits_long = false;
    if (!l->fits_long) return;
    reservation_hold(s);
    l->fits_long = scheduler_fits(s, demand, ~UINT64_C(0));
    reservation_lift(s);
}

static void backfill_all(struct scheduler *s, int64_t now_us)
{
    struct easy *e = s->state;
    demands_look(s);
    for (uint32_t i = 0; i < e->active_n; i++) {
        struct easy_line *l = &e->lines[e->active[i]];
        l->candidate =
            l->fits_short ? next_candidate(s, e->active[i], l->line.head, now_us) : WAITING_NONE;
    }
    while (!s->failed) {
        uint32_t demand = UINT32_MAX, job = UINT32_MAX;
        for (uint32_t i = 0; i < e->active_n; i++) {
            const struct easy_line *l = &e->lines[e->active[i]];
            if (l->candidate == WAITING_NONE || l->line.job[l->candidate] >= job) continue;
            job = l->line.job[l->candidate];
            demand = e->active[i];
        }
        if (demand == UINT32_MAX) return;
        struct easy_line *l = &e->lines[demand];
        uint32_t at = l->candidate;
        if (backfill_try(s, job, demand, now_us)) {
            s->backfilled++;
            l->candidate = WAITING_NONE;
            line_remove(e, demand, at);
            if (l->line.live == 0) continue;
        }
        demand_look_again(s, demand);
        l->candidate = next_candidate(s, demand, at + 1, now_us);
    }
}

static void backfill_fresh(struct scheduler *s, int64_t now_us)
{
    struct easy *e = s->state;
    for (uint32_t i = 0; i < e->fresh_n && !s->failed; i++) {
        const struct waiting_job *f = &e->fresh[i];
        const struct waiting_line *line = &e->lines[f->demand].line;
        if (!backfill_try(s, f->job, f->demand, now_us)) continue;
        s->backfilled++;
        uint32_t at = line->n;
        while (line->job[--at] != f->job || line->limit[at] == WAITING_GONE) continue;
        line_remove(e, f->demand, at);
    }
}

static void pass(struct scheduler *s, int64_t now_us)
{
    struct easy *e = s->state;
    /* The head only changes when it starts, and it can only start after a release; a shadow time
     * that has passed (a job outlived its limit) makes another reservation, under which anyone may
     * fit. */
    if (e->has_reservation && e->shadow_us < now_us) e->has_reservation = false;
    if (e->has_reservation && !s->released) {
        backfill_fresh(s, now_us);
        return;
    }
    for (;;) {
        uint32_t demand = UINT32_MAX, head = queue_head(s, &demand);
        if (head == UINT32_MAX || s->failed) {
            e->has_reservation = false;
            return;
        }
        if (head != e->head) e->has_reservation = false;
        e->head = head;
        e->head_demand = demand;
        if (!scheduler_try(s, head, demand, now_us)) break;
        e->has_reservation = false;
        line_remove(e, demand, e->lines[demand].line.head);
    }
    if (!e->has_reservation) reservation_make(s, now_us);
    if (e->has_reservation && !s->failed) backfill_all(s, now_us);
}

static void easy_pass(struct scheduler *s, int64_t now_us)
{
    struct easy *e = s->state;
    pass(s, now_us);
    e->fresh_n = 0;
}

/* ---- what is expected of the jobs that run ---- */

static void easy_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct easy *e = s->state;
    const struct running_job *j = &s->running->slots[slot];
    const struct demand_entry *d = &s->demands->entries[j->demand];
    if (slot >= e->expected.slots && events_grow(&e->expected, 2 * slot, NULL) != STATUS_OK) {
        s->failed = true;
        return;
    }
    events_set(&e->expected, slot,
               now_us + scaled_us(d, j->pool, estimate_us(s->workload, j->job)));
}

/* An end as expected is what the reservation counted on; an earlier or later one makes it void. */
static void easy_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct easy *e = s->state;
    if (events_time(&e->expected, slot) != now_us) e->has_reservation = false;
    events_set(&e->expected, slot, EVENT_NONE);
}

static bool easy_init(struct scheduler *s)
{
    struct easy *e = s->state;
    return events_init(&e->expected, 64, NULL) == STATUS_OK;
}

static void easy_free(struct scheduler *s)
{
    struct easy *e = s->state;
    for (uint32_t i = 0; i < e->line_n; i++) waiting_line_free(&e->lines[i].line);
    free(e->lines);
    free(e->active);
    free(e->fresh);
    events_free(&e->expected);
    reservation_free(e);
}

const struct scheduler_engine engine_easy = {
    .state_size = sizeof(struct easy),
    .init = easy_init,
    .free = easy_free,
    .submit = easy_submit,
    .pass = easy_pass,
    .started = easy_started,
    .released = easy_released,
};
