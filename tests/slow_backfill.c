/* SPDX-License-Identifier: Apache-2.0 */
/* Conservative backfill and Slurm's, written plainly: the profile is summed up anew, job by job,
 * for each search. */
#include <stdlib.h>
#include <string.h>

#include "tests/slow_state.h"

enum { POINTS_MAX = 20000 };

static int64_t round_up(int64_t time, int64_t grid)
{
    return grid ? (time + grid - 1) / grid * grid : time;
}

static int64_t or_default(int64_t value, int64_t otherwise) { return value ? value : otherwise; }

static int is_slurm(const struct slow *s) { return strcmp(s->fleet->order, "slurm-backfill") == 0; }

static int64_t slurm_grid(const struct slow *s)
{
    return or_default(s->fleet->backfill.resolution_us, SLURM_RESOLUTION_US);
}

static int64_t length(const struct slow *s, size_t j)
{
    int64_t us = slow_estimate(s, j);
    return us < 1 ? 1 : us;
}

/* What a promise or a plan holds. */
static int64_t promised_length(const struct slow *s, size_t j)
{
    return is_slurm(s) ? round_up(length(s, j), slurm_grid(s)) : length(s, j);
}

int64_t slow_held_until(const struct slow *s, size_t j)
{
    return slow_held_since(s, j) + length(s, j);
}

static int pool_of(const struct slow *s, size_t j)
{
    return s->state[j] == RUNNING ? s->pool_of[s->first_of[j]] : s->promised_pool[j];
}

/* ---- the profile ---- */

struct points {
    size_t n;
    int64_t at[POINTS_MAX];
    int free[POINTS_MAX];
};

static int compare_times(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* A time at which it is to start. */
static int has_promise(const struct slow *s, size_t j)
{
    return s->state[j] == WAITING && s->promised[j] >= 0 && s->promised[j] < INT64_MAX;
}

/* What is free in the pool at each time something changes, but for the promise of `without`. */
static void sum_up(const struct slow *s, int pool, size_t without, struct points *p)
{
    p->n = 0;
    p->at[p->n++] = s->now;
    for (size_t j = 0; j < s->w->job_n; j++) {
        if (s->state[j] == RUNNING) p->at[p->n++] = slow_held_until(s, j);
        if (has_promise(s, j)) {
            p->at[p->n++] = s->promised[j];
            p->at[p->n++] = s->promised[j] + promised_length(s, j);
        }
    }
    qsort(p->at, p->n, sizeof *p->at, compare_times);
    size_t kept = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->at[i] >= s->now && (kept == 0 || p->at[i] != p->at[kept - 1]))
            p->at[kept++] = p->at[i];
    p->n = kept;
    for (size_t i = 0; i < p->n; i++) {
        p->free[i] = slow_gpus_up(s, pool);
        for (size_t j = 0; j < s->w->job_n; j++) {
            int holds = s->state[j] == RUNNING && slow_held_until(s, j) > p->at[i];
            if (has_promise(s, j) && j != without)
                holds =
                    s->promised[j] <= p->at[i] && p->at[i] < s->promised[j] + promised_length(s, j);
            if (holds && pool_of(s, j) == pool) p->free[i] -= slow_gpus_left(s, j);
        }
    }
    kept = 0;
    for (size_t i = 0; i < p->n; i++)
        if (kept == 0 || p->free[i] != p->free[kept - 1]) {
            p->at[kept] = p->at[i];
            p->free[kept++] = p->free[i];
        }
    p->n = kept;
}

static int64_t end_of(const struct points *p, size_t i)
{
    return i + 1 < p->n ? p->at[i + 1] : INT64_MAX;
}

static int is_hole(const struct points *p, int64_t start, int64_t length_us, int gpus)
{
    for (size_t i = 0; i < p->n; i++) {
        if (end_of(p, i) > start && p->at[i] < start + length_us && p->free[i] < gpus) return 0;
    }
    return 1;
}

/* The earliest start for the job in the pool, on the grid; INT64_MAX = none. */
static int64_t earliest_in(const struct slow *s, size_t j, int pool, int64_t length_us,
                           int64_t grid)
{
    static struct points p;
    sum_up(s, pool, j, &p);
    for (size_t i = 0; i < p.n; i++) {
        int64_t start = round_up(p.at[i], grid);
        if (is_hole(&p, start, length_us, slow_gpus(s, j))) return start;
    }
    return INT64_MAX;
}

static int is_open(const struct slow *s, size_t j, int pool, int64_t length_us)
{
    static struct points p;
    sum_up(s, pool, j, &p);
    return is_hole(&p, s->now, length_us, slow_gpus(s, j));
}

