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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_gpus_do_not_overflow) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
