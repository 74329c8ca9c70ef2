/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a job may stop, and who of these must go. Candidates hold some of what it needs, and are
 *
 *      HIERARCHY  of queues that borrow what is nearer to the job's queue: in whose subtree the
 *                 job would be within nominal quota                        whatever it borrows
 *      PRIORITY   of other queues that borrow                              if it does not borrow,
 *                 or of low enough priority, with borrowWithinCohort       or even if it does
 *      SAME       of its own queue
 *
 * each allowed by reclaimWithinCohort or withinClusterQueue, in this order; in each the lowest
 * priority first, then who was admitted last. They are given up on paper one by one, those of other
 * queues only while these (and all cohorts up to the one they share with the job's) still use more
 * than they have, until the job fits; then those without whom it does not need to be are kept, last
 * given up but one first. Twice, if it takes that: once with borrowing, once without.
 */
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/kueue.h"

enum { HIERARCHY, PRIORITY, SAME };

struct search {
    struct scheduler *s;
    struct kueue *k;
    const struct kueue_request *request;
    const struct kueue_assignment *a;
    bool rooms, lacks_room;    /* lacks_room: with some of them gone there is quota, but no room */
    bool own, nearer, farther; /* whether there are any of SAME, HIERARCHY and PRIORITY */
    /* On paper: whether a pool has room, and which node has it; -1: a gang's nodes, or any. */
    bool has_room;
    int32_t pool, node;
};

/* ---- quotas of what is needed ---- */

static bool exceeds_in_need(const struct search *f, int32_t node)
{
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (f->a->need >> r & 1 &&
            quota_exceeds(&f->k->quota, node, quota_cell(f->a->flavor[r], r), 0))
            return true;
    return false;
}

/* Whether its queue uses less than its nominal quota of all that is needed. */
static bool under_nominal(const struct search *f)
{
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (f->a->need >> r & 1 &&
            quota_exceeds(&f->k->quota, f->request->queue, quota_cell(f->a->flavor[r], r), 1))
            return false;
    return true;
}

/* Whether what is left of the request is within the quota of the node; then what its parent must
 * have of it. */
static bool within(const struct search *f, int32_t node, int64_t left[QUOTA_RESOURCES])
{
    bool fits = true;
    for (int r = 0; r < QUOTA_RESOURCES; r++) {
        if (f->a->flavor[r] < 0) continue;
        int32_t cell = quota_cell(f->a->flavor[r], r);
        fits &= !quota_exceeds(&f->k->quota, node, cell, left[r]);
        left[r] -= quota_own_left(&f->k->quota, node, cell);
        if (left[r] < 0) left[r] = 0;
    }
    return fits;
}

static bool fits(struct search *f, bool may_borrow)
{
    const struct kueue_request *request = f->request;
    if (f->lacks_room && !f->has_room) return false; /* nothing new is to be said of its quota */
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (f->a->flavor[r] >= 0 && !may_borrow &&
            quota_exceeds(&f->k->quota, request->queue, quota_cell(f->a->flavor[r], r),
                          request->amount[r]))
            return false;
    if (!kueue_quota_fits(f->k, request, f->a)) return false;
    f->lacks_room |= !f->has_room;
    return f->has_room;
}

/* ---- candidates ---- */

/* Of equal priority: submitted later. */
static bool is_newer(const struct search *f, uint32_t slot)
{
    const int64_t *submit_us = f->s->workload->submit_us;
    return submit_us[f->request->job] < submit_us[f->s->running->slots[slot].job];
}

static bool holds_some_of_need(const struct search *f, const struct kueue_running *held)
{
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (f->a->need >> r & 1 && held->flavor[r] == f->a->flavor[r]) return true;
    return false;
}

/* Whether the queue lies in the subtree of `top`, not in that of `but`, and uses more than it has,
 * as all between it and the top do. */
static bool borrows_below(const struct search *f, int32_t queue, int32_t top, int32_t but)
{
    const struct quota_node *nodes = f->k->quota.spec->nodes;
    for (int32_t node = queue; node >= 0; node = nodes[node].parent) {
        if (node == top) return true;
        if (node == but || !exceeds_in_need(f, node)) return false;
    }
    return false;
}

/* ---- in which order ---- */

static enum quota_preempt rule_of(const struct search *f, const struct kueue_source *from)
{
    const struct quota_queue *mine = &f->k->quota.spec->queues[f->request->queue];
    return from->group == SAME ? mine->within_queue : mine->reclaim;
}

/* Goes on to the next job that may be stopped, from source.slot on. */
static void seek(const struct search *f, struct kueue_source *from)
{
    const struct kueue *k = f->k;
    const struct kueue_queue *q = &k->queues[from->queue];
    enum quota_preempt rule = rule_of(f, from);
    bool ask = rule == PREEMPT_LOWER_OR_NEWER && from->priority == f->request->priority;
    for (;;) {
        for (; from->slot != RUNNING_NONE; from->slot = k->at[from->slot].before) {
            const struct kueue_running *held = &k->at[from->slot];
            from->turn = held->turn;
            if (holds_some_of_need(f, held) && (!ask || is_newer(f, from->slot))) return;
        }
        if (++from->class >= q->class_n) return;
        int32_t priority = q->classes[from->class].priority;
        ask = rule == PREEMPT_LOWER_OR_NEWER && priority == f->request->priority;
        if (!ask && rule != PREEMPT_ANY && priority >= f->request->priority) return;
        from->priority = priority;
        from->slot = q->classes[from->class].last;
    }
}

static void add_source(struct search *f, int32_t queue, int32_t top, uint8_t group)
{
    struct kueue *k = f->k;
    struct kueue_source *from = &k->sources[k->source_n];
    *from = (struct kueue_source){ queue, top, -1, RUNNING_NONE, group, INT32_MIN, 0 };
    if (rule_of(f, from) == PREEMPT_NEVER) return;
    seek(f, from);
    if (from->slot != RUNNING_NONE) k->source_n++;
}

static void find_sources(struct search *f)
{
    const struct quota_spec *spec = f->k->quota.spec;
    int32_t mine = f->request->queue, but = mine;
    int64_t left[QUOTA_RESOURCES];
    f->k->source_n = 0;
    add_source(f, mine, mine, SAME);
    if (spec->queues[mine].reclaim == PREEMPT_NEVER) return;
    for (int r = 0; r < QUOTA_RESOURCES; r++) left[r] = f->request->amount[r];
    bool nearer = within(f, mine, left);
    for (int32_t top = spec->nodes[mine].parent; top >= 0; top = spec->nodes[top].parent) {
        for (int32_t q = 0; q < spec->queue_n; q++)
            if (q != mine && f->k->queues[q].class_n > 0 && borrows_below(f, q, top, but))
                add_source(f, q, top, nearer ? HIERARCHY : PRIORITY);
        nearer |= within(f, top, left);
        but = top;
    }
}

/* Whether all candidates will be of PRIORITY, who are victims only of a job that does not borrow;
 * and it does. */
static bool is_in_vain(const struct search *f)
{
    const struct quota_spec *spec = f->k->quota.spec;
    int32_t mine = f->request->queue;
    const struct quota_queue *queue = &spec->queues[mine];
    int64_t left[QUOTA_RESOURCES];
    if (queue->within_queue != PREEMPT_NEVER || queue->borrow_within_cohort) return false;
    for (int r = 0; r < QUOTA_RESOURCES; r++) left[r] = f->request->amount[r];
    if (within(f, mine, left)) return false;
    for (int32_t top = spec->nodes[mine].parent; top >= 0; top = spec->nodes[top].parent)
        if (spec->nodes[top].parent >= 0 && within(f, top, left)) return false;
    return true;
}

/* Whether it is only a victim where the job does not borrow. */
static bool only_without_borrowing(const struct search *f, const struct kueue_source *from)
{
    const struct quota_queue *mine = &f->k->quota.spec->queues[f->request->queue];
    return from->group == PRIORITY &&
           !(mine->borrow_within_cohort && from->priority < f->request->priority &&
             from->priority <= mine->threshold);
}

static bool goes_before(const struct kueue_source *a, const struct kueue_source *b)
{
    if (a->group != b->group) return a->group < b->group;
    return a->priority != b->priority ? a->priority < b->priority : a->turn > b->turn;
}

/* The next candidate, which is considered with that; RUNNING_NONE: no more. */
static uint32_t next_candidate(struct search *f, bool may_borrow)
{
    struct kueue *k = f->k;
    for (;;) {
        struct kueue_source *best = NULL;
        for (int32_t i = 0; i < k->source_n; i++) {
            struct kueue_source *from = &k->sources[i];
            if (from->slot != RUNNING_NONE && (!best || goes_before(from, best))) best = from;
        }
        if (!best) return RUNNING_NONE;
        uint32_t slot = best->slot;
        bool others = best->group != SAME;
        if (others && (!borrows_below(f, best->queue, best->top, -1) ||
                       (may_borrow && only_without_borrowing(f, best)))) {
            best->slot = RUNNING_NONE; /* nor will it again: its next are of no lower priority */
            continue;
        }
        best->slot = k->at[slot].before;
        seek(f, best);
        return slot;
    }
}

/* ---- who must go ---- */

void kueue_shift(struct scheduler *s, uint32_t slot, bool rooms, int sign)
{
    struct kueue *k = s->state;
    const struct kueue_running *held = &k->at[slot];
    const struct kueue_request *request = &k->lines[held->line].request;
    kueue_count(k, request->queue, request->amount, held->flavor, sign);
    if (rooms) scheduler_give_back(s, slot, -sign);
}

static bool victims_room(struct kueue *k, uint32_t n)
{
    if (n < k->victim_capacity) return true;
    uint32_t capacity = 2 * n + 16;
    struct kueue_victim *victims = realloc(k->victims, capacity * sizeof *victims);
    if (!victims) return false;
    k->victims = victims;
    k->victim_capacity = capacity;
    return true;
}

static void look_for_room(struct search *f)
{
    f->node = -1;
    f->has_room = !f->rooms || kueue_has_room(f->s, f->request, f->a->pools);
}

/* There was none, and the job has given back its nodes: only these may have some now. */
static void look_where(struct search *f, uint32_t slot)
{
    const struct running_job *j = &f->s->running->slots[slot];
    const struct piece *pieces = running_pieces(f->s->running, slot);
    const struct demand *d = scheduler_demand(f->s, f->request->demand);
    const struct pool *p = &f->s->pools[j->pool];
    struct share whole = demand_share(d, d->gpus);
    if (!(f->a->pools >> j->pool & 1)) return;
    f->pool = j->pool;
    if (d->gpus > p->gpus || f->s->placing.gang == GANG_ANYWHERE) {
        f->has_room = scheduler_fits(f->s, f->request->demand, UINT64_C(1) << j->pool);
        return;
    }
    for (int32_t i = 0; i < j->piece_n && !f->has_room; i++) {
        f->has_room = pool_node_fits(p, pieces[i].node, &whole);
        if (f->has_room) f->node = pieces[i].node;
    }
}

/* Whether the job holds some of the node that has the room. */
static bool is_there(const struct search *f, uint32_t slot)
{
    const struct running_job *j = &f->s->running->slots[slot];
    const struct piece *pieces = running_pieces(f->s->running, slot);
    if (f->node < 0) return true;
    for (int32_t i = 0; i < j->piece_n; i++)
        if (j->pool == f->pool && pieces[i].node == f->node) return true;
    return false;
}

/* Whether it is beyond the quota of its own queue, and stays so: nobody of that would be stopped.
 */
static bool must_borrow(const struct search *f)
{
    const struct kueue_request *request = f->request;
    if (f->own) return false;
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (f->a->flavor[r] >= 0 &&
            quota_exceeds(&f->k->quota, request->queue, quota_cell(f->a->flavor[r], r),
                          request->amount[r]))
            return true;
    return false;
}

/* ---- in vain ---- */

static bool is_same_source(const struct kueue_source *a, const struct kueue_source *b)
{
    return a->queue == b->queue && a->top == b->top && a->class == b->class && a->slot == b->slot &&
           a->group == b->group && a->priority == b->priority && a->turn == b->turn;
}

/* Whether both stop the same jobs, of the same ones they may stop. Who asks which of two is newer
 * asks for a job, not for a queue. */
static bool is_same_rule(const struct quota_queue *a, const struct quota_queue *b)
{
    return a->reclaim == b->reclaim && a->within_queue == b->within_queue &&
           a->borrow_within_cohort == b->borrow_within_cohort && a->threshold == b->threshold &&
           a->reclaim != PREEMPT_LOWER_OR_NEWER && a->within_queue != PREEMPT_LOWER_OR_NEWER;
}

/* Whether the last search in vain gave up the same candidates, all of them in the same order. */
static bool is_vain_again(const struct search *f, bool may_borrow)
{
    const struct kueue *k = f->k;
    const struct kueue_vain *v = &k->vain;
    const struct quota_queue *queues = k->quota.spec->queues;
    if (v->state != k->state || v->source_n != k->source_n || v->may_borrow != may_borrow ||
        v->priority != f->request->priority || v->need != f->a->need ||
        memcmp(v->flavor, f->a->flavor, sizeof v->flavor) != 0 ||
        !is_same_rule(&queues[v->queue], &queues[f->request->queue]))
        return false;
    for (int32_t i = 0; i < v->source_n; i++)
        if (!is_same_source(&v->sources[i], &k->sources[i])) return false;
    return true;
}

/* The fewest GPUs that some node must have free for the request; 0: that cannot be said. */
static int64_t needed_on_a_node(const struct search *f)
{
    const struct demand *d = scheduler_demand(f->s, f->request->demand);
    enum gang_rule gang = f->s->placing.gang;
    int64_t needed = d->gpus;
    if (gang != GANG_FEWEST_NODES && gang != GANG_ONE_NODE) return 0;
    for (int32_t p = 0; p < f->s->pool_n; p++)
        if (f->a->pools >> p & 1 && f->s->pools[p].gpus < needed) needed = f->s->pools[p].gpus;
    return needed;
}

static int32_t most_on_a_node(const struct scheduler *s)
{
    int32_t most = 0;
    for (int32_t p = 0; p < s->pool_n; p++)
        for (int32_t free = s->pools[p].gpus; free > most; free--)
            if (s->pools[p].count[free] > 0) most = free;
    return most;
}

/* A search begins, or ends with nobody left to give up. */
static void vain_begin(const struct search *f, bool may_borrow)
{
    struct kueue_vain *v = &f->k->vain;
    v->state = 0;
    v->queue = f->request->queue;
    v->priority = f->request->priority;
    v->may_borrow = may_borrow;
    v->need = f->a->need;
    v->source_n = f->k->source_n;
    memcpy(v->flavor, f->a->flavor, sizeof v->flavor);
    memcpy(v->sources, f->k->sources, (size_t)v->source_n * sizeof *v->sources);
}

static void vain_end(const struct search *f)
{
    f->k->vain.state = f->k->state;
    f->k->vain.most = most_on_a_node(f->s);
}

/* ---- the choice ---- */

/* How many of the candidates must go, from victims[first] on; 0 = even all are too few. Uses up
 * what find_sources found. */
static uint32_t choose(struct search *f, bool may_borrow)
{
    struct kueue *k = f->k;
    uint32_t first = k->victim_n, n = 0;
    bool enough = false;
    uint32_t slot;
    if (!may_borrow && must_borrow(f)) return 0;
    /* Where it is known that it lacks room, nothing else is to be found out. */
    if (f->rooms && f->a->lacks_room && is_vain_again(f, may_borrow) &&
        needed_on_a_node(f) > k->vain.most)
        return 0;
    if (f->rooms) vain_begin(f, may_borrow);
    look_for_room(f);
    while (!enough && (slot = next_candidate(f, may_borrow)) != RUNNING_NONE) {
        if (!victims_room(k, first + n)) {
            f->s->failed = true;
            break;
        }
        k->victims[first + n++] = (struct kueue_victim){ slot, f->s->running->slots[slot].job };
        kueue_shift(f->s, slot, f->rooms, -1);
        if (!f->has_room) look_where(f, slot);
        enough = fits(f, may_borrow);
    }
    for (uint32_t i = n - 1; enough && i-- > 0;) { /* before the last it did not fit */
        slot = k->victims[first + i].slot;
        kueue_shift(f->s, slot, f->rooms, +1);
        if (f->rooms && is_there(f, slot)) look_for_room(f);
        if (fits(f, may_borrow)) {
            k->victims[first + i] = k->victims[first + --n];
            continue;
        }
        kueue_shift(f->s, slot, f->rooms, -1);
        if (!f->has_room) look_where(f, slot);
    }
    if (f->rooms && !enough && !f->s->failed) vain_end(f);
    for (uint32_t i = n; i-- > 0;) kueue_shift(f->s, k->victims[first + i].slot, f->rooms, +1);
    return enough ? n : 0;
}

uint32_t kueue_find_victims(struct scheduler *s, const struct kueue_request *request,
                            const struct kueue_assignment *a, bool *lacks_room)
{
    struct kueue *k = s->state;
    struct search f = {
        .s = s, .k = k, .request = request, .a = a, .rooms = lacks_room != NULL, .node = -1
    };
    const struct quota_queue *queue = &k->quota.spec->queues[request->queue];
    if (queue->within_queue == PREEMPT_NEVER && queue->reclaim == PREEMPT_NEVER) return 0;
    if (is_in_vain(&f)) return 0;
    find_sources(&f);
    for (int32_t i = 0; i < k->source_n; i++) {
        f.own |= k->sources[i].group == SAME;
        f.nearer |= k->sources[i].group == HIERARCHY;
        f.farther |= k->sources[i].group == PRIORITY;
    }
    if (k->source_n == 0) return 0;
    bool others = f.nearer || f.farther;
    bool apart = !queue->borrow_within_cohort; /* borrowing and reclaiming exclude each other */
    bool first = !others || !apart || f.nearer || !under_nominal(&f);
    uint32_t n = choose(&f, first);
    /* Without borrowing it is only easier where that brings candidates. */
    bool again = others && !(apart && !under_nominal(&f)) && !(first && !f.farther);
    if (n == 0 && again && !s->failed) {
        find_sources(&f);
        n = choose(&f, !first);
    }
    k->victim_n += n;
    if (n == 0 && f.lacks_room) *lacks_room = true;
    return n;
}
