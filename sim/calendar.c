/* SPDX-License-Identifier: Apache-2.0 */
/* H. Hinnant, "chrono-compatible low-level date algorithms": years that begin in March, so that a
 * leap day is the last of one, in eras of 400, which are all of one length. */
#include "sim/calendar.h"

enum { ERA_YEARS = 400, ERA_DAYS = 146097, FROM_MARCH_0 = 719468 /* day 0, since 0000-03-01 */ };

static int64_t floor_of(int64_t n, int64_t over) { return (n >= 0 ? n : n - over + 1) / over; }

struct date calendar_date(int64_t day)
{
    int64_t era = floor_of(day + FROM_MARCH_0, ERA_DAYS);
    int64_t of_era = day + FROM_MARCH_0 - era * ERA_DAYS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / (ERA_DAYS - 1)) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* from 0, March */
    return (struct date){ .year = era * ERA_YEARS + year + (month >= 10),
                          .month = (int)(month < 10 ? month + 3 : month - 9),
                          .day = (int)(of_year - (153 * month + 2) / 5 + 1) };
}

int64_t calendar_day(struct date date)
{
    int64_t year = date.year - (date.month <= 2), era = floor_of(year, ERA_YEARS);
    int64_t of_era = year - era * ERA_YEARS;
    int64_t of_year =
        (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - FROM_MARCH_0;
}

int calendar_weekday(int64_t day) { return (int)(((day + 4) % 7 + 7) % 7); }
