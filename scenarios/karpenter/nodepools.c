/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/karpenter/nodepools.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/quantity.h"

struct karpenter_set {
    struct karpenter_set *next;
    struct nodepools raw;
    struct karpenter_pool *pools; /* without their offerings; one for each of raw */
    bool bad;
};

void nodepool_report(const struct loading *l, const struct raw_nodepool *from,
                     enum severity severity, struct place at, const char *hint, const char *note,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    source_vreport(from->source, l->diagnostics, severity, at, hint, note, format, args);
    va_end(args);
}

static enum status no_memory(struct loading *l)
{
    return error_set(l->err, STATUS_NO_MEMORY, "no memory for NodePools");
}

/* ---- one NodePool ---- */

static void read_limits(struct loading *l, const struct raw_nodepool *from,
                        struct karpenter_limits *limits)
{
    const struct {
        const char *name;
        int64_t per, of;
        int64_t *limit;
    } resources[] = {
        { "cpu", 1000, 1, &limits->cpu_milli },
        { "memory", 1, 1048576, &limits->mem_mib },
        { "nvidia.com/gpu", 1, 1, &limits->gpus },
        { "nodes", 1, 1, &limits->nodes },
    };
    const struct label *all = from->spec.limits.items;
    for (size_t i = 0; i < from->spec.limits.n; i++) {
        struct unit_problem problem;
        size_t r = 0;
        if (!is_good(&all[i].key) || !is_good(&all[i].value)) continue;
        while (r < 4 && strcmp(resources[r].name, all[i].key.text) != 0) r++;
        if (r == 4)
            nodepool_report(l, from, SEVERITY_WARNING, all[i].key.at, NULL,
                            "limits of cpu, memory, nvidia.com/gpu and nodes hold",
                            "a limit of '%.100s' limits nothing here", all[i].key.text);
        else if (!quantity_read(all[i].value.text, resources[r].per, resources[r].of,
                                resources[r].limit, &problem))
            nodepool_report(l, from, SEVERITY_ERROR, all[i].value.at, NULL, problem.note,
                            "the limit of %s %s", resources[r].name, problem.message);
    }
}

static uint8_t read_reasons(const struct value_list *list)
{
    static const uint8_t bits[] = { [RAW_UNDERUTILIZED] = KARPENTER_UNDERUTILIZED,
                                    [RAW_EMPTY] = KARPENTER_EMPTY,
                                    [RAW_DRIFTED] = KARPENTER_DRIFTED };
    const struct value *reasons = list->items;
    uint8_t found = 0;
    for (size_t i = 0; list->state == VALUE_GOOD && i < list->n; i++)
        if (is_good(&reasons[i]))
            found |= reasons[i].number == CHOICE_ALL ? KARPENTER_REASONS : bits[reasons[i].number];
    return found ? found : KARPENTER_REASONS;
}

static void read_schedule(struct loading *l, const struct raw_nodepool *from,
                          const struct raw_budget *raw, struct karpenter_budget *budget)
{
    static const char *const fields[] = { "minute", "hour",    "day of the month",
                                          "month",  "weekday", NULL };
    int part;
    if ((raw->schedule.state == VALUE_ABSENT) != (raw->duration.state == VALUE_ABSENT))
        nodepool_report(l, from, SEVERITY_ERROR, raw->self.at, NULL, NULL,
                        "'schedule' and 'duration' go together: a budget without both is always "
                        "in force");
    if (!is_good(&raw->schedule)) return;
    budget->scheduled = true;
    budget->duration_us = is_good(&raw->duration) ? raw->duration.number : 0;
    if (cron_read(raw->schedule.text, &budget->schedule, &part)) return;
    const char *note = "minute hour day month weekday, such as 0 9 * * mon-fri, or @daily";
    if (fields[part])
        nodepool_report(l, from, SEVERITY_ERROR, raw->schedule.at, NULL, note,
                        "the %s of the schedule '%.100s' is none", fields[part],
                        raw->schedule.text);
    else
        nodepool_report(l, from, SEVERITY_ERROR, raw->schedule.at, NULL, note,
                        "the schedule '%.100s' is not five fields", raw->schedule.text);
}

