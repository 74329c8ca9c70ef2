/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From pools to node groups: docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference,
 * AWS::EKS::Nodegroup; AmiType: its list of allowed values.
 */
#include "tools/emit/eks.h"

#include <string.h>

#include "models/autoscaling/autoscaler.h"

const char *const eks_taint_effects[TAINT_EFFECT_N] = {
    [TAINT_NO_SCHEDULE] = "NO_SCHEDULE",
    [TAINT_PREFER_NO_SCHEDULE] = "PREFER_NO_SCHEDULE",
    [TAINT_NO_EXECUTE] = "NO_EXECUTE",
};

/* Families of Graviton with GPUs; EC2 user guide, "Instance types: accelerated computing". */
static bool is_arm(const char *type)
{
    static const char *const families[] = { "g5g.", "p6e-gb200.", "p6e-gb300." };
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strncmp(type, families[i], strlen(families[i])) == 0) return true;
    return false;
}

static const char *ami_of(const struct pool_spec *pool)
{
    const char *gpu = emit_gpu_resource(pool);
    bool arm = is_arm(pool->type.name), nvidia = gpu && strcmp(gpu, "nvidia.com/gpu") == 0;
    if (nvidia) return arm ? "AL2023_ARM_64_NVIDIA" : "AL2023_x86_64_NVIDIA";
    if (pool->type.gpus > 0 && !gpu && strncmp(pool->type.gpu_model, "Gaudi", 5) != 0)
        return "AL2023_x86_64_NEURON";
    return arm ? "AL2023_ARM_64_STANDARD" : "AL2023_x86_64_STANDARD";
}

static enum status find_group(struct emit *e, int32_t p, struct eks_group *g)
{
    const struct pool_spec *pool = &e->fleet->pools[p];
    *g = (struct eks_group){ .name = e->slugs[p],
                             .least = emit_base_nodes(pool),
                             .most = pool->nodes,
                             .ami = ami_of(pool) };
    enum status status = emit_choose(e, emit_group(e->fleet, p), &g->choice);
    if (status) return status;
    if (g->choice.way_n > 1)
        return emit_refuse(e, p, "a node group is on demand or spot, its group is both");
    for (int32_t i = 1; i < g->choice.n; i++)
        if (strcmp(ami_of(&e->fleet->pools[g->choice.pools[i]]), g->ami) != 0)
            return emit_refuse(e, p, "a node group has one image, its group needs several");
    if (g->choice.type_n > 20)
        return emit_refuse(e, p, "a node group has 20 instance types at most");
    g->capacity = strcmp(pool->purchase.option->name, "spot") == 0 ? "SPOT" : "ON_DEMAND";
    return STATUS_OK;
}

int32_t eks_zone(const struct eks_groups *groups, const char *zone)
{
    int32_t i = 0;
    while (i < groups->zone_n && strcmp(groups->zones[i], zone) != 0) i++;
    return i;
}

enum status eks_groups_find(struct emit *e, struct eks_groups *groups)
{
    enum status status = STATUS_OK;
    groups->n = groups->zone_n = 0;
    groups->anywhere = false;
    for (int32_t p = 0; p < e->fleet->pool_n && !status; p++) {
        const char *zone = e->fleet->pools[p].zone;
        int32_t z = zone ? eks_zone(groups, zone) : 0;
        groups->anywhere |= !zone;
        if (zone && z == groups->zone_n) {
            emit_slug(zone, (const char(*)[EMIT_SLUG_MAX])groups->zone_slugs, (size_t)z,
                      groups->zone_slugs[z]);
            groups->zones[groups->zone_n++] = zone;
        }
        if (emit_group(e->fleet, p)) status = find_group(e, p, &groups->all[groups->n++]);
    }
    return status;
}

enum status eks_check(struct emit *e)
{
    static const char *const others[] = { "karpenter", "slurm-power-save" };
    struct eks_groups groups;
    const struct autoscaler *by = e->fleet->autoscaler.kind;
    enum status status = emit_check_aws(e);
    for (int32_t p = 0; p < e->fleet->pool_n && !status; p++) status = emit_check_marks(e, p);
    for (size_t i = 0; i < 2 && !status; i++)
        if (emit_is_elastic(e->fleet) && by && strcmp(by->name, others[i]) == 0)
            status = emit_refuse(e, -1,
                                 "its nodes come and go by %s, which does not change node "
                                 "groups",
                                 others[i]);
    return status ? status : eks_groups_find(e, &groups);
}

/* Flags of its README (FAQ.md, "What are the parameters to CA?"). */
static void remark_cluster_autoscaler(struct emit *e)
{
    const struct cluster_autoscaler_options *c = &e->fleet->autoscaler.cluster;
    static const char *const expanders[] = {
        [EXPANDER_RANDOM] = "random",
        [EXPANDER_MOST_PODS] = "most-pods",
        [EXPANDER_LEAST_NODES] = "least-nodes",
        [EXPANDER_LEAST_WASTE] = "least-waste",
        [EXPANDER_PRICE] = "price",
        [EXPANDER_PRIORITY] = "priority",
    };
    emit_remark(e,
                "its flags: --expander=%s --scan-interval=%s --scale-down-unneeded-time=%s "
                "--scale-down-delay-after-add=%s --scale-down-utilization-threshold=%g "
                "--scale-down-gpu-utilization-threshold=%g --max-node-provision-time=%s",
                expanders[c->expander], emit_duration(c->scan_us).s,
                emit_duration(c->unneeded_us).s, emit_duration(c->after_add_us).s,
                (double)c->threshold_ppm / 1e6, (double)c->gpu_threshold_ppm / 1e6,
                emit_duration(c->provision_us).s);
}

void eks_remarks(struct emit *e)
{
    const struct autoscaler *by = e->fleet->autoscaler.kind;
    emit_remark_order(e);
    if (emit_is_elastic(e->fleet) && by) {
        emit_remark(e, "left out: sizes change between least and most by %s: %s", by->name,
                    by->summary);
        if (strcmp(by->name, "cluster-autoscaler") == 0) remark_cluster_autoscaler(e);
    }
    if (e->fleet->scheduler.sharing != SHARING_NONE)
        emit_remark(e, "left out: GPUs are shared, which the device plugin on the nodes must say");
    emit_remark(e, "left out: launch templates, and with them capacity reservations, disks and "
                   "network interfaces");
}
