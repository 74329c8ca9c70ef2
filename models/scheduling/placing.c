/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/placing.h"

#include "models/scheduling/racks.h"
#include "models/scheduling/scored.h"

#include <stdlib.h>

#include "sim/random.h"

/* Whether something but GPUs can rule a node out. */
static bool is_limited(const struct pool *p) { return p->free_cpu || p->neighbours; }

static struct piece piece_on(const struct pool *p, int64_t node, int64_t gpus)
{
    uint16_t mask = p->table ? gpu_table_whole(p->table, node, (int32_t)gpus) : 0;
    return (struct piece){ (int32_t)node, (uint16_t)gpus, mask };
}

/* The lowest member of the set at or above `from` that fits and is open to the share. */
static int64_t open_fit(const struct pool *p, const struct nodeset *set, const struct share *share,
                        uint64_t from)
{
    uint64_t at_first = ~UINT64_C(0) << (from & 63);
    for (size_t word = from / 64; word < p->neighbours->words; word++, at_first = ~UINT64_C(0)) {
        uint64_t bits = set->level[0][word] & at_first;
        if (bits) bits &= neighbours_open(p->neighbours, word, share->whose);
        for (; bits; bits &= bits - 1) {
            int64_t node = (int64_t)word * 64 + __builtin_ctzll(bits);
            if (pool_node_fits(p, node, share)) return node;
        }
    }
    return NODESET_NONE;
}

/* The lowest node of one level at or above `from` that fits. */
static int64_t level_fit(const struct pool *p, int64_t level, const struct share *share,
                         uint64_t from)
{
    const struct nodeset *set = &p->by_free[level];
    if (p->neighbours) return open_fit(p, set, share, from);
    int64_t node = from ? nodeset_next(set, from, (uint64_t)p->node_n) : nodeset_first(set);
    if (!p->free_cpu) return node;
    while (node >= 0 && !pool_node_fits(p, node, share))
        node = nodeset_next(set, (uint64_t)node + 1, (uint64_t)p->node_n);
    return node;
}

int64_t placing_first(const struct pool *p, const struct share *share, int64_t above)
{
    int64_t best = NODESET_NONE;
    uint64_t levels = (uint64_t)p->gpus + 1;
    for (int64_t f = nodeset_next(&p->occupied, (uint64_t)share->gpus, levels); f >= 0;
         f = nodeset_next(&p->occupied, (uint64_t)f + 1, levels)) {
        int64_t node = level_fit(p, f, share, (uint64_t)above);
        if (node >= 0 && (best < 0 || node < best)) best = node;
    }
    return best;
}

static int64_t find_pack(const struct pool *p, const struct share *share)
{
    uint64_t levels = (uint64_t)p->gpus + 1;
    for (int64_t f = nodeset_next(&p->occupied, (uint64_t)share->gpus, levels); f >= 0;
         f = nodeset_next(&p->occupied, (uint64_t)f + 1, levels)) {
        int64_t node = level_fit(p, f, share, 0);
        if (node >= 0) return node;
    }
    return NODESET_NONE;
}

static int64_t find_spread(const struct pool *p, const struct share *share)
{
    for (int64_t f = p->gpus; f >= share->gpus; f--) {
        if (p->count[f] == 0) continue;
        int64_t node = level_fit(p, f, share, 0);
        if (node >= 0) return node;
    }
    return NODESET_NONE;
}

/* Each node that fits is as likely: the first try draws among the nodes with enough GPUs, and where
 * cores or memory rule that one out further draws follow, then a walk from the last one. */
static int64_t find_random(const struct placing *how, const struct pool *p,
                           const struct share *share, uint32_t job, uint32_t piece)
{
    enum { TRIES = 32 };
    struct random_key key = random_key(how->seed, how->replication);
    uint64_t candidates = 0;
    for (int64_t f = share->gpus; f <= p->gpus; f++) candidates += (uint64_t)p->count[f];
    if (candidates == 0) return NODESET_NONE;
    for (uint32_t try = 0; try < (is_limited(p) ? TRIES : 1); try++) {
        uint64_t rank =
            random_below(key, RANDOM_PLACEMENT, job, (uint64_t)piece * TRIES + try, candidates);
        int64_t f = share->gpus;
        while (rank >= (uint64_t)p->count[f]) rank -= (uint64_t)p->count[f++];
        const uint64_t *word = p->by_free[f].level[0];
        for (;; word++) {
            uint64_t here = (uint64_t)__builtin_popcountll(*word);
            if (rank < here) break;
            rank -= here;
        }
        uint64_t bits = *word;
        while (rank-- > 0) bits &= bits - 1;
        int64_t node = (word - p->by_free[f].level[0]) * 64 + __builtin_ctzll(bits);
        if (pool_node_fits(p, node, share)) return node;
    }
    return placing_first(p, share, 0);
}

