/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CO2 of a pool whose grid changes with the clock hour: the energy of each hour x its factor.
 *
 *      watt-hours up to   0        1        2        3
 *                         |--------|--------|--------|
 *      in hour                W1 - 0   W2 - W1  W3 - W2       sum: W3, the pool's energy
 *      grams                  x g1     x g2     x g3          added up exactly, rounded once
 *
 * An hour's energy is what the pool's energy (bill_energy_wh, whole watt-hours) grows by in it, so
 * that the hours are the pool's energy to the last watt-hour, and a grid that never changes gives
 * what bill_co2_g gives. All in 128-bit integers.
 */
#ifndef MODELS_PRICING_CARBON_H
#define MODELS_PRICING_CARBON_H

#include "models/pricing/hours.h"

/* Of a purchase with `carbon`; grams, half up, INT64_MAX at most. STATUS_BUG where the hours are
 * not energy_wh, which bill_energy_wh made of all of the usage. */
enum status bill_co2_by_hour(const struct purchase *purchase, int32_t gpus_per_node,
                             const struct hour_usage *usage, int64_t energy_wh, int64_t *co2_g,
                             struct error *err);

#endif
