/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Histograms that forget no order: counts by buckets that are narrow in proportion, 32 an octave.
 *
 *      value   0 1 2 ... 31 32 | 33 34 ... 63 | 64 66 68 ... | 128 132 ...
 *
 * Values below 64 have a bucket each; above, a bucket is at most 1/32 of its value wide, so a
 * quantile read from it is at most 3.1 % too high or too low. Counting is adding integers, so
 * threads, devices and machines may do it in any order.
 */
#ifndef MODELS_MONTECARLO_LOG_BUCKET_H
#define MODELS_MONTECARLO_LOG_BUCKET_H

#include "models/montecarlo/lanes.h"

enum { LOG_BUCKET_FINE = 5, LOG_BUCKET_N = (64 - LOG_BUCKET_FINE + 1) << LOG_BUCKET_FINE };

/* The bucket of a value; below LOG_BUCKET_N. */
MC_FN uint32_t log_bucket_of(uint64_t value)
{
    if (value < 1u << LOG_BUCKET_FINE) return (uint32_t)value;
    uint32_t exponent = 63u - mc_zeros_one_64(value), shift = exponent - LOG_BUCKET_FINE;
    return (shift << LOG_BUCKET_FINE) + (uint32_t)(value >> shift);
}

/* The least value of a bucket. */
MC_FN uint64_t log_bucket_least(uint32_t bucket)
{
    if (bucket < 2u << LOG_BUCKET_FINE) return bucket;
    uint32_t shift = (bucket >> LOG_BUCKET_FINE) - 1u;
    return (uint64_t)((bucket & ((1u << LOG_BUCKET_FINE) - 1u)) | 1u << LOG_BUCKET_FINE) << shift;
}

#endif
