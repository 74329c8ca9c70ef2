/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fleet/fleet_spec.h"

const struct provisioning_way provisioning_ways[] = {
    { "by-hand", "people who take each change through by themselves" },
    { "as-code", "people who change a description that tools carry out" },
    { NULL, NULL },
};

__int128 fleet_above_group(const struct fleet_spec *fleet, int32_t p, fleet_value_fn *value,
                           const void *context)
{
    const struct pool_spec *pool = &fleet->pools[p];
    __int128 own = value(pool, context), before = 0;
    for (int32_t q = p; q-- > 0 && fleet_same_group(pool, &fleet->pools[q]);) {
        __int128 other = value(&fleet->pools[q], context);
        if (other > before) before = other;
    }
    return own > before ? own - before : 0;
}

static __int128 one(const struct pool_spec *pool, const void *context)
{
    (void)pool;
    (void)context;
    return 1;
}

static __int128 gpus_of(const struct pool_spec *pool, const void *context)
{
    (void)context;
    return pool->type.gpus;
}

static int64_t most(const struct fleet_spec *fleet, fleet_value_fn *value)
{
    int64_t sum = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        sum += (int64_t)fleet_above_group(fleet, p, value, NULL) * fleet->pools[p].nodes;
    return sum;
}

int64_t fleet_spec_most_nodes(const struct fleet_spec *fleet) { return most(fleet, one); }

int64_t fleet_spec_most_gpus(const struct fleet_spec *fleet) { return most(fleet, gpus_of); }

int64_t fleet_spec_gpus(const struct fleet_spec *fleet)
{
    int64_t gpus = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        gpus += (int64_t)fleet->pools[p].nodes * fleet->pools[p].type.gpus;
    return gpus;
}
