/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drawing one of several values with given chances in one look: the alias method (Walker 1977).
 *
 *      bins   | 1 1 1 1 4 4 | 1 1 1 1 1 1 | 2 2 2 1 1 1 | 3 4 4 4 4 4 |    equally likely;
 *                       ^ cut                                              two values share each
 *
 * The first bits of a word of chance choose the bin, the rest which of its two values. A bin is
 * two words: the cut, in 2^31sts of the bin, and the value below it in the low half of the second
 * word, the other in the high half. alias_table.h makes them.
 */
#ifndef MODELS_MONTECARLO_ALIAS_H
#define MODELS_MONTECARLO_ALIAS_H

#include "models/montecarlo/lanes.h"

/* A value by u, a word of chance; bins: 2^bits of them, 1 <= bits <= 16. */
MC_FN mc_u32 alias_draw(const uint32_t *bins, uint32_t bits, mc_u32 u)
{
    mc_u32 cut, values;
    if (bits == 4) mc_gather_16(bins, u >> (32u - bits), &cut, &values);
    else mc_gather(bins, u >> (32u - bits), &cut, &values);
    mc_u32 below = (mc_u32)mc_less((mc_i32)(u << bits >> 1), (mc_i32)cut);
    return (values >> 16 & ~below) | (values & 0xffffu & below);
}

#endif
