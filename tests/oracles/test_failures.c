/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures against exact answers, each within four standard errors of the simulated mean, where an
 * answer a little beside it is not: how long work takes that restarts from its last checkpoint
 * (Duda 1983; Daly 2006), and with a clock of failures that wears or is worn in; queues whose
 * servers fail and are repaired (White and Christie 1958; Mitrani and Avi-Itzhak 1968).
 */
#include <math.h>
#include <stdlib.h>

#include "models/reliability/checkpoint_interval.h"
#include "models/scheduling/progress.h"
#include "tests/estimate.h"
#include "tests/simulate.h"

#define UNIT_US 1e6 /* a unit of time of the oracles */

static int64_t us(double units) { return (int64_t)llround(units * UNIT_US); }

/* ---- one job on one node ---- */

struct work_oracle {
    const char *name;
    double work, interval, write; /* interval 0: no checkpoints */
    double downtime, recovery;
    double shape, scale;             /* of the time between failures: Weibull */
    double mean_time, mean_failures; /* 0 = not given */
};

static const struct work_oracle works[] = {
    { "ckpt-05", 50, 0, 0, 1, 0, 1, 1 / 0.03, 119.53799141494022, 3.481689070338065 },
    { "ckpt-08", 10, 3, 0.2, 0.1, 0.1, 1, 10, 12.614716053886752, 1.2489817875135398 },
    { "spot-01", 4, 0, 0, 0.25, 0, 1, 10, 5.041203150823021, 0.4918246976412703 },
    { "spot-02", 10, 0, 0, 0.1, 0, 1, 20, 13.039297541072576, 0.6487212707001282 },
    { "spot-05", 5, 0, 0, 0.5, 0, 0.7, 10, 6.955844597264583, 0 },
    { "spot-07", 8, 0, 0, 0.2, 0, 1.5, 12, 11.38018908472482, 0 },
};

static void work_takes_as_long_as_theory_says(void **state)
{
    int64_t worlds = getenv("SEATRIAL_SLOW") ? 8000 : 40000;
    (void)state;
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        const struct work_oracle *o = &works[i];
        struct failure_spec failures = { .by_node = true };
        struct estimate time = { 0 }, failed = { 0 };
        struct error err;
        assert_int_equal(duration_weibull(o->shape, o->scale * UNIT_US, &failures.node, &err),
                         STATUS_OK);
        assert_int_equal(duration_constant(us(o->downtime), &failures.repair, &err), STATUS_OK);
        struct simulate_fleet fleet = { .pools = { { 1, 1 } }, .failures = &failures };
        fleet.restart.checkpoint = o->interval > 0 ? CHECKPOINT_INTERVAL : CHECKPOINT_AT_STOP;
        fleet.restart.interval_us = us(o->interval);
        fleet.restart.write = (struct gpu_costs){ .at = { { 0, us(o->write) } }, .n = 1 };
        fleet.restart.cost = (struct gpu_costs){ .at = { { 0, us(o->recovery) } }, .n = 1 };
        struct workload w;
        simulate_workload_init(&w);
        simulate_add(&w, 0, 1, us(o->work), -1, -1);
        simulate_seal(&w);
        for (int64_t k = 1; k <= worlds; k++) {
            struct schedule s;
            fleet.seed = (uint64_t)k;
            simulate(&w, &fleet, &s);
            estimate_add(&time, (double)s.end_us[0] / UNIT_US);
            estimate_add(&failed, (double)s.result.job_failures);
            assert_int_equal(s.result.node_failures, s.result.job_failures);
            schedule_free(&s);
        }
        estimate_agrees(o->name, "the time", &time, o->mean_time, o->mean_time * 1.05);
        if (o->mean_failures > 0)
            estimate_agrees(o->name, "failures", &failed, o->mean_failures, o->mean_failures * 1.1);
        workload_free(&w);
    }
}

/* ---- jobs that fail by themselves ---- */

