/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a job says of the nodes it may be on: a selector of their labels, and the taints that it
 * tolerates, as texts of a trace.
 *
 *      node_selector   team=vision,zone in (a,b) || disk     terms, of which one must hold whole
 *      tolerations     nvidia.com/gpu,dedicated=ml:NoSchedule
 *
 * A term is a label selector in Kubernetes' own text form (kubernetes.io/docs/concepts/overview/
 * working-with-objects/labels): key=value, key==value, key!=value, key in (a,b), key notin (a,b),
 * key, !key, key>5, key<5, with commas between. "||" stands between the terms of a node affinity
 * (nodeSelectorTerms), for which that form has no sign. A toleration is key=value:Effect or
 * key:Effect, which is any value; without an effect it is of all, and * is any key. A job without a
 * selector may be on all nodes, one without tolerations on none that is tainted.
 */
#ifndef MODELS_SCHEDULING_NODE_SELECTOR_H
#define MODELS_SCHEDULING_NODE_SELECTOR_H

#include <stdbool.h>

#include "models/fleet/fleet_spec.h"

struct selector_term {
    struct label_requirement *requirements;
    int32_t n;
};

struct node_selector {
    struct selector_term *terms; /* of "" none, and any pool is selected */
    int32_t n;
    void *memory;
};

struct toleration {
    const char *key;   /* NULL: any */
    const char *value; /* NULL: any */
    int32_t effect;    /* enum taint_effect, -1: all */
};

struct tolerations {
    struct toleration *items;
    int32_t n;
    void *memory;
};

/* false: the text is none, and *why says so ("has nothing between two commas"), or is NULL where
 * there is no memory. What was read is freed by node_selector_free, tolerations_free. */
bool node_selector_read(const char *text, struct node_selector *s, const char **why);
void node_selector_free(struct node_selector *s);
bool tolerations_read(const char *text, struct tolerations *t, const char **why);
void tolerations_free(struct tolerations *t);
/* Whether it can be read. */
bool node_selector_is_good(const char *text, const char **why);
bool tolerations_are_good(const char *text, const char **why);

bool node_selector_takes(const struct node_selector *s, const struct pool_spec *pool);
/* All its taints, but for those that only prefer. */
bool tolerations_bear(const struct tolerations *t, const struct pool_spec *pool);

/* A taint in kubectl's text form, key=value:Effect or key:Effect; its texts are put into `text`,
 * which has room for the length of `written` + 1. false: it is none, and *why says so. */
bool taint_read(const char *written, char *text, struct node_taint *taint, const char **why);

#endif
