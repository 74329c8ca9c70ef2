/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conservative backfill: every waiting job holds a promise, not the head alone.
 *
 *      arrival    the job is promised the earliest hole of the profile (profile.h) in which it fits
 *                 until its estimated end; of several pools the one with the earliest, then the
 * first early end  what the ended job no longer needs is free again; each waiting job, in order of
 *                 arrival, moves to the earliest hole there is then, never to a later one
 *      promise    when its time has come the job starts
 *
 * So on a trace whose estimates are kept no job is ever delayed by one that came after it. Sources:
 * Mu'alem and Feitelson 2001, section 2; pyss, whose `cons` this is, job by job, where only GPUs
 * are counted. As in pyss each job is looked at once at an end: a hole that a later one leaves is
 * there at the next end. Ends at which nothing can have become free move nobody, and are not looked
 * at.
 *
 * A promise counts GPUs of a pool. Where they lie, on which nodes, and cores and memory are decided
 * when the job starts; a job that finds no room then, or whose room a job past its estimate still
 * holds, is overdue. The first of those is given nodes of its own as EASY's head is
 * (reservation.h), which nobody may keep from it; and at the next event all waiting jobs are
 * promised anew, in order of arrival.
 *
 * An arrival costs one search of the profile, an early end one for each waiting job.
 */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/no_hole.h"
#include "models/scheduling/profile.h"
#include "models/scheduling/reservation.h"

/* No hole before the end of time: only where estimates add up to 292,000 years. */
#define FAR INT64_MAX

enum { NOBODY = UINT32_MAX };

struct promise {
    uint32_t job, demand;
    uint32_t before, after; /* in order of arrival; NOBODY */
    int32_t pool;
    bool is_overdue;
    int64_t start_us, length_us; /* start FAR: holds nothing in the profile */
};

/* Pools, as bits, in which a demand found no room in this pass: at all, or beside the reservation.
 */
struct no_room {
    uint64_t pass, at_all, beside;
};

struct conservative {
    struct profile *profiles; /* by pool */
    struct promise *promises; /* slots, reused */
    uint32_t capacity, used, *spare, spare_n;
    uint32_t first, last; /* in order of arrival */
    uint32_t fresh;       /* the first that has no promise yet */
    struct events starts; /* promised start by slot, of those that are to come */
    uint32_t *due;        /* slots whose time has come, in order of arrival */
    uint32_t due_n;
    uint32_t far_n;
    bool loose;              /* something became free that a promise may use */
    struct no_room *no_room; /* by demand */
    struct no_hole *no_hole; /* by demand */
    uint32_t *looked;        /* demands of which no_hole is known in this pass */
    uint32_t demand_n, looked_n;
    uint64_t pass;                  /* how many there were */
    struct reservation reservation; /* of the first that is overdue */
};

/* ---- the profile ---- */

static void shift(struct scheduler *s, int32_t pool, int64_t from_us, int64_t to_us, int64_t gpus)
{
    struct conservative *c = s->state;
    if (!profile_add(&c->profiles[pool], from_us, to_us, gpus)) s->failed = true;
}

/* Gives back what the job is promised. */
static void withdraw(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    events_set(&c->starts, slot, EVENT_NONE);
    if (p->start_us == FAR) {
        c->far_n--;
        return;
    }
    int64_t from = p->start_us > now_us ? p->start_us : now_us;
    shift(s, p->pool, from, p->start_us + p->length_us, scheduler_demand(s, p->demand)->gpus);
}

static void promise(struct scheduler *s, uint32_t slot, int32_t pool, int64_t start_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    p->pool = pool;
    p->start_us = start_us;
    p->length_us = held_us(s, p->job, p->demand, pool);
    if (start_us > FAR - p->length_us) {
        p->start_us = FAR;
        c->far_n++;
        return;
    }
    shift(s, pool, start_us, start_us + p->length_us, -scheduler_demand(s, p->demand)->gpus);
    events_set(&c->starts, slot, start_us);
}

