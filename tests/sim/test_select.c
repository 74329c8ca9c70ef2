/* SPDX-License-Identifier: Apache-2.0 */
/* The procedure KN: by hand, and how often it is right. */
#include "sim/random.h"
#include "sim/select.h"
#include "tests/support.h"

#include <math.h>
#include <stdbool.h>

static void by_hand(void **state)
{
    bool in[3];
    (void)state;
    /* No variance: decided at n0, whatever delta is. */
    const double sure[] = { 3, 3, 2, 2, 5, 5 };
    assert_int_equal(select_least(sure, 3, 2, 2, 2, 0.05, 1e-9, in), 1);
    assert_true(!in[0] && in[1] && !in[2]);
    /* Equal in all: nobody is beaten. */
    const double equal[] = { 2, 4, 2, 4 };
    assert_int_equal(select_least(equal, 2, 2, 2, 2, 0.05, 0.1, in), 2);
    /* Common random numbers: the difference alone counts. */
    const double common[] = { 100, 900, -50, 101, 901, -49 };
    assert_int_equal(select_least(common, 2, 3, 2, 3, 0.05, 0.5, in), 1);
    assert_true(in[0]);
    /* k = 2, n0 = 3, alpha = 0.05: eta = (0.1^-1 - 1) / 2 = 4.5, h^2 = 18. Differences of 2, 4, 3
     * have the variance 1; delta = 2: slack at r = 3 is (18 / 2 - 6) / 2 = 1.5, and the sum is 9.
     */
    const double out[] = { 0, 0, 0, 2, 4, 3 };
    assert_int_equal(select_least(out, 2, 3, 3, 3, 0.05, 2, in), 1);
    /* Differences of 0, 2, 1: the variance 1, the sum 3 > 1.5; of -1, 1, 0: 0 is not. */
    const double close[] = { 0, 0, 0, 0, 2, 1 }, level[] = { 0, 0, 0, -1, 1, 0 };
    assert_int_equal(select_least(close, 2, 3, 3, 3, 0.05, 2, in), 1);
    assert_int_equal(select_least(level, 2, 3, 3, 3, 0.05, 2, in), 2);
    /* delta = 1: slack (18 - 3) / 2 = 7.5 is beyond the sum of 3. */
    assert_int_equal(select_least(close, 2, 3, 3, 3, 0.05, 1, in), 2);
    assert_int_equal(select_least(close, 1, 3, 3, 3, 0.05, 1, in), 1);
}

/* The hardest case it promises something of: all others delta above the least, correlated by common
 * random numbers. Right in 95 % of 400 experiments, less
 * two standard errors. */
static void right_as_often_as_promised(void **state)
{
    enum { K = 5, N0 = 10, N = 3000, EXPERIMENTS = 400 };
    static double values[K * N];
    struct random_key key = random_key(11, 0);
    int right = 0, undecided = 0;
    (void)state;
    for (uint64_t e = 0; e < EXPERIMENTS; e++) {
        bool in[K];
        for (uint64_t r = 0; r < N; r++) {
            double common = random_normal_quantile(random_unit(key, RANDOM_TEST, e * N + r, 0));
            for (uint64_t i = 0; i < K; i++)
                values[i * N + r] =
                    (i == 2 ? 0 : 0.5) + common +
                    random_normal_quantile(random_unit(key, RANDOM_TEST, e * N + r, i + 1));
        }
        size_t left = select_least(values, K, N, N0, N, 0.05, 0.5, in);
        undecided += left != 1;
        right += left == 1 && in[2];
    }
    assert_int_equal(undecided, 0);
    assert_true(right >= 0.95 * EXPERIMENTS - 2 * sqrt(EXPERIMENTS * 0.05 * 0.95));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(right_as_often_as_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
