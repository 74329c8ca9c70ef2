/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fleet/fleet_spec.h"

#include "tests/support.h"

static void test_gpus_do_not_overflow(void **state)
{
    (void)state;
    struct pool_spec pools[2] = { { .type = { .gpus = 65535 }, .nodes = 1000000 },
                                  { .type = { .gpus = 8 }, .nodes = 3 } };
    struct fleet_spec fleet = { .pool_n = 2, .pools = pools };
    assert_int_equal(fleet_spec_gpus(&fleet), INT64_C(65535000024));
    fleet.pool_n = 0;
    assert_int_equal(fleet_spec_gpus(&fleet), 0);
}

static void test_a_group_counts_once(void **state)
{
    (void)state;
    struct pool_spec pools[] = { { .type = { .gpus = 4 }, .nodes = 10, .group = 2 },
                                 { .type = { .gpus = 8 }, .nodes = 10, .group = 2 },
                                 { .type = { .gpus = 1 }, .nodes = 10, .group = 2 },
                                 { .type = { .gpus = 2 }, .nodes = 5, .group = 4 },
                                 { .type = { .gpus = 2 }, .nodes = 7 },
                                 { .type = { .gpus = 2 }, .nodes = 7 } };
    struct fleet_spec fleet = { .pool_n = 6, .pools = pools };
    assert_int_equal(fleet_spec_gpus(&fleet), 130 + 10 + 28);
    assert_int_equal(fleet_spec_most_gpus(&fleet), 80 + 10 + 28);
    assert_int_equal(fleet_spec_most_nodes(&fleet), 10 + 5 + 14);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_gpus_do_not_overflow),
                                        cmocka_unit_test(test_a_group_counts_once) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