static enum status read_budgets(struct loading *l, const struct raw_nodepool *from,
                                struct karpenter_pool *pool)
{
    const struct value_list *list = &from->spec.disruption.budgets;
    const struct raw_budget *all = list->items;
    if (list->state != VALUE_GOOD) return STATUS_OK;
    struct karpenter_budget *budgets = arena_zeroed(&l->store->arena, list->n + 1, sizeof *budgets);
    if (!budgets) return no_memory(l);
    for (size_t i = 0; i < list->n; i++) {
        budgets[i].reasons = read_reasons(&all[i].reasons);
        budgets[i].nodes = all[i].nodes.number / 2;
        budgets[i].percent = all[i].nodes.number % 2;
        read_schedule(l, from, &all[i], &budgets[i]);
    }
    pool->budgets = budgets;
    pool->budget_n = (int32_t)list->n;
    return STATUS_OK;
}

static enum status read_nodepool(struct loading *l, const struct raw_nodepool *from,
                                 struct karpenter_pool *pool)
{
    const struct raw_nodepool_spec *spec = &from->spec;
    karpenter_pool_defaults(pool);
    if (is_good(&from->metadata.name)) pool->name = from->metadata.name.text;
    pool->weight = value_or(&spec->weight, 0);
    pool->expire_us = value_or(&spec->template.spec.expire, pool->expire_us);
    pool->grace_us = value_or(&spec->template.spec.grace, pool->grace_us);
    pool->policy = (enum karpenter_policy)value_or(&spec->disruption.policy, pool->policy);
    pool->after_us = value_or(&spec->disruption.after, pool->after_us);
    read_limits(l, from, &pool->limits);
    nodepool_check_requirements(l, from);
    const struct label *notes = spec->template.metadata.annotations.items;
    for (size_t i = 0; i < spec->template.metadata.annotations.n; i++)
        if (is_good(&notes[i].key) && strcmp(notes[i].key.text, "karpenter.sh/do-not-disrupt") == 0)
            nodepool_report(l, from, SEVERITY_WARNING, notes[i].key.at,
                            "fleets.NAME.autoscaler.do_not_disrupt is for all jobs", NULL,
                            "nodes that are not to be disrupted are not simulated");
    if (spec->replicas.state != VALUE_ABSENT)
        nodepool_report(l, from, SEVERITY_ERROR, spec->replicas.at,
                        "a pool with min_nodes has nodes that are always there", NULL,
                        "a static NodePool ('replicas') is not simulated");
    return read_budgets(l, from, pool);
}

/* ---- a list of files ---- */

static void check_names(struct loading *l, const struct nodepools *n)
{
    for (size_t i = 0; i < n->n; i++)
        for (size_t k = 0; k < i; k++) {
            const struct value *name = &n->items[i].metadata.name;
            const struct value *other = &n->items[k].metadata.name;
            if (!is_good(name) || !is_good(other) || strcmp(name->text, other->text) != 0) continue;
            source_report_twice(n->items[i].source, l->diagnostics, name->at,
                                n->items[k].source == n->items[i].source ? other->at.line : 0,
                                "two NodePools are called '%s'", name->text);
            break;
        }
}

static enum status read_set(struct loading *l, struct karpenter_set *set,
                            const struct value_list *files)
{
    size_t errors = l->diagnostics->errors;
    enum status status = nodepools_read(l, files, &set->raw);
    if (status) return status;
    set->pools = arena_zeroed(&l->store->arena, set->raw.n + 1, sizeof *set->pools);
    if (!set->pools) return no_memory(l);
    for (size_t i = 0; !status && i < set->raw.n; i++)
        status = read_nodepool(l, &set->raw.items[i], &set->pools[i]);
    check_names(l, &set->raw);
    if (!status && l->diagnostics->errors == errors && set->raw.n == 0)
        loading_complain(l, files->at, NULL, NULL, "these files hold no NodePool");
    set->bad = l->diagnostics->errors > errors;
    return status;
}

static enum status set_for(struct loading *l, const struct value_list *files,
                           struct karpenter_set **found)
{
    struct karpenter_set **at = &l->karpenter_sets;
    while (*at && !kubernetes_files_same((*at)->raw.files.named, files)) at = &(*at)->next;
    *found = *at;
    if (*at) return STATUS_OK;
    struct karpenter_set *set = calloc(1, sizeof *set);
    if (!set) return no_memory(l);
    *at = *found = set;
    return read_set(l, set, files);
}

