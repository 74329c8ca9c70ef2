/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in Kueue's manifests: apis/kueue/v1beta1 and v1beta2 of kubernetes-sigs/kueue. The
 * versions differ in the name of a queue's cohort and in the words of flavorFungibility.
 */
#include "scenarios/kubernetes_schema.h"
#include "scenarios/kueue/manifest.h"
#include "scenarios/quantity.h"

const char *const manifest_kind_names[MANIFEST_KINDS + 1] = {
    [RESOURCE_FLAVOR] = "ResourceFlavor", [CLUSTER_QUEUE] = "ClusterQueue", [COHORT] = "Cohort",
    [LOCAL_QUEUE] = "LocalQueue",         [MANIFEST_KINDS] = NULL,
};

/* ---- words ---- */

WORDS(strategy_word, "BestEffortFIFO", "StrictFIFO")
WORDS(stop_word, "None", "Hold", "HoldAndDrain")
WORDS(within_word, "Never", "LowerPriority", "LowerOrNewerEqualPriority")
WORDS(reclaim_word, "Never", "LowerPriority", "Any")
WORDS(policy_word, "Never", "LowerPriority")
WORDS(search_word, "MayStopSearch", "TryNextFlavor")
WORDS(borrow_word, "MayStopSearch", "TryNextFlavor", "Borrow")
WORDS(preempt_word, "MayStopSearch", "TryNextFlavor", "Preempt")
WORDS(preference_word, "BorrowingOverPreemption", "PreemptionOverBorrowing")

/* A priority is any whole number of 32 bits. */
static bool priority_read(const char *text, int64_t *number, struct unit_problem *problem)
{
    bool negative = text[0] == '-';
    if (!unit_count(text + negative, number, problem)) return false;
    if (negative) *number = -*number;
    return true;
}

/* ---- tables ---- */

#define QUANTITY(name, member) READ(name, member, quantity_check)

#define TARGET raw_quota
static const struct field quota_fields[] = {
    { FIELD("name", FIELD_TEXT, name), NEEDED },
    { QUANTITY("nominalQuota", nominal), NEEDED },
    { QUANTITY("borrowingLimit", borrowing) },
    { QUANTITY("lendingLimit", lending) },
    END,
};
static const struct schema quota_schema = { "resource", quota_fields, sizeof(struct raw_quota),
                                            NULL, 64 };
#undef TARGET

#define TARGET raw_flavor_quotas
static const struct field flavor_quotas_fields[] = {
    { FIELD("name", FIELD_TEXT, name), NEEDED },
    { MAP("resources", FIELD_LIST, resources, &quota_schema), NEEDED },
    END,
};
static const struct schema flavor_quotas_schema = { "flavor", flavor_quotas_fields,
                                                    sizeof(struct raw_flavor_quotas), NULL, 64 };
#undef TARGET

#define TARGET raw_group
static const struct field group_fields[] = {
    { FIELD("coveredResources", FIELD_TEXTS, covered), NEEDED },
    { MAP("flavors", FIELD_LIST, flavors, &flavor_quotas_schema), NEEDED },
    END,
};
static const struct schema group_schema = { "resourceGroup", group_fields, sizeof(struct raw_group),
                                            NULL, 16 };
#undef TARGET

#define TARGET raw_borrow_within
static const struct field borrow_within_fields[] = {
    { CHOICE("policy", policy, policy_word) },
    { READ("maxPriorityThreshold", threshold, priority_read), .least = INT32_MIN, .most = INT32_MAX,
      .range = "a whole number of 32 bits" },
    END,
};
static const struct schema borrow_within_schema = { "borrowWithinCohort", borrow_within_fields,
                                                    sizeof(struct raw_borrow_within), NULL, 0 };
#undef TARGET

#define TARGET raw_preemption
static const struct field preemption_fields[] = {
    { CHOICE("withinClusterQueue", within, within_word) },
    { CHOICE("reclaimWithinCohort", reclaim, reclaim_word) },
    { MAP("borrowWithinCohort", FIELD_MAP, borrow, &borrow_within_schema) },
    END,
};
static const struct schema preemption_schema = { "preemption", preemption_fields,
                                                 sizeof(struct raw_preemption), NULL, 0 };
#undef TARGET

#define TARGET raw_fungibility
#define FUNGIBILITY(borrow, preempt)                                                               \
    {                                                                                              \
        { CHOICE("whenCanBorrow", when_can_borrow, borrow) },                                      \
            { CHOICE("whenCanPreempt", when_can_preempt, preempt) },                               \
            { CHOICE("preference", preference, preference_word) }, END,                            \
    }
static const struct field fungibility_fields_1[] = FUNGIBILITY(borrow_word, preempt_word);
static const struct field fungibility_fields_2[] = FUNGIBILITY(search_word, search_word);
static const struct schema fungibility_schema_1 = { "flavorFungibility", fungibility_fields_1,
                                                    sizeof(struct raw_fungibility), NULL, 0 };
static const struct schema fungibility_schema_2 = { "flavorFungibility", fungibility_fields_2,
                                                    sizeof(struct raw_fungibility), NULL, 0 };
#undef TARGET

#define TARGET raw_metadata
static const struct field metadata_fields[] = {
    { FIELD("name", FIELD_TEXT, name), NEEDED },
    { FIELD("namespace", FIELD_TEXT, space) },
    { FIELD("selfLink", FIELD_ANY, other) },
    METADATA_PASSED_OVER(other),
    END,
};
static const struct schema metadata_schema = { "metadata", metadata_fields,
                                               sizeof(struct raw_metadata), NULL, 0 };
