/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placements: 1,523 nodes of eleven kinds, 6,176 GPUs, and requests of sixty kinds with cores and
 * memory, half of them for a part of a GPU, that come and go; nine tenths of the GPUs are asked
 * for. Placements a second of one thread, all of a world's work counted.
 */
#include <string.h>

#include "tools/bench/bench.h"

enum { KINDS = 11 };

static const struct {
    int32_t nodes, gpus;
    int64_t cores, gib;
} kinds[KINDS] = { { 550, 8, 96, 384 }, { 387, 2, 104, 512 }, { 130, 2, 16, 120 },
                   { 40, 8, 128, 768 }, { 29, 4, 32, 128 },   { 22, 8, 96, 768 },
                   { 30, 1, 8, 32 },    { 25, 4, 96, 384 },   { 129, 0, 32, 256 },
                   { 100, 0, 96, 512 }, { 81, 0, 64, 256 } };

/* A kind of request; low kinds are the more frequent ones. */
static void ask(struct job_row *row, uint64_t kind)
{
    static const int32_t parts[] = { 100, 150, 230, 320, 470, 500, 650, 810 };
    row->cpu_milli = 2000 + 1300 * (int64_t)(kind * 7 % 11);
    row->mem_mib = 4096 + 3072 * (int64_t)(kind * 5 % 13);
    if (kind % 8 == 7) row->gpu_milli = 0;
    else if (kind % 2) row->gpu_milli = parts[kind / 2 % 8];
    else row->gpu_milli = kind % 20 == 10 ? 8000 : kind % 20 == 18 ? 2000 : 1000;
}

static void requests(struct workload *w, int64_t jobs, int64_t gpus)
{
    struct error err = { STATUS_OK, "" };
    struct random_key key = random_key(11, 0);
    double at = 0, gpu_hours = 0;
    bench_need(workload_init(w, &err), &err);
    for (int pass = 0; pass < 2; pass++) /* first what they hold, then how fast they may come */
        for (int64_t j = 0; j < jobs; j++) {
            struct job_row row;
            job_row_init(&row);
            double u = random_unit(key, RANDOM_TEST, (uint64_t)j, 0);
            double hours = random_exponential_of(random_unit(key, RANDOM_TEST, (uint64_t)j, 1));
            ask(&row, (uint64_t)(60 * u * u));
            if (pass == 0) {
                gpu_hours += hours * row.gpu_milli / 1000;
                continue;
            }
            at += random_exponential_of(random_unit(key, RANDOM_TEST, (uint64_t)j, 2)) * gpu_hours /
                  (0.9 * (double)gpus * (double)jobs);
            row.submit_us = (int64_t)(at * 3600e6);
            row.run_us = (int64_t)(hours * 3600e6);
            bench_need(workload_add(w, &row, &err), &err);
        }
    bench_need(workload_seal(w, 0, &err), &err);
}

int main(int argc, char **argv)
{
    int quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    struct pool_spec pools[KINDS];
    struct fleet_spec fleet = { .name = "bench",
                                .pool_n = KINDS,
                                .pools = pools,
                                .scheduler = { .order = queue_order_find("fifo-skip"),
                                               .gang = GANG_ONE_NODE,
                                               .sharing = SHARING_FRACTIONAL } };
    struct workload w;
    for (int k = 0; k < KINDS; k++)
        pools[k] = (struct pool_spec){ .name = "kind",
                                       .type = { .name = "node",
                                                 .provider = "bench",
                                                 .gpu_model = kinds[k].gpus ? "GPU" : "",
                                                 .gpus = kinds[k].gpus,
                                                 .cpu_milli = 1000 * kinds[k].cores,
                                                 .mem_mib = 1024 * kinds[k].gib,
                                                 .source = "" },
                                       .nodes = kinds[k].nodes,
                                       .purchase = { .option = purchase_option_find("on-demand"),
                                                     .usd_nano_per_hour = 1 } };
    requests(&w, quick ? 20000 : 200000, fleet_spec_gpus(&fleet));
    printf("# %zu requests on 1,523 nodes, %lld GPUs, shared; processor time of the thread\n",
           w.job_n, (long long)fleet_spec_gpus(&fleet));
    printf("%-24s %14s %10s   %s\n", "placement", "placements/s", "wait, s", "checksum");
    for (const struct placement *p = placements; p->name; p++) {
        struct error err = { STATUS_OK, "" };
        struct world_options options = { .seed = 1 };
        struct world_result result;
        fleet.scheduler.placement = p;
        double start = bench_now();
        bench_need(world_run(&w, &fleet, &options, NULL, &result, &err), &err);
        printf("%-24s %14.0f %10.1f   %.9g s waited\n", p->name,
               (double)result.finished / (bench_now() - start), result.mean_wait_s,
               result.mean_wait_s * (double)result.finished);
        fflush(stdout);
        world_result_free(&result);
    }
    workload_free(&w);
    return 0;
}
