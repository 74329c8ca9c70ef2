/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/contrast.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/metrics.h"
#include "sim/control.h"

/* In this order; with --all the others follow. */
static const char *const needed[] = { METRIC_COST_MONTH, METRIC_UTILIZATION, METRIC_WAIT_MEAN,
                                      METRIC_WAIT_P50,   METRIC_WAIT_P95,    METRIC_WAIT_P99,
                                      METRIC_JCT_MEAN };
enum { NEEDED_N = sizeof needed / sizeof *needed };

/* Observations of a side: its replications, or the means of antithetic pairs. */
struct sample {
    double *value;
    size_t n;
};

static struct sample sample_of(const struct contrast_side *s, int metric, size_t replications,
                               double *room)
{
    const double *all = report_values(s->data, s->fleet, metric);
    size_t each = s->data->antithetic ? 2 : 1;
    struct sample sample = { room, replications / each };
    for (size_t i = 0; i < sample.n; i++)
        room[i] = each == 1 ? all[i] : (all[2 * i] + all[2 * i + 1]) / 2;
    return sample;
}

/* interval_of_mean at another confidence. */
static struct mean_interval mean_at(const struct sample *s, double confidence)
{
    struct mean_interval of = interval_of_mean(s->value, s->n);
    if (s->n > 1 && confidence != 0.95)
        of.half *= gsl_cdf_tdist_Pinv(0.5 + confidence / 2, (double)s->n - 1) /
                   gsl_cdf_tdist_Pinv(0.975, (double)s->n - 1);
    return of;
}

static enum contrast_finding finding_of(const struct difference *d)
{
    if (d->n_a == 0) return CONTRAST_ABSENT;
    if (d->mean == 0 && !(d->half > 0)) return CONTRAST_SAME;
    if (isnan(d->half)) return CONTRAST_NO_SPAN;
    if (fabs(d->mean) <= d->half) return CONTRAST_UNCLEAR;
    return d->mean < 0 ? CONTRAST_LESS : CONTRAST_MORE;
}

/* Figures that vary without a finite variance have no interval. */
static void forget(struct contrast_figure *f)
{
    bool varies = f->difference.half > 0;
    if (f->reference.half > 0) f->reference.half = NAN;
    if (f->value.half > 0) f->value.half = NAN;
    if (varies) {
        f->finding = CONTRAST_NO_SPAN;
        f->difference.half = f->difference.relative_low = f->difference.relative_high = NAN;
        f->controlled = (struct mean_interval){ NAN, NAN };
    }
}

/* The differences with a control, where both files know its mean. */
static struct mean_interval with_control(const struct contrast *c, const struct sample *a,
                                         const struct sample *b, double *room)
{
    const struct report_data *d = c->reference->data;
    size_t each = d->antithetic ? 2 : 1;
    double *x = room, *y = room + a->n;
    if (!c->paired || a->n < 3 || isnan(d->known_gpu_hours) ||
        d->known_gpu_hours != c->side->data->known_gpu_hours)
        return (struct mean_interval){ NAN, NAN };
    for (size_t i = 0; i < a->n; i++) {
        x[i] = (d->control[i * each] + d->control[i * each + each - 1]) / 2;
        y[i] = b->value[i] - a->value[i];
    }
    return control_interval(y, x, a->n, d->known_gpu_hours);
}

/* room: for four times as many values as the file of more replications has. */
static void compare_figure(struct contrast *c, int metric, double confidence, size_t n, size_t m,
                           double *room, struct contrast_figure *f)
{
    struct sample a = sample_of(c->reference, metric, n, room),
                  b = sample_of(c->side, metric, m, room + n);
    *f = (struct contrast_figure){ .metric = metric,
                                   .reference = mean_at(&a, confidence),
                                   .value = mean_at(&b, confidence),
                                   .controlled = { NAN, NAN } };
    if (c->paired) difference_paired(a.value, b.value, a.n, confidence, &f->difference);
    else difference_apart(a.value, a.n, b.value, b.n, confidence, &f->difference);
    /* control_interval knows 95 % alone. */
    if (f->difference.n_a > 0 && confidence == 0.95)
        f->controlled = with_control(c, &a, &b, room + n + m);
    f->finding = finding_of(&f->difference);
    if (c->tail) forget(f);
}

static enum status compare(const struct contrasts *all, struct contrast *c, struct error *err)
{
    size_t n = (size_t)c->reference->data->replications, m = (size_t)c->side->data->replications,
           most = n > m ? n : m;
    c->paired = worlds_same(c->reference->data, c->side->data, c->why);
    c->tail = c->reference->data->fleets[c->reference->fleet].tail_moment ||
              c->side->data->fleets[c->side->fleet].tail_moment;
    if (c->paired) {
        c->left_out = (int32_t)(most - (n < m ? n : m));
        n = m = n < m ? n : m;
    }
    double *room = malloc(4 * most * sizeof *room);
    if (!room) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu replications", most);
    for (size_t i = 0; i < all->metric_n; i++)
        compare_figure(c, all->metrics[i], all->confidence, n, m, room, &c->figures[i]);
    free(room);
    return STATUS_OK;
}

