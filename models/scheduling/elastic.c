/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elastic jobs: between their fewest and their most GPUs (elasticity.h) they have what the others
 * leave them, and that changes while they run.
 *
 *      least |=====|-------|  most        wait: in order of arrival; the head starts as soon as
 *                  share                  there are enough GPUs free or held by others beyond
 *                                         their least, and nodes; else all wait behind it
 *
 * A pass is made on paper, GPU by GPU, each with its nodes: whose size changes by one gives back
 * what it has, and the placement finds nodes for the new size.
 *      start     the head goes to the pool where there is most for it, free and beyond others'
 *                least. While there are no nodes for its own least, the job whose last GPU is worth
 *                least has one fewer. Where that ends and there are none, it is undone
 *      give      while something is free: one more for the job whose next GPU is worth most
 *      even out  the job whose last GPU is worth least has one fewer, if then there is another
 *                to have one more that is worth more; as long as there is
 * Who may have more has it only where there are nodes for it. Worth, and of equals the job that
 * came first:
 *      elastic-fifo     alike: so who came first has all it may before the next has more
 *      elastic-max-min  the fewer GPUs a job has, the more
 *      optimus          the time it takes off what is left of the job's: all its work, whether or
 *                       not it is in a checkpoint, at the speeds of the two sizes
 *
 * Then all that lie elsewhere than before are stopped, and all are started at once, in order of
 * arrival, each with a restart before it as after any preemption, that of the size it had. Whoever
 * comes back on paper to the size it runs with comes back to its nodes, if nobody else is there. A
 * job stays in its pool; there it has as many GPUs as the pool, or with gangs on one node the node,
 * at most.
 *
 * All this is looked at where a job has ended since the last pass, or another head has come than
 * that which blocked; by optimus at every pass, and the head that blocked then still does.
 *
 * A GPU that changes hands costs a placement and O(log jobs); of optimus's worths, which change
 * with time, those are looked at that could be first (elastic_worth.c).
 */
#include <stdlib.h>

#include "models/scheduling/elastic.h"

/* ---- members ---- */

static bool members_room(struct elastic *q)
{
    if (q->free_n > 0 || q->member_n < q->member_capacity) return true;
    uint32_t capacity = q->member_capacity ? 2 * q->member_capacity : 64;
    struct member *members = realloc(q->members, capacity * sizeof *members);
    if (members) q->members = members;
    uint32_t **const arrays[] = { &q->free_members, &q->give_at, &q->take_at,
                                  &q->due_at,       &q->changed, &q->looked };
    bool good = members != NULL;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        uint32_t *array = realloc(*arrays[i], capacity * sizeof *array);
        if (array) *arrays[i] = array;
        good &= array != NULL;
    }
    if (good) q->member_capacity = capacity;
    return good;
}

/* A member that holds nothing and has no share. */
static uint32_t member_add(struct elastic *q, struct member member)
{
    uint32_t m = q->free_n > 0 ? q->free_members[--q->free_n] : q->member_n++;
    q->members[m] = member;
    q->give_at[m] = q->take_at[m] = q->due_at[m] = NOWHERE;
    return m;
}

static void member_remove(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    elastic_queue_leave(s, m);
    j->stale = true;
    if (j->paper.share > 0) q->pools[j->pool].slack -= j->paper.share - j->least;
    q->free_members[q->free_n++] = m;
}

/* ---- one GPU ---- */

static bool change(struct scheduler *s, uint32_t m, int64_t by)
{
    struct elastic *q = s->state;
    if (elastic_resize(s, m, q->members[m].paper.share + by)) return true;
    if (by > 0 && !s->failed) elastic_queue_pass_over(s, m);
    return false;
}

static void give(struct scheduler *s, int32_t pool)
{
    const struct ranked *best;
    while (s->pools[pool].free_gpus > 0 && !s->failed && (best = elastic_queue_best(s, pool)))
        change(s, best->slot, +1);
}

static void even_out(struct scheduler *s, int32_t pool)
{
    struct elastic *q = s->state;
    for (;;) {
        const struct ranked *worst = elastic_queue_worst(s, pool), *best;
        if (!worst) return;
        uint32_t from = worst->slot;
        int64_t key = worst->key;
        if (!elastic_queue_has_better(s, pool, key)) return;
        size_t steps = q->step_n;
        elastic_begin_trial(s);
        bool goes_on = change(s, from, -1) && elastic_may_serve_better(s, key);
        elastic_end_trial(s, steps, goes_on);
        if (!goes_on) return;
        do /* A curve that bends upwards can make a job's next GPU worth more than its last. */
            best = elastic_queue_best(s, pool);
        while (best && best->key < key && best->slot != from && !change(s, best->slot, +1));
        if (!best || q->step_n < steps + 2) {
            elastic_undo(s, steps);
            return;
        }
    }
}

/* ---- who starts ---- */

static int64_t pool_most(const struct scheduler *s, int32_t k)
{
    const struct pool *p = &s->pools[k];
    return s->placing.gang == GANG_ONE_NODE ? p->gpus : (int64_t)p->gpus * p->node_n;
}

