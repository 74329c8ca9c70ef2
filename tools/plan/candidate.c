/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/candidate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/pricing/money.h"
#include "models/pricing/services.h"
#include "models/rebill.h"
#include "models/reliability/restart_tail.h"
#include "reports/estimate.h"
#include "reports/metrics.h"
#include "scenarios/hash.h"
#include "tools/runner.h"
#include "tools/stopping.h"

const char *const plan_metrics[PLAN_FIGURE_N] = { METRIC_COST_MONTH, METRIC_WAIT_P95,
                                                  METRIC_UTILIZATION };

/* Nodes that are bought from the first moment to the last, whatever happens. */
static int64_t sure_nodes(const struct pool_spec *pool)
{
    return supply_is_limited(&pool->supply) || pool->group ? 0 : pool->nodes - pool->elastic_nodes;
}

/*
 * Of a fleet with commitments: the bill of a month in which those nodes are all it uses. More usage
 * never makes a bill less, and what there is of these is the same in every hour. Capacity blocks
 * have a time of their own within the books: nothing is said of fleets that have some.
 */
static double committed_bound(const struct fleet_spec *fleet)
{
    enum { HOURS = SERVICE_MONTH_HOURS };
    struct usage_log month = { .books_us = HOURS * HOUR_US,
                               .pool_n = fleet->pool_n,
                               .hours = HOURS };
    struct error err;
    int64_t usd_micro = 0;
    for (int32_t i = 0; i < fleet->commitments.n; i++)
        if (fleet->commitments.items[i].terms.kind == COMMITMENT_CAPACITY_BLOCK) return 0;
    month.node_us = malloc((size_t)fleet->pool_n * HOURS * sizeof *month.node_us);
    if (!month.node_us) return 0;
    for (int32_t i = 0; i < fleet->pool_n * HOURS; i++)
        month.node_us[i] = sure_nodes(&fleet->pools[i / HOURS]) * HOUR_US;
    if (rebill(&month, fleet, &usd_micro, &err) != STATUS_OK) usd_micro = 0;
    free(month.node_us);
    return (double)usd_micro / 1e6;
}

double candidate_bound(const struct scenario *s, int32_t f)
{
    const struct fleet_spec *fleet = &s->fleets[f];
    double usd = 0;
    if (s->uncertain.prices_ppm > 0) return 0;
    if (fleet->commitments.n > 0) return committed_bound(fleet);
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct purchase *bought = &fleet->pools[p].purchase;
        if (strcmp(bought->option->name, "on-demand") != 0) continue;
        usd += (double)sure_nodes(&fleet->pools[p]) * (double)bought->usd_nano_per_hour / 1e9;
    }
    return usd * SERVICE_MONTH_HOURS;
}

/* The bill by instance type, of pools on demand and what of them is always there. */
static void find_parts(const struct scenario *s, struct plan_candidate *c)
{
    const struct fleet_spec *fleet = &s->fleets[c->fleet];
    if (fleet->commitments.n > 0) return;
    for (int32_t p = 0; p < fleet->pool_n && c->bound_usd > 0; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        double usd = (double)sure_nodes(pool) * (double)pool->purchase.usd_nano_per_hour / 1e9;
        int32_t i = 0;
        if (strcmp(pool->purchase.option->name, "on-demand") != 0) continue;
        while (i < c->part_n && strcmp(c->parts[i].instance, pool->type.name) != 0) i++;
        if (i == PLAN_PARTS || strlen(pool->type.name) >= sizeof c->parts[i].instance) {
            c->part_n = 0;
            return;
        }
        if (i == c->part_n) strcpy(c->parts[c->part_n++].instance, pool->type.name);
        c->parts[i].usd += usd * SERVICE_MONTH_HOURS;
    }
}

bool candidate_is_static(const struct scenario *s, int32_t f)
{
    const struct fleet_spec *fleet = &s->fleets[f];
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (sure_nodes(&fleet->pools[p]) != fleet->pools[p].nodes) return false;
    return true;
}

