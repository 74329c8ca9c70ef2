/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Karpenter's disruption loop: which nodes go, and what comes in their place; nodes that expire.
 *
 *      look --> command --- 15 s ---> validated --> delete: drained at once
 *                                                   replace: launched, and drained once that is
 *                                                   ready
 *
 * One command is validated at a time; any number wait for their replacements.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/karpenter.h"

enum { CANDIDATES_MAX = 100, SPOT_TYPES_LEAST = 15 };
#define DAY_US (24 * INT64_C(3600000000))

void karpenter_disrupt_free(struct karpenter *k)
{
    for (int32_t i = 0; i < k->command_n; i++) free(k->commands[i].nodes);
    free(k->commands);
    free(k->validating.nodes);
    free(k->nodes);
    free(k->slots);
    free(k->moved);
}

static int32_t number_of(const struct autoscaler_view *v, int32_t pool, int32_t node)
{
    return v->pools[pool].base + node;
}

/* The calendar's time; where the trace has no dates, second 0 is a Monday. */
static int64_t unix_now_us(const struct autoscaler_view *v)
{
    int64_t t0 = v->workload->t0_unix_us;
    return (t0 == INT64_MIN ? 4 * DAY_US : t0) + v->now_us;
}

static int64_t poll_from(const struct karpenter *k, int64_t time_us)
{
    int64_t poll_us = k->options->poll_us;
    return (time_us + poll_us - 1) / poll_us * poll_us;
}

static bool grow(void **items, size_t *capacity, size_t n, size_t size)
{
    if (n <= *capacity) return true;
    void *grown = realloc(*items, 2 * n * size);
    if (!grown) return false;
    *items = grown;
    *capacity = 2 * n;
    return true;
}

/* ---- who runs where ---- */

static bool runs(const struct autoscaler_view *v, uint32_t slot)
{
    return events_time(v->ends, slot) != EVENT_NONE;
}

/* Running slots by node of the fleet. */
static bool gather_running(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    size_t n = 0;
    memset(k->first, 0, ((size_t)k->node_n + 1) * sizeof *k->first);
    for (uint32_t s = 0; s < v->running->used; s++)
        if (runs(v, s)) n += (size_t)v->running->slots[s].piece_n;
    if (!grow((void **)&k->slots, &k->slot_capacity, n, sizeof *k->slots)) return false;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t s = v->running->used; s-- > 0;) {
            const struct running_job *j = &v->running->slots[s];
            const struct piece *pieces = running_pieces(v->running, s);
            for (int32_t i = 0; runs(v, s) && i < j->piece_n; i++) {
                uint32_t *first = &k->first[number_of(v, j->pool, pieces[i].node)];
                if (pass == 0) ++*first;
                else k->slots[--*first] = s;
            }
        }
        /* Counts become ends, which the second pass moves down to beginnings. */
        for (int32_t i = 1; pass == 0 && i <= k->node_n; i++) k->first[i] += k->first[i - 1];
    }
    return true;
}

/* ---- what a disruption costs ---- */

/* utils/disruption/disruption.go: 1 for the node, and for each pod 1 and its priority / 2^25. */
static double eviction_cost(int32_t priority)
{
    double cost = 1 + priority / 33554432.0;
    return cost < 0 ? 0 : cost > 10 ? 10 : cost;
}

/* The part of its life that a node has before it. */
static double life_left(const struct autoscaler_view *v, const struct karpenter_node *n)
{
    const struct karpenter *k = v->state;
    int64_t expire_us = k->pools[n->nodepool].expire_us;
    if (expire_us <= 0) return 1;
    double left =
        1 - (double)(v->now_us - v->nodes->stays[n->stay].requested_us) / (double)expire_us;
    return left < 0 ? 0 : left;
}