static int64_t find_node(const struct placing *how, const struct pool *p, const struct share *share,
                         uint32_t job, uint32_t piece)
{
    switch (how->rule) {
    case PLACE_FIRST_FIT: return placing_first(p, share, 0);
    case PLACE_PACK: return find_pack(p, share);
    case PLACE_SPREAD: return find_spread(p, share);
    case PLACE_RANDOM: return find_random(how, p, share, job, piece);
    case PLACE_SCORED: return find_pack(p, share); /* the rest of a gang */
    }
    return NODESET_NONE;
}

/* Hides a chosen piece from the next search by taking it; undone by the caller's loop below. */
static void hide(struct pool *p, const struct demand *d, const struct piece *piece, int sign)
{
    struct share share = piece_share(d, piece);
    pool_shift(p, piece->node, &share, sign);
}

/* The node for what is left of a gang beyond its n whole ones, which are hidden. */
static int64_t find_rest(const struct placing *how, const struct pool *p, const struct share *share,
                         uint32_t job, const struct piece *whole, int32_t n)
{
    int64_t last = -1, node;
    switch (how->remainder) {
    case REMAINDER_PLACEMENT: return find_node(how, p, share, job, (uint32_t)n);
    case REMAINDER_FIRST_FIT: return placing_first(p, share, 0);
    case REMAINDER_PACK: return find_pack(p, share);
    case REMAINDER_SPREAD: return find_spread(p, share);
    case REMAINDER_NEAR:
        for (int32_t i = 0; i < n; i++)
            if (whole[i].node > last) last = whole[i].node;
        node = placing_first(p, share, last + 1);
        return node >= 0 ? node : placing_first(p, share, 0);
    }
    return NODESET_NONE;
}

static int32_t find_fewest(const struct placing *how, struct pool *p, const struct demand *d,
                           uint32_t job, struct piece *pieces)
{
    int64_t whole = d->gpus / p->gpus, rest = d->gpus % p->gpus;
    int32_t n = 0;
    bool fits = whole <= p->count[p->gpus];
    struct share share = demand_share(d, p->gpus);
    for (; fits && n < whole; n++) {
        int64_t node = find_node(how, p, &share, job, (uint32_t)n);
        fits = node >= 0;
        if (!fits) break;
        pieces[n] = piece_on(p, node, p->gpus);
        hide(p, d, &pieces[n], -1);
    }
    if (fits && rest) {
        share = demand_share(d, rest);
        int64_t node = find_rest(how, p, &share, job, pieces, n);
        fits = node >= 0;
        if (fits) {
            pieces[n] = piece_on(p, node, rest);
            hide(p, d, &pieces[n++], -1);
        }
    }
    for (int32_t i = n; i-- > 0;) hide(p, d, &pieces[i], +1);
    return fits ? n : 0;
}

int64_t placing_room_on(const struct pool *p, const struct demand *d, int64_t node, int64_t wanted)
{
    int64_t gpus = p->free_gpu[node] < wanted ? p->free_gpu[node] : wanted;
    while (gpus > 0) {
        struct share share = demand_share(d, gpus);
        if (pool_node_fits(p, node, &share)) break;
        gpus--;
    }
    return gpus;
}

