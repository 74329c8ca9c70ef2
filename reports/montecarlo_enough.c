/* SPDX-License-Identifier: Apache-2.0 */
/* How many replications are enough: what a study measured, as a table of numbers by figures. */
#include <stdlib.h>
#include <string.h>

#include "reports/montecarlo_data.h"
#include "sim/order.h"

const char *montecarlo_precision_title(const char *metric)
{
    int m = montecarlo_metric_index(metric);
    if (m >= 0) return montecarlo_metrics[m].title;
    return strcmp(metric, "value_at_risk_95") == 0 ? "Value at risk, 95%" : metric;
}

int montecarlo_enough_metrics(const struct montecarlo_data *d,
                              const char *metrics[MONTECARLO_ENOUGH_METRICS])
{
    int n = 0;
    for (int32_t i = 0; i < d->precision_n && n < MONTECARLO_ENOUGH_METRICS; i++)
        if (n == 0 || strcmp(metrics[n - 1], d->precisions[i].metric) != 0)
            metrics[n++] = d->precisions[i].metric;
    return n;
}

int montecarlo_enough_numbers(const struct montecarlo_data *d,
                              int64_t numbers[MONTECARLO_ENOUGH_NUMBERS])
{
    int n = 0;
    for (int32_t i = 0; i < d->precision_n; i++) {
        int64_t of = d->precisions[i].replications;
        bool known = false;
        for (int k = 0; k < n; k++) known |= numbers[k] == of;
        if (known) continue;
        if (n < MONTECARLO_ENOUGH_NUMBERS) numbers[n++] = of;
        else if (of > numbers[0]) numbers[0] = of;
        qsort(numbers, (size_t)n, sizeof *numbers, order_integers);
    }
    return n;
}

const struct montecarlo_precision *montecarlo_enough_at(const struct montecarlo_data *d,
                                                        const char *metric, int64_t replications)
{
    for (int32_t i = 0; i < d->precision_n; i++)
        if (d->precisions[i].replications == replications &&
            strcmp(d->precisions[i].metric, metric) == 0)
            return &d->precisions[i];
    return NULL;
}

struct format_text montecarlo_enough_text(const struct montecarlo_precision *p)
{
    struct format_text t;
    double percent = 100 * p->half_share;
    if (percent > 0 && percent < 1)
        snprintf(t.s, sizeof t.s, "%.*f%%", percent < 0.1 ? 3 : 2, percent);
    else t = format_percent(p->half_share);
    if (!p->is_measured) strcat(t.s, "*");
    return t;
}
