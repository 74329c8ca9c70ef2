/* SPDX-License-Identifier: Apache-2.0 */
/* Conservative backfill: which start each waiting job is promised. The rules are in
 * conservative.h. */
#include "models/scheduling/conservative.h"

static void shift(struct scheduler *s, int32_t pool, int64_t from_us, int64_t to_us, int64_t gpus)
{
    struct conservative *c = s->state;
    if (!profile_add(&c->profiles[pool], from_us, to_us, gpus)) s->failed = true;
}

void promise_shift(struct scheduler *s, int32_t pool, int64_t from_us, int64_t to_us, int64_t gpus)
{
    struct conservative *c = s->state;
    shift(s, pool, from_us, to_us, gpus);
    if (gpus < 0) c->may_lack = true;
    if (gpus <= 0 || from_us >= to_us) return;
    c->freed = true;
    if (from_us > c->known_until_us) return;
    struct change change = profile_change(&c->profiles[pool], from_us, to_us);
    holes_freed(c, pool, &change, to_us);
}

/* Nothing is held beyond the end. */
static void settle(struct scheduler *s, struct promise *p)
{
    struct conservative *c = s->state;
    int64_t end_us = p->start_us + p->length_us;
    int64_t held_until_us = p->held_until_us;
    struct change change;
    if (end_us == held_until_us) return;
    p->held_until_us = end_us;
    c->freed = true;
    if (!profile_move_back(&c->profiles[p->pool], &p->until, end_us, (int32_t)p->gpus, &change))
        s->failed = true;
    else if (end_us <= c->known_until_us) holes_freed(c, p->pool, &change, held_until_us);
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

int64_t promises_exact_for(const struct conservative *c, int64_t time_us)
{
    return time_us < FAR / 2 ? time_us + (time_us - c->now_us) / 16 + 1 : FAR;
}

/* The profiles need be exact no farther than promises begin and something is known. */
static void loosen(struct conservative *c)
{
    int64_t last_us = c->last_us > c->known_until_us ? c->last_us : c->known_until_us;
    int64_t exact_us = promises_exact_for(c, last_us);
    if (last_us > c->now_us && exact_us < c->exact_us) c->exact_us = exact_us;
}

void promise_ignore(struct conservative *c, uint32_t slot)
{
    struct look *l = &c->looks[slot + 1];
    l->before_us = INT64_MIN;
    l->gpus = INT32_MAX;
}

void promise_let_go(struct conservative *c, uint32_t slot)
{
    struct promise *p = &c->promises[slot];
    if (!p->is_held) return;
    p->is_held = false;
    profile_let_go(&c->profiles[p->pool], c->looks[slot + 1].start);
    c->looks[slot + 1].start = 0;
    profile_let_go(&c->profiles[p->pool], p->until);
}

void promise_withdraw(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    events_set(&c->starts, slot, EVENT_NONE);
    promise_ignore(c, slot);
    if (p->start_us == FAR) {
        c->far_n--;
        return;
    }
    int64_t from = p->start_us > now_us ? p->start_us : now_us;
    promise_shift(s, p->pool, from, p->held_until_us, p->gpus);
    promise_let_go(c, slot);
    p->held_until_us = 0;
}

/* What the promise is looked at by from then on. */
static void look_as(struct scheduler *s, uint32_t slot)
{
    struct conservative *c = s->state;
    const struct promise *p = &c->promises[slot];
    struct look *l = &c->looks[slot + 1];
    l->pool = (uint8_t)p->pool;
    l->gpus = INT32_MIN;
    l->before_us = INT64_MIN;
    if (p->is_shared || !p->is_held) return;
    l->gpus = (int32_t)p->gpus;
    l->before_us = p->start_us - p->length_us;
    l->holes = p->holes;
    l->class = (uint8_t)hole_class(p->length_us);
    hole_classes_reach(&c->holes[l->holes].known, l->class);
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
        look_as(s, slot);
        return;
    }
    p->held_until_us = start_us + p->length_us;
    if (p->is_shared) c->last_us = FAR;
    else if (start_us > c->last_us) c->last_us = start_us;
    p->is_held = profile_hold(&c->profiles[pool], start_us, p->held_until_us, p->gpus,
                              &c->looks[slot + 1].start, &p->until);
    if (!p->is_held) {
        s->failed = true;
        return;
    }
    look_as(s, slot);
    events_set(&c->starts, slot, start_us);
}