static double cost_of(const struct autoscaler_view *v, const struct karpenter_node *n)
{
    const struct karpenter *k = v->state;
    int32_t number = number_of(v, n->pool, n->node);
    double cost = 1;
    for (uint32_t i = k->first[number]; i < k->first[number + 1]; i++)
        cost += eviction_cost(v->workload->priority[v->running->slots[k->slots[i]].job]);
    return cost * life_left(v, n);
}

/* ---- candidates ---- */

static bool is_empty(const struct autoscaler_view *v, const struct karpenter_node *n)
{
    const struct pool *p = &v->pools[n->pool];
    return n->jobs == 0 && p->free_gpu[n->node] == p->gpus;
}

static bool may_move_jobs(const struct autoscaler_view *v, const struct karpenter_node *n)
{
    const struct karpenter *k = v->state;
    return v->can_drain && !k->options->do_not_disrupt &&
           k->pools[n->nodepool].policy != KARPENTER_WHEN_EMPTY;
}

/* Whether the node may be consolidated now; if only later, *later_us says when at the latest. */
static bool is_candidate(const struct autoscaler_view *v, const struct karpenter_node *n,
                         int64_t *later_us)
{
    const struct karpenter *k = v->state;
    int64_t after_us = k->pools[n->nodepool].after_us;
    int32_t number = number_of(v, n->pool, n->node), bin = k->fit.bin_of[number];
    if (after_us < 0 || k->going[number] || bin < 0) return false;
    if (!is_empty(v, n) && !(n->jobs > 0 && may_move_jobs(v, n))) return false;
    int64_t due_us = lifecycle_node(v->nodes, n->pool, n->node)->touched_us + after_us;
    if (due_us > v->now_us) {
        if (due_us < *later_us) *later_us = due_us;
        return false;
    }
    return !k->fit.bins[bin].nominated;
}

