/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A heap of jobs by (key, tag, ran_tag), four children to each, with the smallest first or the
 * largest first, from which a member can be taken out by its slot where an index is kept. It owns
 * its memory, grows and never shrinks.
 */
#ifndef MODELS_SCHEDULING_RANKED_H
#define MODELS_SCHEDULING_RANKED_H

#include <stdbool.h>
#include <stddef.h>
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

/* Key and tag as one number: which of two is smaller is then a value, not a branch that nobody can
 * guess. */
static inline __int128 ranked_number(const struct ranked *r)
{
    return (__int128)((unsigned __int128)(uint64_t)r->key << 64 |
                      ((uint64_t)r->tag ^ (uint64_t)1 << 63));
}

static inline bool ranked_before(const struct ranked *a, const struct ranked *b)
{
    __int128 x = ranked_number(a), y = ranked_number(b);
    return x == y ? a->ran_tag < b->ran_tag : x < y;
}

void ranked_heap_free(struct ranked_heap *h);
/* at: by slot, the index of the member, UINT32_MAX once it is taken out; kept up to date where not
 * NULL. false: no memory. */
bool ranked_heap_push(struct ranked_heap *h, enum ranked_first first, uint32_t *at,
                      struct ranked item);
/* Puts item, of the same slot, in place of a member that does not go before it. */
void ranked_heap_raise(struct ranked_heap *h, enum ranked_first first, uint32_t *at, uint32_t index,
                       struct ranked item);
/* Puts item, of the same slot, in place of a member; cheap where it goes near. */
void ranked_heap_change(struct ranked_heap *h, enum ranked_first first, uint32_t *at,
                        uint32_t index, struct ranked item);
void ranked_heap_remove(struct ranked_heap *h, enum ranked_first first, uint32_t *at,
                        uint32_t index);

#endif
