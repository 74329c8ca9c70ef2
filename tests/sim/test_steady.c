/* SPDX-License-Identifier: Apache-2.0 */
/* MSER-5: a start that is off is found, against all sums written out; none is found where none is.
 */
#include "sim/steady.h"

#include <math.h>
#include <stdint.h>

#include "sim/random.h"
#include "tests/support.h"

enum { N = 2000 };

static double noise(uint64_t seed, uint64_t i)
{
    return random_normal_quantile(random_unit(random_key(seed, 3), RANDOM_TEST, i, 0) * 0.999999);
}

/* By the definition. */
static size_t by_hand(const double *x, size_t n)
{
    size_t batches = n / 5, best = 0;
    double least = INFINITY;
    for (size_t d = 0; d + 5 <= batches; d++) {
        double k = (double)(batches - d), mean = 0, sum = 0;
        for (size_t b = d; b < batches; b++)
            for (int i = 0; i < 5; i++) mean += x[5 * b + (size_t)i] / 5 / k;
        for (size_t b = d; b < batches; b++) {
            double of = 0;
            for (int i = 0; i < 5; i++) of += x[5 * b + (size_t)i] / 5;
            sum += (of - mean) * (of - mean);
        }
        if (sum / (k * k) < least * (1 - 1e-12)) {
            least = sum / (k * k);
            best = d;
        }
    }
    return best <= batches / 2 ? 5 * best : SIZE_MAX;
}

static void against_the_definition(void **state)
{
    double x[N];
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        for (size_t i = 0; i < N; i++)
            x[i] = 10 + noise(seed, i) - (seed % 2 ? 20 * exp(-(double)i / 100) : 0);
        size_t cut = steady_mser5(x, N - seed), expected = by_hand(x, N - seed);
        assert_int_equal(cut, expected);
        if (seed % 2)
            assert_in_range(cut, 150, 700); /* 20 e^-1.5 .. e^-7: 4.5 to 0.02 of noise 1 */
        else if (cut != SIZE_MAX) assert_in_range(cut, 0, 300);
    }
}

static void too_short_to_tell(void **state)
{
    double x[N];
    (void)state;
    for (size_t i = 0; i < N; i++) x[i] = (double)i; /* it never settles */
    assert_true(steady_mser5(x, N) == SIZE_MAX);
    assert_true(steady_mser5(x, 19) == SIZE_MAX);
    for (size_t i = 0; i < N; i++) x[i] = 7;
    assert_int_equal(steady_mser5(x, N), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_the_definition),
        cmocka_unit_test(too_short_to_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