/* The best first: price / cost, a node that costs nothing to disrupt before all. */
static int compare_nodes(const void *a, const void *b)
{
    const struct karpenter_node *x = a, *y = b;
    double left = (double)x->price * y->cost, right = (double)y->price * x->cost;
    if (left != right) return left > right ? -1 : 1;
    if (x->pool != y->pool) return x->pool < y->pool ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

struct survey {
    bool blocked;     /* a job that waits is to have a node of its own first */
    bool constrained; /* budgets keep some from going */
    int64_t later_us; /* when there are more candidates, or budgets */
};

/* Budgets of all NodePools for a reason. */
static void allow(struct autoscaler_view *v, enum karpenter_reason reason, struct survey *s)
{
    struct karpenter *k = v->state;
    for (int32_t i = 0; i < k->n; i++) {
        int64_t nodes = 0, going = 0, down = 0, changes_us;
        for (int32_t p = 0; p < v->pool_n; p++)
            for (int32_t n = 0; n < v->pools[p].node_n; n++) {
                int32_t number = number_of(v, p, n);
                if (k->owner[number] != i || lifecycle_node(v->nodes, p, n)->state != NODE_READY)
                    continue;
                nodes++;
                going += k->going[number];
                down += !pool_node_is_up(&v->pools[p], n);
            }
        int64_t unix_us = unix_now_us(v);
        k->allowed[i] =
            karpenter_allowed(&k->pools[i], reason, nodes, going, down, unix_us, &changes_us);
        if (changes_us == EVENT_NONE) continue;
        int64_t at_us = v->now_us + (changes_us - unix_us);
        if (at_us < s->later_us) s->later_us = at_us;
    }
}

/* Takes one of what the budget of its NodePool allows. */
static bool is_allowed(struct karpenter *k, const struct karpenter_node *n)
{
    if (k->allowed[n->nodepool] == 0) return false;
    if (k->allowed[n->nodepool] != INT64_MAX) k->allowed[n->nodepool]--;
    return true;
}

/* All nodes of NodePools, the candidates in front of k->nodes in their order. */
static struct survey look_around(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    struct survey s = { .later_us = EVENT_NONE };
    size_t n = 0;
    k->candidate_n = 0;
    s.blocked = !karpenter_settle(v);
    if (v->failed || !gather_running(v)) {
        v->failed = true;
        return s;
    }
    for (int32_t i = 0; i < k->n; i++) {
        k->pool_cost[i] = 0;
        k->pool_price[i] = 0;
    }
    for (int32_t p = 0; p < v->pool_n; p++)
        for (int32_t node = 0; node < v->pools[p].node_n; node++) {
            const struct lifecycle_node *l = lifecycle_node(v->nodes, p, node);
            int32_t owner = k->owner[number_of(v, p, node)];
            if (owner < 0 || l->state != NODE_READY) continue;
            struct karpenter_node found = { p, node, owner, l->stay, l->jobs, karpenter_price(v, p),
                                            0 };
            found.cost = cost_of(v, &found);
            k->pool_cost[owner] += found.cost;
            k->pool_price[owner] += found.price;
            if (!is_candidate(v, &found, &s.later_us)) continue;
            if (!grow((void **)&k->nodes, &k->node_capacity, n + 1, sizeof *k->nodes)) {
                v->failed = true;
                return s;
            }
            k->nodes[n++] = found;
        }
    k->free_gpus = 0;
    for (size_t b = 0; b < k->fit.bin_n; b++)
        if (k->fit.bins[b].ready) k->free_gpus += k->fit.bins[b].room.gpus;
    if (n > 1) qsort(k->nodes, n, sizeof *k->nodes, compare_nodes);
    k->candidate_n = n;
    return s;
}

/* ---- a trial ---- */

struct outcome {
    bool good, replaces;
    uint64_t options;
    int32_t nodepool;
};

static int compare_slots(const void *a, const void *b, void *view)
{
    const struct autoscaler_view *v = view;
    const struct running_job *x = &v->running->slots[*(const uint32_t *)a];
    const struct running_job *y = &v->running->slots[*(const uint32_t *)b];
    int order = karpenter_compare_pods(v, x->demand, y->demand);
    return order ? order : (x->job > y->job) - (x->job < y->job);
}

/* The jobs on the nodes, each once, in the order of their pods. */
static bool gather_moved(struct autoscaler_view *v, const struct karpenter_node *nodes, int32_t n,
                         size_t *moved_n)
{
    struct karpenter *k = v->state;
    size_t moved = 0, kept = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t number = number_of(v, nodes[i].pool, nodes[i].node);
        size_t more = k->first[number + 1] - k->first[number];
        if (!grow((void **)&k->moved, &k->moved_capacity, moved + more, sizeof *k->moved))
            return false;
        for (size_t j = 0; j < more; j++) k->moved[moved++] = k->slots[k->first[number] + j];
    }
    if (moved > 1) qsort_r(k->moved, moved, sizeof *k->moved, compare_slots, v);
    for (size_t i = 0; i < moved; i++)
        if (i == 0 || k->moved[i] != k->moved[i - 1]) k->moved[kept++] = k->moved[i];
    *moved_n = kept;
    return true;
}

static void give(int64_t *limit, int64_t amount)
{
    if (*limit >= 0) *limit += amount;
}

static void take_out(struct autoscaler_view *v, const struct karpenter_node *n)
{
    struct karpenter *k = v->state;
    const struct instance_type *t = &v->fleet->pools[n->pool].type;
    struct karpenter_limits *left = &k->trial.left[n->nodepool];
    k->trial.bins[k->trial.bin_of[number_of(v, n->pool, n->node)]].shut = true;
    give(&left->cpu_milli, t->cpu_milli);
    give(&left->mem_mib, t->mem_mib);
    give(&left->gpus, t->gpus);
    give(&left->nodes, 1);
}

static uint64_t every_pool(const struct autoscaler_view *v)
{
    return v->pool_n < 64 ? (UINT64_C(1) << v->pool_n) - 1 : UINT64_MAX;
}

static uint64_t of_rank(const struct autoscaler_view *v, uint64_t pools, int rank)
{
    uint64_t found = 0;
    for (; pools; pools &= pools - 1)
        if (karpenter_capacity_rank(v, __builtin_ctzll(pools)) == rank) found |= pools & -pools;
    return found;
}

