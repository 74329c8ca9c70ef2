/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders that work in rounds: the time of one computation of the shares, by the jobs in the system,
 * on three pools; and whole runs of 2,000 jobs on 32 nodes of 8 GPUs. One thread.
 */
#include <string.h>

#include "models/scheduling/shares.h"
#include "tools/bench/bench.h"

enum { POOLS = 3, KINDS = 12 };

static double shares_ms(enum rank_by rule, size_t jobs, double *checksum)
{
    static const double gpus[POOLS] = { 64, 64, 64 }, prices[POOLS] = { 3, 2, 1 };
    struct share_job *job = calloc(jobs, sizeof *job);
    double *speed = calloc(jobs * POOLS, sizeof *speed),
           *share = calloc(jobs * POOLS, sizeof *share);
    struct error err = { STATUS_NO_MEMORY, "no memory" };
    struct share_problem q = { jobs, POOLS, job, speed, gpus, prices, share };
    if (!job || !speed || !share) bench_need(STATUS_NO_MEMORY, &err);
    for (size_t j = 0; j < jobs; j++) {
        uint32_t kind = (uint32_t)(j * 7 % KINDS);
        job[j] = (struct share_job){ kind, 1 << kind % 4, 1e9 * (1 + (double)(j * 37 % 101)),
                                     1e8 * (double)(jobs - j) };
        for (int p = 0; p < POOLS; p++)
            speed[j * POOLS + (size_t)p] = 1.0 / (1 + p * (1 + kind % 5) * 0.5);
    }
    double start = bench_now();
    bench_need(shares_find(rule, &q), &err);
    double ms = (bench_now() - start) * 1e3;
    for (size_t i = 0; i < jobs * POOLS; i++) *checksum += share[i];
    free(job);
    free(speed);
    free(share);
    return ms;
}

int main(int argc, char **argv)
{
    static const size_t jobs[] = { 50, 100, 200 };
    bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    printf("# Shares of 3 pools: ms a computation, by the jobs in the system; and a run of 2,000 "
           "jobs; processor time of the thread\n");
    printf("%-28s %10s %10s %10s %10s   %s\n", "order", "50", "100", "200", "run, CPU s",
           "checksum");
    for (const struct queue_order *o = queue_orders; o->name; o++) {
        double checksum = 0;
        if (!rank_by_shares(o->rank)) continue;
        printf("%-28s", o->name);
        for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
            printf(" %10.2f", shares_ms(o->rank, jobs[i], &checksum));
        struct workload w;
        struct world_result result;
        bench_workload(&w, quick ? 200 : 2000, 256, 0.9, 16, 0);
        printf(" %10.2f", bench_world(&w, 32, 8, o->name, &result));
        printf("   %.6g, %.6g s waited\n", checksum, result.mean_wait_s * (double)result.finished);
        fflush(stdout);
        world_result_free(&result);
        workload_free(&w);
    }
    return 0;
}
