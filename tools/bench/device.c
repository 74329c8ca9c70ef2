/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Monte Carlo kernels on a GPU: steps a second, against what its issue slots could do at most
 * (counted for an H200 from the machine code of a prototype: reference figures of the issue), and
 * that the bytes are the processor's. One line where there is no GPU.
 *
 *   build/bench/device [LIBRARY]
 */
#include <string.h>

#include "models/montecarlo/engine.h"
#include "tools/bench/studies.h"

enum { JOBS = 10000, SAMPLE = 64, ROUNDS = 3 };

static void sum_rows(void *context, const struct fleet_year_block *b)
{
    uint64_t *hash = context;
    for (uint32_t i = 0; i < b->n; i++)
        *hash += fleet_year_row_hash(&b->rows[i], b->fleet, b->first + i);
}

/* Gang queues: job-steps a second. Whether the first replications are the processor's. */
static bool queues(struct engine *e, uint32_t servers, uint32_t n, double ceiling)
{
    static struct queue_laws laws;
    static struct queue_plan plan;
    struct queue_options options;
    struct queue_result *results = malloc(n * sizeof *results), host[SAMPLE];
    uint64_t histogram[LOG_BUCKET_N];
    struct error err = { STATUS_NO_MEMORY, "no memory" };
    double best = 1e9;
    bench_need(results ? STATUS_OK : STATUS_NO_MEMORY, &err);
    bench_laws(servers, &laws);
    queue_options_init(&options, servers);
    options.jobs = JOBS;
    options.warm_up = JOBS / 10;
    bench_need(queue_plan_make(&plan, &laws, &options, &err), &err);
    for (int i = 0; i < ROUNDS; i++) {
        memset(histogram, 0, sizeof histogram);
        double start = bench_wall_now(), t;
        bench_need(engine_queue(e, &plan.model, 0, n, results, QUEUE_TOGETHER, histogram, &err),
                   &err);
        if ((t = bench_wall_now() - start) < best) best = t;
    }
    bench_need(queue_run(&plan.model, QUEUE_RING, 0, SAMPLE, host, NULL, &err), &err);
    bool same = memcmp(host, results, sizeof host) == 0;
    printf("gang queue, %4u servers, %u replications of %d jobs: %.2f s, %.3g job-steps/s, %.0f %% "
           "of %.2g; %s\n",
           servers, n, JOBS, best, (double)n * JOBS / best, 100 * n * JOBS / best / ceiling,
           ceiling, same ? "the processor's bytes" : "OTHER BYTES");
    free(results);
    queue_laws_free(&laws);
    return same;
}

static bool years(struct engine *e, int regions, uint32_t n, double ceiling)
{
    static struct fleet_year_world world;
    static struct fleet_year_tables tables;
    struct fleet_year_fleet fleet;
    const struct fleet_year_case c = { &world, &tables };
    struct error err = { STATUS_OK, "" };
    uint64_t hash = 0, some = 0, host = 0;
    bench_year(regions, &world, &tables, &fleet);
    double start = bench_wall_now();
    bench_need(engine_year(e, &c, &fleet, 1, 0, n, NULL, sum_rows, &hash, &err), &err);
    double t = bench_wall_now() - start, rate = (double)n * FLEET_YEAR_HOURS / t;
    bench_need(engine_year(e, &c, &fleet, 1, 0, SAMPLE, NULL, sum_rows, &some, &err), &err);
    bench_need(fleet_year_run(&c, &fleet, 1, FLEET_YEAR_SCALAR, 0, SAMPLE, 1, NULL, sum_rows, &host,
                              &err),
               &err);
    printf("fleet-years, %d region%s, %u of them: %.2f s with their rows read and hashed, %.3g "
           "hour-steps/s, %.0f %% of %.2g; %s\n",
           regions, regions == 1 ? "" : "s", n, t, rate, 100 * rate / ceiling, ceiling,
           some == host ? "the processor's bytes" : "OTHER BYTES");
    return some == host;
}

static void sum_tally(void *context, const struct fleet_year_block *b)
{
    fleet_year_tally_add(context, b->rows, b->n, false);
}