static uint64_t cheaper_than(const struct autoscaler_view *v, uint64_t pools, __int128 price)
{
    uint64_t found = 0;
    for (; pools; pools &= pools - 1)
        if (karpenter_price(v, __builtin_ctzll(pools)) < price) found |= pools & -pools;
    return found;
}

static bool same_type(const struct autoscaler_view *v, int32_t p, int32_t q)
{
    return strcmp(v->fleet->pools[p].type.name, v->fleet->pools[q].type.name) == 0;
}

/* How many instance types there are among the pools. */
static int types_of(const struct autoscaler_view *v, uint64_t pools)
{
    int n = 0;
    for (uint64_t bits = pools; bits; bits &= bits - 1) {
        uint64_t before = pools & ((bits & -bits) - 1);
        bool seen = false;
        for (; before && !seen; before &= before - 1)
            seen = same_type(v, __builtin_ctzll(before), __builtin_ctzll(bits));
        n += !seen;
    }
    return n;
}

/* Where one of the nodes is of a type that would come, what comes must be cheaper than that node
 * (multinodeconsolidation.go, filterOutSameInstanceType). */
static uint64_t without_same_type(const struct autoscaler_view *v, uint64_t options,
                                  const struct karpenter_node *nodes, int32_t n)
{
    __int128 most = (__int128)INT64_MAX + 1;
    for (int32_t i = 0; i < n; i++)
        for (uint64_t bits = options; bits; bits &= bits - 1)
            if (same_type(v, nodes[i].pool, __builtin_ctzll(bits)) && nodes[i].price < most)
                most = nodes[i].price;
    return cheaper_than(v, options, most);
}

/* consolidation.go, computeConsolidation: the offerings by which the nodes may be replaced. A
 * NodePool that may have both, spot and on demand, replaces by spot alone, whether there is any now
 * or not: else a node on demand might come that is dearer. */
static uint64_t replacements(const struct autoscaler_view *v, int32_t nodepool, uint64_t options,
                             const struct karpenter_node *nodes, int32_t n)
{
    const struct karpenter *k = v->state;
    uint64_t may_use = k->pools[nodepool].pools & every_pool(v);
    __int128 price = 0;
    bool all_spot = true;
    for (int32_t i = 0; i < n; i++) {
        price += nodes[i].price;
        all_spot &= karpenter_capacity_rank(v, nodes[i].pool) == 1;
    }
    options = cheaper_than(v, options, price);
    if (of_rank(v, may_use, 1) && all_spot) {
        options = of_rank(v, options, 1);
        if (!k->options->spot_to_spot || (n == 1 && types_of(v, options) < SPOT_TYPES_LEAST))
            return 0;
    } else if (of_rank(v, may_use, 1)) {
        options &= ~of_rank(v, options, 2);
    }
    return n > 1 ? without_same_type(v, options, nodes, n) : options;
}

/* What of NodePool i's nodes is saved, and disrupted, as parts of all of them: the policy Balanced
 * takes a move where the first is at least half of the second (K = 2). */
static bool balanced(const struct autoscaler_view *v, const struct karpenter_node *nodes, int32_t n,
                     const struct outcome *o, int32_t nodepool)
{
    const struct karpenter *k = v->state;
    double saved = 0, cost = 0;
    for (int32_t i = 0; i < n; i++) {
        if (nodes[i].nodepool != nodepool) continue;
        saved += (double)nodes[i].price;
        cost += nodes[i].cost;
    }
    if (cost == 0 || k->pool_cost[nodepool] == 0 || k->pool_price[nodepool] == 0) return true;
    if (o->replaces && o->nodepool == nodepool) {
        int64_t least = INT64_MAX;
        for (uint64_t bits = o->options; bits; bits &= bits - 1)
            if (karpenter_price(v, __builtin_ctzll(bits)) < least)
                least = karpenter_price(v, __builtin_ctzll(bits));
        saved -= (double)least;
    }
    return 2 * saved / (double)k->pool_price[nodepool] >= cost / k->pool_cost[nodepool];
}

