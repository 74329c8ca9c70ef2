/* SPDX-License-Identifier: Apache-2.0 */
/* Preemption by rank, as plainly as it can be said: at each pass one list of all jobs is sorted and
 * picked from the top. Levels of attained service are in that list, too. */
#include <stdlib.h>
#include <string.h>

#include "tests/slow_state.h"

static int is(const struct slow *s, const char *order)
{
    return strcmp(s->fleet->order, order) == 0;
}

/* By the GPUs it has. */
static int64_t cost(const struct slow *s, size_t j, const struct gpu_costs *costs)
{
    int64_t us = 0;
    for (int32_t i = 0; i < costs->n; i++)
        if (slow_gpus(s, j) >= costs->at[i].from_gpus) us = costs->at[i].us;
    return us;
}

int64_t slow_write_time(const struct slow *s, size_t j)
{
    return cost(s, j, &s->fleet->restart.write);
}

int64_t slow_stay(const struct slow *s, size_t j)
{
    const struct restart_options *o = &s->fleet->restart;
    int64_t run = slow_run_time(s, j), time = s->owed[j] + run;
    if (o->checkpoint == CHECKPOINT_INTERVAL)
        for (int64_t t = o->interval_us; t < run; t += o->interval_us)
            time += slow_write_time(s, j);
    return time;
}

/* Of so much time after the restart, what was run and need not be run again. */
static int64_t kept(const struct slow *s, size_t j, int64_t time)
{
    const struct restart_options *o = &s->fleet->restart;
    int64_t kept = 0, period = o->interval_us + slow_write_time(s, j);
    if (time <= 0 || o->checkpoint == CHECKPOINT_NEVER) return 0;
    if (o->checkpoint == CHECKPOINT_AT_STOP) return time;
    for (int64_t t = period; t <= time; t += period) kept += o->interval_us;
    return kept;
}

int64_t slow_run_by_now(const struct slow *s, size_t j)
{
    const struct restart_options *o = &s->fleet->restart;
    int64_t time = s->now - s->since[j] - s->owed[j], run = 0;
    if (o->checkpoint != CHECKPOINT_INTERVAL) return time > 0 ? time : 0;
    for (int64_t t = 0; t < time; t += o->interval_us + slow_write_time(s, j))
        run += time - t < o->interval_us ? time - t : o->interval_us;
    return run;
}

static int64_t restart(const struct slow *s, size_t j)
{
    return cost(s, j, &s->fleet->restart.cost);
}

static int by_level(const struct slow *s)
{
    return is(s, "las") || is(s, "las-2d") || is(s, "gittins-2d");
}

static int64_t level_end(const struct slow *s, int64_t level);

/* The largest ratio of jobs that end to what they and the others take, from the level's beginning
 * to the end of it or of a later one; all with service above that beginning. */
static void index_of(const struct slow *s, int64_t level, __int128 *ends, __int128 *spent)
{
    int64_t from = level ? level_end(s, level - 1) : 0, longest = 0;
    *ends = 0;
    *spent = 1;
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->w->run_us[j] * slow_gpus(s, j) > longest)
            longest = s->w->run_us[j] * slow_gpus(s, j);
    for (int64_t m = level;; m++) {
        int64_t to = level_end(s, m) < longest ? level_end(s, m) : longest;
        __int128 jobs = 0, time = 0;
        for (size_t j = 0; j < s->w->job_n; j++) {
            int64_t service = s->w->run_us[j] * slow_gpus(s, j);
            if (service <= from) continue;
            jobs += service <= to;
            time += (service < to ? service : to) - from;
        }
        if (jobs * *spent > *ends * time) {
            *ends = jobs;
            *spent = time;
        }
        if (to == longest) return;
    }
}

/* Which place each level has: the largest ratio first, of equals the lowest level. Those that no
 * job comes to keep theirs. */
