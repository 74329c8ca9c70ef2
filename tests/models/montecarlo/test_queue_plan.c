/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From laws to the integers of the model: ticks that hold the time, hours that stretch the clock
 * exactly, batches of the sizes asked for, and refusals that say the limit.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/gang_queues.h"
#include "tests/support.h"

#define HOUR_US 3600e6

static void simple(struct queue_laws *laws, double gap_us, double run_us)
{
    struct error err;
    struct queue_law_source gap = { gap_us, law_quantile_exponential, NULL, NULL, 0 };
    struct queue_law_source run = { run_us, law_quantile_exponential, NULL, NULL, 0 };
    assert_int_equal(queue_laws_init(laws, LAW_SHORT, &err), STATUS_OK);
    assert_int_equal(queue_laws_gap(laws, gap, &err), STATUS_OK);
    assert_int_equal(queue_laws_class(laws, 2, 3, run, &err), STATUS_OK);
    assert_int_equal(queue_laws_class(laws, 8, 1, run, &err), STATUS_OK);
}

static void refuse(const struct queue_laws *laws, const struct queue_options *options,
                   const char *why)
{
    static struct queue_plan plan;
    struct error err = { STATUS_OK, "" };
    assert_int_equal(queue_plan_make(&plan, laws, options, &err), STATUS_BAD_INPUT);
    if (!strstr(err.message, why)) fail_msg("\"%s\" does not say \"%s\"", err.message, why);
}

static void bad_plans_are_refused(void **state)
{
    static struct queue_laws laws;
    struct queue_options good, o;
    struct error err;
    (void)state;
    queue_options_init(&good, 16);
    assert_int_equal(queue_laws_init(&laws, LAW_SHORT, &err), STATUS_OK);
    refuse(&laws, &good, "needs a law of gaps and a class");
    queue_laws_free(&laws);
    simple(&laws, 1e6, HOUR_US);
    o = good, o.servers = 0;
    refuse(&laws, &o, "0 servers; 1 to 65535 can be");
    o = good, o.servers = 65536;
    refuse(&laws, &o, "65536 servers; 1 to 65535 can be");
    o = good, o.servers = 1;
    refuse(&laws, &o, "no job fits on 1 servers");
    o = good, o.jobs = 0;
    refuse(&laws, &o, "0 jobs, 1000 of them not counted; 1 to 16777216 can be");
    o = good, o.jobs = (1 << 24) + 1;
    refuse(&laws, &o, "16777217 jobs");
    o = good, o.warm_up = o.jobs;
    refuse(&laws, &o, "one must count");
    o = good, o.demand = 0;
    refuse(&laws, &o, "demand 0");
    o = good, o.speed = NAN;
    refuse(&laws, &o, "speed nan");
    o = good, o.late_us = -1;
    refuse(&laws, &o, "late after -1 us");
    /* 16 million jobs of 3.5 server hours each take 400 years, and ticks for that are longer than
     * the jobs are apart. */
    o = good, o.jobs = 1 << 24;
    refuse(&laws, &o, "to stay below 2^32 of them");
    queue_laws_free(&laws);
    /* A job a day for 46,000 years. */
    double week[QUEUE_WEEK_HOURS];
    for (int h = 0; h < QUEUE_WEEK_HOURS; h++) week[h] = 1 + h % 24;
    simple(&laws, 24 * HOUR_US, HOUR_US);
    assert_int_equal(queue_laws_week(&laws, week, &err), STATUS_OK);
    refuse(&laws, &o, "an hour of the week is not a whole number of ticks of 5e+03 s");
    o = good, o.first_hour = 168;
    refuse(&laws, &o, "hour 168 of the week; 0 to 167 can be");
    queue_laws_free(&laws);
}

