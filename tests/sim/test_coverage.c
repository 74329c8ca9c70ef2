/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether 95% intervals hold the truth in 95% of experiments: a thousand of each kind, on models
 * whose answer is known. The seed is fixed; a thousand experiments at 95% miss 93 .. 97% with
 * a chance below 1%. An interval that is known to be wrong is caught.
 */
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "sim/control.h"
#include "sim/difference.h"
#include "sim/interval.h"
#include "sim/random.h"
#include "tests/support.h"

enum { EXPERIMENTS = 1000, REPLICATIONS = 20, CUSTOMERS = 400 };

static void covers(const char *what, int hits)
{
    double share = (double)hits / EXPERIMENTS;
    print_message("%s: %.1f%% of %d intervals hold the truth\n", what, 100 * share, EXPERIMENTS);
    if (share < 0.93 || share > 0.97)
        fail_msg("%s: %.1f%% of the intervals hold the truth", what, 100 * share);
}

static int holds(struct mean_interval i, double truth) { return fabs(i.mean - truth) <= i.half; }

/* The mean wait of customers 0 .. CUSTOMERS - 1 of an M/M/1 queue that begins in equilibrium
 * (Lindley's recursion): its mean over replications is rho / (mu - lambda) exactly. lambda = 1. The
 * mean of the service times that were drawn goes to *service. */
static double mm1(struct random_key key, double mu, double *service)
{
    double u = random_unit(key, RANDOM_TEST, CUSTOMERS, 0), rho = 1 / mu, sum = 0;
    double wait = u < rho ? -random_log(u / rho) / (mu - 1) : 0;
    *service = 0;
    for (uint64_t c = 0; c < CUSTOMERS; c++) {
        double s = random_exponential_of(random_unit(key, RANDOM_TEST, c, 0)) / mu;
        sum += wait;
        *service += s / CUSTOMERS;
        wait = fmax(0, wait + s - random_exponential_of(random_unit(key, RANDOM_TEST, c, 1)));
    }
    return sum / CUSTOMERS;
}

static double truth_of(double mu) { return 1 / mu / (mu - 1); }

/* The mean wait; the difference of two servers with the same customers; the mean with the service
 * times as control; and the same mean by the normal quantile from 4 replications, which is too
 * narrow. */
static void means_and_differences(void **state)
{
    enum { FEW = 4 };
    const double slow = 2, fast = 2.2;
    int mean = 0, paired = 0, controlled = 0, wrong = 0;
    double halves = 0, halves_controlled = 0, halves_apart = 0, halves_paired = 0;
    (void)state;
    for (uint64_t e = 0; e < EXPERIMENTS; e++) {
        double y[REPLICATIONS], x[REPLICATIONS], d[REPLICATIONS], service;
        for (uint32_t r = 0; r < REPLICATIONS; r++) {
            struct random_key key = random_key(100 + e, r);
            y[r] = mm1(key, slow, &x[r]);
            d[r] = mm1(key, fast, &service) - y[r];
        }
        struct mean_interval i = interval_of_mean(y, REPLICATIONS),
                             c = control_interval(y, x, REPLICATIONS, 1 / slow),
                             p = interval_of_mean(d, REPLICATIONS), few = interval_of_mean(y, FEW);
        mean += holds(i, truth_of(slow));
        controlled += holds(c, truth_of(slow));
        paired += holds(p, truth_of(fast) - truth_of(slow));
        few.half *= gsl_cdf_ugaussian_Pinv(0.975) / gsl_cdf_tdist_Pinv(0.975, FEW - 1);
        wrong += holds(few, truth_of(slow));
        halves += i.half;
        halves_controlled += c.half;
        halves_apart += sqrt(2) * i.half;
        halves_paired += p.half;
    }
    covers("mean wait", mean);
    covers("paired difference", paired);
    covers("mean wait with a control", controlled);
    assert_true(wrong < 0.93 * EXPERIMENTS);
    assert_true(halves_controlled < 0.95 * halves); /* it helps, and pairs do */
    assert_true(halves_paired < 0.3 * halves_apart);
}

