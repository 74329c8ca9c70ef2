/* SPDX-License-Identifier: Apache-2.0 */
/* The published samples of traces whose files are not public in full, and rows made up for what
 * their descriptions warn of. */
#include "tests/imported.h"

#include <string.h>

static void philly_json(void **state)
{
    struct workload w;
    (void)state;
    struct import_report r = import_path(
        "philly", shared_or_skip("data/fixtures/philly_cluster_job_log.json"), NULL, &w);
    assert_int_equal(r.rows, 5);
    assert_int_equal(r.kept, 4);
    assert_int_equal(reason_count(&r, "no submitted_time"), 1);
    assert_int_equal(reason_count(&r, "attempt without start or end passed over"), 1);
    assert_int_equal(reason_count(&r, "still running: counted to the end of the log"), 1);
    size_t j = job_named(&w, "application_1506638472019_14199");
    assert_int_equal(w.run_us[j] / US_PER_S, 193256); /* two attempts: 74 + 193,182 */
    assert_int_equal(w.gpu_milli[j], 8000);
    assert_int_equal((w.start_us[j] - w.submit_us[j]) / US_PER_S, 30);
    assert_int_equal(w.status[j], JOB_COMPLETED);
    assert_string_equal(tenant_of(&w, j), "ee9e8c");
    assert_string_equal(user_of(&w, j), "ce2f4c");
    j = job_named(&w, "made_up_1"); /* no attempt */
    assert_int_equal(w.status[j], JOB_NEVER_STARTED);
    assert_int_equal(w.gpu_milli[j], 0);
    j = job_named(&w, "made_up_2"); /* its attempt has no start */
    assert_int_equal(w.status[j], JOB_FAILED);
    assert_int_equal(w.run_us[j], 0);
    assert_int_equal(w.gpu_milli[j], 1000);
    j = job_named(&w, "made_up_3"); /* two hosts; the second attempt had not ended */
    assert_int_equal(w.status[j], JOB_RUNNING_AT_END);
    assert_int_equal(w.gpu_milli[j], 4000);
    /* The log's last moment is the end of the job above, 2017-10-09 06:53:12. */
    int64_t last_s = (2 * 24 * 60 + 2 * 60 + 47) * 60 + 12; /* after 2017-10-07 04:06:00 */
    assert_int_equal(w.run_us[j] / US_PER_S, 300 + last_s);
    workload_free(&w);
}

static void philly_json_that_is_odd(void **state)
{
    static const char log[] =
        "\xef\xbb\xbf [{\"jobid\":\"a\\nb\",\"vc\":1,\"status\":\"Pass\",\"submitted_time\":"
        "\"2017-10-07 01:00:00\",\"attempts\":[{\"start_time\":\"2017-10-07 02:00:00\","
        "\"end_time\":\"2017-10-07 01:30:00\",\"detail\":[{\"gpus\":[]}]},{\"start_time\":"
        "\"2017-10-07 03:00:00\",\"end_time\":\"2017-10-07 03:10:00\",\"detail\":[{\"gpus\":"
        "[\"gpu0\"]},{}]}]},7,{}]";
    struct workload w;
    (void)state;
    struct import_report r = import_text("philly", log, NULL, &w);
    assert_int_equal(r.rows, 3);
    assert_int_equal(w.job_n, 1);
    assert_int_equal(w.run_us[0] / US_PER_S, 600);
    assert_int_equal(w.gpu_milli[0], 1000); /* the first attempt that has any */
    assert_int_equal(reason_count(&r, "attempt that ends before it starts passed over"), 1);
    assert_int_equal(reason_count(&r, "no submitted_time"), 2);
    /* A line end in a name would be two lines of the trace. */
    assert_int_equal(reason_count(&r, "control characters in a name made blanks"), 1);
    assert_int_equal(job_named(&w, "a b"), 0);
    workload_free(&w);
    assert_non_null(strstr(import_refusal("philly", "[{", NULL), "import.txt:1:2: "));
}

