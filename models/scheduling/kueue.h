/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside engine_kueue: what its files share.
 *
 *      kueue_lines.c    the jobs that wait: which are looked at, and which wait for a change
 *      kueue_flavors.c  which flavors a job would have, and what for: room, or victims
 *      kueue_victims.c  whom it may stop, and who of these must go
 *      kueue.c          a pass: cycles of one job of each queue
 *
 * Written after Kueue's documentation and the behaviour of its scheduler (pkg/scheduler, 2026-08):
 * flavor assignment, classic preemption in cohort trees, the order within a cycle. Where this is
 * not that, kueue.c says so.
 */
#ifndef MODELS_SCHEDULING_KUEUE_H
#define MODELS_SCHEDULING_KUEUE_H

#include "models/scheduling/engine.h"
#include "models/scheduling/quota.h"
#include "models/scheduling/waiting.h"

/* Of a job: no queue is meant by its names, or a LocalQueue that is stopped. */
enum { KUEUE_NO_QUEUE = -1, KUEUE_STOPPED = -2 };

/* ---- who waits ---- */

/* Lines that wait for a release. Some are open again, or wait elsewhere. */
struct kueue_parked {
    uint32_t *lines;
    uint32_t n, capacity;
};

/* What the jobs of a line ask for, and one of them. */
struct kueue_request {
    int32_t queue, priority;
    uint32_t job, demand;
    int64_t amount[QUOTA_RESOURCES];
    uint8_t asked; /* of which resources that is something, as bits */
};

/* Jobs alike in queue, demand and priority, of which only the first is looked at. */
struct kueue_line {
    struct waiting_heap jobs;
    struct kueue_request request; /* of no certain job */
    uint32_t shown; /* the job that it stands among the open ones with, WAITING_NONE */
    const struct kueue_parked *parked; /* on which list it waits, NULL: it is open */
};

/* Those of one priority that run, in order of start. */
struct kueue_class {
    int32_t priority;
    uint32_t first, last; /* slots, RUNNING_NONE */
};

struct kueue_queue {
    struct waiting_heap open; /* heads of lines that are not parked; `demand` is the line. Some are
                                 stale: the line has another head by now, or is parked */
    struct kueue_class *classes; /* of the lowest priority first */
    int32_t class_n, class_capacity;
};

/* A cohort tree, or a queue on its own. */
struct kueue_tree {
    struct kueue_parked parked; /* until something is released in it */
    bool active;                /* has changed since all its heads were looked at */
    bool undecided;             /* a head neither starts nor blocks: nodes may change that */
    bool released;              /* something, since the heads were nominated */
    bool awaits_nodes;          /* a head that blocks lacks room on nodes */
};

/* ---- who runs ---- */

struct kueue_running {      /* by slot */
    uint32_t line;          /* WAITING_NONE: nobody runs there */
    uint32_t before, after; /* of its class, in order of start; RUNNING_NONE */
    uint64_t turn;          /* of its start among all starts */
    int8_t flavor[QUOTA_RESOURCES];
};

/* ---- one job that is looked at ---- */

/* From worst to best: how a flavor could serve. */
enum kueue_mode {
    KUEUE_NO_FIT,        /* never, or only once others have ended */
    KUEUE_NO_CANDIDATES, /* if some were stopped, and there are none who may be */
    KUEUE_PREEMPT,       /* by stopping jobs of its own queue */
    KUEUE_RECLAIM,       /* by stopping only those of other queues */
    KUEUE_FIT
};

struct kueue_assignment {
    enum kueue_mode mode;
    int32_t borrow; /* quota_borrow_level of all of it */
    int8_t flavor[QUOTA_RESOURCES];
    uint8_t need; /* resources, as bits, that others must be stopped for */
    uint64_t pools;
    bool lacks_room; /* for want of nodes it is not better: any that are released may help */
};

struct kueue_entry { /* of a cycle */
    struct kueue_request request;
    struct kueue_assignment assignment;
    uint32_t line;
    uint32_t victim_at, victim_n; /* in kueue.victims */
    bool holds_back;
};

struct kueue_victim {
    uint32_t slot, job;
};

/* The jobs of a queue that may be stopped, as far as they have been considered. */
struct kueue_source {
    int32_t queue;
    int32_t top;      /* of the smallest subtree that holds it and the queue of the job */
    int32_t class;    /* of the next one */
    uint32_t slot;    /* which is the next one, RUNNING_NONE: no more */
    uint8_t group;    /* in which order they are considered: enum in kueue_victims.c */
    int32_t priority; /* of the next one, and its turn */
    uint64_t turn;
};

/* The last search for room that gave up all candidates it had, and in vain. What else it follows
 * from than what is free, and who runs, is kept with it: one that begins with the same goes the
 * same way. */