/* Two servers: the ratio of their mean waits on the same customers, the difference and the ratio on
 * customers of their own, of unequal numbers of replications. Pairs taken for two samples are
 * caught by how wide they are; a t of the pooled variance by how seldom it holds the truth. */
static void differences_and_ratios(void **state)
{
    enum { FEW = 8 };
    const double slow = 2, fast = 2.6, difference = truth_of(fast) - truth_of(slow),
                 ratio = truth_of(fast) / truth_of(slow) - 1;
    int paired = 0, paired_ratio = 0, apart = 0, apart_ratio = 0, pooled = 0;
    double halves = 0, halves_paired = 0;
    (void)state;
    for (uint64_t e = 0; e < EXPERIMENTS; e++) {
        double a[FEW], b[REPLICATIONS], c[REPLICATIONS], d[REPLICATIONS], service;
        for (uint32_t r = 0; r < REPLICATIONS; r++) {
            struct random_key key = random_key(40000 + e, r), other = random_key(60000 + e, r);
            c[r] = mm1(key, slow, &service);
            d[r] = mm1(key, fast, &service);
            b[r] = mm1(other, fast, &service);
            if (r < FEW) a[r] = c[r];
        }
        struct difference of;
        difference_paired(c, d, REPLICATIONS, 0.95, &of);
        paired += fabs(of.mean - difference) <= of.half;
        paired_ratio += of.relative_low <= ratio && ratio <= of.relative_high;
        halves_paired += of.half;
        difference_apart(c, REPLICATIONS, d, REPLICATIONS, 0.95, &of);
        halves += of.half;
        difference_apart(a, FEW, b, REPLICATIONS, 0.95, &of);
        apart += fabs(of.mean - difference) <= of.half;
        apart_ratio += of.relative_low <= ratio && ratio <= of.relative_high;
        struct mean_interval of_a = interval_of_mean(a, FEW),
                             of_b = interval_of_mean(b, REPLICATIONS);
        double va = pow(of_a.half / gsl_cdf_tdist_Pinv(0.975, FEW - 1), 2) * FEW,
               vb = pow(of_b.half / gsl_cdf_tdist_Pinv(0.975, REPLICATIONS - 1), 2) * REPLICATIONS,
               both = ((FEW - 1) * va + (REPLICATIONS - 1) * vb) / (FEW + REPLICATIONS - 2);
        pooled += fabs(of.mean - difference) <= gsl_cdf_tdist_Pinv(0.975, FEW + REPLICATIONS - 2) *
                                                    sqrt(both / FEW + both / REPLICATIONS);
    }
    covers("paired difference of another server", paired);
    covers("paired ratio of means", paired_ratio);
    covers("difference of two samples", apart);
    covers("ratio of two samples' means", apart_ratio);
    assert_true(pooled < 0.93 * EXPERIMENTS);
    assert_true(halves_paired < 0.6 * halves);
}

static double normal(struct random_key key, uint64_t a, uint64_t b)
{
    return random_normal_quantile(random_unit(key, RANDOM_TEST, a, b));
}

/* Seven figures of three fleets against one reference: all 21 intervals at once. Figures depend on
 * each other, as waits do, and fleets share the reference. */
