/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in a NodePool: pkg/apis/v1 of kubernetes-sigs/karpenter. */
#include <stdio.h>
#include <string.h>

#include "scenarios/karpenter/nodepool.h"
#include "scenarios/kubernetes_schema.h"
#include "scenarios/units.h"

/* ---- words and numbers ---- */

WORDS(operator_word, "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Gte", "Lte")
WORDS(effect_word, "NoSchedule", "PreferNoSchedule", "NoExecute")
WORDS(policy_word, "WhenEmpty", "WhenEmptyOrUnderutilized", "Balanced") /* karpenter_policy */
WORDS(reason_word, "Underutilized", "Empty", "Drifted")

static bool refuse(struct unit_problem *problem, const char *message, const char *note)
{
    *problem = (struct unit_problem){ .hint = "" };
    snprintf(problem->message, sizeof problem->message, "%s", message);
    snprintf(problem->note, sizeof problem->note, "%s", note);
    return false;
}

/* "720h", "1h30m": hours, minutes and seconds, in whole numbers. */
static bool time_read(const char *text, int64_t *us, struct unit_problem *problem)
{
    const int64_t most_us = INT64_C(8760) * 100 * 3600 * 1000000; /* a century */
    __int128 sum = 0;
    const char *at = text;
    *us = 0;
    while (*at) {
        int64_t n = 0;
        const char *from = at;
        for (; *at >= '0' && *at <= '9' && at - from < 10; at++) n = 10 * n + (*at - '0');
        int64_t unit_us = *at == 'h' ? 3600 : *at == 'm' ? 60 : *at == 's' ? 1 : 0;
        if (at == from || !unit_us) break;
        sum += (__int128)n * unit_us * 1000000;
        at++;
    }
    if (*at || at == text || sum > most_us)
        return refuse(problem, "is not a duration of Kubernetes",
                      "a duration such as 30s, 10m or 720h, up to a century");
    *us = (int64_t)sum;
    return true;
}

/* The same, or Never: -1. */
static bool time_or_never_read(const char *text, int64_t *us, struct unit_problem *problem)
{
    *us = -1;
    if (strcmp(text, "Never") == 0) return true;
    if (time_read(text, us, problem)) return true;
    return refuse(problem, "is not a duration of Kubernetes",
                  "a duration such as 30s, 10m or 720h, or Never");
}

/* "10", "20%". */
static bool nodes_read(const char *text, int64_t *number, struct unit_problem *problem)
{
    int64_t n = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && at - text < 9; at++) n = 10 * n + (*at - '0');
    bool percent = *at == '%';
    *number = 2 * n + percent;
    if (at == text || at[percent] || (percent && n > 100))
        return refuse(problem, "is not a number of nodes",
                      "a number, or a percentage from 0% to 100%");
    return true;
}

/* ---- tables ---- */

#define TARGET raw_requirement
static const struct field requirement_fields[] = {
    { FIELD("key", FIELD_TEXT, key), NEEDED },
    { CHOICE("operator", operator_, operator_word), NEEDED },
    { FIELD("values", FIELD_TEXTS, values) },
    { FIELD("minValues", FIELD_ANY, min_values) },
    END,
};
static const struct schema requirement_schema = { "requirement", requirement_fields,
                                                  sizeof(struct raw_requirement), NULL, 100 };
#undef TARGET

#define TARGET raw_budget
static const struct field budget_fields[] = {
    { READ("nodes", nodes, nodes_read), NEEDED },
    { FIELD("schedule", FIELD_TEXT, schedule) },
    { READ("duration", duration, time_read) },
    { FIELD("reasons", FIELD_CHOICES, reasons), .choice = reason_word },
    END,
};
static const struct schema budget_schema = { "budget", budget_fields, sizeof(struct raw_budget),
                                             NULL, 50 };
#undef TARGET

