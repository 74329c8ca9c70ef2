/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside fleet_year.c, fleet_year_avx2.c and fleet_year_avx512.c: the model function around a
 * vector of lanes, and its results as rows. Each of the three defines MC_LANES, or not, before it
 * includes this.
 *
 * The number of regions is a constant in each of the copies that are made of the model, so that
 * what there is of a region stays in registers.
 */
#ifndef MODELS_MONTECARLO_FLEET_YEAR_LANES_H
#define MODELS_MONTECARLO_FLEET_YEAR_LANES_H

#include "models/montecarlo/fleet_year.h"

#ifdef MC_LANES
enum { FLEET_YEAR_LANES = MC_LANES };
#else
enum { FLEET_YEAR_LANES = 1 };
#endif

/* Replications first, first + 1 ...: as many as there are lanes. */
typedef void fleet_year_lanes(const struct fleet_year_case *c, const struct fleet_year_fleet *fleet,
                              uint32_t first, struct fleet_year_row *rows);
fleet_year_lanes fleet_year_lanes_avx2, fleet_year_lanes_avx512;

MC_FN void fleet_year_lane_values(const mc_i64 *from, int64_t to[FLEET_YEAR_LANES])
{
    __builtin_memcpy(to, from, sizeof *from);
}

MC_FN void fleet_year_lanes_of(const struct fleet_year_case *c,
                               const struct fleet_year_fleet *fleet, uint32_t first,
                               struct fleet_year_row *rows, int regions)
{
    struct fleet_year_state s;
    mc_i32 ring[FLEET_YEAR_LAG_MAX];
    uint32_t replication[FLEET_YEAR_LANES];
    int64_t value[FLEET_YEAR_LANES];
    mc_u32 of_lanes;
    for (int i = 0; i < FLEET_YEAR_LANES; i++) replication[i] = first + (uint32_t)i;
    __builtin_memcpy(&of_lanes, replication, sizeof of_lanes);
    fleet_year_begin(&s, ring, c->world, fleet, c->tables, of_lanes, regions);
    int32_t months = fleet_year_month_n(c->world);
    for (int32_t month = 0; month < FLEET_YEAR_MONTHS; month++) {
        mc_i64 bill = mc_all_i64(0);
        if (month < months) {
            fleet_year_month(&s, ring, c->world, fleet, c->tables, month, regions);
            bill = s.sum[FLEET_YEAR_COST];
        }
        fleet_year_lane_values(&bill, value);
        for (int i = 0; i < FLEET_YEAR_LANES; i++) rows[i].month_usd[month] = value[i];
    }
    for (int k = 0; k < FLEET_YEAR_FIELDS; k++) {
        fleet_year_lane_values(&s.sum[k], value);
        for (int i = 0; i < FLEET_YEAR_LANES; i++) rows[i].field[k] = value[i];
    }
}

static inline void fleet_year_lanes_here(const struct fleet_year_case *c,
                                         const struct fleet_year_fleet *fleet, uint32_t first,
                                         struct fleet_year_row *rows)
{
    switch (c->world->region_n) {
    case 0: fleet_year_lanes_of(c, fleet, first, rows, 0); break;
    case 1: fleet_year_lanes_of(c, fleet, first, rows, 1); break;
    case 2: fleet_year_lanes_of(c, fleet, first, rows, 2); break;
    case 3: fleet_year_lanes_of(c, fleet, first, rows, 3); break;
    default: fleet_year_lanes_of(c, fleet, first, rows, FLEET_YEAR_REGIONS);
    }
}

#endif
