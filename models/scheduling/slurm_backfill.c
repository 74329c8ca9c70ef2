/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slurm's sched/backfill: two loops over one queue, in order of priority, then of arrival. The
 * priority is the job's own, or, where weights are given, the sum of multifactor.h.
 *
 *      main loop      at each pass: starts the first jobs of the queue as long as they fit
 *      backfill       at multiples of bf_interval, where jobs wait and something has happened since
 *                     the last one: goes over the first bf_max_job_test jobs. One that fits the
 *                     profile (profile.h) now, and nodes, starts. Any other is planned at its
 *                    expected start, if that lies within bf_window, and holds its GPUs in the
 *                    profile until its limit, for the rest of this pass: who comes later may not
 *                    delay it
 *
 * Planned starts and lengths are rounded up to bf_resolution. The first job that cannot start is
 * given nodes as EASY's head is (reservation.h); what the others are planned counts GPUs of a pool.
 * Source: slurm.conf(5), SchedulerParameters, and the scheduling guide; defaults in options.h. Not
 * modeled: default_queue_depth and sched_interval (the main loop sees every event and the whole
 * queue), batch_sched_delay, the other limits of the backfill thread, and the time it takes.
 *
 * A main pass costs O(log queue) a start; a backfill pass, for each job it tests, a search of the
 * profile. It ends where fewer GPUs are left than any job of the queue asks for.
 */
#include <stdlib.h>

#include "models/scheduling/no_hole.h"
#include "models/scheduling/profile.h"
#include "models/scheduling/reservation.h"
#include "models/scheduling/share_queue.h"
#include "models/scheduling/waiting.h"

struct slurm {
    struct waiting_heap heap;    /* of jobs with priorities of their own */
    struct share_queue shares;   /* of jobs whose factors are added up */
    bool weighs;                 /* the latter */
    size_t n;                    /* in the queue */
    uint32_t blocked;            /* the head that did not fit, WAITING_NONE */
    struct profile *running;     /* by pool: free but for the jobs that run */
    struct profile *plan;        /* the same and what is planned, during a backfill pass */
    struct waiting_job *pending; /* those that a backfill pass has looked at, and left */
    size_t pending_capacity;
    struct no_hole *no_hole; /* by demand, of the plan of this backfill pass */
    uint32_t *waiting;       /* by demand, how many jobs are in the queue */
    uint32_t demand_n;
    uint64_t pass;       /* how many there were */
    int64_t backfill_us; /* when the next backfill pass is due, EVENT_NONE = nothing has happened */
    int64_t interval_us, window_us, resolution_us, max_job_test;
    struct reservation reservation;
};

static int64_t round_up(int64_t time_us, int64_t grid_us)
{
    int64_t late = time_us % grid_us;
    return late ? time_us - late + grid_us : time_us;
}

/* ---- the queue ---- */

static bool queue_push(struct scheduler *s, const struct waiting_job *job)
{
    struct slurm *q = s->state;
    q->n++;
    q->waiting[job->demand]++;
    return q->weighs ? share_queue_push(&q->shares, s, 0, job->job, job->demand)
                     : waiting_heap_push(&q->heap, *job);
}

/* Where q->n > 0. */
static struct waiting_job queue_head(struct scheduler *s)
{
    struct slurm *q = s->state;
    if (!q->weighs) return *waiting_heap_head(&q->heap);
    const struct share_item *head = &share_queue_first(&q->shares, 0)->head;
    return (struct waiting_job){ 0, head->job, head->demand };
}

static void queue_pop(struct scheduler *s, const struct waiting_job *head)
{
    struct slurm *q = s->state;
    q->n--;
    q->waiting[head->demand]--;
    if (!q->weighs) waiting_heap_pop(&q->heap);
    else if (!share_queue_take(&q->shares, s, share_queue_first(&q->shares, 0))) s->failed = true;
}

/* ---- the backfill pass ---- */

/* A hole of the plan that begins now. */
static bool is_open(const struct slurm *q, int32_t pool, int64_t gpus, int64_t length_us,
                    int64_t now_us)
{
    struct hole hole = {
        .gpus = gpus, .length_us = length_us, .from_us = now_us, .before_us = now_us + 1
    };
    return profile_find(&q->plan[pool], &hole) == now_us;
}

/* The first time at which a hole of the plan may begin for the job, as far as is known: where one
 * pool alone may serve it. */
static int64_t known_from(struct scheduler *s, const struct waiting_job *job, int64_t now_us)
{
    struct slurm *q = s->state;
    uint64_t pools = scheduler_demand(s, job->demand)->pools;
    struct no_hole *known = &q->no_hole[job->demand];
    if (pools & (pools - 1)) return now_us;
    no_hole_begin(known, q->pass, now_us);
    return no_hole_until(known, held_us(s, job->job, job->demand, __builtin_ctzll(pools)));
}

