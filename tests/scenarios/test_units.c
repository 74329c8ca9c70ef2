/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/units.h"

#include <string.h>

#include "tests/support.h"

typedef bool reader(const char *text, int64_t *value, struct unit_problem *problem);

static void good(reader *read, const char *text, int64_t expected)
{
    struct unit_problem problem;
    int64_t value = -1;
    if (!read(text, &value, &problem)) fail_msg("'%s' %s", text, problem.message);
    if (value != expected)
        fail_msg("'%s' is %lld, not %lld", text, (long long)value, (long long)expected);
}

static void bad(reader *read, const char *text, const char *message, const char *hint)
{
    struct unit_problem problem;
    int64_t value = -1;
    if (read(text, &value, &problem)) fail_msg("'%s' was read as %lld", text, (long long)value);
    assert_string_equal(problem.message, message);
    assert_string_equal(problem.hint, hint);
    assert_int_equal(value, -1);
}

static void test_durations(void **state)
{
    (void)state;
    good(unit_duration, "15 min", INT64_C(900000000));
    good(unit_duration, "15min", INT64_C(900000000));
    good(unit_duration, "24 h", INT64_C(86400000000));
    good(unit_duration, "1 day", INT64_C(86400000000));
    good(unit_duration, "7 days", INT64_C(604800000000));
    good(unit_duration, "2 weeks", INT64_C(1209600000000));
    good(unit_duration, "1 month", INT64_C(2628000000000));
    good(unit_duration, "4 years", INT64_C(126144000000000));
    good(unit_duration, "0.1 s", 100000);
    good(unit_duration, "1.5 h", INT64_C(5400000000));
    good(unit_duration, "0.000001 s", 1);
    good(unit_duration, "250 ms", 250000);
    good(unit_duration, "0 s", 0);
    bad(unit_duration, "15", "has no unit", "did you mean '15 min'?");
    bad(unit_duration, "15 m", "has an unknown unit 'm'", "did you mean '15 min'?");
    bad(unit_duration, "15 minuts", "has an unknown unit 'minuts'", "");
    bad(unit_duration, "-5 min", "must not be negative: '-5 min'", "");
    bad(unit_duration, "0.0000001 s", "is finer than a microsecond: '0.0000001 s'", "");
    bad(unit_duration, "99999999999 years", "is too large: '99999999999 years'", "");
    bad(unit_duration, "7..0 min", "must be a duration such as '15 min', not '7..0 min'", "");
    bad(unit_duration, "1,000 s", "must be a duration such as '15 min', not '1,000 s'",
        "did you mean '1000 s'?");
    bad(unit_duration, "soon", "must be a duration such as '15 min', not 'soon'", "");
    bad(unit_duration, "", "must be a duration such as '15 min', not ''", "");
    bad(unit_duration, "1e3 s", "has an unknown unit 'e3 s'", "");
    bad(unit_duration, "inf", "must be a duration such as '15 min', not 'inf'", "");
    bad(unit_duration, "0x10 s", "has an unknown unit 'x10 s'", "");
    bad(unit_duration, "012 s", "must be a duration such as '15 min', not '012 s'",
        "did you mean '12 s'?");
}

static void test_percent_factor_count(void **state)
{
    (void)state;
    good(unit_percent, "60%", 600000);
    good(unit_percent, "0.0001 %", 1);
    good(unit_percent, "110%", 1100000);
    bad(unit_percent, "60", "has no unit", "did you mean '60%'?");
    bad(unit_percent, "0.5", "must be a percentage, not '0.5'", "did you mean '50%'?");
    bad(unit_percent, "1.5", "has no unit", "did you mean '1.5%'?");
    good(unit_factor, "1.4", 1400000);
    good(unit_factor, "1", 1000000);
    bad(unit_factor, "1.4x", "must be a plain number such as '1.4', not '1.4x'", "");
    good(unit_count, "0", 0);
    good(unit_count, "100000", 100000);
    bad(unit_count, "30 runs", "must be a whole number, not '30 runs'", "");
    bad(unit_count, "100k", "must be a whole number, not '100k'", "did you mean '100000'?");
    bad(unit_count, "100,000", "must be a whole number, not '100,000'", "did you mean '100000'?");
    bad(unit_count, "1_000", "must be a whole number, not '1_000'", "did you mean '1000'?");
    bad(unit_count, "012", "must be a whole number, not '012'", "did you mean '12'?");
    bad(unit_count, "1e3", "must be a whole number, not '1e3'", "");
    bad(unit_count, "7..0", "must be a whole number, not '7..0'", "");
    bad(unit_count, "1.5", "must be a whole number, not '1.5'", "");
    bad(unit_count, "-1", "must not be negative: '-1'", "");
    bad(unit_count, "99999999999999999999", "is too large: '99999999999999999999'", "");
}

