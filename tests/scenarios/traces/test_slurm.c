/* SPDX-License-Identifier: Apache-2.0 */
/* What sacct prints, by the rules at the head of format_slurm.c. */
#include "tests/imported.h"

#include <string.h>

#define HEADER                                                                                     \
    "JobID|User|Account|Partition|Submit|Start|End|ElapsedRaw|TimelimitRaw|State|AllocTRES|"       \
    "ReqTRES|AllocCPUS|ReqMem|NNodes\n"

static void jobs_and_steps(void **state)
{
    static const char log[] = HEADER
        "101|ann|vision|gpu|2026-03-01T00:00:00|2026-03-01T00:10:00|2026-03-01T02:10:00|7200|240|"
        "COMPLETED|billing=64,cpu=64,gres/gpu:a100=8,gres/gpu=8,mem=512G,node=1|gres/gpu=8|64|512G|"
        "1\n"
        "101.batch||vision||2026-03-01T00:10:00|2026-03-01T00:10:00|2026-03-01T02:10:00|7200||"
        "COMPLETED|cpu=64||64||1\n"
        "101.extern||vision||2026-03-01T00:10:00|2026-03-01T00:10:00|2026-03-01T02:10:00|7200||"
        "COMPLETED|cpu=64||64||1\n"
        "102|bob|nlp|gpu|2026-03-01T00:05:00|Unknown|Unknown|0|UNLIMITED|PENDING||gres/"
        "gpu:h100=4|0|"
        "2Gc|2\n"
        "103_4|bob|nlp|gpu|2026-03-01T00:06:00|2026-03-01T01:00:00|2026-03-01T01:30:00|1800|60|"
        "CANCELLED by 1000|gres/gpu=2|gres/gpu=2|4|2Gc|1\n"
        "103_[5-9%2]|bob|nlp|gpu|2026-03-01T00:06:00|Unknown|Unknown|0|Partition_Limit|PENDING||"
        "gres/gpu=2|0|2Gc|1\n"
        "104|eve|nlp|gpu|2026-03-01T00:07:00|None|2026-03-01T00:08:00|0|60|CANCELLED by 7||"
        "gres/gpu=1|0|64Gn|2\n"
        "105|eve|nlp|gpu|2026-03-01T00:08:00|2026-03-01T00:09:00|Unknown|600|60|RUNNING|"
        "gres/gpu=1|gres/gpu=1|8|64Gn|2\n"
        "106|eve|nlp|gpu|2026-03-01T00:09:00|2026-03-01T00:09:00|2026-03-01T00:09:00|0|60|REVOKED||"
        "|0||"
        "1\n";
    struct workload w;
    (void)state;
    struct import_report r = import_text("slurm", log, NULL, &w);
    assert_int_equal(r.rows, 9);
    assert_int_equal(r.kept, 6);
    assert_int_equal(reason_count(&r, "job step (belongs to its job)"), 2);
    assert_int_equal(reason_count(&r, "revoked: a sibling ran on another cluster"), 1);
    assert_int_equal(reason_count(&r, "waiting tasks of an array: kept as one job"), 1);
    assert_int_equal(w.t0_unix_us, INT64_C(1772323200) * US_PER_S);
    size_t j = job_named(&w, "101");
    assert_int_equal(w.gpu_milli[j], 8000);
    assert_string_equal(types_of(&w, j), "a100");
    assert_string_equal(user_of(&w, j), "ann");
    assert_string_equal(tenant_of(&w, j), "vision");
    assert_string_equal(queue_of_job(&w, j), "gpu");
    assert_int_equal(w.run_us[j], 2 * US_PER_HOUR);
    assert_int_equal(w.limit_us[j], 4 * US_PER_HOUR);
    assert_int_equal(w.mem_mib[j], 512 * 1024);
    assert_int_equal(w.cpu_milli[j], 64000);
    assert_int_equal(w.start_us[j], 600 * (int64_t)US_PER_S);
    assert_int_equal(w.status[j], JOB_COMPLETED);
    j = job_named(&w, "102");
    assert_int_equal(w.status[j], JOB_NEVER_STARTED);
    assert_int_equal(w.limit_us[j], -1);
    assert_int_equal(w.gpu_milli[j], 4000); /* asked for, never got */
    assert_string_equal(types_of(&w, j), "h100");
    j = job_named(&w, "103_4");
    assert_int_equal(w.mem_mib[j], 8 * 1024); /* 2 GiB for each of 4 cores */
    assert_int_equal(w.status[j], JOB_CANCELLED);
    assert_int_equal(w.start_us[j], 3600 * (int64_t)US_PER_S);
    j = job_named(&w, "103_[5-9%2]");
    assert_int_equal(w.status[j], JOB_NEVER_STARTED);
    j = job_named(&w, "104");
    assert_int_equal(w.status[j], JOB_CANCELLED);
    assert_int_equal(w.start_us[j], -1);
    assert_int_equal(w.mem_mib[j], 128 * 1024); /* 64 GiB on each of two nodes */
    j = job_named(&w, "105");
    assert_int_equal(w.status[j], JOB_RUNNING_AT_END);
    assert_int_equal(w.run_us[j] / US_PER_S, 600);
    workload_free(&w);
}

