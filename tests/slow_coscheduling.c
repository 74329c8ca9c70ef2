/* SPDX-License-Identifier: Apache-2.0 */
/* Pods one by one, and gangs that hold nodes until their last pod has one: as plainly as it can be
 * said. Every pass looks at everybody, whether anything has become possible or not. */
#include "tests/slow_coscheduling.h"

#include <stdlib.h>
#include <string.h>

#include "tests/slow_state.h"

struct slow_coscheduling_deeds slow_coscheduling_deeds;

static int pod_gpus(const struct slow *s, size_t j, int pod)
{
    const struct slow_gang *g = &s->gang[j];
    return pod + 1 < g->pods ? g->each : slow_gpus(s, j) - (g->pods - 1) * g->each;
}

static int pool_gpus(const struct slow *s, int pool)
{
    return s->fleet->pools[pool].nodes * s->fleet->pools[pool].gpus;
}

/* One pod after another on the first node of the empty pool that has room: no other choice of nodes
 * gets more on them, as all pods are alike but for a smaller last one. */
static int holds_all_pods(const struct slow *s, size_t j, int pool)
{
    int nodes = s->fleet->pools[pool].nodes, room[4096];
    for (int k = 0; k < nodes; k++) room[k] = s->fleet->pools[pool].gpus;
    for (int pod = 0; pod < s->gang[j].pods; pod++) {
        int k = 0, gpus = pod_gpus(s, j, pod);
        while (k < nodes && room[k] < gpus) k++;
        if (k == nodes) return 0;
        room[k] -= gpus;
    }
    return 1;
}

static void divide(struct slow *s, size_t j)
{
    struct slow_gang *g = &s->gang[j];
    int gpus = slow_gpus(s, j), nodes = s->w->nodes[j], pool = 0;
    if (nodes > 0 && gpus > 0 && gpus % nodes == 0) {
        g->pods = nodes;
        g->each = gpus / nodes;
        return;
    }
    while (pool_gpus(s, pool) < gpus) pool++;
    g->each = s->fleet->pools[pool].gpus < gpus ? s->fleet->pools[pool].gpus : gpus;
    g->pods = 1;
    for (int left = gpus - g->each; left > 0; left -= g->each) g->pods++;
}

int slow_coscheduling_arrive(struct slow *s, size_t j)
{
    struct slow_gang *g = &s->gang[j];
    divide(s, j);
    for (int p = 0; p < s->pool_n; p++)
        if (pool_gpus(s, p) >= slow_gpus(s, j) && holds_all_pods(s, j, p)) g->pools |= 1u << p;
    g->node = calloc((size_t)g->pods, sizeof *g->node);
    g->since = calloc((size_t)g->pods, sizeof *g->since);
    slow_coscheduling_deeds.refused += !g->pools;
    return g->pools != 0;
}

static int goes_before(const struct slow *s, size_t a, size_t b)
{
    const int32_t *priority = s->w->priority;
    return priority[a] != priority[b] ? priority[a] > priority[b] : a < b;
}

/* The nodes of all its pods are free again, and what they held until now is counted. */
static void leave_nodes(struct slow *s, size_t j)
{
    struct slow_gang *g = &s->gang[j];
    for (; g->placed > 0; g->placed--) {
        int gpus = pod_gpus(s, j, g->placed - 1);
        s->room[g->node[g->placed - 1]] += gpus;
        s->half_placed_gpu_us += gpus * (s->now - g->since[g->placed - 1]);
    }
}

void slow_coscheduling_node_goes(struct slow *s, int node)
{
    for (size_t j = 0; j < s->w->job_n; j++) {
        int is_there = 0;
        for (int pod = 0; s->state[j] == WAITING && pod < s->gang[j].placed; pod++)
            is_there |= s->gang[j].node[pod] == node;
        if (is_there) leave_nodes(s, j);
    }
}

static void count_start(const struct slow *s, size_t j)
{
    const struct slow_gang *g = &s->gang[j];
    int before = 0, beside = 0;
    for (size_t i = 0; i < s->w->job_n; i++)
        before |= s->state[i] == WAITING && s->gang[i].placed > 0 && goes_before(s, i, j);
    for (int a = 0; a < g->pods; a++)
        for (int b = 0; b < a; b++) beside |= g->node[a] == g->node[b];
    slow_coscheduling_deeds.passed += before;
    slow_coscheduling_deeds.beside += beside;
    slow_coscheduling_deeds.waited += g->since[0] < s->now;
    slow_coscheduling_deeds.remainder += pod_gpus(s, j, g->pods - 1) < g->each;
}

