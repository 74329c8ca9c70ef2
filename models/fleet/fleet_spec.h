/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fleet is, before anything runs: pools of nodes of one instance type, and how it is
 * scheduled.
 *
 *   fleet -- pool "main"   17 x p5.48xlarge, on-demand      (8 GPUs, 192 cores, 2048 GiB each)
 *         |- pool "lab"    40 x dgx-a100,    owned
 *         `- scheduler     order + placement + options
 *
 * Plain data, filled by scenarios/, read-only from then on and shared by all threads. Strings are
 * borrowed from the scenario, which outlives every run.
 */
#ifndef MODELS_FLEET_FLEET_SPEC_H
#define MODELS_FLEET_FLEET_SPEC_H

#include <stdint.h>

#include "models/autoscaling/autoscaler_spec.h"
#include "models/fleet/node_labels.h"
#include "models/pricing/fleet_bill.h"
#include "models/pricing/purchase.h"
#include "models/pricing/services.h"
#include "models/reliability/failures.h"
#include "models/reliability/fallback.h"
#include "models/reliability/supply_spec.h"
#include "models/scheduling/policy.h"

struct instance_type {
    const char *name;      /* "p5.48xlarge" */
    const char *provider;  /* "aws", "on-prem" */
    const char *gpu_model; /* "H100-SXM5"; "" = no GPU */
    int32_t gpus;          /* per node, 0..65535 */
    int64_t cpu_milli;     /* per node, thousandths of a core; 0 = unknown, never a limit */
    int64_t mem_mib;       /* per node; 0 = unknown, never a limit */
    int32_t watts;         /* of a busy node without cooling, 0 = unknown */
    const char *source;
};

/* Who changes the size of a pool. One table, ended by an entry whose name is NULL. What a change
 * takes is no property of these: it is said of each pool. */
struct provisioning_way {
    const char *name, *summary; /* "by-hand" */
};
extern const struct provisioning_way provisioning_ways[];

struct provisioning {
    const struct provisioning_way *way; /* NULL: nodes are asked for at once, by nobody */
    struct duration lead;               /* of a change, before its nodes are asked for; constant 0 =
                                           no time */
};

/* Names, borrowed. */
struct name_list {
    int32_t n;
    const char *const *text;
};

struct pool_spec {
    const char *name;
    struct instance_type type;
    int32_t nodes; /* at most */
    int32_t group; /* 1 to pool_n: pools of the same have together no more than that; 0 = none */
    int32_t elastic_nodes;            /* of them, those that come and go: lifecycle.h */
    struct duration boot;             /* of these, from request to ready; constant 0 = no time */
    struct provisioning provisioning; /* of these */
    int32_t rack_nodes;               /* nodes a rack, by number; 0 = one rack for all */
    struct name_list tenants, queues; /* whom it is for; none named = everybody */
    const char *zone;                 /* NULL: not said */
    struct node_marks marks;          /* labels and taints that it is given */
    const int32_t *rank;      /* [nodes] rising: of each among all nodes of the fleet; NULL = pool
                                 after pool */
    struct purchase purchase; /* how the nodes are paid */
    struct failure_spec failures; /* of its nodes */
    struct supply_spec supply;    /* when they can be had; nothing said: always */
};

struct fleet_spec {
    const char *name;
    int32_t pool_n;
    struct pool_spec *pools; /* tried in this order by every placement */
    struct scheduler_spec scheduler;
    struct autoscaler_spec autoscaler;    /* of pools with elastic nodes */
    struct fleet_commitments commitments; /* over the pools on demand */
    struct fallback_spec fallback;        /* from spot pools */
    struct fleet_services services;       /* besides the pools */
};

/* GPUs of all nodes of all pools. */
int64_t fleet_spec_gpus(const struct fleet_spec *fleet);
/* Totals, for headings: nodes and GPUs that there may be at once, of a group those of its largest
 * pool. */
int64_t fleet_spec_most_nodes(const struct fleet_spec *fleet);
int64_t fleet_spec_most_gpus(const struct fleet_spec *fleet);
/* Whether pools stand in one group; such pools stand side by side. */
static inline bool fleet_same_group(const struct pool_spec *a, const struct pool_spec *b)
{
    return a->group > 0 && a->group == b->group;
}
/* By how much a node of pool p is worth more than one of each pool of its group before it: the sum
 * of this times nodes has all nodes of a group in its largest pool. value: of a node, 0 where it
 * does not count. */
typedef __int128 fleet_value_fn(const struct pool_spec *pool, const void *context);
__int128 fleet_above_group(const struct fleet_spec *fleet, int32_t p, fleet_value_fn *value,
                           const void *context);

#endif
