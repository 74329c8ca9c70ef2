/* SPDX-License-Identifier: Apache-2.0 */
/* Intervals by Student's t against the printed tables, verdicts at their edges, differences in
 * pairs. */
#include "reports/estimate.h"

#include <math.h>
#include <string.h>

#include "reports/metrics.h"
#include "tests/results_fixture.h"
#include "tests/support.h"

/* Values with standard deviation s: the half width is t s / sqrt(n), so t = half sqrt(n) / s. */
static double t_of(size_t n)
{
    double values[200] = { 0 }, mean = 0, squares = 0;
    struct estimate e;
    for (size_t i = 0; i < n; i++)
        values[i] = 50 + 7 * sin((double)(i * i)), mean += values[i] / (double)n;
    for (size_t i = 0; i < n; i++) squares += (values[i] - mean) * (values[i] - mean);
    estimate_of(values, n, &e);
    assert_int_equal(e.n, n);
    assert_true(fabs(e.mean - mean) < 1e-12 * mean);
    return e.half * sqrt((double)n) / sqrt(squares / (double)(n - 1));
}

/* t(0.975; n - 1) of the NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2. */
static void test_t_table(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        double t;
    } table[] = { { 2, 12.706 }, { 3, 4.303 },  { 4, 3.182 },  { 5, 2.776 },
                  { 6, 2.571 },  { 10, 2.262 }, { 11, 2.228 }, { 21, 2.086 },
                  { 31, 2.042 }, { 61, 2.000 }, { 101, 1.984 } };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_true(fabs(t_of(table[i].n) - table[i].t) < 0.0006);
}

static void test_by_hand(void **state)
{
    (void)state;
    struct estimate e;
    estimate_of((const double[]){ 1, 2, 3 }, 3, &e); /* s = 1, t = 4.302653, / sqrt 3 */
    assert_true(e.mean == 2 && e.least == 1 && e.most == 3 && e.n == 3);
    assert_true(fabs(e.half - 2.484138) < 1e-6);
    estimate_of((const double[]){ 4, 2 }, 2, &e); /* s = sqrt 2, t = 12.706205, / sqrt 2 */
    assert_true(fabs(e.half - 12.706205) < 1e-6 && e.least == 2 && e.most == 4);
    estimate_of((const double[]){ 5, 5, 5, 5 }, 4, &e);
    assert_true(e.mean == 5 && e.half == 0);
    /* A large common part does not eat the digits of the spread. */
    estimate_of((const double[]){ 1e9 + 1, 1e9 + 2, 1e9 + 3 }, 3, &e);
    assert_true(fabs(e.half - 2.484138) < 1e-6);
}

static void test_without_interval(void **state)
{
    (void)state;
    struct estimate e;
    estimate_of((const double[]){ 7 }, 1, &e);
    assert_true(e.mean == 7 && e.least == 7 && e.most == 7 && isnan(e.half) && e.n == 1);
    estimate_of(NULL, 0, &e);
    assert_true(isnan(e.mean) && isnan(e.half) && e.n == 0);
    estimate_of((const double[]){ 1, NAN, 3 }, 3, &e);
    assert_true(isnan(e.mean) && isnan(e.half) && isnan(e.least) && isnan(e.most) && e.n == 0);
}

/* Meets only where the whole interval does; the edge itself is on the good side. */
static void test_verdicts(void **state)
{
    (void)state;
    static const struct {
        double mean, half;
        int32_t n;
        enum verdict at_most, at_least;
    } list[] = {
        { 90, 5, 3, VERDICT_MEETS, VERDICT_MISSES },
        { 94, 5, 3, VERDICT_MEETS, VERDICT_MISSES },
        { 95, 5, 3, VERDICT_MEETS, VERDICT_UNCLEAR },
        { 98, 5, 3, VERDICT_UNCLEAR, VERDICT_UNCLEAR },
        { 105, 5, 3, VERDICT_UNCLEAR, VERDICT_MEETS },
        { 106, 5, 3, VERDICT_MISSES, VERDICT_MEETS },
        { 100, NAN, 1, VERDICT_MEETS, VERDICT_MEETS },
        { 99.9, NAN, 1, VERDICT_MEETS, VERDICT_MISSES },
        { 100.1, NAN, 1, VERDICT_MISSES, VERDICT_MEETS },
        { NAN, NAN, 0, VERDICT_NONE, VERDICT_NONE },
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct estimate e = { list[i].mean, list[i].half, list[i].mean, list[i].mean, list[i].n };
        assert_int_equal(estimate_verdict(&e, 100, true), list[i].at_most);
        assert_int_equal(estimate_verdict(&e, 100, false), list[i].at_least);
    }
}

