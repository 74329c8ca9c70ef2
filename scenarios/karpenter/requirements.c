/* SPDX-License-Identifier: Apache-2.0 */
/* Which of a fleet's pools a NodePool may use. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/karpenter/nodepools.h"

enum { LABEL_MAX = 128 };

/* ---- labels of an offering ---- */

struct offered {
    const struct raw_pool *raw;
    const struct pool_spec *pool;
};

typedef const char *label_fn(const struct offered *o, char text[LABEL_MAX]);

static const char *instance_type(const struct offered *o, char text[LABEL_MAX])
{
    (void)text;
    return o->pool->type.name;
}

static const char *capacity_type(const struct offered *o, char text[LABEL_MAX])
{
    const char *name = o->pool->purchase.option->name;
    (void)text;
    return strcmp(name, "on-demand") == 0 || strcmp(name, "spot") == 0 ? name : "reserved";
}

static const char *region(const struct offered *o, char text[LABEL_MAX])
{
    (void)text;
    return o->pool->purchase.price_region;
}

/* AWS's names alone have a dot, a family before it and a size behind. */
static bool has_family(const struct offered *o) { return strchr(o->pool->type.name, '.') != NULL; }

static const char *family(const struct offered *o, char text[LABEL_MAX])
{
    snprintf(text, LABEL_MAX, "%.*s", (int)strcspn(o->pool->type.name, "."), o->pool->type.name);
    return has_family(o) ? text : NULL;
}

static const char *size(const struct offered *o, char text[LABEL_MAX])
{
    const char *dot = strchr(o->pool->type.name, '.');
    (void)text;
    return dot ? dot + 1 : NULL;
}

/* "p" of p4d.24xlarge. */
static const char *category(const struct offered *o, char text[LABEL_MAX])
{
    size_t n = 0;
    while (isalpha((unsigned char)o->pool->type.name[n])) n++;
    snprintf(text, LABEL_MAX, "%.*s", (int)n, o->pool->type.name);
    return has_family(o) ? text : NULL;
}

/* "4" of p4d.24xlarge. */
static const char *generation(const struct offered *o, char text[LABEL_MAX])
{
    const char *at = o->pool->type.name + strcspn(o->pool->type.name, "0123456789");
    snprintf(text, LABEL_MAX, "%.*s", (int)strspn(at, "0123456789"), at);
    return text[0] && has_family(o) ? text : NULL;
}

static const char *whole(int64_t n, char text[LABEL_MAX])
{
    snprintf(text, LABEL_MAX, "%lld", (long long)n);
    return n > 0 ? text : NULL;
}

static const char *gpu_count(const struct offered *o, char text[LABEL_MAX])
{
    return whole(o->pool->type.gpus, text);
}

/* "a100" of A100-SXM4. */
static const char *gpu_name(const struct offered *o, char text[LABEL_MAX])
{
    const char *model = o->pool->type.gpu_model;
    size_t n = strcspn(model, "-");
    for (size_t i = 0; i < n && i + 1 < LABEL_MAX; i++)
        text[i] = (char)tolower((unsigned char)model[i]);
    text[n < LABEL_MAX ? n : LABEL_MAX - 1] = 0;
    return n > 0 ? text : NULL;
}

static const char *gpu_maker(const struct offered *o, char text[LABEL_MAX])
{
    (void)text;
    return o->pool->type.gpus > 0 ? "nvidia" : NULL;
}

static const char *cpus(const struct offered *o, char text[LABEL_MAX])
{
    return whole(o->pool->type.cpu_milli / 1000, text);
}

static const char *memory(const struct offered *o, char text[LABEL_MAX])
{
    return whole(o->pool->type.mem_mib, text);
}

static const char *arch(const struct offered *o, char text[LABEL_MAX])
{
    (void)o;
    (void)text;
    return "amd64";
}

static const char *os(const struct offered *o, char text[LABEL_MAX])
{
    (void)o;
    (void)text;
    return "linux";
}

