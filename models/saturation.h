/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How busy a queue can keep a fleet, at the very most.
 *
 *      offered   GPUs that its jobs would keep busy if none had to wait, / GPUs of the fleet
 *      ceiling   GPUs that it keeps busy while jobs wait at all times,   / GPUs of the fleet
 *
 * A gang at the head waits until enough GPUs are free at once, and those that are free wait with
 * it: first come, first served saturates far below 100 %. Two GPUs whose jobs ask for one or two,
 * each as often, keep 6/7 busy (Brill and Green 1984; Rumyantsev and Morozov 2017, multiserver
 * jobs). Offered more than that, the queue grows as long as jobs come, and a wait says how long
 * they came.
 *
 * Of fifo the ceiling is measured: the same jobs on the same nodes, all there from the first moment
 * on, until nine of ten have started. Orders that let others pass have no ceiling of their own
 * here: they are held against all GPUs.
 */
#ifndef MODELS_SATURATION_H
#define MODELS_SATURATION_H

#include "models/fleet/fleet_spec.h"
#include "models/workload/workload.h"
#include "sim/status.h"

struct saturation {
    double offered; /* over window_us, at the speed of the fastest pool */
    double ceiling; /* 1 where it is not measured */
};

/* speed: as of world_options, NULL = 1. Nodes neither fail nor are they taken back here, and those
 * that come and go are there: what a fleet can do at best. Measures only where it may matter, on
 * the first 20,000 jobs at most. Deterministic. */
enum status saturation_find(const struct workload *w, const struct fleet_spec *fleet,
                            const double *speed, int64_t window_us, struct saturation *s,
                            struct error *err);

#endif
