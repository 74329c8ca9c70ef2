/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alea 4: first come first served, and shortest first by true run time and by estimate, on 3,145
 * HPC2N jobs and 128 nodes of one CPU. Its clock is 16 s ahead, and its entities answer each other
 * 0 to 0.3 s late; README.md beside the files allows "a few swaps". All but 14 of 9,435 starts are
 * ours. The swaps begin with jobs of one instant: there the first starts before the others are
 * seen, here the shortest of them. None moves a start by more than 23 s.
 *
 * Its EASY delays the reserved head, and is no oracle: tests/oracles/test_backfill.c shows that
 * ours does not.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rows.h"
#include "tests/simulate.h"

enum { JOBS = 3145, AHEAD_S = 16 };

/* job_id,submit,procs,runtime,estimate,...; job_id,arrival,wait,start,runtime,end,cpus. Returns
 * how many jobs start more than 0.3 s from when they do there. */
static size_t swapped(const char *policy, const char *order)
{
    char path[200];
    size_t n = 0, first = JOBS;
    struct workload w;
    struct schedule s;
    snprintf(path, sizeof path, "oracles/peers/alea-hpc2n/%s.csv", policy);
    struct rows theirs = read_rows(shared_or_skip(path));
    struct rows jobs =
        read_rows(shared_or_skip("oracles/peers/pyss-backfill/hpc2n_seth_3145.fcfs.csv"));
    assert_int_equal(theirs.n, JOBS);
    assert_int_equal(jobs.n, JOBS);
    simulate_workload_init(&w);
    for (size_t i = 0; i < JOBS; i++) {
        assert_string_equal(theirs.cell[i][0], jobs.cell[i][0]);
        assert_int_equal(atoll(theirs.cell[i][1]), atoll(jobs.cell[i][1]) + AHEAD_S);
        assert_int_equal(atoi(theirs.cell[i][6]), atoi(jobs.cell[i][2]));
        simulate_add(&w, us(jobs.cell[i][1]), atoi(jobs.cell[i][2]), us(jobs.cell[i][3]), -1, -1);
    }
    simulate_seal(&w);
    for (size_t i = 0; i < JOBS; i++) w.priority[i] = -atoi(jobs.cell[i][4]);
    const struct simulate_fleet fleet = { .pools = { { 128, 1 } },
                                          .order = order,
                                          .gang = GANG_ANYWHERE };
    simulate(&w, &fleet, &s);
    for (size_t i = 0; i < JOBS; i++) {
        double start_s = (double)s.start_us[i] / US_PER_S + AHEAD_S;
        double late_s = fabs(start_s - atof(theirs.cell[i][3]));
        if (late_s <= 0.3 + 1e-6) continue;
        if (late_s > 23 + 1e-6) fail_msg("%s, job %s: %.1f s", policy, jobs.cell[i][0], late_s);
        if (first == JOBS) first = i;
        n++;
    }
    if (first < JOBS) assert_int_equal(w.submit_us[first], w.submit_us[first + 1]);
    schedule_free(&s);
    workload_free(&w);
    rows_free(&theirs);
    rows_free(&jobs);
    return n;
}

static void first_come_first_served(void **state)
{
    (void)state;
    assert_int_equal(swapped("fcfs", "fifo"), 0);
}

static void shortest_first(void **state)
{
    (void)state;
    assert_int_equal(swapped("sjf_exact", "sjf"), 12);
}

/* No order of ours takes an estimate for the run time: here it is the priority, negative. */
static void shortest_estimate_first(void **state)
{
    (void)state;
    assert_int_equal(swapped("sjf_estimates", "priority"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_come_first_served),
        cmocka_unit_test(shortest_first),
        cmocka_unit_test(shortest_estimate_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
