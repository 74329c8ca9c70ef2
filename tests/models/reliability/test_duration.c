/* SPDX-License-Identifier: Apache-2.0 */
/* Durations against GSL's distributions and closed forms; draws against both. */
#include "models/reliability/duration.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "tests/support.h"

enum { DRAWS = 40000 };
static const int64_t measured[] = { 3000000, 5000000, 5000000, 90000000, 4000000000 };

static bool near(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fmax(fabs(a), fabs(b));
}

/* One of each, a minute to days. */
static void make(struct duration d[DURATION_KIND_N])
{
    struct error err;
    assert_int_equal(duration_constant(60000000, &d[0], &err), STATUS_OK);
    assert_int_equal(duration_exponential(3.6e9, &d[1], &err), STATUS_OK);
    assert_int_equal(duration_weibull(0.7, 7.2e9, &d[2], &err), STATUS_OK);
    assert_int_equal(duration_lognormal(3.54e9, 1.402, &d[3], &err), STATUS_OK);
    assert_int_equal(duration_empirical(measured, 5, &d[4], &err), STATUS_OK);
}

/* GSL's inverse of the upper tail is the draw, to the microsecond. */
static void draws_are_gsls_inverse(void **state)
{
    static const double units[] = { 1e-300, 1e-16, 1e-6, 0.01, 0.25, 0.5, 0.75, 0.99, 0.999999 };
    struct duration d[DURATION_KIND_N];
    (void)state;
    make(d);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double u = units[i], expected[] = {
            6e7,
            gsl_cdf_exponential_Qinv(u, 3.6e9),
            gsl_cdf_weibull_Qinv(u, 7.2e9, 0.7),
            gsl_cdf_lognormal_Qinv(u, log(3.54e9), 1.402),
        };
        for (int k = 0; k < DURATION_EMPIRICAL; k++) {
            int64_t got = duration_exceeded(&d[k], u);
            double want = fmin(fmax(expected[k], 1), (double)DURATION_MAX_US);
            if (fabs((double)got - want) > 0.51 + 1e-13 * want)
                fail_msg("%s exceeded with chance %g: %lld, GSL %.3f", duration_families[k].name, u,
                         (long long)got, want);
        }
    }
    assert_int_equal(duration_exceeded(&d[DURATION_EMPIRICAL], 1), 3000000);
    assert_int_equal(duration_exceeded(&d[DURATION_EMPIRICAL], 0.81), 3000000);
    assert_int_equal(duration_exceeded(&d[DURATION_EMPIRICAL], 0.79), 5000000);
    assert_int_equal(duration_exceeded(&d[DURATION_EMPIRICAL], 0.41), 5000000);
    assert_int_equal(duration_exceeded(&d[DURATION_EMPIRICAL], 0.39), 90000000);
    assert_int_equal(duration_exceeded(&d[DURATION_EMPIRICAL], 1e-18), 4000000000);
}

/* Mean and variance by the sum of quantiles at 200,000 even steps, which knows nothing of gamma
 * functions. The last step of a long tail is the error: a lognormal's is the largest. */
static void moments_are_those_of_the_quantiles(void **state)
{
    struct duration d[DURATION_KIND_N];
    (void)state;
    make(d);
    for (int k = 0; k < DURATION_KIND_N; k++) {
        enum { STEPS = 200000 };
        double sum = 0, squares = 0, mean = duration_mean(&d[k]);
        for (int i = 0; i < STEPS; i++) {
            double t = duration_quantile(&d[k], (i + 0.5) / STEPS);
            sum += t;
            squares += (t - mean) * (t - mean);
        }
        if (!near(sum / STEPS, mean, 0.001))
            fail_msg("%s: mean %g, of its quantiles %g", duration_families[k].name, mean,
                     sum / STEPS);
        if (!near(squares / STEPS, duration_variance(&d[k]), 0.03))
            fail_msg("%s: variance %g, of its quantiles %g", duration_families[k].name,
                     duration_variance(&d[k]), squares / STEPS);
    }
    /* Weibull of shape 1 is exponential; of shape 1/2: mean 2 scale, variance 20 scale^2. */
    struct error err;
    struct duration w;
    assert_int_equal(duration_weibull(0.5, 1e9, &w, &err), STATUS_OK);
    assert_true(near(duration_mean(&w), 2e9, 1e-14));
    assert_true(near(duration_variance(&w), 2e19, 1e-13));
}

