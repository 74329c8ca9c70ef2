/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fleet/vcpu_need.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

int instance_family(const char *instance) { return (int)strcspn(instance, "."); }

/* Prices of spot nodes are of zones: "us-east-1a". */
static int region_of(const char *provider, const char *region)
{
    size_t n = strlen(region);
    bool zone = strcmp(provider, "aws") == 0 && n > 2 && islower((unsigned char)region[n - 1]) &&
                isdigit((unsigned char)region[n - 2]);
    return (int)(zone ? n - 1 : n);
}

static bool is_same(const char *a, int a_n, const char *b, int b_n)
{
    return a_n == b_n && strncmp(a, b, (size_t)a_n) == 0;
}

/* Thousandths, of a node of the family that a need is for. */
static __int128 cores_in_family(const struct pool_spec *pool, const void *need)
{
    const struct vcpu_need *of = need;
    const char *name = pool->type.name;
    bool same = name && is_same(name, instance_family(name), of->instance, of->family_n);
    return same ? pool->type.cpu_milli : 0;
}

size_t fleet_vcpu_needs(const struct fleet_spec *fleet, struct vcpu_need *needs)
{
    size_t n = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        const struct instance_type *type = &pool->type;
        const char *region = pool->purchase.price_region ? pool->purchase.price_region : "";
        if (!type->name || strcmp(pool->purchase.option->name, "owned") == 0) continue;
        const struct vcpu_need own = {
            .provider = type->provider,
            .region = region,
            .instance = type->name,
            .market = pool->purchase.option->name,
            .region_n = region_of(type->provider, region),
            .family_n = instance_family(type->name),
        };
        struct vcpu_need *need = needs;
        for (; need < needs + n; need++)
            if (strcmp(need->provider, own.provider) == 0 &&
                strcmp(need->market, own.market) == 0 &&
                is_same(need->region, need->region_n, own.region, own.region_n) &&
                is_same(need->instance, need->family_n, own.instance, own.family_n))
                break;
        if (need == needs + n) needs[n++] = own;
        int64_t milli = (int64_t)fleet_above_group(fleet, p, cores_in_family, &own);
        need->vcpus += (milli * pool->nodes + 999) / 1000;
        if (type->cpu_milli == 0 && !need->unknown) need->unknown = type->name;
    }
    return n;
}
