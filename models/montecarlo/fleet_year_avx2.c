/* SPDX-License-Identifier: Apache-2.0 */
/* Fleet-years by 8 lanes; nothing where the compiler was not asked for them. */
#ifdef __AVX2__
#define MC_LANES 8

#include "models/montecarlo/fleet_year_lanes.h"

void fleet_year_lanes_avx2(const struct fleet_year_case *c, const struct fleet_year_fleet *fleet,
                           uint32_t first, struct fleet_year_row *rows)
{
    fleet_year_lanes_here(c, fleet, first, rows);
}

#endif
