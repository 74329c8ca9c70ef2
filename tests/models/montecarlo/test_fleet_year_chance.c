/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chance in fleet-years: the moments of what wanders, means that are kept, regions that move
 * together, what is the same for all candidates; and that all ways and threads give the same rows.
 */
#include "sim/random.h"
#include "tests/models/montecarlo/years.h"

enum { N = 20000 };

/* Whether a mean of n draws is what it should be: within 4.5 standard errors. */
static bool is_mean(double mean, double expected, double sd, uint32_t n)
{
    return fabs(mean - expected) <= 4.5 * sd / sqrt(n);
}

/* log2 of demand's walk, summed over so many hours: standard deviation. */
static double walk_sd(int32_t hours)
{
    struct years y;
    years_init(&y);
    y.outlook.hours = hours;
    y.outlook.demand = (struct fleet_year_spread){ 0.5, 0.9 };
    struct fleet_year_row *rows = years_rows(&y, N);
    double sd = years_sd(rows, N, FLEET_YEAR_DEMAND) / 65536;
    assert_true(is_mean(years_mean(rows, N, FLEET_YEAR_DEMAND) / 65536, 0, sd, N));
    free(rows);
    return sd;
}

/* An AR(1) process has from its first hour on the standard deviation s, and k^h between hours: the
 * variance of the sum of n is s^2 (n + 2 sum of (n - h) k^h). */
static void walks(void **state)
{
    const double s = sqrt(log(1.25)) / log(2), k = 0.9;
    (void)state;
    for (int32_t hours = 1; hours <= 100; hours = hours * 10 - 8 * (hours == 1)) {
        double variance = hours;
        for (int32_t h = 1; h < hours; h++) variance += 2 * (hours - h) * pow(k, h);
        double sd = walk_sd(hours) / s;
        /* The standard error of a standard deviation is 1 / sqrt(2 n) of it. */
        assert_true(fabs(sd / sqrt(variance) - 1) < 4.5 / sqrt(2.0 * N));
    }
}

/* Level, walk and bursts have mean 1, and growth adds up to the integral of 1.5^t. */
static void means_are_kept(void **state)
{
    struct years y;
    (void)state;
    years_init(&y);
    years_demand(&y, 100, 0);
    y.offer.reserved_gpus = 10000;
    y.outlook.growth = 0.5;
    struct fleet_year_row row = years_row(&y);
    double year = (double)row.field[FLEET_YEAR_SERVED] / 256 / 8760 / 100;
    assert_true(fabs(year / (0.5 / log(1.5)) - 1) < 1e-3);

    years_init(&y);
    years_demand(&y, 50, 50);
    y.offer.reserved_gpus = 10000;
    y.outlook.hours = 24;
    y.outlook.level_sd = 0.3;
    y.outlook.demand = (struct fleet_year_spread){ 0.4, 0.95 };
    y.outlook.burst_sd = 0.8;
    struct fleet_year_row *rows = years_rows(&y, N);
    for (int k = FLEET_YEAR_SERVED; k <= FLEET_YEAR_TRAINED; k += 2) {
        double hours = 24.0 * 50 * 256;
        assert_true(is_mean(years_mean(rows, N, k) / hours, 1, years_sd(rows, N, k) / hours, N));
    }
    free(rows);
}

/* What is out for repair, of a fleet whose work never ends: 64 GPUs fail once in 100 hours, and are
 * away for 10; 1 / 1.1 of them are there. The first ten hours, when fewer were away, are within the
 * bound. */
static void repairs(void **state)
{
    struct years y;
    (void)state;
    years_init(&y);
    years_demand(&y, 0, 1000);
    y.outlook.failure_gpus = 8;
    y.outlook.failure_chance = 0.01;
    y.outlook.failure_hours = 10;
    y.offer.reserved_gpus = 64;
    struct fleet_year_row *rows = years_rows(&y, 64);
    double there = years_mean(rows, 64, FLEET_YEAR_TRAINED) / 256 / 8760 / 64;
    double failed = years_mean(rows, 64, FLEET_YEAR_INTERRUPTED) / 256 / 8760 / 64;
    assert_true(fabs(there - 1 / 1.1) < 0.002);
    assert_true(fabs(failed - 0.01 / 1.1) < 0.0001);
    free(rows);
}

/* Spot of one region alone: its capacity, for an hour. */
static double *capacity(double correlation, int region)
{
    struct years y;
    double *log2_gpus = malloc(N * sizeof *log2_gpus);
    assert_non_null(log2_gpus);
    years_init(&y);
    y.outlook.hours = 1;
    y.outlook.region_n = 2;
    y.outlook.region_correlation = correlation;
    y.outlook.spot_capacity = (struct fleet_year_spread){ 0.4, 0.9 };
    y.outlook.spot_gpus[region] = 1000;
    y.offer.spot_most_gpus[region] = y.offer.spot_least_gpus[region] = 100000;
    y.offer.spot_usd[region] = y.offer.bid_usd[region] = 1;
    struct fleet_year_row *rows = years_rows(&y, N);
    for (uint32_t i = 0; i < N; i++)
        log2_gpus[i] = log2((double)rows[i].field[FLEET_YEAR_SPOT] / 256 / 1000);
    free(rows);
    return log2_gpus;
}

