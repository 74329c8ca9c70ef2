/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may have a GPU more, and who one less.
 *
 *      give      those on whose last node a GPU is free       best first
 *      rest[r]   the others, by the GPUs on their last node   best first
 *
 * On a full fleet with odd GPUs free here and there nearly all jobs want more and cannot have it;
 * they need not be asked. A gang lies on whole nodes and one for the rest, r GPUs. So one more GPU
 * is one on that last node, or r + 1 on another (r = 0, all nodes whole: one on another). Who has
 * neither sleeps, by r, until there is one on its last node, or r + 1 on any. Where cores and
 * memory are short, too, it may be asked for nothing.
 */
#include <stdlib.h>

#include "models/scheduling/elastic.h"

/* ---- heaps ---- */

bool elastic_queue_init(struct scheduler *s)
{
    struct elastic *q = s->state;
    size_t nodes = 0;
    q->pools = calloc((size_t)s->pool_n, sizeof *q->pools);
    for (int32_t k = 0; q->pools && k < s->pool_n; k++) {
        struct elastic_pool *p = &q->pools[k];
        size_t levels = (size_t)s->pools[k].gpus + 1;
        p->rest = calloc(levels, sizeof *p->rest);
        p->open = calloc(levels, sizeof *p->open);
        p->fixed = calloc((size_t)s->pools[k].node_n, sizeof *p->fixed);
        if (!p->rest || !p->open || !p->fixed) return false;
        p->open[levels - 1] = s->pools[k].node_n;
        nodes += (size_t)s->pools[k].node_n;
    }
    q->on_node = malloc((nodes + 1) * sizeof *q->on_node);
    for (size_t i = 0; q->on_node && i < nodes; i++) q->on_node[i] = NOWHERE;
    return q->pools && q->on_node;
}

void elastic_queue_free(struct scheduler *s)
{
    struct elastic *q = s->state;
    for (int32_t k = 0; q->pools && k < s->pool_n; k++) {
        ranked_heap_free(&q->pools[k].give);
        ranked_heap_free(&q->pools[k].take);
        for (int32_t r = 0; q->pools[k].rest && r <= s->pools[k].gpus; r++)
            ranked_heap_free(&q->pools[k].rest[r]);
        free(q->pools[k].rest);
        free(q->pools[k].open);
        free(q->pools[k].fixed);
    }
    ranked_heap_free(&q->due);
    free(q->pools);
    free(q->on_node);
}

/* GPUs on its last node, if that is not a whole one. */
static int32_t rest_of(const struct scheduler *s, const struct member *j)
{
    if (s->placing.gang == GANG_ANYWHERE || s->pools[j->pool].gpus == 0) return 0;
    return (int32_t)(j->paper.share % s->pools[j->pool].gpus);
}

static struct ranked_heap *heap_of(struct scheduler *s, const struct member *j)
{
    struct elastic *q = s->state;
    struct elastic_pool *p = &q->pools[j->pool];
    return j->asleep ? &p->rest[j->rest] : &p->give;
}

/* ---- who sleeps on a node ---- */

static void unlink_node(struct elastic *q, uint32_t m)
{
    struct member *j = &q->members[m];
    if (j->node < 0) return;
    if (j->before != NOWHERE) q->members[j->before].after = j->after;
    else q->on_node[j->node] = j->after;
    if (j->after != NOWHERE) q->members[j->after].before = j->before;
    j->node = -1;
}

/* The one that is not whole, if there is one. */
static int64_t last_node(const struct scheduler *s, const struct member *j)
{
    const struct elastic *q = s->state;
    const struct piece *pieces = q->pieces + j->paper.piece_at;
    int32_t n = j->paper.piece_n, last = 0;
    if (!j->paper.moved) {
        pieces = running_pieces(s->running, j->slot);
        n = s->running->slots[j->slot].piece_n;
    }
    for (int32_t i = 1; i < n; i++)
        if (pieces[i].gpus < pieces[last].gpus) last = i;
    return s->pools[j->pool].base + pieces[last].node;
}

