/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounds: the mechanism of Gavel (Narayanan et al., OSDI'20), section 5. At multiples of a round
 *
 *      shares      of each job on each pool, by the policy (shares.h), anew where jobs came or went
 *                  since and the last ones are old enough
 *      priority    share / time received since the last shares, by job and pool
 *      greedy      pool by pool, in order of priority: a job that is in no pool yet is taken where
 *                  the GPUs left are enough, and passed over where they are not
 *      then        running jobs that were not taken where they run are preempted; those taken start
 *
 * Between two rounds nothing starts: what a job that ends leaves is idle until the round is over.
 * Equal priorities go to the larger time still owed from earlier shares, then to the larger share,
 * then to who came first. A job without a share of a pool is taken there last, but by fifo, where
 * it is not. Half a round counts as received from the beginning, as in Gavel's simulator, so that a
 * new job's priority is its share over something. CPU jobs have no share; they are taken last, in
 * order of arrival, for the first pool that has them.
 *
 * Only GPUs are counted: where a job finds no place on the nodes it waits for the next round. A
 * round costs O(jobs x pools x log jobs) for jobs in the system, and the policy when it is due.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/pricing/bill.h"
#include "models/scheduling/engine.h"
#include "models/scheduling/shares.h"

struct active {
    uint32_t job, demand, slot; /* slot RUNNING_NONE: it waits */
    int32_t pool, next_pool;    /* where it runs; where it will in this round, -1 = nowhere */
    bool gone;
};

/* Whole numbers, so that equal is equal: shares in millionths, times received in half microseconds,
 * time owed in millionths of half a microsecond. */
struct contender {
    int64_t share, received;
    __int128 owed;
    uint32_t active;
};

struct rounds {
    struct active *active;     /* in order of arrival */
    int64_t *share, *received; /* [active][pool], this and the next two */
    __int128 *owed;
    double *speed;
    struct share_job *jobs;        /* scratch, by active */
    double *job_speed, *job_share; /* scratch, [job][pool] */
    struct contender *contenders;  /* scratch, by active */
    uint32_t n, capacity, gone_n;
    uint32_t *at; /* by slot: index in active */
    uint32_t at_capacity;
    double *pool_gpu;   /* [pool] */
    double *pool_price; /* [pool] of a GPU, micro-dollars an hour */
    uint32_t starting;
    bool changed;                        /* jobs came or went since the last shares */
    int64_t next_us, seen_us, shares_us; /* the next round, the last one, the last shares; or
                                            EVENT_NONE, none yet */
};

static int64_t round_us(const struct scheduler *s)
{
    return option_or(s->rounds->round_us, ROUND_US);
}

static int64_t shares_every_us(const struct scheduler *s)
{
    return option_or(s->rounds->shares_us, ROUND_SHARES_US);
}

/* An hour of a GPU that works, as a job is billed for it; at least a micro-dollar. */
static double price_of_gpu(const struct pool_spec *pool)
{
    if (pool->type.gpus == 0) return 1;
    struct purchase mean = pool->purchase;
    mean.prices = NULL;
    int64_t usd_micro = bill_job_usd_micro(&mean, pool->type.gpus, GPU_WHOLE, 0, US_PER_HOUR);
    return usd_micro > 1 ? (double)usd_micro : 1;
}

static bool rounds_init(struct scheduler *s)
{
    struct rounds *r = s->state;
    r->next_us = r->seen_us = r->shares_us = EVENT_NONE;
    r->pool_gpu = calloc((size_t)s->pool_n, sizeof *r->pool_gpu);
    r->pool_price = calloc((size_t)s->pool_n, sizeof *r->pool_price);
    if (!r->pool_gpu || !r->pool_price) return false;
    for (int32_t p = 0; p < s->pool_n; p++) {
        r->pool_gpu[p] = (double)s->pools[p].node_n * s->pools[p].gpus;
        r->pool_price[p] = price_of_gpu(&s->demands->fleet->pools[p]);
    }
    return true;
}

static void rounds_free(struct scheduler *s)
{
    struct rounds *r = s->state;
    void *const owned[] = { r->active, r->share,      r->received,  r->owed,
                            r->speed,  r->jobs,       r->job_speed, r->job_share,
                            r->at,     r->contenders, r->pool_gpu,  r->pool_price };
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
}

static bool resized(void *array, size_t bytes)
{
    void **at = array, *grown = realloc(*at, bytes);
    if (grown) *at = grown;
    return grown != NULL;
}

static bool room_for_one(struct scheduler *s)
{
    struct rounds *r = s->state;
    if (r->n < r->capacity) return true;
    uint32_t capacity = r->capacity ? 2 * r->capacity : 64;
    size_t n = (size_t)capacity * (size_t)s->pool_n, cells = n * sizeof(double);
    if (!resized(&r->active, capacity * sizeof *r->active) ||
        !resized(&r->share, n * sizeof *r->share) ||
        !resized(&r->received, n * sizeof *r->received) ||
        !resized(&r->owed, n * sizeof *r->owed) || !resized(&r->speed, cells) ||
        !resized(&r->job_speed, cells) || !resized(&r->job_share, cells) ||
        !resized(&r->jobs, capacity * sizeof *r->jobs) ||
        !resized(&r->contenders, capacity * sizeof *r->contenders))
        return false;
    r->capacity = capacity;
    return true;
}

static bool rounds_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct rounds *r = s->state;
    const struct demand_entry *d = &s->demands->entries[demand];
    if (!room_for_one(s)) return false;
    if (r->gone_n == r->n) r->next_us = EVENT_NONE; /* the system was empty */
    for (int32_t p = 0; p < s->pool_n; p++) {
        size_t i = (size_t)r->n * (size_t)s->pool_n + (size_t)p;
        bool can = d->demand.pools >> p & 1;
        r->share[i] = 0;
        r->owed[i] = 0;
        r->received[i] = round_us(s);
        r->speed[i] = !can ? 0 : d->speed ? d->speed[p] : 1;
    }
    r->active[r->n++] = (struct active){ job, demand, RUNNING_NONE, -1, -1, false };
    r->changed = true;
    return true;
}

