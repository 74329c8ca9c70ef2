/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/slow_gavel.h"

#include <math.h>
#include <string.h>

#define ROUND_S  360.0
#define SHARES_S 1920.0

struct gavel {
    const struct gavel_case *c;
    size_t arrived, ended;
    int here[GAVEL_JOBS_MAX];
    int place[GAVEL_JOBS_MAX];   /* fifo: the pool promised to it, -1 = none */
    int shared[GAVEL_JOBS_MAX];  /* it was there when shares were computed last */
    int runs_in[GAVEL_JOBS_MAX]; /* in this round, -1 = nowhere */
    double left[GAVEL_JOBS_MAX], steps[GAVEL_JOBS_MAX], until_s[GAVEL_JOBS_MAX];
    double share[GAVEL_JOBS_MAX][GAVEL_POOLS_MAX];
    double received[GAVEL_JOBS_MAX][GAVEL_POOLS_MAX]; /* and half a round from the beginning */
    double owed[GAVEL_JOBS_MAX][GAVEL_POOLS_MAX];
    double received_by_all[GAVEL_POOLS_MAX];
    double now_s, shares_s; /* shares_s -1 = none yet */
    int changed, promised;
};

static int has(const struct gavel *g, unsigned rule) { return (g->c->rules & rule) != 0; }

/* ---- shares ---- */

/* Of the pools with room the fastest; of equals the last one. */
static int fastest(const struct gavel *g, size_t j, const int *room)
{
    int best = -1;
    for (int p = g->c->pool_n - 1; p >= 0; p--)
        if (room[p] >= g->c->jobs[j].gpus &&
            (best < 0 || g->c->jobs[j].steps_s[p] > g->c->jobs[j].steps_s[best]))
            best = p;
    return best;
}

static size_t first_without_place(const struct gavel *g)
{
    size_t j = 0;
    while (j < g->arrived && (!g->here[j] || g->place[j] >= 0)) j++;
    return j;
}

/* The place of each job that has ended goes to the first that waits, where the GPUs are enough that
 * jobs *before the ended one* leave. */
static void give_freed_places(struct gavel *g, int *room)
{
    int had[GAVEL_JOBS_MAX];
    memcpy(had, g->place, sizeof had);
    for (size_t j = 0; j < g->arrived; j++) {
        if (had[j] < 0) continue;
        if (g->here[j]) {
            room[had[j]] -= g->c->jobs[j].gpus;
            continue;
        }
        size_t first = first_without_place(g);
        g->place[j] = -1;
        if (first == g->arrived || g->c->jobs[first].gpus > room[had[j]]) continue;
        g->place[first] = had[j];
        room[had[j]] -= g->c->jobs[first].gpus;
    }
}

static void share_fifo(struct gavel *g)
{
    int room[GAVEL_POOLS_MAX];
    memcpy(room, g->c->pool_gpus, sizeof room);
    if (g->c->policy == GAVEL_FIFO && has(g, GAVEL_PROMISES)) {
        give_freed_places(g, room);
        g->promised += room[0] < 0;
    } else {
        for (size_t j = 0; j < g->arrived; j++) g->place[j] = -1;
    }
    for (size_t j = 0; j < g->arrived; j++) {
        if (!g->here[j] || g->place[j] >= 0) continue;
        int p = fastest(g, j, room);
        if (p >= 0 && g->c->jobs[j].steps_s[p] <= 0) {
            /* Only pools that it cannot use have room. */
            if (has(g, GAVEL_SKIPS)) continue;
            break;
        }
        if (p < 0) break;
        g->place[j] = p;
        room[p] -= g->c->jobs[j].gpus;
    }
    for (size_t j = 0; j < g->arrived; j++)
        for (int p = 0; p < g->c->pool_n; p++) g->share[j][p] = g->here[j] && g->place[j] == p;
}

/* 1 / n of every pool, in jobs of its GPUs, and of all pools together no more than the whole time.
 */
static void share_isolated(struct gavel *g)
{
    double n = (double)(g->arrived - g->ended);
    for (size_t j = 0; j < g->arrived; j++) {
        double sum = 0;
        for (int p = 0; p < g->c->pool_n; p++)
            sum += g->share[j][p] = g->c->pool_gpus[p] / n / g->c->jobs[j].gpus;
        for (int p = 0; p < g->c->pool_n; p++) {
            if (sum > 1) g->share[j][p] /= sum;
            if (!has(g, GAVEL_FLOATS)) g->share[j][p] = round(g->share[j][p] * 1e6) / 1e6;
        }
    }
}

static void new_shares(struct gavel *g)
{
    double elapsed_s = g->shares_s < 0 ? 0 : g->now_s - g->shares_s;
    for (int p = 0; p < g->c->pool_n; p++) {
        g->received_by_all[p] = 0;
        for (size_t j = 0; j < g->arrived; j++) {
            if (!g->here[j]) continue;
            double due_s = g->shared[j] ? g->share[j][p] * elapsed_s : 0;
            g->owed[j][p] += due_s - (g->received[j][p] - ROUND_S / 2);
            g->received[j][p] = ROUND_S / 2;
            g->received_by_all[p] += g->received[j][p];
        }
    }
    if (g->c->policy == GAVEL_ISOLATED) share_isolated(g);
    else share_fifo(g);
    for (size_t j = 0; j < g->arrived; j++) g->shared[j] = g->here[j];
    g->shares_s = g->now_s;
    g->changed = 0;
}

