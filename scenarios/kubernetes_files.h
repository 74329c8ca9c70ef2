/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of files of Kubernetes manifests that a scenario names, with what is needed to point into
 * them and to say which they were.
 */
#ifndef SCENARIOS_KUBERNETES_FILES_H
#define SCENARIOS_KUBERNETES_FILES_H

#include "scenarios/kubernetes.h"
#include "scenarios/loading.h"

struct kubernetes_files {
    const struct value_list *named; /* struct value: paths, as the scenario names them */
    struct source *sources;         /* of those that could be read, until kubernetes_files_free */
    size_t source_n;
    /* Where all could be read, for summaries and identities; in the arena. */
    const char *names;  /* "queues.yaml, flavors.yaml" */
    const char *sha256; /* of each, a space between them */
};

/* Whether two lists name the same files in the same order. */
bool kubernetes_files_same(const struct value_list *a, const struct value_list *b);

/* Reads them and calls fn for each of their objects. objects: "manifests", as complaints call what
 * they hold; role: as provenance does. STATUS_OK also where errors were reported. */
enum status kubernetes_files_read(struct loading *l, const struct value_list *named,
                                  const char *objects, const char *role,
                                  struct kubernetes_files *files, kubernetes_object_fn *fn,
                                  void *context);
void kubernetes_files_free(struct kubernetes_files *files);

#endif