static const struct {
    const char *key;
    label_fn *label;
} known[] = {
    { "node.kubernetes.io/instance-type", instance_type },
    { "karpenter.sh/capacity-type", capacity_type },
    { "topology.kubernetes.io/region", region },
    { "topology.kubernetes.io/zone", NULL },
    { "karpenter.k8s.aws/instance-family", family },
    { "karpenter.k8s.aws/instance-size", size },
    { "karpenter.k8s.aws/instance-category", category },
    { "karpenter.k8s.aws/instance-generation", generation },
    { "karpenter.k8s.aws/instance-gpu-count", gpu_count },
    { "karpenter.k8s.aws/instance-gpu-name", gpu_name },
    { "karpenter.k8s.aws/instance-gpu-manufacturer", gpu_maker },
    { "karpenter.k8s.aws/instance-cpu", cpus },
    { "karpenter.k8s.aws/instance-memory", memory },
    { "kubernetes.io/arch", arch },
    { "kubernetes.io/os", os },
};
enum { KNOWN = sizeof known / sizeof known[0], ZONE = 3 };

static int known_find(const char *key)
{
    for (int i = 0; i < KNOWN; i++)
        if (strcmp(known[i].key, key) == 0) return i;
    return -1;
}

/* What the scenario says of the pool, NULL: nothing. */
static const char *own_label(const struct raw_pool *raw, const char *key)
{
    const struct label *labels = raw->labels.items;
    for (size_t i = 0; i < raw->labels.n; i++)
        if (labels[i].key.state == VALUE_GOOD && strcmp(labels[i].key.text, key) == 0 &&
            labels[i].value.state == VALUE_GOOD)
            return labels[i].value.text;
    return NULL;
}

/* ---- one requirement ---- */

static bool is_among(const struct raw_requirement *r, const char *value)
{
    const struct value *values = r->values.items;
    for (size_t i = 0; i < r->values.n; i++)
        if (is_good(&values[i]) && strcmp(values[i].text, value) == 0) return true;
    return false;
}

static int64_t number_of(const char *text) { return strtoll(text, NULL, 10); }

static bool holds(const struct raw_requirement *r, const char *value)
{
    const struct value *values = r->values.items;
    int64_t bound = r->values.n > 0 && is_good(&values[0]) ? number_of(values[0].text) : 0;
    switch ((enum raw_operator)r->operator_.number) {
    case RAW_IN: return value && is_among(r, value);
    case RAW_NOT_IN: return !value || !is_among(r, value);
    case RAW_EXISTS: return value != NULL;
    case RAW_DOES_NOT_EXIST: return value == NULL;
    case RAW_GT: return value && number_of(value) > bound;
    case RAW_LT: return value && number_of(value) < bound;
    case RAW_GTE: return value && number_of(value) >= bound;
    case RAW_LTE: return value && number_of(value) <= bound;
    }
    return false;
}

/* A pool that does not say its zone: in those of its region. */
static bool zone_holds(const struct raw_requirement *r, const char *of_region)
{
    const struct value *values = r->values.items;
    size_t n = of_region ? strlen(of_region) : 0;
    if (r->operator_.number != RAW_IN) return r->operator_.number != RAW_DOES_NOT_EXIST;
    for (size_t i = 0; i < r->values.n; i++)
        if (is_good(&values[i]) && n > 0 && strncmp(values[i].text, of_region, n) == 0) return true;
    return false;
}

static bool offers(const struct raw_requirement *r, const struct offered *o)
{
    char text[LABEL_MAX];
    const char *value = own_label(o->raw, r->key.text);
    int label = known_find(r->key.text);
    if (!value && label == ZONE) return zone_holds(r, o->pool->purchase.price_region);
    if (!value && label >= 0) value = known[label].label(o, text);
    return holds(r, value);
}

/* ---- what is wrong with one ---- */

static bool is_whole(const char *text)
{
    size_t n = strspn(text, "0123456789");
    return n > 0 && n < 19 && !text[n];
}

