/* SPDX-License-Identifier: Apache-2.0 */
/* Which of those that meet the targets it is to be: sim/select.h. */
#include <math.h>
#include <stdlib.h>

#include "sim/select.h"
#include "tools/plan/candidate.h"
#include "tools/plan/search_parts.h"

enum { FIRST_STAGE = 5 }; /* replications of KN's first stage */

static enum plan_figure figure_of(const struct plan *plan)
{
    return plan->goal == PLAN_CHEAPEST ? PLAN_COST : PLAN_WAIT;
}

enum status search_choose(struct search *s)
{
    struct plan *plan = s->plan;
    enum plan_figure figure = figure_of(plan);
    size_t k = 0, n = SIZE_MAX;
    struct plan_candidate **all = malloc((s->line_n + 1) * sizeof *all);
    bool *in = malloc((s->line_n + 1) * sizeof *in);
    if (!all || !in) {
        free(all);
        free(in);
        return error_set(s->err, STATUS_NO_MEMORY, "no memory for a plan's choice");
    }
    for (size_t l = 0; l < s->line_n; l++) {
        struct plan_candidate *c = s->found[l];
        if (!c) continue;
        if (!plan->best || candidate_is_better(plan, c, plan->best)) {
            plan->second = plan->best;
            plan->best = c;
        } else if (!plan->second || candidate_is_better(plan, c, plan->second)) {
            plan->second = c;
        }
        if ((size_t)c->replications < n) n = (size_t)c->replications;
        if (k < SELECT_MAX) all[k++] = c;
    }
    /* Of antithetic pairs their means: KN wants observations that do not hang on each other. */
    size_t each = plan->antithetic ? 2 : 1, units = k ? n / each : 0;
    double *values = units ? malloc(k * units * sizeof *values) : NULL;
    enum status status = STATUS_OK;
    if (units && !values) {
        status = error_set(s->err, STATUS_NO_MEMORY, "no memory for a plan's choice");
    } else if (units >= 2) {
        for (size_t i = 0; i < k; i++)
            for (size_t r = 0; r < units; r++)
                values[i * units + r] = (all[i]->values[figure][r * each] +
                                         all[i]->values[figure][r * each + each - 1]) /
                                        2;
        double delta = fmax(plan->delta * fabs(plan->best->of[figure].mean), 1e-9);
        size_t n0 = units < FIRST_STAGE ? units : FIRST_STAGE,
               left = select_least(values, k, units, n0, units, plan->alpha, delta, in);
        for (size_t i = 0; i < k; i++)
            if (all[i] == plan->best) plan->best_is_clear = in[i] && left == 1;
    }
    free(values);
    free(all);
    free(in);
    return status;
}
