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
        for (int k = 0; k < s->node_n; k++) needed |= take[k] > s->room[k] - s->held[j][k];
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

void slow_evict_pass(struct slow *s)
{
    size_t head;
    while ((head = slow_next(s, NULL)) < s->w->job_n) {
        int take[4096], started = 0;
        for (int p = 0; p < s->pool_n && !started; p++)
            if ((started = slow_room(s, head, p, take))) slow_go_on(s, head, p, take);
        for (int p = 0; p < s->pool_n && !started; p++) started = take_place(s, head, p);
        if (!started) return;
    }
}
