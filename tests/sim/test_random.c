/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support.h"

#include <math.h>

#include "sim/random.h"

/* Known answers of philox4x32-10 from Random123's kat_vectors: key, counter -> output. */
static void philox_known_answers(void **state)
{
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } kat[] = {
        { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
        { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
          { 0xffffffff, 0xffffffff },
          { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
        { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
          { 0xa4093822, 0x299f31d0 },
          { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
    };
    (void)state;
    for (size_t i = 0; i < sizeof kat / sizeof *kat; i++) {
        philox4x32_ctr_t c = { { kat[i].counter[0], kat[i].counter[1], kat[i].counter[2],
                                 kat[i].counter[3] } };
        philox4x32_key_t k = { { kat[i].key[0], kat[i].key[1] } };
        philox4x32_ctr_t out = philox4x32(c, k);
        for (int w = 0; w < 4; w++) assert_int_equal(out.v[w], kat[i].out[w]);
    }
}

static void a_draw_depends_on_every_part_of_its_name(void **state)
{
    (void)state;
    uint64_t base = random_u64(random_key(1, 0), RANDOM_TEST, 5, 7);
    assert_true(base == random_u64(random_key(1, 0), RANDOM_TEST, 5, 7));
    assert_true(base != random_u64(random_key(2, 0), RANDOM_TEST, 5, 7));
    assert_true(base != random_u64(random_key(1, 1), RANDOM_TEST, 5, 7));
    assert_true(base != random_u64(random_key(1, 0), RANDOM_PLACEMENT, 5, 7));
    assert_true(base != random_u64(random_key(1, 0), RANDOM_TEST, 6, 7));
    assert_true(base != random_u64(random_key(1, 0), RANDOM_TEST, 5, 8));
    assert_true(base !=
                random_u64(random_key(1, 0), RANDOM_TEST, UINT64_C(5) + (UINT64_C(1) << 32), 7));
}

/* The second of a pair has 1 - u where the first has u, and n - 1 - k where it has k; other pairs
 * have other draws. */
static void antithetic_pairs(void **state)
{
    (void)state;
    assert_int_equal(random_antithetic(6), 3);
    assert_int_equal(random_antithetic(7), 3 | RANDOM_MIRRORED);
    struct random_key a = random_key(9, random_antithetic(6)),
                      b = random_key(9, random_antithetic(7)), other = random_key(9, 4);
    for (uint64_t i = 0; i < 1000; i++) {
        double u = random_unit(a, RANDOM_TEST, i, 0), v = random_unit(b, RANDOM_TEST, i, 0);
        assert_true(u + v == 1 + 0x1p-53);
        assert_true(v > 0 && v <= 1);
        assert_true(u != random_unit(other, RANDOM_TEST, i, 0));
        assert_int_equal(
            random_below(a, RANDOM_TEST, i, 1, 7) + random_below(b, RANDOM_TEST, i, 1, 7), 6);
    }
    assert_true(random_u64(a, RANDOM_TEST, 1, 1) ==
                random_u64(random_key(9, 3), RANDOM_TEST, 1, 1));
}

/* Mean 1, and the standard deviation that was asked for; the median is 1 / sqrt(1 + d^2). */
static void lognormal(void **state)
{
    double sum = 0, squares = 0;
    enum { N = 200000 };
    (void)state;
    assert_true(fabs(random_lognormal_of(0.5, 1) - sqrt(0.5)) < 1e-15);
    assert_true(random_lognormal_of(0.3, 0) == 1);
    assert_true(isfinite(random_lognormal_of(1, 10)));
    for (int i = 0; i < N; i++) { /* the distribution itself, at equally likely points */
        double x = random_lognormal_of((i + 0.5) / N, 0.3);
        sum += x;
        squares += x * x;
    }
    assert_true(fabs(sum / N - 1) < 1e-4);
    assert_true(fabs(sqrt(squares / N - 1) - 0.3) < 1e-3);
}

/* Distance to the exact value in units in the last place of the result. */
static double ulps(double got, long double exact)
{
    double spacing = fabs(nextafter((double)exact, INFINITY) - (double)exact);
    return exact == 0 ? (got == 0 ? 0 : INFINITY)
                      : (double)(fabsl((long double)got - exact) / (long double)spacing);
}

static void log_is_within_an_ulp(void **state)
{
    double worst = 0;
    (void)state;
    for (uint64_t i = 0; i < 1000000; i++) {
        double u = random_unit(random_key(3, 0), RANDOM_TEST, i, 0);
        double x = i % 3 == 0 ? u : i % 3 == 1 ? u * 1e300 : 1.0 + (u - 0.5) * 1e-3;
        double error = ulps(random_log(x), logl((long double)x));
        if (error > worst) worst = error;
    }
    assert_true(worst < 1.0);
    assert_true(random_log(1.0) == 0.0);
    assert_true(ulps(random_log(0x1p-1074), logl(0x1p-1074L)) < 1.0);
}

static void exp_is_within_two_ulps(void **state)
{
    double worst = 0;
    (void)state;
    for (uint64_t i = 0; i < 1000000; i++) {
        double x = (random_unit(random_key(4, 0), RANDOM_TEST, i, 0) - 0.5) * (i % 2 ? 1400 : 4);
        double error = ulps(random_exp(x), expl((long double)x));
        if (error > worst) worst = error;
    }
    assert_true(worst < 2.0);
    assert_true(random_exp(0.0) == 1.0);
}

static void normal_quantile_inverts_the_error_function(void **state)
{
    (void)state;
    /* Test values of AS 241. */
    assert_true(fabs(random_normal_quantile(0.25) - -0.6744897501960817) < 1e-15);
    assert_true(fabs(random_normal_quantile(0.001) - -3.090232306167814) < 1e-14);
    assert_true(fabs(random_normal_quantile(1e-20) - -9.262340089798408) < 1e-14);
    for (int i = 1; i < 1000; i++) {
        double u = i / 1000.0, x = random_normal_quantile(u);
        assert_true(fabs(0.5 * erfc(-x / sqrt(2.0)) - u) < 1e-14);
    }
}

/* The mean of n draws against its expectation, in standard errors. */
static void assert_mean(double sum, double n, double mean, double sd)
{
    assert_true(fabs(sum / n - mean) < 4.0 * sd / sqrt(n));
}

static void distributions_have_their_moments(void **state)
{
    const int n = 200000;
    struct random_key key = random_key(11, 2);
    (void)state;
    double unit = 0, exponential = 0, exponential2 = 0, below = 0;
    for (int i = 0; i < n; i++) {
        double u = random_unit(key, RANDOM_TEST, (uint64_t)i, 0), e = random_exponential_of(u);
        assert_true(u > 0 && u <= 1);
        unit += u;
        exponential += e;
        exponential2 += e * e;
        below += (double)random_below(key, RANDOM_TEST, (uint64_t)i, 1, 7);
    }
    assert_mean(unit, n, 0.5, sqrt(1.0 / 12));
    assert_mean(exponential, n, 1, 1);
    assert_mean(exponential2, n, 2, sqrt(20.0));
    assert_mean(below, n, 3, 2);
    static const double shapes[] = { 0.3, 1.0, 2.0, 30.0 };
    for (int k = 0; k < 4; k++) {
        double sum = 0, square = 0, shape = shapes[k];
        for (int i = 0; i < n; i++) {
            double g =
                random_gamma(key, RANDOM_TEST, (uint64_t)i, 100 + (uint64_t)k * 100000, shape, 5.0);
            assert_true(g >= 0);
            sum += g;
            square += (g - 5.0) * (g - 5.0);
        }
        double variance = 25.0 / shape, kurtosis = 3 + 6 / shape;
        assert_mean(sum, n, 5.0, sqrt(variance));
        assert_mean(square, n, variance, variance * sqrt(kurtosis - 1));
    }
    static const double means[] = { 0.0, 0.2, 12.1, 480.0, 2500.0 };
    for (int k = 0; k < 5; k++) {
        double sum = 0, square = 0, mean = means[k];
        for (int i = 0; i < n / 4; i++) {
            double x = (double)random_poisson(key, RANDOM_TEST, (uint64_t)i,
                                              900000 + (uint64_t)k * 100, mean);
            sum += x;
            square += (x - mean) * (x - mean);
        }
        if (mean == 0) assert_true(sum == 0);
        else {
            assert_mean(sum, n / 4, mean, sqrt(mean));
            assert_mean(square, n / 4, mean, sqrt(mean + 2 * mean * mean));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_known_answers),
        cmocka_unit_test(a_draw_depends_on_every_part_of_its_name),
        cmocka_unit_test(antithetic_pairs),
        cmocka_unit_test(lognormal),
        cmocka_unit_test(log_is_within_an_ulp),
        cmocka_unit_test(exp_is_within_two_ulps),
        cmocka_unit_test(normal_quantile_inverts_the_error_function),
        cmocka_unit_test(distributions_have_their_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
