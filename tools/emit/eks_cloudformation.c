/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CloudFormation: an AWS::EKS::Nodegroup for each pool or group of pools. What a plan cannot know,
 * the cluster, the role of its nodes and their subnets, are parameters; a pool that says its zone
 * has subnets of that zone.
 *
 * Fields: docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-nodegroup
 * .html; parameters: .../UserGuide/parameters-section-structure.html. tests: cfn-lint.
 */
#include <ctype.h>
#include <string.h>

#include "tools/emit/eks.h"

/* "train-a100" -> "TrainA100": logical names are letters and digits. */
static struct emit_text logical(const char *slug)
{
    struct emit_text out;
    size_t n = 0;
    for (size_t i = 0; slug[i]; i++)
        if (slug[i] != '-')
            out.s[n++] =
                (char)(i == 0 || slug[i - 1] == '-' ? toupper((unsigned char)slug[i]) : slug[i]);
    out.s[n] = 0;
    return out;
}

static void put_parameters(struct emit *e, const struct eks_groups *groups)
{
    emit_put(e, "Parameters:\n  ClusterName:\n    Type: String");
    emit_note(e, "not of the plan");
    emit_put(e, "  NodeRole:\n    Type: String");
    emit_note(e, "not of the plan: the ARN of a role with AmazonEKSWorkerNodePolicy");
    if (groups->anywhere) {
        emit_put(e, "  Subnets:\n    Type: List<AWS::EC2::Subnet::Id>");
        emit_note(e, "not of the plan: of pools that say no zone");
    }
    for (int32_t z = 0; z < groups->zone_n; z++) {
        emit_put(e, "  SubnetsIn%s:\n    Type: AWS::EC2::Subnet::Id",
                 logical(groups->zone_slugs[z]).s);
        emit_note(e, "not of the plan: of pools in %s", groups->zones[z]);
    }
}

static void put_subnets(struct emit *e, const struct eks_groups *groups, const struct eks_group *g)
{
    if (g->choice.zone_n == 0) {
        emit_put(e, "      Subnets: !Ref Subnets");
        emit_note(e, "the plan says no zone");
        return;
    }
    emit_put(e, "      Subnets:\n");
    for (int32_t z = 0; z < g->choice.zone_n; z++) {
        int32_t at = eks_zone(groups, g->choice.zones[z]);
        emit_put(e, "        - !Ref SubnetsIn%s", logical(groups->zone_slugs[at]).s);
        emit_note(e, "zone %s of the plan's pool", g->choice.zones[z]);
    }
}

static void put_marks(struct emit *e, const struct pool_spec *pool)
{
    const struct node_marks *marks = &pool->marks;
    if (marks->label_n > 0) emit_put(e, "      Labels:\n");
    for (int32_t i = 0; i < marks->label_n; i++) {
        emit_put(e, "        %s: %s", emit_yaml(marks->labels[i].key).s,
                 emit_yaml(marks->labels[i].value).s);
        emit_note(e, "pool '%s': labels", pool->name);
    }
    if (marks->taint_n > 0) emit_put(e, "      Taints:\n");
    for (int32_t i = 0; i < marks->taint_n; i++) {
        const struct node_taint *t = &marks->taints[i];
        emit_put(e, "        - Key: %s\n", emit_yaml(t->key).s);
        if (*t->value) emit_put(e, "          Value: %s\n", emit_yaml(t->value).s);
        emit_put(e, "          Effect: %s", eks_taint_effects[t->effect]);
        emit_note(e, "pool '%s': taints", pool->name);
    }
}

static void put_group(struct emit *e, const struct eks_groups *groups, const struct eks_group *g)
{
    const struct pool_spec *first = &e->fleet->pools[g->choice.pools[0]];
    emit_put(e, "  %s:\n", emit_name(logical(g->name).s).s);
    emit_put(e, "    Type: AWS::EKS::Nodegroup");
    emit_note(e, "%s", emit_pool_text(first).s);
    emit_put(
        e, "    Properties:\n      ClusterName: !Ref ClusterName\n      NodeRole: !Ref NodeRole\n");
    put_subnets(e, groups, g);
    emit_put(e, "      NodegroupName: %s", emit_name(g->name).s);
    emit_note(e, "pool '%s'", first->name);
    emit_put(e, "      InstanceTypes:\n");
    for (int32_t t = 0; t < g->choice.type_n; t++) {
        emit_put(e, "        - %s", emit_yaml(g->choice.types[t]).s);
        emit_note(e, "instance of the plan's pool");
    }
    emit_put(e, "      CapacityType: %s", g->capacity);
    emit_note(e, "bought %s", first->purchase.option->name);
    emit_put(e, "      AmiType: %s", g->ami);
    emit_note(e, "of its GPUs: %s", first->type.gpus ? first->type.gpu_model : "none");
    emit_put(e, "      ScalingConfig:\n        MinSize: %d", (int)g->least);
    emit_note(e, "nodes of the plan that are always there");
    emit_put(e, "        DesiredSize: %d", (int)g->least);
    emit_note(e, "%s", g->least < g->most ? "the least: more come as needed" : "all of them");
    emit_put(e, "        MaxSize: %d", (int)g->most);
    emit_note(e, "nodes of the plan");
    put_marks(e, first);
}

static void write(struct emit *e)
{
    struct eks_groups groups;
    emit_heading(e, "EKS managed node groups, CloudFormation,");
    eks_remarks(e);
    if (eks_groups_find(e, &groups)) return;
    emit_put(e, "AWSTemplateFormatVersion: \"2010-09-09\"\n");
    emit_put(e, "Description: Node groups of a plan of seatrial\n");
    put_parameters(e, &groups);
    emit_put(e, "Resources:\n");
    for (int32_t i = 0; i < groups.n; i++) put_group(e, &groups, &groups.all[i]);
}

const struct emit_kind emit_eks_cloudformation = {
    "eks-cloudformation",
    "managed node groups of EKS as a CloudFormation template",
    "AWS CloudFormation template reference, AWS::EKS::Nodegroup",
    eks_check,
    write,
};
