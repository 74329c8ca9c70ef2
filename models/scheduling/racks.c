/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/racks.h"

enum { TAKEN = -1 };

struct wanted {
    const struct pool *pool;
    struct share whole, rest; /* of one node; rest.gpus 0: none */
    int64_t left;             /* whole nodes */
};

static int32_t rack_of(const struct pool *p, int64_t node)
{
    return p->rack_nodes ? (int32_t)(node / p->rack_nodes) : 0;
}

static int32_t rack_n(const struct pool *p) { return rack_of(p, p->node_n - 1) + 1; }

static int64_t first_of(const struct pool *p, int32_t rack)
{
    return (int64_t)rack * p->rack_nodes;
}

static int64_t end_of(const struct pool *p, int32_t rack)
{
    int64_t end = p->rack_nodes ? first_of(p, rack) + p->rack_nodes : p->node_n;
    return end < p->node_n ? end : p->node_n;
}

static bool is_empty(const struct wanted *w, int64_t node)
{
    return w->pool->free_gpu[node] == w->pool->gpus && pool_node_fits(w->pool, node, &w->whole);
}

/* Empty nodes by rack. */
static void count_empty(const struct wanted *w)
{
    const struct pool *p = w->pool;
    const struct nodeset *empty = &p->by_free[p->gpus];
    for (int32_t r = 0; r < rack_n(p); r++) p->in_rack[r] = 0;
    for (int64_t node = nodeset_first(empty); node >= 0;
         node = nodeset_next(empty, (uint64_t)node + 1, (uint64_t)p->node_n))
        p->in_rack[rack_of(p, node)] += is_empty(w, node);
}

/* The node of a rack for the remainder, left with the fewest free GPUs; the first `left` empty ones
 * are taken. -1: none. */
static int64_t rest_in(const struct wanted *w, int32_t rack, int64_t left)
{
    const struct pool *p = w->pool;
    int64_t best = -1;
    for (int64_t node = first_of(p, rack); node < end_of(p, rack); node++) {
        if (is_empty(w, node) && left-- > 0) continue;
        if (!pool_node_fits(p, node, &w->rest)) continue;
        if (best < 0 || p->free_gpu[node] < p->free_gpu[best]) best = node;
    }
    return best;
}

/* The rack to take next; -1: none has an empty node. */
static int32_t next_rack(const struct wanted *w)
{
    const struct pool *p = w->pool;
    int32_t all = -1, whole = -1, most = -1;
    for (int32_t r = 0; r < rack_n(p); r++) {
        int32_t n = p->in_rack[r];
        if (n <= 0) continue;
        if (most < 0 || n > p->in_rack[most]) most = r;
        if (n < w->left) continue;
        if (whole < 0 || n < p->in_rack[whole]) whole = r;
        if (all >= 0 && n >= p->in_rack[all]) continue;
        if (w->rest.gpus == 0 || rest_in(w, r, w->left) >= 0) all = r;
    }
    return all >= 0 ? all : whole >= 0 ? whole : most;
}

static struct piece piece_of(int64_t node, int32_t gpus)
{
    return (struct piece){ .node = (int32_t)node, .gpus = (uint16_t)gpus };
}

/* Its lowest-numbered empty nodes, up to so many. How many. */
static int32_t take_of(const struct wanted *w, int32_t rack, int64_t most, struct piece *pieces)
{
    const struct pool *p = w->pool;
    int32_t n = 0;
    for (int64_t node = first_of(p, rack); node < end_of(p, rack) && n < most; node++)
        if (is_empty(w, node)) pieces[n++] = piece_of(node, p->gpus);
    return n;
}

static bool is_taken(const struct piece *pieces, int32_t n, int64_t node)
{
    for (int32_t i = 0; i < n; i++)
        if (pieces[i].node == node) return true;
    return false;
}

/* Of the racks that are taken, or of all, the node left with the fewest free GPUs; -1: none. */
static int64_t node_for_rest(const struct wanted *w, const struct piece *pieces, int32_t n,
                             bool in_taken)
{
    const struct pool *p = w->pool;
    for (int32_t f = w->rest.gpus; f <= p->gpus; f++)
        for (int64_t node = nodeset_first(&p->by_free[f]); node >= 0;
             node = nodeset_next(&p->by_free[f], (uint64_t)node + 1, (uint64_t)p->node_n))
            if ((!in_taken || p->in_rack[rack_of(p, node)] == TAKEN) &&
                pool_node_fits(p, node, &w->rest) && !is_taken(pieces, n, node))
                return node;
    return -1;
}

