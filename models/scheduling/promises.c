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
 * enough_us where it is longer than that, runs on beyond what is exact, or there are more of them
 * than are worth a look. */
static int64_t longest_hole(const struct profile *p, int64_t gpus, int64_t begin_us, int64_t to_us,
                            int64_t enough_us, int64_t exact_us)
{
    int64_t longest = 0;
    for (int i = 0; begin_us < to_us && longest < enough_us; i++) {
        if (i == HOLES_LOOKED_AT) return enough_us;
        int64_t most = begin_us < exact_us - enough_us ? begin_us + enough_us : exact_us;
        int64_t end = profile_until(p, begin_us, gpus, most);
        if (end == exact_us) return enough_us;
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
    int64_t gpus = l->gpus, last = no_hole_last(known);
    if (to_us > last) to_us = last;
    int64_t since = first_fit(profile, gpus, from_us, to_us);
    if (since == to_us) return;
    if (since == from_us) since = profile_since(profile, since, gpus);
    int64_t longest =
        longest_hole(profile, gpus, since, to_us, no_hole_longest(known), c->exact_us);
    uint32_t n = 0;
    int64_t below = known->from_us;
    for (uint32_t i = 0; i < known->n; i++) {
        struct no_hole_step step = known->steps[i];
        if (step.until_us > from_us && step.until_us > since)
            step.until_us =
                step.length_us <= longest ? since : profile_since(profile, step.until_us, gpus);
        if (step.until_us <= below) continue;
        below = step.until_us;
        known->steps[n++] = step;
    }
    known->n = n;
}

/* Those of whom a hole is known to be missing beyond from_us may have one now. */
static void note_freed(struct scheduler *s, int32_t pool, int64_t from_us, int64_t to_us,
                       uint32_t *mark)
{
    struct conservative *c = s->state;
    if (from_us >= to_us || from_us >= c->known_until_us) return;
    int64_t most = profile_most(&c->profiles[pool], from_us, to_us, mark);
    for (uint32_t i = 0; i < c->looked_n; i++) {
        const struct looked *l = &c->looked[i];
        if (l->pool == pool && l->gpus <= most && no_hole_last(&c->no_hole[l->demand]) > from_us)
            forget_freed(s, l, from_us, to_us);
    }
}

void promise_shift(struct scheduler *s, int32_t pool, int64_t from_us, int64_t to_us, int64_t gpus)
{
    shift(s, pool, from_us, to_us, gpus);
    if (gpus > 0) note_freed(s, pool, from_us, to_us, &(uint32_t){ UINT32_MAX });
}

/* Nothing is held beyond the end. */
static void settle(struct scheduler *s, struct promise *p)
{
    struct conservative *c = s->state;
    int64_t end_us = p->start_us + p->length_us;
    if (!profile_add_at(&c->profiles[p->pool], end_us, p->held_until_us, p->gpus, &p->end_mark))
        s->failed = true;
    p->held_until_us = end_us;
}

void promise_settle(struct scheduler *s, uint32_t slot)
{
    struct conservative *c = s->state;
    settle(s, &c->promises[slot]);
}

void promises_settle(struct scheduler *s, int64_t until_us)
{
    struct conservative *c = s->state;
    if (until_us <= c->exact_us) return;
    for (uint32_t i = c->waiting.first; i < c->waiting.n; i++) {
        if (c->waiting.entries[i].slot == NOBODY) continue;
        struct promise *p = &c->promises[c->waiting.entries[i].slot];
        if (p->start_us < 0 || p->start_us == FAR) continue;
        int64_t end_us = p->start_us + p->length_us;
        if (p->held_until_us > end_us && end_us < until_us) settle(s, p);
    }
    c->exact_us = until_us;
}

/* How much farther the profiles are made exact than is needed at once. */
static int64_t beyond(const struct conservative *c, int64_t time_us)
{
    return time_us < FAR / 2 ? time_us + (time_us - c->now_us) / 16 + 1 : FAR;
}

/* The profiles need be exact no farther than promises begin and something is known. */
static void loosen(struct conservative *c)
{
    int64_t last_us = c->last_us > c->known_until_us ? c->last_us : c->known_until_us;
    int64_t exact_us = beyond(c, last_us);
    if (last_us > c->now_us && exact_us < c->exact_us) c->exact_us = exact_us;
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
    promise_shift(s, p->pool, from, p->held_until_us, p->gpus);
    p->held_until_us = 0;
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
    p->held_until_us = start_us + p->length_us;
    if (start_us > c->last_us) c->last_us = start_us;
    promise_shift(s, pool, start_us, p->held_until_us, -p->gpus);
    events_set(&c->starts, slot, start_us);
}

/* The promise begins earlier now, at start_us, which the profile knows. */
static void begin_earlier(struct scheduler *s, uint32_t slot, int64_t start_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    int64_t end_before_us = p->start_us + p->length_us, end_us = start_us + p->length_us;
    p->start_us = start_us;
    if (end_us < c->exact_us) settle(s, p);
    note_freed(s, p->pool, end_us, end_before_us, &p->end_mark);
    if (start_us < events_time(&c->starts, slot))
        events_set(&c->starts, slot, start_us - (start_us - c->now_us) / 8);
}

/* Moves a promise to an earlier start. While it still overlaps with itself the profile changes only
 * where the two differ, which is little. */
static void move(struct scheduler *s, uint32_t slot, int32_t pool, int64_t start_us, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    if (pool != p->pool || p->start_us == FAR || start_us + p->length_us <= p->start_us) {
        promise_withdraw(s, slot, now_us);
        promise(s, slot, pool, start_us);
        return;
    }
    if (!profile_add_at(&c->profiles[pool], start_us, p->start_us, -p->gpus, &p->start_mark))
        s->failed = true;
    begin_earlier(s, slot, start_us);
}

/* The earliest start the profile offers, at or after from_us, and its pool; before_us where there
 * is none. own: before_us is the job's promise, which the profile holds and it would give up. */
static int64_t earliest(struct scheduler *s, const struct promise *p, int64_t from_us,
                        int64_t before_us, bool own, int32_t *pool)
{
    promises_settle(s, FAR);
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

/* What is known of the job's demand, where one pool alone may serve it. */
static struct no_hole *known_of(struct scheduler *s, const struct promise *p)
{
    struct conservative *c = s->state;
    const struct demand *d = scheduler_demand(s, p->demand);
    struct no_hole *known = &c->no_hole[p->demand];
    if (no_hole_begin(known, 1, c->now_us)) /* once: it stays known */
        c->looked[c->looked_n++] = (struct looked){ p->demand, __builtin_ctzll(d->pools), d->gpus };
    return known;
}

/* The same as profile_find, of a profile that is made exact as far as it takes. Beyond what is
 * exact all starts are past, and GPUs only become free: what is free at the end of that stays so.
 */
static int64_t find_exact(struct scheduler *s, int32_t pool, struct hole *hole)
{
    struct conservative *c = s->state;
    int64_t before_us = hole->before_us, longest_us = 0, start;
    for (bool again = false;; again = true) {
        bool is_all = before_us <= c->exact_us;
        hole->before_us = is_all ? before_us : c->exact_us;
        hole->own_us = is_all ? 0 : c->exact_us;
        start = profile_find(&c->profiles[pool], hole);
        if (hole->longest_us < longest_us) hole->longest_us = longest_us;
        if (is_all || start < hole->before_us) return start;
        longest_us = hole->longest_us;
        if (hole->from_us < c->exact_us) hole->from_us = c->exact_us;
        promises_settle(s, again ? FAR : beyond(c, hole->from_us));
    }
}

/* The earliest hole for the job in the only pool that may serve it, of which this is known, at or
 * after from_us; before_us, just before which the demand does not fit, where there is none. */
static int64_t earliest_known(struct scheduler *s, const struct promise *p, struct no_hole *known,
                              int64_t from_us, int64_t before_us)
{
    struct conservative *c = s->state;
    struct no_hole_step step = no_hole_of(known, p->length_us);
    if (from_us < step.until_us) from_us = step.until_us;
    struct hole hole = { .gpus = p->gpus,
                         .length_us = p->length_us,
                         .from_us = from_us,
                         .before_us = before_us,
                         .grid_us = s->timing->cycle_us };
    int64_t start = find_exact(s, p->pool, &hole);
    if (start > FAR - hole.length_us) return FAR;
    /* Nor is there one for a shorter job, down to what was found too short. */
    int64_t shorter = hole.longest_us < step.length_us ? step.length_us : hole.longest_us + 1;
    no_hole_note(known, shorter, start);
    if (start > c->known_until_us) c->known_until_us = start;
    return start;
}

/* Until when more is promised than there is, because jobs that are overdue hold it; now_us where
 * nowhere. */
static int64_t strained_until(struct scheduler *s, int64_t now_us)
{
    struct conservative *c = s->state;
    int64_t last = now_us;
    for (int32_t k = 0; k < s->pool_n; k++) {
        const struct profile *profile = &c->profiles[k];
        int64_t until = now_us, end;
        while (until != FAR && profile_lack(profile, until, &end) < c->exact_us) {
            if (c->exact_us == FAR) until = end;
            else promises_settle(s, FAR);
        }
        if (until > last) last = until;
    }
    return last;
}

/* The earliest start of a job that has a promise, its pool the only one that may serve it. A hole
 * that runs into the promise begins where the GPUs become free before it; any other ends before
 * that. */
static int64_t earliest_again(struct scheduler *s, struct promise *p, int64_t now_us)
{
    struct conservative *c = s->state;
    struct no_hole *known = known_of(s, p);
    int64_t since = profile_since_at(&c->profiles[p->pool], p->start_us, p->gpus, &p->start_mark);
    int64_t before = since - p->length_us; /* looked for beyond it only to know for others */
    if (before > now_us && no_hole_until(known, p->length_us) < before) {
        int64_t start = earliest_known(s, p, known, now_us, since);
        if (start < since) return start;
    }
    return profile_on_grid(since, s->timing->cycle_us);
}

/* Whether any earlier hole for the job, its pool the only one that may serve it, runs into its
 * promise. */
static bool may_only_slide(struct scheduler *s, const struct promise *p, int64_t now_us)
{
    int64_t before = p->start_us - p->length_us;
    return s->timing->cycle_us == 0 &&
           (before <= now_us || no_hole_until(known_of(s, p), p->length_us) >= before);
}

/* Moves a promise back for as long as the GPUs are free just before it; true if they are. */
static bool slide(struct scheduler *s, uint32_t slot)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    struct profile *profile = &c->profiles[p->pool];
    if (profile_shows_lack(profile, p->start_us, p->gpus, &p->start_mark)) return false;
    int64_t start_us = profile_take_back(profile, p->start_us, p->gpus, &p->start_mark);
    if (start_us == p->start_us) return false;
    if (start_us == INT64_MIN) s->failed = true;
    else begin_earlier(s, slot, start_us);
    return true;
}

/* Moves a promise to the earliest hole, if that is earlier; true if it was. */
static bool tighten_one(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    int64_t before = p->start_us, start;
    int32_t pool = p->pool;
    if (p->is_shared) start = earliest(s, p, now_us, before, before != FAR, &pool);
    else if (before == FAR) start = earliest_known(s, p, known_of(s, p), now_us, FAR);
    else if (may_only_slide(s, p, now_us)) return slide(s, slot);
    else start = earliest_again(s, p, now_us);
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
    bool moved = false, is_shared = false;
    int64_t last_us = now_us, strained_us = strained_until(s, now_us);
    c->known_until_us = now_us;
    for (uint32_t i = 0; i < c->looked_n; i++) {
        int64_t last = no_hole_last(&c->no_hole[c->looked[i].demand]);
        if (last > c->known_until_us) c->known_until_us = last;
    }
    if (strained_us == now_us) loosen(c);
    for (uint32_t i = c->waiting.first; i < c->waiting.n && !s->failed; i++) {
        uint32_t slot = c->waiting.entries[i].slot;
        if (slot == NOBODY) continue;
        struct promise *p = &c->promises[slot];
        if (p->start_us <= now_us) continue;
        moved |= p->start_us < strained_us ? tighten_strained(s, slot, now_us)
                                           : tighten_one(s, slot, now_us);
        if (p->start_us > last_us && p->start_us != FAR) last_us = p->start_us;
        is_shared |= p->is_shared;
    }
    c->loose = moved;
    c->last_us = is_shared ? FAR : last_us;
}

/* Promises the earliest hole to a job that holds none; in that pool where there is none at all. */
static void promise_earliest(struct scheduler *s, uint32_t slot, int32_t pool, int64_t now_us)
{
    struct promise *p = &((struct conservative *)s->state)->promises[slot];
    p->pool = pool;
    p->length_us = held_us(s, p->job, p->demand, pool);
    int64_t start = p->is_shared ? earliest(s, p, now_us, FAR, false, &pool)
                                 : earliest_known(s, p, known_of(s, p), now_us, FAR);
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
    for (; c->fresh_n > 0 && !s->failed; c->fresh_n--)
        promise_first(s, c->waiting.entries[c->waiting.n - c->fresh_n].slot, now_us);
}

/* The latest comer of those promised to hold GPUs of the pool at time_us, who have not come due. */
static uint32_t last_over(const struct conservative *c, int32_t pool, int64_t time_us,
                          int64_t now_us)
{
    for (uint32_t i = c->waiting.n; i-- > c->waiting.first;) {
        uint32_t slot = c->waiting.entries[i].slot;
        if (slot == NOBODY) continue;
        const struct promise *p = &c->promises[slot];
        if (p->pool == pool && p->start_us > now_us && p->start_us <= time_us &&
            time_us - p->start_us < p->length_us)
            return slot;
    }
    return NOBODY;
}

void promises_relieve(struct scheduler *s, int32_t pool, int64_t now_us)
{
    struct conservative *c = s->state;
    const struct profile *profile = &c->profiles[pool];
    int64_t until, lack = profile_lack(profile, now_us, &until);
    while (lack < c->exact_us && !s->failed) {
        uint32_t slot = last_over(c, pool, lack, now_us);
        if (slot == NOBODY) {
            if (until >= c->exact_us) {
                if (c->exact_us == FAR) return;
                promises_settle(s, FAR);
                until = lack;
            }
            lack = profile_lack(profile, until, &until);
            continue;
        }
        promise_withdraw(s, slot, now_us);
        promise_earliest(s, slot, c->promises[slot].pool, now_us);
        lack = profile_lack(profile, lack, &until);
    }
}
