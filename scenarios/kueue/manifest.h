/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kueue's manifests as they stand: kueue.x-k8s.io/v1beta1 and v1beta2, any number of documents in a
 * file, `kubectl get -o yaml` lists too. Read are ResourceFlavor, ClusterQueue, Cohort and
 * LocalQueue; other kinds are passed over with a warning, and so are the fields that decide nothing
 * here. A field that Kueue does not have is an error, as it is to `kubectl apply`.
 *
 *      file -> documents -> struct raw_object, each with its source
 */
#ifndef SCENARIOS_KUEUE_MANIFEST_H
#define SCENARIOS_KUEUE_MANIFEST_H

#include "scenarios/kubernetes_files.h"

enum manifest_kind { RESOURCE_FLAVOR, CLUSTER_QUEUE, COHORT, LOCAL_QUEUE, MANIFEST_KINDS };

struct raw_quota { /* of one resource in one flavor */
    struct value self;
    struct value name, nominal, borrowing, lending; /* quantities as texts */
};

struct raw_flavor_quotas {
    struct value self;
    struct value name;
    struct value_list resources; /* struct raw_quota */
};

struct raw_group {
    struct value self;
    struct value_list covered; /* struct value */
    struct value_list flavors; /* struct raw_flavor_quotas */
};

struct raw_borrow_within {
    struct value self;
    struct value policy, threshold;
};

struct raw_preemption {
    struct value self;
    struct value within, reclaim;
    struct raw_borrow_within borrow;
};

struct raw_fungibility {
    struct value self;
    struct value when_can_borrow, when_can_preempt, preference;
};

struct raw_metadata {
    struct value self;
    struct value name, space;
    struct value other;
};

struct raw_spec { /* of any kind */
    struct value self;
    struct value parent; /* ClusterQueue: its cohort; Cohort: the one above it */
    struct value strategy, stop;
    struct value_list groups; /* struct raw_group */
    struct raw_preemption preemption;
    struct raw_fungibility fungibility;
    struct value_list labels; /* ResourceFlavor: struct label */
    struct value queue;       /* LocalQueue */
    struct value selector;    /* there, and more than {} */
    struct value fair, checks, scope, taints, tolerations, topology, other;
};

struct raw_object {
    struct value self;
    struct value version, kind_name;
    struct raw_metadata metadata;
    struct raw_spec spec;
    struct value status;
    /* Not of the file: */
    enum manifest_kind kind;
    const struct source *source;
};

struct manifests {
    struct kubernetes_files files;
    struct raw_object *objects;
    size_t n, capacity;
};

/* The objects of a list of files; texts go to the arena. STATUS_OK also where errors were
 * reported; manifests_free in any case. */
enum status manifests_read(struct loading *l, const struct value_list *files, struct manifests *m);
void manifests_free(struct manifests *m);

/* The choices by number, in the order in which schema.c lists them. */
enum raw_strategy { RAW_BEST_EFFORT, RAW_STRICT };
enum raw_stop { RAW_STOP_NONE, RAW_HOLD, RAW_HOLD_AND_DRAIN };
enum raw_within { RAW_WITHIN_NEVER, RAW_WITHIN_LOWER, RAW_WITHIN_LOWER_OR_NEWER };
enum raw_reclaim { RAW_RECLAIM_NEVER, RAW_RECLAIM_LOWER, RAW_RECLAIM_ANY };
enum raw_policy { RAW_POLICY_NEVER, RAW_POLICY_LOWER };
enum raw_search { RAW_STOP_SEARCH, RAW_NEXT_FLAVOR, RAW_OLD_WORD }; /* v1beta1: Borrow, Preempt */
enum raw_preference { RAW_BORROWING_FIRST, RAW_PREEMPTION_FIRST };

/* The tables: of a kind, in version 1 or 2 of v1beta. scenarios/kueue/schema.c */
const struct schema *manifest_schema(enum manifest_kind kind, int version);
extern const char *const manifest_kind_names[MANIFEST_KINDS + 1]; /* ended by NULL */

#endif
