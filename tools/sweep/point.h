/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A point of a sweep: replications of all its fleets until they are enough.
 *
 *      all        as many as the scenario asks for
 *      precise    intervals are as narrow as run.precision asks
 *      misses     every fleet surely misses a target of slo: its whole 95 % interval does. Such a
 *                 point is no answer, and its figures need be no narrower
 *
 * Looks are at whole batches in their order (stopping.h; without run.precision after 5, 10, ...)
 * and at this point alone, so that what comes out does not hang on threads, shards or
 * interruptions.
 */
#ifndef TOOLS_SWEEP_POINT_H
#define TOOLS_SWEEP_POINT_H

#include "models/rebill.h"
#include "tools/run_metrics.h"
#include "tools/sweep/sweep.h"

struct point_run {
    struct scenario scenario; /* loaded by whoever runs it */
    int32_t first, end;       /* the fleets that are run: all of them after point_init */
    int32_t replications;     /* that were made */
    const char *ended;        /* "all", "precise", "misses" */
    int64_t jobs;             /* of replication 0 */
    char *workload;           /* in words */
    int *tail;                /* [fleet]: enum tail_moment */
    size_t metric_n;
    const char *metrics[RUN_METRICS_MAX];
    double *values;          /* [(replication * fleet_n + fleet) * metric_n + metric]; NAN: none */
    struct usage_log *usage; /* [replication * fleet_n + fleet], by point_keep_usage; else NULL */
};

/* A metric of a fleet in replications 0 to n - 1. */
void point_column(const struct point_run *run, int32_t fleet, const char *metric, int32_t n,
                  double *to);

/* Runs the replications that are missing: those before `from` are in run->values, which has room
 * for scenario.replications. Replications are OpenMP tasks of the calling team. On failure and
 * after *stop the point is as if it had not been run. */
enum status point_run(struct point_run *run, int32_t from, const volatile int *stop,
                      struct error *err);
/* Room for a loaded scenario's replications; the names of the metrics. */
enum status point_init(struct point_run *run, struct error *err);
/* After point_init: what its replications use is kept, to be billed under other commitments. */
enum status point_keep_usage(struct point_run *run, struct error *err);
/* With the scenario. */
void point_free(struct point_run *run);

#endif
