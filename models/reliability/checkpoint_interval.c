/* SPDX-License-Identifier: Apache-2.0 */
#include "models/reliability/checkpoint_interval.h"

#include <gsl/gsl_sf_lambert.h>
#include <math.h>

double checkpoint_young(double write, double mtbf) { return sqrt(2 * write * mtbf); }

double checkpoint_daly(double write, double mtbf)
{
    double x = write / (2 * mtbf);
    return x < 1 ? checkpoint_young(write, mtbf) * (1 + sqrt(x) / 3 + x / 9) - write : mtbf;
}

double checkpoint_optimum(double write, double mtbf)
{
    /* Below, W's argument lies too near its branch point to be told from it, and Daly's expansion
     * is right to eleven digits. */
    if (write < 1e-6 * mtbf) return checkpoint_daly(write, mtbf);
    return mtbf * (1 + gsl_sf_lambert_W0(-exp(-write / mtbf - 1)));
}

/* An attempt at a stretch of `length` without a failure: with A exponential, the first two moments
 * of min(A, length), and the mean of A where it is less. */
struct attempt {
    double stays, fails; /* chances */
    double mean, square, mean_if_failed;
};

static struct attempt attempt_of(double rate, double length)
{
    double x = rate * length, stays = exp(-x), fails = -expm1(-x);
    /* 1 - e^-x (1 + x), by its series where it would cancel. */
    double rest =
        x < 0.01 ? x * x * (1.0 / 2 - x * (1.0 / 3 - x * (1.0 / 8 - x / 30))) : fails - x * stays;
    return (struct attempt){ stays, fails, fails / rate, 2 * rest / (rate * rate), rest / rate };
}

/* Adds n pieces of `length` each: their mean, variance and failures. */
static void add_pieces(const struct checkpointing *c, double n, double length,
                       struct completion *sum, double *variance)
{
    if (c->rate <= 0) {
        sum->mean += n * length;
        return;
    }
    double down = c->downtime + (c->fails_in_recovery ? 0 : c->recovery);
    struct attempt first = attempt_of(c->rate, length),
                   again = attempt_of(c->rate, length + (c->fails_in_recovery ? c->recovery : 0));
    /* From the end of a downtime to the end of the piece, Z = min(A, L) + [A < L] (down + Z'). */
    double z = (again.mean + again.fails * down) / again.stays;
    double z2 = (again.square + 2 * again.mean_if_failed * (down + z) +
                 again.fails * (down * down + 2 * down * z)) /
                again.stays;
    double mean = first.mean + first.fails * (down + z);
    double square = first.square + 2 * first.mean_if_failed * (down + z) +
                    first.fails * (down * down + 2 * down * z + z2);
    sum->mean += n * mean;
    *variance += n * (square - mean * mean);
    sum->failures += n * first.fails / again.stays;
}

struct completion checkpoint_completion(const struct checkpointing *c)
{
    struct completion sum = { 0, 0, 0 };
    double variance = 0, pieces = ceil(c->work / c->interval - 1e-9);
    if (pieces < 1) pieces = 1;
    double last = c->work - (pieces - 1) * c->interval;
    if (pieces > 1) add_pieces(c, pieces - 1, c->interval + c->write, &sum, &variance);
    add_pieces(c, 1, last + (c->last_is_written ? c->write : 0), &sum, &variance);
    sum.sd = isnan(variance) ? INFINITY : sqrt(variance > 0 ? variance : 0); /* inf - inf */
    return sum;
}
