/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Admission as Kueue does it. A pass is as many cycles as change something; a cycle looks at the
 * first job of each ClusterQueue:
 *
 *      1. each is assigned flavors, and victims where it takes some       kueue_flavors.c,
 * _victims.c
 *      2. they are sorted: who borrows less, then higher priority, then who came first
 *      3. each in turn starts, if what was found still holds
 *      4. who cannot start steps aside until a release (BestEffortFIFO), or blocks its queue
 *
 * A job that may be served by nobody's stop, though its quota would do, holds that quota back from
 * others for the rest of the cycle, unless it can always reclaim it (reclaimWithinCohort: Any).
 *
 * Not as in Kueue, which admits and leaves nodes and pods to others:
 *  - a job is admitted only where its gang has room on nodes of its flavors, all or nothing; who
 *    stops others for quota stops so many that there is room, too, and who has quota stops others
 *    for room only where a flavor is topology-aware;
 *  - a stop takes no time, so that the job it was made for starts at once, not in the next cycle;
 *  - of jobs alike in queue, demand and priority the first is looked at, also where a later one has
 *    just come.
 */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/kueue.h"

static bool kueue_init(struct scheduler *s)
{
    struct kueue *k = s->state;
    const struct quota_spec *spec = s->quota ? s->quota : &quota_unlimited;
    k->quota.spec = spec;
    k->entries = calloc((size_t)spec->queue_n + 1, sizeof *k->entries);
    k->sources = calloc((size_t)spec->queue_n + 1, sizeof *k->sources);
    k->vain.sources = calloc((size_t)spec->queue_n + 1, sizeof *k->vain.sources);
    return quota_init(&k->quota, spec) && quota_init(&k->nothing, spec) && k->entries &&
           k->sources && k->vain.sources && kueue_lines_init(s);
}

static void kueue_free(struct scheduler *s)
{
    struct kueue *k = s->state;
    kueue_lines_free(k);
    quota_free(&k->quota);
    quota_free(&k->nothing);
    free(k->at);
    free(k->entries);
    free(k->victims);
    free(k->sources);
    free(k->vain.sources);
}

static enum reject_reason kueue_refuse(struct scheduler *s, uint32_t job, uint32_t demand)
{
    const struct kueue *k = s->state;
    int32_t queue = kueue_queue_of(s, job);
    if (queue == KUEUE_STOPPED) return REJECT_LOCAL_STOPPED;
    if (queue < 0) return REJECT_NO_QUEUE;
    if (k->quota.spec->queues[queue].stopped) return REJECT_STOPPED;
    struct kueue_request request = kueue_request_of(s, queue, job, demand);
    return kueue_could_fit(s, &request) ? REJECT_N : REJECT_QUOTA;
}

static bool kueue_submit(struct scheduler *s, uint32_t job, uint32_t demand)
{
    return kueue_wait(s, job, demand) != UINT32_MAX;
}

/* ---- who runs ---- */

static bool slots_room(struct kueue *k, uint32_t slot)
{
    if (slot < k->at_capacity) return true;
    uint32_t capacity = slot < 32 ? 64 : 2 * slot;
    struct kueue_running *at = realloc(k->at, capacity * sizeof *at);
    if (!at) return false;
    k->at = at;
    k->at_capacity = capacity;
    return true;
}

/* Where the queue has its class of a priority, or would have it. Few priorities: a scan. */
static int32_t class_at(const struct kueue_queue *q, int32_t priority)
{
    int32_t at = 0;
    while (at < q->class_n && q->classes[at].priority < priority) at++;
    return at;
}

static struct kueue_class *class_for(struct kueue_queue *q, int32_t priority)
{
    int32_t at = class_at(q, priority);
    if (at < q->class_n && q->classes[at].priority == priority) return &q->classes[at];
    if (q->class_n == q->class_capacity) {
        int32_t capacity = q->class_capacity ? 2 * q->class_capacity : 4;
        struct kueue_class *classes = realloc(q->classes, (size_t)capacity * sizeof *classes);
        if (!classes) return NULL;
        q->classes = classes;
        q->class_capacity = capacity;
    }
    memmove(q->classes + at + 1, q->classes + at, (size_t)(q->class_n - at) * sizeof *q->classes);
    q->class_n++;
    q->classes[at] = (struct kueue_class){ priority, RUNNING_NONE, RUNNING_NONE };
    return &q->classes[at];
}

static void count(struct kueue *k, const struct kueue_entry *e, int sign)
{
    kueue_count(k, e->request.queue, e->request.amount, e->assignment.flavor, sign);
}