/* Whether what is free, and the largest new node that is cheaper, has as many GPUs as the nodes:
 * what is free of these and what jobs hold on them is all they have. Spares most trials of a fleet
 * that is full. */
static bool may_hold(const struct autoscaler_view *v, const struct karpenter_node *nodes, int32_t n)
{
    const struct karpenter *k = v->state;
    __int128 price = 0;
    int64_t gpus = 0, most = 0;
    for (int32_t i = 0; i < n; i++) {
        price += nodes[i].price;
        gpus += v->pools[nodes[i].pool].gpus;
    }
    for (uint64_t bits = cheaper_than(v, k->fit.usable, price); bits; bits &= bits - 1)
        if (v->pools[__builtin_ctzll(bits)].gpus > most)
            most = v->pools[__builtin_ctzll(bits)].gpus;
    return gpus <= k->free_gpus + most;
}

/* Whether the nodes could go, for one at most that is cheaper. */
static struct outcome try_out(struct autoscaler_view *v, const struct karpenter_node *nodes,
                              int32_t n)
{
    struct karpenter *k = v->state;
    struct karpenter_how how = { k->pools, k->order, k->n, true };
    struct outcome o = { 0 };
    size_t moved_n = 0;
    if (!may_hold(v, nodes, n)) return o;
    karpenter_fit_copy(&k->trial, &k->fit, v, k->n, k->node_n);
    if (k->trial.failed || !gather_moved(v, nodes, n, &moved_n)) v->failed = true;
    for (int32_t i = 0; i < n && !v->failed; i++) take_out(v, &nodes[i]);
    for (size_t i = 0; i < moved_n && !v->failed; i++)
        karpenter_fit_give_back(&k->trial, v, k->moved[i]);
    for (size_t i = 0; i < moved_n && !v->failed; i++) {
        bool placed =
            karpenter_fit_place(&k->trial, v, &how, v->running->slots[k->moved[i]].demand);
        v->failed |= k->trial.failed;
        if (!placed || k->trial.claim_n > 1) return o;
    }
    if (v->failed) return o;
    o.good = true;
    if (k->trial.claim_n == 1) {
        o.replaces = true;
        o.nodepool = k->trial.claims[0].nodepool;
        o.options = replacements(v, o.nodepool, k->trial.claims[0].pools, nodes, n);
        o.good = o.options != 0;
    }
    for (int32_t i = 0; i < k->n && o.good; i++)
        if (k->pools[i].policy == KARPENTER_BALANCED) o.good = balanced(v, nodes, n, &o, i);
    return o;
}

/* ---- methods ---- */

static void command_set(struct autoscaler_view *v, const struct karpenter_node *nodes, int32_t n,
                        enum karpenter_reason reason, const struct outcome *o)
{
    struct karpenter *k = v->state;
    struct karpenter_node *copy = malloc((size_t)n * sizeof *copy);
    if (!copy) {
        v->failed = true;
        return;
    }
    memcpy(copy, nodes, (size_t)n * sizeof *copy);
    k->validating = (struct karpenter_command){ .nodes = copy,
                                                .n = n,
                                                .reason = reason,
                                                .replaces = o->replaces,
                                                .options = o->options,
                                                .nodepool = o->nodepool,
                                                .decided_us = v->now_us };
}

/* Moves those that are empty, or those that are not, to the front, in their order, as far as
 * budgets allow; how many. */
static int32_t choose(struct autoscaler_view *v, enum karpenter_reason reason, struct survey *s)
{
    struct karpenter *k = v->state;
    int32_t n = 0;
    allow(v, reason, s);
    for (size_t i = 0; i < k->candidate_n; i++) {
        struct karpenter_node node = k->nodes[i];
        if ((node.jobs == 0) != (reason == KARPENTER_EMPTY)) continue;
        if (!is_allowed(k, &node)) {
            s->constrained = true;
            continue;
        }
        memmove(k->nodes + n + 1, k->nodes + n, (i - (size_t)n) * sizeof *k->nodes);
        k->nodes[n++] = node;
    }
    return n;
}

