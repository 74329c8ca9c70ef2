/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/fleet_year_tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- histograms ---- */

struct fleet_year_axis fleet_year_axis_of(const int64_t *values, size_t n)
{
    int64_t least = values[0], most = values[0];
    for (size_t i = 1; i < n; i++) {
        if (values[i] < least) least = values[i];
        if (values[i] > most) most = values[i];
    }
    int64_t margin = (most - least) / 2 + 1;
    struct fleet_year_axis axis = { least - margin, 0 };
    while ((most + margin - axis.least) >> axis.shift >= FLEET_YEAR_BINS) axis.shift++;
    return axis;
}

void fleet_year_histogram_init(struct fleet_year_histogram *h, struct fleet_year_axis axis)
{
    memset(h, 0, sizeof *h);
    h->axis = axis;
    h->least = INT64_MAX;
    h->most = INT64_MIN;
}

void fleet_year_histogram_add(struct fleet_year_histogram *h, int64_t value)
{
    h->n++;
    h->count[fleet_year_bin(&h->axis, value)]++;
    if (value < h->least) h->least = value;
    if (value > h->most) h->most = value;
}

static void merge_histogram(struct fleet_year_histogram *h, const struct fleet_year_histogram *from)
{
    h->n += from->n;
    for (int i = 0; i < FLEET_YEAR_BINS + 2; i++) h->count[i] += from->count[i];
    if (from->least < h->least) h->least = from->least;
    if (from->most > h->most) h->most = from->most;
}

/* Where a bin begins; that of the one behind the last is the greatest value. No bin reaches beyond
 * what was seen. */
static double edge(const struct fleet_year_histogram *h, int bin)
{
    double at = (double)h->axis.least + ldexp(bin - 1, (int)h->axis.shift);
    if (bin == 0) at = (double)h->least;
    if (bin == FLEET_YEAR_BINS + 2) at = (double)h->most;
    return fmin(fmax(at, (double)h->least), (double)h->most);
}

double fleet_year_quantile(const struct fleet_year_histogram *h, double share)
{
    double rank = share * (double)h->n, below = 0;
    for (int b = 0; b < FLEET_YEAR_BINS + 2; b++) {
        double count = (double)h->count[b], from = edge(h, b);
        if (count > 0 && below + count >= rank)
            return from + (edge(h, b + 1) - from) * fmax(rank - below, 0) / count;
        below += count;
    }
    return (double)h->most;
}

double fleet_year_shortfall(const struct fleet_year_histogram *h, double share)
{
    double worst = (1 - share) * (double)h->n, left = worst, sum = 0;
    for (int b = FLEET_YEAR_BINS + 1; b >= 0 && left > 0; b--) {
        double count = (double)h->count[b], to = edge(h, b + 1);
        if (count == 0) continue;
        double part = fmin(left / count, 1), from = to - (to - edge(h, b)) * part;
        sum += count * part * (from + to) / 2;
        left -= count * part;
    }
    return sum / worst;
}

/* ---- means ---- */

enum { AXIS_BITS = 12 };

void fleet_year_controls_init(struct fleet_year_controls *c, struct fleet_year_axis axis,
                              int32_t hours)
{
    memset(c, 0, sizeof *c);
    c->origin = axis.least + ((int64_t)1 << (axis.shift + AXIS_BITS - 1));
    c->shift = axis.shift + AXIS_BITS > FLEET_YEAR_BILL_BITS
                   ? axis.shift + AXIS_BITS - FLEET_YEAR_BILL_BITS
                   : 0;
    c->hours = hours;
}

static void add_unit(struct fleet_year_controls *c, const struct fleet_year_point *first,
                     const struct fleet_year_point *second)
{
    int64_t quantity[FLEET_YEAR_QUANTITIES];
    for (int i = 0; i < FLEET_YEAR_QUANTITIES; i++)
        quantity[i] = fleet_year_quantity(c, first, second, i);
    for (int i = 0; i < FLEET_YEAR_QUANTITIES; i++)
        for (int j = 0; j <= i; j++)
            c->sum[fleet_year_product(i, j)] += (__int128)quantity[i] * quantity[j];
    for (const struct fleet_year_point *p = first; p; p = p == first ? second : NULL) {
        int64_t own = fleet_year_bill_of(c, p->bill);
        c->n++;
        c->cost_cost += (__int128)own * own;
    }
}