static void link_node(const struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    j->node = last_node(s, j);
    j->before = NOWHERE;
    j->after = q->on_node[j->node];
    if (j->after != NOWHERE) q->members[j->after].before = m;
    q->on_node[j->node] = m;
}

/* ---- in and out ---- */

/* Whether a GPU is free on its last node. (A gang that may lie anywhere has none.) */
static bool has_room_beside(const struct scheduler *s, const struct member *j)
{
    const struct pool *p = &s->pools[j->pool];
    return s->placing.gang != GANG_ANYWHERE && p->free_gpu[last_node(s, j) - p->base] > 0;
}

static struct ranked item_of(const struct elastic *q, uint32_t m, int64_t key)
{
    uint32_t job = q->members[m].job;
    return (struct ranked){ .key = key, .tag = job, .job = job, .slot = m };
}

static void enter_give(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    struct member *j = &q->members[m];
    if (j->paper.share >= j->most || j->stuck) return;
    j->asleep = !has_room_beside(s, j);
    j->rest = rest_of(s, j);
    if (j->asleep && s->placing.gang != GANG_ANYWHERE) link_node(s, m);
    struct ranked item = item_of(q, m, j->next);
    s->failed |= !ranked_heap_push(heap_of(s, j), SMALLEST_FIRST, q->give_at, item);
}

static void leave_give(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    if (q->give_at[m] != NOWHERE)
        ranked_heap_remove(heap_of(s, &q->members[m]), SMALLEST_FIRST, q->give_at, q->give_at[m]);
    unlink_node(q, m);
    q->members[m].asleep = false;
}

static void leave_take(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    struct ranked_heap *take = &q->pools[q->members[m].pool].take;
    if (q->take_at[m] != NOWHERE)
        ranked_heap_remove(take, LARGEST_FIRST, q->take_at, q->take_at[m]);
}

/* Who has one GPU less is mostly still who has the next one less: it is changed in place. */
void elastic_queue_set_take(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    const struct member *j = &q->members[m];
    struct ranked_heap *take = &q->pools[j->pool].take;
    if (j->paper.share <= j->least) {
        leave_take(s, m);
        return;
    }
    struct ranked item = item_of(q, m, j->last);
    if (q->take_at[m] != NOWHERE)
        ranked_heap_change(take, LARGEST_FIRST, q->take_at, q->take_at[m], item);
    else s->failed |= !ranked_heap_push(take, LARGEST_FIRST, q->take_at, item);
}

void elastic_queue_set_give(struct scheduler *s, uint32_t m)
{
    leave_give(s, m);
    enter_give(s, m);
}

void elastic_queue_leave(struct scheduler *s, uint32_t m)
{
    leave_give(s, m);
    leave_take(s, m);
    elastic_queue_drop_due(s, m);
}

void elastic_queue_renew_give(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    const struct member *j = &q->members[m];
    if (q->give_at[m] != NOWHERE)
        ranked_heap_change(heap_of(s, j), SMALLEST_FIRST, q->give_at, q->give_at[m],
                           item_of(q, m, j->next));
}

void elastic_queue_set_due(struct scheduler *s, uint32_t m, int64_t due_us)
{
    struct elastic *q = s->state;
    struct ranked item = item_of(q, m, due_us);
    if (q->due_at[m] != NOWHERE)
        ranked_heap_change(&q->due, SMALLEST_FIRST, q->due_at, q->due_at[m], item);
    else s->failed |= !ranked_heap_push(&q->due, SMALLEST_FIRST, q->due_at, item);
}

void elastic_queue_drop_due(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    if (q->due_at[m] != NOWHERE)
        ranked_heap_remove(&q->due, SMALLEST_FIRST, q->due_at, q->due_at[m]);
}

/* ---- who is next ---- */

static bool is_better(const struct ranked *a, const struct ranked *b)
{
    return a->key != b->key ? a->key < b->key : a->tag < b->tag;
}

