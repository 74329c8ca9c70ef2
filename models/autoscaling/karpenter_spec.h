/* SPDX-License-Identifier: Apache-2.0 */
/* Karpenter's NodePools and its own settings, as data. The rules: karpenter.h. */
#ifndef MODELS_AUTOSCALING_KARPENTER_SPEC_H
#define MODELS_AUTOSCALING_KARPENTER_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "models/autoscaling/cron.h"

enum karpenter_policy {
    KARPENTER_WHEN_EMPTY,
    KARPENTER_WHEN_UNDERUTILIZED, /* WhenEmptyOrUnderutilized */
    KARPENTER_BALANCED
};

/* Why a node is disrupted, as bits. Nodes do not drift here. */
enum karpenter_reason { KARPENTER_EMPTY = 1, KARPENTER_UNDERUTILIZED = 2, KARPENTER_DRIFTED = 4 };
enum { KARPENTER_REASONS = 7 };

struct karpenter_budget {
    int64_t nodes; /* that may be going at once, or percent of the NodePool's, rounded up */
    bool percent;
    uint8_t reasons; /* bits */
    bool scheduled;  /* in force for duration_us from each of the times; else always */
    struct cron schedule;
    int64_t duration_us;
};

struct karpenter_limits { /* of all nodes of a NodePool together; -1: none */
    int64_t cpu_milli, mem_mib, gpus, nodes;
};

struct karpenter_pool { /* a NodePool */
    const char *name;
    uint64_t pools; /* bit p: may use the fleet's pool p, an offering */
    int64_t weight;
    struct karpenter_limits limits;
    int64_t expire_us; /* -1: Never */
    int64_t grace_us;  /* terminationGracePeriod; -1: none */
    enum karpenter_policy policy;
    int64_t after_us;                       /* consolidateAfter; -1: Never */
    const struct karpenter_budget *budgets; /* borrowed */
    int32_t budget_n;
};

struct karpenter_options {
    const struct karpenter_pool *pools; /* borrowed; in order of the file */
    int32_t n;                          /* 0: one by default, of all pools of the fleet */
    int64_t batch_idle_us, batch_most_us;
    int64_t unavailable_us;  /* an offering that had no room is not asked again for so long */
    int64_t registration_us; /* a node that boots for longer is given up */
    int64_t poll_us;         /* of the disruption loop */
    int64_t validate_us;     /* after which a consolidation is looked at once more */
    bool spot_to_spot;       /* the feature gate SpotToSpotConsolidation */
    bool do_not_disrupt;     /* every job has the annotation karpenter.sh/do-not-disrupt */
    bool plain;              /* simulates what bounds would spare: for tests */
    const char *file, *sha256;
};
void karpenter_defaults(struct karpenter_options *options);
/* Of a NodePool: a budget of 10 %, 720 h, WhenEmptyOrUnderutilized after 0 s, no limits. */
void karpenter_pool_defaults(struct karpenter_pool *pool);

#endif
