/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prices that change a plan, where bills are straight lines in them: nothing that runs goes by the
 * price, and so a bill is
 *
 *      cost(x) = cost + (x - 1) part        part: what of it goes by that price today
 *
 * in each replication. Two of them are equal at x = 1 + (cost_b - cost_a) / (part_a - part_b). The
 * part of nodes that are always there is their list price; of others it is twice what the bill is
 * less at half the price, by one simulation.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/pricing/services.h"
#include "reports/metrics.h"
#include "tools/plan/flips.h"

/* A fleet's bill. */
struct line {
    int32_t n;    /* replications */
    double *part; /* [n]; NULL: the price does not touch it */
    double mean;  /* of the parts */
};

/* Whether its nodes come by their prices, or its bill bends: what commitments cover. */
static bool is_straight(const struct trials *t, size_t who)
{
    const struct fleet_spec *fleet = trials_fleet(t, who);
    const struct autoscaler *kind = fleet->autoscaler.kind;
    if (t->lever == LEVER_PRICE && fleet->commitments.n > 0) return false;
    if (!kind) return true;
    if (strcmp(kind->name, "cluster-autoscaler") == 0)
        return fleet->autoscaler.cluster.expander != EXPANDER_PRICE;
    return strcmp(kind->name, "karpenter") != 0;
}

static bool is_listed(const struct trials *t, size_t who)
{
    const struct scenario *s = &t->scenarios[who];
    return t->lever == LEVER_PRICE && candidate_is_static(s, t->of[who]->fleet) &&
           s->uncertain.prices_ppm == 0;
}

/* A month of its nodes, by the list. */
static double list_usd(const struct trials *t, size_t who)
{
    const struct fleet_spec *fleet = trials_fleet(t, who);
    double usd = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        if (strcmp(pool->type.name, t->subject) == 0 &&
            strcmp(pool->purchase.option->name, "on-demand") == 0)
            usd += (double)pool->nodes * (double)pool->purchase.usd_nano_per_hour / 1e9;
    }
    return usd * SERVICE_MONTH_HOURS;
}

static enum status find_line(struct trials *t, size_t who, struct line *line, struct error *err)
{
    const struct plan_candidate *c = t->of[who], *half = NULL;
    double sum = 0;
    line->n = c->replications;
    if (!trials_touches(t, who)) return STATUS_OK;
    if (!is_listed(t, who)) {
        enum status status = trials_at(t, who, 0.5, &half, err);
        if (status) return status;
        if (half->replications < line->n) line->n = half->replications;
    }
    line->part = malloc((size_t)line->n * sizeof *line->part);
    if (!line->part) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    for (int32_t r = 0; r < line->n; r++) {
        line->part[r] =
            half ? 2 * (c->values[PLAN_COST][r] - half->values[PLAN_COST][r]) : list_usd(t, who);
        sum += line->part[r];
    }
    line->mean = sum / line->n;
    return STATUS_OK;
}

/* ---- Targets ---- */

static const struct run_target *budget_of(const struct plan *plan)
{
    for (size_t i = 0; i < plan->target_n; i++)
        if (strcmp(plan->targets[i].metric, METRIC_COST_MONTH) == 0) return &plan->targets[i];
    return NULL;
}

/* Whether a bill is within the budget there; what else is asked no price changes. */
static enum status is_within(const struct trials *t, size_t who, const struct line *line, double x,
                             bool *is_so, struct error *err)
{
    const struct run_target *budget = budget_of(t->plan);
    *is_so = true;
    if (!budget || !line->part) return STATUS_OK;
    double *values = malloc((size_t)line->n * sizeof *values);
    if (!values) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    for (int32_t r = 0; r < line->n; r++)
        values[r] = t->of[who]->values[PLAN_COST][r] + (x - 1) * line->part[r];
    *is_so = candidate_verdict(&t->scenarios[who], line->n, budget, values) == PLAN_MEETS;
    free(values);
    return STATUS_OK;
}

/* From where on the plan is over the budget; beyond the most: INFINITY. */
static enum status find_break(const struct trials *t, const struct line *mine, double *at,
                              struct error *err)
{
    double in = 1, out = FLIP_PRICE_MOST;
    bool is_so;
    *at = INFINITY;
    enum status status = is_within(t, 0, mine, out, &is_so, err);
    if (status || is_so) return status;
    for (int i = 0; i < 60 && !status; i++) {
        double middle = in + (out - in) / 2;
        status = is_within(t, 0, mine, middle, &is_so, err);
        if (is_so) in = middle;
        else out = middle;
    }
    *at = out;
    return status;
}

