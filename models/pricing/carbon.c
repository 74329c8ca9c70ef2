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
        until.node_us += usage->node_us[h];
        if (usage->on_us) until.off_us += usage->node_us[h] - usage->on_us[h];
        held_milli_us += usage->held_milli_us[h];
        until.busy_gpu_us = held_milli_us / GPU_WHOLE;
        int64_t now = bill_energy_wh(purchase, &until);
        int64_t from_us = h * HOUR_US - usage->into_hour_us;
        nanograms += price_trace_cost(purchase->carbon, from_us, from_us + HOUR_US) / HOUR_US *
                     (now - before);
        before = now;
    }
    if (before != energy_wh)
        return error_set(err, STATUS_BUG, "invariant broken: energy by hour = by pool");
    __int128 grams = (nanograms + NANOGRAMS_PER_GRAM / 2) / NANOGRAMS_PER_GRAM;
    *co2_g = grams > INT64_MAX ? INT64_MAX : (int64_t)grams;
    return STATUS_OK;
}
