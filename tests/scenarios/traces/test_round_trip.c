/* SPDX-License-Identifier: Apache-2.0 */
/* What trace_write writes, trace_read reads back to the same workload. */
#include "tests/imported.h"

#include <string.h>

#include "scenarios/diagnostics.h"

static void same_jobs(const struct workload *a, const struct workload *b)
{
    assert_int_equal(a->job_n, b->job_n);
    assert_int_equal(a->t0_unix_us, b->t0_unix_us);
    for (size_t j = 0; j < a->job_n; j++) {
        char x[200], y[200];
        assert_int_equal(a->submit_us[j], b->submit_us[j]);
        assert_int_equal(a->run_us[j], b->run_us[j]);
        assert_int_equal(a->start_us[j], b->start_us[j]);
        assert_int_equal(a->limit_us[j], b->limit_us[j]);
        assert_int_equal(a->deadline_us[j], b->deadline_us[j]);
        assert_int_equal(a->gpu_milli[j], b->gpu_milli[j]);
        assert_int_equal(a->cpu_milli[j], b->cpu_milli[j]);
        assert_int_equal(a->mem_mib[j], b->mem_mib[j]);
        assert_int_equal(a->nodes[j], b->nodes[j]);
        assert_int_equal(a->priority[j], b->priority[j]);
        assert_int_equal(a->min_gpus[j], b->min_gpus[j]);
        assert_int_equal(a->max_gpus[j], b->max_gpus[j]);
        assert_int_equal(a->status[j], b->status[j]);
        assert_string_equal(types_of(a, j), types_of(b, j));
        assert_string_equal(tenant_of(a, j), tenant_of(b, j));
        assert_string_equal(user_of(a, j), user_of(b, j));
        assert_string_equal(queue_of_job(a, j), queue_of_job(b, j));
        assert_string_equal(a->classes.text[a->class_[j]], b->classes.text[b->class_[j]]);
        assert_string_equal(a->selectors.text[a->selector[j]], b->selectors.text[b->selector[j]]);
        assert_string_equal(a->tolerations.text[a->toleration[j]],
                            b->tolerations.text[b->toleration[j]]);
        assert_string_equal(workload_job_id(a, j, x, sizeof x), workload_job_id(b, j, y, sizeof y));
    }
}

static void check_round_trip(const struct workload *w, const char *name)
{
    struct workload again;
    struct diagnostics d;
    struct error err;
    assert_int_equal(trace_write(w, scratch_path(name), &err), STATUS_OK);
    diagnostics_init(&d);
    if (trace_read(scratch_path(name), &again, &d, &err) != STATUS_OK) {
        diagnostics_print(&d, stdout, 0, NULL);
        fail_msg("%s", err.message);
    }
    assert_int_equal(d.n, 0);
    same_jobs(w, &again);
    diagnostics_free(&d);
    workload_free(&again);
}

static void a_public_trace(void **state)
{
    struct workload w;
    (void)state;
    import_path("openb", shared_or_skip("data/kubernetes/openb/openb_pod_list_gpuspec33.csv.gz"),
                NULL, &w);
    check_round_trip(&w, "openb.csv.gz");
    workload_free(&w);
}

/* Every column, the largest values, and names that CSV trips over. */
static void every_column(void **state)
{
    static const char *const names[] = { "plain", "a,b", "\"",       "a\"b\"",    "=1+1",
                                         "#x",    " x ", "\xc3\xa9", "tab\there", "end\r",
                                         "a\rb",  "''",  "\xff",     "-" };
    static const char *const selectors[] = { "", "a=b,c in (d,e)||!f", "x" };
    static const char *const tolerations[] = { "", "*", "a=b:NoSchedule, c" };
    struct workload w;
    struct error err;
    (void)state;
    assert_int_equal(workload_init(&w, &err), STATUS_OK);
    w.t0_unix_us = INT64_C(1772323200123456);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct job_row row;
        size_t n = strlen(names[i]);
        job_row_init(&row);
        row.id = row.tenant = row.user = row.queue = row.class_ = row.gpu_type = names[i];
        row.id_n = row.tenant_n = row.user_n = row.queue_n = row.class_n = row.gpu_type_n = n;
        row.selector = selectors[i % 3];
        row.selector_n = strlen(row.selector);
        row.toleration = tolerations[(i + 1) % 3];
        row.toleration_n = strlen(row.toleration);
        row.submit_us = (int64_t)i * 7;
        row.run_us = i ? JOB_TIME_MAX_US : 0;
        row.limit_us = i % 2 ? -1 : JOB_TIME_MAX_US;
        row.start_us = i % 3 ? -1 : row.submit_us + JOB_TIME_MAX_US;
        row.deadline_us = i % 5 ? -1 : 1 - JOB_TIME_MAX_US;
        row.gpu_milli = i % 2 ? 1 : (int32_t)JOB_GPU_MILLI_MAX;
        row.cpu_milli = i % 2 ? 0 : JOB_CPU_MILLI_MAX;
        row.mem_mib = i % 2 ? 1 : JOB_MEM_MIB_MAX;
        row.nodes = i % 2 ? 0 : 1000000;
        row.priority = i % 2 ? -INT32_MAX : INT32_MAX;
        row.min_gpus = i % 3 == 1;
        row.max_gpus = i % 3 ? 0 : (int32_t)(JOB_GPU_MILLI_MAX / 1000);
        row.status = (enum job_status)(i % JOB_STATUS_N);
        assert_int_equal(workload_add(&w, &row, &err), STATUS_OK);
    }
    assert_int_equal(workload_seal(&w, INT64_MIN, &err), STATUS_OK);
    check_round_trip(&w, "every.csv");
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_public_trace),
        cmocka_unit_test(every_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
