/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/scored.h"

#include <stdlib.h>
#include <string.h>

struct scored *scored_new(const struct placement *placement, const struct fleet_spec *fleet,
                          const struct workload *workload, struct random_key key,
                          struct pool *pools, int32_t pool_n)
{
    struct scored *s = calloc(1, sizeof *s);
    int64_t node_n = 0;
    if (!s) return NULL;
    s->placement = placement;
    s->fleet = fleet;
    s->key = key;
    s->pools = pools;
    s->pool_n = pool_n;
    s->width = calloc((size_t)pool_n, sizeof *s->width);
    for (int32_t p = 0; s->width && p < pool_n; p++) {
        const struct instance_type *type = &fleet->pools[p].type;
        for (s->width[p] = 1; s->width[p] < (uint32_t)pools[p].node_n;) s->width[p] *= 2;
        if (type->cpu_milli > s->cpu_most) s->cpu_most = type->cpu_milli;
        if (type->gpus > s->gpus_most) s->gpus_most = type->gpus;
        node_n += pools[p].node_n;
    }
    s->fgd_seen = calloc((size_t)pool_n, sizeof *s->fgd_seen);
    if (s->width && s->fgd_seen && placement->score == score_fgd)
        s->fgd = fgd_new(workload, fleet, node_n);
    if (s->width && s->fgd_seen && (s->fgd || placement->score != score_fgd)) return s;
    scored_free(s);
    return NULL;
}

void scored_free(struct scored *s)
{
    if (!s) return;
    for (size_t i = 0; i < (size_t)s->demand_n * (size_t)s->pool_n; i++) free(s->trees[i].score);
    free(s->trees);
    free(s->width);
    free(s->fgd_seen);
    fgd_free(s->fgd);
    free(s);
}

/* ---- a node's score ---- */

static bool draws(const struct scored *s) { return s->placement->rule == PLACE_RANDOM; }

/* Of a node that does not fit. */
static int32_t nothing(const struct scored *s) { return draws(s) ? 0 : -1; }

static bool fits(const struct pool *p, const struct demand *d, int64_t node)
{
    struct share share = demand_share(d, d->gpus);
    return pool_node_fits(p, node, &share);
}

static struct node_view view(struct scored *s, const struct pool *p, const struct demand *d,
                             int64_t node)
{
    const struct instance_type *type = &s->fleet->pools[p - s->pools].type;
    struct node_view v = { .demand = d,
                           .cpu_milli = type->cpu_milli,
                           .cpu_free = type->cpu_milli,
                           .mem_mib = type->mem_mib,
                           .mem_free = type->mem_mib,
                           .gpus = p->gpus,
                           .left_milli = p->table->left_milli[node],
                           .whole = p->free_gpu[node],
                           .free_milli = gpu_table_node(p->table, node),
                           .requests = p->table->requests[node],
                           .cpu_most = s->cpu_most,
                           .gpus_most = s->gpus_most,
                           .fgd = s->fgd,
                           .number = (uint32_t)(p->base + node),
                           .pool = (int32_t)(p - s->pools) };
    if (p->free_cpu && type->cpu_milli > 0) v.cpu_free = p->free_cpu[node];
    if (p->free_cpu && type->mem_mib > 0) v.mem_free = p->free_mem[node];
    return v;
}

static int32_t score_of(struct scored *s, const struct pool *p, const struct demand *d,
                        int64_t node)
{
    int gpu;
    if (!fits(p, d, node)) return nothing(s);
    if (draws(s)) return 1;
    struct node_view v = view(s, p, d, node);
    return s->placement->score(&v, &gpu);
}

/* ---- trees ---- */

static bool trees_room(struct scored *s, uint32_t demand)
{
    if (demand < s->demand_n) return true;
    size_t width = (size_t)s->pool_n, n = 2 * (size_t)demand + 16;
    struct score_tree *trees = realloc(s->trees, n * width * sizeof *trees);
    if (!trees) return false;
    memset(trees + s->demand_n * width, 0, (n - s->demand_n) * width * sizeof *trees);
    s->trees = trees;
    s->demand_n = (uint32_t)n;
    return true;
}

