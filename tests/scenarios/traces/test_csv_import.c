/* SPDX-License-Identifier: Apache-2.0 */
/* Any CSV by a map: times of every kind, ends in place of durations, several files. */
#include "tests/imported.h"

#include <string.h>

static struct import_options maps(const char *const *pairs)
{
    struct import_options o;
    import_options_init(&o);
    for (; pairs[0]; pairs += 2) o.map[o.map_n++] = (struct import_map){ pairs[0], pairs[1] };
    return o;
}

/* What most people's log looks like. */
static void wall_clocks_with_ends(void **state)
{
    static const char *const pairs[] = { "Submitted", "submit_s", "Started", "start_s", "Finished",
                                         "end_s",     "GPUs",     "gpus",    "Team",    "tenant",
                                         "Limit",     "limit_s",  NULL };
    static const char log[] =
        "Name, Submitted ,Started,Finished,GPUs,Team,Limit\r\n"
        "a,2026-01-02 03:04:05,2026-01-02 03:05:05,2026-01-02 04:05:05.5,8,vision,1-00:00:00\r\n"
        "b,2026-01-02T03:04:05+01:00,2026-01-02 03:05,2026-01-02 03:06 UTC,1,nlp,600\r\n"
        "c,2026-01-02 03:10:00,,2026-01-02 03:20:00,1,nlp,soon\r\n"
        "d,2026-01-02 03:10:00,2026-01-02 03:15:00,,1,nlp,\r\n"
        "e,2026-01-02 03:10:00,2026-01-02 03:15:00,2026-01-02 03:14:00,1,nlp,\r\n"
        "f,2026-01-02 03:10:00,2026-01-02 03:15:00,later,1,nlp,\r\n"
        "g,2026-02-30 03:10:00,2026-01-02 03:15:00,2026-01-02 03:16:00,1,nlp,\r\n"
        "h,1767323000,2026-01-02 03:15:00,2026-01-02 03:16:00,1,nlp,\r\n"
        "i,,2026-01-02 03:15:00,2026-01-02 03:16:00,1,nlp,\r\n";
    struct import_options o = maps(pairs);
    struct workload w;
    (void)state;
    struct import_report r = import_text("csv", log, &o, &w);
    assert_int_equal(r.rows, 9);
    assert_int_equal(w.job_n, 4);
    assert_int_equal(w.t0_unix_us, INT64_C(1767319445) * US_PER_S); /* b: 02:04:05 UTC */
    assert_int_equal(w.run_us[0] / US_PER_S, 60);
    assert_int_equal(w.start_us[0] / US_PER_S, 3655);
    assert_int_equal(w.limit_us[0] / US_PER_S, 600);
    assert_int_equal(w.submit_us[1] / US_PER_S, 3600);
    assert_int_equal(w.run_us[1], INT64_C(3600500000));
    assert_int_equal(w.start_us[1] / US_PER_S, 3660);
    assert_int_equal(w.limit_us[1], 24 * US_PER_HOUR);
    assert_string_equal(tenant_of(&w, 1), "vision");
    assert_int_equal(w.status[2], JOB_NEVER_STARTED);
    assert_int_equal(w.start_us[2], -1);
    assert_int_equal(w.status[3], JOB_RUNNING_AT_END);
    assert_int_equal(w.run_us[3], 0);
    assert_int_equal(reason_count(&r, "limit_s is no duration: left out"), 1);
    assert_int_equal(reason_count(&r, "no start_s: kept as never started"), 1);
    assert_int_equal(reason_count(&r, "no end_s: kept with a run time of 0"), 1);
    assert_int_equal(reason_count(&r, "negative run time"), 1);
    assert_int_equal(reason_count(&r, "end_s is no time"), 1);
    assert_int_equal(reason_count(&r, "submit_s is no time"), 2);
    assert_int_equal(reason_count(&r, "submit_s is missing"), 1);
    workload_free(&w);
    o.tz_us = -5 * US_PER_HOUR;
    import_text("csv", log, &o, &w);
    /* b has a zone of its own, and ends before it starts now. */
    assert_int_equal(w.job_n, 3);
    assert_int_equal(w.t0_unix_us, (INT64_C(1767319445) + 6 * 3600) * US_PER_S);
    workload_free(&w);
}

