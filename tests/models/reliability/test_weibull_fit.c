/* SPDX-License-Identifier: Apache-2.0 */
/* Fits against a slow search of the likelihood, and of draws whose parameters are known. The fits
 * of real traces stand in tests/scenarios/interruptions. */
#include "models/reliability/weibull_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/reliability/duration.h"
#include "tests/support.h"

static double likelihood(const double *t, const bool *ended, size_t n, double shape, double scale)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double u = t[i] / scale;
        sum -= pow(u, shape);
        if (ended[i]) sum += log(shape / scale) + (shape - 1) * log(u);
    }
    return sum;
}

/* The place where likelihood is highest, by smaller and smaller steps in four directions. */
static void climb(const double *t, const bool *ended, size_t n, double *shape, double *scale)
{
    double best = likelihood(t, ended, n, *shape, *scale);
    for (double step = 0.5; step > 1e-9;) {
        double k = *shape, c = *scale,
               moves[4][2] = { { k * (1 + step), c },
                               { k / (1 + step), c },
                               { k, c * (1 + step) },
                               { k, c / (1 + step) } };
        bool better = false;
        for (int m = 0; m < 4; m++) {
            double here = likelihood(t, ended, n, moves[m][0], moves[m][1]);
            if (here <= best) continue;
            best = here;
            *shape = moves[m][0];
            *scale = moves[m][1];
            better = true;
        }
        if (!better) step /= 2;
    }
}

/* n draws; those beyond `until` are cut off there. */
static void sample(double shape, double scale, double until, uint64_t entity, size_t n, double *t,
                   bool *ended)
{
    struct duration d = { .kind = DURATION_WEIBULL, .scale_us = scale * 1e6, .shape = shape };
    for (size_t i = 0; i < n; i++) {
        t[i] = (double)duration_draw(&d, random_key(5, 0), RANDOM_TEST, entity, i) / 1e6;
        ended[i] = t[i] <= until;
        if (!ended[i]) t[i] = until;
    }
}

static void fit_is_the_highest_likelihood(void **state)
{
    static const double cases[][3] = {
        { 0.6, 6000, 1e9 }, { 0.6, 6000, 5000 }, { 3.5, 3e4, 2e4 }, { 1, 1, 0.2 }, { 12, 1e-3, 1 },
    };
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        enum { N = 200 };
        double t[N], shape = 1, scale = cases[c][1];
        bool ended[N];
        struct weibull_fit fit;
        struct error err;
        sample(cases[c][0], cases[c][1], cases[c][2], c, N, t, ended);
        for (int i = 0; i < N; i++)
            if (t[i] <= 0) t[i] = 1e-6;
        assert_int_equal(weibull_fit(t, ended, N, &fit, &err), STATUS_OK);
        climb(t, ended, N, &shape, &scale);
        assert_true(fit.fitted);
        if (fabs(fit.shape / shape - 1) > 1e-5 || fabs(fit.scale / scale - 1) > 1e-5)
            fail_msg("case %zu: %g, %g; climbing finds %g, %g", c, fit.shape, fit.scale, shape,
                     scale);
        assert_true(likelihood(t, ended, N, fit.shape, fit.scale) >=
                    likelihood(t, ended, N, shape, scale) - 1e-9);
        /* The information is the second difference of the likelihood in ln shape, ln scale: the
         * interval's half width in ln shape, squared, is z^2 of its inverse. */
        double h = 1e-3, l[3][3];
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                l[i][j] = likelihood(t, ended, N, fit.shape * exp((i - 1) * h),
                                     fit.scale * exp((j - 1) * h));
        double aa = -(l[0][1] - 2 * l[1][1] + l[2][1]) / (h * h),
               bb = -(l[1][0] - 2 * l[1][1] + l[1][2]) / (h * h),
               ab = -(l[2][2] - l[2][0] - l[0][2] + l[0][0]) / (4 * h * h),
               determinant = aa * bb - ab * ab, z = 1.959963984540054;
        assert_true(fabs(log(fit.shape_high / fit.shape) / (z * sqrt(bb / determinant)) - 1) <
                    1e-3);
        assert_true(fabs(log(fit.shape / fit.shape_low) / (z * sqrt(bb / determinant)) - 1) < 1e-3);
        assert_true(fabs(log(fit.scale_high / fit.scale) / (z * sqrt(aa / determinant)) - 1) <
                    1e-3);
    }
}

