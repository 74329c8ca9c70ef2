/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/study_write.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/montecarlo/fleet_year_tally.h"
#include "reports/format.h"
#include "scenarios/units.h"
#include "sim/interval.h"
#include "sim/order.h"
#include "sim/quantile.h"
#include "tools/runner.h"

#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum status status_ = (call);                                                              \
        if (status_ != STATUS_OK) return status_;                                                  \
    } while (0)

/* Candidates whose bills are told by month, beside the baseline; in so many futures at most. */
enum { FANS = 8, FAN_FUTURES = 16384, EXCEEDANCE_POINTS = 200, CONTROLS = STUDY_CONTROL_N };

static const double VALUE_AT_RISK = 0.95;
/* Work that is behind in more of the hours than this misses the deadline: as of a p95. */
static const float LATE_SHARE = 0.05f;

/* The targets, in the order of their numbers. */
enum risk { RISK_BUDGET, RISK_DEADLINE, RISK_WAIT, RISK_N };

/* Room for one candidate's values, in the order of futures and sorted. */
struct desk {
    const struct study *study;
    size_t n;
    double *values, *sorted, *pairs;
    double *least;     /* by future, the cheapest of those that may be chosen */
    double *mean;      /* [candidates] cost */
    bool *meets;       /* [candidates] */
    int64_t *cheapest; /* [candidates] futures in which it is that */
};

static void sort_values(struct desk *d, size_t n)
{
    memcpy(d->sorted, d->values, n * sizeof *d->sorted);
    qsort(d->sorted, n, sizeof *d->sorted, order_reals);
}

static void take_cost(struct desk *d, size_t c)
{
    for (size_t i = 0; i < d->n; i++)
        d->values[i] = (double)d->study->values[c].cost_usd_micro[i] / 1e6;
}

static struct mean_interval mean_of(const struct desk *d, const double *values, size_t n)
{
    return d->study->scenario->antithetic ? interval_of_pairs(values, n)
                                          : interval_of_mean(values, n);
}

static enum status write_distribution(struct montecarlo_file *out, struct desk *d, size_t c,
                                      const char *metric, double scale, size_t n, struct error *err)
{
    double at[MONTECARLO_SHARE_N];
    for (int i = 0; i < MONTECARLO_SHARE_N; i++)
        at[i] = scale * quantile_sorted(d->sorted, n, montecarlo_shares[i]);
    return montecarlo_add_distribution(out, (int32_t)c, metric, montecarlo_shares, at,
                                       MONTECARLO_SHARE_N, err);
}

static enum status write_metric(struct montecarlo_file *out, struct desk *d, size_t c,
                                const char *metric, size_t n, bool paired, struct error *err)
{
    struct mean_interval of = paired ? mean_of(d, d->values, n) : interval_of_mean(d->values, n);
    bool pairs = paired && d->study->scenario->antithetic;
    sort_values(d, n);
    TRY(montecarlo_add_estimate(
        out,
        &(struct montecarlo_estimate){ (int32_t)c, metric, of.mean, of.half, (int64_t)n,
                                       pairs ? "Student t, of means of pairs" : "Student t" },
        err));
    return write_distribution(out, d, c, metric, 1, n, err);
}

static enum status write_floats(struct montecarlo_file *out, struct desk *d, size_t c,
                                const char *metric, const float *values, struct error *err)
{
    for (size_t i = 0; i < d->n; i++) d->values[i] = (double)values[i];
    return write_metric(out, d, c, metric, d->n, true, err);
}

/* ---- cost ---- */

/* Expected shortfall: the mean of the worst 1 - share of futures, of the one at the edge as much as
 * belongs there (Rockafellar and Uryasev 2002, eq. 25). */
static double shortfall(const double *sorted, size_t n, double share)
{
    size_t k = quantile_rank(share, n);
    double sum = ((double)k - share * (double)n) * sorted[k - 1];
    for (size_t i = k; i < n; i++) sum += sorted[i];
    return fmax(sum / ((1 - share) * (double)n), sorted[k - 1]); /* but for rounding */
}

static enum status write_exceedance(struct montecarlo_file *out, const struct desk *d, size_t c,
                                    struct error *err)
{
    double usd[EXCEEDANCE_POINTS], chance[EXCEEDANCE_POINTS];
    size_t points = 0;
    for (size_t i = 0; i < EXCEEDANCE_POINTS; i++) {
        size_t at = i * (d->n - 1) / (EXCEEDANCE_POINTS - 1);
        while (at + 1 < d->n && d->sorted[at + 1] == d->sorted[at]) at++;
        if (points && d->sorted[at] == usd[points - 1]) continue;
        usd[points] = d->sorted[at];
        chance[points++] = (double)(d->n - 1 - at) / (double)d->n;
    }
    return montecarlo_add_exceedance(out, (int32_t)c, usd, chance, points, err);
}

