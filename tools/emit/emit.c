/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/emit/emit.h"

#include <stdarg.h>
#include <string.h>

#include "reports/format.h"
#include "tools/emit/emit_parts.h"

/* ---- lines ---- */

static void comment(struct emit *e, const char *before, const char *format, va_list args)
{
    char raw[2 * EMIT_COMMENT_MAX], safe[EMIT_COMMENT_MAX];
    vsnprintf(raw, sizeof raw, format, args);
    emit_comment(raw, EMIT_COMMENT_MAX - 1, safe);
    fprintf(e->out, "%s%s\n", before, safe);
}

void emit_put(struct emit *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(e->out, format, args);
    va_end(args);
}

void emit_note(struct emit *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    comment(e, "  # ", format, args);
    va_end(args);
}

void emit_remark(struct emit *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    comment(e, "# ", format, args);
    va_end(args);
}

/* ---- the heading ---- */

static void put_prices(struct emit *e)
{
    for (int32_t p = 0; p < e->fleet->pool_n; p++) {
        const struct pool_spec *pool = &e->fleet->pools[p];
        const struct purchase *bought = &pool->purchase;
        if (strcmp(bought->option->name, "owned") == 0)
            emit_remark(e, "%s; %s", emit_pool_text(pool).s, bought->price_source);
        else
            emit_remark(e, "%s; %s an hour each in %s, valid from %s, of %s",
                        emit_pool_text(pool).s,
                        format_usd((double)bought->usd_nano_per_hour / 1e9).s, bought->price_region,
                        bought->price_valid_from, bought->price_source);
    }
}

static void put_figures(struct emit *e)
{
    const struct emit_figures *f = e->figures;
    emit_remark(e, "cost a month %s; p95 wait %s; utilization %s",
                format_usd_interval(f->cost_usd_month.mean, f->cost_usd_month.half).s,
                format_duration_interval(f->wait_p95_s.mean, f->wait_p95_s.half).s,
                format_percent_interval(f->utilization.mean, f->utilization.half).s);
    emit_remark(e, "95%% intervals of n = %d replications, seed %llu", (int)f->replications,
                (unsigned long long)e->scenario->seed);
    for (size_t t = 0; t < f->target_n; t++) emit_remark(e, "target: %s", f->targets[t].label);
}

/* What is of the fleet, and in no manifest of nodes or queues. */
static void put_left_out(struct emit *e)
{
    const struct fleet_spec *fleet = e->fleet;
    for (int32_t i = 0; i < fleet->commitments.n; i++) {
        char text[300];
        fleet_commitment_text(&fleet->commitments.items[i], text, sizeof text);
        emit_remark(e, "left out: %s is bought, not configured", text);
    }
    if (fleet->fallback.rule != FALLBACK_NONE)
        emit_remark(e,
                    "left out: jobs leave spot nodes by the rule %s, which who submits must keep",
                    fallback_kinds[fleet->fallback.rule].name);
    if (fleet->services.n > 0) emit_remark(e, "left out: services that are paid besides the nodes");
}

void emit_heading(struct emit *e, const char *what)
{
    const struct emit_figures *f = e->figures;
    emit_remark(e, "%s for the fleet '%s'%s%s", what, e->fleet->name, *f->params ? " with " : "",
                f->params);
    emit_remark(e, "by: %s", f->command);
    emit_remark(e, "scenario %s, sha256 %.16s", e->scenario->path, e->scenario->sha256);
    put_figures(e);
    put_prices(e);
    put_left_out(e);
}

void emit_remark_order(struct emit *e)
{
    emit_remark(e, "left out: the queue order %s and the placement %s are a scheduler's to keep",
                e->fleet->scheduler.order->name, e->fleet->scheduler.placement->name);
    for (int32_t p = 0; p < e->fleet->pool_n; p++)
        if (e->fleet->pools[p].tenants.n > 0 || e->fleet->pools[p].queues.n > 0)
            emit_remark(e, "left out: pool '%s' is for some tenants or queues alone",
                        e->fleet->pools[p].name);
}

/* ---- refusals ---- */

enum status emit_refuse(struct emit *e, int32_t pool, const char *why, ...)
{
    char text[300], of[120] = "";
    va_list args;
    va_start(args, why);
    vsnprintf(text, sizeof text, why, args);
    va_end(args);
    if (pool >= 0) snprintf(of, sizeof of, "pool '%.80s': ", e->fleet->pools[pool].name);
    return error_set(e->err, STATUS_BAD_INPUT, "%s cannot say this fleet: %s%s", e->kind->name, of,
                     text);
}