/* Above two: the better score; of random, how many nodes fit. */
static int32_t both(const struct scored *s, int32_t a, int32_t b)
{
    return draws(s) ? a + b : a > b ? a : b;
}

static void tree_fill(struct scored *s, struct score_tree *t, const struct pool *p,
                      const struct demand *d)
{
    uint32_t width = s->width[p - s->pools];
    for (uint32_t i = 0; i < width; i++)
        t->score[width + i] = i < (uint32_t)p->node_n ? score_of(s, p, d, i) : nothing(s);
    for (uint32_t i = width; --i > 0;) t->score[i] = both(s, t->score[2 * i], t->score[2 * i + 1]);
}

static void tree_set(const struct scored *s, struct score_tree *t, uint32_t width, uint32_t node,
                     int32_t score)
{
    uint32_t i = width + node;
    if (t->score[i] == score) return;
    t->score[i] = score;
    while ((i /= 2) > 0) {
        int32_t best = both(s, t->score[2 * i], t->score[2 * i + 1]);
        if (t->score[i] == best) return;
        t->score[i] = best;
    }
}

/* What fgd knows of nodes that have changed is forgotten. */
static void tell_fgd(struct scored *s, const struct pool *p)
{
    const struct gpu_table *g = p->table;
    uint64_t *seen = &s->fgd_seen[p - s->pools];
    if (!s->fgd) return;
    if (g->changes - *seen > g->mask) {
        for (int32_t i = 0; i < p->node_n; i++) fgd_forget(s->fgd, (uint32_t)(p->base + i));
        *seen = g->changes;
    }
    for (; *seen < g->changes; ++*seen)
        fgd_forget(s->fgd, (uint32_t)p->base + g->changed[*seen & g->mask]);
}

/* The tree of the demand, with the scores as they are now; NULL: no memory. */
static struct score_tree *tree_of(struct scored *s, const struct pool *p, const struct demand *d)
{
    const struct gpu_table *g = p->table;
    uint32_t width = s->width[p - s->pools];
    if (!trees_room(s, d->number)) return NULL;
    struct score_tree *t = &s->trees[d->number * (size_t)s->pool_n + (size_t)(p - s->pools)];
    bool is_new = !t->score;
    tell_fgd(s, p);
    if (is_new && !(t->score = malloc(2 * (size_t)width * sizeof *t->score))) return NULL;
    if (is_new || g->changes - t->seen > g->mask) {
        tree_fill(s, t, p, d);
    } else {
        for (uint64_t i = t->seen; i < g->changes; i++) {
            uint32_t node = g->changed[i & g->mask];
            tree_set(s, t, width, node, score_of(s, p, d, node));
        }
    }
    t->seen = g->changes;
    return t;
}

/* ---- a placement ---- */

/* The lowest of the best nodes; there is one. */
static int64_t best_node(const struct score_tree *t, uint32_t width)
{
    uint32_t i = 1;
    while (i < width) i = 2 * i + (t->score[2 * i] < t->score[1]);
    return i - width;
}

/* The nth of the nodes that fit, from 0; there are more. */
static int64_t nth_node(const struct score_tree *t, uint32_t width, int32_t n)
{
    uint32_t i = 1;
    while (i < width) {
        i *= 2;
        if (n < t->score[i]) continue;
        n -= t->score[i++];
    }
    return i - width;
}

static int64_t drawn_below(const struct scored *s, uint32_t job, uint32_t what, int64_t limit)
{
    return (int64_t)random_below(s->key, RANDOM_PLACEMENT, job, what, (uint64_t)limit);
}

