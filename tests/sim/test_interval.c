/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals against published tables and by hand. */
#include "sim/interval.h"

#include <math.h>

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
        cmocka_unit_test(a_mean),
        cmocka_unit_test(pairs),
        cmocka_unit_test(narrow_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
