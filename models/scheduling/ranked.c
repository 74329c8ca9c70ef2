/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/ranked.h"

#include <stdlib.h>

void ranked_heap_free(struct ranked_heap *h)
{
    free(h->items);
    *h = (struct ranked_heap){ 0 };
}

static bool goes_before(const struct ranked *a, const struct ranked *b, enum ranked_first first)
{
    if (first == LARGEST_FIRST) {
        const struct ranked *t = a;
        a = b;
        b = t;
    }
    if (a->key != b->key) return a->key < b->key;
    return a->tag != b->tag ? a->tag < b->tag : a->ran_tag < b->ran_tag;
}

static void put(struct ranked_heap *h, uint32_t *at, uint32_t index, struct ranked item)
{
    h->items[index] = item;
    if (at) at[item.slot] = index;
}

static void rise(struct ranked_heap *h, enum ranked_first first, uint32_t *at, uint32_t i,
                 struct ranked item)
{
    while (i > 0 && goes_before(&item, &h->items[(i - 1) / 2], first)) {
        put(h, at, i, h->items[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    put(h, at, i, item);
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

void ranked_heap_remove(struct ranked_heap *h, enum ranked_first first, uint32_t *at,
                        uint32_t index)
{
    if (at) at[h->items[index].slot] = UINT32_MAX;
    struct ranked last = h->items[--h->n];
    uint32_t i = index, n = h->n;
    if (i == n) return;
    for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && goes_before(&h->items[child + 1], &h->items[child], first)) child++;
        if (!goes_before(&h->items[child], &last, first)) break;
        put(h, at, i, h->items[child]);
    }
    rise(h, first, at, i, last);
}
