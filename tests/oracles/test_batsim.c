/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batsim's workloads and its EASY in prose (test/edc-lib/easy.cpp): there is no output of it to
 * compare with. The prose is written here as it stands, on the six workloads; Seatrial with the
 * option that says the same must start every job when it does.
 *
 *      At an instant: ends, arrivals, then heads start while they fit. The shadow is the first end
 *      by walltime at which the next head fits, with extra CPUs beyond it then, where others that
 *      end at that very time are not counted. One scan: a job that fits starts if it needs no more
 *      than the extra, which it takes if it ends later than the shadow, or if it ends by then.
 *
 * Not copied: it keeps times in 32-bit floating point, where a second is all that is left after
 * half a year.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulate.h"

enum { JOBS_MAX = 800 };

static json_t *read_batsim(const char *file, struct workload *w, int32_t *cpus)
{
    char path[200];
    json_error_t bad;
    size_t i;
    json_t *job;
    snprintf(path, sizeof path, "oracles/peers/batsim-workloads/%s.json", file);
    json_t *all = json_load_file(shared_or_skip(path), 0, &bad);
    assert_non_null(all);
    *cpus = (int32_t)json_integer_value(json_object_get(all, "nb_res"));
    simulate_workload_init(w);
    json_array_foreach(json_object_get(all, "jobs"), i, job)
    {
        const char *name = json_string_value(json_object_get(job, "profile"));
        json_t *profile = json_object_get(json_object_get(all, "profiles"), name);
        double submit_s = json_number_value(json_object_get(job, "subtime"));
        double run_s = json_number_value(json_object_get(profile, "delay"));
        double wall_s = json_number_value(json_object_get(job, "walltime"));
        assert_true(run_s > 0 && run_s <= wall_s); /* nobody is killed */
        simulate_add(w, llround(submit_s * 1e6),
                     (int32_t)json_integer_value(json_object_get(job, "res")), llround(run_s * 1e6),
                     llround(wall_s * 1e6), -1);
    }
    simulate_seal(w);
    return all;
}

struct easy {
    const struct workload *w;
    int64_t *start_us; /* -1 = not yet */
    int64_t now_us;
    int32_t free;
    size_t arrived, passed; /* passed: jobs that started ahead of a head */
};

static int32_t cpus_of(const struct easy *e, size_t j) { return e->w->gpu_milli[j] / 1000; }

static int runs(const struct easy *e, size_t j)
{
    return e->start_us[j] >= 0 && e->start_us[j] + e->w->run_us[j] > e->now_us;
}

static void start(struct easy *e, size_t j)
{
    e->start_us[j] = e->now_us;
    e->free -= cpus_of(e, j);
}

/* The end by walltime that is next after (end_us, job), running jobs only. */
static size_t next_end(const struct easy *e, int64_t end_us, size_t job, int64_t *at_us)
{
    size_t best = e->arrived;
    for (size_t j = 0; j < e->arrived; j++) {
        if (!runs(e, j)) continue;
        int64_t ends = e->start_us[j] + e->w->limit_us[j];
        if (ends < end_us || (ends == end_us && j <= job)) continue;
        if (best < e->arrived && ends >= *at_us) continue;
        best = j;
        *at_us = ends;
    }
    return best;
}

static void pass(struct easy *e)
{
    size_t head = 0, last = 0;
    for (;; head++) {
        if (head == e->arrived) return;
        if (e->start_us[head] >= 0) continue;
        if (cpus_of(e, head) > e->free) break;
        start(e, head);
    }
    int32_t extra = e->free;
    int64_t shadow_us = -1;
    while (extra < cpus_of(e, head)) {
        last = next_end(e, shadow_us, last, &shadow_us);
        extra += cpus_of(e, last);
    }
    extra -= cpus_of(e, head);
    for (size_t j = head + 1; j < e->arrived; j++) {
        if (e->start_us[j] >= 0 || cpus_of(e, j) > e->free) continue;
        int in_time = e->now_us + e->w->limit_us[j] <= shadow_us;
        if (!in_time && cpus_of(e, j) > extra) continue;
        if (!in_time) extra -= cpus_of(e, j);
        start(e, j);
        e->passed++;
    }
}

static size_t easy_in_prose(const struct workload *w, int32_t cpus, int64_t *start_us)
{
    struct easy e = { w, start_us, 0, cpus, 0, 0 };
    for (size_t j = 0; j < w->job_n; j++) start_us[j] = -1;
    for (;;) {
        int64_t next_us = e.arrived < w->job_n ? w->submit_us[e.arrived] : INT64_MAX;
        for (size_t j = 0; j < e.arrived; j++)
            if (runs(&e, j) && start_us[j] + w->run_us[j] < next_us)
                next_us = start_us[j] + w->run_us[j];
        if (next_us == INT64_MAX) return e.passed;
        for (size_t j = 0; j < e.arrived; j++)
            if (runs(&e, j) && start_us[j] + w->run_us[j] == next_us) e.free += cpus_of(&e, j);
        e.now_us = next_us;
        while (e.arrived < w->job_n && w->submit_us[e.arrived] == next_us) e.arrived++;
        pass(&e);
    }
}

static void every_start(void **state)
{
    static const char *const files[] = {
        "example_workload_hpc_seed1_jobs250", "example_workload_hpc_seed2_jobs250",
        "example_workload_hpc_seed3_jobs250", "example_workload_hpc_seed4_jobs250",
        "example_workload_hpc_seed5_jobs250", "test_batsim_paper_workload_seed1",
    };
    size_t jobs = 0, passed = 0;
    (void)state;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        int64_t start_us[JOBS_MAX];
        int32_t cpus;
        struct workload w;
        struct schedule s;
        json_t *all = read_batsim(files[f], &w, &cpus);
        assert_true(w.job_n <= JOBS_MAX);
        passed += easy_in_prose(&w, cpus, start_us);
        simulate(&w,
                 &(struct simulate_fleet){ .pools = { { 1, cpus } },
                                           .order = "easy",
                                           .backfill = { .extra = EXTRA_AS_NEEDED } },
                 &s);
        for (size_t i = 0; i < w.job_n; i++)
            if (s.start_us[i] != start_us[i])
                fail_msg("%s, job %zu: %lld, in prose %lld us", files[f], i,
                         (long long)s.start_us[i], (long long)start_us[i]);
        jobs += w.job_n;
        schedule_free(&s);
        workload_free(&w);
        json_decref(all);
    }
    assert_int_equal(jobs, 2050);
    assert_true(passed > 0);
    print_message("%zu of %zu started ahead of a head\n", passed, jobs);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_start) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