static void bad_laws_are_refused(void **state)
{
    static struct queue_laws laws;
    struct queue_law_source run = { 1e6, law_quantile_exponential, NULL, NULL, 0 };
    double week[QUEUE_WEEK_HOURS] = { 0 };
    struct error err;
    (void)state;
    simple(&laws, 1e6, 1e6);
    assert_int_equal(queue_laws_class(&laws, 0, 1, run, &err), STATUS_BAD_INPUT);
    assert_int_equal(queue_laws_class(&laws, 65536, 1, run, &err), STATUS_BAD_INPUT);
    assert_int_equal(queue_laws_class(&laws, 1, -1, run, &err), STATUS_BAD_INPUT);
    run.unit_us = 0;
    assert_int_equal(queue_laws_class(&laws, 1, 1, run, &err), STATUS_BAD_INPUT);
    run.unit_us = 1;
    while (laws.class_n < QUEUE_CLASSES_MAX)
        assert_int_equal(queue_laws_class(&laws, 1, 1, run, &err), STATUS_OK);
    assert_int_equal(queue_laws_class(&laws, 1, 1, run, &err), STATUS_BAD_INPUT);
    assert_string_equal(err.message, "more than 16 classes of jobs");
    struct queue_batch_row row = { 0, 0, -1 };
    assert_int_equal(queue_laws_batches(&laws, &row, 1, 0, &err), STATUS_BAD_INPUT);
    assert_string_equal(err.message,
                        "a batch of 0 jobs of class 0; 1 to 65535 jobs can be, of 16 classes");
    row = (struct queue_batch_row){ 16, 1, -1 };
    assert_int_equal(queue_laws_batches(&laws, &row, 1, 0, &err), STATUS_BAD_INPUT);
    row = (struct queue_batch_row){ 0, 1, -1 };
    assert_int_equal(queue_laws_batches(&laws, &row, 1, 1.5, &err), STATUS_BAD_INPUT);
    assert_int_equal(queue_laws_batches(&laws, &row, 0, 0, &err), STATUS_BAD_INPUT);
    assert_int_equal(queue_laws_week(&laws, week, &err), STATUS_BAD_INPUT);
    week[5] = -1;
    assert_int_equal(queue_laws_week(&laws, week, &err), STATUS_BAD_INPUT);
    assert_string_equal(err.message, "hour 5 of the week has the weight -1");
    assert_false(laws.weekly || laws.batches);
    queue_laws_free(&laws);
}

/* What is offered, rejected and ticked; and a load without end fails the run, not the machine. */
static void plans_say_what_they_hold(void **state)
{
    static struct queue_laws laws;
    static struct queue_plan plan;
    struct queue_result results[2];
    struct queue_options o;
    struct error err;
    (void)state;
    simple(&laws, 1200e6, HOUR_US); /* 3.5 servers for an hour each twenty minutes */
    queue_options_init(&o, 16);
    assert_int_equal(queue_plan_make(&plan, &laws, &o, &err), STATUS_OK);
    assert_true(fabs(plan.offered - 10.5) < 1e-6);
    assert_true(plan.rejected == 0);
    /* 10,000 jobs in 1.2e13 us, eight times, and the longest runs: below 2^32 ticks of 50 ms. */
    assert_int_equal(plan.tick_us, 50000);
    assert_int_equal(plan.model.late_after, 72000);
    assert_int_equal(plan.model.running_max, 8);
    o.servers = 7;
    o.demand = 2;
    o.speed = 4;
    assert_int_equal(queue_plan_make(&plan, &laws, &o, &err), STATUS_OK);
    assert_true(fabs(plan.offered - 1.5 * 3 * 2 / 4) < 1e-6);
    assert_true(fabs(plan.rejected - 0.25) < 1e-12);
    /* A load of 40: the last jobs end forty times as late as planned for. */
    o.servers = 8;
    assert_int_equal(queue_plan_make(&plan, &laws, &o, &err), STATUS_OK);
    plan.model.classes = (const uint32_t[2 * QUEUE_CLASSES_MAX]){ 8, UINT32_MAX, 8, UINT32_MAX };
    for (enum queue_engine e = QUEUE_AUTO; e < QUEUE_ENGINE_N; e++) {
        if (!queue_engine_here(e)) continue;
        assert_int_equal(queue_run(&plan.model, e, 7, 2, results, NULL, &err), STATUS_BAD_INPUT);
        assert_non_null(strstr(err.message, "replication 7 goes on for more than 2^32 ticks"));
    }
    assert_int_equal(queue_run_threads(&plan.model, QUEUE_AUTO, 7, 2, 2, results, QUEUE_TOGETHER,
                                       NULL, &err),
                     STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "replication 7"));
    queue_laws_free(&laws);
}

/* Constant gaps on the clock of the rate: each hour has its weight of arrivals, to one, in every
 * week; and none fall in hours of no weight. */
static double constant(double p, double q, const void *context)
{
    (void)p, (void)q, (void)context;
    return 1;
}