static void helios(void **state)
{
    static const char odd[] =
        "job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,"
        "queue\n"
        "1,u,v,0,4,1,TIMEOUT,2020-06-09 18:41:01,2020-06-09 18:41:05,,100,4\n"
        "2,u,v,8,64,1,NODE_FAIL,2020-06-09 18:41:02,nan,nan,-5,0\n"
        "3,u,v,8,64,1,COMPLETED,,,,10,0\n";
    struct import_options o;
    struct workload w;
    (void)state;
    import_path("helios", shared_or_skip("data/fixtures/helios_cluster_log.csv"), NULL, &w);
    assert_int_equal(w.job_n, 3);
    assert_int_equal(w.run_us[0] / US_PER_S, 36848);
    assert_int_equal(w.gpu_milli[1], 4000);
    assert_int_equal(w.cpu_milli[1], 16000);
    assert_int_equal(w.nodes[1], 1);
    assert_int_equal(w.status[1], JOB_FAILED);
    assert_int_equal(w.status[2], JOB_CANCELLED);
    assert_string_equal(tenant_of(&w, 1), "vchbv");
    assert_string_equal(user_of(&w, 1), "uVMrF");
    assert_int_equal(w.t0_unix_us, INT64_C(1591728061) * US_PER_S);
    workload_free(&w);
    import_options_init(&o);
    o.tz_us = 8 * US_PER_HOUR; /* its wall clocks are of +08:00 */
    struct import_report r = import_text("helios", odd, &o, &w);
    assert_int_equal(w.job_n, 1);
    assert_int_equal(w.t0_unix_us, (INT64_C(1591728061) - 8 * 3600) * US_PER_S);
    assert_int_equal(w.start_us[0], 4 * (int64_t)US_PER_S);
    assert_int_equal(w.status[0], JOB_FAILED);
    assert_int_equal(reason_count(&r, "no GPU asked for: kept as a CPU job"), 1);
    assert_int_equal(reason_count(&r, "negative run time"), 1);
    assert_int_equal(reason_count(&r, "submit_time is missing or no time"), 1);
    workload_free(&w);
    o.keep_bad_duration = true;
    r = import_text("helios", odd, &o, &w);
    assert_int_equal(reason_count(&r, "negative run time set to 0"), 1);
    assert_int_equal(w.job_n, 2);
    workload_free(&w);
}

static void acme(void **state)
{
    struct workload w;
    (void)state;
    import_path("acme", shared_or_skip("data/fixtures/acme_trace_kalos.csv"), NULL, &w);
    assert_int_equal(w.run_us[0] / US_PER_S, 8);
    assert_int_equal(w.run_us[1] / US_PER_S,
                     70); /* its duration says 82: 12 s of queue are in it */
    assert_int_equal(w.gpu_milli[1], 64000);
    assert_int_equal(w.mem_mib[1], 8 * 1000 * 1024);
    assert_int_equal(w.nodes[1], 8);
    assert_int_equal(w.status[1], JOB_CANCELLED);
    assert_string_equal(w.classes.text[w.class_[1]], "Other");
    assert_int_equal(w.t0_unix_us, INT64_C(1684321258) * US_PER_S);
    workload_free(&w);
    import_path("acme", shared_or_skip("data/fixtures/acme_trace_seren.csv"), NULL, &w);
    assert_int_equal(w.run_us[0] / US_PER_S, 117);
    assert_int_equal(w.run_us[1] / US_PER_S, 2693);
    assert_int_equal(w.t0_unix_us, INT64_C(1677601102) * US_PER_S); /* 00:18:22+08:00 */
    workload_free(&w);
    struct import_report r = import_text(
        "acme",
        "job_id,user,node_num,gpu_num,cpu_num,type,state,submit_time,start_time,end_time,duration\n"
        "a,u,1,8,128,Other,RUNNING,2023-03-01 00:00:00+08:00,2023-03-01 00:01:00+08:00,,600\n"
        "b,u,1,0,16,Other,CANCELLED,2023-03-01 00:00:00+08:00,,,0\n",
        NULL, &w);
    assert_int_equal(w.status[0], JOB_RUNNING_AT_END);
    assert_int_equal(w.run_us[0] / US_PER_S, 600);
    assert_int_equal(w.status[1], JOB_NEVER_STARTED);
    assert_int_equal(reason_count(&r, "no end_time: its duration so far is taken"), 1);
    workload_free(&w);
}

