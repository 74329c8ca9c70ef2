/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A forecast by the hour of the week: how much was in demand at this hour in the weeks before.
 *
 *      week 1   ... [08:00 08:10 .. 08:50] ...      windows of a horizon that began in that hour,
 *      week 2   ... [08:00 08:10 .. 08:50] ...      each with its peak: the q-quantile of them is
 *      now            08:20                         the forecast at any time within that hour
 *
 * Only weeks before the present one count, so that every window has ended. The quantile is that of
 * GSL: linear between the two nearest ranks (Hyndman and Fan 1996, definition 7).
 */
#ifndef MODELS_AUTOSCALING_HOUR_OF_WEEK_H
#define MODELS_AUTOSCALING_HOUR_OF_WEEK_H

#include <stdint.h>

/* What was seen, period by period: y[i] of period first + i. Period k begins k periods after
 * second 0; the one that begins now is first + n. */
struct past {
    double *y; /* the owner's */
    int64_t first, n;
};

struct hour_of_week {
    int64_t into_us;   /* where second 0 stands in its week */
    int64_t period_us; /* an hour has a whole number of them */
    int64_t horizon;   /* periods; less than a week less an hour */
    double quantile;   /* 0 .. 1 */
};

/* Windows that such a past can have: room that hour_of_week_ahead needs in scratch. */
int64_t hour_of_week_windows(const struct hour_of_week *rule, int64_t past_n);
/* What will be in demand at most within the horizon; below 0: nothing of this hour is known. */
double hour_of_week_ahead(const struct hour_of_week *rule, const struct past *past,
                          double *scratch);

#endif
