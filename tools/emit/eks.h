/* SPDX-License-Identifier: Apache-2.0 */
/* Inside tools/emit: managed node groups of EKS, as CloudFormation and Terraform say them. */
#ifndef TOOLS_EMIT_EKS_H
#define TOOLS_EMIT_EKS_H

#include "tools/emit/emit_parts.h"

struct eks_group {    /* a pool, or pools that stand for each other */
    const char *name; /* NodegroupName: at most 63 of letters, digits, - and _ */
    struct emit_choice choice;
    int32_t least, most;
    const char *capacity; /* ON_DEMAND or SPOT */
    const char *ami;      /* AmiType */
};

struct eks_groups {
    int32_t n;
    struct eks_group all[EMIT_POOLS_MAX];
    int32_t zone_n; /* that pools say */
    const char *zones[EMIT_POOLS_MAX];
    char zone_slugs[EMIT_POOLS_MAX][EMIT_SLUG_MAX];
    bool anywhere; /* a group says none */
};

/* The node groups of a fleet. STATUS_BAD_INPUT where EKS has no such. */
enum status eks_groups_find(struct emit *e, struct eks_groups *groups);
/* Whether there are any to be said. */
enum status eks_check(struct emit *e);
/* Which of groups->zones a zone is. */
int32_t eks_zone(const struct eks_groups *groups, const char *zone);
/* "NO_SCHEDULE": AWS::EKS::Nodegroup Taint, Effect. */
extern const char *const eks_taint_effects[TAINT_EFFECT_N];
/* Remarks on who changes sizes, sharing of GPUs, the scheduler. */
void eks_remarks(struct emit *e);

#endif
