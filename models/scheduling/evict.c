/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preemption for the head of the queue: one queue in order of priority; a head that does not fit
 * stops running jobs of lower priority, if it fits then; else it blocks everybody behind it, and
 * nobody is stopped.
 *
 *      running, by priority    -1: 4 7 9      0: 2 5      1: 3       each in order of start
 *      victims of a head of 1   9, 7, 4, then 5, 2: until the head fits
 *
 * Pool after pool, what the next victim holds is given back on paper until the placement finds room
 * for the head; those without whom it fits these nodes, too, are spared, the most urgent first.
 * Victims go back to the queue, to their place by priority and arrival.
 *
 * With `victims: node` a head that fits one node gets the node, and stops those, that
 * kube-scheduler would choose: evict_node.h.
 *
 * That is what schedulers agree on who preempt for one job at a time: strictly lower priority, the
 * lowest first (kube-scheduler, PostFilter; Slurm, preempt/qos), of these the one that started
 * last, so that least is lost (Slurm's preempt_youngest_first), and nobody for nothing.
 *
 * Heads that block cost nothing until something is released. A head that looks for victims costs
 * one placement for each that it tries, at most the running jobs of lower priority; where even all
 * of their GPUs are too few, the number of priorities.
 */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/engine.h"
#include "models/scheduling/evict_node.h"
#include "models/scheduling/waiting.h"

struct link { /* by slot: neighbours of the same priority, in order of start; RUNNING_NONE */
    uint32_t before, after;
};

struct running_class {
    int64_t key;          /* smaller is more urgent */
    int64_t gpus;         /* held */
    uint32_t first, last; /* slots, in order of start */
};

struct evict {
    struct waiting_heap heap;
    uint32_t blocked;              /* the head that did not fit, WAITING_NONE */
    struct running_class *classes; /* least urgent first */
    uint32_t class_n, class_capacity;
    struct link *links;
    uint32_t *victims; /* scratch; room for every slot */
    uint32_t slot_capacity;
};

static bool evict_init(struct scheduler *s)
{
    struct evict *q = s->state;
    q->blocked = WAITING_NONE;
    waiting_heap_init(&q->heap, false);
    return true;
}

static void evict_free(struct scheduler *s)
{
    struct evict *q = s->state;
    waiting_heap_free(&q->heap);
    free(q->classes);
    free(q->links);
    free(q->victims);
}

static bool evict_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    struct evict *q = s->state;
    return waiting_heap_push(&q->heap, (struct waiting_job){ order_key(s, job), job, demand });
}

/* ---- who runs ---- */

/* The class of a key, or where it belongs. */
static uint32_t class_at(const struct evict *q, int64_t key)
{
    uint32_t low = 0, high = q->class_n;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (q->classes[middle].key > key) low = middle + 1;
        else high = middle;
    }
    return low;
}

static struct running_class *class_for(struct evict *q, int64_t key)
{
    uint32_t at = class_at(q, key);
    if (at < q->class_n && q->classes[at].key == key) return &q->classes[at];
    if (q->class_n == q->class_capacity) {
        uint32_t capacity = q->class_capacity ? 2 * q->class_capacity : 8;
        struct running_class *classes = realloc(q->classes, capacity * sizeof *classes);
        if (!classes) return NULL;
        q->classes = classes;
        q->class_capacity = capacity;
    }
    memmove(q->classes + at + 1, q->classes + at, (q->class_n - at) * sizeof *q->classes);
    q->class_n++;
    q->classes[at] = (struct running_class){ key, 0, RUNNING_NONE, RUNNING_NONE };
    return &q->classes[at];
}

static bool slots_room(struct evict *q, uint32_t slot)
{
    if (slot < q->slot_capacity) return true;
    uint32_t capacity = slot < 32 ? 64 : 2 * slot;
    struct link *links = realloc(q->links, capacity * sizeof *links);
    if (links) q->links = links;
    uint32_t *victims = realloc(q->victims, capacity * sizeof *victims);
    if (victims) q->victims = victims;
    if (!links || !victims) return false;
    q->slot_capacity = capacity;
    return true;
}

