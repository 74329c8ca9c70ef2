/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drawing from any law by a table of its quantiles: integers in, integers out.
 *
 *      u --> how far from the nearer end, in octaves and sixteenths --> cell --> base + slope x
 * rest
 *
 *      probability  0   ...  1/8      1/4            1/2            3/4      7/8  ...   1
 *      cells        |||||||||| 16     | 16           | 16           | 16     | ||||||||||
 *
 * Cells get narrower towards both ends, so that tails are as fine as the middle, and the mean of
 * each cell is exact to a unit. A draw of 32 bits cuts the tail at 2^-33: of a log-normal of
 * sigma 1.5 the mean is right, the fourth moment 37 % low. A draw of 64 bits (a long law) reaches
 * 2^-65.
 *
 * Tables are made on the host in floating point (law_table.h), once, hashed, and shipped: no side
 * ever makes its own.
 */
#ifndef MODELS_MONTECARLO_LAW_H
#define MODELS_MONTECARLO_LAW_H

#include "models/montecarlo/lanes.h"

enum {
    LAW_FINE = 4,                   /* 16 cells an octave */
    LAW_CELLS = 2 * 32 << LAW_FINE, /* of two words each: base, slope */
    LAW_LONG_CELLS = 2 * 64 << LAW_FINE,
};

/* The value of a law at u, a word of chance. cells: tables of LAW_CELLS pairs (base, slope), one
 * after another; law: which of them. */
MC_FN mc_u32 law_draw_of(const uint32_t *cells, mc_u32 law, mc_u32 u)
{
    /* Upper half: all ones. The distance to the nearer end is odd, so never 0. */
    mc_u32 upper = (mc_u32)((mc_i32)u >> 31);
    mc_u32 distance = (u ^ upper) << 1 | mc_all_u32(1);
    mc_u32 octave = mc_zeros(distance);
    mc_u32 below = distance << octave << 1; /* what follows the leading one */
    mc_u32 rest = (below << LAW_FINE) ^ upper, base, slope;
    mc_gather(cells, ((law << 6) + (upper & 32u) + octave) << LAW_FINE | below >> (32 - LAW_FINE),
              &base, &slope);
    return base + mc_high(slope, rest);
}

MC_FN mc_u32 law_draw(const uint32_t *cells, mc_u32 u)
{
    return law_draw_of(cells, mc_all_u32(0), u);
}

/* The same of 64 bits of chance, high word first; LAW_LONG_CELLS pairs. */
MC_FN mc_u32 law_draw_long_of(const uint32_t *cells, mc_u32 law, mc_u32 high, mc_u32 low)
{
    mc_u32 upper = (mc_u32)((mc_i32)high >> 31);
    mc_u32 h = (high ^ upper) << 1 | (low ^ upper) >> 31, l = (low ^ upper) << 1 | mc_all_u32(1);
    /* Where the high word is empty, the low one stands in its place. */
    mc_i32 empty = mc_less((mc_i32)(h >> 1 | (h & 1u)), mc_all_i32(1));
    mc_u32 lead = (mc_u32)mc_pick(empty, (mc_i32)l, (mc_i32)h);
    mc_u32 next = l & ~(mc_u32)empty;
    mc_u32 zeros = mc_zeros(lead), octave = zeros + ((mc_u32)empty & 32u);
    mc_u32 below = lead << zeros << 1 | next >> (31u - zeros);
    mc_u32 rest = (below << LAW_FINE) ^ upper, base, slope;
    mc_gather(cells, ((law << 7) + (upper & 64u) + octave) << LAW_FINE | below >> (32 - LAW_FINE),
              &base, &slope);
    return base + mc_high(slope, rest);
}

MC_FN mc_u32 law_draw_long(const uint32_t *cells, mc_u32 high, mc_u32 low)
{
    return law_draw_long_of(cells, mc_all_u32(0), high, low);
}

/* A standard normal in Q16, -6.4 to 6.4, of a table by law_table_normal. */
MC_FN mc_i32 law_draw_normal(const uint32_t *cells, mc_u32 u)
{
    return (mc_i32)(law_draw(cells, u) >> 4) - mc_all_i32(8 << 16);
}

#endif
