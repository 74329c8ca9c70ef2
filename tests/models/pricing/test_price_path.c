/* SPDX-License-Identifier: Apache-2.0 */
/* Spot prices that wander: their mean, their spread and how long they remember, against the
 * formula. */
#include "models/pricing/price_path.h"

#include <math.h>
#include <stdlib.h>

#include "models/pricing/money.h"
#include "tests/support.h"

static void path_of(const struct price_path *path, uint32_t replication,
                    const struct price_trace *around, struct price_trace *trace, int64_t *mean)
{
    struct error err;
    if (price_path_draw(path, around, INT64_C(10000000000), random_key(5, replication), trace, mean,
                        &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

static double price(const struct price_trace *t, int hour)
{
    return (double)(price_trace_cost(t, hour * HOUR_US, (hour + 1) * HOUR_US) / HOUR_US) / 1e10;
}

/* Over replications: mean 1, standard deviation 0.4, and of the logarithms a correlation of 1/2
 * after the half life, of 1/4 after two. Hours long after the start are as the first. */
static void as_the_formula_says(void **state)
{
    enum { N = 20000 };
    const struct price_path path = { 0.4, 6 * HOUR_US, 1, 77, 0, 40 };
    static const int hours[] = { 0, 6, 12, 39 };
    double sum[4] = { 0 }, squares[4] = { 0 }, product[4] = { 0 }, first = 0;
    (void)state;
    for (uint32_t r = 0; r < N; r++) {
        struct price_trace t;
        int64_t mean;
        path_of(&path, r, NULL, &t, &mean);
        for (int i = 0; i < 4; i++) {
            double x = price(&t, hours[i]), centre = log(1 + 0.16) / 2;
            sum[i] += x;
            squares[i] += x * x;
            product[i] += (log(x) + centre) * (log(price(&t, 0)) + centre);
        }
        first += mean > 0;
        price_trace_free(&t);
    }
    assert_true(first == N);
    for (int i = 0; i < 4; i++) { /* standard errors: 0.0028, and about 0.005 of the deviation */
        assert_true(fabs(sum[i] / N - 1) < 4 * 0.4 / sqrt(N));
        assert_true(fabs(sqrt(squares[i] / N - sum[i] / N * (sum[i] / N)) - 0.4) < 0.02);
    }
    assert_true(fabs(product[0] / N / log(1.16) - 1) < 0.05);
    assert_true(fabs(product[1] / product[0] - 0.5) < 0.04);
    assert_true(fabs(product[2] / product[0] - 0.25) < 0.04);
}

/* Around a log of prices and at a level; markets have paths of their own, the same in every fleet.
 */
static void around_a_log(void **state)
{
    const struct price_step steps[] = { { 0, INT64_C(20000000000) }, { 2 * HOUR_US, 10000000000 } };
    struct price_path path = { 0, HOUR_US, 1.5, 77, 0, 3 };
    struct price_trace log, t, other;
    struct price_repairs none;
    struct error err;
    int64_t mean;
    (void)state;
    assert_int_equal(price_trace_init(&log, steps, 2, &none, &err), STATUS_OK);
    path_of(&path, 0, &log, &t, &mean); /* nothing but the level is uncertain */
    assert_true(t.step[0].usd_nano_per_hour == INT64_C(30000000000));
    assert_true(t.step[1].usd_nano_per_hour == INT64_C(30000000000));
    assert_true(t.step[2].usd_nano_per_hour == INT64_C(15000000000));
    assert_true(mean == INT64_C(25000000000));
    price_trace_free(&t);
    path.deviation = 0.5;
    path_of(&path, 0, &log, &t, &mean);
    path_of(&path, 0, &log, &other, &mean);
    assert_true(t.step[2].usd_nano_per_hour == other.step[2].usd_nano_per_hour);
    price_trace_free(&other);
    path.market = price_path_market("p4d.24xlarge", "us-east-1", NULL);
    assert_true(path.market != price_path_market("p4d.24xlarge", "us-east-1", "us-east-1a"));
    assert_true(path.market != price_path_market("p4d.24xlarge", "us-east-2", NULL));
    path_of(&path, 0, &log, &other, &mean);
    assert_true(t.step[2].usd_nano_per_hour != other.step[2].usd_nano_per_hour);
    price_trace_free(&other);
    price_trace_free(&t);
    price_trace_free(&log);
    assert_true(price_times(INT64_C(1000000000000000), 3) == INT64_C(1000000000000000));
    assert_true(price_times(3, 0.5) == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_formula_says),
        cmocka_unit_test(around_a_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
