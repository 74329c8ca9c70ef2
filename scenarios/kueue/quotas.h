/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From Kueue's manifests to quotas, once for each list of files, and from flavors to the pools of
 * each fleet: a flavor is the pools that have all its nodeLabels.
 *
 *      pools have   the labels that the scenario gives them, and of themselves
 *                   node.kubernetes.io/instance-type, topology.kubernetes.io/region,
 *                   karpenter.sh/capacity-type
 */
#ifndef SCENARIOS_KUEUE_QUOTAS_H
#define SCENARIOS_KUEUE_QUOTAS_H

#include "models/scheduling/quota.h"
#include "scenarios/loading.h"

/* The quotas of a fleet whose pools are resolved; *spec stays NULL where it has none, or where
 * something is wrong with them, which is reported. */
enum status kueue_resolve(struct loading *l, const struct raw_fleet *raw,
                          const struct fleet_spec *fleet, const struct quota_spec **spec);
/* What reading them took; the quotas stay. */
void kueue_sets_free(struct loading *l);

#endif