/* ---- a round ---- */

static double priority(const struct gavel *g, size_t j, int p)
{
    return g->shared[j] && g->share[j][p] > 0
               ? g->share[j][p] / (g->received[j][p] / g->received_by_all[p])
               : 0;
}

static int equal(const struct gavel *g, double x, double y)
{
    double slack = has(g, GAVEL_FLOATS) ? 0 : 1e-9 * (fabs(x) + fabs(y) + 1);
    return fabs(x - y) <= slack;
}

/* Whether a goes before b in pool p, where a came first. */
static int goes_first(const struct gavel *g, size_t a, size_t b, int p)
{
    double x = priority(g, a, p), y = priority(g, b, p);
    if (!equal(g, x, y)) return x > y;
    if (!equal(g, g->owed[a][p], g->owed[b][p])) return g->owed[a][p] > g->owed[b][p];
    return (g->shared[a] ? g->share[a][p] : 0) >= (g->shared[b] ? g->share[b][p] : 0);
}

static void run(struct gavel *g, size_t j, int p)
{
    double steps_s = g->c->jobs[j].steps_s[p];
    double most = has(g, GAVEL_STEPS) ? floor(steps_s * ROUND_S) : steps_s * ROUND_S;
    g->runs_in[j] = p;
    g->steps[j] = g->left[j] < most ? g->left[j] : most;
    g->until_s[j] = g->now_s + g->steps[j] / steps_s;
}

static void take(struct gavel *g, int p)
{
    int seen[GAVEL_JOBS_MAX] = { 0 }, room = g->c->pool_gpus[p];
    for (;;) {
        size_t best = g->arrived;
        for (size_t j = 0; j < g->arrived; j++) {
            if (!g->here[j] || seen[j] || g->runs_in[j] >= 0) continue;
            if (g->c->jobs[j].steps_s[p] <= 0) continue;
            if (g->c->policy != GAVEL_ISOLATED && priority(g, j, p) <= 0) continue;
            if (best == g->arrived || !goes_first(g, best, j, p)) best = j;
        }
        if (best == g->arrived) return;
        seen[best] = 1;
        if (g->c->jobs[best].gpus > room) continue;
        room -= g->c->jobs[best].gpus;
        run(g, best, p);
    }
}

static void arrive(struct gavel *g)
{
    while (g->arrived < g->c->job_n && g->c->jobs[g->arrived].arrival_s <= g->now_s) {
        g->here[g->arrived] = 1;
        for (int p = 0; p < g->c->pool_n; p++) g->received[g->arrived][p] = ROUND_S / 2;
        g->arrived++;
        g->changed = 1;
    }
}

/* The end of the round that is on, or where none is the next that somebody comes to. */
static double next_round_s(const struct gavel *g)
{
    double last_s = 0, round_s = (floor(g->now_s / ROUND_S) + 1) * ROUND_S;
    int on = 0;
    for (size_t j = 0; j < g->arrived; j++) {
        if (g->runs_in[j] < 0) continue;
        if (g->until_s[j] > last_s) last_s = g->until_s[j];
        on = 1;
    }
    if (has(g, GAVEL_BARRIER)) return on ? last_s : g->c->jobs[g->arrived].arrival_s;
    if (g->arrived > g->ended) return round_s;
    return ceil(g->c->jobs[g->arrived].arrival_s / ROUND_S) * ROUND_S;
}

static void end_round(struct gavel *g, double began_s, double *end_s)
{
    for (size_t j = 0; j < g->arrived; j++) {
        int p = g->runs_in[j];
        if (p < 0) continue;
        g->received[j][p] += g->until_s[j] - began_s;
        g->received_by_all[p] += g->until_s[j] - began_s;
        g->left[j] -= g->steps[j];
        g->runs_in[j] = -1;
        if (g->left[j] > 1e-6) continue;
        end_s[j] = g->until_s[j];
        g->here[j] = 0;
        g->ended++;
        g->changed = 1;
    }
}

int slow_gavel(const struct gavel_case *c, double *end_s)
{
    struct gavel g = { .c = c, .shares_s = -1 };
    for (size_t j = 0; j < c->job_n; j++) {
        g.left[j] = (double)c->jobs[j].steps;
        g.place[j] = g.runs_in[j] = -1;
    }
    while (g.ended < c->job_n) {
        arrive(&g);
        int none = g.shares_s < 0 || (g.shares_s <= 0 && has(&g, GAVEL_SECOND_0));
        if (g.changed && (none || g.now_s - g.shares_s >= SHARES_S)) new_shares(&g);
        for (int p = 0; p < c->pool_n; p++) take(&g, p);
        double began_s = g.now_s;
        g.now_s = next_round_s(&g);
        end_round(&g, began_s, end_s);
    }
    return g.promised;
}
