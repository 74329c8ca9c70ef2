/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue of slurm-backfill, in lines: jobs for the same pools (a partition) that every limit
 * holds alike stand in one line, in order.
 *
 *      line 0   pools 0 and 1, of ann, 4 GPUs   [job 3][job 9] ...
 *      line 1   pools 0 and 1, of bob, 1 GPU    [job 5] ...         front: 3, 5, 7: a heap of heads
 *      line 2   pool 1, of bob, 1 GPU           [job 7] ...
 *
 * So a loop passes all that wait in a line at once where its first may not start: the jobs of a
 * user who is at a limit cost a loop no more than one job of theirs. Where nothing is limited, and
 * all may use the same pools, there is one line.
 *
 * The order is that of priorities, then of arrival. Priorities are the jobs' own, or the sum of
 * multifactor.h, where weights are given; then each line is one of a share_queue.
 *
 * It owns its memory. A job costs O(log jobs), and a hash; a loop begins with O(lines with jobs).
 */
#ifndef MODELS_SCHEDULING_SLURM_QUEUE_H
#define MODELS_SCHEDULING_SLURM_QUEUE_H

#include "models/scheduling/limits.h"
#include "models/scheduling/share_queue.h"
#include "models/scheduling/waiting.h"

struct slurm_line {
    uint64_t pools; /* that those who wait here may use, were they empty */
    struct limit_who who;
    int64_t gpus;             /* where some limit is one on GPUs; otherwise 0 */
    struct waiting_heap jobs; /* where priorities are the jobs' own */
    uint32_t n, at;           /* its jobs; its place among the lines that have some */
    /* The head that did not fit any of the pools, and how many jobs had ended by then. */
    uint32_t blocked;
    uint64_t blocked_ends;
};

/* The first of a line: smaller keys first, then lower numbers. */
struct slurm_head {
    struct share_item item;
    uint32_t line;
};

struct slurm_queue {
    struct share_queue shares;
    bool weighs; /* priorities are added up */
    bool limited;
    struct limits limits;
    struct slurm_line *lines;
    uint32_t line_n, line_capacity;
    uint32_t last;  /* the line that was found last */
    uint32_t *live; /* lines with jobs */
    uint32_t live_n;
    uint32_t *slot; /* open addressing: line + 1 */
    uint32_t slot_n;
    struct slurm_head *front; /* a heap: heads of lines that a loop has not passed */
    uint32_t front_n;
    size_t n;          /* jobs */
    uint32_t *waiting; /* by demand, how many of them */
    uint32_t demand_n;
};

/* false: no memory; free it then, too. */
bool slurm_queue_init(struct slurm_queue *q, const struct scheduler *s);
void slurm_queue_free(struct slurm_queue *q);

/* A job comes. false: no memory. */
bool slurm_queue_push(struct slurm_queue *q, const struct scheduler *s, uint32_t job,
                      uint32_t demand);
/* One that was taken comes back to its line, when the loop is through. false: no memory. */
bool slurm_queue_return(struct slurm_queue *q, const struct scheduler *s,
                        const struct slurm_head *head);

/* A loop over all lines begins. */
void slurm_queue_begin(struct slurm_queue *q);
/* The first job of the lines that are not passed, NULL where there is none. */
static inline const struct slurm_head *slurm_queue_first(const struct slurm_queue *q)
{
    return q->front_n > 0 ? &q->front[0] : NULL;
}
/* The first job leaves the queue. false: no memory. */
bool slurm_queue_take(struct slurm_queue *q, const struct scheduler *s);
/* The line of the first job is not looked at again in this loop. */
void slurm_queue_pass(struct slurm_queue *q);

/* What holds the job; nothing where nothing is limited. */
static inline enum limit_hold slurm_queue_hold(const struct slurm_queue *q,
                                               const struct scheduler *s,
                                               const struct share_item *item)
{
    return q->limited ? limits_hold(&q->limits, item->job, gpus_of(s, item->demand)) : HOLD_NONE;
}

#endif
