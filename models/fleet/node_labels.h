/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels and taints of a pool's nodes, in Kubernetes' words, and what may be required of them.
 *
 *      pool    p4d.24xlarge on demand in us-east-1, labels {team: vision}
 *      labels  team                               vision           as the scenario says
 *              node.kubernetes.io/instance-type   p4d.24xlarge     of itself
 *              karpenter.sh/capacity-type         on-demand        of itself
 *              topology.kubernetes.io/zone        any of its region, where the pool says none
 *
 * A label that the scenario gives goes before that of the same key that a pool has of itself.
 * Operators: kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node, "Operators", with
 * Karpenter's Gte and Lte; keys of themselves: karpenter.sh/docs/concepts/scheduling, "Well-Known
 * Labels"; taints: kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration.
 */
#ifndef MODELS_FLEET_NODE_LABELS_H
#define MODELS_FLEET_NODE_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fleet_spec;
struct pool_spec;

struct node_label {
    const char *key, *value;
};

/* PreferNoSchedule decides nothing here. */
enum taint_effect { TAINT_NO_SCHEDULE, TAINT_PREFER_NO_SCHEDULE, TAINT_NO_EXECUTE, TAINT_EFFECT_N };
extern const char *const taint_effects[TAINT_EFFECT_N]; /* "NoSchedule", ... */

struct node_taint {
    const char *key, *value; /* value: "" = none */
    enum taint_effect effect;
};

/* What a pool is given; borrowed. */
struct node_marks {
    int32_t label_n, taint_n;
    const struct node_label *labels;
    const struct node_taint *taints;
};

enum label_operator {
    LABEL_IN,
    LABEL_NOT_IN,
    LABEL_EXISTS,
    LABEL_DOES_NOT_EXIST,
    LABEL_GT, /* of whole numbers; what is none is 0 */
    LABEL_LT,
    LABEL_GTE,
    LABEL_LTE
};

struct label_requirement {
    const char *key;
    enum label_operator operator_;
    int32_t n;
    const char *const *values;
};

enum { LABEL_TEXT_MAX = 128 };

/* A pool's value of a label, which may be put into text; NULL where it has none, and of the zone
 * where it is in all those of its region. Its instance type and its purchase are known. */
const char *pool_label(const struct pool_spec *pool, const char *key, char text[LABEL_TEXT_MAX]);
bool pool_meets(const struct pool_spec *pool, const struct label_requirement *r);

/* Keys of labels that pools have of themselves; NULL past the last. */
const char *label_key_at(size_t i);
/* Whether pools have it of themselves, or one of the fleet is given it. */
bool fleet_knows_label(const struct fleet_spec *fleet, const char *key);

#endif