static struct wanted wanted_of(const struct pool *p, const struct demand *d)
{
    return (struct wanted){ .pool = p,
                            .whole = demand_share(d, p->gpus),
                            .rest = demand_share(d, d->gpus % p->gpus),
                            .left = d->gpus / p->gpus };
}

int32_t racks_fewest_find(const struct pool *p, const struct demand *d, struct piece *pieces)
{
    struct wanted w = wanted_of(p, d);
    int32_t n = 0;
    if (w.left > p->count[p->gpus]) return 0;
    count_empty(&w);
    while (w.left > 0) {
        int32_t rack = next_rack(&w);
        if (rack < 0) return 0;
        int32_t taken = take_of(&w, rack, w.left, pieces + n);
        p->in_rack[rack] = TAKEN;
        w.left -= taken;
        n += taken;
    }
    if (w.rest.gpus == 0) return n;
    int64_t node = node_for_rest(&w, pieces, n, true);
    if (node < 0) node = node_for_rest(&w, pieces, n, false);
    if (node < 0) return 0;
    pieces[n++] = piece_of(node, w.rest.gpus);
    return n;
}

/* ---- spread ---- */

/* Empty nodes, up to so many of each rack. */
static int64_t count_up_to(const struct pool *p, int32_t level)
{
    int64_t n = 0;
    for (int32_t r = 0; r < rack_n(p); r++) n += p->in_rack[r] < level ? p->in_rack[r] : level;
    return n;
}

/* From how many nodes of a rack are empty to how many the gang gets: the same of each, less where
 * there are not so many, and one more of those that have the most. */
static void share_out(const struct wanted *w)
{
    const struct pool *p = w->pool;
    int32_t level = 0;
    while (count_up_to(p, level) < w->left && count_up_to(p, level + 1) <= w->left) level++;
    for (int64_t odd = w->left - count_up_to(p, level); odd > 0; odd--) {
        int32_t most = 0;
        for (int32_t r = 1; r < rack_n(p); r++)
            if (p->in_rack[r] > p->in_rack[most]) most = r;
        p->in_rack[most] = -(level + 1);
    }
    for (int32_t r = 0; r < rack_n(p); r++) {
        if (p->in_rack[r] < 0) p->in_rack[r] = -p->in_rack[r];
        else if (p->in_rack[r] > level) p->in_rack[r] = level;
    }
}

/* The node for the remainder: in the rack with the fewest of the gang's, of these the one left with
 * the fewest free GPUs; -1: none. */
static int64_t spread_rest(const struct wanted *w, const struct piece *pieces, int32_t n)
{
    const struct pool *p = w->pool;
    int64_t best = -1;
    for (int32_t f = w->rest.gpus; f <= p->gpus; f++)
        for (int64_t node = nodeset_first(&p->by_free[f]); node >= 0;
             node = nodeset_next(&p->by_free[f], (uint64_t)node + 1, (uint64_t)p->node_n)) {
            if (best >= 0 && p->in_rack[rack_of(p, node)] >= p->in_rack[rack_of(p, best)]) continue;
            if (pool_node_fits(p, node, &w->rest) && !is_taken(pieces, n, node)) best = node;
        }
    return best;
}

int32_t racks_spread_find(const struct pool *p, const struct demand *d, struct piece *pieces)
{
    struct wanted w = wanted_of(p, d);
    int32_t n = 0;
    if (w.left > p->count[p->gpus]) return 0;
    count_empty(&w);
    if (count_up_to(p, INT32_MAX) < w.left) return 0;
    share_out(&w);
    for (int32_t r = 0; r < rack_n(p); r++) n += take_of(&w, r, p->in_rack[r], pieces + n);
    if (w.rest.gpus == 0) return n;
    int64_t node = spread_rest(&w, pieces, n);
    if (node < 0) return 0;
    pieces[n++] = piece_of(node, w.rest.gpus);
    return n;
}

int32_t racks_of(const struct pool *p, const struct piece *pieces, int32_t n)
{
    int32_t racks = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t k = 0;
        while (k < i && rack_of(p, pieces[k].node) != rack_of(p, pieces[i].node)) k++;
        racks += k == i;
    }
    return racks;
}
