/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a fleet: pools that share no job.
 *
 *      pools   A (team a)   B (team b)   C (teams b, c)   D (team d)
 *      parts   {A}          {B, C}                        {D}
 *
 * No job of one part can ever run in another, so that each is a world of its own: its jobs, its
 * queue, its passes. That is what static virtual clusters are: a head that waits in one delays
 * nobody in another. A job that no pool is for belongs to the first part, which rejects it. Quotas
 * are of all pools together, and so are limits, and Slurm's main loop where it does not look at all
 * jobs after every event, and an autoscaler, and what is free of a month's egress: with them a
 * fleet is one part.
 */
#ifndef MODELS_PARTS_H
#define MODELS_PARTS_H

#include "models/fleet/fleet_spec.h"
#include "models/scheduling/access.h"
#include "models/workload/workload.h"

enum { PARTS_MAX = 64 };

struct parts {
    int32_t n;
    int32_t pool_n[PARTS_MAX], pool[PARTS_MAX][PARTS_MAX]; /* of each: pools of the fleet, rising */
    uint32_t *job[PARTS_MAX]; /* of each: jobs of the workload, rising */
    size_t job_n[PARTS_MAX];
    uint32_t *memory;
};

/* Parts in order of their first pools. One part has no list of jobs. false: no memory. */
bool parts_find(struct parts *parts, const struct workload *workload,
                const struct fleet_spec *fleet, const struct access *access);
void parts_free(struct parts *parts);

#endif
