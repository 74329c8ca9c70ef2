/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elastic jobs: between their fewest and their most GPUs (elasticity.h) they have what the others
 * leave them, and that changes while they run.
 *
 *      least |=====|-------|  most        wait: in order of arrival; the head starts as soon as
 *                  share                  there are enough GPUs free or held by others beyond
 *                                         their least; else all wait behind it
 *
 * At a pass, pool by pool, in whole GPUs:
 *      take     for each head that may start, its least is taken from what is free, then GPU by GPU
 *               from whose last GPU is wanted least
 *      give     what is left, GPU by GPU, to whom the next one is worth most
 *      even out as long as somebody's next GPU is worth more than another's last
 * Worth, and of equals the job that came first:
 *      elastic-fifo     alike: so who came first has all it may before the next has more
 *      elastic-max-min  the fewer GPUs a job has, the more
 *      optimus          the time it takes off what is left of the job's: all its work, whether or
 *                       not it is in a checkpoint, at the speeds of the two sizes
 *
 * A job goes to the pool where most GPUs are free or held by others beyond their least, the first
 * of several, whatever its nodes look like, and stays. There it has as many as the pool, or with
 * gangs on one node the node, at most. Nodes are looked for first for those that shrink, then for
 * those that start, then for those that grow, each in order of arrival. Who finds none for all of
 * its share has the most that it finds nodes for, and gets no more in this pass; the rest is given
 * to others, and they look for nodes in the same way. A head for whose least there are no nodes,
 * whatever the counts say, blocks; nobody is resized for it, and the pass is done anew with the
 * heads before it alone.
 *
 * A job whose nodes change is stopped and started at once, with a restart before it as after any
 * preemption, that of the size it had; all stop, then all start, each in order of arrival. It keeps
 * its nodes where its size does not change, unless it was to shrink and others have its nodes by
 * then.
 *
 * Shares are looked at anew where a job has ended since the last pass, or another head has come
 * than that which blocked; by optimus at every pass, and the head that blocked then still does.
 *
 * A pass costs O(log jobs) for each GPU that changes hands and a placement for each job resized;
 * optimus, whose worths change with time, O(running jobs x log) as well.
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
    uint32_t **const arrays[] = { &q->free_members, &q->give_at, &q->take_at, &q->changed };
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
    q->give_at[m] = q->take_at[m] = NOWHERE;
    return m;
}

static void leave_heaps(struct elastic *q, uint32_t m)
{
    struct elastic_pool *p = &q->pools[q->members[m].pool];
    if (q->give_at[m] != NOWHERE)
        ranked_heap_remove(&p->give, SMALLEST_FIRST, q->give_at, q->give_at[m]);
    if (q->take_at[m] != NOWHERE)
        ranked_heap_remove(&p->take, LARGEST_FIRST, q->take_at, q->take_at[m]);
}

static void member_remove(struct elastic *q, uint32_t m)
{
    const struct member *j = &q->members[m];
    leave_heaps(q, m);
    if (j->share > 0) q->pools[j->pool].slack -= j->share - j->least;
    q->free_members[q->free_n++] = m;
}

/* ---- worth ---- */

/* The work a job has left now, whether or not it is in a checkpoint. */
static int64_t left_us(const struct scheduler *s, const struct member *j, int64_t now_us)
{
    const struct progress *progress = &s->progress[j->job];
    if (j->slot == RUNNING_NONE) return progress->left_us;
    const struct running_job *r = &s->running->slots[j->slot];
    int64_t done =
        progress_work_us(progress_done_us(s->restart, progress->owed_us, now_us - r->start_us),
                         speed_on(&s->demands->entries[j->asked], j->pool) * progress->pace);
    return done < progress->left_us ? progress->left_us - done : 0;
}

static int64_t time_on(const struct scheduler *s, const struct member *j, int64_t gpus)
{
    const struct demand_entry *asked = &s->demands->entries[j->asked];
    double pace =
        elasticity_pace(s->elasticity, s->workload->class_[j->job], asked->demand.gpus, gpus);
    return time_at_speed(j->left_us, speed_on(asked, j->pool) * pace);
}

