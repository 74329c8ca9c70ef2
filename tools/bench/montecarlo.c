/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gang queue: nanoseconds a job, by servers, engine and threads. The checksum is of all
 * outputs: one for a number of servers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench/studies.h"

enum { JOBS = 20000, REPLICATIONS = 48, ROUNDS = 8 };

static uint64_t checksum(const struct queue_result *results, const uint64_t *histogram)
{
    const unsigned char *parts[] = { (const void *)results, (const void *)histogram };
    const size_t sizes[] = { REPLICATIONS * sizeof *results, LOG_BUCKET_N * sizeof *histogram };
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int p = 0; p < 2; p++)
        for (size_t i = 0; i < sizes[p]; i++) hash = (hash ^ parts[p][i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Best of a few rounds, in seconds of all processors and of the clock on the wall. */
struct timing {
    double busy, wall;
    uint64_t checksum;
};

static struct timing best_of(const struct queue_plan *plan, enum queue_engine engine, int threads)
{
    struct timing best = { 1e9, 1e9, 0 };
    static struct queue_result results[REPLICATIONS];
    uint64_t histogram[LOG_BUCKET_N];
    struct error err;
    for (int i = 0; i < ROUNDS; i++) {
        memset(histogram, 0, sizeof histogram);
        double busy = bench_clock(CLOCK_PROCESS_CPUTIME_ID), wall = bench_wall_now();
        bench_need(queue_run_threads(&plan->model, engine, 0, REPLICATIONS, threads, results,
                                     QUEUE_TOGETHER, histogram, &err),
                   &err);
        best.busy = fmin(best.busy, bench_clock(CLOCK_PROCESS_CPUTIME_ID) - busy);
        best.wall = fmin(best.wall, bench_wall_now() - wall);
    }
    best.checksum = checksum(results, histogram);
    return best;
}

int main(void)
{
    static const uint32_t sizes[] = { 8, 64, 256, 1024 };
    static struct queue_laws laws;
    static struct queue_plan plan;
    struct error err;
    printf("gang queue, ns a job: one thread; two threads, processor time of both and wall; "
           "checksum\n");
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct queue_options options;
        bench_laws(sizes[s], &laws);
        queue_options_init(&options, sizes[s]);
        options.jobs = JOBS;
        options.warm_up = JOBS / 10;
        bench_need(queue_plan_make(&plan, &laws, &options, &err), &err);
        for (enum queue_engine e = QUEUE_SORTED; e < QUEUE_ENGINE_N; e++) {
            if (!queue_engine_here(e)) continue;
            double n = 1e-9 * JOBS * REPLICATIONS;
            struct timing one = best_of(&plan, e, 1), two = best_of(&plan, e, 2);
            printf("%5u servers  %-7s %7.1f   %7.1f %7.1f   %016llx%s\n", sizes[s],
                   queue_engine_name(e), one.busy / n, two.busy / n, two.wall / n,
                   (unsigned long long)one.checksum,
                   one.checksum == two.checksum ? "" : " (two threads: another)");
        }
        queue_laws_free(&laws);
    }
    return 0;
}
