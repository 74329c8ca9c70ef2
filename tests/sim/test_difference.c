/* SPDX-License-Identifier: Apache-2.0 */
/* Differences of means, absolute and as a ratio: by hand, and by what defines them. */
#include "sim/difference.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "sim/interval.h"
#include "tests/support.h"

static void near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-9 * fmax(1, fabs(b)))) fail_msg("%.15g is not %.15g", a, b);
}

static void pairs_by_hand(void **state)
{
    static const double a[] = { 100, 110, 120 }, b[] = { 70, 78, 83 };
    struct difference d;
    (void)state;
    difference_paired(a, b, 3, 0.95, &d);
    near(d.a, 110);
    near(d.b, 77);
    near(d.mean, -33); /* -30, -32, -37: s = sqrt(13) */
    near(d.half, 4.302652729749464 * sqrt(13.0 / 3));
    near(d.relative, -0.3);
    assert_int_equal(d.n_a, 3);
    assert_int_equal(d.n_b, 3);
    difference_paired(a, b, 3, 0.99, &d);
    near(d.half, 9.924843200918287 * sqrt(13.0 / 3));
}

static void two_samples_by_hand(void **state)
{
    static const double a[] = { 1, 2, 3 }, b[] = { 2, 4, 6, 8 };
    struct difference d;
    (void)state;
    difference_apart(a, 3, b, 4, 0.95, &d);
    near(d.mean, 3); /* variances of the means 1/3 and 5/3, sum 2; 4 / (1/18 + 25/27) */
    near(d.half, sqrt(2) * gsl_cdf_tdist_Pinv(0.975, 4 / (1.0 / 18 + 25.0 / 27)));
    assert_true(fabs(d.half - 3.8980) < 1e-4); /* as the header says */
    near(d.relative, 1.5);
    assert_int_equal(d.n_a, 3);
    assert_int_equal(d.n_b, 4);
}

/* At its ends b - r a is just as far from 0 as t allows. */
static void fieller_is_where_t_ends(void **state)
{
    static const double a[] = { 100, 112, 120, 97 }, b[] = { 70, 78, 83, 90 };
    struct difference d;
    (void)state;
    difference_paired(a, b, 4, 0.95, &d);
    assert_true(d.relative_low < d.relative && d.relative < d.relative_high);
    for (int side = 0; side < 2; side++) {
        double r = 1 + (side ? d.relative_high : d.relative_low), e[4];
        for (int i = 0; i < 4; i++) e[i] = b[i] - r * a[i];
        struct mean_interval of = interval_of_mean(e, 4);
        near(fabs(of.mean), of.half);
    }
    difference_apart(a, 4, b, 4, 0.95, &d);
    struct mean_interval of_a = interval_of_mean(a, 4), of_b = interval_of_mean(b, 4);
    double t3 = gsl_cdf_tdist_Pinv(0.975, 3), va = pow(of_a.half / t3, 2),
           vb = pow(of_b.half / t3, 2), t = d.half / sqrt(va + vb);
    for (int side = 0; side < 2; side++) {
        double r = 1 + (side ? d.relative_high : d.relative_low);
        near(fabs(d.b - r * d.a), t * sqrt(vb + r * r * va));
    }
}

/* The ratio's interval holds 0 % where, and only where, that of the difference holds 0. */
static void both_say_the_same(void **state)
{
    (void)state;
    for (int shift = -40; shift <= 40; shift++)
        for (int apart = 0; apart < 2; apart++) {
            double a[] = { 50, 61, 55, 47, 58 }, b[5];
            struct difference d;
            for (int i = 0; i < 5; i++) b[i] = a[(i + 2) % 5] + shift * 0.5;
            if (apart) difference_apart(a, 5, b, 5, 0.95, &d);
            else difference_paired(a, b, 5, 0.95, &d);
            bool clear = fabs(d.mean) > d.half, ratio = d.relative_low > 0 || d.relative_high < 0;
            assert_int_equal(clear, ratio);
        }
}

static void what_does_not_vary_is_a_point(void **state)
{
    static const double a[] = { 3, 3, 3 }, b[] = { 4.5, 4.5, 4.5 }, c[] = { 1, 2, 4 },
                        twice[] = { 2, 4, 8 };
    struct difference d;
    (void)state;
    difference_paired(a, b, 3, 0.95, &d);
    assert_true(d.half == 0 && d.relative_low == 0.5 && d.relative_high == 0.5);
    difference_apart(a, 3, b, 3, 0.95, &d);
    assert_true(d.half == 0 && d.relative_low == 0.5 && d.relative_high == 0.5);
    difference_paired(c, c, 3, 0.95, &d);
    assert_true(d.mean == 0 && d.half == 0 && d.relative_low == 0 && d.relative_high == 0);
    /* A multiple is one in each world, however they vary; but the reference is not surely above 0
     * here, and then nothing bounds a ratio. */
    difference_paired(c, twice, 3, 0.5, &d);
    assert_true(d.relative == 1 && d.relative_low == 1 && d.relative_high == 1);
    difference_paired(c, twice, 3, 0.999, &d);
    assert_true(isnan(d.relative_low) && isnan(d.relative_high) && d.half > 0);
}

static void where_there_is_nothing_to_say(void **state)
{
    static const double a[] = { 1, 2 }, b[] = { 3, NAN }, none[] = { 0, 0 };
    struct difference d;
    (void)state;
    difference_paired(a, a + 1, 1, 0.95, &d);
    assert_true(d.mean == 1 && isnan(d.half) && d.relative == 1 && isnan(d.relative_low));
    assert_int_equal(d.n_a, 1);
    difference_apart(a, 2, b, 1, 0.95, &d);
    assert_true(d.mean == 1.5 && isnan(d.half) && isnan(d.relative_low));
    difference_paired(a, b, 2, 0.95, &d);
    assert_true(isnan(d.mean) && isnan(d.half) && d.n_a == 0 && d.n_b == 0);
    difference_apart(a, 0, b, 1, 0.95, &d);
    assert_true(isnan(d.mean) && d.n_a == 0);
    difference_paired(none, a, 2, 0.95, &d);
    assert_true(d.mean == 1.5 && d.half > 0 && isnan(d.relative) && isnan(d.relative_low));
}

static void a_family_of_intervals(void **state)
{
    (void)state;
    near(difference_each(0.95, 1), 0.95);
    near(difference_each(0.95, 10), 0.995);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_by_hand),
        cmocka_unit_test(two_samples_by_hand),
        cmocka_unit_test(fieller_is_where_t_ends),
        cmocka_unit_test(both_say_the_same),
        cmocka_unit_test(what_does_not_vary_is_a_point),
        cmocka_unit_test(where_there_is_nothing_to_say),
        cmocka_unit_test(a_family_of_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
