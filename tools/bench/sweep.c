/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sweeps: 10 replications of a trace of 8,000 jobs at each of 200 points (1,000 with --whole), on
 * one thread and on two, into a results file; what loading points and writing rows cost of that;
 * the same again, of which nothing is run; shards merged; and how many simulations a plan takes
 * where a sweep takes all.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/metrics.h"
#include "reports/sweep_results.h"
#include "tools/bench/bench.h"
#include "tools/command.h"
#include "tools/plan/plan.h"
#include "tools/sweep/merge.h"
#include "tools/sweep/run.h"

static const volatile int never = 0;

static char folder[] = "/tmp/seatrial-bench-XXXXXX";

static const char *file(const char *name)
{
    static char path[4][200];
    static int turn;
    char *to = path[turn++ % 4];
    snprintf(to, sizeof path[0], "%s/%s", folder, name);
    return to;
}

static void write_scenario(const char *path, int points)
{
    char trace[400];
    FILE *f = fopen(path, "w");
    if (!f || !realpath("scenarios/examples/itp-like.csv.gz", trace)) {
        fprintf(stderr, "run this from the top of the sources\n");
        exit(1);
    }
    fprintf(
        f,
        "seatrial: 1\nworkload: {trace: %s}\n"
        "prices: {as_of: 2026-07-20, region: us-east-1}\n"
        "slo: {p50_wait: 1 d}\n"
        "fleets: {f: {scheduler: {order: fifo}, pools: [{name: p, instance: p4d.24xlarge, buy: "
        "on-demand, nodes: 20}]}}\n"
        "run: {replications: 10}\n"
        "vary:\n  - fleets.f.pools.p.nodes: 21..%d\n  - fleets.f.scheduler.order: [fifo, easy]\n",
        trace, 20 + points / 2);
    fclose(f);
}

static void open_sweep(const char *path, struct sweep *sweep)
{
    struct diagnostics diagnostics;
    struct error err;
    diagnostics_init(&diagnostics);
    enum status status = sweep_open(path, NULL, sweep, &diagnostics, &err);
    if (diagnostics.errors) diagnostics_print(&diagnostics, stderr, 0, "");
    bench_need(status, &err);
    diagnostics_free(&diagnostics);
}

struct timing {
    double look_s, run_s, all_s;
    struct sweep_count count;
};

/* From the scenario to the file. shards 0: all points. */
static struct timing run(const char *scenario, const char *output, int threads, int64_t shard,
                         int64_t shards)
{
    struct sweep s;
    struct error err;
    struct diagnostics diagnostics;
    struct sweep_results *results;
    struct timing t = { 0 };
    int64_t worst;
    double start = bench_wall_now();
    diagnostics_init(&diagnostics);
    open_sweep(scenario, &s);
    bench_need(sweep_look(&s, shard, shards, threads, &never, &worst, &diagnostics, &err), &err);
    t.look_s = bench_wall_now() - start;
    struct sweep_found found = { .replications =
                                     calloc((size_t)s.point_n, sizeof *found.replications) };
    const struct sweep_head head = { .identity = s.identity,
                                     .scenario_name = s.name,
                                     .today_sha256 = s.today,
                                     .scenario_text = s.source.text,
                                     .seed = "",
                                     .tool_version = SEATRIAL_VERSION,
                                     .rerun = "",
                                     .points = s.point_n,
                                     .shard = shard,
                                     .shards = shards,
                                     .sha256 = (const char(*)[65])s.sha256 };
    const struct sweep_task task = {
        .shard = shard, .shards = shards, .threads = threads, .stop = &never
    };
    bench_need(sweep_results_open(output, NULL, &head, &results, &found, &err), &err);
    double before = bench_wall_now();
    bench_need(sweep_run(&s, &task, results, found.replications, found.is_same, &t.count, &err),
               &err);
    t.run_s = bench_wall_now() - before;
    bench_need(sweep_results_close(results, "complete", &err), &err);
    t.all_s = bench_wall_now() - start;
    free(found.replications);
    diagnostics_free(&diagnostics);
    sweep_free(&s);
    return t;
}

static void bench_threads(const char *scenario)
{
    struct timing one = run(scenario, file("one.db"), 1, 0, 0),
                  two = run(scenario, file("two.db"), 2, 0, 0),
                  again = run(scenario, file("two.db"), 2, 0, 0);
    double jobs = 8000.0 * (double)one.count.replications;
    printf("%lld points x 10 replications of 8,000 jobs\n", (long long)one.count.points);
    printf("  one thread    %8.2f s  %8.0f jobs/s\n", one.all_s, jobs / one.all_s);
    printf("  two threads   %8.2f s  %8.0f jobs/s  efficiency %3.0f %%\n", two.all_s,
           jobs / two.all_s, 100 * one.all_s / two.all_s / 2);
    printf("  its points resolved     %6.2f s, %5.2f ms a point\n", one.look_s,
           1e3 * one.look_s / (double)one.count.points);
    printf("  the same once more      %6.2f s, nothing is run\n", again.all_s);
}