void slow_levels_init(struct slow *s)
{
    __int128 ends[SLOW_LEVELS_MAX], spent[SLOW_LEVELS_MAX];
    int64_t longest = 0;
    if (!is(s, "gittins-2d")) return;
    for (size_t j = 0; j < s->w->job_n; j++)
        if (s->w->run_us[j] * slow_gpus(s, j) > longest)
            longest = s->w->run_us[j] * slow_gpus(s, j);
    s->place_n = 1;
    while (level_end(s, s->place_n - 1) < longest) s->place_n++;
    assert_true(s->place_n <= SLOW_LEVELS_MAX);
    for (int64_t k = 0; k < s->place_n; k++) index_of(s, k, &ends[k], &spent[k]);
    for (int64_t k = 0; k < s->place_n; k++) {
        s->place[k] = 0;
        for (int64_t m = 0; m < s->place_n; m++) {
            __int128 a = ends[m] * spent[k], b = ends[k] * spent[m];
            s->place[k] += a > b || (a == b && m < k);
        }
    }
}

static int64_t place_of(const struct slow *s, int64_t level)
{
    return level < s->place_n ? s->place[level] : level;
}

static double key(const struct slow *s, size_t j)
{
    if (by_level(s)) return (double)place_of(s, s->level[j]);
    if (is(s, "sjf-preempt")) return (double)s->w->run_us[j];
    double left = (double)(s->state[j] == RUNNING ? s->would_end[j] - s->now : slow_stay(s, j));
    if (is(s, "srtf")) return left;
    if (is(s, "srsf")) return left * slow_gpus(s, j);
    if (is(s, "smallest-preempt")) return slow_gpus(s, j);
    return -s->w->priority[j];
}

/* Whether a goes before b, where a comes before b in the list. */
static int in_order(const struct slow *s, size_t a, size_t b)
{
    int falls = is(s, "srtf") || is(s, "srsf");
    int has_previous = s->fleet->ties == TIES_PREVIOUS && falls;
    if (key(s, a) != key(s, b)) return key(s, a) < key(s, b);
    if (has_previous || by_level(s)) return 1;
    if (falls && s->fleet->ties == TIES_WAITING) {
        if (s->state[a] != s->state[b]) return s->state[a] == WAITING;
        return s->turn[a] < s->turn[b];
    }
    if (is(s, "priority-preempt") && s->state[a] != s->state[b]) return s->state[a] == RUNNING;
    return a < b;
}

static int pool_of(const struct slow *s, size_t j)
{
    for (int k = 0; k < s->node_n; k++)
        if (s->held[j][k] != 0) return s->pool_of[k];
    return 0;
}

static void leave(struct slow *s, size_t j, int64_t keeps)
{
    int64_t held = s->now - s->since[j];
    s->work_left[j] -= slow_work_in(s, j, keeps);
    s->lost[j] += held - keeps;
    s->on_gpus[j] += held;
    s->gpu_us[j] += held * slow_gpus(s, j);
    for (int k = 0; k < s->node_n; k++)
        if (s->held[j][k] > 0) s->room[k] += s->held[j][k];
    free(s->held[j]);
    s->held[j] = NULL;
    s->owed[j] =
        restart(s, j) + (s->fleet->restart.cut_short == RESTART_ADDS_UP && held < s->owed[j]
                             ? s->owed[j] - held
                             : 0);
    s->attained[j] += held;
    s->gone[j] = s->now;
    s->ends_now[j] = 0;
    s->state[j] = WAITING;
}

void slow_stop(struct slow *s, size_t j)
{
    leave(s, j, kept(s, j, s->now - s->since[j] - s->owed[j]));
    s->stops[j]++;
}

static void lose(struct slow *s, size_t j, int64_t keeps)
{
    slow_rounds_failed(s, j, pool_of(s, j));
    s->failures[j]++;
    leave(s, j, keeps);
}

/* Of what is in its last checkpoint. */
static int64_t saved(const struct slow *s, size_t j)
{
    int is_saved = s->fleet->restart.checkpoint == CHECKPOINT_INTERVAL;
    return is_saved ? kept(s, j, s->now - s->since[j] - s->owed[j]) : 0;
}

void slow_fail(struct slow *s, size_t j) { lose(s, j, saved(s, j)); }