static void hours_have_their_weights(void **state)
{
    static struct queue_laws laws;
    static struct queue_plan plan;
    enum { WEEKS = 3, PER_HOUR = 40 };
    struct queue_options o;
    struct queue_path path;
    struct error err;
    double week[QUEUE_WEEK_HOURS];
    uint32_t seen[WEEKS + 1][QUEUE_WEEK_HOURS] = { { 0 } };
    (void)state;
    simple(&laws, 1e6, HOUR_US);
    struct queue_law_source gap = { HOUR_US / PER_HOUR, constant, NULL, NULL, 0 };
    assert_int_equal(queue_laws_gap(&laws, gap, &err), STATUS_OK);
    for (int h = 0; h < QUEUE_WEEK_HOURS; h++) week[h] = h % 7 == 0 || h == 167 ? 0 : 1 + h % 5;
    assert_int_equal(queue_laws_week(&laws, week, &err), STATUS_OK);
    for (uint32_t first = 0; first < QUEUE_WEEK_HOURS; first += 50) {
        queue_options_init(&o, 4000);
        o.jobs = WEEKS * QUEUE_WEEK_HOURS * PER_HOUR;
        o.first_hour = first;
        assert_int_equal(queue_plan_make(&plan, &laws, &o, &err), STATUS_OK);
        gang_path_init(&path, o.jobs);
        assert_true(queue_trace(&plan.model, 0, &path));
        memset(seen, 0, sizeof seen);
        for (uint32_t j = 0; j < o.jobs; j++) {
            if (j > 0) assert_true(path.arrival[j] >= path.arrival[j - 1]);
            uint32_t hour = path.arrival[j] / plan.model.hour_ticks + first;
            seen[hour / QUEUE_WEEK_HOURS][hour % QUEUE_WEEK_HOURS]++;
        }
        /* Weeks that are whole. */
        for (int w = 1; w < WEEKS; w++)
            for (int h = 0; h < QUEUE_WEEK_HOURS; h++)
                assert_true(laws.week[h] > 0 ? fabs(seen[w][h] - PER_HOUR * laws.week[h]) <= 1.01
                                             : seen[w][h] == 0);
        gang_path_free(&path);
    }
    queue_laws_free(&laws);
}

/* Hours of 100 ticks: one of twice the rate, one of none, one of half, and all others of the mean
 * rate; told where each arrival falls. */
static void a_week_by_hand(void **state)
{
    uint32_t week[2 * QUEUE_WEEK_HOURS + 2] = { 0 };
    const uint32_t one = 1 << QUEUE_STRETCH_BITS;
    const struct queue_model m = { .hour_ticks = 100, .week = week };
    struct queue_clock c;
    (void)state;
    for (uint32_t h = 0, at = 0; h <= QUEUE_WEEK_HOURS; h++) {
        uint32_t width = h == 0 ? 200 : h == 1 ? 0 : h == 2 ? 50 : 100;
        week[2 * h] = at;
        week[2 * h + 1] = h == 0 ? one / 2 : h == 2 ? 2 * one : one;
        at += width;
    }
    static const uint32_t gaps[] = { 50, 149, 1, 0, 25, 25, 130, 16370, 100, 150, 17000, 0 };
    static const uint32_t at[] = { 25,  99,    200,   200,   250,   300,
                                   430, 16800, 16850, 17100, 34150, 34150 };
    queue_clock_init(&m, &c);
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
        assert_int_equal(queue_arrive(&m, &c, gaps[i]), at[i]);
    assert_false(c.wrapped);
    /* Beyond 32 bits. */
    for (int weeks = 0; weeks < 256000 && !c.wrapped; weeks++) queue_arrive(&m, &c, 16750);
    assert_true(c.wrapped);
}

/* Rows as often as each other: sizes of batches, their classes and the runs that jobs have in
 * common with the chance that is asked for; jobs of a batch at once, or as far apart as they should
 * be on average. */
