/* SPDX-License-Identifier: Apache-2.0 */
/* Times that go by how many GPUs a job has. */
#ifndef MODELS_FLEET_GPU_COSTS_H
#define MODELS_FLEET_GPU_COSTS_H

#include <stdint.h>

enum { GPU_COSTS_MAX = 8 };

/* Times by GPU count, growing from 0; none = 0. */
struct gpu_costs {
    struct {
        int64_t from_gpus, us;
    } at[GPU_COSTS_MAX];
    int32_t n;
};

static inline int64_t gpu_cost_us(const struct gpu_costs *costs, int64_t gpus)
{
    int32_t i = costs->n;
    while (i > 0 && costs->at[i - 1].from_gpus > gpus) i--;
    return i > 0 ? costs->at[i - 1].us : 0;
}

#endif
