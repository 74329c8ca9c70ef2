/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/slow_scheduler.h"

#include <stdlib.h>
#include <string.h>

enum job_state { COMING, WAITING, RUNNING, DONE, REFUSED };

struct slow {
    const struct workload *w;
    const struct simulate_fleet *fleet;
    int pool_n, node_n;
    int pool_of[4096], room[4096]; /* by node of the fleet: its pool, its free GPUs */
    int first[SIMULATE_POOLS_MAX]; /* first node of each pool */
    enum job_state *state;
    int *first_of; /* by job: the node it was put on first */
    int picked;    /* the node of the last placement's first piece */
    int **held;    /* by job: GPUs held on each node, NULL where it does not run */
    int64_t now, *start, *end, *expected;
    int64_t shadow;
    int has_reservation, reserved_pool,
        left[4096]; /* left[node]: for others at the shadow time; -1 = not reserved */
    size_t head;
};

static int gpus_of(const struct slow *s, size_t j) { return s->w->gpu_milli[j] / 1000; }
static int64_t estimate(const struct slow *s, size_t j)
{
    return s->w->limit_us[j] >= 0 ? s->w->limit_us[j] : s->w->run_us[j];
}
static int node_end(const struct slow *s, int pool)
{
    return s->first[pool] + s->fleet->pools[pool].nodes;
}

/* One node of the pool for g GPUs by the placement rule, -1 = none. */
static int pick_node(const struct slow *s, const int *room, int pool, int g)
{
    const char *rule = s->fleet->placement ? s->fleet->placement : "first-fit";
    int best = -1;
    for (int k = s->first[pool]; k < node_end(s, pool); k++) {
        if (room[k] < g) continue;
        if (best < 0) best = k;
        else if (strcmp(rule, "pack") == 0 && room[k] < room[best]) best = k;
        else if (strcmp(rule, "spread") == 0 && room[k] > room[best]) best = k;
    }
    return best;
}

/* Fills take[node] for g GPUs in the pool; 0 where they do not fit. room is left as it was. */
static int place(struct slow *s, const int *given, int pool, int g, int *take)
{
    int room[4096], per_node = s->fleet->pools[pool].gpus, k;
    memcpy(room, given, sizeof room);
    memset(take, 0, (size_t)s->node_n * sizeof *take);
    if (g <= per_node && (k = pick_node(s, room, pool, g)) >= 0) {
        take[k] = g ? g : -1; /* -1: there, with no GPU */
        s->picked = k;
        return 1;
    }
    if (s->fleet->gang == GANG_FEWEST_NODES) {
        if (g <= per_node) return 0;
        for (int left = g, part; left > 0; left -= part) {
            part = left < per_node ? left : per_node;
            k = pick_node(s, room, pool, part);
            if (k < 0) return 0;
            take[k] = part;
            room[k] -= part;
            if (left == g) s->picked = k;
        }
        return 1;
    }
    int in_order = !s->fleet->placement || strcmp(s->fleet->placement, "first-fit") == 0;
    for (int left = g; left > 0;) {
        k = -1;
        for (int i = s->first[pool]; i < node_end(s, pool); i++)
            if (room[i] > 0 && (k < 0 || (!in_order && room[i] > room[k]))) k = i;
        if (k < 0) return 0;
        take[k] = room[k] < left ? room[k] : left;
        if (left == g) s->picked = k;
        left -= take[k];
        room[k] = 0;
    }
    return 1;
}

static void start(struct slow *s, size_t j, const int *take)
{
    s->held[j] = malloc((size_t)s->node_n * sizeof *s->held[j]);
    memcpy(s->held[j], take, (size_t)s->node_n * sizeof *s->held[j]);
    for (int k = 0; k < s->node_n; k++)
        if (take[k] > 0) s->room[k] -= take[k];
    s->first_of[j] = s->picked;
    s->state[j] = RUNNING;
    s->start[j] = s->now;
    s->end[j] = s->now + s->w->run_us[j];
    s->expected[j] = s->now + estimate(s, j);
}

static int try_start(struct slow *s, size_t j)
{
    int take[4096];
    for (int p = 0; p < s->pool_n; p++)
        if (place(s, s->room, p, gpus_of(s, j), take)) {
            start(s, j, take);
            return 1;
        }
    return 0;
}

/* ---- EASY ---- */

struct candidate {
    int node, now;
};

static int fewest_now(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->now != y->now ? (x->now > y->now) - (x->now < y->now)
                            : (x->node > y->node) - (x->node < y->node);
}

/* Which GPUs the head gets at the shadow time: what running jobs leave first, then the lowest
 * numbers. */
