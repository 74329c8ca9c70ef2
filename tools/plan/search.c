/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/workload/workload.h"
#include "reports/metrics.h"
#include "sim/select.h"
#include "tools/command.h"
#include "tools/plan/candidate.h"
#include "tools/plan/plan.h"

enum { LOOK = 5 }; /* replications before a point may end early, and of KN's first stage */

/* Candidates that differ in the number of nodes alone, which rises. */
struct line {
    int64_t first, step; /* points */
    int64_t n;
    int32_t fleet;
    double bound_usd;               /* of its first candidate */
    char first_id[65], last_id[65]; /* two lines with the same are one */
};

struct search {
    struct plan *plan;
    size_t line_n, capacity;
    struct line *lines;
    struct plan_candidate **found; /* [line_n]: the best of each; NULL */
    double keep_usd; /* the second least cost that is known to meet the targets: INFINITY */
    struct error *err;
};

/* ---- Lines ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Whether all its keys are numbers of nodes that rise together. */
static bool is_of_nodes(const struct vary *v, const struct vary_dimension *d)
{
    for (size_t k = d->first; k < d->first + d->key_n; k++)
        if (!v->keys[k].is_range || !ends_with(v->keys[k].path, ".nodes")) return false;
    return true;
}

/* The dimension that lines go along: that of nodes with the most values; -1: none. *step: between
 * points that differ in it alone. */
static int line_dimension(const struct vary *v, int64_t *step)
{
    int along = -1;
    for (size_t d = 0; d < v->dimension_n; d++)
        if (is_of_nodes(v, &v->dimensions[d]) &&
            (along < 0 || v->dimensions[d].n > v->dimensions[along].n))
            along = (int)d;
    *step = 1;
    for (size_t d = v->dimension_n; along >= 0 && d-- > (size_t)along + 1;)
        *step *= (int64_t)v->dimensions[d].n;
    return along;
}

static enum status add_line(struct search *s, struct line line)
{
    if (s->line_n == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 64;
        struct line *more = realloc(s->lines, capacity * sizeof *more);
        if (!more) return error_set(s->err, STATUS_NO_MEMORY, "no memory for a plan's lines");
        s->lines = more;
        s->capacity = capacity;
    }
    s->lines[s->line_n++] = line;
    return STATUS_OK;
}

static enum status load_point(struct search *s, int64_t point, struct scenario *scenario)
{
    return sweep_load_point(s->plan->sweep, point, scenario, s->plan->diagnostics, s->err);
}

static bool is_known(const struct search *s, const struct line *line)
{
    for (size_t l = 0; l < s->line_n; l++)
        if (s->lines[l].n == line->n && strcmp(s->lines[l].first_id, line->first_id) == 0 &&
            strcmp(s->lines[l].last_id, line->last_id) == 0)
            return true;
    return false;
}

/* Candidates whose nodes come and go are lines by themselves. The bound of each is that of the
 * first or more. */
static enum status add_singles(struct search *s, const struct line *line)
{
    enum status status = STATUS_OK;
    for (int64_t i = 0; i < line->n && !status; i++) {
        struct line one = *line;
        struct scenario scenario;
        one.first = line->first + i * line->step;
        one.n = 1;
        if ((status = load_point(s, one.first, &scenario))) return status;
        if (scenario_fleet_identity(&scenario, line->fleet, one.first_id))
            status = error_set(s->err, STATUS_NO_MEMORY, "out of memory");
        memcpy(one.last_id, one.first_id, sizeof one.last_id);
        scenario_free(&scenario);
        if (!status && !is_known(s, &one)) status = add_line(s, one);
    }
    return status;
}

/* Lines through the points that begin at `point`, one a fleet; of a fleet that the dimension does
 * not change, one candidate. A fleet that is like one before is no other candidate. */
