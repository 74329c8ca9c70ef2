/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fleet-years worked out by hand: without chance, or with chances that are certain, every figure is
 * known to its last unit. The savings plan is checked against the one that bills a replay.
 */
#include "models/pricing/commitments.h"
#include "models/pricing/money.h"
#include "tests/models/montecarlo/years.h"

#define USD INT64_C(1000000)
#define GPU INT64_C(256) /* GPU-hours in Q8 */

static void a_year_of_reserved_gpus(void **state)
{
    struct years y;
    (void)state;
    years_init(&y);
    years_demand(&y, 10, 70);
    y.offer.reserved_gpus = 100;
    y.offer.reserved_usd = 2;
    y.offer.reserved_busy_usd = 0.1;
    struct fleet_year_row row = years_row(&y);
    assert_int_equal(row.field[FLEET_YEAR_COST_RESERVED], 8760 * 200 * USD);
    assert_int_equal(row.field[FLEET_YEAR_COST_POWER], 8760 * 8 * USD);
    assert_int_equal(row.field[FLEET_YEAR_COST], 8760 * 208 * USD);
    assert_int_equal(row.field[FLEET_YEAR_SERVED], 8760 * 10 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_TRAINED], 8760 * 70 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_RESERVED_BUSY], 8760 * 80 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_UNSERVED], 0);
    assert_int_equal(row.field[FLEET_YEAR_BACKLOG], 0);
    assert_int_equal(row.field[FLEET_YEAR_LATE], 0);
    for (int m = 0; m < FLEET_YEAR_MONTHS; m++)
        assert_int_equal(row.month_usd[m], m < 12 ? (m + 1) * 730 * 208 * USD : 0);
}

/* 5 GPUs too few: serving goes first, training is 15 GPU-hours an hour behind, and from hour h on
 * that takes longer than a day: 5 (h + 1) > 24 x 5. */
static void too_few(void **state)
{
    struct years y;
    (void)state;
    years_init(&y);
    years_demand(&y, 10, 20);
    y.outlook.hours = 100;
    y.offer.reserved_gpus = 15;
    struct fleet_year_row row = years_row(&y);
    assert_int_equal(row.field[FLEET_YEAR_SERVED], 100 * 10 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_TRAINED], 100 * 5 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_BACKLOG], 100 * 15 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_BACKLOG_HOURS], 15 * (100 * 101 / 2));
    assert_int_equal(row.field[FLEET_YEAR_LATE], 100 - 8); /* 15 x 8 is 24 x 5 */
    /* And where the fleet is smaller than serving, that is lost. */
    y.offer.reserved_gpus = 8;
    row = years_row(&y);
    assert_int_equal(row.field[FLEET_YEAR_UNSERVED], 100 * 2 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_TRAINED], 0);
    /* Gangs leave a quarter of 20 unused. */
    y.offer.reserved_gpus = 20;
    y.offer.usable = 0.75;
    row = years_row(&y);
    assert_int_equal(row.field[FLEET_YEAR_TRAINED], 100 * 5 * GPU);
}

/*
 * 10 GPUs are needed from hour 10 on, and come two hours after they were asked for.
 *
 *      hour      10   11   12   13   14   15
 *      backlog   10   20   30   30   20   10     before it is worked on
 *      asked     10   10   10    0    0    0
 *      there      0    0   10   20   20   10     30 at 14, of which 10 go at once
 */
static void nodes_come_late(void **state)
{
    struct years y;
    (void)state;
    years_init(&y);
    for (int h = 10; h < FLEET_YEAR_WEEK; h++) y.outlook.training_gpus[h] = 10;
    y.outlook.hours = 16;
    y.offer.on_demand_most_gpus = 100;
    y.offer.on_demand_usd = 3;
    y.offer.lag_hours = 2;
    struct fleet_year_row row = years_row(&y);
    assert_int_equal(row.field[FLEET_YEAR_ON_DEMAND], 60 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_COST], 180 * USD);
    assert_int_equal(row.field[FLEET_YEAR_TRAINED], 60 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_BACKLOG_HOURS], 10 + 20 + 20 + 10);

    /* Half an hour late instead: at 10 half of them work, and 5 GPU-hours are done an hour later:
     * 15 are asked for at 11, of which 5 are new. */
    y.offer.lag_hours = 0.5;
    y.outlook.hours = 12;
    row = years_row(&y);
    assert_int_equal(row.field[FLEET_YEAR_ON_DEMAND], 25 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_TRAINED], 5 * GPU + 12 * GPU + GPU / 2);
    assert_int_equal(row.field[FLEET_YEAR_BACKLOG], 2 * GPU + GPU / 2);
}

