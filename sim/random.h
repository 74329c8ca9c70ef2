/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chance by name: a draw is a pure function of (seed, replication, purpose, entity, draw number).
 *
 *      key      seed, replication                   who is asking for a whole world of numbers
 *      counter  purpose, entity, draw               "the third failure of job 17"
 *
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11) from the
 * Random123 library does the mixing. Nothing is streamed, so no order of asking, no thread and no
 * policy can change a draw: two schedulers see the same job fail at the same moment, and
 * replications are independent.
 *
 * What is made of the bits uses only + - * / and sqrt in a written order (random_log and random_exp
 * are our own), so that any IEEE machine gets the same result; compile without contraction or
 * fast-math.
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdint.h>

/* Random123's vector types bring all of x86's intrinsics, fifty thousand lines, into whatever
 * includes this, and its Philox uses none of them: without, most files compile twice as fast. */
#define R123_USE_SSE 0
#include <Random123/philox.h>

/* What a draw is for. New purposes go at the end: the number is part of every draw's name. */
enum random_purpose {
    RANDOM_TEST = 0,
    RANDOM_PLACEMENT,   /* entity: job, draw: piece */
    RANDOM_SCALE_JOBS,  /* entity: job of the trace */
    RANDOM_SYNTH_RATE,  /* entity: hour */
    RANDOM_SYNTH_BATCH, /* entity: batch */
    RANDOM_SYNTH_JOB,   /* entity: job */
    RANDOM_FAILURE,     /* entity: node, draw: 4 x its failures before, and which of that one's */
    RANDOM_JOB_FAILURE, /* entity: job, draw: its starts before */
    RANDOM_BOOT,        /* entity: node, draw: how often it was asked for before */
    RANDOM_AUTOSCALER,  /* entity and draw: the autoscaler's own */
    RANDOM_SUPPLY,      /* entity: node, or pool after them; draw: supply.c */
    RANDOM_LEAD,        /* entity: pool, draw: changes of it before */
    RANDOM_BOOTSTRAP,   /* entity: block of the replication */
    RANDOM_RUN_TIME,    /* entity: job */
    RANDOM_RUN_TIMES,   /* of all jobs together */
    RANDOM_GROWTH,      /* of their number */
    RANDOM_PRICE,       /* of all prices together */
    RANDOM_SPOT_PRICE,  /* entity: market, draw: clock hour */
    RANDOM_VARY,        /* entity: point of a sweep, draw: dimension, twice of a hypercube */
    RANDOM_PURPOSE_N
};

struct random_key {
    uint32_t word[3]; /* the third: 0, or all ones where every draw is mirrored */
};

/*
 * Antithetic pairs (Hammersley and Morton 1956): replications 2i and 2i + 1 make the same draws,
 * but the second takes the complement of all bits, so that a unit draw u becomes 1 - u + 2^-53 and
 * a whole number k below n becomes n - 1 - k. The complement of uniform bits is uniform: each of
 * the two is as any replication by itself, whatever its draws are made into. Where a draw is put
 * through an inverse, a large value in one is a small one in the other, and the mean of the pair
 * varies less; where draws are rejected (random_gamma) nothing is promised.
 */
#define RANDOM_MIRRORED UINT32_C(0x80000000)
/* The number by which an antithetic replication's draws go. */
static inline uint32_t random_antithetic(uint32_t replication)
{
    return replication / 2 | (replication % 2 ? RANDOM_MIRRORED : 0);
}

/* The key of one replication. Distinct (seed, replication) pairs share a key with chance 2^-64;
 * with RANDOM_MIRRORED, that of the replication without it, mirrored. */
static inline struct random_key random_key(uint64_t seed, uint32_t replication)
{
    uint32_t mirror = replication & RANDOM_MIRRORED ? UINT32_MAX : 0;
    replication &= ~RANDOM_MIRRORED;
    /* The finaliser of splitmix64 (Steele, Lea and Flood 2014): a bijection of 64 bits. */
    uint64_t z = seed + (uint64_t)replication * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (struct random_key){ { (uint32_t)z, (uint32_t)(z >> 32), mirror } };
}

/* 64 bits; draw < 2^56. */
static inline uint64_t random_u64(struct random_key key, enum random_purpose purpose,
                                  uint64_t entity, uint64_t draw)
{
    philox4x32_ctr_t counter = { { (uint32_t)entity, (uint32_t)(entity >> 32), (uint32_t)draw,
                                   (uint32_t)purpose << 24 | (uint32_t)(draw >> 32 & 0xffffff) } };
    philox4x32_key_t k = { { key.word[0], key.word[1] } };
    philox4x32_ctr_t out = philox4x32(counter, k);
    return (uint64_t)(out.v[1] ^ key.word[2]) << 32 | (out.v[0] ^ key.word[2]);
}

/* Uniform on (0, 1], 53 bits, never zero. */
static inline double random_unit_of(uint64_t bits)
{
    return ((double)(bits >> 11) + 1.0) * 0x1p-53;
}

static inline double random_unit(struct random_key key, enum random_purpose purpose,
                                 uint64_t entity, uint64_t draw)
{
    return random_unit_of(random_u64(key, purpose, entity, draw));
}

/* Uniform on 0 .. n - 1, n >= 1, by the high half of a product; off uniform by less than n / 2^64.
 */
static inline uint64_t random_below(struct random_key key, enum random_purpose purpose,
                                    uint64_t entity, uint64_t draw, uint64_t n)
{
    return (uint64_t)((unsigned __int128)random_u64(key, purpose, entity, draw) * n >> 64);
}

/* Natural logarithm of a finite x > 0 (subnormals included), within 1 ulp. */
double random_log(double x);
/* e to the x for |x| <= 700, within 2 ulp. */
double random_exp(double x);
/* The standard normal quantile of u in (0, 1), relative error about 1e-16 (Wichura 1988, AS 241).
 */
double random_normal_quantile(double u);

/* Exponential with mean 1, by inversion of a unit draw. */
static inline double random_exponential_of(double unit) { return -random_log(unit); }

/* Log-normal with mean 1 and the standard deviation `deviation`, by inversion of a unit draw: e to
 * the s z - s^2 / 2 with s^2 = ln(1 + deviation^2). Test value: deviation 1, unit 0.5: 0.70711. */
double random_lognormal_of(double unit, double deviation);

/* Gamma with the given shape > 0 and mean `mean`; uses draws from `draw` on, fewer than 2^16 of
 * them. Marsaglia and Tsang 2000, with normals by inversion. */
double random_gamma(struct random_key key, enum random_purpose purpose, uint64_t entity,
                    uint64_t draw, double shape, double mean);
/* Poisson with mean 0 .. 1e6, by inversion; uses the draws from `draw` on, one for each 500 of the
 * mean. */
int64_t random_poisson(struct random_key key, enum random_purpose purpose, uint64_t entity,
                       uint64_t draw, double mean);

#endif