char *candidate_mix(const struct fleet_spec *fleet)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    for (int32_t p = 0; out && p < fleet->pool_n; p++)
        fprintf(out, "%s%s", p ? " " : "", fleet->pools[p].type.name);
    if (out && fclose(out) == 0) return text;
    free(text);
    return NULL;
}

static void keep(struct plan *plan, struct plan_candidate *c)
{
    if (plan->n == plan->capacity) {
        size_t capacity = plan->capacity ? 2 * plan->capacity : 64;
        struct plan_candidate **more = realloc(plan->seen, capacity * sizeof *more);
        if (!more) return;
        plan->seen = more;
        plan->capacity = capacity;
    }
    plan->seen[plan->n++] = c;
}

struct plan_candidate *candidate_new(struct plan *plan, const struct scenario *s, int64_t point,
                                     int32_t fleet)
{
    const struct fleet_spec *spec = &s->fleets[fleet];
    struct plan_candidate *c = calloc(1, sizeof *c);
    size_t before = plan->n;
    if (!c) return NULL;
    c->point = point;
    c->fleet = fleet;
    c->name = strdup(spec->name);
    c->summary = fleet_summary(spec);
    c->mix = candidate_mix(spec);
    c->params = point < 0 ? strdup("") : sweep_point_text(plan->sweep, point);
    c->short_params = point < 0 ? strdup("") : sweep_point_name(plan->sweep, point);
    c->nodes = fleet_spec_most_nodes(spec);
    c->gpus = fleet_spec_most_gpus(spec);
    c->bound_usd = candidate_bound(s, fleet);
    find_parts(s, c);
    if (c->name && c->summary && c->mix && c->params && c->short_params &&
        scenario_fleet_identity(s, fleet, c->identity) == STATUS_OK &&
        scenario_usage_identity(s, fleet, c->usage) == STATUS_OK &&
        index_add(&plan->index, c) == STATUS_OK)
        keep(plan, c);
    if (plan->n > before) return c;
    candidate_free(c);
    return NULL;
}

void candidate_free(struct plan_candidate *c)
{
    if (!c) return;
    for (int i = 0; i < PLAN_FIGURE_N; i++) free(c->values[i]);
    for (int32_t r = 0; c->used && r < c->replications; r++) usage_log_free(&c->used[r]);
    free(c->used);
    free(c->name);
    free(c->summary);
    free(c->mix);
    free(c->params);
    free(c->short_params);
    free(c);
}

/* ---- Verdicts ---- */

enum plan_verdict candidate_verdict(const struct scenario *s, int32_t n, const struct run_target *t,
                                    const double *values)
{
    struct mean_interval of = stopping_interval(s, values, (size_t)n);
    const struct estimate e = { .mean = of.mean,
                                .half = of.half,
                                .n = isnan(of.mean)  ? 0
                                     : s->antithetic ? n / 2
                                                     : n };
    switch (estimate_verdict(&e, t->target, t->at_most)) {
    case VERDICT_MEETS: return PLAN_MEETS;
    case VERDICT_MISSES: return PLAN_MISSES;
    default: return PLAN_UNCLEAR;
    }
}

bool candidate_is_better(const struct plan *plan, const struct plan_candidate *a,
                         const struct plan_candidate *b)
{
    enum plan_figure first = plan->goal == PLAN_CHEAPEST ? PLAN_COST : PLAN_WAIT,
                     other = first == PLAN_COST ? PLAN_WAIT : PLAN_COST;
    if (a->of[first].mean != b->of[first].mean) return a->of[first].mean < b->of[first].mean;
    return a->of[other].mean < b->of[other].mean;
}

static void lower(enum plan_verdict *to, enum plan_verdict verdict)
{
    if (verdict < *to) *to = verdict;
}

static bool is_of_cost(const struct run_target *t)
{
    return strcmp(t->metric, METRIC_COST_MONTH) == 0;
}