void slow_lose_to_reclaim(struct slow *s, size_t j, int64_t told, int ran_on)
{
    int64_t now = s->now, keeps = saved(s, j);
    if (told > 0 && slow_write_time(s, j) <= told) {
        if (ran_on) s->now -= slow_write_time(s, j);
        keeps = s->fleet->restart.checkpoint == CHECKPOINT_NEVER ? 0 : slow_run_by_now(s, j);
        s->now = now;
    }
    lose(s, j, keeps);
}

void slow_go_on(struct slow *s, size_t j, int pool, const int *take)
{
    int64_t first = s->start[j];
    int goes_on = s->started[j];
    slow_start_beside(s, j, pool, take);
    if (goes_on) s->start[j] = first;
    s->started[j] = 1;
    s->since[j] = s->now;
    s->turn[j] = ++s->turns;
    slow_set_end(s, j);
}

/* ---- levels ---- */

static int64_t level_end(const struct slow *s, int64_t level)
{
    const struct level_options *o = &s->fleet->levels;
    if (o->quantum_us) return (level + 1) * o->quantum_us;
    if (o->threshold_n) return level < o->threshold_n ? o->threshold_us[level] : INT64_MAX;
    return level == 0 ? INT64_C(3250000000) : level == 1 ? INT64_C(7200000000) : INT64_MAX;
}

static int64_t gpus_that_count(const struct slow *s, size_t j)
{
    return is(s, "las") ? 1 : slow_gpus(s, j);
}

/* When a running job has attained its level: at the first microsecond at which that is so. */
static int64_t crossing(const struct slow *s, size_t j)
{
    int64_t end = level_end(s, s->level[j]), g = gpus_that_count(s, j);
    if (end == INT64_MAX || g == 0) return INT64_MAX;
    return s->since[j] + (end + g - 1) / g - s->attained[j];
}

/* That simulator's time of the same, in whole seconds. */
static int64_t late_crossing(const struct slow *s, size_t j)
{
    int64_t end = level_end(s, s->level[j]), g = gpus_that_count(s, j);
    if (end == INT64_MAX) return INT64_MAX;
    int64_t executed = s->attained[j] + s->now - s->since[j];
    return s->now + (end - executed) / US_PER_S / g * US_PER_S;
}

static int64_t promotion(const struct slow *s, size_t j)
{
    int64_t ppm = s->fleet->levels.promote_ppm;
    if (ppm == 0 || s->state[j] != WAITING || s->level[j] == 0) return INT64_MAX;
    return s->gone[j] + (int64_t)((__int128)s->attained[j] * ppm / 1000000);
}

void slow_preempt_came(struct slow *s, size_t j)
{
    s->list[s->list_n++] = j;
    s->turn[j] = ++s->turns;
}

/* It is a newcomer, but for what it has attained. */
void slow_preempt_failed(struct slow *s, size_t j)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->list_n; i++)
        if (s->list[i] != j) s->list[kept++] = s->list[i];
    s->list_n = kept;
    slow_preempt_came(s, j);
    s->level[j] = 0;
    while (by_level(s) && s->attained[j] * gpus_that_count(s, j) >= level_end(s, s->level[j]))
        s->level[j]++;
}

static void to_the_end(size_t *list, size_t n, size_t i)
{
    size_t j = list[i];
    memmove(list + i, list + i + 1, (n - i - 1) * sizeof *list);
    list[n - 1] = j;
}

static void change_levels(struct slow *s, size_t *list, size_t n)
{
    for (size_t i = 0, end = n; s->fleet->tiresias_wakes && i < end;) { /* one level, if due */
        int64_t done = s->attained[list[i]] + s->now - s->since[list[i]];
        int due = s->state[list[i]] == RUNNING &&
                  done * gpus_that_count(s, list[i]) >= level_end(s, s->level[list[i]]);
        if (!due) {
            i++;
            continue;
        }
        s->level[list[i]]++;
        to_the_end(list, n, i);
        end--;
    }
    for (;;) {
        size_t first = n;
        for (size_t i = 0; i < n && !s->fleet->tiresias_wakes; i++)
            if (s->state[list[i]] == RUNNING && crossing(s, list[i]) <= s->now &&
                (first == n || crossing(s, list[i]) < crossing(s, list[first])))
                first = i;
        if (first == n) break;
        s->level[list[first]]++;
        to_the_end(list, n, first);
    }
    for (;;) {
        size_t first = n;
        for (size_t i = 0; i < n; i++) {
            int64_t time = promotion(s, list[i]);
            if (time > s->now) continue;
            if (first == n || time < promotion(s, list[first]) ||
                (time == promotion(s, list[first]) && list[i] < list[first]))
                first = i;
        }
        if (first == n) break;
        s->level[list[first]] = s->attained[list[first]] = 0;
        to_the_end(list, n, first);
    }
}

