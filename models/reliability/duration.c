/* SPDX-License-Identifier: Apache-2.0 */
#include "models/reliability/duration.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

const struct duration_family duration_families[DURATION_KIND_N + 1] = {
    { "constant", "value", "always the same", "definition" },
    { "exponential", "mean", "without memory", "Johnson, Kotz and Balakrishnan 1994, ch. 19" },
    { "weibull", "shape, scale or mean",
      "failures: shape below 1 where they are most likely at first",
      "Weibull 1951; Schroeder and Gibson, DSN 2006 (LANL: shape 0.7 to 0.8)" },
    { "lognormal", "median, sigma or mean", "repairs: most are short, a few take days",
      "Schroeder and Gibson, DSN 2006 (repair times)" },
    { "empirical", "values", "as was measured, each value as likely",
      "the step function of the values, inverted" },
    { NULL, NULL, NULL, NULL },
};

static enum status in_range(double x, double least, double most, const char *what,
                            struct error *err)
{
    if (x >= least && x <= most) return STATUS_OK; /* false for NAN */
    return error_set(err, STATUS_BAD_INPUT, "%s is %g, not %g to %g", what, x, least, most);
}

static enum status time_in_range(double us, const char *what, struct error *err)
{
    if (us >= 1 && us <= (double)DURATION_MAX_US) return STATUS_OK;
    return error_set(err, STATUS_BAD_INPUT, "%s is %g s, not 1 us to 571 years", what, us / 1e6);
}

enum status duration_constant(int64_t us, struct duration *d, struct error *err)
{
    *d = (struct duration){ .kind = DURATION_CONSTANT, .scale_us = (double)us };
    return time_in_range((double)us, "the duration", err);
}

enum status duration_exponential(double mean_us, struct duration *d, struct error *err)
{
    *d = (struct duration){ .kind = DURATION_EXPONENTIAL, .scale_us = mean_us };
    return time_in_range(mean_us, "the mean", err);
}

enum status duration_weibull(double shape, double scale_us, struct duration *d, struct error *err)
{
    *d = (struct duration){ .kind = DURATION_WEIBULL, .scale_us = scale_us, .shape = shape };
    enum status status = in_range(shape, 0.05, 50, "the shape", err);
    return status == STATUS_OK ? time_in_range(scale_us, "the scale", err) : status;
}

enum status duration_weibull_mean(double shape, double mean_us, struct duration *d,
                                  struct error *err)
{
    enum status status = in_range(shape, 0.05, 50, "the shape", err);
    if (status == STATUS_OK) status = time_in_range(mean_us, "the mean", err);
    if (status != STATUS_OK) return status;
    return duration_weibull(shape, mean_us / gsl_sf_gamma(1 + 1 / shape), d, err);
}

enum status duration_lognormal(double median_us, double sigma, struct duration *d,
                               struct error *err)
{
    *d = (struct duration){ .kind = DURATION_LOGNORMAL, .scale_us = median_us, .shape = sigma };
    enum status status = in_range(sigma, 0, 20, "the sigma", err);
    return status == STATUS_OK ? time_in_range(median_us, "the median", err) : status;
}

enum status duration_lognormal_mean(double median_us, double mean_us, struct duration *d,
                                    struct error *err)
{
    enum status status = time_in_range(median_us, "the median", err);
    if (status == STATUS_OK) status = time_in_range(mean_us, "the mean", err);
    if (status != STATUS_OK) return status;
    if (mean_us < median_us)
        return error_set(err, STATUS_BAD_INPUT, "the mean is below the median");
    return duration_lognormal(median_us, sqrt(2 * random_log(mean_us / median_us)), d, err);
}

enum status duration_empirical(const int64_t *values, size_t n, struct duration *d,
                               struct error *err)
{
    *d = (struct duration){ .kind = DURATION_EMPIRICAL, .values = values, .value_n = n };
    if (n == 0) return error_set(err, STATUS_BAD_INPUT, "there is no value");
    for (size_t i = 0; i < n; i++) {
        enum status status = time_in_range((double)values[i], "a value", err);
        if (status != STATUS_OK) return status;
        if (i && values[i] < values[i - 1])
            return error_set(err, STATUS_BAD_INPUT, "the values do not rise");
    }
    return STATUS_OK;
}

/* Rounded to the nearest microsecond inside the range. */
static int64_t cut(double us)
{
    if (!(us >= 1)) return 1;
    return us >= (double)DURATION_MAX_US ? DURATION_MAX_US : (int64_t)(us + 0.5);
}

