/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many nodes of each pool what waits would have to be given, at once: jobs of the largest
 * demands first, each to the first pool that may serve it and has room, on what is free there, on
 * what boots, and on new nodes as far as the pool goes. A job that fits nowhere whole is left out:
 * no nodes come for half a gang.
 *
 * Costs what there are demands and levels of free GPUs (packing.h), not what there are jobs.
 */
#ifndef MODELS_AUTOSCALING_NEEDS_H
#define MODELS_AUTOSCALING_NEEDS_H

#include "models/autoscaling/autoscaler.h"
#include "models/autoscaling/packing.h"

struct needs {
    struct packing packing, trial;
    uint32_t *order; /* demands that wait */
    int64_t *left;   /* of each, jobs that have no room yet */
    size_t n, capacity;
    bool failed;
};

void needs_free(struct needs *n);
/* Those that wait, the largest first. False: no memory. */
bool needs_gather(struct needs *n, const struct autoscaler_view *v);
/* Whether a job that waits may use the pool; of a pool of a group, whether one that lies on no more
 * nodes than the group's others leave it: else its idle nodes only keep others from coming. */
bool needs_want(const struct needs *n, const struct autoscaler_view *v, int32_t pool);
/* The nodes that the largest of those that wait, and may use the pool, lies on; 0: none waits. */
int64_t needs_largest(const struct needs *n, const struct autoscaler_view *v, int32_t pool);
/* New nodes that those of them which are left, and may use the pool, would have: `booting` empty
 * ones are there besides what is free, and `most` can come. Those that found room are left no
 * longer. */
int64_t needs_of_pool(struct needs *n, const struct autoscaler_view *v, int32_t pool,
                      int64_t booting, int64_t most);

#endif
