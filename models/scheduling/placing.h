/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a gang goes: the nodes of one pool that a placement rule picks for a demand.
 *
 * Gang rule "fewest nodes", with P GPUs a node and g GPUs asked:
 *      g <= P   one node
 *      g >  P   g / P whole nodes and one more for the remainder
 * Gang rule "anywhere": one node where it fits one; else the freest nodes first (first-fit: in
 * order of number; random: in random order), whatever they have free.
 *
 * The rules choose among the nodes that fit, ties to the lowest number:
 *      first-fit  lowest number          pack    fewest free GPUs (best fit)
 *      spread     most free GPUs         random  each as likely, drawn by (job, piece)
 *
 * Cores and memory of a gang are split in proportion to its GPUs, rounded up; a CPU-only job lies
 * on one node. Nothing is taken here: the caller takes the pieces it is given.
 */
#ifndef MODELS_SCHEDULING_PLACING_H
#define MODELS_SCHEDULING_PLACING_H

#include <stdbool.h>
#include <stdint.h>

#include "models/fleet/pool.h"
#include "models/scheduling/policy.h"

/* What jobs of one kind ask for; jobs with the same demand are interchangeable to a placement. */
struct demand {
    int64_t gpus; /* whole GPUs */
    int64_t cpu_milli, mem_mib;
    uint64_t pools; /* bit p: pool p may serve it (type and capacity) */
};

/* A gang's part on one node of the pool. */
struct piece {
    int32_t node, gpus;
};

/* What a placement may need beyond the pool: the address of its random draws. */
struct placing {
    enum placement_rule rule;
    enum gang_rule gang;
    uint64_t seed;
    uint32_t replication;
};

/* The share of one node that holds `gpus` of the demand's GPUs (all of it where it asks for none).
 */
static inline struct share demand_share(const struct demand *d, int64_t gpus)
{
    struct share s = { (int32_t)gpus, d->cpu_milli, d->mem_mib };
    if (gpus != d->gpus) {
        s.cpu_milli = (int64_t)(((__int128)d->cpu_milli * gpus + d->gpus - 1) / d->gpus);
        s.mem_mib = (int64_t)(((__int128)d->mem_mib * gpus + d->gpus - 1) / d->gpus);
    }
    return s;
}

/* The most pieces a gang of this demand can have in this pool. */
int32_t placing_pieces_max(const struct placing *how, const struct pool *pool,
                           const struct demand *d);
/* 1 where the demand fits the pool when it is empty. *share_failed is 0, or which of 1 GPUs, 2
 * cores, 3 memory is too much. */
bool placing_possible(const struct placing *how, const struct pool *pool, const struct demand *d,
                      int *share_failed);
/* Picks nodes for `job`; pieces has room for placing_pieces_max. Returns how many, 0 where it does
 * not fit now. A piece holds at least one GPU, but for CPU-only jobs. */
int32_t placing_find(const struct placing *how, struct pool *pool, const struct demand *d,
                     uint32_t job, struct piece *pieces);

/* The lowest-numbered node from `from` on that has what share asks, -1 = none. */
int64_t placing_first(const struct pool *pool, const struct share *share, int64_t from);
/* How many of `wanted` GPUs of the demand a node could hold now, with their cores and memory. */
int64_t placing_room_on(const struct pool *pool, const struct demand *d, int64_t node,
                        int64_t wanted);

#endif
