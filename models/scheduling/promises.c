/* SPDX-License-Identifier: Apache-2.0 */
/* Conservative backfill: which start each waiting job is promised. The rules are in
 * conservative.h. */
#include "models/scheduling/conservative.h"

static void shift(struct scheduler *s, int32_t pool, int64_t from_us, int64_t to_us, int64_t gpus)
{
    struct conservative *c = s->state;
    if (!profile_add(&c->profiles[pool], from_us, to_us, gpus)) s->failed = true;
}

/* The first time in [from_us, to_us) at which the GPUs are free; to_us where they never are. */
static int64_t first_fit(const struct profile *p, int64_t gpus, int64_t from_us, int64_t to_us)
{
    struct hole hole = { .gpus = gpus, .length_us = 1, .from_us = from_us, .before_us = to_us };
    return profile_find(p, &hole);
}

enum { HOLES_LOOKED_AT = 4 };

/* How long the longest hole for the GPUs is that begins at begin_us, or later before to_us;
 * enough_us where it is longer than that, or there are more of them than are worth a look. */
static int64_t longest_hole(const struct profile *p, int64_t gpus, int64_t begin_us, int64_t to_us,
                            int64_t enough_us)
{
    int64_t longest = 0;
    for (int i = 0; begin_us < to_us && longest < enough_us; i++) {
        if (i == HOLES_LOOKED_AT) return enough_us;
        int64_t most = begin_us < INT64_MAX - enough_us ? begin_us + enough_us : INT64_MAX;
        int64_t end = profile_until(p, begin_us, gpus, most);
        if (end - begin_us > longest) longest = end - begin_us;
        begin_us = first_fit(p, gpus, end, to_us);
    }
    return longest;
}

/* What is known of a demand may be no longer true of holes that are there for the freed range
 * [from_us, to_us) alone. No longer hole than the longest of those begins earlier than before, but
 * its step has to end where the demand does not fit. */
static void forget_freed(struct scheduler *s, const struct looked *l, int64_t from_us,
                         int64_t to_us)
{
    struct conservative *c = s->state;
    const struct profile *profile = &c->profiles[l->pool];
    struct no_hole *known = &c->no_hole[l->demand];
    int64_t gpus = gpus_of(s, l->demand), last = no_hole_last(known);
    if (to_us > last) to_us = last;
    int64_t since = first_fit(profile, gpus, from_us, to_us);
    if (since == to_us) return;
    if (since == from_us) since = profile_since(profile, since, gpus, c->now_us);
    int64_t longest = longest_hole(profile, gpus, since, to_us, no_hole_longest(known));
    uint32_t n = 0;
    int64_t below = known->from_us;
    for (uint32_t i = 0; i < known->n; i++) {
        struct no_hole_step step = known->steps[i];
        if (step.until_us > from_us && step.until_us > since)
            step.until_us = step.length_us <= longest
                                ? since
                                : profile_since(profile, step.until_us, gpus, c->now_us);
        if (step.until_us <= below) continue;
        below = step.until_us;
        known->steps[n++] = step;
    }
    known->n = n;
}

/* Those of whom a hole is known to be missing beyond from_us may have one now. */
static void note_freed(struct scheduler *s, int32_t pool, int64_t from_us, int64_t to_us)
{
    struct conservative *c = s->state;
    if (from_us >= to_us || from_us >= c->known_until_us) return;
    for (uint32_t i = 0; i < c->looked_n; i++)
        if (c->looked[i].pool == pool && no_hole_last(&c->no_hole[c->looked[i].demand]) > from_us)
            forget_freed(s, &c->looked[i], from_us, to_us);
}

void promise_shift(struct scheduler *s, int32_t pool, int64_t from_us, int64_t to_us, int64_t gpus)
{
    shift(s, pool, from_us, to_us, gpus);
    if (gpus > 0) note_freed(s, pool, from_us, to_us);
}

