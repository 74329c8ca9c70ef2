/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/access.h"

#include <stdlib.h>
#include <string.h>

static void open_to(uint64_t *pools, const struct names *names, const struct name_list *list,
                    int32_t pool)
{
    uint64_t bit = UINT64_C(1) << pool;
    for (uint32_t i = 0; list->n == 0 && i < names->n; i++) pools[i] |= bit;
    for (int32_t k = 0; k < list->n; k++) {
        uint32_t i = names_find(names, list->text[k], strlen(list->text[k]));
        if (i != UINT32_MAX) pools[i] |= bit;
    }
}

bool access_init(struct access *a, const struct workload *workload, const struct fleet_spec *fleet)
{
    bool closed = false;
    *a = (struct access){ .all = ~UINT64_C(0) >> (64 - fleet->pool_n) };
    for (int32_t p = 0; p < fleet->pool_n; p++)
        closed |= fleet->pools[p].tenants.n + fleet->pools[p].queues.n > 0;
    if (!closed) return true;
    a->tenant = calloc(workload->tenants.n + 1, sizeof *a->tenant);
    a->queue = calloc(workload->queues.n + 1, sizeof *a->queue);
    if (!a->tenant || !a->queue) return false;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        open_to(a->tenant, &workload->tenants, &fleet->pools[p].tenants, p);
        open_to(a->queue, &workload->queues, &fleet->pools[p].queues, p);
    }
    return true;
}

bool access_is_uniform(const struct access *a, const struct workload *w)
{
    uint64_t differs = 0;
    for (size_t j = 1; a->tenant && j < w->job_n; j++)
        differs |= access_pools(a, w, j) ^ access_pools(a, w, 0);
    return differs == 0;
}

void access_free(struct access *a)
{
    free(a->tenant);
    free(a->queue);
    *a = (struct access){ 0 };
}