/* 64 GPUs for an hour; of those that are not needed half stays for another one. */
static void nodes_stay(void **state)
{
    struct years y;
    (void)state;
    years_init(&y);
    y.outlook.training_gpus[0] = 64;
    y.outlook.hours = 4;
    y.offer.on_demand_most_gpus = 100;
    y.offer.idle_hours = 1;
    struct fleet_year_row row = years_row(&y);
    assert_int_equal(row.field[FLEET_YEAR_ON_DEMAND], (64 + 32 + 16 + 8) * GPU);
    y.offer.on_demand_least_gpus = 20;
    row = years_row(&y);
    assert_int_equal(row.field[FLEET_YEAR_ON_DEMAND], (64 + 42 + 31) * GPU + 25 * GPU + GPU / 2);
    y.offer.headroom = 1.25;
    y.offer.idle_hours = 0;
    row = years_row(&y);
    assert_int_equal(row.field[FLEET_YEAR_ON_DEMAND], (80 + 20 + 20 + 20) * GPU);
}

/* A week of 10 to 60 GPUs; the plan's $60 an hour pays for 25 of them, used or not. What pours
 * commitments over a replay's usage gives the same bill. */
static void a_plan_pays_first(void **state)
{
    struct years y;
    (void)state;
    years_init(&y);
    __int128 used[FLEET_YEAR_WEEK];
    for (int h = 0; h < FLEET_YEAR_WEEK; h++) {
        int gpus = 10 + h * 37 % 51;
        y.outlook.serving_gpus[h] = gpus;
        used[h] = gpus * (__int128)HOUR_US;
    }
    y.outlook.hours = FLEET_YEAR_WEEK;
    y.offer.on_demand_most_gpus = 100;
    y.offer.on_demand_usd = 3.5;
    y.offer.plan_usd_per_hour = 60;
    y.offer.plan_usd = 2.4;
    struct fleet_year_row row = years_row(&y);

    const struct offering node = { "p", "r", "", "m.large", 3500000000, 2400000000, 2400000000 };
    const struct usage_line line = { node, used };
    const struct usage usage = { FLEET_YEAR_WEEK, 0, FLEET_YEAR_WEEK * HOUR_US, 1, &line };
    const struct commitment plan = { .kind = COMMITMENT_COMPUTE_PLAN,
                                     .of = { "p", "", "", "", 0, 0, 0 },
                                     .count = 1,
                                     .usd_nano_per_hour = 60000000000,
                                     .to_us = FLEET_YEAR_HOURS * HOUR_US };
    struct bill bill;
    struct error err = { STATUS_OK, "" };
    if (commitments_pour(&usage, &plan, 1, NULL, &bill, &err)) fail_msg("%s", err.message);
    assert_int_equal(row.field[FLEET_YEAR_COST], bill.total_usd_micro);
    assert_int_equal(row.field[FLEET_YEAR_COST_ON_DEMAND],
                     rated_usd_micro(bill.on_demand[0].rated));
    assert_int_equal(row.field[FLEET_YEAR_COVERED] * HOUR_US / 256, bill.covered[0].used_us);
    assert_int_equal(row.field[FLEET_YEAR_COST_PLAN], FLEET_YEAR_WEEK * 60 * USD);
    bill_free(&bill);
}