static void kueue_started(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    struct kueue *k = s->state;
    (void)now_us;
    if (!s->progress) return; /* a recorded schedule is replayed */
    const struct kueue_entry *e = k->starting;
    k->state++;
    struct kueue_class *c = class_for(&k->queues[e->request.queue], e->request.priority);
    if (!c || !slots_room(k, slot)) {
        s->failed = true;
        return;
    }
    k->at[slot] = (struct kueue_running){
        .line = e->line, .before = c->last, .after = RUNNING_NONE, .turn = ++k->turns
    };
    memcpy(k->at[slot].flavor, e->assignment.flavor, sizeof k->at[slot].flavor);
    if (c->last != RUNNING_NONE) k->at[c->last].after = slot;
    else c->first = slot;
    c->last = slot;
    count(k, e, +1);
}

/* It holds nothing any more. */
static void leave(struct scheduler *s, uint32_t slot)
{
    struct kueue *k = s->state;
    struct kueue_running *held = &k->at[slot];
    const struct kueue_request *request = &k->lines[held->line].request;
    struct kueue_class *c = class_for(&k->queues[request->queue], request->priority);
    k->state++;
    kueue_shift(s, slot, false, -1);
    if (held->before != RUNNING_NONE) k->at[held->before].after = held->after;
    else c->first = held->after;
    if (held->after != RUNNING_NONE) k->at[held->after].before = held->before;
    else c->last = held->before;
    held->line = WAITING_NONE;
    if (!kueue_open(k, request->queue)) s->failed = true;
}

static void kueue_released(struct scheduler *s, uint32_t slot, int64_t now_us)
{
    (void)now_us;
    if (s->progress) leave(s, slot);
}

/* Whoever lacked room on nodes may find it. */
static void kueue_node_changed(struct scheduler *s, int32_t pool, int sign, int64_t now_us)
{
    struct kueue *k = s->state;
    (void)pool, (void)now_us;
    for (int32_t q = 0; sign > 0 && q < k->quota.spec->queue_n; q++)
        if (!kueue_open(k, q)) s->failed = true;
}

static void stop(struct scheduler *s, uint32_t slot)
{
    struct running_job j = s->running->slots[slot];
    leave(s, slot);
    s->preempt(s->world, slot);
    s->waiting_n++;
    if (kueue_wait(s, j.job, j.demand) == UINT32_MAX) s->failed = true;
}

/* ---- a cycle ---- */

/* Who has quota, but no room on nodes, may stop others only for a flavor that is topology-aware. */
static bool may_stop(const struct kueue *k, const struct kueue_entry *e)
{
    if (!kueue_quota_fits(k, &e->request, &e->assignment)) return true;
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (e->assignment.flavor[r] >= 0 && k->quota.spec->flavors[e->assignment.flavor[r]].by_node)
            return true;
    return false;
}

static uint32_t nominate(struct scheduler *s)
{
    struct kueue *k = s->state;
    uint32_t n = 0;
    k->victim_n = 0;
    for (int32_t i = 0; k->released && i < k->quota.spec->node_n; i++) k->trees[i].released = false;
    k->released = false;
    for (int32_t q = 0; q < k->quota.spec->queue_n && !s->failed; q++) {
        uint32_t line = k->trees[k->tree_of[q]].active ? kueue_head(k, q) : UINT32_MAX;
        if (line == UINT32_MAX) continue;
        struct kueue_entry *e = &k->entries[n++];
        e->request = k->lines[line].request;
        e->request.job = waiting_heap_head(&k->lines[line].jobs)->job;
        kueue_assign(s, &e->request, &e->assignment);
        e->line = line;
        e->victim_at = k->victim_n;
        e->victim_n = 0;
        e->holds_back = false;
        if (e->assignment.mode == KUEUE_NO_FIT || e->assignment.mode == KUEUE_FIT) continue;
        if (!kueue_is_hopeless(k, &e->assignment) && may_stop(k, e))
            e->victim_n =
                kueue_find_victims(s, &e->request, &e->assignment, &e->assignment.lacks_room);
        e->assignment.mode = e->victim_n > 0 ? KUEUE_PREEMPT : KUEUE_NO_CANDIDATES;
    }
    return n;
}

static int compare_entries(const void *a, const void *b)
{
    const struct kueue_entry *x = a, *y = b;
    if (x->assignment.borrow != y->assignment.borrow)
        return x->assignment.borrow < y->assignment.borrow ? -1 : 1;
    if (x->request.priority != y->request.priority)
        return x->request.priority > y->request.priority ? -1 : 1;
    return (x->request.job > y->request.job) - (x->request.job < y->request.job);
}

/* What a job that finds no victims holds back from others in this cycle. */
static void hold_back(struct kueue *k, struct kueue_entry *e)
{
    const struct quota_spec *spec = k->quota.spec;
    int32_t queue = e->request.queue;
    for (int r = 0; r < QUOTA_RESOURCES; r++) {
        if (e->assignment.flavor[r] < 0) continue;
        int32_t cell = quota_cell(e->assignment.flavor[r], r);
        const struct quota_limits *limits = &spec->nodes[queue].limits[cell];
        int64_t most = e->request.amount[r];
        int64_t left = limits->nominal - quota_at(&k->quota, queue, cell)->used;
        if (e->assignment.borrow > 0)
            left = limits->borrowing == QUOTA_NO_LIMIT ? most : left + limits->borrowing;
        if (left < most) most = left;
        e->request.amount[r] = most > 0 ? most : 0;
    }
    count(k, e, +1);
    e->holds_back = true;
}

