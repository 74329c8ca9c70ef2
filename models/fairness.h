/* SPDX-License-Identifier: Apache-2.0 */
/* How evenly something is shared out. */
#ifndef MODELS_FAIRNESS_H
#define MODELS_FAIRNESS_H

#include <stddef.h>

/* Jain's index of n values that are not negative: (sum x)^2 / (n x sum x^2). 1: all alike; 1/n: one
 * has all; of 3 and 1 it is 0.8. It has no scale. 0 where there is none: no value, or all are 0.
 * Jain, Chiu and Hawe, A quantitative measure of fairness and discrimination for resource
 * allocation in shared computer systems, DEC TR-301, 1984. */
double jain_index(const double *x, size_t n);

#endif