static void take_bills(void *context, const struct fleet_year_block *b)
{
    int64_t *bills = context;
    for (uint32_t i = 0; i < b->n; i++) bills[b->first + i] = b->rows[i].field[FLEET_YEAR_COST];
}

/* The same, added up on the device: no row leaves it. What is asked of so many: the bill's mean and
 * tail, and the chances of missing a budget that one in ten misses, and a deadline. */
static bool tallies(struct engine *e, int regions, uint32_t n, double ceiling)
{
    enum { PILOT = 1024, LATE_HOURS = FLEET_YEAR_HOURS / 20 };
    static struct fleet_year_world world;
    static struct fleet_year_tables tables;
    static struct fleet_year_tally all, some, host;
    struct fleet_year_fleet fleet;
    const struct fleet_year_case c = { &world, &tables };
    struct error err = { STATUS_OK, "" };
    int64_t bills[PILOT];
    bench_year(regions, &world, &tables, &fleet);
    bench_need(engine_year(e, &c, &fleet, 1, 0, PILOT, NULL, take_bills, bills, &err), &err);
    const struct fleet_year_axis axis = fleet_year_axis_of(bills, PILOT);
    fleet_year_tally_init(&host, axis, world.hours, INT64_MAX, LATE_HOURS);
    for (int i = 0; i < PILOT; i++) fleet_year_histogram_add(&host.bill, bills[i]);
    const int64_t budget = (int64_t)fleet_year_quantile(&host.bill, 0.9);
    fleet_year_tally_init(&host, axis, world.hours, budget, LATE_HOURS);
    all = some = host;
    double start = bench_wall_now();
    bench_need(engine_year_tally(e, &c, &fleet, 1, 0, n, NULL, &all, &err), &err);
    double t = bench_wall_now() - start, rate = (double)n * FLEET_YEAR_HOURS / t;
    bench_need(engine_year_tally(e, &c, &fleet, 1, 0, SAMPLE, NULL, &some, &err), &err);
    bench_need(fleet_year_run(&c, &fleet, 1, FLEET_YEAR_SCALAR, 0, SAMPLE, 1, NULL, sum_tally,
                              &host, &err),
               &err);
    bool same = memcmp(some.bill.count, host.bill.count, sizeof host.bill.count) == 0 &&
                memcmp(some.controls.sum, host.controls.sum, sizeof host.controls.sum) == 0 &&
                some.over_budget == host.over_budget && some.too_late == host.too_late;
    struct fleet_year_mean mean = fleet_year_mean_of(&all.controls);
    printf("fleet-years, %d region%s, %u of them: %.2f s added up where they are made, %.3g "
           "hour-steps/s, %.0f %% of %.2g; %s\n"
           "  the bill: $%.0f +- %.0f on the mean, P95 $%.0f, CVaR $%.0f; over budget %.3f %%, too "
           "late %.3f %%\n",
           regions, regions == 1 ? "" : "s", n, t, rate, 100 * rate / ceiling, ceiling,
           same ? "the processor's sums" : "OTHER SUMS", mean.mean / 1e6, mean.error / 1e6,
           fleet_year_quantile(&all.bill, 0.95) / 1e6, fleet_year_shortfall(&all.bill, 0.95) / 1e6,
           100.0 * (double)all.over_budget / n, 100.0 * (double)all.too_late / n);
    return same;
}

int main(int argc, char **argv)
{
    struct engine e;
    char name[200];
    engine_open(&e, ENGINE_CUDA, argc > 1 ? argv[1] : "build/libseatrial_cuda.so", 1);
    printf("\n# Monte Carlo on a GPU\n");
    if (*e.left) {
        printf("none was used: %s\n", e.left);
        return 0;
    }
    engine_describe(&e, name, sizeof name);
    printf("%s\n", name);
    bool good = queues(&e, 64, 1000000, 6.2e10);
    good = queues(&e, 256, 1000000, 4.3e10) && good;
    good = queues(&e, 1024, 100000, 4.3e10) && good;
    good = years(&e, 1, 1000000, 9.2e10) && good;
    good = years(&e, 4, 250000, 9.2e10) && good;
    good = tallies(&e, 1, 10000000, 9.2e10) && good;
    if (*e.left) printf("the device was left: %s\n", e.left);
    engine_close(&e);
    return good && !*e.left ? 0 : 1;
}