/* Of the nth GPU: the smaller, the more it is worth. */
static int64_t worth(const struct scheduler *s, const struct member *j, int64_t nth)
{
    switch (s->order->rank) {
    case RANK_SIZE_MAX_MIN: return nth;
    case RANK_SIZE_MARGINAL: return time_on(s, j, nth) - time_on(s, j, nth - 1);
    default: return 0;
    }
}

/* ---- shares ---- */

static void enter_heaps(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    const struct member *j = &q->members[m];
    struct elastic_pool *p = &q->pools[j->pool];
    struct ranked item = { .tag = j->job, .job = j->job, .slot = m };
    if (j->share < j->most && !j->stuck) {
        item.key = worth(s, j, j->share + 1);
        s->failed |= !ranked_heap_push(&p->give, SMALLEST_FIRST, q->give_at, item);
    }
    if (j->share > j->least) {
        item.key = worth(s, j, j->share);
        s->failed |= !ranked_heap_push(&p->take, LARGEST_FIRST, q->take_at, item);
    }
}

static void assign(struct scheduler *s, uint32_t m, int64_t share)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    struct elastic_pool *p = &q->pools[j->pool];
    leave_heaps(q, m);
    if (j->share > 0) p->slack -= j->share - j->least;
    p->room += j->share - share;
    j->share = share;
    if (share > 0) p->slack += share - j->least;
    enter_heaps(s, m);
}

void elastic_set_share(struct scheduler *s, uint32_t m, int64_t share)
{
    struct elastic *q = s->state;
    assign(s, m, share);
    if (!q->members[m].changed) q->changed[q->changed_n++] = m;
    q->members[m].changed = true;
}

void elastic_give(struct scheduler *s)
{
    struct elastic *q = s->state;
    for (int32_t k = 0; k < s->pool_n; k++) {
        struct elastic_pool *p = &q->pools[k];
        while (p->room > 0 && p->give.n > 0 && !s->failed) {
            uint32_t m = p->give.items[0].slot;
            elastic_set_share(s, m, q->members[m].share + 1);
        }
    }
}