static void start_gang(struct slow *s, size_t j)
{
    struct slow_gang *g = &s->gang[j];
    int take[4096] = { 0 };
    count_start(s, j);
    leave_nodes(s, j);
    for (int pod = 0; pod < g->pods; pod++) take[g->node[pod]] += pod_gpus(s, j, pod);
    if (slow_gpus(s, j) == 0) take[g->node[0]] = -1;
    s->picked = g->node[0];
    slow_start_beside(s, j, s->pool_of[g->node[0]], take);
}

/* The next pod gets a node, in the pool of those before it, else in the first that has one. */
static int place_pod(struct slow *s, size_t j)
{
    struct slow_gang *g = &s->gang[j];
    int gpus = pod_gpus(s, j, g->placed), k = -1;
    for (int p = 0; p < s->pool_n && k < 0; p++) {
        if (!(g->pools >> p & 1)) continue;
        if (g->placed > 0 && s->pool_of[g->node[0]] != p) continue;
        k = slow_node(s, p, gpus);
    }
    if (k < 0) return 0;
    g->node[g->placed] = k;
    g->since[g->placed++] = s->now;
    s->room[k] -= gpus;
    if (g->placed == g->pods) start_gang(s, j);
    return 1;
}

static int may_be_tried(const struct slow *s, size_t j)
{
    return s->state[j] == WAITING && s->gang[j].retry <= s->now;
}

/* Each gang in order gets `most` pods, or as many as it can. Whether any got one. */
static int one_round(struct slow *s, int most)
{
    size_t n = s->w->job_n, next;
    char *tried = calloc(n + 1, 1);
    int some = 0;
    do {
        next = n;
        for (size_t j = 0; j < n; j++)
            if (may_be_tried(s, j) && !tried[j] && (next == n || goes_before(s, j, next))) next = j;
        if (next == n) break;
        tried[next] = 1;
        for (int i = 0; i < most && s->state[next] == WAITING && place_pod(s, next); i++) some = 1;
    } while (next < n);
    free(tried);
    return some;
}

static void try_all(struct slow *s)
{
    if (s->fleet->permit.pods == PODS_TOGETHER) one_round(s, 1 << 30);
    else
        while (one_round(s, 1)) continue;
}

static int64_t time_is_up_at(const struct slow *s, size_t j)
{
    int64_t timeout = s->fleet->permit.timeout_us;
    return s->gang[j].since[0] + (timeout ? timeout : 60000000);
}

static int time_is_up(const struct slow *s, size_t j)
{
    return s->state[j] == WAITING && s->gang[j].placed > 0 && time_is_up_at(s, j) <= s->now;
}

/* Whose time is up, who began to wait first; of several the first in order. */
static size_t overdue(const struct slow *s)
{
    size_t n = s->w->job_n, best = n;
    for (size_t j = 0; j < n; j++) {
        if (!time_is_up(s, j)) continue;
        if (best == n || s->gang[j].since[0] < s->gang[best].since[0] ||
            (s->gang[j].since[0] == s->gang[best].since[0] && goes_before(s, j, best)))
            best = j;
    }
    return best;
}

static void give_up(struct slow *s, size_t j)
{
    static const int64_t times[] = { 1, 2, 4, 8, 10 };
    struct slow_gang *g = &s->gang[j];
    int64_t first = s->fleet->permit.backoff_us ? s->fleet->permit.backoff_us : 1000000;
    leave_nodes(s, j);
    slow_coscheduling_deeds.gave_up++;
    slow_coscheduling_deeds.again += g->failures > 0;
    g->retry = s->now + first * times[g->failures < 4 ? g->failures : 4];
    g->failures++;
    s->gang_timeouts++;
}

static int64_t count_overdue(const struct slow *s)
{
    int64_t n = 0;
    for (size_t j = 0; j < s->w->job_n; j++) n += time_is_up(s, j);
    return n;
}

void slow_coscheduling_pass(struct slow *s)
{
    size_t n = s->w->job_n, j;
    try_all(s);
    while ((j = overdue(s)) < n) {
        give_up(s, j);
        int64_t before = count_overdue(s);
        try_all(s);
        slow_coscheduling_deeds.spared += before - count_overdue(s);
    }
    for (j = 0; j < n; j++) {
        if (s->state[j] != WAITING) continue;
        if (s->gang[j].placed > 0 && time_is_up_at(s, j) < s->wake) s->wake = time_is_up_at(s, j);
        if (s->gang[j].retry > s->now && s->gang[j].retry < s->wake) s->wake = s->gang[j].retry;
    }
}
