/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of a series to leave out at its start, because it began in a state that is not its own:
 * a queue that is empty.
 *
 *      | 5 | 5 | 5 | 5 | ... means of five each          d of these are left out
 *      MSER(d) = sum of (x_i - mean)^2 over the k that are left / k^2      d: the least of it
 *
 * MSER-5 (White 1997; White, Cobb and Spratt 2000): what is left is the longer the better for its
 * mean, but for what is off at the start; the least of the statistic, an estimate of the mean's
 * squared error, weighs the two. It is looked for in the first half: where it lies beyond, the
 * series is too short to tell.
 */
#ifndef SIM_STEADY_H
#define SIM_STEADY_H

#include <stddef.h>

/* How many of the n values to leave out, a multiple of 5; of equals the least. SIZE_MAX: it lies
 * in the second half, or there are fewer than 20. O(n); takes no memory. */
size_t steady_mser5(const double *values, size_t n);

#endif
