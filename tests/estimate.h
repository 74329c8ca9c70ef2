/* SPDX-License-Identifier: Apache-2.0 */
/* A mean of independent observations and its standard error, to hold against an exact answer. */
#ifndef TESTS_ESTIMATE_H
#define TESTS_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

/* Begins as { 0 }. */
struct estimate {
    double sum, squares;
    int64_t n;
};

void estimate_add(struct estimate *e, double x);
double estimate_mean(const struct estimate *e);
/* Standard error of the mean, from the observations themselves; of two or more. */
double estimate_error(const struct estimate *e);

/* Whether the answer lies within four standard errors of the mean. */
bool estimate_allows(const struct estimate *e, double answer);
/* Fails unless it allows the answer, and not `beside`, an answer that is wrong. */
void estimate_agrees(const char *name, const char *what, const struct estimate *e, double answer,
                     double beside);

#endif
