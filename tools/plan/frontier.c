/* SPDX-License-Identifier: Apache-2.0 */
/* What lies between the cheapest fleet and the fastest. */
#include <math.h>
#include <stdlib.h>

#include "tools/plan/search_parts.h"

/* Of the lines' best the one with the least mean of a figure. */
static const struct plan_candidate *least_of(const struct search *s, enum plan_figure figure)
{
    const struct plan_candidate *least = NULL;
    for (size_t l = 0; l < s->line_n; l++)
        if (s->found[l] && (!least || s->found[l]->of[figure].mean < least->of[figure].mean))
            least = s->found[l];
    return least;
}

static int by_cost(const void *x, const void *y)
{
    const struct plan_candidate *a = *(struct plan_candidate *const *)x,
                                *b = *(struct plan_candidate *const *)y;
    if (a->of[PLAN_COST].mean != b->of[PLAN_COST].mean)
        return a->of[PLAN_COST].mean < b->of[PLAN_COST].mean ? -1 : 1;
    if (a->of[PLAN_WAIT].mean != b->of[PLAN_WAIT].mean)
        return a->of[PLAN_WAIT].mean < b->of[PLAN_WAIT].mean ? -1 : 1;
    if (a->point != b->point) return a->point < b->point ? -1 : 1;
    return a->fleet - b->fleet;
}

/* Those that no other one betters, of all that are known. */
static enum status keep_frontier(struct plan *plan, struct error *err)
{
    size_t n = 0;
    double least_wait = INFINITY;
    plan->frontier = malloc((plan->n + 1) * sizeof *plan->frontier);
    if (!plan->frontier) return error_set(err, STATUS_NO_MEMORY, "no memory for a frontier");
    for (size_t i = 0; i < plan->n; i++)
        if (plan->seen[i]->is_simulated && plan->seen[i]->all == PLAN_MEETS)
            plan->frontier[n++] = plan->seen[i];
    if (n > 0) qsort(plan->frontier, n, sizeof *plan->frontier, by_cost);
    for (size_t i = 0; i < n; i++) {
        if (!(plan->frontier[i]->of[PLAN_WAIT].mean < least_wait)) continue;
        least_wait = plan->frontier[i]->of[PLAN_WAIT].mean;
        plan->frontier[plan->frontier_n++] = plan->frontier[i];
    }
    return STATUS_OK;
}

/* Waits that shrink by the same factor at each step from the longest to the shortest. One below a
 * second is as good as none. */
static double wait_at(double longest, double shortest, int step, int steps)
{
    return longest * pow(shortest / longest, (double)step / (double)steps);
}

/* Of a frontier the first at each step: the cheapest that waits no longer. */
static void thin_out(struct plan *plan)
{
    size_t n = 0, i = 0;
    if (plan->frontier_n < 2) return;
    double longest = fmax(plan->frontier[0]->of[PLAN_WAIT].mean, 1),
           shortest = fmax(plan->frontier[plan->frontier_n - 1]->of[PLAN_WAIT].mean, 1);
    for (int k = 0; k <= plan->frontier_steps; k++) {
        double most = wait_at(longest, shortest, k, plan->frontier_steps);
        while (i + 1 < plan->frontier_n && plan->frontier[i]->of[PLAN_WAIT].mean > most) i++;
        if (n == 0 || plan->frontier[n - 1] != plan->frontier[i])
            plan->frontier[n++] = plan->frontier[i];
    }
    if (plan->frontier[n - 1] != plan->frontier[plan->frontier_n - 1])
        plan->frontier[n++] = plan->frontier[plan->frontier_n - 1];
    plan->frontier_n = n;
}

/* The cheapest fleets of waits between those of the cheapest and of the fastest. What was looked at
 * before is not simulated again. */
enum status search_frontier(struct search *s)
{
    struct plan *plan = s->plan;
    int64_t before = plan->simulated;
    enum plan_goal other = plan->goal == PLAN_CHEAPEST ? PLAN_FASTEST : PLAN_CHEAPEST;
    enum status status = STATUS_OK;
    bool asked = plan->frontier_steps > 0 && plan->best;
    if (asked) {
        status = search_lines(s, other, INFINITY);
        const struct plan_candidate *end =
            least_of(s, other == PLAN_FASTEST ? PLAN_WAIT : PLAN_COST);
        double a = plan->best->of[PLAN_WAIT].mean, b = end ? end->of[PLAN_WAIT].mean : a;
        double longest = fmax(fmax(a, b), 1), shortest = fmax(fmin(a, b), 1);
        for (int k = 1; k < plan->frontier_steps && !status && shortest < longest; k++)
            status =
                search_lines(s, PLAN_CHEAPEST, wait_at(longest, shortest, k, plan->frontier_steps));
    }
    plan->for_frontier = plan->simulated - before;
    if (!status) status = keep_frontier(plan, s->err);
    if (!status && asked) thin_out(plan);
    return status;
}
