/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods one by one, and a gang's pods wait on their nodes for each other: kube-scheduler with the
 * coscheduling plugin.
 *
 *      gang A, 4 pods   [x] [x] [x] [ ]     three hold their GPUs and do nothing: half-placed
 *      gang B, 2 pods   [x] [ ]             what B lacks A has, and the other way round
 *                        |<--- permit_timeout --->| A gives up all, and tries again later; B goes
 * on
 *
 * Pods are tried in order of priority, then of the arrival of their gangs: all of a gang and then
 * those of the next, as the plugin sorts them; or one of each in turn, round after round, as
 * kube-scheduler's own queue does, in which a pod that was tried goes behind the others. A gang
 * starts once its last pod has a node. Who lacks one when the timeout has passed since its first
 * pod got its node gives up all its nodes, and may try again after a time that doubles with each
 * failure, up to ten times the first. Of several whose time is up at one instant the first in
 * order gives up; the others give up only if they cannot go on then.
 *
 * What half-placed gangs hold is free to the books, and to nobody else.
 *
 * Jobs alike in demand and pods wait in a line, of which only the first is looked at, and where
 * nothing was released only the lines of arrivals are. Half-placed gangs are few: each holds a
 * node.
 */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/engine.h"
#include "models/scheduling/waiting.h"

struct shape { /* jobs of one demand with so many pods */
    struct waiting_heap jobs;
    uint32_t demand, next; /* next: of the same demand, UINT32_MAX */
    int32_t nodes;         /* as the trace gives them */
    int32_t pod_n;
    uint32_t pod, rest; /* demands: of every pod but the last, and of the last */
    uint64_t pools;     /* which have room for all pods when they are empty */
    bool fresh;         /* a job of it came since the last pass */
};

struct pod_group {
    struct waiting_job job; /* key, number; `demand` is the shape */
    struct piece *pieces;   /* [pods] of those that are placed */
    int32_t placed, pool;
    int64_t since_us, noted_us; /* when its first pod was placed; up to when `held` counts */
    int64_t held_milli;         /* by all pods */
    uint32_t failures;
    int64_t retry_us; /* when it may try again, while it does not wait */
};

struct pod_groups {
    struct pod_group *items;
    size_t n, capacity;
};

struct coscheduling {
    struct placing how; /* of one pod */
    struct shape *shapes;
    uint32_t shape_n, shape_capacity;
    uint32_t *shape_of; /* by demand: its first shape, UINT32_MAX */
    uint32_t shape_of_n;
    uint32_t *fresh, *tried; /* [shape_capacity] scratch */
    uint32_t fresh_n, tried_n;
    struct pod_groups half; /* half-placed, in the order in which they are tried */
    struct pod_groups away; /* gave up, and may not try again yet */
    uint8_t *failures;      /* by job */
};

/* ---- shapes ---- */

/* How many pods of that share a node of the pool has room for when it is empty. */
static int64_t pods_on_node(const struct pool *p, const struct share *pod)
{
    int64_t n = INT64_MAX;
    if (pod->gpus > 0) n = p->gpus / pod->gpus;
    if (p->free_cpu && p->cpu_milli > 0 && pod->cpu_milli > 0 && p->cpu_milli / pod->cpu_milli < n)
        n = p->cpu_milli / pod->cpu_milli;
    if (p->free_cpu && p->mem_mib > 0 && pod->mem_mib > 0 && p->mem_mib / pod->mem_mib < n)
        n = p->mem_mib / pod->mem_mib;
    return n;
}

/* Whether the pool has room for all pods when it is empty: for the last, `rest`, where another
 * would have room, or beside as many as a node holds. */
static bool has_room_for_all(const struct pool *p, const struct share *pod,
                             const struct share *rest, int32_t pod_n)
{
    int64_t on_node = pods_on_node(p, pod);
    if (on_node == 0) return false;
    if ((pod_n - 1) / on_node < p->node_n) return true;
    struct pool left = *p; /* a node that is full of pods */
    left.gpus -= (int32_t)(on_node * pod->gpus);
    left.cpu_milli -= on_node * pod->cpu_milli;
    left.mem_mib -= on_node * pod->mem_mib;
    if (rest->gpus > left.gpus) return false;
    if (p->free_cpu && (rest->cpu_milli > left.cpu_milli || rest->mem_mib > left.mem_mib))
        return false;
    return (pod_n - 2) / on_node < p->node_n;
}

