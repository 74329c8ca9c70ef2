/* SPDX-License-Identifier: Apache-2.0 */
/* Fleet-years: nanoseconds an hour-step by each way on one thread, two threads, and that all give
 * the same rows. */
#include <string.h>

#include "models/montecarlo/fleet_year.h"
#include "models/montecarlo/fleet_year_setup.h"
#include "tools/bench/bench.h"

enum { REPLICATIONS = 2048, ROUNDS = 3 };

/* 300 GPUs of serving by day and night, 500 of training; 700 reserved, the rest from the market. */
static void setup(int regions, struct fleet_year_world *world, struct fleet_year_tables *tables,
                  struct fleet_year_fleet *fleet)
{
    struct error err = { STATUS_OK, "" };
    struct fleet_year_outlook o;
    struct fleet_year_offer f;
    fleet_year_outlook_init(&o);
    fleet_year_offer_init(&f);
    for (int h = 0; h < FLEET_YEAR_WEEK; h++) {
        int hour = h % 24, work = hour >= 8 && hour < 20 && h < 120;
        o.serving_gpus[h] = work ? 420 : 220;
        o.training_gpus[h] = 500;
    }
    o.growth = 0.3;
    o.growth_sd = 0.2;
    o.level_sd = 0.06;
    o.demand = (struct fleet_year_spread){ 0.15, 0.98 };
    o.burst_sd = 0.5;
    o.spot_price = (struct fleet_year_spread){ 0.25, 0.992 };
    o.region_n = regions;
    o.spot_capacity = (struct fleet_year_spread){ 0.4, 0.99 };
    o.region_correlation = 0.5;
    o.reclaim_gpus = o.failure_gpus = 8;
    o.reclaim_chance = 0.02;
    o.reclaim_sd = 0.4;
    o.failure_chance = 0.0003;
    o.failure_hours = 8;
    o.redo_hours = 0.7;
    f.reserved_gpus = 700;
    f.reserved_usd = 1.9;
    f.plan_usd_per_hour = 150;
    f.plan_usd = 2.4;
    f.on_demand_most_gpus = 400;
    f.on_demand_usd = 3.5;
    f.drain_hours = 6;
    f.lag_hours = 2;
    f.idle_hours = 1;
    for (int r = 0; r < regions; r++) {
        o.spot_gpus[r] = 250.0 / regions;
        f.spot_most_gpus[r] = 200.0 / regions;
        f.spot_usd[r] = 1.4;
        f.bid_usd[r] = 2.6;
    }
    bench_need(fleet_year_world_set(world, tables, &o, &err), &err);
    bench_need(fleet_year_fleet_set(fleet, &f, &err), &err);
}

static void add(void *context, const struct fleet_year_block *b)
{
    uint64_t *hash = context;
    for (uint32_t i = 0; i < b->n; i++)
        *hash += fleet_year_row_hash(&b->rows[i], b->fleet, b->first + i);
}

/* Seconds; of one thread the processor's. */
static double run(const struct fleet_year_case *c, const struct fleet_year_fleet *fleet,
                  enum fleet_year_way way, uint32_t n, int threads, uint64_t *hash)
{
    struct error err = { STATUS_OK, "" };
    double cpu = bench_now(), wall = bench_wall_now();
    *hash = 0;
    bench_need(fleet_year_run(c, fleet, 1, way, 0, n, threads, NULL, add, hash, &err), &err);
    return threads == 1 ? bench_now() - cpu : bench_wall_now() - wall;
}

int main(void)
{
    struct fleet_year_world world;
    struct fleet_year_tables tables;
    struct fleet_year_fleet fleet;
    int differ = 0;
    printf("\n# Fleet-years: %d replications of a year; processor time of one thread\n",
           REPLICATIONS);
    printf("%-8s %8s %14s %18s %18s\n", "regions", "way", "ns/hour-step", "fleet-years/s",
           "checksum");
    for (int regions = 0; regions <= FLEET_YEAR_REGIONS; regions += regions ? 3 : 1) {
        uint64_t first = 0;
        setup(regions, &world, &tables, &fleet);
        const struct fleet_year_case c = { &world, &tables };
        for (int way = 0; way < FLEET_YEAR_WAYS; way++) {
            uint64_t hash = 0;
            double best = 1e9;
            if (!fleet_year_way_works((enum fleet_year_way)way)) continue;
            for (int i = 0; i < ROUNDS; i++) {
                double t = run(&c, &fleet, (enum fleet_year_way)way, REPLICATIONS, 1, &hash);
                if (t < best) best = t;
            }
            if (way == FLEET_YEAR_SCALAR) first = hash;
            differ |= hash != first;
            printf("%-8d %8s %14.1f %18.0f   %016llx%s\n", regions, fleet_year_way_names[way],
                   best / REPLICATIONS / FLEET_YEAR_HOURS * 1e9, REPLICATIONS / best,
                   (unsigned long long)hash, hash == first ? "" : " DIFFERS");
        }
    }

    setup(1, &world, &tables, &fleet);
    const struct fleet_year_case c = { &world, &tables };
    uint64_t one = 0, two = 0;
    double t1 = 1e9, t2 = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double start = bench_wall_now();
        run(&c, &fleet, fleet_year_way_best(), 8 * REPLICATIONS, 1, &one);
        double t = bench_wall_now() - start;
        if (t < t1) t1 = t;
        t = run(&c, &fleet, fleet_year_way_best(), 8 * REPLICATIONS, 2, &two);
        if (t < t2) t2 = t;
    }
    differ |= one != two;
    printf("one thread %.3f s, two threads %.3f s: efficiency %.0f %%, %.0f fleet-years/s, %s\n",
           t1, t2, 100 * t1 / (2 * t2), 8 * REPLICATIONS / t2, one == two ? "identical" : "DIFFER");
    return differ;
}
