/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What n independent observations say of the number behind them: 95 % confidence intervals, each by
 * the method of its kind of number.
 *
 *      mean         Student's t, n - 1 degrees of freedom (Student 1908); near to exact where the
 *                   mean of n observations is near to normal
 *      proportion   Wilson's score interval (Wilson 1927); holds its level also near 0 and 1, and
 *                   with few observations (Brown, Cai and DasGupta 2001)
 *      quantile     two of the observations themselves, by exact binomial chances (David and
 *                   Nagaraja, Order Statistics, 7.1); whatever the distribution, 95 % or more
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

/* Of a chance, from `hits` of n > 0; within 0 .. 1. Test value: 10 of 20: 0.299 .. 0.701. */
struct range_interval {
    double low, high;
};
struct range_interval interval_of_proportion(size_t hits, size_t n);

/* Of the number that a share p of all observations is at or below, 0 < p < 1: the first and the
 * last of the values that bound it, and between them the value nearest in rank. sorted: rising.
 * With too few of them there is none: low and high are NAN. Test value: the median of 10 lies
 * between the second and the ninth (97.9 %). */
struct quantile_interval {
    double value, low, high;
};
struct quantile_interval interval_of_quantile(const double *sorted, size_t n, double p);

/* Whether the half width is at most this share of the mean: the rule by which replications are
 * enough (Chow and Robbins 1965; Law, Simulation Modeling and Analysis, 9.4.1). A mean and a half
 * width of 0 are within any share; without an interval nothing is. */
bool interval_is_within(struct mean_interval interval, double share);

#endif
