/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is billed of a node's life, by hand and against closed forms: ../shared/oracles/oracles.json
 * "billing" (E[g ceil(S / g)], exponential g / (1 - exp(-mu g)), a minimum m + exp(-mu m) / mu) and
 * "spot" (restart from scratch with the same length: Duda 1983; Asmussen et al. 2008).
 */
#include <math.h>
#include <stdbool.h>

#include "tests/support.h"

#include "models/pricing/metering.h"
#include "models/pricing/money.h"
#include "sim/random.h"

#define SECOND_US INT64_C(1000000)
#define USD_NANO  INT64_C(1000000000)

static int64_t billed(const char *rule, int64_t used_us, enum ended_by by)
{
    const struct billing_rule *r = billing_rule_find(rule);
    const struct node_life life = { 7 * HOUR_US + 13, 7 * HOUR_US + 13 + used_us, by };
    assert_non_null(r);
    return meter_billed_us(r, &life);
}

static void lives_by_hand(void **state)
{
    (void)state;
    assert_int_equal(billed("ec2", 0, ENDED_BY_USER), 60 * SECOND_US);
    assert_int_equal(billed("ec2", 59 * SECOND_US, ENDED_BY_USER), 60 * SECOND_US);
    assert_int_equal(billed("ec2", 60 * SECOND_US + 1, ENDED_BY_USER), 61 * SECOND_US);
    assert_int_equal(billed("ec2", 30 * SECOND_US, ENDED_BY_PROVIDER), 60 * SECOND_US);
    assert_int_equal(billed("ec2-spot", HOUR_US - 1, ENDED_BY_PROVIDER), 0);
    assert_int_equal(billed("ec2-spot", HOUR_US, ENDED_BY_PROVIDER), HOUR_US);
    assert_int_equal(billed("ec2-spot", HOUR_US - SECOND_US, ENDED_BY_USER), HOUR_US - SECOND_US);
    assert_int_equal(billed("ec2-spot", SECOND_US, ENDED_BY_USER), 60 * SECOND_US);
    assert_int_equal(billed("gce", SECOND_US, ENDED_BY_PROVIDER), 60 * SECOND_US);
    assert_int_equal(billed("minute", 61 * SECOND_US, ENDED_BY_USER), 120 * SECOND_US);
    assert_int_equal(billed("hour", HOUR_US + 1, ENDED_BY_USER), 2 * HOUR_US);
    assert_int_equal(billed("hour", 0, ENDED_BY_USER), 0);
    assert_null(billing_rule_find("fortnight"));
    assert_ptr_equal(billing_rule_of("aws"), billing_rule_find("ec2"));
    assert_ptr_equal(billing_rule_of("gcp"), billing_rule_find("gce"));
    assert_ptr_equal(billing_rule_of("lambda"), billing_rule_find("minute"));
    assert_ptr_equal(billing_rule_of("nebius"), billing_rule_find("ec2")); /* none was read */
}

/* 90 s of p4d at $21.957642 an hour: 90 / 3600 of it is $0.54894105. */
static void a_line_is_rounded_once(void **state)
{
    const struct node_life life = { 0, 90 * SECOND_US, ENDED_BY_USER };
    (void)state;
    assert_int_equal(
        rated_usd_micro(meter_cost_constant(billing_rule_find("ec2"), &life, 21957642000)), 548941);
    assert_int_equal(rated_usd_micro(RATED_USD_MICRO / 2), 1);
    assert_int_equal(rated_usd_micro(RATED_USD_MICRO / 2 - 1), 0);
    assert_int_equal(rated_usd_micro((__int128)INT64_MAX * INT64_MAX), INT64_MAX);
    assert_true(rated_share((__int128)1 << 120, ((__int128)1 << 64) - 2, ((__int128)1 << 64) - 1) ==
                ((__int128)1 << 120) - ((__int128)1 << 56) - 1);
}

