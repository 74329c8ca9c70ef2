/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shares of pools against two jobs on one fast and one slow GPU, solved by hand. Job A runs at 1
 * and 1/4 of full speed, job B at 1 and 1/2; with x the share of the fast GPU that A has, and B
 * where A is not, A's speed is 1/4 + 3/4 x and B's is 1 - x / 2.
 */
#include <string.h>

#include "models/scheduling/shares.h"
#include "tests/random_world.h"
#include "tests/support.h"

static const double two_pools[] = { 1, 1 }, two_prices[] = { 5, 1 };

static void two_jobs(enum rank_by rule, const double speed[4], double left_a, double left_b,
                     double share[4])
{
    const struct share_job jobs[] = { { 0, 1, left_a, 0 }, { 1, 1, left_b, 0 } };
    const struct share_problem q = { 2, 2, jobs, speed, two_pools, two_prices, share };
    assert_int_equal(shares_find(rule, &q), STATUS_OK);
}

static void is_split(const double share[4], double x)
{
    const double expected[] = { x, 1 - x, 1 - x, x };
    for (int i = 0; i < 4; i++) assert_float_equal(share[i], expected[i], 2e-6);
}

static void solved_by_hand(void **state)
{
    static const double speed[] = { 1, 0.25, 1, 0.5 };
    double share[4];
    (void)state;
    /* Equal time gives 0.625 and 0.75: (1/4 + 3/4 x) / 0.625 = (1 - x / 2) / 0.75. */
    two_jobs(RANK_SHARES_MAX_MIN, speed, 1e6, 1e6, share);
    is_split(share, 0.5);
    /* Isolated is half of each GPU, the same; nobody has been waiting. */
    two_jobs(RANK_SHARES_FINISH_TIME, speed, 1e6, 3e6, share);
    is_split(share, 0.5);
    two_jobs(RANK_SHARES_ISOLATED, speed, 1e6, 1e6, share);
    is_split(share, 0.5);
    /* (1/4 + 3/4 x) / 3 = (1 - x / 2) / 2. */
    two_jobs(RANK_SHARES_MAKESPAN, speed, 3e6, 2e6, share);
    is_split(share, 5.0 / 6);
    /* 1 + 1/2 is more than 1/4 + 1. */
    two_jobs(RANK_SHARES_THROUGHPUT, speed, 1e6, 1e6, share);
    is_split(share, 1);
    two_jobs(RANK_SHARES_FIFO, speed, 1e6, 1e6, share);
    is_split(share, 1);
    /* The fast GPU costs 5: 1/5 + 1/2 is more than 1/4 + 1/5. */
    two_jobs(RANK_SHARES_WORTH, speed, 1e6, 1e6, share);
    is_split(share, 1);
}

/* A third of five GPUs is the whole time of one, and less of more. */
static void an_equal_part_is_at_most_the_whole_time(void **state)
{
    const struct share_job jobs[] = { { 0, 1, 1e6, 0 }, { 1, 2, 1e6, 0 }, { 2, 4, 1e6, 0 } };
    const double speed[] = { 1, 1, 1, 1, 1, 1 }, gpus[] = { 3, 2 };
    const double expected[] = { 0.6, 0.4, 0.5, 1.0 / 3, 0.25, 1.0 / 6 };
    double share[6];
    const struct share_problem q = { 3, 2, jobs, speed, gpus, NULL, share };
    (void)state;
    assert_int_equal(shares_find(RANK_SHARES_ISOLATED, &q), STATUS_OK);
    for (int i = 0; i < 6; i++) assert_float_equal(share[i], expected[i], 1e-6);
}

/* A job that is all alone: where it runs as fast for less, or slower for much less. */
static void the_worth_of_a_price(void **state)
{
    const struct share_job job = { 0, 1, 1e6, 0 };
    double share[2];
    struct share_problem q = {
        1, 2, &job, (const double[]){ 1, 0.25 }, two_pools, two_prices, share
    };
    (void)state;
    assert_int_equal(shares_find(RANK_SHARES_WORTH, &q), STATUS_OK);
    assert_float_equal(share[0], 0, 2e-6); /* 1 / 5 < 1 / 4 */
    assert_float_equal(share[1], 1, 2e-6);
    q.pool_price = (const double[]){ 3, 1 };
    assert_int_equal(shares_find(RANK_SHARES_WORTH, &q), STATUS_OK);
    assert_float_equal(share[0], 1, 2e-6);
    assert_float_equal(share[1], 0, 2e-6);
}

