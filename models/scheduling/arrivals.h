/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Those that wait, in order of arrival, which is that of their numbers.
 *
 *      entries  | 3 | 5 | - | 8 | 9 | - | 12 |      - has left
 *
 * An array, since all that wait are gone over again and again. Who leaves is struck out, and what
 * is struck out is taken away once there is much of it, so that leaving costs a search and little
 * more. The owner of the array has it from arrivals_room, which alone allocates.
 */
#ifndef MODELS_SCHEDULING_ARRIVALS_H
#define MODELS_SCHEDULING_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NOBODY = UINT32_MAX };

struct arrival {
    uint32_t job, slot; /* slot: what the owner knows it by; NOBODY: has left */
};

struct arrivals {
    struct arrival *entries;
    uint32_t n, first, left, capacity; /* first: who waits, n: nobody does; left: struck out */
};

/* Room for one more. false: no memory. */
static inline bool arrivals_room(struct arrivals *a)
{
    if (a->n < a->capacity) return true;
    uint32_t capacity = a->capacity ? 2 * a->capacity : 64;
    struct arrival *entries = realloc(a->entries, capacity * sizeof *entries);
    if (!entries) return false;
    a->entries = entries;
    a->capacity = capacity;
    return true;
}

/* Where the job stands or, where it does not, would. */
static inline uint32_t arrivals_find(const struct arrivals *a, uint32_t job)
{
    uint32_t low = a->first, high = a->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (a->entries[middle].job < job) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* The job, which does not wait, waits; there is room. Returns where it stands. */
static inline uint32_t arrivals_put(struct arrivals *a, uint32_t job, uint32_t slot)
{
    uint32_t at = arrivals_find(a, job);
    struct arrival *e = a->entries + at;
    memmove(e + 1, e, (a->n++ - at) * sizeof *e);
    *e = (struct arrival){ job, slot };
    return at;
}

/* The job, which waits, leaves. Who stands where is another matter then. */
static inline void arrivals_leave(struct arrivals *a, uint32_t job)
{
    uint32_t n = 0;
    a->entries[arrivals_find(a, job)].slot = NOBODY;
    while (a->first < a->n && a->entries[a->first].slot == NOBODY) a->first++;
    if (++a->left <= a->n / 8 + 8) return;
    for (uint32_t i = a->first; i < a->n; i++)
        if (a->entries[i].slot != NOBODY) a->entries[n++] = a->entries[i];
    a->n = n;
    a->first = a->left = 0;
}

#endif
