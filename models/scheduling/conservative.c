/* SPDX-License-Identifier: Apache-2.0 */
/* Conservative backfill: jobs whose time has come, and the engine. The rules are in
 * conservative.h, the promises in promises.c. */
#include "models/scheduling/conservative.h"

#include <stdlib.h>
#include <string.h>

static void forget(struct scheduler *s, uint32_t slot)
{
    struct conservative *c = s->state;
    promise_let_go(c, slot);
    arrivals_leave(&c->waiting, c->promises[slot].job);
    events_set(&c->starts, slot, EVENT_NONE);
    c->spare[c->spare_n++] = slot;
}

/* Starts the job in that pool if there is room beside the reservation. What its demand did not find
 * in this pass is not looked for again. */
static bool place(struct scheduler *s, const struct promise *p, int32_t pool, int64_t now_us)
{
    struct conservative *c = s->state;
    struct no_room *n = &c->no_room[p->demand];
    uint64_t bit = UINT64_C(1) << pool;
    bool binds = reservation_binds(s, &c->reservation, p->job, p->demand, pool, now_us);
    if (n->pass != c->pass) *n = (struct no_room){ .pass = c->pass };
    if (n->at_all & bit || (binds && n->beside & bit)) return false;
    if (reservation_try_in(s, &c->reservation, p->job, p->demand, pool, now_us)) return true;
    if (binds) n->beside |= bit;
    else n->at_all |= bit;
    return false;
}

/* Starts a job whose time has come, in its pool or in another that has a hole for it now. */
static bool start(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    const struct demand *d = scheduler_demand(s, p->demand);
    int32_t pool = p->pool;
    if (!place(s, p, pool, now_us)) {
        for (pool = 0; pool < s->pool_n; pool++) {
            if (pool == p->pool || !(d->pools >> pool & 1)) continue;
            promises_settle(s, FAR);
            struct hole hole = { .gpus = d->gpus,
                                 .length_us = held_us(s, p->job, p->demand, pool),
                                 .from_us = now_us,
                                 .before_us = now_us + 1 };
            if (profile_find(&c->profiles[pool], &hole) == now_us && place(s, p, pool, now_us))
                break;
        }
        if (pool == s->pool_n) return false;
    }
    if (pool == p->pool && p->start_us == now_us) {
        promise_settle(s, slot);
        return true;
    }
    promise_withdraw(s, slot, now_us);
    promise_shift(s, pool, now_us, now_us + held_us(s, p->job, p->demand, pool), -d->gpus);
    c->loose |= pool != p->pool;
    promises_relieve(s, pool, now_us);
    return true;
}

static int compare_due(const void *a, const void *b, void *promises)
{
    const struct promise *p = promises;
    uint32_t x = p[*(const uint32_t *)a].job, y = p[*(const uint32_t *)b].job;
    return (x > y) - (x < y);
}

/* The earliest promised start of those that are to come. What is noted of it may be too early: a
 * promise moves often, and mostly by little. */
static int64_t next_start(struct conservative *c)
{
    while (events_next_time(&c->starts) != EVENT_NONE) {
        uint32_t slot = events_next_slot(&c->starts);
        int64_t start = c->promises[slot].start_us;
        if (events_next_time(&c->starts) == start) return start;
        events_set(&c->starts, slot, start);
    }
    return EVENT_NONE;
}

/* Those whose time has come join those that are overdue. */
static void gather_due(struct scheduler *s, int64_t now_us)
{
    struct conservative *c = s->state;
    uint32_t n = c->due_n;
    while (next_start(c) <= now_us) {
        uint32_t slot = events_next_slot(&c->starts);
        events_set(&c->starts, slot, EVENT_NONE);
        promise_ignore(c, slot);
        c->due[c->due_n++] = slot;
    }
    if (c->due_n > n) qsort_r(c->due, c->due_n, sizeof *c->due, compare_due, c->promises);
}

