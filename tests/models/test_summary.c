/* SPDX-License-Identifier: Apache-2.0 */
/* Figures that a scheduler is chosen by, against worlds worked out by hand. */
#include <math.h>
#include <string.h>

#include "models/fairness.h"
#include "tests/random_world.h"
#include "tests/simulate.h"

#define NEAR(got, expected)                                                                        \
    do {                                                                                           \
        double near_got = (got), near_expected = (expected);                                       \
        if (!(fabs(near_got - near_expected) <= 1e-12 * fabs(near_expected) + 1e-15))              \
            fail_msg("%s is %.17g, not %.17g", #got, near_got, near_expected);                     \
    } while (0)

static const int64_t S = US_PER_S;

static void jain_by_hand(void **state)
{
    (void)state;
    NEAR(jain_index((double[]){ 1, 1, 1 }, 3), 1);
    NEAR(jain_index((double[]){ 5, 0, 0, 0 }, 4), 0.25);
    NEAR(jain_index((double[]){ 3, 1 }, 2), 0.8); /* 16 / (2 x 10) */
    NEAR(jain_index((double[]){ 1, 2, 3 }, 3), 36.0 / 42);
    NEAR(jain_index((double[]){ 1e6, 2e6, 3e6 }, 3), 36.0 / 42); /* no scale */
    NEAR(jain_index((double[]){ 0, 0 }, 2), 0);
    NEAR(jain_index(NULL, 0), 0);
}

static void add(struct workload *w, const char *tenant, int64_t submit_us, int64_t run_us)
{
    struct job_row row;
    struct error err = { STATUS_OK, "" };
    job_row_init(&row);
    row.tenant = tenant;
    row.tenant_n = strlen(tenant);
    row.submit_us = submit_us;
    row.gpu_milli = 1000;
    row.run_us = run_us;
    if (workload_add(w, &row, &err) != STATUS_OK) fail_msg("%s", err.message);
}

static double fairness_on_one_gpu(const struct workload *w)
{
    struct schedule s;
    simulate(w, &(struct simulate_fleet){ .pools = { { 1, 1 } } }, &s);
    double fairness = s.result.fairness;
    schedule_free(&s);
    return fairness;
}

static void fairness_by_hand(void **state)
{
    struct workload w;
    (void)state;
    /* a runs 20 s at once, slowdown 1; b waits these 20 s to run 10: slowdown 3. The other job of b
     * runs alone, much later, as long and after no wait: the mean of b is 2. */
    simulate_workload_init(&w);
    add(&w, "a", 0, 20 * S);
    add(&w, "b", 0, 10 * S);
    simulate_seal(&w);
    NEAR(fairness_on_one_gpu(&w), 0.8);
    workload_free(&w);
    simulate_workload_init(&w);
    add(&w, "a", 0, 20 * S);
    add(&w, "b", 0, 10 * S);
    add(&w, "b", 1000 * S, 10 * S);
    add(&w, "", 1000 * S, 10 * S); /* nobody's: waits 10 s, which is not in the index */
    simulate_seal(&w);
    NEAR(fairness_on_one_gpu(&w), 9.0 / 10); /* 1 and 2 */
    workload_free(&w);
    /* Nobody to compare with. */
    simulate_workload_init(&w);
    add(&w, "a", 0, 20 * S);
    add(&w, "a", 0, 10 * S);
    add(&w, "", 0, 10 * S);
    simulate_seal(&w);
    NEAR(fairness_on_one_gpu(&w), 0);
    workload_free(&w);
}

/* Twenty jobs of 10 s at once on one GPU: slowdowns 1, 2 .. 20; the 19th is the 95th percentile.
 * Jobs of a second count as of 10: waits of 0, 1 .. 19 s give 1, 1 .. 2. */
static void slowdowns_by_hand(void **state)
{
    struct workload w;
    struct schedule s;
    (void)state;
    simulate_workload_init(&w);
    for (int i = 0; i < 20; i++) add(&w, "", 0, 10 * S);
    simulate_seal(&w);
    simulate(&w, &(struct simulate_fleet){ .pools = { { 1, 1 } } }, &s);
    NEAR(s.result.mean_bounded_slowdown, 10.5);
    NEAR(s.result.slowdown_p95, 19);
    schedule_free(&s);
    workload_free(&w);
    simulate_workload_init(&w);
    for (int i = 0; i < 20; i++) add(&w, "", 0, S);
    simulate_seal(&w);
    simulate(&w, &(struct simulate_fleet){ .pools = { { 1, 1 } } }, &s);
    NEAR(s.result.mean_bounded_slowdown, 1.275); /* 10 x 1 + 1.1 + 1.2 .. 2.0, by 20 */
    NEAR(s.result.slowdown_p95, 1.9);
    schedule_free(&s);
    workload_free(&w);
}

static double idle_s(const struct workload *w, const struct simulate_fleet *fleet)
{
    struct schedule s;
    simulate(w, fleet, &s);
    double idle = (double)s.result.idle_while_waiting_gpu_us / US_PER_S;
    schedule_free(&s);
    return idle;
}

/* Jobs {submit, GPUs, run}, ended by GPUs = 0; in seconds. */
static void write_jobs(struct workload *w, const int (*jobs)[3])
{
    simulate_workload_init(w);
    for (; (*jobs)[1]; jobs++) simulate_add(w, (*jobs)[0] * S, (*jobs)[1], (*jobs)[2] * S, -1, -1);
    simulate_seal(w);
}

static void idle_while_waiting_by_hand(void **state)
{
    static const int head[][3] = { { 0, 3, 10 }, { 0, 2, 5 }, { 2, 1, 2 }, { 0 } },
                     holes[][3] = { { 0, 1, 10 }, { 0, 1, 10 }, { 1, 2, 5 }, { 4, 1, 1 }, { 0 } },
                     late[][3] = { { 1, 1, 5 }, { 0 } };
    struct workload w;
    (void)state;
    /* One node of 4. The head asks for 2 of the 1 that is free, from 0 to 10: a GPU for 10 s. With
     * easy the third job, which ends by then, has it from 2 to 4. */
    write_jobs(&w, head);
    NEAR(idle_s(&w, &(struct simulate_fleet){ .pools = { { 1, 4 } } }), 10);
    NEAR(idle_s(&w, &(struct simulate_fleet){ .pools = { { 1, 4 } }, .order = "easy" }), 8);
    workload_free(&w);
    /* Two nodes of 2 with a job on each: 2 are free, and no node has both, from 1 to 10. Packed on
     * one node there is no such hole. */
    write_jobs(&w, holes);
    NEAR(idle_s(&w, &(struct simulate_fleet){ .pools = { { 2, 2 } }, .placement = "spread" }), 18);
    NEAR(idle_s(&w, &(struct simulate_fleet){ .pools = { { 2, 2 } }, .placement = "pack" }), 0);
    workload_free(&w);
    /* Four are free and one is asked for, until the pass at 30 s. */
    write_jobs(&w, late);
    NEAR(idle_s(&w, &(struct simulate_fleet){ .pools = { { 1, 4 } },
                                              .timing = { .cycle_us = 30 * S } }),
         29);
    workload_free(&w);
}

/* The books end at 6 s: what is idle later is not in them. */
static void idle_is_counted_inside_the_books(void **state)
{
    static const int head[][3] = { { 0, 3, 10 }, { 1, 2, 5 }, { 0 } };
    struct pool_spec pool = { .name = "p",
                              .type = { .name = "n", .gpu_model = "", .gpus = 4 },
                              .nodes = 1,
                              .purchase = { .option = purchase_option_find("on-demand") } };
    struct fleet_spec fleet = { .name = "f",
                                .pools = &pool,
                                .pool_n = 1,
                                .scheduler = { .order = queue_order_find("fifo"),
                                               .placement = placement_find("pack") } };
    static const int64_t ends[][2] = { { 6, 5 }, { 1, 0 }, { 10, 9 }, { 12, 9 }, { 0, 9 } };
    struct workload w;
    (void)state;
    write_jobs(&w, head);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct world_options options = { .books_us = ends[i][0] * S };
        struct world_result r;
        struct error err = { STATUS_OK, "" };
        if (world_run(&w, &fleet, &options, NULL, &r, &err) != STATUS_OK)
            fail_msg("%s", err.message);
        assert_int_equal(r.idle_while_waiting_gpu_us, ends[i][1] * S);
        world_result_free(&r);
    }
    workload_free(&w);
}