static void reserve_in(struct slow *s, int pool, const int *then, int g)
{
    struct candidate list[4096];
    int n = 0, room[4096], taken[4096] = { 0 }, per_node = s->fleet->pools[pool].gpus;
    memcpy(room, then, sizeof room);
    for (int k = s->first[pool]; k < node_end(s, pool); k++)
        if (then[k] > s->room[k]) list[n++] = (struct candidate){ k, s->room[k] };
    qsort(list, (size_t)n, sizeof *list, fewest_now);
    if (s->fleet->gang == GANG_ANYWHERE && g > 0) {
        int left = g;
        for (int pass = 0; pass < 2; pass++)
            for (int i = 0; i < n && left > 0; i++) {
                int part = pass == 0 ? then[list[i].node] - list[i].now : room[list[i].node];
                if (part > left) part = left;
                taken[list[i].node] += part;
                room[list[i].node] -= part;
                left -= part;
            }
        for (int k = s->first[pool]; k < node_end(s, pool) && left > 0; k++) {
            int part = room[k] < left ? room[k] : left;
            taken[k] += part;
            left -= part;
        }
    } else {
        int whole = g > per_node ? g / per_node : 0, rest = g - whole * per_node, best = -1,
            best_held = 0;
        for (int i = 0; i < n && whole > 0; i++)
            if (room[list[i].node] == per_node) {
                taken[list[i].node] = per_node;
                room[list[i].node] = 0;
                whole--;
            }
        for (int k = s->first[pool]; k < node_end(s, pool) && whole > 0; k++)
            if (room[k] == per_node) {
                taken[k] = per_node;
                room[k] = 0;
                whole--;
            }
        if (rest > 0) {
            for (int i = 0; i < n; i++) {
                int k = list[i].node, held = list[i].now - (room[k] - rest);
                if (room[k] < rest) continue;
                if (held < 0) held = 0;
                if (best < 0 || held < best_held) best = k, best_held = held;
            }
            for (int k = s->first[pool]; k < node_end(s, pool) && best < 0; k++)
                if (room[k] >= rest) best = k;
            taken[best] += rest;
        }
    }
    for (int k = 0; k < s->node_n; k++) s->left[k] = taken[k] ? then[k] - taken[k] : -1;
    s->reserved_pool = pool;
}

static void reserve(struct slow *s, size_t head)
{
    int then[4096], take[4096];
    memcpy(then, s->room, sizeof then);
    s->shadow = s->now;
    char *gone = calloc(s->w->job_n + 1, 1);
    s->has_reservation = 0;
    for (;;) {
        int64_t next = INT64_MAX;
        for (size_t j = 0; j < s->w->job_n; j++)
            if (s->state[j] == RUNNING && !gone[j] && s->expected[j] < next) next = s->expected[j];
        if (next == INT64_MAX) break;
        if (next > s->shadow) s->shadow = next;
        for (size_t j = 0; j < s->w->job_n; j++)
            if (s->state[j] == RUNNING && !gone[j] && s->expected[j] <= s->shadow) {
                gone[j] = 1;
                for (int k = 0; k < s->node_n; k++)
                    if (s->held[j][k] > 0) then[k] += s->held[j][k];
            }
        for (int p = 0; p < s->pool_n; p++)
            if (place(s, then, p, gpus_of(s, head), take)) {
                s->has_reservation = 1;
                s->head = head;
                reserve_in(s, p, then, gpus_of(s, head));
                free(gone);
                return;
            }
    }
    free(gone);
}

static void backfill(struct slow *s, size_t j)
{
    int take[4096], room[4096];
    for (int p = 0; p < s->pool_n; p++) {
        int is_long = p == s->reserved_pool && s->now + estimate(s, j) > s->shadow;
        memcpy(room, s->room, sizeof room);
        for (int k = 0; k < s->node_n; k++)
            if (is_long && s->left[k] >= 0 && room[k] > s->left[k]) room[k] = s->left[k];
        if (!place(s, room, p, gpus_of(s, j), take)) continue;
        for (int k = 0; k < s->node_n; k++)
            if (is_long && take[k] > 0 && s->left[k] >= 0) s->left[k] -= take[k];
        start(s, j, take);
        return;
    }
}

/* ---- one pass ---- */

static int order_is(const struct slow *s, const char *name)
{
    size_t n = strlen(name);
    const char *order = s->fleet->order ? s->fleet->order : "fifo";
    return strncmp(order, name, n) == 0 && (!order[n] || strcmp(order + n, "-skip") == 0);
}

/* Smaller goes first. */
static double rank(const struct slow *s, size_t j)
{
    double run = (double)s->w->run_us[j], gpus = gpus_of(s, j);
    if (order_is(s, "sjf")) return run;
    if (order_is(s, "ljf")) return -run;
    if (order_is(s, "smallest-first")) return gpus;
    if (order_is(s, "largest-first")) return -gpus;
    if (order_is(s, "shortest-service")) return run * gpus;
    if (order_is(s, "edf")) return s->w->deadline_us[j] < 0 ? 1e300 : (double)s->w->deadline_us[j];
    if (order_is(s, "priority")) return -s->w->priority[j];
    return 0;
}

static int before(const struct slow *s, size_t a, size_t b)
{
    return rank(s, a) != rank(s, b) ? rank(s, a) < rank(s, b) : a < b;
}