static void check_values(struct loading *l, const struct raw_nodepool *from,
                         const struct raw_requirement *r)
{
    const struct value *values = r->values.items;
    enum raw_operator op = (enum raw_operator)r->operator_.number;
    if ((op == RAW_IN || op == RAW_NOT_IN) && r->values.n == 0 && r->values.state != VALUE_BAD)
        nodepool_report(l, from, SEVERITY_ERROR, r->operator_.at, NULL, NULL,
                        "the operator '%s' needs 'values'", r->operator_.text);
    if ((op == RAW_EXISTS || op == RAW_DOES_NOT_EXIST) && r->values.n > 0)
        nodepool_report(l, from, SEVERITY_ERROR, r->values.at, NULL, NULL,
                        "the operator '%s' has no 'values'", r->operator_.text);
    if (op >= RAW_GT && r->values.state != VALUE_BAD &&
        (r->values.n != 1 || !is_good(&values[0]) || !is_whole(values[0].text)))
        nodepool_report(l, from, SEVERITY_ERROR,
                        r->values.state == VALUE_GOOD ? r->values.at : r->operator_.at, NULL, NULL,
                        "the operator '%s' needs one value, a whole number", r->operator_.text);
    for (size_t i = 0; i < r->values.n; i++) {
        static const char *const types[] = { "reserved", "spot", "on-demand" };
        char hint[HINT_MAX];
        bool good = strcmp(r->key.text, "karpenter.sh/capacity-type") != 0 || !is_good(&values[i]);
        for (size_t t = 0; t < 3 && !good; t++) good = strcmp(values[i].text, types[t]) == 0;
        if (good) continue;
        did_you_mean(hint, values[i].text, types, 3);
        nodepool_report(l, from, SEVERITY_ERROR, values[i].at, hint,
                        "capacity types are reserved, spot and on-demand",
                        "no capacity type is called '%.100s'", values[i].text);
    }
}

void nodepool_check_requirements(struct loading *l, const struct raw_nodepool *from)
{
    const struct raw_requirement *all = from->spec.template.spec.requirements.items;
    for (size_t i = 0; i < from->spec.template.spec.requirements.n; i++) {
        if (is_good(&all[i].key) && is_good(&all[i].operator_)) check_values(l, from, &all[i]);
        if (all[i].min_values.state != VALUE_ABSENT)
            nodepool_report(l, from, SEVERITY_WARNING, all[i].min_values.at, NULL, NULL,
                            "'minValues' is not simulated: the cheapest offering is taken");
    }
}

/* A label that no pool of the fleet has, nor any offering of itself: a mistake, or none of ours. */
static bool is_passed_over(struct loading *l, const struct raw_nodepool *from,
                           const struct raw_requirement *r, const struct raw_fleet *raw,
                           const struct fleet_spec *fleet)
{
    const struct raw_pool *pools = raw->pools.items;
    const char *keys[KNOWN];
    char hint[HINT_MAX];
    if (known_find(r->key.text) >= 0) return false;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (own_label(&pools[p], r->key.text)) return false;
    for (int i = 0; i < KNOWN; i++) keys[i] = known[i].key;
    bool near = did_you_mean(hint, r->key.text, keys, KNOWN) != NULL;
    nodepool_report(l, from, near ? SEVERITY_ERROR : SEVERITY_WARNING, r->key.at, hint,
                    near ? NULL : "give pools this label: fleets.NAME.pools[].labels",
                    near ? "no pool of fleet '%s' has the label '%.100s'"
                         : "no pool of fleet '%s' has the label '%.100s': the requirement is "
                           "passed over",
                    fleet->name, r->key.text);
    return true;
}

uint64_t nodepool_offerings(struct loading *l, const struct raw_nodepool *from,
                            const struct raw_fleet *raw, const struct fleet_spec *fleet)
{
    const struct raw_requirement *all = from->spec.template.spec.requirements.items;
    const struct raw_pool *pools = raw->pools.items;
    uint64_t found = fleet->pool_n < 64 ? (UINT64_C(1) << fleet->pool_n) - 1 : UINT64_MAX;
    for (size_t i = 0; i < from->spec.template.spec.requirements.n; i++) {
        if (!is_good(&all[i].key) || !is_good(&all[i].operator_) ||
            is_passed_over(l, from, &all[i], raw, fleet))
            continue;
        for (int32_t p = 0; p < fleet->pool_n; p++) {
            struct offered o = { &pools[p], &fleet->pools[p] };
            if (!offers(&all[i], &o)) found &= ~(UINT64_C(1) << p);
        }
    }
    return found;
}