/* What was free beside the first of those awake may be gone. */
static void send_to_sleep(struct scheduler *s, int32_t pool)
{
    const struct elastic *q = s->state;
    const struct ranked_heap *give = &q->pools[pool].give;
    while (give->n > 0 && !has_room_beside(s, &q->members[give->items[0].slot]))
        elastic_queue_set_give(s, give->items[0].slot);
}

/* By the heaps, of those who may have a GPU that is free: it may be stale. */
static const struct ranked *best_by_heaps(const struct scheduler *s, int32_t pool)
{
    const struct elastic *q = s->state;
    const struct elastic_pool *p = &q->pools[pool];
    const struct ranked *best = p->give.n > 0 ? &p->give.items[0] : NULL;
    int32_t most = s->pools[pool].gpus; /* free on one node */
    while (most > 0 && s->pools[pool].count[most] == 0) most--;
    for (int32_t r = 0; r < most; r++)
        if (p->rest[r].n > 0 && (!best || is_better(&p->rest[r].items[0], best)))
            best = &p->rest[r].items[0];
    return best;
}

static const struct ranked *best_to_look_at(struct scheduler *s, int32_t pool)
{
    send_to_sleep(s, pool);
    return best_by_heaps(s, pool);
}

/* Bounds are no worse than what is meant: who is first by them and not stale is first. */
const struct ranked *elastic_queue_best(struct scheduler *s, int32_t pool)
{
    const struct elastic *q = s->state;
    const struct ranked *best;
    while ((best = best_to_look_at(s, pool)) && q->members[best->slot].stale && !s->failed)
        elastic_look(s, best->slot);
    return best;
}

const struct ranked *elastic_queue_worst(struct scheduler *s, int32_t pool)
{
    const struct elastic *q = s->state;
    const struct ranked_heap *take = &q->pools[pool].take;
    while (take->n > 0 && q->members[take->items[0].slot].stale && !s->failed)
        elastic_look(s, take->items[0].slot);
    q->pools[pool].worst = take->n > 0 ? take->items[0].key : 0;
    return take->n > 0 ? &take->items[0] : NULL;
}

static const struct ranked *better_to_look_at(const struct scheduler *s, int32_t pool, int64_t key)
{
    const struct elastic *q = s->state;
    const struct elastic_pool *p = &q->pools[pool];
    if (p->give.n > 0 && p->give.items[0].key < key) return &p->give.items[0];
    for (int32_t r = 0; r <= s->pools[pool].gpus; r++)
        if (p->rest[r].n > 0 && p->rest[r].items[0].key < key) return &p->rest[r].items[0];
    return NULL;
}

bool elastic_queue_has_better(struct scheduler *s, int32_t pool, int64_t key)
{
    const struct elastic *q = s->state;
    const struct ranked *better;
    send_to_sleep(s, pool);
    while ((better = better_to_look_at(s, pool, key)) && q->members[better->slot].stale &&
           !s->failed)
        elastic_look(s, better->slot);
    return better != NULL;
}

bool elastic_queue_may_have_better(const struct scheduler *s, int32_t pool, int64_t key)
{
    const struct ranked *best = best_by_heaps(s, pool);
    return best && best->key < key;
}

bool elastic_queue_may_wake_better(const struct scheduler *s, int32_t pool, int64_t node,
                                   int64_t key)
{
    const struct elastic *q = s->state;
    uint32_t m = q->on_node[s->pools[pool].base + node];
    while (m != NOWHERE && q->members[m].next >= key) m = q->members[m].after;
    return m != NOWHERE;
}

void elastic_queue_pass_over(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    leave_give(s, m);
    q->members[m].stuck = true;
}

void elastic_queue_end_pass(struct scheduler *s, uint32_t m)
{
    struct elastic *q = s->state;
    if (!q->members[m].stuck) return;
    q->members[m].stuck = false;
    enter_give(s, m);
}

void elastic_queue_wake(struct scheduler *s, int32_t pool, int64_t node)
{
    struct elastic *q = s->state;
    uint32_t *on_node = &q->on_node[s->pools[pool].base + node];
    while (*on_node != NOWHERE) {
        uint32_t m = *on_node;
        elastic_queue_set_give(s, m);
    }
}
