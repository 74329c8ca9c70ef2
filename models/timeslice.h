/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GPUs whose time is sliced: how fast each job on one is, and so when it ends, as others come and
 * go.
 *
 *      a GPU     |  A asks for all of it  | A 1/2  B 1/2 | A 3/5  B 1/4 ... each at most what it
 *                |        alone           |              | asks for; what one leaves the others
 * have
 *
 * A process of which others want the GPU, too, has the same time as each of them, or as much as it
 * wants, if that is less: max-min fairness, which is processor sharing where all want all of it.
 * The device plugin's `replicas` says how many may be on a GPU, and nothing of how fast they are
 * (NVIDIA k8s-device-plugin, README: shared access; time-slicing gives no more to who asks for
 * two). Switching costs nothing here, and memory is not looked at.
 *
 * Whole numbers only: rates are in trillionths, work in trillionths of a microsecond, an end is the
 * first microsecond at which it is done.
 */
#ifndef MODELS_TIMESLICE_H
#define MODELS_TIMESLICE_H

#include <stdbool.h>
#include <stdint.h>

#include "models/fleet/pool.h"
#include "sim/events.h"

struct timeslice;

/* Of pools with a table of GPUs. NULL: no memory. */
struct timeslice *timeslice_new(const struct pool *pools, int32_t pool_n);
void timeslice_free(struct timeslice *t);

/* A GPU of a pool's node. */
struct timeslice_gpu {
    int32_t pool;
    int64_t node;
    int gpu;
};

/* The job of a running slot comes to a GPU; alone it would want `asks_milli` of its time, 1 to
 * 1000, for run_us, at most half of what 63 bits hold. Sets the ends of all jobs on the GPU, of
 * which the latest is returned: INT64_MAX where one is beyond what can be counted, or there is no
 * memory. */
int64_t timeslice_join(struct timeslice *t, uint32_t slot, struct timeslice_gpu gpu,
                       int32_t asks_milli, int64_t run_us, int64_t now_us, struct events *ends);
/* It leaves; the ends of the others are set. Nothing where the slot is not on a GPU that is shared.
 */
void timeslice_leave(struct timeslice *t, uint32_t slot, int64_t now_us, struct events *ends);

#endif
