/* SPDX-License-Identifier: Apache-2.0 */
/* Fleet-years: nanoseconds an hour-step by each way on one thread; two threads; and that all give
 * the same rows. */
#include <string.h>

#include "models/montecarlo/fleet_year.h"
#include "tools/bench/studies.h"

enum { REPLICATIONS = 512, ROUNDS = 5 };

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
    bench_year(regions, &world, &tables, &fleet);
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
    bench_year(1, &world, &tables, &fleet);
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
