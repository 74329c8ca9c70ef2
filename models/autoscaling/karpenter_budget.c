/* SPDX-License-Identifier: Apache-2.0 */
/* What a NodePool says: its defaults, and how many of its nodes may go at once. */
#include "models/autoscaling/karpenter.h"

#define SECOND_US INT64_C(1000000)

/* pkg/operator/options/options.go, pkg/controllers/disruption, pkg/controllers/nodeclaim/lifecycle;
 * unavailable offerings: pkg/cache of the provider for AWS. */
void karpenter_defaults(struct karpenter_options *o)
{
    *o = (struct karpenter_options){ .batch_idle_us = SECOND_US,
                                     .batch_most_us = 10 * SECOND_US,
                                     .unavailable_us = 180 * SECOND_US,
                                     .registration_us = 900 * SECOND_US,
                                     .poll_us = 10 * SECOND_US,
                                     .validate_us = 15 * SECOND_US };
}

void karpenter_pool_defaults(struct karpenter_pool *pool)
{
    static const struct karpenter_budget tenth = { .nodes = 10,
                                                   .percent = true,
                                                   .reasons = KARPENTER_REASONS };
    *pool = (struct karpenter_pool){ .name = "default",
                                     .pools = UINT64_MAX,
                                     .limits = { -1, -1, -1, -1 },
                                     .expire_us = 720 * 3600 * SECOND_US,
                                     .grace_us = -1,
                                     .policy = KARPENTER_WHEN_UNDERUTILIZED,
                                     .budgets = &tenth,
                                     .budget_n = 1 };
}

/* Whether a budget is in force: a time of its schedule was less than its duration ago. */
static bool in_force(const struct karpenter_budget *b, int64_t unix_us, int64_t *changes_us)
{
    if (!b->scheduled) return true;
    int64_t hit_us = cron_next_us(&b->schedule, unix_us - b->duration_us);
    bool now = hit_us <= unix_us;
    int64_t change_us = now ? hit_us + b->duration_us : hit_us;
    if (change_us < *changes_us) *changes_us = change_us;
    return now;
}

int64_t karpenter_allowed(const struct karpenter_pool *pool, enum karpenter_reason reason,
                          int64_t nodes, int64_t going, int64_t down, int64_t unix_us,
                          int64_t *changes_us)
{
    int64_t least = INT64_MAX;
    *changes_us = EVENT_NONE;
    for (int32_t i = 0; i < pool->budget_n; i++) {
        const struct karpenter_budget *b = &pool->budgets[i];
        if (!(b->reasons & reason) || !in_force(b, unix_us, changes_us)) continue;
        int64_t most = b->percent ? (nodes * b->nodes + 99) / 100 : b->nodes;
        if (most < least) least = most;
    }
    if (least == INT64_MAX) return least;
    least -= going + down;
    return least > 0 ? least : 0;
}