void karpenter_sets_free(struct loading *l)
{
    for (struct karpenter_set *set = l->karpenter_sets, *next; set; set = next) {
        next = set->next;
        nodepools_free(&set->raw);
        free(set);
    }
    l->karpenter_sets = NULL;
}

/* ---- NodePools and pools ---- */

/* Nodes that nobody may launch never come. */
static void warn_of_pools(struct loading *l, const struct raw_fleet *raw,
                          const struct fleet_spec *fleet, uint64_t used)
{
    const struct raw_pool *pools = raw->pools.items;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (fleet->pools[p].elastic_nodes > 0 && !(used >> p & 1))
            loading_warn(l, pools[p].self.at, NULL,
                         "no NodePool of fleet '%s' may use the pool '%s': its nodes never come",
                         fleet->name, fleet->pools[p].name);
}

/* Nodes that expire before they are ready: no job would ever start. */
static void check_lives(struct loading *l, const struct raw_nodepool *from,
                        const struct karpenter_pool *pool, const struct fleet_spec *fleet)
{
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (pool->pools >> p & 1 && fleet->pools[p].elastic_nodes > 0 && pool->expire_us >= 0 &&
            fleet->pools[p].boot.scale_us >= (double)pool->expire_us) {
            nodepool_report(l, from, SEVERITY_ERROR, from->spec.template.spec.expire.at, NULL, NULL,
                            "nodes of pool '%s' of fleet '%s' boot for longer than that",
                            fleet->pools[p].name, fleet->name);
            return;
        }
}

/* Nodes of a pool are alike: where several NodePools may launch them, they have marks of none. */
static enum status mark_pools(struct loading *l, const struct karpenter_set *set,
                              const struct karpenter_pool *bound, struct fleet_spec *fleet)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < set->raw.n && !status; i++) {
        const struct raw_nodepool *from = &set->raw.items[i];
        const struct raw_template *template = &from->spec.template;
        const struct karpenter_pool *other = NULL;
        if (template->spec.taints.n + template->metadata.labels.n == 0) continue;
        for (size_t k = 0; k < set->raw.n && !other; k++)
            if (k != i && bound[k].pools & bound[i].pools) other = &bound[k];
        if (!other) status = nodepool_mark(l, from, bound[i].pools, fleet);
        else
            nodepool_report(l, from, SEVERITY_WARNING, from->metadata.name.at,
                            "give each NodePool pools of its own, by a requirement on a label",
                            NULL,
                            "labels and taints of NodePool '%s' are passed over: it shares pools "
                            "of fleet '%s' with '%s'",
                            bound[i].name, fleet->name, other->name);
    }
    return status;
}

enum status karpenter_resolve(struct loading *l, const struct raw_fleet *raw,
                              struct fleet_spec *fleet, struct karpenter_options *options)
{
    const struct value_list *files = &raw->autoscaler.nodepools;
    const struct raw_pool *pools = raw->pools.items;
    struct karpenter_set *set = NULL;
    uint64_t used = 0;
    if (files->state != VALUE_GOOD) return STATUS_OK;
    enum status status = set_for(l, files, &set);
    if (status || set->bad) return status;
    for (int32_t p = 0; p < fleet->pool_n; p++) /* with what is wrong in the pool itself, no more */
        if (!fleet->pools[p].type.name || !fleet->pools[p].purchase.option ||
            pools[p].labels.state == VALUE_BAD)
            return STATUS_OK;
    struct karpenter_pool *bound = arena_zeroed(&l->store->arena, set->raw.n, sizeof *bound);
    if (!bound) return no_memory(l);
    for (size_t i = 0; i < set->raw.n; i++) {
        const struct raw_nodepool *from = &set->raw.items[i];
        bound[i] = set->pools[i];
        if ((status = nodepool_offerings(l, from, fleet, &bound[i].pools))) return status;
        used |= bound[i].pools;
        check_lives(l, from, &bound[i], fleet);
        if (!bound[i].pools)
            nodepool_report(l, from, SEVERITY_WARNING, from->metadata.name.at, NULL, NULL,
                            "no pool of fleet '%s' meets the requirements of NodePool '%s'",
                            fleet->name, bound[i].name);
    }
    warn_of_pools(l, raw, fleet, used);
    if ((status = mark_pools(l, set, bound, fleet))) return status;
    options->pools = bound;
    options->n = (int32_t)set->raw.n;
    options->file = set->raw.files.names;
    options->sha256 = set->raw.files.sha256;
    return STATUS_OK;
}
