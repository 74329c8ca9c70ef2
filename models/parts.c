/* SPDX-License-Identifier: Apache-2.0 */
#include "models/parts.h"

#include <stdlib.h>
#include <string.h>

#include "models/fleet/lifecycle.h"

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

/* Whether jobs that share no pool still have to do with each other: a limit counts them together,
 * and Slurm's main loop looks at so many of all of them, so often. */
static bool spans_parts(const struct scheduler_spec *s)
{
    return s->limits.n > 0 || s->backfill.queue_depth > 0 || s->backfill.sched_delay_us > 0;
}

bool parts_find(struct parts *parts, const struct workload *w, const struct fleet_spec *fleet,
                const struct access *access)
{
    int32_t leader[PARTS_MAX], part_of[PARTS_MAX];
    memset(parts, 0, sizeof *parts);
    for (int32_t p = 0; p < fleet->pool_n; p++) leader[p] = p;
    bool apart = access->tenant && !fleet->scheduler.quota && !spans_parts(&fleet->scheduler) &&
                 !lifecycle_expected(fleet) && !services_are_metered(&fleet->services);
    if (!apart) join(leader, access->all);
    for (size_t j = 0; apart && j < w->job_n; j++) join(leader, access_pools(access, w, j));
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
        uint64_t pools = access_pools(access, w, j);
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
