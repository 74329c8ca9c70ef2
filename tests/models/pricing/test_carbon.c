/* SPDX-License-Identifier: Apache-2.0 */
/* CO2 of a grid that changes with the hour, by hand, and that what checks it can fail. */
#include <string.h>

#include "tests/simulate.h"

#include "models/autoscaling/autoscaler.h"
#include "models/fleet/gpu_table.h"
#include "models/pricing/carbon.h"
#include "models/pricing/money.h"

#define S    INT64_C(1000000)
#define GRAM INT64_C(1000000) /* micrograms */

static const struct price_step two_hours[] = { { 0, 100 * GRAM }, { HOUR_US, 400 * GRAM } };

static void grid_init(struct price_trace *grid, const struct price_step *steps, size_t n)
{
    struct price_repairs none;
    struct error err;
    assert_int_equal(price_trace_init(grid, steps, n, &none, &err), STATUS_OK);
}

/* A node of 8 GPUs draws 2 kW idle and 6 kW busy, at a PUE of 1.5. */
static struct purchase rented(const struct price_trace *grid)
{
    return (struct purchase){ .option = purchase_option_find("on-demand"),
                              .owned = { .pue_ppm = 1500000,
                                         .busy_watts = 6000,
                                         .idle_watts = 2000,
                                         .carbon_ug_per_kwh = -1 },
                              .carbon = grid };
}

/* Half of it held in the first hour, none in the second: 1.5 x (2 + 2) = 6 kWh of 100 g, 3 kWh of
 * 400 g. */
static void two_hours_by_hand(void **state)
{
    const __int128 node_us[] = { HOUR_US, HOUR_US }, held[] = { HOUR_US * 4 * GPU_WHOLE, 0 };
    struct hour_usage usage = { .hours = 2, .node_us = node_us, .held_milli_us = held };
    struct price_trace grid;
    struct error err;
    int64_t co2_g;
    (void)state;
    grid_init(&grid, two_hours, 2);
    struct purchase p = rented(&grid);
    assert_int_equal(bill_co2_by_hour(&p, 8, &usage, 9000, &co2_g, &err), STATUS_OK);
    assert_int_equal(co2_g, 600 + 1200);
    /* Hours that are not the energy stop the run. */
    assert_int_equal(bill_co2_by_hour(&p, 8, &usage, 9001, &co2_g, &err), STATUS_BUG);
    assert_non_null(strstr(err.message, "energy by hour = by pool"));
    /* Nodes that are off draw nothing: 3 kWh fewer in the second hour. */
    const __int128 on_us[] = { HOUR_US, 0 };
    usage.on_us = on_us;
    assert_int_equal(bill_co2_by_hour(&p, 8, &usage, 6000, &co2_g, &err), STATUS_OK);
    assert_int_equal(co2_g, 600);
    price_trace_free(&grid);
}

/* Second 0 lies half an hour after hour 0's start: hour 1 is [1800, 5400) s. A watt-hour is never
 * lost between hours: three of 0.4 Wh are 1 Wh, in the hour in which it is full. */
static void hours_are_cut(void **state)
{
    static const struct price_step halves[] = { { -HOUR_US / 2, 100 * GRAM },
                                                { HOUR_US / 2, 400 * GRAM } };
    const __int128 node_us[] = { HOUR_US / 2, HOUR_US }, held[] = { 0, 0 };
    struct hour_usage usage = {
        .hours = 2, .node_us = node_us, .held_milli_us = held, .into_hour_us = HOUR_US / 2
    };
    struct price_trace grid;
    struct error err;
    int64_t co2_g;
    (void)state;
    grid_init(&grid, halves, 2);
    struct purchase p = rented(&grid);
    assert_int_equal(bill_co2_by_hour(&p, 8, &usage, 4500, &co2_g, &err), STATUS_OK);
    assert_int_equal(co2_g, 150 + 1200);
    price_trace_free(&grid);

    static const struct price_step rising[] = { { 0, 1000 * GRAM },
                                                { HOUR_US, 2000 * GRAM },
                                                { 2 * HOUR_US, 3000 * GRAM } };
    /* 0.4 Wh of 3 kW are 480 ms: 0.4 -> 0, 0.8 -> 1, 1.2 -> 1. */
    const __int128 short_us[] = { 480000, 480000, 480000 }, none[] = { 0, 0, 0 };
    usage = (struct hour_usage){ .hours = 3, .node_us = short_us, .held_milli_us = none };
    grid_init(&grid, rising, 3);
    assert_int_equal(bill_co2_by_hour(&p, 8, &usage, 1, &co2_g, &err), STATUS_OK);
    assert_int_equal(co2_g, 2);
    price_trace_free(&grid);
}

