/* SPDX-License-Identifier: Apache-2.0 */
/* The event tournament against a plain 4-ary heap that knows nothing of slots. */
#include "tests/support.h"

#include <stdlib.h>

#include "sim/events.h"
#include "sim/random.h"

/* The oracle: a 4-ary heap of (time, slot); a moved event is found by scanning. */
struct heap4 {
    int64_t time[4096];
    uint32_t slot[4096];
    uint32_t n;
};

static int less(const struct heap4 *h, uint32_t a, uint32_t b)
{
    return h->time[a] != h->time[b] ? h->time[a] < h->time[b] : h->slot[a] < h->slot[b];
}

static void swap(struct heap4 *h, uint32_t a, uint32_t b)
{
    int64_t t = h->time[a];
    uint32_t s = h->slot[a];
    h->time[a] = h->time[b];
    h->slot[a] = h->slot[b];
    h->time[b] = t;
    h->slot[b] = s;
}

static void up(struct heap4 *h, uint32_t i)
{
    for (; i > 0 && less(h, i, (i - 1) / 4); i = (i - 1) / 4) swap(h, i, (i - 1) / 4);
}

static void down(struct heap4 *h, uint32_t i)
{
    for (;;) {
        uint32_t best = i;
        for (uint32_t c = 4 * i + 1; c <= 4 * i + 4 && c < h->n; c++)
            if (less(h, c, best)) best = c;
        if (best == i) return;
        swap(h, i, best);
        i = best;
    }
}

static void heap_set(struct heap4 *h, uint32_t slot, int64_t time_us)
{
    for (uint32_t i = 0; i < h->n; i++)
        if (h->slot[i] == slot) {
            swap(h, i, --h->n);
            down(h, i);
            up(h, i);
            break;
        }
    if (time_us == EVENT_NONE) return;
    h->time[h->n] = time_us;
    h->slot[h->n] = slot;
    up(h, h->n++);
}

static void check_against_heap(uint32_t slots, uint64_t spread, uint32_t steps)
{
    struct events e;
    struct heap4 *h = calloc(1, sizeof *h);
    struct random_key key = random_key(slots, 0);
    assert_non_null(h);
    assert_int_equal(events_init(&e, slots, NULL), STATUS_OK);
    for (uint32_t i = 0; i < steps; i++) {
        uint32_t slot = (uint32_t)random_below(key, RANDOM_TEST, i, 0, slots);
        int64_t time_us = (int64_t)random_below(key, RANDOM_TEST, i, 1, spread);
        uint64_t what = random_below(key, RANDOM_TEST, i, 2, 4);
        if (what == 0) time_us = EVENT_NONE;
        if (what == 1 && h->n > 0) { /* the next event happens */
            slot = events_next_slot(&e);
            time_us = EVENT_NONE;
        }
        events_set(&e, slot, time_us);
        heap_set(h, slot, time_us);
        assert_int_equal(events_time(&e, slot), time_us);
        if (h->n == 0) {
            assert_int_equal(events_next_time(&e), EVENT_NONE);
            continue;
        }
        assert_int_equal(events_next_time(&e), h->time[0]);
        assert_int_equal(events_next_slot(&e), h->slot[0]);
    }
    events_free(&e);
    free(h);
}

static void agrees_with_a_heap(void **state)
{
    (void)state;
    check_against_heap(1, 10, 1000);
    check_against_heap(8, 4, 5000); /* many ties */
    check_against_heap(9, 1000000, 5000);
    check_against_heap(64, 50, 20000);
    check_against_heap(65, 1000000, 20000);
    check_against_heap(513, 100, 50000);
    check_against_heap(4000, 100000, 50000);
}

static void ties_go_to_the_lowest_slot(void **state)
{
    struct events e;
    (void)state;
    assert_int_equal(events_init(&e, 100, NULL), STATUS_OK);
    events_set(&e, 77, 5);
    events_set(&e, 13, 5);
    events_set(&e, 14, 5);
    assert_int_equal(events_next_slot(&e), 13);
    events_set(&e, 13, EVENT_NONE);
    assert_int_equal(events_next_slot(&e), 14);
    events_free(&e);
}

static void growing_keeps_what_is_pending(void **state)
{
    struct events e;
    (void)state;
    assert_int_equal(events_init(&e, 8, NULL), STATUS_OK);
    for (uint32_t s = 0; s < 8; s++) events_set(&e, s, 100 - s);
    assert_int_equal(events_grow(&e, 1000, NULL), STATUS_OK);
    assert_true(e.slots >= 1000);
    events_set(&e, 999, 95);
    for (int64_t t = 93; t <= 94; t++) {
        assert_int_equal(events_next_time(&e), t);
        events_set(&e, events_next_slot(&e), EVENT_NONE);
    }
    assert_int_equal(events_next_slot(&e), 5); /* at 95, with slot 999 */
    events_set(&e, 5, EVENT_NONE);
    assert_int_equal(events_next_slot(&e), 999);
    events_set(&e, 999, EVENT_NONE);
    assert_int_equal(events_next_slot(&e), 4);
    events_free(&e);
    assert_int_equal(events_init(&e, UINT32_MAX, NULL), STATUS_NO_MEMORY);
}

/* All slots of the earliest time, in order, as many as there is room for. */
static void what_is_due(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct random_key key = random_key(seed, 9);
        struct events e;
        struct error err;
        int64_t time[700], least = EVENT_NONE;
        uint32_t due[700], n = 0, slots = 1 + (uint32_t)random_below(key, RANDOM_TEST, 0, 0, 700);
        assert_int_equal(events_init(&e, 700, &err), STATUS_OK);
        assert_int_equal(events_due(&e, due, 700), 0);
        for (uint32_t s = 0; s < slots; s++) {
            time[s] = (int64_t)random_below(key, RANDOM_TEST, s, 1, 6);
            if (time[s] == 5) time[s] = EVENT_NONE;
            if (time[s] < least) least = time[s];
            events_set(&e, s, time[s]);
        }
        uint32_t found = events_due(&e, due, 700);
        for (uint32_t s = 0; s < slots; s++)
            if (least != EVENT_NONE && time[s] == least) assert_int_equal(due[n++], s);
        assert_int_equal(found, n);
        assert_int_equal(events_due(&e, due, 0), n);
        events_free(&e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_heap),
        cmocka_unit_test(ties_go_to_the_lowest_slot),
        cmocka_unit_test(growing_keeps_what_is_pending),
        cmocka_unit_test(what_is_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