/* The mean bill with what is known of the futures taken off: the growth, the level, the reclaims,
 * the prices and the demand that chance gave them. */
static enum status write_mean_cost(struct montecarlo_file *out, const struct desk *d, size_t c,
                                   struct error *err)
{
    const struct study *st = d->study;
    const int64_t *cost = st->values[c].cost_usd_micro;
    bool pairs = st->scenario->antithetic;
    struct fleet_year_controls controls;
    char method[80];
    fleet_year_controls_init(&controls, fleet_year_axis_of(cost, d->n),
                             st->worlds[st->candidates.items[c].of].hours);
    for (size_t i = 0; i < d->n; i += pairs ? 2 : 1) {
        int64_t fields[2][FLEET_YEAR_FIELDS] = { { 0 } };
        for (int r = 0; r <= pairs; r++) {
            fields[r][FLEET_YEAR_COST] = cost[i + (size_t)r];
            for (int k = 0; k < CONTROLS; k++)
                fields[r][FLEET_YEAR_Z_GROWTH + k] = st->control[k][i + (size_t)r];
        }
        fleet_year_controls_add(&controls, fields[0], pairs ? fields[1] : NULL);
    }
    struct fleet_year_mean mean = fleet_year_mean_of(&controls);
    size_t units = pairs ? d->n / 2 : d->n;
    double free = (double)(units - 1 - CONTROLS);
    snprintf(method, sizeof method, "Student t with %d control variates%s", CONTROLS,
             pairs ? ", of means of pairs" : "");
    return montecarlo_add_estimate(
        out,
        &(struct montecarlo_estimate){ (int32_t)c, MONTECARLO_COST_YEAR, mean.mean / 1e6,
                                       gsl_cdf_tdist_Pinv(0.975, free) * mean.error / 1e6,
                                       (int64_t)d->n, method },
        err);
}

static enum status write_cost(struct montecarlo_file *out, struct desk *d, size_t c,
                              struct error *err)
{
    take_cost(d, c);
    sort_values(d, d->n);
    TRY(write_mean_cost(out, d, c, err));
    TRY(write_distribution(out, d, c, MONTECARLO_COST_YEAR, 1, d->n, err));
    TRY(write_distribution(out, d, c, MONTECARLO_COST_MONTH, 1.0 / 12, d->n, err));
    TRY(write_exceedance(out, d, c, err));
    struct quantile_interval q = interval_of_quantile(d->sorted, d->n, VALUE_AT_RISK);
    return montecarlo_add_value_at_risk(
        out,
        &(struct montecarlo_value_at_risk){ (int32_t)c, VALUE_AT_RISK, q.value, q.low, q.high,
                                            shortfall(d->sorted, d->n, VALUE_AT_RISK) },
        err);
}

/* ---- chances ---- */

static double yearly_budget(const struct scenario *s)
{
    return s->slo.budget_usd_micro_per_month < 0
               ? NAN
               : (double)s->slo.budget_usd_micro_per_month * 12 / 1e6;
}

static double wait_target(const struct scenario *s)
{
    return s->slo.wait_us[2] < 0 ? NAN : (double)s->slo.wait_us[2] / 1e6;
}

/* In how many of how many futures; n = 0: nothing is known. */
static void count_misses(const struct desk *d, size_t c, enum risk risk, size_t *hits, size_t *n)
{
    const struct scenario *s = d->study->scenario;
    const struct study_values *v = &d->study->values[c];
    const struct study_waits *w = &d->study->waits[c];
    double budget = yearly_budget(s), wait = wait_target(s);
    *hits = 0;
    *n = d->n;
    if (risk == RISK_BUDGET)
        for (size_t i = 0; i < d->n; i++) *hits += (double)v->cost_usd_micro[i] / 1e6 > budget;
    else if (risk == RISK_DEADLINE)
        for (size_t i = 0; i < d->n; i++) *hits += v->late[i] > LATE_SHARE;
    else {
        *n = w->n;
        for (size_t i = 0; i < w->n; i++) *hits += w->wait_s[1][i] > wait;
    }
}

static bool has_risk(const struct study *st, enum risk risk)
{
    if (risk == RISK_BUDGET) return !isnan(yearly_budget(st->scenario));
    return risk == RISK_DEADLINE || !isnan(wait_target(st->scenario));
}