/* multinodeconsolidation.go: the longest beginning of the line that can go at once. */
static bool consolidate_many(struct autoscaler_view *v, int32_t n)
{
    struct karpenter *k = v->state;
    struct outcome best = { 0 };
    int32_t low = 1, high = (n < CANDIDATES_MAX ? n : CANDIDATES_MAX) - 1, best_n = 0;
    while (low <= high && !v->failed) {
        int32_t middle = (low + high) / 2;
        struct outcome o = try_out(v, k->nodes, middle + 1);
        if (o.good) {
            best = o;
            best_n = middle + 1;
            low = middle + 1;
        } else {
            high = middle - 1;
        }
    }
    if (best_n == 0 || v->failed) return false;
    command_set(v, k->nodes, best_n, KARPENTER_UNDERUTILIZED, &best);
    return true;
}

/* One of its jobs has room on no node, nor on any that is cheaper: not worth a trial. */
static bool is_hopeless(const struct autoscaler_view *v, const struct karpenter_node *n,
                        const int32_t *most_free)
{
    const struct karpenter *k = v->state;
    int32_t number = number_of(v, n->pool, n->node);
    uint64_t cheaper = cheaper_than(v, k->fit.usable, n->price);
    for (uint32_t i = k->first[number]; i < k->first[number + 1]; i++) {
        uint32_t demand = v->running->slots[k->slots[i]].demand;
        const struct demand *d = &v->demands->entries[demand].demand;
        bool room = false;
        for (int32_t p = 0; p < v->pool_n && !room; p++) {
            int32_t gpus = cheaper >> p & 1 ? v->pools[p].gpus : most_free[p];
            room = d->pools >> p & 1 && (d->gpus > v->pools[p].gpus || d->gpus <= gpus);
        }
        if (!room) return true;
    }
    return false;
}

static bool consolidate_one(struct autoscaler_view *v, int32_t n)
{
    struct karpenter *k = v->state;
    int32_t most_free[64] = { 0 };
    for (size_t b = 0; b < k->fit.bin_n; b++)
        if (k->fit.bins[b].ready && k->fit.bins[b].room.gpus > most_free[k->fit.bins[b].pool])
            most_free[k->fit.bins[b].pool] = k->fit.bins[b].room.gpus;
    for (int32_t i = 0; i < n && !v->failed; i++) {
        if (is_hopeless(v, &k->nodes[i], most_free)) continue;
        struct outcome o = try_out(v, &k->nodes[i], 1);
        if (!o.good) continue;
        command_set(v, &k->nodes[i], 1, KARPENTER_UNDERUTILIZED, &o);
        return true;
    }
    return false;
}

static void look(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    static const struct outcome deleted = { .good = true };
    struct survey s = look_around(v);
    k->unsettled = false;
    k->poll_us = EVENT_NONE;
    if (v->failed) return;
    int64_t later_us = s.later_us;
    s.later_us = EVENT_NONE;
    int32_t n = choose(v, KARPENTER_EMPTY, &s);
    if (n > 0) command_set(v, k->nodes, n, KARPENTER_EMPTY, &deleted);
    if (n > 0 || v->failed) return;
    if (!s.blocked && k->candidate_n > 0) {
        n = choose(v, KARPENTER_UNDERUTILIZED, &s);
        if (consolidate_many(v, n) || (!v->failed && consolidate_one(v, n))) return;
    }
    if (s.constrained && s.later_us < later_us) later_us = s.later_us;
    if (later_us != EVENT_NONE) k->poll_us = poll_from(k, later_us);
}

/* ---- commands ---- */

