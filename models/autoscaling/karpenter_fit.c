/* SPDX-License-Identifier: Apache-2.0 */
#include "models/autoscaling/karpenter_fit.h"

#include <stdlib.h>
#include <string.h>

enum { DEMAND_NONE = UINT32_MAX };

/* ---- memory ---- */

bool karpenter_fit_init(struct karpenter_fit *f, const struct autoscaler_view *v, int32_t nodepools,
                        int32_t nodes)
{
    size_t pools = (size_t)v->pool_n;
    memset(f, 0, sizeof *f);
    f->first = calloc(pools + 1, sizeof *f->first);
    f->booting = calloc(pools, sizeof *f->booting);
    f->from = calloc(2 * pools, sizeof *f->from);
    f->locked = calloc(pools, sizeof *f->locked);
    f->left = calloc((size_t)nodepools, sizeof *f->left);
    f->bin_of = malloc((size_t)nodes * sizeof *f->bin_of);
    f->demand = DEMAND_NONE;
    return f->first && f->booting && f->from && f->locked && f->left && f->bin_of;
}

void karpenter_fit_free(struct karpenter_fit *f)
{
    free(f->bins);
    free(f->first);
    free(f->booting);
    free(f->bin_of);
    free(f->claims);
    free(f->open);
    free(f->left);
    free(f->locked);
    free(f->from);
    free(f->chosen);
}

static bool bins_room(struct karpenter_fit *f, size_t n)
{
    if (n <= f->bin_capacity) return true;
    size_t capacity = 2 * n + 16;
    struct karpenter_bin *bins = realloc(f->bins, capacity * sizeof *bins);
    if (bins) f->bins = bins;
    else f->failed = true;
    if (bins) f->bin_capacity = capacity;
    return bins != NULL;
}

static void forget_demand(struct karpenter_fit *f) { f->demand = DEMAND_NONE; }

void karpenter_fit_copy(struct karpenter_fit *to, const struct karpenter_fit *from,
                        const struct autoscaler_view *v, int32_t nodepools, int32_t nodes)
{
    size_t pools = (size_t)v->pool_n;
    if (!bins_room(to, from->bin_n)) return;
    if (from->bin_n > 0) memcpy(to->bins, from->bins, from->bin_n * sizeof *to->bins);
    to->bin_n = from->bin_n;
    memcpy(to->first, from->first, (pools + 1) * sizeof *to->first);
    memcpy(to->booting, from->booting, pools * sizeof *to->booting);
    memcpy(to->bin_of, from->bin_of, (size_t)nodes * sizeof *to->bin_of);
    memcpy(to->left, from->left, (size_t)nodepools * sizeof *to->left);
    memset(to->locked, 0, pools * sizeof *to->locked);
    to->claim_n = to->open_n = 0;
    to->usable = from->usable;
    to->nominates = false;
    forget_demand(to);
}

/* ---- nodes as they are ---- */

static struct karpenter_room empty_node(const struct pool *p)
{
    bool tracked = p->free_cpu != NULL;
    return (struct karpenter_room){ .gpus = p->gpus,
                                    .cpu_milli = tracked ? p->cpu_milli : INT64_MAX,
                                    .mem_mib = tracked ? p->mem_mib : INT64_MAX };
}

/* Room for the bin is there. Field by field: a copy of a whole one would wait for its parts. */
static struct karpenter_room *add_bin(struct karpenter_fit *f, const struct pool *p, int32_t pool,
                                      int32_t node, bool ready)
{
    struct karpenter_bin *bin = &f->bins[f->bin_n];
    bool tracked = p->free_cpu != NULL;
    bin->pool = pool;
    bin->node = node;
    bin->ready = ready;
    bin->shut = bin->nominated = false;
    bin->room.gpus = p->gpus;
    bin->room.part_milli = 0;
    bin->room.parts_left = 0;
    bin->room.cpu_milli = tracked ? p->cpu_milli : INT64_MAX;
    bin->room.mem_mib = tracked ? p->mem_mib : INT64_MAX;
    f->bin_of[p->base + node] = (int32_t)f->bin_n++;
    return &bin->room;
}

static void add_ready(struct karpenter_fit *f, const struct pool *p, int32_t pool)
{
    for (int32_t n = 0; n < p->node_n; n++) {
        if (!pool_node_is_up(p, n)) continue;
        struct karpenter_room *room = add_bin(f, p, pool, n, true);
        room->gpus = p->free_gpu[n];
        if (!p->free_cpu) continue;
        room->cpu_milli = p->free_cpu[n];
        room->mem_mib = p->free_mem[n];
    }
}

