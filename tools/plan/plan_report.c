/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/plan_report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/plan_data.h"
#include "scenarios/arena.h"
#include "tools/plan/difference.h"
#include "tools/plan/plan_text.h"
#include "tools/plan/report_flips.h"
#include "tools/report_files.h"
#include "tools/runner.h"

/* What the page borrows while it is written. */
struct filling {
    const struct plan *plan;
    struct arena arena;
    struct scenario today, best; /* the scenario as it stands, and at the plan's point */
    bool has_today, has_best;
    char *workload, *json;
    struct plan_data data;
    struct error *err;
};

static enum status no_memory(struct filling *f)
{
    return error_set(f->err, STATUS_NO_MEMORY, "no memory for a plan's page");
}

static const char *kept(struct filling *f, const char *text)
{
    return arena_text(&f->arena, text, strlen(text));
}

/* ---- Fleets ---- */

/* A candidate's place: the named ones first, then the frontier, then the others. */
enum rank { RANK_TODAY, RANK_PLAN, RANK_SECOND, RANK_FEWER, RANK_FRONTIER, RANK_OTHER };

struct entry {
    const struct plan_candidate *c;
    enum rank rank;
    bool on_frontier;
};

static int by_identity(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    int order = strcmp(a->c->identity, b->c->identity);
    return order ? order : (int)a->rank - (int)b->rank;
}

/* Of equal rank what is cheaper, then what waits less, then the order of the points. */
static int by_rank(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    if (a->rank != b->rank) return (int)a->rank - (int)b->rank;
    for (int k = PLAN_COST; k <= PLAN_WAIT; k++)
        if (a->c->of[k].mean != b->c->of[k].mean)
            return a->c->of[k].mean < b->c->of[k].mean ? -1 : 1;
    if (a->c->point != b->c->point) return a->c->point < b->c->point ? -1 : 1;
    return a->c->fleet - b->c->fleet;
}

static bool is_like(const struct plan_candidate *a, const struct plan_candidate *b)
{
    return a && strcmp(a->identity, b->identity) == 0;
}

static enum rank rank_of(const struct plan *p, const struct plan_candidate *c, bool on_frontier)
{
    return is_like(p->today, c)    ? RANK_TODAY
           : is_like(p->best, c)   ? RANK_PLAN
           : is_like(p->second, c) ? RANK_SECOND
           : is_like(p->fewer, c)  ? RANK_FEWER
           : on_frontier           ? RANK_FRONTIER
                                   : RANK_OTHER;
}

/* Candidates that are known, one of each identity, in the order of the page. How many. */
static int32_t entries_of(const struct plan *p, struct entry *entries)
{
    int32_t n = 0, kept = 0;
    for (size_t i = 0; i < p->n; i++) {
        bool on_frontier = false;
        if (!p->seen[i]->is_simulated) continue;
        for (size_t k = 0; k < p->frontier_n; k++)
            on_frontier |= is_like(p->frontier[k], p->seen[i]);
        entries[n++] =
            (struct entry){ p->seen[i], rank_of(p, p->seen[i], on_frontier), on_frontier };
    }
    if (n > 0) qsort(entries, (size_t)n, sizeof *entries, by_identity);
    for (int32_t i = 0; i < n; i++)
        if (kept == 0 || !is_like(entries[kept - 1].c, entries[i].c)) entries[kept++] = entries[i];
    if (kept > 0) qsort(entries, (size_t)kept, sizeof *entries, by_rank);
    return kept;
}

/* Where a candidate, or its like, stands among the named ones; -1: nowhere. */
static int32_t place_of(const struct entry *entries, int32_t n, const struct plan_candidate *c)
{
    for (int32_t i = 0; c && i < n && entries[i].rank < RANK_FRONTIER; i++)
        if (is_like(c, entries[i].c)) return i;
    return -1;
}

static enum verdict verdict_of(enum plan_verdict verdict)
{
    return verdict == PLAN_MEETS    ? VERDICT_MEETS
           : verdict == PLAN_MISSES ? VERDICT_MISSES
                                    : VERDICT_UNCLEAR;
}