/* sacct --duplicates: a row for each time that a job ran. */
static void requeued_jobs_ran_more_than_once(void **state)
{
    static const char log[] = HEADER
        "7|ann|a|gpu|2026-03-01T00:00:00|2026-03-01T00:10:00|2026-03-01T00:20:00|600|60|REQUEUED|"
        "gres/gpu=8|gres/gpu=8|8||1\n"
        "7|ann|a|gpu|2026-03-01T00:20:00|2026-03-01T00:30:00|2026-03-01T01:30:00|3600|60|COMPLETED|"
        "gres/gpu=8|gres/gpu=8|8||1\n"
        "8|ann|a|gpu|2026-03-01T00:00:00|2026-03-01T00:10:00|2026-03-01T00:20:00|600|60|RESIZING|"
        "gres/gpu=4|gres/gpu=8|8||1\n";
    struct workload w;
    (void)state;
    struct import_report r = import_text("slurm", log, NULL, &w);
    assert_int_equal(w.job_n, 3);
    assert_int_equal(w.status[0], JOB_PARTIAL);
    assert_int_equal(w.status[1], JOB_PARTIAL);
    assert_int_equal(w.status[2], JOB_COMPLETED);
    assert_int_equal(w.submit_us[2] / US_PER_S, 1200);
    assert_int_equal(reason_count(&r, "requeued: each run is a job of its own"), 1);
    workload_free(&w);
}

static void heterogeneous_jobs_are_one(void **state)
{
    static const char log[] = HEADER
        "12+0|ann|a|cpu|2026-03-01T00:00:00|2026-03-01T00:10:00|2026-03-01T01:10:00|3600|60|"
        "COMPLETED|cpu=4,mem=8G|cpu=4|4|8G|1\n"
        "12+0.batch||a||2026-03-01T00:10:00|2026-03-01T00:10:00|2026-03-01T01:10:00|3600||"
        "COMPLETED|cpu=4||4||1\n"
        "12+1|ann|a|gpu|2026-03-01T00:00:00|2026-03-01T00:10:00|2026-03-01T01:12:00|3720|60|"
        "COMPLETED|gres/gpu=16,gres/gpu:h100=16|gres/gpu=16|192|512G|2\n"
        "13+0|bob|b|gpu|2026-03-01T00:01:00|2026-03-01T00:10:00|2026-03-01T00:20:00|600|60|FAILED|"
        "gres/gpu:a100=2|gres/gpu=2|8|8G|1\n"
        "13+1|bob|b|gpu|2026-03-01T00:01:00|2026-03-01T00:10:00|2026-03-01T00:20:00|600|60|FAILED|"
        "gres/gpu:h100=4|gres/gpu=4|8|8G|1\n"
        "14|bob|b|gpu|2026-03-01T00:02:00|2026-03-01T00:10:00|2026-03-01T00:20:00|600|60|FAILED|"
        "gres/gpu:h100=4|gres/gpu=4|8|8G|1\n";
    struct workload w;
    (void)state;
    struct import_report r = import_text("slurm", log, NULL, &w);
    assert_int_equal(w.job_n, 3);
    assert_int_equal(reason_count(&r, "component of a heterogeneous job joined to the first"), 2);
    size_t j = job_named(&w, "12");
    assert_int_equal(w.gpu_milli[j], 16000);
    assert_int_equal(w.cpu_milli[j], 196000);
    assert_int_equal(w.mem_mib[j], 520 * 1024);
    assert_int_equal(w.nodes[j], 3);
    assert_int_equal(w.run_us[j] / US_PER_S, 3720);
    assert_string_equal(types_of(&w, j), "h100"); /* the component without GPUs has no say */
    assert_string_equal(user_of(&w, j), "ann");
    assert_string_equal(queue_of_job(&w, j), "cpu");
    j = job_named(&w, "13");
    assert_int_equal(w.gpu_milli[j], 6000);
    assert_string_equal(types_of(&w, j), ""); /* two models: not one of them alone */
    assert_string_equal(types_of(&w, job_named(&w, "14")), "h100");
    workload_free(&w);
}

