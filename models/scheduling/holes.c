/* SPDX-License-Identifier: Apache-2.0 */
/* Conservative backfill: what is known of holes that are not there (hole_classes.h), so that few
 * are looked for. */
#include "models/scheduling/conservative.h"

uint32_t holes_of(struct conservative *c, int32_t pool, int64_t gpus)
{
    for (uint32_t i = 0; i < c->holes_n; i++)
        if (c->holes[i].pool == pool && c->holes[i].gpus == gpus) return i;
    if (c->holes_n == c->holes_capacity) {
        uint32_t capacity = 2 * c->holes_capacity + 8;
        struct holes *holes = realloc(c->holes, capacity * sizeof *holes);
        if (!holes) return NOBODY;
        c->holes = holes;
        c->holes_capacity = capacity;
    }
    struct holes *l = &c->holes[c->holes_n];
    l->pool = pool;
    l->gpus = gpus;
    hole_classes_begin(&l->known, c->now_us);
    return c->holes_n++;
}

/* ---- what is freed ---- */

enum { STEP = 4 }; /* classes that are tried at once */

/* Whether a hole of the class, or a longer one, may begin in [from_us, to_us), or may last beyond
 * what is exact. */
static bool may_hold(const struct conservative *c, const struct holes *l, uint32_t class,
                     int64_t from_us, int64_t to_us)
{
    struct hole hole = { .gpus = l->gpus,
                         .length_us = hole_class_shortest(class),
                         .from_us = from_us,
                         .before_us = to_us,
                         .own_us = c->exact_us };
    return profile_find(&c->profiles[l->pool], &hole) < to_us;
}

/* What is known of them may be no longer true of holes that are there for a freed range alone,
 * which ends at to_us: none of them begins before the first stretch of free GPUs that reaches into
 * it, nor after it, nor lasts beyond the last stretch. */
static void forget_freed(const struct conservative *c, struct holes *l, const struct change *change,
                         int64_t to_us)
{
    struct hole_classes *known = &l->known;
    struct stretches there;
    if (!profile_stretches(&c->profiles[l->pool], change, l->gpus, c->exact_us, &there)) return;
    uint32_t lowest = hole_classes_beyond(known, there.since_us), class = known->top;
    if (there.until_us < c->exact_us && hole_class(there.until_us - there.since_us) < class)
        class = hole_class(there.until_us - there.since_us);
    if (lowest <= class && may_hold(c, l, lowest, there.since_us, to_us)) {
        while (class > lowest && !may_hold(c, l, class, there.since_us, to_us))
            class -= class - lowest < STEP ? class - lowest : STEP;
        hole_classes_forget(known, lowest, class + STEP - 1, there.since_us);
    }
    hole_classes_clear(known, lowest, there.since_us, there.until_us);
}

void holes_freed(struct conservative *c, int32_t pool, const struct change *change, int64_t to_us)
{
    for (uint32_t i = 0; i < c->holes_n; i++) {
        struct holes *l = &c->holes[i];
        if (l->pool == pool && l->gpus > change->least_before && l->gpus <= change->most_after)
            forget_freed(c, l, change, to_us);
    }
}

/* ---- what is asked ---- */

void holes_advance(struct conservative *c)
{
    c->known_until_us = c->now_us;
    for (uint32_t i = 0; i < c->holes_n; i++) {
        struct hole_classes *known = &c->holes[i].known;
        hole_classes_advance(known, c->now_us);
        if (hole_classes_last(known) > c->known_until_us)
            c->known_until_us = hole_classes_last(known);
    }
}

int64_t holes_known_until(struct conservative *c, const struct promise *p)
{
    struct hole_classes *known = &c->holes[p->holes].known;
    uint32_t class = hole_class(p->length_us);
    hole_classes_reach(known, class);
    return known->until_us[class];
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
        promises_settle(s, again ? FAR : promises_exact_for(c, hole->from_us));
    }
}

int64_t holes_earliest(struct scheduler *s, const struct promise *p, int64_t from_us,
                       int64_t before_us)
{
    struct conservative *c = s->state;
    int64_t until_us = holes_known_until(c, p);
    if (from_us < until_us) from_us = until_us;
    struct hole hole = { .gpus = p->gpus,
                         .length_us = p->length_us,
                         .shortest_us = p->length_us / 4,
                         .from_us = from_us,
                         .before_us = before_us,
                         .grid_us = s->timing->cycle_us };
    int64_t start = find_exact(s, p->pool, &hole);
    if (start > FAR - hole.length_us) return FAR;
    /* Nor is there one for a shorter job, down to what was found too short. */
    for (uint32_t i = 0; i < c->holes_n; i++) {
        struct holes *l = &c->holes[i];
        if (l->pool == p->pool && l->gpus >= p->gpus)
            hole_classes_note(&l->known, hole.longest_us + 1, from_us, start);
    }
    if (start > c->known_until_us) c->known_until_us = start;
    return start;
}
