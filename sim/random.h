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
    RANDOM_PURPOSE_N
};

struct random_key {
    uint32_t word[2];
};

/* The key of one replication. Distinct (seed, replication) pairs share a key with chance 2^-64. */
static inline struct random_key random_key(uint64_t seed, uint32_t replication)
{
    /* The finaliser of splitmix64 (Steele, Lea and Flood 2014): a bijection of 64 bits. */
    uint64_t z = seed + (uint64_t)replication * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (struct random_key){ { (uint32_t)z, (uint32_t)(z >> 32) } };
}

/* 64 bits; draw < 2^56. */
static inline uint64_t random_u64(struct random_key key, enum random_purpose purpose,
                                  uint64_t entity, uint64_t draw)
{
    philox4x32_ctr_t counter = { { (uint32_t)entity, (uint32_t)(entity >> 32), (uint32_t)draw,
                                   (uint32_t)purpose << 24 | (uint32_t)(draw >> 32 & 0xffffff) } };
    philox4x32_key_t k = { { key.word[0], key.word[1] } };
    philox4x32_ctr_t out = philox4x32(counter, k);
    return (uint64_t)out.v[1] << 32 | out.v[0];
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

/* Gamma with the given shape > 0 and mean `mean`; uses draws from `draw` on, fewer than 2^16 of
 * them. Marsaglia and Tsang 2000, with normals by inversion. */
double random_gamma(struct random_key key, enum random_purpose purpose, uint64_t entity,
                    uint64_t draw, double shape, double mean);
/* Poisson with mean 0 .. 1e6, by inversion; uses the draws from `draw` on, one for each 500 of the
 * mean. */
int64_t random_poisson(struct random_key key, enum random_purpose purpose, uint64_t entity,
                       uint64_t draw, double mean);

#endif
