/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every queue order on 100,000 jobs of 1 to 16 GPUs and 1,000 nodes of 8, as full as they can be,
 * where users know how long their jobs run, and where their limits are up to three times as long.
 * Those whose shares come from linear programs are in rounds.c. One thread.
 */
#include <string.h>

#include "tools/bench/bench.h"

int main(int argc, char **argv)
{
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    struct workload w[2];
    for (int limits = 0; limits < 2; limits++)
        bench_workload(&w[limits], quick ? 20000 : 100000, 8000, 1.0, 16, limits);
    printf("# %zu jobs of 1 to 16 GPUs on 1,000 nodes of 8, load 1.0; limits: up to three times as "
           "long; processor time of the thread\n",
           w[0].job_n);
    printf("%-18s %12s %12s   %s\n", "order", "exact, s", "limits, s", "checksum");
    for (const struct queue_order *o = queue_orders; o->name; o++) {
        double seconds[2], waited[2];
        if (rank_by_shares(o->rank)) continue;
        for (int limits = 0; limits < 2; limits++) {
            struct world_result result;
            seconds[limits] = bench_world(&w[limits], 1000, 8, o->name, &result);
            waited[limits] = result.mean_wait_s * (double)result.finished;
            world_result_free(&result);
        }
        printf("%-18s %12.2f %12.2f   %.6g, %.6g s waited\n", o->name, seconds[0], seconds[1],
               waited[0], waited[1]);
        fflush(stdout);
    }
    for (int limits = 0; limits < 2; limits++) workload_free(&w[limits]);
    return 0;
}
