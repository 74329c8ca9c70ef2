/* SPDX-License-Identifier: Apache-2.0 */
/* Levels in the order of their Gittins index, where what it must be is known. */
#include <string.h>

#include "models/scheduling/gittins.h"
#include "tests/random_world.h"
#include "tests/simulate.h"

/* Jobs of one GPU that run for one of two times, a few at a time. */
static void jobs_of(struct workload *w, uint64_t seed, int64_t one, int64_t other)
{
    struct draw d = { random_key(seed, 41), 0 };
    int64_t at = 0;
    simulate_workload_init(w);
    for (int j = 0; j < 60; j++) {
        at += below(&d, 9);
        simulate_add(w, at, 1, below(&d, 2) ? one : other, -1, -1);
    }
    simulate_seal(w);
}

static void same_schedule(const struct workload *w, const char *order)
{
    struct schedule a, b;
    struct simulate_fleet fleet = { .pools = { { 1, 1 } },
                                    .order = "gittins-2d",
                                    .levels = { .quantum_us = 1 } };
    simulate(w, &fleet, &a);
    fleet.order = order;
    simulate(w, &fleet, &b);
    assert_memory_equal(a.start_us, b.start_us, w->job_n * sizeof *a.start_us);
    assert_memory_equal(a.end_us, b.end_us, w->job_n * sizeof *a.end_us);
    schedule_free(&a);
    schedule_free(&b);
}

/* All run for as long: the more is attained, the nearer the end. Nobody is ever stopped: first
 * come, first served. Nearly as long: likewise. */
static void who_runs_is_nearest_to_its_end(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct workload w;
        jobs_of(&w, seed, 6, 6);
        same_schedule(&w, "fifo");
        workload_free(&w);
        jobs_of(&w, seed, 5, 6);
        same_schedule(&w, "fifo");
        workload_free(&w);
    }
}

/* 2 or 12: who has had 2 and goes on has 10 to go, and anybody new may be gone after 2. Three
 * levels, the first of which goes first and the last before the second: least attained but for
 * those. */
static void places_by_hand(void **state)
{
    struct workload w;
    struct level_order o;
    int64_t thresholds[] = { 2, 7 };
    struct level_options options = { .threshold_n = 2 };
    (void)state;
    simulate_workload_init(&w);
    for (int j = 0; j < 4; j++) simulate_add(&w, j, 1, j < 2 ? 2 : 12, -1, -1);
    simulate_add(&w, 9, 0, 100, -1, -1); /* no GPU: no service */
    simulate_seal(&w);
    memcpy(options.threshold_us, thresholds, sizeof thresholds);
    assert_true(level_order_init(&o, &options, &w));
    /* 0: 2 of 4 end for 8: 1/4. From 2: 2 for 20, 1/10. From 7: 2 for 10, 1/5. */
    assert_int_equal(o.n, 3);
    assert_int_equal(place_of_level(&o, 0), 0);
    assert_int_equal(place_of_level(&o, 1), 2);
    assert_int_equal(place_of_level(&o, 2), 1);
    for (int64_t k = 0; k < 5; k++) assert_int_equal(level_of_place(&o, place_of_level(&o, k)), k);
    level_order_free(&o);
    workload_free(&w);
}

/* 1 or 100, and a level that ends at 1: the more is attained, the longer to go. It is least
 * attained service. */
static void who_is_new_is_nearest_to_its_end(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct workload w;
        struct schedule a, b;
        struct simulate_fleet fleet = { .pools = { { 1, 1 } },
                                        .order = "gittins-2d",
                                        .levels = { .threshold_n = 1, .threshold_us = { 1 } } };
        jobs_of(&w, seed, 1, 100);
        simulate(&w, &fleet, &a);
        fleet.order = "las-2d";
        simulate(&w, &fleet, &b);
        assert_memory_equal(a.end_us, b.end_us, w.job_n * sizeof *a.end_us);
        schedule_free(&a);
        schedule_free(&b);
        workload_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_runs_is_nearest_to_its_end),
        cmocka_unit_test(places_by_hand),
        cmocka_unit_test(who_is_new_is_nearest_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
