/* SPDX-License-Identifier: Apache-2.0 */
#include "models/autoscaling/hour_of_week.h"

#include <gsl/gsl_statistics_double.h>
#include <stddef.h>

#include "models/workload/workload.h"

#define WEEK_US (168 * US_PER_HOUR)

static double peak_of(const double *y, int64_t n)
{
    double peak = y[0];
    for (int64_t i = 1; i < n; i++)
        if (y[i] > peak) peak = y[i];
    return peak;
}

/* Linear between the two nearest ranks, as gsl_stats_quantile_from_sorted_data has it: two of the
 * values in order are wanted, not all. */
static double quantile_of(double *y, size_t n, double quantile)
{
    double at = quantile * (double)(n - 1);
    size_t low = (size_t)at;
    double value = gsl_stats_select(y, 1, n, low), over = at - (double)low;
    return low == n - 1 ? value : (1 - over) * value + over * gsl_stats_select(y, 1, n, low + 1);
}

int64_t hour_of_week_windows(const struct hour_of_week *rule, int64_t past_n)
{
    return (past_n / (WEEK_US / rule->period_us) + 1) * (US_PER_HOUR / rule->period_us);
}

double hour_of_week_ahead(const struct hour_of_week *rule, const struct past *past, double *scratch)
{
    int64_t next = past->first + past->n, week = WEEK_US / rule->period_us;
    int64_t hour = US_PER_HOUR / rule->period_us;
    int64_t into_hour = (rule->into_us + next * rule->period_us) % US_PER_HOUR / rule->period_us;
    size_t found = 0;
    for (int64_t from = next - into_hour - week; from + hour > past->first; from -= week)
        for (int64_t k = from; k < from + hour; k++)
            if (k >= past->first)
                scratch[found++] = peak_of(past->y + (k - past->first), rule->horizon);
    return found == 0 ? -1 : quantile_of(scratch, found, rule->quantile);
}
