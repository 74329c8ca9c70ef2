/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes for jobs whose sizes change: on paper, step by step, and then so. */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/elastic.h"

/* ---- what is held on paper ---- */

static void shift(struct scheduler *s, int32_t pool, uint32_t demand, const struct piece *pieces,
                  int32_t n, int sign)
{
    for (int32_t i = 0; i < n; i++) {
        struct share share = piece_share(scheduler_demand(s, demand), &pieces[i]);
        pool_shift(&s->pools[pool], pieces[i].node, &share, sign);
    }
}

/* The pieces it was moved to, those it runs on, or none. */
static void shift_paper(struct scheduler *s, const struct member *j, int sign)
{
    const struct elastic *q = s->state;
    const struct paper *p = &j->paper;
    if (p->moved) {
        shift(s, j->pool, p->demand, q->pieces + p->piece_at, p->piece_n, sign);
    } else if (j->slot != RUNNING_NONE) {
        const struct running_job *r = &s->running->slots[j->slot];
        shift(s, j->pool, r->demand, running_pieces(s->running, j->slot), r->piece_n, sign);
    }
}

/* Whether what a piece is of is free. */
static bool is_free(const struct pool *p, const struct demand *d, const struct piece *piece)
{
    struct share share = piece_share(d, piece);
    if (!pool_node_fits(p, piece->node, &share)) return false;
    return !p->table || gpu_table_are_free(p->table, piece->node, piece->mask);
}

/* The pieces of such a paper; how many. */
static int32_t pieces_of(const struct scheduler *s, const struct member *j, const struct paper *p,
                         const struct piece **pieces)
{
    const struct elastic *q = s->state;
    *pieces = q->pieces + p->piece_at;
    if (p->moved) return p->piece_n;
    if (j->slot == RUNNING_NONE) return 0;
    *pieces = running_pieces(s->running, j->slot);
    return s->running->slots[j->slot].piece_n;
}

/* Whoever sleeps on a node that something is free on. */
static void wake(struct scheduler *s, const struct member *j, const struct paper *p)
{
    const struct piece *pieces;
    int32_t n = pieces_of(s, j, p, &pieces);
    for (int32_t i = 0; i < n; i++)
        if (s->pools[j->pool].free_gpu[pieces[i].node] > 0)
            elastic_queue_wake(s, j->pool, pieces[i].node);
}

bool elastic_may_serve_better(const struct scheduler *s, int64_t key)
{
    const struct elastic *q = s->state;
    const struct paper_step *step = &q->steps[q->step_n - 1];
    const struct member *j = &q->members[step->member];
    const struct piece *pieces;
    int32_t n = pieces_of(s, j, &step->before, &pieces);
    for (int32_t i = 0; i < n; i++)
        if (s->pools[j->pool].free_gpu[pieces[i].node] > 0 &&
            elastic_queue_may_wake_better(s, j->pool, pieces[i].node, key))
            return true;
    return elastic_queue_may_have_better(s, j->pool, key);
}

/* Counts the GPUs of a member that has its least, or does not any more. */
static void fix(struct scheduler *s, const struct member *j, const struct paper *p, int sign)
{
    struct elastic *q = s->state;
    struct elastic_pool *pool = &q->pools[j->pool];
    const struct piece *pieces;
    if (p->share != j->least) return;
    int32_t n = pieces_of(s, j, p, &pieces), all = s->pools[j->pool].gpus;
    for (int32_t i = 0; i < n; i++) {
        int32_t *fixed = &pool->fixed[pieces[i].node];
        pool->open[all - *fixed]--;
        *fixed += sign * pieces[i].gpus;
        pool->open[all - *fixed]++;
    }
}

bool elastic_may_fit(const struct scheduler *s, int32_t pool, int64_t gpus)
{
    const struct elastic *q = s->state;
    const int32_t *open = q->pools[pool].open;
    int64_t all = s->pools[pool].gpus;
    if (gpus == 0 || s->placing.gang == GANG_ANYWHERE) return true;
    int64_t rest = gpus % all, more = open[all] - gpus / all;
    for (int64_t level = all - 1; level >= rest && rest > 0 && more == 0; level--)
        more = open[level];
    return rest > 0 ? more > 0 : more >= 0;
}

void elastic_forget(struct scheduler *s, uint32_t m)
{
    const struct elastic *q = s->state;
    const struct member *j = &q->members[m];
    fix(s, j, &j->paper, -1);
    wake(s, j, &j->paper);
}

static bool may_stay(const struct scheduler *s, const struct member *j)
{
    const struct running_job *r = &s->running->slots[j->slot];
    const struct piece *pieces = running_pieces(s->running, j->slot);
    for (int32_t i = 0; i < r->piece_n; i++)
        if (!is_free(&s->pools[j->pool], scheduler_demand(s, r->demand), &pieces[i])) return false;
    return true;
}

/* ---- steps ---- */

static bool room_for_step(struct elastic *q, int32_t pieces)
{
    if (q->step_n == q->step_capacity) {
        size_t capacity = q->step_capacity ? 2 * q->step_capacity : 64;
        struct paper_step *steps = realloc(q->steps, capacity * sizeof *steps);
        if (!steps) return false;
        q->steps = steps;
        q->step_capacity = capacity;
    }
    if (q->piece_n + (size_t)pieces > q->piece_capacity) {
        size_t capacity = 2 * (q->piece_n + (size_t)pieces);
        struct piece *all = realloc(q->pieces, capacity * sizeof *all);
        if (!all) return false;
        q->pieces = all;
        q->piece_capacity = capacity;
    }
    return true;
}