/* One pool is solved without a program; beside a second one without GPUs it takes one. */
static void one_pool_is_as_the_program_says(void **state)
{
    enum { JOBS = 30 };
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct draw d = { random_key(seed, 9), 0 };
        struct share_job jobs[JOBS];
        double speed[JOBS], speeds[2 * JOBS], one[JOBS], two[2 * JOBS];
        double gpus[] = { 1 + below(&d, 60), 0 };
        size_t n = 1 + (size_t)below(&d, JOBS);
        for (size_t j = 0; j < n; j++) {
            uint32_t kind = (uint32_t)below(&d, 6);
            jobs[j] = (struct share_job){ kind, 1 << kind % 3, 1e6 * (1 + below(&d, 1000)),
                                          1e6 * below(&d, 1000) };
            speed[j] = 1.0 / (1 + kind);
            speeds[2 * j] = speed[j];
            speeds[2 * j + 1] = 0;
        }
        const struct share_problem a = { n, 1, jobs, speed, gpus, two_prices, one };
        const struct share_problem b = { n, 2, jobs, speeds, gpus, two_prices, two };
        for (int rule = RANK_SHARES_ANY; rule <= RANK_SHARES_WORTH; rule++) {
            assert_int_equal(shares_find((enum rank_by)rule, &a), STATUS_OK);
            assert_int_equal(shares_find((enum rank_by)rule, &b), STATUS_OK);
            for (size_t j = 0; j < n; j++) assert_float_equal(one[j], two[2 * j], 3e-6);
        }
    }
}

/* B is as fast on either: any x is as good to the slower of the two, and the most work is at 1. */
static void of_equal_optima_the_most_work(void **state)
{
    static const double speed[] = { 1, 0.25, 1, 1 };
    double share[4];
    (void)state;
    two_jobs(RANK_SHARES_MAX_MIN, speed, 1e6, 1e6, share);
    is_split(share, 1);
}

/* A gang of two beside a single, on two GPUs: time counts times GPUs. */
static void gangs_count_by_their_gpus(void **state)
{
    static const double gpus[] = { 2 }, speed[] = { 1, 1 };
    const struct share_job jobs[] = { { 0, 2, 1e6, 0 }, { 1, 1, 1e6, 0 } };
    double share[2];
    const struct share_problem q = { 2, 1, jobs, speed, gpus, NULL, share };
    (void)state;
    assert_int_equal(shares_find(RANK_SHARES_ANY, &q), STATUS_OK);
    /* 2 a + b <= 2, and the least of 2 a and b is largest at 1: a = 1/2, b = 1. */
    assert_float_equal(share[0], 0.5, 2e-6);
    assert_float_equal(share[1], 1, 2e-6);
}

/* Forty jobs, many alike, on three pools: every rule keeps the constraints, and every thread gets
 * the same bytes. */
static void shares_are_possible_and_the_same(void **state)
{
    enum { JOBS = 40, POOLS = 3, TIMES = 16 };
    static double share[TIMES][JOBS * POOLS];
    static const double gpus[POOLS] = { 6, 6, 4 }, prices[POOLS] = { 3, 2, 1 };
    struct share_job jobs[JOBS];
    double speed[JOBS * POOLS];
    (void)state;
    for (int j = 0; j < JOBS; j++) {
        jobs[j] = (struct share_job){ (uint32_t)j % 6, 1 << j % 3, 1e6 * (1 + j * 7 % 11),
                                      1e5 * (JOBS - j) };
        for (int p = 0; p < POOLS; p++) speed[j * POOLS + p] = 1.0 / (1 + p * (1 + j % 6));
    }
    for (int rule = RANK_SHARES_FIFO; rule <= RANK_SHARES_WORTH; rule++) {
        int good = 0;
#pragma omp parallel for num_threads(4) reduction(+ : good)
        for (int i = 0; i < TIMES; i++) {
            const struct share_problem q = { JOBS, POOLS, jobs, speed, gpus, prices, share[i] };
            good += shares_find((enum rank_by)rule, &q) == STATUS_OK;
        }
        assert_int_equal(good, TIMES);
        for (int i = 1; i < TIMES; i++) assert_memory_equal(share[i], share[0], sizeof share[0]);
        double held[POOLS] = { 0 };
        for (int j = 0; j < JOBS; j++) {
            double sum = 0;
            for (int p = 0; p < POOLS; p++) {
                sum += share[0][j * POOLS + p];
                held[p] += share[0][j * POOLS + p] * (double)jobs[j].gpus;
            }
            assert_true(sum <= 1 + 2e-6);
        }
        assert_true(held[0] > 0);
        for (int p = 0; p < POOLS; p++) assert_true(held[p] <= gpus[p] + 1e-4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(solved_by_hand),
        cmocka_unit_test(of_equal_optima_the_most_work),
        cmocka_unit_test(gangs_count_by_their_gpus),
        cmocka_unit_test(the_worth_of_a_price),
        cmocka_unit_test(an_equal_part_is_at_most_the_whole_time),
        cmocka_unit_test(one_pool_is_as_the_program_says),
        cmocka_unit_test(shares_are_possible_and_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
