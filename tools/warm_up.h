/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits without the start of a run, when the queue is empty and nobody waits for long.
 *
 * Jobs are left out in order of submission, of each run by itself (replication and deletion: Law,
 * Simulation Modeling and Analysis, 9.5.2): all that are submitted before a time, or as many as
 * MSER-5 says of their waits in that order. They are left out of the mean and the quantiles of the
 * wait alone; money, utilization and all else are of the whole window.
 */
#ifndef TOOLS_WARM_UP_H
#define TOOLS_WARM_UP_H

#include "models/world.h"
#include "scenarios/scenario.h"

struct warm_up {
    int64_t jobs; /* left out, of those that ran; -1: no end of it was found, none is left out */
    int64_t until_us; /* submitted before this; 0: none */
};

/* wait_us: by job, -1 of those that did not run; those left out become -1. The waits of the result
 * are made anew. Where no warm-up is asked for, or no job would be left, nothing changes. */
enum status warm_up_cut(const struct scenario *s, const struct workload *w, int64_t *wait_us,
                        struct world_result *result, struct warm_up *cut, struct error *err);

#endif