static bool is_still_there(const struct autoscaler_view *v, const struct karpenter_node *n)
{
    const struct lifecycle_node *l = lifecycle_node(v->nodes, n->pool, n->node);
    return l->state != NODE_ABSENT && l->stay == n->stay;
}

static void mark(struct autoscaler_view *v, const struct karpenter_command *c, bool going)
{
    struct karpenter *k = v->state;
    for (int32_t i = 0; i < c->n; i++)
        if (is_still_there(v, &c->nodes[i]))
            k->going[number_of(v, c->nodes[i].pool, c->nodes[i].node)] = going;
}

/* Launches what is to come, or lets the nodes go at once. Takes the command's memory. */
static void execute(struct autoscaler_view *v, struct karpenter_command c)
{
    struct karpenter *k = v->state;
    c.decided_us = v->now_us;
    if (c.replaces) c.by = karpenter_launch(v, c.nodepool, c.options);
    if (!c.replaces) {
        for (int32_t i = 0; i < c.n && !v->failed; i++)
            autoscaler_drain(v, c.nodes[i].pool, c.nodes[i].node);
    } else if (c.by.node >= 0) {
        if (k->command_n == k->command_capacity) {
            int32_t capacity = 2 * k->command_capacity + 8;
            struct karpenter_command *grown =
                realloc(k->commands, (size_t)capacity * sizeof *grown);
            if (!grown) v->failed = true;
            else {
                k->commands = grown;
                k->command_capacity = capacity;
            }
        }
        if (!v->failed) {
            mark(v, &c, true);
            k->commands[k->command_n++] = c;
            return;
        }
    }
    free(c.nodes);
}

/* Which candidate it is now; -1: none. */
static int64_t candidate_of(const struct karpenter *k, const struct karpenter_node *n)
{
    for (size_t i = 0; i < k->candidate_n; i++)
        if (k->nodes[i].pool == n->pool && k->nodes[i].node == n->node &&
            k->nodes[i].stay == n->stay)
            return (int64_t)i;
    return -1;
}

/* Those of its nodes that may still go, as they are now. */
static void keep_candidates(struct autoscaler_view *v, struct karpenter_command *c)
{
    struct karpenter *k = v->state;
    struct survey ignored = { .later_us = EVENT_NONE };
    int32_t kept = 0;
    allow(v, c->reason, &ignored);
    for (int32_t i = 0; i < c->n; i++) {
        int64_t at = candidate_of(k, &c->nodes[i]);
        if (at < 0 || (k->nodes[at].jobs == 0) != (c->reason == KARPENTER_EMPTY) ||
            !is_allowed(k, &k->nodes[at]))
            continue;
        c->nodes[kept++] = k->nodes[at];
    }
    c->n = kept;
}

/* validation.go: of empty nodes those that still are go; all else is to be as it was. */
static void validate(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    struct karpenter_command c = k->validating;
    int32_t n = c.n;
    k->validating = (struct karpenter_command){ 0 };
    struct survey s = look_around(v);
    if (!v->failed) keep_candidates(v, &c);
    bool good = !v->failed && c.n > 0;
    if (good && c.reason != KARPENTER_EMPTY) {
        good = c.n == n && !s.blocked;
        struct outcome o = good ? try_out(v, c.nodes, c.n) : (struct outcome){ 0 };
        c.options &= o.options;
        good = o.good && o.replaces == c.replaces && (!c.replaces || c.options);
    }
    k->unsettled = true;
    k->poll_us = good ? v->now_us : poll_from(k, v->now_us + 1);
    if (good) execute(v, c);
    else free(c.nodes);
}

/* Whether a job has come to the node since the command was given. */
static bool has_new_job(const struct autoscaler_view *v, const struct karpenter_node *n,
                        int64_t since_us)
{
    for (uint32_t s = 0; s < v->running->used; s++) {
        const struct running_job *j = &v->running->slots[s];
        if (!runs(v, s) || j->pool != n->pool || j->start_us <= since_us) continue;
        const struct piece *pieces = running_pieces(v->running, s);
        for (int32_t i = 0; i < j->piece_n; i++)
            if (pieces[i].node == n->node) return true;
    }
    return false;
}

