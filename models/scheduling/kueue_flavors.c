/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which flavors a job would have. Group after group of its queue's resources, flavor after flavor:
 *
 *      flavor "spot"       cpu fits, gpu by stopping others      mode preempt      next one?
 *      flavor "on-demand"  cpu fits by borrowing, gpu fits       mode fit, borrows    stop
 *
 * How a flavor could serve is how the worst of its resources could; whether the next one is looked
 * at, and which of two is better, is the queue's flavorFungibility. A flavor whose pools cannot
 * serve the job, or not together with those of the groups before, is passed over, as one whose
 * labels a pod's node selector does not match.
 */
#include <string.h>

#include "models/scheduling/kueue.h"

/* One pod for each node it needs at the least: that of the first pool that may serve it. */
static int64_t pods_of(const struct scheduler *s, const struct demand *d)
{
    if (d->pools == 0) return 1;
    const struct pool *p = &s->pools[__builtin_ctzll(d->pools)];
    return d->gpus > p->gpus && p->gpus > 0 ? (d->gpus + p->gpus - 1) / p->gpus : 1;
}

struct kueue_request kueue_request_of(const struct scheduler *s, int32_t queue, uint32_t job,
                                      uint32_t demand)
{
    const struct demand *d = scheduler_demand(s, demand);
    struct kueue_request request = { .queue = queue,
                                     .priority = s->workload->priority[job],
                                     .job = job,
                                     .demand = demand,
                                     .amount = { [QUOTA_CPU] = d->cpu_milli,
                                                 [QUOTA_MEMORY] = d->mem_mib * 1024,
                                                 [QUOTA_GPU] = demand_milli(d),
                                                 [QUOTA_PODS] = 1000 * pods_of(s, d) } };
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (request.amount[r] > 0) request.asked |= (uint8_t)(1 << r);
    return request;
}

void kueue_count(struct kueue *k, int32_t queue, const int64_t *amount, const int8_t *flavor,
                 int sign)
{
    for (int r = 0; r < QUOTA_RESOURCES; r++) {
        if (flavor[r] < 0) continue;
        int32_t cell = quota_cell(flavor[r], r);
        if (sign > 0) quota_use(&k->quota, queue, cell, amount[r]);
        else quota_give_back(&k->quota, queue, cell, amount[r]);
    }
}

bool kueue_quota_fits(const struct kueue *k, const struct kueue_request *request,
                      const struct kueue_assignment *a)
{
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (a->flavor[r] >= 0 && request->amount[r] > quota_available(&k->quota, request->queue,
                                                                      quota_cell(a->flavor[r], r)))
            return false;
    return true;
}

bool kueue_has_room(struct scheduler *s, const struct kueue_request *request, uint64_t pools)
{
    return scheduler_fits(s, request->demand, pools);
}

/* ---- one resource ---- */

struct served { /* how a flavor could serve a resource, or several as the worst of them */
    enum kueue_mode mode;
    int32_t borrow;
};

/* Whether a is better than b, as the queue wants it. */
static bool is_better(const struct quota_queue *queue, struct served a, struct served b)
{
    if (a.mode == KUEUE_NO_FIT || b.mode == KUEUE_NO_FIT) return a.mode > b.mode;
    if ((a.mode == KUEUE_NO_CANDIDATES) != (b.mode == KUEUE_NO_CANDIDATES)) return a.mode > b.mode;
    if (queue->preference == PREEMPTION_OVER_BORROWING && a.borrow != b.borrow)
        return a.borrow < b.borrow;
    return a.mode != b.mode ? a.mode > b.mode : a.borrow < b.borrow;
}

/* Whom the resource alone would need to be stopped, and what it would borrow then; with nobody
 * stopped, so much. */
static struct served by_stopping(struct scheduler *s, const struct kueue_request *request,
                                 int32_t flavor, int resource, int32_t borrow)
{
    struct kueue *k = s->state;
    struct kueue_assignment alone = { .mode = KUEUE_NO_CANDIDATES,
                                      .flavor = { -1, -1, -1, -1 },
                                      .need = (uint8_t)(1 << resource) };
    struct served served = { KUEUE_NO_CANDIDATES, borrow };
    bool above;
    int32_t cell = quota_cell(flavor, resource);
    uint32_t first = k->victim_n, n;
    alone.flavor[resource] = (int8_t)flavor;
    n = kueue_find_victims(s, request, &alone, NULL);
    if (n == 0) {
        k->hopeless[resource] |= UINT64_C(1) << flavor;
        return served;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t slot = k->victims[first + i].slot;
        bool is_own = k->lines[k->at[slot].line].request.queue == request->queue;
        if (served.mode != KUEUE_PREEMPT) served.mode = is_own ? KUEUE_PREEMPT : KUEUE_RECLAIM;
        kueue_shift(s, slot, false, -1);
    }
    served.borrow =
        quota_borrow_level(&k->quota, request->queue, cell, request->amount[resource], &above);
    for (uint32_t i = n; i-- > 0;) kueue_shift(s, k->victims[first + i].slot, false, +1);
    k->victim_n = first;
    return served;
}

