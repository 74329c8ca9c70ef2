/* SPDX-License-Identifier: Apache-2.0 */
/* Waits and completion times of a part of the jobs: what the scenario sets targets for by class,
 * tenant or queue. */
#ifndef TOOLS_PART_TARGETS_H
#define TOOLS_PART_TARGETS_H

#include "models/world.h"
#include "scenarios/scenario.h"

/* Fills result->part_s, one for each of the scenario's slo.parts, in their order: nearest ranks, as
 * those of all jobs are. wait_us and jct_us by job, below 0 where it is not counted. */
enum status part_targets_find(const struct scenario *scenario, const struct workload *workload,
                              const int64_t *wait_us, const int64_t *jct_us,
                              struct world_result *result, struct error *err);

#endif
