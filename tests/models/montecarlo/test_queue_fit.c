/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws fitted to a trace: of a trace that was drawn from known laws, the same laws; of one that
 * was written by hand, what the header says; and bad ones are refused.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/montecarlo/queue_fit.h"
#include "tests/estimate.h"
#include "tests/gang_queues.h"
#include "tests/imported.h"
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
    /* The time from the first batch to the last is all gaps, and the work is what was submitted. */
    double span = (double)(w.submit_us[w.job_n - 1] - w.submit_us[0]), work = 0;
    double gaps = fitted.gap.mean_us * (double)(report.batches - 1);
    assert_true(gaps <= span * (1 + 1e-6) && gaps > span * 0.98);
    assert_true(
        fabs(queue_laws_batch_mean(&fitted) * (double)report.batches / (double)w.job_n - 1) < 1e-9);
    for (int c = 0; c < 3; c++) work += run_sum[c] * q->sizes[c];
    assert_true(fabs(queue_laws_offered(&fitted, 64) / (work / span) - 1) < 0.02);
    assert_true(fabs(report.alike - laws.alike) < 0.1);
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

/* Of a trace that ships: its own wait under the full simulator's fifo lies among those of fitted
 * replications as long as it, near their middle; jobs that come one by one would hardly wait. */
static void a_shipped_trace_waits_as_its_replications(void **state)
{
    enum { GPUS = 192, REPLICATIONS = 200 };
    static struct queue_laws laws;
    static struct queue_plan plan;
    static struct queue_result results[REPLICATIONS];
    struct queue_options options;
    struct workload w;
    struct schedule s;
    struct error err;
    double trace = 0, mean[2] = { 0, 0 };
    (void)state;
    import_path("csv", root_path("scenarios/examples/philly-like.csv.gz"), NULL, &w);
    simulate(
        &w,
        &(struct simulate_fleet){
            .pools = { { GPUS, 1 } }, .order = "fifo", .placement = "pack", .gang = GANG_ANYWHERE },
        &s);
    for (size_t j = 0; j < w.job_n; j++) trace += (double)s.wait_us[j] / (double)w.job_n;
    for (int alone = 0; alone < 2; alone++) {
        assert_int_equal(queue_fit(&w, &plain, &laws, NULL, &err), STATUS_OK);
        if (alone) {
            /* As many batches of one job as there are jobs. */
            laws.gap.top_us /= queue_laws_batch_mean(&laws);
            laws.gap.mean_us /= queue_laws_batch_mean(&laws);
            laws.batch_n = 0;
            free(laws.batches);
            laws.batches = NULL;
        }
        queue_options_init(&options, GPUS);
        options.jobs = (uint32_t)w.job_n;
        options.warm_up = 0;
        assert_int_equal(queue_plan_make(&plan, &laws, &options, &err), STATUS_OK);
        assert_int_equal(queue_run(&plan.model, QUEUE_AUTO, 0, REPLICATIONS, results, NULL, &err),
                         STATUS_OK);
        for (int r = 0; r < REPLICATIONS; r++)
            mean[alone] +=
                (double)results[r].wait_sum * (double)plan.tick_us / (double)w.job_n / REPLICATIONS;
        queue_laws_free(&laws);
    }
    assert_true(trace / mean[0] > 0.5 && trace / mean[0] < 2);
    assert_true(mean[1] < 0.1 * trace);
    schedule_free(&s);
    workload_free(&w);
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
    assert_null(laws.batches);
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
    assert_non_null(
        strstr(err.message, "two batches of jobs with GPUs that begin at different times"));
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
    options.server_gpus = 0;
    assert_int_equal(queue_fit(&w, &options, &laws, NULL, &err), STATUS_BAD_INPUT);
    workload_free(&w);
}

/* Two tenants whose batches interleave, one of large short ones: rows as they are, the size of a
 * batch with its run. */
static void batches_are_the_tenants_own(void **state)
{
    static struct queue_laws laws;
    struct queue_fit_report report;
    struct workload w;
    struct error err;
    (void)state;
    simulate_workload_init(&w);
    for (int i = 0; i < 6; i++) simulate_add(&w, 10 * i * S, 1, (100 + i) * S, -1, -1);
    for (int i = 0; i < 2; i++) simulate_add(&w, (15 + 10 * i) * S, 1, (5000 + i) * S, -1, -1);
    simulate_add(&w, 30 * S, 4, 77 * S, -1, -1);
    simulate_add(&w, 200 * S, 1, 100 * S, -1, -1);
    simulate_seal(&w);
    for (size_t j = 0; j < w.job_n; j++) w.tenant[j] = w.run_us[j] > 1000 * S;
    assert_int_equal(queue_fit(&w, &plain, &laws, &report, &err), STATUS_OK);
    assert_int_equal(report.batches, 4);
    assert_int_equal(laws.batch_n, 4);
    /* In order of their first jobs: 6 jobs, 2, one of the other class, one more. */
    static const uint32_t jobs[] = { 6, 2, 1, 1 }, class_[] = { 0, 0, 1, 0 };
    static const double run_s[] = { 102.5, 5000.5, 77, 100 };
    for (int i = 0; i < 4; i++) {
        uint32_t word = laws.batches[2 * i + 1], c = class_[i];
        assert_int_equal(laws.batches[2 * i], jobs[i] << 16 | c);
        double run = law_draw_of(laws.run, c, word) * 0x1p-32 * laws.classes[c].run.top_us / 1e6;
        assert_true(fabs(run / run_s[i] - 1) < 0.01);
    }
    assert_true(report.alike > 0.5 && report.alike <= 1);
    assert_true(fabs(laws.gap.mean_us / 1e6 - 200.0 / 3) < 1e-3);
    queue_laws_free(&laws);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_those_of_the_trace),
        cmocka_unit_test(a_fitted_queue_waits_as_long),
        cmocka_unit_test(a_shipped_trace_waits_as_its_replications),
        cmocka_unit_test(sizes_are_rounded_up_and_merged),
        cmocka_unit_test(batches_are_the_tenants_own),
        cmocka_unit_test(bad_traces_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
