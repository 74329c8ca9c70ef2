/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EASY backfill: the head of the queue holds one reservation, others may start if they respect it.
 *
 *   shadow time  the earliest instant at which the blocked head fits, if every running job ends
 * when expected: start + the user's time limit, or + the run time where the trace has none. A job
 * past its limit is expected to end now. reservation  nodes for the head at that instant, chosen so
 * that as little as possible of what is free now is withheld: nodes that running jobs leave by then
 * first. It stands until a job ends at another time than expected or the shadow time has passed.
 *   backfill     a later job starts now if it fits now and either is expected to end by the shadow
 *                time, or leaves the head's nodes, as they will be at the shadow time, enough for
 * the head.
 *
 * On one node this is the classic rule (now + limit <= shadow or GPUs <= extra); on many it is
 * stricter, as Slurm's is: named nodes are kept, though others might do by then. Jobs are looked at
 * in order of arrival. Source: Mu'alem and Feitelson 2001, section 2.
 *
 * Who may pass is decided in easy.c, the reservation is made in reservation.c; only they include
 * this.
 */
#ifndef MODELS_SCHEDULING_EASY_H
#define MODELS_SCHEDULING_EASY_H

#include "models/scheduling/engine.h"
#include "models/scheduling/waiting.h"
#include "sim/events.h"

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
struct easy_line {
    struct waiting_line line;
    uint32_t active_at; /* index in easy.active, UINT32_MAX where nothing waits */
    uint32_t candidate; /* position of its next job to try in this pass */
    bool fits_short, fits_long;
};

struct easy {
    struct easy_line *lines; /* by demand number */
    uint32_t line_n, line_capacity;
    uint32_t *active; /* demands with waiting jobs, in no particular order */
    uint32_t active_n;
    struct waiting_job *fresh; /* arrivals since the last pass */
    uint32_t fresh_n, fresh_capacity;

    struct events expected; /* expected end by running slot */
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

/* Reserves for the head: sets the shadow time and the reserved nodes. has_reservation stays false
 * where the head fits no state of the fleet that is known to come. */
void reservation_make(struct scheduler *s, int64_t now_us);
/* Hides from placements what jobs that outlast the shadow time must not take; lift shows it again.
 */
void reservation_hold(struct scheduler *s);
void reservation_lift(struct scheduler *s);
/* Counts a started job that outlasts the shadow time against what is left on the head's nodes. */
void reservation_spend(struct scheduler *s, uint32_t demand, const struct piece *pieces, int32_t n);
void reservation_free(struct easy *e);

#endif
