/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The orders that backfill, and srtf, which preempts: what an arrival costs behind a long queue,
 * and 100,000 jobs on 1,000 nodes of 8 GPUs, at loads below and above what they can do. One thread;
 * times are the best of three where they are short.
 */
#include <string.h>

#include "tools/bench/bench.h"

enum { ARRIVALS = 100000 };

static void job_add(struct workload *w, int64_t submit_s, int32_t gpus, int64_t run_s)
{
    struct error err = { STATUS_OK, "" };
    struct job_row row;
    job_row_init(&row);
    row.submit_us = submit_s * US_PER_S;
    row.gpu_milli = 1000 * gpus;
    row.run_us = run_s * US_PER_S;
    bench_need(workload_add(w, &row, &err), &err);
}

/* 784 of 800 GPUs are held to the end, the head waits for all 800, and behind it `backlog` jobs of
 * 1 to 16 GPUs that are too long to pass it. Then a job of one GPU comes each second, runs 10 s and
 * passes them all: the seconds of all that. */
static double behind(int64_t backlog, int64_t arrivals, const struct scheduler_spec *scheduler)
{
    struct error err = { STATUS_OK, "" };
    struct workload w;
    struct world_result result;
    double best = 1e9;
    bench_need(workload_init(&w, &err), &err);
    job_add(&w, 0, 784, 2 * ARRIVALS);
    job_add(&w, 0, 800, 1);
    for (int64_t i = 0; i < backlog; i++) job_add(&w, 0, 1 << i % 5, 3 * ARRIVALS + i % 1000);
    for (int64_t i = 0; i < arrivals; i++) job_add(&w, 1 + i, 1, 10);
    bench_need(workload_seal(&w, 0, &err), &err);
    for (int r = 0; r < 3; r++) {
        double t = bench_world_of(&w, 100, 8, *scheduler, &result);
        if (t < best) best = t;
        world_result_free(&result);
    }
    workload_free(&w);
    return best;
}

static void deep_of(const struct scheduler_spec *scheduler, const char *option)
{
    printf("%-16s %-18s", scheduler->order->name, option);
    for (int64_t backlog = 100; backlog <= 100000; backlog *= 10)
        printf(" %10.0f", (behind(backlog, ARRIVALS, scheduler) - behind(backlog, 0, scheduler)) /
                              ARRIVALS * 1e9);
    puts("");
    fflush(stdout);
}

static void deep(const char *order, enum scan_rule scan)
{
    struct scheduler_spec spec = { .order = queue_order_find(order), .backfill = { .scan = scan } };
    deep_of(&spec, scan_rules[scan].name);
}

static void deep_predicted(enum predictor_rule predictor)
{
    struct scheduler_spec spec = { .order = queue_order_find("qssf"), .predictor = predictor };
    deep_of(&spec, predictor_rules[predictor].name);
}

static void large(const char *order, double load, int limits, int64_t cycle_s)
{
    struct scheduler_spec spec = { .order = queue_order_find(order),
                                   .timing = { .cycle_us = cycle_s * US_PER_S } };
    struct workload w;
    struct world_result result;
    double best = 1e9;
    bench_workload(&w, 100000, 8000, load, 16, limits);
    for (int r = 0; r < 3 && (r == 0 || best < 1); r++) {
        if (r) world_result_free(&result);
        double t = bench_world_of(&w, 1000, 8, spec, &result);
        if (t < best) best = t;
    }
    printf("%-16s %-8s %6.1f %6lld %12lld %12.0f %10.2f   %.6g s waited\n", order,
           limits ? "limits" : "exact", load, (long long)cycle_s, (long long)result.max_queue,
           best * 1e4, best, result.mean_wait_s * (double)result.finished);
    fflush(stdout);
    world_result_free(&result);
    workload_free(&w);
}

int main(int argc, char **argv)
{
    static const char *const orders[] = { "easy", "slurm-backfill", "conservative" };
    int quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    printf("# Behind a long queue: ns an arrival that passes it, and its end, by the jobs that "
           "wait; processor time of the thread\n");
    printf("%-16s %-18s %10s %10s %10s %10s\n", "order", "option", "1e2", "1e3", "1e4", "1e5");
    deep("easy", SCAN_ARRIVAL);
    deep("easy", SCAN_SHORTEST);
    deep("srtf", SCAN_ARRIVAL); /* its arrivals preempt */
    deep_predicted(PREDICTOR_PERFECT);
    if (!quick) deep("conservative", SCAN_ARRIVAL);
    printf("\n# 100,000 jobs of 1 to 16 GPUs on 1,000 nodes of 8; limits: up to three times as "
           "long; cycles in seconds; processor time of the thread\n");
    printf("%-16s %-8s %6s %6s %12s %12s %10s   %s\n", "order", "limits", "load", "cycle",
           "most waiting", "ns a job", "CPU s", "checksum");
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++)
        for (int limits = 0; limits < 2; limits++)
            for (int i = 0; i < 3; i++) {
                /* With limits far too long conservative backfill moves every waiting job at every
                 * end. */
                if (limits && strcmp(orders[o], "conservative") == 0 && i > (quick ? 0 : 1))
                    continue;
                large(orders[o], (double[]){ 0.9, 1.0, 1.3 }[i], limits, 0);
            }
    large("conservative", 1.0, 1, 30);
    return 0;
}