static void test_money(void **state)
{
    (void)state;
    good(unit_money, "$250k", INT64_C(250000000000));
    good(unit_money, "$1.2M", INT64_C(1200000000000));
    good(unit_money, "$0.000001", 1);
    good(unit_money, "$999999999999.999999", INT64_C(999999999999999999));
    bad(unit_money, "250k", "must be an amount such as '$250k', not '250k'",
        "did you mean '$250k'?");
    bad(unit_money, "$250k per month", "must be an amount such as '$250k', not '$250k per month'",
        "did you mean '$250k'?");
    bad(unit_money, "$0.0000001", "is finer than a micro-dollar: '$0.0000001'", "");
    bad(unit_money, "$-5", "must not be negative: '$-5'", "");
    bad(unit_money, "$250,000", "must be an amount such as '$250k', not '$250,000'",
        "did you mean '$250000'?");
    bad(unit_money, "$9999999B", "is too large: '$9999999B'", "");
    good(unit_money_per_month, "$500k per month", INT64_C(500000000000));
    good(unit_money_per_month, "$500k/month", INT64_C(500000000000));
    good(unit_money_per_month, "$1 per hour", 730000000);
    good(unit_money_per_month, "$1M per year", INT64_C(83333333333));
    bad(unit_money_per_month, "$500k", "does not say per what", "did you mean '$500k per month'?");
    bad(unit_money_per_month, "$500k per moth", "has an unknown unit 'per moth'", "");
    bad(unit_money_per_month, "500k per month",
        "must be money over time such as '$500k per month', not '500k per month'",
        "did you mean '$500k per month'?");
    good(unit_money_per_hour, "$1.20 per hour", 1200000000);
    good(unit_money_per_hour, "$876 per year", 100000000);
    good(unit_money_per_kwh, "$0.12 per kWh", 120000000);
    good(unit_money_per_kwh, "$95/MWh", 95000000);
    bad(unit_money_per_kwh, "$0.12", "does not say per what", "did you mean '$0.12 per kWh'?");
}

static void test_sizes(void **state)
{
    struct unit_problem problem;
    int64_t usd;
    const char *per;
    (void)state;
    good(unit_size, "20 TB", INT64_C(20000000000000));
    good(unit_size, "1.5 TiB", INT64_C(3) << 39);
    good(unit_size, "0.001 kB", 1);
    bad(unit_size, "20", "has no unit", "did you mean '20 GB'?");
    bad(unit_size, "20 tb", "has an unknown unit 'tb'", "");
    bad(unit_size, "0.5 B", "is finer than a byte: '0.5 B'", "");
    assert_true(unit_money_per_size("$0.09 per GB", &usd, &per, &problem));
    assert_int_equal(usd, 90000000);
    assert_string_equal(per, "GB");
    assert_true(unit_money_per_size("$90/TiB", &usd, &per, &problem));
    assert_string_equal(per, "TiB");
    assert_true(unit_money_per_size_month("$0.145 per GB-month", &usd, &per, &problem));
    assert_int_equal(usd, 145000000);
    assert_string_equal(per, "GB-month");
    assert_false(unit_money_per_size("$0.09 per GB-month", &usd, &per, &problem));
    assert_string_equal(problem.note, "known: per GB, GiB, TB, TiB");
    assert_false(unit_money_per_size_month("$0.145", &usd, &per, &problem));
    assert_string_equal(problem.hint, "did you mean '$0.145 per GB-month'?");
}

static void test_power_gpus_yes(void **state)
{
    (void)state;
    good(unit_watts, "700 W", 700);
    good(unit_watts, "6.5 kW", 6500);
    bad(unit_watts, "6.5", "has no unit", "did you mean '6.5 W'?");
    bad(unit_watts, "0.5 W", "is finer than a watt: '0.5 W'", "");
    good(unit_gpus, "400 GPUs", 400000);
    good(unit_gpus, "0.5 GPU", 500);
    bad(unit_gpus, "400", "has no unit", "did you mean '400 GPUs'?");
    good(unit_yes, "yes", 1);
    good(unit_yes, "false", 0);
    bad(unit_yes, "on", "must be yes or no, not 'on'", "");
}

static void test_dates(void **state)
{
    (void)state;
    good(unit_date, "1970-01-01", 0);
    good(unit_date, "2000-02-29", 11016);
    good(unit_date, "2026-07-20", 20654);
    good(unit_date, "9999-12-31", 2932896);
    bad(unit_date, "2026-02-29", "must be a date such as '2026-07-20', not '2026-02-29'", "");
    bad(unit_date, "2026-7-20", "must be a date such as '2026-07-20', not '2026-7-20'", "");
    bad(unit_date, "1969-12-31", "must be a date such as '2026-07-20', not '1969-12-31'", "");
    bool is_range;
    int64_t from = 0, to = 0;
    struct unit_problem problem;
    assert_true(unit_date_range("60 days", &is_range, &from, &to, &problem));
    assert_false(is_range);
    assert_true(unit_date_range("2026-02-01 .. 2026-03-01", &is_range, &from, &to, &problem));
    assert_true(is_range);
    assert_int_equal(to - from, 28);
    assert_false(unit_date_range("2026-03-01..2026-02-01", &is_range, &from, &to, &problem));
    assert_string_equal(problem.message, "is an empty range: '2026-03-01..2026-02-01'");
    assert_string_equal(problem.hint, "did you mean '2026-02-01 .. 2026-03-01'?");
    assert_false(unit_date_range("2026-03-01 .. x", &is_range, &from, &to, &problem));
}

static void test_decimal_and_duration_text(void **state)
{
    (void)state;
    int64_t value;
    assert_true(decimal_read("21.957642", 9, 1000000000, &value));
    assert_int_equal(value, INT64_C(21957642000));
    assert_true(decimal_read("0", 1, 1000, &value));
    static const char *const wrong[] = {
        "", ".5", "5.", "1e3", "+1", " 1", "1 ", "nan", "1,0", "0x1", "1234567890123456789"
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(decimal_read(wrong[i], strlen(wrong[i]), 1, &value));
    assert_false(decimal_read("0.0001", 6, 1000, &value));
    assert_false(decimal_read("99999999999", 11, 1000000000, &value));
    char text[40];
    duration_write(INT64_C(900000000), text, sizeof text);
    assert_string_equal(text, "15 min");
    duration_write(INT64_C(86400000000), text, sizeof text);
    assert_string_equal(text, "1 day");
    duration_write(0, text, sizeof text);
    assert_string_equal(text, "0 s");
    duration_write(1500, text, sizeof text);
    assert_string_equal(text, "1500 us");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_percent_factor_count),
        cmocka_unit_test(test_money),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_power_gpus_yes),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_decimal_and_duration_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
