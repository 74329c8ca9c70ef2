/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times that a cron expression names, in UTC.
 *
 *      0 9 * * mon-fri     at 9:00 on weekdays           minute hour day month weekday
 *      0-59/15 8-17 * * *  every quarter of an hour from 8:00 to 17:45
 *      @daily              @hourly @weekly @monthly @yearly, @midnight, @annually
 *
 * Standard cron as Kubernetes reads it (robfig/cron v3): lists, ranges, steps, names of months and
 * weekdays, Sunday is 0. Where both the day and the weekday are named, either is enough.
 */
#ifndef MODELS_AUTOSCALING_CRON_H
#define MODELS_AUTOSCALING_CRON_H

#include <stdbool.h>
#include <stdint.h>

struct cron {
    uint64_t minutes;                       /* bits */
    uint32_t hours, days, months, weekdays; /* days and months from bit 1 on */
    bool any_day, any_weekday;              /* a * stands there */
};

/* false: text is none; *part is the field that is wrong, from 0, 5 where there are not five. */
bool cron_read(const char *text, struct cron *cron, int *part);
/* The first time after unix_us, in microseconds of the Unix epoch; INT64_MAX where there is none
 * within five years, such as the 30th of February. */
int64_t cron_next_us(const struct cron *cron, int64_t unix_us);

#endif
