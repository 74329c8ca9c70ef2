/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What jobs that can be preempted have behind them and before them.
 *
 *      submitted ...... [ held ] ...... [ held ] ........ [ held ] ended
 *                 wait           wait             wait
 *
 *                     restart work      restart work
 *
 * A preempted job keeps the work it has done, or what of it was in its last checkpoint, and is owed
 * the time of a restart: before it goes on it holds its GPUs for so long and does nothing. Work is
 * in microseconds of run time on the reference GPU; what a pool does of it in a time is that time x
 * its speed, to the nearest microsecond. Restarts and checkpoints take the same time everywhere. A
 * job's end and its own order need this alone, so the table exists only where jobs are stopped, by
 * the order or by nodes that fail: one entry a job, owned by the world.
 */
#ifndef MODELS_SCHEDULING_PROGRESS_H
#define MODELS_SCHEDULING_PROGRESS_H

#include <stdint.h>

#include "models/scheduling/options.h"

/* Why a job was taken off its nodes. */
enum stop_cause { STOP_PREEMPTED, STOP_FAILED, STOP_RECLAIMED, STOP_CAUSES };

struct progress {
    int64_t left_us;        /* work still to do, on the reference GPU */
    double pace;            /* of its present size against the one it asked for: elasticity.h */
    int64_t owed_us;        /* the restart that the next stretch begins with */
    int64_t first_start_us; /* -1 = not started yet */
    int64_t held_us;        /* time on GPUs, up to its last stop */
    int64_t lost_us;        /* of that: restarts, checkpoints, and work that was not kept */
    int64_t cost_usd_micro; /* of the stretches before the last stop, each rounded down */
    uint32_t preemptions, failures, reclaims; /* stops, by cause */
    enum stop_cause cause;                    /* of its last stop, to which the restart is owed */
};

/* Stops so far, whatever their causes: a stretch of a job is told from its others by them. */
static inline int64_t progress_stops(const struct progress *p)
{
    return (int64_t)p->preemptions + p->failures + p->reclaims;
}

/* The work that is done in held_us at a speed. */
static inline int64_t progress_work_us(int64_t held_us, double speed)
{
    if (speed == 1.0) return held_us;
    double us = (double)held_us * speed + 0.5;
    return us < (double)(INT64_MAX / 2) ? (int64_t)us : INT64_MAX / 2;
}

/* By the formulas: of a job that lies on as few nodes as its GPUs need, and fails with each. */
int64_t progress_best_interval_us(const struct restart_options *options, int64_t gpus);

/* CHECKPOINT_INTERVAL: run time between the checkpoints of a job of so many GPUs. */
static inline int64_t progress_interval_us(const struct restart_options *options, int64_t gpus)
{
    return options->interval == INTERVAL_GIVEN ? options->interval_us
                                               : progress_best_interval_us(options, gpus);
}

/* Time that checkpoints of so many GPUs take in so long a run; none is written at its end. */
static inline int64_t progress_writes_us(const struct restart_options *options, int64_t gpus,
                                         int64_t run_us)
{
    if (options->checkpoint != CHECKPOINT_INTERVAL || options->write.n == 0 || run_us <= 0)
        return 0;
    __int128 us = (__int128)((run_us - 1) / progress_interval_us(options, gpus)) *
                  gpu_cost_us(&options->write, gpus);
    return us < INT64_MAX / 4 ? (int64_t)us : INT64_MAX / 4;
}

/* Run time that is not to be done again, where a stretch on so many GPUs that began with owed_us of
 * restart is stopped after held_us. */
static inline int64_t progress_kept_us(const struct restart_options *options, int64_t gpus,
                                       int64_t owed_us, int64_t held_us)
{
    int64_t ran_us = held_us - owed_us;
    if (ran_us <= 0 || options->checkpoint == CHECKPOINT_NEVER) return 0;
    if (options->checkpoint == CHECKPOINT_AT_STOP) return ran_us;
    int64_t interval_us = progress_interval_us(options, gpus);
    return ran_us / (interval_us + gpu_cost_us(&options->write, gpus)) * interval_us;
}

/* The same where it stops without warning: there is no time to save what is not in a checkpoint. */
static inline int64_t progress_kept_unwarned_us(const struct restart_options *options, int64_t gpus,
                                                int64_t owed_us, int64_t held_us)
{
    return options->checkpoint == CHECKPOINT_INTERVAL
               ? progress_kept_us(options, gpus, owed_us, held_us)
               : 0;
}

/* Time that the checkpoints took that were through, ran_us after the restart. */
static inline int64_t progress_written_us(const struct restart_options *options, int64_t gpus,
                                          int64_t ran_us)
{
    if (options->checkpoint != CHECKPOINT_INTERVAL) return 0;
    int64_t write_us = gpu_cost_us(&options->write, gpus);
    return ran_us / (progress_interval_us(options, gpus) + write_us) * write_us;
}

/* Run time that is done in a stretch that began so and still goes on after held_us, whether or not
 * it is in a checkpoint. */
static inline int64_t progress_done_us(const struct restart_options *options, int64_t gpus,
                                       int64_t owed_us, int64_t held_us)
{
    int64_t ran_us = held_us - owed_us;
    if (ran_us <= 0) return 0;
    if (options->checkpoint != CHECKPOINT_INTERVAL) return ran_us;
    int64_t interval_us = progress_interval_us(options, gpus);
    int64_t period_us = interval_us + gpu_cost_us(&options->write, gpus);
    int64_t rest_us = ran_us % period_us;
    return ran_us / period_us * interval_us + (rest_us < interval_us ? rest_us : interval_us);
}

/* Kept where it stops so long before its nodes go: all that is done, if that is time enough for a
 * checkpoint, which is then written on nodes that nobody else may have. */
static inline int64_t progress_kept_warned_us(const struct restart_options *options, int64_t gpus,
                                              int64_t owed_us, int64_t held_us, int64_t notice_us)
{
    if (options->checkpoint == CHECKPOINT_NEVER) return 0;
    if (notice_us == 0 || gpu_cost_us(&options->write, gpus) > notice_us)
        return progress_kept_unwarned_us(options, gpus, owed_us, held_us);
    return progress_done_us(options, gpus, owed_us, held_us);
}

/* Kept where it was told so long before, and runs on until its nodes go: all but what was to be
 * done while its last checkpoint is written, so that it is through just then; if there was time for
 * one.
 */
static inline int64_t progress_kept_running_us(const struct restart_options *options, int64_t gpus,
                                               int64_t owed_us, int64_t held_us, int64_t warned_us)
{
    int64_t write_us = gpu_cost_us(&options->write, gpus);
    if (options->checkpoint == CHECKPOINT_NEVER) return 0;
    if (warned_us == 0 || write_us > warned_us)
        return progress_kept_unwarned_us(options, gpus, owed_us, held_us);
    return progress_done_us(options, gpus, owed_us, held_us - write_us);
}

/* What a job of so many GPUs owes for its restart; rest_us of the one before it was still to come,
 * or none where that is not positive. */
static inline int64_t progress_restart_us(const struct restart_options *options, int64_t gpus,
                                          int64_t rest_us)
{
    if (rest_us < 0 || options->cut_short == RESTART_WHOLE) rest_us = 0;
    return rest_us + gpu_cost_us(&options->cost, gpus);
}

#endif
