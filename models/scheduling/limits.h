/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits on what jobs hold and how many there are: of a queue, a tenant, a user, or all.
 *
 *      entry 0   {queue: batch, gpus: 64}          one count      of the jobs of batch
 *      entry 1   {gpus_per_user: 16, jobs: 500}    one count, and one for each user
 *      entry 2   {tenant: ml, jobs_per_user: 4}    one for each user, of jobs of ml
 *
 * A job counts in every entry that is for it: as submitted from its arrival to its end, with its
 * GPUs and as a job that runs from its start. All limits hold at once; Slurm lets a limit of a
 * partition's QOS hide the same limit of the job's QOS, and that the one of its association.
 *
 *      refused   as it comes: it asks for more GPUs than a limit, or has a longer time limit than
 *                wall_per_job; or one more than submit allows are submitted. So does Slurm with
 *                DenyOnLimit; without it only the last is refused, and the others wait for ever
 *      held      what runs leaves no room: the job waits, and may be passed
 *
 * Source: Slurm's resource_limits.html and sacctmgr(1); acct_policy.c: what runs counts in full,
 * jobs are compared before nodes are looked for (pre_select), GPUs after (post_select). Names that
 * the trace does not have are for nobody. A job without a user is of a user without a name.
 *
 * It owns its memory: a count for each entry, and one for each user or tenant in entries with such
 * limits. A call costs O(entries), and allocates nothing.
 */
#ifndef MODELS_SCHEDULING_LIMITS_H
#define MODELS_SCHEDULING_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/scheduling/demand.h"
#include "models/scheduling/options.h"
#include "models/workload/workload.h"

struct limit_count {
    int64_t used[LIMIT_COUNTS]; /* enum limit, of LIMIT_GPUS to LIMIT_SUBMIT */
};

/* The names by which entries tell the job from others; UINT32_MAX where none looks. Jobs that are
 * alike in this, and in GPUs, are held alike. */
struct limit_who {
    uint32_t queue, tenant, user;
};

struct limit_place {              /* an entry */
    uint32_t queue, tenant, user; /* whom it is for: numbers in the workload's tables */
    bool any_queue, any_tenant, any_user;
    size_t first[LIMIT_WHOSE]; /* counts; SIZE_MAX: none of these */
};

struct limits {
    const struct workload *workload;
    const struct limit_options *options;
    struct limit_place *places; /* by entry */
    struct limit_count *counts;
    bool *queue_named, *tenant_named, *user_named; /* by number */
    bool of_users, of_tenants, of_gpus;            /* some entry counts them */
};

/* What holds a job: the number of jobs is looked at first. */
enum limit_hold { HOLD_NONE, HOLD_JOBS, HOLD_GPUS };

/* false: no memory; free it then, too. */
bool limits_init(struct limits *l, const struct workload *workload,
                 const struct limit_options *options);
void limits_free(struct limits *l);

/* Whether the job is refused as it comes; REJECT_N: it is not. */
enum reject_reason limits_refuse(const struct limits *l, uint32_t job, int64_t gpus);
/* Whether it may not start now. */
enum limit_hold limits_hold(const struct limits *l, uint32_t job, int64_t gpus);
struct limit_who limits_who(const struct limits *l, uint32_t job);

/* The job is submitted, starts, ends. */
void limits_submit(struct limits *l, uint32_t job);
void limits_start(struct limits *l, uint32_t job, int64_t gpus);
void limits_end(struct limits *l, uint32_t job, int64_t gpus);

#endif