static void quantile_and_cdf_are_inverse(void **state)
{
    struct duration d[DURATION_KIND_N];
    (void)state;
    make(d);
    for (int k = DURATION_EXPONENTIAL; k <= DURATION_LOGNORMAL; k++)
        for (double p = 0.01; p < 1; p += 0.01)
            assert_true(near(duration_cdf(&d[k], duration_quantile(&d[k], p)), p, 1e-10));
    assert_true(duration_cdf(&d[0], 59999999) == 0 && duration_cdf(&d[0], 60000000) == 1);
    assert_true(duration_cdf(&d[4], 2999999) == 0 && duration_cdf(&d[4], 3000000) == 0.2);
    assert_true(duration_cdf(&d[4], 5000000) == 0.6 && duration_cdf(&d[4], 1e18) == 1);
    assert_true(duration_quantile(&d[4], 0.2) == 3e6 && duration_quantile(&d[4], 0.21) == 5e6);
    assert_true(duration_quantile(&d[4], 0.6) == 5e6 && duration_quantile(&d[4], 0.99) == 4e9);
}

/* Draws of a whole stream: their mean within four standard errors, their quarters within four
 * standard errors of a share (DKW is wider), their largest gap to the CDF below Kolmogorov's 0.1%
 * point. */
static void draws_follow_the_distribution(void **state)
{
    struct duration d[DURATION_KIND_N];
    struct random_key key = random_key(11, 3);
    static double t[DRAWS];
    (void)state;
    make(d);
    for (int k = DURATION_EXPONENTIAL; k < DURATION_KIND_N; k++) {
        for (int i = 0; i < DRAWS; i++)
            t[i] = (double)duration_draw(&d[k], key, RANDOM_TEST, (uint64_t)i, (uint64_t)k);
        double mean = gsl_stats_mean(t, 1, DRAWS), sd = sqrt(duration_variance(&d[k]));
        if (fabs(mean - duration_mean(&d[k])) > 4 * sd / sqrt(DRAWS))
            fail_msg("%s: mean of draws %g, expected %g", duration_families[k].name, mean,
                     duration_mean(&d[k]));
        for (double p = 0.05; p < 1; p += 0.05) {
            double at = duration_quantile(&d[k], p), below = 0;
            double expected = duration_cdf(&d[k], at);
            for (int i = 0; i < DRAWS; i++) below += t[i] <= at + 0.5;
            if (fabs(below / DRAWS - expected) > 4 * sqrt(expected * (1 - expected) / DRAWS) + 1e-9)
                fail_msg("%s: %g of the draws are below the quantile of %g",
                         duration_families[k].name, below / DRAWS, expected);
        }
    }
}

/* Same counter, same bytes, on every compiler and machine. Draws fall as the unit number rises, in
 * every family. */
static void same_counter_same_bytes(void **state)
{
    struct duration d[DURATION_KIND_N];
    struct random_key key = random_key(1, 0);
    (void)state;
    make(d);
    for (int k = 0; k < DURATION_KIND_N; k++) {
        int64_t before = DURATION_MAX_US;
        for (uint64_t i = 0; i < 100; i++)
            assert_int_equal(duration_draw(&d[k], key, RANDOM_TEST, 17, i),
                             duration_draw(&d[k], key, RANDOM_TEST, 17, i));
        for (double u = 0x1p-53; u <= 1; u = u < 0.01 ? 2 * u : u + 0.01) {
            int64_t t = duration_exceeded(&d[k], u);
            assert_true(t >= 1 && t <= before);
            before = t;
        }
        assert_true(k == DURATION_CONSTANT || before < duration_exceeded(&d[k], 0.5));
    }
    assert_int_equal(duration_exceeded(&d[1], 0.1), 8289306335);  /* 3.6e9 ln 10 */
    assert_int_equal(duration_exceeded(&d[2], 0.1), 23701917400); /* 7.2e9 (ln 10)^(10/7) */
}