static void finish(struct autoscaler_view *v, struct karpenter_command *c)
{
    struct karpenter *k = v->state;
    mark(v, c, false);
    for (int32_t i = 0; i < c->n && is_still_there(v, &c->by) && !v->failed; i++)
        if (is_still_there(v, &c->nodes[i]) && !has_new_job(v, &c->nodes[i], c->decided_us))
            autoscaler_drain(v, c->nodes[i].pool, c->nodes[i].node);
    free(c->nodes);
    k->unsettled = true;
}

/* Commands whose replacements are ready, or will not come. */
static void finish_commands(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    int32_t kept = 0;
    for (int32_t i = 0; i < k->command_n; i++) {
        struct karpenter_command *c = &k->commands[i];
        if (is_still_there(v, &c->by) &&
            lifecycle_node(v->nodes, c->by.pool, c->by.node)->state == NODE_BOOTING)
            k->commands[kept++] = *c;
        else finish(v, c);
    }
    k->command_n = kept;
}

/* ---- nodes that expire ---- */

/* Takes away a node whose time is over; false: it stays for now, until *at_us where that is known.
 */
static bool expire_node(struct autoscaler_view *v, const struct karpenter_pool *pool, int32_t p,
                        int32_t node, int64_t due_us, int64_t *at_us)
{
    const struct karpenter *k = v->state;
    const struct lifecycle_node *l = lifecycle_node(v->nodes, p, node);
    *at_us = EVENT_NONE;
    if (l->state == NODE_BOOTING) {
        autoscaler_cancel(v, p, node);
        return true;
    }
    if (l->jobs > 0 && k->options->do_not_disrupt) {
        if (pool->grace_us < 0) return false;
        *at_us = due_us + pool->grace_us;
        if (*at_us > v->now_us) return false;
        *at_us = EVENT_NONE;
    }
    return autoscaler_drain(v, p, node);
}

static void expire(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    k->expires_us = EVENT_NONE;
    k->overdue = false;
    for (int32_t p = 0; p < v->pool_n; p++)
        for (int32_t node = 0; node < v->pools[p].node_n && !v->failed; node++) {
            const struct lifecycle_node *l = lifecycle_node(v->nodes, p, node);
            int32_t owner = k->owner[number_of(v, p, node)];
            if (owner < 0 || l->state == NODE_ABSENT || k->pools[owner].expire_us < 0) continue;
            int64_t due_us = v->nodes->stays[l->stay].requested_us + k->pools[owner].expire_us,
                    at_us = due_us;
            if (due_us <= v->now_us) {
                if (expire_node(v, &k->pools[owner], p, node, due_us, &at_us)) {
                    k->unsettled = k->stale = true;
                    continue;
                }
                k->overdue = true;
            }
            if (at_us < k->expires_us) k->expires_us = at_us;
        }
}

/* ---- the loop ---- */

void karpenter_disrupt(struct autoscaler_view *v)
{
    struct karpenter *k = v->state;
    if (k->command_n > 0) finish_commands(v);
    if (!v->failed && (k->expires_us <= v->now_us || (k->overdue && v->changed))) expire(v);
    if (!v->failed && k->validating.n > 0 &&
        k->validating.decided_us + k->options->validate_us <= v->now_us)
        validate(v);
    if (v->failed) return;
    if (k->validating.n == 0 && k->unsettled) {
        int64_t poll_us = poll_from(k, v->now_us);
        if (poll_us < k->poll_us) k->poll_us = poll_us;
    }
    if (k->validating.n == 0 && k->poll_us <= v->now_us) look(v);
    autoscaler_wake(v, k->validating.n > 0 ? k->validating.decided_us + k->options->validate_us
                                           : k->poll_us);
    autoscaler_wake(v, k->expires_us);
}