/* In each level those that run first, and when the next change is due. */
static void settle_levels(struct slow *s, size_t *list, size_t n)
{
    int64_t next = INT64_MAX;
    int anybody = s->fleet->tiresias_wakes;
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && s->level[list[k - 1]] == s->level[list[k]] &&
                           s->state[list[k - 1]] == WAITING && s->state[list[k]] == RUNNING;
             k--) {
            size_t t = list[k];
            list[k] = list[k - 1];
            list[k - 1] = t;
        }
    for (size_t i = 0; i < n; i++) {
        size_t j = list[i];
        int64_t time = s->state[j] == RUNNING ? crossing(s, j) : promotion(s, j);
        if (s->state[j] == RUNNING && s->fleet->tiresias_wakes) time = late_crossing(s, j);
        if (time < next) next = time;
        anybody |= s->state[j] == WAITING;
    }
    if (anybody) s->wake = next;
}

/* ---- a pass ---- */

void slow_preempt_pass(struct slow *s)
{
    size_t n = 0, job_n = s->w->job_n, *list = calloc(job_n + 1, sizeof *list);
    int room[SIMULATE_POOLS_MAX], *picked = calloc(job_n + 1, sizeof *picked);
    for (int p = 0; p < s->pool_n; p++) room[p] = slow_gpus_up(s, p);
    for (size_t i = 0; i < s->list_n; i++) {
        if (s->state[s->list[i]] != DONE) list[n++] = s->list[i];
    }
    if (by_level(s)) change_levels(s, list, n);
    for (size_t i = 1; i < n; i++) /* insertion keeps equals in their order */
        for (size_t k = i; k > 0 && !in_order(s, list[k - 1], list[k]); k--) {
            size_t t = list[k];
            list[k] = list[k - 1];
            list[k - 1] = t;
        }
    for (size_t i = 0; i < n; i++) {
        size_t j = list[i];
        int g = slow_gpus_left(s, j);
        picked[j] = -1;
        for (int p = 0; p < s->pool_n && picked[j] < 0; p++) {
            int whole = s->fleet->pools[p].nodes * s->fleet->pools[p].gpus;
            int possible = s->state[j] == RUNNING ? p == pool_of(s, j) : g <= whole;
            if (possible && g <= room[p]) picked[j] = p;
        }
        if (picked[j] >= 0) room[picked[j]] -= g;
    }
    for (size_t i = 0; i < n; i++)
        if (s->state[list[i]] == RUNNING && picked[list[i]] < 0) slow_stop(s, list[i]);
    for (;;) { /* those that were stopped, in order of start, join the queue */
        size_t first = n;
        for (size_t i = 0; i < n; i++)
            if (s->state[list[i]] == WAITING && s->gone[list[i]] == s->now &&
                s->stops[list[i]] > s->queued[list[i]] &&
                (first == n || s->turn[list[i]] < s->turn[list[first]]))
                first = i;
        if (first == n) break;
        s->queued[list[first]] = s->stops[list[first]];
        s->turn[list[first]] = ++s->turns;
    }
    for (size_t i = 0; i < n; i++) {
        size_t j = list[i];
        int take[4096];
        if (s->state[j] != WAITING || picked[j] < 0) continue;
        if (!slow_room(s, j, picked[j], take)) continue;
        slow_go_on(s, j, picked[j], take);
    }
    if (by_level(s)) settle_levels(s, list, n);
    memcpy(s->list, list, n * sizeof *list);
    s->list_n = n;
    free(list);
    free(picked);
}