static void rounds_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct rounds *r = s->state;
    (void)now_us;
    if (!s->progress) return; /* a recorded schedule is replayed */
    if (slot >= r->at_capacity) {
        uint32_t capacity = slot < 32 ? 64 : 2 * slot;
        if (!resized(&r->at, capacity * sizeof *r->at)) {
            s->failed = true;
            return;
        }
        r->at_capacity = capacity;
    }
    r->at[slot] = r->starting;
    r->active[r->starting].slot = slot;
    r->active[r->starting].pool = s->running->slots[slot].pool;
}

/* What a job that runs has received of its pool since the last shares. */
static int64_t *received_of(struct scheduler *s, uint32_t i)
{
    struct rounds *r = s->state;
    return &r->received[(size_t)i * (size_t)s->pool_n + (size_t)r->active[i].pool];
}

static void rounds_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct rounds *r = s->state;
    if (!s->progress) return;
    struct active *a = &r->active[r->at[slot]];
    if (s->job_fails) {
        *received_of(s, r->at[slot]) += 2 * (now_us - r->seen_us);
        a->slot = RUNNING_NONE;
        a->pool = -1;
        return;
    }
    a->gone = true;
    r->gone_n++;
    r->changed = true;
}

/* It has kept its shares, and what it is owed. */
static bool rounds_submit_again(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us)
{
    (void)s, (void)job, (void)demand, (void)now_us;
    return true;
}

/* ---- a round ---- */

static void move_row(void *rows, uint32_t to, uint32_t from, size_t bytes)
{
    char *at = rows;
    if (to != from) memcpy(at + to * bytes, at + from * bytes, bytes);
}

