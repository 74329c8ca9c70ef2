/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/select.h"

#include <math.h>

/* Variance of the differences of two systems over n replications. */
static double variance_of_difference(const double *a, const double *b, size_t n)
{
    double mean = 0, sum = 0;
    for (size_t r = 0; r < n; r++) mean += (a[r] - b[r]) / (double)n;
    for (size_t r = 0; r < n; r++) {
        double d = a[r] - b[r] - mean;
        sum += d * d;
    }
    return sum / (double)(n - 1);
}

/* Whether j shows that i is not the least, by their first r replications. */
static bool is_beaten(const double *i, const double *j, size_t n0, size_t r, double h2,
                      double delta)
{
    double more = 0;
    for (size_t s = 0; s < r; s++) more += i[s] - j[s];
    if (!(more > 0)) return false;
    double slack = (h2 * variance_of_difference(i, j, n0) / delta - (double)r * delta) / 2;
    return more > fmax(0, slack);
}

size_t select_least(const double *values, size_t k, size_t stride, size_t n0, size_t n,
                    double alpha, double delta, bool *in)
{
    size_t left = k;
    for (size_t i = 0; i < k; i++) in[i] = true;
    if (k < 2) return k;
    double eta = (pow(2 * alpha / (double)(k - 1), -2 / (double)(n0 - 1)) - 1) / 2,
           h2 = 2 * eta * (double)(n0 - 1);
    for (size_t r = n0; r <= n && left > 1; r++) {
        /* All who were in before this step may beat each other in it; the least of them stays. */
        bool out[SELECT_MAX];
        for (size_t i = 0; i < k; i++) {
            out[i] = false;
            for (size_t j = 0; j < k && in[i] && !out[i]; j++)
                out[i] = j != i && in[j] &&
                         is_beaten(values + i * stride, values + j * stride, n0, r, h2, delta);
        }
        for (size_t i = 0; i < k; i++)
            if (in[i] && out[i]) {
                in[i] = false;
                left--;
            }
    }
    return left;
}