struct kueue_vain {
    uint64_t state; /* kueue.state of it; 0: there is none */
    int32_t most;   /* GPUs that were free on one node then: on no node more */
    int32_t queue, priority;
    bool may_borrow;
    uint8_t need;
    int8_t flavor[QUOTA_RESOURCES];
    struct kueue_source *sources; /* [queue_n], as they were found */
    int32_t source_n;
};

struct kueue {
    struct quota quota, nothing;   /* what is used, and the same if nobody ran */
    int32_t *by_queue, *by_tenant; /* by number of a name: as kueue_queue_of, or that it
                                      depends on the namespace */
    struct kueue_line *lines;
    uint32_t line_n, line_capacity;
    uint32_t *line_slot; /* open addressing: line + 1, 0 = empty */
    uint32_t line_slot_n;
    struct kueue_queue *queues;
    struct kueue_tree *trees;  /* by node of the quotas; of tops only */
    int32_t *tree_of;          /* by node: its top */
    struct kueue_parked rooms; /* parked until any node has something released */
    bool awaits_nodes;         /* some tree does */
    bool released;             /* something has been, in some tree, since heads were nominated */
    struct kueue_running *at;  /* by slot */
    uint32_t at_capacity;
    struct kueue_entry *entries;  /* [queue_n] */
    struct kueue_victim *victims; /* of all entries of a cycle */
    uint32_t victim_n, victim_capacity;
    struct kueue_source *sources; /* [queue_n] scratch */
    int32_t source_n;
    struct kueue_vain vain;
    uint64_t state; /* another one with each pass, and in it with each start and stop */
    /* Bit f: for so much of this resource of flavor f alone no victims were found, by the request
     * that was assigned last. */
    uint64_t hopeless[QUOTA_RESOURCES];
    uint64_t turns;
    struct kueue_entry *starting; /* whose job is about to start */
};

/* ---- kueue_lines.c ---- */

bool kueue_lines_init(struct scheduler *s);
void kueue_lines_free(struct kueue *k);
/* The ClusterQueue that the job comes to, KUEUE_NO_QUEUE or KUEUE_STOPPED. */
int32_t kueue_queue_of(const struct scheduler *s, uint32_t job);
/* Adds to the line of its like, which is open from then on. The line; UINT32_MAX: no memory. */
uint32_t kueue_wait(struct scheduler *s, uint32_t job, uint32_t demand);
/* The line whose first job the queue has next, UINT32_MAX: none that is open. */
uint32_t kueue_head(struct kueue *k, int32_t queue);
/* Its first job leaves. */
bool kueue_leave(struct kueue *k, uint32_t line);
/* It is not looked at until something is released in its tree, or on any node. */
bool kueue_park(struct kueue *k, uint32_t line, bool for_rooms);
/* A job of the queue has left its nodes: lines that waited for that are open. */
bool kueue_open(struct kueue *k, int32_t queue);

/* ---- kueue_flavors.c ---- */

struct kueue_request kueue_request_of(const struct scheduler *s, int32_t queue, uint32_t job,
                                      uint32_t demand);
/* What the request would have now, victims not chosen yet. */
void kueue_assign(struct scheduler *s, const struct kueue_request *request,
                  struct kueue_assignment *a);
/* Whether that has shown already that there are no victims for it, for want of quota. */
bool kueue_is_hopeless(const struct kueue *k, const struct kueue_assignment *a);
/* Whether it would fit if nobody ran: else it never can. */
bool kueue_could_fit(struct scheduler *s, const struct kueue_request *request);
/* Whether the quotas have what the assignment takes, now. */
bool kueue_quota_fits(const struct kueue *k, const struct kueue_request *request,
                      const struct kueue_assignment *a);
/* Whether a pool of the assignment has room, now. */
bool kueue_has_room(struct scheduler *s, const struct kueue_request *request, uint64_t pools);
/* Takes (+1) or gives back (-1) amounts of a queue's quotas. */
void kueue_count(struct kueue *k, int32_t queue, const int64_t *amount, const int8_t *flavor,
                 int sign);

/* ---- kueue_victims.c ---- */

/* On paper: the running job gives back its quota, and its nodes where rooms is true (-1), or has
 * them again (+1). */
void kueue_shift(struct scheduler *s, uint32_t slot, bool rooms, int sign);
/* Appends to k->victims those who must be stopped for the assignment: they hold some of what is
 * needed, and without them the request has quota, and unless lacks_room is NULL room on nodes.
 * Quotas and pools are as before when it returns. How many: 0 = it cannot be, and *lacks_room is
 * set if it is for want of nodes. Sets s->failed without memory. */
uint32_t kueue_find_victims(struct scheduler *s, const struct kueue_request *request,
                            const struct kueue_assignment *a, bool *lacks_room);

#endif
