/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/stopping.h"

#include <stdlib.h>

#include "reports/metrics.h"

/* By precision_names. */
static const char *const metrics[PRECISION_N] = { METRIC_COST_MONTH, METRIC_UTILIZATION,
                                                  METRIC_WAIT_MEAN,  METRIC_WAIT_P50,
                                                  METRIC_WAIT_P90,   METRIC_WAIT_P95,
                                                  METRIC_WAIT_P99 };

static double share_of(const struct scenario *s, int figure)
{
    return (double)s->precision.share_ppm[figure] / 1e6;
}

const char *stopping_metric(int figure) { return metrics[figure]; }

struct mean_interval stopping_interval(const struct scenario *s, const double *values, size_t n)
{
    return s->antithetic ? interval_of_pairs(values, n) : interval_of_mean(values, n);
}

bool stopping_is_narrow(const struct scenario *s, int figure, const double *values, size_t n)
{
    return s->precision.share_ppm[figure] < 0 ||
           interval_is_within(stopping_interval(s, values, n), share_of(s, figure));
}

int32_t stopping_next(const struct scenario *s, int32_t done)
{
    int32_t n = s->precision.least;
    if (!s->precision.asked) return s->replications;
    while (n < done) n += s->precision.batch;
    return n < s->replications ? n : s->replications;
}

enum status stopping_look(const struct scenario *s, struct results *results, int32_t n,
                          bool *enough, struct error *err)
{
    enum status status = STATUS_OK;
    *enough = n >= s->replications;
    if (*enough) return STATUS_OK;
    double *values = malloc((size_t)s->fleet_n * (size_t)n * sizeof *values);
    if (!values) return error_set(err, STATUS_NO_MEMORY, "no memory for %d replications", n);
    *enough = true;
    for (int i = 0; i < PRECISION_N && *enough && status == STATUS_OK; i++) {
        if (s->precision.share_ppm[i] < 0) continue;
        status = results_values(results, metrics[i], s->fleet_n, n, values, err);
        for (int32_t f = 0; status == STATUS_OK && f < s->fleet_n; f++)
            *enough =
                *enough && stopping_is_narrow(s, i, values + (size_t)f * (size_t)n, (size_t)n);
    }
    free(values);
    return status;
}

enum status stopping_write(const struct scenario *s, struct results *results, struct error *err)
{
    enum status status = STATUS_OK;
    for (int i = 0; i < PRECISION_N && s->precision.asked && status == STATUS_OK; i++) {
        const struct results_precision row = { metrics[i], share_of(s, i), s->precision.least,
                                               s->replications, s->precision.batch };
        if (s->precision.share_ppm[i] >= 0) status = results_add_precision(results, &row, err);
    }
    return status;
}
