/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conservative backfill: every waiting job holds a promise, not the head alone.
 *
 *      arrival    the job is promised the earliest hole of the profile (profile.h) in which it fits
 *                 until its estimated end; of several pools the one with the earliest
 *      early end  what the ended job no longer needs is free again; each waiting job, in order of
 *                 arrival, moves to the earliest hole there is then, never to a later one
 *      promise    when its time has come the job starts
 *
 * So on a trace whose estimates are kept no job is ever delayed by one that came after it. Sources:
 * Mu'alem and Feitelson 2001, section 2; pyss, whose `cons` this is, job by job, where only GPUs
 * are counted. As in pyss each job is looked at once at an end: a hole that a later one leaves is
 * there at the next end. Ends at which nothing can have become free move nobody, and are not looked
 * at.
 *
 * A promise counts GPUs of a pool. Where they lie, on which nodes, and cores and memory are decided
 * when the job starts. A job that finds no room then, because what is free is scattered, or because
 * a job past its estimate still holds it, is overdue: it is tried again whenever a job has ended,
 * in order of arrival, and may then start in another pool whose profile has a hole for it now. The
 * first of the overdue is given nodes as EASY's head is (reservation.h), which those behind it must
 * leave. Where a job starts so late that it runs into promises, the latest comers of those are
 * promised anew. So they are where a node has failed; its jobs come back to where they stood, and
 * are promised what is left with those that have just come.
 *
 * An arrival costs one search of the profile, an early end a look at each waiting job: whether the
 * GPUs are free just before its promise, or a hole may be before that. Nearly all moves are of a
 * few seconds, into what became free just before the promise; they go from step to step of the
 * profile, by anchors (profile.h). An earlier hole apart from that is looked for only where one may
 * be. What a search did not find is known to the next ones (hole_classes.h), from pass to pass: it
 * stays true until GPUs are freed in whose place a hole may be.
 *
 * Most promises end later than the last of them begins. Out there nothing is looked for, so that an
 * end moves only on paper, and is settled once somebody's search comes that far:
 *
 *      now |----------- starts -----------|  exact_us  |------- ends, some of them later than true
 *
 * The profile holds too much beyond exact_us, never too little. Beyond it GPUs only become free, so
 * a hole that is there at exact_us is there for ever, whatever the profile says. Where a promise
 * may go to several pools, or more is promised than there is, everything is settled.
 *
 * Promises are made and moved in promises.c, kept in conservative.c; what is known of holes is in
 * holes.c. Only they include this.
 */
#ifndef MODELS_SCHEDULING_CONSERVATIVE_H
#define MODELS_SCHEDULING_CONSERVATIVE_H

#include "models/scheduling/arrivals.h"
#include "models/scheduling/hole_classes.h"
#include "models/scheduling/profile.h"
#include "models/scheduling/reservation.h"

/* No hole before the end of time: only where estimates add up to 292,000 years. */
#define FAR INT64_MAX

struct promise {
    uint32_t job, demand;
    int32_t pool;
    bool is_overdue, is_shared; /* shared: no one pool alone may serve it */
    uint32_t holes;             /* what is known of those for as many GPUs; not of shared ones */
    bool is_held;               /* in the profile, by two anchors: the look's, and */
    uint32_t until;             /* of held_until_us */
    int64_t gpus;
    int64_t start_us, length_us; /* start FAR: holds nothing in the profile; -1: no promise yet */
    int64_t held_until_us;       /* in the profile: its end, or later and beyond exact_us */
};

/* What tells at a glance whether a promise may move: its GPUs are free just before it, or a hole
 * may begin before before_us that ends before it does. */
struct look {
    int64_t before_us;
    int32_t gpus;        /* INT32_MIN: look closer always, INT32_MAX: never */
    uint32_t start;      /* the anchor of its start in the pool's profile */
    uint32_t holes;      /* what is known of those for as many, */
    uint8_t class, pool; /* and for which length */
};

