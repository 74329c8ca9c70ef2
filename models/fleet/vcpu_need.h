/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quota that a fleet needs: clouds limit vCPUs, by region and family of instance types, on
 * demand and spot each (EC2 user guide, June 2023, instance quotas).
 *
 *      p5.48xlarge      family "p5", the name before its first dot
 *      us-east-1a       a zone of AWS: of region "us-east-1"
 *      vCPUs            nodes that there may be at once x cores of the type
 *
 * Owned nodes need none.
 */
#ifndef MODELS_FLEET_VCPU_NEED_H
#define MODELS_FLEET_VCPU_NEED_H

#include <stddef.h>

#include "models/fleet/fleet_spec.h"

struct vcpu_need { /* texts are the fleet's; the lengths are of their parts that count */
    const char *provider, *region, *instance, *market;
    int region_n, family_n;
    int64_t vcpus;       /* rounded up */
    const char *unknown; /* the first type whose cores are not known: nor are vcpus; NULL: none */
};

/* In order of the first pool of each; into needs[pool_n], of which so many are filled. */
size_t fleet_vcpu_needs(const struct fleet_spec *fleet, struct vcpu_need *needs);
/* Bytes of the name before its first dot. */
int instance_family(const char *instance);

#endif
