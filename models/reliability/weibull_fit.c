/* SPDX-License-Identifier: Apache-2.0 */
#include "models/reliability/weibull_fit.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Logarithms of the durations less the largest: t^k is 0 .. 1 then, whatever t and k are. */
struct sample {
    double *log_t;
    size_t n, ended_n;
    double ended_mean; /* of log_t over those that ended */
};

struct sums {
    double power, power_log, power_log2; /* of t^k, t^k ln t, t^k (ln t)^2 */
};

static struct sums sums_of(const struct sample *s, double k)
{
    struct sums sum = { 0, 0, 0 };
    for (size_t i = 0; i < s->n; i++) {
        double x = s->log_t[i], power = exp(k * x);
        sum.power += power;
        sum.power_log += power * x;
        sum.power_log2 += power * x * x;
    }
    return sum;
}

static double score(double k, void *sample)
{
    const struct sample *s = sample;
    struct sums sum = sums_of(s, k);
    return sum.power_log / sum.power - 1 / k - s->ended_mean;
}

enum { SHAPE_STEPS = 200 };

/* The root of score; false where there is none in 1e-4 .. 1e4: the durations are all but alike. */
static bool solve(struct sample *s, double *shape)
{
    gsl_function f = { score, s };
    double low = 1, high = 1;
    while (low > 1e-4 && score(low, s) > 0) low /= 2;
    while (high < 1e4 && score(high, s) < 0) high *= 2;
    if (!(score(low, s) <= 0 && score(high, s) >= 0) || low >= high) return false;
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (!solver) return false;
    bool found = gsl_root_fsolver_set(solver, &f, low, high) == GSL_SUCCESS;
    for (int i = 0; found && i < SHAPE_STEPS; i++) {
        if (gsl_root_fsolver_iterate(solver) != GSL_SUCCESS) break;
        if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver),
                                   gsl_root_fsolver_x_upper(solver), 0, 1e-12) == GSL_SUCCESS)
            break;
    }
    *shape = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return found;
}

/* With u = k (ln t - ln scale), the second derivatives of the log-likelihood by a = ln shape and
 * b = ln scale are  sum over ends u - sum (u + u^2) e^u,  k sum u e^u,  -k^2 ends. */
static void intervals(const struct sample *s, double largest, struct weibull_fit *fit)
{
    struct sums sum = sums_of(s, fit->shape);
    double k = fit->shape, d = (double)s->ended_n, b = log(sum.power / d) / k; /* less largest */
    double scaled = d / sum.power; /* e^u = t^k x this */
    double u1 = k * scaled * (sum.power_log - b * sum.power);
    double u2 = k * k * scaled * (sum.power_log2 - 2 * b * sum.power_log + b * b * sum.power);
    double aa = -(k * d * (s->ended_mean - b) - u1 - u2), ab = -k * u1, bb = k * k * d;
    double z = gsl_cdf_ugaussian_Pinv(0.975), determinant = aa * bb - ab * ab;
    double half_shape = z * sqrt(bb / determinant), half_scale = z * sqrt(aa / determinant);
    fit->scale = exp(b + largest);
    fit->shape_low = k * exp(-half_shape);
    fit->shape_high = k * exp(half_shape);
    fit->scale_low = fit->scale * exp(-half_scale);
    fit->scale_high = fit->scale * exp(half_scale);
    fit->mean = 1 + 1 / k < GSL_SF_GAMMA_XMAX ? fit->scale * gsl_sf_gamma(1 + 1 / k) : INFINITY;
}

enum status weibull_fit(const double *t, const bool *ended, size_t n, struct weibull_fit *fit,
                        struct error *err)
{
    struct sample s = { 0 };
    enum status status = STATUS_OK;
    double largest = 0, least_end = INFINITY, most_end = 0;
    memset(fit, 0, sizeof *fit);
    for (size_t i = 0; i < n; i++) {
        if (!(t[i] >= 0) || isinf(t[i]))
            return error_set(err, STATUS_BAD_INPUT, "duration %zu is %g", i + 1, t[i]);
        if (t[i] > largest) largest = t[i];
    }
    s.log_t = malloc((n ? n : 1) * sizeof *s.log_t);
    if (!s.log_t) status = error_set(err, STATUS_NO_MEMORY, "no memory for a fit");
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        if (t[i] <= 0) continue;
        s.log_t[s.n] = log(t[i]) - log(largest);
        if (ended[i]) {
            s.ended_mean += s.log_t[s.n];
            s.ended_n++;
            least_end = fmin(least_end, t[i]);
            most_end = fmax(most_end, t[i]);
        }
        s.n++;
    }
    if (status == STATUS_OK) {
        fit->ended = s.ended_n;
        fit->cut_off = s.n - s.ended_n;
        if (s.ended_n) s.ended_mean /= (double)s.ended_n;
        fit->fitted = s.ended_n >= 2 && least_end < most_end && solve(&s, &fit->shape);
        if (fit->fitted) intervals(&s, log(largest), fit);
        else fit->shape = 0;
    }
    free(s.log_t);
    return status;
}
