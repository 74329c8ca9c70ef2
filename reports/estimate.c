/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/metrics.h"
#include "sim/control.h"
#include "sim/interval.h"
#include "sim/order.h"

void estimate_of(const double *values, size_t n, struct estimate *e)
{
    struct mean_interval of = interval_of_mean(values, n);
    *e = (struct estimate){ NAN, NAN, NAN, NAN, 0 };
    if (isnan(of.mean)) return;
    *e = (struct estimate){ of.mean, of.half, values[0], values[0], (int32_t)n };
    for (size_t i = 1; i < n; i++) {
        e->least = fmin(e->least, values[i]);
        e->most = fmax(e->most, values[i]);
    }
}

void estimate_over(const struct report_data *d, const double *values, size_t n, struct estimate *e)
{
    estimate_of(values, n, e);
    if (!d->antithetic || e->n == 0) return;
    struct mean_interval of = interval_of_pairs(values, n);
    e->mean = of.mean;
    e->half = of.half;
    e->n = (int32_t)(n / 2);
}

void estimate_controlled(const struct report_data *d, const double *values, const double *control,
                         size_t n, struct estimate *e)
{
    size_t each = d->antithetic ? 2 : 1, groups = n / each;
    double *y = malloc((2 * groups + 1) * sizeof *y), *x = y ? y + groups : NULL;
    *e = (struct estimate){ NAN, NAN, NAN, NAN, 0 };
    if (y && !isnan(d->known_gpu_hours) && groups >= 3) {
        for (size_t i = 0; i < groups; i++) { /* of a pair the means: they are independent */
            y[i] = (values[i * each] + values[i * each + each - 1]) / 2;
            x[i] = (control[i * each] + control[i * each + each - 1]) / 2;
        }
        struct mean_interval of = control_interval(y, x, groups, d->known_gpu_hours);
        if (!isnan(of.mean))
            *e = (struct estimate){ of.mean, of.half, of.mean, of.mean, (int32_t)groups };
    }
    free(y);
}

struct quantile_interval estimate_median(const struct report_data *d, double *values, size_t n)
{
    const struct quantile_interval none = { NAN, NAN, NAN };
    for (size_t i = 0; i < n; i++)
        if (isnan(values[i])) return none;
    if (d->antithetic) return none;
    qsort(values, n, sizeof *values, order_reals);
    return interval_of_quantile(values, n, 0.5);
}

enum verdict estimate_verdict(const struct estimate *e, double target, bool at_most)
{
    double half = isnan(e->half) ? 0 : e->half, low = e->mean - half, high = e->mean + half;
    if (e->n == 0) return VERDICT_NONE;
    if (e->n > 1 && isnan(e->half)) return VERDICT_UNCLEAR; /* it has none, and never will */
    if (at_most ? high <= target : low >= target) return VERDICT_MEETS;
    if (at_most ? low > target : high < target) return VERDICT_MISSES;
    return VERDICT_UNCLEAR;
}

const char *verdict_word(enum verdict verdict)
{
    static const char *const words[] = { [VERDICT_NONE] = "",
                                         [VERDICT_MEETS] = "meets",
                                         [VERDICT_MISSES] = "misses",
                                         [VERDICT_UNCLEAR] = "unclear" };
    return words[verdict];
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

const char *report_pick_metric(const struct report_data *d)
{
    return d->same_nodes ? METRIC_WAIT_P95 : METRIC_COST_MONTH;
}

/* The interval of fleet f's difference from fleet other. */
static void difference_of(const struct report_data *d, const double *values, size_t metrics,
                          size_t metric, int32_t f, int32_t other, double *pair, struct estimate *e)
{
    size_t reps = (size_t)d->replications;
    for (size_t r = 0; r < reps; r++)
        pair[r] = values[((size_t)f * metrics + metric) * reps + r] -
                  values[((size_t)other * metrics + metric) * reps + r];
    estimate_over(d, pair, reps, e);
    if ((d->fleets[f].tail_moment || d->fleets[other].tail_moment) && e->half > 0)
        e->half = INFINITY;
}

static void judge_metric(struct report_data *d, const double *values, size_t metrics, size_t m,
                         double *pair)
{
    double sign = strcmp(metric_defs[m].better, "higher") == 0 ? -1 : 1;
    int32_t best = -1;
    if (strcmp(metric_defs[m].better, "neither") == 0) return;
    for (int32_t f = 0; f < d->fleet_n; f++)
        if (d->fleets[f].metric[m].n > 0 && (best < 0 || sign * d->fleets[f].metric[m].mean <
                                                             sign * d->fleets[best].metric[m].mean))
            best = f;
    for (int32_t f = 0; best >= 0 && f < d->fleet_n; f++) {
        struct estimate e;
        if (d->fleets[f].metric[m].n == 0) continue;
        difference_of(d, values, metrics, m, f, best, pair, &e);
        d->fleets[f].standing[m] = d->fleets[f].metric[m].mean == d->fleets[best].metric[m].mean
                                       ? STANDING_BEST
                                   : e.n > 1 && sign * e.mean - e.half <= 0 ? STANDING_CLOSE
                                                                            : STANDING_WORSE;
    }
}

/* Whether f is to be picked before the one picked so far: by the metric, of equals by the mean
 * wait.
 */
static bool is_better(const struct report_data *d, int32_t f, const char *metric)
{
    if (d->pick < 0) return true;
    const struct report_fleet *a = &d->fleets[f], *b = &d->fleets[d->pick];
    double x = report_metric(a, metric)->mean, y = report_metric(b, metric)->mean;
    if (x != y || !d->same_nodes) return x < y;
    return report_metric(a, METRIC_WAIT_MEAN)->mean < report_metric(b, METRIC_WAIT_MEAN)->mean;
}

void report_judge(struct report_data *d, const double *values, size_t metrics)
{
    const char *by = report_pick_metric(d);
    size_t metric = (size_t)metric_index(by), reps = (size_t)d->replications;
    double *pair = malloc((reps + 1) * sizeof *pair);
    d->pick = -1;
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct estimate *finished = report_metric(&d->fleets[f], METRIC_JOBS_FINISHED);
        judge_fleet(d, &d->fleets[f]);
        /* A fleet that runs nothing is cheap, and no answer. */
        bool idle = d->jobs > 0 && finished->n > 0 && !(finished->mean > 0);
        bool may = d->fleets[f].metric[metric].n > 0 && !idle &&
                   (d->slo_n == 0 || d->fleets[f].overall == VERDICT_MEETS);
        if (may && is_better(d, f, by)) d->pick = f;
    }
    d->pick_is_clear = d->pick >= 0;
    for (int32_t f = 0; pair && d->pick >= 0 && f < d->fleet_n; f++) {
        struct estimate e;
        if (f == d->pick || (d->slo_n > 0 && d->fleets[f].overall != VERDICT_MEETS)) continue;
        difference_of(d, values, metrics, metric, f, d->pick, pair, &e);
        if (!(e.mean - (isnan(e.half) ? 0 : e.half) > 0)) d->pick_is_clear = false;
    }
    for (size_t m = 0; pair && m < metrics; m++) judge_metric(d, values, metrics, m, pair);
    free(pair);
}
