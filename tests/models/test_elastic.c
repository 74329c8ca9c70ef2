/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that are sized while they run, solved by hand: the plain rules (tests/slow_elastic.c) agree
 * with each. Speed is in proportion to the GPUs where nothing else is said. */
#include <math.h>
#include <string.h>

#include "models/scheduling/elasticity.h"
#include "tests/random_world.h"
#include "tests/slow_elastic.h"

static void add_of_class(struct workload *w, const char *class_, double submit_s, int32_t gpus,
                         double run_s)
{
    struct job_row row;
    struct error err = { STATUS_OK, "" };
    job_row_init(&row);
    row.class_ = class_;
    row.class_n = strlen(class_);
    row.submit_us = (int64_t)(submit_s * US_PER_S);
    row.gpu_milli = 1000 * gpus;
    row.run_us = (int64_t)(run_s * US_PER_S);
    if (workload_add(w, &row, &err) != STATUS_OK) fail_msg("%s", err.message);
}

static void add(struct workload *w, double submit_s, int32_t gpus, double run_s)
{
    add_of_class(w, "", submit_s, gpus, run_s);
}

/* Between so many times the GPUs that they ask for. */
struct sizes {
    struct named_number least, most;
};

static void size_all(struct simulate_fleet *fleet, struct sizes *sizes, double least, double most)
{
    sizes->least = (struct named_number){ "all", (int64_t)(least * 1e6) };
    sizes->most = (struct named_number){ "all", (int64_t)(most * 1e6) };
    fleet->elastic = (struct elastic_options){
        .least = &sizes->least, .most = &sizes->most, .least_n = 1, .most_n = 1
    };
}

static void run_on(struct workload *w, const struct simulate_fleet *fleet, struct schedule *out)
{
    simulate_seal(w);
    agree(w, fleet, 0);
    simulate(w, fleet, out);
}

static void assert_runs(const struct schedule *s, size_t job, double start_s, double end_s,
                        uint32_t stops)
{
    assert_int_equal(s->start_us[job], (int64_t)(start_s * US_PER_S));
    assert_int_equal(s->end_us[job], (int64_t)(end_s * US_PER_S + 0.5));
    assert_int_equal(s->preemptions[job], stops);
}

/* Two jobs of 4 GPUs, 2 to 8 each, on 8. B has its fewest of A's, and gives them back.
 *
 *      8 |           B B B B              A: 100 s on 4 GPUs: 40 s of it by 20, 30 more by 40, and
 *      6 |A A A A A  A A A A  A A A       the last 30 at twice the pace
 *      0 |A A A A A  A A A A  A A A       B: 10 s at half the pace
 *        0          20       40    55     A held (20 x 8 + 20 x 6 + 15 x 8) / 55 GPUs
 */
static void the_first_has_what_others_leave(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 1, 8 } }, .order = "elastic-fifo" };
    struct sizes sizes;
    struct workload w;
    struct schedule s;
    (void)state;
    size_all(&fleet, &sizes, 0.5, 2);
    simulate_workload_init(&w);
    add(&w, 0, 4, 100);
    add(&w, 20, 4, 10);
    run_on(&w, &fleet, &s);
    assert_runs(&s, 0, 0, 55, 2);
    assert_runs(&s, 1, 20, 40, 0);
    assert_int_equal(s.gpu_milli[0], 7273);
    assert_int_equal(s.gpu_milli[1], 2000);
    assert_int_equal(s.lost_us[0] + s.wait_us[0] + s.wait_us[1], 0);
    schedule_free(&s);
    workload_free(&w);
}

/* The same where a restart costs 5 s from 7 GPUs on and 2 s below: A pays for the size it had.
 *
 *      held by A    8 GPUs |  6: 5 s restart, then 15 s | 8: 2 s restart, then 37.5 s / 2
 *                   0      20                          40                          60.75
 */