/* The promise begins earlier now, at start_us, which the profile knows. */
static inline void begin_earlier(struct scheduler *s, uint32_t slot, int64_t start_us,
                                 int64_t length_us)
{
    struct conservative *c = s->state;
    c->promises[slot].start_us = start_us;
    if (start_us + length_us < c->exact_us) settle(s, &c->promises[slot]);
    if (start_us < events_time(&c->starts, slot))
        events_set(&c->starts, slot, start_us - (start_us - c->now_us) / 8);
}

/* Moves a promise to an earlier start. While it still overlaps with itself the profile changes only
 * where the two differ, which is little. */
static void move(struct scheduler *s, uint32_t slot, int32_t pool, int64_t start_us, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    struct profile *profile = &c->profiles[pool];
    struct look *l = &c->looks[slot + 1];
    if (pool != p->pool || p->start_us == FAR || start_us + p->length_us <= p->start_us) {
        promise_withdraw(s, slot, now_us);
        promise(s, slot, pool, start_us);
        return;
    }
    struct change change;
    if (!profile_move_back(profile, &l->start, start_us, (int32_t)-p->gpus, &change)) {
        s->failed = true;
        return;
    }
    if (l->before_us > INT64_MIN) l->before_us = start_us - c->promises[slot].length_us;
    begin_earlier(s, slot, start_us, c->promises[slot].length_us);
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

/* Until when more is promised than there is, because jobs that are overdue hold it; now_us where
 * nowhere. */
static int64_t strained_until(struct scheduler *s, int64_t now_us)
{
    struct conservative *c = s->state;
    int64_t last = now_us;
    c->may_lack = false;
    for (int32_t k = 0; k < s->pool_n; k++) {
        const struct profile *profile = &c->profiles[k];
        int64_t until = now_us, end, lack = profile_lack(profile, until, &end);
        c->may_lack |= lack < FAR;
        for (; until != FAR && lack < c->exact_us; lack = profile_lack(profile, until, &end)) {
            if (c->exact_us == FAR) until = end;
            else promises_settle(s, FAR);
        }
        if (until > last) last = until;
    }
    return last;
}

/* The earliest start of a job that has a promise, its pool the only one that may serve it, where a
 * hole may begin before the promise's before_us. One that runs into the promise begins where the
 * GPUs become free before it; any other ends before that. */
static int64_t earliest_again(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct conservative *c = s->state;
    const struct promise *p = &c->promises[slot];
    const struct look *l = &c->looks[slot + 1];
    const struct profile *profile = &c->profiles[p->pool];
    int64_t since = profile_since_at(profile, profile->place[l->start], p->gpus);
    int64_t before = since - p->length_us; /* looked for beyond it only to know for others */
    if (before > now_us && holes_known_until(c, p) < before) {
        int64_t start = holes_earliest(s, p, now_us, since);
        if (start < since) return start;
    }
    return profile_on_grid(since, s->timing->cycle_us);
}

/* Moves a promise back for as long as the GPUs are free just before it; true if they are. */
static inline bool slide(struct scheduler *s, uint32_t slot, struct look *l)
{
    struct conservative *c = s->state;
    struct profile *profile = &c->profiles[l->pool];
    if (!profile_fits_before(profile, l->start, l->gpus)) return false;
    int64_t length_us = profile_time(profile, l->start) - l->before_us;
    l->start = profile_take_back(profile, l->start, l->gpus);
    int64_t start_us = profile_time(profile, l->start);
    l->before_us = start_us - length_us;
    begin_earlier(s, slot, start_us, length_us);
    return true;
}

/* Moves a promise that begins where too much is promised to the earliest hole, if that is earlier:
 * what the job gives up may not be there for it again, so it is taken out before it looks. */
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

/* Whether any earlier hole for the job runs into its promise. */
static inline bool may_only_slide(const struct conservative *c, const struct look *l)
{
    return l->gpus > INT32_MIN && l->before_us <= c->holes[l->holes].known.until_us[l->class];
}

/* Moves any promise to the earliest hole, if that is earlier; true if it was. strained_us: until
 * when too much is promised. */
static bool tighten_one(struct scheduler *s, uint32_t slot, int64_t strained_us, int64_t now_us)
{
    struct conservative *c = s->state;
    struct promise *p = &c->promises[slot];
    int64_t before = p->start_us, start;
    int32_t pool = p->pool;
    if (before <= now_us) return false;
    if (before < strained_us) return tighten_strained(s, slot, now_us);
    if (p->is_shared) start = earliest(s, p, now_us, before, before != FAR, &pool);
    else if (before == FAR) start = holes_earliest(s, p, now_us, FAR);
    else start = earliest_again(s, slot, now_us);
    if (start >= before) return false;
    move(s, slot, pool, start, now_us);
    return true;
}

enum { LOOKED_AT = 8, PASSES_LOOSE = 16 };

/* Bit i: the promise of the i-th of n that wait from there on may move. Without a branch: which one
 * does cannot be guessed. */
static inline uint32_t who_may_move_in(const struct conservative *c, const struct profile *only,
                                       const struct arrival *entries, uint32_t n)
{
    const struct look *looks = c->looks;
    uint32_t may = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct look *l = &looks[(uint32_t)(entries[i].slot + 1)];
        const struct profile *p = only ? only : &c->profiles[l->pool];
        bool slides = profile_fits_before(p, l->start, l->gpus);
        bool leaps = l->before_us > c->holes[l->holes].known.until_us[l->class];
        may |= (uint32_t)(slides | leaps) << i;
    }
    return may;
}

