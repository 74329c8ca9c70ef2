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
 * size of the pool. Cores and memory are tracked only where the workload asks for them and the
 * nodes have them. Node numbers here count from 0 within the pool; `base` makes them numbers of the
 * fleet.
 */
#ifndef MODELS_FLEET_POOL_H
#define MODELS_FLEET_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "models/fleet/fleet_spec.h"
#include "models/fleet/nodeset.h"
#include "sim/status.h"

/* What one node must give: a gang's share of it. */
struct share {
    int32_t gpus;
    int64_t cpu_milli, mem_mib;
};

struct pool {
    int32_t node_n, base;
    int32_t gpus;               /* per node */
    int64_t cpu_milli, mem_mib; /* per node; 0 = no limit */
    struct nodeset *by_free;    /* [gpus + 1] */
    int32_t *count;             /* [gpus + 1] nodes at each level */
    struct nodeset occupied;
    int32_t *free_gpu;            /* [node_n] */
    int64_t *free_cpu, *free_mem; /* [node_n]; NULL where not tracked */
    int64_t free_gpus;            /* of the whole pool */
    int64_t busy_gpus;
    __int128 *node_busy_gpu_us; /* [node_n] held inside the books */
    void *memory;
};

/* All nodes free. track: the workload asks for cores or memory. */
enum status pool_init(struct pool *pool, const struct pool_spec *spec, int32_t base, bool track,
                      struct error *err);
void pool_free(struct pool *pool);

/* 1 where node has what share asks. */
static inline bool pool_node_fits(const struct pool *p, int64_t node, const struct share *share)
{
    if (p->free_gpu[node] < share->gpus) return false;
    return !p->free_cpu ||
           (p->free_cpu[node] >= share->cpu_milli && p->free_mem[node] >= share->mem_mib);
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
    int32_t from = p->free_gpu[node];
    if (share->gpus) pool_move(p, node, from, from + sign * share->gpus);
    if (p->free_cpu) {
        p->free_cpu[node] += sign * share->cpu_milli;
        p->free_mem[node] += sign * share->mem_mib;
    }
}

#endif
