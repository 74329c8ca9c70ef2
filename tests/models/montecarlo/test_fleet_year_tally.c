/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from fleet-years: against laws whose quantiles and tails are known, by hand, and
 * against many more replications. */
#include "models/montecarlo/fleet_year_tally.h"
#include "sim/random.h"
#include "tests/models/montecarlo/years.h"

enum { N = 200000 };

static bool near(double a, double b, double most) { return fabs(a - b) <= most; }

/* n values of a law, evenly by their shares, with the first 1,000 draws of chance as the pilot. */
static void histogram_of(double (*law)(double share), struct fleet_year_histogram *h)
{
    int64_t pilot[1000];
    for (int i = 0; i < 1000; i++)
        pilot[i] =
            (int64_t)law(random_unit(random_key(1, 0), RANDOM_TEST, (uint64_t)i, 0) * 0.9999);
    fleet_year_histogram_init(h, fleet_year_axis_of(pilot, 1000));
    for (int i = 0; i < N; i++) fleet_year_histogram_add(h, (int64_t)law((i + 0.5) / N));
}

static double normal(double share) { return 5e9 + 1e9 * random_normal_quantile(share); }
static double exponential(double share) { return -1e9 * log(1 - share); }

static void known_laws(void **state)
{
    struct fleet_year_histogram h;
    (void)state;
    histogram_of(normal, &h);
    assert_true(near(fleet_year_quantile(&h, 0.5), 5e9, 2e6));
    assert_true(near(fleet_year_quantile(&h, 0.95), 5e9 + 1.644854e9, 3e6));
    assert_true(near(fleet_year_quantile(&h, 0.05), 5e9 - 1.644854e9, 3e6));
    assert_true(near(fleet_year_shortfall(&h, 0.95), 5e9 + 2.062713e9, 3e6));
    assert_true(near(fleet_year_shortfall(&h, 0), 5e9, 2e6));
    histogram_of(exponential, &h);
    /* No memory: beyond the quantile the mean is one more. */
    assert_true(near(fleet_year_quantile(&h, 0.95), 2.995732e9, 5e6));
    assert_true(near(fleet_year_shortfall(&h, 0.95), 3.995732e9, 1e7));
    for (int i = 0; i < 100; i++)
        assert_true(fleet_year_shortfall(&h, i / 100.0) >= fleet_year_quantile(&h, i / 100.0));
}

static void bins(void **state)
{
    const struct fleet_year_axis axis = { 1000, 4 };
    (void)state;
    assert_int_equal(fleet_year_bin(&axis, INT64_MIN), 0);
    assert_int_equal(fleet_year_bin(&axis, 999), 0);
    assert_int_equal(fleet_year_bin(&axis, 1000), 1);
    assert_int_equal(fleet_year_bin(&axis, 1015), 1);
    assert_int_equal(fleet_year_bin(&axis, 1016), 2);
    assert_int_equal(fleet_year_bin(&axis, 1000 + 16 * 4096 - 1), 4096);
    assert_int_equal(fleet_year_bin(&axis, 1000 + 16 * 4096), 4097);
    assert_int_equal(fleet_year_bin(&axis, INT64_MAX), 4097);

    /* All the same: one bin, and no answer but that value. */
    int64_t same[3] = { 77, 77, 77 };
    struct fleet_year_histogram h, all;
    fleet_year_histogram_init(&h, fleet_year_axis_of(same, 3));
    fleet_year_histogram_add(&h, 77);
    assert_true(fleet_year_quantile(&h, 0.5) == 77 && fleet_year_shortfall(&h, 0.9) == 77);

    /* Beyond the axis nothing is lost. */
    fleet_year_histogram_init(&all, axis);
    for (int64_t v = -50000; v < 200000; v += 7) fleet_year_histogram_add(&all, v);
    assert_true(near(fleet_year_quantile(&all, 0.5), 75000, 3000));
    assert_true(fleet_year_quantile(&all, 0) == -50000 && fleet_year_quantile(&all, 1) == all.most);
}

/* bill = 10^9 + 300 growth - 200 level + noise, of which the first two are known to have mean 0. */
static void controls_take_chance_off(void **state)
{
    struct fleet_year_controls c;
    const struct fleet_year_axis axis = { 900000000, 16 };
    (void)state;
    fleet_year_controls_init(&c, axis, 100);
    struct random_key key = random_key(3, 0);
    for (uint64_t i = 0; i < 4000; i++) {
        int64_t fields[FLEET_YEAR_FIELDS] = { 0 };
        double z[3];
        for (uint64_t k = 0; k < 3; k++)
            z[k] = random_normal_quantile(random_unit(key, RANDOM_TEST, i, k) * 0.999999);
        fields[FLEET_YEAR_Z_GROWTH] = (int64_t)(z[0] * 65536);
        fields[FLEET_YEAR_Z_LEVEL] = (int64_t)(z[1] * 65536);
        /* A control that others tell is no other control. */
        fields[FLEET_YEAR_Z_TREND] = 2 * fields[FLEET_YEAR_Z_LEVEL];
        fields[FLEET_YEAR_COST] = 1000000000 + 300 * fields[FLEET_YEAR_Z_GROWTH] / 65536 * 1000 -
                                  200 * fields[FLEET_YEAR_Z_LEVEL] / 65536 * 1000 +
                                  (int64_t)(z[2] * 60000);
        fleet_year_controls_add(&c, fields, NULL);
    }
    struct fleet_year_mean m = fleet_year_mean_of(&c);
    /* (300^2 + 200^2 + 60^2) / 60^2 = 37.1. */
    assert_true(near(m.variance_ratio, 37.1, 2));
    assert_true(near(m.error, 60000 / sqrt(4000), 30));
    assert_true(near(m.mean, 1e9, 4 * m.error));
    assert_true(near(m.plain, 1e9, 4 * m.plain_error));
}