static void extremes_stay_inside(void **state)
{
    static const double units[] = { 0x1p-53, 1e-9, 0.5, 1 - 0x1p-53, 1 };
    static const double scales[] = { 1, 1e6, 9e15, (double)DURATION_MAX_US };
    static const double shapes[] = { 0.05, 0.3, 1, 8, 50 }, sigmas[] = { 0, 1e-6, 1, 8, 20 };
    struct duration d;
    struct error err;
    (void)state;
    for (size_t s = 0; s < 4; s++)
        for (size_t k = 0; k < 5; k++)
            for (size_t u = 0; u < 5; u++) {
                int64_t t;
                assert_int_equal(duration_weibull(shapes[k], scales[s], &d, &err), STATUS_OK);
                t = duration_exceeded(&d, units[u]);
                assert_true(t >= 1 && t <= DURATION_MAX_US);
                assert_int_equal(duration_lognormal(scales[s], sigmas[k], &d, &err), STATUS_OK);
                t = duration_exceeded(&d, units[u]);
                assert_true(t >= 1 && t <= DURATION_MAX_US);
                if (sigmas[k] == 0) assert_true(t == (int64_t)(scales[s] + 0.5));
                assert_int_equal(duration_exponential(scales[s], &d, &err), STATUS_OK);
                t = duration_exceeded(&d, units[u]);
                assert_true(t >= 1 && t <= DURATION_MAX_US);
            }
    assert_int_equal(duration_weibull(0.05, 1, &d, &err), STATUS_OK);
    assert_int_equal(duration_exceeded(&d, 0x1p-53), DURATION_MAX_US); /* 36.7^20 us */
    assert_int_equal(duration_exceeded(&d, 1), 1);
}

static void means_give_the_other_parameter(void **state)
{
    struct duration d;
    struct error err;
    (void)state;
    for (double shape = 0.1; shape < 8; shape *= 1.7) {
        assert_int_equal(duration_weibull_mean(shape, 3e9, &d, &err), STATUS_OK);
        assert_true(near(duration_mean(&d), 3e9, 1e-12));
    }
    assert_int_equal(duration_lognormal_mean(59 * 6e7, 352.381 * 6e7, &d, &err), STATUS_OK);
    assert_true(near(duration_mean(&d), 352.381 * 6e7, 1e-12));
    assert_true(near(duration_quantile(&d, 0.5), 59 * 6e7, 1e-12));
    assert_int_equal(duration_lognormal_mean(5e6, 5e6, &d, &err), STATUS_OK);
    assert_true(d.shape == 0 && duration_exceeded(&d, 0.01) == 5000000);
}

static void what_cannot_be_is_refused(void **state)
{
    static const int64_t falling[] = { 2, 1 }, zero[] = { 0, 1 };
    struct duration d;
    struct error err;
    (void)state;
#define REFUSED(call, words)                                                                       \
    do {                                                                                           \
        assert_int_equal(call, STATUS_BAD_INPUT);                                                  \
        if (!strstr(err.message, words)) fail_msg("'%s' does not say '%s'", err.message, words);   \
    } while (0)
    REFUSED(duration_constant(0, &d, &err), "the duration is 0 s");
    REFUSED(duration_exponential(0.5, &d, &err), "the mean");
    REFUSED(duration_exponential(NAN, &d, &err), "the mean");
    REFUSED(duration_weibull(0, 1e6, &d, &err), "the shape is 0, not 0.05 to 50");
    REFUSED(duration_weibull(1, INFINITY, &d, &err), "the scale");
    REFUSED(duration_weibull_mean(NAN, 1e6, &d, &err), "the shape");
    REFUSED(duration_weibull_mean(0.05, 1e6, &d, &err), "the scale"); /* mean 20! x scale */
    REFUSED(duration_lognormal(1e6, -1, &d, &err), "the sigma");
    REFUSED(duration_lognormal_mean(2e6, 1e6, &d, &err), "below the median");
    REFUSED(duration_empirical(falling, 2, &d, &err), "do not rise");
    REFUSED(duration_empirical(zero, 2, &d, &err), "a value");
    REFUSED(duration_empirical(zero, 0, &d, &err), "no value");
}

static void families_are_named(void **state)
{
    (void)state;
    for (int k = 0; k < DURATION_KIND_N; k++) {
        assert_true(*duration_families[k].name && *duration_families[k].parameters);
        assert_true(*duration_families[k].summary && *duration_families[k].source);
    }
    assert_null(duration_families[DURATION_KIND_N].name);
    assert_string_equal(duration_families[DURATION_WEIBULL].name, "weibull");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_are_gsls_inverse),
        cmocka_unit_test(moments_are_those_of_the_quantiles),
        cmocka_unit_test(quantile_and_cdf_are_inverse),
        cmocka_unit_test(draws_follow_the_distribution),
        cmocka_unit_test(same_counter_same_bytes),
        cmocka_unit_test(extremes_stay_inside),
        cmocka_unit_test(means_give_the_other_parameter),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(families_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