/* Months differ by far more than fleets do: only the pairs show the difference. */
static void test_pairs(void **state)
{
    (void)state;
    struct fixture f;
    struct report_data d;
    fixture_default(&f);
    f.fleets = 2;
    double costs[2][3] = { { 100e3, 200e3, 300e3 }, { 90e3, 189e3, 291e3 } };
    memcpy(f.cost, costs, sizeof costs);
    fixture_read(&f, &d);
    const struct estimate *base = report_metric(&d.fleets[0], METRIC_COST_MONTH),
                          *small = report_metric(&d.fleets[1], METRIC_COST_MONTH);
    const struct estimate *difference = &d.fleets[1].difference[metric_index(METRIC_COST_MONTH)];
    assert_true(small->mean + small->half > base->mean - base->half); /* apart they overlap */
    assert_true(fabs(difference->mean + 10e3) < 1e-6);
    assert_true(fabs(difference->half - 2484.138) < 1e-3); /* differences -10k, -11k, -9k: s = 1k */
    assert_int_equal(d.fleets[0].difference[metric_index(METRIC_COST_MONTH)].n, 0);
    assert_int_equal(d.fleets[0].cost_change.n, 0);
    assert_true(fabs(d.fleets[1].cost_change.mean - (-0.1 - 0.055 - 0.03) / 3) < 1e-12);
    assert_true(d.fleets[1].cost_change.least == 90.0 / 100 - 1);
    assert_int_equal(d.pick, 1);
    assert_true(d.pick_is_clear);
    report_data_free(&d);
    /* The same means, but the pairs disagree: cheapest, and not clearly. */
    double mixed[2][3] = { { 100e3, 200e3, 300e3 }, { 120e3, 150e3, 300e3 } };
    memcpy(f.cost, mixed, sizeof mixed);
    fixture_read(&f, &d);
    assert_int_equal(d.pick, 1);
    assert_false(d.pick_is_clear);
    report_data_free(&d);
}

static void test_pick(void **state)
{
    (void)state;
    struct fixture f;
    struct report_data d;
    fixture_default(&f);
    fixture_read(&f, &d); /* base, small, large; all keep 15 min; small is cheapest */
    assert_int_equal(d.pick, 1);
    assert_int_equal(d.fleets[1].overall, VERDICT_MEETS);
    assert_int_equal(d.fleets[1].meets_in, 3);
    report_data_free(&d);
    for (int r = 0; r < 3; r++) f.p95_s[1][r] = 1000; /* the cheapest misses: the next is it */
    fixture_read(&f, &d);
    assert_int_equal(d.fleets[1].overall, VERDICT_MISSES);
    assert_int_equal(d.fleets[1].meets_in, 0);
    assert_int_equal(d.pick, 0);
    report_data_free(&d);
    f.p95_s[0][2] = 2000; /* 120, 150, 2000: nobody can say */
    fixture_read(&f, &d);
    assert_int_equal(d.fleets[0].overall, VERDICT_UNCLEAR);
    assert_int_equal(d.fleets[0].meets_in, 2);
    assert_int_equal(d.pick, 2);
    report_data_free(&d);
    for (int r = 0; r < 3; r++) f.p95_s[2][r] = 1000;
    fixture_read(&f, &d);
    assert_int_equal(d.pick, -1);
    assert_false(d.pick_is_clear);
    report_data_free(&d);
    fixture_default(
        &f); /* the cheapest fits no job: no wait and no answer, with a target and without */
    f.idle_fleet = 1;
    fixture_read(&f, &d);
    assert_int_equal(d.fleets[1].overall, VERDICT_UNCLEAR);
    assert_int_equal(d.fleets[1].meets_in, 0);
    assert_int_equal(d.pick, 0);
    report_data_free(&d);
    f.slo_label = NULL;
    fixture_read(&f, &d);
    assert_int_equal(d.pick, 0);
    report_data_free(&d);
    fixture_default(&f);
    for (int r = 0; r < 3; r++) f.p95_s[0][r] = f.p95_s[1][r] = f.p95_s[2][r] = 1000;
    f.slo_label = NULL; /* without targets the cheapest of all */
    fixture_read(&f, &d);
    assert_int_equal(d.pick, 1);
    assert_int_equal(d.fleets[1].overall, VERDICT_NONE);
    assert_int_equal(d.fleets[1].meets_in, 0);
    report_data_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_t_table),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_without_interval),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_pick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