static enum status add_lines(struct search *s, int64_t point, int64_t step, int64_t n)
{
    struct scenario first, last;
    enum status status = load_point(s, point, &first);
    if (status) return status;
    if ((status = load_point(s, point + (n - 1) * step, &last))) {
        scenario_free(&first);
        return status;
    }
    for (int32_t f = 0; f < first.fleet_n && !status; f++) {
        struct line line = { .first = point, .step = step, .n = n, .fleet = f };
        line.bound_usd = candidate_bound(&first, f);
        if (scenario_fleet_identity(&first, f, line.first_id) ||
            scenario_fleet_identity(&last, f, line.last_id)) {
            status = error_set(s->err, STATUS_NO_MEMORY, "out of memory");
            break;
        }
        if (strcmp(line.first_id, line.last_id) == 0) line.n = 1;
        if (line.n > 1 && !candidate_is_static(&last, f)) status = add_singles(s, &line);
        else if (!is_known(s, &line)) status = add_line(s, line);
    }
    scenario_free(&first);
    scenario_free(&last);
    return status;
}

static int by_bound(const void *x, const void *y)
{
    const struct line *a = x, *b = y;
    if (a->bound_usd != b->bound_usd) return a->bound_usd < b->bound_usd ? -1 : 1;
    return a->first != b->first ? (a->first < b->first ? -1 : 1) : a->fleet - b->fleet;
}

static enum status find_lines(struct search *s)
{
    const struct vary *v = &s->plan->sweep->vary;
    int64_t step, points = s->plan->sweep->point_n;
    int along = line_dimension(v, &step);
    int64_t n = along < 0 ? 1 : (int64_t)v->dimensions[along].n;
    enum status status = STATUS_OK;
    for (int64_t p = 0; p < points && !status; p++)
        if (along < 0 || p / step % n == 0) {
            if (*s->plan->stop) return error_set(s->err, STATUS_INTERRUPTED, "interrupted");
            status = add_lines(s, p, step, n);
        }
    s->plan->lines = (int64_t)s->line_n;
    for (size_t l = 0; l < s->line_n; l++) s->plan->space += s->lines[l].n;
    if (s->line_n > 0) qsort(s->lines, s->line_n, sizeof *s->lines, by_bound);
    return status;
}

/* ---- Along a line ---- */

/* Candidate i of a line; looked at before, or new. */
static enum status candidate_at(struct search *s, const struct line *line, int64_t i,
                                struct plan_candidate **found)
{
    struct plan *plan = s->plan;
    int64_t point = line->first + i * line->step;
    struct scenario scenario;
    for (size_t k = 0; k < plan->n; k++)
        if (plan->seen[k]->point == point && plan->seen[k]->fleet == line->fleet) {
            *found = plan->seen[k];
            return STATUS_OK;
        }
    enum status status = load_point(s, point, &scenario);
    if (status) return status;
    *found = candidate_new(plan, &scenario, point, line->fleet);
    scenario_free(&scenario);
    return *found ? STATUS_OK
                  : error_set(s->err, STATUS_NO_MEMORY, "no memory for a plan's candidates");
}

/* Whether list prices alone put a candidate over the budget, or out of the two cheapest. */
static bool is_too_dear(const struct search *s, const struct plan_candidate *c)
{
    const struct plan *plan = s->plan;
    double most = plan->goal == PLAN_CHEAPEST ? s->keep_usd : INFINITY;
    for (size_t t = 0; t < plan->target_n; t++)
        if (strcmp(plan->targets[t].metric, METRIC_COST_MONTH) == 0)
            most = fmin(most, plan->targets[t].target);
    return c->bound_usd * (1 - 1e-9) > most;
}

