/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the scheduler: an engine keeps the jobs that wait and decides which of them start.
 *
 *      engine_strict   one queue in order of a key; a head that does not fit blocks     strict.c
 *      engine_skip     every job that fits starts, in order of a key                    skip.c
 *      engine_easy     strict, with a reservation for the head that others must respect easy.c
 *      engine_conservative   every waiting job has a promised start             conservative.c
 *      engine_slurm_backfill  strict; now and then plans a start for many       slurm_backfill.c
 *      engine_qssf     strict, in order of the service that is predicted         qssf.c
 *      engine_multifactor, engine_fair_share, engine_drf   strict, and          share.c
 *      engine_fair_share_skip, engine_drf_skip   skipping, in an order that changes with use
 *      engine_rank     all jobs in order of rank, those that run too: the last are preempted rank.c
 *      engine_evict    strict; a head that does not fit stops jobs of lower priority  evict.c
 *      engine_rounds   jobs have shares of pools; each round, who is furthest behind runs  rounds.c
 *      engine_elastic  jobs are given more GPUs, or fewer, while they run  elastic.c
 *      engine_coscheduling  pod after pod; those of a gang wait for each other  coscheduling.c
 *      engine_kueue    quotas of ClusterQueues and cohorts, borrowed and reclaimed  kueue.h
 *
 * An engine is stateless; what it knows of one world is in scheduler.state. Only files of
 * scheduling/ include this.
 */
#ifndef MODELS_SCHEDULING_ENGINE_H
#define MODELS_SCHEDULING_ENGINE_H

#include "models/scheduling/scheduler.h"

/* What the order of jobs goes by that depends on whose they are; share_queue.h. */
enum share_by { SHARE_NONE, SHARE_MULTIFACTOR, SHARE_FAIR, SHARE_DRF };

struct scheduler_engine {
    size_t state_size;                 /* of the engine's state, given to it zeroed */
    bool (*init)(struct scheduler *s); /* false: no memory; free is called then, too */
    void (*free)(struct scheduler *s); /* what the state owns, not the state itself */
    /* Why a job whose demand fits some pool can still never run, REJECT_N where it can. NULL: all
     * can. */
    enum reject_reason (*refuse)(struct scheduler *s, uint32_t job, uint32_t demand);
    bool (*submit)(struct scheduler *s, uint32_t job, uint32_t demand); /* false: no memory */
    /* The same for a job that ran, and was told to have been released; NULL: as any. */
    bool (*submit_again)(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us);
    /* A waiting job goes; NULL: it cannot. */
    void (*withdraw)(struct scheduler *s, uint32_t job, uint32_t demand);
    void (*pass)(struct scheduler *s, int64_t now_us);
    /* Told of every start and end; may be NULL. A start that cannot be noted sets s->failed. */
    void (*started)(struct scheduler *s, uint32_t slot, int64_t now_us);
    void (*released)(struct scheduler *s, uint32_t slot, int64_t now_us);
    /* A job runs on where a node goes, and nobody has those of its GPUs after it; may be NULL. */
    void (*runs_on)(struct scheduler *s, uint32_t slot, int64_t gpus, int64_t now_us);
    /* What the engine keeps of nodes; may be NULL: it keeps nothing. */
    void (*node_leaves)(struct scheduler *s, int32_t pool, int32_t node, int64_t now_us);
    void (*node_changed)(struct scheduler *s, int32_t pool, int sign, int64_t now_us);
    enum share_by share;
    bool passes_over;   /* share.c: jobs that do not fit, in place of waiting for them */
    bool by_pod;        /* gangs lie where their pods do, not as the gang rule says */
    bool moves_running; /* passes are made, and may be asked for, while jobs only run, too */
};

extern const struct scheduler_engine engine_strict, engine_skip, engine_easy, engine_conservative,
    engine_slurm_backfill, engine_rank, engine_evict, engine_rounds, engine_qssf,
    engine_multifactor, engine_fair_share, engine_fair_share_skip, engine_drf, engine_drf_skip,
    engine_kueue, engine_coscheduling, engine_elastic;

/* Looks for room in one pool and starts the job there. true also where the start failed
 * (s->failed). */
bool scheduler_place_in(struct scheduler *s, uint32_t job, uint32_t demand, int32_t pool,
                        int64_t now_us);
/* Starts the job on pieces that were found. */
void scheduler_start_on(struct scheduler *s, uint32_t job, uint32_t demand, int32_t pool,
                        const struct piece *pieces, int32_t n, int64_t now_us);
