/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the next GPU and the last one are worth to a member.
 *
 * By RANK_SIZE_MARGINAL that is the time it takes off what is left of the job's, which changes with
 * time, and with nothing but the work that is left as long as the job runs on: each time is that
 * work through a speed, rounded. So a member is looked at only where it could be first. Else it
 * stands in the heaps by what its worths cannot pass until then:
 *
 *      key of the next GPU (<= 0)    at no time below what it was when it was looked at
 *      key of the last GPU (<= 0)    until it has come half way to the worst, not above what it is
 *                                    then; who has come so far is looked at
 *
 * So a member is looked at O(log) times while it falls to the worst, in place of once at each pass.
 */
#include "models/scheduling/elastic.h"

enum { ROUNDED_US = 4 };            /* more than two differences of times up to EXACT_US are off */
#define EXACT_US (INT64_C(1) << 50) /* 35 years */
#define SOON_US  INT64_C(1000000)   /* those near the worst are not to be looked at all the time */

/* ---- worth ---- */

static int64_t time_on(const struct scheduler *s, const struct member *j, int64_t left_us,
                       int64_t gpus)
{
    const struct demand_entry *asked = &s->demands->entries[j->asked];
    double pace =
        elasticity_pace(s->elasticity, s->workload->class_[j->job], asked->demand.gpus, gpus);
    return time_at_speed(left_us, speed_on(asked, j->pool) * pace);
}

/* Of the nth GPU, with so much work left. */
static int64_t worth(const struct scheduler *s, const struct member *j, int64_t left_us,
                     int64_t nth)
{
    switch (s->order->rank) {
    case RANK_SIZE_MAX_MIN: return nth;
    case RANK_SIZE_MARGINAL: return time_on(s, j, left_us, nth) - time_on(s, j, left_us, nth - 1);
    default: return 0;
    }
}

/* ---- bounds ---- */

/* Nobody is slower on more GPUs than on one. */
static bool is_bounded(const struct scheduler *s, const struct member *j)
{
    return time_on(s, j, j->left_us, 1) <= EXACT_US;
}

int64_t elastic_worth_of_next(const struct scheduler *s, const struct member *j)
{
    int64_t key = worth(s, j, j->left_us, j->paper.share + 1);
    if (!j->stale) return key;
    if (!is_bounded(s, j)) return INT64_MIN;
    return (key < 0 ? key : 0) - ROUNDED_US; /* 0: all is done */
}

int64_t elastic_worth_of_last(const struct scheduler *s, const struct member *j)
{
    int64_t key = worth(s, j, j->left_us, j->paper.share);
    if (!j->stale) return key;
    if (!is_bounded(s, j)) return INT64_MAX;
    int64_t then = worth(s, j, j->left_then_us, j->paper.share);
    return (key > then ? key : then) + ROUNDED_US;
}

/* ---- looks ---- */

static bool changes_with_time(const struct scheduler *s)
{
    return s->order->rank == RANK_SIZE_MARGINAL;
}

static double speed_of(const struct scheduler *s, const struct member *j)
{
    return speed_on(&s->demands->entries[j->asked], j->pool) * s->progress[j->job].pace;
}

void elastic_note_look(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    if (changes_with_time(s)) q->looked[q->looked_n++] = m;
}

void elastic_look(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    j->stale = false;
    j->left_us = work_left_us(s, j->slot, q->now_us);
    elastic_note_look(s, m);
    elastic_queue_renew(s, m);
}

/* When to look at it again: once its last GPU is worth less by half of what it is worth more than
 * the worst, at its speed now. */
static int64_t due_us(const struct scheduler *s, const struct member *j)
{
    const struct elastic *q = s->state;
    double key = (double)worth(s, j, j->left_us, j->paper.share);
    double worst = (double)q->pools[j->pool].worst;
    double part = key < worst ? 0.5 * (key - worst) / key : 0;
    return q->now_us + (int64_t)(part * (double)time_at_speed(j->left_us, speed_of(s, j))) +
           SOON_US;
}

/* It stands by bounds from now on. */
static void set_bounds(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    j->stale = true;
    j->left_us = work_left_us(s, j->slot, q->now_us);
    int64_t at_us = due_us(s, j);
    j->left_then_us = work_left_us(s, j->slot, at_us);
    elastic_queue_renew(s, m);
    elastic_queue_set_due(s, m, at_us);
}

void elastic_begin_looks(struct scheduler *s, int64_t now_us)
{
    struct elastic *q = s->state;
    q->now_us = now_us;
    while (q->due.n > 0 && q->due.items[0].key < now_us) set_bounds(s, q->due.items[0].slot);
}

void elastic_end_looks(struct scheduler *s)
{
    struct elastic *q = s->state;
    for (uint32_t i = 0; i < q->looked_n && !s->failed; i++)
        if (!q->members[q->looked[i]].stale) set_bounds(s, q->looked[i]); /* else it has left */
    q->looked_n = 0;
}
