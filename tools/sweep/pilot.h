/* SPDX-License-Identifier: Apache-2.0 */
/* What a task will need, measured on a few points of a sweep before a cluster is asked for it. */
#ifndef TOOLS_SWEEP_PILOT_H
#define TOOLS_SWEEP_PILOT_H

#include "tools/sweep/sweep.h"

struct pilot {
    double seconds; /* of the dearest of the points that were run, on one thread */
    int64_t kib;    /* most memory of this program until then */
};

/* Runs the first point, and the last, where a range mostly has its dearest; what comes out of them
 * is thrown away. */
enum status pilot_run(const struct sweep *sweep, const volatile int *stop, struct pilot *pilot,
                      struct error *err);

#endif