static bool may_start(const struct kueue_entry *e)
{
    return e->assignment.mode > KUEUE_NO_CANDIDATES;
}

static bool holds_back(const struct kueue *k, const struct kueue_entry *e)
{
    return e->assignment.mode == KUEUE_NO_CANDIDATES &&
           k->quota.spec->queues[e->request.queue].reclaim != PREEMPT_ANY &&
           !kueue_quota_fits(k, &e->request, &e->assignment);
}

/* Whether it is still the first of its line, its victims still run, and without them it fits. */
static bool still_holds(struct scheduler *s, const struct kueue_entry *e)
{
    struct kueue *k = s->state;
    const struct kueue_victim *victims = k->victims + e->victim_at;
    if (waiting_heap_head(&k->lines[e->line].jobs)->job != e->request.job) return false;
    for (uint32_t i = 0; i < e->victim_n; i++)
        if (k->at[victims[i].slot].line == WAITING_NONE ||
            s->running->slots[victims[i].slot].job != victims[i].job)
            return false;
    for (uint32_t i = 0; i < e->victim_n; i++) kueue_shift(s, victims[i].slot, true, -1);
    bool fits = kueue_quota_fits(k, &e->request, &e->assignment) &&
                kueue_has_room(s, &e->request, e->assignment.pools);
    for (uint32_t i = e->victim_n; i-- > 0;) kueue_shift(s, victims[i].slot, true, +1);
    return fits;
}

static void start(struct scheduler *s, struct kueue_entry *e, int64_t now_us)
{
    struct kueue *k = s->state;
    uint64_t pools = e->assignment.pools;
    for (uint32_t i = 0; i < e->victim_n; i++) stop(s, k->victims[e->victim_at + i].slot);
    if (s->failed || !kueue_leave(k, e->line)) {
        s->failed = true;
        return;
    }
    k->starting = e;
    for (; pools; pools &= pools - 1)
        if (scheduler_place_in(s, e->request.job, e->request.demand, __builtin_ctzll(pools),
                               now_us))
            return;
    s->broken = "kueue: room that was found is not there";
    s->failed = true;
}

/* It cannot start: its queue goes on without it, or waits for it. Whether it goes on. */
static bool step_aside(struct scheduler *s, const struct kueue_entry *e)
{
    struct kueue *k = s->state;
    struct kueue_tree *tree = &k->trees[k->tree_of[e->request.queue]];
    bool for_rooms = e->assignment.lacks_room;
    if (k->quota.spec->queues[e->request.queue].strategy == BEST_EFFORT_FIFO) {
        /* What was released for others in this cycle may be enough for it, too. */
        bool again = for_rooms ? k->released : tree->released;
        if (!again && !kueue_park(k, e->line, for_rooms)) s->failed = true;
        return true;
    }
    tree->awaits_nodes |= for_rooms;
    k->awaits_nodes |= for_rooms;
    return false;
}

/* Whether another one may find something else. Where nobody may start, nothing is held back from
 * anybody, nor does the order matter. */
static bool cycle(struct scheduler *s, int64_t now_us)
{
    struct kueue *k = s->state;
    bool some_may_start = false, started = false, aside = false;
    uint32_t n = nominate(s);
    for (uint32_t i = 0; i < n; i++) some_may_start |= may_start(&k->entries[i]);
    if (some_may_start) qsort(k->entries, n, sizeof *k->entries, compare_entries);
    for (uint32_t i = 0; i < n && !s->failed; i++) {
        struct kueue_entry *e = &k->entries[i];
        if (!may_start(e)) {
            if (some_may_start && holds_back(k, e)) hold_back(k, e);
            aside |= step_aside(s, e);
        } else if (still_holds(s, e)) {
            start(s, e, now_us);
            started = true;
        } else {
            k->trees[k->tree_of[e->request.queue]].undecided = true;
        }
    }
    for (uint32_t i = 0; i < n; i++)
        if (k->entries[i].holds_back) count(k, &k->entries[i], -1);
    return started || aside;
}

static void kueue_pass(struct scheduler *s, int64_t now_us)
{
    struct kueue *k = s->state;
    k->state++;
    while (cycle(s, now_us) && !s->failed) continue;
    for (int32_t i = 0; i < k->quota.spec->node_n; i++) {
        k->trees[i].active = k->trees[i].undecided;
        k->trees[i].undecided = false;
    }
}

const struct scheduler_engine engine_kueue = {
    .state_size = sizeof(struct kueue),
    .init = kueue_init,
    .free = kueue_free,
    .refuse = kueue_refuse,
    .submit = kueue_submit,
    .pass = kueue_pass,
    .started = kueue_started,
    .released = kueue_released,
    .node_changed = kueue_node_changed,
};
