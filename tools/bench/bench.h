/* SPDX-License-Identifier: Apache-2.0 */
/* What the benchmarks share: a clock, a workload whose load is known, a checksum of a schedule. */
#ifndef TOOLS_BENCH_BENCH_H
#define TOOLS_BENCH_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "models/world.h"
#include "sim/random.h"

static inline double bench_clock(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Processor time of this thread, which others on the machine do not lengthen by taking turns. */
static inline double bench_now(void) { return bench_clock(CLOCK_THREAD_CPUTIME_ID); }

/* For what runs on several threads. */
static inline double bench_wall_now(void) { return bench_clock(CLOCK_MONOTONIC); }

static inline double bench_peak_gib(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1048576.0; /* kilobytes */
}

static inline void bench_need(enum status status, const struct error *err)
{
    if (status == STATUS_OK) return;
    fprintf(stderr, "%s\n", err->message);
    exit(1);
}

/*
 * Poisson arrivals and exponential run times of mean one hour, at `load` of the given GPUs. widest
 * = 1: single GPUs; else powers of two up to it, half as many of each as of the one before. limits:
 * users ask for up to three times as long.
 */
static inline void bench_workload(struct workload *w, int64_t jobs, int64_t gpus, double load,
                                  int widest, int limits)
{
    struct error err = { STATUS_OK, "" };
    struct random_key key = random_key(7, 0);
    double at = 0, weight = 0, mean_gpus = 0, share = 1;
    for (int g = 1; g <= widest; g *= 2, share /= 2) {
        weight += share;
        mean_gpus += share * g;
    }
    mean_gpus /= weight;
    bench_need(workload_init(w, &err), &err);
    for (int64_t j = 0; j < jobs; j++) {
        struct job_row row;
        job_row_init(&row);
        double u = random_unit(key, RANDOM_TEST, (uint64_t)j, 2) * weight, part = 1;
        int g = 1;
        for (; g < widest && u > part; g *= 2, part /= 2) u -= part;
        at += random_exponential_of(random_unit(key, RANDOM_TEST, (uint64_t)j, 0)) * mean_gpus *
              3600 / (load * (double)gpus);
        row.submit_us = (int64_t)(at * 1e6);
        row.run_us = (int64_t)(3600e6 * random_exponential_of(
                                            random_unit(key, RANDOM_TEST, (uint64_t)j, 1)));
        row.gpu_milli = 1000 * g;
        if (limits)
            row.limit_us = row.run_us + (int64_t)(2.0 * (double)row.run_us *
                                                  random_unit(key, RANDOM_TEST, (uint64_t)j, 3));
        bench_need(workload_add(w, &row, &err), &err);
    }
    bench_need(workload_seal(w, 0, &err), &err);
}

/* One replay without an observer, packed. Returns seconds of processor time. */
static inline double bench_world_of(const struct workload *w, int32_t nodes, int32_t gpus,
                                    struct scheduler_spec scheduler, struct world_result *result)
{
    struct error err = { STATUS_OK, "" };
    struct pool_spec pool = { .name = "main",
                              .type = { .name = "node",
                                        .provider = "bench",
                                        .gpu_model = "",
                                        .gpus = gpus,
                                        .source = "" },
                              .nodes = nodes,
                              .purchase = { .option = purchase_option_find("on-demand"),
                                            .usd_nano_per_hour = 1000000000 } };
    struct fleet_spec fleet = {
        .name = "bench", .pool_n = 1, .pools = &pool, .scheduler = scheduler
    };
    struct world_options options = { .seed = 1 };
    fleet.scheduler.placement = placement_find("pack");
    double start = bench_now();
    bench_need(world_run(w, &fleet, &options, NULL, result, &err), &err);
    return bench_now() - start;
}

static inline double bench_world_with(const struct workload *w, int32_t nodes, int32_t gpus,
                                      const char *order, const struct backfill_options *backfill,
                                      struct world_result *result)
{
    return bench_world_of(
        w, nodes, gpus,
        (struct scheduler_spec){ .order = queue_order_find(order), .backfill = *backfill }, result);
}

static inline double bench_world(const struct workload *w, int32_t nodes, int32_t gpus,
                                 const char *order, struct world_result *result)
{
    struct backfill_options defaults = { 0 };
    return bench_world_with(w, nodes, gpus, order, &defaults, result);
}

#endif
