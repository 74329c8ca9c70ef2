/* SPDX-License-Identifier: Apache-2.0 */
/* Which nodes Karpenter's disruption loop may try, by what it costs and what budgets allow. */
#include "models/autoscaling/karpenter_trial.h"

#define DAY_US (24 * INT64_C(3600000000))

/* ---- budgets ---- */

/* The calendar's time; where the trace has no dates, second 0 is a Monday. */
static int64_t unix_now_us(const struct autoscaler_view *v)
{
    int64_t t0 = v->workload->t0_unix_us;
    return (t0 == INT64_MIN ? 4 * DAY_US : t0) + v->now_us;
}

void karpenter_allow(struct autoscaler_view *v, enum karpenter_reason reason,
                     struct karpenter_survey *s)
{
    struct karpenter *k = v->state;
    int64_t unix_us = unix_now_us(v);
    for (int32_t i = 0; i < k->n; i++) {
        const struct karpenter_tally *t = &k->tallies[i];
        int64_t changes_us;
        k->allowed[i] = karpenter_allowed(&k->pools[i], reason, t->nodes, t->going, t->down,
                                          unix_us, &changes_us);
        if (changes_us == EVENT_NONE) continue;
        int64_t at_us = v->now_us + (changes_us - unix_us);
        if (at_us < s->later_us) s->later_us = at_us;
    }
}

bool karpenter_is_allowed(struct karpenter *k, const struct karpenter_node *n)
{
    if (k->allowed[n->nodepool] == 0) return false;
    if (k->allowed[n->nodepool] != INT64_MAX) k->allowed[n->nodepool]--;
    return true;
}

static bool any_allowed(const struct karpenter *k)
{
    for (int32_t i = 0; i < k->n; i++)
        if (k->allowed[i] > 0) return true;
    return false;
}

/* ---- the best first ---- */

/* A heap of n, but for the one at `at`: that goes down to its place. */
static void sink(struct karpenter_node *heap, size_t n, size_t at)
{
    struct karpenter_node node = heap[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && karpenter_is_better(&heap[child + 1], &heap[child])) child++;
        if (!karpenter_is_better(&heap[child], &node)) break;
        heap[at] = heap[child];
    }
    heap[at] = node;
}

int32_t karpenter_choose(struct autoscaler_view *v, enum karpenter_reason reason,
                         struct karpenter_survey *s)
{
    struct karpenter *k = v->state;
    bool empty = reason == KARPENTER_EMPTY;
    struct karpenter_node *heap = empty ? k->nodes : karpenter_busy(k);
    size_t left = empty ? k->empty_n : k->busy_n;
    int32_t n = 0;
    karpenter_allow(v, reason, s);
    for (size_t i = left / 2; i-- > 0;) sink(heap, left, i);
    while (left > 0 && any_allowed(k)) {
        struct karpenter_node best = heap[0];
        heap[0] = heap[--left];
        heap[left] = best;
        sink(heap, left, 0);
        if (karpenter_is_allowed(k, &best)) k->chosen[n++] = best;
        else s->constrained = true;
    }
    s->constrained |= left > 0;
    return n;
}