static void even_out(struct scheduler *s)
{
    struct elastic *q = s->state;
    for (int32_t k = 0; k < s->pool_n; k++) {
        struct elastic_pool *p = &q->pools[k];
        while (p->give.n > 0 && p->take.n > 0 && !s->failed) {
            uint32_t to = p->give.items[0].slot, from = p->take.items[0].slot;
            /* A curve that bends upwards can make a job's next GPU worth more than its last. */
            if (to == from || p->give.items[0].key >= p->take.items[0].key) break;
            elastic_set_share(s, from, q->members[from].share - 1);
            elastic_set_share(s, to, q->members[to].share + 1);
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
        int64_t reach = q->pools[k].room + q->pools[k].slack;
        if (!(d->pools >> k & 1) || reach <= most) continue;
        most = reach;
        pool = k;
    }
    return pool;
}

/* Takes what the head needs at least from the others. The head is the demand of its least. */
static bool admit(struct scheduler *s, const struct waiting_job *head)
{
    struct elastic *q = s->state;
    int32_t pool = pool_for(s, head);
    if (pool < 0) return false;
    uint32_t asked = demand_of_job(s->demands, head->job);
    if (!members_room(q)) s->failed = true;
    if (s->failed) return false;
    struct elastic_pool *p = &q->pools[pool];
    struct size_range sizes =
        sizes_of(s->elasticity, s->workload, head->job, &s->demands->entries[asked]);
    if (sizes.most > pool_most(s, pool)) sizes.most = pool_most(s, pool);
    while (p->room < sizes.least && !s->failed) {
        uint32_t from = p->take.items[0].slot;
        elastic_set_share(s, from, q->members[from].share - 1);
    }
    uint32_t m = member_add(q, (struct member){ .job = head->job,
                                                .asked = asked,
                                                .slot = RUNNING_NONE,
                                                .pool = pool,
                                                .least = sizes.least,
                                                .most = sizes.most });
    q->members[m].left_us = left_us(s, &q->members[m], 0);
    elastic_set_share(s, m, sizes.least);
    return true;
}

/* As many heads as there are GPUs for, and as may be; they leave the queue. */
static void admit_heads(struct scheduler *s)
{
    struct elastic *q = s->state;
    for (q->admitted = 0; q->queue.n > 0 && q->admitted < q->admitted_most; q->admitted++) {
        struct waiting_job head = *waiting_heap_head(&q->queue);
        if (!s->released && head.job == q->blocked) break;
        if (!admit(s, &head)) break;
        waiting_heap_pop(&q->queue);
    }
    q->blocked = q->queue.n > 0 ? waiting_heap_head(&q->queue)->job : WAITING_NONE;
}

/* ---- a pass ---- */

/* Worths that change with time. */
static void look_anew(struct scheduler *s, int64_t now_us)
{
    struct elastic *q = s->state;
    for (int32_t k = 0; k < s->pool_n; k++) q->pools[k].give.n = q->pools[k].take.n = 0;
    for (uint32_t slot = 0; slot < s->running->used; slot++) {
        uint32_t m = slot < q->slot_capacity ? q->of_slot[slot] : NOWHERE;
        if (m == NOWHERE) continue;
        q->give_at[m] = q->take_at[m] = NOWHERE;
        q->members[m].left_us = left_us(s, &q->members[m], now_us);
        enter_heaps(s, m);
    }
}

/* All have the share they run with; who was admitted and does not run waits again. */
static void settle(struct scheduler *s)
{
    struct elastic *q = s->state;
    for (uint32_t i = 0; i < q->changed_n; i++) {
        uint32_t m = q->changed[i];
        struct member *j = &q->members[m];
        j->changed = j->stuck = false;
        if (j->slot != RUNNING_NONE) {
            assign(s, m, j->held);
            continue;
        }
        uint32_t least = demand_of_share(s->demands, j->asked, j->least);
        s->failed |= !waiting_heap_push(&q->queue, (struct waiting_job){ j->job, j->job, least });
        member_remove(q, m);
    }
    q->changed_n = 0;
}

static void elastic_pass(struct scheduler *s, int64_t now_us)
{
    struct elastic *q = s->state;
    bool marginal = s->order->rank == RANK_SIZE_MARGINAL;
    bool may_start =
        q->queue.n > 0 && (s->released || waiting_heap_head(&q->queue)->job != q->blocked);
    if (!s->progress || (!s->released && !may_start && !marginal)) return;
    if (marginal) look_anew(s, now_us);
    q->admitted_most = UINT32_MAX;
    for (;;) {
        for (int32_t k = 0; k < s->pool_n; k++) q->pools[k].room = s->pools[k].free_gpus;
        admit_heads(s);
        elastic_give(s);
        even_out(s);
        if (s->failed || elastic_place(s) || s->failed) break;
        q->admitted_most = q->admitted;
        elastic_unplace(s);
        settle(s);
    }
    if (!s->failed) elastic_commit(s, now_us);
    if (!s->failed) settle(s);
}

/* ---- the engine ---- */

static bool elastic_init(struct scheduler *s)
{
    struct elastic *q = s->state;
    q->blocked = WAITING_NONE;
    waiting_heap_init(&q->queue, false);
    q->pools = calloc((size_t)s->pool_n, sizeof *q->pools);
    return q->pools != NULL;
}

static void elastic_free(struct scheduler *s)
{
    struct elastic *q = s->state;
    waiting_heap_free(&q->queue);
    for (int32_t k = 0; q->pools && k < s->pool_n; k++) {
        ranked_heap_free(&q->pools[k].give);
        ranked_heap_free(&q->pools[k].take);
    }
    void *const owned[] = { q->pools,   q->members, q->free_members, q->give_at,
                            q->take_at, q->of_slot, q->changed,      q->pieces };
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
}

static void elastic_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct elastic *q = s->state;
    (void)now_us;
    if (!s->progress) return;
    member_remove(q, q->of_slot[slot]);
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
