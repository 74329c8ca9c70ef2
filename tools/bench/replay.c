/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop against the least that any replay must do: the reference kernel, M/M/c first come
 * first served on the same event queue, with no nodes, no placement, no books and no checks. Then
 * growth with the number of jobs, deep queues, and ten million jobs on 100,000 GPUs. One thread;
 * times are the best of the repetitions, ratios are within this run.
 */
#include <string.h>

#include "sim/events.h"
#include "tools/bench/bench.h"

/* Sum of waits in microseconds, the checksum. */
static double kernel(const struct workload *w, uint32_t servers, int64_t *sum_out)
{
    struct events ends;
    struct error err = { STATUS_OK, "" };
    double begin = bench_now();
    bench_need(events_init(&ends, servers, &err), &err);
    uint32_t *free_slot = malloc(servers * sizeof *free_slot), free_n = servers;
    for (uint32_t i = 0; i < servers; i++) free_slot[i] = servers - 1 - i;
    int64_t sum = 0;
    size_t next = 0, head = 0;
    while (head < w->job_n) {
        int64_t arrival = next < w->job_n ? w->submit_us[next] : EVENT_NONE,
                end = events_next_time(&ends);
        int64_t now;
        if (end <= arrival) {
            uint32_t slot = events_next_slot(&ends);
            now = end;
            events_set(&ends, slot, EVENT_NONE);
            free_slot[free_n++] = slot;
        } else {
            now = arrival;
            next++;
        }
        while (head < next && free_n > 0) {
            sum += now - w->submit_us[head];
            events_set(&ends, free_slot[--free_n], now + w->run_us[head]);
            head++;
        }
    }
    free(free_slot);
    events_free(&ends);
    *sum_out = sum;
    return bench_now() - begin;
}

static void against_the_kernel(int64_t jobs, int32_t nodes, int repeat)
{
    struct workload w;
    struct world_result result;
    double base = 1e9, world = 1e9;
    int64_t sum = 0;
    bench_workload(&w, jobs, 8 * (int64_t)nodes, 0.9, 1, 0);
    for (int r = 0; r < repeat; r++) {
        double t = kernel(&w, (uint32_t)(8 * nodes), &sum);
        if (t < base) base = t;
        t = bench_world(&w, nodes, 8, "fifo", &result);
        if (t < world) world = t;
        if (r + 1 < repeat) world_result_free(&result);
    }
    double waits = result.mean_wait_s * (double)result.finished;
    printf("%10lld %7d %9lld %12.1f %12.1f %8.2f   %.6g s waited%s\n", (long long)jobs, nodes,
           8 * (long long)nodes, base / (double)jobs * 1e9, world / (double)jobs * 1e9,
           world / base, waits,
           waits - (double)sum / 1e6 > 1e-9 * waits + 1e-3 ||
                   (double)sum / 1e6 - waits > 1e-9 * waits + 1e-3
               ? "   DIFFERS FROM THE KERNEL"
               : "");
    fflush(stdout);
    world_result_free(&result);
    workload_free(&w);
}

/* A fleet too small by a twentieth: the queue grows all the time. */
static void deep_queue(const char *order, int64_t jobs, int limits, double load)
{
    struct workload w;
    struct world_result result;
    bench_workload(&w, jobs, 800, load, 16, limits);
    double t = bench_world(&w, 100, 8, order, &result);
    printf("%-16s %-8s %10lld %12lld %12.1f\n", order, limits ? "limits" : "exact", (long long)jobs,
           (long long)result.max_queue, t / (double)jobs * 1e9);
    fflush(stdout);
    world_result_free(&result);
    workload_free(&w);
}

int main(int argc, char **argv)
{
    int quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    printf("# Replay: fifo, pack, single GPUs at load 0.9, nodes of 8; processor time of the "
           "thread\n");
    printf("%10s %7s %9s %12s %12s %8s   %s\n", "jobs", "nodes", "GPUs", "kernel ns", "world ns",
           "ratio", "checksum");
    for (int64_t jobs = 10000; jobs <= (quick ? 100000 : 10000000); jobs *= 10)
        for (int i = 0; i < 3; i++)
            against_the_kernel(jobs, (int32_t[]){ 100, 1250, 12500 }[i], jobs >= 10000000 ? 2 : 3);
    printf("\n# Deep queues: gangs of 1 to 16 GPUs, 800 GPUs in nodes of 8, more work than they "
           "can do\n");
    printf("%-16s %-8s %10s %12s %12s\n", "order", "limits", "jobs", "most waiting", "ns a job");
    for (const struct queue_order *o = queue_orders; o->name; o++) {
        if (o->backfills > BACKFILL_EASY || rank_by_shares(o->rank))
            continue; /* see queues.c and rounds.c */
        if (!quick) deep_queue(o->name, 100000, 0, 2.0);
        deep_queue(o->name, quick ? 50000 : 400000, 0, 1.3);
    }
    deep_queue("easy", quick ? 50000 : 400000, 1, 1.3);
    if (quick) return 0;
    struct workload w;
    struct world_result result;
    bench_workload(&w, 10000000, 100000, 0.9, 16, 0);
    double t = bench_world(&w, 12500, 8, "fifo", &result);
    printf("\n# Ten million jobs (gangs of 1 to 16) on 100,000 GPUs, fifo and pack, trace loaded: "
           "%.2f s, peak memory of all the above %.2f GiB\n",
           t, bench_peak_gib());
    world_result_free(&result);
    workload_free(&w);
    return 0;
}
