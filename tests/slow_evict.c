/* SPDX-License-Identifier: Apache-2.0 */
/* The head of the queue stops jobs of lower priority: as plainly as it can be said. */
#include <stdlib.h>
#include <string.h>

#include "tests/slow_state.h"

static int pool_of_job(const struct slow *s, size_t j)
{
    for (int k = 0; k < s->node_n; k++)
        if (s->held[j][k] > 0) return s->pool_of[k];
    return -1; /* it holds no GPU */
}

/* The next to be stopped in the pool: of lower priority than the head, the lowest first, of these
 * the one that started last; job_n = nobody is left. */
static size_t next_victim(const struct slow *s, size_t head, int pool, const char *chosen)
{
    size_t n = s->w->job_n, best = n;
    for (size_t j = 0; j < n; j++) {
        int32_t priority = s->w->priority[j];
        if (s->state[j] != RUNNING || chosen[j] || priority >= s->w->priority[head]) continue;
        if (pool_of_job(s, j) != pool) continue;
        if (best == n || priority < s->w->priority[best] ||
            (priority == s->w->priority[best] && s->turn[j] > s->turn[best]))
            best = j;
    }
    return best;
}

static int take_place(struct slow *s, size_t head, int pool)
{
    size_t n = s->w->job_n, victim;
    int saved[4096], take[4096], fits = 0;
    char *chosen = calloc(n + 1, 1);
    size_t *order = malloc((n + 1) * sizeof *order), order_n = 0;
    memcpy(saved, s->room, sizeof saved);
    while (!fits && (victim = next_victim(s, head, pool, chosen)) < n) {
        chosen[victim] = 1;
        order[order_n++] = victim;
        for (int k = 0; k < s->node_n; k++) s->room[k] += s->held[victim][k];
        fits = slow_room(s, head, pool, take);
    }
    /* Who was chosen last may be spared first. */
    while (fits && order_n-- > 0) {
        size_t j = order[order_n];
        int needed = 0;
        for (int k = 0; k < s->node_n; k++)
            needed |= take[k] > 0 && take[k] > s->room[k] - s->held[j][k];
        if (needed) continue;
        for (int k = 0; k < s->node_n; k++) s->room[k] -= s->held[j][k];
        chosen[j] = 0;
    }
    memcpy(s->room, saved, sizeof saved);
    for (size_t j = 0; fits && j < n; j++)
        if (chosen[j]) slow_stop(s, j);
    free(order);
    if (fits) slow_go_on(s, head, pool, take);
    free(chosen);
    return fits;
}

/* ---- a node, as kube-scheduler chooses it ---- */

/* Who must go from node k for g GPUs, into victims, the most important first; 0 = nobody would be
 * enough. */
static size_t victims_on(const struct slow *s, size_t head, int k, int g, size_t *victims)
{
    size_t n = s->w->job_n, chosen = 0;
    char *seen = calloc(n + 1, 1);
    int room = s->room[k];
    for (size_t j = 0; j < n; j++)
        if (s->state[j] == RUNNING && s->w->priority[j] < s->w->priority[head] && s->held[j][k] > 0)
            room += s->held[j][k];
        else seen[j] = 1;
    for (size_t left = room < g ? 0 : n; left-- > 0;) {
        size_t next = n;
        for (size_t j = 0; j < n; j++)
            if (!seen[j] &&
                (next == n || s->w->priority[j] > s->w->priority[next] ||
                 (s->w->priority[j] == s->w->priority[next] && s->turn[j] < s->turn[next])))
                next = j;
        if (next == n) break;
        seen[next] = 1;
        if (room - s->held[next][k] >= g) room -= s->held[next][k];
        else victims[chosen++] = next;
    }
    free(seen);
    return chosen;
}

/* Whether victims a are to be preferred to b. */
static int is_cheaper(const struct slow *s, const size_t *a, size_t a_n, const size_t *b,
                      size_t b_n)
{
    const int32_t *priority = s->w->priority;
    double sum = 0;
    if (priority[a[0]] != priority[b[0]]) return priority[a[0]] < priority[b[0]];
    for (size_t i = 0; i < a_n; i++) sum += priority[a[i]] + 2147483648.0;
    for (size_t i = 0; i < b_n; i++) sum -= priority[b[i]] + 2147483648.0;
    if (sum != 0) return sum < 0;
    if (a_n != b_n) return a_n < b_n;
    return s->since[a[0]] > s->since[b[0]];
}

static int take_node(struct slow *s, size_t head)
{
    size_t n = s->w->job_n, *best = malloc((n + 1) * sizeof *best), best_n = 0;
    size_t *other = malloc((n + 1) * sizeof *other);
    int g = slow_gpus(s, head), node = -1, take[4096] = { 0 };
    for (int k = 0; k < s->node_n; k++) {
        if (g > s->fleet->pools[s->pool_of[k]].gpus) continue;
        size_t other_n = victims_on(s, head, k, g, other);
        if (other_n == 0 || (node >= 0 && !is_cheaper(s, other, other_n, best, best_n))) continue;
        memcpy(best, other, other_n * sizeof *best);
        best_n = other_n;
        node = k;
    }
    for (size_t i = 0; i < best_n; i++) slow_stop(s, best[i]);
    if (node >= 0) {
        take[node] = g ? g : -1;
        s->picked = node;
        slow_go_on(s, head, s->pool_of[node], take);
    }
    free(best);
    free(other);
    return node >= 0;
}

static int fits_a_node(const struct slow *s, size_t j)
{
    for (int p = 0; p < s->pool_n; p++)
        if (slow_gpus(s, j) <= s->fleet->pools[p].gpus) return 1;
    return 0;
}

void slow_evict_pass(struct slow *s)
{
    size_t head;
    while ((head = slow_next(s, NULL)) < s->w->job_n) {
        int take[4096], started = 0;
        for (int p = 0; p < s->pool_n && !started; p++)
            if ((started = slow_room(s, head, p, take))) slow_go_on(s, head, p, take);
        if (s->fleet->victims == VICTIMS_NODE && fits_a_node(s, head))
            started = started || take_node(s, head);
        else
            for (int p = 0; p < s->pool_n && !started; p++) started = take_place(s, head, p);
        if (!started) return;
    }
}
