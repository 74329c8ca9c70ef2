/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Static virtual clusters: a million jobs of ten tenants on ten pools of 100 nodes, one for each,
 * on one thread and on two; and on the same nodes as one pool for all. Each time the best of three.
 */
#include <omp.h>
#include <string.h>

#include "tools/bench/bench.h"

enum { TENANTS = 10, NODES = 100, GPUS = 8 };

static const char *const names[TENANTS] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };

static double best_of(const struct workload *w, const struct fleet_spec *fleet, int threads,
                      double *wait_s)
{
    double best = 1e9;
    for (int i = 0; i < 3; i++) {
        struct error err = { STATUS_OK, "" };
        struct world_options options = { .seed = 1 };
        struct world_result result;
        enum status status = STATUS_OK;
        double start = bench_wall_now();
#pragma omp parallel num_threads(threads)
#pragma omp single
        status = world_run(w, fleet, &options, NULL, &result, &err);
        bench_need(status, &err);
        if (bench_wall_now() - start < best) best = bench_wall_now() - start;
        *wait_s = result.mean_wait_s * (double)result.finished;
        world_result_free(&result);
    }
    return best;
}

int main(int argc, char **argv)
{
    static const char *const orders[] = { "fifo", "easy", "srtf" };
    int64_t jobs = argc > 1 && strcmp(argv[1], "--quick") == 0 ? 100000 : 1000000;
    struct pool_spec pools[TENANTS], one;
    struct fleet_spec fleet = { .name = "bench" };
    struct workload w;
    bench_workload(&w, jobs, TENANTS * NODES * GPUS, 0.9, 8, 0);
    for (size_t j = 0; j < w.job_n; j++) {
        uint64_t tenant = random_below(random_key(3, 0), RANDOM_TEST, j, 0, TENANTS);
        w.tenant[j] = names_add(&w.tenants, names[tenant], 1);
    }
    for (int p = 0; p < TENANTS; p++)
        pools[p] = (struct pool_spec){
            .name = names[p],
            .type = { .name = "node",
                      .provider = "bench",
                      .gpu_model = "",
                      .gpus = GPUS,
                      .source = "" },
            .nodes = NODES,
            .purchase = { .option = purchase_option_find("on-demand"), .usd_nano_per_hour = 1 },
            .tenants = { 1, &names[p] },
        };
    one = pools[0];
    one.nodes *= TENANTS;
    one.tenants.n = 0;
    printf("# %lld jobs of ten tenants on 1,000 nodes of 8: ten pools for one tenant each; ns a "
           "job of wall-clock time\n",
           (long long)jobs);
    printf("%-8s %10s %10s %10s %10s   %s\n", "order", "one pool", "1 thread", "2 threads",
           "2 against 1", "seconds waited, one pool and ten");
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
        double waited, apart, apart_2;
        fleet.scheduler = (struct scheduler_spec){ .order = queue_order_find(orders[o]),
                                                   .placement = placement_find("pack") };
        fleet.pools = &one;
        fleet.pool_n = 1;
        double whole = best_of(&w, &fleet, 1, &waited);
        fleet.pools = pools;
        fleet.pool_n = TENANTS;
        double single = best_of(&w, &fleet, 1, &apart), two = best_of(&w, &fleet, 2, &apart_2);
        if (apart != apart_2) printf("not the same: %.17g, %.17g\n", apart, apart_2);
        printf("%-8s %10.0f %10.0f %10.0f %9.2f x   %.6g, %.6g\n", orders[o],
               whole * 1e9 / (double)jobs, single * 1e9 / (double)jobs, two * 1e9 / (double)jobs,
               single / two, waited, apart);
        fflush(stdout);
    }
    workload_free(&w);
    return 0;
}
