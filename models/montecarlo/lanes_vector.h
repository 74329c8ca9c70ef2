/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of lanes.h on vectors of 8 (AVX2) or 16 (AVX-512) lanes; lanes.h includes it. */
#ifndef MODELS_MONTECARLO_LANES_VECTOR_H
#define MODELS_MONTECARLO_LANES_VECTOR_H

#include "models/montecarlo/lanes.h"

#ifdef MC_LANES

#include <immintrin.h>

MC_FN mc_u32 mc_all_u32(uint32_t v) { return (mc_u32){ 0 } + v; }
MC_FN mc_i32 mc_all_i32(int32_t v) { return (mc_i32){ 0 } + v; }
MC_FN mc_i64 mc_all_i64(int64_t v) { return (mc_i64){ 0 } + v; }
MC_FN mc_i32 mc_less(mc_i32 a, mc_i32 b) { return a < b; }
MC_FN mc_i32 mc_pick(mc_i32 mask, mc_i32 a, mc_i32 b) { return (a & mask) | (b & ~mask); }
MC_FN mc_i64 mc_pick_64(mc_i64 mask, mc_i64 a, mc_i64 b) { return (a & mask) | (b & ~mask); }

#if MC_LANES == 16

MC_FN mc_i64 mc_less_64(mc_i64 a, mc_i64 b) { return a < b; }
MC_FN mc_i64 mc_wide(mc_i32 v) { return __builtin_convertvector(v, mc_i64); }
MC_FN mc_i32 mc_narrow(mc_i64 v) { return __builtin_convertvector(v, mc_i32); }

MC_FN mc_u32 mc_high(mc_u32 a, mc_u32 b)
{
    __m512i x = (__m512i)a, y = (__m512i)b;
    __m512i even = _mm512_srli_epi64(_mm512_mul_epu32(x, y), 32);
    __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(y, 32));
    return (mc_u32)_mm512_mask_blend_epi32(0xAAAA, even, odd);
}

MC_FN mc_u32 mc_zeros(mc_u32 v) { return (mc_u32)_mm512_lzcnt_epi32((__m512i)v); }

MC_FN mc_i32 mc_min(mc_i32 a, mc_i32 b) { return (mc_i32)_mm512_min_epi32((__m512i)a, (__m512i)b); }

MC_FN mc_i32 mc_max(mc_i32 a, mc_i32 b) { return (mc_i32)_mm512_max_epi32((__m512i)a, (__m512i)b); }

MC_FN mc_u32 mc_least(mc_u32 a, mc_u32 b)
{
    return (mc_u32)_mm512_min_epu32((__m512i)a, (__m512i)b);
}

MC_FN mc_u32 mc_most(mc_u32 a, mc_u32 b)
{
    return (mc_u32)_mm512_max_epu32((__m512i)a, (__m512i)b);
}

/* The halves' products stay where they are made: lane i of the low half is lane i of the vector. */
MC_FN mc_i64 mc_product(mc_i32 a, mc_i32 b)
{
    union {
        mc_i64 all;
        __m512i half[2];
    } out;
    __m512i x = (__m512i)a, y = (__m512i)b;
    out.half[0] = _mm512_mul_epi32(_mm512_cvtepi32_epi64(_mm512_castsi512_si256(x)),
                                   _mm512_cvtepi32_epi64(_mm512_castsi512_si256(y)));
    out.half[1] = _mm512_mul_epi32(_mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(x, 1)),
                                   _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(y, 1)));
    return out.all;
}

/* Of a product in even and in odd lanes, the words from bit 16 on; what sign is beyond does not
 * matter. */
MC_FN mc_i32 mc_middle(__m512i even, __m512i odd)
{
    even = _mm512_srli_epi64(even, 16);
    odd = _mm512_slli_epi64(odd, 16);
    return (mc_i32)_mm512_mask_blend_epi32(0xAAAA, even, odd);
}

MC_FN mc_i32 mc_scale(mc_i32 a, mc_i32 b)
{
    __m512i x = (__m512i)a, y = (__m512i)b;
    return mc_middle(_mm512_mul_epi32(x, y),
                     _mm512_mul_epi32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(y, 32)));
}

