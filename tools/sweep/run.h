/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the points of a sweep, or of a shard, that its results file does not have. */
#ifndef TOOLS_SWEEP_RUN_H
#define TOOLS_SWEEP_RUN_H

#include "reports/sweep_results.h"
#include "tools/sweep/sweep.h"

struct sweep_task {
    int64_t shard, shards; /* shards 0: all points */
    int threads;
    const volatile int *stop;
    /* NULL, or called now and then, on one thread at a time, with what is written so far. */
    enum status (*published)(void *context, struct sweep_results *results, struct error *err);
    void *context;
};

struct sweep_count {
    int64_t points, known, ran; /* of the task; that the file had; that were run now */
    int64_t replications;       /* that were made now */
    int64_t precise, missed;    /* of those run: points that ended early */
};

/* The points' hashes must be known (sweep_look). have[point]: replications that the file has of it;
 * is_same: by the same sweep, so that they are enough. */
enum status sweep_run(const struct sweep *sweep, const struct sweep_task *task,
                      struct sweep_results *results, const int32_t *have, bool is_same,
                      struct sweep_count *count, struct error *err);

#endif
