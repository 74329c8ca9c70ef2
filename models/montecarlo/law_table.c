/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/law_table.h"

#include <math.h>
#include <string.h>

#include "models/montecarlo/law.h"
#include "sim/random.h"

enum { FINE_N = 1 << LAW_FINE, ENDS = 2 };

/* What of the law a cell stands for: distances from its end, as probabilities. */
struct range {
    double near, far;
    bool straight; /* more than one word of chance falls into it */
    uint32_t index;
};

static uint32_t octaves(enum law_reach reach) { return reach == LAW_LONG ? 64 : 32; }

size_t law_table_words(enum law_reach reach)
{
    return reach == LAW_LONG ? (size_t)2 * LAW_LONG_CELLS : (size_t)2 * LAW_CELLS;
}

/*
 * The range of cell `fine` of an octave; false where no word of chance leads there.
 *
 * A distance is an odd number w over 2^(bits + 1) and stands for all from w - 1 to w + 1. Octave z
 * has 2^(bits - 2 - z) of them: down to 16, one or more a cell; fewer, and each stands for several
 * cells, of which only one is looked up. The last octave has w = 1, next to the very end.
 */
static bool range_of(enum law_reach reach, uint32_t end, uint32_t octave, uint32_t fine,
                     struct range *r)
{
    uint32_t bits = octaves(reach), last = bits - 1;
    uint32_t words = octave < last ? bits - 2 - octave : 0; /* their logarithm */
    uint32_t step = words >= LAW_FINE ? 1 : (uint32_t)FINE_N >> words;
    double width = ldexp(1.0, -2 - (int)octave) * step / FINE_N;
    if (octave == last) {
        if (fine != 0) return false;
        r->near = 0;
        r->far = ldexp(1.0, -(int)bits);
    } else {
        if (fine % step != step / 2) return false;
        r->near = ldexp(1.0, -2 - (int)octave) + width * (fine / step);
        r->far = r->near + width;
    }
    r->straight = words > LAW_FINE;
    r->index = (end * bits + octave) << LAW_FINE | fine;
    return true;
}

/* Of a cell: means of the half of smaller values and of the half of larger ones; what its line
 * must stay within. */
struct halves {
    double small, large, least, greatest;
};

/* The line through the halves' means, in units. A line cut to whole numbers is low by half a unit
 * on average, which the base makes good. */
static enum status cell_set(uint32_t *cells, const struct range *r, struct halves h, double scale,
                            struct error *err)
{
    double mean = (h.small + h.large) / 2, slope = r->straight ? 2 * (h.large - h.small) : 0;
    slope = fmin(slope, 2 * fmin(mean - h.least, h.greatest - mean));
    slope = floor(fmax(slope, 0) * scale + 0.5);
    double base = floor(mean * scale - (slope > 0 ? (slope - 1) / 2 : 0) + 0.5);
    if (base < 0) base = 0;
    if (!(base + slope < 4294967296.0))
        return error_set(err, STATUS_BAD_INPUT,
                         "a law reaches %.6g, beyond the %.6g that its table holds",
                         (base + slope) / scale, 4294967295.0 / scale);
    cells[2 * r->index] = (uint32_t)base;
    cells[2 * r->index + 1] = (uint32_t)slope;
    return STATUS_OK;
}

/* ---- from a quantile function ---- */

/* Mean over distances from near to far, by Gauss and Legendre's rule of eight points. */
static double mean_between(law_quantile *quantile, const void *context, uint32_t end, double near,
                           double far)
{
    static const double point[] = { 0.18343464249564980494, 0.52553240991632898582,
                                    0.79666647741362673959, 0.96028985649753623168 };
    static const double weight[] = { 0.36268378337836198297, 0.31370664587788728734,
                                     0.22238103445337447054, 0.10122853629037625915 };
    double middle = (near + far) / 2, half = (far - near) / 2, sum = 0;
    for (int i = 0; i < 4; i++)
        for (int side = -1; side <= 1; side += 2) {
            double d = middle + side * half * point[i];
            sum += weight[i] * (end ? quantile(1 - d, d, context) : quantile(d, 1 - d, context));
        }
    return sum / 2;
}

/* Down to the very end, where the law may have none: octave by octave, until what is left over has
 * a hundred-millionth of a millionth of a millionth of the chance. */
static double mean_of_end(law_quantile *quantile, const void *context, uint32_t end, double far)
{
    double sum = 0, weight = 0.5, left = far;
    for (int octave = 0; octave < 90; octave++, weight /= 2, left /= 2)
        sum += weight * mean_between(quantile, context, end, left / 2, left);
    return sum / (1 - 2 * weight);
}

