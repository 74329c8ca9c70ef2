/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/flips.h"

#include <math.h>
#include <string.h>

#include "tools/command.h"

#define STEP          1.01
#define DEMAND_MOST   4.0
#define RECLAIM_MOST  16.0
#define RECLAIM_LEAST 0.25

void flips_add(struct trials *t, double factor, enum plan_then then,
               const struct plan_candidate *other, const char *missed)
{
    struct plan *plan = t->plan;
    if (plan->change.flip_n == PLAN_FLIPS) return;
    struct plan_flip *to = &plan->change.flips[plan->change.flip_n++];
    *to = (struct plan_flip){ .lever = t->lever, .factor = factor, .then = then, .other = other };
    snprintf(to->subject, sizeof to->subject, "%s", t->subject);
    snprintf(to->missed, sizeof to->missed, "%s", missed);
}

/* ---- One lever, one way ---- */

/* Steps of 1 % away from today, up or down. */
struct way {
    struct trials *trials;
    double step; /* STEP, or its inverse */
    int most;
    struct error *err;
};

static struct way way_to(struct trials *t, double most, struct error *err)
{
    double step = most > 1 ? STEP : 1 / STEP;
    return (struct way){ t, step, (int)(log(most) / log(step) + 1e-9), err };
}

static double factor_of(const struct way *w, int step) { return pow(w->step, step); }

/* What is asked of a step. It is not so at 0, and may be so from some step on. */
typedef enum status question(struct way *w, size_t who, int step, bool *is_so);

static enum status breaks(struct way *w, size_t who, int step, bool *is_so)
{
    const struct plan_candidate *as;
    enum status status = trials_at(w->trials, who, factor_of(w, step), &as, w->err);
    *is_so = !status && as->all != PLAN_MEETS;
    return status;
}

/* Whether it is better than the plan, where both meet the targets. */
static enum status wins(struct way *w, size_t who, int step, bool *is_so)
{
    struct trials *t = w->trials;
    const struct plan_candidate *mine, *its = NULL;
    enum status status = trials_at(t, 0, factor_of(w, step), &mine, w->err);
    if (!status) status = trials_at(t, who, factor_of(w, step), &its, w->err);
    *is_so = !status && candidate_is_better(t->plan, its, mine);
    return status;
}

/* Whether it costs more than another one there, whatever happens: its list prices say so, which
 * hang neither on demand nor on spot markets. */
static bool is_too_dear(const struct trials *t, size_t who, const struct plan_candidate *than)
{
    return t->plan->goal == PLAN_CHEAPEST && t->lever != LEVER_PRICE &&
           t->of[who]->bound_usd > than->of[PLAN_COST].mean;
}

/* The first step up to `last` from which it is so; last + 1: it is not so there. */
static enum status first_step(struct way *w, question *asked, size_t who, int last, int *first)
{
    bool is_so;
    int before = 0, after = last;
    *first = last + 1;
    if (last < 1) return STATUS_OK;
    enum status status = asked(w, who, last, &is_so);
    if (status || !is_so) return status;
    while (after - before > 1) {
        int middle = before + (after - before) / 2;
        if ((status = asked(w, who, middle, &is_so))) return status;
        if (is_so) after = middle;
        else before = middle;
    }
    *first = after;
    return STATUS_OK;
}

/* Who is best there of those that meet the targets, where the plan does not; NULL. */
static enum status best_at(struct way *w, int step, const struct plan_candidate **best)
{
    struct trials *t = w->trials;
    const struct plan_candidate *best_as = NULL;
    enum status status = STATUS_OK;
    *best = NULL;
    for (size_t who = 1; who < t->n && !status; who++) {
        const struct plan_candidate *as;
        if (best_as && is_too_dear(t, who, best_as)) continue;
        status = trials_at(t, who, factor_of(w, step), &as, w->err);
        if (status || as->all != PLAN_MEETS ||
            (best_as && !candidate_is_better(t->plan, as, best_as)))
            continue;
        best_as = as;
        *best = t->of[who];
    }
    return status;
}

/* The first step up to `last`, where the plan meets the targets, at which a rival does so, too, and
 * is better; last + 1: none. It may meet them for a part of the way alone. */
static enum status first_win(struct way *w, size_t who, int last, int *won)
{
    const struct plan_candidate *mine;
    int broken;
    *won = last + 1;
    enum status status = trials_at(w->trials, 0, factor_of(w, last), &mine, w->err);
    if (status || is_too_dear(w->trials, who, mine)) return status;
    status = first_step(w, breaks, who, last, &broken);
    if (!status) status = first_step(w, wins, who, broken - 1, won);
    if (!status && *won == broken) *won = last + 1;
    return status;
}

/* What changes the plan first, from today to `most` times. *broken: the step at which it breaks. */
static enum status look(struct trials *t, double most, int *broken, struct error *err)
{
    struct way w = way_to(t, most, err);
    enum status status = first_step(&w, breaks, 0, w.most, broken);
    int first = *broken;
    enum plan_then then = first > w.most ? THEN_STAYS : THEN_BREAKS;
    const struct plan_candidate *other = NULL, *as = t->of[0];
    for (size_t who = 1; who < t->n && !status; who++) {
        int won, last = first - 1;
        status = first_win(&w, who, last, &won);
        if (status || won > last) continue;
        first = won;
        then = THEN_OTHER_WINS;
        other = t->of[who];
    }
    if (!status && then == THEN_BREAKS) status = best_at(&w, first, &other);
    if (!status && then == THEN_BREAKS) status = trials_at(t, 0, factor_of(&w, first), &as, err);
    if (!status)
        flips_add(t, then == THEN_STAYS ? most : factor_of(&w, first), then, other,
                  then == THEN_BREAKS ? as->missed : "");
    return status;
}

