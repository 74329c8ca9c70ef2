/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slurm's sched/backfill: two loops over one queue, in order of priority, then of arrival. The
 * priority is the job's own, or, where weights are given, the sum of multifactor.h.
 *
 *      main loop      at each pass: starts the first jobs of the queue as long as they fit. One
 *                     that does not closes its partition, and the pools of it, to all that follow
 *      backfill       at multiples of bf_interval, where jobs wait and something has happened since
 *                     the last one: goes over the first bf_max_job_test jobs. One that fits the
 *                     profile (profile.h) now, and nodes, starts. Any other is planned at its
 *                     expected start, if that lies within bf_window, and holds its GPUs in the
 *                     profile until its limit, for the rest of this pass: who comes later may not
 *                     delay it
 *
 * Planned starts and lengths are rounded up to bf_resolution. The first job that cannot start is
 * given nodes as EASY's head is (reservation.h); what the others are planned counts GPUs of a pool.
 *
 * A job that a limit holds (limits.h) closes nothing, is not planned, and is passed, by both loops.
 * bf_max_job_test counts those held for their GPUs, as they are tried, and not those held for the
 * number of jobs, which are not.
 *
 * By default the main loop sees the whole queue after each event. default_queue_depth: it looks at
 * so many jobs and one more, those held or shut out among them, but for a full pass at multiples of
 * sched_interval. batch_sched_delay: it is made so long after the last at the earliest; between, a
 * job that comes, and is first of those for its pools, is tried at once.
 *
 * Source: slurm.conf(5), SchedulerParameters, and the scheduling guide; defaults in options.h. In
 * SchedMD/slurm: job_scheduler.c, _schedule() (PART_FLAG_SCHED_FAILED takes the partition's nodes
 * from avail_node_bitmap; job_depth++ > def_job_limit; ESLURM_ACCOUNTING_POLICY fails no partition
 * without assoc_limit_stop); backfill.c, _attempt_backfill() (acct_policy_job_runnable_pre_select
 * before bf_last_depth_try is counted, _post_select before a reservation); controller.c,
 * _slurmctld_background(); job_mgr.c, job_allocate() with _top_priority(). Not modeled: the other
 * limits of the backfill thread, the time it takes, and assoc_limit_stop.
 *
 * A main pass costs O(log queue) a start and O(lines with jobs), of which slurm_queue.h has one
 * where nothing is limited; a backfill pass, for each job it tests, a search of the profile. It
 * ends where fewer GPUs are left than any job of the queue asks for.
 */
#include <stdlib.h>

#include "models/scheduling/no_hole.h"
#include "models/scheduling/profile.h"
#include "models/scheduling/reservation.h"
#include "models/scheduling/slurm_queue.h"

/* Of the loops' depth: the whole queue. */
#define WHOLE_QUEUE INT64_MAX

struct slurm {
    struct slurm_queue queue;
    uint64_t ends;                /* jobs that have ended */
    struct profile *running;      /* by pool: free but for the jobs that run */
    struct profile *plan;         /* the same and what is planned, during a backfill pass */
    struct slurm_head *set_aside; /* those that a loop has looked at, and left */
    size_t aside_n, aside_capacity;
    struct no_hole *no_hole; /* by demand, of the plan of this backfill pass */
    uint32_t demand_n;
    uint64_t pass;       /* how many there were */
    int64_t backfill_us; /* when the next backfill pass is due, EVENT_NONE = nothing has happened */
    int64_t interval_us, window_us, resolution_us, max_job_test;
    /* The main loop: when it is due for an event, EVENT_NONE = none; when a full pass of it is;
     * when it was made last. */
    int64_t main_us, full_us, last_us;
    int64_t depth, sched_interval_us, delay_us;
    bool asked;      /* a job has come, or has ended, since the last pass */
    uint32_t comers; /* the first job that has come since */
    uint32_t next;   /* the job after the last that came */
    struct reservation reservation;
};

static int64_t round_up(int64_t time_us, int64_t grid_us)
{
    int64_t late = time_us % grid_us;
    return late ? time_us - late + grid_us : time_us;
}

/* ---- those that are set aside ---- */

