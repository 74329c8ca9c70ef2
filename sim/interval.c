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

bool interval_is_within(struct mean_interval interval, double share)
{
    return interval.half <= share * fabs(interval.mean);
}
