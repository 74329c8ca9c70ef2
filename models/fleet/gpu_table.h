/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each GPU of a pool's nodes has free, in thousandths of a GPU: where jobs share GPUs, or a
 * placement looks at them.
 *
 *      node 0   GPU 0: 1000   GPU 1: 540   GPU 2: 0   ...       left: their sum
 *      node 1   ...                                             wholly free: the pool's free_gpu
 *
 * Also kept: how many requests of each kind a node serves (a part of a GPU; one whole GPU; two;
 * ...), and which nodes have changed of late, so that who keeps figures of nodes (scored.h) works
 * out those alone.
 */
#ifndef MODELS_FLEET_GPU_TABLE_H
#define MODELS_FLEET_GPU_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/fleet/mig.h"

enum {
    GPU_WHOLE = 1000,
    GPU_TABLE_GPUS_MAX = 16, /* of a node: bits of a piece's mask */
    GPU_KINDS = GPU_TABLE_GPUS_MAX + 1
};

struct gpu_table {
    int32_t gpus;                    /* per node, 1 .. GPU_TABLE_GPUS_MAX, or 0 */
    uint16_t *free_milli;            /* [node][gpus] */
    int32_t *left_milli;             /* [node] */
    uint8_t *slots;                  /* [node][gpus] used ones, as bits: mig.h; NULL = not cut */
    uint32_t (*requests)[GPU_KINDS]; /* [node]: served now, by whole GPUs; [0] parts */
    /* The nodes that changed, the newest at changed[(changes - 1) & mask]: a ring. */
    uint32_t *changed;
    uint64_t changes, mask;
};

/* All of every GPU free. mig: GPUs are cut into instances. NULL: no memory. */
struct gpu_table *gpu_table_new(int32_t node_n, int32_t gpus, bool mig);
void gpu_table_free(struct gpu_table *t);

static inline const uint16_t *gpu_table_node(const struct gpu_table *t, int64_t node)
{
    return t->free_milli + node * t->gpus;
}

/* The lowest-numbered wholly free GPUs of a node, as bits; there must be so many. */
uint16_t gpu_table_whole(const struct gpu_table *t, int64_t node, int32_t gpus);
/* Whether all GPUs of the mask are wholly free. */
static inline bool gpu_table_are_free(const struct gpu_table *t, int64_t node, uint16_t mask)
{
    const uint16_t *milli = gpu_table_node(t, node);
    for (unsigned bits = mask; bits; bits &= bits - 1)
        if (milli[__builtin_ctz(bits)] != GPU_WHOLE) return false;
    return true;
}

/* Whether a GPU has room for a part; mig: its profile + 1, 0 = any of the GPU will do. */
static inline bool gpu_table_has_room(const struct gpu_table *t, int64_t node, int gpu,
                                      int32_t part_milli, int mig)
{
    if (gpu_table_node(t, node)[gpu] < part_milli) return false;
    return mig == 0 || mig_start(&mig_profiles[mig - 1], t->slots[node * t->gpus + gpu]) >= 0;
}

/* The GPU with the least free that has room for a part, of equals the lowest; -1 = none. */
int gpu_table_tightest(const struct gpu_table *t, int64_t node, int32_t part_milli, int mig);
/* The GPU with the most free that has room for a part, of equals the lowest; -1 = none. */
int gpu_table_loosest(const struct gpu_table *t, int64_t node, int32_t part_milli);
/* Takes the GPUs of the mask wholly, or part_milli > 0 of the one there is (sign -1), or gives them
 * back (+1). slots: of an instance, as bits. Returns by how many the wholly free GPUs are more. */
int32_t gpu_table_shift(struct gpu_table *t, int64_t node, uint16_t mask, int32_t part_milli,
                        uint8_t slots, int sign);

static inline void gpu_table_note(struct gpu_table *t, int64_t node)
{
    t->changed[t->changes++ & t->mask] = (uint32_t)node;
}

#endif
