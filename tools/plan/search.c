/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "reports/metrics.h"
#include "tools/command.h"
#include "tools/plan/candidate.h"
#include "tools/plan/search_parts.h"

/* Bounds are rounded to a micro-dollar a line, bills once more. */
#define BOUND_SLACK 1e-7

enum status search_load(struct search *s, int64_t point, struct scenario *scenario)
{
    return sweep_load_point(s->plan->sweep, point, scenario, s->plan->diagnostics, s->err);
}

/* ---- Along a line ---- */

enum status search_candidate(struct search *s, int64_t point, int32_t fleet,
                             struct plan_candidate **found)
{
    struct plan *plan = s->plan;
    struct scenario scenario;
    *found = index_at(&plan->index, point, fleet);
    if (*found) return STATUS_OK;
    enum status status = search_load(s, point, &scenario);
    if (status) return status;
    *found = candidate_new(plan, &scenario, point, fleet);
    scenario_free(&scenario);
    return *found ? STATUS_OK
                  : error_set(s->err, STATUS_NO_MEMORY, "no memory for a plan's candidates");
}

/* Number i of nodes on a line: simulated, with the levels that make its bill the least, unless its
 * waits are not good whatever is paid. */
static enum status look_at(struct search *s, const struct line *line, int64_t i,
                           struct plan_candidate **found)
{
    int64_t point = line->first + i * line->step;
    enum status status = search_candidate(s, point, line->fleet, found);
    if (!status) status = candidate_simulate(s->plan, *found, s->err);
    if (status || s->level_n == 0 || (*found)->rising != PLAN_MEETS) return status;
    return search_best_levels(s, line, point, LEVEL_BY_BILL, found);
}

/* Which number of nodes of its line a candidate has. */
static int64_t place_of(const struct line *line, const struct plan_candidate *c)
{
    return line->n > 1 ? c->point / line->step % line->n : 0;
}

/* What a bill may be at most: the budget, and that of the two cheapest. */
static double most_usd(const struct search *s)
{
    const struct plan *plan = s->plan;
    double most = s->goal == PLAN_CHEAPEST ? s->keep_usd : INFINITY;
    for (size_t t = 0; t < plan->target_n; t++)
        if (strcmp(plan->targets[t].metric, METRIC_COST_MONTH) == 0)
            most = fmin(most, plan->targets[t].target);
    return most;
}

/* How many of a line's candidates, from the first on, do not cost more by list prices alone: bounds
 * rise along it. */
static enum status affordable(struct search *s, const struct line *line, double usd, int64_t *n)
{
    int64_t low = 0, high = line->n;
    enum status status = STATUS_OK;
    while (low < high && !status) {
        struct plan_candidate *c;
        int64_t middle = low + (high - low) / 2;
        status = search_best_levels(s, line, line->first + middle * line->step, LEVEL_BY_BOUND, &c);
        if (status) break;
        if (c->bound_usd * (1 - BOUND_SLACK) > usd) high = middle;
        else low = middle + 1;
    }
    *n = low;
    return status;
}

static bool is_good(const struct search *s, const struct plan_candidate *c)
{
    return c->all == PLAN_MEETS && c->of[PLAN_WAIT].mean <= s->most_wait_s;
}

/* With commitments more nodes may cost nothing more: those that are paid, used or not. Of the
 * candidates with the same bill as the best the one with the most nodes is better. */
static enum status stretch(struct search *s, const struct line *line, struct plan_candidate **best)
{
    int64_t low = place_of(line, *best) + 1, high;
    enum status status = affordable(s, line, (*best)->bound_usd, &high);
    for (bool at_top = true; low < high && !status; at_top = false) {
        struct plan_candidate *c;
        int64_t i = at_top ? high - 1 : low + (high - low) / 2;
        if ((status = look_at(s, line, i, &c))) break;
        if (is_good(s, c) && c->of[PLAN_COST].mean <= (*best)->of[PLAN_COST].mean) {
            *best = c;
            low = i + 1;
        } else {
            high = i;
        }
    }
    return status;
}

/*
 * Cheapest: the fewest nodes that meet all. Between low and high - 1 nothing is known: a candidate
 * whose bill or utilization is not good has too many nodes; else one whose waits are not good has
 * too few. Fastest: the most nodes that meet all, by the same rule. Where a line can only better
 * what there is with so many nodes, those are looked at first: mostly they are too few, and the
 * line is done.
 */
static enum status halve(struct search *s, const struct line *line, struct plan_candidate **best)
{
    bool cheapest = s->goal == PLAN_CHEAPEST;
    int64_t low = 0, high = line->n;
    enum status status = STATUS_OK;
    *best = NULL;
    if (line->bound_usd > 0) status = affordable(s, line, most_usd(s), &high);
    for (bool at_top = !cheapest || high < line->n || isfinite(s->keep_usd); low < high && !status;
         at_top = false) {
        struct plan_candidate *c;
        int64_t i = at_top ? high - 1 : low + (high - low) / 2;
        if ((status = look_at(s, line, i, &c))) break;
        progress_set((double)s->plan->simulated);
        bool few = c->rising != PLAN_MEETS || c->of[PLAN_WAIT].mean > s->most_wait_s,
             many = c->falling != PLAN_MEETS;
        if (!few && !many) *best = c;
        if (few && many) break;
        if (many || (!few && cheapest)) high = i;
        else low = i + 1;
    }
    if (!status && *best && cheapest && line->bound_usd > 0) status = stretch(s, line, best);
    return status;
}