/* e to the x, for any x. */
static double power_of_e(double x) { return random_exp(x < -700 ? -700 : x > 700 ? 700 : x); }

int64_t duration_exceeded(const struct duration *d, double unit)
{
    switch (d->kind) {
    case DURATION_EXPONENTIAL: return cut(d->scale_us * -random_log(unit));
    case DURATION_WEIBULL: { /* scale x (-ln unit)^(1 / shape) */
        double minus_log = -random_log(unit);
        return minus_log > 0 ? cut(d->scale_us * power_of_e(random_log(minus_log) / d->shape)) : 1;
    }
    case DURATION_LOGNORMAL: {
        double z = random_normal_quantile(unit < 1 ? unit : 1 - 0x1p-53);
        return cut(d->scale_us * power_of_e(-d->shape * z));
    }
    case DURATION_EMPIRICAL: {
        size_t above = (size_t)ceil(unit * (double)d->value_n);
        return d->values[above >= 1 && above <= d->value_n ? d->value_n - above : 0];
    }
    case DURATION_CONSTANT:
    case DURATION_KIND_N: break;
    }
    return cut(d->scale_us);
}

double duration_mean(const struct duration *d)
{
    double sum = 0;
    switch (d->kind) {
    case DURATION_WEIBULL: return d->scale_us * gsl_sf_gamma(1 + 1 / d->shape);
    case DURATION_LOGNORMAL: return d->scale_us * exp(d->shape * d->shape / 2);
    case DURATION_EMPIRICAL:
        for (size_t i = 0; i < d->value_n; i++) sum += (double)d->values[i];
        return sum / (double)d->value_n;
    case DURATION_CONSTANT:
    case DURATION_EXPONENTIAL:
    case DURATION_KIND_N: break;
    }
    return d->scale_us;
}

double duration_variance(const struct duration *d)
{
    double mean = duration_mean(d), sum = 0;
    switch (d->kind) {
    case DURATION_EXPONENTIAL: return mean * mean;
    case DURATION_WEIBULL:
        return d->scale_us * d->scale_us * gsl_sf_gamma(1 + 2 / d->shape) - mean * mean;
    case DURATION_LOGNORMAL: return mean * mean * expm1(d->shape * d->shape);
    case DURATION_EMPIRICAL:
        for (size_t i = 0; i < d->value_n; i++)
            sum += ((double)d->values[i] - mean) * ((double)d->values[i] - mean);
        return sum / (double)d->value_n;
    case DURATION_CONSTANT:
    case DURATION_KIND_N: break;
    }
    return 0;
}

double duration_quantile(const struct duration *d, double p)
{
    switch (d->kind) {
    case DURATION_EXPONENTIAL: return gsl_cdf_exponential_Pinv(p, d->scale_us);
    case DURATION_WEIBULL: return gsl_cdf_weibull_Pinv(p, d->scale_us, d->shape);
    case DURATION_LOGNORMAL: return d->scale_us * exp(d->shape * gsl_cdf_ugaussian_Pinv(p));
    case DURATION_EMPIRICAL: {
        size_t rank = (size_t)ceil(p * (double)d->value_n);
        return (double)d->values[rank < 1 ? 0 : rank > d->value_n ? d->value_n - 1 : rank - 1];
    }
    case DURATION_CONSTANT:
    case DURATION_KIND_N: break;
    }
    return d->scale_us;
}

double duration_cdf(const struct duration *d, double t_us)
{
    if (t_us <= 0) return 0;
    switch (d->kind) {
    case DURATION_EXPONENTIAL: return gsl_cdf_exponential_P(t_us, d->scale_us);
    case DURATION_WEIBULL: return gsl_cdf_weibull_P(t_us, d->scale_us, d->shape);
    case DURATION_LOGNORMAL:
        if (d->shape > 0) return gsl_cdf_lognormal_P(t_us, log(d->scale_us), d->shape);
        break;
    case DURATION_EMPIRICAL: {
        size_t low = 0, high = d->value_n; /* how many are <= t */
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if ((double)d->values[middle] <= t_us) low = middle + 1;
            else high = middle;
        }
        return (double)low / (double)d->value_n;
    }
    case DURATION_CONSTANT:
    case DURATION_KIND_N: break;
    }
    return t_us >= d->scale_us ? 1 : 0;
}
