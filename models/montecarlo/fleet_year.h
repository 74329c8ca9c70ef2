/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replications of fleet-years (fleet_year_model.h) on the processors of this machine.
 *
 *      way       lanes    compiled with             where
 *      scalar     1       nothing special           everywhere
 *      avx2       8       -mavx2                    x86-64 that has it
 *      avx512    16       -mavx512f, cd, dq, bw, vl x86-64 that has them
 *
 * All ways and any number of threads give the same rows, and rows are all that there is: what is
 * counted of them (fleet_year_tally.h) is sums of integers, in any order. A row is a function of
 * (world, tables, fleet, replication) alone.
 *
 * The caller owns everything. Worlds and fleets are in their ranges (fleet_year_setup.h).
 */
#ifndef MODELS_MONTECARLO_FLEET_YEAR_H
#define MODELS_MONTECARLO_FLEET_YEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/montecarlo/fleet_year_model.h"
#include "sim/status.h"

struct fleet_year_row {
    int64_t field[FLEET_YEAR_FIELDS];
    int64_t month_usd[FLEET_YEAR_MONTHS]; /* the bill up to the end of each month; 0 beyond */
};

enum fleet_year_way { FLEET_YEAR_SCALAR, FLEET_YEAR_AVX2, FLEET_YEAR_AVX512, FLEET_YEAR_WAYS };
extern const char *const fleet_year_way_names[FLEET_YEAR_WAYS]; /* "scalar", ... */
/* Whether this program and this processor have it. */
bool fleet_year_way_works(enum fleet_year_way way);
/* The fastest that works. */
enum fleet_year_way fleet_year_way_best(void);

/* What replications are of. */
struct fleet_year_case {
    const struct fleet_year_world *world;
    const struct fleet_year_tables *tables;
};

/* Replications first to first + n - 1 of one fleet, on this thread. */
void fleet_year_rows(const struct fleet_year_case *c, const struct fleet_year_fleet *fleet,
                     enum fleet_year_way way, uint32_t first, uint32_t n,
                     struct fleet_year_row *rows);

/* Tells rows apart: 64 bits of everything in it, of the fleet's number and the replication's. The
 * sum over rows depends on no order, and is the same for any threads, ways and devices. */
uint64_t fleet_year_row_hash(const struct fleet_year_row *row, uint32_t fleet,
                             uint32_t replication);

/* Replications of one block of one fleet are ready. Never called twice at once; blocks come in any
 * order. */
struct fleet_year_block {
    uint32_t fleet, first, n;
    const struct fleet_year_row *rows; /* [n] */
};
typedef void fleet_year_sink(void *context, const struct fleet_year_block *block);

enum { FLEET_YEAR_BLOCK = 128 }; /* replications, at most, and but for the last as many */

/* All fleets x replications first to first + n - 1, blocks of replications on `threads` threads.
 * STATUS_INTERRUPTED where *stop (may be NULL) became non-zero: then some blocks were not given. */
enum status fleet_year_run(const struct fleet_year_case *c, const struct fleet_year_fleet *fleets,
                           uint32_t fleet_n, enum fleet_year_way way, uint32_t first, uint32_t n,
                           int threads, const volatile int *stop, fleet_year_sink *sink,
                           void *context, struct error *err);

#endif
