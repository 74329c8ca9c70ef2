/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days and dates of the Gregorian calendar, also of years before there was one. A day is counted
 * from 1970-01-01, which is day 0 and a Thursday: so 2024-02-29 is day 19782.
 */
#ifndef SIM_CALENDAR_H
#define SIM_CALENDAR_H

#include <stdint.h>

struct date {
    int64_t year;
    int month, day; /* from 1 */
};

struct date calendar_date(int64_t day);
int64_t calendar_day(struct date date);
/* From 0, a Sunday. */
int calendar_weekday(int64_t day);

#endif