/* Every waiting job in order, whether those before it fitted or not. */
static void pass_over(struct slow *s)
{
    size_t n = s->w->job_n, next;
    char *tried = calloc(n + 1, 1);
    do {
        next = n;
        for (size_t j = 0; j < n; j++)
            if (s->state[j] == WAITING && !tried[j] && (next == n || before(s, j, next))) next = j;
        if (next < n) {
            tried[next] = 1;
            try_start(s, next);
        }
    } while (next < n);
    free(tried);
}

static size_t next_waiting(const struct slow *s)
{
    size_t best = s->w->job_n;
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->state[j] == WAITING && (best == s->w->job_n || before(s, j, best))) best = j;
    return best;
}

static void pass(struct slow *s)
{
    size_t n = s->w->job_n, head;
    if (s->fleet->order && strstr(s->fleet->order, "-skip")) {
        pass_over(s);
        return;
    }
    while ((head = next_waiting(s)) < n && try_start(s, head)) continue;
    if (head == n || !s->fleet->order || strcmp(s->fleet->order, "easy") != 0) return;
    if (s->has_reservation && (s->head != head || s->shadow < s->now)) s->has_reservation = 0;
    if (!s->has_reservation) reserve(s, head);
    for (size_t j = 0; j < n && s->has_reservation; j++)
        if (s->state[j] == WAITING && j != head) backfill(s, j);
}

/* ---- time ---- */

static void finish(struct slow *s, size_t j)
{
    for (int k = 0; k < s->node_n; k++)
        if (s->held[j][k] > 0) s->room[k] += s->held[j][k];
    s->state[j] = DONE;
    if (s->expected[j] != s->now) s->has_reservation = 0;
}

static int possible(const struct slow *s, size_t j)
{
    for (int p = 0; p < s->pool_n; p++)
        if (gpus_of(s, j) <= s->fleet->pools[p].nodes * s->fleet->pools[p].gpus) return 1;
    return 0;
}

static void arrive(struct slow *s, size_t j) { s->state[j] = possible(s, j) ? WAITING : REFUSED; }

void slow_schedule(const struct workload *w, const struct simulate_fleet *fleet, int one_by_one,
                   struct schedule *out)
{
    struct slow *s = calloc(1, sizeof *s);
    size_t n = w->job_n;
    *s = (struct slow){ .w = w, .fleet = fleet };
    for (; s->pool_n < SIMULATE_POOLS_MAX && fleet->pools[s->pool_n].nodes > 0; s->pool_n++) {
        s->first[s->pool_n] = s->node_n;
        for (int k = 0; k < fleet->pools[s->pool_n].nodes; k++, s->node_n++) {
            s->pool_of[s->node_n] = s->pool_n;
            s->room[s->node_n] = fleet->pools[s->pool_n].gpus;
        }
    }
    s->state = calloc(n + 1, sizeof *s->state);
    s->first_of = calloc(n + 1, sizeof *s->first_of);
    s->held = calloc(n + 1, sizeof *s->held);
    s->start = calloc(n + 1, sizeof *s->start);
    s->end = calloc(n + 1, sizeof *s->end);
    s->expected = calloc(n + 1, sizeof *s->expected);
    for (;;) {
        int64_t next = INT64_MAX;
        size_t first_end = n, first_arrival = n;
        for (size_t j = 0; j < n; j++) {
            if (s->state[j] == COMING && w->submit_us[j] < next) next = w->submit_us[j];
            if (s->state[j] == RUNNING && s->end[j] < next) next = s->end[j];
        }
        if (next == INT64_MAX) break;
        s->now = next;
        for (size_t j = n; j-- > 0;) {
            if (s->state[j] == COMING && w->submit_us[j] == next) first_arrival = j;
            if (s->state[j] == RUNNING && s->end[j] == next &&
                (first_end == n || s->start[j] <= s->start[first_end]))
                first_end = j;
        }
        if (one_by_one) {
            if (first_arrival < n) arrive(s, first_arrival);
            else finish(s, first_end);
        } else {
            for (size_t j = 0; j < n; j++)
                if (s->state[j] == RUNNING && s->end[j] == next) finish(s, j);
            for (size_t j = 0; j < n; j++)
                if (s->state[j] == COMING && w->submit_us[j] == next) arrive(s, j);
        }
        pass(s);
    }
    memset(out, 0, sizeof *out);
    out->n = n;
    out->start_us = s->start;
    out->end_us = s->end;
    out->first_node = calloc(n + 1, sizeof *out->first_node);
    out->nodes = calloc(n + 1, sizeof *out->nodes);
    for (size_t j = 0; j < n; j++) {
        if (s->state[j] == REFUSED) s->start[j] = s->end[j] = out->first_node[j] = -1;
        if (s->held[j]) out->first_node[j] = s->first_of[j];
        for (int k = s->node_n; s->held[j] && k-- > 0;) out->nodes[j] += s->held[j][k] != 0;
        free(s->held[j]);
    }
    free(s->first_of);
    free(s->held);
    free(s->expected);
    free(s->state);
    free(s);
}