static void each_change_costs_a_restart(void **state)
{
    struct simulate_fleet fleet = {
        .pools = { { 1, 8 } },
        .order = "elastic-fifo",
        .restart = { .cost = { { { 0, 2 * US_PER_S }, { 7, 5 * US_PER_S } }, 2 } }
    };
    struct sizes sizes;
    struct workload w;
    struct schedule s;
    (void)state;
    size_all(&fleet, &sizes, 0.5, 2);
    simulate_workload_init(&w);
    add(&w, 0, 4, 100);
    add(&w, 20, 4, 10);
    run_on(&w, &fleet, &s);
    assert_runs(&s, 0, 0, 60.75, 2);
    assert_runs(&s, 1, 20, 40, 0);
    assert_int_equal(s.lost_us[0], 7 * US_PER_S);
    double lost_s = 3600 * s.result.lost_gpu_hours;
    assert_true(fabs(lost_s - (5 * 6 + 2 * 8)) < 1e-6);
    schedule_free(&s);
    workload_free(&w);
}

/* Jobs of 1 GPU, 1 to 8 each, on 8. C has its fewest of B's last, then evens out with A; of equals
 * the first has the odd one.
 *
 *      from   0   5   6   8   9      work on one GPU
 *      A      8   4   3   4   8      80 + 8 = 40 + 4 + 6 + 4 + 34
 *      B          4   3              10 =  4 + 6
 *      C              2   4           8 =  4 + 4
 */
static void all_have_the_same(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 1, 8 } }, .order = "elastic-max-min" };
    struct sizes sizes;
    struct workload w;
    struct schedule s;
    (void)state;
    size_all(&fleet, &sizes, 1, 8);
    simulate_workload_init(&w);
    add(&w, 0, 1, 88);
    add(&w, 5, 1, 10);
    add(&w, 6, 1, 8);
    run_on(&w, &fleet, &s);
    assert_runs(&s, 0, 0, 9 + 34 / 8., 4);
    assert_runs(&s, 1, 5, 8, 1);
    assert_runs(&s, 2, 6, 9, 1);
    schedule_free(&s);
    workload_free(&w);
}

/* On 5, of equals the first has first, and the last loses first: C takes A's third GPU, D B's
 * second.
 *
 *      from   0   5   6   8  11  12      work on one GPU
 *      A      3   2   2                  15 + 2 + 4
 *      B      2   2   1   2              10 + 2 + 2 + 6
 *      C          1   1   2   3           1 + 2 + 6 + 3
 *      D              1   1   2   5       2 + 3 + 2 + 5
 */
static void of_equals_the_first(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 1, 5 } }, .order = "elastic-max-min" };
    struct sizes sizes;
    struct workload w;
    struct schedule s;
    (void)state;
    size_all(&fleet, &sizes, 1, 8);
    simulate_workload_init(&w);
    add(&w, 0, 1, 21);
    add(&w, 0, 1, 20);
    add(&w, 5, 1, 12);
    add(&w, 6, 1, 12);
    run_on(&w, &fleet, &s);
    assert_runs(&s, 0, 0, 8, 1);
    assert_runs(&s, 1, 0, 11, 2);
    assert_runs(&s, 2, 5, 12, 2);
    assert_runs(&s, 3, 6, 13, 2);
    schedule_free(&s);
    workload_free(&w);
}

/* Speed 1, 1.414214, 1.732051 on 1, 2, 3 GPUs. A has 3 until B comes, and has done 34.64102 s of
 * its 100 s by then. Of the three GPUs each has one; the third takes 65.36 (1 - 1 / 1.414214)
 * = 19.14 s off A's time and 87.87 s off B's: it is B's. A ends at 20 + 65.35898; B has
 * done 92.431585 of its 300 s by then, and does the rest at 1.732051. */
