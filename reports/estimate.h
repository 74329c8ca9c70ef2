/* SPDX-License-Identifier: Apache-2.0 */
/* Estimates over replications and the verdicts that rest on them. */
#ifndef REPORTS_ESTIMATE_H
#define REPORTS_ESTIMATE_H

#include <stddef.h>

#include "reports/data.h"

/* Mean, extremes and the half width of the 95 % interval by Student's t with n - 1 degrees of
 * freedom. n = 1: half is NAN. A NAN among the values: n = 0, all NAN. */
void estimate_of(const double *values, size_t n, struct estimate *e);

/* The same of one value a replication of these results: where they are antithetic pairs, the mean
 * and the interval are of the pairs, and n is how many. */
void estimate_over(const struct report_data *data, const double *values, size_t n,
                   struct estimate *e);

/* The same with a control of known mean, data->known_gpu_hours; n = 0 where there is none. */
void estimate_controlled(const struct report_data *data, const double *values,
                         const double *control, size_t n, struct estimate *e);
/* Sorts the values. */
struct quantile_interval estimate_median(const struct report_data *data, double *values, size_t n);

/* Whether the whole interval of e lies on the right side of the target; without an interval the
 * mean decides. */
enum verdict estimate_verdict(const struct estimate *e, double target, bool at_most);
/* "meets", "misses", "unclear"; "" where there is no target. */
const char *verdict_word(enum verdict verdict);

/* Fills verdict, overall, standing, pick and pick_is_clear. values[(fleet * metrics + metric) *
 * replications
 * + r]. */
void report_judge(struct report_data *data, const double *values, size_t metrics);

#endif