void promise_withdraw(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    events_set(&c->starts, slot, EVENT_NONE);
    if (p->start_us == FAR) {
        c->far_n--;
        return;
    }
    int64_t from = p->start_us > now_us ? p->start_us : now_us;
    promise_shift(s, p->pool, from, p->start_us + p->length_us,
                  scheduler_demand(s, p->demand)->gpus);
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
    promise_shift(s, pool, start_us, start_us + p->length_us,
                  -scheduler_demand(s, p->demand)->gpus);
    events_set(&c->starts, slot, start_us);
}

/* Moves a promise to an earlier start while it still overlaps with itself: only where the two
 * differ the profile changes, which is little. */
static void slide(struct scheduler *s, struct promise *p, int64_t start_us)
{
    struct conservative *c = s->state;
    struct profile *profile = &c->profiles[p->pool];
    int64_t gpus = gpus_of(s, p->demand);
    int64_t end_us = start_us + p->length_us, end_before_us = p->start_us + p->length_us;
    uint32_t start_mark = p->start_mark; /* which stays at the step before, for the next look */
    if (!profile_add_at(profile, start_us, p->start_us, -gpus, &start_mark) ||
        !profile_add_at(profile, end_us, end_before_us, gpus, &p->end_mark))
        s->failed = true;
    note_freed(s, p->pool, end_us, end_before_us);
    p->start_us = start_us;
}

