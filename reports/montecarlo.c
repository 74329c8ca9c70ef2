/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/montecarlo.h"

#include <string.h>

const struct montecarlo_metric montecarlo_metrics[] = {
    { MONTECARLO_COST_YEAR, "USD/year", "lower", "Cost per year",
      "a year's bill, the mean of the years of the span" },
    { MONTECARLO_COST_MONTH, "USD/month", "lower", "Cost per month",
      "a month's bill, the mean of the months of the span" },
    { MONTECARLO_WAIT_P50, "s", "lower", "p50 wait",
      "median wait of the jobs, first come, first served" },
    { MONTECARLO_WAIT_P95, "s", "lower", "p95 wait", "wait that 95 % of the jobs do not exceed" },
    { MONTECARLO_WAIT_P99, "s", "lower", "p99 wait", "wait that 99 % of the jobs do not exceed" },
    { MONTECARLO_BACKLOG_END, "GPU-hours", "lower", "Backlog at the end",
      "work that waits when the span ends" },
    { MONTECARLO_DEADLINE_MISSED, "share", "lower", "Deadlines missed",
      "hours whose work waited past the deadline, of all hours" },
    { MONTECARLO_DELAY, "s", "lower", "Delay",
      "how much later than at once a GPU-hour of work is done, on the mean" },
    { MONTECARLO_UNSERVED, "GPU-hours", "lower", "Unserved",
      "work that was never done within the span" },
    { MONTECARLO_UTILIZATION, "share", "higher", "Utilization",
      "GPU time held by jobs, of that bought" },
    { NULL, NULL, NULL, NULL, NULL },
};

const double montecarlo_shares[MONTECARLO_SHARE_N] = { 0.005, 0.01, 0.025, 0.05, 0.1,  0.2,  0.25,
                                                       0.3,   0.4,  0.5,   0.6,  0.7,  0.75, 0.8,
                                                       0.9,   0.95, 0.975, 0.99, 0.995 };
const double montecarlo_fan_shares[MONTECARLO_FAN_SHARE_N] = { 0.05, 0.25, 0.5, 0.75, 0.95 };

int montecarlo_metric_index(const char *name)
{
    for (int i = 0; i < MONTECARLO_METRIC_N; i++)
        if (strcmp(montecarlo_metrics[i].name, name) == 0) return i;
    return -1;
}

enum montecarlo_verdict montecarlo_verdict(double probability, double low, double high,
                                           double tolerance)
{
    if (!(tolerance >= 0)) return MONTECARLO_NO_TARGET;
    if (high <= tolerance || (tolerance <= 0 && probability <= 0)) return MONTECARLO_MEETS;
    return low > tolerance ? MONTECARLO_MISSES : MONTECARLO_UNCLEAR;
}
