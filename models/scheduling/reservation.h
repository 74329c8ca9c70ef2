/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reservation: nodes that one waiting job, the head, will get at its shadow time, and what others
 * must leave of them.
 *
 *   shadow time  the earliest instant at which the head fits, if every running job ends when
 *                expected: start + estimate. A job past its estimate is expected to end now.
 *   reservation  nodes for the head at that instant, chosen so that as little as possible of what
 * is free now is withheld: nodes that running jobs leave by then first.
 *
 * Another job may start now if it fits now and either is expected to end by the shadow time, or
 * leaves the head's nodes, as they will be at the shadow time, enough for the head. On one node
 * this is the classic rule (now + estimate <= shadow or GPUs <= extra); on many it is stricter, as
 * Slurm's is: named nodes are kept, though others might do by then. A reservation stands until a
 * job ends at another time than expected, or the shadow time has passed: its owner says when to
 * make another. Source: Mu'alem and Feitelson 2001, section 2.
 *
 * Making one releases running jobs on paper until the head fits: O(jobs released x log). It owns
 * its memory and allocates only to grow.
 */
#ifndef MODELS_SCHEDULING_RESERVATION_H
#define MODELS_SCHEDULING_RESERVATION_H

#include "models/scheduling/engine.h"
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

/* A running job released on paper, and when it is expected to end. */
struct walked {
    uint32_t slot;
    int64_t end_us;
};

struct reservation {
    struct events expected; /* expected end by running slot */
    bool stands;
    uint32_t head, head_demand;
    int64_t shadow_us;
    int32_t pool, node_n;
    struct reserved *nodes;
    size_t node_capacity;
    struct leaving *leaving;
    size_t leaving_n, leaving_capacity;
    struct walked *walk;
    size_t walk_capacity;
};

bool reservation_init(struct reservation *r); /* false: no memory */
void reservation_free(struct reservation *r);

/* Told of every start and end. false: no memory. */
bool reservation_started(struct scheduler *s, struct reservation *r, uint32_t slot, int64_t now_us);
/* True where the job ends when it was expected to. */
bool reservation_released(struct reservation *r, uint32_t slot, int64_t now_us);

/* Reserves for the head: sets the shadow time and the nodes. Where the head fits no state of the
 * fleet that is known to come, since nodes are down, none stands: there are no nodes, and no end to
 * the time. */
void reservation_make(struct scheduler *s, struct reservation *r, int64_t now_us);
/* Hides from placements what jobs that outlast the shadow time must not take; lift shows it again.
 */
void reservation_hold(struct scheduler *s, struct reservation *r);
void reservation_lift(struct scheduler *s, struct reservation *r);

/* What the job may run for on the reservation's pool and still be gone for the head, counted from
 * now; negative: nothing may. */
static inline int64_t reservation_room_us(const struct scheduler *s, const struct reservation *r,
                                          int64_t now_us)
{
    return r->shadow_us - (s->backfill->shadow == SHADOW_ENDS_BEFORE) - now_us;
}
/* Whether the job must leave the head's nodes what they need: it would outlast the shadow time. */
bool reservation_binds(const struct scheduler *s, const struct reservation *r, uint32_t job,
                       uint32_t demand, int32_t pool, int64_t now_us);
/* Starts the job in that pool if there is room that cannot delay the head; where no reservation
 * stands, if there is room. */
bool reservation_try_in(struct scheduler *s, struct reservation *r, uint32_t job, uint32_t demand,
                        int32_t pool, int64_t now_us);

#endif