#define TARGET raw_disruption
static const struct field disruption_fields[] = {
    { CHOICE("consolidationPolicy", policy, policy_word) },
    { READ("consolidateAfter", after, time_or_never_read) },
    { MAP("budgets", FIELD_LIST, budgets, &budget_schema) },
    END,
};
static const struct schema disruption_schema = { "disruption", disruption_fields,
                                                 sizeof(struct raw_disruption), NULL, 0 };
#undef TARGET

#define TARGET raw_taint
static const struct field taint_fields[] = {
    { FIELD("key", FIELD_TEXT, key), NEEDED },
    { FIELD("value", FIELD_TEXT, value) },
    { CHOICE("effect", effect, effect_word), NEEDED },
    { FIELD("timeAdded", FIELD_ANY, other) },
    END,
};
static const struct schema taint_schema = { "taint", taint_fields, sizeof(struct raw_taint), NULL,
                                            50 };
#undef TARGET

#define TARGET raw_template_spec
static const struct field template_spec_fields[] = {
    { MAP("requirements", FIELD_LIST, requirements, &requirement_schema), NEEDED },
    { READ("expireAfter", expire, time_or_never_read) },
    { READ("terminationGracePeriod", grace, time_read) },
    { FIELD("nodeClassRef", FIELD_ANY, other) },
    { MAP("taints", FIELD_LIST, taints, &taint_schema) },
    { FIELD("startupTaints", FIELD_ANY, other) },
    END,
};
static const struct schema template_spec_schema = { "template.spec", template_spec_fields,
                                                    sizeof(struct raw_template_spec), NULL, 0 };
#undef TARGET

#define TARGET raw_template_metadata
static const struct field template_metadata_fields[] = {
    { FIELD("labels", FIELD_LABELS, labels) },
    { FIELD("annotations", FIELD_LABELS, annotations) },
    END,
};
static const struct schema template_metadata_schema = {
    "template.metadata", template_metadata_fields, sizeof(struct raw_template_metadata), NULL, 0
};
#undef TARGET

#define TARGET raw_template
static const struct field template_fields[] = {
    { MAP("metadata", FIELD_MAP, metadata, &template_metadata_schema) },
    { MAP("spec", FIELD_MAP, spec, &template_spec_schema), NEEDED },
    END,
};
static const struct schema template_schema = { "template", template_fields,
                                               sizeof(struct raw_template), NULL, 0 };
#undef TARGET

#define TARGET raw_nodepool_spec
static const struct field spec_fields[] = {
    { MAP("template", FIELD_MAP, template, &template_schema), NEEDED },
    { MAP("disruption", FIELD_MAP, disruption, &disruption_schema) },
    { FIELD("limits", FIELD_LABELS, limits) },
    { READ("weight", weight, unit_count), .least = 1, .most = 100, .range = "from 1 to 100" },
    { FIELD("replicas", FIELD_ANY, replicas) },
    END,
};
static const struct schema spec_schema = { "spec", spec_fields, sizeof(struct raw_nodepool_spec),
                                           NULL, 0 };
#undef TARGET

#define TARGET raw_nodepool_metadata
static const struct field metadata_fields[] = {
    { FIELD("name", FIELD_NAME, name), NEEDED },
    METADATA_PASSED_OVER(other),
    END,
};
static const struct schema metadata_schema = { "metadata", metadata_fields,
                                               sizeof(struct raw_nodepool_metadata), NULL, 0 };
#undef TARGET

#define TARGET raw_nodepool
static const struct field nodepool_fields[] = {
    { FIELD("apiVersion", FIELD_TEXT, version), NEEDED },
    { FIELD("kind", FIELD_TEXT, kind), NEEDED },
    { MAP("metadata", FIELD_MAP, metadata, &metadata_schema), NEEDED },
    { MAP("spec", FIELD_MAP, spec, &spec_schema), NEEDED },
    { FIELD("status", FIELD_ANY, status) },
    END,
};
const struct schema nodepool_schema = { "NodePool", nodepool_fields, sizeof(struct raw_nodepool),
                                        NULL, 0 };
#undef TARGET