/* As many equal pods as the trace gives nodes, where the GPUs are divided by that; else a pod for
 * each node of the fewest, the last with the remainder. */
static bool divide(struct scheduler *s, struct shape *shape)
{
    struct demand d = *scheduler_demand(s, shape->demand);
    const struct pool *first = &s->pools[__builtin_ctzll(d.pools)];
    int64_t each = d.gpus > first->gpus && first->gpus > 0 ? first->gpus : d.gpus, rest;
    bool equal = shape->nodes > 0 && d.gpus > 0 && d.gpus % shape->nodes == 0;
    if (equal) each = d.gpus / shape->nodes;
    shape->pod_n = each > 0 ? (int32_t)((d.gpus + each - 1) / each) : 1;
    rest = d.gpus - (shape->pod_n - 1) * each;
    struct share pod = demand_share(&d, each), last = demand_share(&d, rest);
    for (int32_t p = 0; p < s->pool_n; p++)
        if (d.pools >> p & 1 && has_room_for_all(&s->pools[p], &pod, &last, shape->pod_n))
            shape->pools |= UINT64_C(1) << p;
    shape->pod = demand_of_share(s->demands, shape->demand, each);
    shape->rest = demand_of_share(s->demands, shape->demand, rest);
    return shape->pod != UINT32_MAX && shape->rest != UINT32_MAX;
}

static bool shapes_room(struct coscheduling *k)
{
    if (k->shape_n < k->shape_capacity) return true;
    uint32_t capacity = k->shape_capacity ? 2 * k->shape_capacity : 64;
    struct shape *shapes = realloc(k->shapes, capacity * sizeof *shapes);
    if (shapes) k->shapes = shapes;
    uint32_t *fresh = realloc(k->fresh, capacity * sizeof *fresh);
    if (fresh) k->fresh = fresh;
    uint32_t *tried = realloc(k->tried, capacity * sizeof *tried);
    if (tried) k->tried = tried;
    if (!shapes || !fresh || !tried) return false;
    k->shape_capacity = capacity;
    return true;
}

static bool demands_room(struct coscheduling *k, uint32_t demand)
{
    if (demand < k->shape_of_n) return true;
    uint32_t n = demand < 32 ? 64 : 2 * demand;
    uint32_t *shape_of = realloc(k->shape_of, n * sizeof *shape_of);
    if (!shape_of) return false;
    for (uint32_t i = k->shape_of_n; i < n; i++) shape_of[i] = UINT32_MAX;
    k->shape_of = shape_of;
    k->shape_of_n = n;
    return true;
}

/* UINT32_MAX: no memory. Few shapes of one demand: a scan. */
static uint32_t shape_for(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct coscheduling *k = s->state;
    int32_t nodes = s->workload->nodes[job];
    if (!demands_room(k, demand) || !shapes_room(k)) return UINT32_MAX;
    for (uint32_t i = k->shape_of[demand]; i != UINT32_MAX; i = k->shapes[i].next)
        if (k->shapes[i].nodes == nodes) return i;
    struct shape *shape = &k->shapes[k->shape_n];
    *shape = (struct shape){ .demand = demand, .next = k->shape_of[demand], .nodes = nodes };
    waiting_heap_init(&shape->jobs, false);
    if (!divide(s, shape)) return UINT32_MAX;
    k->shape_of[demand] = k->shape_n;
    return k->shape_n++;
}

/* ---- gangs ---- */

static bool group_add(struct pod_groups *g, struct pod_group gang)
{
    if (g->n == g->capacity) {
        size_t capacity = g->capacity ? 2 * g->capacity : 16;
        struct pod_group *items = realloc(g->items, capacity * sizeof *items);
        if (!items) return false;
        g->items = items;
        g->capacity = capacity;
    }
    size_t at = g->n++;
    for (; at > 0 && waiting_before(&gang.job, &g->items[at - 1].job); at--)
        g->items[at] = g->items[at - 1];
    g->items[at] = gang;
    return true;
}

static void group_remove(struct pod_groups *g, size_t at)
{
    memmove(g->items + at, g->items + at + 1, (--g->n - at) * sizeof *g->items);
}

static uint32_t pod_demand(const struct shape *shape, int32_t pod)
{
    return pod + 1 < shape->pod_n ? shape->pod : shape->rest;
}