/* Moves a promise to an earlier start; in its own pool only where the two differ. */
static void move(struct scheduler *s, uint32_t slot, int32_t pool, int64_t start_us, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    int64_t gpus = scheduler_demand(s, p->demand)->gpus;
    if (pool != p->pool || p->start_us == FAR || start_us + p->length_us <= p->start_us) {
        withdraw(s, slot, now_us);
        promise(s, slot, pool, start_us);
        return;
    }
    shift(s, pool, start_us, p->start_us, -gpus);
    shift(s, pool, start_us + p->length_us, p->start_us + p->length_us, gpus);
    p->start_us = start_us;
    events_set(&c->starts, slot, start_us);
}

/* The earliest start the profile offers, at or after from_us, and its pool; before_us where there
 * is none. own: before_us is the job's promise, which the profile holds and it would give up. */
static int64_t earliest(const struct scheduler *s, const struct promise *p, int64_t from_us,
                        int64_t before_us, bool own, int32_t *pool)
{
    const struct conservative *c = s->state;
    const struct demand *d = scheduler_demand(s, p->demand);
    int64_t best = before_us;
    for (int32_t k = 0; k < s->pool_n && best > from_us; k++) {
        if (!(d->pools >> k & 1)) continue;
        struct hole hole = { .gpus = d->gpus,
                             .length_us = held_us(s, p->job, p->demand, k),
                             .from_us = from_us,
                             .before_us = best,
                             .grid_us = s->timing->cycle_us,
                             .own_us = own && k == p->pool ? before_us : 0 };
        int64_t start = profile_find(&c->profiles[k], &hole);
        if (start >= best || start > FAR - hole.length_us) continue;
        best = start;
        *pool = k;
    }
    return best;
}

/* From when on a hole for the job is worth looking for. */
static int64_t worth_from(struct scheduler *s, const struct promise *p, int64_t now_us)
{
    struct conservative *c = s->state;
    const struct demand *d = scheduler_demand(s, p->demand);
    struct no_hole *known = &c->no_hole[p->demand];
    if (d->pools & (d->pools - 1)) return now_us; /* it is kept for one pool alone */
    if (no_hole_begin(known, c->pass, now_us)) c->looked[c->looked_n++] = p->demand;
    int64_t until = no_hole_until(known, p->length_us);
    if (until > p->start_us) until = p->start_us;
    /* One that runs into the job's own promise, or into what has been freed, begins before. */
    return until > now_us ? profile_since(&c->profiles[p->pool], until, d->gpus, now_us) : now_us;
}

/* There is no hole for the job before its promise, which stands. */
static void note_no_hole(struct scheduler *s, const struct promise *p)
{
    struct conservative *c = s->state;
    struct no_hole *known = &c->no_hole[p->demand];
    if (known->pass == c->pass && p->start_us != FAR)
        no_hole_note(known, p->length_us, p->start_us);
}

/* From from_us on there is more room than was known. */
static void note_freed(struct scheduler *s, int64_t from_us)
{
    struct conservative *c = s->state;
    for (uint32_t i = 0; i < c->looked_n; i++) no_hole_freed(&c->no_hole[c->looked[i]], from_us);
}

/* More is promised than there is: the jobs that are overdue hold it. */
static bool is_strained(const struct scheduler *s, int64_t now_us)
{
    const struct conservative *c = s->state;
    int64_t until;
    for (int32_t k = 0; k < s->pool_n; k++)
        if (profile_lack(&c->profiles[k], now_us, &until) != FAR) return true;
    return false;
}

/* Moves a promise to the earliest hole, if that is earlier; true if it was. */
static bool tighten_one(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    int64_t from = worth_from(s, p, now_us), before = p->start_us;
    int32_t pool = p->pool;
    if (from >= before) return false;
    int64_t start = earliest(s, p, from, before, before != FAR, &pool);
    if (start >= before) {
        note_no_hole(s, p);
        return false;
    }
    move(s, slot, pool, start, now_us);
    note_freed(s, before);
    return true;
}

/* The same where too much is promised: what the job gives up may not be there for it again, so it
 * is taken out before it looks. */
static bool tighten_strained(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    int64_t before = p->start_us, gpus = scheduler_demand(s, p->demand)->gpus;
    int32_t pool = p->pool;
    bool holds = before != FAR;
    if (holds) shift(s, pool, before, before + p->length_us, gpus);
    int64_t start = earliest(s, p, now_us, before, false, &pool);
    if (holds) shift(s, p->pool, before, before + p->length_us, -gpus);
    if (start < before) move(s, slot, pool, start, now_us);
    return start < before;
}