static void note_cost(struct search *s)
{
    double least = INFINITY, second = INFINITY;
    for (size_t l = 0; l < s->line_n; l++) {
        if (!s->found[l]) continue;
        double usd = s->found[l]->of[PLAN_COST].mean;
        if (usd < least) second = least, least = usd;
        else if (usd < second) second = usd;
    }
    s->keep_usd = second;
}

enum status search_lines(struct search *s, enum plan_goal goal, double most_wait_s)
{
    enum status status = STATUS_OK;
    free(s->found);
    s->found = calloc(s->line_n + 1, sizeof *s->found);
    if (!s->found) return error_set(s->err, STATUS_NO_MEMORY, "no memory for a plan's lines");
    s->goal = goal;
    s->most_wait_s = most_wait_s;
    s->keep_usd = INFINITY;
    for (size_t l = 0; l < s->line_n && !status; l++) {
        if (s->mix >= 0 && s->lines[l].mix != s->mix) continue;
        status = *s->plan->stop ? error_set(s->err, STATUS_INTERRUPTED, "interrupted")
                                : halve(s, &s->lines[l], &s->found[l]);
        note_cost(s);
    }
    return status;
}

enum status search_other_mixes(struct search *s)
{
    int64_t before = s->plan->simulated;
    bool *is_known = calloc((size_t)s->mix_n + 1, sizeof *is_known);
    if (!is_known) return error_set(s->err, STATUS_NO_MEMORY, "no memory for a plan's lines");
    for (size_t l = 0; l < s->line_n; l++)
        if (s->found[l]) is_known[s->lines[l].mix] = true;
    enum status status = STATUS_OK;
    for (s->mix = 0; s->mix < s->mix_n && !status; s->mix++)
        if (!is_known[s->mix]) status = search_lines(s, s->plan->goal, INFINITY);
    s->mix = -1;
    free(is_known);
    s->plan->for_changes = s->plan->simulated - before;
    return status;
}

/* ---- From today to the answer ---- */

/* What one step less on the line of the best comes to: how near the answer is to the edge. */
static enum status look_below(struct search *s)
{
    struct plan *plan = s->plan;
    for (size_t l = 0; l < s->line_n && plan->best; l++) {
        const struct line *line = &s->lines[l];
        if (s->found[l] != plan->best || place_of(line, plan->best) == 0) continue;
        enum status status =
            search_candidate(s, plan->best->point - line->step, line->fleet, &plan->fewer);
        return status ? status : candidate_simulate(plan, plan->fewer, s->err);
    }
    return STATUS_OK;
}

/* Whether bills are all that some of the points differ in. */
static bool commitments_vary(const struct vary *v)
{
    for (size_t k = 0; k < v->key_n; k++)
        if (strstr(v->keys[k].path, ".commitments")) return true;
    return false;
}

static enum status look_at_today(struct search *s)
{
    struct plan *plan = s->plan;
    struct scenario scenario;
    enum status status = search_load(s, -1, &scenario);
    if (status) return status;
    plan->target_n = run_targets(&scenario, plan->targets);
    plan->antithetic = scenario.antithetic;
    plan->rebills = scenario.uncertain.prices_ppm == 0 && commitments_vary(&plan->sweep->vary);
    plan->today = candidate_new(plan, &scenario, -1, scenario.baseline);
    scenario_free(&scenario);
    if (!plan->today) return error_set(s->err, STATUS_NO_MEMORY, "out of memory");
    if (plan->target_n == 0)
        return error_set(
            s->err, STATUS_BAD_INPUT,
            "a plan is a fleet that meets targets, and the scenario has none: say `slo`");
    if (plan->sweep->vary.way != VARY_CROSSED)
        return error_set(s->err, STATUS_BAD_INPUT,
                         "a plan looks for the best of all points, and `vary` draws some of them");
    return STATUS_OK;
}

enum status plan_find(struct plan *plan, struct error *err)
{
    struct search s = { .plan = plan, .keep_usd = INFINITY, .mix = -1, .err = err };
    progress_begin("Planning", 0);
    enum status status = look_at_today(&s);
    if (!status) search_find_levels(&s);
    if (!status) status = search_find_lines(&s);
    if (!status) status = search_lines(&s, plan->goal, INFINITY);
    if (!status) status = search_choose(&s);
    if (!status) status = look_below(&s);
    if (!status) status = candidate_simulate(plan, plan->today, err);
    if (!status && plan->wants_changes) status = search_other_mixes(&s);
    if (!status) status = search_frontier(&s);
    progress_end();
    free(s.lines);
    free(s.found);
    for (int32_t i = 0; i < s.mix_n; i++) free(s.mixes[i]);
    free(s.mixes);
    tdestroy(s.known, free);
    return status;
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) candidate_free(plan->seen[i]);
    free(plan->seen);
    free(plan->frontier);
    index_free(&plan->index);
    plan->seen = plan->frontier = NULL;
    plan->n = 0;
}
