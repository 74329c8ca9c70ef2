/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Amounts before they are rounded. A rate is in nano-dollars per hour, a time in microseconds;
 * their product, a *rated time*, is money in units of 1 / 3.6e18 dollar, exactly, in 128 bits:
 *
 *      rate (nano-dollars per hour) x time (us)  =  rated time,  RATED_USD of which are a dollar
 *
 * Rated times are added and split without loss; a charge line is rounded once, to a micro-dollar.
 */
#ifndef MODELS_PRICING_MONEY_H
#define MODELS_PRICING_MONEY_H

#include <stdint.h>

#define HOUR_US         (INT64_C(3600) * 1000000)
#define RATED_USD_MICRO ((__int128)HOUR_US * 1000)
#define RATED_USD       (RATED_USD_MICRO * 1000000)

/* Rounded half up to a micro-dollar; stops at INT64_MAX. rated >= 0. */
int64_t rated_usd_micro(__int128 rated);

/* amount x part / whole, rounded down. 0 <= part <= whole < 2^64, whole > 0, 0 <= amount. With
 * these bounds nothing inside exceeds 128 bits. */
__int128 rated_share(__int128 amount, __int128 part, __int128 whole);

#endif
