/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML document as libyaml's tree, safe to walk, or those of a file.
 *
 * Refused, each with its place: what is no YAML, no document, several in place of one, a top level
 * that is not a mapping, nesting beyond 64, more than 20,000 nodes (counted with aliases written
 * out, so that "a billion laughs" is one error and not a full memory), more than 1,000 anchors, and
 * an alias inside what it stands for. After that every walk over the tree ends.
 */
#ifndef SCENARIOS_YAML_TREE_H
#define SCENARIOS_YAML_TREE_H

#include <yaml.h>

#include "scenarios/source.h"

enum { YAML_DEPTH_MAX = 64, YAML_NODES_MAX = 20000, YAML_ANCHORS_MAX = 1000 };

struct yaml_tree {
    const struct source *source; /* borrowed */
    yaml_document_t document;
    yaml_node_t *root; /* a mapping */
};

/* A file of one document: a scenario. */
enum status yaml_tree_load(struct yaml_tree *tree, const struct source *source,
                           struct diagnostics *diagnostics, struct error *err);
void yaml_tree_free(struct yaml_tree *tree);

/* A file of any number of them: Kubernetes manifests. Empty ones are left out. */
struct yaml_trees {
    struct yaml_tree *items;
    size_t n;
};
enum status yaml_trees_load(struct yaml_trees *trees, const struct source *source,
                            struct diagnostics *diagnostics, struct error *err);
void yaml_trees_free(struct yaml_trees *trees);

struct place yaml_place(const yaml_node_t *node);
/* Of a single value; "" of a list or a mapping. The tree's. */
const char *yaml_text(const yaml_node_t *node);

#endif