/* ---- Up and down ---- */

static double cost_at(const struct trials *t, const struct line *lines, size_t who, double x)
{
    return t->of[who]->of[PLAN_COST].mean + (x - 1) * lines[who].mean;
}

/* Where a rival's bill is the plan's; NAN: nowhere within the prices that are looked at. */
static double crossing(const struct trials *t, const struct line *lines, size_t who)
{
    double apart = cost_at(t, lines, who, 1) - cost_at(t, lines, 0, 1),
           more = lines[0].mean - lines[who].mean, x = 1 + apart / more;
    if (more == 0 || t->plan->goal != PLAN_CHEAPEST) return NAN;
    return x >= 1 / FLIP_PRICE_MOST && x <= FLIP_PRICE_MOST ? x : NAN;
}

/* The rival that is as cheap first, on the way up or down before `until`; 0: none. */
static enum status first_rival(const struct trials *t, const struct line *lines, bool up,
                               double until, size_t *first, double *at, struct error *err)
{
    *first = 0;
    *at = until;
    for (size_t who = 1; who < t->n; who++) {
        double x = crossing(t, lines, who);
        bool is_up = lines[0].mean > lines[who].mean, is_within_budget;
        if (isnan(x) || is_up != up || (up ? x >= *at : x <= *at)) continue;
        enum status status = is_within(t, who, &lines[who], x, &is_within_budget, err);
        if (status) return status;
        if (!is_within_budget) continue;
        *first = who;
        *at = x;
    }
    return STATUS_OK;
}

/* Of those within their budget where the plan is not, the best. */
static enum status best_there(const struct trials *t, const struct line *lines, double x,
                              const struct plan_candidate **best, struct error *err)
{
    bool cheapest = t->plan->goal == PLAN_CHEAPEST, is_so;
    size_t found = 0;
    for (size_t who = 1; who < t->n; who++) {
        enum status status = is_within(t, who, &lines[who], x, &is_so, err);
        if (status) return status;
        if (!is_so) continue;
        /* Rivals come in the order of the goal: the first is the fastest. */
        if (!found || (cheapest && cost_at(t, lines, who, x) < cost_at(t, lines, found, x)))
            found = who;
    }
    *best = found ? t->of[found] : NULL;
    return STATUS_OK;
}

static enum status look_up(struct trials *t, const struct line *lines, struct error *err)
{
    double breaks_at, at;
    size_t first;
    const struct plan_candidate *other = NULL;
    if (!lines[0].part) return STATUS_OK; /* what it does not pay does not harm it */
    enum status status = find_break(t, &lines[0], &breaks_at, err);
    if (!status) status = first_rival(t, lines, true, breaks_at, &first, &at, err);
    if (!status && !first && isfinite(at)) status = best_there(t, lines, at, &other, err);
    if (status) return status;
    if (first) flips_add(t, at, THEN_OTHER_WINS, t->of[first], "");
    else if (isfinite(at)) flips_add(t, at, THEN_BREAKS, other, budget_of(t->plan)->label);
    else flips_add(t, FLIP_PRICE_MOST, THEN_STAYS, NULL, "");
    return STATUS_OK;
}

static enum status look_down(struct trials *t, const struct line *lines, struct error *err)
{
    double at;
    size_t first;
    enum status status = first_rival(t, lines, false, 0, &first, &at, err);
    if (status) return status;
    if (first) flips_add(t, at, THEN_OTHER_WINS, t->of[first], "");
    else flips_add(t, 1 / FLIP_PRICE_MOST, THEN_STAYS, NULL, "");
    return STATUS_OK;
}

enum status flips_of_price(struct trials *t, bool *is_exact, struct error *err)
{
    struct line lines[TRIALS_MAX] = { 0 };
    enum status status = STATUS_OK;
    *is_exact = true;
    for (size_t who = 0; who < t->n; who++)
        if (trials_touches(t, who) && !is_straight(t, who)) *is_exact = false;
    if (!*is_exact) return STATUS_OK;
    for (size_t who = 0; who < t->n && !status; who++) status = find_line(t, who, &lines[who], err);
    if (!status) status = look_down(t, lines, err);
    if (!status) status = look_up(t, lines, err);
    for (size_t who = 0; who < t->n; who++) free(lines[who].part);
    return status;
}
