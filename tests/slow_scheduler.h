/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documented scheduling rules written a second time, as plainly as they can be said: lists that
 * are scanned, no heaps, no trees, nothing remembered but the reservation. Slow, and shares no code
 * with models/; the two must agree job by job.
 *
 * GPUs only (no cores, memory, types), every placement but "random".
 */
#ifndef TESTS_SLOW_SCHEDULER_H
#define TESTS_SLOW_SCHEDULER_H

#include "tests/simulate.h"

void slow_schedule(const struct workload *w, const struct simulate_fleet *fleet,
                   struct schedule *out);

#endif
