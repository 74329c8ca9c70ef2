/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person asks of a trace first.
 *
 * Load is at infinite capacity: as if every job started when it was submitted. It is exact, by a
 * sweep over all starts and ends, and needs no scheduler.
 */
#ifndef MODELS_WORKLOAD_STATS_H
#define MODELS_WORKLOAD_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "models/workload/workload.h"
#include "sim/status.h"

enum { STATS_CLASS_MAX = 64, STATS_QUANTILE_N = 5, STATS_TENANT_MAX = 10 };
extern const double stats_quantile_p[STATS_QUANTILE_N]; /* 50, 90, 95, 99, 100 % */

struct stats_class { /* the jobs of one GPU count */
    int32_t gpu_milli;
    int64_t jobs;
    double gpu_hours;
    int64_t run_us[STATS_QUANTILE_N];
};

struct stats_tenant {
    uint32_t tenant;
    int64_t jobs;
    double gpu_hours;
};

struct load_point {
    int64_t time_us;
    int64_t gpu_milli;
}; /* GPUs in use from time_us on */

struct workload_stats {
    int64_t jobs;
    double span_s, gpu_hours;
    int64_t cpu_jobs, fractional_jobs, with_limit, with_start, zero_runs;
    int64_t status[JOB_STATUS_N];
    int class_n; /* by GPU count, rising; classes beyond the table are in class_rest */
    struct stats_class classes[STATS_CLASS_MAX];
    int64_t class_rest;
    int tenant_n;     /* largest by GPU-hours first */
    uint32_t tenants; /* how many there are */
    struct stats_tenant top[STATS_TENANT_MAX];
    /* Arrivals: coefficient of variation of gaps, share of gaps of zero, variance / mean of hourly
     * counts, correlation of one hour's count with the next, most jobs in an hour. */
    double gap_cv, zero_gaps, hourly_fano, hourly_lag1;
    int64_t busiest_hour;
    /* Load: time mean over [first submit, last end], p50, p95 by time, peak. In GPUs. */
    double load_mean, load_p50, load_p95, load_peak;
    struct load_point *load; /* the step function itself, owned */
    size_t load_n;
};

enum status workload_stats_of(const struct workload *w, struct workload_stats *stats,
                              struct error *err);
void workload_stats_free(struct workload_stats *stats);

#endif
