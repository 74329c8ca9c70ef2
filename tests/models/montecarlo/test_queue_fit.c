/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws fitted to a trace: of a trace that was drawn from known laws, the same laws; of one that
 * was written by hand, what the header says; and bad ones are refused.
 */
#include <math.h>
#include <string.h>

#include "models/montecarlo/queue_fit.h"
#include "tests/estimate.h"
#include "tests/gang_queues.h"
#include "tests/simulate.h"

#define S INT64_C(1000000)

static const struct queue_fit_options plain = { .server_gpus = 1 };

/* Jobs of several replications of a queue, one after another in time. */
static void drawn(const struct queue_plan *plan, uint32_t replications, struct workload *w)
{
    struct queue_path path;
    int64_t from = 0, week = INT64_C(168) * 3600 * S, last = 0;
    gang_path_init(&path, plan->model.jobs);
    simulate_workload_init(w);
    for (uint32_t r = 0; r < replications; r++, from = (last / week + 1) * week) {
        assert_true(queue_trace(&plan->model, r, &path));
        for (uint32_t j = 0; j < plan->model.jobs; j++) {
            last = from + path.arrival[j] * plan->tick_us;
            simulate_add(w, last, (int32_t)path.servers[j], path.run[j] * plan->tick_us, -1, -1);
        }
    }
    simulate_seal(w);
    gang_path_free(&path);
}

/* Of a constant rate: each mean as it is in the trace, and near that of the law it came from. */
static void means_are_those_of_the_trace(void **state)
{
    static struct queue_laws laws, fitted;
    static struct queue_plan plan;
    struct queue_fit_report report;
    struct workload w;
    struct error err;
    const struct gang_queue *q = &gang_queues[8]; /* batches spread */
    double run_sum[3] = { 0 }, count[3] = { 0 };
    (void)state;
    gang_queue_plan(q, 3, &laws, &plan);
    drawn(&plan, 1, &w);
    struct queue_fit_options options = { .server_gpus = 1,
                                         .batch_gap_us = 300 * S,
                                         .constant_rate = true };
    assert_int_equal(queue_fit(&w, &options, &fitted, &report, &err), STATUS_OK);
    assert_int_equal(report.jobs, GANG_QUEUE_JOBS);
    assert_int_equal(report.weekly_hours, 0);
    assert_int_equal(fitted.class_n, 3);
    for (size_t j = 0; j < w.job_n; j++)
        for (int c = 0; c < 3; c++)
            if (w.gpu_milli[j] == (int32_t)q->sizes[c] * 1000) {
                run_sum[c] += (double)w.run_us[j];
                count[c]++;
            }
    for (int c = 0; c < 3; c++) {
        assert_int_equal(fitted.classes[c].servers, q->sizes[c]);
        assert_true(fitted.classes[c].chance == count[c]);
        assert_true(fabs(fitted.classes[c].run.mean_us / (run_sum[c] / count[c]) - 1) < 1e-6);
    }
    /* From the first job to the last: all gaps of both kinds, and the jobs of all batches. */
    double span = (double)(w.submit_us[w.job_n - 1] - w.submit_us[0]);
    double gaps = fitted.gap.mean_us * (double)(report.batches - 1) +
                  fitted.spread.mean_us * (double)(w.job_n - report.batches);
    assert_true(fabs(gaps / span - 1) < 1e-6);
    assert_true(fabs(fitted.batch_mean * (double)report.batches / (double)w.job_n - 1) < 1e-9);
    assert_true(fabs(fitted.gap.mean_us / laws.gap.mean_us - 1) < 0.15);
    assert_true(fabs(fitted.spread.mean_us / laws.spread.mean_us - 1) < 0.1);
    workload_free(&w);
    queue_laws_free(&fitted);
    queue_laws_free(&laws);
}

/* Mean wait of a queue by its replications. */
static void wait_of(const struct queue_plan *plan, struct estimate *e)
{
    enum { REPLICATIONS = 60 };
    struct queue_result results[REPLICATIONS];
    struct error err;
    assert_int_equal(queue_run(&plan->model, QUEUE_AUTO, 1000, REPLICATIONS, results, NULL, &err),
                     STATUS_OK);
    *e = (struct estimate){ 0 };
    for (int r = 0; r < REPLICATIONS; r++)
        estimate_add(e, (double)results[r].wait_sum * (double)plan->tick_us / results[r].jobs);
}

/* Four months of days and nights: the week comes back, and jobs of the fitted laws wait as long as
 * those of the laws the trace was drawn from. */
