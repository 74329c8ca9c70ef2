/* SPDX-License-Identifier: Apache-2.0 */
#include "models/autoscaling/packing.h"

#include <stdlib.h>
#include <string.h>

#include "models/workload/workload.h"

void packing_free(struct packing *p)
{
    free(p->bins);
    memset(p, 0, sizeof *p);
}

/* Room for `more` bins. */
static bool make_room(struct packing *p, size_t more)
{
    if (p->bin_n + more <= p->capacity) return true;
    size_t capacity = 2 * (p->bin_n + more) + 16;
    struct bin *bins = realloc(p->bins, capacity * sizeof *bins);
    if (!bins) {
        p->failed = true;
        return false;
    }
    p->bins = bins;
    p->capacity = capacity;
    return true;
}

void packing_copy(struct packing *to, const struct packing *from)
{
    to->bin_n = 0;
    if (!make_room(to, from->bin_n)) return;
    if (from->bin_n > 0) memcpy(to->bins, from->bins, from->bin_n * sizeof *to->bins);
    to->bin_n = from->bin_n;
    to->empty = from->empty;
    to->opened = from->opened;
    to->most = from->most;
}

static void add(struct packing *p, struct bin bin)
{
    if (bin.n > 0 && make_room(p, 1)) p->bins[p->bin_n++] = bin;
}

void packing_begin_empty(struct packing *p, const struct pool *pool, int64_t most)
{
    bool tracked = pool->free_cpu != NULL;
    p->bin_n = 0;
    p->opened = 0;
    p->most = most;
    p->empty = (struct bin){ 1, pool->gpus, tracked ? pool->cpu_milli : INT64_MAX,
                             tracked ? pool->mem_mib : INT64_MAX };
}

void packing_begin(struct packing *p, const struct pool *pool, int64_t booting, int64_t most)
{
    packing_begin_empty(p, pool, most);
    if (!pool->free_cpu)
        for (int32_t free = 0; free <= pool->gpus; free++)
            add(p, (struct bin){ pool->count[free], free, INT64_MAX, INT64_MAX });
    for (int32_t node = 0; pool->free_cpu && node < pool->node_n; node++)
        if (pool_node_is_up(pool, node))
            add(p, (struct bin){ 1, pool->free_gpu[node], pool->free_cpu[node],
                                 pool->free_mem[node] });
    struct bin bin = p->empty;
    bin.n = booting;
    add(p, bin);
}

/* Shares of a part of a GPU that one GPU holds; 0 where the share is of whole ones. */
static int64_t per_gpu(const struct share *s)
{
    return s->part_milli ? GPU_WHOLE / s->part_milli : 0;
}

/* How many shares one node of the bin holds; INT64_MAX where they ask for nothing. */
static int64_t per_node(const struct bin *bin, const struct share *s)
{
    int64_t most = INT64_MAX;
    if (s->part_milli) most = bin->gpus * per_gpu(s);
    else if (s->gpus > 0) most = bin->gpus / s->gpus;
    if (bin->cpu_milli != INT64_MAX) {
        if (s->cpu_milli > 0 && bin->cpu_milli / s->cpu_milli < most)
            most = bin->cpu_milli / s->cpu_milli;
        if (s->mem_mib > 0 && bin->mem_mib / s->mem_mib < most) most = bin->mem_mib / s->mem_mib;
    }
    return most;
}

static struct bin filled(struct bin bin, const struct share *s, int64_t shares, int64_t n)
{
    int64_t gpus = s->part_milli ? (shares + per_gpu(s) - 1) / per_gpu(s) : shares * s->gpus;
    bin.n = n;
    bin.gpus -= (int32_t)gpus;
    if (bin.cpu_milli != INT64_MAX) {
        bin.cpu_milli -= shares * s->cpu_milli;
        bin.mem_mib -= shares * s->mem_mib;
    }
    return bin;
}

/* Fills nodes of bin i, which becomes up to three; returns how many shares that took. */
static int64_t fill(struct packing *p, size_t *i, const struct share *s, int64_t n, int64_t each)
{
    struct bin bin = p->bins[*i], parts[3];
    int64_t full = n / each < bin.n ? n / each : bin.n, rest = full < bin.n ? n - full * each : 0;
    size_t part_n = 0;
    if (full > 0) parts[part_n++] = filled(bin, s, each, full);
    if (rest > 0) parts[part_n++] = filled(bin, s, rest, 1);
    int64_t left = bin.n - full - (rest > 0);
    if (left > 0) {
        parts[part_n] = bin;
        parts[part_n++].n = left;
    }
    if (!make_room(p, part_n)) return 0;
    memmove(p->bins + *i + part_n, p->bins + *i + 1, (p->bin_n - *i - 1) * sizeof *p->bins);
    memcpy(p->bins + *i, parts, part_n * sizeof *parts);
    p->bin_n += part_n - 1;
    *i += part_n - 1;
    return full * each + rest;
}

int64_t packing_place(struct packing *p, const struct share *share, int64_t n)
{
    int64_t left = n, each;
    for (size_t i = 0; i < p->bin_n && left > 0 && !p->failed; i++) {
        if ((each = per_node(&p->bins[i], share)) == 0) continue;
        if (each == INT64_MAX) return n;
        left -= fill(p, &i, share, left, each);
    }
    each = per_node(&p->empty, share);
    if (left <= 0 || each == 0 || p->opened == p->most) return n - left;
    int64_t nodes = each == INT64_MAX ? 1 : (left - 1) / each + 1;
    if (nodes > p->most - p->opened) nodes = p->most - p->opened;
    struct bin bin = p->empty;
    bin.n = nodes;
    add(p, bin);
    if (p->failed) return n - left;
    p->opened += nodes;
    if (each == INT64_MAX) return n;
    size_t last = p->bin_n - 1;
    return n - left + fill(p, &last, share, left, each);
}

int64_t packing_room(const struct packing *p, const struct share *share)
{
    int64_t each = per_node(&p->empty, share), room = 0;
    if (each == INT64_MAX) return p->bin_n > 0 || p->most > p->opened ? INT64_MAX : 0;
    for (size_t i = 0; i < p->bin_n; i++) room += p->bins[i].n * per_node(&p->bins[i], share);
    return room + (p->most - p->opened) * each;
}