static enum status write_risk_defs(struct montecarlo_file *out, const struct study *st,
                                   struct error *err)
{
    const struct montecarlo_spec *m = &st->scenario->montecarlo;
    char label[160], text[64];
    for (enum risk r = 0; r < RISK_N; r++) {
        if (!has_risk(st, r)) continue;
        if (r == RISK_BUDGET)
            snprintf(label, sizeof label, "a yearly bill over %s",
                     format_usd(yearly_budget(st->scenario)).s);
        else {
            duration_write(r == RISK_WAIT ? st->scenario->slo.wait_us[2] : m->deadline_us, text,
                           sizeof text);
            if (r == RISK_WAIT) snprintf(label, sizeof label, "a p95 wait of more than %s", text);
            else
                snprintf(label, sizeof label,
                         "work that is more than %s behind in over 5%% of the hours", text);
        }
        static const char *const names[RISK_N] = { MONTECARLO_OVER_BUDGET, "too late",
                                                   "late starts" };
        TRY(montecarlo_add_risk_def(out,
                                    &(struct montecarlo_risk_def){ (int32_t)r, names[r], label,
                                                                   (double)m->tolerance_ppm / 1e6 },
                                    err));
    }
    return STATUS_OK;
}

/* meets[c]: every target is met for sure, as readers of the file find it: not where one is not
 * known. A fleet that is overloaded misses the waits. */
static enum status write_risks(struct montecarlo_file *out, struct desk *d, size_t c,
                               struct error *err)
{
    double tolerance = (double)d->study->scenario->montecarlo.tolerance_ppm / 1e6;
    d->meets[c] = true;
    for (enum risk r = 0; r < RISK_N; r++) {
        size_t hits, n;
        if (!has_risk(d->study, r)) continue;
        count_misses(d, c, r, &hits, &n);
        if (r == RISK_WAIT && d->study->waits[c].is_overloaded) hits = n = 1;
        if (n == 0) {
            d->meets[c] = false;
            continue;
        }
        struct range_interval of = interval_of_proportion(hits, n);
        double chance = (double)hits / (double)n;
        if (montecarlo_verdict(chance, of.low, of.high, tolerance) != MONTECARLO_MEETS)
            d->meets[c] = false;
        TRY(montecarlo_add_risk(out,
                                &(struct montecarlo_risk){ (int32_t)c, (int32_t)r, chance, of.low,
                                                           of.high, (int64_t)n, "Wilson" },
                                err));
    }
    return STATUS_OK;
}

/* ---- regret ---- */

/* The cheapest in each future, of those that meet the targets, or of all where none does. */
static void find_least(struct desk *d, size_t *best)
{
    const struct study *st = d->study;
    bool any = false;
    for (size_t c = 0; c < st->candidates.n; c++) any |= d->meets[c];
    *best = SIZE_MAX;
    for (size_t i = 0; i < d->n; i++) {
        size_t least = SIZE_MAX;
        for (size_t c = 0; c < st->candidates.n; c++)
            if ((d->meets[c] || !any) &&
                (least == SIZE_MAX ||
                 st->values[c].cost_usd_micro[i] < st->values[least].cost_usd_micro[i]))
                least = c;
        d->cheapest[least]++;
        d->least[i] = (double)st->values[least].cost_usd_micro[i] / 1e6;
    }
    for (size_t c = 0; c < st->candidates.n; c++)
        if ((d->meets[c] || !any) && (*best == SIZE_MAX || d->mean[c] < d->mean[*best])) *best = c;
}

static struct mean_interval difference(struct desk *d, size_t c, size_t other)
{
    const int64_t *a = d->study->values[c].cost_usd_micro,
                  *b = d->study->values[other].cost_usd_micro;
    for (size_t i = 0; i < d->n; i++) d->pairs[i] = (double)(a[i] - b[i]) / 1e6;
    struct mean_interval of = mean_of(d, d->pairs, d->n);
    if (c == other) of.half = 0;
    return of;
}

static enum status write_regret(struct montecarlo_file *out, struct desk *d, size_t c, size_t best,
                                struct error *err)
{
    double sum = 0;
    take_cost(d, c);
    for (size_t i = 0; i < d->n; i++) sum += d->values[i] = fmax(d->values[i] - d->least[i], 0);
    sort_values(d, d->n);
    struct mean_interval from_best = difference(d, c, best),
                         from_baseline = difference(d, c, d->study->candidates.baseline);
    return montecarlo_add_regret(
        out,
        &(struct montecarlo_regret){ (int32_t)c, sum / (double)d->n,
                                     quantile_sorted(d->sorted, d->n, 0.95), d->sorted[d->n - 1],
                                     (double)d->cheapest[c] / (double)d->n, from_best.mean,
                                     from_best.half, from_baseline.mean, from_baseline.half },
        err);
}

