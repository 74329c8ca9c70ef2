/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long jobs wait on a candidate: by the gang queue (models/montecarlo/queue.h), replication by
 * replication, first come, first served, at the demand that the jobs show.
 *
 * It holds for fleets of which every node is always there and open to every job. Their GPUs are one
 * lot: gangs lie anywhere. Of other fleets, and of orders that let jobs pass, it says nothing.
 */
#ifndef TOOLS_STUDY_WAITS_H
#define TOOLS_STUDY_WAITS_H

#include "models/montecarlo/engine.h"
#include "models/montecarlo/queue_fit.h"
#include "scenarios/scenario.h"

enum { STUDY_WAIT_N = 3, STUDY_WAITS_MOST = 256 }; /* p50, p95, p99; replications */
extern const double study_wait_shares[STUDY_WAIT_N];

/* Jobs of a month or so: 128 to 256 replications of at most 10,000 jobs, a tenth not counted. */
struct study_waits {
    uint32_t n;                   /* replications; 0: nothing is said */
    double *wait_s[STUDY_WAIT_N]; /* [n], of each replication, a bucket of 3 % wide exact */
    double load, ceiling;         /* of the servers; ceiling: what gangs can use, NAN: not asked */
    bool is_overloaded;           /* load beyond the ceiling: no wait means anything, n = 0 */
};

/* Whether the fleet is one of those. */
bool study_waits_hold(const struct fleet_spec *fleet);
/* n: replications, at most STUDY_WAITS_MOST. speed: of runs. laws: of the jobs. Freed by
 * study_waits_free, whatever happened. */
enum status study_waits_run(const struct queue_laws *laws, const struct fleet_spec *fleet,
                            double speed, uint32_t jobs, uint32_t n, uint64_t seed,
                            struct engine *engine, struct study_waits *out, struct error *err);
void study_waits_free(struct study_waits *waits);

#endif