static bool start_now(struct scheduler *s, const struct waiting_job *job, int64_t now_us)
{
    struct slurm *q = s->state;
    const struct demand *d = scheduler_demand(s, job->demand);
    if (known_from(s, job, now_us) > now_us) return false;
    for (int32_t k = 0; k < s->pool_n; k++) {
        if (!(d->pools >> k & 1)) continue;
        int64_t length = held_us(s, job->job, job->demand, k);
        if (d->gpus > s->pools[k].free_gpus || !is_open(q, k, d->gpus, length, now_us) ||
            !reservation_try_in(s, &q->reservation, job->job, job->demand, k, now_us))
            continue;
        if (!profile_add(&q->plan[k], now_us, now_us + length, -d->gpus)) s->failed = true;
        return true;
    }
    return false;
}

/* Holds the GPUs of a job at its expected start, in the pool with the earliest. */
static void plan(struct scheduler *s, const struct waiting_job *job, int64_t now_us)
{
    struct slurm *q = s->state;
    const struct demand *d = scheduler_demand(s, job->demand);
    int64_t start = now_us + q->window_us, end = start, from = known_from(s, job, now_us);
    int32_t pool = -1;
    for (int32_t k = 0; k < s->pool_n; k++) {
        if (!(d->pools >> k & 1)) continue;
        struct hole hole = {
            .gpus = d->gpus,
            .length_us = round_up(held_us(s, job->job, job->demand, k), q->resolution_us),
            .from_us = from,
            .before_us = start,
        };
        /* Now where it may: nodes alone were lacking. */
        bool open = from == now_us && is_open(q, k, d->gpus, hole.length_us, now_us);
        int64_t at = open ? now_us : start;
        hole.grid_us = q->resolution_us;
        if (at == start) at = profile_find(&q->plan[k], &hole);
        if (at >= start) continue;
        start = at;
        end = at + hole.length_us;
        pool = k;
    }
    /* Of the length that was looked for, which is no shorter than what the job holds. */
    int32_t only = __builtin_ctzll(d->pools);
    if ((d->pools & (d->pools - 1)) == 0)
        no_hole_note(&q->no_hole[job->demand],
                     round_up(held_us(s, job->job, job->demand, only), q->resolution_us), start);
    if (pool >= 0 && !profile_add(&q->plan[pool], start, end, -d->gpus)) s->failed = true;
}

/* The fewest GPUs that any job of the queue asks for. */
static int64_t least_gpus(const struct scheduler *s)
{
    const struct slurm *q = s->state;
    int64_t least = INT64_MAX;
    for (uint32_t d = 0; d < q->demand_n; d++)
        if (q->waiting[d] > 0 && scheduler_demand(s, d)->gpus < least)
            least = scheduler_demand(s, d)->gpus;
    return least;
}

static bool any_free(const struct scheduler *s, int64_t gpus, int64_t now_us)
{
    const struct slurm *q = s->state;
    for (int32_t k = 0; k < s->pool_n; k++)
        if (s->pools[k].free_gpus >= gpus && profile_free_at(&q->plan[k], now_us) >= gpus)
            return true;
    return false;
}

static bool pending_room(struct slurm *q)
{
    size_t n = q->n < (size_t)q->max_job_test ? q->n : (size_t)q->max_job_test;
    if (n <= q->pending_capacity) return true;
    struct waiting_job *pending = realloc(q->pending, 2 * n * sizeof *pending);
    if (!pending) return false;
    q->pending = pending;
    q->pending_capacity = 2 * n;
    return true;
}

static void backfill(struct scheduler *s, int64_t now_us)
{
    struct slurm *q = s->state;
    struct reservation *r = &q->reservation;
    size_t left = 0;
    if (!pending_room(q)) s->failed = true;
    for (int32_t k = 0; k < s->pool_n; k++)
        if (!profile_copy(&q->plan[k], &q->running[k])) s->failed = true;
    r->stands = false;
    q->pass++;
    /* A plan is there to keep later jobs from starting: where none of them could, it decides
     * nothing. */
    int64_t least = least_gpus(s);
    for (int64_t i = 0; i < q->max_job_test && q->n > 0 && !s->failed; i++) {
        if (!any_free(s, least, now_us)) break;
        struct waiting_job job = queue_head(s);
        queue_pop(s, &job);
        if (start_now(s, &job, now_us)) {
            s->backfilled += left > 0;
            continue;
        }
        if (left == 0) {
            r->head = job.job;
            r->head_demand = job.demand;
            reservation_make(s, r, now_us);
        }
        q->pending[left++] = job;
        plan(s, &job, now_us);
    }
    for (size_t i = 0; i < left; i++)
        if (!queue_push(s, &q->pending[i])) s->failed = true;
    r->stands = false;
}

/* ---- the engine ---- */