void karpenter_fit_begin(struct karpenter_fit *f, const struct autoscaler_view *v, int32_t nodes)
{
    f->bin_n = f->claim_n = f->open_n = 0;
    forget_demand(f);
    memset(f->bin_of, 0xff, (size_t)nodes * sizeof *f->bin_of); /* -1 */
    for (int32_t p = 0; p < v->pool_n; p++) {
        const struct pool *pool = &v->pools[p];
        const struct lifecycle_line *booting = &v->nodes->pools[p].booting;
        bool good = bins_room(f, f->bin_n + (size_t)pool->up_n + (size_t)booting->n);
        f->locked[p] = 0;
        f->first[p] = f->bin_n;
        if (good) add_ready(f, pool, p);
        f->booting[p] = f->bin_n;
        for (int32_t n = booting->first; n >= 0 && good; n = lifecycle_node(v->nodes, p, n)->after)
            add_bin(f, pool, p, n, false);
    }
    f->first[v->pool_n] = f->bin_n;
}

void karpenter_fit_give_back(struct karpenter_fit *f, const struct autoscaler_view *v,
                             uint32_t slot)
{
    const struct running_job *j = &v->running->slots[slot];
    const struct piece *pieces = running_pieces(v->running, slot);
    const struct demand *d = &v->demands->entries[j->demand].demand;
    forget_demand(f);
    for (int32_t i = 0; i < j->piece_n; i++) {
        struct share share = piece_share(d, &pieces[i]);
        int32_t bin = f->bin_of[v->pools[j->pool].base + pieces[i].node];
        if (bin < 0) continue;
        struct karpenter_room *room = &f->bins[bin].room;
        room->gpus += share.gpus;
        if (room->cpu_milli == INT64_MAX) continue;
        room->cpu_milli += share.cpu_milli;
        room->mem_mib += share.mem_mib;
    }
}

/* ---- one pod on one node ---- */

static int32_t parts_of_a_gpu(const struct share *s) { return GPU_WHOLE / s->part_milli; }

static bool room_for(const struct karpenter_room *r, const struct share *s)
{
    if (s->part_milli && r->gpus == 0 && (r->part_milli != s->part_milli || r->parts_left == 0))
        return false;
    if (r->gpus < s->gpus) return false;
    return r->cpu_milli == INT64_MAX || (r->cpu_milli >= s->cpu_milli && r->mem_mib >= s->mem_mib);
}

static void room_take(struct karpenter_room *r, const struct share *s)
{
    if (s->part_milli && r->part_milli == s->part_milli && r->parts_left > 0) {
        r->parts_left--;
    } else if (s->part_milli) {
        r->gpus--;
        r->part_milli = s->part_milli;
        r->parts_left = parts_of_a_gpu(s) - 1;
    } else {
        r->gpus -= s->gpus;
    }
    if (r->cpu_milli == INT64_MAX) return;
    r->cpu_milli -= s->cpu_milli;
    r->mem_mib -= s->mem_mib;
}

static void bin_take(struct karpenter_fit *f, size_t bin, const struct share *s)
{
    room_take(&f->bins[bin].room, s);
    f->bins[bin].nominated |= f->nominates;
}

/* Whether a job lies on one node of the pool. */
static bool is_narrow(const struct pool *p, const struct demand *d)
{
    return d->gpus <= p->gpus || p->gpus == 0;
}

/* ---- nodes that are there ---- */

/* The first bin of [from, to) with room, `to` where there is none. */
static size_t find_bin(const struct karpenter_fit *f, size_t from, size_t to, const struct share *s)
{
    while (from < to && (f->bins[from].shut || !room_for(&f->bins[from].room, s))) from++;
    return from;
}

static bool place_narrow(struct karpenter_fit *f, const struct autoscaler_view *v,
                         const struct demand *d, bool ready_only)
{
    struct share s = demand_share(d, d->gpus);
    for (int kind = 0; kind < (ready_only ? 1 : 2); kind++)
        for (int32_t p = 0; p < v->pool_n; p++) {
            if (!(d->pools >> p & 1) || !is_narrow(&v->pools[p], d)) continue;
            size_t to = kind == 0 ? f->booting[p] : f->first[p + 1];
            size_t *from = &f->from[2 * p + kind];
            *from = find_bin(f, *from, to, &s);
            if (*from == to) continue;
            bin_take(f, *from, &s);
            return true;
        }
    return false;
}

/* Bins of the pool for a gang's nodes, as far as there are: into `chosen`, those of whole nodes
 * first; *rest: the one for what is left, SIZE_MAX = none. How many whole ones. */
