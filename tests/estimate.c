/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/estimate.h"

#include <math.h>

#include "tests/support.h"

void estimate_add(struct estimate *e, double x)
{
    e->sum += x;
    e->squares += x * x;
    e->n++;
}

double estimate_mean(const struct estimate *e) { return e->sum / (double)e->n; }

double estimate_error(const struct estimate *e)
{
    double n = (double)e->n, mean = estimate_mean(e);
    double variance = (e->squares - n * mean * mean) / (n - 1);
    return sqrt(variance > 0 ? variance / n : 0); /* below 0 by rounding only */
}

bool estimate_allows(const struct estimate *e, double answer)
{
    return fabs(estimate_mean(e) - answer) <= 4 * estimate_error(e);
}

void estimate_agrees(const char *name, const char *what, const struct estimate *e, double answer,
                     double beside)
{
    double mean = estimate_mean(e);
    if (!estimate_allows(e, answer))
        fail_msg("%s: %s is %.6g, %.1f standard errors from %.6g", name, what, mean,
                 (mean - answer) / estimate_error(e), answer);
    if (estimate_allows(e, beside))
        fail_msg("%s: %s of %.6g would do as well as %.6g", name, what, beside, answer);
}
