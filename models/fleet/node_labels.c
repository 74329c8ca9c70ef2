/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fleet/node_labels.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/fleet/fleet_spec.h"

const char *const taint_effects[TAINT_EFFECT_N] = { "NoSchedule", "PreferNoSchedule", "NoExecute" };

/* ---- labels that a pool has of itself ---- */

typedef const char *label_fn(const struct pool_spec *pool, char text[LABEL_TEXT_MAX]);

static const char *instance_type(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    (void)text;
    return pool->type.name;
}

static const char *capacity_type(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    const char *name = pool->purchase.option->name;
    (void)text;
    return strcmp(name, "on-demand") == 0 || strcmp(name, "spot") == 0 ? name : "reserved";
}

static const char *region(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    (void)text;
    return pool->purchase.price_region;
}

static const char *zone(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    (void)text;
    return pool->zone;
}

/* AWS's names alone have a dot, a family before it and a size behind. */
static bool has_family(const struct pool_spec *pool)
{
    return strchr(pool->type.name, '.') != NULL;
}

static const char *family(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    snprintf(text, LABEL_TEXT_MAX, "%.*s", (int)strcspn(pool->type.name, "."), pool->type.name);
    return has_family(pool) ? text : NULL;
}

static const char *size(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    const char *dot = strchr(pool->type.name, '.');
    (void)text;
    return dot ? dot + 1 : NULL;
}

/* "p" of p4d.24xlarge. */
static const char *category(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    size_t n = 0;
    while (isalpha((unsigned char)pool->type.name[n])) n++;
    snprintf(text, LABEL_TEXT_MAX, "%.*s", (int)n, pool->type.name);
    return has_family(pool) ? text : NULL;
}

/* "4" of p4d.24xlarge. */
static const char *generation(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    const char *at = pool->type.name + strcspn(pool->type.name, "0123456789");
    snprintf(text, LABEL_TEXT_MAX, "%.*s", (int)strspn(at, "0123456789"), at);
    return text[0] && has_family(pool) ? text : NULL;
}

static const char *whole(int64_t n, char text[LABEL_TEXT_MAX])
{
    snprintf(text, LABEL_TEXT_MAX, "%lld", (long long)n);
    return n > 0 ? text : NULL;
}

static const char *gpu_count(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    return whole(pool->type.gpus, text);
}

/* "a100" of A100-SXM4. */
static const char *gpu_name(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    const char *model = pool->type.gpu_model;
    size_t n = strcspn(model, "-");
    if (n >= LABEL_TEXT_MAX) n = LABEL_TEXT_MAX - 1;
    for (size_t i = 0; i < n; i++) text[i] = (char)tolower((unsigned char)model[i]);
    text[n] = 0;
    return n > 0 ? text : NULL;
}

static const char *gpu_maker(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    (void)text;
    return pool->type.gpus > 0 ? "nvidia" : NULL;
}

static const char *cpus(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    return whole(pool->type.cpu_milli / 1000, text);
}

static const char *memory(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    return whole(pool->type.mem_mib, text);
}

static const char *arch(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    (void)pool;
    (void)text;
    return "amd64";
}

static const char *os(const struct pool_spec *pool, char text[LABEL_TEXT_MAX])
{
    (void)pool;
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
    { "topology.kubernetes.io/zone", zone },
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
enum { KNOWN = sizeof known / sizeof known[0] };

const char *label_key_at(size_t i) { return i < KNOWN ? known[i].key : NULL; }

/* ---- of one pool ---- */

static const char *given_label(const struct pool_spec *pool, const char *key)
{
    for (int32_t i = 0; i < pool->marks.label_n; i++)
        if (strcmp(pool->marks.labels[i].key, key) == 0) return pool->marks.labels[i].value;
    return NULL;
}

const char *pool_label(const struct pool_spec *pool, const char *key, char text[LABEL_TEXT_MAX])
{
    const char *given = given_label(pool, key);
    for (size_t i = 0; !given && i < KNOWN; i++)
        if (strcmp(known[i].key, key) == 0) return known[i].label(pool, text);
    return given;
}

bool fleet_knows_label(const struct fleet_spec *fleet, const char *key)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (strcmp(known[i].key, key) == 0) return true;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (given_label(&fleet->pools[p], key)) return true;
    return false;
}

/* ---- requirements ---- */

static bool is_among(const struct label_requirement *r, const char *value)
{
    for (int32_t i = 0; i < r->n; i++)
        if (strcmp(r->values[i], value) == 0) return true;
    return false;
}

static bool holds(const struct label_requirement *r, const char *value)
{
    int64_t bound = r->n > 0 ? strtoll(r->values[0], NULL, 10) : 0;
    int64_t number = value ? strtoll(value, NULL, 10) : 0;
    switch (r->operator_) {
    case LABEL_IN: return value && is_among(r, value);
    case LABEL_NOT_IN: return !value || !is_among(r, value);
    case LABEL_EXISTS: return value != NULL;
    case LABEL_DOES_NOT_EXIST: return value == NULL;
    case LABEL_GT: return value && number > bound;
    case LABEL_LT: return value && number < bound;
    case LABEL_GTE: return value && number >= bound;
    case LABEL_LTE: return value && number <= bound;
    }
    return false;
}

/* A pool that does not say its zone: in those of its region, whose names begin with the region's.
 */
static bool some_zone_holds(const struct label_requirement *r, const char *of_region)
{
    size_t n = of_region ? strlen(of_region) : 0;
    if (r->operator_ != LABEL_IN) return r->operator_ != LABEL_DOES_NOT_EXIST;
    for (int32_t i = 0; i < r->n; i++)
        if (n > 0 && strncmp(r->values[i], of_region, n) == 0) return true;
    return false;
}

bool pool_meets(const struct pool_spec *pool, const struct label_requirement *r)
{
    char text[LABEL_TEXT_MAX];
    const char *value = pool_label(pool, r->key, text);
    if (!value && strcmp(r->key, "topology.kubernetes.io/zone") == 0)
        return some_zone_holds(r, pool->purchase.price_region);
    return holds(r, value);
}
