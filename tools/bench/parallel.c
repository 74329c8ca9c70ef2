/* SPDX-License-Identifier: Apache-2.0 */
/* Fleets and replications side by side: one thread against two, and that both give the same
 * results. */
#include <string.h>

#include "scenarios/diagnostics.h"
#include "scenarios/scenario.h"
#include "tools/bench/bench.h"
#include "tools/runner.h"

static double run(const struct scenario *s, const struct workload *first, int threads,
                  struct runner *runner)
{
    struct error err = { STATUS_OK, "" };
    double start = bench_wall_now();
    bench_need(runner_init(runner, s, first, 0, &err), &err);
    bench_need(runner_run(runner, s->replications, threads, NULL, NULL, &err), &err);
    return bench_wall_now() - start;
}

static int same(const struct runner *a, const struct runner *b, const struct scenario *s,
                size_t jobs)
{
    for (int32_t i = 0; i < s->fleet_n * s->replications; i++) {
        const struct world_result *x = &a->runs[i].result, *y = &b->runs[i].result;
        if (x->mean_wait_s != y->mean_wait_s || x->wait_p95_us != y->wait_p95_us ||
            x->events != y->events || x->makespan_us != y->makespan_us)
            return 0;
        if (memcmp(a->runs[i].wait_us, b->runs[i].wait_us, sizeof a->runs[i].wait_us) != 0)
            return 0;
        for (size_t j = 0; i < s->fleet_n && a->runs[i].jobs && j < jobs; j++)
            if (a->runs[i].jobs[j].start_us != b->runs[i].jobs[j].start_us ||
                a->runs[i].jobs[j].cost_usd_micro != b->runs[i].jobs[j].cost_usd_micro)
                return 0;
    }
    return 1;
}

int main(void)
{
    struct scenario s;
    struct workload copy;
    const struct workload *first;
    bool owned;
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    diagnostics_init(&d);
    bench_need(scenario_load("scenarios/main.yaml", NULL, &s, &d, &err), &err);
    s.replications = 16; /* enough that the last run of all, which nobody shares, does not show */
    bench_need(scenario_workload(&s, 0, &copy, &first, &owned, &err), &err);
    printf("\n# Threads: scenarios/main.yaml, %d fleets x %d replications of %zu jobs; wall-clock "
           "time\n",
           s.fleet_n, s.replications, first->job_n);
    struct runner one, two;
    double t1 = 1e9, t2 = 1e9;
    int equal = 1;
    for (int r = 0; r < 4; r++) {
        double t = run(&s, first, 1, &one);
        if (t < t1) t1 = t;
        t = run(&s, first, 2, &two);
        if (t < t2) t2 = t;
        equal &= same(&one, &two, &s, first->job_n);
        runner_free(&one);
        runner_free(&two);
    }
    printf("one thread %.3f s, two threads %.3f s: efficiency %.0f %%, results %s\n", t1, t2,
           100 * t1 / (2 * t2), equal ? "identical" : "DIFFER");
    if (owned) workload_free(&copy);
    scenario_free(&s);
    diagnostics_free(&d);
    return !equal;
}
