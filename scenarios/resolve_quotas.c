/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the pools of a fleet fit the quotas that the cloud gives. */
#include <inttypes.h>
#include <string.h>

#include "models/fleet/vcpu_need.h"
#include "scenarios/loading.h"

static bool is_of(const struct vcpu_need *need, const char *family)
{
    return strlen(family) == (size_t)need->family_n &&
           strncmp(need->instance, family, (size_t)need->family_n) == 0;
}

/* Of each region and market, as quotas are. */
static void check_quota(struct loading *l, const struct fleet_spec *fleet,
                        const struct value *quota, const struct vcpu_need *needs, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        const struct vcpu_need *need = &needs[i];
        if (!is_of(need, quota->text)) continue;
        any = true;
        if (need->unknown)
            loading_complain(l, quota->at, NULL, "prices.instances can say 'cpus'",
                             "the cores of '%s' are not known: no quota can be checked",
                             need->unknown);
        else if (need->vcpus > quota->number)
            loading_complain(l, quota->at, NULL, NULL,
                             "fleet '%s' needs %" PRId64
                             " vCPUs of %s, %s in %.*s, more than %" PRId64,
                             fleet->name, need->vcpus, quota->text, need->market, need->region_n,
                             need->region, quota->number);
    }
    if (!any)
        loading_complain(l, quota->at, NULL,
                         "a family is the name of an instance type before its first dot",
                         "fleet '%s' rents no nodes of family '%.64s'", fleet->name, quota->text);
}

enum status resolve_quotas(struct loading *l, const struct raw_fleet *raw,
                           const struct fleet_spec *fleet)
{
    const struct value *quotas = raw->quotas.items;
    if (raw->quotas.state != VALUE_GOOD) return STATUS_OK;
    for (int32_t p = 0; p < fleet->pool_n; p++) /* of which there are errors */
        if (!fleet->pools[p].type.name || !fleet->pools[p].purchase.option) return STATUS_OK;
    struct vcpu_need *needs =
        arena_zeroed(&l->store->arena, (size_t)fleet->pool_n + 1, sizeof *needs);
    if (!needs) return error_set(l->err, STATUS_NO_MEMORY, "no memory for quotas");
    size_t n = fleet_vcpu_needs(fleet, needs);
    for (size_t i = 0; i < raw->quotas.n; i++)
        if (quotas[i].state == VALUE_GOOD) check_quota(l, fleet, &quotas[i], needs, n);
    return STATUS_OK;
}
