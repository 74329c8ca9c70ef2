/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jobs that run: a slot each, reused when they end, with the nodes they hold.
 *
 * A job on one node keeps its piece in the slot; a gang keeps a run of pieces in a store whose runs
 * are powers of two with a free list each, so that a warm table allocates nothing. The table owns
 * all of it; pointers into it hold until the next running_add.
 */
#ifndef MODELS_SCHEDULING_RUNNING_H
#define MODELS_SCHEDULING_RUNNING_H

#include <stdint.h>

#include "models/scheduling/placing.h"
#include "sim/status.h"

/* Half a cache line, and never across two: on a large fleet each end is a line from memory. */
struct running_job {
    uint32_t job, demand;
    int32_t pool, piece_n;
    union {
        struct piece one; /* where piece_n is 1 */
        uint32_t at;      /* of the first piece in the store, where piece_n > 1 */
    };
    int64_t start_us;
};

struct running {
    struct running_job *slots;
    uint32_t *free_slots;
    uint32_t n, free_n, used, capacity; /* running now; on the free list; ever used; room */
    struct piece *store;
    uint32_t store_n, store_capacity;
    uint32_t free_run[32]; /* by log2 size: 1 + first piece of a free run, 0 = none */
};

enum { RUNNING_NONE = UINT32_MAX };

enum status running_init(struct running *r, struct error *err);
void running_free(struct running *r);
/* Copies the pieces. The slot, or RUNNING_NONE on lack of memory. */
uint32_t running_add(struct running *r, uint32_t job, uint32_t demand, int32_t pool,
                     const struct piece *pieces, int32_t piece_n, int64_t start_us);
void running_remove(struct running *r, uint32_t slot);

static inline const struct piece *running_pieces(const struct running *r, uint32_t slot)
{
    const struct running_job *j = &r->slots[slot];
    return j->piece_n > 1 ? r->store + j->at : &j->one;
}

#endif
