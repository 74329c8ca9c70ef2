/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs that are sized while they run, for the files of the engine:
 *
 *      elastic.c        who is to have a GPU more, and who one less
 *      elastic_queue.c  who may have, in order of worth, and who need not be asked
 *      elastic_worth.c  what it is worth, and what it may be worth by and by
 *      elastic_place.c  on which nodes, on paper; then who lies elsewhere is stopped and started
 */
#ifndef MODELS_SCHEDULING_ELASTIC_H
#define MODELS_SCHEDULING_ELASTIC_H

#include "models/scheduling/engine.h"
#include "models/scheduling/ranked.h"
#include "models/scheduling/waiting.h"

enum { NOWHERE = UINT32_MAX };

/* What a member has on paper. */
struct paper {
    int64_t share;             /* GPUs */
    bool moved;                /* on these pieces; else on those that it runs on, or on none */
    uint32_t demand, piece_at; /* of the pieces, in elastic.pieces */
    int32_t piece_n;
};

/* A job that runs, or is to start in this pass. */
struct member {
    uint32_t job, asked; /* its demand as it asks */
    uint32_t slot;       /* RUNNING_NONE: it has not started */
    int32_t pool;
    int64_t least, most, held; /* GPUs; held: as it runs */
    int64_t next, last;        /* what these GPUs are worth, or bounds: elastic_worth.c */
    struct paper paper;
    struct stretch runs; /* in its slot */
    int64_t left_us;     /* RANK_SIZE_MARGINAL: work, when it was last looked at */
    double speed[3];     /* the same: on one GPU less than on paper, as many, and one more */
    bool bounded;        /* the same: its times are so short that bounds hold */
    bool stale;   /* it has not been looked at in this pass: it stands in the heaps by bounds */
    bool changed; /* in this pass's list */
    bool stuck;   /* for this pass: nodes with GPUs for one more lack cores or memory */
    bool asleep;  /* elastic_queue.c */
    int32_t rest; /* GPUs on its last node, as it entered there */
    int64_t node; /* of the fleet, where its list is kept; -1 = nowhere */
    uint32_t before, after;
};

struct elastic_pool {
    struct ranked_heap take;  /* who may have less, who is first to lose it first */
    struct ranked_heap give;  /* who may have more, who is first to have it first: those awake */
    struct ranked_heap *rest; /* [GPUs a node] those asleep, by the GPUs on their last node */
    int64_t worst;            /* key of who was last found first in `take` */
    int64_t slack;            /* GPUs that members have beyond their least, on paper */
    int32_t *fixed;           /* [nodes] GPUs of members that have their least, on paper */
    int32_t *open;            /* [GPUs a node + 1] nodes with so many that are not of these */
};

struct paper_step {
    uint32_t member;
    struct paper before;
};

struct elastic {
    struct waiting_heap queue;
    uint32_t blocked; /* the head that did not fit, WAITING_NONE */
    struct elastic_pool *pools;
    struct member *members; /* by number, with holes */
    uint32_t member_n, member_capacity;
    uint32_t *free_members, free_n;
    uint32_t *give_at, *take_at, *due_at; /* by member: its place in a heap, NOWHERE */
    uint32_t *of_slot;                    /* by running slot: its member */
    uint32_t slot_capacity;
    uint32_t *on_node;            /* by node of the fleet: a member whose last piece is there */
    uint32_t *changed, changed_n; /* of this pass; room for every member */
    uint32_t *looked, looked_n;   /* RANK_SIZE_MARGINAL: who is not stale; the same */
    struct ranked_heap due;       /* by when its place in a heap of `take` does not hold any more;
                                     some have left that */
    int64_t now_us;               /* of this pass */
    struct piece *pieces;         /* on paper, of this pass */
    size_t piece_n, piece_capacity;
    struct paper_step *steps; /* of this pass */
    size_t step_n, step_capacity;
    bool trial;        /* a head is tried: who may have more stands as it did before */
    uint32_t starting; /* the member that started() is told of */
};

/* ---- elastic_queue.c ---- */

