/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fleet/gpu_table.h"

#include <stdlib.h>

struct gpu_table *gpu_table_new(int32_t node_n, int32_t gpus, bool mig)
{
    struct gpu_table *t = calloc(1, sizeof *t);
    size_t n = (size_t)node_n, ring = 64;
    if (!t) return NULL;
    while (ring < n) ring *= 2;
    t->gpus = gpus;
    t->mask = ring - 1;
    t->free_milli = malloc((n * (size_t)gpus + 1) * sizeof *t->free_milli);
    t->left_milli = malloc((n + 1) * sizeof *t->left_milli);
    t->requests = calloc(n + 1, sizeof *t->requests);
    t->changed = malloc(ring * sizeof *t->changed);
    if (mig) t->slots = calloc(n * (size_t)gpus + 1, sizeof *t->slots);
    if (!t->free_milli || (mig && !t->slots) || !t->left_milli || !t->requests || !t->changed) {
        gpu_table_free(t);
        return NULL;
    }
    for (size_t i = 0; i < n * (size_t)gpus; i++) t->free_milli[i] = GPU_WHOLE;
    for (size_t i = 0; i < n; i++) t->left_milli[i] = gpus * GPU_WHOLE;
    return t;
}

void gpu_table_free(struct gpu_table *t)
{
    if (!t) return;
    free(t->free_milli);
    free(t->left_milli);
    free(t->slots);
    free(t->requests);
    free(t->changed);
    free(t);
}

uint16_t gpu_table_whole(const struct gpu_table *t, int64_t node, int32_t gpus)
{
    const uint16_t *milli = gpu_table_node(t, node);
    uint16_t mask = 0;
    for (int32_t i = 0; gpus > 0 && i < t->gpus; i++) {
        if (milli[i] != GPU_WHOLE) continue;
        mask |= (uint16_t)(1u << i);
        gpus--;
    }
    return mask;
}

int gpu_table_tightest(const struct gpu_table *t, int64_t node, int32_t part_milli, int mig)
{
    const uint16_t *milli = gpu_table_node(t, node);
    int best = -1;
    for (int32_t i = 0; i < t->gpus; i++)
        if ((best < 0 || milli[i] < milli[best]) && gpu_table_has_room(t, node, i, part_milli, mig))
            best = i;
    return best;
}

int gpu_table_loosest(const struct gpu_table *t, int64_t node, int32_t part_milli)
{
    const uint16_t *milli = gpu_table_node(t, node);
    int best = -1;
    for (int32_t i = 0; i < t->gpus; i++)
        if (milli[i] >= part_milli && (best < 0 || milli[i] > milli[best])) best = i;
    return best;
}

int32_t gpu_table_shift(struct gpu_table *t, int64_t node, uint16_t mask, int32_t part_milli,
                        uint8_t slots, int sign)
{
    uint16_t *milli = t->free_milli + node * t->gpus;
    int32_t by = sign * (part_milli ? part_milli : GPU_WHOLE), whole = 0;
    for (unsigned bits = mask; bits; bits &= bits - 1) {
        int i = __builtin_ctz(bits);
        whole -= milli[i] == GPU_WHOLE;
        milli[i] = (uint16_t)(milli[i] + by);
        whole += milli[i] == GPU_WHOLE;
        t->left_milli[node] += by;
        if (slots) t->slots[node * t->gpus + i] ^= slots;
    }
    if (mask) {
        int kind = part_milli ? 0 : __builtin_popcount(mask);
        t->requests[node][kind] -= (uint32_t)sign; /* more are served where something is taken */
    }
    return whole;
}