/* The pool where there is most for the job, the first of several; -1 where no pool has enough. */
static int32_t pool_for(const struct scheduler *s, const struct waiting_job *head)
{
    const struct elastic *q = s->state;
    const struct demand *d = scheduler_demand(s, head->demand);
    int64_t most = d->gpus - 1;
    int32_t pool = -1;
    for (int32_t k = 0; k < s->pool_n; k++) {
        int64_t reach = s->pools[k].free_gpus + q->pools[k].slack;
        if (!(d->pools >> k & 1) || reach <= most) continue;
        most = reach;
        pool = k;
    }
    return pool;
}

static uint32_t new_member(struct scheduler *s, const struct waiting_job *head, int32_t pool)
{
    struct elastic *q = s->state;
    uint32_t asked = demand_of_job(s->demands, head->job);
    struct size_range sizes =
        sizes_of(s->elasticity, s->workload, head->job, &s->demands->entries[asked]);
    int64_t most = pool_most(s, pool);
    return member_add(q, (struct member){ .job = head->job,
                                          .asked = asked,
                                          .slot = RUNNING_NONE,
                                          .pool = pool,
                                          .least = sizes.least,
                                          .most = sizes.most < most ? sizes.most : most,
                                          .left_us = s->progress[head->job].left_us,
                                          .node = -1 });
}

/* On paper, if there is room for the head; the head is the demand of its least. */
static bool admit(struct scheduler *s, const struct waiting_job *head)
{
    struct elastic *q = s->state;
    int32_t pool = pool_for(s, head);
    if (pool < 0) return false;
    if (!members_room(q)) s->failed = true;
    if (s->failed) return false;
    uint32_t m = new_member(s, head, pool);
    int64_t least = q->members[m].least;
    elastic_note_new(s, m);
    if (!elastic_may_fit(s, pool, least)) {
        member_remove(s, m);
        return false;
    }
    size_t steps = q->step_n;
    elastic_begin_trial(s);
    const struct ranked *worst;
    bool fits = false;
    do {
        fits = s->pools[pool].free_gpus >= least && elastic_resize(s, m, least);
        worst = fits ? NULL : elastic_queue_worst(s, pool);
    } while (worst && change(s, worst->slot, -1));
    elastic_end_trial(s, steps, fits);
    if (!fits) member_remove(s, m);
    return fits;
}

static void admit_heads(struct scheduler *s)
{
    struct elastic *q = s->state;
    while (q->queue.n > 0 && !s->failed) {
        struct waiting_job head = *waiting_heap_head(&q->queue);
        if ((!s->released && head.job == q->blocked) || !admit(s, &head)) break;
        waiting_heap_pop(&q->queue);
    }
    q->blocked = q->queue.n > 0 ? waiting_heap_head(&q->queue)->job : WAITING_NONE;
}

/* ---- a pass ---- */

static void elastic_pass(struct scheduler *s, int64_t now_us)
{
    struct elastic *q = s->state;
    bool marginal = s->order->rank == RANK_SIZE_MARGINAL;
    bool may_start = q->queue.n > 0 && waiting_heap_head(&q->queue)->job != q->blocked;
    if (!s->progress || (!s->released && !may_start && !marginal)) return;
    elastic_begin_looks(s, now_us);
    admit_heads(s);
    for (int32_t k = 0; k < s->pool_n; k++) give(s, k);
    for (int32_t k = 0; k < s->pool_n; k++) even_out(s, k);
    if (!s->failed) elastic_commit(s, now_us);
    if (!s->failed) elastic_end_looks(s);
}

/* ---- the engine ---- */

static bool elastic_init(struct scheduler *s)
{
    struct elastic *q = s->state;
    q->blocked = WAITING_NONE;
    waiting_heap_init(&q->queue, false);
    return elastic_queue_init(s);
}

static void elastic_free(struct scheduler *s)
{
    struct elastic *q = s->state;
    waiting_heap_free(&q->queue);
    elastic_queue_free(s);
    void *const owned[] = { q->members, q->free_members, q->give_at, q->take_at, q->due_at,
                            q->of_slot, q->changed,      q->looked,  q->pieces,  q->steps };
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
}

static bool elastic_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct elastic *q = s->state;
    return waiting_heap_push(&q->queue, (struct waiting_job){ job, job, demand });
}

static void elastic_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct elastic *q = s->state;
    (void)now_us;
    if (!s->progress) return; /* a recorded schedule is replayed: nobody is sized */
    if (slot >= q->slot_capacity) {
        uint32_t capacity = slot < 32 ? 64 : 2 * slot;
        uint32_t *of_slot = realloc(q->of_slot, capacity * sizeof *of_slot);
        if (!of_slot) {
            s->failed = true;
            return;
        }
        for (uint32_t i = q->slot_capacity; i < capacity; i++) of_slot[i] = NOWHERE;
        q->of_slot = of_slot;
        q->slot_capacity = capacity;
    }
    q->of_slot[slot] = q->starting;
    q->members[q->starting].slot = slot;
    q->members[q->starting].runs = stretch_of(s, slot);
}

static void elastic_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct elastic *q = s->state;
    (void)now_us;
    if (!s->progress) return;
    elastic_forget(s, q->of_slot[slot]);
    member_remove(s, q->of_slot[slot]);
    q->of_slot[slot] = NOWHERE;
}

const struct scheduler_engine engine_elastic = {
    .state_size = sizeof(struct elastic),
    .init = elastic_init,
    .free = elastic_free,
    .submit = elastic_submit,
    .pass = elastic_pass,
    .started = elastic_started,
    .released = elastic_released,
    .moves_running = true,
};
