/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spot price that wanders around what it is: hour by hour, and back to it.
 *
 *      price of hour h = price x e^(s z_h - s^2 / 2)      s^2 = ln(1 + deviation^2)
 *      z_0 normal      z_h+1 = r z_h + sqrt(1 - r^2) e_h    r = 2^(-1 hour / half life)
 *
 * An autoregression of the logarithm (the exponential Ornstein-Uhlenbeck process of Schwartz 1997,
 * seen by the hour), begun where it stays in distribution: the price of each hour is log-normal,
 * its mean is the price that it wanders around, and half of a deviation is gone after a half life.
 * The e_h are drawn by inversion, one for each clock hour.
 */
#ifndef MODELS_PRICING_PRICE_PATH_H
#define MODELS_PRICING_PRICE_PATH_H

#include "models/pricing/metering.h"
#include "sim/random.h"

struct price_path {
    double deviation;     /* standard deviation / mean, > 0 */
    int64_t half_life_us; /* > 0 */
    double level;         /* a factor on all hours */
    uint64_t market;      /* whose draws: nodes of one market have one path */
    int64_t into_hour_us; /* second 0 lies so far in hour 0 */
    int32_t hours;        /* the last one's price holds after them */
};

/* around: what it wanders around, hour by hour; NULL: usd_nano_per_hour at all times. A price is
 * rounded to a nano-dollar, and at most $1M an hour. *mean: over the hours. The trace is the
 * caller's to free. */
enum status price_path_draw(const struct price_path *path, const struct price_trace *around,
                            int64_t usd_nano_per_hour, struct random_key key,
                            struct price_trace *trace, int64_t *mean, struct error *err);
/* A market's number: FNV-1a of the words that name it. */
uint64_t price_path_market(const char *instance, const char *region, const char *zone);
/* A price times a factor, as above. */
int64_t price_times(int64_t usd_nano_per_hour, double factor);

#endif
