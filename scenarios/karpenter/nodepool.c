/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/karpenter/nodepool.h"

#include <stdlib.h>
#include <string.h>

#define API_GROUP "karpenter.sh/"

struct reading {
    struct loading *l;
    struct nodepools *n;
};

static enum status nodepool_read(struct reading *r, const struct yaml_tree *tree)
{
    struct nodepools *n = r->n;
    if (n->n == n->capacity) {
        size_t capacity = n->capacity ? 2 * n->capacity : 16;
        struct raw_nodepool *items = realloc(n->items, capacity * sizeof *items);
        if (!items) return error_set(r->l->err, STATUS_NO_MEMORY, "no memory for NodePools");
        n->items = items;
        n->capacity = capacity;
    }
    struct raw_nodepool *pool = &n->items[n->n++];
    *pool = (struct raw_nodepool){ .source = tree->source };
    return yaml_walk(tree, YAML_KUBERNETES, &nodepool_schema, pool, &r->l->store->arena,
                     r->l->diagnostics, r->l->err);
}

/* Whether a group is a provider's: karpenter.k8s.aws, karpenter.azure.com. */
static bool is_of_provider(const char *api) { return strncmp(api, "karpenter.", 10) == 0; }

static enum status document_read(void *context, const struct kubernetes_object *o)
{
    static const char *const kinds[] = { "NodePool", "NodeClaim", "NodeOverlay" };
    struct reading *r = context;
    char hint[HINT_MAX];
    if (strncmp(o->api_text, API_GROUP, strlen(API_GROUP)) != 0) {
        if (!is_of_provider(o->api_text))
            source_report(o->tree.source, r->l->diagnostics, SEVERITY_WARNING, yaml_place(o->kind),
                          NULL, "read is NodePool of " API_GROUP "v1",
                          "'%.100s' of %.100s is not read", o->kind_text, o->api_text);
        return STATUS_OK;
    }
    if (strcmp(o->kind_text, kinds[0]) == 0 && strcmp(o->api_text, API_GROUP "v1") == 0)
        return nodepool_read(r, &o->tree);
    if (strcmp(o->kind_text, kinds[0]) == 0)
        source_report(o->tree.source, r->l->diagnostics, SEVERITY_ERROR, yaml_place(o->api), NULL,
                      "read is " API_GROUP "v1", "unknown version '%.100s'", o->api_text);
    else if (strcmp(o->kind_text, kinds[2]) == 0)
        source_report(o->tree.source, r->l->diagnostics, SEVERITY_WARNING, yaml_place(o->kind),
                      NULL, NULL,
                      "a NodeOverlay is not simulated: prices are those of the price book");
    else if (strcmp(o->kind_text, kinds[1]) != 0)
        source_report(o->tree.source, r->l->diagnostics, SEVERITY_ERROR, yaml_place(o->kind),
                      did_you_mean(hint, o->kind_text, kinds, 3) ? hint : NULL, NULL,
                      "'%.100s' is no kind of Karpenter's", o->kind_text);
    return STATUS_OK;
}

enum status nodepools_read(struct loading *l, const struct value_list *files, struct nodepools *n)
{
    struct reading r = { l, n };
    *n = (struct nodepools){ .n = 0 };
    return kubernetes_files_read(l, files, "NodePools", "Karpenter NodePools", &n->files,
                                 document_read, &r);
}

void nodepools_free(struct nodepools *n)
{
    kubernetes_files_free(&n->files);
    free(n->items);
    *n = (struct nodepools){ .n = 0 };
}
