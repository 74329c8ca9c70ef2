/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a fleet before it runs: whether its jobs ask for more than it can do
 * (models/saturation.h), and whether those that start over ever end
 * (models/reliability/restart_tail.h). `check` says so before anything is run, `run` writes it
 * beside the results, both of the jobs of replication 0 and in the same words.
 *
 * Takes one pass over the jobs a fleet and, of a strict order whose load is near the fleet's size,
 * a simulation of at most 20,000 of them.
 */
#ifndef TOOLS_FLEET_LIMITS_H
#define TOOLS_FLEET_LIMITS_H

#include "models/reliability/restart_tail.h"
#include "models/saturation.h"
#include "scenarios/scenario.h"

struct fleet_limits {
    struct saturation saturation; /* offered 0: not known, as starts are those of a record */
    struct restart_tail tail;
};

/* workload: of replication 0. */
enum status fleet_limits_find(const struct scenario *scenario, const struct workload *workload,
                              int32_t fleet, struct fleet_limits *limits, struct error *err);
/* "mean" or "variance": what of a job's time to finish is infinite; NULL: neither. */
const char *fleet_limits_moment(const struct fleet_limits *limits);

#endif