static void batches_have_their_sizes(void **state)
{
    static struct queue_laws laws;
    static struct queue_plan plan;
    static const struct queue_batch_row rows[] = {
        { 0, 1, -1 }, { 0, 1, -1 }, { 0, 1, -1 }, { 0, 1, -1 },  { 0, 1, -1 },
        { 0, 3, -1 }, { 0, 3, -1 }, { 0, 3, -1 }, { 1, 10, -1 }, { 1, 10, HOUR_US / 3 },
    };
    enum { JOBS = 200000 };
    uint32_t count[11] = { 0 }, batches = 0, size = 1, pairs = 0, alike = 0, third = 0;
    struct queue_options o;
    struct queue_path path;
    struct error err;
    (void)state;
    simple(&laws, 100e6, HOUR_US);
    assert_int_equal(queue_laws_batches(&laws, rows, 10, 0.5, &err), STATUS_OK);
    assert_true(fabs(queue_laws_batch_mean(&laws) - 3.4) < 1e-12);
    assert_true(laws.classes[0].chance == 14 && laws.classes[1].chance == 20);
    /* Half of the jobs of one row of ten run for a third of an hour instead of one. */
    double work = 14 * 2 + 10 * 8 + 10 * 8 * (0.5 + 0.5 / 3);
    assert_true(fabs(queue_laws_offered(&laws, 8) / (work * 3600 / (10 * 100)) - 1) < 1e-5);
    queue_options_init(&o, 1000);
    o.jobs = JOBS;
    assert_int_equal(queue_plan_make(&plan, &laws, &o, &err), STATUS_OK);
    gang_path_init(&path, JOBS);
    assert_true(queue_trace(&plan.model, 0, &path));
    for (uint32_t j = 1; j < JOBS; j++) {
        if (path.arrival[j] == path.arrival[j - 1]) {
            size++;
            pairs++;
            alike += path.run[j] == path.run[j - 1];
            third += llabs((int64_t)path.run[j] * plan.tick_us * 3 - (int64_t)HOUR_US) < 1e7;
            continue;
        }
        if (size <= 10) count[size]++;
        batches++;
        size = 1;
    }
    /* Two batches in one tick are rare: gaps have 20,000. */
    assert_true(fabs((double)count[1] / batches - 0.5) < 0.01);
    assert_true(fabs((double)count[3] / batches - 0.3) < 0.01);
    assert_true(fabs((double)count[10] / batches - 0.2) < 0.01);
    assert_true(fabs((double)alike / pairs - 0.25) < 0.01);
    assert_true(fabs((double)third / pairs - 0.5 * 9 / 24) < 0.01);
    double mean_gap = (double)path.arrival[JOBS - 1] * (double)plan.tick_us / JOBS;
    assert_true(fabs(mean_gap / queue_laws_mean_gap_us(&laws) - 1) < 0.02);
    struct queue_law_source spread = { 10e6, law_quantile_exponential, NULL, NULL, 0 };
    assert_int_equal(queue_laws_spread(&laws, spread, &err), STATUS_OK);
    assert_true(fabs(queue_laws_mean_gap_us(&laws) / 1e6 - (100 + 2.4 * 10) / 3.4) < 1e-3);
    assert_int_equal(queue_plan_make(&plan, &laws, &o, &err), STATUS_OK);
    assert_true(queue_trace(&plan.model, 0, &path));
    mean_gap = (double)path.arrival[JOBS - 1] * (double)plan.tick_us / JOBS;
    assert_true(fabs(mean_gap / queue_laws_mean_gap_us(&laws) - 1) < 0.02);
    gang_path_free(&path);
    queue_laws_free(&laws);
}

static void hashes_tell_laws_apart(void **state)
{
    static struct queue_laws laws;
    static const struct queue_batch_row pair = { 0, 2, -1 };
    double week[QUEUE_WEEK_HOURS];
    uint64_t hash[5];
    struct error err;
    (void)state;
    simple(&laws, 1e6, HOUR_US);
    hash[0] = queue_laws_hash(&laws);
    laws.run[100]++;
    hash[1] = queue_laws_hash(&laws);
    laws.classes[1].chance = 2;
    hash[2] = queue_laws_hash(&laws);
    assert_int_equal(queue_laws_batches(&laws, &pair, 1, 0, &err), STATUS_OK);
    hash[3] = queue_laws_hash(&laws);
    for (int h = 0; h < QUEUE_WEEK_HOURS; h++) week[h] = 1 + h % 24;
    assert_int_equal(queue_laws_week(&laws, week, &err), STATUS_OK);
    hash[4] = queue_laws_hash(&laws);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < i; k++) assert_true(hash[i] != hash[k]);
    queue_laws_free(&laws);
    simple(&laws, 1e6, HOUR_US);
    assert_true(queue_laws_hash(&laws) == hash[0]);
    queue_laws_free(&laws);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_plans_are_refused),    cmocka_unit_test(bad_laws_are_refused),
        cmocka_unit_test(plans_say_what_they_hold), cmocka_unit_test(hours_have_their_weights),
        cmocka_unit_test(a_week_by_hand),           cmocka_unit_test(batches_have_their_sizes),
        cmocka_unit_test(hashes_tell_laws_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