static void jobs_that_fail_take_as_long_as_theory_says(void **state)
{
    /* By GPUs: those of 1 fail each 40, those of 4 each 10. */
    static const struct {
        int gpus;
        struct checkpointing c;
    } cases[] = {
        { 1, { .work = 30, .interval = 7, .write = 0.5, .recovery = 1, .rate = 1 / 40.0 } },
        { 4, { .work = 12, .interval = 3, .write = 0.2, .recovery = 0.4, .rate = 1 / 10.0 } },
        { 6, { .work = 5, .interval = 100, .rate = 1 / 10.0 } },
    };
    int64_t worlds = getenv("SEATRIAL_SLOW") ? 6000 : 30000;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct checkpointing c = cases[i].c;
        c.fails_in_recovery = true;
        struct completion theory = checkpoint_completion(&c);
        struct estimate time = { 0 }, failed = { 0 };
        struct simulate_fleet fleet = {
            .pools = { { 2, 4 } },
            .job_mtbf = { .at = { { 0, us(40) }, { 2, us(10) } }, .n = 2 },
            .restart = { .checkpoint = CHECKPOINT_INTERVAL,
                         .interval_us = us(c.interval),
                         .write = { .at = { { 0, us(c.write) } }, .n = 1 },
                         .cost = { .at = { { 0, us(c.recovery) } }, .n = 1 } },
        };
        struct workload w;
        simulate_workload_init(&w);
        simulate_add(&w, 0, cases[i].gpus, us(c.work), -1, -1);
        simulate_seal(&w);
        for (int64_t k = 1; k <= worlds; k++) {
            struct schedule s;
            fleet.seed = (uint64_t)k;
            simulate(&w, &fleet, &s);
            estimate_add(&time, (double)s.end_us[0] / UNIT_US);
            estimate_add(&failed, (double)s.result.job_failures);
            assert_int_equal(s.result.node_failures, 0);
            assert_int_equal(s.wait_us[0], 0); /* its nodes are there at once */
            schedule_free(&s);
        }
        estimate_agrees("job_mtbf", "the time", &time, theory.mean, theory.mean * 1.03);
        estimate_agrees("job_mtbf", "failures", &failed, theory.failures, theory.failures * 1.1);
        workload_free(&w);
    }
}

/* ---- intervals by the formulas ---- */

/* ckptopt-02: a write of 0.05 on a job that fails each 10: 1 by Young, 0.9669444 by Daly. Of 9 GPUs
 * on nodes of 4 that fail each 30, which are three. */
static void intervals_are_each_job_s_own(void **state)
{
    (void)state;
    struct restart_options o = {
        .checkpoint = CHECKPOINT_INTERVAL,
        .interval = INTERVAL_YOUNG,
        .node_mtbf_us = 30 * UNIT_US * 1000,
        .node_gpus = 4,
        .write = { .at = { { 0, us(0.05) * 1000 } }, .n = 1 },
    };
    assert_int_equal(progress_interval_us(&o, 9), us(1000));
    assert_int_equal(progress_interval_us(&o, 12), us(1000));
    assert_int_equal(progress_interval_us(&o, 4), us(1000 * sqrt(3)));
    assert_int_equal(progress_interval_us(&o, 0), us(1000 * sqrt(3)));
    o.interval = INTERVAL_DALY;
    assert_true(llabs(progress_interval_us(&o, 9) - us(966.9444444444445)) <= 1);
    /* Kept are whole intervals of it. */
    assert_int_equal(progress_kept_unwarned_us(&o, 9, 0, us(2000)), progress_interval_us(&o, 9));
}

/* ---- servers that fail ---- */

struct queue_that_fails {
    const char *name;
    int servers;
    double arrivals, mean_up, mean_down; /* service: mean 1 */
    double mean_stay, availability;
};

static const struct queue_that_fails queues[] = {
    { "breakdown-01", 1, 0.5, 20, 2, 2.848484848484847, 0.9090909090909092 },
    { "breakdown-02", 4, 2.4, 10, 2, 1.7635041015479007, 0.833333333333333 },
    { "breakdown-05", 16, 11, 50, 5, 1.0930292651282, 0.9090909090909046 },
};
enum { JOBS = 20000, WARM_UP = 2000 };

