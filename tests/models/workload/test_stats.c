/* SPDX-License-Identifier: Apache-2.0 */
/* Trace statistics against figures an independent program computed from the same files. */
#include "tests/support.h"

#include <math.h>

#include "models/workload/stats.h"
#include "scenarios/traces/formats.h"

static void read_one(const char *format, const char *const *paths, size_t n, struct workload *w)
{
    struct import_options o;
    struct import_report report;
    struct error err = { STATUS_OK, "" };
    import_options_init(&o);
    if (import_files(trace_format_find(format), &o, paths, n, INT64_MIN, w, &report, &err) !=
        STATUS_OK)
        fail_msg("%s", err.message);
}

static void check(const char *format, const char *const *paths, size_t n, double gpu_hours,
                  double mean, double p50, double p95, double peak, double tolerance)
{
    struct workload w;
    struct workload_stats s;
    read_one(format, paths, n, &w);
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    assert_true(fabs(s.gpu_hours - gpu_hours) < 1e-5 * gpu_hours);
    assert_true(fabs(s.load_mean - mean) < tolerance * mean);
    assert_true(fabs(s.load_p50 - p50) <= tolerance * p50);
    assert_true(fabs(s.load_p95 - p95) <= tolerance * p95);
    assert_true(fabs(s.load_peak - peak) < 1e-9);
    workload_stats_free(&s);
    workload_free(&w);
}

/* concurrency_infinite_capacity_gpus of the fits: exact but for the six digits they are printed
 * with. */
static void load_at_infinite_capacity(void **state)
{
    (void)state;
    const char *philly[] = { shared_or_skip("data/training/philly/philly.csv.gz") };
    check("philly", philly, 1, 978078.472778, 374.235, 422, 758, 1243, 1e-5);
    const char *itp[] = { shared_or_skip("data/training/itp/raw/cluster02.csv.gz"),
                          shared_or_skip("data/training/itp/raw/cluster03.csv.gz"),
                          shared_or_skip("data/training/itp/raw/cluster06.csv.gz"),
                          shared_or_skip("data/training/itp/raw/cluster07.csv.gz"),
                          shared_or_skip("data/training/itp/raw/cluster10.csv.gz") };
    check("itp", itp, 5, 783892.845278, 544.652, 515, 919, 1955, 1e-5);
}

static void arrivals_are_as_bursty_as_counted(void **state)
{
    struct workload w;
    struct workload_stats s;
    (void)state;
    const char *itp[] = { shared_or_skip("data/training/itp/raw/cluster02.csv.gz"),
                          shared_or_skip("data/training/itp/raw/cluster03.csv.gz"),
                          shared_or_skip("data/training/itp/raw/cluster06.csv.gz"),
                          shared_or_skip("data/training/itp/raw/cluster07.csv.gz"),
                          shared_or_skip("data/training/itp/raw/cluster10.csv.gz") };
    read_one("itp", itp, 5, &w);
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    assert_int_equal(s.jobs, 24144);
    /* SYNTH.json, check.real: CV 3.54233, zero gaps 0.189869; hours there are cut at other moments.
     */
    assert_true(fabs(s.gap_cv - 3.54233) < 1e-3);
    assert_true(fabs(s.zero_gaps - 0.189869) < 1e-5);
    assert_true(s.hourly_fano > 40 && s.hourly_fano < 47);
    workload_stats_free(&s);
    workload_free(&w);
}

static void a_trace_by_hand(void **state)
{
    /* 2 GPUs for 10 s from 0, 1 GPU for 4 s from 2, 3 from 20 for 5 s:
     * load 2 on 0-2, 3 on 2-6, 2 on 6-10, 0 on 10-20, 3 on 20-25. */
    static const struct {
        int64_t submit_s, run_s;
        int32_t gpus;
    } jobs[] = { { 0, 10, 2 }, { 2, 4, 1 }, { 20, 5, 3 }, { 20, 7, 0 } };
    struct workload w;
    struct workload_stats s;
    (void)state;
    assert_int_equal(workload_init(&w, NULL), STATUS_OK);
    for (int j = 0; j < 4; j++) {
        struct job_row row;
        job_row_init(&row);
        row.submit_us = jobs[j].submit_s * US_PER_S;
        row.run_us = jobs[j].run_s * US_PER_S;
        row.gpu_milli = jobs[j].gpus * 1000;
        assert_int_equal(workload_add(&w, &row, NULL), STATUS_OK);
    }
    assert_int_equal(workload_seal(&w, INT64_MIN, NULL), STATUS_OK);
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    assert_true(fabs(s.gpu_hours - 39.0 / 3600) < 1e-12);
    assert_true(fabs(s.load_mean - 39.0 / 25) < 1e-12);
    assert_true(s.load_peak == 3);
    assert_true(s.load_p50 == 2); /* 0 for 10 of 25 s, 2 for 6, 3 for 9 */
    assert_true(s.load_p95 == 3);
    assert_int_equal(s.cpu_jobs, 1);
    assert_int_equal(s.class_n, 4);
    assert_true(fabs(s.zero_gaps - 1.0 / 3) < 1e-12);
    workload_stats_free(&s);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(load_at_infinite_capacity),
        cmocka_unit_test(arrivals_are_as_bursty_as_counted),
        cmocka_unit_test(a_trace_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