static void a_gpu_goes_where_it_saves_most(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 1, 3 } }, .order = "optimus" };
    struct speedup_curve root = { .name = "all", .exponent_ppm = 500000 };
    struct sizes sizes;
    struct workload w;
    struct schedule s;
    (void)state;
    size_all(&fleet, &sizes, 1, 8);
    fleet.elastic.curves = &root;
    fleet.elastic.curve_n = 1;
    simulate_workload_init(&w);
    add(&w, 0, 1, 100);
    add(&w, 20, 1, 300);
    run_on(&w, &fleet, &s);
    assert_runs(&s, 0, 0, 85.358980, 1);
    assert_runs(&s, 1, 20, 205.198647, 1);
    schedule_free(&s);
    workload_free(&w);
}

/* Two nodes of 4, gangs on one. E may have 1 to 3 GPUs; all others have what they ask for. H needs
 * a whole node: there are 5 GPUs by the counts, 3 free and 2 that E can spare, and no node.
 *
 *      node 0  A E E E          until 10, then E alone
 *      node 1  B . . .          until 20, then H H H H
 *      H, and F behind it, wait until 20; nobody is resized, though H waits and GPUs are idle
 */
static void a_head_without_nodes_blocks(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 2, 4 } },
                                    .placement = "spread",
                                    .order = "elastic-fifo" };
    struct named_number least = { "elastic", 250000 };
    int64_t blocked = slow_elastic_deeds.blocked;
    struct workload w;
    struct schedule s;
    (void)state;
    fleet.elastic = (struct elastic_options){ .least = &least, .least_n = 1 };
    simulate_workload_init(&w);
    add(&w, 0, 1, 10);
    add(&w, 0, 1, 20);
    add_of_class(&w, "elastic", 0, 3, 30);
    add(&w, 1, 4, 5);
    add(&w, 2, 1, 1);
    run_on(&w, &fleet, &s);
    assert_int_equal(slow_elastic_deeds.blocked, blocked + 2); /* by nodes: at 1 and at 10 */
    assert_runs(&s, 0, 0, 10, 0);
    assert_runs(&s, 1, 0, 20, 0);
    assert_runs(&s, 2, 0, 30, 0);
    assert_runs(&s, 3, 20, 25, 0);
    assert_runs(&s, 4, 20, 21, 0);
    assert_int_equal(s.first_node[0], 0);
    assert_int_equal(s.first_node[1], 1);
    assert_int_equal(s.first_node[2], 0);
    schedule_free(&s);
    workload_free(&w);
}

/* Two nodes of 4, gangs on one. Both begin on node 0, until A, the first to have a third GPU, finds
 * it on node 1 alone. Each has a node when C comes; B, the later, makes room for it. A's fourth GPU
 * would be worth more to C, but C would need two on one node: A keeps it.
 *
 *      node 0  B B B B          B B B C        B: 40 by 10, 70 by 20, the other 130 on 4
 *      node 1  A A A A          A A A A        A: 120 / 4
 *              0                10     20
 */
static void who_finds_no_nodes_takes_nothing(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 2, 4 } },
                                    .order = "elastic-max-min",
                                    .gang = GANG_ONE_NODE };
    struct sizes sizes;
    struct workload w;
    struct schedule s;
    (void)state;
    size_all(&fleet, &sizes, 1, 8);
    simulate_workload_init(&w);
    add(&w, 0, 1, 120);
    add(&w, 0, 1, 200);
    add(&w, 10, 1, 10);
    run_on(&w, &fleet, &s);
    assert_runs(&s, 0, 0, 30, 0);
    assert_runs(&s, 1, 0, 20 + 130 / 4., 2);
    assert_runs(&s, 2, 10, 20, 0);
    assert_int_equal(s.first_node[0], 1);
    assert_int_equal(s.first_node[2], 0);
    schedule_free(&s);
    workload_free(&w);
}

/* A job that asks for 16 GPUs starts on the 8 there are, at half the pace; one that needs 9 at
 * least never does. On one node of 4 a gang needs no more than 4. */
