/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of several pools the Kubernetes Cluster Autoscaler lets grow: its expanders.
 *
 *      random       any                       least-nodes   the fewest new nodes
 *      most-pods    the most pods placed      least-waste   the least of cores and memory unused
 *      price        the least dollars for what its pods are worth
 *      priority     the first pool of the fleet
 *
 * cluster-autoscaler/expander. GPUs are no part of least-waste. Cores or memory that a node does
 * not say are not wasted.
 */
#ifndef MODELS_AUTOSCALING_EXPANDER_H
#define MODELS_AUTOSCALING_EXPANDER_H

#include <stdint.h>

#include "models/autoscaling/autoscaler_spec.h"

/* What growing one pool would do. */
struct expansion {
    int32_t pool;
    int64_t nodes, pods;
    int64_t cpu_milli, mem_mib;           /* that its pods ask for together */
    int64_t node_cpu_milli, node_mem_mib; /* of one node; 0 = not known */
    double node_usd, pods_usd;            /* an hour: of one node, of its pods */
    int unfit;                            /* nodes with GPUs for pods without */
};

/* The score of an expansion; the least is the best. */
double expander_score(enum expander expander, const struct expansion *e);
/* Of n > 0 the one that is taken; draw: a number at random, for ties. */
int32_t expander_best(enum expander expander, const struct expansion *all, int32_t n,
                      uint64_t draw);

#endif