/* ---- by month, and how many are enough ---- */

static enum status write_fan(struct montecarlo_file *out, struct desk *d, size_t c,
                             struct engine *engine, struct error *err)
{
    uint32_t n = d->n < FAN_FUTURES ? (uint32_t)d->n : FAN_FUTURES;
    int32_t months = 12 * d->study->scenario->montecarlo.years;
    int64_t *usd = malloc((size_t)months * n * sizeof *usd);
    enum status status = usd ? study_months(d->study, engine, c, n, usd, err)
                             : error_set(err, STATUS_NO_MEMORY, "no memory for bills by month");
    for (int32_t m = 0; m < months && status == STATUS_OK; m++) {
        double at[MONTECARLO_FAN_SHARE_N];
        for (uint32_t i = 0; i < n; i++) d->values[i] = (double)usd[(size_t)m * n + i] / 1e6;
        sort_values(d, n);
        for (int i = 0; i < MONTECARLO_FAN_SHARE_N; i++)
            at[i] = quantile_sorted(d->sorted, n, montecarlo_fan_shares[i]);
        status = montecarlo_add_fan(out, (int32_t)c, m, montecarlo_fan_shares, at,
                                    MONTECARLO_FAN_SHARE_N, err);
    }
    free(usd);
    return status;
}

/* The cheapest by their means among those that meet, then among all; and the baseline. */
static enum status write_fans(struct montecarlo_file *out, struct desk *d, struct engine *engine,
                              struct error *err)
{
    size_t all = d->study->candidates.n;
    bool *done = calloc(all, sizeof *done);
    enum status status = done ? write_fan(out, d, d->study->candidates.baseline, engine, err)
                              : error_set(err, STATUS_NO_MEMORY, "no memory for fans");
    if (done) done[d->study->candidates.baseline] = true;
    for (int i = 0; i < FANS && status == STATUS_OK; i++) {
        size_t best = SIZE_MAX;
        for (size_t c = 0; c < all; c++)
            if (!done[c] && (best == SIZE_MAX || d->meets[c] > d->meets[best] ||
                             (d->meets[c] == d->meets[best] && d->mean[c] < d->mean[best])))
                best = c;
        if (best == SIZE_MAX) break;
        done[best] = true;
        status = write_fan(out, d, best, engine, err);
    }
    free(done);
    return status;
}

static enum status write_enough(struct montecarlo_file *out, struct desk *d, size_t best,
                                struct error *err)
{
    static const char *const metrics[] = { MONTECARLO_COST_YEAR, "value_at_risk_95" };
    double last[2] = { NAN, NAN };
    size_t n = 64;
    for (;; n = n * 2 < d->n || n == d->n ? n * 2 : d->n) {
        take_cost(d, best);
        struct mean_interval mean = mean_of(d, d->values, n);
        sort_values(d, n);
        struct quantile_interval q = interval_of_quantile(d->sorted, n, VALUE_AT_RISK);
        double half[2] = { mean.half / mean.mean, (q.high - q.low) / 2 / q.value };
        for (int i = 0; i < 2; i++) {
            if (isnan(half[i])) continue;
            last[i] = half[i];
            TRY(montecarlo_add_enough(
                out, &(struct montecarlo_enough){ metrics[i], (int64_t)n, half[i], true }, err));
        }
        if (n >= d->n) break;
    }
    for (int more = 1; more <= 2; more++)
        for (int i = 0; i < 2; i++)
            if (!isnan(last[i]))
                TRY(montecarlo_add_enough(
                    out,
                    &(struct montecarlo_enough){ metrics[i], (int64_t)n << 2 * more,
                                                 last[i] / (1 << more), false },
                    err));
    return STATUS_OK;
}

/* ---- all of it ---- */