/* Takes the first job off the queue until the loop is through. */
static void set_aside(struct scheduler *s)
{
    struct slurm *q = s->state;
    if (q->aside_n == q->aside_capacity) {
        size_t capacity = q->aside_capacity ? 2 * q->aside_capacity : 64;
        struct slurm_head *heads = realloc(q->set_aside, capacity * sizeof *heads);
        if (!heads) {
            s->failed = true;
            return;
        }
        q->set_aside = heads;
        q->aside_capacity = capacity;
    }
    q->set_aside[q->aside_n++] = *slurm_queue_first(&q->queue);
    if (!slurm_queue_take(&q->queue, s)) s->failed = true;
}

static void come_back(struct scheduler *s)
{
    struct slurm *q = s->state;
    for (size_t i = 0; i < q->aside_n; i++)
        if (!slurm_queue_return(&q->queue, s, &q->set_aside[i])) s->failed = true;
    q->aside_n = 0;
}

/* ---- the main loop ---- */

static bool start_in(struct scheduler *s, const struct share_item *job, uint64_t pools,
                     int64_t now_us)
{
    uint64_t usable = scheduler_demand(s, job->demand)->pools;
    if ((usable & ~pools) == 0) return scheduler_try(s, job->job, job->demand, now_us);
    for (usable &= pools; usable; usable &= usable - 1)
        if (scheduler_place_in(s, job->job, job->demand, __builtin_ctzll(usable), now_us))
            return true;
    return false;
}

/* Starts the first job of the queue if the pools that are not closed have room. What did not fit
 * does not until some job has ended. */
static bool start_first(struct scheduler *s, const struct slurm_head *first, uint64_t closed,
                        int64_t now_us)
{
    struct slurm *q = s->state;
    struct slurm_line *line = &q->queue.lines[first->line];
    if (line->blocked == first->item.job && line->blocked_ends == q->ends) return false;
    if (start_in(s, &first->item, ~closed, now_us)) return true;
    if ((line->pools & closed) == 0) {
        line->blocked = first->item.job;
        line->blocked_ends = q->ends;
    }
    return false;
}

/* depth: how many jobs may be looked at before the last one. comers: only those that have just come
 * are tried. */