/* What the verdicts on all targets come to. */
static void sum_up(const struct run_target *targets, size_t target_n, struct plan_candidate *c)
{
    c->rising = c->falling = PLAN_MEETS;
    c->missed[0] = '\0';
    for (size_t t = 0; t < target_n; t++) {
        bool falls = is_of_cost(&targets[t]) || strcmp(targets[t].metric, METRIC_CO2_MONTH) == 0 ||
                     strcmp(targets[t].metric, METRIC_UTILIZATION) == 0;
        lower(falls ? &c->falling : &c->rising, c->of_target[t]);
        if (c->of_target[t] != PLAN_MEETS && !c->missed[0])
            snprintf(c->missed, sizeof c->missed, "%s", targets[t].label);
    }
    c->all = c->rising < c->falling ? c->rising : c->falling;
}

/* By the replications of a run. */
static void judge(const struct point_run *run, const struct run_target *targets, size_t target_n,
                  struct plan_candidate *c)
{
    double *room = malloc((size_t)run->replications * sizeof *room);
    /* Where restarts have no mean there is no interval to go by. */
    c->has_intervals = room && run->tail[c->fleet] == TAIL_FINITE;
    for (size_t t = 0; t < target_n; t++) {
        c->of_target[t] = PLAN_UNCLEAR;
        if (!c->has_intervals) continue;
        point_column(run, c->fleet, targets[t].metric, run->replications, room);
        c->of_target[t] = candidate_verdict(&run->scenario, run->replications, &targets[t], room);
    }
    sum_up(targets, target_n, c);
    free(room);
}

/* ---- Simulating ---- */

static enum status take_values(struct plan_candidate *c, struct point_run *run, struct error *err)
{
    size_t n = (size_t)run->replications, fleets = (size_t)run->scenario.fleet_n;
    c->replications = run->replications;
    c->ended = run->ended;
    for (int i = 0; i < PLAN_FIGURE_N; i++) {
        c->values[i] = malloc(n * sizeof *c->values[i]);
        if (!c->values[i]) return error_set(err, STATUS_NO_MEMORY, "out of memory");
        point_column(run, c->fleet, plan_metrics[i], run->replications, c->values[i]);
        c->of[i] = stopping_interval(&run->scenario, c->values[i], n);
    }
    c->is_simulated = true;
    if (!run->usage) return STATUS_OK;
    c->used = calloc(n, sizeof *c->used);
    if (!c->used) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    for (size_t r = 0; r < n; r++) {
        struct usage_log *from = &run->usage[r * fleets + (size_t)c->fleet];
        c->used[r] = *from;
        *from = (struct usage_log){ 0 };
    }
    return STATUS_OK;
}

/* Takes another one's figures and verdicts. */
static enum status take_twin(struct plan_candidate *c, const struct plan_candidate *twin,
                             struct error *err)
{
    size_t n = (size_t)twin->replications;
    for (int i = 0; i < PLAN_FIGURE_N; i++) {
        c->values[i] = malloc(n * sizeof *c->values[i]);
        if (!c->values[i]) return error_set(err, STATUS_NO_MEMORY, "out of memory");
        memcpy(c->values[i], twin->values[i], n * sizeof *c->values[i]);
        c->of[i] = twin->of[i];
    }
    c->replications = twin->replications;
    c->ended = twin->ended;
    c->has_intervals = twin->has_intervals;
    memcpy(c->of_target, twin->of_target, sizeof c->of_target);
    c->rising = twin->rising;
    c->falling = twin->falling;
    c->all = twin->all;
    memcpy(c->missed, twin->missed, sizeof c->missed);
    c->is_simulated = true;
    return STATUS_OK;
}

static enum status load_scenario(struct plan *plan, const struct plan_candidate *c,
                                 struct scenario *scenario, struct error *err)
{
    return sweep_load_point(plan->sweep, c->point, scenario, plan->diagnostics, err);
}

/* ---- Bills without simulating ---- */