/* It has that on paper in place of what it has given back. */
static void settle(struct scheduler *s, uint32_t m, const struct paper *paper)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    struct elastic_pool *p = &q->pools[j->pool];
    if (j->paper.share > 0) p->slack -= j->paper.share - j->least;
    struct paper before = j->paper;
    fix(s, j, &before, -1);
    j->paper = *paper;
    if (before.share != paper->share) elastic_set_worth(s, j, paper->share - before.share);
    elastic_queue_set_take(s, m);
    fix(s, j, paper, +1);
    if (paper->share > 0) p->slack += paper->share - j->least;
    shift_paper(s, j, -1);
    if (q->trial) return;
    elastic_queue_set_give(s, m);
    wake(s, j, &before);
}

/* Nodes for so many GPUs, now that it has given back what it had. */
static bool find(struct scheduler *s, const struct member *j, int64_t gpus, struct paper *found)
{
    struct elastic *q = s->state;
    *found = (struct paper){ .share = gpus };
    if (j->slot != RUNNING_NONE && gpus == j->held && may_stay(s, j)) return room_for_step(q, 0);
    found->demand = demand_of_share(s->demands, j->asked, gpus);
    if (found->demand == UINT32_MAX || !scheduler_pieces_room(s, found->demand)) {
        s->failed = true;
        return false;
    }
    found->piece_n = placing_find(&s->placing, &s->pools[j->pool],
                                  scheduler_demand(s, found->demand), j->job, s->pieces);
    if (found->piece_n == 0) return false;
    if (!room_for_step(q, found->piece_n)) {
        s->failed = true;
        return false;
    }
    memcpy(q->pieces + q->piece_n, s->pieces, (size_t)found->piece_n * sizeof *s->pieces);
    found->moved = true;
    found->piece_at = (uint32_t)q->piece_n;
    q->piece_n += (size_t)found->piece_n;
    return true;
}

static void touch(struct elastic *q, uint32_t m)
{
    if (!q->members[m].changed) q->changed[q->changed_n++] = m;
    q->members[m].changed = true;
}

bool elastic_resize(struct scheduler *s, uint32_t m, int64_t gpus)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    struct paper found;
    touch(q, m);
    shift_paper(s, j, +1);
    if (!find(s, j, gpus, &found)) {
        shift_paper(s, j, -1);
        return false;
    }
    q->steps[q->step_n++] = (struct paper_step){ m, j->paper };
    settle(s, m, &found);
    return true;
}

void elastic_undo(struct scheduler *s, size_t n)
{
    struct elastic *q = s->state;
    while (q->step_n > n) {
        const struct paper_step *step = &q->steps[--q->step_n];
        shift_paper(s, &q->members[step->member], +1);
        settle(s, step->member, &step->before);
    }
}

void elastic_begin_trial(struct scheduler *s)
{
    struct elastic *q = s->state;
    q->trial = true;
}

void elastic_end_trial(struct scheduler *s, size_t first_step, bool succeeded)
{
    struct elastic *q = s->state;
    if (!succeeded) elastic_undo(s, first_step);
    q->trial = false;
    for (size_t i = first_step; i < q->step_n && !s->failed; i++) {
        const struct paper_step *step = &q->steps[i];
        elastic_queue_set_give(s, step->member);
        wake(s, &q->members[step->member], &step->before);
    }
}

/* ---- so ---- */

static int by_job(const void *a, const void *b, void *members)
{
    const struct member *all = members;
    uint32_t x = all[*(const uint32_t *)a].job, y = all[*(const uint32_t *)b].job;
    return (x > y) - (x < y);
}

/* Nodes are held as they are in truth, whatever is on paper. */
static void clear_paper(struct scheduler *s)
{
    const struct elastic *q = s->state;
    for (uint32_t i = 0; i < q->changed_n; i++) {
        const struct member *j = &q->members[q->changed[i]];
        if (j->paper.moved) shift_paper(s, j, +1);
    }
    for (uint32_t i = 0; i < q->changed_n; i++) {
        struct member as_it_runs = q->members[q->changed[i]];
        if (!as_it_runs.paper.moved) continue;
        as_it_runs.paper.moved = false;
        shift_paper(s, &as_it_runs, -1);
    }
}

static void stop(struct scheduler *s, struct member *j)
{
    struct elastic *q = s->state;
    q->of_slot[j->slot] = NOWHERE;
    s->preempt(s->world, j->slot);
    s->waiting_n++;
    j->slot = RUNNING_NONE;
}

static void start(struct scheduler *s, uint32_t m, int64_t now_us)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    struct paper p = j->paper;
    j->held = p.share;
    j->paper = (struct paper){ .share = p.share };
    q->starting = m;
    scheduler_start_on(s, j->job, p.demand, j->pool, q->pieces + p.piece_at, p.piece_n, now_us);
}

/* In order of arrival, as all is that has no other order. */
void elastic_commit(struct scheduler *s, int64_t now_us)
{
    struct elastic *q = s->state;
    uint32_t n = 0;
    clear_paper(s);
    for (uint32_t i = 0; i < q->changed_n; i++) {
        uint32_t m = q->changed[i];
        q->members[m].changed = false;
        elastic_queue_end_pass(s, m);
        if (q->members[m].paper.moved) q->changed[n++] = m;
    }
    if (n > 1) qsort_r(q->changed, n, sizeof *q->changed, by_job, q->members);
    for (uint32_t i = 0; i < n; i++) {
        struct member *j = &q->members[q->changed[i]];
        if (j->slot != RUNNING_NONE) stop(s, j);
    }
    for (uint32_t i = 0; i < n && !s->failed; i++) start(s, q->changed[i], now_us);
    q->changed_n = 0;
    q->step_n = q->piece_n = 0;
}