/* Every waiting job that has a promise, in order of arrival, moves to an earlier hole if there is
 * one. */
static void tighten(struct scheduler *s, int64_t now_us)
{
    struct conservative *c = s->state;
    bool moved = false, strained = is_strained(s, now_us);
    for (uint32_t i = c->first; i != c->fresh && !s->failed; i = c->promises[i].after)
        if (c->promises[i].start_us > now_us)
            moved |= strained ? tighten_strained(s, i, now_us) : tighten_one(s, i, now_us);
    c->loose = moved;
}

static void promise_fresh(struct scheduler *s, int64_t now_us)
{
    struct conservative *c = s->state;
    for (; c->fresh != NOBODY && !s->failed; c->fresh = c->promises[c->fresh].after) {
        struct promise *p = &c->promises[c->fresh];
        int32_t pool = __builtin_ctzll(scheduler_demand(s, p->demand)->pools);
        int64_t start = earliest(s, p, now_us, FAR, false, &pool);
        promise(s, c->fresh, pool, start);
    }
}

/* The latest comer of those promised to hold GPUs of the pool at time_us, who have not come due. */
static uint32_t last_over(const struct conservative *c, int32_t pool, int64_t time_us,
                          int64_t now_us)
{
    uint32_t i = c->last;
    for (; i != NOBODY; i = c->promises[i].before) {
        const struct promise *p = &c->promises[i];
        if (p->pool == pool && p->start_us > now_us && p->start_us <= time_us &&
            time_us - p->start_us < p->length_us)
            break;
    }
    return i;
}

/* Promises anew where more is promised than there is. */
static void relieve(struct scheduler *s, int32_t pool, int64_t now_us)
{
    struct conservative *c = s->state;
    const struct profile *profile = &c->profiles[pool];
    int64_t until, lack = profile_lack(profile, now_us, &until);
    while (lack != FAR && !s->failed) {
        uint32_t slot = last_over(c, pool, lack, now_us);
        if (slot == NOBODY) {
            if (until == FAR) return;
            lack = profile_lack(profile, until, &until);
            continue;
        }
        struct promise *p = &c->promises[slot];
        withdraw(s, slot, now_us);
        int64_t start = earliest(s, p, now_us, FAR, false, &pool);
        promise(s, slot, pool, start);
        pool = (int32_t)(profile - c->profiles);
        lack = profile_lack(profile, lack, &until);
    }
}

/* ---- starts ---- */

static void forget(struct scheduler *s, uint32_t slot)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    if (p->before != NOBODY) c->promises[p->before].after = p->after;
    else c->first = p->after;
    if (p->after != NOBODY) c->promises[p->after].before = p->before;
    else c->last = p->before;
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
            struct hole hole = { .gpus = d->gpus,
                                 .length_us = held_us(s, p->job, p->demand, pool),
                                 .from_us = now_us,
                                 .before_us = now_us + 1 };
            if (profile_find(&c->profiles[pool], &hole) == now_us && place(s, p, pool, now_us))
                break;
        }
        if (pool == s->pool_n) return false;
    }
    if (pool == p->pool && p->start_us == now_us) return true;
    withdraw(s, slot, now_us);
    shift(s, pool, now_us, now_us + held_us(s, p->job, p->demand, pool), -d->gpus);
    c->loose |= pool != p->pool;
    relieve(s, pool, now_us);
    return true;
}

static int compare_due(const void *a, const void *b, void *promises)
{
    const struct promise *p = promises;
    uint32_t x = p[*(const uint32_t *)a].job, y = p[*(const uint32_t *)b].job;
    return (x > y) - (x < y);
}