/* Whether the replications of one that has the same usage are those that this one would have: they
 * did not end for its bill. */
static bool can_be_billed_from(const struct plan_candidate *of)
{
    if (!of || strcmp(of->ended, "precise") == 0) return false;
    for (int32_t r = 0; r < of->replications; r++)
        if (of->used[r].hours == 0) return false;
    return true;
}

static enum status bill_anew(struct plan *plan, struct plan_candidate *c,
                             const struct plan_candidate *of, struct error *err)
{
    struct scenario s;
    enum status status = load_scenario(plan, c, &s, err);
    if (status) return status;
    status = take_twin(c, of, err);
    for (int32_t r = 0; r < c->replications && !status; r++) {
        int64_t usd_micro;
        status = rebill(&of->used[r], &s.fleets[c->fleet], &usd_micro, err);
        c->values[PLAN_COST][r] = run_cost_month(usd_micro, of->used[r].books_us);
    }
    if (!status) {
        c->of[PLAN_COST] = stopping_interval(&s, c->values[PLAN_COST], (size_t)c->replications);
        for (size_t t = 0; t < plan->target_n; t++)
            if (is_of_cost(&plan->targets[t]) && c->has_intervals)
                c->of_target[t] =
                    candidate_verdict(&s, c->replications, &plan->targets[t], c->values[PLAN_COST]);
        sum_up(plan->targets, plan->target_n, c);
        c->is_rebilled = true;
        plan->rebilled++;
    }
    scenario_free(&s);
    return status;
}

/* ---- One way or another ---- */

/* The replications of a loaded scenario's fleet. */
static enum status simulate(struct plan *plan, int32_t fleet, bool keeps_usage,
                            struct point_run *run, struct error *err)
{
    enum status status = point_init(run, err);
    if (!status && keeps_usage) status = point_keep_usage(run, err);
    if (status) return status;
    run->first = fleet;
    run->end = fleet + 1;
#pragma omp parallel num_threads(plan->threads)
#pragma omp single
    status = point_run(run, 0, plan->stop, err);
    return status;
}

enum status candidate_simulate(struct plan *plan, struct plan_candidate *c, struct error *err)
{
    struct point_run run = { 0 };
    if (c->is_simulated) return STATUS_OK;
    const struct plan_candidate *twin = index_of_identity(&plan->index, c->identity);
    if (twin) return take_twin(c, twin, err);
    const struct plan_candidate *of = index_of_usage(&plan->index, c->usage);
    enum status status;
    if (can_be_billed_from(of)) {
        status = bill_anew(plan, c, of, err);
    } else {
        status = load_scenario(plan, c, &run.scenario, err);
        /* Another bill may keep the budget: this one does not end it. */
        if (!status && plan->rebills) run.scenario.slo.budget_usd_micro_per_month = -1;
        if (!status) status = simulate(plan, c->fleet, plan->rebills, &run, err);
        if (!status) {
            judge(&run, plan->targets, plan->target_n, c);
            status = take_values(c, &run, err);
            plan->simulated++;
            plan->replications += run.replications;
        }
        point_free(&run);
    }
    if (!status && index_simulated(&plan->index, c) != STATUS_OK)
        status = error_set(err, STATUS_NO_MEMORY, "out of memory");
    return status;
}

enum status candidate_try(struct plan *plan, const struct plan_candidate *c,
                          const struct plan_twist *twist, struct plan_candidate **as,
                          struct error *err)
{
    struct point_run run = { 0 };
    struct twisted own = { 0 };
    *as = calloc(1, sizeof **as);
    if (!*as) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    (*as)->fleet = c->fleet;
    enum status status = twist_load(twist, plan, c, &run.scenario, &own, err);
    if (!status) status = simulate(plan, c->fleet, false, &run, err);
    if (!status) {
        judge(&run, plan->targets, plan->target_n, *as);
        status = take_values(*as, &run, err);
        plan->replications += run.replications;
    }
    point_free(&run);
    twisted_free(&own);
    return status;
}
