/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside engine_rank: what its files share.
 *
 *      rank.c          a pass: who is picked, who stops, who starts
 *      rank_place.h    where a job stands in the order, and who goes first of equals
 *      rank_levels.c   orders by attained service: who changes levels, and when
 */
#ifndef MODELS_SCHEDULING_RANK_H
#define MODELS_SCHEDULING_RANK_H

#include "models/scheduling/engine.h"
#include "models/scheduling/gittins.h"
#include "models/scheduling/ranked.h"

/* Smaller goes first, field by field. */
struct place_in_order {
    int64_t key;
    int64_t side;
    int64_t tag;
    int64_t rate; /* both run, or did until one pass: whose key falls slower goes first */
    int64_t ran_tag;
};

struct rank_line {
    struct ranked_heap waiting;  /* but for the claims */
    struct ranked_heap *running; /* by pool */
    uint64_t *no_room; /* by pool: how often room had come when it was found too scattered */
};

/* A running job taken from the tail of its line, to be decided on. */
struct tail_job {
    struct ranked item;
    struct place_in_order place;
    uint32_t demand;
    int64_t gpus; /* that others may have after it */
    bool dropped;
};

struct tail {
    struct tail_job *jobs; /* worst rank first */
    uint32_t n, capacity;
    uint32_t undecided; /* jobs[0 .. undecided) */
    int64_t undecided_gpus;
    struct place_in_order worst; /* of those still in their lines, if it is known: from pass to pass
                                  * where no key falls */
    uint32_t worst_demand;
    enum { WORST_UNKNOWN, WORST_KNOWN, WORST_NONE } worst_is;
    int64_t room; /* GPUs free if all picked so far run; negative while jobs must still go */
};

struct picked_job {
    struct ranked item;
    uint32_t demand;
    int32_t pool;
};

struct picked_jobs { /* in order */
    struct picked_job *jobs;
    uint32_t n, capacity;
};

struct open_line {
    struct place_in_order place; /* of its head */
    uint32_t demand;
};

/* Of equal ranks. */
enum tie_mode {
    BY_NUMBER,   /* who came first goes first; with priorities, who runs */
    BY_WAITING,  /* who waits, in order of that; then who runs, in order of start */
    BY_PREVIOUS, /* as at the last pass: one list, sorted again and again by a stable sort */
    BY_LEVEL     /* a list for each level: those that run, then those that wait, then newcomers */
};

struct rank_levels {
    struct level_order order; /* keys of jobs are places in it; n = 0: in order of number */
    struct events due;        /* by slot: when the job's level ends */
    uint32_t *moved;          /* slots that have come to another level in this pass, in order */
    uint32_t moved_n, moved_capacity;
    int64_t moved_tag;           /* of those of them that are preempted in this pass */
    struct ranked_heap starving; /* jobs that wait, by the time of their promotion; some stale */
    uint32_t *waiting_at;        /* by job: index in the heap of its line, UINT32_MAX = not there */
    int64_t *forgiven_us;        /* by job: time held before its last promotion */
};

struct rank {
    enum tie_mode ties;
    struct rank_line *lines; /* by demand */
    uint32_t line_n, line_capacity;
    struct tail *tails;  /* by pool */
    uint64_t *room_came; /* by pool: how often a job has left it, from 1 on */
    uint32_t *at;        /* by slot: index in the heap of its line and pool */
    uint32_t at_capacity;
    struct open_line *open;    /* scratch: not refused yet in this pass; room for every line */
    struct picked_jobs picked; /* in this pass */
    struct picked_jobs claims; /* those of the last pass that found no place, out of their lines */
    bool claims_move;          /* one may go to a pool before its own, or have room no more */
    /* Tags. Of waiting jobs they grow: one for those preempted at a pass, then those of the jobs
     * that came to it; by level those preempted get one below all instead. Of running ones they
     * grow at one end by jobs that had just come (by level: by all), and fall at the other by jobs
     * that had waited. */
    int64_t stopped_tag; /* greater ones came to this pass */
    int64_t last_tag;    /* greater than those of all that have come to it */
    int64_t next_tag, late_tag, early_tag, front_tag;
    struct rank_levels levels;
};

/* ---- rank.c ---- */

/* Adds to the line of the demand; sets s->failed where there is no memory. */
void rank_waiting_push(struct scheduler *s, uint32_t demand, struct ranked item);
void rank_running_push(struct scheduler *s, uint32_t demand, int32_t pool, struct ranked item);
void rank_running_remove(struct scheduler *s, uint32_t demand, int32_t pool, uint32_t slot);
/* The item of that slot ranks later from now on. */
void rank_running_raise(struct scheduler *s, uint32_t demand, int32_t pool, struct ranked item);
/* The same without a change of its place in the heap, where its tag has become another. */
void rank_running_retag(struct scheduler *s, uint32_t demand, int32_t pool, uint32_t slot,
                        int64_t tag);

/* ---- rank_levels.c: does nothing where the order is not by levels ---- */

/* Tags of running jobs that have come to their level in this pass: MOVED_TAG + index in moved. */
#define MOVED_TAG (INT64_MAX / 2)

bool rank_levels_init(struct scheduler *s);
void rank_levels_free(struct scheduler *s);
bool rank_levels_slots(struct scheduler *s,
                       uint32_t slots); /* room for so many; false: no memory */
/* At the start of a pass: jobs whose level has ended go to the tail of the next one. */
void rank_levels_change(struct scheduler *s, int64_t now_us);
/* A job with that key has started on the slot; it stops there, whatever the reason. */
void rank_levels_started(struct scheduler *s, uint32_t slot, int64_t key);
void rank_levels_left(struct scheduler *s, uint32_t slot);
/* It has been preempted: item is how it waits. */
void rank_levels_stopped(struct scheduler *s, const struct ranked *item, uint32_t demand,
                         int64_t now_us);
/* The key of a job that comes back with what it has attained. */
int64_t rank_levels_key(const struct scheduler *s, uint32_t job, uint32_t demand);
/* At the end of a pass: who has moved and still runs goes behind those who run; and when the next
 * level ends. */
void rank_levels_settle(struct scheduler *s);

#endif
