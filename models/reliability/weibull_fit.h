/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Weibull distribution from durations that were seen, by maximum likelihood, where some were cut
 * off: still up when the log ended, so all that is known is "at least so long" (right censoring).
 *
 *      S(t) = exp(-(t / scale)^shape)
 *      likelihood = product over ends of f(t)  x  product over cut-offs of S(t)
 *
 * shape solves  sum t^k ln t / sum t^k - 1/k - mean over ends of ln t = 0  (both sums over all),
 * which rises with k, so that there is one root; scale^shape = sum t^shape / ends. Intervals come
 * from the observed information of ln shape and ln scale, so that they never reach below zero:
 * Lawless, "Statistical Models and Methods for Lifetime Data", 2003, section 5.2.
 */
#ifndef MODELS_RELIABILITY_WEIBULL_FIT_H
#define MODELS_RELIABILITY_WEIBULL_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/status.h"

struct weibull_fit {
    bool fitted;           /* false: fewer than two distinct ends; the rest is 0 but the counts */
    size_t ended, cut_off; /* durations used, by how they ended; those of no length are not */
    double shape, shape_low, shape_high; /* with a 95% interval */
    double scale, scale_low, scale_high; /* in the unit of the durations */
    double mean;                         /* scale x Gamma(1 + 1/shape) */
};

/* t[i] >= 0; ended[i]: it was seen to end. STATUS_BAD_INPUT where t is not finite or negative;
 * STATUS_NO_MEMORY. */
enum status weibull_fit(const double *t, const bool *ended, size_t n, struct weibull_fit *fit,
                        struct error *err);

#endif
