/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person asks of a trace first: how much work, in what sizes, by whom, how bursty, how many
 * GPUs it would keep busy.
 *
 * Definitions:
 *   quantile   nearest rank (sim/quantile.h): the smallest value with a share q of the jobs at or
 *              below it, so a value that occurred. Interpolating programs give up to one gap
 *              between neighbouring values more or less.
 *   GPU-hours  summed in integers (thousandths of a GPU x microseconds), divided once.
 *   gap        between two submissions that follow each other; its coefficient of variation has
 *              the standard deviation over all gaps (divided by n). Poisson arrivals: 1.
 *   hour       of the wall clock (UTC) where the trace has one, else of the trace's own time;
 *              counted are those from the first submission's to the last one's, the broken ones at
 *              the ends too.
 *   Fano       variance (divided by n) / mean of the hourly counts. Poisson arrivals: 1.
 *   lag 1      sample autocorrelation of the hourly counts: products of neighbours' deviations over
 *              the squares of all.
 *   load       GPUs in use at infinite capacity, as if every job started when it was submitted. An
 *              exact sweep over all starts and ends; no scheduler. Its mean and quantiles are over
 *              the time from the first submission to the last end of the jobs that hold GPUs.
 *   offered    GPU time / the time from first to last submission: what a fleet must get done each
 *   load       second not to fall behind. More than the mean of the load, whose window is longer.
 *
 * Cost: O(n log n) time, O(n) memory. 10 million jobs take some seconds and about a gigabyte.
 */
#ifndef MODELS_WORKLOAD_STATS_H
#define MODELS_WORKLOAD_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "models/workload/gpu_class.h"
#include "models/workload/workload.h"
#include "sim/status.h"

enum { STATS_COUNT_MAX = 64, STATS_QUANTILE_N = 5, STATS_TOP_MAX = 10, STATS_SPAN_N = 8 };
extern const double stats_quantile_p[STATS_QUANTILE_N]; /* 50, 90, 95, 99, 100 % */

struct stats_runs { /* of some of the jobs */
    int64_t jobs;
    double gpu_hours, run_mean_s;
    int64_t run_us[STATS_QUANTILE_N]; /* run times at stats_quantile_p */
};

struct stats_count { /* the jobs of one GPU count */
    int32_t gpu_milli;
    struct stats_runs of;
};

struct stats_share {
    int64_t jobs;
    double gpu_hours;
};
/* Run times in spans: below this many seconds, the last one without end; and "1-10 min". */
extern const int64_t stats_span_most_s[STATS_SPAN_N];
extern const char *const stats_span_name[STATS_SPAN_N];

struct stats_name {
    uint32_t name; /* number in the workload's table; 0: not given */
    int64_t jobs;
    double gpu_hours;
};

struct stats_names { /* of tenants, users ... */
    uint32_t n;      /* how many there are, "not given" among them */
    int top_n;       /* largest by GPU-hours first */
    struct stats_name top[STATS_TOP_MAX];
};

struct workload_stats {
    struct stats_runs all;
    int64_t first_us, span_us; /* first submission; from there to the last */
    int64_t cpu_jobs, fractional_jobs, with_limit, with_start, zero_runs;
    int64_t status[JOB_STATUS_N];
    double top_share; /* of the GPU time, held by the hundredth of the jobs that hold most */

    int count_n; /* by GPU count, rising; the most frequent ones where there are too many */
    struct stats_count counts[STATS_COUNT_MAX];
    int64_t count_rest; /* jobs of the GPU counts left out */
    struct stats_runs sizes[CLASS_N];
    struct stats_share spans[STATS_SPAN_N]; /* by run time */

    struct stats_names tenants, users, queues, classes, gpu_types;

    /* Arrivals */
    double gap_mean_s, gap_cv, zero_gaps; /* zero_gaps: share of gaps of nothing */
    int64_t hour0_us;                     /* where the first hour begins, may be before 0 */
    size_t hour_n;
    int64_t *hourly; /* jobs submitted in each hour, owned */
    double hourly_mean, hourly_fano, hourly_lag1, empty_hours;
    int64_t busiest_hour; /* jobs in the first of the busiest hours */
    int64_t busiest_hour_us;
    /* Jobs an hour at each hour of the day / their mean over the hours of the day; UTC, or from
     * second 0 of the trace. All 0 in traces of less than a day. */
    double hour_of_day[24];
    /* The mean of the 24 such weights of each day, by hour of the week, from Monday; all 0 where
     * the trace has no clock or is shorter than a week. */
    double day_of_week[7];

    /* Load, in GPUs */
    double load_offered, load_mean, load_p50, load_p95, load_p99, load_peak;
    int64_t load_peak_us; /* when it first reaches the peak */
    /* The step function itself, owned: load_milli[i] thousandths from load_us[i] on; ends at 0. */
    size_t load_n;
    int64_t *load_us, *load_milli;

    /* Waits of the jobs with a recorded start at or after their submission. */
    int64_t wait_n;
    double wait_mean_s;
    int64_t wait_us[STATS_QUANTILE_N];
};

enum status workload_stats_of(const struct workload *w, struct workload_stats *stats,
                              struct error *err);
void workload_stats_free(struct workload_stats *stats);

#endif
