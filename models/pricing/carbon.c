/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/carbon.h"

#include "models/fleet/gpu_table.h"
#include "models/pricing/metering.h"
#include "models/pricing/money.h"

/* Watt-hours x micrograms per kilowatt-hour. */
#define NANOGRAMS_PER_GRAM INT64_C(1000000000)

enum status bill_co2_by_hour(const struct purchase *purchase, int32_t gpus_per_node,
                             const struct hour_usage *usage, int64_t energy_wh, int64_t *co2_g,
                             struct error *err)
{
    struct pool_usage until = { .gpus_per_node = gpus_per_node };
    __int128 held_milli_us = 0, nanograms = 0;
    int64_t before = 0;
    for (int32_t h = 0; h < usage->hours; h++) {
        hour_usage_add(usage, h, &held_milli_us, &until);
        int64_t now = bill_energy_wh(purchase, &until);
        nanograms += hour_usage_mean(usage, purchase->carbon, h) * (now - before);
        before = now;
    }
    if (before != energy_wh)
        return error_set(err, STATUS_BUG, "invariant broken: energy by hour = by pool");
    __int128 grams = (nanograms + NANOGRAMS_PER_GRAM / 2) / NANOGRAMS_PER_GRAM;
    *co2_g = grams > INT64_MAX ? INT64_MAX : (int64_t)grams;
    return STATUS_OK;
}