static void openb_rows(void **state)
{
    static const char list[] =
        "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,"
        "deletion_time,scheduled_time\n"
        "a,1000,1024,1,250,B|A|B,LS,Running,5,20,10\n"
        "b,1000,1024,1,250,A|B,BE,Succeeded,5,20,10\n"
        "c,1000,1024,4,1000,A|A-2,Guaranteed,Failed,6,6,6\n"
        "d,1000,1024,1,1000,A-2|A,Burstable,Pending,7,20,\n"
        "e,1000,1024,9223372036854775807,1000,,LS,Running,5,20,10\n"
        "f,1000,1024,-9000000000000000000,1000,,LS,Running,5,20,10\n"
        "g,1000,1024,1,-4294966296,,LS,Running,5,20,10\n"
        "h,1000,1024,1,1000,,LS,Running,5,9e18,10\n";
    struct workload w;
    (void)state;
    struct import_report r = import_text("openb", list, NULL, &w);
    assert_int_equal(w.job_n, 4);
    assert_int_equal(w.gpu_milli[0], 250);
    assert_int_equal(w.gpu_milli[2], 4000);
    assert_string_equal(types_of(&w, 0), "A|B"); /* a set: order and repeats do not matter */
    assert_int_equal(w.gpu_type[0], w.gpu_type[1]);
    assert_string_equal(types_of(&w, 2), "A|A-2");
    assert_int_equal(w.gpu_type[2], w.gpu_type[3]);
    assert_int_equal(w.start_us[0], 5 * (int64_t)US_PER_S);
    assert_int_equal(w.run_us[0], 10 * (int64_t)US_PER_S);
    assert_int_equal(reason_count(&r, "zero run time kept as an instant"), 2);
    assert_int_equal(reason_count(&r, "more than a million GPUs"), 1);
    assert_int_equal(reason_count(&r, "negative GPU count"), 2);
    assert_int_equal(reason_count(&r, "deletion_time is not a number"), 1);
    workload_free(&w);
    assert_non_null(strstr(
        import_refusal("openb", "name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1,1,1,1\n", NULL),
        "--static"));
}

/* 16 distinct texts; two of them name the same set once repeats are gone. */
static void openb_type_sets(void **state)
{
    struct workload w;
    (void)state;
    import_path("openb", shared_or_skip("data/kubernetes/openb/openb_pod_list_gpuspec33.csv.gz"),
                NULL, &w);
    assert_int_equal(w.gpu_types.n - 1, 15);
    workload_free(&w);
}

