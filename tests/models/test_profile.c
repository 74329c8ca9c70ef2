/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The availability profile against an array of what is free at each microsecond, which is read and
 * changed the plain way; and what is known of holes by classes of length against every length.
 */
#include <stdlib.h>

#include "models/scheduling/hole_classes.h"
#include "models/scheduling/profile.h"
#include "tests/random_world.h"

enum { TIMES = 400, ANCHORS = 24, ALL = 100 };

struct pair {
    struct profile profile, copy;
    int64_t free[TIMES], now;
    uint32_t anchor[ANCHORS];
    int64_t at[ANCHORS]; /* -1: keeps nothing */
};

static int64_t free_at(const struct pair *p, int64_t t) { return t < TIMES ? p->free[t] : ALL; }

static void plain_add(struct pair *p, int64_t from, int64_t to, int64_t gpus)
{
    for (int64_t t = from; t < to; t++) p->free[t] += gpus;
}

/* A time that is not past, and beyond the array at most once in a while. */
static int64_t some_time(struct draw *d, const struct pair *p)
{
    return p->now + below(d, (int)(TIMES - p->now));
}

/* The first start of a hole, by trying them all. */
static int64_t plain_hole(const struct pair *p, const struct hole *h)
{
    for (int64_t t = h->from_us; t < h->before_us; t++) {
        int good = h->grid_us == 0 || t % h->grid_us == 0;
        for (int64_t u = t; good && u < t + h->length_us; u++) {
            if (h->own_us > 0 && u >= h->own_us) break;
            good = free_at(p, u) >= h->gpus;
        }
        if (good) return t;
    }
    return h->before_us;
}

static void find(struct draw *d, const struct pair *p)
{
    struct hole h = { .gpus = 60 + below(d, 60),
                      .length_us = 1 + below(d, 60),
                      .from_us = some_time(d, p) };
    h.before_us = h.from_us + below(d, 300);
    if (below(d, 3) == 0) h.grid_us = 1 + below(d, 9);
    if (below(d, 2)) h.shortest_us = 1 + below(d, (int)h.length_us);
    if (h.gpus > ALL) h.before_us = h.from_us; /* beyond the array all are free */
    if (below(d, 3) == 0 && h.before_us > h.from_us) h.own_us = h.before_us;
    int64_t start = profile_find(&p->profile, &h);
    assert_int_equal(start, plain_hole(p, &h));
    if (h.own_us > 0 || h.grid_us > 0) return;
    /* None that is longer begins before, and one is that long if that is worth a word. */
    assert_true(h.longest_us < h.length_us);
    h.before_us = start;
    h.length_us = h.longest_us + 1;
    assert_int_equal(plain_hole(p, &h), start);
    if (h.shortest_us == 0 || h.longest_us < h.shortest_us) return;
    h.length_us = h.longest_us;
    assert_true(plain_hole(p, &h) < start);
}

static void ask(struct draw *d, const struct pair *p)
{
    int64_t at = some_time(d, p), from = some_time(d, p), lack = from, until,
            gpus = 60 + below(d, 45);
    assert_int_equal(profile_free_at(&p->profile, at), p->free[at]);
    while (lack < TIMES && p->free[lack] >= 0) lack++;
    assert_int_equal(profile_lack(&p->profile, from, &until), lack < TIMES ? lack : INT64_MAX);
    for (at = lack; lack < TIMES && free_at(p, at) == p->free[lack];) at++;
    if (lack < TIMES) assert_int_equal(until, at);

    /* The stretches of a range. */
    int64_t to = some_time(d, p), before = some_time(d, p), since, past;
    from = some_time(d, p);
    if (from >= to) return;
    struct change change = profile_change(&p->profile, from, to);
    struct stretches found;
    for (since = from; since < to && p->free[since] < gpus;) since++;
    bool any = profile_stretches(&p->profile, &change, gpus, before, &found);
    assert_int_equal(any, since < to);
    if (!any) return;
    while (since > p->now && p->free[since - 1] >= gpus) since--;
    for (past = to; past < TIMES && p->free[past] >= gpus;) past++;
    assert_int_equal(found.since_us, since);
    /* A step that lacks may begin within the range and end after it. */
    assert_true(found.until_us >= (past < before ? past : before));
    if (found.until_us < before) assert_true(free_at(p, found.until_us) < gpus);
}

static void keep(struct draw *d, struct pair *p, int i)
{
    if (p->at[i] >= 0) {
        profile_let_go(&p->profile, p->anchor[i]);
        p->at[i] = -1;
    } else {
        p->at[i] = some_time(d, p);
        p->anchor[i] = profile_keep(&p->profile, p->at[i]);
        assert_int_not_equal(p->anchor[i], PROFILE_NO_ANCHOR);
    }
}

