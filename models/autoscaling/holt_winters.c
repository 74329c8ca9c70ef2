/* SPDX-License-Identifier: Apache-2.0 */
#include "models/autoscaling/holt_winters.h"

#include <float.h>
#include <gsl/gsl_errno.h>
#include <math.h>

/* The weights need not be known better than to a thousandth. */
#define FIT_SIZE 1e-3
enum { FIT_STEPS = 100 };

static void start(struct holt_winters *h, const double *y)
{
    double first = 0, second = 0, m = (double)h->season_n;
    for (int64_t i = 0; i < h->season_n; i++) {
        first += y[i];
        second += y[h->season_n + i];
    }
    h->level = first / m;
    h->trend = (second - first) / m / m;
    h->at = 0;
    for (int64_t i = 0; i < h->season_n; i++) h->season[i] = y[i] - h->level;
}

static inline double add(struct holt_winters *h, double y)
{
    double *s = &h->season[h->at], before = h->level;
    double error = y - (h->level + h->trend + *s);
    h->level = h->alpha * (y - *s) + (1 - h->alpha) * (h->level + h->trend);
    h->trend = h->beta * (h->level - before) + (1 - h->beta) * h->trend;
    *s = h->gamma * (y - h->level) + (1 - h->gamma) * *s;
    h->at = h->at + 1 < h->season_n ? h->at + 1 : 0;
    return error;
}

double holt_winters_add(struct holt_winters *h, double y) { return add(h, y); }

/* On a copy, which registers hold: each value waits for the one before. */
double holt_winters_run(struct holt_winters *h, const double *y, int64_t n)
{
    double squares = 0;
    start(h, y);
    struct holt_winters run = *h;
    for (int64_t i = run.season_n; i < n; i++) {
        double error = add(&run, y[i]);
        squares += error * error;
    }
    *h = run;
    return squares;
}

double holt_winters_peak(const struct holt_winters *h, int64_t ahead)
{
    double peak = -DBL_MAX;
    for (int64_t i = 0; i < ahead; i++) {
        double y = h->level + (double)(i + 1) * h->trend + h->season[(h->at + i) % h->season_n];
        if (y > peak) peak = y;
    }
    return peak;
}

/* ---- the weights ---- */

struct fit {
    struct holt_winters *h;
    const double *y;
    int64_t n;
};

/* The simplex knows no bounds: it walks on a line that is folded into 0 .. 1. */
static double folded(double x)
{
    double rest = fabs(fmod(x, 2));
    return rest > 1 ? 2 - rest : rest;
}

static double squares_at(const gsl_vector *x, void *params)
{
    struct fit *fit = params;
    fit->h->alpha = folded(gsl_vector_get(x, 0));
    fit->h->beta = folded(gsl_vector_get(x, 1));
    fit->h->gamma = folded(gsl_vector_get(x, 2));
    double squares = holt_winters_run(fit->h, fit->y, fit->n);
    return isfinite(squares) ? squares : DBL_MAX; /* GSL takes no other numbers */
}

bool holt_winters_search_init(struct holt_winters_search *s)
{
    s->simplex = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, 3);
    s->start = gsl_vector_alloc(3);
    s->step = gsl_vector_alloc(3);
    return s->simplex && s->start && s->step;
}

void holt_winters_search_free(struct holt_winters_search *s)
{
    if (s->simplex) gsl_multimin_fminimizer_free(s->simplex);
    if (s->start) gsl_vector_free(s->start);
    if (s->step) gsl_vector_free(s->step);
}

void holt_winters_fit(struct holt_winters *h, const double *y, int64_t n,
                      struct holt_winters_search *s)
{
    struct fit fit = { h, y, n };
    gsl_multimin_function squares = { squares_at, 3, &fit };
    gsl_vector_set(s->start, 0, 0.3);
    gsl_vector_set(s->start, 1, 0.1);
    gsl_vector_set(s->start, 2, 0.1);
    gsl_vector_set_all(s->step, 0.2);
    bool goes_on =
        gsl_multimin_fminimizer_set(s->simplex, &squares, s->start, s->step) == GSL_SUCCESS;
    for (int i = 0; goes_on && i < FIT_STEPS; i++)
        goes_on = gsl_multimin_fminimizer_iterate(s->simplex) == GSL_SUCCESS &&
                  gsl_multimin_fminimizer_size(s->simplex) > FIT_SIZE;
    squares_at(gsl_multimin_fminimizer_x(s->simplex), &fit);
}
