/* SPDX-License-Identifier: Apache-2.0 */
/* Bills worked out by hand. */
#include "tests/support.h"

#include "models/fleet/gpu_table.h"
#include "models/pricing/bill.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define USD     INT64_C(1000000)

static void a_rate_is_rounded_once(void **state)
{
    (void)state;
    assert_int_equal(charge_usd_micro(INT64_C(32772600000), HOUR_US),
                     INT64_C(32772600));                      /* p4d, an hour */
    assert_int_equal(charge_usd_micro(1000, HOUR_US / 2), 1); /* half a micro-dollar rounds up */
    assert_int_equal(charge_usd_micro(999, HOUR_US / 2), 0);
    /* 10,000 nodes for a year at $98.32: 10000 x 8760 x 98.32 = $8,612,832,000 */
    assert_int_equal(charge_usd_micro(INT64_C(98320000000), 10000 * 8760 * HOUR_US),
                     INT64_C(8612832000) * USD);
    assert_int_equal(charge_usd_micro(INT64_MAX, INT64_MAX), INT64_MAX);
}

/* Cloud Carbon Footprint's formula: 100 h of 500 W at half use between 200 and 800 W, PUE 1.135,
 * and us-east-1's 415.755 g: 56.75 kWh, 23.594 kg. */
static void co2_is_energy_times_the_grid(void **state)
{
    struct purchase p = { .option = purchase_option_find("on-demand"),
                          .owned = { .pue_ppm = 1135000,
                                     .busy_watts = 800,
                                     .idle_watts = 200,
                                     .carbon_ug_per_kwh = 415755000 } };
    struct pool_usage u = { .gpus_per_node = 8,
                            .node_us = 100 * (__int128)HOUR_US,
                            .busy_gpu_us = 400 * (__int128)HOUR_US };
    (void)state;
    assert_int_equal(bill_energy_wh(&p, &u), 56750);
    assert_int_equal(bill_co2_g(&p, 56750), 23594);
    assert_int_equal(bill_co2_g(&p, 0), 0);
}

static void on_demand_splits_into_jobs_and_idle(void **state)
{
    /* 2 nodes of 8 GPUs for 10 h at $8 an hour = $160; 40 of 160 GPU-hours held = $40. */
    struct purchase p = { .option = purchase_option_find("on-demand"),
                          .usd_nano_per_hour = INT64_C(8000000000) };
    struct pool_usage u = { .gpus_per_node = 8,
                            .node_us = 20 * (__int128)HOUR_US,
                            .busy_gpu_us = 40 * (__int128)HOUR_US };
    struct charge_line lines[CHARGE_KIND_N];
    (void)state;
    bill_pool(&p, &u, lines);
    assert_int_equal(lines[CHARGE_ON_DEMAND].jobs_usd_micro, 40 * USD);
    assert_int_equal(lines[CHARGE_ON_DEMAND].idle_usd_micro, 120 * USD);
    for (int k = CHARGE_AMORTISATION; k < CHARGE_KIND_N; k++) {
        assert_int_equal(lines[k].jobs_usd_micro, 0);
        assert_int_equal(lines[k].idle_usd_micro, 0);
    }
    assert_int_equal(bill_job_usd_micro(&p, 8, 40 * GPU_WHOLE, 0, HOUR_US), 40 * USD);
    assert_int_equal(bill_energy_wh(&p, &u), 0); /* the cloud pays the power */
}

static void owned_hardware_has_four_parts(void **state)
{
    /* One node of 8 GPUs for 1,000 h, half its GPU time held.
     *   amortisation  ($250,000 - $50,000) / 40,000 h x 1,000 h            = $5,000, half to jobs
     *   power         idle 2 kW, busy 6 kW: 2 x 1000 + 4 x 500 = 4,000 kWh, x PUE 1.5 = 6,000 kWh
     * at $0.10 = $600 of which jobs: half of idle 2,000 x 1.5 x 0.10 / 2 = $150, and all above idle
     * $300 space, staff  $1.20 x 1,000 = $1,200, half to jobs */
    struct purchase p = { .option = purchase_option_find("owned"),
                          .owned = { .capex_usd_micro = 250000 * USD,
                                     .salvage_usd_micro = 50000 * USD,
                                     .life_us = 40000 * HOUR_US,
                                     .power_usd_nano_per_kwh = 100000000,
                                     .pue_ppm = 1500000,
                                     .busy_watts = 6000,
                                     .idle_watts = 2000,
                                     .space_staff_usd_nano_per_hour = 1200000000 } };
    struct pool_usage u = { .gpus_per_node = 8,
                            .node_us = 1000 * (__int128)HOUR_US,
                            .busy_gpu_us = 4000 * (__int128)HOUR_US };
    struct charge_line l[CHARGE_KIND_N];
    (void)state;
    bill_pool(&p, &u, l);
    assert_int_equal(l[CHARGE_ON_DEMAND].jobs_usd_micro + l[CHARGE_ON_DEMAND].idle_usd_micro, 0);
    assert_int_equal(l[CHARGE_AMORTISATION].jobs_usd_micro, 2500 * USD);
    assert_int_equal(l[CHARGE_AMORTISATION].idle_usd_micro, 2500 * USD);
    assert_int_equal(l[CHARGE_POWER].jobs_usd_micro, 450 * USD);
    assert_int_equal(l[CHARGE_POWER].idle_usd_micro, 150 * USD);
    assert_int_equal(l[CHARGE_SPACE_STAFF].jobs_usd_micro, 600 * USD);
    assert_int_equal(l[CHARGE_SPACE_STAFF].idle_usd_micro, 600 * USD);
    assert_int_equal(bill_energy_wh(&p, &u), 6000 * 1000);
    assert_int_equal(bill_job_usd_micro(&p, 8, 4 * GPU_WHOLE, 0, 1000 * HOUR_US),
                     (2500 + 450 + 600) * USD);
}

static void a_full_pool_has_no_idle_part(void **state)
{
    struct purchase p = { .option = purchase_option_find("on-demand"),
                          .usd_nano_per_hour = 3333333333 };
    struct charge_line l[CHARGE_KIND_N];
    (void)state;
    for (int64_t us = 1; us < 1000000000; us = us * 7 + 1) {
        struct pool_usage u = { .gpus_per_node = 3,
                                .node_us = us,
                                .busy_gpu_us = 3 * (__int128)us };
        bill_pool(&p, &u, l);
        assert_true(l[CHARGE_ON_DEMAND].idle_usd_micro >= 0);
        assert_true(l[CHARGE_ON_DEMAND].idle_usd_micro <= 1);
        assert_int_equal(l[CHARGE_ON_DEMAND].jobs_usd_micro + l[CHARGE_ON_DEMAND].idle_usd_micro,
                         charge_usd_micro(p.usd_nano_per_hour, us));
    }
    struct pool_usage cpu_only = { .gpus_per_node = 0,
                                   .node_us = 10 * (__int128)HOUR_US,
                                   .busy_gpu_us = 0 };
    bill_pool(&p, &cpu_only, l);
    assert_int_equal(l[CHARGE_ON_DEMAND].jobs_usd_micro, 0);
    assert_int_equal(l[CHARGE_ON_DEMAND].idle_usd_micro, 33333333);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_is_rounded_once),
        cmocka_unit_test(co2_is_energy_times_the_grid),
        cmocka_unit_test(on_demand_splits_into_jobs_and_idle),
        cmocka_unit_test(owned_hardware_has_four_parts),
        cmocka_unit_test(a_full_pool_has_no_idle_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
