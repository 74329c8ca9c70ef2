/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the bins of alias.h from values and weights, on the host (Vose 1991): chances are right to
 * 2^-31 of a bin.
 */
#ifndef MODELS_MONTECARLO_ALIAS_TABLE_H
#define MODELS_MONTECARLO_ALIAS_TABLE_H

#include <stdint.h>

#include "sim/status.h"

/* bins: 2 words for each of the 2^bits; the caller's. values[i] < 65536 with chance weights[i] >= 0
 * over the sum of all, which is more than 0; 1 <= n <= 2^bits. */
enum status alias_table_make(uint32_t *bins, uint32_t bits, const uint32_t *values,
                             const double *weights, uint32_t n, struct error *err);

#endif