static int possible_in(const struct slow *s, size_t j, int pool)
{
    return slow_may_use(s, j, pool) &&
           slow_gpus(s, j) <= s->fleet->pools[pool].nodes * s->fleet->pools[pool].gpus;
}

/* ---- conservative ---- */

/* Moves the job's promise, if it has one, to the earliest start before it; true if that is another.
 */
static int promise(struct slow *s, size_t j)
{
    int64_t best = s->promised[j] < 0 ? INT64_MAX : s->promised[j];
    int moved = 0, pool_then = s->promised_pool[j];
    for (int pool = 0; pool < s->pool_n; pool++) {
        if (!possible_in(s, j, pool)) continue;
        int64_t start = earliest_in(s, j, pool, length(s, j), s->fleet->timing.cycle_us);
        if (start >= best) continue;
        best = start;
        pool_then = pool;
        moved = 1;
    }
    s->promised[j] = best;
    s->promised_pool[j] = pool_then;
    return moved;
}

/* Where more is promised than there is, the latest comer is promised anew. */
void slow_conservative_relieve(struct slow *s, int pool)
{
    static struct points p;
    int64_t from = s->now;
    for (;;) {
        size_t i = 0, j = s->w->job_n;
        sum_up(s, pool, s->w->job_n, &p);
        while (i < p.n && (end_of(&p, i) <= from || p.free[i] >= 0)) i++;
        if (i == p.n) return;
        if (p.at[i] > from) from = p.at[i];
        while (j-- > 0)
            if (has_promise(s, j) && s->promised[j] > s->now && s->promised_pool[j] == pool &&
                s->promised[j] <= from && from < s->promised[j] + length(s, j))
                break;
        if (j == SIZE_MAX) {
            from = end_of(&p, i);
        } else {
            s->promised[j] = -1;
            promise(s, j);
        }
    }
}

static int start_due(struct slow *s, size_t j)
{
    int take[4096], pool = s->promised_pool[j];
    if (!slow_room(s, j, pool, take)) {
        for (pool = 0; pool < s->pool_n; pool++)
            if (pool != s->promised_pool[j] && possible_in(s, j, pool) &&
                is_open(s, j, pool, length(s, j)) && slow_room(s, j, pool, take))
                break;
        if (pool == s->pool_n) return 0;
    }
    slow_start_beside(s, j, pool, take);
    s->loose |= pool != s->promised_pool[j];
    if (pool != s->promised_pool[j] || s->promised[j] != s->now) slow_conservative_relieve(s, pool);
    return 1;
}

/* Those whose time has come, in order of arrival. */
static void start_all_due(struct slow *s, int again)
{
    size_t n = s->w->job_n, left = 0;
    char *due = calloc(n + 1, 1);
    for (size_t j = 0; j < n; j++) due[j] = s->state[j] == WAITING && s->promised[j] <= s->now;
    for (size_t j = 0; j < n; j++) {
        if (!due[j]) continue;
        int is_head = left == 0, stands = s->has_reservation && s->head == j;
        if (is_head) {
            again |= !stands;
            s->has_reservation = 0;
        }
        if ((again || !s->overdue[j]) && start_due(s, j)) continue;
        s->overdue[j] = 1;
        left++;
        if (is_head) {
            s->has_reservation = stands;
            if (!stands) slow_reserve(s, j);
        }
    }
    free(due);
}

void slow_conservative_pass(struct slow *s)
{
    size_t n = s->w->job_n;
    int fresh, again = s->released;
    if (s->has_reservation && s->shadow < s->now) s->has_reservation = 0;
    int far = 0; /* for some there is no hole as things are */
    for (size_t j = 0; j < n; j++) far |= s->state[j] == WAITING && s->promised[j] == INT64_MAX;
    if (s->released && (s->loose || far)) {
        s->loose = 0;
        for (size_t j = 0; j < n; j++)
            if (s->state[j] == WAITING && s->promised[j] > s->now) s->loose |= promise(s, j);
    }
    for (size_t j = 0; j < n; j++)
        if (s->state[j] == WAITING && s->promised[j] < 0) promise(s, j);
    do {
        start_all_due(s, again);
        again = fresh = 0;
        for (size_t j = 0; j < n; j++)
            fresh |= s->state[j] == WAITING && s->promised[j] <= s->now && !s->overdue[j];
    } while (fresh);
    for (size_t j = 0; j < n; j++)
        if (s->state[j] == WAITING && s->promised[j] > s->now && s->promised[j] < s->wake)
            s->wake = s->promised[j];
}

