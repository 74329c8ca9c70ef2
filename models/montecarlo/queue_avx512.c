/* SPDX-License-Identifier: Apache-2.0 */
/* The gang queue by vectors of 16 lanes; built with -mavx512 and called only where the CPU has it.
 */
#include "models/montecarlo/queue_engines.h"

#ifdef __x86_64__

#define MC_LANES 16
#include "models/montecarlo/queue_block.h"

void queue_replication_avx512(const struct queue_model *m, uint32_t replication, uint32_t *words,
                              uint64_t *histogram, struct queue_result *out)
{
    queue_block_replication(m, replication, words, histogram, out);
}

#endif
