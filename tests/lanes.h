/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that the Monte Carlo models compute from a word, as one row of words a word: in C, and by
 * vectors of 8 and of 16 lanes where the processor has them.
 */
#ifndef TESTS_LANES_H
#define TESTS_LANES_H

#include <stdbool.h>
#include <stdint.h>

enum lanes_row {
    LANES_PHILOX,
    LANES_PHILOX_LAST,
    LANES_DRAW,
    LANES_DRAW_OF,
    LANES_DRAW_LONG,
    LANES_DRAW_LONG_OF,
    LANES_NORMAL,
    LANES_EXP2,
    LANES_ALIAS,
    LANES_SHARE,
    LANES_SCALE,
    LANES_LEAST,
    LANES_MOST,
    LANES_ROW_N
};

struct lanes_tables {
    const uint32_t *laws, *long_laws; /* two of each, one after the other */
    const uint32_t *normal;
    const uint32_t *bins; /* of LANES_ALIAS_BITS */
};
enum { LANES_ALIAS_BITS = 5 };

/* out[row][i] of words[i], for i < n, a multiple of 16. */
void lanes_plain(const struct lanes_tables *t, const uint32_t *words, uint32_t n,
                 uint32_t *const out[LANES_ROW_N]);
/* false: the processor cannot. */
bool lanes_avx2(const struct lanes_tables *t, const uint32_t *words, uint32_t n,
                uint32_t *const out[LANES_ROW_N]);
bool lanes_avx512(const struct lanes_tables *t, const uint32_t *words, uint32_t n,
                  uint32_t *const out[LANES_ROW_N]);

#endif