enum { SHARDS_MAX = 100, POINTS_MAX = 11200 };

/* What the rows of a shard's points cost, written and merged: 900 rows a point. */
static void bench_rows(int shards, int points)
{
    enum { REPLICATIONS = 20, METRICS = 45 };
    static double values[REPLICATIONS * METRICS];
    static char sha256[POINTS_MAX][65], texts[SHARDS_MAX][200];
    static int32_t known[POINTS_MAX];
    const char *names[METRICS], *paths[SHARDS_MAX];
    struct error err;
    struct merge_report report;
    const struct sweep_fleet fleet = { "f", "a fleet", "fifo", "pack", NULL, 8, 1, true };
    int64_t rows = 0;
    for (size_t m = 0; m < METRICS; m++) names[m] = metric_defs[m].name;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) values[i] = 1.0 / (double)(i + 1);
    for (int p = 0; p < points; p++) snprintf(sha256[p], sizeof sha256[p], "%064d", p);
    double start = bench_now();
    for (int s = 0; s < shards; s++) {
        struct sweep_results *results;
        struct sweep_found found = { .replications = known };
        const struct sweep_head head = { .identity = "x",
                                         .scenario_name = "x",
                                         .today_sha256 = "",
                                         .scenario_text = "x",
                                         .seed = "",
                                         .tool_version = SEATRIAL_VERSION,
                                         .rerun = "",
                                         .points = points,
                                         .shard = s,
                                         .shards = shards,
                                         .sha256 = (const char(*)[65])sha256 };
        snprintf(texts[s], sizeof texts[s], "%s/shard-%d.db", folder, s);
        paths[s] = texts[s];
        bench_need(sweep_results_open(paths[s], NULL, &head, &results, &found, &err), &err);
        for (int p = s; p < points; p += shards) {
            const struct sweep_point point = { .point_id = p,
                                               .sha256 = sha256[p],
                                               .ended = "all",
                                               .workload = "jobs",
                                               .seed = 1,
                                               .price_as_of = "2026-07-20",
                                               .jobs = 1,
                                               .replications = REPLICATIONS,
                                               .fleet_n = 1,
                                               .fleets = &fleet,
                                               .metric_n = METRICS,
                                               .metrics = names,
                                               .values = values };
            bench_need(sweep_results_add(results, &point, &err), &err);
            rows += REPLICATIONS * METRICS;
        }
        bench_need(sweep_results_close(results, "complete", &err), &err);
    }
    double wrote = bench_now() - start;
    const struct merge_request request = { .files = paths,
                                           .n = (size_t)shards,
                                           .output = file("merged.db"),
                                           .rerun = "",
                                           .stop = &never };
    start = bench_wall_now();
    bench_need(sweep_merge(&request, &report, &err), &err);
    double merged = bench_wall_now() - start;
    printf("rows of %d shards: written %.0f rows/s, merged %.0f rows/s (1e7: %.1f s)\n", shards,
           (double)rows / wrote, (double)rows / merged, 1e7 * merged / (double)rows);
    merge_report_free(&report);
}

static void bench_plan(const char *scenario)
{
    struct sweep s;
    struct diagnostics diagnostics;
    struct error err;
    diagnostics_init(&diagnostics);
    open_sweep(scenario, &s);
    struct plan plan = { .sweep = &s,
                         .alpha = 0.05,
                         .delta = 0.01,
                         .threads = 1,
                         .stop = &never,
                         .diagnostics = &diagnostics };
    double start = bench_now();
    bench_need(plan_find(&plan, &err), &err);
    printf("%s: %lld of %lld fleets simulated, %.0f times fewer, %lld bills made anew, %.2f s\n",
           scenario, (long long)plan.simulated, (long long)plan.space,
           (double)plan.space / (double)plan.simulated, (long long)plan.rebilled,
           bench_now() - start);
    plan_free(&plan);
    sweep_free(&s);
    diagnostics_free(&diagnostics);
}

int main(int argc, char **argv)
{
    bool whole = argc > 1 && strcmp(argv[1], "--whole") == 0;
    if (!mkdtemp(folder)) return 1;
    char scenario[200], remove[240];
    snprintf(scenario, sizeof scenario, "%s/s.yaml", folder);
    write_scenario(scenario, whole ? 1000 : 200);
    bench_threads(scenario);
    if (whole) bench_rows(100, 11200); /* a hundred shards of 1e5 rows */
    else bench_rows(10, 1000);
    bench_plan("examples/plan.yaml");
    bench_plan("examples/commit.yaml");
    snprintf(remove, sizeof remove, "rm -rf '%s'", folder);
    return system(remove) == 0 ? 0 : 1;
}
