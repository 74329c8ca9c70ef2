/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far two means lie apart, from what was observed of both: b - a, and b / a - 1.
 *
 *      paired   a_i and b_i are of one world      Student's t of the differences, n - 1 degrees of
 *                                                 freedom (Student 1908)
 *      apart    two samples that share nothing    Welch 1947, degrees of freedom of Satterthwaite
 *                                                 1946; variances need not be equal
 *      ratio    of the means, either way          Fieller 1954: each r that b - r a lets stand, by
 *                                                 the same t
 *
 * Fieller's interval holds 0 % exactly where the interval of the difference holds 0, so that both
 * say the same; it is lopsided where the reference is not known well, and there is none where the
 * reference may be 0. It is of the ratio of means, not the mean of ratios, which one replication
 * with a small reference can move anywhere.
 *
 * Observations are independent and in the order of the replications; of antithetic pairs the
 * caller hands in the means. Nothing is allocated or kept.
 */
#ifndef SIM_DIFFERENCE_H
#define SIM_DIFFERENCE_H

#include <stddef.h>

struct difference {
    double a, b;                        /* the means */
    double mean;                        /* b - a */
    double half;                        /* of its interval; NAN: there is none */
    double relative;                    /* b / a - 1; NAN where a is not above 0 */
    double relative_low, relative_high; /* NAN: there is no interval */
    size_t n_a, n_b; /* observations; 0: there are none, or a NAN is among them */
};

/* n pairs. confidence: 0.95 for intervals of 95 %. With n = 1 there are no intervals. */
void difference_paired(const double *a, const double *b, size_t n, double confidence,
                       struct difference *d);
/* With n or m = 1 there are no intervals. Test value: { 1, 2, 3 } and { 2, 4, 6, 8 }: 3 ± 3.8980
 * with 4.0755 degrees of freedom. */
void difference_apart(const double *a, size_t n, const double *b, size_t m, double confidence,
                      struct difference *d);

/* The confidence of each of n > 0 intervals by which all of them hold together with `together`:
 * 1 - (1 - together) / n (Bonferroni; Dunn 1961), however they depend on each other. */
double difference_each(double together, size_t n);

#endif
