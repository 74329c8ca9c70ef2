/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the head of a queue stops (priority-evict), solved by hand. */
#include <string.h>

#include "tests/simulate.h"

static void add(struct workload *w, int64_t submit_us, int32_t priority, int32_t gpus,
                int64_t run_us)
{
    struct job_row row;
    struct error err;
    job_row_init(&row);
    row.submit_us = submit_us;
    row.priority = priority;
    row.gpu_milli = 1000 * gpus;
    row.run_us = run_us;
    assert_int_equal(workload_add(w, &row, &err), STATUS_OK);
}

/* Two nodes of 4 GPUs: one less urgent job has the first, two have the other and started later. The
 * last started of the pool are two; kube-scheduler would rather stop one. */
static void fewest_on_a_node(void **state)
{
    (void)state;
    for (int rule = VICTIMS_POOL; rule <= VICTIMS_NODE; rule++) {
        struct simulate_fleet fleet = { .pools = { { 2, 4 } },
                                        .order = "priority-evict",
                                        .victims = (enum victim_rule)rule };
        struct workload w;
        struct schedule s;
        simulate_workload_init(&w);
        add(&w, 0, 0, 4, 100);
        add(&w, 1, 0, 2, 100);
        add(&w, 2, 0, 2, 100);
        add(&w, 10, 1, 4, 50);
        simulate_seal(&w);
        simulate(&w, &fleet, &s);
        bool by_node = rule == VICTIMS_NODE;
        assert_int_equal(s.start_us[3], 10);
        assert_int_equal(s.first_node[3], by_node ? 0 : 1);
        assert_int_equal(s.preemptions[0], by_node);
        assert_int_equal(s.preemptions[1], !by_node);
        assert_int_equal(s.preemptions[2], !by_node);
        assert_int_equal(s.end_us[0], by_node ? 60 + 90 : 100);
        schedule_free(&s);
        workload_free(&w);
    }
}

/* Before their number comes how urgent the most urgent victim is: two of priority 0 go, not one of
 * priority 1. What fits beside the job stays, the longest running first. */
static void least_urgent_and_spared(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 2, 8 } },
                                    .order = "priority-evict",
                                    .victims = VICTIMS_NODE };
    struct workload w;
    struct schedule s;
    (void)state;
    simulate_workload_init(&w);
    add(&w, 0, 1, 8, 100); /* node 0 */
    add(&w, 1, 0, 4, 100); /* node 1, as the next two */
    add(&w, 2, 0, 3, 100);
    add(&w, 3, 0, 1, 100);
    add(&w, 10, 2, 4, 50);
    simulate_seal(&w);
    simulate(&w, &fleet, &s);
    assert_int_equal(s.start_us[4], 10);
    assert_int_equal(s.first_node[4], 1);
    assert_int_equal(s.preemptions[0] + s.preemptions[1], 0);
    assert_int_equal(s.preemptions[2], 1);
    assert_int_equal(s.preemptions[3], 1);
    schedule_free(&s);
    workload_free(&w);
}

/* A gang on two nodes is stopped for one of them; who was stopped before has the other at once. */
static void a_gang_leaves_more_than_the_head_takes(void **state)
{
    struct simulate_fleet fleet = { .pools = { { 3, 4 } },
                                    .order = "priority-evict",
                                    .victims = VICTIMS_NODE };
    struct workload w;
    struct schedule s;
    (void)state;
    simulate_workload_init(&w);
    add(&w, 0, 0, 4, 100); /* node 0 */
    add(&w, 0, 0, 8, 100); /* nodes 1 and 2 */
    add(&w, 5, 1, 4, 50);  /* all alike: node 0 */
    add(&w, 10, 1, 4, 50); /* node 1 */
    simulate_seal(&w);
    simulate(&w, &fleet, &s);
    assert_int_equal(s.preemptions[0], 1);
    assert_int_equal(s.preemptions[1], 1);
    assert_int_equal(s.start_us[2], 5);
    assert_int_equal(s.start_us[3], 10);
    assert_int_equal(s.end_us[0], 10 + 95);
    assert_int_equal(s.end_us[1], 60 + 90);
    schedule_free(&s);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fewest_on_a_node),
        cmocka_unit_test(least_urgent_and_spared),
        cmocka_unit_test(a_gang_leaves_more_than_the_head_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
