/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for people: units, rounding at the edges between them, zero, minus, huge, not a number.
 */
#include "reports/format.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "tests/support.h"

struct one {
    double value;
    const char *text;
};
struct two {
    double mean, half;
    const char *text;
};

#define CHECK_ONE(format, list)                                                                    \
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)                                        \
    assert_string_equal(format(list[i].value).s, list[i].text)
#define CHECK_TWO(format, list)                                                                    \
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)                                        \
    assert_string_equal(format(list[i].mean, list[i].half).s, list[i].text)

static void test_usd(void **state)
{
    (void)state;
    static const struct one list[] = {
        { 0, "$0.00" },
        { 0.42, "$0.42" },
        { 5.2, "$5.20" },
        { 99.99, "$99.99" },
        { 99.996, "$100" },
        { 999.4, "$999" },
        { 999.5, "$1,000" },
        { 9999.4, "$9,999" },
        { 9999.5, "$10k" },
        { 349212, "$349k" },
        { 999499, "$999k" },
        { 999500, "$1.00M" },
        { 2471000, "$2.47M" },
        { 24.7e6, "$24.7M" },
        { 247e6, "$247M" },
        { 999.5e6, "$1.00B" },
        { 3.14e9, "$3.14B" },
        { 999.5e9, "$1.00T" },
        { -5.2, "-$5.20" },
        { -349212, "-$349k" },
        { -1234, "-$1,234" },
        { -0.001, "$0.00" },
        { -0.0, "$0.00" },
        { 1e30, "$1e+18T" },
        { -DBL_MAX, "-$1.8e+296T" },
        { NAN, "n/a" },
        { INFINITY, "n/a" },
        { -INFINITY, "n/a" },
    };
    CHECK_ONE(format_usd, list);
}

static void test_duration(void **state)
{
    (void)state;
    static const struct one list[] = {
        { 0, "0 s" },
        { 8.2, "8.2 s" },
        { 89.9, "89.9 s" },
        { 90, "1.5 min" },
        { 11.8 * 60, "11.8 min" },
        { 5399, "90.0 min" },
        { 5400, "1.5 h" },
        { 2.9 * 3600, "2.9 h" },
        { 2 * 86400 - 60, "48.0 h" },
        { 2 * 86400, "2.0 days" },
        { 4.1 * 86400, "4.1 days" },
        { 365 * 86400.0, "365 days" },
        { -720, "-12.0 min" },
        { -0.0, "0 s" },
        { -0.04, "0.0 s" },
        { 1e30, "1.16e+25 days" },
        { DBL_MAX, "2.08e+303 days" },
        { NAN, "n/a" },
        { INFINITY, "n/a" },
    };
    CHECK_ONE(format_duration, list);
}

static void test_percent(void **state)
{
    (void)state;
    static const struct one list[] = {
        { 0, "0%" },          { 0.064, "6.4%" }, { 0.0994, "9.9%" }, { 0.0996, "10%" },
        { 0.38, "38%" },      { 1, "100%" },     { 12.5, "1250%" },  { -0.38, "-38%" },
        { -0.00001, "0.0%" }, { -0.0, "0%" },    { 1e30, "1e+32%" }, { NAN, "n/a" },
        { INFINITY, "n/a" },
    };
    CHECK_ONE(format_percent, list);
}

static void test_count_and_number(void **state)
{
    (void)state;
    static const struct one counts[] = {
        { 0, "0" },          { 7, "7" },
        { 999, "999" },      { 1000, "1,000" },
        { 41208, "41,208" }, { 1234567, "1,234,567" },
        { -1234, "-1,234" }, { -0.4, "0" },
        { 999.6, "1,000" },  { 999999999999999, "999,999,999,999,999" },
        { 1e15, "1e+15" },   { -1e300, "-1e+300" },
        { NAN, "n/a" },
    };
    static const struct one numbers[] = {
        { 0, "0" },          { 1, "1.00" },     { 1.234, "1.23" },
        { 9.996, "10.0" },   { 12.34, "12.3" }, { 123.4, "123" },
        { 1234.5, "1,234" }, { -1.5, "-1.50" }, { INFINITY, "n/a" },
    };
    CHECK_ONE(format_count, counts);
    CHECK_ONE(format_number, numbers);
}

