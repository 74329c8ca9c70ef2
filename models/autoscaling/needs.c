/* SPDX-License-Identifier: Apache-2.0 */
#include "models/autoscaling/needs.h"

#include <stdlib.h>
#include <string.h>

void needs_free(struct needs *n)
{
    packing_free(&n->packing);
    packing_free(&n->trial);
    free(n->order);
    free(n->left);
}

static int compare_demands(const void *a, const void *b, void *table)
{
    const struct demand_table *t = table;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const struct demand *d = &t->entries[x].demand, *e = &t->entries[y].demand;
    if (demand_milli(d) != demand_milli(e)) return demand_milli(d) > demand_milli(e) ? -1 : 1;
    if (d->cpu_milli != e->cpu_milli) return d->cpu_milli > e->cpu_milli ? -1 : 1;
    return (x > y) - (x < y);
}

static bool make_room(struct needs *n, size_t demands)
{
    if (demands <= n->capacity) return true;
    size_t capacity = 2 * demands;
    uint32_t *order = realloc(n->order, capacity * sizeof *order);
    if (order) n->order = order;
    int64_t *left = realloc(n->left, capacity * sizeof *left);
    if (left) n->left = left;
    if (!order || !left) return false;
    n->capacity = capacity;
    return true;
}

bool needs_gather(struct needs *n, const struct autoscaler_view *v)
{
    n->n = 0;
    if (!make_room(n, v->demand_n)) return false;
    if (v->waiting_n == 0) return true;
    for (uint32_t d = 0; d < v->demand_n; d++)
        if (v->waiting[d] > 0) n->order[n->n++] = d;
    qsort_r(n->order, n->n, sizeof *n->order, compare_demands, (void *)v->demands);
    for (size_t i = 0; i < n->n; i++) n->left[i] = v->waiting[n->order[i]];
    return true;
}

/* Of so many gangs, each of whole nodes and a rest, those that find room with both. */
static int64_t gangs_with_room(struct needs *n, const struct share *whole, int64_t wholes,
                               const struct share *rest, int64_t jobs)
{
    int64_t least = 0, most = packing_room(&n->packing, whole) / wholes;
    if (most > jobs) most = jobs;
    if (rest->gpus == 0) return most;
    for (int64_t tried = most; least < most; tried = (least + most + 1) / 2) {
        packing_copy(&n->trial, &n->packing);
        packing_place(&n->trial, whole, tried * wholes);
        n->failed |= n->trial.failed;
        if (packing_room(&n->trial, rest) >= tried) least = tried;
        else most = tried - 1;
    }
    return least;
}

/* Whole jobs of a demand that find room; what they take of the packing is taken. */
static int64_t place_jobs(struct needs *n, const struct pool *pool, const struct demand *d,
                          int64_t jobs)
{
    if (d->gpus <= pool->gpus || pool->gpus == 0) {
        struct share all = demand_share(d, d->gpus);
        return packing_place(&n->packing, &all, jobs);
    }
    int64_t wholes = d->gpus / pool->gpus;
    struct share whole = demand_share(d, pool->gpus), rest = demand_share(d, d->gpus % pool->gpus);
    int64_t placed = gangs_with_room(n, &whole, wholes, &rest, jobs);
    packing_place(&n->packing, &whole, placed * wholes);
    if (rest.gpus > 0) packing_place(&n->packing, &rest, placed);
    return placed;
}

int64_t needs_of_pool(struct needs *n, const struct autoscaler_view *v, int32_t pool,
                      int64_t booting, int64_t most)
{
    struct packing *p = &n->packing;
    packing_begin(p, &v->pools[pool], booting, most);
    for (size_t i = 0; i < n->n; i++) {
        const struct demand *d = &v->demands->entries[n->order[i]].demand;
        if (n->left[i] == 0 || !(d->pools >> pool & 1)) continue;
        n->left[i] -= place_jobs(n, &v->pools[pool], d, n->left[i]);
    }
    n->failed |= p->failed;
    return p->opened;
}

/* The nodes that a job of a demand lies on; 0: it may not use the pool. */
static int64_t nodes_of(const struct autoscaler_view *v, uint32_t demand, int32_t pool)
{
    const struct demand *d = &v->demands->entries[demand].demand;
    int64_t gpus = v->pools[pool].gpus > 0 ? v->pools[pool].gpus : 1;
    if (!(d->pools >> pool & 1)) return 0;
    return d->gpus > gpus ? (d->gpus + gpus - 1) / gpus : 1;
}

bool needs_want(const struct needs *n, const struct autoscaler_view *v, int32_t pool)
{
    const struct lifecycle_pool *p = &v->nodes->pools[pool];
    int64_t most = INT64_MAX;
    if (p->group) most = p->group->most - (p->group->held - lifecycle_held(p) - p->draining_n);
    for (size_t i = 0; i < n->n; i++) {
        int64_t nodes = nodes_of(v, n->order[i], pool);
        if (nodes > 0 && nodes <= most) return true;
    }
    return false;
}

int64_t needs_largest(const struct needs *n, const struct autoscaler_view *v, int32_t pool)
{
    int64_t nodes = 0;
    for (size_t i = 0; i < n->n && nodes == 0; i++) nodes = nodes_of(v, n->order[i], pool);
    return nodes;
}
