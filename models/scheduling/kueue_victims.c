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

#include "models/scheduling/kueue.h"

enum { HIERARCHY, PRIORITY, SAME };

struct search {
    struct scheduler *s;
    struct kueue *k;
    const struct kueue_request *request;
    const struct kueue_assignment *a;
    bool rooms, lacks_room; /* lacks_room: with some of them gone there is quota, but no room */
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
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (f->a->flavor[r] >= 0 && !may_borrow &&
            quota_exceeds(&f->k->quota, request->queue, quota_cell(f->a->flavor[r], r),
                          request->amount[r]))
            return false;
    if (!kueue_quota_fits(f->k, request, f->a)) return false;
    if (!f->rooms || kueue_has_room(f->s, request, f->a->pools)) return true;
    f->lacks_room = true;
    return false;
}

/* ---- candidates ---- */

static bool allows(const struct search *f, enum quota_preempt rule, int32_t priority, uint32_t job)
{
    const int64_t *submit_us = f->s->workload->submit_us;
    bool newer = priority == f->request->priority && submit_us[f->request->job] < submit_us[job];
    switch (rule) {
    case PREEMPT_NEVER: return false;
    case PREEMPT_LOWER: return priority < f->request->priority;
    case PREEMPT_LOWER_OR_NEWER: return priority < f->request->priority || newer;
    case PREEMPT_ANY: break;
    }
    return true;
}

static bool holds_some_of_need(const struct search *f, const struct kueue_running *held)
{
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (f->a->need >> r & 1 && held->flavor[r] == f->a->flavor[r]) return true;
    return false;
}