bool elastic_queue_init(struct scheduler *s);
void elastic_queue_free(struct scheduler *s);
/* It is where it belongs by what it has on paper, among those who may have less, and more. */
void elastic_queue_set_take(struct scheduler *s, uint32_t member);
void elastic_queue_set_give(struct scheduler *s, uint32_t member);
/* It is nowhere among them. */
void elastic_queue_leave(struct scheduler *s, uint32_t member);
/* Where it is among those who may have more, what that is worth has changed. */
void elastic_queue_renew_give(struct scheduler *s, uint32_t member);
/* When its bounds end to hold; and that there is no such time. */
void elastic_queue_set_due(struct scheduler *s, uint32_t member, int64_t due_us);
void elastic_queue_drop_due(struct scheduler *s, uint32_t member);
/* The members of a pool whose next GPU is worth most, of those whose nodes, or others, have one,
 * and whose last is worth least; NULL where nobody may have more, or less. Until one enters or
 * leaves. */
const struct ranked *elastic_queue_best(struct scheduler *s, int32_t pool);
const struct ranked *elastic_queue_worst(struct scheduler *s, int32_t pool);
/* Whether somebody's next GPU is worth more than the key, wherever it might lie. */
bool elastic_queue_has_better(struct scheduler *s, int32_t pool, int64_t key);
/* Whether that may be so of one who is awake, or would be with what is free on any node of the
 * pool; and of one who sleeps on the node. */
bool elastic_queue_may_have_better(const struct scheduler *s, int32_t pool, int64_t key);
bool elastic_queue_may_wake_better(const struct scheduler *s, int32_t pool, int64_t node,
                                   int64_t key);
/* It found no nodes for more: it is out for this pass. */
void elastic_queue_pass_over(struct scheduler *s, uint32_t member);
/* Who was out for this pass is not for the next. */
void elastic_queue_end_pass(struct scheduler *s, uint32_t member);
/* Something has become free on a node of the pool. */
void elastic_queue_wake(struct scheduler *s, int32_t pool, int64_t node);

/* ---- elastic_worth.c ---- */

/* Of a member that is not stale, and has so many GPUs more on paper than before: what its next GPU,
 * and its last, is worth now. */
void elastic_set_worth(const struct scheduler *s, struct member *j, int64_t more);
/* A pass begins: whose bounds do not hold any more have new ones. */
void elastic_begin_looks(struct scheduler *s, int64_t now_us);
/* A new member, which is not stale. */
void elastic_note_new(struct scheduler *s, uint32_t member);
/* It is not stale any more. */
void elastic_look(struct scheduler *s, uint32_t member);
/* All that run are as they will be until the next pass: all are stale. */
void elastic_end_looks(struct scheduler *s);

/* ---- elastic_place.c ---- */

/* Puts the member on so many GPUs, on paper, in place of what it has there; false: there are no
 * nodes for them, and nothing has changed. */
bool elastic_resize(struct scheduler *s, uint32_t member, int64_t gpus);
/* Whether there could be nodes for so many GPUs of a pool if all others had their least and those
 * that have more now were out of the way. */
bool elastic_may_fit(const struct scheduler *s, int32_t pool, int64_t gpus);
/* Whether of what the last step has given back somebody may have a GPU more that is worth more than
 * the key; false: nobody. */
bool elastic_may_serve_better(const struct scheduler *s, int64_t key);
/* The member leaves, with what it runs on. */
void elastic_forget(struct scheduler *s, uint32_t member);
/* Takes back all steps but the first n. */
void elastic_undo(struct scheduler *s, size_t n);
/* From here on only who may have less is known, until the trial ends: it succeeds, or all its steps
 * are taken back. */
void elastic_begin_trial(struct scheduler *s);
/* first_step: as many as there were when it began. */
void elastic_end_trial(struct scheduler *s, size_t first_step, bool succeeded);
/* Makes it so: whoever has other pieces on paper than it runs on is stopped and started. */
void elastic_commit(struct scheduler *s, int64_t now_us);

#endif
