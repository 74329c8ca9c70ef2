/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules solved by hand, job by job to the microsecond. */
#include "tests/oracles/schedules.h"
#include "tests/simulate.h"

static void check_with(const struct hand_schedule *h, const int32_t *priority,
                       const struct simulate_fleet *fleet, int32_t n)
{
    struct workload w;
    struct schedule s;
    simulate_workload_init(&w);
    for (int32_t j = 0; j < n; j++)
        simulate_add(&w, h->jobs[j].submit * INT64_C(1000000), h->jobs[j].gpus,
                     h->jobs[j].run * INT64_C(1000000), h->jobs[j].limit * INT64_C(1000000), -1);
    simulate_seal(&w);
    for (int32_t j = 0; priority && j < n; j++) w.priority[j] = priority[j];
    simulate(&w, fleet, &s);
    for (int32_t j = 0; j < n; j++)
        if (s.start_us[j] != h->jobs[j].start * INT64_C(1000000) ||
            s.end_us[j] != h->jobs[j].finish * INT64_C(1000000))
            fail_msg("%s, job %d: %lld to %lld us, by hand %d to %d s", h->name, j + 1,
                     (long long)s.start_us[j], (long long)s.end_us[j], h->jobs[j].start,
                     h->jobs[j].finish);
    schedule_free(&s);
    workload_free(&w);
}

static void check(const struct hand_schedule *h, const struct simulate_fleet *fleet, int32_t n)
{
    check_with(h, NULL, fleet, n);
}

static void check_counts(const struct hand_schedule *h)
{
    /* One node, and as many nodes of one GPU with gangs anywhere: both only count GPUs. */
    check(h, &(struct simulate_fleet){ .pools = { { 1, h->gpus } }, .order = h->order }, HAND_JOBS);
    check(h,
          &(struct simulate_fleet){ .pools = { { h->gpus, 1 } },
                                    .order = h->order,
                                    .gang = GANG_ANYWHERE,
                                    .placement = "pack" },
          HAND_JOBS);
    check(h,
          &(struct simulate_fleet){
              .pools = { { h->gpus, 1 } }, .order = h->order, .placement = "random" },
          HAND_JOBS);
}

static void published_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hand_schedules / sizeof *hand_schedules; i++)
        check_counts(&hand_schedules[i]);
}

static void evictions_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hand_evictions / sizeof *hand_evictions; i++) {
        const struct hand_eviction *e = &hand_evictions[i];
        struct simulate_fleet fleet = { .pools = { { 1, e->schedule.gpus } },
                                        .order = e->schedule.order };
        if (e->restart) fleet.restart.checkpoint = CHECKPOINT_NEVER;
        check_with(&e->schedule, e->priority, &fleet, HAND_JOBS);
    }
}

/*
 * Trace A under fifo-skip. t0: 1 and 2 start. t2: 4 takes the last GPU. t4: 2 free, 5 starts (3
 * needs 4). t6: 1 ends, 6 starts. t8: 9 starts. t9: 5 ends, 3 free, 7 starts. t12: 7 ends, 10
 * starts. t14: 3 free, but 3 needs 4 and waits for 9 to end at t17: starved by those behind it,
 * which is what this order costs. t21: 8.
 */
static void fifo_skip_by_hand(void **state)
{
    (void)state;
    check_counts(&(struct hand_schedule){ "A-fifo-skip",
                                          "fifo-skip",
                                          4,
                                          { { 0, 2, 6, 6, 0, 6 },
                                            { 0, 1, 3, 3, 0, 3 },
                                            { 1, 4, 4, 4, 17, 21 },
                                            { 2, 1, 2, 2, 2, 4 },
                                            { 3, 2, 5, 5, 4, 9 },
                                            { 4, 1, 1, 1, 6, 7 },
                                            { 5, 3, 3, 3, 9, 12 },
                                            { 7, 4, 2, 2, 21, 23 },
                                            { 8, 1, 9, 9, 8, 17 },
                                            { 12, 2, 2, 2, 12, 14 } } });
}

/*
 * Trace A under smallest-first. t0: 2, then 1. t2: 4. t3: 1 free, the head 5 needs 2. t4: 6 goes
 * before 5. t5: 5 starts before 7 and 3. t6: 2 free, the head 7 needs 3. t8: 9 is the smallest and
 * starts. t10: 7. t13: 10. t17: 3, t21: 8.
 */
