/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scheduler: which waiting jobs start now, and where.
 *
 *      submit(job) --> engine's waiting jobs --> pass() --> placing_find --> start(job, pool,
 * pieces) release(slot) when a job ends                                         (the world's
 * callback)
 *
 * One pass is made after all events of an instant (models/clockwork.h has the other ways). The
 * rules live in an engine (engine.h), chosen by the queue order: strict.c, skip.c, easy.c,
 * conservative.c, slurm_backfill.c. What a pass costs depends on what changed: a pass after
 * arrivals alone looks at those arrivals; a strict order whose head is blocked looks at nothing
 * until something is released; orders in which jobs pass each other look once at each demand, never
 * at each job.
 *
 * A gang lies in one pool. Pools are tried in the order the fleet lists them.
 */
#ifndef MODELS_SCHEDULING_SCHEDULER_H
#define MODELS_SCHEDULING_SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

#include "models/reliability/fallback.h"
#include "models/scheduling/demand.h"
#include "models/scheduling/elasticity.h"
#include "models/scheduling/placing.h"
#include "models/scheduling/progress.h"
#include "models/scheduling/running.h"
#include "sim/events.h"
#include "sim/status.h"

/* Starts a job on the pieces, which are not yet taken; returns its running slot, RUNNING_NONE on
 * failure. */
typedef uint32_t scheduler_start_fn(void *world, uint32_t job, uint32_t demand, int32_t pool,
                                    const struct piece *pieces, int32_t piece_n);

/* Takes a running job off its nodes; its progress is up to date when it returns, its slot is free.
 */
typedef void scheduler_preempt_fn(void *world, uint32_t slot);

struct scheduler_engine;

struct scheduler {
    const struct workload *workload;
    const struct queue_order *order;
    const struct backfill_options *backfill;
    const struct timing_options *timing;
    enum predictor_rule predictor;
    const struct share_options *share;
    enum tie_rule ties;
    enum victim_rule victims;
    const struct level_options *levels;
    const struct restart_options *restart;
    const struct round_options *rounds;
    const struct quota_spec *quota; /* NULL: none are given */
    const struct permit_options *permit;
    const struct elasticity *elasticity; /* the world's, NULL where jobs have what they ask for */
    const struct limit_options *limits;
    struct placing placing;
    struct pool *pools;
    int32_t pool_n;
    struct demand_table *demands;
    struct running *running;
    scheduler_start_fn *start;
    scheduler_preempt_fn *preempt;
    const struct progress *progress; /* by job; the world's, NULL where no job is ever stopped */
    void *world;
    struct piece *pieces; /* scratch for one placement */
    size_t piece_capacity;

    int64_t waiting_n;
    int64_t backfilled; /* jobs started ahead of one that was before them in the queue */
    int64_t gang_timeouts, timeouts_in_row; /* gangs that gave up; since a start, end or arrival */
    __int128 half_milli_us;                 /* GPU time held by gangs that had not all their pods */
    bool released;                          /* since the last pass */
    bool job_fails;  /* while the engine is told of a release: the job has not ended */
    int64_t wake_us; /* the engine wants a pass then, whatever happens; EVENT_NONE = it does not */
    bool failed;     /* out of memory; the world gives up */
    const char *broken; /* failed for another reason: a bug, in words; NULL */

    const struct scheduler_engine *engine;
    void *state; /* the engine's */
};

enum status scheduler_init(struct scheduler *s, const struct workload *workload,
                           const struct scheduler_spec *spec, const struct placing *placing,
                           struct pool *pools, int32_t pool_n, struct demand_table *demands,
                           struct running *running, scheduler_start_fn *start,
                           scheduler_preempt_fn *preempt, const struct progress *progress,
                           const struct elasticity *elasticity, void *world, struct error *err);
void scheduler_free(struct scheduler *s);

