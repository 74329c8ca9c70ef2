/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support.h"

#include <stdlib.h>

#include "sim/order.h"
#include "sim/quantile.h"
#include "sim/random.h"

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void nearest_rank_by_hand(void **state)
{
    static const int64_t x[] = { 15, 20, 35, 40, 50 };
    static const double q[] = { 0.05, 0.30, 0.40, 0.50, 1.0 };
    static const int64_t expected[] = { 15, 20, 20, 35, 50 };
    int64_t out[5];
    (void)state;
    assert_int_equal(quantiles_of(x, 5, q, 5, out, NULL), STATUS_OK);
    for (int k = 0; k < 5; k++) assert_int_equal(out[k], expected[k]);
    assert_int_equal(quantile_rank(0.95, 20), 19);
    assert_int_equal(quantile_rank(0.95, 21), 20);
    assert_int_equal(quantile_rank(1e-9, 5), 1);
}

static void agrees_with_sorting(void **state)
{
    static const double q[] = { 0.001, 0.1, 0.25, 0.5, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0 };
    static const uint64_t spreads[] = { 1, 3, 64, 100, 5000, UINT64_C(1) << 40, UINT64_C(1) << 62 };
    struct random_key key = random_key(5, 0);
    (void)state;
    for (size_t s = 0; s < 7; s++)
        for (size_t n = 1; n < 3000; n = n * 3 + 1) {
            int64_t *x = malloc(n * sizeof *x), *sorted = malloc(n * sizeof *x), out[10];
            assert_non_null(x);
            assert_non_null(sorted);
            size_t kept = 0;
            for (size_t i = 0; i < n; i++) {
                x[i] = (int64_t)random_below(key, RANDOM_TEST, s * 10000 + n, i, spreads[s]);
                if (i % 17 == 16) x[i] = -1; /* left out */
                else sorted[kept++] = x[i];
            }
            qsort(sorted, kept, sizeof *sorted, compare);
            assert_int_equal(quantiles_of(x, n, q, 10, out, NULL), STATUS_OK);
            for (int k = 0; k < 10; k++)
                assert_int_equal(out[k], sorted[quantile_rank(q[k], kept) - 1]);
            free(x);
            free(sorted);
        }
}

static void nothing_left_is_zero(void **state)
{
    static const int64_t x[] = { -1, -1 };
    static const double q[] = { 0.5 };
    int64_t out = 7;
    (void)state;
    assert_int_equal(quantiles_of(x, 2, q, 1, &out, NULL), STATUS_OK);
    assert_int_equal(out, 0);
}

/* A weight is that many copies of the value. */
static void weights_are_copies(void **state)
{
    enum { N = 900 };
    static const double q[] = { 0.001, 0.05, 0.25, 0.5, 0.5, 0.95, 0.999, 1.0 };
    static const uint64_t spreads[] = { 1, 30, 700, UINT64_C(1) << 50 };
    struct random_key key = random_key(6, 0);
    (void)state;
    for (size_t s = 0; s < 4; s++) {
        int64_t x[N], weight[N], *copies = malloc(N * 20 * sizeof *copies), expected[8], out[8];
        size_t n = 0;
        assert_non_null(copies);
        for (size_t i = 0; i < N; i++) {
            x[i] = (int64_t)random_below(key, RANDOM_TEST, s, 2 * i, spreads[s]);
            weight[i] = (int64_t)random_below(key, RANDOM_TEST, s, 2 * i + 1, 20);
            if (i % 17 == 16) x[i] = -1; /* left out, whatever its weight */
            for (int64_t k = 0; k < weight[i]; k++) copies[n++] = x[i];
        }
        assert_int_equal(quantiles_of(copies, n, q, 8, expected, NULL), STATUS_OK);
        assert_int_equal(quantiles_weighted(x, weight, N, q, 8, out, NULL), STATUS_OK);
        for (int k = 0; k < 8; k++) assert_int_equal(out[k], expected[k]);
        free(copies);
    }
    static const int64_t levels[] = { 5, 7 }, nothing[] = { 0, 0 };
    int64_t out = 3;
    assert_int_equal(quantiles_weighted(levels, nothing, 2, q, 1, &out, NULL), STATUS_OK);
    assert_int_equal(out, 0);
}

static void of_sorted_values(void **state)
{
    double values[] = { 30, -10, 20, 0.5 };
    int64_t whole[] = { 3, INT64_MIN, INT64_MAX, 3 };
    (void)state;
    qsort(values, 4, sizeof *values, order_reals);
    assert_true(values[0] == -10 && values[1] == 0.5 && values[2] == 20 && values[3] == 30);
    assert_true(quantile_sorted(values, 4, 0) == -10);
    assert_true(quantile_sorted(values, 4, 0.5) == 0.5);
    assert_true(quantile_sorted(values, 4, 0.51) == 20);
    assert_true(quantile_sorted(values, 4, 1) == 30);
    qsort(whole, 4, sizeof *whole, order_integers);
    assert_true(whole[0] == INT64_MIN && whole[1] == 3 && whole[2] == 3 && whole[3] == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearest_rank_by_hand), cmocka_unit_test(agrees_with_sorting),
        cmocka_unit_test(nothing_left_is_zero), cmocka_unit_test(weights_are_copies),
        cmocka_unit_test(of_sorted_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
