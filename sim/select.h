/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least of several means, from replications under common random numbers: the fully sequential
 * procedure KN of Kim and Nelson, "A fully sequential procedure for indifference-zone selection in
 * simulation", ACM TOMACS 11(3), 2001, with c = 1.
 *
 *      eta = ((2 alpha / (k - 1))^(-2 / (n0 - 1)) - 1) / 2,   h^2 = 2 eta (n0 - 1)
 *      i is out after r replications where, for some j still in,
 *          sum_i > sum_j + max(0, (h^2 S_ij^2 / delta - r delta) / 2)
 *
 * with S_ij^2 the variance of the differences over the first n0. Where the least mean is less than
 * each other by delta or more, it is selected with a chance of 1 - alpha or more; common random
 * numbers make S_ij small, and the procedure short. Observations are taken as normal.
 */
#ifndef SIM_SELECT_H
#define SIM_SELECT_H

#include <stdbool.h>
#include <stddef.h>

enum { SELECT_MAX = 4096 };

/* values[i * stride + r]: system i in replication r, of n >= n0 >= 2 each. in[i] becomes whether i
 * may still be the least; returns how many are, at least 1. 1 <= k <= SELECT_MAX; 0 < alpha < 1/2;
 * delta > 0. */
size_t select_least(const double *values, size_t k, size_t stride, size_t n0, size_t n,
                    double alpha, double delta, bool *in);

#endif
