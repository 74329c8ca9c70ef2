/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes for jobs whose sizes change: on paper first, then so. */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/elastic.h"

/* ---- on paper ---- */

static void shift(struct scheduler *s, int32_t pool, uint32_t demand, const struct piece *pieces,
                  int32_t n, int sign)
{
    for (int32_t i = 0; i < n; i++) {
        struct share share = piece_share(scheduler_demand(s, demand), &pieces[i]);
        pool_shift(&s->pools[pool], pieces[i].node, &share, sign);
    }
}

/* What it holds as it runs, if it does. */
static void shift_running(struct scheduler *s, const struct member *j, int sign)
{
    if (j->slot == RUNNING_NONE) return;
    const struct running_job *r = &s->running->slots[j->slot];
    shift(s, j->pool, r->demand, running_pieces(s->running, j->slot), r->piece_n, sign);
}

/* What it holds on paper: the pieces it was moved to, or those it runs on. */
static void shift_placed(struct scheduler *s, const struct member *j, int sign)
{
    const struct elastic *q = s->state;
    if (j->moved) shift(s, j->pool, j->demand, q->pieces + j->piece_at, j->piece_n, sign);
    else shift_running(s, j, sign);
}

/* Whether the GPUs that a piece is of are all free. */
static bool is_free(const struct pool *p, const struct demand *d, const struct piece *piece)
{
    struct share share = piece_share(d, piece);
    if (!pool_node_fits(p, piece->node, &share)) return false;
    return !p->table || gpu_table_are_free(p->table, piece->node, piece->mask);
}

/* Takes the pieces it runs on again, if nobody else has them on paper. */
static bool stay(struct scheduler *s, struct member *j)
{
    const struct running_job *r = &s->running->slots[j->slot];
    const struct piece *pieces = running_pieces(s->running, j->slot);
    for (int32_t i = 0; i < r->piece_n; i++)
        if (!is_free(&s->pools[j->pool], scheduler_demand(s, r->demand), &pieces[i])) return false;
    j->moved = false;
    shift_placed(s, j, -1);
    return true;
}

static bool pieces_room(struct elastic *q, int32_t n)
{
    if (q->piece_n + (size_t)n <= q->piece_capacity) return true;
    size_t capacity = 2 * (q->piece_n + (size_t)n);
    struct piece *pieces = realloc(q->pieces, capacity * sizeof *pieces);
    if (!pieces) return false;
    q->pieces = pieces;
    q->piece_capacity = capacity;
    return true;
}

/* Puts the member on so many GPUs in place of what it has; false: there are no nodes, and it has
 * what it had. */
static bool try_size(struct scheduler *s, struct member *j, int64_t gpus)
{
    struct elastic *q = s->state;
    uint32_t demand = demand_of_share(s->demands, j->asked, gpus);
    if (demand == UINT32_MAX || !scheduler_pieces_room(s, demand)) {
        s->failed = true;
        return false;
    }
    shift_placed(s, j, +1);
    if (j->slot != RUNNING_NONE && gpus == j->held && stay(s, j)) {
        j->placed = gpus;
        return true;
    }
    int32_t n = placing_find(&s->placing, &s->pools[j->pool], scheduler_demand(s, demand), j->job,
                             s->pieces);
    if (n == 0 || !pieces_room(q, n)) {
        s->failed |= n > 0;
        shift_placed(s, j, -1);
        return false;
    }
    memcpy(q->pieces + q->piece_n, s->pieces, (size_t)n * sizeof *s->pieces);
    j->demand = demand;
    j->piece_at = (uint32_t)q->piece_n;
    j->piece_n = n;
    j->placed = gpus;
    j->moved = true;
    q->piece_n += (size_t)n;
    shift_placed(s, j, -1);
    return true;
}

/* The most that there are nodes for, from its share down to what it has; false: it is to start, and
 * there are none for its least. */
