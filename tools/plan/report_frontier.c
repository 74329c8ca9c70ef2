/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/report_frontier.h"

#include <math.h>
#include <stdlib.h>

static int by_cost(const void *x, const void *y)
{
    const struct plan_candidate *a = *(const struct plan_candidate *const *)x,
                                *b = *(const struct plan_candidate *const *)y;
    for (int k = PLAN_COST; k <= PLAN_WAIT; k++)
        if (a->of[k].mean != b->of[k].mean) return a->of[k].mean < b->of[k].mean ? -1 : 1;
    if (a->point != b->point) return a->point < b->point ? -1 : 1;
    return a->fleet - b->fleet;
}

size_t plan_frontier(const struct plan *plan, const struct plan_candidate **to)
{
    size_t n = 0, kept = 0;
    double least_wait = INFINITY;
    for (size_t i = 0; i < plan->n; i++)
        if (plan->seen[i]->is_simulated && plan->seen[i]->all == PLAN_MEETS)
            to[n++] = plan->seen[i];
    if (n > 0) qsort(to, n, sizeof *to, by_cost);
    for (size_t i = 0; i < n; i++) {
        if (!(to[i]->of[PLAN_WAIT].mean < least_wait)) continue;
        least_wait = to[i]->of[PLAN_WAIT].mean;
        to[kept++] = to[i];
    }
    return kept;
}
