/* SPDX-License-Identifier: Apache-2.0 */
/* Exponential run times with mean 1 h under failures at a rate d: no variance from d = 1/2 an hour
 * on, no mean from 1 on. */
#include "models/reliability/restart_tail.h"

#include <math.h>

#include "models/scheduling/policy.h"
#include "sim/random.h"
#include "tests/support.h"

static void jobs_of(size_t n, int32_t gpus, struct workload *w)
{
    struct error err;
    assert_int_equal(workload_init(w, &err), STATUS_OK);
    for (size_t j = 0; j < n; j++) {
        struct job_row row;
        job_row_init(&row);
        row.submit_us = (int64_t)j;
        row.run_us =
            (int64_t)(random_exponential_of(random_unit(random_key(2, 0), RANDOM_TEST, j, 0)) *
                      (double)US_PER_HOUR);
        row.gpu_milli = 1000 * gpus;
        assert_int_equal(workload_add(w, &row, &err), STATUS_OK);
    }
    assert_int_equal(workload_seal(w, 0, &err), STATUS_OK);
}

static void find(const struct workload *w, double mtbf_h, enum checkpoint_rule checkpoint,
                 struct restart_tail *tail)
{
    struct pool_spec pool = { .name = "p",
                              .type = { .name = "n", .gpu_model = "A100", .gpus = 8 },
                              .nodes = 100 };
    struct fleet_spec fleet = { .name = "f", .pool_n = 1, .pools = &pool };
    struct error err;
    pool.failures.by_node = true;
    assert_int_equal(duration_exponential(mtbf_h * (double)US_PER_HOUR, &pool.failures.node, &err),
                     STATUS_OK);
    fleet.scheduler.restart.checkpoint = checkpoint;
    assert_int_equal(restart_tail_find(w, &fleet, tail, &err), STATUS_OK);
}

static void exponential_lengths(void **state)
{
    static const struct {
        double mtbf_h; /* of a node; the gang has two */
        enum tail_moment moment;
    } list[] = { { 1.8, TAIL_NO_MEAN },
                 { 2.2, TAIL_NO_VARIANCE },
                 { 3.6, TAIL_NO_VARIANCE },
                 { 4.4, TAIL_FINITE },
                 { 100, TAIL_FINITE } };
    struct workload w, few;
    struct restart_tail tail;
    (void)state;
    jobs_of(50000, 16, &w);
    jobs_of(150, 16, &few);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        find(&w, list[i].mtbf_h, CHECKPOINT_NEVER, &tail);
        assert_int_equal(tail.worst, list[i].moment);
        if (tail.worst == TAIL_FINITE) continue;
        assert_int_equal(tail.gpus, 16);
        assert_true(fabs(tail.excess_us / (double)US_PER_HOUR - 1) < 0.05);
        assert_true(fabs(tail.failure_us / (double)US_PER_HOUR / (list[i].mtbf_h / 2) - 1) < 1e-9);
        find(&w, list[i].mtbf_h, CHECKPOINT_INTERVAL, &tail);
        assert_int_equal(tail.worst, TAIL_FINITE);
        find(&few, list[i].mtbf_h, CHECKPOINT_NEVER, &tail);
        assert_int_equal(tail.worst, TAIL_FINITE);
    }
    workload_free(&w);
    workload_free(&few);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(exponential_lengths) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
