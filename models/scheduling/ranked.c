/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/ranked.h"

#include <stdlib.h>

void ranked_heap_free(struct ranked_heap *h)
{
    free(h->items);
    *h = (struct ranked_heap){ 0 };
}

/* The order is a constant wherever these are inlined. */
static inline __attribute__((always_inline)) bool goes_before(const struct ranked *a,
                                                              const struct ranked *b,
                                                              enum ranked_first first)
{
    return first == SMALLEST_FIRST ? ranked_before(a, b) : ranked_before(b, a);
}

enum { CHILDREN = 4 };

static inline void put(struct ranked_heap *h, uint32_t *at, uint32_t index, struct ranked item)
{
    h->items[index] = item;
    if (at) at[item.slot] = index;
}

static inline __attribute__((always_inline)) void rise_in(struct ranked_heap *h,
                                                          enum ranked_first first, uint32_t *at,
                                                          uint32_t i, struct ranked item)
{
    while (i > 0 && goes_before(&item, &h->items[(i - 1) / CHILDREN], first)) {
        put(h, at, i, h->items[(i - 1) / CHILDREN]);
        i = (i - 1) / CHILDREN;
    }
    put(h, at, i, item);
}

static void rise(struct ranked_heap *h, enum ranked_first first, uint32_t *at, uint32_t i,
                 struct ranked item)
{
    if (first == SMALLEST_FIRST) rise_in(h, SMALLEST_FIRST, at, i, item);
    else rise_in(h, LARGEST_FIRST, at, i, item);
}

/* Fills the place i, which is empty: the better children move up, to the bottom. What fills it last
 * comes from there and mostly belongs there. */
static inline __attribute__((always_inline)) uint32_t sink_in(struct ranked_heap *h,
                                                              enum ranked_first first, uint32_t *at,
                                                              uint32_t i)
{
    const struct ranked *items = h->items;
    uint32_t child;
    for (; (child = CHILDREN * i + 1) + CHILDREN <= h->n; i = child) {
        uint32_t a = child + goes_before(&items[child + 1], &items[child], first);
        uint32_t b = child + 2 + goes_before(&items[child + 3], &items[child + 2], first);
        child = goes_before(&items[b], &items[a], first) ? b : a;
        put(h, at, i, items[child]);
    }
    if (child < h->n) {
        for (uint32_t other = child + 1; other < h->n; other++)
            if (goes_before(&items[other], &items[child], first)) child = other;
        put(h, at, i, items[child]);
        i = child;
    }
    return i;
}

bool ranked_heap_push(struct ranked_heap *h, enum ranked_first first, uint32_t *at,
                      struct ranked item)
{
    if (h->n == h->capacity) {
        uint32_t capacity = h->capacity ? 2 * h->capacity : 16;
        struct ranked *items = realloc(h->items, capacity * sizeof *items);
        if (!items) return false;
        h->items = items;
        h->capacity = capacity;
    }
    rise(h, first, at, h->n++, item);
    return true;
}

void ranked_heap_raise(struct ranked_heap *h, enum ranked_first first, uint32_t *at, uint32_t index,
                       struct ranked item)
{
    rise(h, first, at, index, item);
}

void ranked_heap_change(struct ranked_heap *h, enum ranked_first first, uint32_t *at,
                        uint32_t index, struct ranked item)
{
    uint32_t i = index, best;
    for (; (best = CHILDREN * i + 1) < h->n; i = best) {
        uint32_t end = best + CHILDREN < h->n ? best + CHILDREN : h->n;
        for (uint32_t other = best + 1; other < end; other++)
            if (goes_before(&h->items[other], &h->items[best], first)) best = other;
        if (!goes_before(&h->items[best], &item, first)) break;
        put(h, at, i, h->items[best]);
    }
    rise(h, first, at, i, item);
}

void ranked_heap_remove(struct ranked_heap *h, enum ranked_first first, uint32_t *at,
                        uint32_t index)
{
    if (at) at[h->items[index].slot] = UINT32_MAX;
    struct ranked last = h->items[--h->n];
    if (index == h->n) return;
    if (first == SMALLEST_FIRST)
        rise_in(h, SMALLEST_FIRST, at, sink_in(h, SMALLEST_FIRST, at, index), last);
    else rise_in(h, LARGEST_FIRST, at, sink_in(h, LARGEST_FIRST, at, index), last);
}
