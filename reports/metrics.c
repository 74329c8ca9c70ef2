/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/metrics.h"

#include <stddef.h>
#include <string.h>

/* Their names are the same whatever they are of, so that files have one table of metrics. */
#define PART_DEF(i)                                                                                \
    {                                                                                              \
        METRIC_PART(i), "s", "lower",                                                              \
            "what target " #i " by class, tenant or queue limits, a wait or a completion time of " \
            "its jobs; its label says which"                                                       \
    }

const struct metric_def metric_defs[] = {
    { METRIC_COST_MONTH, "USD/month", "lower",
      "bill of the accounting window, scaled to a month of 730 hours" },
    { METRIC_COST_TOTAL, "USD", "lower", "bill of the accounting window" },
    { METRIC_COST_USEFUL_GPU_HOUR, "USD/GPU-hour", "lower",
      "bill divided by the GPU-hours that jobs held" },
    { METRIC_COST_IDLE_MONTH, "USD/month", "lower",
      "part of the bill for GPU time that no job held, a month" },
    { METRIC_UTILIZATION, "share", "higher",
      "GPU time held by jobs / GPU time bought, in the accounting window" },
    { METRIC_IDLE, "share", "lower", "1 - utilization" },
    { METRIC_BOUGHT_GPU_HOURS, "GPU-hours", "neither", "GPU time bought in the accounting window" },
    { METRIC_BUSY_GPU_HOURS, "GPU-hours", "neither",
      "GPU time held by jobs in the accounting window" },
    { METRIC_WAIT_MEAN, "s", "lower", "mean time in the queue, all finished jobs" },
    { METRIC_WAIT_P50, "s", "lower", "median wait (nearest rank)" },
    { METRIC_WAIT_P90, "s", "lower", "wait that 90 % of jobs do not exceed (nearest rank)" },
    { METRIC_WAIT_P95, "s", "lower", "wait that 95 % of jobs do not exceed (nearest rank)" },
    { METRIC_WAIT_P99, "s", "lower", "wait that 99 % of jobs do not exceed (nearest rank)" },
    { METRIC_WAIT_MAX, "s", "lower", "longest wait" },
    { METRIC_JCT_MEAN, "s", "lower", "mean job completion time: wait + run" },
    { METRIC_JCT_P50, "s", "lower", "median job completion time (nearest rank)" },
    { METRIC_JCT_P95, "s", "lower",
      "completion time that 95 % of jobs do not exceed (nearest rank)" },
    { METRIC_SLOWDOWN, "ratio", "lower",
      "mean bounded slowdown: max(1, (wait + run) / max(run, 10 s))" },
    { METRIC_SLOWDOWN_P95, "ratio", "lower",
      "bounded slowdown that 95 % of jobs do not exceed (nearest rank)" },
    { METRIC_FAIRNESS, "index", "higher",
      "Jain's index of the tenants' mean bounded slowdowns: 1 where all fare alike" },
    { METRIC_IDLE_WAITING, "GPU-hours", "lower",
      "GPU time free while waiting jobs asked for it, in the accounting window" },
    { METRIC_MAKESPAN, "s", "lower", "start of the trace to the end of the last job" },
    { METRIC_QUEUE_MEAN, "jobs", "lower", "jobs waiting, time average over the makespan" },
    { METRIC_QUEUE_MAX, "jobs", "lower", "most jobs waiting at once" },
    { METRIC_JOBS_FINISHED, "jobs", "higher", "jobs that ran to their end" },
    { METRIC_JOBS_REJECTED, "jobs", "lower",
      "jobs that can never fit this fleet, or are not let in" },
    { METRIC_BACKFILLED, "jobs", "neither", "jobs started ahead of a reserved head" },
    { METRIC_SCATTERED, "jobs", "lower", "jobs on more nodes than the fewest possible" },
    { METRIC_OVER_RACKS, "jobs", "lower", "jobs on more racks than the fewest possible" },
    { METRIC_PREEMPTIONS, "times", "lower", "times a running job was stopped to go on later" },
    { METRIC_GPU_HOURS_SCATTERED, "GPU-hours", "lower",
      "held because gangs lay on more nodes, or racks, than the fewest possible" },
    { METRIC_GPU_HOURS_BESIDE, "GPU-hours", "lower",
      "held longer because other jobs had slices of the same GPU" },
    { METRIC_GANG_TIMEOUTS, "times", "lower", "times a gang gave up the pods that were placed" },
    { METRIC_GPU_HOURS_HALF, "GPU-hours", "lower",
      "held by gangs that had not all their pods, and idle" },
    { METRIC_GPU_HOURS_LOST, "GPU-hours", "lower",
      "held for restarts, for checkpoints, and for work that was done again" },
    { METRIC_LOST_TO_PREEMPTION, "GPU-hours", "lower",
      "of that: work that preemption undid, and restarts after it" },
    { METRIC_LOST_TO_FAILURE, "GPU-hours", "lower",
      "of that: work that failed nodes undid, and restarts after it" },
    { METRIC_GPU_HOURS_DOWN, "GPU-hours", "lower",
      "GPU time bought of nodes that had failed, in the accounting window" },
    { METRIC_NODE_FAILURES, "times", "lower", "times a node failed" },
    { METRIC_JOB_FAILURES, "times", "lower",
      "times a running job lost a node that failed, or failed by itself" },
    { METRIC_LOST_TO_RECLAIM, "GPU-hours", "lower",
      "of those lost: work that reclaims of spot nodes undid, and restarts after them" },
    { METRIC_NODE_RECLAIMS, "times", "lower", "spot nodes that were taken back" },
    { METRIC_JOB_RECLAIMS, "times", "lower",
      "times a running job lost a node that was taken back" },
    { METRIC_EFFECTIVE, "share", "higher",
      "GPU time held for work that was kept / GPU time held by jobs" },
    { METRIC_ENERGY_KWH, "kWh", "lower", "energy at the meter of nodes whose watts are known" },
    { METRIC_CO2_KG, "kg", "lower",
      "CO2 of that energy, of the pools that have a grid_carbon or a carbon_log; absent where none "
      "has" },
    { METRIC_CO2_MONTH, "kg/month", "lower", "the same, scaled to a month of 730 hours" },
    { METRIC_DEADLINES, "share", "higher",
      "jobs that ended by their deadline / jobs that have one" },
    { METRIC_NODES_MEAN, "nodes", "neither", "nodes bought, the mean over the accounting window" },
    { METRIC_NODES_MOST, "nodes", "neither", "nodes bought at once, of each pool the most" },
    { METRIC_NODES_STARTED, "nodes", "neither", "nodes that an autoscaler asked for" },
    { METRIC_NODE_HOURS_BOOTING, "node-hours", "lower",
      "bought for nodes until they were ready, or were not wanted any more" },
    PART_DEF(1),
    PART_DEF(2),
    PART_DEF(3),
    PART_DEF(4),
    PART_DEF(5),
    PART_DEF(6),
    PART_DEF(7),
    PART_DEF(8),
    { NULL, NULL, NULL, NULL },
};

int metric_index(const char *name)
{
    for (int i = 0; metric_defs[i].name; i++)
        if (strcmp(metric_defs[i].name, name) == 0) return i;
    return -1;
}

int metric_count(void)
{
    int n = 0;
    while (metric_defs[n].name) n++;
    return n;
}
