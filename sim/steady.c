/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/steady.h"

#include <stdint.h>

enum { EACH = 5, LEAST = 20 };

size_t steady_mser5(const double *values, size_t n)
{
    size_t batches = n / EACH, best = SIZE_MAX;
    double mean = 0, squares = 0, least = 0;
    if (n < LEAST) return SIZE_MAX;
    for (size_t left = 1; left <= batches; left++) { /* from the end to the start: Welford 1962 */
        const double *five = values + (batches - left) * EACH;
        double x = (five[0] + five[1] + five[2] + five[3] + five[4]) / EACH, delta = x - mean;
        mean += delta / (double)left;
        squares += delta * (x - mean);
        /* The mean of the last few says nothing: their spread is zero by lack of values. */
        if (left < EACH) continue;
        double mser = squares / ((double)left * (double)left);
        if (best != SIZE_MAX && mser > least) continue;
        least = mser;
        best = batches - left;
    }
    return best <= batches / 2 ? best * EACH : SIZE_MAX;
}
