/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the tables that law.h draws from: on the host, in floating point, once.
 *
 *      quantile function    --> law_table_make ---.
 *                                                  >--> cells --> law_draw, on every side
 *      values that occurred --> law_table_sample -'
 *
 * Each cell keeps the mean of its law between its two ends, to half a unit, also where only one
 * word of chance falls into it and where it reaches to the very end; so a table's mean is the
 * law's to half a unit. Within a cell the law is a straight line, as steep as its halves' means
 * are apart. A unit is 1 / scale of the law's own.
 *
 * Logarithms and powers are those of sim/random.h, which are the same on every IEEE machine. A
 * table is shipped to other devices all the same, never made twice, and law_table_hash tells
 * tables apart in results.
 *
 * The caller owns the cells: 2 x LAW_CELLS words, or 2 x LAW_LONG_CELLS of a long law.
 */
#ifndef MODELS_MONTECARLO_LAW_TABLE_H
#define MODELS_MONTECARLO_LAW_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

enum law_reach { LAW_SHORT, LAW_LONG }; /* law_draw's table, law_draw_long's */

/* Words of a table. */
size_t law_table_words(enum law_reach reach);

/* The value with probability p below and q = 1 - p above; both are exact, the small one too (down
 * to 2^-160), and a law looks at that one. Not negative, and does not fall as p rises. */
typedef double law_quantile(double p, double q, const void *context);

/* Fails where the law times scale goes beyond 2^32 - 1. */
enum status law_table_make(uint32_t *cells, enum law_reach reach, law_quantile *quantile,
                           const void *context, double scale, struct error *err);

/* The same of what was seen: sorted[i] >= 0 times scale, n of them, each as likely as the others.
 * No draw is below the least of them or above the greatest, but for rounding to units. */
enum status law_table_sample(uint32_t *cells, enum law_reach reach, const int64_t *sorted, size_t n,
                             double scale, struct error *err);

/* Laws of mean 1; context is not read, or is a const double *: the standard deviation of the
 * logarithm of a log-normal. */
double law_quantile_exponential(double p, double q, const void *context);
double law_quantile_lognormal(double p, double q, const void *context);

/* The standard normal for law_draw_normal: a short table of z + 8 in Q20. Needs nothing, cannot
 * fail. */
void law_table_normal(uint32_t *cells);

/* moment[k] = the mean of (draw / scale - about)^k, k from 0 to 4: sums over the cells, each
 * weighted by the words of chance that fall into it. */
void law_table_moments(const uint32_t *cells, enum law_reach reach, double scale, double about,
                       double moment[5]);

/* FNV-1a, 64 bits (Fowler, Noll and Vo), over the words, low byte first; seed: 0, or the hash of
 * what comes before. */
uint64_t law_table_hash(const uint32_t *cells, enum law_reach reach, uint64_t seed);

#endif
