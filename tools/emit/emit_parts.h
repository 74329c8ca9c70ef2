/* SPDX-License-Identifier: Apache-2.0 */
/* Inside tools/emit: a manifest under way, and what formats have in common. */
#ifndef TOOLS_EMIT_EMIT_PARTS_H
#define TOOLS_EMIT_EMIT_PARTS_H

#include "tools/emit/emit.h"
#include "tools/emit/emit_text.h"

enum { EMIT_POOLS_MAX = 64 }; /* of a fleet: scenarios/expand_pools.c */

struct emit { /* everything is borrowed but the slugs */
    const struct emit_kind *kind;
    const struct scenario *scenario;
    const struct fleet_spec *fleet;
    const struct emit_figures *figures;
    FILE *out;
    struct error *err;
    char fleet_slug[EMIT_SLUG_MAX];
    char slugs[EMIT_POOLS_MAX][EMIT_SLUG_MAX]; /* by pool, each unlike the others */
};

extern const struct emit_kind emit_karpenter, emit_eks_cloudformation, emit_eks_terraform,
    emit_slurm_conf, emit_kueue;

/* ---- refusals: STATUS_BAD_INPUT ---- */

/* Why the format cannot say the fleet; pool -1: of the whole fleet. */
enum status emit_refuse(struct emit *e, int32_t pool, const char *why, ...)
    __attribute__((format(printf, 3, 4)));
/* Rented of AWS, in one region, by names that EC2 could have. */
enum status emit_check_aws(struct emit *e);
/* GPUs that are shared are other resources than whole ones. */
enum status emit_check_whole_gpus(struct emit *e);
/* Labels and taints of a pool by Kubernetes' rules; none that a node has of itself. */
enum status emit_check_marks(struct emit *e, int32_t pool);

/* ---- lines ---- */

/* Text as it is: the caller has quoted what is in it. */
void emit_put(struct emit *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "  # " and a comment to the end of the line. */
void emit_note(struct emit *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A line that is a comment. */
void emit_remark(struct emit *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What the manifest is, the plan's figures, the prices; what no format says of the fleet. */
void emit_heading(struct emit *e, const char *what);
/* That the order of the queue, and whom pools are for, are somebody else's to say. */
void emit_remark_order(struct emit *e);

/* ---- pools ---- */

/* Of the nodes those that are always there. */
static inline int32_t emit_base_nodes(const struct pool_spec *pool)
{
    return pool->nodes - pool->elastic_nodes;
}
bool emit_is_elastic(const struct fleet_spec *fleet);
/* "pool 'train': 14 x p4d.24xlarge on-demand"; in a comment it is made safe. */
struct emit_text emit_pool_text(const struct pool_spec *pool);
/* The name of its GPUs in Kubernetes: "nvidia.com/gpu" (NVIDIA/k8s-device-plugin), "amd.com/gpu"
 * (ROCm/k8s-device-plugin); NULL: it has none, or they are no GPUs. */
const char *emit_gpu_resource(const struct pool_spec *pool);

bool emit_same_marks(const struct node_marks *a, const struct node_marks *b);

/* Pools that stand for each other, as what a NodePool or a node group can say: any of these types
 * in any of these zones, bought in any of these ways. Borrowed. */
struct emit_choice {
    int32_t n, pools[EMIT_POOLS_MAX]; /* in the fleet's order */
    int32_t type_n, zone_n, way_n;    /* zone_n 0: none is said */
    const char *types[EMIT_POOLS_MAX], *zones[EMIT_POOLS_MAX], *ways[EMIT_POOLS_MAX];
};
/* Of the pools of a mask, at least one. STATUS_BAD_INPUT where some of these combinations are no
 * pool, or their labels or taints differ. */
enum status emit_choose(struct emit *e, uint64_t pools, struct emit_choice *choice);
/* The pools of p's group, p alone where it has none; 0 where p is not its first. */
uint64_t emit_group(const struct fleet_spec *fleet, int32_t p);

#endif