static bool place_member(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    bool starts = !j->moved && j->slot == RUNNING_NONE;
    int64_t floor = j->share < j->placed ? j->share : starts ? j->least : j->placed + 1, gpus;
    for (gpus = j->share; gpus >= floor && !s->failed; gpus--)
        if (try_size(s, j, gpus)) break;
    if (gpus == j->share || s->failed) return true;
    if (starts && gpus < floor) return false;
    j->stuck = true;
    elastic_set_share(s, m, j->placed);
    return true;
}

static int by_job(const void *a, const void *b, void *members)
{
    const struct member *all = members;
    uint32_t x = all[*(const uint32_t *)a].job, y = all[*(const uint32_t *)b].job;
    return (x > y) - (x < y);
}

enum turn { SHRINK, START, GROW, TURN_N };

static enum turn turn_of(const struct member *j)
{
    if (j->share < j->placed) return SHRINK;
    return j->slot == RUNNING_NONE && !j->moved ? START : GROW;
}

bool elastic_place(struct scheduler *s)
{
    struct elastic *q = s->state;
    q->piece_n = 0;
    for (bool again = true; again && !s->failed;) {
        uint32_t n = q->changed_n, starts = 0;
        qsort_r(q->changed, n, sizeof *q->changed, by_job, q->members);
        for (enum turn turn = SHRINK; turn < TURN_N; turn++)
            for (uint32_t i = 0; i < n && !s->failed; i++) {
                const struct member *j = &q->members[q->changed[i]];
                if (j->share == j->placed && (j->moved || j->slot != RUNNING_NONE)) continue;
                if (turn_of(j) != turn) continue;
                if (!place_member(s, q->changed[i])) {
                    q->admitted = starts;
                    return false;
                }
                starts += turn == START;
            }
        elastic_give(s); /* what those that are stuck leave */
        again = false;
        for (uint32_t i = 0; i < q->changed_n && !again; i++)
            again = q->members[q->changed[i]].share != q->members[q->changed[i]].placed;
    }
    return true;
}

/* Nodes are held as they are in truth. */
static void take_back(struct scheduler *s)
{
    const struct elastic *q = s->state;
    for (uint32_t i = 0; i < q->changed_n; i++) {
        const struct member *j = &q->members[q->changed[i]];
        if (j->moved) shift_placed(s, j, +1);
    }
    for (uint32_t i = 0; i < q->changed_n; i++) {
        const struct member *j = &q->members[q->changed[i]];
        if (j->moved) shift_running(s, j, -1);
    }
}

void elastic_unplace(struct scheduler *s)
{
    struct elastic *q = s->state;
    take_back(s);
    for (uint32_t i = 0; i < q->changed_n; i++) {
        struct member *j = &q->members[q->changed[i]];
        j->moved = false;
        j->placed = j->held;
    }
}

/* ---- so ---- */

static void stop(struct scheduler *s, struct member *j)
{
    struct elastic *q = s->state;
    q->of_slot[j->slot] = NOWHERE;
    s->preempt(s->world, j->slot);
    s->waiting_n++;
    j->slot = RUNNING_NONE;
}

/* In order of arrival, as all is that has no other order. */
void elastic_commit(struct scheduler *s, int64_t now_us)
{
    struct elastic *q = s->state;
    uint32_t n = q->changed_n;
    take_back(s);
    qsort_r(q->changed, n, sizeof *q->changed, by_job, q->members);
    for (uint32_t i = 0; i < n; i++) {
        struct member *j = &q->members[q->changed[i]];
        if (j->moved && j->slot != RUNNING_NONE) stop(s, j);
    }
    for (uint32_t i = 0; i < n && !s->failed; i++) {
        struct member *j = &q->members[q->changed[i]];
        if (!j->moved) continue;
        j->moved = false;
        j->held = j->placed;
        q->starting = q->changed[i];
        scheduler_start_on(s, j->job, j->demand, j->pool, q->pieces + j->piece_at, j->piece_n,
                           now_us);
    }
}
