/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/change.h"

#include <math.h>
#include <string.h>

#include "tools/command.h"
#include "tools/plan/candidate.h"

/* Loads are looked at from a quarter to four times of what it is, to 1 %. */
#define LOAD_MOST 4.0
#define LOAD_STEP 1.01

/* Steps of 1 % from 1 that lead to LOAD_MOST. */
static int steps_most(void) { return (int)(log(LOAD_MOST) / log(LOAD_STEP)); }

static double load_of(int step) { return pow(LOAD_STEP, step); }

/*
 * Between a step at which a candidate surely holds and a later one at which it does not, the last
 * at which it does: by halving. An end that was never looked at stands for "always" or "never".
 */
static enum status find_edge(struct plan *plan, const struct plan_candidate *c, int from_good,
                             int from_bad, int *good, int *bad, struct error *err)
{
    *good = from_good;
    *bad = from_bad;
    while (*bad - *good > 1) {
        int middle = *good + (*bad - *good) / 2;
        bool holds;
        enum status status = candidate_holds_at(plan, c, load_of(middle), &holds, err);
        if (status) return status;
        if (holds) *good = middle;
        else *bad = middle;
    }
    return STATUS_OK;
}

static enum status find_demand(struct plan *plan, struct error *err)
{
    int good, bad, most = steps_most();
    enum status status = find_edge(plan, plan->best, 0, most + 1, &good, &bad, err);
    if (status) return status;
    plan->change.holds_at = load_of(good);
    plan->change.breaks_at = bad > most ? INFINITY : load_of(bad);
    if (!plan->fewer || plan->fewer->rising == PLAN_MEETS) return STATUS_OK;
    status = find_edge(plan, plan->fewer, -most - 1, 0, &good, &bad, err);
    if (!status && good >= -most) plan->change.fewer_at = load_of(good);
    return status;
}

/* What of a candidate's bill goes by an instance's price. */
static double part_of(const struct plan_candidate *c, const char *instance)
{
    for (int32_t i = 0; i < c->part_n; i++)
        if (strcmp(c->parts[i].instance, instance) == 0) return c->parts[i].usd;
    return 0;
}

/*
 * Where an instance of the best costs x times as much, the bills are cost + (x - 1) part: they are
 * equal at x = 1 + (cost of the runner-up - cost of the best) / (part of the best - part of the
 * runner-up). Prices that change both alike never bring them together.
 */
static void find_prices(struct plan *plan)
{
    const struct plan_candidate *a = plan->best, *b = plan->second;
    if (!b || plan->goal != PLAN_CHEAPEST) return;
    double apart = b->of[PLAN_COST].mean - a->of[PLAN_COST].mean;
    for (int32_t i = 0; i < a->part_n && plan->change.price_n < PLAN_CHANGES; i++) {
        double more = a->parts[i].usd - part_of(b, a->parts[i].instance);
        if (more <= 0) continue;
        struct plan_part *to = &plan->change.prices[plan->change.price_n++];
        *to = a->parts[i];
        to->usd = 1 + apart / more;
    }
}

enum status plan_find_changes(struct plan *plan, struct error *err)
{
    struct scenario scenario;
    plan->change.breaks_at = plan->change.holds_at = plan->change.fewer_at = NAN;
    plan->change.growth = plan->change.months = NAN;
    if (!plan->best) return STATUS_OK;
    enum status status = sweep_load_point(plan->sweep, -1, &scenario, plan->diagnostics, err);
    if (status) return status;
    /* Blocks of a trace end with its books, which other arrivals would move. */
    bool can_scale = scenario.bootstrap == BOOTSTRAP_NONE;
    plan->change.growth = (double)scenario.montecarlo.growth_ppm / 1e6;
    scenario_free(&scenario);
    progress_begin("What would change it", 0);
    if (can_scale) status = find_demand(plan, err);
    progress_end();
    if (!status) find_prices(plan);
    if (plan->change.growth > 0 && !isnan(plan->change.breaks_at))
        plan->change.months = 12 * log(plan->change.breaks_at) / log1p(plan->change.growth);
    plan->change.found = !status;
    return status;
}
