/* SPDX-License-Identifier: Apache-2.0 */
/* What the Monte Carlo benchmarks compute, on processors and on devices. */
#ifndef TOOLS_BENCH_STUDIES_H
#define TOOLS_BENCH_STUDIES_H

#include "models/montecarlo/fleet_year_setup.h"
#include "models/montecarlo/queue.h"
#include "tools/bench/bench.h"

/* Sizes 1, 2, 4, ... up to half of the servers and at most 128, more small than large; log-normal
 * runs of 4 hours in the mean; Poisson arrivals, seven tenths of the servers' worth of work. */
static inline void bench_laws(uint32_t servers, struct queue_laws *laws)
{
    static const double chance[] = { .30, .18, .14, .14, .12, .07, .04, .01 }, sigma = 1.2;
    struct error err;
    struct queue_law_source run = { 4 * 3600e6, law_quantile_lognormal, &sigma, NULL, 0 };
    struct queue_law_source gap = { 1, law_quantile_exponential, NULL, NULL, 0 };
    bench_need(queue_laws_init(laws, LAW_SHORT, &err), &err);
    bench_need(queue_laws_gap(laws, gap, &err), &err);
    for (uint32_t c = 0; c < sizeof chance / sizeof *chance && 1u << c <= servers / 2; c++)
        bench_need(queue_laws_class(laws, 1u << c, chance[c], run, &err), &err);
    gap.unit_us = queue_laws_offered(laws, servers) / (0.7 * servers);
    bench_need(queue_laws_gap(laws, gap, &err), &err);
}

/* 300 GPUs of serving by day and night, 500 of training; 700 reserved, the rest from the market. */
static inline void bench_year(int regions, struct fleet_year_world *world,
                              struct fleet_year_tables *tables, struct fleet_year_fleet *fleet)
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

#endif
