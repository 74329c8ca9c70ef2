/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Additive Holt-Winters smoothing (Winters 1960), in the form of R's HoltWinters: of values y with
 * a season of m,
 *
 *      level   a = alpha (y - s) + (1 - alpha) (a' + b')       s: the season's value a season ago
 *      trend   b = beta (a - a') + (1 - beta) b'
 *      season  s = gamma (y - a) + (1 - gamma) s
 *      h ahead     a + h b + s of that time
 *
 * It starts from two seasons: the level is the mean of the first, the trend how much more the mean
 * of the second is, by value, the season what the first is apart from its mean. What is smoothed
 * are the values after the first season. alpha, beta and gamma, each from 0 to 1, are those of the
 * least sum of squared errors one step ahead, by GSL's Nelder-Mead simplex from 0.3, 0.1, 0.1,
 * where R's search begins, too.
 */
#ifndef MODELS_AUTOSCALING_HOLT_WINTERS_H
#define MODELS_AUTOSCALING_HOLT_WINTERS_H

#include <gsl/gsl_multimin.h>
#include <stdbool.h>
#include <stdint.h>

struct holt_winters {
    double alpha, beta, gamma;
    double level, trend;
    double *season;       /* room for season_n, the owner's */
    int64_t season_n, at; /* at: in the season, of the value that comes next */
};

/* Starts from y and goes over it, n values of two seasons at least; returns the sum of squared
 * errors. O(n). */
double holt_winters_run(struct holt_winters *h, const double *y, int64_t n);
/* One more value. Returns the error of what it was forecast to be. */
double holt_winters_add(struct holt_winters *h, double y);
/* The largest of the next so many. */
double holt_winters_peak(const struct holt_winters *h, int64_t ahead);

/* What searches; one serves many fits. */
struct holt_winters_search {
    gsl_multimin_fminimizer *simplex;
    gsl_vector *start, *step;
};
bool holt_winters_search_init(struct holt_winters_search *s); /* false: no memory; free it then */
void holt_winters_search_free(struct holt_winters_search *s);
/* Sets alpha, beta and gamma to the best for y and leaves h as after a run over it. Allocates
 * nothing. */
void holt_winters_fit(struct holt_winters *h, const double *y, int64_t n,
                      struct holt_winters_search *s);

#endif
