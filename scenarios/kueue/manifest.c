/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/kueue/manifest.h"

#include <stdlib.h>
#include <string.h>

#define API_GROUP "kueue.x-k8s.io/"

/* 1 or 2 of v1beta; 0 where Kueue has no such version. */
static int version_of(const char *version, const char *kind)
{
    if (strcmp(version, "v1beta1") == 0) return 1;
    if (strcmp(version, "v1beta2") == 0) return 2;
    return strcmp(version, "v1alpha1") == 0 && strcmp(kind, "Cohort") == 0 ? 1 : 0;
}

/* ---- one document ---- */

struct reading {
    struct loading *l;
    struct manifests *m;
};

static enum status object_read(struct reading *r, const struct yaml_tree *tree,
                               enum manifest_kind kind, int version)
{
    struct manifests *m = r->m;
    if (m->n == m->capacity) {
        size_t capacity = m->capacity ? 2 * m->capacity : 32;
        struct raw_object *objects = realloc(m->objects, capacity * sizeof *objects);
        if (!objects) return error_set(r->l->err, STATUS_NO_MEMORY, "no memory for manifests");
        m->objects = objects;
        m->capacity = capacity;
    }
    struct raw_object *o = &m->objects[m->n++];
    *o = (struct raw_object){ .kind = kind, .source = tree->source };
    return yaml_walk(tree, YAML_KUBERNETES, manifest_schema(kind, version), o, &r->l->store->arena,
                     r->l->diagnostics, r->l->err);
}

static enum status document_read(void *context, const struct kubernetes_object *object)
{
    struct reading *r = context;
    const struct yaml_tree *tree = &object->tree;
    const yaml_node_t *api = object->api, *kind = object->kind;
    const char *kind_text = object->kind_text, *api_text = object->api_text;
    size_t group = strlen(API_GROUP);
    if (strncmp(api_text, API_GROUP, group) != 0) {
        source_report(tree->source, r->l->diagnostics, SEVERITY_WARNING, yaml_place(kind), NULL,
                      "read are " API_GROUP "v1beta1 and " API_GROUP "v1beta2",
                      "'%.100s' of %.100s is not read", kind_text, api_text);
        return STATUS_OK;
    }
    int version = version_of(api_text + group, kind_text);
    if (!version) {
        source_report(tree->source, r->l->diagnostics, SEVERITY_ERROR, yaml_place(api), NULL,
                      "read are " API_GROUP "v1beta1 and " API_GROUP "v1beta2",
                      "unknown version '%.100s'", api_text);
        return STATUS_OK;
    }
    for (int k = 0; k < MANIFEST_KINDS; k++)
        if (strcmp(kind_text, manifest_kind_names[k]) == 0)
            return object_read(r, tree, (enum manifest_kind)k, version);
    char hint[HINT_MAX];
    const char *near = did_you_mean(hint, kind_text, manifest_kind_names, MANIFEST_KINDS);
    source_report(tree->source, r->l->diagnostics, near ? SEVERITY_ERROR : SEVERITY_WARNING,
                  yaml_place(kind), hint, NULL, "'%.100s' %s", kind_text,
                  near ? "is no kind of Kueue's" : "decides nothing here and is not read");
    return STATUS_OK;
}

enum status manifests_read(struct loading *l, const struct value_list *files, struct manifests *m)
{
    struct reading r = { l, m };
    *m = (struct manifests){ .n = 0 };
    return kubernetes_files_read(l, files, "manifests", "Kueue manifests", &m->files, document_read,
                                 &r);
}

void manifests_free(struct manifests *m)
{
    kubernetes_files_free(&m->files);
    free(m->objects);
    *m = (struct manifests){ .n = 0 };
}