/* Why a job whose demand fits some pool can still never run; REJECT_N where it can. */
enum reject_reason scheduler_refuse(struct scheduler *s, uint32_t job, uint32_t demand);
/* A job arrives that is not refused. Jobs come in order of number. */
void scheduler_submit(struct scheduler *s, uint32_t job, uint32_t demand);
/* The job of a running slot ends; call after its pieces are given back, before running_remove. */
void scheduler_release(struct scheduler *s, uint32_t slot, int64_t now_us);
/* The same for a job that has lost a node, while what it was expected to hold is as it was. */
void scheduler_release_failed(struct scheduler *s, uint32_t slot, int64_t now_us);
/* It waits again, in its old place, with its progress up to date. */
void scheduler_submit_again(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us);
/* A waiting job waits no more; only where the engine can let it go. */
void scheduler_withdraw(struct scheduler *s, uint32_t job, uint32_t demand);
/* Whether jobs of the order can have other pools than they came with (fallback.h). */
bool scheduler_can_fall_back(const struct queue_order *order, enum fallback_rule rule);
/* Whether jobs of the order can run on on nodes that take no others. */
bool scheduler_can_cordon(const struct queue_order *order);
/* A node of a pool goes: nothing may be left on it but running jobs, and those are told of one by
 * one, with the GPUs that they have there. Then, that it has gone (-1); that one is back (+1). */
void scheduler_runs_on(struct scheduler *s, uint32_t slot, int64_t gpus, int64_t now_us);
void scheduler_node_leaves(struct scheduler *s, int32_t pool, int32_t node, int64_t now_us);
void scheduler_node_changed(struct scheduler *s, int32_t pool, int sign, int64_t now_us);
/* One pass at now_us. Check s->failed after it. In it the engine may set wake_us, to a later time:
 * only while jobs wait or run, so that no timer keeps a world alive. */
void scheduler_pass(struct scheduler *s, int64_t now_us);
/* Starts the job at once where it fits now, past all that wait: for replays of a recorded schedule,
 * whose waiting jobs the world keeps. */
bool scheduler_try(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us);
/* Room for all pieces the demand can have in any pool; false on lack of memory. */
bool scheduler_pieces_room(struct scheduler *s, uint32_t demand);

/* How fast a demand is on a pool. */
static inline double speed_on(const struct demand_entry *d, int32_t pool)
{
    return d->speed ? d->speed[pool] : 1.0;
}

/* Reference time / speed, to the nearest microsecond. At most half of what 63 bits hold, so that it
 * can be added to any time of a run. */
static inline int64_t time_at_speed(int64_t reference_us, double speed)
{
    const int64_t most = INT64_MAX / 2;
    if (speed == 1.0) return reference_us;
    double us = (double)reference_us / speed + 0.5;
    return us < (double)most ? (int64_t)us : most;
}

/* Run time or limit of a demand on a pool. */
static inline int64_t scaled_us(const struct demand_entry *d, int32_t pool, int64_t reference_us)
{
    return time_at_speed(reference_us, speed_on(d, pool));
}

/* The sizes that a job may have: its own, else those of its class; `asked` is the demand of what it
 * asks for. A part of a GPU is not sized. */
static inline struct size_range sizes_of(const struct elasticity *elasticity,
                                         const struct workload *workload, uint32_t job,
                                         const struct demand_entry *asked)
{
    int64_t gpus = asked->demand.gpus;
    if (asked->fractional) return (struct size_range){ gpus, gpus };
    struct size_range sizes = elasticity_range(elasticity, workload->class_[job], gpus);
    if (workload->min_gpus[job]) sizes.least = workload->min_gpus[job];
    if (workload->max_gpus[job]) sizes.most = workload->max_gpus[job];
    return sizes;
}

/* How long a job holds its GPUs if it starts on a pool now and is not stopped. */
static inline int64_t stretch_us(const struct demand_entry *d, int32_t pool,
                                 const struct progress *progress,
                                 const struct restart_options *restart)
{
    int64_t run_us = time_at_speed(progress->left_us, speed_on(d, pool) * progress->pace);
    return progress->owed_us + run_us + progress_writes_us(restart, d->demand.gpus, run_us);
}

#endif
