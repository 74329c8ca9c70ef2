/* SPDX-License-Identifier: Apache-2.0 */
/* One replication by the vector code of queue_block.h, built once for each width; on x86-64. */
#ifndef MODELS_MONTECARLO_QUEUE_ENGINES_H
#define MODELS_MONTECARLO_QUEUE_ENGINES_H

#include <stdint.h>

struct queue_model;
struct queue_result;

/* words: queue_block_words(m->servers) of them, at a multiple of 64 bytes. */
void queue_replication_avx2(const struct queue_model *m, uint32_t replication, uint32_t *words,
                            uint64_t *histogram, struct queue_result *out);
void queue_replication_avx512(const struct queue_model *m, uint32_t replication, uint32_t *words,
                              uint64_t *histogram, struct queue_result *out);

#endif
