/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/metrics.h"

#include <stddef.h>

const struct metric_def metric_defs[] = {
    { METRIC_COST_MONTH, "USD/month", "lower", "bill of the accounting window, scaled to a month of 730 hours" },
    { METRIC_COST_TOTAL, "USD", "lower", "bill of the accounting window" },
    { METRIC_COST_USEFUL_GPU_HOUR, "USD/GPU-hour", "lower", "bill divided by the GPU-hours that jobs held" },
    { METRIC_COST_IDLE_MONTH, "USD/month", "lower", "part of the bill for GPU time that no job held, a month" },
    { METRIC_UTILIZATION, "share", "higher", "GPU time held by jobs / GPU time bought, in the accounting window" },
    { METRIC_IDLE, "share", "lower", "1 - utilization" },
    { METRIC_BOUGHT_GPU_HOURS, "GPU-hours", "neither", "GPU time bought in the accounting window" },
    { METRIC_BUSY_GPU_HOURS, "GPU-hours", "neither", "GPU time held by jobs in the accounting window" },
    { METRIC_WAIT_MEAN, "s", "lower", "mean wait from submission to start, all finished jobs" },
    { METRIC_WAIT_P50, "s", "lower", "median wait (nearest rank)" },
    { METRIC_WAIT_P90, "s", "lower", "wait that 90 % of jobs do not exceed (nearest rank)" },
    { METRIC_WAIT_P95, "s", "lower", "wait that 95 % of jobs do not exceed (nearest rank)" },
    { METRIC_WAIT_P99, "s", "lower", "wait that 99 % of jobs do not exceed (nearest rank)" },
    { METRIC_WAIT_MAX, "s", "lower", "longest wait" },
    { METRIC_JCT_MEAN, "s", "lower", "mean job completion time: wait + run" },
    { METRIC_JCT_P50, "s", "lower", "median job completion time (nearest rank)" },
    { METRIC_JCT_P95, "s", "lower", "completion time that 95 % of jobs do not exceed (nearest rank)" },
    { METRIC_SLOWDOWN, "ratio", "lower", "mean bounded slowdown: max(1, (wait + run) / max(run, 10 s))" },
    { METRIC_MAKESPAN, "s", "lower", "start of the trace to the end of the last job" },
    { METRIC_QUEUE_MEAN, "jobs", "lower", "jobs waiting, time average over the makespan" },
    { METRIC_QUEUE_MAX, "jobs", "lower", "most jobs waiting at once" },
    { METRIC_JOBS_FINISHED, "jobs", "higher", "jobs that ran to their end" },
    { METRIC_JOBS_REJECTED, "jobs", "lower", "jobs that can never fit this fleet" },
    { METRIC_BACKFILLED, "jobs", "neither", "jobs started ahead of a reserved head" },
    { METRIC_SCATTERED, "jobs", "lower", "jobs on more nodes than the fewest possible" },
    { METRIC_ENERGY_KWH, "kWh", "lower", "energy at the meter of owned nodes; 0 where the cloud pays it" },
    { NULL, NULL, NULL, NULL },
};