/* Those whose time has come join those that are overdue. */
static void gather_due(struct scheduler *s, int64_t now_us)
{
    struct conservative *c = s->state;
    uint32_t n = c->due_n;
    while (events_next_time(&c->starts) <= now_us) {
        uint32_t slot = events_next_slot(&c->starts);
        events_set(&c->starts, slot, EVENT_NONE);
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
            s->backfilled += p->before != NOBODY;
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

static void conservative_pass(struct scheduler *s, int64_t now_us)
{
    struct conservative *c = s->state;
    struct reservation *r = &c->reservation;
    c->pass++;
    c->looked_n = 0;
    for (int32_t k = 0; k < s->pool_n; k++) profile_advance(&c->profiles[k], now_us);
    if (r->stands && r->shadow_us < now_us) r->stands = false;
    if (s->released && (c->loose || c->far_n > 0)) tighten(s, now_us);
    promise_fresh(s, now_us);
    bool again = s->released;
    do {
        gather_due(s, now_us);
        start_due(s, again, now_us);
        again = false;
    } while (!s->failed && events_next_time(&c->starts) <= now_us);
    s->wake_us = events_next_time(&c->starts);
}

/* ---- what the world tells ---- */

static bool conservative_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct conservative *c = s->state;
    if (c->spare_n == 0 && c->used == c->capacity) {
        uint32_t capacity = c->capacity ? 2 * c->capacity : 64;
        struct promise *promises = realloc(c->promises, capacity * sizeof *promises);
        if (promises) c->promises = promises;
        uint32_t *spare = realloc(c->spare, capacity * sizeof *spare);
        if (spare) c->spare = spare;
        uint32_t *due = realloc(c->due, capacity * sizeof *due);
        if (due) c->due = due;
        if (!promises || !spare || !due || events_grow(&c->starts, capacity, NULL) != STATUS_OK)
            return false;
        c->capacity = capacity;
    }
    uint32_t slot = c->spare_n ? c->spare[--c->spare_n] : c->used++;
    c->promises[slot] =
        (struct promise){ .job = job, .demand = demand, .before = c->last, .after = NOBODY };
    if (c->last != NOBODY) c->promises[c->last].after = slot;
    else c->first = slot;
    c->last = slot;
    if (c->fresh == NOBODY) c->fresh = slot;
    if (demand < c->demand_n) return true;
    uint32_t demand_n = 2 * demand + 64;
    struct no_room *no_room = realloc(c->no_room, demand_n * sizeof *no_room);
    if (!no_room) return false;
    memset(no_room + c->demand_n, 0, (demand_n - c->demand_n) * sizeof *no_room);
    c->no_room = no_room;
    struct no_hole *no_hole = realloc(c->no_hole, demand_n * sizeof *no_hole);
    if (!no_hole) return false;
    for (uint32_t d = c->demand_n; d < demand_n; d++) no_hole[d].pass = 0;
    c->no_hole = no_hole;
    uint32_t *looked = realloc(c->looked, demand_n * sizeof *looked);
    if (!looked) return false;
    c->looked = looked;
    c->demand_n = demand_n;
    return true;
}

static void conservative_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    if (!reservation_started(s, &c->reservation, slot, now_us)) s->failed = true;
}

/* What the job was still expected to hold is free. */
static void conservative_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    const struct running_job *j = &s->running->slots[slot];
    int64_t end = j->start_us + held_us(s, j->job, j->demand, j->pool);
    if (!reservation_released(&c->reservation, slot, now_us)) c->reservation.stands = false;
    if (end <= now_us) return;
    profile_advance(&c->profiles[j->pool], now_us);
    shift(s, j->pool, now_us, end, scheduler_demand(s, j->demand)->gpus);
    c->loose = true;
}

static bool conservative_init(struct scheduler *s)
{
    struct conservative *c = s->state;
    c->first = c->last = c->fresh = NOBODY;
    c->profiles = calloc((size_t)s->pool_n, sizeof *c->profiles);
    if (!c->profiles) return false;
    for (int32_t k = 0; k < s->pool_n; k++)
        if (!profile_init(&c->profiles[k], s->pools[k].free_gpus)) return false;
    return events_init(&c->starts, 64, NULL) == STATUS_OK && reservation_init(&c->reservation);
}

static void conservative_free(struct scheduler *s)
{
    struct conservative *c = s->state;
    for (int32_t k = 0; c->profiles && k < s->pool_n; k++) profile_free(&c->profiles[k]);
    free(c->profiles);
    free(c->promises);
    free(c->spare);
    free(c->due);
    free(c->no_room);
    free(c->no_hole);
    free(c->looked);
    events_free(&c->starts);
    reservation_free(&c->reservation);
}

const struct scheduler_engine engine_conservative = {
    .state_size = sizeof(struct conservative),
    .init = conservative_init,
    .free = conservative_free,
    .submit = conservative_submit,
    .pass = conservative_pass,
    .started = conservative_started,
    .released = conservative_released,
};