/* again: the overdue, too, may find room now. */
static void start_due(struct scheduler *s, bool again, int64_t now_us)
{
    struct conservative *c = s->state;
    struct reservation *r = &c->reservation;
    uint32_t left = 0;
    for (uint32_t i = 0; i < c->due_n && !s->failed; i++) {
        uint32_t slot = c->due[i];
        struct promise *p = &c->promises[slot];
        bool is_head = left == 0, stands = r->stands && r->head == p->job;
        if (is_head) {
            again |= !stands;
            r->stands = false; /* its own keeps nothing from it */
        }
        if ((again || !p->is_overdue) && start(s, slot, now_us)) {
            s->backfilled += c->waiting.entries[c->waiting.first].slot != slot;
            forget(s, slot);
            continue;
        }
        p->is_overdue = true;
        c->due[left++] = slot;
        if (!is_head) continue;
        r->stands = stands;
        r->head = p->job;
        r->head_demand = p->demand;
        if (!stands) reservation_make(s, r, now_us);
    }
    c->due_n = left;
}

static void advance(struct scheduler *s, int64_t now_us)
{
    struct conservative *c = s->state;
    for (int32_t k = 0; k < s->pool_n; k++) profile_advance(&c->profiles[k], now_us);
    c->now_us = now_us;
    if (c->exact_us <= now_us) promises_settle(s, FAR);
}

static void conservative_pass(struct scheduler *s, int64_t now_us)
{
    struct conservative *c = s->state;
    struct reservation *r = &c->reservation;
    c->pass++;
    advance(s, now_us);
    if (r->stands && r->shadow_us < now_us) r->stands = false;
    if (s->released && (c->loose || c->far_n > 0)) promises_tighten(s, now_us);
    promises_make(s, now_us);
    bool again = s->released;
    do {
        gather_due(s, now_us);
        start_due(s, again, now_us);
        again = false;
    } while (!s->failed && next_start(c) <= now_us);
    s->wake_us = next_start(c);
}

/* ---- what the world tells ---- */

/* A slot for a job, in no order yet; NOBODY on lack of memory. */
static uint32_t slot_for(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct conservative *c = s->state;
    if (c->spare_n == 0 && c->used == c->capacity) {
        uint32_t capacity = c->capacity ? 2 * c->capacity : 64;
        struct promise *promises = realloc(c->promises, capacity * sizeof *promises);
        if (promises) c->promises = promises;
        struct look *looks = realloc(c->looks, (capacity + 1) * sizeof *looks);
        if (looks) c->looks = looks;
        if (looks && c->capacity == 0) {
            looks[0] = (struct look){ 0 };
            promise_ignore(c, NOBODY);
        }
        uint32_t *spare = realloc(c->spare, capacity * sizeof *spare);
        if (spare) c->spare = spare;
        uint32_t *due = realloc(c->due, capacity * sizeof *due);
        if (due) c->due = due;
        uint32_t *back = realloc(c->back, capacity * sizeof *back);
        if (back) c->back = back;
        if (!promises || !looks || !spare || !due || !back ||
            events_grow(&c->starts, capacity, NULL) != STATUS_OK)
            return NOBODY;
        c->capacity = capacity;
    }
    if (!arrivals_room(&c->waiting)) return NOBODY;
    uint32_t slot = c->spare_n ? c->spare[--c->spare_n] : c->used++;
    const struct demand *d = scheduler_demand(s, demand);
    c->promises[slot] = (struct promise){ .job = job,
                                          .demand = demand,
                                          .gpus = d->gpus,
                                          .is_shared = d->gpus == 0 || (d->pools & (d->pools - 1)),
                                          .start_us = -1 };
    struct promise *p = &c->promises[slot];
    if (!p->is_shared) p->holes = holes_of(c, __builtin_ctzll(d->pools), d->gpus);
    if (p->holes == NOBODY) return NOBODY;
    c->looks[slot + 1] = (struct look){ 0 };
    promise_ignore(c, slot);
    return slot;
}