static void slurm_pass(struct scheduler *s, int64_t now_us)
{
    struct slurm *q = s->state;
    if (q->weighs && !share_queue_advance(&q->shares, s, now_us)) s->failed = true;
    for (int32_t k = 0; k < s->pool_n; k++) profile_advance(&q->running[k], now_us);
    if (q->backfill_us == EVENT_NONE) q->backfill_us = round_up(now_us, q->interval_us);
    while (q->n > 0 && !s->failed) {
        struct waiting_job head = queue_head(s);
        if (!s->released && head.job == q->blocked) break;
        q->blocked = head.job;
        if (!scheduler_try(s, head.job, head.demand, now_us)) break;
        queue_pop(s, &head);
    }
    if (q->backfill_us <= now_us) {
        if (q->n > 0 && !s->failed) backfill(s, now_us);
        q->backfill_us = EVENT_NONE;
    }
    if (q->n == 0) q->backfill_us = EVENT_NONE;
    s->wake_us = q->backfill_us;
    if (q->weighs && q->n > 1 && share_queue_next_us(&q->shares) < s->wake_us)
        s->wake_us = share_queue_next_us(&q->shares);
}

static bool slurm_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct slurm *q = s->state;
    if (demand >= q->demand_n) {
        uint32_t demand_n = 2 * demand + 64;
        struct no_hole *no_hole = realloc(q->no_hole, demand_n * sizeof *no_hole);
        if (!no_hole) return false;
        for (uint32_t d = q->demand_n; d < demand_n; d++) no_hole[d].pass = 0;
        q->no_hole = no_hole;
        uint32_t *waiting = realloc(q->waiting, demand_n * sizeof *waiting);
        if (!waiting) return false;
        for (uint32_t d = q->demand_n; d < demand_n; d++) waiting[d] = 0;
        q->waiting = waiting;
        q->demand_n = demand_n;
    }
    if (q->weighs && !share_queue_advance(&q->shares, s, s->workload->submit_us[job])) return false;
    return queue_push(s, &(struct waiting_job){ order_key(s, job), job, demand });
}

static void slurm_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct slurm *q = s->state;
    const struct running_job *j = &s->running->slots[slot];
    int64_t end = now_us + held_us(s, j->job, j->demand, j->pool);
    if ((q->weighs && !share_queue_hold(&q->shares, s, j->job, j->demand, +1, now_us)) ||
        !reservation_started(s, &q->reservation, slot, now_us) ||
        !profile_add(&q->running[j->pool], now_us, end, -scheduler_demand(s, j->demand)->gpus))
        s->failed = true;
}

static void slurm_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct slurm *q = s->state;
    const struct running_job *j = &s->running->slots[slot];
    int64_t end = j->start_us + held_us(s, j->job, j->demand, j->pool);
    reservation_released(&q->reservation, slot, now_us);
    if ((q->weighs && !share_queue_hold(&q->shares, s, j->job, j->demand, -1, now_us)) ||
        !profile_add(&q->running[j->pool], now_us, end, scheduler_demand(s, j->demand)->gpus))
        s->failed = true;
}

static bool profiles_init(struct scheduler *s, struct profile **profiles)
{
    *profiles = calloc((size_t)s->pool_n, sizeof **profiles);
    for (int32_t k = 0; *profiles && k < s->pool_n; k++)
        if (!profile_init(&(*profiles)[k], s->pools[k].free_gpus)) return false;
    return *profiles != NULL;
}

static bool slurm_init(struct scheduler *s)
{
    struct slurm *q = s->state;
    const struct backfill_options *o = s->backfill;
    q->blocked = WAITING_NONE;
    q->backfill_us = EVENT_NONE;
    q->interval_us = option_or(o->interval_us, SLURM_INTERVAL_US);
    q->window_us = option_or(o->window_us, SLURM_WINDOW_US);
    q->resolution_us = option_or(o->resolution_us, SLURM_RESOLUTION_US);
    q->max_job_test = option_or(o->max_job_test, SLURM_MAX_JOB_TEST);
    waiting_heap_init(&q->heap, false);
    q->weighs = share_options_weigh(s->share);
    if (q->weighs && !share_queue_init(&q->shares, s, SHARE_MULTIFACTOR)) return false;
    return profiles_init(s, &q->running) && profiles_init(s, &q->plan) &&
           reservation_init(&q->reservation);
}

static void slurm_free(struct scheduler *s)
{
    struct slurm *q = s->state;
    for (int32_t k = 0; k < s->pool_n; k++) {
        if (q->running) profile_free(&q->running[k]);
        if (q->plan) profile_free(&q->plan[k]);
    }
    free(q->running);
    free(q->plan);
    free(q->pending);
    free(q->no_hole);
    free(q->waiting);
    waiting_heap_free(&q->heap);
    if (q->weighs) share_queue_free(&q->shares);
    reservation_free(&q->reservation);
}

const struct scheduler_engine engine_slurm_backfill = {
    .state_size = sizeof(struct slurm),
    .init = slurm_init,
    .free = slurm_free,
    .submit = slurm_submit,
    .pass = slurm_pass,
    .started = slurm_started,
    .released = slurm_released,
};
