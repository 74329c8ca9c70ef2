/* SPDX-License-Identifier: Apache-2.0 */
/* Which of a fleet's pools a NodePool may use, and how it marks them. */
#include <stdio.h>
#include <string.h>

#include "scenarios/karpenter/nodepools.h"

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
    enum label_operator op = (enum label_operator)r->operator_.number;
    if ((op == LABEL_IN || op == LABEL_NOT_IN) && r->values.n == 0 && r->values.state != VALUE_BAD)
        nodepool_report(l, from, SEVERITY_ERROR, r->operator_.at, NULL, NULL,
                        "the operator '%s' needs 'values'", r->operator_.text);
    if ((op == LABEL_EXISTS || op == LABEL_DOES_NOT_EXIST) && r->values.n > 0)
        nodepool_report(l, from, SEVERITY_ERROR, r->values.at, NULL, NULL,
                        "the operator '%s' has no 'values'", r->operator_.text);
    if (op >= LABEL_GT && r->values.state != VALUE_BAD &&
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
                           const struct raw_requirement *r, const struct fleet_spec *fleet)
{
    const char *keys[64];
    char hint[HINT_MAX];
    size_t n = 0;
    if (fleet_knows_label(fleet, r->key.text)) return false;
    while (n < 64 && (keys[n] = label_key_at(n))) n++;
    bool near = did_you_mean(hint, r->key.text, keys, n) != NULL;
    nodepool_report(l, from, near ? SEVERITY_ERROR : SEVERITY_WARNING, r->key.at, hint,
                    near ? NULL : "give pools this label: fleets.NAME.pools[].labels",
                    near ? "no pool of fleet '%s' has the label '%.100s'"
                         : "no pool of fleet '%s' has the label '%.100s': the requirement is "
                           "passed over",
                    fleet->name, r->key.text);
    return true;
}

enum status nodepool_offerings(struct loading *l, const struct raw_nodepool *from,
                               const struct fleet_spec *fleet, uint64_t *pools)
{
    const struct raw_requirement *all = from->spec.template.spec.requirements.items;
    uint64_t found = fleet->pool_n < 64 ? (UINT64_C(1) << fleet->pool_n) - 1 : UINT64_MAX;
    for (size_t i = 0; i < from->spec.template.spec.requirements.n; i++) {
        const struct value *values = all[i].values.items;
        if (!is_good(&all[i].key) || !is_good(&all[i].operator_) ||
            is_passed_over(l, from, &all[i], fleet))
            continue;
        const char **texts = arena_zeroed(&l->store->arena, all[i].values.n + 1, sizeof *texts);
        if (!texts) return error_set(l->err, STATUS_NO_MEMORY, "no memory for requirements");
        struct label_requirement r = { all[i].key.text,
                                       (enum label_operator)all[i].operator_.number, 0, texts };
        for (size_t v = 0; v < all[i].values.n; v++)
            if (is_good(&values[v])) texts[r.n++] = values[v].text;
        for (int32_t p = 0; p < fleet->pool_n; p++)
            if (!pool_meets(&fleet->pools[p], &r)) found &= ~(UINT64_C(1) << p);
    }
    *pools = found;
    return STATUS_OK;
}

/* ---- what it gives its nodes ---- */

static enum status add_taints(struct loading *l, const struct value_list *list,
                              struct node_marks *marks)
{
    const struct raw_taint *all = list->items;
    size_t before = (size_t)marks->taint_n;
    struct node_taint *taints = arena_zeroed(&l->store->arena, before + list->n, sizeof *taints);
    if (!taints) return error_set(l->err, STATUS_NO_MEMORY, "no memory for taints");
    if (before) memcpy(taints, marks->taints, before * sizeof *taints);
    for (size_t i = 0; i < list->n; i++)
        if (is_good(&all[i].key) && is_good(&all[i].effect))
            taints[marks->taint_n++] =
                (struct node_taint){ all[i].key.text,
                                     is_good(&all[i].value) ? all[i].value.text : "",
                                     (enum taint_effect)all[i].effect.number };
    marks->taints = taints;
    return STATUS_OK;
}

enum status nodepool_mark(struct loading *l, const struct raw_nodepool *from, uint64_t pools,
                          struct fleet_spec *fleet)
{
    const struct raw_template *template = &from->spec.template;
    enum status status = STATUS_OK;
    for (; pools && !status; pools &= pools - 1) {
        struct node_marks *marks = &fleet->pools[__builtin_ctzll(pools)].marks;
        status = loading_labels(l, &template->metadata.labels, marks);
        if (!status && template->spec.taints.n > 0)
            status = add_taints(l, &template->spec.taints, marks);
    }
    return status;
}
