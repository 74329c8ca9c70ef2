/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects in a file of Kubernetes manifests: its documents, and those of `kubectl get -o yaml`
 * lists, one by one. What has no apiVersion or kind is reported.
 */
#ifndef SCENARIOS_KUBERNETES_H
#define SCENARIOS_KUBERNETES_H

#include "scenarios/yaml_tree.h"

struct kubernetes_object {
    struct yaml_tree tree; /* its root is the object */
    const yaml_node_t *api, *kind;
    const char *api_text, *kind_text; /* "kueue.x-k8s.io/v1beta2", "ClusterQueue" */
};

typedef enum status kubernetes_object_fn(void *context, const struct kubernetes_object *object);

/* Calls fn for each, until one does not return STATUS_OK, which is what is returned then. */
enum status kubernetes_objects(const struct yaml_trees *trees, struct diagnostics *diagnostics,
                               kubernetes_object_fn *fn, void *context);

#endif