/* Of one queue; top: of the subtree that it shares with the job's. */
static bool collect(struct search *f, int32_t queue, int32_t top, uint8_t group)
{
    struct kueue *k = f->k;
    const struct quota_queue *mine = &k->quota.spec->queues[f->request->queue];
    const struct kueue_queue *q = &k->queues[queue];
    enum quota_preempt rule = group == SAME ? mine->within_queue : mine->reclaim;
    if (rule == PREEMPT_NEVER) return true;
    if (k->candidate_n + q->running_n > k->candidate_capacity) {
        uint32_t capacity = 2 * (k->candidate_n + q->running_n);
        struct kueue_candidate *candidates =
            realloc(k->candidates, capacity * sizeof *k->candidates);
        if (!candidates) return false;
        k->candidates = candidates;
        k->candidate_capacity = capacity;
    }
    for (uint32_t i = 0; i < q->running_n; i++) {
        const struct running_job *j = &f->s->running->slots[q->running[i]];
        const struct kueue_running *held = &k->at[q->running[i]];
        int32_t priority = k->lines[held->line].priority;
        if (!allows(f, rule, priority, j->job) || !holds_some_of_need(f, held)) continue;
        bool low = mine->borrow_within_cohort && priority < f->request->priority &&
                   priority <= mine->threshold;
        k->candidates[k->candidate_n++] =
            (struct kueue_candidate){ .slot = q->running[i],
                                      .queue = queue,
                                      .priority = priority,
                                      .top = top,
                                      .group = group,
                                      .only_without_borrowing = group == PRIORITY && !low,
                                      .start_us = j->start_us,
                                      .job = j->job };
    }
    return true;
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

static bool collect_all(struct search *f)
{
    const struct quota_spec *spec = f->k->quota.spec;
    int32_t mine = f->request->queue, but = mine;
    int64_t left[QUOTA_RESOURCES];
    f->k->candidate_n = 0;
    if (!collect(f, mine, mine, SAME)) return false;
    if (spec->queues[mine].reclaim == PREEMPT_NEVER) return true;
    for (int r = 0; r < QUOTA_RESOURCES; r++) left[r] = f->request->amount[r];
    bool nearer = within(f, mine, left);
    for (int32_t top = spec->nodes[mine].parent; top >= 0; top = spec->nodes[top].parent) {
        for (int32_t q = 0; q < spec->queue_n; q++)
            if (q != mine && f->k->queues[q].running_n > 0 && borrows_below(f, q, top, but) &&
                !collect(f, q, top, nearer ? HIERARCHY : PRIORITY))
                return false;
        nearer |= within(f, top, left);
        but = top;
    }
    return true;
}

static int compare_candidates(const void *a, const void *b)
{
    const struct kueue_candidate *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    if (x->priority != y->priority) return x->priority < y->priority ? -1 : 1;
    if (x->start_us != y->start_us) return x->start_us > y->start_us ? -1 : 1;
    return (x->job < y->job) - (x->job > y->job);
}

/* ---- who must go ---- */

void kueue_shift(struct scheduler *s, uint32_t slot, bool rooms, int sign)
{
    struct kueue *k = s->state;
    const struct running_job *j = &s->running->slots[slot];
    struct kueue_request held =
        kueue_request_of(s, k->lines[k->at[slot].line].queue, j->job, j->demand);
    kueue_count(k, &held, k->at[slot].flavor, sign);
    if (rooms) scheduler_give_back(s, slot, -sign);
}

static bool may_go(const struct search *f, const struct kueue_candidate *c, bool may_borrow)
{
    if (c->group == SAME) return true;
    if (may_borrow && c->only_without_borrowing) return false;
    return borrows_below(f, c->queue, c->top, -1);
}

static bool victims_room(struct kueue *k)
{
    if (k->victim_n + k->candidate_n <= k->victim_capacity) return true;
    uint32_t capacity = 2 * (k->victim_n + k->candidate_n);
    struct kueue_victim *victims = realloc(k->victims, capacity * sizeof *victims);
    if (!victims) return false;
    k->victims = victims;
    k->victim_capacity = capacity;
    return true;
}

/* How many of the candidates must go, from victims[first] on; 0 = even all are too few. */
static uint32_t choose(struct search *f, bool may_borrow)
{
    struct kueue *k = f->k;
    uint32_t first = k->victim_n, n = 0;
    bool enough = false;
    for (uint32_t i = 0; i < k->candidate_n && !enough; i++) {
        if (!may_go(f, &k->candidates[i], may_borrow)) continue;
        const struct kueue_candidate *c = &k->candidates[i];
        kueue_shift(f->s, c->slot, f->rooms, -1);
        k->victims[first + n++] = (struct kueue_victim){ c->slot, c->job };
        enough = fits(f, may_borrow);
    }
    for (uint32_t i = n - 1; enough && i-- > 0;) { /* before the last it did not fit */
        kueue_shift(f->s, k->victims[first + i].slot, f->rooms, +1);
        if (fits(f, may_borrow)) {
            k->victims[first + i] = k->victims[first + --n];
        } else {
            kueue_shift(f->s, k->victims[first + i].slot, f->rooms, -1);
        }
    }
    for (uint32_t i = n; i-- > 0;) kueue_shift(f->s, k->victims[first + i].slot, f->rooms, +1);
    return enough ? n : 0;
}

uint32_t kueue_find_victims(struct scheduler *s, const struct kueue_request *request,
                            const struct kueue_assignment *a, bool *lacks_room)
{
    struct kueue *k = s->state;
    struct search f = { s, k, request, a, lacks_room != NULL, false };
    const struct quota_queue *queue = &k->quota.spec->queues[request->queue];
    bool others = false, nearer = false;
    if (queue->within_queue == PREEMPT_NEVER && queue->reclaim == PREEMPT_NEVER) return 0;
    if (!collect_all(&f) || !victims_room(k)) {
        s->failed = true;
        return 0;
    }
    if (k->candidate_n == 0) return 0;
    qsort(k->candidates, k->candidate_n, sizeof *k->candidates, compare_candidates);
    for (uint32_t i = 0; i < k->candidate_n; i++) {
        others |= k->candidates[i].group != SAME;
        nearer |= k->candidates[i].group == HIERARCHY;
    }
    bool apart = !queue->borrow_within_cohort; /* borrowing and reclaiming exclude each other */
    bool first = !others || !apart || nearer || !under_nominal(&f);
    uint32_t n = choose(&f, first);
    if (n == 0 && others && !(apart && !under_nominal(&f))) n = choose(&f, !first);
    k->victim_n += n;
    if (n == 0 && f.lacks_room) *lacks_room = true;
    return n;
}
