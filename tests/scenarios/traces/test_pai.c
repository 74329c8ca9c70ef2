/* SPDX-License-Identifier: Apache-2.0 */
/* Alibaba PAI 2020: tasks alone, and joined with the tables that know their users. */
#include "tests/imported.h"

#include <stdlib.h>
#include <string.h>

static const char jobs[] = "j1,i1,ann,Terminated,100.0,900.0\n"
                           "j2,i2,bob,Failed,nan,300.0\n"
                           "j3,i3,,Running,700.0,\n"
                           "j4,i4,eve,Waiting,250.0,\n";
static const char groups[] = "i1,ann,V100,grp-a,bert\n"
                             "i2,bob,,grp-b,\n"
                             "i9,zed,T4,grp-z,ctr\n";
static const char tasks[] = "j1,worker,2.0,Terminated,150.0,800.0,400.0,29.296875,50.0,T4\n"
                            "j1,ps,1.0,Terminated,140.0,800.0,600.0,29.296875,,\n"
                            "j2,tensorflow,3.0,Failed,200.0,260.0,600.0,10,100.0,MISC\n"
                            "j3,worker,1.0,Running,650.0,,600.0,10,100.0,P100\n"
                            "j4,worker,1.0,Waiting,,,600.0,10,100.0,\n"
                            "j5,worker,1.0,Waiting,,,600.0,10,100.0,\n"
                            "j6,worker,1.0,Terminated,300.0,301.0,600.0,10,100.0,\n"
                            "a line of another table\n";

static void tasks_alone(void **state)
{
    struct workload w;
    (void)state;
    import_path("pai2020", shared_or_skip("data/fixtures/pai2020_task_table_made_up.csv"), NULL,
                &w);
    assert_int_equal(w.job_n, 3);
    size_t j = job_named(&w, "4b3f04b66a525d2df903eb16/worker");
    assert_int_equal(w.gpu_milli[j], 1000); /* two instances of half a GPU */
    assert_int_equal(w.cpu_milli[j], 8000);
    assert_int_equal(w.mem_mib[j], 60000); /* two of 29.296875 GB */
    assert_int_equal(w.run_us[j] / US_PER_S, 516);
    assert_string_equal(types_of(&w, j), "T4");
    assert_int_equal(w.start_us[j], w.submit_us[j]);
    j = job_named(&w, "4b3f04b66a525d2df903eb16/ps");
    assert_int_equal(w.gpu_milli[j], 0);
    j = job_named(&w, "af724763f4f5d0beef445849/tensorflow");
    assert_string_equal(types_of(&w, j), ""); /* MISC is any */
    assert_int_equal(w.status[j], JOB_FAILED);
    assert_int_equal(w.run_us[j], 0);
    workload_free(&w);
}

static void check_joined(const struct import_report *r, struct workload *w)
{
    assert_int_equal(r->rows, 8); /* of the task table */
    assert_int_equal(w->job_n, 6);
    assert_int_equal(reason_count(r, "not of the job, group or task table"), 1);
    assert_int_equal(reason_count(r, "no start_time"), 1);
    assert_int_equal(reason_count(r, "no start_time: never started"), 1);
    assert_int_equal(reason_count(r, "no end_time: kept with a run time of 0"), 1);
    assert_int_equal(reason_count(r, "task before its job: submitted when it started"), 1);
    size_t j = job_named(w, "j1/worker");
    assert_int_equal(w->submit_us[j], 0); /* with its job at 100, 50 s before it started */
    assert_int_equal(w->start_us[j] / US_PER_S, 50);
    assert_int_equal(w->run_us[j] / US_PER_S, 650);
    assert_string_equal(user_of(w, j), "ann");
    assert_string_equal(tenant_of(w, j), "grp-a");
    assert_string_equal(w->classes.text[w->class_[j]], "bert");
    j = job_named(w, "j2/tensorflow"); /* its job has no start */
    assert_int_equal(w->submit_us[j] / US_PER_S, 100);
    assert_string_equal(user_of(w, j), "bob");
    assert_string_equal(tenant_of(w, j), "grp-b");
    assert_string_equal(w->classes.text[w->class_[j]], "");
    j = job_named(w, "j3/worker"); /* in no group */
    assert_int_equal(w->status[j], JOB_RUNNING_AT_END);
    assert_int_equal(w->submit_us[j] / US_PER_S, 550);
    assert_string_equal(user_of(w, j), "");
    assert_string_equal(tenant_of(w, j), "");
    j = job_named(w, "j4/worker");
    assert_int_equal(w->status[j], JOB_NEVER_STARTED);
    assert_int_equal(w->submit_us[j] / US_PER_S, 150);
    j = job_named(w, "j6/worker"); /* its job is not in the table */
    assert_string_equal(user_of(w, j), "");
    assert_int_equal(w->start_us[j], w->submit_us[j]);
    workload_free(w);
}

static void jobs_and_groups_in_any_order(void **state)
{
    const char *const orders[2][4] = { { jobs, groups, tasks, NULL },
                                       { groups, jobs, tasks, NULL } };
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct workload w;
        struct import_report r = import_texts("pai2020", orders[i], NULL, &w);
        check_joined(&r, &w);
    }
}

static void tables_after_the_tasks_come_too_late(void **state)
{
    const char *paths[] = { scratch_path("tasks.csv"), scratch_path("jobs.csv") };
    struct import_options o;
    struct import_report r;
    struct workload w;
    struct error err;
    (void)state;
    write_text(paths[0], tasks);
    write_text(paths[1], jobs);
    import_options_init(&o);
    assert_int_equal(import_files(trace_format_find("pai2020"), &o, paths, 2, INT64_MIN, &w, &r,
                                  &err),
                     STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "must come before the task table"));
}

/* Many names: the tables grow. */
static void many_jobs(void **state)
{
    enum { JOBS = 5000 };
    char *job_table = malloc(JOBS * 64), *task_table = malloc(JOBS * 80), *p = job_table,
         *q = task_table;
    struct workload w;
    (void)state;
    for (int i = 0; i < JOBS; i++) {
        p += sprintf(p, "job%d,inst%d,user%d,Terminated,%d,\n", i, i, i % 7, i);
        q += sprintf(q, "job%d,t,1,Terminated,%d,%d,100,1,100,\n", JOBS - 1 - i, JOBS, JOBS + 9);
    }
    const char *const files[] = { job_table, task_table, NULL };
    import_texts("pai2020", files, NULL, &w);
    assert_int_equal(w.job_n, JOBS);
    assert_int_equal(w.users.n, 8);
    for (size_t j = 0; j < JOBS; j++) {
        char id[40], name[20];
        snprintf(id, sizeof id, "job%zu/t", j);
        snprintf(name, sizeof name, "user%zu", j % 7);
        assert_int_equal(w.submit_us[j], (int64_t)j * US_PER_S);
        assert_string_equal(user_of(&w, j), name);
    }
    workload_free(&w);
    free(job_table);
    free(task_table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_alone),
        cmocka_unit_test(jobs_and_groups_in_any_order),
        cmocka_unit_test(tables_after_the_tasks_come_too_late),
        cmocka_unit_test(many_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
