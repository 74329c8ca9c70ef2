/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics of a run: the words the results file, the report, --json and SLOs share. */
#ifndef REPORTS_METRICS_H
#define REPORTS_METRICS_H

struct metric_def {
    const char *name, *unit, *better, *description; /* better: "lower", "higher", "neither" */
};
/* Ended by a NULL name. */
extern const struct metric_def metric_defs[];
/* Position of a metric in metric_defs; -1 unknown. */
int metric_index(const char *name);
/* How many there are. */
int metric_count(void);

#define METRIC_COST_MONTH           "cost_usd_per_month"
#define METRIC_COST_TOTAL           "cost_usd"
#define METRIC_COST_USEFUL_GPU_HOUR "cost_usd_per_useful_gpu_hour"
#define METRIC_COST_IDLE_MONTH      "idle_usd_per_month"
#define METRIC_UTILIZATION          "utilization" /* busy / bought GPU time inside the books, 0..1 */
#define METRIC_IDLE                 "idle_share"  /* 1 - utilization */
#define METRIC_BOUGHT_GPU_HOURS     "bought_gpu_hours"
#define METRIC_BUSY_GPU_HOURS       "busy_gpu_hours"
#define METRIC_WAIT_MEAN            "mean_wait_s"
#define METRIC_WAIT_P50             "p50_wait_s"
#define METRIC_WAIT_P90             "p90_wait_s"
#define METRIC_WAIT_P95             "p95_wait_s"
#define METRIC_WAIT_P99             "p99_wait_s"
#define METRIC_WAIT_MAX             "max_wait_s"
#define METRIC_JCT_MEAN             "mean_jct_s"
#define METRIC_JCT_P50              "p50_jct_s"
#define METRIC_JCT_P95              "p95_jct_s"
#define METRIC_SLOWDOWN             "mean_bounded_slowdown"
#define METRIC_SLOWDOWN_P95         "p95_bounded_slowdown"
#define METRIC_FAIRNESS             "tenant_fairness"
#define METRIC_IDLE_WAITING         "gpu_hours_idle_while_waiting"
#define METRIC_MAKESPAN             "makespan_s"
#define METRIC_QUEUE_MEAN           "mean_queue_jobs"
#define METRIC_QUEUE_MAX            "max_queue_jobs"
#define METRIC_JOBS_FINISHED        "jobs_finished"
#define METRIC_JOBS_REJECTED        "jobs_rejected"
#define METRIC_BACKFILLED           "jobs_backfilled"
#define METRIC_SCATTERED            "jobs_scattered"
#define METRIC_PREEMPTIONS          "preemptions"
#define METRIC_GPU_HOURS_SCATTERED  "gpu_hours_scattered"
#define METRIC_GPU_HOURS_BESIDE     "gpu_hours_beside_others"
#define METRIC_OVER_RACKS           "jobs_over_racks"
#define METRIC_GANG_TIMEOUTS        "gang_timeouts"
#define METRIC_GPU_HOURS_HALF       "gpu_hours_half_placed"
#define METRIC_GPU_HOURS_LOST       "gpu_hours_lost"
#define METRIC_LOST_TO_PREEMPTION   "gpu_hours_lost_to_preemption"
#define METRIC_LOST_TO_FAILURE      "gpu_hours_lost_to_failure"
#define METRIC_GPU_HOURS_DOWN       "gpu_hours_down"
#define METRIC_NODE_FAILURES        "node_failures"
#define METRIC_JOB_FAILURES         "job_failures"
#define METRIC_LOST_TO_RECLAIM      "gpu_hours_lost_to_reclaim"
#define METRIC_NODE_RECLAIMS        "node_reclaims"
#define METRIC_JOB_RECLAIMS         "job_reclaims"
#define METRIC_EFFECTIVE            "effective_time_ratio"
#define METRIC_NODES_MEAN           "nodes_mean"
#define METRIC_NODES_MOST           "nodes_most"
#define METRIC_NODES_STARTED        "nodes_started"
#define METRIC_NODE_HOURS_BOOTING   "node_hours_booting"
#define METRIC_ENERGY_KWH           "energy_kwh"
#define METRIC_CO2_KG               "co2_kg"
#define METRIC_CO2_MONTH            "co2_kg_per_month"
#define METRIC_DEADLINES            "deadlines_met"
#define METRIC_PART(i)              "slo_part_" #i "_s" /* i from 1 to 8: targets of parts of the jobs */

#endif