/* The same from the schedule alone: between any two instants at which something starts, ends or
 * comes, nothing changes. */
static void idle_is_that_of_the_schedule(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct draw d = { random_key(seed, 7), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        struct schedule s;
        int64_t gpus = 0, last = 0, idle = 0;
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 1 + below(&d, 60), largest, LIMITS_ANY, &w);
        for (int p = 0; p < SIMULATE_POOLS_MAX; p++)
            gpus += (int64_t)fleet.pools[p].nodes * fleet.pools[p].gpus;
        fleet.order = seed % 2 ? "fifo" : "easy";
        simulate(&w, &fleet, &s);
        for (size_t j = 0; j < w.job_n; j++)
            if (s.end_us[j] > last) last = s.end_us[j];
        for (int64_t t = 0; t < last; t++) { /* times are of a few hundred microseconds */
            int64_t held = 0, asked = 0;
            for (size_t j = 0; j < w.job_n; j++) {
                int64_t g = w.gpu_milli[j] / 1000;
                if (s.start_us[j] < 0) continue;
                if (w.submit_us[j] <= t && t < s.start_us[j]) asked += g;
                if (s.start_us[j] <= t && t < s.end_us[j]) held += g;
            }
            idle += asked < gpus - held ? asked : gpus - held;
        }
        assert_int_equal(s.result.idle_while_waiting_gpu_us, idle);
        schedule_free(&s);
        workload_free(&w);
    }
}

