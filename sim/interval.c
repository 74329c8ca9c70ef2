/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/interval.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

struct mean_interval interval_of_mean(const double *values, size_t n)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++) { /* Welford 1962 */
        double delta = values[i] - mean;
        if (isnan(values[i])) return (struct mean_interval){ NAN, NAN };
        mean += delta / (double)(i + 1);
        squares += delta * (values[i] - mean);
    }
    if (n == 0) return (struct mean_interval){ NAN, NAN };
    if (n == 1) return (struct mean_interval){ mean, NAN };
    double t = gsl_cdf_tdist_Pinv(0.975, (double)n - 1);
    return (struct mean_interval){ mean, t * sqrt(squares / (double)(n - 1) / (double)n) };
}

bool interval_is_within(struct mean_interval interval, double share)
{
    return interval.half <= share * fabs(interval.mean);
}
