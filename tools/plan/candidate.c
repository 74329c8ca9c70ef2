/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/candidate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/pricing/services.h"
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

double candidate_bound(const struct scenario *s, int32_t f)
{
    const struct fleet_spec *fleet = &s->fleets[f];
    double usd = 0;
    if (fleet->commitments.n > 0 || s->uncertain.prices_ppm > 0) return 0;
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
    c->params = point < 0 ? strdup("") : sweep_point_text(plan->sweep, point);
    c->short_params = point < 0 ? strdup("") : sweep_point_name(plan->sweep, point);
    c->nodes = fleet_spec_most_nodes(spec);
    c->gpus = fleet_spec_most_gpus(spec);
    c->bound_usd = candidate_bound(s, fleet);
    find_parts(s, c);
    if (c->name && c->summary && c->params && c->short_params &&
        scenario_fleet_identity(s, fleet, c->identity) == STATUS_OK)
        keep(plan, c);
    if (plan->n > before) return c;
    candidate_free(c);
    return NULL;
}

void candidate_free(struct plan_candidate *c)
{
    if (!c) return;
    for (int i = 0; i < PLAN_FIGURE_N; i++) free(c->values[i]);
    free(c->name);
    free(c->summary);
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

/* By the replications of a run. */
static void judge(const struct point_run *run, const struct run_target *targets, size_t target_n,
                  struct plan_candidate *c)
{
    double *room = malloc((size_t)run->replications * sizeof *room);
    c->rising = c->falling = PLAN_MEETS;
    c->missed[0] = '\0';
    for (size_t t = 0; t < target_n; t++) {
        enum plan_verdict verdict = PLAN_UNCLEAR;
        /* Where restarts have no mean there is no interval to go by. */
        if (room && run->tail[c->fleet] == TAIL_FINITE) {
            point_column(run, c->fleet, targets[t].metric, run->replications, room);
            verdict = candidate_verdict(&run->scenario, run->replications, &targets[t], room);
        }
        bool falls = strcmp(targets[t].metric, METRIC_COST_MONTH) == 0 ||
                     strcmp(targets[t].metric, METRIC_CO2_MONTH) == 0 ||
                     strcmp(targets[t].metric, METRIC_UTILIZATION) == 0;
        lower(falls ? &c->falling : &c->rising, verdict);
        if (verdict != PLAN_MEETS && !c->missed[0])
            snprintf(c->missed, sizeof c->missed, "%s", targets[t].label);
    }
    c->all = c->rising < c->falling ? c->rising : c->falling;
    free(room);
}

/* ---- Simulating ---- */

static enum status take_values(struct plan_candidate *c, const struct point_run *run,
                               struct error *err)
{
    c->replications = run->replications;
    for (int i = 0; i < PLAN_FIGURE_N; i++) {
        c->values[i] = malloc((size_t)run->replications * sizeof *c->values[i]);
        if (!c->values[i]) return error_set(err, STATUS_NO_MEMORY, "out of memory");
        point_column(run, c->fleet, plan_metrics[i], run->replications, c->values[i]);
        c->of[i] = stopping_interval(&run->scenario, c->values[i], (size_t)run->replications);
    }
    c->is_simulated = true;
    return STATUS_OK;
}

/* A candidate of the same figures that is simulated already. */
static const struct plan_candidate *twin_of(const struct plan *plan, const struct plan_candidate *c)
{
    for (size_t i = 0; i < plan->n; i++)
        if (plan->seen[i] != c && plan->seen[i]->is_simulated &&
            strcmp(plan->seen[i]->identity, c->identity) == 0)
            return plan->seen[i];
    return NULL;
}

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

/* The replications of a loaded scenario's fleet. */
static enum status simulate(struct plan *plan, int32_t fleet, struct point_run *run,
                            struct error *err)
{
    enum status status = point_init(run, err);
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
    const struct plan_candidate *twin = c->is_simulated ? NULL : twin_of(plan, c);
    struct point_run run = { 0 };
    if (c->is_simulated) return STATUS_OK;
    if (twin) return take_twin(c, twin, err);
    enum status status = load_scenario(plan, c, &run.scenario, err);
    if (!status) status = simulate(plan, c->fleet, &run, err);
    if (!status) {
        judge(&run, plan->targets, plan->target_n, c);
        status = take_values(c, &run, err);
        plan->simulated++;
        plan->replications += run.replications;
    }
    point_free(&run);
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
    if (!status) status = simulate(plan, c->fleet, &run, err);
    if (!status) {
        judge(&run, plan->targets, plan->target_n, *as);
        status = take_values(*as, &run, err);
        plan->replications += run.replications;
    }
    point_free(&run);
    twisted_free(&own);
    return status;
}
