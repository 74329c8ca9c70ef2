/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What jobs that can be preempted have behind them and before them.
 *
 *      submitted ...... [ held ] ...... [ held ] ........ [ held ] ended
 *                 wait           wait             wait
 *
 * A preempted job keeps the work it has done: it goes on where it stopped, at no cost. Work is in
 * microseconds of run time on the reference GPU; what a pool does of it in a time is that time x
 * its speed, to the nearest microsecond. A job's end and its own order need this alone, so the
 * table exists only for orders that preempt: one entry a job, owned by the world.
 */
#ifndef MODELS_SCHEDULING_PROGRESS_H
#define MODELS_SCHEDULING_PROGRESS_H

#include <stdint.h>

struct progress {
    int64_t left_us;        /* work still to do, on the reference GPU */
    int64_t first_start_us; /* -1 = not started yet */
    int64_t held_us;        /* time on GPUs, up to its last stop */
    int64_t cost_usd_micro; /* of the stretches before the last stop, each rounded down */
    uint32_t preemptions;
};

/* The work that is done in held_us at a speed. */
static inline int64_t progress_work_us(int64_t held_us, double speed)
{
    if (speed == 1.0) return held_us;
    double us = (double)held_us * speed + 0.5;
    return us < (double)(INT64_MAX / 2) ? (int64_t)us : INT64_MAX / 2;
}

#endif
