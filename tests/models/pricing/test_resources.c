/* SPDX-License-Identifier: Apache-2.0 */
/* A node's price by resource: OpenCost's example, and a world by hand. */
#include "tests/simulate.h"

#include "models/pricing/resources.h"

#define USD INT64_C(1000000)
#define H   (INT64_C(3600) * 1000000)

static void sums(int64_t usd, __int128 gpu, __int128 cpu, __int128 memory, int64_t a, int64_t b,
                 int64_t c)
{
    const __int128 list[RESOURCE_N] = { gpu, cpu, memory };
    int64_t part[RESOURCE_N];
    resource_split(usd, list, part);
    assert_int_equal(part[RESOURCE_GPU], a);
    assert_int_equal(part[RESOURCE_CPU], b);
    assert_int_equal(part[RESOURCE_MEMORY], c);
    assert_int_equal(a + b + c, usd);
}

/* opencost-specv01, appendix A: $35 a month, list GPU 30, CPU 30, RAM 10. */
static void the_example(void **state)
{
    (void)state;
    sums(35 * USD, 30, 30, 10, 15 * USD, 15 * USD, 5 * USD);
    sums(1, 1, 1, 1, 0, 0, 1);
    sums(100, 1, 1, 1, 33, 33, 34);
    sums(7, 0, 0, 0, 7, 0, 0);
    sums(INT64_MAX, (__int128)1 << 62, 0, 0, INT64_MAX, 0, 0);
    sums(INT64_MAX, (__int128)1 << 100, (__int128)1 << 100, 0, INT64_MAX / 2, INT64_MAX / 2 + 1, 0);
    sums(0, 5, 5, 5, 0, 0, 0);
}

/* p4d.24xlarge at list rates: 8 x 0.95 + 96 x 0.031611 + 1152 x 0.004237 = 7.6 + 3.034656 +
 * 4.881024 dollars an hour. */
static void list_rates(void **state)
{
    const struct resource_amounts p4d = { 8000, 96000, 1152 * 1024 };
    __int128 list[RESOURCE_N];
    (void)state;
    resource_list_costs(&p4d, list);
    assert_true(list[RESOURCE_GPU] == (__int128)7600000000 * 1024000);
    assert_true(list[RESOURCE_CPU] == (__int128)3034656000 * 1024000);
    assert_true(list[RESOURCE_MEMORY] == (__int128)4881024000 * 1024000);
}

static void held_and_idle(void **state)
{
    struct charge_line line = resource_held(15 * USD, 2, 3);
    (void)state;
    assert_int_equal(line.jobs_usd_micro, 10 * USD);
    assert_int_equal(line.idle_usd_micro, 5 * USD);
    line = resource_held(1000, ((__int128)1 << 90) / 4, (__int128)1 << 90);
    assert_int_equal(line.jobs_usd_micro, 250);
    line = resource_held(1000, 0, 0);
    assert_int_equal(line.idle_usd_micro, 1000);
}

/* Two nodes of 8 GPUs, 96 cores, 1152 GiB at $15.51568 for 10 hours: $310.3136, of which GPUs
 * $152, cores $60.69312, memory $97.62048. A job of 4 GPUs, 12 cores and 576 GiB runs for 5 hours.
 */
static void a_world(void **state)
{
    struct workload w;
    struct world_result result;
    struct error err;
    struct pool_spec pool = { .name = "p",
                              .type = { .name = "p4d.24xlarge",
                                        .provider = "aws",
                                        .gpu_model = "X",
                                        .gpus = 8,
                                        .cpu_milli = 96000,
                                        .mem_mib = 1152 * 1024,
                                        .source = "" },
                              .nodes = 2,
                              .purchase = { .option = purchase_option_find("on-demand"),
                                            .usd_nano_per_hour = INT64_C(15515680000) } };
    const struct fleet_spec fleet = { .name = "f",
                                      .pool_n = 1,
                                      .pools = &pool,
                                      .scheduler = { .order = queue_order_find("fifo"),
                                                     .placement = placement_find("pack") } };
    const struct world_options options = { .seed = 1, .books_us = 10 * H };
    static const int64_t held[RESOURCE_N] = { 152 * USD * 20 / 160,
                                              INT64_C(60693120) * 12 * 5 / 1920, 97620480 / 8 };
    static const int64_t all[RESOURCE_N] = { 152 * USD, 60693120, 97620480 };
    static const double hours[RESOURCE_N] = { 20, 60, 2880 };
    (void)state;
    simulate_workload_init(&w);
    simulate_add(&w, 0, 4, 5 * H, -1, -1);
    w.cpu_milli[0] = 12000;
    w.mem_mib[0] = 576 * 1024;
    simulate_seal(&w);
    if (world_run(&w, &fleet, &options, NULL, &result, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_true(result.pools[0].has_resources);
    for (int r = 0; r < RESOURCE_N; r++) {
        const struct charge_line *line = &result.pools[0].resource[r];
        assert_int_equal(line->jobs_usd_micro, held[r]);
        assert_int_equal(line->jobs_usd_micro + line->idle_usd_micro, all[r]);
        assert_true(result.pools[0].held_hours[r] == hours[r]);
    }
    world_result_free(&result);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example),
        cmocka_unit_test(list_rates),
        cmocka_unit_test(held_and_idle),
        cmocka_unit_test(a_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
