/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/demand.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool any_i64(const int64_t *x, size_t n)
{
    int64_t all = 0;
    for (size_t i = 0; i < n; i++) all |= x[i];
    return all != 0;
}

static bool any_u32(const uint32_t *x, size_t n)
{
    uint32_t all = 0;
    for (size_t i = 0; i < n; i++) all |= x[i];
    return all != 0;
}

bool workload_asks_cpu_or_memory(const struct workload *w)
{
    return any_i64(w->cpu_milli, w->job_n) || any_i64(w->mem_mib, w->job_n);
}

enum status demand_table_init(struct demand_table *t, const struct workload *workload,
                              const struct fleet_spec *fleet, const struct pool *pools,
                              enum gang_rule gang, const double *speed, enum sharing_rule share,
                              const struct neighbour_options *neighbours, struct error *err)
{
    memset(t, 0, sizeof *t);
    t->slot_n = 256;
    t->slot = calloc(t->slot_n, sizeof *t->slot);
    if (!t->slot) return error_set(err, STATUS_NO_MEMORY, "no memory for the table of demands");
    t->workload = workload;
    t->fleet = fleet;
    t->pools = pools;
    t->gang = gang;
    t->speed = speed;
    t->share = share;
    t->replicas = fleet->scheduler.replicas;
    t->neighbours = *neighbours;
    if (!access_init(&t->access, workload, fleet))
        return error_set(err, STATUS_NO_MEMORY, "no memory for whom pools are for");
    t->plain = access_is_uniform(&t->access, workload) && !workload_asks_cpu_or_memory(workload) &&
               !any_u32(workload->gpu_type, workload->job_n) &&
               !(speed && any_u32(workload->class_, workload->job_n)) && !whose_differs(neighbours);
    return STATUS_OK;
}

void demand_table_free(struct demand_table *t)
{
    free(t->entries);
    free(t->slot);
    access_free(&t->access);
    memset(t, 0, sizeof *t);
}

bool gpu_type_allows(const char *types, const char *model)
{
    size_t length = strlen(model);
    if (!*types) return true;
    for (const char *at = types; *at;) {
        size_t n = strcspn(at, "|");
        if (n == length && strncasecmp(at, model, n) == 0) return true;
        at += n + (at[n] == '|');
    }
    return false;
}

/* Which pools can ever serve it, and if none, the reason that came closest to fitting. */
static void demand_resolve(const struct demand_table *t, struct demand_entry *e)
{
    static const enum reject_reason reasons[] = { REJECT_GPUS, REJECT_GPUS, REJECT_CPUS,
                                                  REJECT_MEMORY };
    const char *types = t->workload->gpu_types.text[e->gpu_type];
    static const enum reject_reason closed[] = { [ACCESS_NOBODY] = REJECT_NO_POOL,
                                                 [ACCESS_SELECTOR] = REJECT_SELECTOR,
                                                 [ACCESS_TAINT] = REJECT_TAINT };
    e->reason = e->access ? REJECT_GPU_TYPE : closed[e->none];
    for (int32_t p = 0; p < t->fleet->pool_n; p++) {
        int failed;
        if (!(e->access >> p & 1)) continue;
        if (demand_milli(&e->demand) > 0 &&
            !gpu_type_allows(types, t->fleet->pools[p].type.gpu_model))
            continue;
        if (placing_possible(t->gang, &t->pools[p], &e->demand, &failed))
            e->demand.pools |= UINT64_C(1) << p;
        else if (e->reason == REJECT_GPU_TYPE || failed > 1) e->reason = reasons[failed];
    }
}

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}

static uint64_t demand_hash(const struct demand_entry *e)
{
    uint64_t h = mix(0, (uint64_t)demand_milli(&e->demand) * 2 + e->fractional);
    h = mix(h, (uint64_t)e->demand.cpu_milli);
    h = mix(h, (uint64_t)e->demand.mem_mib);
    h = mix(h, e->access * 8 + e->demand.mig);
    h = mix(h, e->none);
    h = mix(h, (uint64_t)e->demand.whose.apart << 32 | e->demand.whose.owner);
    return mix(h, (uint64_t)e->gpu_type << 32 | e->class_);
}

static bool demand_same(const struct demand_entry *a, const struct demand_entry *b)
{
    return demand_milli(&a->demand) == demand_milli(&b->demand) &&
           a->demand.cpu_milli == b->demand.cpu_milli && a->demand.mem_mib == b->demand.mem_mib &&
           a->gpu_type == b->gpu_type && a->demand.mig == b->demand.mig && a->access == b->access &&
           a->none == b->none && a->class_ == b->class_ && a->fractional == b->fractional &&
           a->demand.whose.apart == b->demand.whose.apart &&
           a->demand.whose.owner == b->demand.whose.owner;
}

