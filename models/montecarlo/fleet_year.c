/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/fleet_year.h"

#include <stdlib.h>
#include <string.h>

#include "models/montecarlo/fleet_year_lanes.h"

const char *const fleet_year_way_names[FLEET_YEAR_WAYS] = { "scalar", "avx2", "avx512" };

enum { LANES_MOST = 16 };

#ifdef __x86_64__

bool fleet_year_way_works(enum fleet_year_way way)
{
    if (way == FLEET_YEAR_SCALAR) return true;
    if (way == FLEET_YEAR_AVX2) return __builtin_cpu_supports("avx2");
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl");
}

static fleet_year_lanes *lanes_of(enum fleet_year_way way, uint32_t *lanes)
{
    static fleet_year_lanes *const of[FLEET_YEAR_WAYS] = { fleet_year_lanes_here,
                                                           fleet_year_lanes_avx2,
                                                           fleet_year_lanes_avx512 };
    static const uint32_t n[FLEET_YEAR_WAYS] = { 1, 8, LANES_MOST };
    *lanes = n[way];
    return of[way];
}

#else

bool fleet_year_way_works(enum fleet_year_way way) { return way == FLEET_YEAR_SCALAR; }

static fleet_year_lanes *lanes_of(enum fleet_year_way way, uint32_t *lanes)
{
    (void)way;
    *lanes = 1;
    return fleet_year_lanes_here;
}

#endif

enum fleet_year_way fleet_year_way_best(void)
{
    int way = FLEET_YEAR_WAYS - 1;
    while (!fleet_year_way_works((enum fleet_year_way)way)) way--;
    return (enum fleet_year_way)way;
}

void fleet_year_rows(const struct fleet_year_case *c, const struct fleet_year_fleet *fleet,
                     enum fleet_year_way way, uint32_t first, uint32_t n,
                     struct fleet_year_row *rows)
{
    uint32_t lanes;
    fleet_year_lanes *run = lanes_of(way, &lanes);
    uint32_t i = 0;
    for (; i + lanes <= n; i += lanes) run(c, fleet, first + i, rows + i);
    if (i == n) return;
    /* Lanes beyond the last are run, and left out. */
    struct fleet_year_row rest[LANES_MOST];
    run(c, fleet, first + i, rest);
    memcpy(rows + i, rest, (n - i) * sizeof *rows);
}

/* The finaliser of splitmix64 (Steele, Lea and Flood 2014). */
static uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t fleet_year_row_hash(const struct fleet_year_row *row, uint32_t fleet, uint32_t replication)
{
    uint64_t hash = mix(((uint64_t)fleet << 32 | replication) + UINT64_C(0x9e3779b97f4a7c15));
    for (int i = 0; i < FLEET_YEAR_FIELDS; i++) hash = mix(hash ^ (uint64_t)row->field[i]);
    for (int i = 0; i < FLEET_YEAR_MONTHS; i++) hash = mix(hash ^ (uint64_t)row->month_usd[i]);
    return hash;
}

/* ---- threads ---- */

struct study {
    const struct fleet_year_case *c;
    const struct fleet_year_fleet *fleets;
    uint32_t fleet_n, first, n;
    enum fleet_year_way way;
    fleet_year_sink *sink;
    void *context;
};

/* One block of replications of all fleets; false: told to stop. */
static bool block_run(const struct study *s, uint32_t at, struct fleet_year_row *rows,
                      const volatile int *stop)
{
    struct fleet_year_block b = { .first = s->first + at, .rows = rows };
    b.n = s->n - at < FLEET_YEAR_BLOCK ? s->n - at : FLEET_YEAR_BLOCK;
    for (b.fleet = 0; b.fleet < s->fleet_n; b.fleet++) {
        if (stop && *stop) return false;
        fleet_year_rows(s->c, &s->fleets[b.fleet], s->way, b.first, b.n, rows);
#pragma omp critical(fleet_year_sink)
        s->sink(s->context, &b);
    }
    return true;
}

enum status fleet_year_run(const struct fleet_year_case *c, const struct fleet_year_fleet *fleets,
                           uint32_t fleet_n, enum fleet_year_way way, uint32_t first, uint32_t n,
                           int threads, const volatile int *stop, fleet_year_sink *sink,
                           void *context, struct error *err)
{
    const struct study s = { c, fleets, fleet_n, first, n, way, sink, context };
    const int64_t blocks = ((int64_t)n + FLEET_YEAR_BLOCK - 1) / FLEET_YEAR_BLOCK;
    int no_memory = 0, stopped = 0;
#pragma omp parallel num_threads(threads) reduction(| : no_memory, stopped)
    {
        struct fleet_year_row *rows = malloc(FLEET_YEAR_BLOCK * sizeof *rows);
        no_memory = !rows;
#pragma omp for schedule(dynamic)
        for (int64_t b = 0; b < blocks; b++)
            if (!no_memory && !stopped)
                stopped = !block_run(&s, (uint32_t)b * FLEET_YEAR_BLOCK, rows, stop);
        free(rows);
    }
    if (no_memory) return error_set(err, STATUS_NO_MEMORY, "no memory for fleet-years");
    if (stopped) return error_set(err, STATUS_INTERRUPTED, "stopped");
    return STATUS_OK;
}