/* Spot is taken up to the bid, cheapest regions first by their order, and then the rest. */
static void spot_up_to_the_bid(void **state)
{
    struct years y;
    (void)state;
    years_init(&y);
    years_demand(&y, 50, 0);
    y.outlook.hours = 100;
    y.outlook.region_n = 2;
    y.outlook.spot_gpus[0] = 30;
    y.outlook.spot_gpus[1] = 100;
    y.offer.spot_most_gpus[0] = 40;
    y.offer.spot_most_gpus[1] = 15;
    y.offer.spot_usd[0] = y.offer.bid_usd[0] = 1.5;
    y.offer.spot_usd[1] = y.offer.bid_usd[1] = 1.25;
    y.offer.on_demand_most_gpus = 100;
    y.offer.on_demand_usd = 4;
    struct fleet_year_row row = years_row(&y);
    assert_int_equal(row.field[FLEET_YEAR_SPOT], 100 * 45 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_COST_SPOT], 100 * (45 * USD + 15 * 5 * USD / 4));
    assert_int_equal(row.field[FLEET_YEAR_COST_ON_DEMAND], 100 * 20 * USD);
    assert_int_equal(row.field[FLEET_YEAR_INTERRUPTED], 0);
    y.offer.bid_usd[0] = 1.499999;
    row = years_row(&y);
    assert_int_equal(row.field[FLEET_YEAR_SPOT], 100 * 15 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_COST_ON_DEMAND], 100 * 35 * 4 * USD);
    assert_int_equal(row.field[FLEET_YEAR_UNSERVED], 0);
    /* A price that doubles in a year is above a bid of 1.5 times it after 0.585 of it, in the
     * eighth month, and all that there is then is taken at once. */
    y.outlook.hours = FLEET_YEAR_HOURS;
    y.outlook.price_trend = 1;
    y.offer.bid_usd[0] = 1.5 * 1.5;
    y.offer.spot_most_gpus[1] = 0;
    row = years_row(&y);
    assert_int_equal(row.field[FLEET_YEAR_SPOT], 8 * 730 * 30 * GPU);
    assert_int_equal(row.field[FLEET_YEAR_INTERRUPTED], 30 * GPU);
    assert_true(row.month_usd[11] - row.month_usd[10] > row.month_usd[10] - row.month_usd[9]);
}

/* Of 64 GPUs an hour's chance is one whole lump of 8: it is taken, and there again at once; half an
 * hour of its work is done again. */
static void eight_of_64_go_each_hour(void **state)
{
    struct years y;
    (void)state;
    for (int spot = 0; spot < 2; spot++) {
        years_init(&y);
        years_demand(&y, 0, 32);
        y.outlook.hours = 100;
        y.outlook.redo_hours = 0.5;
        if (spot) {
            y.outlook.region_n = 1;
            y.outlook.spot_gpus[0] = y.offer.spot_least_gpus[0] = y.offer.spot_most_gpus[0] = 64;
            y.offer.spot_usd[0] = y.offer.bid_usd[0] = 1;
            y.outlook.reclaim_gpus = 8;
            y.outlook.reclaim_chance = 1.0 / 8;
            y.outlook.reclaim_hours = 0;
        } else {
            y.offer.reserved_gpus = 64;
            y.outlook.failure_gpus = 8;
            y.outlook.failure_chance = 1.0 / 8;
            y.outlook.failure_hours = 0;
        }
        struct fleet_year_row row = years_row(&y);
        assert_int_equal(row.field[FLEET_YEAR_INTERRUPTED], 100 * 8 * GPU);
        assert_int_equal(row.field[FLEET_YEAR_TRAINED], (100 * 32 + 99 * 4) * GPU);
        assert_int_equal(row.field[FLEET_YEAR_BACKLOG], 4 * GPU);
        assert_int_equal(row.field[FLEET_YEAR_COST], spot ? 100 * 64 * USD : 0);
    }
}

/* What is out of range is refused, with its limits. */
static void out_of_range(void **state)
{
    struct years y;
    struct error err;
    (void)state;
    years_init(&y);
    y.outlook.serving_gpus[167] = 262145;
    assert_int_equal(fleet_year_world_set(&y.world, &y.tables, &y.outlook, &err), STATUS_BAD_INPUT);
    assert_string_equal(err.message, "GPUs of serving must be 0 to 262144");
    years_init(&y);
    y.outlook.hours = 5 * 8760 + 1;
    assert_int_equal(fleet_year_world_set(&y.world, &y.tables, &y.outlook, &err), STATUS_BAD_INPUT);
    assert_string_equal(err.message, "hours must be 1 to 43800");
    years_init(&y);
    y.outlook.demand = (struct fleet_year_spread){ 2, 0.9999 };
    assert_int_equal(fleet_year_world_set(&y.world, &y.tables, &y.outlook, &err), STATUS_BAD_INPUT);
    assert_string_equal(err.message,
                        "the spread of demand must be smaller, or what it keeps in an hour");
    years_init(&y);
    y.outlook.burst_sd = 1.2;
    assert_int_equal(fleet_year_world_set(&y.world, &y.tables, &y.outlook, &err), STATUS_BAD_INPUT);
    assert_string_equal(err.message, "the spread of bursts must be 0 to 1.1");
    years_init(&y);
    y.outlook.growth = -1;
    assert_int_equal(fleet_year_world_set(&y.world, &y.tables, &y.outlook, &err), STATUS_BAD_INPUT);
    assert_string_equal(err.message, "log2 of a year's growth must be -3 to 3");
    years_init(&y);
    y.offer.on_demand_usd = 70;
    assert_int_equal(fleet_year_fleet_set(&y.fleet, &y.offer, &err), STATUS_BAD_INPUT);
    assert_string_equal(err.message, "dollars of a GPU-hour on demand must be 0 to 67.1089");
    years_init(&y);
    y.offer.drain_hours = NAN;
    assert_int_equal(fleet_year_fleet_set(&y.fleet, &y.offer, &err), STATUS_BAD_INPUT);
    years_init(&y);
    for (int r = 0; r < FLEET_YEAR_REGIONS; r++) y.offer.spot_most_gpus[r] = 40000;
    assert_int_equal(fleet_year_fleet_set(&y.fleet, &y.offer, &err), STATUS_BAD_INPUT);
    assert_string_equal(err.message, "spot GPUs of all regions must be 0 to 131072");
    years_init(&y);
    y.offer.plan_usd_per_hour = 1e7;
    assert_int_equal(fleet_year_fleet_set(&y.fleet, &y.offer, &err), STATUS_BAD_INPUT);
}

