/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What n independent observations say of the number behind them: 95 % confidence intervals, each by
 * the method of its kind of number.
 *
 *      mean         Student's t, n - 1 degrees of freedom (Student 1908); near to exact where the
 *                   mean of n observations is near to normal
 *
 * The observations are replications: independent, of one distribution. Order matters for the last
 * bits alone, so callers give them in the order of the replications. Nothing is allocated or kept.
 */
#ifndef SIM_INTERVAL_H
#define SIM_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>

/* The mean of the values and the half width of its interval, which is NAN where n is 1. A NAN among
 * the values, or n = 0: both NAN. */
struct mean_interval {
    double mean, half;
};
struct mean_interval interval_of_mean(const double *values, size_t n);

/* The same of antithetic replications (sim/random.h): 2i and 2i + 1 depend on each other, their
 * means are independent, and it is of n / 2 of them. n is even. */
struct mean_interval interval_of_pairs(const double *values, size_t n);

/* Whether the half width is at most this share of the mean: the rule by which replications are
 * enough (Chow and Robbins 1965; Law, Simulation Modeling and Analysis, 9.4.1). A mean and a half
 * width of 0 are within any share; without an interval nothing is. */
bool interval_is_within(struct mean_interval interval, double share);

#endif