/* Which GPU gives a part of itself. */
static int gpu_for(struct scored *s, const struct pool *p, const struct demand *d, int64_t node,
                   uint32_t job)
{
    int gpu = -1;
    if (draws(s)) {
        int fit[GPU_TABLE_GPUS_MAX], n = 0;
        for (int g = 0; g < p->gpus; g++)
            if (gpu_table_has_room(p->table, node, g, d->part_milli, d->mig)) fit[n++] = g;
        return fit[drawn_below(s, job, 1, n)];
    }
    /* The device plugin's "distributed": the GPU of which fewest replicas are taken. */
    if (s->fleet->scheduler.sharing == SHARING_TIME)
        return gpu_table_loosest(p->table, node, d->part_milli);
    struct node_view v = view(s, p, d, node);
    s->placement->score(&v, &gpu);
    return gpu >= 0 ? gpu : gpu_table_tightest(p->table, node, d->part_milli, d->mig);
}

static struct piece piece_at(struct scored *s, const struct pool *p, const struct demand *d,
                             int64_t node, uint32_t job)
{
    struct piece piece = { .node = (int32_t)node, .gpus = (uint16_t)d->gpus };
    if (d->part_milli) {
        int gpu = gpu_for(s, p, d, node, job);
        piece.mask = (uint16_t)(1u << gpu);
        if (d->mig)
            piece.gpus = (uint16_t)mig_start(&mig_profiles[d->mig - 1],
                                             p->table->slots[node * p->gpus + gpu]);
    } else piece.mask = gpu_table_whole(p->table, node, (int32_t)d->gpus);
    return piece;
}

bool scored_find(struct scored *s, struct pool *p, const struct demand *d, uint32_t job,
                 struct piece *piece)
{
    uint32_t width = s->width[p - s->pools];
    struct score_tree *t = tree_of(s, p, d);
    s->failed |= !t;
    if (!t || t->score[1] == nothing(s)) return false;
    int64_t node = draws(s) ? nth_node(t, width, (int32_t)drawn_below(s, job, 0, t->score[1]))
                            : best_node(t, width);
    *piece = piece_at(s, p, d, node, job);
    return true;
}

/* In which pool the node is: by its score, of equals by rank. -1 = nowhere. */
static int32_t best_pool(struct scored *s, const struct demand *d, int64_t *node)
{
    int32_t best = -1, best_score = 0, best_rank = 0;
    for (int32_t p = 0; p < s->pool_n; p++) {
        const struct pool *pool = &s->pools[p];
        if (!(d->pools >> p & 1) || d->gpus > pool->gpus) continue;
        const struct score_tree *t = tree_of(s, pool, d);
        s->failed |= !t;
        if (!t || t->score[1] < 0) continue;
        int64_t candidate = best_node(t, s->width[p]);
        int32_t rank = pool_rank(pool, candidate);
        if (best >= 0 && t->score[1] < best_score) continue;
        if (best >= 0 && t->score[1] == best_score && rank > best_rank) continue;
        best = p;
        best_score = t->score[1];
        best_rank = rank;
        *node = candidate;
    }
    return best;
}

static int32_t drawn_pool(struct scored *s, const struct demand *d, uint32_t job, int64_t *node)
{
    int64_t all = 0, nth = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int32_t p = 0; p < s->pool_n; p++) {
            if (!(d->pools >> p & 1) || d->gpus > s->pools[p].gpus) continue;
            const struct score_tree *t = tree_of(s, &s->pools[p], d);
            s->failed |= !t;
            if (!t) continue;
            if (pass == 0) {
                all += t->score[1];
            } else if (nth < t->score[1]) {
                *node = nth_node(t, s->width[p], (int32_t)nth);
                return p;
            } else {
                nth -= t->score[1];
            }
        }
        if (all == 0) return -1;
        if (pass == 0) nth = drawn_below(s, job, 0, all);
    }
    return -1;
}

int32_t scored_find_in_fleet(struct scored *s, const struct demand *d, uint32_t job,
                             struct piece *piece)
{
    int64_t node = 0;
    int32_t pool = draws(s) ? drawn_pool(s, d, job, &node) : best_pool(s, d, &node);
    if (pool >= 0) *piece = piece_at(s, &s->pools[pool], d, node, job);
    return pool;
}
