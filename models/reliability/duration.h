/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long something takes or lasts, as a distribution: a boot, a repair, the time until a node
 * fails or is reclaimed.
 *
 *      constant      always the same
 *      exponential   mean                       no memory: what has lasted does not tell
 *      weibull       shape, scale (or mean)     shape < 1: what has lasted will last
 *      lognormal     median, sigma (or mean)    repairs: most are short, a few take days
 *      empirical     a sorted list of values    as was measured, each as likely
 *
 * A draw is one number of sim/random.h put through the inverse of the distribution: one draw, one
 * counter, no state. The same counter gives the same microseconds on every machine, since only the
 * functions of sim/random.h stand between them; and a draw falls as its unit number rises, so that
 * two distributions drawn by one counter are long and short together (common random numbers).
 *
 * A plain struct; `values` is borrowed. Nothing here allocates.
 */
#ifndef MODELS_RELIABILITY_DURATION_H
#define MODELS_RELIABILITY_DURATION_H

#include <stddef.h>
#include <stdint.h>

#include "sim/random.h"
#include "sim/status.h"

/* Draws are cut to 1 us .. this, 571 years: sums of a few fit 64 bits. */
#define DURATION_MAX_US (INT64_C(1) << 54)

enum duration_kind {
    DURATION_CONSTANT,
    DURATION_EXPONENTIAL,
    DURATION_WEIBULL,
    DURATION_LOGNORMAL,
    DURATION_EMPIRICAL,
    DURATION_KIND_N
};

struct duration {
    enum duration_kind kind;
    double scale_us;       /* constant: it; exponential: mean; weibull: scale; lognormal: median */
    double shape;          /* weibull: shape; lognormal: sigma of the logarithm; else 0 */
    const int64_t *values; /* empirical: rising, each 1 .. DURATION_MAX_US */
    size_t value_n;
};

/* By enum duration_kind, ended by a NULL name. */
struct duration_family {
    const char *name, *parameters, *summary, *source;
};
extern const struct duration_family duration_families[DURATION_KIND_N + 1];

/* Each returns STATUS_BAD_INPUT and says which parameter cannot be: scales and means must be 1 us
 * to DURATION_MAX_US, a shape 0.05 to 50, a sigma 0 to 20. */
enum status duration_constant(int64_t us, struct duration *d, struct error *err);
enum status duration_exponential(double mean_us, struct duration *d, struct error *err);
enum status duration_weibull(double shape, double scale_us, struct duration *d, struct error *err);
/* scale = mean / Gamma(1 + 1/shape). */
enum status duration_weibull_mean(double shape, double mean_us, struct duration *d,
                                  struct error *err);
enum status duration_lognormal(double median_us, double sigma, struct duration *d,
                               struct error *err);
/* sigma = sqrt(2 ln(mean / median)); the mean is at least the median. */
enum status duration_lognormal_mean(double median_us, double mean_us, struct duration *d,
                                    struct error *err);
enum status duration_empirical(const int64_t *values, size_t n, struct duration *d,
                               struct error *err);

/* The duration that is exceeded with chance `unit`, in (0, 1]; 1 .. DURATION_MAX_US. */
int64_t duration_exceeded(const struct duration *d, double unit);

static inline int64_t duration_draw(const struct duration *d, struct random_key key,
                                    enum random_purpose purpose, uint64_t entity, uint64_t draw)
{
    return duration_exceeded(d, random_unit(key, purpose, entity, draw));
}

/* Of the distribution itself, not cut and not rounded, in microseconds. */
double duration_mean(const struct duration *d);
double duration_variance(const struct duration *d);
/* The smallest t with P(T <= t) >= p, p in (0, 1). */
double duration_quantile(const struct duration *d, double p);
/* P(T <= t). */
double duration_cdf(const struct duration *d, double t_us);

#endif
