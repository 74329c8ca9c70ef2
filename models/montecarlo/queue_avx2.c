/* SPDX-License-Identifier: Apache-2.0 */
/* The gang queue by vectors of 8 lanes; built with -mavx2 and called only where the CPU has it. */
#include "models/montecarlo/queue_engines.h"

#ifdef __x86_64__

#define MC_LANES 8
#include "models/montecarlo/queue_block.h"

void queue_replication_avx2(const struct queue_model *m, uint32_t replication, uint32_t *words,
                            uint64_t *histogram, struct queue_result *out)
{
    queue_block_replication(m, replication, words, histogram, out);
}

#endif
