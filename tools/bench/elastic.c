/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The orders that size jobs: 100,000 jobs of 1 to 16 GPUs on 1,000 nodes of 8, each on a quarter to
 * twice of what it asks for, at loads below and above what the fleet can do. One thread.
 */
#include "tools/bench/bench.h"

static void sized(const char *order, double load, int64_t cycle_us)
{
    struct named_number least[] = { { "all", 250000 } }, most[] = { { "all", 2000000 } };
    struct speedup_curve curve[] = { { .name = "all", .exponent_ppm = 800000 } };
    struct scheduler_spec spec = { .order = queue_order_find(order),
                                   .elastic = { least, most, 1, 1, curve, 1 },
                                   .timing = { .cycle_us = cycle_us } };
    struct workload w;
    struct world_result result;
    bench_workload(&w, 100000, 8000, load, 16, 0);
    double t = bench_world_of(&w, 1000, 8, spec, &result);
    printf("%-16s %-8s %6.1f %12lld %12lld %10.2f   %.6g s waited\n", order,
           cycle_us ? "10 min" : "event", load, (long long)result.max_queue,
           (long long)result.preemptions, t, result.mean_wait_s * (double)result.finished);
    fflush(stdout);
    world_result_free(&result);
    workload_free(&w);
}

int main(int argc, char **argv)
{
    static const double loads[] = { 0.9, 1.0, 1.3 };
    int quick = argc > 1;
    (void)argv;
    printf("# 100,000 jobs of 1 to 16 GPUs on 1,000 nodes of 8, on a quarter to twice of that; "
           "processor time of the thread\n");
    printf("%-16s %-8s %6s %12s %12s %10s   %s\n", "order", "passes", "load", "most waiting",
           "resized", "CPU s", "checksum");
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        sized("elastic-fifo", loads[i], 0);
        sized("elastic-max-min", loads[i], 0);
        sized("optimus", loads[i], INT64_C(600) * US_PER_S);
        if (!quick) sized("optimus", loads[i], 0);
    }
    return 0;
}
