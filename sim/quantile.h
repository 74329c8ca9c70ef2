/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exact quantiles of many integers without sorting them: a histogram over 4,096 log-spaced cells
 * finds the cell each rank falls in, then only the values of those cells are sorted. Two passes
 * over the data.
 *
 * Nearest rank: the q-quantile of n values is the smallest value with at least q x n values at or
 * below it (Hyndman and Fan 1996, definition 1), so it is always a value that occurred.
 */
#ifndef SIM_QUANTILE_H
#define SIM_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

enum { QUANTILES_MAX = 256 };

/* values[i] >= 0; a negative value is left out (a job that never ran). q[k] in (0, 1], rising, at
 * most QUANTILES_MAX of them. out[k] = the q[k]-quantile; all 0 where no value is left. Reads
 * values only. */
enum status quantiles_of(const int64_t *values, size_t n, const double *q, size_t q_n, int64_t *out,
                         struct error *err);

/* The same where values[i] counts weights[i] times, as a level that held for so many microseconds:
 * the smallest value such that values up to it have at least q of all weight. Weights are >= 0 and
 * sum to less than 2^63; values as above. */
enum status quantiles_weighted(const int64_t *values, const int64_t *weights, size_t n,
                               const double *q, size_t q_n, int64_t *out, struct error *err);

/* The nearest rank, from 1, of q among n values: ceil(q x n), made safe against rounding. */
size_t quantile_rank(double q, size_t n);
/* The q-quantile of n > 0 values that are sorted; of q = 0, the least. */
double quantile_sorted(const double *sorted, size_t n, double q);

#endif