static enum status write_candidate(struct montecarlo_file *out, struct desk *d, size_t c,
                                   struct error *err)
{
    const struct study *st = d->study;
    const struct candidate *of = &st->candidates.items[c];
    static const char *const waits[STUDY_WAIT_N] = { MONTECARLO_WAIT_P50, MONTECARLO_WAIT_P95,
                                                     MONTECARLO_WAIT_P99 };
    char *summary = fleet_summary(&of->fleet);
    if (!summary) return error_set(err, STATUS_NO_MEMORY, "no memory for a summary");
    enum status status = montecarlo_add_candidate(
        out,
        &(struct montecarlo_candidate){ (int32_t)c, of->name, st->scenario->fleets[of->of].name,
                                        summary, fleet_spec_most_gpus(&of->fleet),
                                        c == st->candidates.baseline },
        err);
    free(summary);
    TRY(status);
    TRY(write_cost(out, d, c, err));
    d->mean[c] = 0;
    for (size_t i = 0; i < d->n; i++)
        d->mean[c] += (double)st->values[c].cost_usd_micro[i] / 1e6 / (double)d->n;
    TRY(write_floats(out, d, c, MONTECARLO_DEADLINE_MISSED, st->values[c].late, err));
    TRY(write_floats(out, d, c, MONTECARLO_DELAY, st->values[c].delay_s, err));
    TRY(write_floats(out, d, c, MONTECARLO_BACKLOG_END, st->values[c].backlog_gpu_h, err));
    TRY(write_floats(out, d, c, MONTECARLO_UNSERVED, st->values[c].unserved_gpu_h, err));
    TRY(write_floats(out, d, c, MONTECARLO_UTILIZATION, st->values[c].utilization, err));
    for (int i = 0; i < STUDY_WAIT_N && st->waits[c].n > 0; i++) {
        memcpy(d->values, st->waits[c].wait_s[i], st->waits[c].n * sizeof *d->values);
        TRY(write_metric(out, d, c, waits[i], st->waits[c].n, false, err));
    }
    return write_risks(out, d, c, err);
}

/* One line a fleet and figure: what the simulation of each job says, what the model says. */
static enum status write_calibrations(struct montecarlo_file *out, const struct study *st,
                                      struct error *err)
{
    const struct scenario *s = st->scenario;
    for (int32_t f = 0; f < s->fleet_n; f++) {
        const struct fleet_year_figures *a = &st->errors[f].simulated, *b = &st->errors[f].modelled;
        double hours = st->fits[f].outlook.hours;
        const struct {
            const char *metric;
            double simulated, modelled;
        } rows[] = {
            { MONTECARLO_COST_MONTH, a->usd * 730 / hours, b->usd * 730 / hours },
            { MONTECARLO_UTILIZATION, a->busy_gpu_hours / a->bought_gpu_hours,
              b->busy_gpu_hours / b->bought_gpu_hours },
            { MONTECARLO_DELAY, a->delay_hours * 3600, b->delay_hours * 3600 },
        };
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            double error = rows[i].simulated > 0 ? rows[i].modelled / rows[i].simulated - 1 : NAN;
            TRY(montecarlo_add_calibration(
                out,
                &(struct montecarlo_calibration){ s->fleets[f].name, rows[i].metric,
                                                  rows[i].simulated, rows[i].modelled, error },
                err));
        }
    }
    return STATUS_OK;
}

enum status study_write(struct montecarlo_file *out, const struct study *st, struct engine *engine,
                        struct error *err)
{
    size_t n = st->futures, all = st->candidates.n, best = 0;
    size_t room = n > STUDY_WAITS_MOST ? n : STUDY_WAITS_MOST;
    struct desk d = { .study = st, .n = n };
    enum status status = STATUS_OK;
    d.values = malloc(room * sizeof *d.values);
    d.sorted = malloc(room * sizeof *d.sorted);
    d.pairs = malloc(n * sizeof *d.pairs);
    d.least = malloc(n * sizeof *d.least);
    d.mean = calloc(all, sizeof *d.mean);
    d.meets = calloc(all, sizeof *d.meets);
    d.cheapest = calloc(all, sizeof *d.cheapest);
    if (!d.values || !d.sorted || !d.pairs || !d.least || !d.mean || !d.meets || !d.cheapest)
        status = error_set(err, STATUS_NO_MEMORY, "no memory for a study of %zu futures", n);
    if (!status) status = write_risk_defs(out, st, err);
    for (size_t c = 0; c < all && !status; c++) status = write_candidate(out, &d, c, err);
    if (!status) find_least(&d, &best);
    for (size_t c = 0; c < all && !status; c++) status = write_regret(out, &d, c, best, err);
    if (!status) status = write_fans(out, &d, engine, err);
    if (!status) status = write_enough(out, &d, best, err);
    if (!status) status = write_calibrations(out, st, err);
    free(d.values);
    free(d.sorted);
    free(d.pairs);
    free(d.least);
    free(d.mean);
    free(d.meets);
    free(d.cheapest);
    return status;
}