/* Pools, as bits, in which a demand found no room in this pass: at all, or beside the reservation.
 */
struct no_room {
    uint64_t pass, at_all, beside;
};

/* What is known of the holes of a pool for so many GPUs. */
struct holes {
    int64_t gpus;
    int32_t pool;
    struct hole_classes known;
};

struct conservative {
    struct profile *profiles; /* by pool */
    struct promise *promises; /* slots, reused */
    struct look *looks;       /* by slot + 1; the first is of who has left */
    uint32_t capacity, used, *spare, spare_n;
    struct arrivals waiting;
    uint32_t fresh_n; /* how many of them, the last ones, have just come, and have no promise yet */
    uint32_t *back;   /* slots of those that have come back, and have none; in order of arrival */
    uint32_t back_n;
    struct events starts; /* by slot, of those that are to come: not later than promised */
    uint32_t *due;        /* slots whose time has come, in order of arrival */
    uint32_t due_n;
    uint32_t far_n;
    bool loose;              /* something became free that a promise may use */
    bool freed;              /* something became free since this was last asked */
    bool may_lack;           /* more may be promised than there is */
    struct no_room *no_room; /* by demand */
    uint32_t demand_n;
    struct holes *holes; /* of each pool and each number of GPUs; the first of no pool */
    uint32_t holes_n, holes_capacity;
    int64_t known_until_us;         /* beyond which nothing is known of any of them */
    int64_t now_us;                 /* as of which the profiles are */
    int64_t last_us;                /* after which no promise begins; FAR: some may go anywhere */
    int64_t exact_us;               /* before which they are what they say; later than all starts */
    uint64_t pass;                  /* how many there were */
    struct reservation reservation; /* of the first that is overdue */
};

/* Nobody looks at the slot, whose time has come, or which has no promise. */
void promise_ignore(struct conservative *c, uint32_t slot);
/* Lets go of what is kept of the profile. */
void promise_let_go(struct conservative *c, uint32_t slot);
/* Gives back what the job is promised. */
void promise_withdraw(struct scheduler *s, uint32_t slot, int64_t now_us);
/* The profiles are exact before until_us from then on; FAR: altogether. */
void promises_settle(struct scheduler *s, int64_t until_us);
/* Until when they are to be exact where they need be until time_us: somewhat longer. */
int64_t promises_exact_for(const struct conservative *c, int64_t time_us);
/* Its time has come, and the job starts: the profile holds what it will, and no longer. */
void promise_settle(struct scheduler *s, uint32_t slot);
/* Adds GPUs to a pool's profile, or takes them; sets s->failed on lack of memory. */
void promise_shift(struct scheduler *s, int32_t pool, int64_t from_us, int64_t to_us, int64_t gpus);
/* Promises the earliest hole to each job that has none yet. */
void promises_make(struct scheduler *s, int64_t now_us);
/* Every waiting job that has a promise, in order of arrival, moves to an earlier hole if there is
 * one. */
void promises_tighten(struct scheduler *s, int64_t now_us);
/* Promises anew where more of a pool is promised than there is. */
void promises_relieve(struct scheduler *s, int32_t pool, int64_t now_us);

/* ---- holes.c: of jobs that one pool alone may serve ---- */

/* What is known of holes of so many GPUs, which is kept from then on; NOBODY: no memory. */
uint32_t holes_of(struct conservative *c, int32_t pool, int64_t gpus);

/* What is known of holes is known as of now. */
void holes_advance(struct conservative *c);
/* Who is known to have no hole may have one now, in a freed range that ends at to_us, if what the
 * job needs is free only now. */
void holes_freed(struct conservative *c, int32_t pool, const struct change *change, int64_t to_us);
/* Before which there is no hole for the job. */
int64_t holes_known_until(struct conservative *c, const struct promise *p);
/* The earliest hole for the job at or after from_us; before_us where there is none. */
int64_t holes_earliest(struct scheduler *s, const struct promise *p, int64_t from_us,
                       int64_t before_us);

#endif