static inline uint32_t who_may_move(const struct scheduler *s, const struct arrival *entries,
                                    uint32_t n)
{
    const struct conservative *c = s->state;
    if (s->pool_n > 1) return who_may_move_in(c, NULL, entries, n);
    if (n < LOOKED_AT) return who_may_move_in(c, c->profiles, entries, n);
    return who_may_move_in(c, c->profiles, entries, LOOKED_AT);
}

/* The last start of all promises; FAR: some may go anywhere. */
static int64_t last_start(const struct conservative *c)
{
    int64_t last_us = c->now_us;
    for (uint32_t i = c->waiting.first; i < c->waiting.n; i++) {
        if (c->waiting.entries[i].slot == NOBODY) continue;
        const struct promise *p = &c->promises[c->waiting.entries[i].slot];
        if (p->is_shared && p->start_us > c->now_us) return FAR;
        if (p->start_us > last_us && p->start_us != FAR) last_us = p->start_us;
    }
    return last_us;
}

/* Moves the promises of n that wait from there on, at most LOOKED_AT; true if any moved. */
static bool tighten_few(struct scheduler *s, uint32_t from, uint32_t n, int64_t strained_us,
                        int64_t now_us)
{
    struct conservative *c = s->state;
    const struct arrival *entries = c->waiting.entries + from;
    bool is_strained = strained_us > now_us, moved = false;
    bool slides = !is_strained && s->timing->cycle_us == 0;
    uint32_t may = is_strained ? (UINT32_C(1) << n) - 1 : who_may_move(s, entries, n);
    while (may) {
        uint32_t at = (uint32_t)__builtin_ctz(may), slot = entries[at].slot;
        struct look *l = &c->looks[slot + 1];
        may &= may - 1;
        c->freed = false;
        if (slides && may_only_slide(c, l)) moved |= slide(s, slot, l);
        else if (slot != NOBODY) moved |= tighten_one(s, slot, strained_us, now_us);
        if (c->freed && !is_strained) may = who_may_move(s, entries, n) & (UINT32_MAX << at << 1);
    }
    return moved;
}

void promises_tighten(struct scheduler *s, int64_t now_us)
{
    struct conservative *c = s->state;
    int64_t strained_us = c->may_lack ? strained_until(s, now_us) : now_us;
    holes_advance(c);
    if (strained_us == now_us) loosen(c);
    c->loose = false;
    for (uint32_t i = c->waiting.first, n; i < c->waiting.n && !s->failed; i += n) {
        n = c->waiting.n - i < LOOKED_AT ? c->waiting.n - i : LOOKED_AT;
        c->loose |= tighten_few(s, i, n, strained_us, now_us);
    }
    if (c->pass % PASSES_LOOSE == 0) c->last_us = last_start(c);
}

/* Promises the earliest hole to a job that holds none; in that pool where there is none at all. */
static void promise_earliest(struct scheduler *s, uint32_t slot, int32_t pool, int64_t now_us)
{
    struct promise *p = &((struct conservative *)s->state)->promises[slot];
    p->pool = pool;
    p->length_us = held_us(s, p->job, p->demand, pool);
    int64_t start = p->is_shared ? earliest(s, p, now_us, FAR, false, &pool)
                                 : holes_earliest(s, p, now_us, FAR);
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