static void forget_gone(struct scheduler *s)
{
    struct rounds *r = s->state;
    size_t width = (size_t)s->pool_n;
    uint32_t kept = 0;
    for (uint32_t i = 0; r->gone_n > 0 && i < r->n; i++) {
        if (r->active[i].gone) continue;
        move_row(r->share, kept, i, width * sizeof *r->share);
        move_row(r->received, kept, i, width * sizeof *r->received);
        move_row(r->owed, kept, i, width * sizeof *r->owed);
        move_row(r->speed, kept, i, width * sizeof *r->speed);
        r->active[kept] = r->active[i];
        if (r->active[kept].slot != RUNNING_NONE) r->at[r->active[kept].slot] = kept;
        kept++;
    }
    if (r->gone_n > 0) r->n = kept;
    r->gone_n = 0;
}

/* The time since the last round is received by those that ran in it. */
static void receive(struct scheduler *s, int64_t now_us)
{
    struct rounds *r = s->state;
    for (uint32_t i = 0; i < r->n; i++)
        if (r->active[i].slot != RUNNING_NONE) *received_of(s, i) += 2 * (now_us - r->seen_us);
}

/* Work left now, also of a job that runs. */
static double left_us(const struct scheduler *s, const struct active *a, int64_t now_us)
{
    if (a->slot == RUNNING_NONE) return (double)s->progress[a->job].left_us;
    struct stretch stretch = stretch_of(s, a->slot);
    return (double)work_left_us(s, &stretch, now_us);
}

static bool new_shares(struct scheduler *s, int64_t now_us)
{
    struct rounds *r = s->state;
    size_t width = (size_t)s->pool_n, row = width * sizeof *r->speed;
    struct share_problem q = { 0,           s->pool_n,     r->jobs,     r->job_speed,
                               r->pool_gpu, r->pool_price, r->job_share };
    for (uint32_t i = 0; i < r->n; i++) {
        const struct active *a = &r->active[i];
        if (gpus_of(s, a->demand) == 0) continue;
        r->jobs[q.job_n] =
            (struct share_job){ a->demand, gpus_of(s, a->demand), left_us(s, a, now_us),
                                (double)(now_us - s->workload->submit_us[a->job]) };
        memcpy(r->job_speed + q.job_n++ * width, r->speed + i * width, row);
    }
    enum status status = shares_find(s->order->rank, &q);
    if (status == STATUS_BUG) s->broken = "GLPK found no shares of the pools that are best";
    if (status != STATUS_OK) return false;
    int64_t elapsed = r->shares_us == EVENT_NONE ? 0 : 2 * (now_us - r->shares_us);
    for (uint32_t i = 0, j = 0; i < r->n; i++) {
        bool has = gpus_of(s, r->active[i].demand) > 0;
        for (size_t k = i * width; k < (i + 1) * width; k++) {
            r->owed[k] += (__int128)r->share[k] * elapsed -
                          (__int128)(r->received[k] - round_us(s)) * 1000000;
            r->received[k] = round_us(s);
            if (has) r->share[k] = llround(r->job_share[j * width + k - i * width] * 1e6);
        }
        j += has;
    }
    r->shares_us = now_us;
    r->changed = false;
    return true;
}

static int compare_contenders(const void *x, const void *y)
{
    const struct contender *a = x, *b = y;
    __int128 x_first = (__int128)a->share * b->received, y_first = (__int128)b->share * a->received;
    if (x_first != y_first) return x_first > y_first ? -1 : 1;
    if (a->owed != b->owed) return a->owed > b->owed ? -1 : 1;
    if (a->share != b->share) return a->share > b->share ? -1 : 1;
    return (a->active > b->active) - (a->active < b->active);
}

/* What of the pool's GPUs the job would have there: where it runs it has what it has. */
static int64_t gpus_taken(const struct scheduler *s, const struct active *a, int32_t pool)
{
    return a->slot != RUNNING_NONE && a->pool == pool ? gpus_left_by(s, a->slot)
                                                      : gpus_of(s, a->demand);
}

