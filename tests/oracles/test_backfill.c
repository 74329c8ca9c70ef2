/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backfill against pyss (Hebrew University), job by job, with its own rules of time: 3,145 HPC2N
 * jobs on 128 processors, a pass after each single event, submissions before ends.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/rows.h"
#include "tests/simulate.h"

/* job_id,submit,procs,runtime,estimate,start,finish,wait */
static struct rows pyss_rows(const char *policy, struct workload *w)
{
    char path[200];
    snprintf(path, sizeof path, "oracles/peers/pyss-backfill/hpc2n_seth_3145.%s.csv", policy);
    struct rows r = read_rows(shared_or_skip(path));
    assert_int_equal(r.n, 3145);
    simulate_workload_init(w);
    for (size_t i = 0; i < r.n; i++)
        simulate_add(w, us(r.cell[i][1]), atoi(r.cell[i][2]), us(r.cell[i][3]), us(r.cell[i][4]),
                     -1);
    simulate_seal(w);
    return r;
}

/* The fleet is one node of 128 GPUs; where only_counts, then also 128 nodes of one with gangs
 * anywhere. (EASY is stricter there: its reservation names nodes.) */
static void pyss(const char *policy, struct simulate_fleet fleet, int only_counts)
{
    struct workload w;
    struct rows r = pyss_rows(policy, &w);
    fleet.timing =
        (struct timing_options){ .events = EVENTS_SINGLE, .instant = INSTANT_SUBMISSIONS_FIRST };
    for (int shape = 0; shape <= only_counts; shape++) {
        struct schedule s;
        fleet.pools[0] =
            shape ? (struct simulate_pool){ 128, 1 } : (struct simulate_pool){ 1, 128 };
        fleet.gang = shape ? GANG_ANYWHERE : GANG_FEWEST_NODES;
        simulate(&w, &fleet, &s);
        for (size_t i = 0; i < r.n; i++)
            if (s.start_us[i] != us(r.cell[i][5]) || s.end_us[i] != us(r.cell[i][6]))
                fail_msg("%s, job %s: %lld, peer %s s", policy, r.cell[i][0],
                         (long long)(s.start_us[i] / US_PER_S), r.cell[i][5]);
        schedule_free(&s);
    }
    workload_free(&w);
    rows_free(&r);
}

static void pyss_fcfs(void **state)
{
    (void)state;
    pyss("fcfs", (struct simulate_fleet){ .order = "fifo" }, 1);
}

static void pyss_easy(void **state)
{
    (void)state;
    pyss("easy", (struct simulate_fleet){ .order = "easy" }, 0);
}

static void pyss_easy_shortest_first(void **state)
{
    (void)state;
    pyss("easy_sjbf",
         (struct simulate_fleet){ .order = "easy", .backfill = { .scan = SCAN_SHORTEST } }, 0);
}

static void pyss_conservative(void **state)
{
    (void)state;
    pyss("cons", (struct simulate_fleet){ .order = "conservative" }, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pyss_fcfs),
        cmocka_unit_test(pyss_easy),
        cmocka_unit_test(pyss_easy_shortest_first),
        cmocka_unit_test(pyss_conservative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
