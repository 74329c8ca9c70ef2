/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Karpenter's NodePools as they stand: karpenter.sh/v1, any number of documents in a file, `kubectl
 * get -o yaml` lists too. Other kinds of Karpenter's and its providers' (EC2NodeClass, NodeClaim)
 * are passed over, others with a warning. A field that a NodePool does not have is an error, as it
 * is to `kubectl apply`.
 *
 *      file -> documents -> struct raw_nodepool, each with its source
 */
#ifndef SCENARIOS_KARPENTER_NODEPOOL_H
#define SCENARIOS_KARPENTER_NODEPOOL_H

#include "scenarios/kubernetes_files.h"

struct raw_requirement {
    struct value self;
    struct value key, operator_;
    struct value_list values; /* struct value */
    struct value min_values;
};

struct raw_budget {
    struct value self;
    struct value nodes; /* number: twice the count or percentage, and 1 more for a percentage */
    struct value schedule, duration;
    struct value_list reasons; /* struct value, choices */
};

struct raw_disruption {
    struct value self;
    struct value policy, after; /* after: -1 = Never */
    struct value_list budgets;  /* struct raw_budget */
};

struct raw_taint {
    struct value self;
    struct value key, value, effect, other;
};

struct raw_template_spec {
    struct value self;
    struct value_list requirements; /* struct raw_requirement */
    struct value_list taints;       /* struct raw_taint */
    struct value expire, grace, other;
};

struct raw_template_metadata {
    struct value self;
    struct value_list labels, annotations; /* struct label */
};

struct raw_template {
    struct value self;
    struct raw_template_metadata metadata;
    struct raw_template_spec spec;
};

struct raw_nodepool_spec {
    struct value self;
    struct raw_template template;
    struct raw_disruption disruption;
    struct value_list limits; /* struct label */
    struct value weight, replicas;
};

struct raw_nodepool_metadata {
    struct value self;
    struct value name, other;
};

struct raw_nodepool {
    struct value self;
    struct value version, kind;
    struct raw_nodepool_metadata metadata;
    struct raw_nodepool_spec spec;
    struct value status;
    const struct source *source; /* not of the file */
};

struct nodepools {
    struct kubernetes_files files;
    struct raw_nodepool *items;
    size_t n, capacity;
};

/* The NodePools of a list of files; texts go to the arena. STATUS_OK also where errors were
 * reported; nodepools_free in any case. */
enum status nodepools_read(struct loading *l, const struct value_list *files, struct nodepools *n);
void nodepools_free(struct nodepools *n);

/* The choices by number, in the order in which schema.c lists them: operators are enum
 * label_operator, effects enum taint_effect. */
enum raw_reason { RAW_UNDERUTILIZED, RAW_EMPTY, RAW_DRIFTED };

extern const struct schema nodepool_schema; /* scenarios/karpenter/schema.c */

#endif