static void smallest_first_by_hand(void **state)
{
    (void)state;
    check_counts(&(struct hand_schedule){ "A-smallest-first",
                                          "smallest-first",
                                          4,
                                          { { 0, 2, 6, 6, 0, 6 },
                                            { 0, 1, 3, 3, 0, 3 },
                                            { 1, 4, 4, 4, 17, 21 },
                                            { 2, 1, 2, 2, 2, 4 },
                                            { 3, 2, 5, 5, 5, 10 },
                                            { 4, 1, 1, 1, 4, 5 },
                                            { 5, 3, 3, 3, 10, 13 },
                                            { 7, 4, 2, 2, 21, 23 },
                                            { 8, 1, 9, 9, 8, 17 },
                                            { 12, 2, 2, 2, 13, 15 } } });
}

/*
 * EASY reserves nodes, not counts: two nodes of 4, first fit. 1 lies on node 0, 2 on node 1; each
 * leaves one GPU free. Head 3 needs a whole node: at t5 node 1 is empty, so the reservation is
 * there and leaves nothing. 4 is long and takes the free GPU of node 0. 5 is long and finds only
 * node 1's, which is the head's: it waits. 6 ends at t5: it may.
 */
static void easy_reserves_nodes(void **state)
{
    (void)state;
    check(&(struct hand_schedule){ "easy on nodes",
                                   "easy",
                                   0,
                                   { { 0, 3, 10, 10, 0, 10 },
                                     { 0, 3, 5, 5, 0, 5 },
                                     { 1, 4, 10, 10, 5, 15 },
                                     { 2, 1, 20, 20, 2, 22 },
                                     { 2, 1, 20, 20, 10, 30 },
                                     { 2, 1, 3, 3, 2, 5 } } },
          &(struct simulate_fleet){ .pools = { { 2, 4 } }, .order = "easy" }, 6);
}

/* The head is a gang of both nodes: nothing that outlasts the shadow time at t10 may start, what
 * ends at it may. */
static void easy_reserves_gangs(void **state)
{
    (void)state;
    check(&(struct hand_schedule){ "easy, gang of two nodes",
                                   "easy",
                                   0,
                                   { { 0, 2, 10, 10, 0, 10 },
                                     { 1, 8, 4, 4, 10, 14 },
                                     { 1, 4, 9, 9, 1, 10 },
                                     { 1, 2, 10, 10, 14, 24 } } },
          &(struct simulate_fleet){ .pools = { { 2, 4 } }, .order = "easy" }, 4);
}

/* 1 outlives its limit of 4 s: from t4 on it is expected to end at once, so nothing is let past the
 * head any more. */
static void easy_with_a_job_past_its_limit(void **state)
{
    (void)state;
    check(&(struct hand_schedule){ "easy, past the limit",
                                   "easy",
                                   0,
                                   { { 0, 3, 10, 4, 0, 10 },
                                     { 1, 4, 2, 2, 10, 12 },
                                     { 1, 1, 3, 3, 1, 4 },
                                     { 5, 1, 1, 1, 12, 13 } } },
          &(struct simulate_fleet){ .pools = { { 1, 4 } }, .order = "easy" }, 4);
}

/* A gang lies in one pool; the pool listed first is tried first. */
static void pools_in_order(void **state)
{
    (void)state;
    check(&(struct hand_schedule){ "pools",
                                   "fifo",
                                   0,
                                   { { 0, 2, 5, 5, 0, 5 },
                                     { 0, 2, 5, 5, 0, 5 },
                                     { 1, 3, 2, 2, 5, 7 },
                                     { 1, 1, 1, 1, 5, 6 } } },
          &(struct simulate_fleet){ .pools = { { 1, 2 }, { 1, 3 } }, .order = "fifo" }, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_by_hand),
        cmocka_unit_test(fifo_skip_by_hand),
        cmocka_unit_test(evictions_by_hand),
        cmocka_unit_test(smallest_first_by_hand),
        cmocka_unit_test(easy_reserves_nodes),
        cmocka_unit_test(easy_reserves_gangs),
        cmocka_unit_test(easy_with_a_job_past_its_limit),
        cmocka_unit_test(pools_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
