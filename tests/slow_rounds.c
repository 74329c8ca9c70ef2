/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds with shares of pools, as plainly as they can be said, for the two policies that need no
 * linear program: gavel-fifo and gavel-isolated. Every pool is as fast as any other. */
#include <stdlib.h>
#include <string.h>

#include "tests/slow_state.h"

static int is_active(const struct slow *s, size_t j)
{
    return s->state[j] == WAITING || s->state[j] == RUNNING;
}

static int pool_size(const struct slow *s, int p)
{
    return s->fleet->pools[p].nodes * s->fleet->pools[p].gpus;
}

static int runs_in(const struct slow *s, size_t j)
{
    for (int k = 0; s->state[j] == RUNNING && k < s->node_n; k++)
        if (s->held[j][k] != 0) return s->pool_of[k];
    return -1;
}

static int64_t round_length(const struct slow *s)
{
    return s->fleet->rounds.round_us ? s->fleet->rounds.round_us : INT64_C(360000000);
}

void slow_rounds_init(struct slow *s)
{
    size_t n = s->w->job_n;
    s->share = calloc(n + 1, sizeof *s->share);
    s->received = calloc(n + 1, sizeof *s->received);
    s->behind = calloc(n + 1, sizeof *s->behind);
    s->next_round = s->last_round = s->shares_at = -1;
}

void slow_rounds_failed(struct slow *s, size_t j, int pool)
{
    s->received[j][pool] += s->now - s->last_round;
}

static void isolated(struct slow *s)
{
    int64_t n = 0, all = 0;
    for (int p = 0; p < s->pool_n; p++) all += pool_size(s, p);
    for (size_t j = 0; j < s->w->job_n; j++) n += is_active(s, j) && slow_gpus(s, j) > 0;
    for (size_t j = 0; j < s->w->job_n; j++)
        for (int p = 0; p < s->pool_n && is_active(s, j) && slow_gpus(s, j) > 0; p++) {
            int64_t whole = slow_gpus(s, j) * n, part = pool_size(s, p);
            if (whole < all) whole = all; /* no more than the whole time */
            if (slow_gpus(s, j) <= pool_size(s, p))
                s->share[j][p] = (2000000 * part + whole) / (2 * whole);
        }
}

static void fifo(struct slow *s)
{
    int left[SIMULATE_POOLS_MAX], blocked = 0;
    for (int p = 0; p < s->pool_n; p++) left[p] = pool_size(s, p);
    for (size_t j = 0; j < s->w->job_n; j++) {
        int p = 0;
        if (!is_active(s, j) || slow_gpus(s, j) == 0 || blocked) continue;
        while (p < s->pool_n && left[p] < slow_gpus(s, j)) p++;
        blocked = p == s->pool_n;
        if (blocked) continue;
        left[p] -= slow_gpus(s, j);
        s->share[j][p] = 1000000;
    }
}

static void share(struct slow *s)
{
    int64_t wait = s->fleet->rounds.shares_us ? s->fleet->rounds.shares_us : INT64_C(1920000000);
    size_t moves = 0; /* all arrivals and ends up to now */
    for (size_t j = 0; j < s->w->job_n; j++)
        moves += is_active(s, j) ? 1 : s->state[j] == DONE ? 2 : 0;
    if (moves == s->shared_moves || (s->shares_at >= 0 && s->now - s->shares_at < wait)) return;
    int64_t elapsed = s->shares_at < 0 ? 0 : s->now - s->shares_at;
    for (size_t j = 0; j < s->w->job_n; j++) {
        for (int p = 0; p < s->pool_n; p++) {
            s->behind[j][p] += s->share[j][p] * elapsed - 1000000 * s->received[j][p];
            s->received[j][p] = 0;
            s->share[j][p] = 0;
        }
    }
    if (strcmp(s->fleet->order, "gavel-fifo") == 0) fifo(s);
    else isolated(s);
    s->shares_at = s->now;
    s->shared_moves = moves;
}