/* Moves a promise to an earlier start. */
static void move(struct scheduler *s, uint32_t slot, int32_t pool, int64_t start_us, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    if (pool != p->pool || p->start_us == FAR || start_us + p->length_us <= p->start_us) {
        promise_withdraw(s, slot, now_us);
        promise(s, slot, pool, start_us);
        return;
    }
    slide(s, p, start_us);
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

/* What is known of the job's demand, where it asks for GPUs and one pool alone may serve it; else
 * NULL. */
static struct no_hole *known_of(struct scheduler *s, const struct promise *p)
{
    struct conservative *c = s->state;
    const struct demand *d = scheduler_demand(s, p->demand);
    if (d->gpus == 0 || d->pools & (d->pools - 1)) return NULL;
    struct no_hole *known = &c->no_hole[p->demand];
    if (no_hole_begin(known, 1, c->now_us)) /* once: it stays known */
        c->looked[c->looked_n++] = (struct looked){ p->demand, __builtin_ctzll(d->pools) };
    return known;
}

/* The earliest hole for the job in the only pool that may serve it, of which this is known, at or
 * after from_us; before_us, just before which the demand does not fit, where there is none. */
static int64_t earliest_known(struct scheduler *s, const struct promise *p, struct no_hole *known,
                              int64_t from_us, int64_t before_us)
{
    struct conservative *c = s->state;
    struct no_hole_step step = no_hole_of(known, p->length_us);
    if (from_us < step.until_us) from_us = step.until_us;
    struct hole hole = { .gpus = gpus_of(s, p->demand),
                         .length_us = p->length_us,
                         .from_us = from_us,
                         .before_us = before_us,
                         .grid_us = s->timing->cycle_us };
    int64_t start = profile_find(&c->profiles[p->pool], &hole);
    if (start > FAR - hole.length_us) return FAR;
    /* Nor is there one for a shorter job, down to what was found too short. */
    int64_t shorter = hole.longest_us < step.length_us ? step.length_us : hole.longest_us + 1;
    no_hole_note(known, shorter, start);
    if (start > c->known_until_us) c->known_until_us = start;
    return start;
}

/* Until when more is promised than there is, because jobs that are overdue hold it; now_us where
 * nowhere. */
static int64_t strained_until(const struct scheduler *s, int64_t now_us)
{
    const struct conservative *c = s->state;
    int64_t last = now_us;
    for (int32_t k = 0; k < s->pool_n; k++) {
        int64_t until = now_us;
        while (until != FAR && profile_lack(&c->profiles[k], until, &until) != FAR)
            if (until > last) last = until;
    }
    return last;
}

/* The earliest start of a job that has a promise, its pool the only one that may serve it. A hole
 * that runs into the promise begins where the GPUs become free before it; any other ends before
 * that. */
static int64_t earliest_again(struct scheduler *s, struct promise *p, struct no_hole *known,
                              int64_t now_us)
{
    struct conservative *c = s->state;
    int64_t since = profile_since_at(&c->profiles[p->pool], p->start_us, gpus_of(s, p->demand),
                                     now_us, &p->start_mark);
    int64_t before = since - p->length_us; /* looked for beyond it only to know for others */
    if (before > now_us && no_hole_until(known, p->length_us) < before) {
        int64_t start = earliest_known(s, p, known, now_us, since);
        if (start < since) return start;
    }
    return profile_on_grid(since, s->timing->cycle_us);
}

/* Moves a promise to the earliest hole, if that is earlier; true if it was. */
static bool tighten_one(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    struct no_hole *known = known_of(s, p);
    int64_t before = p->start_us, start;
    int32_t pool = p->pool;
    if (!known) start = earliest(s, p, now_us, before, before != FAR, &pool);
    else if (before == FAR) start = earliest_known(s, p, known, now_us, FAR);
    else start = earliest_again(s, p, known, now_us);
    if (start >= before) return false;
    move(s, slot, pool, start, now_us);
    return true;
}

/* The same of a promise that begins where too much is promised: what the job gives up may not be
 * there for it again, so it is taken out before it looks. */
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

void promises_tighten(struct scheduler *s, int64_t now_us)
{
    struct conservative *c = s->state;
    bool moved = false;
    int64_t strained_us = strained_until(s, now_us);
    c->known_until_us = now_us;
    for (uint32_t i = 0; i < c->looked_n; i++) {
        int64_t last = no_hole_last(&c->no_hole[c->looked[i].demand]);
        if (last > c->known_until_us) c->known_until_us = last;
    }
    for (uint32_t i = c->first; i != c->fresh && !s->failed; i = c->promises[i].after) {
        int64_t start = c->promises[i].start_us;
        if (start > now_us)
            moved |=
                start < strained_us ? tighten_strained(s, i, now_us) : tighten_one(s, i, now_us);
    }
    c->loose = moved;
}

/* Promises the earliest hole to a job that holds none; in that pool where there is none at all. */
static void promise_earliest(struct scheduler *s, uint32_t slot, int32_t pool, int64_t now_us)
{
    struct promise *p = &((struct conservative *)s->state)->promises[slot];
    p->pool = pool;
    p->length_us = held_us(s, p->job, p->demand, pool);
    struct no_hole *known = known_of(s, p);
    int64_t start = known ? earliest_known(s, p, known, now_us, FAR)
                          : earliest(s, p, now_us, FAR, false, &pool);
    promise(s, slot, pool, start);
}

static void promise_first(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    const struct conservative *c = s->state;
    uint64_t pools = scheduler_demand(s, c->promises[slot].demand)->pools;
    promise_earliest(s, slot, __builtin_ctzll(pools), now_us);
}

void promises_make(struct scheduler *s, int64_t now_us)
{
    struct conservative *c = s->state;
    for (uint32_t i = 0; i < c->back_n && !s->failed; i++) promise_first(s, c->back[i], now_us);
    c->back_n = 0;
    for (; c->fresh != NOBODY && !s->failed; c->fresh = c->promises[c->fresh].after)
        promise_first(s, c->fresh, now_us);
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

void promises_relieve(struct scheduler *s, int32_t pool, int64_t now_us)
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
        promise_withdraw(s, slot, now_us);
        promise_earliest(s, slot, c->promises[slot].pool, now_us);
        lack = profile_lack(profile, lack, &until);
    }
}
