/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/kubernetes.h"

#include <stdbool.h>
#include <string.h>

/* The value of a key of a mapping, NULL where it has none. */
static const yaml_node_t *member(const struct yaml_tree *tree, const char *key)
{
    yaml_document_t *document = (yaml_document_t *)&tree->document;
    for (const yaml_node_pair_t *p = tree->root->data.mapping.pairs.start;
         p < tree->root->data.mapping.pairs.top; p++) {
        const yaml_node_t *k = yaml_document_get_node(document, p->key);
        if (k->type == YAML_SCALAR_NODE && strcmp((const char *)k->data.scalar.value, key) == 0)
            return yaml_document_get_node(document, p->value);
    }
    return NULL;
}

static const char *text_of(const yaml_node_t *node)
{
    return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
}

struct reading {
    struct diagnostics *diagnostics;
    kubernetes_object_fn *fn;
    void *context;
};

static enum status object_read(const struct reading *r, const struct yaml_tree *tree);

/* `kubectl get -o yaml` of several objects. */
static enum status list_read(const struct reading *r, const struct yaml_tree *tree)
{
    const yaml_node_t *items = member(tree, "items");
    enum status status = STATUS_OK;
    if (!items || items->type != YAML_SEQUENCE_NODE) {
        source_report(tree->source, r->diagnostics, SEVERITY_ERROR,
                      yaml_place(items ? items : tree->root), NULL, NULL,
                      "a List has no list 'items'");
        return status;
    }
    for (yaml_node_item_t *i = items->data.sequence.items.start;
         !status && i < items->data.sequence.items.top; i++) {
        struct yaml_tree item = *tree;
        item.root = yaml_document_get_node(&item.document, *i);
        if (item.root->type == YAML_MAPPING_NODE) status = object_read(r, &item);
        else
            source_report(tree->source, r->diagnostics, SEVERITY_ERROR, yaml_place(item.root), NULL,
                          NULL, "an object of a List is a mapping of keys");
    }
    return status;
}

static enum status object_read(const struct reading *r, const struct yaml_tree *tree)
{
    struct kubernetes_object o = { .tree = *tree,
                                   .api = member(tree, "apiVersion"),
                                   .kind = member(tree, "kind") };
    o.api_text = text_of(o.api);
    o.kind_text = text_of(o.kind);
    if (!*o.api_text || !*o.kind_text) {
        source_report(tree->source, r->diagnostics, SEVERITY_ERROR, yaml_place(tree->root), NULL,
                      "a manifest starts with apiVersion and kind", "a manifest without '%s'",
                      *o.api_text ? "kind" : "apiVersion");
        return STATUS_OK;
    }
    bool is_list = strcmp(o.kind_text, "List") == 0 && strcmp(o.api_text, "v1") == 0;
    return is_list ? list_read(r, tree) : r->fn(r->context, &o);
}

enum status kubernetes_objects(const struct yaml_trees *trees, struct diagnostics *diagnostics,
                               kubernetes_object_fn *fn, void *context)
{
    struct reading r = { diagnostics, fn, context };
    enum status status = STATUS_OK;
    for (size_t i = 0; !status && i < trees->n; i++) status = object_read(&r, &trees->items[i]);
    return status;
}
