/* SPDX-License-Identifier: Apache-2.0 */
/* Inside scenarios/kueue: the quotas of one list of files. */
#ifndef SCENARIOS_KUEUE_KUEUE_SET_H
#define SCENARIOS_KUEUE_KUEUE_SET_H

#include "models/scheduling/quota.h"
#include "scenarios/kueue/manifest.h"
#include "scenarios/loading.h"

struct kueue_set {
    struct kueue_set *next;
    struct manifests manifests;
    struct quota_spec spec;                /* flavors without their pools */
    const struct raw_object **flavor_from; /* by flavor */
    bool bad;
};

/* Errors and warnings in a manifest; hint and note may be NULL. */
void manifest_complain(const struct loading *l, const struct raw_object *o, struct place at,
                       const char *hint, const char *note, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Fills set->spec from set->manifests. STATUS_OK also where errors were reported. */
enum status kueue_build(struct loading *l, struct kueue_set *set);

#endif
