/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support.h"

#include <time.h>

#include "sim/calendar.h"

static void days_by_hand(void **state)
{
    static const struct {
        struct date date;
        int64_t day;
        int weekday;
    } known[] = {
        { { 1970, 1, 1 }, 0, 4 },        { { 1969, 12, 31 }, -1, 3 },
        { { 2000, 2, 29 }, 11016, 2 },   { { 2024, 2, 29 }, 19782, 4 },
        { { 2100, 3, 1 }, 47541, 1 },    { { 1900, 2, 28 }, -25509, 3 },
        { { 0, 3, 1 }, -719468, 3 },     { { 0, 2, 29 }, -719469, 2 },
        { { -400, 2, 29 }, -865566, 2 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct date date = calendar_date(known[i].day);
        assert_int_equal(date.year, known[i].date.year);
        assert_int_equal(date.month, known[i].date.month);
        assert_int_equal(date.day, known[i].date.day);
        assert_int_equal(calendar_day(known[i].date), known[i].day);
        assert_int_equal(calendar_weekday(known[i].day), known[i].weekday);
    }
}

/* Every day of 3,000 years. */
static void agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = -600000; day <= 600000; day++) {
        time_t t = (time_t)(day * 86400);
        struct tm tm;
        assert_non_null(gmtime_r(&t, &tm));
        struct date date = calendar_date(day);
        if (date.year != tm.tm_year + 1900 || date.month != tm.tm_mon + 1 ||
            date.day != tm.tm_mday || calendar_weekday(day) != tm.tm_wday ||
            calendar_day(date) != day)
            fail_msg("day %lld", (long long)day);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_by_hand),
        cmocka_unit_test(agrees_with_the_c_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