static void main_loop(struct scheduler *s, int64_t now_us, int64_t depth, bool comers)
{
    struct slurm *q = s->state;
    const struct slurm_head *first;
    uint64_t closed = 0, all = ~UINT64_C(0) >> (64 - s->pool_n);
    slurm_queue_begin(&q->queue);
    for (int64_t i = 0; i <= depth && closed != all && !s->failed; i++) {
        if (!(first = slurm_queue_first(&q->queue))) break;
        if (slurm_queue_hold(&q->queue, s, &first->item) == HOLD_NONE) {
            bool may = !comers || first->item.job >= q->comers;
            if (may && start_first(s, first, closed, now_us)) {
                if (!slurm_queue_take(&q->queue, s)) s->failed = true;
                continue;
            }
            closed |= q->queue.lines[first->line].pools;
        }
        if (depth == WHOLE_QUEUE) slurm_queue_pass(&q->queue);
        else set_aside(s); /* each of them counts */
    }
    come_back(s);
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
static int64_t known_from(struct scheduler *s, const struct share_item *job, int64_t now_us)
{
    struct slurm *q = s->state;
    uint64_t pools = scheduler_demand(s, job->demand)->pools;
    struct no_hole *known = &q->no_hole[job->demand];
    if (pools & (pools - 1)) return now_us;
    no_hole_begin(known, q->pass, now_us);
    return no_hole_until(known, held_us(s, job->job, job->demand, __builtin_ctzll(pools)));
}

static bool start_now(struct scheduler *s, const struct share_item *job, int64_t now_us)
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
static void plan(struct scheduler *s, const struct share_item *job, int64_t now_us)
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
    const struct slurm_queue *q = &((const struct slurm *)s->state)->queue;
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

/* Starts the first job of the queue, or sets it aside; counts the jobs that were tried. */
static void backfill_first(struct scheduler *s, int64_t now_us, int64_t *tried, bool *planned)
{
    struct slurm *q = s->state;
    struct reservation *r = &q->reservation;
    struct share_item job = slurm_queue_first(&q->queue)->item;
    enum limit_hold hold = slurm_queue_hold(&q->queue, s, &job);
    if (hold == HOLD_JOBS) {
        slurm_queue_pass(&q->queue);
        return;
    }
    ++*tried;
    if (hold == HOLD_NONE && start_now(s, &job, now_us)) {
        if (!slurm_queue_take(&q->queue, s)) s->failed = true;
        s->backfilled += *planned;
        return;
    }
    set_aside(s);
    if (hold != HOLD_NONE) return;
    if (!*planned) {
        r->head = job.job;
        r->head_demand = job.demand;
        reservation_make(s, r, now_us);
    }
    *planned = true;
    plan(s, &job, now_us);
}

static void backfill(struct scheduler *s, int64_t now_us)
{
    struct slurm *q = s->state;
    bool planned = false;
    for (int32_t k = 0; k < s->pool_n; k++)
        if (!profile_copy(&q->plan[k], &q->running[k])) s->failed = true;
    q->reservation.stands = false;
    q->pass++;
    slurm_queue_begin(&q->queue);
    /* A plan is there to keep later jobs from starting: where none of them could, it decides
     * nothing. */
    int64_t least = least_gpus(s), tried = 0;
    while (tried < q->max_job_test && slurm_queue_first(&q->queue) && !s->failed &&
           any_free(s, least, now_us))
        backfill_first(s, now_us, &tried, &planned);
    come_back(s);
    q->reservation.stands = false;
}

/* ---- when ---- */

/* Sets what is due, now or later, after an event or a new calculation of priorities. */
static void look_ahead(struct slurm *q, int64_t now_us)
{
    if (q->backfill_us == EVENT_NONE) q->backfill_us = round_up(now_us, q->interval_us);
    if (q->full_us == EVENT_NONE && (q->depth != WHOLE_QUEUE || q->delay_us > 0))
        q->full_us = round_up(now_us, q->sched_interval_us);
}

static void main_pass(struct scheduler *s, int64_t now_us)
{
    struct slurm *q = s->state;
    bool full = q->full_us <= now_us;
    if (q->asked && q->main_us == EVENT_NONE) {
        int64_t at_us = q->last_us + q->delay_us;
        q->main_us = at_us > now_us ? at_us : now_us;
    }
    if (full || q->delay_us == 0 || q->main_us <= now_us) {
        main_loop(s, now_us, full ? WHOLE_QUEUE : q->depth, false);
        q->last_us = now_us;
        q->main_us = EVENT_NONE;
        if (full) q->full_us = EVENT_NONE;
    } else if (q->comers < q->next) {
        main_loop(s, now_us, WHOLE_QUEUE, true);
    }
    q->asked = false;
    q->comers = q->next;
}

static int64_t earlier(int64_t a_us, int64_t b_us) { return a_us < b_us ? a_us : b_us; }

/* When a loop is due. */
static int64_t next_us(const struct slurm *q)
{
    return earlier(q->backfill_us, earlier(q->main_us, q->full_us));
}

/* ---- the engine ---- */

static void slurm_pass(struct scheduler *s, int64_t now_us)
{
    struct slurm *q = s->state;
    struct share_queue *shares = &q->queue.shares;
    bool weighs = q->queue.weighs, is_due = next_us(q) <= now_us;
    bool new_priorities = weighs && q->queue.n > 1 && share_queue_next_us(shares) <= now_us;
    if (weighs && !share_queue_advance(shares, s, now_us)) s->failed = true;
    for (int32_t k = 0; k < s->pool_n; k++) profile_advance(&q->running[k], now_us);
    /* A pass that a loop asked for is no event. */
    if (q->asked || new_priorities || !is_due) look_ahead(q, now_us);
    if (!s->failed) main_pass(s, now_us);
    if (q->backfill_us <= now_us) {
        if (q->queue.n > 0 && !s->failed) backfill(s, now_us);
        q->backfill_us = EVENT_NONE;
    }
    if (q->queue.n == 0) q->backfill_us = q->main_us = q->full_us = EVENT_NONE;
    s->wake_us = next_us(q);
    if (weighs && q->queue.n > 1) s->wake_us = earlier(s->wake_us, share_queue_next_us(shares));
}

static enum reject_reason slurm_refuse(struct scheduler *s, uint32_t job, uint32_t demand)
{
    const struct slurm_queue *q = &((const struct slurm *)s->state)->queue;
    return q->limited ? limits_refuse(&q->limits, job, gpus_of(s, demand)) : REJECT_N;
}

static bool demands_room(struct slurm *q, uint32_t demand)
{
    if (demand < q->demand_n) return true;
    uint32_t demand_n = 2 * demand + 64;
    struct no_hole *no_hole = realloc(q->no_hole, demand_n * sizeof *no_hole);
    if (!no_hole) return false;
    for (uint32_t d = q->demand_n; d < demand_n; d++) no_hole[d].pass = 0;
    q->no_hole = no_hole;
    q->demand_n = demand_n;
    return true;
}

static bool join(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    struct slurm *q = s->state;
    if (!demands_room(q, demand)) return false;
    q->asked = true;
    if (q->queue.limited) limits_submit(&q->queue.limits, job);
    if (q->queue.weighs && !share_queue_advance(&q->queue.shares, s, now_us)) return false;
    return slurm_queue_push(&q->queue, s, job, demand);
}

static bool slurm_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct slurm *q = s->state;
    q->next = job + 1;
    return join(s, job, demand, s->workload->submit_us[job]);
}