void fleet_year_controls_add(struct fleet_year_controls *c, const int64_t *first,
                             const int64_t *second)
{
    struct fleet_year_point a, b;
    fleet_year_point_of(first, c->hours, &a);
    if (second) fleet_year_point_of(second, c->hours, &b);
    add_unit(c, &a, second ? &b : NULL);
}

static void merge_controls(struct fleet_year_controls *c, const struct fleet_year_controls *from)
{
    c->n += from->n;
    c->cost_cost += from->cost_cost;
    for (int i = 0; i < FLEET_YEAR_PRODUCTS; i++) c->sum[i] += from->sum[i];
}

/* Of two quantities, the sum of their products less its part from the means: n covariances. */
static double centred(const struct fleet_year_controls *c, int i, int j)
{
    double mean = (double)c->sum[fleet_year_product(j, 0)] / (double)c->sum[0];
    return (double)c->sum[fleet_year_product(i, j)] -
           (double)c->sum[fleet_year_product(i, 0)] * mean;
}

/*
 * Regression by Cholesky's decomposition of the controls' covariances: what each adds is what is
 * left of it by those before. A control that does not vary, or that those before tell, is left out.
 * Returns what is left of the units' n variances; *shift: what the controls' own means have put on
 * the sum of the units.
 */
static double regress(const struct fleet_year_controls *c, double *shift, int *used)
{
    enum { N = FLEET_YEAR_CONTROLS };
    const double least = 1e-9; /* of a control's own variance */
    double root[N][N] = { { 0 } }, of_cost[N] = { 0 }, of_mean[N] = { 0 };
    double left = centred(c, 1, 1);
    *shift = 0;
    *used = 0;
    for (int i = 0; i < N; i++) {
        double own = centred(c, i + 2, i + 2), rest = own, cost = centred(c, i + 2, 1);
        double mean = (double)c->sum[fleet_year_product(i + 2, 0)];
        for (int j = 0; j < i; j++) {
            double product = centred(c, i + 2, j + 2);
            for (int k = 0; k < j; k++) product -= root[i][k] * root[j][k];
            root[i][j] = root[j][j] > 0 ? product / root[j][j] : 0;
            rest -= root[i][j] * root[i][j];
            cost -= root[i][j] * of_cost[j];
            mean -= root[i][j] * of_mean[j];
        }
        if (!(rest > least * own) || own <= 0) continue;
        root[i][i] = sqrt(rest);
        of_cost[i] = cost / root[i][i];
        of_mean[i] = mean / root[i][i];
        left -= of_cost[i] * of_cost[i];
        *shift += of_cost[i] * of_mean[i];
        ++*used;
    }
    return fmax(left, 0);
}

struct fleet_year_mean fleet_year_mean_of(const struct fleet_year_controls *c)
{
    double n = (double)c->n, units = (double)c->sum[0], unit = ldexp(1, (int)c->shift), shift;
    int used;
    double left = regress(c, &shift, &used);
    double cost = (double)c->sum[fleet_year_product(1, 0)], plain = cost / n;
    double variance = fmax((double)c->cost_cost - cost * plain, 0) / (n - 1);
    double rest = left / fmax(units - 1 - used, 1) * units; /* of the sum of all */
    struct fleet_year_mean m = { (double)c->origin + unit * plain, unit * sqrt(variance / n),
                                 (double)c->origin + unit * (plain - shift / n),
                                 unit * sqrt(rest) / n, 1 };
    if (m.error > 0) m.variance_ratio = m.plain_error * m.plain_error / (m.error * m.error);
    return m;
}

/* ---- all of it ---- */