static void more_than_the_fleet_has(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 2, 4 } }, .order = "elastic-fifo" };
    (void)state;
    for (int one_node = 0; one_node < 2; one_node++) {
        struct sizes sizes;
        struct workload w;
        struct schedule s;
        size_all(&fleet, &sizes, 0.5, 1);
        fleet.gang = one_node ? GANG_ONE_NODE : GANG_FEWEST_NODES;
        simulate_workload_init(&w);
        add(&w, 0, one_node ? 8 : 16, 10);
        add(&w, 0, one_node ? 9 : 17, 10);
        run_on(&w, &fleet, &s);
        assert_runs(&s, 0, 0, 20, 0);
        assert_int_equal(s.gpu_milli[0], one_node ? 4000 : 8000);
        assert_int_equal(s.start_us[1], -1);
        assert_int_equal(s.gpu_milli[1], one_node ? 9000 : 17000);
        assert_int_equal(s.result.rejected, 1);
        schedule_free(&s);
        workload_free(&w);
    }
}

/* Pools of 4 and of 8 GPUs; jobs of 2 to 8. The first goes where 8 are; there 8 - 2 may be had
 * then, more than 4, and the second follows; 8 - 4 are no more than 4, so the third has the first
 * pool to itself. */
static void where_there_is_most(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 1, 4 }, { 1, 8 } }, .order = "elastic-max-min" };
    static const int nodes[] = { 1, 1, 0 }, gpus[] = { 4000, 4000, 4000 };
    struct sizes sizes;
    struct workload w;
    struct schedule s;
    (void)state;
    size_all(&fleet, &sizes, 0.5, 2);
    simulate_workload_init(&w);
    for (int j = 0; j < 3; j++) add(&w, 0, 4, 10);
    run_on(&w, &fleet, &s);
    for (size_t j = 0; j < 3; j++) {
        assert_runs(&s, j, 0, 10, 0);
        assert_int_equal(s.first_node[j], nodes[j]);
        assert_int_equal(s.gpu_milli[j], gpus[j]);
    }
    schedule_free(&s);
    workload_free(&w);
}

/* A job of no GPUs starts beside those that have all, and is never sized. */
static void a_job_of_no_gpus(void **state)
{
    static const char *const orders[] = { "elastic-fifo", "elastic-max-min", "optimus" };
    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct simulate_fleet fleet = { .pools = { { 1, 8 } }, .order = orders[i] };
        struct sizes sizes;
        struct workload w;
        struct schedule s;
        size_all(&fleet, &sizes, 0.25, 4);
        simulate_workload_init(&w);
        add(&w, 0, 4, 10);
        add(&w, 1, 0, 7);
        add(&w, 2, 0, 0);
        run_on(&w, &fleet, &s);
        assert_runs(&s, 0, 0, 5, 0);
        assert_runs(&s, 1, 1, 8, 0);
        assert_runs(&s, 2, 2, 2, 0);
        assert_int_equal(s.gpu_milli[1], 0);
        schedule_free(&s);
        workload_free(&w);
    }
}

/* Where nobody may have more or fewer than he asks for, and nodes do not matter, it is fifo. */
static void rigid_jobs_are_served_in_order(void **state)
{
    static const char *const orders[] = { "elastic-fifo", "elastic-max-min", "optimus" };
    int64_t waited = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct draw d = { random_key(seed, 6), 0 };
        struct simulate_fleet fleet = { .pools = { { 2 + below(&d, 8), 1 } },
                                        .gang = GANG_ANYWHERE };
        struct workload w;
        struct schedule plain, sized;
        random_workload(&d, 60, fleet.pools[0].nodes, LIMITS_NONE, &w);
        fleet.timing.instant = (enum instant_rule)below(&d, 2);
        if (below(&d, 3) == 0) fleet.timing.cycle_us = 1 + below(&d, 6);
        else fleet.timing.events = (enum event_rule)below(&d, 2);
        simulate(&w, &fleet, &plain);
        for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
            fleet.order = orders[i];
            simulate(&w, &fleet, &sized);
            for (size_t j = 0; j < w.job_n; j++) {
                assert_int_equal(sized.start_us[j], plain.start_us[j]);
                assert_int_equal(sized.end_us[j], plain.end_us[j]);
                assert_int_equal(sized.first_node[j], plain.first_node[j]);
                assert_int_equal(sized.preemptions[j], 0);
                waited += sized.wait_us[j] > 0;
            }
            schedule_free(&sized);
        }
        schedule_free(&plain);
        workload_free(&w);
    }
    assert_true(waited > 10000);
}