/* A fleet that rents what it lacks, in a world that grows nobody knows how fast. */
static void rents(struct years *y)
{
    years_init(y);
    years_demand(y, 100, 100);
    y->outlook.growth = 0.3;
    y->outlook.growth_sd = 0.2;
    y->outlook.level_sd = 0.05;
    y->outlook.demand = (struct fleet_year_spread){ 0.2, 0.98 };
    y->outlook.burst_sd = 0.3;
    y->offer.reserved_gpus = 150;
    y->offer.reserved_usd = 1.5;
    y->offer.on_demand_most_gpus = 1000;
    y->offer.on_demand_usd = 3;
}

static struct fleet_year_mean mean_of(struct years *y, uint32_t n)
{
    struct fleet_year_row *rows = years_rows(y, n);
    struct fleet_year_controls c;
    int64_t *bills = malloc(n * sizeof *bills);
    assert_non_null(bills);
    for (uint32_t i = 0; i < n; i++) bills[i] = rows[i].field[FLEET_YEAR_COST];
    fleet_year_controls_init(&c, fleet_year_axis_of(bills, n), y->world.hours);
    for (uint32_t i = 0; i < n; i += y->world.antithetic ? 2 : 1)
        fleet_year_controls_add(&c, rows[i].field, y->world.antithetic ? rows[i + 1].field : NULL);
    free(bills);
    free(rows);
    return fleet_year_mean_of(&c);
}

/* What was measured: controls 80 times, pairs 20 times; both agree with many more replications. */
static void a_year_needs_fewer_replications(void **state)
{
    struct years y;
    (void)state;
    rents(&y);
    struct fleet_year_mean many = mean_of(&y, 8192);
    y.outlook.seed = 2;
    struct fleet_year_mean few = mean_of(&y, 512);
    printf("controls: variance / %.1f, mean %.0f +- %.0f\n", few.variance_ratio, few.mean,
           few.error);
    assert_true(few.variance_ratio > 10);
    assert_true(near(few.mean, many.mean, 4 * (few.error + many.error)));
    y.outlook.seed = 3;
    y.outlook.antithetic = true;
    struct fleet_year_mean pairs = mean_of(&y, 512);
    printf("pairs: variance / %.1f, mean %.0f +- %.0f\n", pairs.variance_ratio, pairs.mean,
           pairs.error);
    assert_true(pairs.variance_ratio > 3);
    assert_true(near(pairs.mean, many.mean, 4 * (pairs.error + many.error)));
}

/* Over a budget and too late are exactly those that are more. */
static void misses_are_counted(void **state)
{
    static struct fleet_year_tally t, part, whole;
    struct fleet_year_row rows[4] = { { .field = { 0 } } };
    const struct fleet_year_axis axis = { 0, 10 };
    (void)state;
    for (int i = 0; i < 4; i++) {
        rows[i].field[FLEET_YEAR_COST] = 1000 + i;
        rows[i].field[FLEET_YEAR_LATE] = 10 * i;
    }
    fleet_year_tally_init(&t, axis, 100, 1001, 20);
    fleet_year_tally_init(&part, axis, 100, 1001, 20);
    fleet_year_tally_add(&part, rows, 1, false);
    fleet_year_tally_add(&t, rows + 1, 3, false);
    fleet_year_tally_merge(&t, &part);
    /* Two parts are the whole. */
    fleet_year_tally_init(&whole, axis, 100, 1001, 20);
    fleet_year_tally_add(&whole, rows, 4, false);
    assert_memory_equal(&t, &whole, sizeof t);
    assert_int_equal(t.bill.n, 4);
    assert_int_equal(t.over_budget, 2);
    assert_int_equal(t.too_late, 1);
    assert_int_equal(t.bill.least, 1000);
    assert_int_equal(t.bill.most, 1003);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_laws),
        cmocka_unit_test(bins),
        cmocka_unit_test(controls_take_chance_off),
        cmocka_unit_test(a_year_needs_fewer_replications),
        cmocka_unit_test(misses_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