/* Takes GPUs back from a step that is kept, or gives some before it. */
static void change_at(struct draw *d, struct pair *p, int i)
{
    int64_t at = p->at[i], since = at, from, least = INT64_MAX, most = INT64_MIN;
    int32_t gpus = 60 + below(d, 60);
    struct change change;
    if (at <= p->now) return;
    assert_int_equal(profile_time(&p->profile, p->anchor[i]), at);
    assert_int_equal(profile_fits_before(&p->profile, p->anchor[i], gpus), p->free[at - 1] >= gpus);
    while (since > p->now && p->free[since - 1] >= gpus) since--;
    assert_int_equal(profile_since_at(&p->profile, p->profile.place[p->anchor[i]], gpus), since);
    if (below(d, 2)) {
        p->anchor[i] = profile_take_back(&p->profile, p->anchor[i], gpus);
        plain_add(p, since, at, -gpus);
        p->at[i] = since;
    } else {
        from = p->now + below(d, (int)(at - p->now));
        gpus = below(d, 2) ? below(d, 9) - 4 : below(d, 160) - 80;
        for (int64_t t = from; t < at; t++) {
            if (p->free[t] < least) least = p->free[t];
            if (p->free[t] > most) most = p->free[t];
        }
        assert_true(profile_move_back(&p->profile, &p->anchor[i], from, gpus, &change));
        assert_int_equal(change.least_before, least);
        assert_int_equal(change.most_after, most + gpus);
        assert_int_equal(p->profile.from_us[change.from], from);
        assert_true(change.to == p->profile.end || p->profile.from_us[change.to] >= at);
        assert_true(p->profile.from_us[change.to - 1] < at);
        plain_add(p, from, at, gpus);
        p->at[i] = from;
    }
    assert_int_equal(profile_time(&p->profile, p->anchor[i]), p->at[i]);
}

static void advance(struct draw *d, struct pair *p)
{
    if (p->now >= TIMES - 50) return;
    p->now += 1 + below(d, 3);
    profile_advance(&p->profile, p->now);
    /* Who is past lets go now or later. */
    for (int i = 0; i < ANCHORS; i++)
        if (p->at[i] >= 0 && p->at[i] < p->now && below(d, 3) == 0) keep(d, p, i);
}

static void all_is_the_same(const struct pair *p, const struct profile *profile)
{
    for (int64_t t = p->now; t < TIMES; t++)
        assert_int_equal(profile_free_at(profile, t), p->free[t]);
    assert_int_equal(profile_free_at(profile, INT64_MAX), ALL);
}

static void profile_is_an_array(void **state)
{
    (void)state;
    for (uint64_t seed = 1, seeds = seeds_or(300); seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 23), 0 };
        struct pair p = { .now = 0 };
        assert_true(profile_init(&p.profile, ALL) && profile_init(&p.copy, 1));
        for (int t = 0; t < TIMES; t++) p.free[t] = ALL;
        for (int i = 0; i < ANCHORS; i++) p.at[i] = -1;
        profile_advance(&p.profile, 0);
        for (int turn = 0; turn < 1200; turn++) {
            int64_t from = some_time(&d, &p), gpus = below(&d, 9) - 4;
            int64_t to = from + below(&d, (int)(TIMES + 1 - from));
            int i = below(&d, ANCHORS);
            if (below(&d, 8) == 0) gpus *= 20;
            if (below(&d, 2)) {
                assert_true(profile_add(&p.profile, from, to, gpus));
                plain_add(&p, from, to, gpus);
            }
            if (below(&d, 4) == 0) keep(&d, &p, i);
            else if (p.at[i] >= 0) change_at(&d, &p, i);
            if (below(&d, 40) == 0) advance(&d, &p);
            find(&d, &p);
            ask(&d, &p);
            if (below(&d, 60) > 0) continue;
            assert_true(profile_copy(&p.copy, &p.profile));
            all_is_the_same(&p, &p.profile);
            all_is_the_same(&p, &p.copy);
        }
        profile_free(&p.profile);
        profile_free(&p.copy);
    }
}

