/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals against published tables and by hand. */
#include "sim/interval.h"

#include <math.h>

#include "sim/control.h"
#include "tests/support.h"

static void a_mean(void **state)
{
    (void)state;
    /* s = 1, t(0.975; 2) = 4.302653 (NIST/SEMATECH e-Handbook 1.3.6.7.2), / sqrt 3. */
    struct mean_interval i = interval_of_mean((const double[]){ 1, 2, 3 }, 3);
    assert_true(i.mean == 2 && fabs(i.half - 2.484138) < 1e-6);
    i = interval_of_mean((const double[]){ 7 }, 1);
    assert_true(i.mean == 7 && isnan(i.half));
    i = interval_of_mean((const double[]){ 1, NAN }, 2);
    assert_true(isnan(i.mean) && isnan(i.half));
    i = interval_of_mean(NULL, 0);
    assert_true(isnan(i.mean) && isnan(i.half));
}

/* Of (1, 3), (2, 6), (5, 1): the means 2, 4, 3. */
static void pairs(void **state)
{
    (void)state;
    struct mean_interval i = interval_of_pairs((const double[]){ 1, 3, 2, 6, 5, 1 }, 6);
    assert_true(i.mean == 3 && fabs(i.half - 2.484138) < 1e-6);
    i = interval_of_pairs((const double[]){ 1, 3 }, 2);
    assert_true(i.mean == 2 && isnan(i.half));
}

/* Wilson by hand: (k + z^2 / 2 +- z sqrt(k (n - k) / n + z^2 / 4)) / (n + z^2), z = 1.959964. */
static void a_proportion(void **state)
{
    (void)state;
    struct range_interval i = interval_of_proportion(10, 20);
    assert_true(fabs(i.low - 0.299298) < 1e-6 && fabs(i.high - 0.700702) < 1e-6);
    i = interval_of_proportion(0, 10);
    assert_true(i.low < 1e-15 && fabs(i.high - 0.277533) < 1e-6);
    i = interval_of_proportion(10, 10);
    assert_true(fabs(i.low - 0.722467) < 1e-6 && i.high > 1 - 1e-15);
}

/* Of 10, of which the median lies between the 2nd and the 9th: 1 - 2 (1 + 10) / 1024 = 97.9%. Five
 * bound no median: 1 - 2 / 32 = 93.8%. */
static void a_quantile(void **state)
{
    const double x[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
    (void)state;
    struct quantile_interval q = interval_of_quantile(x, 10, 0.5);
    assert_true(q.value == 5 && q.low == 2 && q.high == 9);
    q = interval_of_quantile(x, 6, 0.5);
    assert_true(q.value == 3 && q.low == 1 && q.high == 6);
    q = interval_of_quantile(x, 5, 0.5);
    assert_true(q.value == 3 && isnan(q.low) && isnan(q.high));
    q = interval_of_quantile(x, 10, 0.95);
    assert_true(q.value == 10 && isnan(q.low));
    q = interval_of_quantile(NULL, 0, 0.5);
    assert_true(isnan(q.value));
}

/* y = 3 + 2 x exactly: the control tells all. And by hand: x 1, 2, 3 and y 1, 3, 2 have the slope
 * 1/2, residuals -1/2, 1, -1/2, s^2 = 3/2 with one degree of freedom, t = 12.7062; at m = 3 off by
 * -1. */
static void a_control(void **state)
{
    const double x[] = { 1, 2, 3 };
    (void)state;
    struct mean_interval i = control_interval((const double[]){ 5, 7, 9 }, x, 3, 4);
    assert_true(fabs(i.mean - 11) < 1e-12 && i.half < 1e-12);
    i = control_interval((const double[]){ 1, 3, 2 }, x, 3, 3);
    assert_true(fabs(i.mean - 2.5) < 1e-12);
    assert_true(fabs(i.half - 12.706205 * sqrt(1.5 * (1.0 / 3 + 0.5))) < 1e-5);
    i = control_interval((const double[]){ 1, 2, 3 }, (const double[]){ 4, 4, 4 }, 3, 4);
    assert_true(i.mean == 2 && fabs(i.half - 2.484138) < 1e-6);
}

/* The edge itself is narrow enough; nothing waits for a figure that is always 0. */
static void narrow_enough(void **state)
{
    (void)state;
    assert_true(interval_is_within((struct mean_interval){ 100, 5 }, 0.05));
    assert_false(interval_is_within((struct mean_interval){ 100, 5.001 }, 0.05));
    assert_true(interval_is_within((struct mean_interval){ -100, 5 }, 0.05));
    assert_true(interval_is_within((struct mean_interval){ 0, 0 }, 0.05));
    assert_false(interval_is_within((struct mean_interval){ 0, 1 }, 0.05));
    assert_false(interval_is_within((struct mean_interval){ 100, NAN }, 0.05));
    assert_false(interval_is_within((struct mean_interval){ NAN, NAN }, 0.05));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mean),     cmocka_unit_test(pairs),     cmocka_unit_test(a_proportion),
        cmocka_unit_test(a_quantile), cmocka_unit_test(a_control), cmocka_unit_test(narrow_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
