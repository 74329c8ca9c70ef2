/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From Karpenter's NodePools to struct karpenter_pool, once for each list of files, and from their
 * requirements to the pools of each fleet, which are its offerings.
 *
 *      an offering has   the labels that the scenario gives its pool, and of itself
 *                        node.kubernetes.io/instance-type, topology.kubernetes.io/region,
 *                        karpenter.sh/capacity-type, karpenter.k8s.aws/instance-family ...
 *
 * An offering without a label of its zone lies in all zones of its region.
 */
#ifndef SCENARIOS_KARPENTER_NODEPOOLS_H
#define SCENARIOS_KARPENTER_NODEPOOLS_H

#include "scenarios/karpenter/nodepool.h"
#include "scenarios/loading.h"

/* The NodePools of a fleet whose pools are resolved, which are given their labels and taints;
 * options->n stays 0 where something is wrong with them, which is reported. */
enum status karpenter_resolve(struct loading *l, const struct raw_fleet *raw,
                              struct fleet_spec *fleet, struct karpenter_options *options);
/* What reading them took; the NodePools stay. */
void karpenter_sets_free(struct loading *l);

/* Of a NodePool: which pools of the fleet may serve it, as bits. */
enum status nodepool_offerings(struct loading *l, const struct raw_nodepool *from,
                               const struct fleet_spec *fleet, uint64_t *pools);
/* Gives them the NodePool's labels and taints. */
enum status nodepool_mark(struct loading *l, const struct raw_nodepool *from, uint64_t pools,
                          struct fleet_spec *fleet);
/* Errors in a requirement itself, whatever the fleet. */
void nodepool_check_requirements(struct loading *l, const struct raw_nodepool *from);

/* Errors and warnings in a file of NodePools; hint and note may be NULL. */
void nodepool_report(const struct loading *l, const struct raw_nodepool *from,
                     enum severity severity, struct place at, const char *hint, const char *note,
                     const char *format, ...) __attribute__((format(printf, 7, 8)));

#endif
