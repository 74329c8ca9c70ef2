/* SPDX-License-Identifier: Apache-2.0 */
#include "models/parts.h"

#include <stdlib.h>
#include <string.h>

/* The lowest-numbered pool of the part that pool p is in. */
static int32_t first_of(int32_t *leader, int32_t p)
{
    while (leader[p] != p) p = leader[p] = leader[leader[p]];
    return p;
}

static void join(int32_t *leader, uint64_t pools)
{
    int32_t first = -1;
    for (; pools; pools &= pools - 1) {
        int32_t p = first_of(leader, __builtin_ctzll(pools));
        if (first < 0 || p == first) {
            first = p;
            continue;
        }
        int32_t low = p < first ? p : first, high = p < first ? first : p;
        leader[high] = low;
        first = low;
    }
}

bool parts_find(struct parts *parts, const struct workload *w, const struct fleet_spec *fleet,
                const struct access *access)
{
    int32_t leader[PARTS_MAX], part_of[PARTS_MAX];
    uint64_t all = fleet->pool_n == 64 ? ~UINT64_C(0) : (UINT64_C(1) << fleet->pool_n) - 1;
    memset(parts, 0, sizeof *parts);
    for (int32_t p = 0; p < fleet->pool_n; p++) leader[p] = p;
    if (!access->tenant) join(leader, all);
    for (size_t j = 0; access->tenant && j < w->job_n; j++)
        join(leader, access_pools(access, w, j));
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        int32_t first = first_of(leader, p);
        part_of[p] = first == p ? parts->n++ : part_of[first];
        int32_t k = part_of[p];
        parts->pool[k][parts->pool_n[k]++] = p;
    }
    if (parts->n == 1) return true;
    uint8_t *part = malloc(w->job_n + 1);
    parts->memory = malloc((w->job_n + 1) * sizeof *parts->memory);
    if (!part || !parts->memory) {
        free(part);
        return false;
    }
    for (size_t j = 0; j < w->job_n; j++) {
        uint64_t pools = access_pools(access, w, j) & all;
        part[j] = pools ? (uint8_t)part_of[__builtin_ctzll(pools)] : 0;
        parts->job_n[part[j]]++;
    }
    uint32_t *at = parts->memory;
    for (int32_t k = 0; k < parts->n; k++) {
        parts->job[k] = at;
        at += parts->job_n[k];
        parts->job_n[k] = 0;
    }
    for (size_t j = 0; j < w->job_n; j++)
        parts->job[part[j]][parts->job_n[part[j]]++] = (uint32_t)j;
    free(part);
    return true;
}

void parts_free(struct parts *parts)
{
    free(parts->memory);
    parts->memory = NULL;
}

/* ---- the workload of a part ---- */

static bool gather(void *column, const void *from, const uint32_t *jobs, size_t n, size_t size)
{
    void *to = malloc((n + 1) * size);
    if (!to) return false;
    if (size == sizeof(uint64_t)) {
        for (size_t i = 0; i < n; i++) ((uint64_t *)to)[i] = ((const uint64_t *)from)[jobs[i]];
    } else if (size == sizeof(uint32_t)) {
        for (size_t i = 0; i < n; i++) ((uint32_t *)to)[i] = ((const uint32_t *)from)[jobs[i]];
    } else {
        for (size_t i = 0; i < n; i++) ((uint8_t *)to)[i] = ((const uint8_t *)from)[jobs[i]];
    }
    *(void **)column = to;
    return true;
}

/* A job without an id is known by its number in the whole. */
static bool gather_ids(const struct workload *whole, const uint32_t *jobs, size_t n,
                       struct workload *part)
{
    char id[256];
    size_t size = 0, at = 0;
    for (size_t i = 0; i < n; i++) size += strlen(workload_job_id(whole, jobs[i], id, sizeof id));
    part->id_at = malloc((n + 1) * sizeof *part->id_at);
    part->id_text = malloc(size + 1);
    if (!part->id_at || !part->id_text) return false;
    for (size_t i = 0; i < n; i++) {
        part->id_at[i] = at;
        workload_job_id(whole, jobs[i], id, sizeof id);
        size_t length = strlen(id);
        memcpy(part->id_text + at, id, length);
        at += length;
    }
    part->id_at[n] = at;
    return true;
}

bool workload_part(const struct workload *whole, const uint32_t *jobs, size_t n, bool ids,
                   struct workload *part)
{
    struct workload p = *whole;
#define COLUMNS(each)                                                                              \
    each(submit_us) each(run_us) each(limit_us) each(start_us) each(deadline_us) each(gpu_milli)   \
        each(nodes) each(priority) each(cpu_milli) each(mem_mib) each(tenant) each(user)           \
            each(queue) each(class_) each(gpu_type) each(status)
#define NONE(name) p.name = NULL;
    COLUMNS(NONE)
#define GATHER(name) &&gather(&p.name, whole->name, jobs, n, sizeof *whole->name)
    p.job_n = p.capacity = n;
    p.id_at = NULL;
    p.id_text = NULL;
    bool good = true COLUMNS(GATHER);
    good = good && (!ids || gather_ids(whole, jobs, n, &p));
    *part = p;
    if (!good) workload_part_free(part);
    return good;
}

void workload_part_free(struct workload *p)
{
    free(p->submit_us);
    free(p->run_us);
    free(p->limit_us);
    free(p->start_us);
    free(p->deadline_us);
    free(p->gpu_milli);
    free(p->nodes);
    free(p->priority);
    free(p->cpu_milli);
    free(p->mem_mib);
    free(p->tenant);
    free(p->user);
    free(p->queue);
    free(p->class_);
    free(p->gpu_type);
    free(p->status);
    free(p->id_at);
    free(p->id_text);
}