static int32_t find_anywhere(const struct placing *how, struct pool *p, const struct demand *d,
                             uint32_t job, struct piece *pieces)
{
    struct share all = demand_share(d, d->gpus);
    int64_t left = d->gpus;
    int32_t n = 0;
    if (d->gpus > p->free_gpus) return 0;
    if (d->gpus <= p->gpus) {
        int64_t node = find_node(how, p, &all, job, 0);
        if (node >= 0) {
            pieces[0] = piece_on(p, node, d->gpus);
            return 1;
        }
    }
    struct share one = demand_share(d, 1);
    if (how->rule == PLACE_FIRST_FIT) {
        for (int64_t node = placing_first(p, &one, 0); left > 0 && node >= 0;
             node = placing_first(p, &one, node + 1)) {
            int64_t take = placing_room_on(p, d, node, left);
            if (take > 0) pieces[n++] = piece_on(p, node, take);
            left -= take;
        }
    } else if (how->rule == PLACE_RANDOM) {
        /* A node once drawn is hidden whole, so that each is drawn at most once. */
        while (left > 0) {
            int64_t node = find_random(how, p, &one, job, (uint32_t)n);
            if (node < 0) break;
            int64_t take = placing_room_on(p, d, node, left);
            if (take == 0) break;
            pieces[n] = piece_on(p, node, take);
            hide(p, d, &pieces[n++], -1);
            left -= take;
        }
        for (int32_t i = n; i-- > 0;) hide(p, d, &pieces[i], +1);
    } else {
        for (int64_t f = p->gpus; left > 0 && f > 0; f--)
            for (int64_t node = nodeset_first(&p->by_free[f]); left > 0 && node >= 0;
                 node = nodeset_next(&p->by_free[f], (uint64_t)node + 1, (uint64_t)p->node_n)) {
                int64_t take = placing_room_on(p, d, node, left);
                if (take > 0) pieces[n++] = piece_on(p, node, take);
                left -= take;
            }
    }
    return left == 0 ? n : 0;
}

int32_t placing_find(const struct placing *how, struct pool *pool, const struct demand *d,
                     uint32_t job, struct piece *pieces)
{
    if (d->gpus > pool->free_gpus) return 0;
    if (how->scored && d->gpus <= pool->gpus)
        return scored_find(how->scored, pool, d, job, &pieces[0]) ? 1 : 0;
    if (d->gpus > 0 && how->gang == GANG_ANYWHERE) return find_anywhere(how, pool, d, job, pieces);
    if (d->gpus > pool->gpus && gang_knows_racks(how->gang)) {
        int32_t n = how->gang == GANG_SPREAD_RACKS ? racks_spread_find(pool, d, pieces)
                                                   : racks_fewest_find(pool, d, pieces);
        for (int32_t i = 0; i < n; i++) pieces[i] = piece_on(pool, pieces[i].node, pieces[i].gpus);
        return n;
    }
    if (d->gpus > pool->gpus) return find_fewest(how, pool, d, job, pieces);
    struct share share = demand_share(d, d->gpus);
    int64_t node = find_node(how, pool, &share, job, 0);
    if (node < 0) return 0;
    pieces[0] = piece_on(pool, node, d->gpus);
    return 1;
}

int32_t placing_pieces_max(const struct placing *how, const struct pool *pool,
                           const struct demand *d)
{
    if (d->gpus <= 1 || pool->gpus == 0) return 1;
    int64_t most = how->gang == GANG_ANYWHERE ? d->gpus : d->gpus / pool->gpus + 1;
    return most < pool->node_n ? (int32_t)most : pool->node_n;
}

bool placing_possible(enum gang_rule gang, const struct pool *pool, const struct demand *d,
                      int *share_failed)
{
    *share_failed = 1;
    if (d->gpus > (int64_t)pool->gpus * pool->node_n) return false;
    if (gang == GANG_ONE_NODE && d->gpus > pool->gpus) return false;
    if (d->part_milli && pool->gpus == 0) return false;
    *share_failed = 0;
    if (!pool->free_cpu) return true;
    /* The fullest piece is the hardest one; a gang that may scatter needs at least one GPU's share
     * a node. */
    int64_t fullest = d->gpus < pool->gpus ? d->gpus : pool->gpus;
    int64_t pieces_room = 0;
    if (d->gpus > 0 && gang == GANG_ANYWHERE) {
        struct pool empty = *pool;
        int64_t cpu = pool->cpu_milli, mem = pool->mem_mib;
        empty.free_gpu = &empty.gpus;
        empty.free_cpu = &cpu;
        empty.free_mem = &mem;
        empty.neighbours = NULL;
        pieces_room = placing_room_on(&empty, d, 0, fullest) * pool->node_n;
        if (pieces_room >= d->gpus) return true;
    }
    struct share share = demand_share(d, d->gpus > 0 ? fullest : 0);
    if (share.cpu_milli > pool->cpu_milli) *share_failed = 2;
    else if (share.mem_mib > pool->mem_mib) *share_failed = 3;
    return *share_failed == 0;
}
