/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/fleet_year_tally.h"

#include <math.h>
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

void fleet_year_histogram_merge(struct fleet_year_histogram *h,
                                const struct fleet_year_histogram *from)
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

double fleet_year_exceedance(const struct fleet_year_histogram *h, double value)
{
    double above = 0;
    for (int b = 0; b < FLEET_YEAR_BINS + 2; b++) {
        double from = edge(h, b), to = edge(h, b + 1);
        if (from > value) above += (double)h->count[b];
        else if (to > value) above += (double)h->count[b] * (to - value) / (to - from);
    }
    return above / (double)h->n;
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

/* With bills of up to 2^50 units squares stay below 2^102, and 2^24 sums of them below 2^126. */
enum { AXIS_BITS = 12, COST_BITS = 50 };

void fleet_year_controls_init(struct fleet_year_controls *c, struct fleet_year_axis axis,
                              int32_t hours)
{
    memset(c, 0, sizeof *c);
    c->origin = axis.least + ((int64_t)1 << (axis.shift + AXIS_BITS - 1));
    c->shift = axis.shift + AXIS_BITS > COST_BITS ? axis.shift + AXIS_BITS - COST_BITS : 0;
    c->hours = hours;
}

static int64_t bill_of(const struct fleet_year_controls *c, const int64_t *fields)
{
    int64_t bill = (fields[FLEET_YEAR_COST] - c->origin) >> c->shift;
    const int64_t most = (int64_t)1 << COST_BITS;
    return bill > most ? most : bill < -most ? -most : bill;
}

static int64_t control_of(const struct fleet_year_controls *c, const int64_t *fields, int i)
{
    return i < FLEET_YEAR_CONTROLS - 1 ? fields[FLEET_YEAR_Z_GROWTH + i]
                                       : fields[FLEET_YEAR_DEMAND] / c->hours;
}

void fleet_year_controls_add(struct fleet_year_controls *c, const int64_t *first,
                             const int64_t *second)
{
    int64_t z[FLEET_YEAR_CONTROLS], bill = bill_of(c, first), unit = bill;
    for (int i = 0; i < FLEET_YEAR_CONTROLS; i++) z[i] = control_of(c, first, i);
    c->n++;
    c->units++;
    c->cost += bill;
    c->cost_cost += (__int128)bill * bill;
    if (second) {
        bill = bill_of(c, second);
        for (int i = 0; i < FLEET_YEAR_CONTROLS; i++) z[i] += control_of(c, second, i);
        c->n++;
        c->cost += bill;
        c->cost_cost += (__int128)bill * bill;
        unit += bill;
    }
    c->unit_unit += (__int128)unit * unit;
    for (int i = 0; i < FLEET_YEAR_CONTROLS; i++) {
        c->z[i] += z[i];
        c->z_cost[i] += (__int128)z[i] * unit;
        for (int j = 0; j <= i; j++) c->z_z[i][j] += (__int128)z[i] * z[j];
    }
}

void fleet_year_controls_merge(struct fleet_year_controls *c,
                               const struct fleet_year_controls *from)
{
    c->n += from->n;
    c->units += from->units;
    c->cost += from->cost;
    c->cost_cost += from->cost_cost;
    c->unit_unit += from->unit_unit;
    for (int i = 0; i < FLEET_YEAR_CONTROLS; i++) {
        c->z[i] += from->z[i];
        c->z_cost[i] += from->z_cost[i];
        for (int j = 0; j <= i; j++) c->z_z[i][j] += from->z_z[i][j];
    }
}

/* The sum of products less its part from the means: n covariances. */
static double centred(__int128 products, __int128 a, __int128 b, uint64_t n)
{
    return (double)products - (double)a * ((double)b / (double)n);
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
    double left = centred(c->unit_unit, c->cost, c->cost, c->units);
    *shift = 0;
    *used = 0;
    for (int i = 0; i < N; i++) {
        double own = centred(c->z_z[i][i], c->z[i], c->z[i], c->units), rest = own;
        double cost = centred(c->z_cost[i], c->z[i], c->cost, c->units), mean = (double)c->z[i];
        for (int j = 0; j < i; j++) {
            double product = centred(c->z_z[i][j], c->z[i], c->z[j], c->units);
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
    double n = (double)c->n, units = (double)c->units, unit = ldexp(1, (int)c->shift), shift;
    int used;
    double left = regress(c, &shift, &used);
    double plain = (double)c->cost / n;
    double variance = fmax(centred(c->cost_cost, c->cost, c->cost, c->n), 0) / (n - 1);
    double rest = left / fmax(units - 1 - used, 1) * units; /* of the sum of all */
    struct fleet_year_mean m = { (double)c->origin + unit * plain, unit * sqrt(variance / n),
                                 (double)c->origin + unit * (plain - shift / n),
                                 unit * sqrt(rest) / n, 1 };
    if (m.error > 0) m.variance_ratio = m.plain_error * m.plain_error / (m.error * m.error);
    return m;
}

/* ---- candidates ---- */

enum { SQUARE_SHIFT = 10 };

void fleet_year_regret_add(struct fleet_year_regret *regrets, uint32_t fleet_n, uint32_t baseline,
                           const int64_t *cost, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t best = 0;
        for (uint32_t f = 1; f < fleet_n; f++)
            if (cost[(size_t)f * n + i] < cost[(size_t)best * n + i]) best = f;
        int64_t least = cost[(size_t)best * n + i], base = cost[(size_t)baseline * n + i];
        regrets[best].cheapest++;
        for (uint32_t f = 0; f < fleet_n; f++) {
            int64_t own = cost[(size_t)f * n + i], over = own - base;
            struct fleet_year_regret *r = &regrets[f];
            r->n++;
            r->sum += own - least;
            if (own - least > r->most) r->most = own - least;
            r->over += over;
            over /= 1 << SQUARE_SHIFT;
            r->over_over += (__int128)over * over;
        }
    }
}