/* The same two hours as a world: a job of 4 GPUs for an hour. */
static void a_world_by_hand(void **state)
{
    struct price_trace grid;
    struct workload w;
    struct schedule s;
    (void)state;
    grid_init(&grid, two_hours, 2);
    const struct pool_spec kind = {
        .type = { .name = "p4", .provider = "aws", .gpu_model = "", .gpus = 8, .source = "" },
        .purchase = rented(&grid)
    };
    struct simulate_fleet fleet = { .pools = { { 1, 8 } },
                                    .kinds = { &kind },
                                    .books_us = 2 * HOUR_US };
    simulate_workload_init(&w);
    simulate_add(&w, 0, 4, 3600 * S, -1, -1);
    simulate_seal(&w);
    simulate(&w, &fleet, &s);
    assert_int_equal(s.result.pools[0].energy_wh, 9000);
    assert_int_equal(s.result.pools[0].co2_g, 1800);
    schedule_free(&s);
    workload_free(&w);
    price_trace_free(&grid);
}

/* A grid that never changes is grid_carbon to the gram; one that does keeps the energy, in worlds
 * of all kinds, whose hours are checked by the run. */
static void a_constant_grid_is_a_factor(void **state)
{
    static const struct price_step once[] = { { 0, 415755000 } };
    struct price_trace grid, changing;
    (void)state;
    grid_init(&grid, once, 1);
    grid_init(&changing, two_hours, 2);
    for (uint32_t seed = 0; seed < 40; seed++) {
        struct workload w;
        struct schedule s[3];
        simulate_workload_init(&w);
        for (uint32_t j = 0; j < 30; j++)
            simulate_add(&w, (int64_t)(j * (seed + 1) * 97 % 9000) * S, 1 + (int32_t)(j % 8),
                         (int64_t)(1 + j * 331 % 5000) * S + (int64_t)seed, -1, -1);
        simulate_seal(&w);
        for (int k = 0; k < 3; k++) {
            struct pool_spec kind = { .type = { .name = "p4",
                                                .provider = "aws",
                                                .gpu_model = "",
                                                .gpus = 8,
                                                .source = "" },
                                      .purchase = rented(k == 0   ? NULL
                                                         : k == 1 ? &grid
                                                                  : &changing) };
            if (k == 0) kind.purchase.owned.carbon_ug_per_kwh = 415755000;
            struct simulate_fleet fleet = {
                .pools = { { 3, 8 } },
                .coming = { seed % 2 ? 2 : 0 },
                .autoscaler = { .kind = seed % 2 ? autoscaler_find("as-needed") : NULL },
                .kinds = { &kind },
                .books_us = seed % 3 ? 10000 * S + (int64_t)seed : 0
            };
            simulate(&w, &fleet, &s[k]);
        }
        const struct pool_result *factor = &s[0].result.pools[0], *same = &s[1].result.pools[0],
                                 *other = &s[2].result.pools[0];
        assert_true(factor->co2_g > 0);
        assert_int_equal(same->co2_g, factor->co2_g);
        assert_int_equal(same->energy_wh, factor->energy_wh);
        assert_int_equal(other->energy_wh, factor->energy_wh);
        assert_true(other->co2_g >= other->energy_wh / 10 &&
                    other->co2_g <= other->energy_wh * 4 / 10 + 1);
        for (int k = 0; k < 3; k++) schedule_free(&s[k]);
        workload_free(&w);
    }
    price_trace_free(&grid);
    price_trace_free(&changing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_hours_by_hand),
        cmocka_unit_test(hours_are_cut),
        cmocka_unit_test(a_world_by_hand),
        cmocka_unit_test(a_constant_grid_is_a_factor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