static struct served serve(struct scheduler *s, const struct quota *q,
                           const struct kueue_request *request, int32_t flavor, int resource)
{
    const struct quota_queue *queue = &q->spec->queues[request->queue];
    int32_t cell = quota_cell(flavor, resource);
    int64_t amount = request->amount[resource];
    struct served served = { KUEUE_NO_FIT, 0 };
    bool above;
    if (amount > quota_at(q, request->queue, cell)->potential) return served;
    served.borrow = quota_borrow_level(q, request->queue, cell, amount, &above);
    if (amount <= quota_available(q, request->queue, cell)) served.mode = KUEUE_FIT;
    else if (q->spec->nodes[request->queue].limits[cell].nominal >= amount || above ||
             queue->borrow_within_cohort)
        return by_stopping(s, request, flavor, resource, served.borrow);
    return served;
}

/* ---- groups ---- */

static bool tries_next(const struct quota_queue *queue, struct served served)
{
    if (served.mode <= KUEUE_NO_CANDIDATES) return true;
    if (served.mode != KUEUE_FIT && queue->when_can_preempt == TRY_NEXT_FLAVOR) return true;
    return served.borrow > 0 && queue->when_can_borrow == TRY_NEXT_FLAVOR;
}

static void assign_group(struct scheduler *s, const struct quota *q,
                         const struct kueue_request *request, const struct quota_group *group,
                         struct kueue_assignment *a)
{
    const struct kueue *k = s->state;
    const struct quota_queue *queue = &q->spec->queues[request->queue];
    struct served best = { KUEUE_NO_FIT, 0 };
    int32_t best_flavor = -1, best_borrow = 0;
    uint8_t best_need = 0, asked = group->resources & request->asked;
    if (asked == 0) return;
    for (int32_t i = 0; i < group->flavor_n; i++) {
        int32_t flavor = group->flavors[i];
        uint64_t pools = a->pools & q->spec->flavors[flavor].pools;
        struct served all = { KUEUE_FIT, 0 };
        int32_t borrow = 0; /* the most: that of the worst may be less */
        uint8_t need = 0;
        if (pools == 0) continue;
        for (int r = 0; r < QUOTA_RESOURCES && all.mode != KUEUE_NO_FIT; r++) {
            if (!(asked >> r & 1)) continue;
            struct served one = serve(s, q, request, flavor, r);
            if (one.mode < KUEUE_FIT) need |= (uint8_t)(1 << r);
            if (one.borrow > borrow) borrow = one.borrow;
            if (is_better(queue, all, one)) all = one;
        }
        /* Quota without a node is none. */
        if (all.mode == KUEUE_FIT && q == &k->quota && !kueue_has_room(s, request, pools)) {
            all.mode = KUEUE_NO_CANDIDATES;
            need = asked;
            a->lacks_room = true;
        }
        bool stop = !tries_next(queue, all);
        if (stop || is_better(queue, all, best)) {
            best = all;
            best_flavor = flavor;
            best_borrow = borrow;
            best_need = need;
        }
        if (stop) break;
    }
    if (best.mode < a->mode) a->mode = best.mode;
    if (best.mode == KUEUE_NO_FIT) return;
    if (best_borrow > a->borrow) a->borrow = best_borrow;
    a->need |= best_need;
    a->pools &= q->spec->flavors[best_flavor].pools;
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (asked >> r & 1) a->flavor[r] = (int8_t)best_flavor;
}

static void assign(struct scheduler *s, const struct quota *q, const struct kueue_request *request,
                   struct kueue_assignment *a)
{
    const struct quota_queue *queue = &q->spec->queues[request->queue];
    uint8_t covered = 1 << QUOTA_PODS; /* counted only where it is limited */
    for (int32_t g = 0; g < queue->group_n; g++) covered |= queue->groups[g].resources;
    *a = (struct kueue_assignment){ .mode = request->asked & ~covered ? KUEUE_NO_FIT : KUEUE_FIT,
                                    .flavor = { -1, -1, -1, -1 },
                                    .pools = scheduler_demand(s, request->demand)->pools };
    for (int32_t g = 0; g < queue->group_n && a->mode != KUEUE_NO_FIT; g++)
        assign_group(s, q, request, &queue->groups[g], a);
}

void kueue_assign(struct scheduler *s, const struct kueue_request *request,
                  struct kueue_assignment *a)
{
    struct kueue *k = s->state;
    memset(k->hopeless, 0, sizeof k->hopeless);
    assign(s, &k->quota, request, a);
}

/* Where it takes one resource only, the search would be the same, and room be asked for as well. */
bool kueue_is_hopeless(const struct kueue *k, const struct kueue_assignment *a)
{
    int asked = -1, n = 0;
    for (int r = 0; r < QUOTA_RESOURCES; r++) {
        if (a->flavor[r] < 0) continue;
        asked = r;
        n++;
    }
    return n == 1 && a->need == 1 << asked && k->hopeless[asked] >> a->flavor[asked] & 1;
}

bool kueue_could_fit(struct scheduler *s, const struct kueue_request *request)
{
    const struct kueue *k = s->state;
    struct kueue_assignment a;
    assign(s, &k->nothing, request, &a);
    return a.mode == KUEUE_FIT;
}