static void one_path(const struct queue_that_fails *q, uint64_t seed, struct estimate *stay,
                     struct estimate *up)
{
    struct failure_spec failures = { .by_node = true };
    struct random_key key = random_key(seed, 3);
    struct error err;
    struct workload w;
    struct schedule s;
    double at = 0, sum = 0;
    assert_int_equal(duration_exponential(q->mean_up * UNIT_US, &failures.node, &err), STATUS_OK);
    assert_int_equal(duration_exponential(q->mean_down * UNIT_US, &failures.repair, &err),
                     STATUS_OK);
    /* What was done is never done again: a checkpoint each microsecond, for nothing. */
    struct simulate_fleet fleet = {
        .pools = { { q->servers, 1 } },
        .failures = &failures,
        .seed = seed,
        .restart = { .checkpoint = CHECKPOINT_INTERVAL, .interval_us = 1 },
    };
    simulate_workload_init(&w);
    for (uint64_t j = 0; j < JOBS; j++) {
        at += random_exponential_of(random_unit(key, RANDOM_TEST, j, 0)) / q->arrivals;
        simulate_add(&w, us(at), 1, us(random_exponential_of(random_unit(key, RANDOM_TEST, j, 1))),
                     -1, -1);
    }
    simulate_seal(&w);
    simulate(&w, &fleet, &s);
    for (size_t j = WARM_UP; j < JOBS; j++) {
        sum += (double)(s.end_us[j] - w.submit_us[j]) / UNIT_US;
        assert_int_equal(s.lost_us[j], 0);
    }
    const struct pool_result *pool = &s.result.pools[0];
    estimate_add(stay, sum / (JOBS - WARM_UP));
    estimate_add(up, 1 - (double)pool->down_gpu_us / (double)pool->bought_gpu_us);
    schedule_free(&s);
    workload_free(&w);
}

static void queues_of_servers_that_fail(void **state)
{
    uint64_t paths = getenv("SEATRIAL_SLOW") ? 8 : 32;
    (void)state;
    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++) {
        struct estimate stay = { 0 }, up = { 0 };
        for (uint64_t r = 1; r <= paths; r++) one_path(&queues[i], r, &stay, &up);
        estimate_agrees(queues[i].name, "the stay", &stay, queues[i].mean_stay,
                        queues[i].mean_stay * 1.15);
        estimate_agrees(queues[i].name, "availability", &up, queues[i].availability,
                        queues[i].availability * 1.03);
    }
}

/* ---- GPUs ---- */

/* A node of 8 GPUs that fail each by itself is down as often as the first of 8 clocks says. */
static void the_first_of_its_gpus_takes_the_node(void **state)
{
    (void)state;
    struct failure_spec failures = { .by_gpu = true };
    struct error err;
    struct estimate failed = { 0 };
    assert_int_equal(duration_exponential(80 * UNIT_US / 8, &failures.gpus, &err), STATUS_OK);
    assert_int_equal(duration_constant(us(1), &failures.repair, &err), STATUS_OK);
    struct workload w;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 8, us(1000), -1, -1);
    simulate_seal(&w);
    struct simulate_fleet fleet = {
        .pools = { { 1, 8 } },
        .failures = &failures,
        .restart = { .checkpoint = CHECKPOINT_INTERVAL, .interval_us = 1 },
    };
    for (uint64_t k = 1; k <= 400; k++) {
        struct schedule s;
        fleet.seed = k;
        simulate(&w, &fleet, &s);
        estimate_add(&failed, (double)s.result.node_failures);
        schedule_free(&s);
    }
    estimate_agrees("8 GPUs", "failures", &failed, 100,
                    103); /* in 1,000 units of running, one each 10 */
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_takes_as_long_as_theory_says),
        cmocka_unit_test(jobs_that_fail_take_as_long_as_theory_says),
        cmocka_unit_test(intervals_are_each_job_s_own),
        cmocka_unit_test(queues_of_servers_that_fail),
        cmocka_unit_test(the_first_of_its_gpus_takes_the_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
