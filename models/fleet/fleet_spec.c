/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fleet/fleet_spec.h"

const struct provisioning_way provisioning_ways[] = {
    { "by-hand", "people who take each change through by themselves" },
    { "as-code", "people who change a description that tools carry out" },
    { NULL, NULL },
};

int64_t fleet_spec_gpus(const struct fleet_spec *fleet)
{
    int64_t gpus = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        gpus += (int64_t)fleet->pools[p].nodes * fleet->pools[p].type.gpus;
    return gpus;
}