/* A pod's node is held (-1), or given back (+1). */
static void shift_pod(struct scheduler *s, const struct shape *shape, const struct pod_group *g,
                      int32_t pod, int sign)
{
    struct share share = piece_share(scheduler_demand(s, pod_demand(shape, pod)), &g->pieces[pod]);
    pool_shift(&s->pools[g->pool], g->pieces[pod].node, &share, sign);
}

static void note_held(struct scheduler *s, struct pod_group *g, int64_t now_us)
{
    s->half_milli_us += (__int128)(now_us - g->noted_us) * g->held_milli;
    g->noted_us = now_us;
}

/* Places pods, `most` of them at the most. How many. */
static int32_t place_pods(struct scheduler *s, struct pod_group *g, int32_t most, int64_t now_us)
{
    struct coscheduling *k = s->state;
    const struct shape *shape = &k->shapes[g->job.demand];
    int32_t before = g->placed;
    note_held(s, g, now_us);
    while (g->placed < shape->pod_n && g->placed - before < most) {
        const struct demand *d = scheduler_demand(s, pod_demand(shape, g->placed));
        uint64_t pools = g->placed > 0 ? UINT64_C(1) << g->pool : shape->pools;
        struct placing how = k->how; /* draws of its own for each pod */
        int32_t found = 0;
        how.seed += (uint64_t)g->placed * UINT64_C(0x9e3779b97f4a7c15);
        for (int32_t p = 0; p < s->pool_n && !found; p++) {
            if (!(pools >> p & 1)) continue;
            found = placing_find(&how, &s->pools[p], d, g->job.job, &g->pieces[g->placed]);
            if (found) g->pool = p;
        }
        if (!found) break;
        if (g->placed == 0) g->since_us = now_us;
        g->held_milli += demand_milli(d);
        shift_pod(s, shape, g, g->placed++, -1);
    }
    return g->placed - before;
}

static void give_back_all(struct scheduler *s, struct pod_group *g, int64_t now_us)
{
    const struct coscheduling *k = s->state;
    note_held(s, g, now_us);
    while (g->placed > 0) {
        g->placed--;
        shift_pod(s, &k->shapes[g->job.demand], g, g->placed, +1);
    }
    g->held_milli = 0;
}

/* Pieces by node, those of one node together. How many. */
static int32_t join_pieces(struct piece *pieces, int32_t n)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t at = 0;
        while (at < kept && pieces[at].node != pieces[i].node) at++;
        if (at < kept) {
            pieces[at].gpus = (uint16_t)(pieces[at].gpus + pieces[i].gpus);
            pieces[at].mask |= pieces[i].mask;
        } else {
            pieces[kept++] = pieces[i];
        }
    }
    return kept;
}

static void start_gang(struct scheduler *s, struct pod_group *g, int64_t now_us)
{
    const struct coscheduling *k = s->state;
    const struct shape *shape = &k->shapes[g->job.demand];
    int32_t n = g->placed;
    give_back_all(s, g, now_us);
    n = join_pieces(g->pieces, n);
    scheduler_start_on(s, g->job.job, shape->demand, g->pool, g->pieces, n, now_us);
    if (shape->pod_n > 1) free(g->pieces);
}

/* ---- waiting ---- */

static bool co_init(struct scheduler *s)
{
    struct coscheduling *k = s->state;
    k->how = s->placing;
    k->how.gang = GANG_ONE_NODE;
    k->failures = calloc(s->workload->job_n + 1, sizeof *k->failures);
    return k->failures != NULL;
}

static void groups_free(struct pod_groups *g)
{
    for (size_t i = 0; i < g->n; i++) free(g->items[i].pieces);
    free(g->items);
}

static void co_free(struct scheduler *s)
{
    struct coscheduling *k = s->state;
    for (uint32_t i = 0; i < k->shape_n; i++) waiting_heap_free(&k->shapes[i].jobs);
    free(k->shapes);
    free(k->shape_of);
    free(k->fresh);
    free(k->tried);
    groups_free(&k->half);
    groups_free(&k->away);
    free(k->failures);
}