static void a_family(void **state)
{
    enum { FIGURES = 7, FLEETS = 3, ALL = FIGURES * FLEETS };
    int together = 0, each = 0;
    (void)state;
    for (uint64_t e = 0; e < EXPERIMENTS; e++) {
        double value[FLEETS + 1][FIGURES][REPLICATIONS];
        for (uint32_t r = 0; r < REPLICATIONS; r++)
            for (int f = 0; f <= FLEETS; f++)
                for (int m = 0; m < FIGURES; m++) {
                    struct random_key key = random_key(80000 + e, r);
                    value[f][m][r] = 10 + normal(key, 0, (uint64_t)f) / 3 +
                                     normal(key, 1 + (uint64_t)m, (uint64_t)f);
                }
        bool all = true, all_each = true;
        for (int f = 1; f <= FLEETS; f++)
            for (int m = 0; m < FIGURES; m++) {
                struct difference of;
                difference_paired(value[0][m], value[f][m], REPLICATIONS,
                                  difference_each(0.95, ALL), &of);
                all &= fabs(of.mean) <= of.half;
                difference_paired(value[0][m], value[f][m], REPLICATIONS, 0.95, &of);
                all_each &= fabs(of.mean) <= of.half;
            }
        together += all;
        each += all_each;
    }
    covers("a family of 21 intervals", together);
    assert_true(each < 0.7 * EXPERIMENTS);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The p95 and the median of a log-normal of mean 1 and standard deviation 3. */
static void quantiles(void **state)
{
    enum { N = 400 };
    static double x[N];
    int p95 = 0, median = 0, wrong = 0;
    (void)state;
    for (uint64_t e = 0; e < EXPERIMENTS; e++) {
        for (uint64_t i = 0; i < N; i++)
            x[i] = random_lognormal_of(random_unit(random_key(7000 + e, 0), RANDOM_TEST, i, 0), 3);
        qsort(x, N, sizeof *x, compare_doubles);
        struct quantile_interval q = interval_of_quantile(x, N, 0.95),
                                 m = interval_of_quantile(x, N, 0.5);
        double truth = random_lognormal_of(0.95, 3), half = random_lognormal_of(0.5, 3);
        p95 += q.low <= truth && truth <= q.high;
        median += m.low <= half && half <= m.high;
        wrong += m.low <= 1 && 1 <= m.high; /* the mean is another number */
    }
    covers("p95", p95);
    covers("median", median);
    assert_true(wrong < 0.93 * EXPERIMENTS);
}

/* A chance of 97% in 50 tries; the textbook's interval without Wilson holds it less
 * often. */
static void proportions(void **state)
{
    enum { N = 50 };
    int wilson = 0, textbook = 0;
    (void)state;
    for (uint64_t e = 0; e < EXPERIMENTS; e++) {
        size_t k = 0;
        for (uint64_t i = 0; i < N; i++)
            k += random_unit(random_key(9000 + e, 0), RANDOM_TEST, i, 0) <= 0.97;
        struct range_interval w = interval_of_proportion(k, N);
        double share = (double)k / N, half = 1.96 * sqrt(share * (1 - share) / N);
        wilson += w.low <= 0.97 && 0.97 <= w.high;
        textbook += fabs(share - 0.97) <= half;
    }
    covers("proportion", wilson);
    assert_true(textbook < 0.9 * EXPERIMENTS);
}

/* Sequential stopping loses a little: at 10% of the mean, looked at from 10 replications on. */
static void stopping(void **state)
{
    int hits = 0;
    double used = 0;
    (void)state;
    for (uint64_t e = 0; e < EXPERIMENTS; e++) {
        double y[400];
        size_t n = 10;
        struct mean_interval i;
        for (size_t r = 0;; n += 10) {
            for (; r < n; r++) /* gamma with shape 4: of the skew of mean waits */
                y[r] = random_gamma(random_key(20000 + e, (uint32_t)r), RANDOM_TEST, 0, 0, 4, 1);
            i = interval_of_mean(y, n);
            if (interval_is_within(i, 0.1) || n == 400) break;
        }
        hits += holds(i, 1);
        used += (double)n / EXPERIMENTS;
    }
    covers("stopped at 10%", hits);
    assert_true(used > 60 && used < 130); /* (1.96 x 0.5 / 0.1)^2 = 96 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_and_differences),
        cmocka_unit_test(differences_and_ratios),
        cmocka_unit_test(a_family),
        cmocka_unit_test(quantiles),
        cmocka_unit_test(proportions),
        cmocka_unit_test(stopping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