enum status law_table_make(uint32_t *cells, enum law_reach reach, law_quantile *quantile,
                           const void *context, double scale, struct error *err)
{
    struct range r;
    memset(cells, 0, law_table_words(reach) * sizeof *cells);
    for (uint32_t end = 0; end < ENDS; end++)
        for (uint32_t i = 0; i < octaves(reach) << LAW_FINE; i++) {
            if (!range_of(reach, end, i >> LAW_FINE, i % FINE_N, &r)) continue;
            struct halves h = { .least = 0, .greatest = INFINITY };
            if (r.near > 0) {
                double middle = (r.near + r.far) / 2;
                double first = mean_between(quantile, context, end, r.near, middle);
                double second = mean_between(quantile, context, end, middle, r.far);
                h.small = end ? second : first;
                h.large = end ? first : second;
            } else h.small = h.large = mean_of_end(quantile, context, end, r.far);
            enum status status = cell_set(cells, &r, h, scale, err);
            if (status) return status;
        }
    return STATUS_OK;
}

double law_quantile_exponential(double p, double q, const void *context)
{
    /* Where p is so small that q rounds, so does the table. */
    (void)p;
    (void)context;
    return -random_log(q);
}

double law_quantile_lognormal(double p, double q, const void *context)
{
    double sigma = *(const double *)context;
    double z = p < 0.5 ? random_normal_quantile(p) : -random_normal_quantile(q);
    return random_exp(sigma * z - sigma * sigma / 2);
}

/* law_draw_normal cuts sixteenths off; half of one more makes that rounding. */
static double shifted_normal(double p, double q, const void *context)
{
    (void)context;
    return 8 + 0x1p-17 + (p < 0.5 ? random_normal_quantile(p) : -random_normal_quantile(q));
}

void law_table_normal(uint32_t *cells)
{
    law_table_make(cells, LAW_SHORT, shifted_normal, NULL, 0x1p20, NULL);
}

/* ---- from values ---- */

/* sorted[at] counted from an end. */
static double value_at(const int64_t *sorted, size_t n, uint32_t end, size_t at)
{
    if (at >= n) at = n - 1;
    return (double)sorted[end ? n - 1 - at : at];
}

/* Mean of the steps from near to far, in values from an end. */
static double mean_of_steps(const int64_t *sorted, size_t n, uint32_t end, double near, double far)
{
    size_t first = (size_t)near, last = (size_t)far;
    if (first == last) return value_at(sorted, n, end, first);
    __int128 whole = 0;
    for (size_t i = first + 1; i < last; i++) whole += sorted[end ? n - 1 - i : i];
    return ((double)whole + value_at(sorted, n, end, first) * ((double)first + 1 - near) +
            value_at(sorted, n, end, last) * (far - (double)last)) /
           (far - near);
}

enum status law_table_sample(uint32_t *cells, enum law_reach reach, const int64_t *sorted, size_t n,
                             double scale, struct error *err)
{
    struct range r;
    if (n == 0 || sorted[0] < 0)
        return error_set(err, STATUS_BAD_INPUT, "a law of no values, or of negative ones");
    memset(cells, 0, law_table_words(reach) * sizeof *cells);
    for (uint32_t end = 0; end < ENDS; end++)
        for (uint32_t i = 0; i < octaves(reach) << LAW_FINE; i++) {
            if (!range_of(reach, end, i >> LAW_FINE, i % FINE_N, &r)) continue;
            double near = r.near * (double)n, far = r.far * (double)n, middle = (near + far) / 2;
            double first = mean_of_steps(sorted, n, end, near, middle);
            double second = mean_of_steps(sorted, n, end, middle, far);
            double outer = value_at(sorted, n, end, (size_t)near);
            double inner = value_at(sorted, n, end, (size_t)ceil(far) - (far > 0));
            struct halves h = { end ? second : first, end ? first : second, end ? inner : outer,
                                end ? outer : inner };
            enum status status = cell_set(cells, &r, h, scale, err);
            if (status) return status;
        }
    return STATUS_OK;
}

/* ---- of a table ---- */

/* Mean of x^k over x from a to b, which may be one: (b^(k+1) - a^(k+1)) / (b - a) / (k + 1), as a
 * sum of products, so that nothing cancels. */
static double mean_power(double a, double b, int k)
{
    double sum = 0;
    for (int i = 0; i <= k; i++) {
        double term = 1;
        for (int j = 0; j < k; j++) term *= j < i ? a : b;
        sum += term;
    }
    return sum / (k + 1);
}

void law_table_moments(const uint32_t *cells, enum law_reach reach, double scale, double about,
                       double moment[5])
{
    struct range r;
    memset(moment, 0, 5 * sizeof *moment);
    for (uint32_t end = 0; end < ENDS; end++)
        for (uint32_t i = 0; i < octaves(reach) << LAW_FINE; i++) {
            if (!range_of(reach, end, i >> LAW_FINE, i % FINE_N, &r)) continue;
            double base = cells[2 * r.index], slope = cells[2 * r.index + 1];
            double from = slope > 0 ? base - 0.5 : base, to = from + slope;
            for (int k = 0; k < 5; k++)
                moment[k] +=
                    (r.far - r.near) * mean_power(from / scale - about, to / scale - about, k);
        }
}

uint64_t law_table_hash(const uint32_t *cells, enum law_reach reach, uint64_t seed)
{
    uint64_t hash = seed ? seed : UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < law_table_words(reach); i++)
        for (int byte = 0; byte < 4; byte++)
            hash = (hash ^ (cells[i] >> 8 * byte & 255u)) * UINT64_C(0x100000001b3);
    return hash;
}