/* Large numbers are of the Unix epoch, in whatever unit. */
static void seconds_of_the_epoch(void **state)
{
    struct import_options o;
    struct workload w;
    (void)state;
    import_text("csv", "submit_s,run_s,gpus\n1767323000,60,1\n1767322990.25,60,1\n", NULL, &w);
    assert_int_equal(w.t0_unix_us, INT64_C(1767322990250000));
    assert_int_equal(w.submit_us[1], 9750000);
    workload_free(&w);
    import_options_init(&o);
    o.time_unit_us = 1000;
    import_text("csv", "submit_s,start_s,end_s,gpus\n1767323000123,1767323000125,1767323001125,1\n",
                &o, &w);
    assert_int_equal(w.t0_unix_us, INT64_C(1767323000123000));
    assert_int_equal(w.start_us[0], 2000);
    assert_int_equal(w.run_us[0], US_PER_S);
    workload_free(&w);
    import_text("csv", "submit_s,run_s,gpus\n999999999,60,1\n", NULL, &w);
    assert_int_equal(w.t0_unix_us, INT64_MIN);
    workload_free(&w);
}

static void a_run_time_goes_before_an_end(void **state)
{
    struct workload w;
    (void)state;
    import_text("csv", "submit_s,start_s,end_s,run_s,gpus\n0,5,20,3,1\n0,5,20,,1\n0,5,20,1:00,1\n",
                NULL, &w);
    assert_int_equal(w.run_us[0] / US_PER_S, 3);
    assert_int_equal(w.run_us[1] / US_PER_S, 15);
    assert_int_equal(w.run_us[2] / US_PER_S, 60);
    workload_free(&w);
}

/* Files that know their wall clock are laid side by side on it. */
static void files_side_by_side(void **state)
{
    static const char *const clocked[] = {
        "# t0_unix_s=1000\nsubmit_s,run_s,gpus,start_s\n0,1,1,5\n",
        "# t0_unix_s=900\nsubmit_s,run_s,gpus,start_s\n10,1,2,12\n", NULL
    };
    static const char *const mixed[] = { "submit_s,run_s,gpus\n0,1,1\n",
                                         "submit_s,run_s,gpus\n2026-01-01 00:00:00,1,1\n" };
    static const char *const swf[] = {
        "; UnixStartTime: 2000\n1 0 1 5 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 "
        "-1 -1 -1\n",
        "; UnixStartTime: 2100\n2 0 1 5 2 -1 -1 1 -1 -1 1 -1 -1 -1 -1 "
        "-1 -1 -1\n",
        NULL
    };
    const char *paths[] = { scratch_path("a.csv"), scratch_path("b.csv") };
    struct import_options o;
    struct import_report r;
    struct workload w;
    struct error err;
    (void)state;
    import_texts("csv", clocked, NULL, &w);
    assert_int_equal(w.t0_unix_us, INT64_C(910) * US_PER_S);
    assert_int_equal(w.gpu_milli[0], 2000);
    assert_int_equal(w.submit_us[1] / US_PER_S, 90);
    assert_int_equal(w.start_us[0] / US_PER_S, 2);
    assert_int_equal(w.start_us[1] / US_PER_S, 95);
    workload_free(&w);
    import_texts("swf", swf, NULL, &w);
    assert_int_equal(w.submit_us[1] / US_PER_S, 100);
    assert_int_equal(w.start_us[1] / US_PER_S, 101);
    workload_free(&w);
    write_text(paths[0], mixed[0]);
    write_text(paths[1], mixed[1]);
    import_options_init(&o);
    assert_int_equal(import_files(trace_format_find("csv"), &o, paths, 2, INT64_MIN, &w, &r, &err),
                     STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "they have no common second 0"));
}

static void columns_that_are_not_there(void **state)
{
    static const char *const typo[] = { "durtion", "run_s", "Owner", "user", NULL };
    struct import_options o = maps(typo);
    (void)state;
    assert_non_null(strstr(import_refusal("csv", "submit_s,duration,gpus\n0,1,1\n", &o),
                           "columns are missing: 'durtion', 'Owner'"));
    assert_non_null(strstr(import_refusal("csv", "submit_s,duration,gpus\n0,1,1\n", NULL),
                           "columns are missing: 'run_s' (or 'start_s' and 'end_s' in its place)"));
    assert_non_null(strstr(import_refusal("csv", "submit_s,end_s,gpus\n0,1,1\n", NULL), "'run_s'"));
}

