/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mean, sharpened by what is known of something that moves with it.
 *
 *      observed  y_i                        wait of replication i
 *      control   x_i, of known mean m       GPU-hours that its jobs ask for
 *      mean      average of y - b (x - m)   b: the slope of y on x, by least squares
 *
 * Where a replication drew more work than it does on the mean, its wait is long for that reason
 * alone; the slope says how much. Regression-adjusted control variates (Lavenberg and Welch 1981):
 * with pairs that are jointly normal the interval is exact, by Student's t with n - 2 degrees of
 * freedom. The variance falls by the square of their correlation; estimating b costs (n - 2) / (n -
 * 3).
 */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "sim/interval.h"

/* n >= 3; fewer, a control that does not vary, or a NAN: the interval of y alone. */
struct mean_interval control_interval(const double *y, const double *x, size_t n, double known);

#endif
