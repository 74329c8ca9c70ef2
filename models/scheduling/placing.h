/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a gang goes: the nodes of one pool that a placement rule picks for a demand.
 *
 * Gang rule "fewest nodes", with P GPUs a node and g GPUs asked:
 *      g <= P   one node
 *      g >  P   g / P whole nodes and one more for the remainder, by a rule of its own
 *               (enum remainder_rule)
 * Gang rule "fewest racks": the same nodes, in as few racks as can be: racks.h.
 * Gang rule "one node": one node, or nowhere.
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
    struct whose whose;  /* beside whom it may be: whose.h */
    uint64_t pools;      /* bit p: pool p may serve it (type and capacity) */
    uint32_t number;     /* in the table of demands */
    uint16_t part_milli; /* > 0: a part of one GPU, and gpus is 0 */
    uint8_t mig;         /* profile + 1 of an instance (mig.h), which part_milli is what it holds */
};

/* What it holds of GPUs, in thousandths. */
static inline int64_t demand_milli(const struct demand *d)
{
    return d->gpus * GPU_WHOLE + d->part_milli;
}

/* A gang's part on one node of the pool. */
struct piece {
    int32_t node;
    uint16_t gpus; /* whole ones; of an instance the slot that it begins at */
    uint16_t mask; /* which, or which one has the part; 0 where the pool has no table of GPUs */
};

/* What a placement may need beyond the pool: the address of its random draws, and the scores of
 * nodes where it goes by these (scored.h; NULL = it does not). */
struct placing {
    enum placement_rule rule;
    enum gang_rule gang;
    enum remainder_rule remainder;
    uint64_t seed;
    uint32_t replication;
    struct scored *scored;
    uint64_t first; /* pools that are tried before the others, whatever their order and scores */
};

/* The share of one node that holds `gpus` of the demand's GPUs (all of it where it asks for none).
 */
static inline struct share demand_share(const struct demand *d, int64_t gpus)
{
    struct share s = { .gpus = (int32_t)gpus,
                       .part_milli = d->part_milli,
                       .mig = d->mig,
                       .whose = d->whose,
                       .cpu_milli = d->cpu_milli,
                       .mem_mib = d->mem_mib };
    if (gpus != d->gpus && (d->cpu_milli | d->mem_mib) != 0) { /* divisions cost */
        s.cpu_milli = (int64_t)(((__int128)d->cpu_milli * gpus + d->gpus - 1) / d->gpus);
        s.mem_mib = (int64_t)(((__int128)d->mem_mib * gpus + d->gpus - 1) / d->gpus);
    }
    return s;
}

/* The share that is a piece. */
static inline struct share piece_share(const struct demand *d, const struct piece *piece)
{
    struct share s = demand_share(d, d->part_milli ? 0 : piece->gpus);
    s.mask = piece->mask;
    if (d->mig) s.slots = mig_slots_at(&mig_profiles[d->mig - 1], piece->gpus);
    return s;
}

/* The most pieces a gang of this demand can have in this pool. */
int32_t placing_pieces_max(const struct placing *how, const struct pool *pool,
                           const struct demand *d);
/* 1 where the demand fits the pool when it is empty. *share_failed is 0, or which of 1 GPUs, 2
 * cores, 3 memory is too much. */
bool placing_possible(enum gang_rule gang, const struct pool *pool, const struct demand *d,
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
