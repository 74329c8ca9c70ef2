/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pending events: a tournament over slots, each holding the time of its one pending event.
 *
 *        root                 = the earliest time
 *        level 1   [8 minima] [8 minima] ...      each entry the minimum of the 8 below it
 *        level 0   [8 slots ] [8 slots ] ...      time by slot, EVENT_NONE = nothing pending
 *
 * A running job, a node or a timer owns a slot. Setting its time again moves the event, setting
 * EVENT_NONE cancels it: no stale event exists. A group of eight is one cache line, so a change
 * costs at most one line a level (6 levels for 262,144 slots) and stops at the first minimum that
 * does not change. Among equal times the lowest slot comes first. Measured against heaps, calendar
 * queues and binary winner trees in the project's benchmark; a plain heap is its oracle in
 * tests/sim/test_events.c.
 *
 * The tree owns its memory. Growing allocates; nothing else does.
 */
#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include <stdint.h>

#include "sim/status.h"

#define EVENT_NONE    INT64_MAX
#define EVENT_NO_SLOT UINT32_MAX

enum { EVENTS_LEVELS_MAX = 11 };

struct events {
    int64_t *level[EVENTS_LEVELS_MAX]; /* level[0] = times by slot */
    int64_t root;
    uint32_t next;  /* the lowest slot at root, EVENT_NO_SLOT = to be looked for */
    int top;        /* index of the highest level, one group of eight */
    uint32_t slots; /* slots there are, a multiple of eight */
    void *memory;
};

/* At least `slots` slots (at least 8), all EVENT_NONE. */
enum status events_init(struct events *e, uint32_t slots, struct error *err);
void events_free(struct events *e);
/* More slots; those there were keep their times. */
enum status events_grow(struct events *e, uint32_t slots, struct error *err);

static inline int64_t events_min8(const int64_t *g)
{
    int64_t a = g[0] < g[1] ? g[0] : g[1], b = g[2] < g[3] ? g[2] : g[3];
    int64_t c = g[4] < g[5] ? g[4] : g[5], d = g[6] < g[7] ? g[6] : g[7];
    a = a < b ? a : b;
    c = c < d ? c : d;
    return a < c ? a : c;
}

/* Moves the slot's event to time_us (EVENT_NONE: cancels it). */
static inline void events_set(struct events *e, uint32_t slot, int64_t time_us)
{
    uint32_t i = slot >> 3;
    e->level[0][slot] = time_us;
    if (time_us < e->root) e->next = slot;
    else if (slot == e->next) e->next = EVENT_NO_SLOT;
    else if (time_us == e->root && e->next != EVENT_NO_SLOT && slot < e->next) e->next = slot;
    for (int k = 0; k < e->top; k++, i >>= 3) {
        int64_t least = events_min8(e->level[k] + 8 * (uint64_t)i);
        if (e->level[k + 1][i] == least) return;
        e->level[k + 1][i] = least;
    }
    e->root = events_min8(e->level[e->top]);
}

static inline int64_t events_time(const struct events *e, uint32_t slot)
{
    return e->level[0][slot];
}

/* The earliest time, EVENT_NONE where nothing is pending. */
static inline int64_t events_next_time(const struct events *e) { return e->root; }

/* How many slots hold the earliest time; the lowest `most` of them are written to slots. */
uint32_t events_due(const struct events *e, uint32_t *slots, uint32_t most);

/* The lowest slot that holds the earliest time; there must be one. Looked for once, then known
 * until it changes. */
static inline uint32_t events_next_slot(struct events *e)
{
    uint32_t i = 0;
    if (e->next != EVENT_NO_SLOT) return e->next;
    for (int k = e->top; k >= 0; k--) {
        const int64_t *g = e->level[k] + 8 * (uint64_t)i;
        uint32_t equal = 0;
        for (uint32_t j = 0; j < 8; j++) equal |= (uint32_t)(g[j] == e->root) << j;
        i = 8 * i + (uint32_t)__builtin_ctz(equal);
    }
    return e->next = i;
}

#endif