/* What a job asks for lies between its fewest and its most GPUs, or they are left out. */
static void sizes(void **state)
{
    static const char log[] = "submit_s,run_s,gpus,least,max_gpus\n"
                              "0,1,4,1,8\n"
                              "0,1,4,5,3\n"
                              "0,1,4,,\n"
                              "0,1,0.5,1,1\n"
                              "0,1,4,-1,1e7\n"
                              "0,1,4,few,8\n";
    static const int expected[][2] = { { 1, 8 }, { 0, 0 }, { 0, 0 }, { 1, 1 }, { 0, 0 } };
    struct import_options o;
    struct workload w;
    (void)state;
    import_options_init(&o);
    o.map[o.map_n++] = (struct import_map){ "least", "min_gpus" };
    struct import_report r = import_text("csv", log, &o, &w);
    assert_int_equal(w.job_n, 5);
    for (size_t j = 0; j < w.job_n; j++) {
        assert_int_equal(w.min_gpus[j], expected[j][0]);
        assert_int_equal(w.max_gpus[j], expected[j][1]);
    }
    assert_int_equal(reason_count(&r, "min_gpus beyond gpus left out"), 2);
    assert_int_equal(reason_count(&r, "max_gpus below gpus left out"), 2);
    assert_int_equal(reason_count(&r, "min_gpus is not a number"), 1);
    workload_free(&w);
}

static void numbers_out_of_range(void **state)
{
    static const char log[] =
        "submit_s,run_s,gpus,limit_s,start_s,deadline_s,nodes,priority,cpus,mem_mib\n"
        "0,1,1,-7,9e10,9e10,-3,9e15,,\n"
        "0,1,1,,-5,-9e10,2000000,-9e15,,\n"
        "0,1,-1,,,,,,,\n"
        "0,1,1e7,,,,,,,\n"
        "0,1,1,,,,,,-1,\n"
        "0,1,1,,,,,,,-1\n"
        "0,1,1,,,,,,1e300,\n"
        "0,4e9,1,,,,,,,\n"
        "9e10,1,1,,,,,,,\n"
        "-1e400,1,1,,,,,,,\n"
        "0,nan,1,,,,,,,\n"
        "0,1,1,,,,,,9e12,\n"
        "0,1,1,,,,,,,9e12\n";
    struct workload w;
    (void)state;
    struct import_report r = import_text("csv", log, NULL, &w);
    assert_int_equal(w.job_n, 2);
    assert_int_equal(w.limit_us[0], -1);
    assert_int_equal(w.start_us[0], -1);
    assert_int_equal(w.start_us[1], -1);
    assert_int_equal(w.deadline_us[0], -1);
    assert_int_equal(w.priority[0], INT32_MAX);
    assert_int_equal(w.priority[1], -INT32_MAX);
    assert_int_equal(w.nodes[0] + w.nodes[1], 0);
    assert_int_equal(reason_count(&r, "time limit out of range left out"), 1);
    assert_int_equal(reason_count(&r, "start_s is no time: left out"), 1);
    assert_int_equal(reason_count(&r, "recorded start before submission left out"), 1);
    assert_int_equal(reason_count(&r, "deadline_s is no time: left out"), 2);
    assert_int_equal(reason_count(&r, "node count out of range left out"), 2);
    assert_int_equal(reason_count(&r, "priority beyond 32 bits cut to them"), 2);
    assert_int_equal(reason_count(&r, "negative GPU count"), 1);
    assert_int_equal(reason_count(&r, "more than a million GPUs"), 1);
    assert_int_equal(reason_count(&r, "negative cores or memory"), 2);
    assert_int_equal(reason_count(&r, "cpus is not a number"), 1);
    assert_int_equal(reason_count(&r, "run time beyond 100 years"), 1);
    assert_int_equal(reason_count(&r, "submit_s is no time"), 2);
    assert_int_equal(reason_count(&r, "run_s is missing"), 1);
    assert_int_equal(reason_count(&r, "core count out of range"), 1);
    assert_int_equal(reason_count(&r, "memory out of range"), 1);
    workload_free(&w);
}