static void evict_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct evict *q = s->state;
    const struct running_job *j = &s->running->slots[slot];
    struct running_class *c = class_for(q, order_key(s, j->job));
    (void)now_us;
    if (!c || !slots_room(q, slot)) {
        s->failed = true;
        return;
    }
    q->links[slot] = (struct link){ c->last, RUNNING_NONE };
    if (c->last != RUNNING_NONE) q->links[c->last].after = slot;
    else c->first = slot;
    c->last = slot;
    c->gpus += scheduler_demand(s, j->demand)->gpus;
}

static void leave(struct scheduler *s, uint32_t slot)
{
    struct evict *q = s->state;
    const struct running_job *j = &s->running->slots[slot];
    struct running_class *c = &q->classes[class_at(q, order_key(s, j->job))];
    struct link l = q->links[slot];
    if (l.before != RUNNING_NONE) q->links[l.before].after = l.after;
    else c->first = l.after;
    if (l.after != RUNNING_NONE) q->links[l.after].before = l.before;
    else c->last = l.before;
    c->gpus -= scheduler_demand(s, j->demand)->gpus;
}

static void evict_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    (void)now_us;
    leave(s, slot);
}

/* ---- victims ---- */

/* All have given back: those without whom the head fits its nodes, too, have theirs again, the most
 * urgent and longest running first. How many are left of the n. */
static uint32_t spare(struct scheduler *s, const struct waiting_job *head, int32_t pool,
                      int32_t pieces, uint32_t n)
{
    struct evict *q = s->state;
    uint32_t kept = n;
    for (uint32_t i = n; i-- > 0;) {
        uint32_t slot = q->victims[i];
        bool fits = true;
        scheduler_give_back(s, slot, -1);
        for (int32_t k = 0; k < pieces && fits; k++) {
            struct share share = demand_share(scheduler_demand(s, head->demand), s->pieces[k].gpus);
            fits = pool_node_fits(&s->pools[pool], s->pieces[k].node, &share);
        }
        if (!fits) scheduler_give_back(s, slot, +1);
        else {
            memmove(q->victims + i, q->victims + i + 1, (kept - i - 1) * sizeof *q->victims);
            kept--;
        }
    }
    return kept;
}

/* Whether all GPUs of less urgent jobs and those that are free may be enough. */
static bool may_fit(const struct scheduler *s, const struct waiting_job *head)
{
    const struct evict *q = s->state;
    int64_t gpus = 0;
    if (q->class_n == 0 || q->classes[0].key <= head->key) return false;
    for (int32_t p = 0; p < s->pool_n; p++) gpus += s->pools[p].free_gpus;
    for (uint32_t c = 0; c < q->class_n && q->classes[c].key > head->key; c++)
        gpus += q->classes[c].gpus;
    return gpus >= scheduler_demand(s, head->demand)->gpus;
}

/* The nodes for the head in this pool if so many victims gave back what they hold: how many pieces,
 * 0 = not even if all did. */
static int32_t find_victims(struct scheduler *s, const struct waiting_job *head, int32_t pool,
                            uint32_t *victim_n)
{
    struct evict *q = s->state;
    const struct demand *d = scheduler_demand(s, head->demand);
    int32_t pieces = 0;
    uint32_t n = 0;
    for (uint32_t c = 0; c < q->class_n && q->classes[c].key > head->key && pieces == 0; c++)
        for (uint32_t slot = q->classes[c].last; slot != RUNNING_NONE && pieces == 0;
             slot = q->links[slot].before) {
            if (s->running->slots[slot].pool != pool) continue;
            scheduler_give_back(s, slot, +1);
            q->victims[n++] = slot;
            if (d->gpus <= s->pools[pool].free_gpus)
                pieces = placing_find(&s->placing, &s->pools[pool], d, head->job, s->pieces);
        }
    *victim_n = pieces > 0 ? spare(s, head, pool, pieces, n) : n;
    for (uint32_t i = *victim_n; i-- > 0;) scheduler_give_back(s, q->victims[i], -1);
    return pieces;
}

