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

static bool changes_with_time(const struct scheduler *s)
{
    return s->order->rank == RANK_SIZE_MARGINAL;
}

static double speed_with(const struct scheduler *s, const struct member *j, int64_t gpus)
{
    const struct demand_entry *asked = &s->demands->entries[j->asked];
    if (gpus < 1) return 0;
    return speed_on(asked, j->pool) *
           elasticity_pace(s->elasticity, s->workload->class_[j->job], asked->demand.gpus, gpus);
}

enum { LESS, SAME, MORE };

/* It has so many more on paper than those were for: mostly one, or one less. */
static void set_speeds(const struct scheduler *s, struct member *j, int64_t more)
{
    double before[] = { j->speed[LESS], j->speed[SAME], j->speed[MORE] };
    for (int i = LESS; i <= MORE; i++)
        j->speed[i] = i + more >= LESS && i + more <= MORE
                          ? before[i + more]
                          : speed_with(s, j, j->paper.share + i - SAME);
}

/* With so much work left. */
static int64_t worth_of_next(const struct member *j, int64_t left_us)
{
    return time_at_speed(left_us, j->speed[MORE]) - time_at_speed(left_us, j->speed[SAME]);
}

static int64_t worth_of_last(const struct member *j, int64_t left_us)
{
    return time_at_speed(left_us, j->speed[SAME]) - time_at_speed(left_us, j->speed[LESS]);
}

static void set_marginal(struct member *j)
{
    j->next = worth_of_next(j, j->left_us);
    j->last = worth_of_last(j, j->left_us);
}

void elastic_set_worth(const struct scheduler *s, struct member *j, int64_t more)
{
    switch (s->order->rank) {
    case RANK_SIZE_MAX_MIN:
        j->next = j->paper.share + 1;
        j->last = j->paper.share;
        break;
    case RANK_SIZE_MARGINAL:
        set_speeds(s, j, more);
        set_marginal(j);
        break;
    default: break; /* alike */
    }
}

/* ---- looks ---- */

static void note_look(struct elastic *q, uint32_t m) { q->looked[q->looked_n++] = m; }

/* Nobody is slower on more GPUs than on one, and it has no more work later. */
void elastic_note_new(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    if (!changes_with_time(s)) return;
    j->bounded = time_at_speed(j->left_us, speed_with(s, j, 1)) <= EXACT_US;
    set_speeds(s, j, MORE - LESS + 1);
    note_look(q, m);
}

void elastic_look(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    j->stale = false;
    j->left_us = work_left_us(s, &j->runs, q->now_us);
    set_marginal(j);
    note_look(q, m);
    elastic_queue_renew_give(s, m);
    if (q->take_at[m] != NOWHERE) elastic_queue_set_take(s, m);
}

/* When to look at it again: once its last GPU is worth less by half of what it is worth more than
 * the worst, at its speed now. */
static int64_t due_us(const struct scheduler *s, const struct member *j, int64_t last)
{
    const struct elastic *q = s->state;
    double key = (double)last, worst = (double)q->pools[j->pool].worst;
    double part = key < worst ? 0.5 * (key - worst) / key : 0;
    return q->now_us + (int64_t)(part * (double)time_at_speed(j->left_us, j->runs.speed)) + SOON_US;
}

/* Of its last GPU, until it is due. */
static void set_bound_of_last(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    if (q->take_at[m] == NOWHERE) return;
    int64_t last = worth_of_last(j, j->left_us), at_us = due_us(s, j, last);
    int64_t then = worth_of_last(j, work_left_us(s, &j->runs, at_us));
    j->last = !j->bounded ? INT64_MAX : (last > then ? last : then) + ROUNDED_US;
    elastic_queue_set_take(s, m);
    elastic_queue_set_due(s, m, at_us);
}

/* Of its next GPU, from now on. It may have been started anew, with work to do again. */
static void set_bounds(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    int64_t left_us = work_left_us(s, &j->runs, q->now_us);
    j->stale = true;
    if (left_us != j->left_us) j->next = worth_of_next(j, left_us);
    j->left_us = left_us;
    j->next =
        !j->bounded ? INT64_MIN : (j->next < 0 ? j->next : 0) - ROUNDED_US; /* 0: all is done */
    elastic_queue_renew_give(s, m);
    set_bound_of_last(s, m);
}

void elastic_begin_looks(struct scheduler *s, int64_t now_us)
{
    struct elastic *q = s->state;
    q->now_us = now_us;
    while (q->due.n > 0 && q->due.items[0].key < now_us) {
        uint32_t m = q->due.items[0].slot;
        if (q->take_at[m] == NOWHERE) {
            elastic_queue_drop_due(s, m);
            continue;
        }
        q->members[m].left_us = work_left_us(s, &q->members[m].runs, now_us);
        set_bound_of_last(s, m);
    }
}

void elastic_end_looks(struct scheduler *s)
{
    struct elastic *q = s->state;
    for (uint32_t i = 0; i < q->looked_n && !s->failed; i++)
        if (!q->members[q->looked[i]].stale) set_bounds(s, q->looked[i]); /* else it has left */
    q->looked_n = 0;
}