static bool slurm_submit_again(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    return join(s, job, demand, now_us);
}

/* What did not fit may fit now, and what is planned changes. */
static void slurm_node_changed(struct scheduler *s, int32_t pool, int sign, int64_t now_us)
{
    struct slurm *q = s->state;
    q->asked = true;
    q->ends++;
    if (!profile_add(&q->running[pool], now_us, INT64_MAX, sign * (int64_t)s->pools[pool].gpus))
        s->failed = true;
}

static void slurm_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct slurm *q = s->state;
    const struct running_job *j = &s->running->slots[slot];
    int64_t end = now_us + held_us(s, j->job, j->demand, j->pool);
    if (q->queue.limited) limits_start(&q->queue.limits, j->job, gpus_of(s, j->demand));
    if ((q->queue.weighs &&
         !share_queue_hold(&q->queue.shares, s, j->job, j->demand, +1, now_us)) ||
        !reservation_started(s, &q->reservation, slot, now_us) ||
        !profile_add(&q->running[j->pool], now_us, end, -scheduler_demand(s, j->demand)->gpus))
        s->failed = true;
}

static void slurm_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct slurm *q = s->state;
    const struct running_job *j = &s->running->slots[slot];
    int64_t end = j->start_us + held_us(s, j->job, j->demand, j->pool);
    int64_t gpus = gpus_left_by(s, slot);
    reservation_released(&q->reservation, slot, now_us);
    q->asked = true;
    q->ends++;
    if (q->queue.limited) limits_end(&q->queue.limits, j->job, gpus_of(s, j->demand));
    if ((q->queue.weighs &&
         !share_queue_hold(&q->queue.shares, s, j->job, j->demand, -1, now_us)) ||
        !profile_add(&q->running[j->pool], now_us, end, gpus))
        s->failed = true;
}

/* Its GPUs are not of the pool any more, neither while it holds them nor after that. */
static void slurm_runs_on(struct scheduler *s, uint32_t slot, int64_t gpus, int64_t now_us)
{
    struct slurm *q = s->state;
    const struct running_job *j = &s->running->slots[slot];
    int64_t end = j->start_us + held_us(s, j->job, j->demand, j->pool);
    if (!profile_add(&q->running[j->pool], now_us, end, gpus)) s->failed = true;
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
    q->backfill_us = q->main_us = q->full_us = EVENT_NONE;
    q->interval_us = option_or(o->interval_us, SLURM_INTERVAL_US);
    q->window_us = option_or(o->window_us, SLURM_WINDOW_US);
    q->resolution_us = option_or(o->resolution_us, SLURM_RESOLUTION_US);
    q->max_job_test = option_or(o->max_job_test, SLURM_MAX_JOB_TEST);
    q->depth = option_or(o->queue_depth, WHOLE_QUEUE);
    q->sched_interval_us = option_or(o->sched_interval_us, SLURM_SCHED_INTERVAL_US);
    q->delay_us = o->sched_delay_us;
    q->last_us = -q->delay_us;
    return slurm_queue_init(&q->queue, s) && profiles_init(s, &q->running) &&
           profiles_init(s, &q->plan) && reservation_init(&q->reservation);
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
    free(q->set_aside);
    free(q->no_hole);
    slurm_queue_free(&q->queue);
    reservation_free(&q->reservation);
}

const struct scheduler_engine engine_slurm_backfill = {
    .state_size = sizeof(struct slurm),
    .init = slurm_init,
    .free = slurm_free,
    .refuse = slurm_refuse,
    .submit = slurm_submit,
    .submit_again = slurm_submit_again,
    .pass = slurm_pass,
    .started = slurm_started,
    .released = slurm_released,
    .runs_on = slurm_runs_on,
    .node_changed = slurm_node_changed,
};