/* Two nodes of two GPUs, one of each held: a gang of two lies on both, and takes twice as long at
 * half the speed. Another that comes when one node is free lies on it, and takes its time. */
static void scattering_by_hand(void **state)
{
    struct named_number speed[] = { { "all", 2000000 }, { "slow", 500000 } };
    struct workload w;
    struct schedule s;
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 1, 100 * S, -1, -1);
    simulate_add(&w, 0, 1, 40 * S, -1, -1);
    simulate_add(&w, 1 * S, 2, 10 * S, -1, -1); /* 1 .. 21 s, 20 GPU-seconds more */
    simulate_add(&w, 2 * S, 2, 10 * S, -1, -1); /* 21 .. 26 s, of no class: 10 less */
    simulate_add(&w, 50 * S, 2, 10 * S, -1, -1);
    simulate_seal(&w);
    for (size_t j = 0; j < w.job_n; j++)
        w.class_[j] = names_add(&w.classes, "slow", j == 3 ? 0 : 4);
    simulate(&w,
             &(struct simulate_fleet){ .pools = { { 2, 2 } },
                                       .placement = "spread",
                                       .gang = GANG_ANYWHERE,
                                       .scatter = { speed, 2 } },
             &s);
    assert_int_equal(s.start_us[2], 1 * S);
    assert_int_equal(s.end_us[2], 21 * S);
    assert_int_equal(s.start_us[3], 21 * S);
    assert_int_equal(s.end_us[3], 26 * S);
    assert_int_equal(s.end_us[4], 60 * S);
    assert_int_equal(s.result.scattered, 2);
    NEAR(s.result.scattered_gpu_hours * 3600, 20 - 10);
    schedule_free(&s);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jain_by_hand),
        cmocka_unit_test(fairness_by_hand),
        cmocka_unit_test(slowdowns_by_hand),
        cmocka_unit_test(idle_while_waiting_by_hand),
        cmocka_unit_test(idle_is_counted_inside_the_books),
        cmocka_unit_test(idle_is_that_of_the_schedule),
        cmocka_unit_test(scattering_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
