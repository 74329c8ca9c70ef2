/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/control.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

struct mean_interval control_interval(const double *y, const double *x, size_t n, double known)
{
    struct mean_interval plain = interval_of_mean(y, n), of_x = interval_of_mean(x, n);
    double sxx = 0, sxy = 0, left = 0;
    if (n < 3 || isnan(plain.mean) || isnan(of_x.mean) || isnan(known)) return plain;
    for (size_t i = 0; i < n; i++) {
        sxx += (x[i] - of_x.mean) * (x[i] - of_x.mean);
        sxy += (x[i] - of_x.mean) * (y[i] - plain.mean);
    }
    if (!(sxx > 0)) return plain;
    double slope = sxy / sxx, off = of_x.mean - known;
    for (size_t i = 0; i < n; i++) {
        double residual = y[i] - plain.mean - slope * (x[i] - of_x.mean);
        left += residual * residual;
    }
    double t = gsl_cdf_tdist_Pinv(0.975, (double)n - 2), variance = left / (double)(n - 2);
    return (struct mean_interval){ plain.mean - slope * off,
                                   t * sqrt(variance * (1 / (double)n + off * off / sxx)) };
}