static void swf_lines(void **state)
{
    static const char log[] = "; UnixStartTime: 1000000\n"
                              "; a comment; with another\n"
                              "\t1  0  5 100.5 4 -1 2048 8 3600 4096 1 7 2 -1 3 9 -1 -1\n"
                              "2 10 -1 0 -1 -1 -1 6 -1 -1 0 -1 -1 -1 -1 9 -1 -1\n"
                              "3 20 -1 -1 4 -1 -1 4 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1\n"
                              "4 30 1 500 2 -1 -1 2 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n"
                              "4 30 1 200 2 -1 -1 2 -1 -1 2 -1 -1 -1 -1 -1 -1 -1\n"
                              "4 -1 1 300 2 -1 -1 2 -1 -1 3 -1 -1 -1 -1 -1 -1 -1\n"
                              "5 40 1 300 2 -1 -1 2 -1 -1 4 -1 -1 -1 -1 -1 -1 -1\n"
                              "6 50 1 300 0 -1 -1 -1 -1 -1 5 -1 -1 -1 -1 -1 -1 -1\n"
                              "; UnixStartTime: 5\n"
                              "7 60 1 300 1 -1 -1 -1 -1 -1 5 -1 -1 -1 -1 -1 -1 -1 19 20 21\n"
                              "8 70 1 300 1 -1 -1 -1 -1 -1 5 -1 -1 -1 -1 -1 -1\n"
                              "9 70 1 300 1 -1 -1 -1 -1 -1 5 -1 -1 -1 -1 -1 -1 x\n"
                              "10 1e12 1 1e14 1 -1 -1 -1 -1 -1 5 -1 -1 -1 -1 -1 -1 -1\n";
    struct import_options o;
    struct workload w;
    (void)state;
    struct import_report r = import_text("swf", log, NULL, &w);
    assert_int_equal(r.rows, 12);
    assert_int_equal(w.job_n, 5);
    assert_int_equal(w.t0_unix_us, INT64_C(1000000) * US_PER_S);
    assert_int_equal(w.run_us[0], 100500000);
    assert_int_equal(w.start_us[0], 5000000);
    assert_int_equal(w.limit_us[0], US_PER_HOUR);
    assert_int_equal(w.gpu_milli[0], 4000);
    assert_int_equal(w.mem_mib[0], 8); /* 2,048 KB a processor, four of them */
    assert_string_equal(user_of(&w, 0), "u7");
    assert_string_equal(tenant_of(&w, 0), "g2");
    assert_string_equal(queue_of_job(&w, 0), "q3");
    assert_string_equal(queue_of_job(&w, 1), "p9"); /* no queue: its partition */
    assert_int_equal(w.gpu_milli[1], 6000);         /* none used: those asked for */
    assert_int_equal(w.status[1], JOB_FAILED);
    assert_int_equal(w.run_us[2] / US_PER_S, 500);
    assert_int_equal(w.status[3], JOB_PARTIAL); /* a burst whose whole is not there */
    assert_int_equal(w.status[4], JOB_CANCELLED);
    assert_int_equal(reason_count(&r, "burst of a job that stands before it as a whole"), 2);
    assert_int_equal(reason_count(&r, "run time unknown (-1)"), 1);
    assert_int_equal(reason_count(&r, "no processors, neither used nor requested"), 1);
    assert_int_equal(reason_count(&r, "fewer than 18 fields"), 1);
    assert_int_equal(reason_count(&r, "a field is not a number"), 2);
    workload_free(&w);
    import_options_init(&o);
    o.requested_procs = true;
    o.procs_per_gpu = 3;
    import_text("swf", log, &o, &w);
    assert_int_equal(w.gpu_milli[0], 3000); /* eight processors, three a GPU */
    assert_int_equal(w.mem_mib[0], 32);     /* 4,096 KB asked for each of eight */
    workload_free(&w);
}

/* Logs without a header whose times are of the Unix epoch. */
static void swf_of_the_epoch(void **state)
{
    struct workload w;
    (void)state;
    import_text("swf", "1 1027839845 -1 60 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n", NULL, &w);
    assert_int_equal(w.t0_unix_us, INT64_C(1027839845) * US_PER_S);
    workload_free(&w);
}

static void gpu_types_may_be_forgotten(void **state)
{
    static const char rows[] = "submit_s,run_s,gpus,gpu_type\n0,10,1,A100\n1,10,1,\n2,10,8,T4|L4\n";
    struct workload w;
    struct import_options o;
    (void)state;
    write_text(scratch_path("types.csv"), rows);
    import_options_init(&o);
    o.any_gpu = true;
    struct import_report r = import_path("csv", scratch_path("types.csv"), &o, &w);
    assert_int_equal(reason_count(&r, "GPU type forgotten (--any-gpu)"), 2);
    for (size_t j = 0; j < w.job_n; j++) assert_int_equal(w.gpu_type[j], 0);
    workload_free(&w);
}

/* What the canonical trace says became of a job, import --from csv reads again. */
static void every_status_is_read_back(void **state)
{
    char rows[600] = "submit_s,run_s,gpus,status\n";
    struct workload w;
    (void)state;
    for (int s = 0; s < JOB_STATUS_N; s++)
        sprintf(rows + strlen(rows), "%d,10,1,%s\n", s, job_status_name((enum job_status)s));
    write_text(scratch_path("statuses.csv"), rows);
    import_path("csv", scratch_path("statuses.csv"), NULL, &w);
    assert_int_equal(w.job_n, JOB_STATUS_N);
    for (int s = 0; s < JOB_STATUS_N; s++) assert_int_equal(w.status[s], s);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philly_json),
        cmocka_unit_test(philly_json_that_is_odd),
        cmocka_unit_test(helios),
        cmocka_unit_test(acme),
        cmocka_unit_test(openb_rows),
        cmocka_unit_test(openb_type_sets),
        cmocka_unit_test(swf_lines),
        cmocka_unit_test(swf_of_the_epoch),
        cmocka_unit_test(gpu_types_may_be_forgotten),
        cmocka_unit_test(every_status_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
