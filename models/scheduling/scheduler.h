/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scheduler: which waiting jobs start now, and where.
 *
 *      submit(job) --> waiting jobs --> pass() --> placing_find --> start(job, pool, pieces)
 *      release(slot) when a job ends                                  (the world's callback)
 *
 * One pass is made after all events of an instant. What a pass costs depends on what changed: a
 * pass after arrivals alone looks at those arrivals; a strict order whose head is blocked looks at
 * nothing until something is released; orders in which jobs pass each other look once at each
 * demand, never at each job.
 *
 * EASY (one reservation, for the head):
 *   shadow time  the earliest instant at which the blocked head fits, if every running job ends
 * when expected: start + the user's time limit, or + the run time where the trace has none. A job
 * past its limit is expected to end now. reservation  nodes for the head at that instant, chosen so
 * that as little as possible of what is free now is withheld: nodes that running jobs leave by then
 * first. It stands until a job ends at another time than expected or the shadow time has passed.
 *   backfill     a later job starts now if it fits now and either is expected to end by the shadow
 * time, or leaves the head's nodes, as they will be at the shadow time, enough for the head. On one
 * node this is the classic rule (now + limit <= shadow or GPUs <= extra); on many it is stricter,
 * as Slurm's is: named nodes are kept, though others might do by then. Jobs are looked at in order
 * of arrival. Source: Mu'alem and Feitelson 2001, section 2.
 *
 * A gang lies in one pool. Pools are tried in the order the fleet lists them.
 */
#ifndef MODELS_SCHEDULING_SCHEDULER_H
#define MODELS_SCHEDULING_SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

#include "models/scheduling/demand.h"
#include "models/scheduling/placing.h"
#include "models/scheduling/running.h"
#include "models/scheduling/waiting.h"
#include "sim/events.h"
#include "sim/status.h"

/* Starts a job on the pieces, which are not yet taken; returns its running slot, RUNNING_NONE on
 * failure. */
typedef uint32_t scheduler_start_fn(void *world, uint32_t job, uint32_t demand, int32_t pool,
                                    const struct piece *pieces, int32_t piece_n);

/* A node the blocked head will take, and what will be left on it for others at the shadow time. */
struct reserved {
    int32_t node;
    struct share left;
    struct share held; /* of what is free now, kept from jobs that would outlast the shadow time */
};

/* A node that running jobs leave by the shadow time, and its GPUs that are free already. */
struct leaving {
    int32_t node, now;
};

/* The waiting jobs of one demand, and what one pass knows of it. */
struct demand_line {
    struct waiting_line line;
    uint32_t active_at; /* index in scheduler.active, UINT32_MAX where nothing waits */
    uint32_t candidate; /* position of its next job to try in this pass */
    bool fits_short, fits_long;
};

struct scheduler {
    const struct workload *workload;
    const struct queue_order *order;
    struct placing placing;
    struct pool *pools;
    int32_t pool_n;
    struct demand_table *demands;
    struct running *running;
    scheduler_start_fn *start;
    void *world;
    struct piece *pieces; /* scratch for one placement */
    size_t piece_capacity;

    int64_t waiting_n;
    int64_t backfilled;
    bool released; /* since the last pass */
    bool failed;   /* out of memory; the world gives up */

    struct waiting_heap heap; /* strict orders */
    uint32_t blocked;         /* the head that did not fit, WAITING_NONE */

    struct demand_line *lines; /* by demand number */
    uint32_t line_n, line_capacity;
    uint32_t *active; /* demands with waiting jobs, in no particular order */
    uint32_t active_n;
    struct waiting_job *fresh; /* arrivals since the last pass: job, demand, position in the line */
    uint32_t fresh_n, fresh_capacity;

    struct events expected; /* EASY: expected end by running slot */
    bool has_reservation;
    uint32_t head, head_demand;
    int64_t shadow_us;
    int32_t reserved_pool, reserved_n;
    struct reserved *reserved;
    size_t reserved_capacity;
    struct leaving *leaving;
    size_t leaving_n, leaving_capacity;
    uint32_t *walk; /* slots released on paper, with their expected ends */
    int64_t *walk_end;
    size_t walk_capacity;
};

enum status scheduler_init(struct scheduler *s, const struct workload *workload,
                           const struct scheduler_spec *spec, const struct placing *placing,
                           struct pool *pools, int32_t pool_n, struct demand_table *demands,
                           struct running *running, scheduler_start_fn *start, void *world,
                           struct error *err);
void scheduler_free(struct scheduler *s);

/* A job arrives; its demand fits some pool. Jobs come in order of number. */
void scheduler_submit(struct scheduler *s, uint32_t job, uint32_t demand);
/* The job of a running slot ends; call after its pieces are given back, before running_remove. */
void scheduler_release(struct scheduler *s, uint32_t slot, int64_t now_us);
/* One pass at now_us. Check s->failed after it. */
void scheduler_pass(struct scheduler *s, int64_t now_us);

/* Run time or limit of a demand on a pool: reference time / speed, to the nearest microsecond. At
 * most half of what 63 bits hold, so that it can be added to any time of a run. */
static inline int64_t scaled_us(const struct demand_entry *d, int32_t pool, int64_t reference_us)
{
    const int64_t most = INT64_MAX / 2;
    if (!d->speed || d->speed[pool] == 1.0) return reference_us;
    double us = (double)reference_us / d->speed[pool] + 0.5;
    return us < (double)most ? (int64_t)us : most;
}

/* What the scheduler believes the job will run for, on the reference GPU. */
static inline int64_t estimate_us(const struct workload *w, uint32_t job)
{
    return w->limit_us[job] >= 0 ? w->limit_us[job] : w->run_us[job];
}

/* For the parts of the scheduler (pass_*.c, easy.c, reservation.c) only. */
bool scheduler_try(struct scheduler *s, uint32_t job, uint32_t demand, int64_t now_us);
bool scheduler_place_in(struct scheduler *s, uint32_t job, uint32_t demand, int32_t pool,
                        int64_t now_us);
bool scheduler_fits(struct scheduler *s, uint32_t demand, uint64_t pools);
bool scheduler_pieces_room(struct scheduler *s, uint32_t demand);
void scheduler_line_remove(struct scheduler *s, uint32_t demand, uint32_t position);
void pass_skip(struct scheduler *s, int64_t now_us);
void pass_easy(struct scheduler *s, int64_t now_us);
/* Reserves for s->head: sets the shadow time and the reserved nodes. has_reservation stays false
 * where the head fits no state of the fleet that is known to come. */
void reservation_make(struct scheduler *s, int64_t now_us);
/* Hides from placements what jobs that outlast the shadow time must not take; lift shows it again.
 */
void reservation_hold(struct scheduler *s);
void reservation_lift(struct scheduler *s);
/* Counts a started job that outlasts the shadow time against what is left on the head's nodes. */
void reservation_spend(struct scheduler *s, uint32_t demand, const struct piece *pieces, int32_t n);

#endif