/* What the canonical trace says of a job is read back by import as well. */
static void canonical_statuses(void **state)
{
    struct workload w;
    (void)state;
    import_text("csv",
                "submit_s,run_s,gpus,status\n0,1,1,unknown\n1,1,1,completed\n2,1,1,failed\n"
                "3,1,1,cancelled\n4,1,1,never_started\n5,1,1,running_at_end\n6,1,1,partial\n",
                NULL, &w);
    for (size_t j = 0; j < JOB_STATUS_N; j++) assert_int_equal(w.status[j], j);
    workload_free(&w);
}

static void gpu_types_are_sets(void **state)
{
    char log[1000] = "submit_s,run_s,gpus,gpu_type\n0,1,1, H100 |A100||H100\n0,1,1,";
    struct workload w;
    (void)state;
    for (int i = 0; i < 40; i++) sprintf(log + strlen(log), "%sT%d", i ? "|" : "", i);
    strcat(log, "\n0,1,1,NULL\n");
    struct import_report r = import_text("csv", log, NULL, &w);
    assert_string_equal(types_of(&w, 0), "A100|H100");
    assert_string_equal(types_of(&w, 1), "");
    assert_string_equal(types_of(&w, 2), "");
    assert_int_equal(reason_count(&r, "too many GPU types: taken as any"), 1);
    workload_free(&w);
}

/* What is kept by default, each left out by its own flag. */
static void policies(void **state)
{
    static const char log[] = "submit_s,run_s,gpus,status\n0,1,0,completed\n1,0,1,pending\n"
                              "2,5,1,running\n3,-1,1,failed\n4,1,1,completed\n";
    struct import_options o;
    struct workload w;
    (void)state;
    for (int flag = 0; flag < 5; flag++) {
        static const size_t kept[] = { 4, 3, 3, 3, 5 };
        import_options_init(&o);
        o.drop_zero_gpu = flag == 1;
        o.drop_never_started = flag == 2;
        o.drop_unfinished = flag == 3;
        o.keep_bad_duration = flag == 4;
        struct import_report r = import_text("csv", log, &o, &w);
        assert_int_equal(w.job_n, kept[flag]);
        assert_int_equal(reason_count(&r, "no GPU (--drop-cpu)"), flag == 1);
        assert_int_equal(reason_count(&r, "never started (--drop-never-started)"), flag == 2);
        assert_int_equal(reason_count(&r, "running at the end (--drop-running)"), flag == 3);
        assert_int_equal(reason_count(&r, "negative run time set to 0"), flag == 4);
        workload_free(&w);
    }
}

/* --t0: second 0 before the first job; after it there is none. */
static void a_given_origin(void **state)
{
    struct import_options o;
    struct import_report r;
    struct workload w;
    struct error err;
    const char *path = scratch_path("t0.csv");
    (void)state;
    import_options_init(&o);
    write_text(path, "submit_s,run_s,gpus,start_s\n1767323000,60,1,1767323010\n");
    assert_int_equal(import_files(trace_format_find("csv"), &o, &path, 1,
                                  INT64_C(1767322000) * US_PER_S, &w, &r, &err),
                     STATUS_OK);
    assert_int_equal(w.submit_us[0] / US_PER_S, 1000);
    assert_int_equal(w.start_us[0] / US_PER_S, 1010);
    assert_int_equal(w.t0_unix_us, INT64_C(1767322000) * US_PER_S);
    workload_free(&w);
    assert_int_equal(import_files(trace_format_find("csv"), &o, &path, 1,
                                  INT64_C(1767323001) * US_PER_S, &w, &r, &err),
                     STATUS_BAD_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wall_clocks_with_ends),
        cmocka_unit_test(seconds_of_the_epoch),
        cmocka_unit_test(a_run_time_goes_before_an_end),
        cmocka_unit_test(files_side_by_side),
        cmocka_unit_test(columns_that_are_not_there),
        cmocka_unit_test(sizes),
        cmocka_unit_test(numbers_out_of_range),
        cmocka_unit_test(canonical_statuses),
        cmocka_unit_test(gpu_types_are_sets),
        cmocka_unit_test(policies),
        cmocka_unit_test(a_given_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
