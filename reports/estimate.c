/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/estimate.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "reports/metrics.h"

void estimate_of(const double *values, size_t n, struct estimate *e)
{
    double mean = 0, squares = 0;
    *e = (struct estimate){ NAN, NAN, NAN, NAN, 0 };
    for (size_t i = 0; i < n; i++) { /* Welford 1962, in the order of the replications */
        double delta = values[i] - mean;
        if (isnan(values[i])) return;
        mean += delta / (double)(i + 1);
        squares += delta * (values[i] - mean);
    }
    if (n == 0) return;
    e->mean = mean;
    e->n = (int32_t)n;
    e->least = e->most = values[0];
    for (size_t i = 1; i < n; i++) {
        e->least = fmin(e->least, values[i]);
        e->most = fmax(e->most, values[i]);
    }
    if (n > 1)
        e->half =
            gsl_cdf_tdist_Pinv(0.975, (double)n - 1) * sqrt(squares / (double)(n - 1) / (double)n);
}

enum verdict estimate_verdict(const struct estimate *e, double target, bool at_most)
{
    double half = isnan(e->half) ? 0 : e->half, low = e->mean - half, high = e->mean + half;
    if (e->n == 0) return VERDICT_NONE;
    if (at_most ? high <= target : low >= target) return VERDICT_MEETS;
    if (at_most ? low > target : high < target) return VERDICT_MISSES;
    return VERDICT_UNCLEAR;
}

static void judge_fleet(const struct report_data *d, struct report_fleet *f)
{
    f->overall = d->slo_n > 0 ? VERDICT_MEETS : VERDICT_NONE;
    for (int32_t s = 0; s < d->slo_n; s++) {
        f->verdict[s] = estimate_verdict(report_metric(f, d->slos[s].metric), d->slos[s].target,
                                         d->slos[s].at_most);
        if (f->verdict[s] == VERDICT_NONE)
            f->verdict[s] = VERDICT_UNCLEAR; /* no job ran: nothing says that it meets */
        if (f->verdict[s] == VERDICT_MISSES) f->overall = VERDICT_MISSES;
        else if (f->verdict[s] == VERDICT_UNCLEAR && f->overall == VERDICT_MEETS)
            f->overall = VERDICT_UNCLEAR;
    }
}

void report_judge(struct report_data *d, const double *values, size_t metrics)
{
    size_t cost = (size_t)metric_index(METRIC_COST_MONTH),
           finished = (size_t)metric_index(METRIC_JOBS_FINISHED), reps = (size_t)d->replications;
    d->pick = -1;
    for (int32_t f = 0; f < d->fleet_n; f++) {
        judge_fleet(d, &d->fleets[f]);
        /* A fleet that runs nothing is cheap, and no answer. */
        bool idle = d->jobs > 0 && d->fleets[f].metric[finished].n > 0 &&
                    !(d->fleets[f].metric[finished].mean > 0);
        bool may = d->fleets[f].metric[cost].n > 0 && !idle &&
                   (d->slo_n == 0 || d->fleets[f].overall == VERDICT_MEETS);
        if (may &&
            (d->pick < 0 || d->fleets[f].metric[cost].mean < d->fleets[d->pick].metric[cost].mean))
            d->pick = f;
    }
    d->pick_is_clear = d->pick >= 0;
    double *pair = malloc(reps * sizeof *pair);
    for (int32_t f = 0; pair && d->pick >= 0 && f < d->fleet_n; f++) {
        struct estimate e;
        if (f == d->pick || (d->slo_n > 0 && d->fleets[f].overall != VERDICT_MEETS)) continue;
        for (size_t r = 0; r < reps; r++)
            pair[r] = values[((size_t)f * metrics + cost) * reps + r] -
                      values[((size_t)d->pick * metrics + cost) * reps + r];
        estimate_of(pair, reps, &e);
        if (!(e.mean - (isnan(e.half) ? 0 : e.half) > 0)) d->pick_is_clear = false;
    }
    free(pair);
}