static int64_t gang_bins(struct karpenter_fit *f, int32_t pool, const struct share *whole,
                         int64_t wholes, const struct share *left, bool ready_only, size_t *rest)
{
    size_t to = ready_only ? f->booting[pool] : f->first[pool + 1];
    int64_t n = 0;
    *rest = SIZE_MAX;
    if ((size_t)wholes > f->chosen_capacity) {
        size_t *chosen = realloc(f->chosen, 2 * (size_t)wholes * sizeof *chosen);
        if (!chosen) {
            f->failed = true;
            return 0;
        }
        f->chosen = chosen;
        f->chosen_capacity = 2 * (size_t)wholes;
    }
    for (size_t b = f->first[pool]; b < to; b++) {
        if (f->bins[b].shut) continue;
        if (n < wholes && room_for(&f->bins[b].room, whole)) f->chosen[n++] = b;
        else if (left->gpus > 0 && *rest == SIZE_MAX && room_for(&f->bins[b].room, left)) *rest = b;
    }
    return n;
}

struct gang_pods { /* of a demand on the nodes of a pool */
    struct share whole, rest;
    int64_t wholes;
};

static struct gang_pods gang_on(const struct pool *p, const struct demand *d)
{
    return (struct gang_pods){ demand_share(d, p->gpus), demand_share(d, d->gpus % p->gpus),
                               d->gpus / p->gpus };
}

static void take_gang(struct karpenter_fit *f, const struct gang_pods *g, int64_t n, size_t rest)
{
    for (int64_t i = 0; i < n; i++) bin_take(f, f->chosen[i], &g->whole);
    if (rest != SIZE_MAX) bin_take(f, rest, &g->rest);
}

static bool place_wide(struct karpenter_fit *f, const struct autoscaler_view *v,
                       const struct demand *d, bool ready_only)
{
    for (int32_t p = 0; p < v->pool_n; p++) {
        size_t rest;
        if (!(d->pools >> p & 1) || is_narrow(&v->pools[p], d)) continue;
        struct gang_pods g = gang_on(&v->pools[p], d);
        int64_t n = gang_bins(f, p, &g.whole, g.wholes, &g.rest, ready_only, &rest);
        if (f->failed || n < g.wholes || (g.rest.gpus > 0 && rest == SIZE_MAX)) continue;
        take_gang(f, &g, n, rest);
        return true;
    }
    return false;
}

/* ---- claims ---- */

/* Whether one node of the pool has room for what the claim holds, and one pod more. */
static bool claim_fits(const struct pool *p, const struct karpenter_claim *c, const struct share *s)
{
    struct karpenter_room room = empty_node(p);
    room.gpus -= c->used.gpus;
    room.part_milli = c->used.part_milli;
    room.parts_left = c->used.parts_left;
    if (room.cpu_milli != INT64_MAX) {
        room.cpu_milli -= c->used.cpu_milli;
        room.mem_mib -= c->used.mem_mib;
    }
    return room_for(&room, s);
}

static void claim_take(struct karpenter_claim *c, const struct share *s)
{
    struct karpenter_room room = { .gpus = INT32_MAX,
                                   .part_milli = c->used.part_milli,
                                   .parts_left = c->used.parts_left,
                                   .cpu_milli = INT64_MAX };
    room_take(&room, s);
    c->used.gpus += INT32_MAX - room.gpus;
    c->used.part_milli = room.part_milli;
    c->used.parts_left = room.parts_left;
    c->used.cpu_milli += s->cpu_milli;
    c->used.mem_mib += s->mem_mib;
    c->pods++;
}

static uint64_t narrow_pools(const struct autoscaler_view *v, const struct demand *d)
{
    uint64_t pools = 0;
    for (int32_t p = 0; p < v->pool_n; p++)
        if (d->pools >> p & 1 && is_narrow(&v->pools[p], d)) pools |= UINT64_C(1) << p;
    return pools;
}

static uint64_t with_room(const struct autoscaler_view *v, const struct karpenter_claim *c,
                          uint64_t pools, const struct share *s)
{
    uint64_t fit = 0;
    for (uint64_t bits = pools; bits; bits &= bits - 1) {
        int p = __builtin_ctzll(bits);
        if (claim_fits(&v->pools[p], c, s)) fit |= UINT64_C(1) << p;
    }
    return fit;
}

/* Whether no node that the claim may become has a GPU left: it never has one again, since what is
 * used only grows and offerings are only lost. */
static bool is_full(const struct autoscaler_view *v, const struct karpenter_claim *c)
{
    if (c->used.parts_left > 0) return false;
    for (uint64_t bits = c->pools; bits; bits &= bits - 1)
        if (v->pools[__builtin_ctzll(bits)].gpus > c->used.gpus) return false;
    return true;
}

