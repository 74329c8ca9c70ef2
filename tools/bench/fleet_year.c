/* SPDX-License-Identifier: Apache-2.0 */
/* Fleet-years: nanoseconds an hour-step by each way on one thread; two threads; and that all give
 * the same rows. */
#include <string.h>

#include "models/montecarlo/fleet_year.h"
#include "models/montecarlo/fleet_year_setup.h"
#include "tools/bench/bench.h"

enum { REPLICATIONS = 512, ROUNDS = 5 };

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

struct timing {
    double cpu, wall; /* the least of all rounds, in seconds; cpu: of all threads */
    uint64_t hash;
};

static void run(const struct fleet_year_case *c, const struct fleet_year_fleet *fleet,
                enum fleet_year_way way, uint32_t n, int threads, struct timing *t)
{
    struct error err = { STATUS_OK, "" };
    double cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID), wall = bench_wall_now();
    t->hash = 0;
    bench_need(fleet_year_run(c, fleet, 1, way, 0, n, threads, NULL, add, &t->hash, &err), &err);
    cpu = bench_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = bench_wall_now() - wall;
    if (t->cpu == 0 || cpu < t->cpu) t->cpu = cpu;
    if (t->wall == 0 || wall < t->wall) t->wall = wall;
}

/* Ways take turns, so that a busy machine slows all of them. */
static int ways(int regions)
{
    struct fleet_year_world world;
    struct fleet_year_tables tables;
    struct fleet_year_fleet fleet;
    struct timing t[FLEET_YEAR_WAYS] = { { 0 } };
    int differ = 0;
    setup(regions, &world, &tables, &fleet);
    const struct fleet_year_case c = { &world, &tables };
    for (int i = 0; i < ROUNDS; i++)
        for (int way = 0; way < FLEET_YEAR_WAYS; way++)
            if (fleet_year_way_works((enum fleet_year_way)way))
                run(&c, &fleet, (enum fleet_year_way)way, REPLICATIONS, 1, &t[way]);
    for (int way = 0; way < FLEET_YEAR_WAYS; way++) {
        if (t[way].cpu == 0) continue;
        differ |= t[way].hash != t[0].hash;
        printf("%7d  %-8s %12.1f %9.2f %15.0f   %016llx%s\n", regions, fleet_year_way_names[way],
               t[way].cpu / REPLICATIONS / FLEET_YEAR_HOURS * 1e9, t[0].cpu / t[way].cpu,
               REPLICATIONS / t[way].cpu, (unsigned long long)t[way].hash,
               t[way].hash == t[0].hash ? "" : " DIFFERS");
    }
    return differ;
}

static int two_threads(void)
{
    enum { MORE = 8 };
    struct fleet_year_world world;
    struct fleet_year_tables tables;
    struct fleet_year_fleet fleet;
    struct timing one = { 0 }, two = { 0 };
    setup(1, &world, &tables, &fleet);
    const struct fleet_year_case c = { &world, &tables };
    for (int i = 0; i < ROUNDS; i++) {
        run(&c, &fleet, fleet_year_way_best(), MORE * REPLICATIONS, 1, &one);
        run(&c, &fleet, fleet_year_way_best(), MORE * REPLICATIONS, 2, &two);
    }
    printf("one thread %.3f s, two threads %.3f s: efficiency %.0f %% by the clock, %.0f %% by "
           "processor time; %.0f fleet-years/s, %s\n",
           one.wall, two.wall, 100 * one.wall / (2 * two.wall), 100 * one.cpu / two.cpu,
           MORE * REPLICATIONS / two.wall, one.hash == two.hash ? "identical" : "DIFFER");
    return one.hash != two.hash;
}

int main(void)
{
    printf("\n# Fleet-years: %d replications of a year on one thread; processor time\n",
           REPLICATIONS);
    printf("regions  way      ns/hour-step    faster   fleet-years/s           checksum\n");
    int differ = ways(0);
    differ |= ways(1);
    differ |= ways(FLEET_YEAR_REGIONS);
    return differ | two_threads();
}
