/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/purchase.h"

#include "tests/support.h"

static void test_charge_is_exact(void **state)
{
    (void)state;
    const int64_t hour = INT64_C(3600000000);
    assert_int_equal(charge_usd_micro(INT64_C(32772600000), hour), 32772600);
    assert_int_equal(charge_usd_micro(INT64_C(21957642000), 730 * hour), INT64_C(16029078660));
    assert_int_equal(charge_usd_micro(0, hour), 0);
    assert_int_equal(charge_usd_micro(INT64_MAX, 0), 0);
    /* Half a micro-dollar goes up, just below goes down: 1.8 s at $0.001 per hour = 0.5
     * micro-dollars. */
    assert_int_equal(charge_usd_micro(1000000, 1800000), 1);
    assert_int_equal(charge_usd_micro(1000000, 1799999), 0);
    /* One second of one GPU's $3.06: 850 micro-dollars. */
    assert_int_equal(charge_usd_micro(INT64_C(3060000000), 1000000), 850);
    assert_int_equal(charge_usd_micro(INT64_MAX, INT64_MAX), INT64_MAX);
}

static void test_options(void **state)
{
    (void)state;
    assert_ptr_equal(purchase_option_find("on-demand"), &purchase_options[0]);
    assert_string_equal(purchase_option_find("owned")->name, "owned");
    assert_string_equal(purchase_option_find("spot")->name, "spot");
    assert_null(purchase_option_find("spots"));
    assert_null(purchase_option_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_charge_is_exact),
                                        cmocka_unit_test(test_options) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
