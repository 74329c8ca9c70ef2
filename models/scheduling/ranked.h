/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A binary heap of jobs by (key, tag, ran_tag), with the smallest first or the largest first, from
 * which a member can be taken out by its slot where an index is kept. Owns its memory; grows and
 * never shrinks.
 */
#ifndef MODELS_SCHEDULING_RANKED_H
#define MODELS_SCHEDULING_RANKED_H

#include <stdbool.h>
#include <stdint.h>

struct ranked {
    int64_t key, tag;
    int64_t ran_tag; /* of a job that waits: its tag while it ran; orders those of equal tags */
    uint32_t job;
    uint32_t slot; /* where it runs; its number while it waits */
};

struct ranked_heap {
    struct ranked *items;
    uint32_t n, capacity;
};

enum ranked_first { SMALLEST_FIRST, LARGEST_FIRST };

void ranked_heap_free(struct ranked_heap *h);
/* at: by slot, the index of the member, UINT32_MAX once it is taken out; kept up to date where not
 * NULL. false: no memory. */
bool ranked_heap_push(struct ranked_heap *h, enum ranked_first first, uint32_t *at,
                      struct ranked item);
/* Puts item, of the same slot, in place of a member that does not go before it. */
void ranked_heap_raise(struct ranked_heap *h, enum ranked_first first, uint32_t *at, uint32_t index,
                       struct ranked item);
void ranked_heap_remove(struct ranked_heap *h, enum ranked_first first, uint32_t *at,
                        uint32_t index);

#endif
