/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/running.h"

#include <stdlib.h>
#include <string.h>

#include "sim/large.h"

enum status running_init(struct running *r, struct error *err)
{
    memset(r, 0, sizeof *r);
    r->capacity = 64;
    r->slots = large_alloc(r->capacity * sizeof *r->slots);
    r->free_slots = malloc(r->capacity * sizeof *r->free_slots);
    if (!r->slots || !r->free_slots) {
        running_free(r);
        return error_set(err, STATUS_NO_MEMORY, "no memory for running jobs");
    }
    return STATUS_OK;
}

void running_free(struct running *r)
{
    free(r->slots);
    free(r->free_slots);
    free(r->store);
    memset(r, 0, sizeof *r);
}

static int run_class(int32_t piece_n)
{
    int k = 0;
    while ((INT32_C(1) << k) < piece_n) k++;
    return k;
}

/* A run of 2^k pieces; UINT32_MAX on lack of memory. A free run's first piece links to the next
 * one. */
static uint32_t run_take(struct running *r, int k)
{
    uint32_t size = UINT32_C(1) << k, at;
    if (r->free_run[k]) {
        at = r->free_run[k] - 1;
        r->free_run[k] = (uint32_t)r->store[at].node;
        return at;
    }
    if (size > r->store_capacity - r->store_n) {
        uint64_t capacity = r->store_capacity ? r->store_capacity : 256;
        while (capacity - r->store_n < size) capacity *= 2;
        if (capacity > INT32_MAX) return UINT32_MAX;
        struct piece *store = realloc(r->store, capacity * sizeof *store);
        if (!store) return UINT32_MAX;
        r->store = store;
        r->store_capacity = (uint32_t)capacity;
    }
    at = r->store_n;
    r->store_n += size;
    return at;
}

uint32_t running_add(struct running *r, uint32_t job, uint32_t demand, int32_t pool,
                     const struct piece *pieces, int32_t piece_n, int64_t start_us)
{
    uint32_t slot;
    if (!r->free_n && r->used == r->capacity) {
        uint32_t capacity = 2 * r->capacity;
        struct running_job *slots = large_alloc(capacity * sizeof *slots);
        if (!slots) return RUNNING_NONE;
        memcpy(slots, r->slots, r->used * sizeof *slots);
        free(r->slots);
        r->slots = slots;
        uint32_t *free_slots = realloc(r->free_slots, capacity * sizeof *free_slots);
        if (!free_slots) return RUNNING_NONE;
        r->free_slots = free_slots;
        r->capacity = capacity;
    }
    struct running_job entry = { .job = job,
                                 .demand = demand,
                                 .pool = pool,
                                 .piece_n = piece_n,
                                 .one = pieces[0],
                                 .start_us = start_us };
    if (piece_n > 1) {
        entry.at = run_take(r, run_class(piece_n));
        if (entry.at == UINT32_MAX) return RUNNING_NONE;
        memcpy(r->store + entry.at, pieces, (size_t)piece_n * sizeof *pieces);
    }
    slot = r->free_n ? r->free_slots[--r->free_n] : r->used++;
    r->slots[slot] = entry;
    r->n++;
    return slot;
}

void running_remove(struct running *r, uint32_t slot)
{
    const struct running_job *j = &r->slots[slot];
    if (j->piece_n > 1) {
        int k = run_class(j->piece_n);
        r->store[j->at].node = (int32_t)r->free_run[k];
        r->free_run[k] = j->at + 1;
    }
    r->free_slots[r->free_n++] = slot;
    r->n--;
}