static enum status fill_fleets(struct filling *f)
{
    const struct plan *p = f->plan;
    struct plan_data *d = &f->data;
    struct entry *entries = arena_zeroed(&f->arena, p->n + 1, sizeof *entries);
    struct planned_fleet *fleets = arena_zeroed(&f->arena, p->n + 1, sizeof *fleets);
    if (!entries || !fleets) return no_memory(f);
    d->fleet_n = entries_of(p, entries);
    for (int32_t i = 0; i < d->fleet_n; i++) {
        const struct plan_candidate *c = entries[i].c;
        fleets[i] = (struct planned_fleet){
            .name = c->name,
            .params = c->short_params,
            .summary = c->summary,
            .nodes = c->nodes,
            .gpus = c->gpus,
            .n = c->replications,
            .cost = c->of[PLAN_COST],
            .wait = c->of[PLAN_WAIT],
            .utilization = c->of[PLAN_UTILIZATION],
            .against =
                i ? plan_difference(p, p->today, c, PLAN_COST) : (struct mean_interval){ NAN, NAN },
            .verdict = verdict_of(c->all),
            .missed = c->missed,
            .on_frontier = entries[i].on_frontier,
        };
    }
    d->fleets = fleets;
    d->today = 0;
    d->pick = place_of(entries, d->fleet_n, p->best);
    d->next = place_of(entries, d->fleet_n, p->second);
    d->fewer = place_of(entries, d->fleet_n, p->fewer);
    return STATUS_OK;
}

static struct planned_difference apart(const struct plan *p, const struct plan_candidate *a,
                                       const struct plan_candidate *b)
{
    return (struct planned_difference){
        plan_difference(p, a, b, PLAN_COST),        plan_difference(p, a, b, PLAN_WAIT),
        plan_difference(p, a, b, PLAN_UTILIZATION), plan_difference_share(p, a, b, PLAN_COST),
        plan_difference_share(p, a, b, PLAN_WAIT),  plan_common(a, b)
    };
}

static void fill_differences(struct filling *f)
{
    const struct plan *p = f->plan;
    struct plan_data *d = &f->data;
    if (!p->best) return;
    d->from_today = apart(p, p->today, p->best);
    if (p->second) d->to_next = apart(p, p->best, p->second);
}

/* ---- What to change, prices ---- */

static enum status fill_changes(struct filling *f, const struct change_list *list)
{
    struct planned_change *rows = arena_zeroed(&f->arena, list->n + 1, sizeof *rows);
    if (!rows) return no_memory(f);
    for (size_t i = 0; i < list->n; i++)
        rows[i] = (struct planned_change){ list->rows[i].sign, list->rows[i].text,
                                           list->rows[i].note, list->rows[i].usd };
    f->data.changes = rows;
    f->data.change_n = (int32_t)list->n;
    f->data.keys = f->plan->best ? f->plan->best->params : "";
    return STATUS_OK;
}

static void add_price(struct filling *f, struct planned_price *rows, const char *role,
                      const char *what, double usd, const char *region, const char *market,
                      const char *valid_from, const char *source)
{
    char where[300];
    region = region ? region : "";
    market = market ? market : "";
    snprintf(where, sizeof where, "%.120s%s%.120s", region, *region && *market ? ", " : "", market);
    rows[f->data.price_n++] = (struct planned_price){
        role, kept(f, what), usd, kept(f, where), valid_from ? valid_from : "", source ? source : ""
    };
}

/* Of a fleet of a scenario that stays loaded. Nodes that are owned have no price of an hour. */
static void fleet_prices(struct filling *f, struct planned_price *rows, const char *role,
                         const struct fleet_spec *fleet)
{
    char what[300];
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        const struct purchase *buy = &pool->purchase;
        bool is_owned = strcmp(buy->option->name, "owned") == 0;
        snprintf(what, sizeof what, "%.120s %s", pool->type.name, buy->option->name);
        add_price(f, rows, role, what, is_owned ? NAN : (double)buy->usd_nano_per_hour / 1e9,
                  buy->price_region, buy->price_market, buy->price_valid_from, buy->price_source);
    }
    for (int32_t c = 0; c < fleet->commitments.n; c++) {
        const struct fleet_commitment *commitment = &fleet->commitments.items[c];
        fleet_commitment_text(commitment, what, sizeof what);
        add_price(f, rows, role, what,
                  (double)fleet_commitment_usd_micro_per_hour(commitment) / 1e6 /
                      (double)commitment->terms.count,
                  commitment->terms.of.region, commitment->price_market,
                  commitment->price_valid_from, commitment->price_source);
    }
}

static enum status fill_prices(struct filling *f)
{
    const struct fleet_spec *today = &f->today.fleets[f->today.baseline],
                            *best = f->has_best ? &f->best.fleets[f->plan->best->fleet] : NULL;
    size_t n = (size_t)today->pool_n + (size_t)today->commitments.n;
    if (best) n += (size_t)best->pool_n + (size_t)best->commitments.n;
    struct planned_price *rows = arena_zeroed(&f->arena, n + 1, sizeof *rows);
    if (!rows) return no_memory(f);
    fleet_prices(f, rows, "today", today);
    if (best && f->data.pick != f->data.today) fleet_prices(f, rows, "plan", best);
    for (int32_t i = 0; i < f->data.price_n; i++)
        if (!rows[i].what || !rows[i].where) return no_memory(f);
    f->data.prices = rows;
    return STATUS_OK;
}