static enum reject_reason co_refuse(struct scheduler *s, uint32_t job, uint32_t demand)
{
    const struct coscheduling *k = s->state;
    uint32_t shape = shape_for(s, job, demand);
    if (shape == UINT32_MAX) s->failed = true;
    return shape == UINT32_MAX || k->shapes[shape].pools ? REJECT_N : REJECT_PODS;
}

static bool wait_in_line(struct coscheduling *k, struct waiting_job job)
{
    struct shape *shape = &k->shapes[job.demand];
    if (!shape->fresh) k->fresh[k->fresh_n++] = job.demand;
    shape->fresh = true;
    return waiting_heap_push(&shape->jobs, job);
}

static bool co_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    uint32_t shape = shape_for(s, job, demand);
    return shape != UINT32_MAX &&
           wait_in_line(s->state, (struct waiting_job){ order_key(s, job), job, shape });
}

static int64_t timeout_us(const struct scheduler *s)
{
    return option_or(s->permit->timeout_us, PERMIT_TIMEOUT_US);
}

/* Half-placed gangs with a pod on the node give back all their pods, and wait with none. */
static void co_node_leaves(struct scheduler *s, int32_t pool, int32_t node, int64_t now_us)
{
    struct coscheduling *k = s->state;
    for (size_t i = k->half.n; i-- > 0;) {
        struct pod_group *g = &k->half.items[i];
        bool is_there = false;
        for (int32_t p = 0; g->pool == pool && p < g->placed; p++)
            is_there |= g->pieces[p].node == node;
        if (!is_there) continue;
        give_back_all(s, g, now_us);
        free(g->pieces);
        if (!wait_in_line(k, g->job)) s->failed = true;
        group_remove(&k->half, i);
    }
}

/* 1, 2, 4, 8, 10, 10 ... times the first. */
static int64_t backoff_us(const struct scheduler *s, uint32_t failures)
{
    int64_t times = failures > 4 ? 10 : INT64_C(1) << (failures - 1);
    return times * option_or(s->permit->backoff_us, PERMIT_BACKOFF_US);
}

static void give_up(struct scheduler *s, size_t at, int64_t now_us)
{
    struct coscheduling *k = s->state;
    struct pod_group g = k->half.items[at];
    group_remove(&k->half, at);
    give_back_all(s, &g, now_us);
    free(g.pieces);
    g.pieces = NULL;
    s->gang_timeouts++;
    s->timeouts_in_row++;
    if (k->failures[g.job.job] < UINT8_MAX) k->failures[g.job.job]++;
    g.retry_us = now_us + backoff_us(s, k->failures[g.job.job]);
    if (!group_add(&k->away, g)) s->failed = true;
}

static void come_back(struct scheduler *s, int64_t now_us)
{
    struct coscheduling *k = s->state;
    for (size_t i = k->away.n; i-- > 0;)
        if (k->away.items[i].retry_us <= now_us) {
            if (!wait_in_line(k, k->away.items[i].job)) s->failed = true;
            group_remove(&k->away, i);
        }
}

/* ---- a round: every gang that may go on, in order ---- */

/* tried[0 .. n) is a heap by the heads of lines, but for its entry i, which sinks to its place. */
static void sink(struct coscheduling *k, uint32_t i)
{
    uint32_t shape = k->tried[i];
    const struct waiting_job *mine = waiting_heap_head(&k->shapes[shape].jobs);
    for (uint32_t child; (child = 2 * i + 1) < k->tried_n; i = child) {
        const struct waiting_job *head = waiting_heap_head(&k->shapes[k->tried[child]].jobs);
        if (child + 1 < k->tried_n) {
            const struct waiting_job *other =
                waiting_heap_head(&k->shapes[k->tried[child + 1]].jobs);
            if (waiting_before(other, head)) {
                head = other;
                child++;
            }
        }
        if (!waiting_before(head, mine)) break;
        k->tried[i] = k->tried[child];
    }
    k->tried[i] = shape;
}

static void lines_to_try(struct coscheduling *k, bool all)
{
    k->tried_n = 0;
    for (uint32_t i = 0; i < (all ? k->shape_n : k->fresh_n); i++) {
        uint32_t shape = all ? i : k->fresh[i];
        if (k->shapes[shape].jobs.n > 0) k->tried[k->tried_n++] = shape;
    }
    for (uint32_t i = k->tried_n / 2; i-- > 0;) sink(k, i);
    while (k->fresh_n > 0) k->shapes[k->fresh[--k->fresh_n]].fresh = false;
}

