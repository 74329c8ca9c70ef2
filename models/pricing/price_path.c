/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/price_path.h"

#include <math.h>
#include <stdlib.h>

#include "models/pricing/money.h"

#define PRICE_MOST 1e15 /* $1M an hour */

int64_t price_times(int64_t usd_nano_per_hour, double factor)
{
    double price = (double)usd_nano_per_hour * factor + 0.5;
    return (int64_t)(price < PRICE_MOST ? price : PRICE_MOST);
}

uint64_t price_path_market(const char *instance, const char *region, const char *zone)
{
    const char *const words[] = { instance, region, zone };
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* Fowler, Noll and Vo */
    for (int i = 0; i < 3; i++) {
        for (const char *c = words[i] ? words[i] : ""; *c; c++)
            hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
        hash = (hash ^ '|') * UINT64_C(0x100000001b3);
    }
    return hash;
}

enum status price_path_draw(const struct price_path *path, const struct price_trace *around,
                            int64_t usd_nano_per_hour, struct random_key key,
                            struct price_trace *trace, int64_t *mean, struct error *err)
{
    struct price_repairs none;
    struct price_step *steps = malloc((size_t)path->hours * sizeof *steps);
    double variance = random_log(1 + path->deviation * path->deviation), s = sqrt(variance);
    double r = random_exp(-random_log(2) * (double)HOUR_US / (double)path->half_life_us);
    double left = sqrt(1 - r * r), z = 0;
    __int128 sum = 0;
    if (!steps) return error_set(err, STATUS_NO_MEMORY, "no memory for %d hours", path->hours);
    for (int32_t h = 0; h < path->hours; h++) {
        double u = random_unit(key, RANDOM_SPOT_PRICE, path->market, (uint64_t)h);
        double e = random_normal_quantile(u < 1 ? u : 1 - 0x1p-53);
        int64_t at_us = h * HOUR_US - path->into_hour_us, base = usd_nano_per_hour;
        z = h == 0 ? e : r * z + left * e;
        if (around) base = (int64_t)(price_trace_cost(around, at_us, at_us + HOUR_US) / HOUR_US);
        base = price_times(base, path->level * random_exp(s * z - variance / 2));
        steps[h] = (struct price_step){ at_us, base };
        sum += base;
    }
    *mean = (int64_t)(sum / path->hours);
    enum status status = price_trace_init(trace, steps, (size_t)path->hours, &none, err);
    free(steps);
    return status;
}