/* ---- Where it comes from ---- */

static enum status load(struct filling *f)
{
    const struct plan *p = f->plan;
    enum status status = sweep_load_point(p->sweep, -1, &f->today, p->diagnostics, f->err);
    f->has_today = !status;
    if (status || !p->best) return status;
    status = sweep_load_point(p->sweep, p->best->point, &f->best, p->diagnostics, f->err);
    f->has_best = !status;
    return status;
}

static enum status fill_workload(struct filling *f)
{
    struct workload copy;
    const struct workload *first;
    struct results_run row;
    bool owned;
    enum status status = scenario_workload(&f->today, 0, &copy, &first, &owned, f->err);
    if (status) return status;
    runner_describe(&f->today, first, 0, "", &row, &f->workload);
    if (owned) workload_free(&copy);
    return f->workload ? STATUS_OK : no_memory(f);
}

static enum status fill_origin(struct filling *f, const char *rerun)
{
    const struct plan *p = f->plan;
    const struct scenario *s = &f->today;
    struct plan_data *d = &f->data;
    char seed[32];
    struct report_input *inputs = arena_zeroed(&f->arena, (size_t)s->input_n + 1, sizeof *inputs);
    struct planned_target *targets = arena_zeroed(&f->arena, p->target_n + 1, sizeof *targets);
    if (!inputs || !targets) return no_memory(f);
    for (int32_t i = 0; i < s->input_n; i++)
        inputs[i] = (struct report_input){ s->inputs[i].role, s->inputs[i].path,
                                           s->inputs[i].sha256, s->inputs[i].bytes };
    for (size_t t = 0; t < p->target_n; t++)
        targets[t] = (struct planned_target){ p->targets[t].metric, p->targets[t].label,
                                              p->targets[t].target, p->targets[t].at_most };
    snprintf(seed, sizeof seed, "%" PRIu64, s->seed);
    d->scenario_name = s->name;
    d->inputs = inputs;
    d->input_n = s->input_n;
    d->targets = targets;
    d->target_n = (int32_t)p->target_n;
    d->seed = kept(f, seed);
    d->workload = f->workload;
    d->price_as_of = s->price_as_of ? s->price_as_of : "no day";
    d->asked = s->replications;
    d->tool_version = SEATRIAL_VERSION;
    d->compiler = __VERSION__;
    d->rerun = rerun;
    d->json = f->json;
    return d->seed ? STATUS_OK : no_memory(f);
}

static enum status fill(struct filling *f, const struct change_list *changes, const char *rerun)
{
    const struct plan *p = f->plan;
    f->data = (struct plan_data){ .is_fastest = p->goal == PLAN_FASTEST,
                                  .is_clear = p->best_is_clear,
                                  .confidence = 1 - p->alpha,
                                  .indifference = p->delta,
                                  .space = p->space,
                                  .lines = p->lines,
                                  .simulated = p->simulated,
                                  .rebilled = p->rebilled,
                                  .replications = p->replications,
                                  .antithetic = p->antithetic };
    enum status status = load(f);
    if (!status && !(f->json = plan_json_text(p, changes))) status = no_memory(f);
    if (!status) status = fill_workload(f);
    if (!status) status = fill_origin(f, rerun);
    if (!status) status = fill_fleets(f);
    if (!status) fill_differences(f);
    if (!status) status = fill_changes(f, changes);
    if (!status) status = fill_prices(f);
    if (!status) status = plan_report_flips(p, &f->arena, &f->data, f->err);
    return status;
}

int plan_report_write(const struct plan *plan, const struct change_list *changes, const char *path,
                      const char *rerun, bool quiet)
{
    struct error err = { STATUS_OK, "" };
    struct filling f = { .plan = plan, .err = &err };
    arena_init(&f.arena);
    enum status status = fill(&f, changes, rerun);
    const struct report_request request = {
        .plan = &f.data, .html = path, .png = true, .quiet = quiet
    };
    int code = status ? command_fail(&err) : report_files_write(&request);
    if (f.has_best) scenario_free(&f.best);
    if (f.has_today) scenario_free(&f.today);
    free(f.workload);
    free(f.json);
    arena_free(&f.arena);
    return code;
}