/* The first job of the first line gets what pods it can; whether it got any. Without one its line
 * is done with. */
static bool try_line(struct scheduler *s, int32_t most, int64_t now_us)
{
    struct coscheduling *k = s->state;
    struct shape *shape = &k->shapes[k->tried[0]];
    struct pod_group g = { .job = *waiting_heap_head(&shape->jobs), .noted_us = now_us };
    struct piece one;
    bool alone = shape->pod_n == 1;
    g.pieces = alone ? &one : malloc((size_t)shape->pod_n * sizeof *g.pieces);
    if (!g.pieces) {
        s->failed = true;
        return false;
    }
    bool some = place_pods(s, &g, most, now_us) > 0;
    if (some) waiting_heap_pop(&shape->jobs);
    if (!some || shape->jobs.n == 0) k->tried[0] = k->tried[--k->tried_n];
    if (k->tried_n > 1) sink(k, 0);
    if (some && g.placed == shape->pod_n) start_gang(s, &g, now_us);
    else if (!some && !alone) free(g.pieces);
    else if (some && !group_add(&k->half, g)) {
        give_back_all(s, &g, now_us);
        free(g.pieces);
        s->failed = true;
    }
    return some;
}

/* The half-placed gang gets what pods it can; whether it got any. *at is the next one then. */
static bool try_half(struct scheduler *s, size_t *at, int32_t most, int64_t now_us)
{
    struct coscheduling *k = s->state;
    struct pod_group *g = &k->half.items[*at];
    bool some = place_pods(s, g, most, now_us) > 0;
    if (g->placed < k->shapes[g->job.demand].pod_n) {
        ++*at;
        return some;
    }
    struct pod_group whole = *g;
    group_remove(&k->half, *at);
    start_gang(s, &whole, now_us);
    return true;
}

/* Whether some pod was placed. */
static bool one_round(struct scheduler *s, int32_t most, int64_t now_us)
{
    struct coscheduling *k = s->state;
    bool some = false;
    size_t at = 0;
    while ((at < k->half.n || k->tried_n > 0) && !s->failed) {
        const struct waiting_job *head =
            k->tried_n ? waiting_heap_head(&k->shapes[k->tried[0]].jobs) : NULL;
        if (at < k->half.n && (!head || waiting_before(&k->half.items[at].job, head))) {
            some |= try_half(s, &at, most, now_us);
        } else {
            size_t half_n = k->half.n;
            some |= try_line(s, most, now_us);
            at += k->half.n - half_n; /* the new one stands before those that are to come */
        }
    }
    return some;
}

static void try_all(struct scheduler *s, bool released, int64_t now_us)
{
    struct coscheduling *k = s->state;
    bool in_turn = s->permit->pods == PODS_IN_TURN;
    lines_to_try(k, released);
    bool more = one_round(s, in_turn ? 1 : INT32_MAX, now_us);
    while (in_turn && more && !s->failed) more = one_round(s, 1, now_us);
}

/* The first whose time is up; half.n = none. */
static size_t overdue(const struct scheduler *s, int64_t now_us)
{
    const struct coscheduling *k = s->state;
    size_t i = 0;
    while (i < k->half.n && now_us - k->half.items[i].since_us < timeout_us(s)) i++;
    return i;
}

static void co_pass(struct scheduler *s, int64_t now_us)
{
    struct coscheduling *k = s->state;
    come_back(s, now_us);
    try_all(s, s->released, now_us);
    for (size_t at; (at = overdue(s, now_us)) < k->half.n && !s->failed;) {
        give_up(s, at, now_us);
        try_all(s, true, now_us);
    }
    for (size_t i = 0; i < k->half.n; i++) {
        int64_t due_us = k->half.items[i].since_us + timeout_us(s);
        if (due_us < s->wake_us) s->wake_us = due_us;
    }
    for (size_t i = 0; i < k->away.n; i++)
        if (k->away.items[i].retry_us < s->wake_us) s->wake_us = k->away.items[i].retry_us;
}

const struct scheduler_engine engine_coscheduling = {
    .state_size = sizeof(struct coscheduling),
    .by_pod = true,
    .init = co_init,
    .free = co_free,
    .refuse = co_refuse,
    .submit = co_submit,
    .pass = co_pass,
    .node_leaves = co_node_leaves,
};