MC_FN mc_i32 mc_scale_two(mc_i32 a, mc_i32 b, mc_i32 c, mc_i32 d)
{
    __m512i x = (__m512i)a, y = (__m512i)b, z = (__m512i)c, t = (__m512i)d,
            half = _mm512_set1_epi64(1 << 15);
    __m512i even = _mm512_add_epi64(_mm512_mul_epi32(x, y), _mm512_mul_epi32(z, t));
    __m512i odd =
        _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(y, 32)),
                         _mm512_mul_epi32(_mm512_srli_epi64(z, 32), _mm512_srli_epi64(t, 32)));
    return mc_middle(_mm512_add_epi64(even, half), _mm512_add_epi64(odd, half));
}

MC_FN void mc_gather(const uint32_t *words, mc_u32 index, mc_u32 *even, mc_u32 *odd)
{
    __m512i low = _mm512_i32gather_epi64(_mm512_castsi512_si256((__m512i)index), words, 8);
    __m512i high = _mm512_i32gather_epi64(_mm512_extracti64x4_epi64((__m512i)index, 1), words, 8);
    const __m512i at = { 0x0200000000, 0x0600000004, 0x0A00000008, 0x0E0000000C,
                         0x1200000010, 0x1600000014, 0x1A00000018, 0x1E0000001C };
    *even = (mc_u32)_mm512_permutex2var_epi32(low, at, high);
    *odd = (mc_u32)_mm512_permutex2var_epi32(low, _mm512_or_si512(at, _mm512_set1_epi32(1)), high);
}

/* 32 words are two registers, and a permutation looks a word up. */
MC_FN void mc_gather_16(const uint32_t *words, mc_u32 index, mc_u32 *even, mc_u32 *odd)
{
    __m512i low = _mm512_loadu_si512(words), high = _mm512_loadu_si512(words + 16);
    __m512i at = _mm512_slli_epi32((__m512i)index, 1);
    *even = (mc_u32)_mm512_permutex2var_epi32(low, at, high);
    *odd = (mc_u32)_mm512_permutex2var_epi32(low, _mm512_or_si512(at, _mm512_set1_epi32(1)), high);
}

#elif MC_LANES == 8

/* Vectors of 64 bits are two registers, and gcc takes them apart lane by lane where it is not told.
 */
union mc_two {
    mc_i64 all;
    __m256i half[2];
};

MC_FN mc_i64 mc_less_64(mc_i64 a, mc_i64 b)
{
    union mc_two x = { a }, y = { b };
    x.half[0] = _mm256_cmpgt_epi64(y.half[0], x.half[0]);
    x.half[1] = _mm256_cmpgt_epi64(y.half[1], x.half[1]);
    return x.all;
}

MC_FN mc_i64 mc_wide(mc_i32 v)
{
    union mc_two out;
    out.half[0] = _mm256_cvtepi32_epi64(_mm256_castsi256_si128((__m256i)v));
    out.half[1] = _mm256_cvtepi32_epi64(_mm256_extracti128_si256((__m256i)v, 1));
    return out.all;
}

MC_FN mc_i32 mc_narrow(mc_i64 v)
{
    union mc_two x = { v };
    __m256 low = _mm256_castsi256_ps(x.half[0]), high = _mm256_castsi256_ps(x.half[1]);
    return (mc_i32)_mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(low, high, 0x88)),
                                            0xD8);
}

MC_FN mc_u32 mc_high(mc_u32 a, mc_u32 b)
{
    __m256i x = (__m256i)a, y = (__m256i)b;
    __m256i even = _mm256_srli_epi64(_mm256_mul_epu32(x, y), 32);
    __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(y, 32));
    return (mc_u32)_mm256_blend_epi32(even, odd, 0xAA);
}

MC_FN mc_i32 mc_min(mc_i32 a, mc_i32 b) { return (mc_i32)_mm256_min_epi32((__m256i)a, (__m256i)b); }

MC_FN mc_i32 mc_max(mc_i32 a, mc_i32 b) { return (mc_i32)_mm256_max_epi32((__m256i)a, (__m256i)b); }

MC_FN mc_u32 mc_least(mc_u32 a, mc_u32 b)
{
    return (mc_u32)_mm256_min_epu32((__m256i)a, (__m256i)b);
}

