/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terraform: an aws_eks_node_group for each pool or group of pools; variables for what a plan
 * cannot know. Comments stand above their lines, as terraform fmt would leave them.
 *
 * Arguments: registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_node_group.
 */
#include <string.h>

#include "tools/emit/eks.h"

/* "us-east-1a" -> "us_east_1a": names are letters, digits and underscores here. */
static struct emit_text identifier(const char *slug)
{
    struct emit_text out;
    size_t n = 0;
    for (; slug[n]; n++) out.s[n] = slug[n] == '-' ? '_' : slug[n];
    out.s[n] = 0;
    return out;
}

static void put_variable(struct emit *e, const char *prefix, const char *slug, const char *type,
                         const char *note)
{
    emit_put(e, "\nvariable \"%s%s\" {\n  # not of the plan: ", prefix, identifier(slug).s);
    emit_put(e, "%s\n  type = %s\n}\n", note, type);
}

static void put_variables(struct emit *e, const struct eks_groups *groups)
{
    put_variable(e, "cluster_name", "", "string", "the EKS cluster");
    put_variable(e, "node_role_arn", "", "string", "a role with AmazonEKSWorkerNodePolicy");
    if (groups->anywhere)
        put_variable(e, "subnet_ids", "", "list(string)", "of pools that say no zone");
    for (int32_t z = 0; z < groups->zone_n; z++)
        put_variable(e, "subnet_id_in_", groups->zone_slugs[z], "string",
                     "of pools in the zone that it is named after");
}

/* A comment on the line below it. */
static void put_above(struct emit *e, const char *note)
{
    emit_put(e, "  ");
    emit_remark(e, "%s", note);
}

static void put_subnets(struct emit *e, const struct eks_groups *groups, const struct eks_group *g)
{
    if (g->choice.zone_n == 0) {
        put_above(e, "the plan says no zone");
        emit_put(e, "  subnet_ids = var.subnet_ids\n");
        return;
    }
    put_above(e, "zones of the plan's pool");
    emit_put(e, "  subnet_ids = [");
    for (int32_t z = 0; z < g->choice.zone_n; z++)
        emit_put(e, "%svar.subnet_id_in_%s", z ? ", " : "",
                 identifier(groups->zone_slugs[eks_zone(groups, g->choice.zones[z])]).s);
    emit_put(e, "]\n");
}

static void put_marks(struct emit *e, const struct pool_spec *pool)
{
    const struct node_marks *marks = &pool->marks;
    struct emit_text note;
    snprintf(note.s, sizeof note.s, "pool '%.200s': labels, taints", pool->name);
    if (marks->label_n > 0) {
        put_above(e, note.s);
        emit_put(e, "  labels = {\n");
        for (int32_t i = 0; i < marks->label_n; i++)
            emit_put(e, "%s    %s = %s\n", i ? "\n" : "", emit_hcl(marks->labels[i].key).s,
                     emit_hcl(marks->labels[i].value).s);
        emit_put(e, "  }\n");
    }
    for (int32_t i = 0; i < marks->taint_n; i++) {
        const struct node_taint *t = &marks->taints[i];
        emit_put(e, "\n");
        put_above(e, note.s);
        emit_put(e, "  taint {\n    key    = %s\n", emit_hcl(t->key).s);
        if (*t->value) emit_put(e, "    value  = %s\n", emit_hcl(t->value).s);
        emit_put(e, "    effect = \"%s\"\n  }\n", eks_taint_effects[t->effect]);
    }
}

static void put_group(struct emit *e, const struct eks_groups *groups, const struct eks_group *g)
{
    const struct pool_spec *first = &e->fleet->pools[g->choice.pools[0]];
    struct emit_text note;
    emit_put(e, "\n");
    emit_remark(e, "%s", emit_pool_text(first).s);
    emit_put(e, "resource \"aws_eks_node_group\" \"%s\" {\n", identifier(g->name).s);
    emit_put(e, "  cluster_name  = var.cluster_name\n  node_role_arn = var.node_role_arn\n");
    put_subnets(e, groups, g);
    snprintf(note.s, sizeof note.s, "pool '%.200s'", first->name);
    put_above(e, note.s);
    emit_put(e, "  node_group_name = %s\n", emit_hcl(g->name).s);
    put_above(e, "instance of the plan's pool");
    emit_put(e, "  instance_types = [");
    for (int32_t t = 0; t < g->choice.type_n; t++)
        emit_put(e, "%s%s", t ? ", " : "", emit_hcl(g->choice.types[t]).s);
    emit_put(e, "]\n");
    snprintf(note.s, sizeof note.s, "bought %.60s", first->purchase.option->name);
    put_above(e, note.s);
    emit_put(e, "  capacity_type = \"%s\"\n", g->capacity);
    snprintf(note.s, sizeof note.s, "of its GPUs: %.100s",
             first->type.gpus ? first->type.gpu_model : "none");
    put_above(e, note.s);
    emit_put(e, "  ami_type = \"%s\"\n\n", g->ami);
    put_above(e, "least, and to begin with: nodes of the plan that are always there; most: all of "
                 "them");
    emit_put(e,
             "  scaling_config {\n    min_size     = %d\n    desired_size = %d\n"
             "    max_size     = %d\n  }\n",
             (int)g->least, (int)g->least, (int)g->most);
    if (g->least < g->most) {
        put_above(e, "whoever changes the size afterwards is not undone");
        emit_put(e,
                 "  lifecycle {\n    ignore_changes = [scaling_config[0].desired_size]\n  }\n\n");
    }
    put_marks(e, first);
    emit_put(e, "}\n");
}

static void write(struct emit *e)
{
    struct eks_groups groups;
    emit_heading(e, "EKS managed node groups, Terraform,");
    eks_remarks(e);
    if (eks_groups_find(e, &groups)) return;
    emit_put(e, "\nterraform {\n  required_providers {\n    aws = {\n"
                "      source = \"hashicorp/aws\"\n    }\n  }\n}\n");
    put_variables(e, &groups);
    for (int32_t i = 0; i < groups.n; i++) put_group(e, &groups, &groups.all[i]);
}

const struct emit_kind emit_eks_terraform = {
    "eks-terraform",
    "managed node groups of EKS as Terraform resources",
    "hashicorp/aws provider, aws_eks_node_group",
    eks_check,
    write,
};