/* Five years with everything at its limit: nothing is below 0, and under the sanitizers nothing
 * wraps. */
static void five_years_at_the_limits(void **state)
{
    struct years y;
    (void)state;
    years_init(&y);
    years_demand(&y, 262144, 262144);
    struct fleet_year_outlook *o = &y.outlook;
    o->hours = FLEET_YEAR_HOURS_MAX;
    o->growth = 7;
    o->growth_sd = 20;
    o->level_sd = 2;
    o->demand = (struct fleet_year_spread){ 0.5, 0.999 };
    o->burst_sd = FLEET_YEAR_BURST_MAX;
    o->price_trend = 7;
    o->region_n = FLEET_YEAR_REGIONS;
    o->spot_price = o->spot_capacity = o->demand;
    o->region_correlation = 0.5;
    o->reclaim_gpus = o->failure_gpus = 16384;
    o->reclaim_chance = o->failure_chance = 1;
    o->reclaim_sd = 2;
    o->reclaim_hours = o->failure_hours = 65536;
    o->redo_hours = 1024;
    struct fleet_year_offer *f = &y.offer;
    f->reserved_gpus = f->on_demand_most_gpus = f->on_demand_least_gpus = 131072;
    f->reserved_usd = f->on_demand_usd = 67.1;
    f->reserved_busy_usd = 4;
    f->plan_usd_per_hour = 8e6;
    f->plan_usd = 67;
    f->headroom = 4;
    f->lag_hours = 23.9;
    f->deadline_hours = 1 << 20;
    for (int r = 0; r < FLEET_YEAR_REGIONS; r++) {
        o->spot_gpus[r] = 131072;
        f->spot_most_gpus[r] = f->spot_least_gpus[r] = 32768;
        f->spot_usd[r] = 67;
        f->bid_usd[r] = 2000;
    }
    for (int calm = 0; calm < 2; calm++) {
        if (calm) o->reclaim_chance = o->failure_chance = 0;
        struct fleet_year_row row = years_row(&y);
        int64_t sum = 0;
        for (int k = FLEET_YEAR_COST_RESERVED; k <= FLEET_YEAR_COST_SPOT; k++) sum += row.field[k];
        assert_int_equal(row.field[FLEET_YEAR_COST], sum);
        for (int k = 0; k < FLEET_YEAR_Z_GROWTH; k++) assert_true(row.field[k] >= 0);
        for (int m = 1; m < FLEET_YEAR_MONTHS; m++)
            assert_true(row.month_usd[m] > row.month_usd[m - 1]);
        if (calm) assert_true(row.field[FLEET_YEAR_COST_SPOT] > INT64_C(1) << 60);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_year_of_reserved_gpus),  cmocka_unit_test(too_few),
        cmocka_unit_test(nodes_come_late),          cmocka_unit_test(nodes_stay),
        cmocka_unit_test(a_plan_pays_first),        cmocka_unit_test(spot_up_to_the_bid),
        cmocka_unit_test(eight_of_64_go_each_hour), cmocka_unit_test(out_of_range),
        cmocka_unit_test(five_years_at_the_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
