/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fleet/fleet_spec.h"

const struct provisioning_way provisioning_ways[] = {
    { "by-hand", "people who take each change through by themselves" },
    { "as-code", "people who change a description that tools carry out" },
    { NULL, NULL },
};

int64_t fleet_spec_most_nodes(const struct fleet_spec *fleet)
{
    int64_t nodes = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (p == 0 || !fleet_same_group(&fleet->pools[p], &fleet->pools[p - 1]))
            nodes += fleet->pools[p].nodes;
    return nodes;
}

int64_t fleet_spec_most_gpus(const struct fleet_spec *fleet)
{
    int64_t gpus = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        int64_t own = pool->type.gpus, before = 0;
        for (int32_t q = p; q-- > 0 && fleet_same_group(pool, &fleet->pools[q]);)
            if (fleet->pools[q].type.gpus > before) before = fleet->pools[q].type.gpus;
        if (own > before) gpus += (own - before) * pool->nodes;
    }
    return gpus;
}

int64_t fleet_spec_gpus(const struct fleet_spec *fleet)
{
    int64_t gpus = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        gpus += (int64_t)fleet->pools[p].nodes * fleet->pools[p].type.gpus;
    return gpus;
}