/* Drops full ones from those that are open. */
static void shut_full(struct karpenter_fit *f, const struct autoscaler_view *v)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->open_n; i++)
        if (!is_full(v, &f->claims[f->open[i]])) f->open[kept++] = f->open[i];
    f->open_n = kept;
}

/* The claim with the fewest pods that has room, the first of several. */
static bool join_claim(struct karpenter_fit *f, const struct autoscaler_view *v, uint64_t pools,
                       const struct share *s)
{
    struct karpenter_claim *best = NULL;
    bool gpus = s->gpus > 0 || s->part_milli;
    for (size_t i = 0, n = gpus ? f->open_n : f->claim_n; i < n; i++) {
        struct karpenter_claim *c = &f->claims[gpus ? f->open[i] : i];
        if (!c->locked && (!best || c->pods < best->pods) && with_room(v, c, c->pools & pools, s))
            best = c;
    }
    if (!best) return false;
    best->pools = with_room(v, best, best->pools & pools, s);
    claim_take(best, s);
    if (is_full(v, best)) shut_full(f, v);
    return true;
}

static struct karpenter_claim *add_claim(struct karpenter_fit *f, const struct autoscaler_view *v,
                                         struct karpenter_claim claim)
{
    if (f->claim_n == f->claim_capacity) {
        size_t capacity = 2 * f->claim_capacity + 16;
        struct karpenter_claim *claims = realloc(f->claims, capacity * sizeof *claims);
        if (claims) f->claims = claims;
        size_t *open = realloc(f->open, capacity * sizeof *open);
        if (open) f->open = open;
        if (!claims || !open) {
            f->failed = true;
            return NULL;
        }
        f->claim_capacity = capacity;
    }
    if (!claim.locked && !is_full(v, &claim)) f->open[f->open_n++] = f->claim_n;
    f->claims[f->claim_n] = claim;
    return &f->claims[f->claim_n++];
}

struct karpenter_limits karpenter_limits_whole(const struct karpenter_limits *limits)
{
    struct karpenter_limits left = *limits;
    int64_t *const each[] = { &left.cpu_milli, &left.mem_mib, &left.gpus, &left.nodes };
    for (int i = 0; i < 4; i++)
        if (*each[i] < 0) *each[i] = INT64_MAX;
    return left;
}

static void add(int64_t *left, int64_t amount)
{
    if (*left != INT64_MAX) *left += amount;
}

void karpenter_limits_add(struct karpenter_limits *left, const struct instance_type *type,
                          int64_t nodes)
{
    add(&left->cpu_milli, nodes * type->cpu_milli);
    add(&left->mem_mib, nodes * type->mem_mib);
    add(&left->gpus, nodes * type->gpus);
    add(&left->nodes, nodes);
}

/* Whether the limits leave n more nodes of the type. */
static bool within_limits(const struct karpenter_limits *left, const struct instance_type *t,
                          int64_t n)
{
    return n * t->cpu_milli <= left->cpu_milli && n * t->mem_mib <= left->mem_mib &&
           n * t->gpus <= left->gpus && n <= left->nodes;
}

/* Limits are charged for the largest of what a claim may become (scheduler.go, subtractMax). */
static void charge_limits(struct karpenter_limits *left, const struct autoscaler_view *v,
                          uint64_t pools)
{
    struct instance_type largest = { .gpus = 0 };
    for (; pools; pools &= pools - 1) {
        const struct instance_type *t = &v->fleet->pools[__builtin_ctzll(pools)].type;
        if (t->cpu_milli > largest.cpu_milli) largest.cpu_milli = t->cpu_milli;
        if (t->mem_mib > largest.mem_mib) largest.mem_mib = t->mem_mib;
        if (t->gpus > largest.gpus) largest.gpus = t->gpus;
    }
    karpenter_limits_add(left, &largest, -1);
}

static bool open_claim(struct karpenter_fit *f, const struct autoscaler_view *v,
                       const struct karpenter_how *how, uint64_t pools, const struct share *s)
{
    for (int32_t i = 0; i < how->n; i++) {
        struct karpenter_claim claim = { .nodepool = how->order[i] };
        struct karpenter_limits *left = &f->left[claim.nodepool];
        uint64_t offered = pools & how->pools[claim.nodepool].pools & f->usable;
        for (uint64_t bits = offered; bits; bits &= bits - 1)
            if (!within_limits(left, &v->fleet->pools[__builtin_ctzll(bits)].type, 1))
                offered &= ~(bits & -bits);
        claim.pools = with_room(v, &claim, offered, s);
        if (!claim.pools) continue;
        claim_take(&claim, s);
        charge_limits(left, v, claim.pools);
        return add_claim(f, v, claim) != NULL;
    }
    return false;
}