/* A draw's times, which are a few microseconds, as so many minutes and odd microseconds. */
static void stretch(struct draw *d, int64_t *us) { *us = *us * 60 * US_PER_S + below(d, 1000); }

/* By optimus jobs stand in heaps by what they can be worth at the most until they are looked at
 * again: in worlds that last long and have passes in the meantime, the same comes out. */
static void worths_that_change_with_time(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 600; seed++) {
        struct draw d = { random_key(seed, 9), 0 };
        struct simulate_fleet fleet;
        struct random_sizes sizes;
        struct workload w;
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 20 + below(&d, 60), largest, LIMITS_NONE, &w);
        random_own_sizes(seed, &w);
        random_sizes(seed, &sizes, &fleet);
        for (size_t j = 0; j < w.job_n; j++) {
            stretch(&d, &w.submit_us[j]);
            stretch(&d, &w.run_us[j]);
        }
        stretch(&d, &fleet.restart.interval_us);
        for (int32_t i = 0; i < fleet.restart.cost.n; i++)
            stretch(&d, &fleet.restart.cost.at[i].us);
        if (fleet.timing.cycle_us) stretch(&d, &fleet.timing.cycle_us);
        for (size_t j = 1; j < w.job_n; j++) /* in order still */
            if (w.submit_us[j] < w.submit_us[j - 1]) w.submit_us[j] = w.submit_us[j - 1];
        fleet.order = "optimus";
        fleet.placement = seed % 2 ? "pack" : "first-fit";
        agree(&w, &fleet, seed);
        workload_free(&w);
    }
}

/* A power, points and what lies between and beyond them. */
static void curves(void **state)
{
    const struct speedup_curve linear = { .exponent_ppm = 1000000 };
    const struct speedup_curve root = { .exponent_ppm = 500000 };
    const struct speedup_curve points = { .point_n = 2,
                                          .point = { { 2, 1800000 }, { 5, 2500000 } } };
    (void)state;
    assert_int_equal(speedup_ppm(&linear, 1000000), INT64_C(1000000000000));
    assert_int_equal(speedup_ppm(&root, 1), 1000000);
    assert_int_equal(speedup_ppm(&root, 2), 1414214);
    assert_int_equal(speedup_ppm(&root, 64), 8000000);
    assert_int_equal(speedup_ppm(&points, 1), 1000000);
    assert_int_equal(speedup_ppm(&points, 2), 1800000);
    assert_int_equal(speedup_ppm(&points, 3), 2033333);
    assert_int_equal(speedup_ppm(&points, 4), 2266666); /* rounded down */
    assert_int_equal(speedup_ppm(&points, 5), 2500000);
    assert_int_equal(speedup_ppm(&points, 100), 2500000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_has_what_others_leave),
        cmocka_unit_test(each_change_costs_a_restart),
        cmocka_unit_test(all_have_the_same),
        cmocka_unit_test(of_equals_the_first),
        cmocka_unit_test(a_gpu_goes_where_it_saves_most),
        cmocka_unit_test(a_head_without_nodes_blocks),
        cmocka_unit_test(who_finds_no_nodes_takes_nothing),
        cmocka_unit_test(more_than_the_fleet_has),
        cmocka_unit_test(where_there_is_most),
        cmocka_unit_test(a_job_of_no_gpus),
        cmocka_unit_test(rigid_jobs_are_served_in_order),
        cmocka_unit_test(worths_that_change_with_time),
        cmocka_unit_test(curves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
