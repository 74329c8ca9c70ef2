/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/interval.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* Of n groups of `each` values that stand side by side, by the mean of each. */
static struct mean_interval of_groups(const double *values, size_t n, size_t each)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++) { /* Welford 1962 */
        double value = values[i * each];
        for (size_t k = 1; k < each; k++) value += values[i * each + k];
        double delta = value / (double)each - mean;
        if (isnan(value)) return (struct mean_interval){ NAN, NAN };
        mean += delta / (double)(i + 1);
        squares += delta * (value / (double)each - mean);
    }
    if (n == 0) return (struct mean_interval){ NAN, NAN };
    if (n == 1) return (struct mean_interval){ mean, NAN };
    double t = gsl_cdf_tdist_Pinv(0.975, (double)n - 1);
    return (struct mean_interval){ mean, t * sqrt(squares / (double)(n - 1) / (double)n) };
}

struct mean_interval interval_of_mean(const double *values, size_t n)
{
    return of_groups(values, n, 1);
}

struct mean_interval interval_of_pairs(const double *values, size_t n)
{
    return of_groups(values, n / 2, 2);
}

struct range_interval interval_of_proportion(size_t hits, size_t n)
{
    double z = gsl_cdf_ugaussian_Pinv(0.975), k = (double)hits, all = (double)n;
    double centre = (k + z * z / 2) / (all + z * z);
    double half = z / (all + z * z) * sqrt(k * (all - k) / all + z * z / 4);
    /* With no hits, or nothing else, one end is the chance itself, which rounding must not pass. */
    return (struct range_interval){ hits ? fmax(0, centre - half) : 0,
                                    hits < n ? fmin(1, centre + half) : 1 };
}

/* How many of n are at or below the quantile is binomial: the values of rank `low` and `high` bound
 * it where that number is low .. high - 1. */
struct quantile_interval interval_of_quantile(const double *sorted, size_t n, double p)
{
    struct quantile_interval q = { NAN, NAN, NAN };
    unsigned most = (unsigned)n, narrowest = most;
    if (n == 0) return q;
    size_t rank = (size_t)ceil(p * (double)n);
    q.value = sorted[rank > 0 ? rank - 1 : 0];
    for (unsigned low = 1, high = 2; low < most; low++) {
        double below = gsl_cdf_binomial_P(low - 1, p, most);
        while (high <= most && gsl_cdf_binomial_P(high - 1, p, most) - below < 0.95) high++;
        if (high > most) break;
        if (high - low >= narrowest) continue;
        narrowest = high - low;
        q.low = sorted[low - 1];
        q.high = sorted[high - 1];
    }
    return q;
}

bool interval_is_within(struct mean_interval interval, double share)
{
    return interval.half <= share * fabs(interval.mean);
}