/* ---- claims for gangs ---- */

/* Of a NodePool's offerings the one whose missing nodes cost least, by capacity type first; -1:
 * none has room for them. */
static int32_t gang_pool(struct karpenter_fit *f, const struct autoscaler_view *v,
                         const struct karpenter_how *how, int32_t nodepool, const struct demand *d)
{
    int32_t best = -1;
    int best_rank = 0;
    __int128 least = 0;
    for (int32_t p = 0; p < v->pool_n; p++) {
        size_t rest;
        if (!(d->pools & how->pools[nodepool].pools & f->usable & UINT64_C(1) << p) ||
            is_narrow(&v->pools[p], d))
            continue;
        struct gang_pods g = gang_on(&v->pools[p], d);
        int64_t n = gang_bins(f, p, &g.whole, g.wholes, &g.rest, how->ready_only, &rest);
        int64_t missing = g.wholes - n + (g.rest.gpus > 0 && rest == SIZE_MAX);
        if (f->failed || missing > lifecycle_can_come(&v->nodes->pools[p]) - f->locked[p] ||
            !within_limits(&f->left[nodepool], &v->fleet->pools[p].type, missing))
            continue;
        int rank = karpenter_capacity_rank(v, p);
        __int128 cost = (__int128)missing * karpenter_price(v, p);
        if (best >= 0 && (rank > best_rank || (rank == best_rank && cost >= least))) continue;
        best = p;
        best_rank = rank;
        least = cost;
    }
    return best;
}

static void open_gang(struct karpenter_fit *f, const struct autoscaler_view *v,
                      const struct karpenter_how *how, int32_t nodepool, int32_t pool,
                      const struct demand *d)
{
    size_t rest;
    struct gang_pods g = gang_on(&v->pools[pool], d);
    int64_t n = gang_bins(f, pool, &g.whole, g.wholes, &g.rest, how->ready_only, &rest);
    take_gang(f, &g, n, rest);
    int64_t missing = g.wholes - n + (g.rest.gpus > 0 && rest == SIZE_MAX);
    for (int64_t i = 0; i < missing && !f->failed; i++) {
        struct karpenter_claim claim = { .nodepool = nodepool,
                                         .pools = UINT64_C(1) << pool,
                                         .locked = true };
        claim_take(&claim, i < g.wholes - n ? &g.whole : &g.rest);
        charge_limits(&f->left[nodepool], v, claim.pools);
        f->locked[pool]++;
        add_claim(f, v, claim);
    }
}

/* ---- a job ---- */

bool karpenter_fit_place(struct karpenter_fit *f, const struct autoscaler_view *v,
                         const struct karpenter_how *how, uint32_t demand)
{
    const struct demand *d = &v->demands->entries[demand].demand;
    struct share s = demand_share(d, d->gpus);
    if (f->demand != demand) {
        f->demand = demand;
        for (int32_t p = 0; p < v->pool_n; p++) {
            f->from[2 * p] = f->first[p];
            f->from[2 * p + 1] = f->booting[p];
        }
    }
    uint64_t narrow = narrow_pools(v, d);
    bool wide = narrow != d->pools;
    if (narrow && place_narrow(f, v, d, how->ready_only)) return true;
    if (wide && place_wide(f, v, d, how->ready_only)) return true;
    if (narrow && join_claim(f, v, narrow, &s)) return true;
    if (narrow && open_claim(f, v, how, narrow, &s)) return true;
    for (int32_t i = 0; wide && i < how->n && !f->failed; i++) {
        int32_t pool = gang_pool(f, v, how, how->order[i], d);
        if (pool < 0) continue;
        open_gang(f, v, how, how->order[i], pool, d);
        return !f->failed;
    }
    return false;
}

struct share karpenter_pod(const struct autoscaler_view *v, uint32_t demand)
{
    const struct demand *d = &v->demands->entries[demand].demand;
    const struct pool *p = &v->pools[__builtin_ctzll(d->pools)];
    return demand_share(d, is_narrow(p, d) ? d->gpus : p->gpus);
}

int karpenter_capacity_rank(const struct autoscaler_view *v, int32_t pool)
{
    const char *option = v->fleet->pools[pool].purchase.option->name;
    return strcmp(option, "on-demand") == 0 ? 2 : strcmp(option, "spot") == 0;
}

int64_t karpenter_price(const struct autoscaler_view *v, int32_t pool)
{
    return v->fleet->pools[pool].purchase.usd_nano_per_hour;
}