/* Of 400 samples of 60, a third cut off, about 95% of the intervals hold the truth: 380 expected,
 * four standard errors are 17; small samples miss a little more often. */
static void intervals_hold_the_truth(void **state)
{
    int shapes = 0, scales = 0;
    (void)state;
    for (uint64_t r = 0; r < 400; r++) {
        double t[60];
        bool ended[60];
        struct weibull_fit fit;
        struct error err;
        sample(0.7, 100, 110, 1000 + r, 60, t, ended);
        assert_int_equal(weibull_fit(t, ended, 60, &fit, &err), STATUS_OK);
        assert_true(fit.cut_off > 5 && fit.ended + fit.cut_off == 60);
        shapes += fit.shape_low <= 0.7 && 0.7 <= fit.shape_high;
        scales += fit.scale_low <= 100 && 100 <= fit.scale_high;
    }
    assert_in_range(shapes, 360, 397);
    assert_in_range(scales, 360, 397);
}

static void cut_off_times_lengthen_the_scale(void **state)
{
    double t[] = { 1, 2, 3, 4, 5, 50, 50, 50 };
    bool all[] = { true, true, true, true, true, true, true, true },
         some[] = { true, true, true, true, true, false, false, false };
    struct weibull_fit a, b;
    struct error err;
    (void)state;
    assert_int_equal(weibull_fit(t, all, 8, &a, &err), STATUS_OK);
    assert_int_equal(weibull_fit(t, some, 8, &b, &err), STATUS_OK);
    assert_true(b.scale > 2 * a.scale && b.shape < a.shape);
    assert_int_equal(b.ended, 5);
    assert_int_equal(b.cut_off, 3);
}

static void what_cannot_be_fitted(void **state)
{
    double same[] = { 7, 7, 7 }, zeros[] = { 0, 0, 5 }, two[] = { 1, 2 }, bad[] = { 1, -1 },
           wide[] = { 1e-300, 1e300, 1 };
    bool ended[] = { true, true, true }, one[] = { true, false, false };
    struct weibull_fit fit;
    struct error err;
    (void)state;
    assert_int_equal(weibull_fit(same, ended, 3, &fit, &err), STATUS_OK);
    assert_true(!fit.fitted && fit.ended == 3 && fit.shape == 0);
    assert_int_equal(weibull_fit(zeros, ended, 3, &fit, &err), STATUS_OK);
    assert_true(!fit.fitted && fit.ended == 1 && fit.cut_off == 0);
    assert_int_equal(weibull_fit(same, one, 3, &fit, &err), STATUS_OK);
    assert_true(!fit.fitted && fit.ended == 1 && fit.cut_off == 2);
    assert_int_equal(weibull_fit(NULL, NULL, 0, &fit, &err), STATUS_OK);
    assert_true(!fit.fitted);
    assert_int_equal(weibull_fit(two, ended, 2, &fit, &err), STATUS_OK);
    assert_true(fit.fitted && fit.shape > 1 && fit.scale > 1 && fit.scale < 2);
    assert_int_equal(weibull_fit(wide, ended, 3, &fit, &err), STATUS_OK);
    assert_true(fit.fitted && fit.shape > 0 && fit.shape < 0.01 && fit.shape_low > 0);
    assert_int_equal(weibull_fit(bad, ended, 2, &fit, &err), STATUS_BAD_INPUT);
    bad[1] = NAN;
    assert_int_equal(weibull_fit(bad, ended, 2, &fit, &err), STATUS_BAD_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fit_is_the_highest_likelihood),
        cmocka_unit_test(intervals_hold_the_truth),
        cmocka_unit_test(cut_off_times_lengthen_the_scale),
        cmocka_unit_test(what_cannot_be_fitted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