#undef TARGET

#define TARGET raw_spec
#define QUEUE_SPEC(cohort, fungibility_schema)                                                     \
    {                                                                                              \
        { FIELD(cohort, FIELD_TEXT, parent) },                                                     \
            { MAP("resourceGroups", FIELD_LIST, groups, &group_schema) },                          \
            { CHOICE("queueingStrategy", strategy, strategy_word) },                               \
            { MAP("flavorFungibility", FIELD_MAP, fungibility, &fungibility_schema) },             \
            { MAP("preemption", FIELD_MAP, preemption, &preemption_schema) },                      \
            { CHOICE("stopPolicy", stop, stop_word) },                                             \
            { FIELD("namespaceSelector", FIELD_ANY, selector) },                                   \
            { FIELD("admissionChecks", FIELD_ANY, checks) },                                       \
            { FIELD("admissionChecksStrategy", FIELD_ANY, checks) },                               \
            { FIELD("fairSharing", FIELD_ANY, fair) },                                             \
            { FIELD("admissionScope", FIELD_ANY, scope) }, END,                                    \
    }
static const struct field flavor_spec[] = {
    { FIELD("nodeLabels", FIELD_LABELS, labels) },
    { FIELD("nodeTaints", FIELD_ANY, taints) },
    { FIELD("tolerations", FIELD_ANY, tolerations) },
    { FIELD("topologyName", FIELD_ANY, topology) },
    END,
};
static const struct field queue_spec_1[] = QUEUE_SPEC("cohort", fungibility_schema_1);
static const struct field queue_spec_2[] = QUEUE_SPEC("cohortName", fungibility_schema_2);
static const struct field cohort_spec[] = {
    { FIELD("parentName", FIELD_TEXT, parent) },
    { FIELD("parent", FIELD_TEXT, parent) }, /* as v1alpha1 called it */
    { MAP("resourceGroups", FIELD_LIST, groups, &group_schema) },
    { FIELD("fairSharing", FIELD_ANY, fair) },
    END,
};
static const struct field local_spec[] = {
    { FIELD("clusterQueue", FIELD_TEXT, queue), NEEDED },
    { CHOICE("stopPolicy", stop, stop_word) },
    { FIELD("fairSharing", FIELD_ANY, fair) },
    END,
};
static const char *const queue_also_1[][2] = { { "cohortName", "cohort" }, { NULL, NULL } };
static const char *const queue_also_2[][2] = { { "cohort", "cohortName" }, { NULL, NULL } };
#define SPEC(fields, also)                                                                         \
    {                                                                                              \
        "spec", fields, sizeof(struct raw_spec), also, 0                                           \
    }
static const struct schema specs[MANIFEST_KINDS][2] = {
    [RESOURCE_FLAVOR] = { SPEC(flavor_spec, NULL), SPEC(flavor_spec, NULL) },
    [CLUSTER_QUEUE] = { SPEC(queue_spec_1, queue_also_1), SPEC(queue_spec_2, queue_also_2) },
    [COHORT] = { SPEC(cohort_spec, NULL), SPEC(cohort_spec, NULL) },
    [LOCAL_QUEUE] = { SPEC(local_spec, NULL), SPEC(local_spec, NULL) },
};
#undef TARGET

#define TARGET raw_object
#define OBJECT(kind_, version_)                                                                    \
    {                                                                                              \
        { FIELD("apiVersion", FIELD_TEXT, version), NEEDED },                                      \
            { FIELD("kind", FIELD_TEXT, kind_name), NEEDED },                                      \
            { MAP("metadata", FIELD_MAP, metadata, &metadata_schema), NEEDED },                    \
            { MAP("spec", FIELD_MAP, spec, &specs[kind_][version_ - 1]) },                         \
            { FIELD("status", FIELD_ANY, status) }, END,                                           \
    }
static const struct field objects[MANIFEST_KINDS][2][6] = {
    [RESOURCE_FLAVOR] = { OBJECT(RESOURCE_FLAVOR, 1), OBJECT(RESOURCE_FLAVOR, 2) },
    [CLUSTER_QUEUE] = { OBJECT(CLUSTER_QUEUE, 1), OBJECT(CLUSTER_QUEUE, 2) },
    [COHORT] = { OBJECT(COHORT, 1), OBJECT(COHORT, 2) },
    [LOCAL_QUEUE] = { OBJECT(LOCAL_QUEUE, 1), OBJECT(LOCAL_QUEUE, 2) },
};
#define SCHEMAS(kind_)                                                                             \
    {                                                                                              \
        { "object", objects[kind_][0], sizeof(struct raw_object), NULL, 0 },                       \
            { "object", objects[kind_][1], sizeof(struct raw_object), NULL, 0 },                   \
    }
static const struct schema schemas[MANIFEST_KINDS][2] = {
    [RESOURCE_FLAVOR] = SCHEMAS(RESOURCE_FLAVOR),
    [CLUSTER_QUEUE] = SCHEMAS(CLUSTER_QUEUE),
    [COHORT] = SCHEMAS(COHORT),
    [LOCAL_QUEUE] = SCHEMAS(LOCAL_QUEUE),
};
#undef TARGET

const struct schema *manifest_schema(enum manifest_kind kind, int version)
{
    return &schemas[kind][version - 1];
}