static void take_in_pool(struct scheduler *s, int32_t pool)
{
    struct rounds *r = s->state;
    uint32_t n = 0;
    int64_t room = (int64_t)s->pools[pool].up_n * s->pools[pool].gpus;
    for (uint32_t i = 0; i < r->n; i++) {
        size_t k = (size_t)i * (size_t)s->pool_n + (size_t)pool;
        bool none = s->order->rank == RANK_SHARES_FIFO && r->share[k] <= 0;
        if (r->active[i].next_pool >= 0 || r->speed[k] <= 0 || none) continue;
        if (gpus_of(s, r->active[i].demand) == 0) continue;
        r->contenders[n++] = (struct contender){ r->share[k], r->received[k], r->owed[k], i };
    }
    qsort(r->contenders, n, sizeof *r->contenders, compare_contenders);
    for (uint32_t i = 0; i < n; i++) {
        struct active *a = &r->active[r->contenders[i].active];
        int64_t gpus = gpus_taken(s, a, pool);
        if (gpus > room) continue;
        room -= gpus;
        a->next_pool = pool;
    }
}

static void take_cpu_jobs(struct scheduler *s)
{
    struct rounds *r = s->state;
    for (uint32_t i = 0; i < r->n; i++) {
        struct active *a = &r->active[i];
        if (gpus_of(s, a->demand) > 0) continue;
        a->next_pool = a->pool;
        for (int32_t p = 0; p < s->pool_n && a->next_pool < 0; p++)
            if (scheduler_fits(s, a->demand, UINT64_C(1) << p)) a->next_pool = p;
    }
}

static void change_places(struct scheduler *s, int64_t now_us)
{
    struct rounds *r = s->state;
    for (uint32_t i = 0; i < r->n; i++) {
        struct active *a = &r->active[i];
        if (a->slot == RUNNING_NONE || a->pool == a->next_pool) continue;
        s->preempt(s->world, a->slot);
        s->waiting_n++;
        a->slot = RUNNING_NONE;
        a->pool = -1;
    }
    for (uint32_t i = 0; i < r->n && !s->failed; i++) {
        const struct active *a = &r->active[i];
        r->starting = i;
        if (a->slot == RUNNING_NONE && a->next_pool >= 0)
            scheduler_place_in(s, a->job, a->demand, a->next_pool, now_us);
    }
}

static void one_round(struct scheduler *s, int64_t now_us)
{
    struct rounds *r = s->state;
    forget_gone(s);
    if (r->n == 0) return;
    receive(s, now_us);
    bool old_enough = r->shares_us == EVENT_NONE || now_us - r->shares_us >= shares_every_us(s);
    if (r->changed && old_enough && !new_shares(s, now_us)) {
        s->failed = true;
        return;
    }
    for (uint32_t i = 0; i < r->n; i++) r->active[i].next_pool = -1;
    for (int32_t p = 0; p < s->pool_n; p++) take_in_pool(s, p);
    take_cpu_jobs(s);
    change_places(s, now_us);
    r->seen_us = now_us;
}

static void rounds_pass(struct scheduler *s, int64_t now_us)
{
    struct rounds *r = s->state;
    int64_t late_us = now_us % round_us(s), next_us = now_us - late_us + round_us(s);
    if (r->gone_n == r->n) return;
    if (r->next_us == EVENT_NONE) r->next_us = late_us || r->seen_us == now_us ? next_us : now_us;
    if (now_us >= r->next_us) {
        one_round(s, now_us);
        r->next_us = next_us;
    }
    /* On one pool where nobody waits nothing would change. */
    if (s->waiting_n == 0 && s->pool_n == 1) r->next_us = EVENT_NONE;
    s->wake_us = r->next_us;
}

const struct scheduler_engine engine_rounds = {
    .state_size = sizeof(struct rounds),
    .init = rounds_init,
    .free = rounds_free,
    .submit = rounds_submit,
    .submit_again = rounds_submit_again,
    .pass = rounds_pass,
    .started = rounds_started,
    .released = rounds_released,
    .moves_running = true,
};
