/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/kueue/quotas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/kueue/kueue_set.h"

static enum status no_memory(struct loading *l)
{
    return error_set(l->err, STATUS_NO_MEMORY, "no memory for Kueue's manifests");
}

/* ---- a list of files ---- */

static enum status read_set(struct loading *l, struct kueue_set *set,
                            const struct value_list *files)
{
    size_t errors = l->diagnostics->errors;
    enum status status = manifests_read(l, files, &set->manifests);
    if (!status) status = kueue_build(l, set);
    if (!status && l->diagnostics->errors == errors && set->spec.queue_n == 0)
        loading_complain(l, files->at, NULL, NULL, "these manifests hold no ClusterQueue");
    set->bad = l->diagnostics->errors > errors;
    set->spec.files = set->manifests.files.names;
    set->spec.sha256 = set->manifests.files.sha256;
    return status;
}

static enum status set_for(struct loading *l, const struct value_list *files,
                           struct kueue_set **found)
{
    struct kueue_set **at = &l->kueue_sets;
    while (*at && !kubernetes_files_same((*at)->manifests.files.named, files)) at = &(*at)->next;
    *found = *at;
    if (*at) return STATUS_OK;
    struct kueue_set *set = calloc(1, sizeof *set);
    if (!set) return no_memory(l);
    *at = *found = set;
    return read_set(l, set, files);
}

void kueue_sets_free(struct loading *l)
{
    for (struct kueue_set *set = l->kueue_sets, *next; set; set = next) {
        next = set->next;
        manifests_free(&set->manifests);
        free(set);
    }
    l->kueue_sets = NULL;
}

/* ---- flavors and pools ---- */

static bool has_labels(const struct pool_spec *pool, const struct value_list *wanted)
{
    const struct label *labels = wanted->items;
    for (size_t i = 0; i < wanted->n; i++) {
        const char *value = labels[i].value.text;
        struct label_requirement r = { labels[i].key.text, LABEL_IN, 1, &value };
        if (!pool_meets(pool, &r)) return false;
    }
    return true;
}

/* What pools say to the labels that no pool has. */
static void complain_of_labels(struct loading *l, const struct raw_object *flavor,
                               const struct fleet_spec *fleet)
{
    const struct label *labels = flavor->spec.labels.items;
    char note[500];
    size_t n = 0;
    for (int32_t p = 0; p < fleet->pool_n && n < sizeof note; p++)
        for (size_t i = 0; i < flavor->spec.labels.n && n < sizeof note; i++) {
            char text[LABEL_TEXT_MAX];
            const char *value = pool_label(&fleet->pools[p], labels[i].key.text, text);
            n += (size_t)snprintf(note + n, sizeof note - n, "%spool %s has %s%s%s", n ? "; " : "",
                                  fleet->pools[p].name, value ? labels[i].key.text : "no ",
                                  value ? ": " : labels[i].key.text, value ? value : "");
        }
    manifest_complain(l, flavor, flavor->spec.labels.at,
                      "give a pool these labels: fleets.NAME.pools[].labels", note,
                      "no pool of fleet '%s' has the labels of flavor '%.100s'", fleet->name,
                      flavor->metadata.name.text);
}

static enum status bind(struct loading *l, const struct kueue_set *set,
                        const struct fleet_spec *fleet, const struct quota_spec **spec)
{
    size_t n = (size_t)set->spec.flavor_n;
    struct quota_flavor *flavors = arena_zeroed(&l->store->arena, n + 1, sizeof *flavors);
    struct quota_spec *bound = arena_zeroed(&l->store->arena, 1, sizeof *bound);
    if (!flavors || !bound) return no_memory(l);
    for (size_t f = 0; f < n; f++) {
        const struct raw_object *from = set->flavor_from[f];
        flavors[f] = set->spec.flavors[f];
        for (int32_t p = 0; p < fleet->pool_n; p++)
            if (has_labels(&fleet->pools[p], &from->spec.labels))
                flavors[f].pools |= UINT64_C(1) << p;
        if (!flavors[f].pools) complain_of_labels(l, from, fleet);
    }
    *bound = set->spec;
    bound->flavors = flavors;
    *spec = bound;
    return STATUS_OK;
}

enum status kueue_resolve(struct loading *l, const struct raw_fleet *raw,
                          const struct fleet_spec *fleet, const struct quota_spec **spec)
{
    const struct value_list *files = &raw->scheduler.kueue;
    const struct raw_pool *pools = raw->pools.items;
    struct kueue_set *set = NULL;
    if (files->state != VALUE_GOOD) return STATUS_OK;
    enum status status = set_for(l, files, &set);
    if (status || set->bad) return status;
    for (int32_t p = 0; p < fleet->pool_n; p++) /* with what is wrong in the pool itself, no more */
        if (!fleet->pools[p].type.name || !fleet->pools[p].purchase.option ||
            pools[p].labels.state == VALUE_BAD)
            return STATUS_OK;
    return bind(l, set, fleet, spec);
}