MC_FN mc_u32 mc_most(mc_u32 a, mc_u32 b)
{
    return (mc_u32)_mm256_max_epu32((__m256i)a, (__m256i)b);
}

/* The exponent of a float is where the leading one is. Clearing the bits right of a one first
 * keeps the conversion from rounding up to the next power of two; of words below 2^31 all lanes
 * are exact, and a leading one at the top is told by the sign. */
MC_FN mc_u32 mc_zeros(mc_u32 v)
{
    __m256i x = (__m256i)v, top = _mm256_srai_epi32(x, 31);
    __m256i lone = _mm256_andnot_si256(_mm256_srli_epi32(x, 1), x);
    __m256i exponent =
        _mm256_srli_epi32(_mm256_castps_si256(_mm256_cvtepi32_ps(lone)), 23); /* biased by 127 */
    return (mc_u32)_mm256_andnot_si256(top, _mm256_sub_epi32(_mm256_set1_epi32(158), exponent));
}

MC_FN mc_i64 mc_product(mc_i32 a, mc_i32 b)
{
    union mc_two out;
    __m256i x = (__m256i)a, y = (__m256i)b;
    out.half[0] = _mm256_mul_epi32(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(x)),
                                   _mm256_cvtepi32_epi64(_mm256_castsi256_si128(y)));
    out.half[1] = _mm256_mul_epi32(_mm256_cvtepi32_epi64(_mm256_extracti128_si256(x, 1)),
                                   _mm256_cvtepi32_epi64(_mm256_extracti128_si256(y, 1)));
    return out.all;
}

/* Of a product in even and in odd lanes, the words from bit 16 on; what sign is beyond does not
 * matter. */
MC_FN mc_i32 mc_middle(__m256i even, __m256i odd)
{
    even = _mm256_srli_epi64(even, 16);
    odd = _mm256_slli_epi64(odd, 16);
    return (mc_i32)_mm256_blend_epi32(even, odd, 0xAA);
}

MC_FN mc_i32 mc_scale(mc_i32 a, mc_i32 b)
{
    __m256i x = (__m256i)a, y = (__m256i)b;
    return mc_middle(_mm256_mul_epi32(x, y),
                     _mm256_mul_epi32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(y, 32)));
}

MC_FN mc_i32 mc_scale_two(mc_i32 a, mc_i32 b, mc_i32 c, mc_i32 d)
{
    __m256i x = (__m256i)a, y = (__m256i)b, z = (__m256i)c, t = (__m256i)d,
            half = _mm256_set1_epi64x(1 << 15);
    __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, y), _mm256_mul_epi32(z, t));
    __m256i odd =
        _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), _mm256_srli_epi64(y, 32)),
                         _mm256_mul_epi32(_mm256_srli_epi64(z, 32), _mm256_srli_epi64(t, 32)));
    return mc_middle(_mm256_add_epi64(even, half), _mm256_add_epi64(odd, half));
}

MC_FN void mc_gather(const uint32_t *words, mc_u32 index, mc_u32 *even, mc_u32 *odd)
{
    const long long *pairs = (const long long *)words;
    __m256 low = _mm256_castsi256_ps(
        _mm256_i32gather_epi64(pairs, _mm256_castsi256_si128((__m256i)index), 8));
    __m256 high = _mm256_castsi256_ps(
        _mm256_i32gather_epi64(pairs, _mm256_extracti128_si256((__m256i)index, 1), 8));
    /* Within halves of 128 bits first, then the quarters into order. */
    *even = (mc_u32)_mm256_permute4x64_epi64(
        _mm256_castps_si256(_mm256_shuffle_ps(low, high, 0x88)), 0xD8);
    *odd = (mc_u32)_mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(low, high, 0xDD)),
                                            0xD8);
}

MC_FN void mc_gather_16(const uint32_t *words, mc_u32 index, mc_u32 *even, mc_u32 *odd)
{
    mc_gather(words, index, even, odd);
}

#else
#error "MC_LANES is 8 or 16"
#endif

MC_FN void mc_multiply(mc_u32 a, mc_u32 b, mc_u32 *high, mc_u32 *low)
{
    *high = mc_high(a, b);
    *low = a * b;
}

#endif

#endif