/* Steps that are never let go, in no order: far more than there is room for at first. */
static void many_steps(void **state)
{
    (void)state;
    enum { STEPS = 20000 };
    struct draw d = { random_key(1, 24), 0 };
    struct profile p;
    uint32_t *anchor = malloc(STEPS * sizeof *anchor);
    int64_t *at = malloc(STEPS * sizeof *at), least = ALL;
    assert_true(anchor && at && profile_init(&p, ALL));
    profile_advance(&p, 0);
    for (int i = 0; i < STEPS; i++) {
        /* Half of them crowd at one time, where room ends again and again. */
        at[i] = i % 2 ? below(&d, 1000000) : 500000 + below(&d, 1000);
        anchor[i] = profile_keep(&p, at[i]);
        assert_true(profile_add(&p, at[i], INT64_MAX, 1));
    }
    for (int i = 0; i < STEPS; i++) {
        assert_int_equal(profile_time(&p, anchor[i]), at[i]);
        least += at[i] <= 499999;
        profile_let_go(&p, anchor[i]);
    }
    assert_int_equal(profile_free_at(&p, 499999), least);
    assert_int_equal(profile_free_at(&p, 1000000), ALL + STEPS);
    profile_free(&p);
    free(anchor);
    free(at);
}

/* Steps that come and go for ever take no more room than those that are there at once. */
static void room_is_bounded(void **state)
{
    (void)state;
    enum { STEPS = 100 };
    struct profile p;
    uint32_t anchor[STEPS];
    assert_true(profile_init(&p, ALL));
    profile_advance(&p, 0);
    for (int64_t now = 0; now < 100000; now++) {
        if (now >= STEPS) profile_let_go(&p, anchor[now % STEPS]);
        anchor[now % STEPS] = profile_keep(&p, now + STEPS);
        assert_true(profile_add(&p, now + STEPS, INT64_MAX, now % 2 ? 1 : -1));
        profile_advance(&p, now);
        assert_int_equal(profile_free_at(&p, now), now < STEPS || now % 2 ? ALL : ALL - 1);
    }
    assert_true(p.capacity < 4096 && p.name_capacity < 4096);
    profile_free(&p);
}

enum { LENGTHS = 300 };

/* Until when there is no hole for a length, the plain way: each length on its own. */
static void classes_are_lengths(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct draw d = { random_key(seed, 25), 0 };
        struct hole_classes h;
        int64_t plain[LENGTHS] = { 0 }, now = 0;
        hole_classes_begin(&h, 0);
        hole_classes_reach(&h, hole_class(LENGTHS - 1));
        for (int turn = 0; turn < 300; turn++) {
            int64_t length = 1 + below(&d, LENGTHS - 1), from = now + below(&d, 500),
                    until = from + below(&d, 500);
            uint32_t lowest;
            switch (below(&d, 4)) {
            case 0:
                hole_classes_note(&h, length, from, until);
                for (int64_t l = length; l < LENGTHS; l++)
                    if (plain[l] >= from && plain[l] < until) plain[l] = until;
                break;
            case 1:
                lowest = hole_classes_beyond(&h, from);
                for (uint32_t i = 0; i <= h.top; i++)
                    assert_int_equal(h.until_us[i] > from, i >= lowest);
                hole_classes_forget(&h, lowest, hole_class(length), from);
                for (int64_t l = 1; hole_class(l) <= hole_class(length) && l < LENGTHS; l++)
                    if (plain[l] > from) plain[l] = from;
                break;
            case 2:
                hole_classes_clear(&h, hole_classes_beyond(&h, from), from, until);
                for (int64_t l = 1; l < LENGTHS; l++)
                    if (plain[l] > from && plain[l] <= until) plain[l] = from;
                break;
            default:
                now += below(&d, 20);
                hole_classes_advance(&h, now);
                for (int64_t l = 1; l < LENGTHS; l++)
                    if (plain[l] < now) plain[l] = now;
            }
            /* What is known is true, and of the shortest length of a class it is all there is. */
            for (int64_t l = 1; l < LENGTHS; l++) {
                uint32_t class = hole_class(l);
                assert_true(hole_class_shortest(class) <= l);
                assert_true(h.until_us[class] <= plain[l]);
                if (hole_class_shortest(class) == l) assert_int_equal(h.until_us[class], plain[l]);
            }
            assert_int_equal(hole_classes_last(&h), h.until_us[hole_class(LENGTHS - 1)]);
        }
    }
    for (int64_t l = 1; l <= INT64_MAX / 8; l += 1 + l / 7) {
        assert_true(hole_class(l) < HOLE_CLASSES && hole_class_shortest(hole_class(l)) <= l);
        assert_true(hole_class(l + 1) >= hole_class(l));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profile_is_an_array),
        cmocka_unit_test(many_steps),
        cmocka_unit_test(room_is_bounded),
        cmocka_unit_test(classes_are_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