void fleet_year_tally_init(struct fleet_year_tally *t, struct fleet_year_axis axis, int32_t hours,
                           int64_t budget, int64_t late_hours)
{
    memset(t, 0, sizeof *t);
    fleet_year_histogram_init(&t->bill, axis);
    fleet_year_controls_init(&t->controls, axis, hours);
    t->budget = budget;
    t->late_hours = late_hours;
}

void fleet_year_tally_add(struct fleet_year_tally *t, const struct fleet_year_row *rows, uint32_t n,
                          bool antithetic)
{
    for (uint32_t i = 0; i < n; i++) {
        const int64_t *f = rows[i].field;
        fleet_year_histogram_add(&t->bill, f[FLEET_YEAR_COST]);
        t->over_budget += f[FLEET_YEAR_COST] > t->budget;
        t->too_late += f[FLEET_YEAR_LATE] > t->late_hours;
        if (!antithetic || i % 2 == 0)
            fleet_year_controls_add(&t->controls, f, antithetic ? rows[i + 1].field : NULL);
    }
}

void fleet_year_tally_merge(struct fleet_year_tally *t, const struct fleet_year_tally *from)
{
    merge_histogram(&t->bill, &from->bill);
    merge_controls(&t->controls, &from->controls);
    t->over_budget += from->over_budget;
    t->too_late += from->too_late;
}

/* Replications of one fleet that a thread adds up by itself: beside them, adding its tally to that
 * of all is nothing. */
enum { RANGE = 1024 };

/* One range of one fleet into `own`, which is emptied first. */
static void range_run(const struct fleet_year_case *c, const struct fleet_year_fleet *fleet,
                      enum fleet_year_way way, uint32_t first, uint32_t n,
                      const struct fleet_year_tally *like, struct fleet_year_row *rows,
                      struct fleet_year_tally *own)
{
    fleet_year_tally_init(own, like->bill.axis, c->world->hours, like->budget, like->late_hours);
    for (uint32_t at = 0; at < n; at += FLEET_YEAR_BLOCK) {
        uint32_t some = n - at < FLEET_YEAR_BLOCK ? n - at : FLEET_YEAR_BLOCK;
        fleet_year_rows(c, fleet, way, first + at, some, rows);
        fleet_year_tally_add(own, rows, some, c->world->antithetic);
    }
}

enum status fleet_year_tally_run(const struct fleet_year_case *c,
                                 const struct fleet_year_fleet *fleets, uint32_t fleet_n,
                                 enum fleet_year_way way, uint32_t first, uint32_t n, int threads,
                                 const volatile int *stop, struct fleet_year_tally *tallies,
                                 struct error *err)
{
    const int64_t ranges = ((int64_t)n + RANGE - 1) / RANGE;
    int no_memory = 0, stopped = 0;
#pragma omp parallel num_threads(threads) reduction(| : no_memory, stopped)
    {
        struct fleet_year_row *rows = malloc(FLEET_YEAR_BLOCK * sizeof *rows);
        struct fleet_year_tally *own = malloc(sizeof *own);
        no_memory = !rows || !own;
#pragma omp for schedule(dynamic)
        for (int64_t i = 0; i < ranges * fleet_n; i++) {
            if (no_memory || stopped) continue;
            if (stop && *stop) {
                stopped = 1;
                continue;
            }
            uint32_t fleet = (uint32_t)(i / ranges), at = (uint32_t)(i % ranges) * RANGE;
            uint32_t some = n - at < RANGE ? n - at : RANGE;
            range_run(c, &fleets[fleet], way, first + at, some, &tallies[fleet], rows, own);
#pragma omp critical(fleet_year_tally_run)
            fleet_year_tally_merge(&tallies[fleet], own);
        }
        free(rows);
        free(own);
    }
    if (no_memory) return error_set(err, STATUS_NO_MEMORY, "no memory for fleet-years");
    if (stopped) return error_set(err, STATUS_INTERRUPTED, "stopped");
    return STATUS_OK;
}