/* Makes room for one more entry and keeps the slots at most half full. */
static bool demand_grow(struct demand_table *t)
{
    if (t->n == t->capacity) {
        uint32_t capacity = t->capacity ? 2 * t->capacity : 64;
        struct demand_entry *entries = realloc(t->entries, capacity * sizeof *entries);
        if (!entries) return false;
        t->entries = entries;
        t->capacity = capacity;
    }
    if (2 * (t->n + 1) > t->slot_n) {
        uint32_t *slot = calloc(2 * (size_t)t->slot_n, sizeof *slot);
        if (!slot) return false;
        free(t->slot);
        t->slot = slot;
        t->slot_n *= 2;
        for (uint32_t i = 0; i < t->n; i++) {
            uint64_t at = demand_hash(&t->entries[i]) & (t->slot_n - 1);
            while (t->slot[at]) at = (at + 1) & (t->slot_n - 1);
            t->slot[at] = i + 1;
        }
    }
    return true;
}

/* The number of the demand that asks for the same, or of a new one. */
static uint32_t find_or_add(struct demand_table *t, struct demand_entry *e)
{
    uint64_t at = demand_hash(e) & (t->slot_n - 1);
    for (; t->slot[at]; at = (at + 1) & (t->slot_n - 1))
        if (demand_same(&t->entries[t->slot[at] - 1], e)) return t->slot[at] - 1;
    if (!demand_grow(t)) return UINT32_MAX;
    demand_resolve(t, e);
    if (t->speed) e->speed = t->speed + (size_t)e->class_ * (size_t)t->fleet->pool_n;
    at = demand_hash(e) & (t->slot_n - 1);
    while (t->slot[at]) at = (at + 1) & (t->slot_n - 1);
    e->demand.number = t->n;
    t->entries[t->n] = *e;
    t->slot[at] = ++t->n;
    return t->n - 1;
}

uint32_t demand_of_job(struct demand_table *t, size_t j)
{
    const struct workload *w = t->workload;
    int32_t milli = w->gpu_milli[j];
    bool sliced = t->share == SHARING_TIME && milli > 0 && milli <= GPU_WHOLE;
    bool whole = milli % GPU_WHOLE == 0 && !sliced, part = milli < GPU_WHOLE && !whole;
    int profile = t->share == SHARING_MIG && part ? mig_profile_for(milli) : -1;
    if (t->share == SHARING_NONE || (t->share == SHARING_MIG && profile < 0)) part = false;
    if (sliced) {
        part = true;
        milli = GPU_WHOLE / t->replicas;
    }
    int64_t gpus = part ? 0 : (milli + GPU_WHOLE - 1) / GPU_WHOLE;
    if (t->plain && whole && gpus < 256 && t->by_gpus[gpus]) return t->by_gpus[gpus] - 1;

    struct demand_entry e = { .demand = { .gpus = gpus,
                                          .cpu_milli = w->cpu_milli[j],
                                          .mem_mib = w->mem_mib[j],
                                          .part_milli = !part ? 0
                                                        : profile >= 0
                                                            ? mig_profiles[profile].held_milli
                                                            : (uint16_t)milli,
                                          .mig = (uint8_t)(profile + 1),
                                          .whose = whose_of_job(&t->neighbours, w, j) },
                              .access = access_pools(&t->access, w, j),
                              .gpu_type = w->gpu_type[j],
                              .class_ = t->speed ? w->class_[j] : 0,
                              .fractional = !whole && !part };
    if (!e.access) e.none = access_why_none(&t->access, w, j);
    uint32_t number = find_or_add(t, &e);
    if (number != UINT32_MAX && t->plain && whole && gpus < 256) t->by_gpus[gpus] = number + 1;
    return number;
}

uint32_t demand_of_pools(struct demand_table *t, uint32_t demand, uint64_t pools)
{
    struct demand_entry e = t->entries[demand];
    if ((e.access & pools) == e.access) return demand;
    e.access &= pools;
    e.demand.pools = 0;
    return find_or_add(t, &e);
}

uint32_t demand_of_share(struct demand_table *t, uint32_t demand, int64_t gpus)
{
    const struct demand_entry *whole = &t->entries[demand];
    if (gpus == whole->demand.gpus) return demand;
    bool plain = t->plain && gpus < 256 && !whole->fractional && !whole->demand.part_milli;
    if (plain && t->by_gpus[gpus]) return t->by_gpus[gpus] - 1;
    struct demand_entry e = *whole;
    struct share share = demand_share(&e.demand, gpus);
    e.demand.gpus = gpus;
    e.demand.cpu_milli = share.cpu_milli;
    e.demand.mem_mib = share.mem_mib;
    e.demand.pools = 0;
    uint32_t number = find_or_add(t, &e);
    if (number != UINT32_MAX && plain) t->by_gpus[gpus] = number + 1;
    return number;
}