static void stop(struct scheduler *s, uint32_t slot)
{
    struct evict *q = s->state;
    struct running_job j = s->running->slots[slot];
    leave(s, slot);
    q->blocked = WAITING_NONE; /* a gang leaves more than the head takes */
    s->preempt(s->world, slot);
    s->waiting_n++;
    if (!waiting_heap_push(&q->heap, (struct waiting_job){ order_key(s, j.job), j.job, j.demand }))
        s->failed = true;
}

/* On the nodes that were found; which GPUs of these, only now can be said. */
static void start_there(struct scheduler *s, const struct waiting_job *head, int32_t pool,
                        const struct piece *pieces, int32_t n, int64_t now_us)
{
    if (!s->pools[pool].table)
        scheduler_start_on(s, head->job, head->demand, pool, pieces, n, now_us);
    else if (!scheduler_place_in(s, head->job, head->demand, pool, now_us)) s->failed = true;
}

/* Running jobs that are less urgent than the head, the most urgent first and of equals who started
 * first, into `victims`. How many. */
static uint32_t less_urgent(struct evict *q, const struct waiting_job *head)
{
    uint32_t c = 0, n = 0;
    while (c < q->class_n && q->classes[c].key > head->key) c++;
    while (c-- > 0)
        for (uint32_t slot = q->classes[c].first; slot != RUNNING_NONE; slot = q->links[slot].after)
            q->victims[n++] = slot;
    return n;
}

/* Whether some node could have all of it. */
static bool fits_a_node(const struct scheduler *s, uint32_t demand)
{
    const struct demand *d = scheduler_demand(s, demand);
    for (int32_t p = 0; p < s->pool_n; p++)
        if (d->pools >> p & 1 && d->gpus <= s->pools[p].gpus) return true;
    return false;
}

static bool take_node(struct scheduler *s, const struct waiting_job *head, int64_t now_us)
{
    struct evict *q = s->state;
    uint32_t n = less_urgent(q, head);
    struct evict_choice choice = evict_on_node(s, head->demand, q->victims, n);
    if (choice.pool < 0) return false;
    struct piece piece = { .node = choice.node,
                           .gpus = (uint16_t)scheduler_demand(s, head->demand)->gpus };
    for (uint32_t i = 0; i < choice.victim_n; i++) stop(s, q->victims[i]);
    start_there(s, head, choice.pool, &piece, 1, now_us);
    return true;
}

/* Starts the head in the place of others; it is not in the queue any more. */
static bool take_place(struct scheduler *s, const struct waiting_job *head, int64_t now_us)
{
    struct evict *q = s->state;
    uint64_t pools = scheduler_demand(s, head->demand)->pools;
    if (s->victims == VICTIMS_NODE && fits_a_node(s, head->demand))
        return take_node(s, head, now_us);
    for (int32_t p = 0; p < s->pool_n; p++) {
        uint32_t n;
        if (!(pools >> p & 1)) continue;
        int32_t pieces = find_victims(s, head, p, &n);
        if (pieces == 0) continue;
        for (uint32_t i = 0; i < n; i++) stop(s, q->victims[i]);
        start_there(s, head, p, s->pieces, pieces, now_us);
        return true;
    }
    return false;
}

static void evict_pass(struct scheduler *s, int64_t now_us)
{
    struct evict *q = s->state;
    while (q->heap.n > 0 && !s->failed) {
        struct waiting_job head = *waiting_heap_head(&q->heap);
        if (!s->released && head.job == q->blocked) return;
        waiting_heap_pop(&q->heap);
        if (scheduler_try(s, head.job, head.demand, now_us)) continue;
        if (s->progress && may_fit(s, &head) && take_place(s, &head, now_us)) continue;
        q->blocked = head.job;
        if (!waiting_heap_push(&q->heap, head)) s->failed = true;
        return;
    }
    q->blocked = WAITING_NONE;
}

const struct scheduler_engine engine_evict = {
    .state_size = sizeof(struct evict),
    .init = evict_init,
    .free = evict_free,
    .submit = evict_submit,
    .pass = evict_pass,
    .started = evict_started,
    .released = evict_released,
};