/* How many of a line's candidates, from the first on, are not too dear: bounds rise along it. */
static enum status affordable(struct search *s, const struct line *line, int64_t *n)
{
    int64_t low = 0, high = line->n;
    enum status status = STATUS_OK;
    while (low < high && !status) {
        struct plan_candidate *c;
        int64_t middle = low + (high - low) / 2;
        if ((status = candidate_at(s, line, middle, &c))) break;
        if (is_too_dear(s, c)) high = middle;
        else low = middle + 1;
    }
    *n = low;
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
    bool cheapest = s->plan->goal == PLAN_CHEAPEST;
    int64_t low = 0, high = line->n;
    enum status status = STATUS_OK;
    *best = NULL;
    if (line->bound_usd > 0) status = affordable(s, line, &high);
    for (bool at_top = !cheapest || high < line->n || isfinite(s->keep_usd); low < high && !status;
         at_top = false) {
        struct plan_candidate *c;
        int64_t i = at_top ? high - 1 : low + (high - low) / 2;
        if ((status = candidate_at(s, line, i, &c)) ||
            (status = candidate_simulate(s->plan, c, s->err)))
            break;
        progress_set((double)s->plan->simulated);
        bool few = c->rising != PLAN_MEETS, many = c->falling != PLAN_MEETS;
        if (!few && !many) *best = c;
        if (few && many) break;
        if (many || (!few && cheapest)) high = i;
        else low = i + 1;
    }
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

static enum status search_lines(struct search *s)
{
    enum status status = STATUS_OK;
    s->found = calloc(s->line_n + 1, sizeof *s->found);
    if (!s->found) return error_set(s->err, STATUS_NO_MEMORY, "no memory for a plan's lines");
    for (size_t l = 0; l < s->line_n && !status; l++) {
        status = *s->plan->stop ? error_set(s->err, STATUS_INTERRUPTED, "interrupted")
                                : halve(s, &s->lines[l], &s->found[l]);
        note_cost(s);
    }
    return status;
}

/* ---- The choice ---- */

static enum plan_figure figure_of(const struct plan *plan)
{
    return plan->goal == PLAN_CHEAPEST ? PLAN_COST : PLAN_WAIT;
}

/* Of two that meet the targets, the one that is better by what is asked for, else by the other. */
static bool is_better(const struct plan *plan, const struct plan_candidate *a,
                      const struct plan_candidate *b)
{
    enum plan_figure first = figure_of(plan), other = first == PLAN_COST ? PLAN_WAIT : PLAN_COST;
    if (a->of[first].mean != b->of[first].mean) return a->of[first].mean < b->of[first].mean;
    return a->of[other].mean < b->of[other].mean;
}

static enum status choose(struct search *s)
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
        if (!plan->best || is_better(plan, c, plan->best)) {
            plan->second = plan->best;
            plan->best = c;
        } else if (!plan->second || is_better(plan, c, plan->second)) {
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
        size_t n0 = units < LOOK ? units : LOOK,
               left = select_least(values, k, units, n0, units, plan->alpha, delta, in);
        for (size_t i = 0; i < k; i++)
            if (all[i] == plan->best) plan->best_is_clear = in[i] && left == 1;
    }
    free(values);
    free(all);
    free(in);
    return status;
}

/* What one step less on the line of the best comes to: how near the answer is to the edge. */
static enum status look_below(struct search *s)
{
    struct plan *plan = s->plan;
    for (size_t l = 0; l < s->line_n && plan->best; l++) {
        const struct line *line = &s->lines[l];
        if (s->found[l] != plan->best || plan->best->point == line->first) continue;
        int64_t i = (plan->best->point - line->first) / line->step - 1;
        enum status status = candidate_at(s, line, i, &plan->fewer);
        return status ? status : candidate_simulate(plan, plan->fewer, s->err);
    }
    return STATUS_OK;
}

static enum status look_at_today(struct search *s)
{
    struct plan *plan = s->plan;
    struct scenario scenario;
    enum status status = load_point(s, -1, &scenario);
    if (status) return status;
    plan->target_n = run_targets(&scenario, plan->targets);
    plan->antithetic = scenario.antithetic;
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
    struct search s = { .plan = plan, .keep_usd = INFINITY, .err = err };
    progress_begin("Planning", 0);
    enum status status = look_at_today(&s);
    if (!status) status = find_lines(&s);
    if (!status) status = search_lines(&s);
    if (!status) status = choose(&s);
    if (!status) status = look_below(&s);
    if (!status) status = candidate_simulate(plan, plan->today, err);
    progress_end();
    free(s.lines);
    free(s.found);
    return status;
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) candidate_free(plan->seen[i]);
    free(plan->seen);
    plan->seen = NULL;
    plan->n = 0;
}