/* Whether a goes before b in pool p, where a came first. */
static int goes_first(const struct slow *s, size_t a, size_t b, int p)
{
    int64_t half = round_length(s); /* of a round, in half microseconds */
    __int128 x = (__int128)s->share[a][p] * (half + 2 * s->received[b][p]);
    __int128 y = (__int128)s->share[b][p] * (half + 2 * s->received[a][p]);
    if (x != y) return x > y;
    if (s->behind[a][p] != s->behind[b][p]) return s->behind[a][p] > s->behind[b][p];
    return s->share[a][p] >= s->share[b][p];
}

static void take(struct slow *s, int *chosen, int p)
{
    size_t n = s->w->job_n, best;
    char *seen = calloc(n + 1, 1);
    int left = slow_gpus_up(s, p), is_fifo = strcmp(s->fleet->order, "gavel-fifo") == 0;
    do {
        best = n;
        for (size_t j = 0; j < n; j++) {
            int out = seen[j] || !is_active(s, j) || chosen[j] >= 0 || slow_gpus(s, j) == 0;
            if (out || slow_gpus(s, j) > pool_size(s, p)) continue;
            if (is_fifo && s->share[j][p] == 0) continue;
            if (best == n || !goes_first(s, best, j, p)) best = j;
        }
        if (best == n) break;
        seen[best] = 1;
        int gpus = runs_in(s, best) == p ? slow_gpus_left(s, best) : slow_gpus(s, best);
        if (gpus > left) continue;
        left -= gpus;
        chosen[best] = p;
    } while (best < n);
    free(seen);
}

static void one_round(struct slow *s)
{
    size_t n = s->w->job_n;
    int64_t length = round_length(s);
    s->next_round = (s->now / length + 1) * length;
    int *chosen = malloc((n + 1) * sizeof *chosen);
    for (size_t j = 0; j < n; j++) {
        int p = runs_in(s, j);
        chosen[j] = -1;
        if (p >= 0) s->received[j][p] += s->now - s->last_round;
    }
    s->last_round = s->now;
    share(s);
    for (int p = 0; p < s->pool_n; p++) take(s, chosen, p);
    for (size_t j = 0; j < n; j++)
        if (is_active(s, j) && slow_gpus(s, j) == 0) {
            chosen[j] = runs_in(s, j);
            for (int p = 0; p < s->pool_n && chosen[j] < 0; p++)
                if (slow_node(s, p, 0) >= 0) chosen[j] = p;
        }
    for (size_t j = 0; j < n; j++)
        if (s->state[j] == RUNNING && runs_in(s, j) != chosen[j]) slow_stop(s, j);
    for (size_t j = 0; j < n; j++) {
        int held[4096];
        if (s->state[j] != WAITING || chosen[j] < 0 || !slow_room(s, j, chosen[j], held)) continue;
        slow_go_on(s, j, chosen[j], held);
    }
    free(chosen);
}

void slow_rounds_came(struct slow *s, size_t came)
{
    for (size_t j = 0; j < s->w->job_n; j++)
        if (j != came && is_active(s, j)) return;
    s->next_round = -1;
}

void slow_rounds_pass(struct slow *s)
{
    size_t n = s->w->job_n, active = 0;
    int64_t length = round_length(s);
    for (size_t j = 0; j < n; j++) active += is_active(s, j) != 0;
    if (active == 0) {
        s->next_round = -1;
        return;
    }
    if (s->next_round < 0) s->next_round = (s->now + length - 1) / length * length;
    if (s->now == s->last_round) s->next_round = (s->now / length + 1) * length;
    if (s->now >= s->next_round) one_round(s);
    s->wake = s->next_round;
    if (s->pool_n == 1 && slow_next(s, NULL) == n) { /* nothing would change */
        s->next_round = -1;
        s->wake = INT64_MAX;
    }
}