static void regions_move_together(void **state)
{
    const double s = sqrt(log(1.16)) / log(2);
    (void)state;
    for (double rho = 0; rho <= 1; rho += 0.5) {
        double *a = capacity(rho, 0), *b = capacity(rho, 1), ab = 0, aa = 0, gpus = 0;
        double mean = -s * s * log(2) / 2;
        for (int i = 0; i < N; i++) {
            ab += (a[i] - mean) * (b[i] - mean);
            aa += (a[i] - mean) * (a[i] - mean);
            gpus += exp2(a[i]);
        }
        assert_true(fabs(sqrt(aa / N) / s - 1) < 4.5 / sqrt(2.0 * N));
        assert_true(fabs(ab / N / (s * s) - rho) < 4.5 * sqrt(1 + rho * rho) / sqrt(N));
        assert_true(is_mean(gpus / N, 1, 0.4, N));
        free(a);
        free(b);
    }
}

/* ---- any world ---- */

static uint32_t below(uint64_t world, uint64_t *draw, uint32_t n)
{
    return (uint32_t)random_below(random_key(9, 0), RANDOM_TEST, world, (*draw)++, n);
}

/* Everything there is, at random, for some weeks. */
static void any(struct years *y, uint64_t world)
{
    uint64_t d = 0;
#define PART() (below(world, &d, 1001) / 1000.0)
    years_init(y);
    struct fleet_year_outlook *o = &y->outlook;
    struct fleet_year_offer *f = &y->offer;
    o->hours = 1 + (int32_t)below(world, &d, 1600);
    o->week_start = (int32_t)below(world, &d, 168);
    for (int h = 0; h < FLEET_YEAR_WEEK; h++) {
        o->serving_gpus[h] = below(world, &d, 400);
        o->training_gpus[h] = below(world, &d, 400);
    }
    o->growth = PART() * 2 - 0.5;
    o->growth_sd = PART() / 2;
    o->level_sd = PART() / 3;
    o->demand = (struct fleet_year_spread){ PART() / 2, PART() * 0.99 };
    o->burst_sd = PART();
    o->price_trend = PART() - 0.5;
    o->price_trend_sd = PART() / 4;
    o->spot_price = (struct fleet_year_spread){ PART() / 2, PART() * 0.99 };
    o->region_n = (int32_t)below(world, &d, FLEET_YEAR_REGIONS + 1);
    o->spot_capacity = (struct fleet_year_spread){ PART(), PART() * 0.99 };
    o->region_correlation = PART();
    o->reclaim_gpus = 1 + below(world, &d, 16);
    o->reclaim_chance = PART() / 8;
    o->reclaim_sd = PART();
    o->reclaim_hours = PART() * 6;
    o->failure_gpus = 1 + below(world, &d, 8);
    o->failure_chance = PART() / 50;
    o->failure_hours = PART() * 30;
    o->redo_hours = PART() * 4;
    o->seed = world;
    o->antithetic = below(world, &d, 2);
    f->reserved_gpus = below(world, &d, 400);
    f->reserved_usd = PART() * 3;
    f->reserved_busy_usd = PART() / 10;
    f->plan_usd_per_hour = PART() * 400;
    f->plan_usd = 1 + PART();
    f->on_demand_least_gpus = below(world, &d, 50);
    f->on_demand_most_gpus = f->on_demand_least_gpus + below(world, &d, 500);
    f->on_demand_usd = PART() * 5;
    for (int r = 0; r < FLEET_YEAR_REGIONS; r++) {
        o->spot_gpus[r] = below(world, &d, 200);
        f->spot_least_gpus[r] = below(world, &d, 20);
        f->spot_most_gpus[r] = f->spot_least_gpus[r] + below(world, &d, 200);
        f->spot_usd[r] = PART() * 2;
        f->bid_usd[r] = PART() * 4;
    }
    f->spot_fill = PART();
    f->drain_hours = 1 + PART() * 10;
    f->headroom = PART() * 2;
    f->lag_hours = PART() * 6;
    f->idle_hours = PART() * 3;
    f->usable = 0.5 + PART() / 2;
    f->deadline_hours = below(world, &d, 48);
#undef PART
}

struct gathered {
    uint64_t hash, rows;
};

static void gather(void *context, const struct fleet_year_block *b)
{
    struct gathered *g = context;
    for (uint32_t i = 0; i < b->n; i++)
        g->hash += fleet_year_row_hash(&b->rows[i], b->fleet, b->first + i);
    g->rows += b->n;
}

