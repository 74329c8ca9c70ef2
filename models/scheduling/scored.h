/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placements by score: of the nodes that fit, the one whose score is highest; ties to the lowest
 * number.
 *
 *      demand x pool --> a tree over the pool's nodes: a leaf is a node's score, or -1 where the
 *                        request does not fit; above each two the better one
 *
 * A tree is made when its demand is first looked for. Before each look the nodes that have changed
 * since the last one are scored anew (gpu_table.h notes them), so that a placement costs a few
 * scores and O(log nodes), whatever the number of nodes. The rules are in score_rules.c and fgd.c,
 * named in policy.c.
 *
 * Random's trees count the nodes that fit, of which it draws one.
 *
 * A gang of more than one node gets idle nodes, lowest numbers first, and the rest of it the
 * fullest node that fits: placing.c.
 */
#ifndef MODELS_SCHEDULING_SCORED_H
#define MODELS_SCHEDULING_SCORED_H

#include <stdbool.h>
#include <stdint.h>

#include "models/fleet/pool.h"
#include "models/scheduling/demand.h"
#include "models/scheduling/fgd.h"
#include "models/scheduling/placing.h"
#include "sim/random.h"

/* A node as a rule sees it, before the request is served. */
struct node_view {
    const struct demand *demand;
    int64_t cpu_milli, cpu_free; /* both 0 where cores are not known */
    int64_t mem_mib, mem_free;   /* likewise */
    int32_t gpus, left_milli;    /* left: of all its GPUs, thousandths */
    int32_t whole;               /* wholly free GPUs */
    const uint16_t *free_milli;  /* [gpus] */
    const uint32_t *requests;    /* [GPU_KINDS] served now, by whole GPUs; [0] parts */
    int64_t cpu_most;            /* of the fleet's nodes */
    int32_t gpus_most;
    struct fgd *fgd; /* NULL but for fgd */
    uint32_t number; /* of the node in the fleet */
    int32_t pool;
};

struct score_tree {
    int32_t *score; /* [2 width]: root at 1, leaves from width on; NULL = not looked for yet */
    uint64_t seen;  /* changes of the pool's table before the last look */
};

struct scored {
    const struct placement *placement;
    const struct fleet_spec *fleet;
    struct random_key key;
    struct pool *pools;
    int32_t pool_n;
    uint32_t *width;          /* [pool] leaves */
    struct score_tree *trees; /* [demand][pool] */
    uint32_t demand_n;        /* room for so many */
    int64_t cpu_most;
    int32_t gpus_most;
    struct fgd *fgd;
    uint64_t *fgd_seen; /* [pool] changes that fgd knows of */
    bool failed;        /* out of memory */
};

/* The pools have tables of GPUs. Borrows all. NULL: no memory. */
struct scored *scored_new(const struct placement *placement, const struct fleet_spec *fleet,
                          const struct workload *workload, struct random_key key,
                          struct pool *pools, int32_t pool_n);
void scored_free(struct scored *s);

/* The best node of the pool for a request of at most its GPUs of a node; false where none fits, or
 * s->failed. */
bool scored_find(struct scored *s, struct pool *pool, const struct demand *d, uint32_t job,
                 struct piece *piece);
/* The best of all pools that may serve the demand, ties to the lowest rank (pool_rank). The pool,
 * -1 where none fits on one node. */
int32_t scored_find_in_fleet(struct scored *s, const struct demand *d, uint32_t job,
                             struct piece *piece);

/* ---- the rules: score_rules.c ---- */

placement_score_fn score_first_fit, score_pack, score_spread, score_best_fit, score_gpu_packing,
    score_gpu_clustering, score_dot_product, score_least_allocated, score_most_allocated,
    score_requested_to_capacity;

/* kube-scheduler's RequestedToCapacityRatio of one resource: utilization in whole percent on the
 * line from (0, 0) to (100, most). */
int32_t score_ratio(int64_t used, int64_t capacity, int32_t most);
/* The mean by weight, rounded to the nearest. */
int32_t score_ratios_mean(const int32_t *score, const int32_t *weight, int n);

#endif