/* Whether the demand fits one of the pools (bits) now. */
bool scheduler_fits(struct scheduler *s, uint32_t demand, uint64_t pools);
/* On paper: a running job gives back all that it holds (+1), or has it again (-1). */
void scheduler_give_back(struct scheduler *s, uint32_t slot, int sign);

static inline const struct demand *scheduler_demand(const struct scheduler *s, uint32_t demand)
{
    return &s->demands->entries[demand].demand;
}

static inline int64_t gpus_of(const struct scheduler *s, uint32_t demand)
{
    return scheduler_demand(s, demand)->gpus;
}

/* What others may have of a running job's GPUs after it: not those on nodes that go with it. */
static inline int64_t gpus_left_by(const struct scheduler *s, uint32_t slot)
{
    const struct running_job *j = &s->running->slots[slot];
    const struct pool *p = &s->pools[j->pool];
    int64_t gpus = gpus_of(s, j->demand);
    if (gpus == 0 || p->up_n == p->node_n) return gpus;
    const struct piece *pieces = running_pieces(s->running, slot);
    for (int32_t i = 0; i < j->piece_n; i++)
        if (!pool_node_is_up(p, pieces[i].node)) gpus -= pieces[i].gpus;
    return gpus;
}

/* What a job's work goes by while it runs on. */
struct stretch {
    int64_t start_us, left_us, owed_us, gpus;
    double speed;
};

static inline struct stretch stretch_of(const struct scheduler *s, uint32_t slot)
{
    const struct running_job *j = &s->running->slots[slot];
    const struct progress *p = &s->progress[j->job];
    return (struct stretch){ j->start_us, p->left_us, p->owed_us, gpus_of(s, j->demand),
                             speed_on(&s->demands->entries[j->demand], j->pool) * p->pace };
}

/* The work that it has left at a time, whether or not it is in a checkpoint. */
static inline int64_t work_left_us(const struct scheduler *s, const struct stretch *r,
                                   int64_t at_us)
{
    int64_t done = progress_work_us(
        progress_done_us(s->restart, r->gpus, r->owed_us, at_us - r->start_us), r->speed);
    return done < r->left_us ? r->left_us - done : 0;
}

/* How long a waiting job would hold its GPUs, on the reference GPU: with the restart that it owes
 * and its checkpoints, which take there what they take everywhere. */
static inline int64_t left_to_hold_us(const struct scheduler *s, uint32_t job)
{
    if (!s->progress) return s->workload->run_us[job];
    const struct progress *p = &s->progress[job];
    int64_t gpus = (s->workload->gpu_milli[job] + GPU_WHOLE - 1) / GPU_WHOLE;
    return p->owed_us + p->left_us + progress_writes_us(s->restart, gpus, p->left_us);
}

/* What the scheduler believes the job will run for, on the reference GPU; a limit is for each time
 * that it starts. At most half of what 63 bits hold. */
static inline int64_t estimate_us(const struct scheduler *s, uint32_t job)
{
    const struct workload *w = s->workload;
    const struct backfill_options *o = s->backfill;
    bool is_limit = o->estimates == ESTIMATES_LIMITS && w->limit_us[job] >= 0;
    int64_t us = is_limit ? w->limit_us[job] : left_to_hold_us(s, job);
    if (o->estimate_ppm == 0 || o->estimate_ppm == 1000000) return us;
    __int128 scaled = (__int128)us * o->estimate_ppm / 1000000;
    return scaled < INT64_MAX / 2 ? (int64_t)scaled : INT64_MAX / 2;
}

/* What a profile takes the job to hold the pool for: something, and an eighth of what 63 bits hold
 * at most, so that now and it can be added. */
static inline int64_t held_us(const struct scheduler *s, uint32_t job, uint32_t demand,
                              int32_t pool)
{
    int64_t us = scaled_us(&s->demands->entries[demand], pool, estimate_us(s, job));
    return us < 1 ? 1 : us > INT64_MAX / 8 ? INT64_MAX / 8 : us;
}

/* GPU time, in thousandths of a GPU-microsecond; beyond 292 GPU-years all are alike. */
static inline int64_t service_of(int64_t us, int64_t gpu_milli)
{
    __int128 service = (__int128)us * gpu_milli / 1000;
    return service > INT64_MAX ? INT64_MAX : (int64_t)service;
}

/* The job's place in the order: smaller first, ties by number. */
static inline int64_t order_key(const struct scheduler *s, uint32_t job)
{
    return s->order->key ? s->order->key(s->workload, job) : 0;
}

#endif
