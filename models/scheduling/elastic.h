/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs that are sized while they run, for the two files of the engine:
 *
 *      elastic.c        who is to have how many GPUs: counts, and nothing moves
 *      elastic_place.c  on which nodes, tried on paper; then those whose nodes change are stopped
 *                       and started anew
 */
#ifndef MODELS_SCHEDULING_ELASTIC_H
#define MODELS_SCHEDULING_ELASTIC_H

#include "models/scheduling/engine.h"
#include "models/scheduling/ranked.h"
#include "models/scheduling/waiting.h"

enum { NOWHERE = UINT32_MAX };

/* A job that runs, or is to start in this pass. */
struct member {
    uint32_t job, asked; /* its demand as it asks */
    uint32_t slot;       /* RUNNING_NONE: it has not started */
    int32_t pool;
    int64_t least, most;
    int64_t held, share, placed; /* GPUs: as it runs; as it is to; on paper. 0 = none */
    int64_t left_us;             /* RANK_SIZE_MARGINAL: work, at this pass */
    uint32_t demand, piece_at;   /* of its pieces on paper, where it is moved */
    int32_t piece_n;
    bool changed; /* in this pass's list */
    bool moved;   /* on paper it lies on other pieces than those it runs on, or on any */
    bool stuck;   /* for this pass: no nodes for more */
};

struct elastic_pool {
    struct ranked_heap give; /* who may have more, who is first to have it first */
    struct ranked_heap take; /* who may have less, who is first to lose it first */
    int64_t room;            /* GPUs that nobody is to have, during a pass */
    int64_t slack;           /* GPUs that members are to have beyond their least */
};

struct elastic {
    struct waiting_heap queue;
    uint32_t blocked; /* the head that did not fit, WAITING_NONE */
    struct elastic_pool *pools;
    struct member *members; /* by number, with holes */
    uint32_t member_n, member_capacity;
    uint32_t *free_members, free_n;
    uint32_t *give_at, *take_at; /* by member: its place in the heap, NOWHERE */
    uint32_t *of_slot;           /* by running slot: its member */
    uint32_t slot_capacity;
    uint32_t *changed, changed_n;     /* of this pass; room for every member */
    uint32_t admitted, admitted_most; /* in this pass; how many may be */
    struct piece *pieces;             /* on paper, of this pass */
    size_t piece_n, piece_capacity;
    uint32_t starting; /* the member that started() is told of */
};

/* Sets what a member is to have, and its place among those who may have more or less. */
void elastic_set_share(struct scheduler *s, uint32_t member, int64_t share);
/* Gives what room there is in all pools to those who may have more. */
void elastic_give(struct scheduler *s);

/* Finds nodes on paper for all that have changed. Who finds none for more is stuck with less, and
 * others have it. false: a job that is to start has none even for its least; it is q->admitted of
 * those that were admitted, in order, and nothing is to be kept of the plan. */
bool elastic_place(struct scheduler *s);
/* What is on paper is taken back. */
void elastic_unplace(struct scheduler *s);
/* Makes it so. */
void elastic_commit(struct scheduler *s, int64_t now_us);

#endif