/* ---- Demand ---- */

/* The demand at which the next fewer nodes of the plan's line do, of the steps down before the one
 * at which the plan itself breaks: with too little to do, say. */
static enum status find_fewer(struct trials *t, int broken, struct error *err)
{
    struct plan *plan = t->plan;
    const struct plan_candidate *fewer = plan->fewer;
    struct way w = way_to(t, 1 / DEMAND_MOST, err);
    int few = 0, enough = broken;
    if (!fewer || fewer->all == PLAN_MEETS) return STATUS_OK;
    while (enough - few > 1) {
        int middle = few + (enough - few) / 2;
        const struct plan_twist twist = { LEVER_DEMAND, "", factor_of(&w, middle) };
        struct plan_candidate *as;
        enum status status = candidate_try(plan, fewer, &twist, &as, err);
        bool holds = !status && as->all == PLAN_MEETS;
        candidate_free(as);
        if (status) return status;
        progress_set((double)plan->replications);
        if (holds) enough = middle;
        else few = middle;
    }
    if (enough == broken) return STATUS_OK;
    plan->change.fewer_at = factor_of(&w, enough);
    flips_add(t, plan->change.fewer_at, THEN_FEWER_DO, fewer, "");
    return STATUS_OK;
}

static enum status find_demand(struct trials *t, struct error *err)
{
    struct plan *plan = t->plan;
    struct way up = way_to(t, DEMAND_MOST, err);
    int broken, broken_down;
    trials_begin(t, LEVER_DEMAND, "");
    enum status status = look(t, 1 / DEMAND_MOST, &broken_down, err);
    if (!status) status = find_fewer(t, broken_down, err);
    if (!status) status = look(t, DEMAND_MOST, &broken, err);
    if (status) return status;
    plan->change.holds_at = factor_of(&up, broken - 1);
    plan->change.breaks_at = broken > up.most ? INFINITY : factor_of(&up, broken);
    return STATUS_OK;
}

/* ---- Prices and reclaims ---- */

static bool any_touched(const struct trials *t)
{
    for (size_t who = 0; who < t->n; who++)
        if (trials_touches(t, who)) return true;
    return false;
}

static enum status find_price(struct trials *t, enum plan_lever lever, const char *instance,
                              struct error *err)
{
    bool is_exact;
    int unused;
    trials_begin(t, lever, instance);
    if (!any_touched(t)) return STATUS_OK;
    enum status status = flips_of_price(t, &is_exact, err);
    if (status || is_exact) return status;
    status = look(t, 1 / FLIP_PRICE_MOST, &unused, err);
    /* What the plan does not pay does not harm it. */
    if (status || !trials_touches(t, 0)) return status;
    return look(t, FLIP_PRICE_MOST, &unused, err);
}

/* Whether a pool before this one is of its instance. */
static bool is_seen(const struct trials *t, size_t who, int32_t pool)
{
    const char *name = trials_fleet(t, who)->pools[pool].type.name;
    for (size_t i = 0; i <= who; i++) {
        const struct fleet_spec *fleet = trials_fleet(t, i);
        int32_t n = i == who ? pool : fleet->pool_n;
        for (int32_t p = 0; p < n; p++)
            if (strcmp(fleet->pools[p].type.name, name) == 0) return true;
    }
    return false;
}

/* Of each instance of the plan and its rivals, as they come. */
static enum status find_prices(struct trials *t, enum plan_lever lever, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t who = 0; who < t->n; who++)
        for (int32_t p = 0; p < trials_fleet(t, who)->pool_n && !status; p++)
            if (!is_seen(t, who, p))
                status = find_price(t, lever, trials_fleet(t, who)->pools[p].type.name, err);
    return status;
}

static enum status find_reclaims(struct trials *t, struct error *err)
{
    int unused;
    trials_begin(t, LEVER_RECLAIM, "");
    if (!any_touched(t)) return STATUS_OK;
    enum status status = look(t, RECLAIM_LEAST, &unused, err);
    return status ? status : look(t, RECLAIM_MOST, &unused, err);
}

enum status plan_find_changes(struct plan *plan, struct error *err)
{
    struct trials trials;
    plan->change.breaks_at = plan->change.holds_at = plan->change.fewer_at = NAN;
    plan->change.growth = plan->change.months = NAN;
    if (!plan->best) return STATUS_OK;
    progress_begin("What would change it", 0);
    enum status status = trials_init(&trials, plan, err);
    if (!status) {
        plan->change.growth = (double)trials.scenarios[0].montecarlo.growth_ppm / 1e6;
        status = find_demand(&trials, err);
    }
    if (!status) status = find_prices(&trials, LEVER_PRICE, err);
    if (!status) status = find_prices(&trials, LEVER_SPOT_PRICE, err);
    if (!status) status = find_reclaims(&trials, err);
    progress_end();
    if (plan->change.growth > 0 && !isnan(plan->change.breaks_at))
        plan->change.months = 12 * log(plan->change.breaks_at) / log1p(plan->change.growth);
    plan->change.found = !status;
    trials_free(&trials);
    return status;
}