static void add_metric(struct contrasts *all, int metric)
{
    for (size_t i = 0; i < all->metric_n; i++)
        if (all->metrics[i] == metric) return;
    all->metrics[all->metric_n++] = metric;
}

/* Whether both sides of any contrast have it. */
static bool is_there(const struct contrast_request *r, int metric)
{
    for (size_t p = 0; p < r->pair_n; p++) {
        const struct contrast_side *a = &r->sides[r->pairs[p].reference],
                                   *b = &r->sides[r->pairs[p].side];
        if (a->data->fleets[a->fleet].metric[metric].n > 0 &&
            b->data->fleets[b->fleet].metric[metric].n > 0)
            return true;
    }
    return false;
}

static void choose_metrics(const struct contrast_request *r, struct contrasts *all)
{
    for (int i = 0; i < NEEDED_N; i++)
        if (is_there(r, metric_index(needed[i]))) add_metric(all, metric_index(needed[i]));
    for (size_t i = 0; i < r->also_n; i++) add_metric(all, r->also[i]);
    for (size_t i = 0; i < r->value_n; i++) add_metric(all, r->values[i]);
    all->shown_n = all->metric_n;
    for (int m = 0; r->all && metric_defs[m].name; m++)
        if (is_there(r, m)) add_metric(all, m);
}

/* Those that chance can move: what is equal in each replication is no guess. */
static size_t count_intervals(const struct contrast_request *r, const struct contrasts *all)
{
    size_t n = 0;
    for (size_t c = 0; c < all->n; c++) {
        for (size_t i = 0; i < all->metric_n; i++) n += all->list[c].figures[i].difference.half > 0;
        for (size_t i = 0; i < r->value_n; i++)
            n += contrast_figure(all, &all->list[c], r->values[i])->value.half > 0;
    }
    return n;
}

enum status contrasts_make(const struct contrast_request *r, struct contrasts *all,
                           struct error *err)
{
    size_t metrics = (size_t)metric_count();
    enum status status = STATUS_OK;
    *all = (struct contrasts){ .family = r->family, .confidence = 0.95 };
    all->list = calloc(r->pair_n + 1, sizeof *all->list);
    all->metrics = calloc(metrics + 1, sizeof *all->metrics);
    if (!all->list || !all->metrics)
        status = error_set(err, STATUS_NO_MEMORY, "no memory for %zu comparisons", r->pair_n);
    if (status == STATUS_OK) choose_metrics(r, all);
    for (size_t p = 0; p < r->pair_n && status == STATUS_OK; p++) {
        struct contrast *c = &all->list[all->n];
        c->reference = &r->sides[r->pairs[p].reference];
        c->side = &r->sides[r->pairs[p].side];
        c->figures = calloc(all->metric_n + 1, sizeof *c->figures);
        if (!c->figures) status = error_set(err, STATUS_NO_MEMORY, "no memory for the figures");
        else all->n++;
        if (status == STATUS_OK) status = compare(all, c, err);
    }
    if (status == STATUS_OK) all->interval_n = count_intervals(r, all);
    /* How many intervals there are is known once they are there. */
    if (status == STATUS_OK && r->family && all->interval_n > 1) {
        all->confidence = difference_each(0.95, all->interval_n);
        for (size_t c = 0; c < all->n && status == STATUS_OK; c++)
            status = compare(all, &all->list[c], err);
    }
    if (status != STATUS_OK) contrasts_free(all);
    return status;
}

void contrasts_free(struct contrasts *all)
{
    for (size_t c = 0; c < all->n; c++) free(all->list[c].figures);
    free(all->list);
    free(all->metrics);
    *all = (struct contrasts){ 0 };
}

const struct contrast_figure *contrast_figure(const struct contrasts *all, const struct contrast *c,
                                              int metric)
{
    for (size_t i = 0; i < all->metric_n; i++)
        if (all->metrics[i] == metric) return &c->figures[i];
    return NULL;
}

int contrast_sign(const struct contrast_figure *f)
{
    const char *better = metric_defs[f->metric].better;
    if ((f->finding != CONTRAST_LESS && f->finding != CONTRAST_MORE) ||
        strcmp(better, "neither") == 0)
        return 0;
    return (strcmp(better, "lower") == 0) == (f->finding == CONTRAST_LESS) ? 1 : -1;
}
