/* SPDX-License-Identifier: Apache-2.0 */
/* Fleet-years: nanoseconds an hour-step by each way on one thread, two threads, and that all give
 * the same rows. */
#include <string.h>

#include "models/montecarlo/fleet_year.h"
#include "tools/bench/studies.h"

enum { REPLICATIONS = 2048, ROUNDS = 3 };

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
        bench_year(regions, &world, &tables, &fleet);
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

    bench_year(1, &world, &tables, &fleet);
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
