/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/difference.h"

#include <math.h>
#include <stdlib.h>

int32_t plan_common(const struct plan_candidate *a, const struct plan_candidate *b)
{
    return a->replications < b->replications ? a->replications : b->replications;
}

/* Of times_a * a + times_b * b, by replication. */
static struct mean_interval interval_of(const struct plan *p, const struct plan_candidate *a,
                                        double times_a, const struct plan_candidate *b,
                                        double times_b, enum plan_figure figure)
{
    size_t n = (size_t)plan_common(a, b);
    struct mean_interval of = { NAN, NAN };
    double *d = malloc(n * sizeof *d);
    if (!d) return of;
    for (size_t r = 0; r < n; r++)
        d[r] = times_a * a->values[figure][r] + times_b * b->values[figure][r];
    of = p->antithetic ? interval_of_pairs(d, n & ~(size_t)1) : interval_of_mean(d, n);
    free(d);
    return of;
}

struct mean_interval plan_difference(const struct plan *p, const struct plan_candidate *a,
                                     const struct plan_candidate *b, enum plan_figure figure)
{
    return interval_of(p, a, -1, b, 1, figure);
}

struct mean_interval plan_difference_share(const struct plan *p, const struct plan_candidate *a,
                                           const struct plan_candidate *b, enum plan_figure figure)
{
    double ratio =
        interval_of(p, a, 0, b, 1, figure).mean / interval_of(p, a, 1, b, 0, figure).mean;
    struct mean_interval residue = interval_of(p, a, -ratio, b, 1, figure);
    return (struct mean_interval){ ratio - 1,
                                   residue.half / fabs(interval_of(p, a, 1, b, 0, figure).mean) };
}
