/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool while it runs: what is free on each of its nodes, and for each number of free GPUs the set
 * of nodes that have exactly so many.
 *
 *      free GPUs   0: {2, 5}   1: {}   2: {0}   ...   8: {1, 3, 4}      one nodeset a level
 *      occupied    {0, 2, 8}                                            the levels that are not
 * empty
 *
 * So best fit, worst fit and "are there three empty nodes" are a few bit operations whatever the
 * size of the pool. A node that is not there, since it has failed, is in none of the sets; jobs
 * that run on beyond that give back what they hold there, and nobody else has it. Cores and memory
 * are tracked only where the workload asks for them and the nodes have them. Node numbers here
 * count from 0 within the pool; `base` makes them numbers of the fleet.
 */
#ifndef MODELS_FLEET_POOL_H
#define MODELS_FLEET_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "models/fleet/fleet_spec.h"
#include "models/fleet/gpu_table.h"
#include "models/fleet/neighbours.h"
#include "models/fleet/nodeset.h"
#include "sim/status.h"

/* What one node must give: a gang's share of it. */
struct share {
    int32_t gpus;        /* whole ones */
    uint16_t part_milli; /* > 0: of one GPU; then gpus is 0 */
    uint8_t mig;         /* profile + 1 of an instance: mig.h */
    uint8_t slots;       /* of it, as bits, where they are known */
    uint16_t mask;       /* which GPUs, where the pool has a table of them and they are known */
    struct whose whose;  /* where the pool has a record of neighbours */
    int64_t cpu_milli, mem_mib;
};

struct pool {
    int32_t node_n, base;
    int32_t up_n;               /* nodes that are there */
    const int32_t *rank;        /* of the fleet_spec */
    int32_t gpus;               /* per node */
    int32_t rack_nodes;         /* of the pool_spec */
    int32_t *in_rack;           /* [racks] scratch of racks.c */
    int64_t cpu_milli, mem_mib; /* per node; 0 = no limit */
    struct nodeset *by_free;    /* [gpus + 1] */
    int32_t *count;             /* [gpus + 1] nodes at each level */
    struct nodeset occupied;
    int32_t *free_gpu;            /* [node_n] wholly free ones; -1: the node is not there */
    int64_t *free_cpu, *free_mem; /* [node_n]; NULL where not tracked */
    /* Where they are: what jobs held inside the books, thousandths of cores and MiB x us. */
    __int128 held_cpu_milli_us, held_mem_mib_us;
    int64_t free_gpus;             /* of the whole pool, wholly free */
    int64_t busy_milli;            /* thousandths of GPUs that jobs hold */
    int64_t leaving_milli;         /* of these, on nodes that are not there for others */
    __int128 *node_busy_milli_us;  /* [node_n] held inside the books */
    struct gpu_table *table;       /* NULL where nobody looks at single GPUs */
    struct neighbours *neighbours; /* NULL where any may be beside any; else set by the owner */
    void *memory;
};

/* All nodes free. track: the workload asks for cores or memory. by_gpu: with a table of GPUs, of
 * which a node has GPU_TABLE_GPUS_MAX at most; mig: which are cut into instances. */
enum status pool_init(struct pool *pool, const struct pool_spec *spec, int32_t base, bool track,
                      bool by_gpu, bool mig, struct error *err);
void pool_free(struct pool *pool);

/* 1 where node has what share asks, and nobody on it is in the way. */
static inline bool pool_node_fits(const struct pool *p, int64_t node, const struct share *share)
{
    if (p->free_gpu[node] < share->gpus) return false;
    if (share->part_milli && p->free_gpu[node] == 0 &&
        (!p->table || gpu_table_tightest(p->table, node, share->part_milli, share->mig) < 0))
        return false;
    if (p->free_cpu && (p->free_cpu[node] < share->cpu_milli || p->free_mem[node] < share->mem_mib))
        return false;
    return !p->neighbours || neighbours_allow(p->neighbours, node, share->whose);
}

static inline bool pool_node_is_up(const struct pool *p, int64_t node)
{
    return p->free_gpu[node] >= 0;
}

/* A node goes, or comes back, on which nothing is then. */
void pool_take_down(struct pool *p, int64_t node);
void pool_bring_up(struct pool *p, int64_t node);

/* Where the node stands in the fleet's order. */
static inline int32_t pool_rank(const struct pool *p, int64_t node)
{
    return p->rank ? p->rank[node] : p->base + (int32_t)node;
}

static inline void pool_move(struct pool *p, int64_t node, int32_t from, int32_t to)
{
    nodeset_remove(&p->by_free[from], (uint32_t)node);
    if (--p->count[from] == 0) nodeset_remove(&p->occupied, (uint32_t)from);
    nodeset_add(&p->by_free[to], (uint32_t)node);
    if (p->count[to]++ == 0) nodeset_add(&p->occupied, (uint32_t)to);
    p->free_gpu[node] = to;
    p->free_gpus += to - from;
}

/* Takes a share of a node, which must fit, or gives it back (sign -1 or +1). The busy count is the
 * caller's: a reservation moves what is free without anything being busy. */
static inline void pool_shift(struct pool *p, int64_t node, const struct share *share, int sign)
{
    int32_t from = p->free_gpu[node], whole = sign * share->gpus;
    if (p->table) {
        if (share->mask)
            whole =
                gpu_table_shift(p->table, node, share->mask, share->part_milli, share->slots, sign);
        gpu_table_note(p->table, node);
    }
    if (p->neighbours) neighbours_shift(p->neighbours, node, share->whose, sign);
    if (whole && from >= 0) pool_move(p, node, from, from + whole);
    if (p->free_cpu) {
        p->free_cpu[node] += sign * share->cpu_milli;
        p->free_mem[node] += sign * share->mem_mib;
    }
}

#endif