static void a_fitted_queue_waits_as_long(void **state)
{
    static struct queue_laws laws, fitted;
    static struct queue_plan plan, fitted_plan;
    struct queue_options options;
    struct queue_fit_report report;
    struct workload w;
    struct error err;
    const struct gang_queue *q = &gang_queues[9]; /* days and nights */
    struct estimate a, b, flat;
    (void)state;
    gang_queue_plan(q, 3, &laws, &plan);
    drawn(&plan, 20, &w);
    assert_int_equal(queue_fit(&w, &plain, &fitted, &report, &err), STATUS_OK);
    assert_int_equal(report.weekly_hours, QUEUE_WEEK_HOURS);
    /* Replications begin in hour 30 of the laws' week, which is hour 0 of the trace's. */
    for (int h = 0; h < QUEUE_WEEK_HOURS; h++)
        assert_true(fabs(fitted.week[h] - laws.week[(h + 30) % QUEUE_WEEK_HOURS]) < 0.35);
    queue_options_init(&options, q->servers);
    options.jobs = GANG_QUEUE_JOBS;
    options.warm_up = GANG_QUEUE_JOBS / 7;
    options.seed = 99;
    assert_int_equal(queue_plan_make(&fitted_plan, &fitted, &options, &err), STATUS_OK);
    wait_of(&plan, &a);
    wait_of(&fitted_plan, &b);
    double room = 4 * hypot(estimate_error(&a), estimate_error(&b)) + 0.1 * estimate_mean(&a);
    assert_true(fabs(estimate_mean(&a) - estimate_mean(&b)) < room);
    /* And a rate that knows no hours gives another answer. */
    queue_laws_free(&fitted);
    struct queue_fit_options constant = plain;
    constant.constant_rate = true;
    constant.batch_gap_us = 1;
    assert_int_equal(queue_fit(&w, &constant, &fitted, NULL, &err), STATUS_OK);
    assert_int_equal(queue_plan_make(&fitted_plan, &fitted, &options, &err), STATUS_OK);
    wait_of(&fitted_plan, &flat);
    assert_true(fabs(estimate_mean(&a) - estimate_mean(&flat)) > room);
    workload_free(&w);
    queue_laws_free(&fitted);
    queue_laws_free(&laws);
}

static void sizes_are_rounded_up_and_merged(void **state)
{
    static struct queue_laws laws;
    struct queue_fit_report report;
    struct workload w;
    struct error err;
    (void)state;
    /* 20 sizes of whole nodes of 2, the last of half a GPU more; a job without GPUs. Size 3 has
     * hardly any work. */
    simulate_workload_init(&w);
    for (int i = 0; i < 20; i++)
        simulate_add(&w, i * 100 * S, 2 * (i + 1), i == 2 ? S : (i + 1) * 1000 * S, -1, -1);
    simulate_add(&w, 2000 * S, 0, S, -1, -1);
    w.gpu_milli[19] += 500;
    simulate_seal(&w);
    struct queue_fit_options options = { .server_gpus = 2 };
    assert_int_equal(queue_fit(&w, &options, &laws, &report, &err), STATUS_OK);
    assert_int_equal(report.jobs, 20);
    assert_int_equal(report.without_gpus, 1);
    assert_int_equal(report.batches, 20);
    assert_int_equal(report.sizes, 20);
    assert_int_equal(laws.class_n, QUEUE_CLASSES_MAX);
    assert_false(laws.batched);
    assert_int_equal(laws.classes[QUEUE_CLASSES_MAX - 1].servers, 21);
    /* In this order: 3 as 4, 1 as 2, then those two as 5 (4,001 server seconds), 6 as 7. */
    static const uint32_t first[][2] = { { 2, 2 }, { 5, 3 }, { 7, 2 }, { 8, 1 } };
    for (int c = 0; c < 4; c++) {
        assert_int_equal(laws.classes[c].servers, first[c][0]);
        assert_true(laws.classes[c].chance == first[c][1]);
    }
    double added = 0, work = 21 * 20000;
    for (int i = 0; i < 19; i++) work += (i + 1) * (i == 2 ? 1 : (i + 1) * 1000);
    for (uint32_t c = 0; c < laws.class_n; c++)
        added += laws.classes[c].servers * laws.classes[c].run.mean_us * laws.classes[c].chance;
    assert_true(fabs(added / 1e6 - work * (1 + report.added_work)) < 1);
    queue_laws_free(&laws);
    workload_free(&w);
}

static void bad_traces_are_refused(void **state)
{
    static struct queue_laws laws;
    struct queue_fit_options options = plain;
    struct workload w;
    struct error err;
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 1, S, -1, -1);
    simulate_add(&w, 0, 2, S, -1, -1);
    simulate_seal(&w);
    assert_int_equal(queue_fit(&w, &plain, &laws, NULL, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "two jobs with GPUs that come at different times"));
    workload_free(&w);

    simulate_workload_init(&w);
    simulate_add(&w, 0, 1, S, -1, -1);
    simulate_add(&w, S, 70000, S, -1, -1);
    simulate_seal(&w);
    assert_int_equal(queue_fit(&w, &plain, &laws, NULL, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "job 1 asks for 70000 servers; at most 65535 can"));
    options.server_gpus = 8;
    assert_int_equal(queue_fit(&w, &options, &laws, NULL, &err), STATUS_OK);
    assert_int_equal(laws.classes[1].servers, 8750);
    queue_laws_free(&laws);
    options.batch_gap_us = 2e6;
    assert_int_equal(queue_fit(&w, &options, &laws, NULL, &err), STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "all jobs are one batch"));
    options.server_gpus = 0;
    assert_int_equal(queue_fit(&w, &options, &laws, NULL, &err), STATUS_BAD_INPUT);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_those_of_the_trace),
        cmocka_unit_test(a_fitted_queue_waits_as_long),
        cmocka_unit_test(sizes_are_rounded_up_and_merged),
        cmocka_unit_test(bad_traces_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