enum status emit_check_aws(struct emit *e)
{
    const char *region = e->fleet->pools[0].purchase.price_region;
    for (int32_t p = 0; p < e->fleet->pool_n; p++) {
        const struct pool_spec *pool = &e->fleet->pools[p];
        if (strcmp(pool->purchase.option->name, "owned") == 0)
            return emit_refuse(e, p, "its nodes are owned, not rented of AWS");
        if (strcmp(pool->type.provider, "aws") != 0)
            return emit_refuse(e, p, "%.60s is of %.60s, not of AWS", pool->type.name,
                               pool->type.provider);
        if (!emit_is_word(pool->type.name, 63) || !strchr(pool->type.name, '.'))
            return emit_refuse(e, p, "'%.60s' is no name of an EC2 instance type", pool->type.name);
        if (pool->zone && !emit_is_word(pool->zone, 63))
            return emit_refuse(e, p, "'%.60s' is no name of a zone", pool->zone);
        if (strcmp(pool->purchase.price_region, region) != 0)
            return emit_refuse(e, p,
                               "it is in %.60s, others are in %.60s: one manifest is for one "
                               "region",
                               pool->purchase.price_region, region);
    }
    return STATUS_OK;
}

enum status emit_check_whole_gpus(struct emit *e)
{
    const char *how = e->fleet->scheduler.sharing == SHARING_MIG          ? "cut into MIG instances"
                      : e->fleet->scheduler.sharing == SHARING_TIME       ? "sliced in time"
                      : e->fleet->scheduler.sharing == SHARING_FRACTIONAL ? "held in parts"
                                                                          : NULL;
    if (!how) return STATUS_OK;
    return emit_refuse(e, -1, "its GPUs are %s, and these manifests count whole ones", how);
}

static bool is_of_itself(const char *key)
{
    const char *own;
    for (size_t i = 0; (own = label_key_at(i)); i++)
        if (strcmp(own, key) == 0) return true;
    return strcmp(key, "kubernetes.io/hostname") == 0;
}

enum status emit_check_marks(struct emit *e, int32_t p)
{
    const struct node_marks *marks = &e->fleet->pools[p].marks;
    for (int32_t i = 0; i < marks->label_n; i++) {
        const struct node_label *l = &marks->labels[i];
        if (!emit_is_label_key(l->key))
            return emit_refuse(e, p, "'%.100s' is no key of a Kubernetes label", l->key);
        if (!emit_is_label_value(l->value))
            return emit_refuse(e, p, "'%.100s' is no value of a Kubernetes label", l->value);
        if (is_of_itself(l->key))
            return emit_refuse(e, p, "the label %.100s is a node's own, not given", l->key);
    }
    for (int32_t i = 0; i < marks->taint_n; i++) {
        const struct node_taint *t = &marks->taints[i];
        if (!emit_is_label_key(t->key) || !emit_is_label_value(t->value))
            return emit_refuse(e, p, "'%.80s=%.80s' is no Kubernetes taint", t->key, t->value);
    }
    return STATUS_OK;
}

/* ---- pools ---- */

bool emit_is_elastic(const struct fleet_spec *fleet)
{
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (fleet->pools[p].elastic_nodes > 0) return true;
    return false;
}

struct emit_text emit_pool_text(const struct pool_spec *pool)
{
    struct emit_text out;
    int n = snprintf(out.s, sizeof out.s, "pool '%.200s': %d x %.100s %s", pool->name,
                     (int)pool->nodes, pool->type.name, pool->purchase.option->name);
    if (pool->elastic_nodes > 0)
        snprintf(out.s + n, sizeof out.s - (size_t)n, ", %d of them as needed",
                 (int)pool->elastic_nodes);
    return out;
}

const char *emit_gpu_resource(const struct pool_spec *pool)
{
    static const char *const others[] = { "Gaudi", "Inferentia", "Trainium" };
    const char *model = pool->type.gpu_model;
    if (pool->type.gpus == 0) return NULL;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strncmp(model, others[i], strlen(others[i])) == 0) return NULL;
    return strncmp(model, "MI", 2) == 0 ? "amd.com/gpu" : "nvidia.com/gpu";
}