static void gres_of_all_kinds(void **state)
{
    static const struct {
        const char *tres;
        int milli;
        const char *types;
    } cases[] = {
        { "gres/gpu:h100=8", 8000, "h100" },
        { "gres/gpu=8,gres/gpu:h100=8", 8000, "h100" },
        { "gres/gpu:a100=2,gres/gpu:h100=4", 6000, "a100|h100" },
        { "gres/gpu:1g.10gb=2", 286, "" }, /* two sevenths, each rounded up to a thousandth */
        { "gres/gpu=3,gres/gpu:a100=2,gres/gpu:a100_3g.40gb=1", 2429, "a100" },
        { "gres/gpu:7g.80gb=1", 1000, "" },
        { "gres/gpumem=80G,gres/gpuutil=90", 0, "" },
        { "gres/shard=4,gres/mps=50", 0, "" },
        { "gres/gpu=-3", 0, "" },
        { "gres/gpu=9223372036854775807,gres/gpu:x=9223372036854775807", 0, "" },
        { "gres/gpu=", 0, "" },
        { "gres/gpu", 0, "" },
        { ",,=,gres/gpu:=1", 1000, "" },
        { "cpu=4", 0, "" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char log[400];
        struct workload w;
        snprintf(log, sizeof log,
                 "JobID|Submit|Start|State|ElapsedRaw|AllocTRES\n1|2026-03-01T00:00:00|"
                 "2026-03-01T00:00:00|COMPLETED|60|%s\n",
                 cases[i].tres);
        struct import_report r = import_text("slurm", log, NULL, &w);
        if (w.gpu_milli[0] != cases[i].milli || strcmp(types_of(&w, 0), cases[i].types) != 0)
            fail_msg("%s: %d of '%s'", cases[i].tres, w.gpu_milli[0], types_of(&w, 0));
        assert_int_equal(reason_count(&r, "GPU shares (shards, MPS) are not counted as GPUs"),
                         strstr(cases[i].tres, "shard") != NULL);
        assert_int_equal(reason_count(&r, "MIG slices counted as sevenths of a GPU"),
                         strstr(cases[i].tres, "g.") != NULL);
        workload_free(&w);
    }
}

static void times_in_other_forms(void **state)
{
    static const char log[] =
        "JobIDRaw|Submit|Start|End|State|Elapsed|Timelimit|ReqTRES|\n"
        "1|1772323200|1772323260|1772326860|COMPLETED|1-02:03:04|2-00:00:00|gres/gpu=1|\n"
        "2|1772323200|1772323260|1772326860|COMPLETED||UNLIMITED|gres/gpu=1|\n"
        "3|1772323200|1772323260|Unknown|COMPLETED|||gres/gpu=1|\n"
        "4|Unknown|1772323260|Unknown|COMPLETED|02:00||gres/gpu=1|\n"
        "5.0|1772323200|1772323260|Unknown|COMPLETED|02:00||gres/gpu=1|\n";
    struct workload w;
    (void)state;
    struct import_report r = import_text("slurm", log, NULL, &w);
    assert_int_equal(w.job_n, 2);
    assert_int_equal(w.run_us[0] / US_PER_S, 93784);
    assert_int_equal(w.limit_us[0], 48 * US_PER_HOUR);
    assert_int_equal(w.run_us[1] / US_PER_S, 3600);
    assert_int_equal(w.limit_us[1], -1);
    assert_int_equal(w.start_us[1] / US_PER_S, 60);
    assert_int_equal(w.t0_unix_us, INT64_C(1772323200) * US_PER_S);
    assert_int_equal(reason_count(&r, "no ElapsedRaw, Elapsed or End"), 1);
    assert_int_equal(reason_count(&r, "Submit is missing or no time"), 1);
    assert_int_equal(reason_count(&r, "job step (belongs to its job)"), 1);
    workload_free(&w);
}

static void what_cannot_be_read_is_said(void **state)
{
    (void)state;
    assert_non_null(strstr(import_refusal("slurm", "JobID|Submit|State\n", NULL),
                           "neither AllocTRES nor ReqTRES"));
    assert_non_null(
        strstr(import_refusal("slurm", "Submit|State|ReqTRES\n", NULL), "there is no JobID"));
    assert_non_null(strstr(import_refusal("slurm", "JobID Submit State\n", NULL),
                           "columns are missing: 'Submit', 'State'"));
    /* Nothing left: the commonest reason. */
    assert_non_null(strstr(import_refusal("slurm",
                                          "JobID|Submit|State|ReqTRES\n1|x|COMPLETED|\n"
                                          "2|x|COMPLETED|\n3.0|x|COMPLETED|\n",
                                          NULL),
                           "no job is left of 3 rows; 2 were dropped: Submit is missing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_and_steps),
        cmocka_unit_test(requeued_jobs_ran_more_than_once),
        cmocka_unit_test(heterogeneous_jobs_are_one),
        cmocka_unit_test(gres_of_all_kinds),
        cmocka_unit_test(times_in_other_forms),
        cmocka_unit_test(what_cannot_be_read_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