/* Room for what is known by demand. */
static bool demands_room(struct conservative *c, uint32_t demand)
{
    if (demand < c->demand_n) return true;
    uint32_t demand_n = 2 * demand + 64;
    struct no_room *no_room = realloc(c->no_room, demand_n * sizeof *no_room);
    if (!no_room) return false;
    memset(no_room + c->demand_n, 0, (demand_n - c->demand_n) * sizeof *no_room);
    c->no_room = no_room;
    c->demand_n = demand_n;
    return true;
}

static bool conservative_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct conservative *c = s->state;
    uint32_t slot = slot_for(s, job, demand);
    if (slot == NOBODY || !demands_room(c, demand)) return false;
    arrivals_put(&c->waiting, job, slot);
    c->fresh_n++;
    return true;
}

static bool conservative_submit_again(struct scheduler *s, uint32_t job, uint32_t demand,
                                      int64_t now_us)
{
    struct conservative *c = s->state;
    uint32_t slot = slot_for(s, job, demand), at = c->back_n++;
    (void)now_us;
    if (slot == NOBODY || !demands_room(c, demand)) return false;
    arrivals_put(&c->waiting, job, slot);
    for (; at > 0 && c->promises[c->back[at - 1]].job > job; at--) c->back[at] = c->back[at - 1];
    c->back[at] = slot;
    return true;
}

static void conservative_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    if (!reservation_started(s, &c->reservation, slot, now_us)) s->failed = true;
}

static int64_t expected_end_us(const struct scheduler *s, const struct running_job *j)
{
    return j->start_us + held_us(s, j->job, j->demand, j->pool);
}

/* What the job was still expected to hold is free. */
static void conservative_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    const struct running_job *j = &s->running->slots[slot];
    int64_t end = expected_end_us(s, j);
    if (!reservation_released(&c->reservation, slot, now_us)) c->reservation.stands = false;
    if (end <= now_us) return;
    advance(s, now_us);
    promise_shift(s, j->pool, now_us, end, gpus_left_by(s, slot));
    c->loose = true;
}

/* Its GPUs are not of the pool any more, neither while it holds them nor after that. */
static void conservative_runs_on(struct scheduler *s, uint32_t slot, int64_t gpus, int64_t now_us)
{
    const struct running_job *j = &s->running->slots[slot];
    advance(s, now_us);
    promise_shift(s, j->pool, now_us, expected_end_us(s, j), gpus);
}

static void conservative_node_changed(struct scheduler *s, int32_t pool, int sign, int64_t now_us)
{
    struct conservative *c = s->state;
    advance(s, now_us);
    c->reservation.stands = false;
    promise_shift(s, pool, now_us, FAR, sign * (int64_t)s->pools[pool].gpus);
    c->loose = true;
    if (sign < 0) promises_relieve(s, pool, now_us);
}

static bool conservative_init(struct scheduler *s)
{
    struct conservative *c = s->state;
    c->exact_us = FAR;
    c->profiles = calloc((size_t)s->pool_n, sizeof *c->profiles);
    if (!c->profiles) return false;
    for (int32_t k = 0; k < s->pool_n; k++)
        if (!profile_init(&c->profiles[k], s->pools[k].free_gpus)) return false;
    return events_init(&c->starts, 64, NULL) == STATUS_OK && holes_of(c, -1, 0) != NOBODY &&
           reservation_init(&c->reservation);
}

static void conservative_free(struct scheduler *s)
{
    struct conservative *c = s->state;
    for (int32_t k = 0; c->profiles && k < s->pool_n; k++) profile_free(&c->profiles[k]);
    free(c->profiles);
    free(c->promises);
    free(c->looks);
    free(c->waiting.entries);
    free(c->spare);
    free(c->due);
    free(c->back);
    free(c->no_room);
    free(c->holes);
    events_free(&c->starts);
    reservation_free(&c->reservation);
}

const struct scheduler_engine engine_conservative = {
    .state_size = sizeof(struct conservative),
    .init = conservative_init,
    .free = conservative_free,
    .submit = conservative_submit,
    .submit_again = conservative_submit_again,
    .pass = conservative_pass,
    .started = conservative_started,
    .released = conservative_released,
    .runs_on = conservative_runs_on,
    .node_changed = conservative_node_changed,
};
