/* SPDX-License-Identifier: Apache-2.0 */
/* Labels and taints of pools, and what the jobs say to them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/scheduling/access.h"
#include "models/scheduling/node_selector.h"
#include "scenarios/loading.h"

static enum status no_memory(struct loading *l)
{
    return error_set(l->err, STATUS_NO_MEMORY, "no memory for labels and taints");
}

/* ---- of a pool ---- */

enum status loading_labels(struct loading *l, const struct value_list *list,
                           struct node_marks *marks)
{
    const struct label *all = list->items;
    size_t before = (size_t)marks->label_n;
    if (list->state != VALUE_GOOD || list->n == 0) return STATUS_OK;
    struct node_label *labels = arena_zeroed(&l->store->arena, before + list->n, sizeof *labels);
    if (!labels) return no_memory(l);
    if (before) memcpy(labels, marks->labels, before * sizeof *labels);
    for (size_t i = 0; i < list->n; i++)
        if (is_good(&all[i].key) && is_good(&all[i].value))
            labels[marks->label_n++] = (struct node_label){ all[i].key.text, all[i].value.text };
    marks->labels = labels;
    return STATUS_OK;
}

static enum status read_taint(struct loading *l, const struct value *raw, struct node_taint *taint,
                              bool *counts)
{
    const char *why;
    char *text = arena_zeroed(&l->store->arena, strlen(raw->text) + 1, 1);
    *counts = false;
    if (!text) return no_memory(l);
    if (!taint_read(raw->text, text, taint, &why))
        loading_complain(l, raw->at, "such as dedicated=ml:NoSchedule", NULL,
                         "the taint '%.100s' %s", raw->text, why);
    else if (taint->effect == TAINT_PREFER_NO_SCHEDULE)
        loading_warn(l, raw->at, NULL, "the taint '%.100s' decides nothing here: it only prefers",
                     raw->text);
    else *counts = true;
    return STATUS_OK;
}

static enum status resolve_taints(struct loading *l, const struct value_list *list,
                                  struct node_marks *marks)
{
    const struct value *all = list->items;
    if (list->state != VALUE_GOOD) return STATUS_OK;
    struct node_taint *taints = arena_zeroed(&l->store->arena, list->n + 1, sizeof *taints);
    if (!taints) return no_memory(l);
    for (size_t i = 0; i < list->n; i++) {
        bool counts;
        enum status status = read_taint(l, &all[i], &taints[marks->taint_n], &counts);
        if (status != STATUS_OK) return status;
        marks->taint_n += counts;
    }
    marks->taints = taints;
    return STATUS_OK;
}

enum status resolve_marks(struct loading *l, const struct raw_pool *raw, struct node_marks *marks)
{
    enum status status = loading_labels(l, &raw->labels, marks);
    return status ? status : resolve_taints(l, &raw->taints, marks);
}

/* ---- of a pool and the jobs ---- */

enum { SAID_MAX = 8 };

/* Keys that jobs ask for and no pool of the fleet has, each once, and not too many. */
static bool warn_of_keys(struct loading *l, const struct node_selector *s,
                         const struct fleet_spec *fleet, char *said[SAID_MAX])
{
    for (int32_t t = 0; t < s->n; t++)
        for (int32_t i = 0; i < s->terms[t].n; i++) {
            const char *key = s->terms[t].requirements[i].key;
            size_t k = 0;
            if (fleet_knows_label(fleet, key)) continue;
            while (k < SAID_MAX && said[k] && strcmp(said[k], key) != 0) k++;
            if (k == SAID_MAX || said[k]) continue;
            if (!(said[k] = strdup(key))) return false;
            loading_warn(l, l->raw.workload.trace.at,
                         "give pools this label: fleets.NAME.pools[].labels",
                         "jobs select nodes by the label '%.100s', which no pool of fleet '%s' "
                         "has: it is passed over",
                         key, fleet->name);
        }
    return true;
}

static bool check_selectors(struct loading *l, const struct fleet_spec *fleet)
{
    const struct names *all = &l->scenario->trace.selectors;
    char *said[SAID_MAX] = { NULL };
    bool good = true;
    for (uint32_t i = 1; i < all->n && good; i++) {
        struct node_selector s;
        const char *why;
        good = node_selector_read(all->text[i], &s, &why);
        if (!good) break;
        good = warn_of_keys(l, &s, fleet, said);
        node_selector_free(&s);
    }
    for (size_t k = 0; k < SAID_MAX; k++) free(said[k]);
    return good;
}

/* Pools that no job may use, for their taints. */
static bool check_taints(struct loading *l, const struct raw_fleet *raw,
                         const struct fleet_spec *fleet)
{
    static char *none[] = { "" };
    const struct names nothing = { .text = none, .n = 1 },
                       *all = l->scenario->is_synth ? &nothing : &l->scenario->trace.tolerations;
    const struct raw_pool *pools = raw->pools.items;
    uint64_t *borne = malloc(all->n * sizeof *borne), by_some = 0;
    bool good = borne && access_tolerations(all, fleet, borne);
    for (uint32_t i = 0; good && i < all->n; i++) by_some |= borne[i];
    for (int32_t p = 0; good && p < fleet->pool_n; p++)
        if (!(by_some >> p & 1))
            loading_warn(
                l, pools[p].taints.state == VALUE_GOOD ? pools[p].taints.at : pools[p].self.at,
                "tolerations are a column of the trace",
                "no job tolerates the taints of pool '%s' of fleet '%s': it stays empty",
                fleet->pools[p].name, fleet->name);
    free(borne);
    return good;
}

enum status check_marks(struct loading *l)
{
    const struct raw_fleet *raw = l->raw.fleets.items;
    for (size_t f = 0; f < l->raw.fleets.n; f++) {
        const struct fleet_spec *fleet = &l->scenario->fleets[raw[f].first];
        if ((!l->scenario->is_synth && !check_selectors(l, fleet)) ||
            !check_taints(l, &raw[f], fleet))
            return no_memory(l);
    }
    return STATUS_OK;
}