static void test_intervals(void **state)
{
    (void)state;
    static const struct two usd[] = {
        { 349212, 16000, "$349k \u00b1 16k" },
        { 349212, NAN, "$349k" },
        { 2.47e6, 0.11e6, "$2.47M \u00b1 0.11M" },
        { 5.2, 0.31, "$5.20 \u00b1 0.31" },
        { 0, 0, "$0.00" },
        { -1234, 56, "-$1,234 \u00b1 56.00" },
        { 5, 1e18, "$5.00 \u00b1 1e+18" },
        { 5, INFINITY, "$5.00 \u00b1 n/a" },
        { 5, 123456789012.0, "$5.00 \u00b1 123,456,789,012" },
        { 349e3, 2e6, "$349k \u00b1 2000k" },
    };
    static const struct two durations[] = {
        { 11.8 * 60, 0.9 * 60, "11.8 min \u00b1 0.9" },
        { 8, NAN, "8.0 s" },
        { 0, 0, "0 s" },
        { 60, 1e30, "60.0 s \u00b1 1e+30" },
        { 7200, 7200, "2.0 h \u00b1 2.0" },
        { NAN, NAN, "n/a" },
    };
    static const struct two percents[] = {
        { 0.38, 0.03, "38% \u00b1 3.0" },
        { 0.38, NAN, "38%" },
        { 0.06, 0.012, "6.0% \u00b1 1.2" },
        { 0.5, INFINITY, "50% \u00b1 n/a" },
    };
    static const struct two changes[] = {
        { -0.38, 0.12, "-38% \u00b1 12" },
        { 0.04, NAN, "+4.0%" },
        { 0, NAN, "0%" },
        { -0.0, NAN, "0%" },
        { NAN, NAN, "n/a" },
        { 1.5, 0.25, "+150% \u00b1 25" },
    };
    CHECK_TWO(format_usd_interval, usd);
    CHECK_TWO(format_duration_interval, durations);
    CHECK_TWO(format_percent_interval, percents);
    CHECK_TWO(format_change, changes);
    static const struct two signs[] = {
        { -305000, 4800, "-$305k \u00b1 5k" },
        { 12000, NAN, "+$12k" },
        { 0, NAN, "$0.00" },
        { NAN, NAN, "n/a" },
    };
    CHECK_TWO(format_signed_usd, signs);
}

static void test_by_unit(void **state)
{
    (void)state;
    assert_string_equal(format_metric(349212, NAN, "USD/month").s, "$349k");
    assert_string_equal(format_metric(3.5, 0.5, "USD/GPU-hour").s, "$3.50 \u00b1 0.50");
    assert_string_equal(format_metric(90, NAN, "s").s, "1.5 min");
    assert_string_equal(format_metric(0.62, NAN, "share").s, "62%");
    assert_string_equal(format_metric(12.34, 1, "ratio").s, "12.3 \u00b1 1.00");
    assert_string_equal(format_metric(41208, NAN, "jobs").s, "41,208");
}

/* Whatever the numbers, a text is whole: it ends inside its room and a ± keeps both its sides. */
static void test_nothing_is_cut(void **state)
{
    (void)state;
    static const double hard[] = { 0,
                                   -0.0,
                                   1,
                                   -1,
                                   999999999999999.4,
                                   -999999999999999.4,
                                   999999999999.0,
                                   1e15,
                                   1e-300,
                                   DBL_MAX,
                                   -DBL_MAX,
                                   INFINITY,
                                   NAN };
    static const char *const units[] = { "USD/month", "s", "share", "jobs" };
    for (size_t m = 0; m < sizeof hard / sizeof *hard; m++)
        for (size_t h = 0; h < sizeof hard / sizeof *hard; h++)
            for (size_t u = 0; u < 4; u++) {
                struct format_text t = format_metric(hard[m], hard[h], units[u]),
                                   mean = format_metric(hard[m], NAN, units[u]);
                assert_true(memchr(t.s, '\0', sizeof t.s - 1) != NULL);
                assert_memory_equal(t.s, mean.s, strlen(mean.s));
                const char *mark = strstr(t.s, " \u00b1 ");
                /* A half is shown unless it is unknown or rounds to nothing beside its mean. */
                if (isnan(hard[h]) || hard[h] == 0) assert_null(mark);
                else if (isinf(hard[h]) || (fabs(hard[h]) >= 1 && fabs(hard[h]) >= fabs(hard[m])))
                    assert_non_null(mark);
                if (mark)
                    assert_true(strlen(mark) > strlen(" \u00b1 ") &&
                                strchr("0123456789akMBT%", t.s[strlen(t.s) - 1]));
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usd),
        cmocka_unit_test(test_duration),
        cmocka_unit_test(test_percent),
        cmocka_unit_test(test_count_and_number),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_by_unit),
        cmocka_unit_test(test_nothing_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