/* Replications are no multiple of the lanes, and not the first; two fleets. */
static void ways_and_threads_agree(void **state)
{
    uint64_t worlds = seeds_or(60);
    struct years y, other;
    struct error err = { STATUS_OK, "" };
    (void)state;
    for (uint64_t world = 0; world < worlds; world++) {
        any(&y, world);
        any(&other, world + 1000);
        other.outlook = y.outlook;
        years_case(&other);
        struct fleet_year_case c = years_case(&y);
        struct fleet_year_fleet fleets[2] = { y.fleet, other.fleet };
        struct gathered first = { 0 };
        for (int way = 0; way < FLEET_YEAR_WAYS; way++)
            for (int threads = 1; threads <= 8; threads *= 2) {
                struct gathered g = { 0 };
                if (!fleet_year_way_works((enum fleet_year_way)way)) continue;
                if (way == FLEET_YEAR_SCALAR && threads > 1) continue;
                if (fleet_year_run(&c, fleets, 2, (enum fleet_year_way)way, 1001, 293, threads,
                                   NULL, gather, &g, &err))
                    fail_msg("%s", err.message);
                if (way == FLEET_YEAR_SCALAR) first = g;
                assert_int_equal(g.hash, first.hash);
                assert_int_equal(g.rows, 2 * 293);
            }
    }
}

/* In any world nothing is lost: what a fleet pays for is its kinds' sum, months rise, and nothing
 * is below 0. */
static void books_add_up(void **state)
{
    uint64_t worlds = seeds_or(300);
    (void)state;
    for (uint64_t world = 0; world < worlds; world++) {
        struct years y;
        any(&y, world);
        struct fleet_year_row *rows = years_rows(&y, 16);
        for (int i = 0; i < 16; i++) {
            const int64_t *v = rows[i].field;
            int64_t sum = 0;
            for (int k = FLEET_YEAR_COST_RESERVED; k <= FLEET_YEAR_COST_SPOT; k++) sum += v[k];
            assert_int_equal(v[FLEET_YEAR_COST], sum);
            for (int k = 0; k < FLEET_YEAR_Z_GROWTH; k++) assert_true(v[k] >= 0);
            int64_t bought = (int64_t)y.fleet.reserved_q8 * y.world.hours +
                             v[FLEET_YEAR_ON_DEMAND] + v[FLEET_YEAR_SPOT];
            assert_true(v[FLEET_YEAR_SERVED] + v[FLEET_YEAR_TRAINED] <= bought);
            assert_true(v[FLEET_YEAR_COVERED] <= v[FLEET_YEAR_ON_DEMAND]);
            assert_true(v[FLEET_YEAR_LATE] <= y.world.hours);
            int32_t months = fleet_year_month_n(&y.world);
            assert_int_equal(rows[i].month_usd[months - 1], v[FLEET_YEAR_COST]);
            for (int m = 1; m < months; m++)
                assert_true(rows[i].month_usd[m] >= rows[i].month_usd[m - 1]);
        }
        free(rows);
    }
}

/* Candidates meet the same world: the same fleet costs the same, another meets the same demand. */
static void common_random_numbers(void **state)
{
    struct years y;
    (void)state;
    any(&y, 4);
    y.outlook.antithetic = false;
    struct fleet_year_row *a = years_rows(&y, 100), *b = years_rows(&y, 100);
    y.offer.reserved_gpus += 10;
    struct fleet_year_row *c = years_rows(&y, 100);
    y.outlook.seed++;
    struct fleet_year_row *d = years_rows(&y, 100);
    assert_memory_equal(a, b, 100 * sizeof *a);
    for (int i = 0; i < 100; i++) {
        const int64_t *v = a[i].field, *w = c[i].field;
        assert_int_equal(v[FLEET_YEAR_DEMAND], w[FLEET_YEAR_DEMAND]);
        assert_int_equal(v[FLEET_YEAR_Z_GROWTH], w[FLEET_YEAR_Z_GROWTH]);
        assert_int_equal(v[FLEET_YEAR_SERVED] + v[FLEET_YEAR_UNSERVED],
                         w[FLEET_YEAR_SERVED] + w[FLEET_YEAR_UNSERVED]);
        assert_int_not_equal(v[FLEET_YEAR_COST], w[FLEET_YEAR_COST]);
        assert_int_not_equal(v[FLEET_YEAR_DEMAND], d[i].field[FLEET_YEAR_DEMAND]);
    }
    free(a);
    free(b);
    free(c);
    free(d);
}

/* Of a pair one is the other's mirror image, to the rounding of a table. */
static void pairs_are_opposite(void **state)
{
    struct years y;
    (void)state;
    any(&y, 4);
    y.outlook.antithetic = true;
    struct fleet_year_row *rows = years_rows(&y, 100);
    for (int i = 0; i < 100; i += 2)
        for (int k = FLEET_YEAR_Z_GROWTH; k <= FLEET_YEAR_Z_TREND; k++)
            assert_true(llabs(rows[i].field[k] + rows[i + 1].field[k]) <= 2);
    assert_int_not_equal(rows[0].field[FLEET_YEAR_Z_GROWTH], rows[2].field[FLEET_YEAR_Z_GROWTH]);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks),
        cmocka_unit_test(means_are_kept),
        cmocka_unit_test(repairs),
        cmocka_unit_test(regions_move_together),
        cmocka_unit_test(ways_and_threads_agree),
        cmocka_unit_test(books_add_up),
        cmocka_unit_test(common_random_numbers),
        cmocka_unit_test(pairs_are_opposite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
