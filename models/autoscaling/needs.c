/* SPDX-License-Identifier: Apache-2.0 */
#include "models/autoscaling/needs.h"

#include <stdlib.h>
#include <string.h>

void needs_free(struct needs *n)
{
    packing_free(&n->packing);
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

/* Whole jobs of a demand that find room; what they take of the packing is taken. */
static int64_t place_jobs(struct packing *p, const struct pool *pool, const struct demand *d,
                          int64_t jobs)
{
    bool wide = d->gpus > pool->gpus && pool->gpus > 0;
    int64_t wholes = wide ? d->gpus / pool->gpus : 0;
    struct share whole = demand_share(d, pool->gpus);
    struct share rest = demand_share(d, wide ? d->gpus % pool->gpus : d->gpus);
    if (wide) {
        int64_t room = packing_room(p, &whole) / wholes;
        if (room < jobs) jobs = room;
        packing_place(p, &whole, jobs * wholes);
        if (rest.gpus == 0) return jobs;
    }
    return packing_place(p, &rest, jobs);
}

int64_t needs_of_pool(struct needs *n, const struct autoscaler_view *v, int32_t pool,
                      int64_t booting, int64_t most)
{
    struct packing *p = &n->packing;
    packing_begin(p, &v->pools[pool], booting, most);
    for (size_t i = 0; i < n->n; i++) {
        const struct demand *d = &v->demands->entries[n->order[i]].demand;
        if (n->left[i] == 0 || !(d->pools >> pool & 1)) continue;
        n->left[i] -= place_jobs(p, &v->pools[pool], d, n->left[i]);
    }
    n->failed |= p->failed;
    return p->opened;
}

bool needs_want(const struct needs *n, const struct autoscaler_view *v, int32_t pool)
{
    return needs_largest(n, v, pool) > 0;
}

int64_t needs_largest(const struct needs *n, const struct autoscaler_view *v, int32_t pool)
{
    int64_t gpus = v->pools[pool].gpus > 0 ? v->pools[pool].gpus : 1;
    for (size_t i = 0; i < n->n; i++) {
        const struct demand *d = &v->demands->entries[n->order[i]].demand;
        if (d->pools >> pool & 1) return d->gpus > gpus ? (d->gpus + gpus - 1) / gpus : 1;
    }
    return 0;
}
