/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/report_frontier.h"

static bool betters(const struct plan_candidate *a, const struct plan_candidate *b)
{
    double cost = a->of[PLAN_COST].mean - b->of[PLAN_COST].mean,
           wait = a->of[PLAN_WAIT].mean - b->of[PLAN_WAIT].mean;
    return cost <= 0 && wait <= 0 && (cost < 0 || wait < 0);
}

bool plan_on_frontier(const struct plan *plan, const struct plan_candidate *c)
{
    if (c->all != PLAN_MEETS) return false;
    for (size_t i = 0; i < plan->n; i++) {
        const struct plan_candidate *other = plan->seen[i];
        if (other->is_simulated && other->all == PLAN_MEETS && betters(other, c)) return false;
    }
    return true;
}
