/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of the Monte Carlo models: integers of 32 and 64 bits, one to a lane.
 *
 * A model function is written once, over these types, and compiled three ways:
 *
 *      C and C++     MC_LANES undefined      a lane is an integer
 *      CUDA          MC_LANES undefined      the same, for host and device
 *      vector code   MC_LANES 8 or 16        a lane is one of 8 or 16 replications (-mavx2,
 * -mavx512)
 *
 * There is no floating point and no libm, so neither contraction, nor fast-math, nor another libm
 * can change a bit: the three give the same numbers. Shifts of negative numbers are arithmetic, as
 * in gcc, clang and nvcc. A model says what happens to all lanes; where lanes differ it computes
 * both sides and picks. Masks are 0 or -1 in every lane.
 *
 * What is read from memory by lane is gathered (mc_gather); what is the same for all is an ordinary
 * integer, and mc_all_* spreads it.
 */
#ifndef MODELS_MONTECARLO_LANES_H
#define MODELS_MONTECARLO_LANES_H

#include <stdint.h>

#ifdef __CUDACC__
#define MC_FN static __host__ __device__ __forceinline__
#else
#define MC_FN static inline __attribute__((always_inline))
#endif

/* Of plain integers, in every way of compiling. */
MC_FN uint32_t mc_high_one(uint32_t a, uint32_t b)
{
#ifdef __CUDA_ARCH__
    return __umulhi(a, b);
#else
    return (uint32_t)((uint64_t)a * b >> 32);
#endif
}

/* v > 0. */
MC_FN uint32_t mc_zeros_one(uint32_t v)
{
#ifdef __CUDA_ARCH__
    return (uint32_t)__clz((int)v);
#else
    return (uint32_t)__builtin_clz(v);
#endif
}

MC_FN uint32_t mc_zeros_one_64(uint64_t v)
{
#ifdef __CUDA_ARCH__
    return (uint32_t)__clzll((long long)v);
#else
    return (uint32_t)__builtin_clzll(v);
#endif
}

#ifndef MC_LANES

typedef uint32_t mc_u32;
typedef int32_t mc_i32;
typedef uint64_t mc_u64;
typedef int64_t mc_i64;

MC_FN mc_u32 mc_all_u32(uint32_t v) { return v; }
MC_FN mc_i32 mc_all_i32(int32_t v) { return v; }
MC_FN mc_i64 mc_all_i64(int64_t v) { return v; }
MC_FN mc_u32 mc_high(mc_u32 a, mc_u32 b) { return mc_high_one(a, b); }
/* Both halves of a product: on processors, of one multiplication. */
MC_FN void mc_multiply(mc_u32 a, mc_u32 b, mc_u32 *high, mc_u32 *low)
{
#ifdef __CUDA_ARCH__
    *high = __umulhi(a, b);
    *low = a * b;
#else
    uint64_t product = (uint64_t)a * b;
    *high = (uint32_t)(product >> 32);
    *low = (uint32_t)product;
#endif
}
MC_FN mc_i32 mc_less(mc_i32 a, mc_i32 b) { return -(mc_i32)(a < b); }
MC_FN mc_i64 mc_less_64(mc_i64 a, mc_i64 b) { return -(mc_i64)(a < b); }
MC_FN mc_i32 mc_pick(mc_i32 mask, mc_i32 a, mc_i32 b) { return mask ? a : b; }
MC_FN mc_i64 mc_pick_64(mc_i64 mask, mc_i64 a, mc_i64 b) { return mask ? a : b; }
MC_FN mc_u32 mc_zeros(mc_u32 v) { return mc_zeros_one(v); }
MC_FN mc_i32 mc_min(mc_i32 a, mc_i32 b) { return a < b ? a : b; }
MC_FN mc_i32 mc_max(mc_i32 a, mc_i32 b) { return a < b ? b : a; }
/* The smaller and the larger of words without a sign. */
MC_FN mc_u32 mc_least(mc_u32 a, mc_u32 b) { return a < b ? a : b; }
MC_FN mc_u32 mc_most(mc_u32 a, mc_u32 b) { return a < b ? b : a; }
MC_FN mc_i64 mc_wide(mc_i32 v) { return v; }
MC_FN mc_i32 mc_narrow(mc_i64 v) { return (mc_i32)v; }
/* The product of two signed words, whole. */
MC_FN mc_i64 mc_product(mc_i32 a, mc_i32 b) { return (mc_i64)a * b; }
/* a x b / 2^16, rounded down, and (a x b + c x d) / 2^16, to the nearest; which fit a word. */
MC_FN mc_i32 mc_scale(mc_i32 a, mc_i32 b) { return (mc_i32)((mc_i64)a * b >> 16); }
MC_FN mc_i32 mc_scale_two(mc_i32 a, mc_i32 b, mc_i32 c, mc_i32 d)
{
    return (mc_i32)(((mc_i64)a * b + (mc_i64)c * d + (1 << 15)) >> 16);
}
/* words[2 x index] and words[2 x index + 1]. */
MC_FN void mc_gather(const uint32_t *words, mc_u32 index, mc_u32 *even, mc_u32 *odd)
{
    *even = words[2 * index];
    *odd = words[2 * index + 1];
}
/* The same of 16 pairs, which may all be read. */
MC_FN void mc_gather_16(const uint32_t *words, mc_u32 index, mc_u32 *even, mc_u32 *odd)
{
    mc_gather(words, index, even, odd);
}

#else

/* The compilers' vectors: + - * & | ^ ~ << >> and comparisons work lane by lane. */
typedef uint32_t mc_u32 __attribute__((vector_size(4 * MC_LANES)));
typedef int32_t mc_i32 __attribute__((vector_size(4 * MC_LANES)));
typedef uint64_t mc_u64 __attribute__((vector_size(8 * MC_LANES)));
typedef int64_t mc_i64 __attribute__((vector_size(8 * MC_LANES)));

#include "models/montecarlo/lanes_vector.h"

#endif

/* v / 2^bits, rounded down, of v >= 0: vectors have no shift of 64 bits that keeps a sign. */
MC_FN mc_i64 mc_right_64(mc_i64 v, int bits) { return (mc_i64)((mc_u64)v >> bits); }
MC_FN mc_i64 mc_min_64(mc_i64 a, mc_i64 b) { return mc_pick_64(mc_less_64(a, b), a, b); }
MC_FN mc_i64 mc_max_64(mc_i64 a, mc_i64 b) { return mc_pick_64(mc_less_64(a, b), b, a); }
/* a x b / 2^32, to the nearest whole number. */
MC_FN mc_u32 mc_share(mc_u32 a, mc_u32 b) { return mc_high(a, b) + (a * b >> 31); }

#endif
