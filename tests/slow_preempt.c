/* SPDX-License-Identifier: Apache-2.0 */
/* Preemption by rank, as plainly as it can be said: at each pass one list of all jobs is sorted and
 * picked from the top. */
#include <stdlib.h>
#include <string.h>

#include "tests/slow_state.h"

static int is(const struct slow *s, const char *order)
{
    return strcmp(s->fleet->order, order) == 0;
}

static double key(const struct slow *s, size_t j)
{
    double left = (double)(s->work_left[j] - (s->state[j] == RUNNING ? s->now - s->since[j] : 0));
    if (is(s, "srtf")) return left;
    if (is(s, "srsf")) return left * slow_gpus(s, j);
    if (is(s, "smallest-preempt")) return slow_gpus(s, j);
    return -s->w->priority[j];
}

/* Whether a goes before b, where a comes before b in the list. */
static int in_order(const struct slow *s, size_t a, size_t b)
{
    int has_previous = s->fleet->ties == TIES_PREVIOUS && (is(s, "srtf") || is(s, "srsf"));
    if (key(s, a) != key(s, b)) return key(s, a) < key(s, b);
    if (has_previous) return 1;
    if (is(s, "priority-preempt") && s->state[a] != s->state[b]) return s->state[a] == RUNNING;
    return a < b;
}

static int pool_of(const struct slow *s, size_t j)
{
    for (int k = 0; k < s->node_n; k++)
        if (s->held[j][k] != 0) return s->pool_of[k];
    return 0;
}

static void stop(struct slow *s, size_t j)
{
    for (int k = 0; k < s->node_n; k++)
        if (s->held[j][k] > 0) s->room[k] += s->held[j][k];
    free(s->held[j]);
    s->held[j] = NULL;
    s->work_left[j] -= s->now - s->since[j];
    s->state[j] = WAITING;
}

void slow_preempt_pass(struct slow *s)
{
    size_t n = 0, job_n = s->w->job_n, *list = calloc(job_n + 1, sizeof *list);
    char *listed = calloc(job_n + 1, 1);
    int room[SIMULATE_POOLS_MAX], *picked = calloc(job_n + 1, sizeof *picked);
    for (int p = 0; p < s->pool_n; p++)
        room[p] = s->fleet->pools[p].nodes * s->fleet->pools[p].gpus;
    for (size_t i = 0; i < s->list_n; i++) {
        listed[s->list[i]] = 1;
        if (s->state[s->list[i]] != DONE) list[n++] = s->list[i];
    }
    for (size_t j = 0; j < job_n; j++)
        if (s->state[j] == WAITING && !listed[j]) list[n++] = j;
    for (size_t i = 1; i < n; i++) /* insertion keeps equals in their order */
        for (size_t k = i; k > 0 && !in_order(s, list[k - 1], list[k]); k--) {
            size_t t = list[k];
            list[k] = list[k - 1];
            list[k - 1] = t;
        }
    for (size_t i = 0; i < n; i++) {
        size_t j = list[i];
        int g = slow_gpus(s, j);
        picked[j] = -1;
        for (int p = 0; p < s->pool_n && picked[j] < 0; p++) {
            int whole = s->fleet->pools[p].nodes * s->fleet->pools[p].gpus;
            int possible = s->state[j] == RUNNING ? p == pool_of(s, j) : g <= whole;
            if (possible && g <= room[p]) picked[j] = p;
        }
        if (picked[j] >= 0) room[picked[j]] -= g;
    }
    for (size_t i = 0; i < n; i++)
        if (s->state[list[i]] == RUNNING && picked[list[i]] < 0) stop(s, list[i]);
    for (size_t i = 0; i < n; i++) {
        size_t j = list[i];
        int take[4096];
        if (s->state[j] != WAITING || picked[j] < 0) continue;
        if (!slow_room(s, j, picked[j], take)) continue;
        int64_t first = s->start[j];
        slow_start_beside(s, j, picked[j], take);
        if (s->started[j]) s->start[j] = first;
        s->started[j] = 1;
        s->since[j] = s->now;
        s->end[j] = s->now + s->work_left[j];
    }
    memcpy(s->list, list, n * sizeof *list);
    s->list_n = n;
    free(list);
    free(listed);
    free(picked);
}