uint64_t emit_group(const struct fleet_spec *fleet, int32_t p)
{
    uint64_t pools = 0;
    for (int32_t q = 0; q < fleet->pool_n; q++) {
        if (q != p && !fleet_same_group(&fleet->pools[p], &fleet->pools[q])) continue;
        if (q < p) return 0;
        pools |= UINT64_C(1) << q;
    }
    return pools;
}

static void add(const char *name, const char **names, int32_t *n)
{
    for (int32_t i = 0; i < *n; i++)
        if (strcmp(names[i], name) == 0) return;
    names[(*n)++] = name;
}

static bool same(const char *a, const char *b) { return a == b || (a && b && strcmp(a, b) == 0); }

bool emit_same_marks(const struct node_marks *a, const struct node_marks *b)
{
    if (a->label_n != b->label_n || a->taint_n != b->taint_n) return false;
    for (int32_t i = 0; i < a->label_n; i++)
        if (!same(a->labels[i].key, b->labels[i].key) ||
            !same(a->labels[i].value, b->labels[i].value))
            return false;
    for (int32_t i = 0; i < a->taint_n; i++)
        if (!same(a->taints[i].key, b->taints[i].key) ||
            !same(a->taints[i].value, b->taints[i].value) ||
            a->taints[i].effect != b->taints[i].effect)
            return false;
    return true;
}

/* Whether the pool is the same offering as one before it, or says a zone where others do not. */
static bool is_odd(const struct emit_choice *c, const struct pool_spec *pools, int32_t i)
{
    const struct pool_spec *a = &pools[c->pools[i]];
    for (int32_t k = 0; k < i; k++) {
        const struct pool_spec *b = &pools[c->pools[k]];
        if (!a->zone != !b->zone) return true;
        if (same(a->type.name, b->type.name) && same(a->zone, b->zone) &&
            a->purchase.option == b->purchase.option)
            return true;
    }
    return false;
}

enum status emit_choose(struct emit *e, uint64_t pools, struct emit_choice *c)
{
    *c = (struct emit_choice){ .n = 0 };
    for (int32_t p = 0; p < e->fleet->pool_n; p++) {
        const struct pool_spec *pool = &e->fleet->pools[p];
        if (!(pools >> p & 1)) continue;
        c->pools[c->n++] = p;
        add(pool->type.name, c->types, &c->type_n);
        if (pool->zone) add(pool->zone, c->zones, &c->zone_n);
        add(pool->purchase.option->name, c->ways, &c->way_n);
    }
    bool odd = c->n != c->type_n * (c->zone_n ? c->zone_n : 1) * c->way_n;
    for (int32_t i = 0; i < c->n; i++) {
        odd |= is_odd(c, e->fleet->pools, i);
        if (!emit_same_marks(&e->fleet->pools[c->pools[0]].marks,
                             &e->fleet->pools[c->pools[i]].marks))
            return emit_refuse(e, c->pools[i],
                               "it has other labels or taints than '%.80s', with "
                               "which it stands together",
                               e->fleet->pools[c->pools[0]].name);
    }
    if (odd)
        return emit_refuse(e, c->pools[0],
                           "of the pools that stand together with it not every "
                           "type is in every zone, bought in every way");
    return STATUS_OK;
}

/* ---- the formats ---- */

const struct emit_kind *const emit_kinds[] = {
    &emit_karpenter,     &emit_eks_cloudformation,
    &emit_eks_terraform, &emit_slurm_conf,
    &emit_kueue,         NULL,
};

const struct emit_kind *emit_kind_find(const char *name)
{
    for (size_t i = 0; emit_kinds[i]; i++)
        if (strcmp(emit_kinds[i]->name, name) == 0) return emit_kinds[i];
    return NULL;
}

enum status emit_write(const struct emit_kind *kind, const struct scenario *scenario, int32_t fleet,
                       const struct emit_figures *figures, FILE *out, struct error *err)
{
    struct emit e = { .kind = kind,
                      .scenario = scenario,
                      .fleet = &scenario->fleets[fleet],
                      .figures = figures,
                      .out = out,
                      .err = err };
    emit_slug(e.fleet->name, NULL, 0, e.fleet_slug);
    for (int32_t p = 0; p < e.fleet->pool_n; p++)
        emit_slug(e.fleet->pools[p].name, (const char(*)[EMIT_SLUG_MAX])e.slugs, (size_t)p,
                  e.slugs[p]);
    enum status status = kind->check(&e);
    if (status) return status;
    kind->write(&e);
    if (fflush(out) != 0 || ferror(out))
        return error_set(err, STATUS_IO, "cannot write the manifest");
    return STATUS_OK;
}
