/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chance for the Monte Carlo models: Philox4x32-10 (Salmon et al., "Parallel random numbers: as
 * easy as 1, 2, 3", SC'11), written out so that C, vectors and CUDA share it.
 *
 *      counter  draw, entity, replication, stream       key  seed
 *
 * The candidate fleet is not in the counter: fleets are compared under common random numbers by
 * themselves. The same function as Random123's, which sim/random.h uses with another layout.
 * Antithetic replications (2i, 2i + 1) have the words of i, and those of the odd one are inverted.
 */
#ifndef MODELS_MONTECARLO_PHILOX_H
#define MODELS_MONTECARLO_PHILOX_H

#include "models/montecarlo/lanes.h"

struct mc_words {
    mc_u32 x[4];
};

/* What a draw is for; part of its name, so new ones go at the end. */
enum mc_stream { MC_STREAM_JOB = 1, MC_STREAM_BATCH, MC_STREAM_HOUR, MC_STREAM_YEAR };

MC_FN struct mc_words mc_philox(mc_u32 draw, mc_u32 entity, mc_u32 replication, mc_u32 stream,
                                uint32_t key0, uint32_t key1)
{
    mc_u32 a = draw, b = entity, c = replication, d = stream;
    const mc_u32 m0 = mc_all_u32(0xD2511F53u), m1 = mc_all_u32(0xCD9E8D57u);
#ifdef __CUDA_ARCH__
#pragma unroll
#endif
    for (int round = 0; round < 10; round++) {
        mc_u32 high0, low0, high1, low1;
        mc_multiply(m0, a, &high0, &low0);
        mc_multiply(m1, c, &high1, &low1);
        a = high1 ^ b ^ key0;
        b = low1;
        c = high0 ^ d ^ key1;
        d = low0;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    struct mc_words out;
    out.x[0] = a;
    out.x[1] = b;
    out.x[2] = c;
    out.x[3] = d;
    return out;
}

#endif