/* ---- closed forms: expected time billed ---- */

/* E over a million equally likely lives; a time unit is an hour. */
static double mean_billed(const struct billing_rule *rule, double rate, double a, double b)
{
    enum { N = 1 << 20 };
    __int128 sum = 0;
    for (int i = 0; i < N; i++) {
        double u = (i + 0.5) / N, s = rate > 0 ? -log1p(-u) / rate : a + (b - a) * u;
        const struct node_life life = { 0, (int64_t)(s * (double)HOUR_US + 0.5), ENDED_BY_USER };
        sum += meter_billed_us(rule, &life);
    }
    return (double)sum / N / (double)HOUR_US;
}

static void expected_time_billed(void **state)
{
    static const struct {
        const char *id;
        double rate, a, b, granularity_h, minimum_h, expected;
    } oracles[] = {
        { "billing-01", 2.0, 0, 0, 1, 0, 1.1565176427496657 },
        { "billing-02", 0.5, 0, 0, 1, 0, 2.5414940825367984 },
        { "billing-04", 30.0, 0, 0, 0, 1.0 / 60, 0.03688435532375445 },
        { "billing-05", 0, 0, 3.0, 1, 0, 2.0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof oracles / sizeof *oracles; i++) {
        struct billing_rule rule = { .granularity_us =
                                         (int64_t)(oracles[i].granularity_h * (double)HOUR_US),
                                     .minimum_us =
                                         (int64_t)(oracles[i].minimum_h * (double)HOUR_US + 0.5) };
        if (rule.granularity_us == 0) rule.granularity_us = 1;
        double mean = mean_billed(&rule, oracles[i].rate, oracles[i].a, oracles[i].b);
        if (fabs(mean / oracles[i].expected - 1) > 1e-5)
            fail_msg("%s: %.10g, not %.10g", oracles[i].id, mean, oracles[i].expected);
    }
}

/* ---- closed forms: spot ---- */

struct spot_case {
    const char *id;
    double length_h, length_rate; /* rate > 0: exponential lengths */
    double shape, scale_h;        /* of the time to an interruption, Weibull */
    double delay_h;
    int attempts; /* of spot; then on demand at `factor` times the price. 0 = spot for ever */
    double factor;
    double completion_h, billed_h, cost;
};

struct spot_sums {
    double sum[3], squares[3];
};

/* One job: restarted from scratch until it is through. */
static void run_job(const struct spot_case *c, struct random_key key, uint64_t job,
                    const struct billing_rule *rule, struct spot_sums *sums)
{
    double length =
        c->length_rate > 0
            ? random_exponential_of(random_unit(key, RANDOM_TEST, job, 0)) / c->length_rate
            : c->length_h;
    int64_t at = 0, length_us = (int64_t)(length * (double)HOUR_US + 0.5);
    __int128 spot = 0, other = 0;
    for (uint64_t attempt = 1;; attempt++) {
        double up =
            c->scale_h *
            pow(random_exponential_of(random_unit(key, RANDOM_TEST, job, attempt)), 1 / c->shape);
        int64_t up_us = (int64_t)fmin(up * (double)HOUR_US, 1e15);
        if (c->attempts > 0 && attempt > (uint64_t)c->attempts) {
            const struct node_life life = { at, at + length_us, ENDED_BY_USER };
            other = meter_cost_constant(rule, &life, (int64_t)(c->factor * 1e9));
            at += length_us;
            break;
        }
        bool through = up_us >= length_us;
        const struct node_life life = { at, at + (through ? length_us : up_us),
                                        through ? ENDED_BY_USER : ENDED_BY_PROVIDER };
        spot += meter_cost_constant(rule, &life, USD_NANO);
        at = life.to_us;
        if (through) break;
        at += (int64_t)(c->delay_h * (double)HOUR_US);
    }
    double seen[3] = { (double)at / (double)HOUR_US, (double)spot / (double)RATED_USD,
                       (double)(spot + other) / (double)RATED_USD };
    for (int i = 0; i < 3; i++) {
        sums->sum[i] += seen[i];
        sums->squares[i] += seen[i] * seen[i];
    }
}

static void compare_spot(const struct spot_case *c, const struct billing_rule *rule)
{
    enum { JOBS = 200000 };
    static const char *const what[3] = { "completion", "spot billed", "cost" };
    const double expected[3] = { c->completion_h, c->billed_h, c->cost };
    struct spot_sums sums = { { 0 }, { 0 } };
    for (uint64_t j = 0; j < JOBS; j++) run_job(c, random_key(5, 0), j, rule, &sums);
    for (int i = 0; i < 3; i++) {
        double mean = sums.sum[i] / JOBS;
        double se = sqrt((sums.squares[i] / JOBS - mean * mean) / JOBS);
        if (expected[i] > 0 && !(fabs(mean - expected[i]) <= 4 * se))
            fail_msg("%s, %s: %.6g +- %.2g, not %.6g", c->id, what[i], mean, se, expected[i]);
    }
}

static void expected_spot_bills(void **state)
{
    static const struct spot_case oracles[] = {
        { "spot-01", 4, 0, 1, 10, 0.25, 0, 0, 5.041203150823021, 4.9182469764127035, 0 },
        { "spot-02", 10, 0, 1, 20, 0.1, 0, 0, 13.039297541072576, 12.974425414002562, 0 },
        { "spot-04", 6, 0, 1, 5, 0.1, 3, 2.8, 9.842237388215471, 7.641914096185724,
          13.374872124482614 },
        { "spot-05", 5, 0, 0.7, 10, 0.5, 0, 0, 6.955844597264583, 6.530486953128664, 0 },
        { "spot-07", 8, 0, 1.5, 12, 0.2, 0, 0, 11.38018908472482, 11.235498065084853, 0 },
        { "spot-08", 0, 0.25, 1, 20, 0.1, 0, 0, 5.025, 5.0, 0 },
    };
    const struct billing_rule all = { .granularity_us = 1 };
    (void)state;
    for (size_t i = 0; i < sizeof oracles / sizeof *oracles; i++) compare_spot(&oracles[i], &all);
}

/* With EC2's first hour: an interruption before it, d of an hour, is not billed. Of e^dL - 1
 * interruptions a job those cost e^dL times the integral of x d e^-dx from 0 to 1. */
static void the_first_hour_is_free_when_interrupted(void **state)
{
    const double d = 0.1, length = 4;
    double free_h = exp(d * length) * ((1 - exp(-d)) / d - exp(-d));
    const struct spot_case c = { .id = "spot-01, first hour free",
                                 .length_h = length,
                                 .shape = 1,
                                 .scale_h = 1 / d,
                                 .delay_h = 0.25,
                                 .completion_h = 5.041203150823021,
                                 .billed_h = 4.9182469764127035 - free_h };
    struct billing_rule rule = *billing_rule_find("ec2-spot");
    (void)state;
    assert_true(free_h > 0.06);
    rule.granularity_us = 1; /* whole seconds are 1.4e-4 h a life */
    rule.minimum_us = 0;
    compare_spot(&c, &rule);
}

/* ---- prices over time ---- */

static void a_step_function_is_integrated(void **state)
{
    /* $1 until 10:00, $3 until 12:00, $0.50 from then on; t = 0 is 09:00. Twice and backwards. */
    const struct price_step steps[] = { { 3 * HOUR_US, USD_NANO / 2 },
                                        { 0, USD_NANO },
                                        { HOUR_US, 9 * USD_NANO },
                                        { HOUR_US, 3 * USD_NANO } };
    const struct billing_rule *ec2 = billing_rule_find("ec2");
    struct price_trace t;
    struct price_repairs repairs;
    struct error err;
    (void)state;
    assert_int_equal(price_trace_init(&t, steps, 4, &repairs, &err), STATUS_OK);
    assert_int_equal(repairs.backwards, 3);
    assert_int_equal(repairs.twice, 1);
    assert_int_equal(t.n, 3);
    const struct {
        int64_t from, to, usd_micro;
    } cases[] = {
        { 0, HOUR_US, 1000000 },
        { HOUR_US / 2, HOUR_US * 3 / 2, 500000 + 1500000 },
        { HOUR_US / 2, 5 * HOUR_US, 500000 + 6000000 + 1000000 },
        { 10 * HOUR_US, 12 * HOUR_US, 1000000 },
        { HOUR_US, HOUR_US, 50000 }, /* the minimum, 60 s at $3 */
        { HOUR_US - 30 * SECOND_US, HOUR_US - 29 * SECOND_US, 8333 + 25000 }, /* reaches into it */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct node_life life = { cases[i].from, cases[i].to, ENDED_BY_USER };
        assert_int_equal(rated_usd_micro(meter_cost(ec2, &life, &t)), cases[i].usd_micro);
    }
    assert_true(price_trace_cost(&t, -HOUR_US, 0) == RATED_USD); /* the first price holds before */
    price_trace_free(&t);
}

/* The same prices from 09:30 to 12:30, again and again, in clock hours from 09:40 on, which is
 * second 0: 20 minutes at $1; then 10 at $1 of an hour at $3 ... */
static void prices_by_the_hour(void **state)
{
    const struct price_step steps[] = { { 0, USD_NANO },
                                        { HOUR_US, 3 * USD_NANO },
                                        { 3 * HOUR_US, USD_NANO / 2 } };
    const struct price_part part = { HOUR_US / 2, 3 * HOUR_US, HOUR_US * 2 / 3, 5 };
    struct price_trace t, hourly;
    struct price_repairs repairs;
    struct error err;
    (void)state;
    assert_int_equal(price_trace_init(&t, steps, 3, &repairs, &err), STATUS_OK);
    assert_int_equal(price_trace_by_hour(&t, &part, &hourly, &err), STATUS_OK);
    /* Second 0 is 09:30 of the trace. Hour 0 has 20 min of $1; hour 1 10 min of it and 50 of $3;
     * hour 2 all $3; hour 3 10 min of $3, 30 of $0.5, then 20 of the new round's $1. */
    assert_int_equal(hourly.n, 5);
    assert_int_equal(hourly.step[0].at_us, -HOUR_US * 2 / 3);
    assert_int_equal(hourly.step[0].usd_nano_per_hour, USD_NANO);
    assert_int_equal(hourly.step[1].at_us, HOUR_US / 3);
    assert_int_equal(hourly.step[1].usd_nano_per_hour, 2666666667);
    assert_int_equal(hourly.step[2].usd_nano_per_hour, 3 * USD_NANO);
    assert_int_equal(hourly.step[3].usd_nano_per_hour, 1083333333);
    assert_int_equal(hourly.step[4].usd_nano_per_hour, 2666666667);
    price_trace_free(&t);
    price_trace_free(&hourly);
}

/* Random traces against a sum over every step. */
static void long_traces(void **state)
{
    enum { N = 300 };
    struct random_key key = random_key(21, 0);
    struct price_step steps[N];
    struct price_repairs repairs;
    struct price_trace t;
    struct error err;
    int64_t at = -5 * HOUR_US;
    (void)state;
    for (uint64_t i = 0; i < N; i++) {
        at += 1 + (int64_t)random_below(key, RANDOM_TEST, i, 0, (uint64_t)HOUR_US);
        steps[i] =
            (struct price_step){ at, (int64_t)random_below(key, RANDOM_TEST, i, 1, 1u << 30) };
    }
    assert_int_equal(price_trace_init(&t, steps, N, &repairs, &err), STATUS_OK);
    assert_int_equal(repairs.backwards + repairs.twice, 0);
    for (uint64_t i = 0; i < 500; i++) {
        int64_t from = (int64_t)random_below(key, RANDOM_TEST, i, 2, 200 * (uint64_t)HOUR_US);
        int64_t to = from + (int64_t)random_below(key, RANDOM_TEST, i, 3, 90 * (uint64_t)HOUR_US);
        __int128 sum = 0;
        for (int s = 0; s < N; s++) {
            int64_t a = s > 0 ? steps[s].at_us : INT64_MIN / 2,
                    b = s + 1 < N ? steps[s + 1].at_us : INT64_MAX / 2;
            if (a < from) a = from;
            if (b > to) b = to;
            if (a < b) sum += (__int128)steps[s].usd_nano_per_hour * (b - a);
        }
        assert_true(price_trace_cost(&t, from, to) == sum);
    }
    price_trace_free(&t);
}

static void bad_traces(void **state)
{
    const struct price_step bad[] = {
        { 0, -1 }, { 0, INT64_C(1000000) * USD_NANO + 1 }, { INT64_MAX, 1 }, { INT64_MIN, 1 }
    };
    struct price_repairs repairs;
    struct price_trace t;
    struct error err;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(price_trace_init(&t, &bad[i], 1, &repairs, &err), STATUS_BAD_INPUT);
    assert_int_equal(price_trace_init(&t, bad, 0, &repairs, &err), STATUS_BAD_INPUT);
}

/* ---- "2.5 times as fast and 60% cheaper" as arithmetic ---- */

/* A job of 1,000 h on the old instance. */
static double saved(double old_usd, double new_usd, double speedup)
{
    const struct billing_rule *ec2 = billing_rule_find("ec2");
    const struct node_life before = { 0, 1000 * HOUR_US, ENDED_BY_USER },
                           after = { 0, (int64_t)(1000 * (double)HOUR_US / speedup),
                                     ENDED_BY_USER };
    return 100 *
           (1 -
            (double)rated_usd_micro(meter_cost_constant(ec2, &after, llround(new_usd * 1e9))) /
                (double)rated_usd_micro(meter_cost_constant(ec2, &before, llround(old_usd * 1e9))));
}

static void the_p4d_claim(void **state)
{
    const double p4d = 32.7726, p4d_2025 = 21.957642, p3 = 24.48, p3dn = 31.212;
    const struct {
        double was, is, speedup, percent, within;
    } claims[] = {
        { p3dn, p4d, 2.5, 58.0, 0.05 },    { p3dn, p4d, 2.625, 60.0, 0.05 },
        { p3, p4d, 2.5, 46.5, 0.05 },      { p3, p4d, 3.35, 60.0, 0.05 },
        { p3dn, p4d, 2.57, 59.1, 0.05 },   { p3dn, p4d, 1.48, 29, 0.5 },
        { p3dn, p4d, 4.36, 76, 0.5 },      { p3dn, p4d_2025, 2.5, 71.9, 0.05 },
        { p3, p4d_2025, 2.5, 64.1, 0.05 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        double percent = saved(claims[i].was, claims[i].is, claims[i].speedup);
        if (fabs(percent - claims[i].percent) > claims[i].within)
            fail_msg("claim %zu: %.3f%%, not %.1f%%", i, percent, claims[i].percent);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_by_hand),
        cmocka_unit_test(a_line_is_rounded_once),
        cmocka_unit_test(expected_time_billed),
        cmocka_unit_test(expected_spot_bills),
        cmocka_unit_test(the_first_hour_is_free_when_interrupted),
        cmocka_unit_test(a_step_function_is_integrated),
        cmocka_unit_test(prices_by_the_hour),
        cmocka_unit_test(long_traces),
        cmocka_unit_test(bad_traces),
        cmocka_unit_test(the_p4d_claim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