/* ---- Slurm ---- */

static int start_if_open(struct slow *s, size_t j)
{
    int take[4096];
    for (int pool = 0; pool < s->pool_n; pool++)
        if (possible_in(s, j, pool) && is_open(s, j, pool, length(s, j)) &&
            slow_room(s, j, pool, take)) {
            slow_start_beside(s, j, pool, take);
            return 1;
        }
    return 0;
}

static void plan(struct slow *s, size_t j)
{
    int64_t best = s->now + or_default(s->fleet->backfill.window_us, SLURM_WINDOW_US), planned = -1;
    for (int pool = 0; pool < s->pool_n; pool++) {
        if (!possible_in(s, j, pool)) continue;
        int64_t start = is_open(s, j, pool, promised_length(s, j))
                            ? s->now
                            : earliest_in(s, j, pool, promised_length(s, j), slurm_grid(s));
        if (start >= best) continue;
        best = planned = start;
        s->promised_pool[j] = pool;
    }
    s->promised[j] = planned;
}

static void slurm_backfill(struct slow *s)
{
    int64_t most = or_default(s->fleet->backfill.max_job_test, SLURM_MAX_JOB_TEST);
    size_t n = s->w->job_n, j, left = 0;
    char *seen = calloc(n + 1, 1);
    s->has_reservation = 0;
    while (most > 0 && (j = slow_next(s, seen)) < n) {
        int hold = slow_limits_hold(s, j);
        seen[j] = 1;
        most -= hold != 1;
        if (hold || start_if_open(s, j)) continue;
        if (left++ == 0) slow_reserve(s, j);
        plan(s, j);
    }
    s->has_reservation = 0;
    for (j = 0; j < n; j++) s->promised[j] = -1;
    free(seen);
}

/* Looks at the first `most` jobs; of them, may only those start that have just come? */
static void slurm_main(struct slow *s, size_t most, int comers)
{
    size_t n = s->w->job_n, j;
    char *seen = calloc(n + 1, 1);
    unsigned closed = 0;
    while (most-- > 0 && (j = slow_next(s, seen)) < n) {
        seen[j] = 1;
        if (slow_limits_hold(s, j)) continue;
        if ((!comers || s->comer[j]) && slow_try_but(s, j, closed)) continue;
        for (int pool = 0; pool < s->pool_n; pool++)
            if (slow_may_use(s, j, pool)) closed |= 1U << pool;
    }
    free(seen);
}

void slow_slurm_pass(struct slow *s)
{
    const struct backfill_options *o = &s->fleet->backfill;
    size_t n = s->w->job_n;
    int weighs = share_options_weigh(&s->fleet->share);
    int new_priorities = weighs && slow_share_next_calc(s) <= s->now;
    int own = s->main_at <= s->now || s->full_at <= s->now || s->backfill_at <= s->now;
    if (weighs) slow_share_advance(s);
    if (s->asked || new_priorities || !own) {
        if (s->backfill_at == INT64_MAX)
            s->backfill_at = round_up(s->now, or_default(o->interval_us, SLURM_INTERVAL_US));
        if (s->full_at == INT64_MAX && (o->queue_depth || o->sched_delay_us))
            s->full_at =
                round_up(s->now, or_default(o->sched_interval_us, SLURM_SCHED_INTERVAL_US));
    }
    if (s->asked && s->main_at == INT64_MAX) s->main_at = s->last_main + o->sched_delay_us;
    if (s->full_at <= s->now) {
        slurm_main(s, n, 0);
        s->full_at = s->main_at = INT64_MAX;
        s->last_main = s->now;
    } else if (o->sched_delay_us == 0 || s->main_at <= s->now) {
        slurm_main(s, o->queue_depth ? (size_t)o->queue_depth + 1 : n, 0);
        s->main_at = INT64_MAX;
        s->last_main = s->now;
    } else {
        slurm_main(s, n, 1);
    }
    s->asked = 0;
    memset(s->comer, 0, n * sizeof *s->comer);
    if (s->backfill_at <= s->now) {
        slurm_backfill(s);
        s->backfill_at = INT64_MAX;
    }
    if (slow_next(s, NULL) == n) s->backfill_at = s->main_at = s->full_at = INT64_MAX;
    s->wake = s->backfill_at;
    if (s->main_at < s->wake) s->wake = s->main_at;
    if (s->full_at < s->wake) s->wake = s->full_at;
    if (weighs && slow_next(s, NULL) < n && slow_share_next_calc(s) < s->wake)
        s->wake = slow_share_next_calc(s);
}
