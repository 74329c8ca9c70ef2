/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quotas as Kueue has them: ClusterQueues and cohorts in trees, and for each flavor and resource
 * what each may use.
 *
 *      cohort "root"       nominal 4
 *       |- cohort "lab"    nominal 0
 *       |   |- queue "a"   nominal 9, lends at most 3
 *       |   `- queue "b"   nominal 12, borrows at most 1
 *       `- queue "c"       nominal 0
 *
 * What a node of the tree does not lend is its own (6 of queue a); the rest it stores in its
 * parent, where whoever is below may take it: up to its nominal quota and its borrowing limit.
 * Usage beyond what is a node's own is usage of its parent. Kueue v1beta2, "ClusterQueue" and
 * "Cohort" of its documentation; the sums are those of its pkg/cache/scheduler/resource_node.go.
 *
 * A flavor is a kind of node: the pools whose labels it names. Of resources those are known that a
 * trace's jobs can ask for. Amounts: thousandths of cores, GPUs and pods, KiB of memory; limits are
 * at most QUOTA_MOST, so that those of all nodes can be added.
 */
#ifndef MODELS_SCHEDULING_QUOTA_H
#define MODELS_SCHEDULING_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum quota_resource { QUOTA_CPU, QUOTA_MEMORY, QUOTA_GPU, QUOTA_PODS, QUOTA_RESOURCES };
enum { QUOTA_FLAVORS_MAX = 64 };
#define QUOTA_MOST     (INT64_C(1) << 47)
#define QUOTA_NO_LIMIT INT64_MAX

/* As manifests have them: "cpu", "memory", "nvidia.com/gpu", "pods". */
extern const char *const quota_resource_names[QUOTA_RESOURCES];

enum quota_strategy { BEST_EFFORT_FIFO, STRICT_FIFO };
/* Whom a job may stop, by priority; of "newer equal" those that were submitted later, too. */
enum quota_preempt { PREEMPT_NEVER, PREEMPT_LOWER, PREEMPT_LOWER_OR_NEWER, PREEMPT_ANY };
/* Whether a flavor that will do is taken, or the next ones may be better. */
enum quota_fungible { MAY_STOP_SEARCH, TRY_NEXT_FLAVOR };
enum quota_preference { BORROWING_OVER_PREEMPTION, PREEMPTION_OVER_BORROWING };

struct quota_limits {
    int64_t nominal;
    int64_t borrowing, lending; /* QUOTA_NO_LIMIT: none */
};

struct quota_flavor {
    const char *name;
    uint64_t pools; /* bit p: pool p has its labels */
    bool by_node;   /* topology-aware: others may be stopped for room on its nodes alone, too */
};

/* Resources that share a list of flavors, which are tried in order. */
struct quota_group {
    uint8_t resources; /* bits */
    int32_t flavor_n;
    const int32_t *flavors;
};

struct quota_queue { /* a ClusterQueue: node of the same number */
    int32_t group_n;
    const struct quota_group *groups;
    enum quota_strategy strategy;
    enum quota_fungible when_can_borrow, when_can_preempt;
    enum quota_preference preference;
    enum quota_preempt within_queue, reclaim;
    bool borrow_within_cohort; /* it may borrow and reclaim at once, from lower priorities ... */
    int64_t threshold;         /* ... up to this one; INT64_MAX: any */
    bool stopped;
};

struct quota_node { /* a ClusterQueue or a cohort */
    const char *name;
    int32_t parent;                    /* a cohort, -1 */
    const struct quota_limits *limits; /* [flavors x QUOTA_RESOURCES] */
};

struct quota_local { /* a LocalQueue */
    const char *space, *name;
    int32_t queue;
    bool stopped; /* its jobs are not admitted, whatever its ClusterQueue says */
};

/* Plain data, shared by all worlds; no cohort is above itself. */
struct quota_spec {
    int32_t flavor_n, queue_n, node_n, local_n;
    const struct quota_flavor *flavors;
    const struct quota_queue *queues;
    const struct quota_node *nodes; /* the queues, then the cohorts */
    const struct quota_local *locals;
    const char *files, *sha256; /* where it was read, for summaries and identities */
};

/* One queue that all may use without end: what holds where no quotas are given. */
extern const struct quota_spec quota_unlimited;

/* Of a node and a cell. */
struct quota_amounts {
    int64_t all;       /* what it and all below have */
    int64_t own;       /* of that what it never lends */
    int64_t borrowing; /* its limit */
    int64_t potential; /* what it could use if nobody used anything */
    int64_t used;
};

/* What is used of them in one world. A cell is a flavor and a resource. */
struct quota {
    const struct quota_spec *spec;
    int32_t cells;
    struct quota_amounts *amounts; /* [node x cells] */
    int32_t *height;               /* [node] steps to the farthest node below */
};

static inline int32_t quota_cell(int32_t flavor, int resource)
{
    return flavor * QUOTA_RESOURCES + resource;
}

/* Nothing is used. false: no memory; free it then, too. */
bool quota_init(struct quota *q, const struct quota_spec *spec);
void quota_free(struct quota *q);

static inline struct quota_amounts *quota_at(const struct quota *q, int32_t node, int32_t cell)
{
    return &q->amounts[(size_t)node * (size_t)q->cells + (size_t)cell];
}

/* What a node could still use. */
int64_t quota_available(const struct quota *q, int32_t node, int32_t cell);
void quota_use(struct quota *q, int32_t node, int32_t cell, int64_t amount);
void quota_give_back(struct quota *q, int32_t node, int32_t cell, int64_t amount);

/* What is the node's own and not used. */
static inline int64_t quota_own_left(const struct quota *q, int32_t node, int32_t cell)
{
    const struct quota_amounts *a = quota_at(q, node, cell);
    return a->own > a->used ? a->own - a->used : 0;
}
/* Whether it would use more than it and those below have. */
static inline bool quota_exceeds(const struct quota *q, int32_t node, int32_t cell, int64_t more)
{
    const struct quota_amounts *a = quota_at(q, node, cell);
    return a->used + more > a->all;
}
/* How far up so much more must be looked for: the height of the lowest subtree that has it, 0 = no
 * borrowing. *above: whether somebody is above that subtree. */
int32_t quota_borrow_level(const struct quota *q, int32_t queue, int32_t cell, int64_t more,
                           bool *above);
/* The top of the node's tree. */
int32_t quota_root(const struct quota_spec *spec, int32_t node);

#endif
