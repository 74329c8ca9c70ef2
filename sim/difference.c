/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/difference.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

static double mean_of(const double *values, size_t n)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++) mean += (values[i] - mean) / (double)(i + 1);
    return n ? mean : NAN;
}

/* Of the mean of the values. */
static double variance_of_mean(const double *values, size_t n, double mean)
{
    double squares = 0;
    for (size_t i = 0; i < n; i++) squares += (values[i] - mean) * (values[i] - mean);
    return squares / (double)(n - 1) / (double)n;
}

/* false: there is nothing to say. */
static bool begin(const double *a, size_t n, const double *b, size_t m, struct difference *d)
{
    *d = (struct difference){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0, 0 };
    double mean_a = mean_of(a, n), mean_b = mean_of(b, m);
    if (isnan(mean_a) || isnan(mean_b)) return false;
    d->a = mean_a;
    d->b = mean_b;
    d->mean = mean_b - mean_a;
    d->n_a = n;
    d->n_b = m;
    if (mean_a > 0) d->relative = mean_b / mean_a - 1;
    return true;
}

/* Fieller's interval by way of e = b - ratio a, whose mean is 0: where b is a multiple of a, or
 * neither varies, it closes to a point, which the textbook's quadratic loses to rounding. var_e and
 * cov_ae are of the means. */
static void fieller(struct difference *d, double t, double var_a, double var_e, double cov_ae)
{
    double square = d->a * d->a, g = t * t * var_a / square;
    if (d->mean == 0 && d->half == 0) d->relative_low = d->relative_high = d->relative;
    if (!(d->a > 0) || !(g < 1)) return; /* the reference may be 0 */
    double off = -t * t * cov_ae / square,
           side = t / d->a * sqrt(var_e * (1 - g) + t * t * cov_ae * cov_ae / square);
    d->relative_low = d->relative + (off - side) / (1 - g);
    d->relative_high = d->relative + (off + side) / (1 - g);
}

static double quantile(double confidence, double degrees)
{
    return gsl_cdf_tdist_Pinv(0.5 + confidence / 2, degrees);
}

void difference_paired(const double *a, const double *b, size_t n, double confidence,
                       struct difference *d)
{
    double of_d = 0, of_a = 0, of_e = 0, of_ae = 0, ratio;
    if (!begin(a, n, b, n, d) || n < 2) return;
    ratio = d->a > 0 ? d->b / d->a : 0;
    for (size_t i = 0; i < n; i++) {
        double x = a[i] - d->a, e = b[i] - ratio * a[i] - (d->b - ratio * d->a),
               y = b[i] - a[i] - d->mean;
        of_d += y * y;
        of_a += x * x;
        of_e += e * e;
        of_ae += x * e;
    }
    double t = quantile(confidence, (double)n - 1), scale = (double)(n - 1) * (double)n;
    d->half = t * sqrt(of_d / scale);
    fieller(d, t, of_a / scale, of_e / scale, of_ae / scale);
}

void difference_apart(const double *a, size_t n, const double *b, size_t m, double confidence,
                      struct difference *d)
{
    if (!begin(a, n, b, m, d) || n < 2 || m < 2) return;
    double var_a = variance_of_mean(a, n, d->a), var_b = variance_of_mean(b, m, d->b),
           both = var_a + var_b, ratio = d->a > 0 ? d->b / d->a : 0;
    double spread = var_a * var_a / (double)(n - 1) + var_b * var_b / (double)(m - 1);
    double t = both > 0 && spread > 0 ? quantile(confidence, both * both / spread) : 0;
    d->half = t * sqrt(both);
    fieller(d, t, var_a, var_b + ratio * ratio * var_a, -ratio * var_a);
}

double difference_each(double together, size_t n) { return 1 - (1 - together) / (double)n; }
