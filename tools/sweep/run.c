/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/run.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/reliability/restart_tail.h"
#include "scenarios/vary.h"
#include "tools/command.h"
#include "tools/runner.h"
#include "tools/sweep/point.h"

/* What the threads share. */
struct crew {
    const struct sweep *sweep;
    const struct sweep_task *task;
    struct sweep_results *results;
    struct sweep_count *count;
    int64_t done; /* points, for the progress line */
    enum status status;
    struct error *err;
};

static enum status crew_state(struct crew *c)
{
    enum status status;
#pragma omp critical(sweep_crew)
    status = c->status;
    return status;
}

static void crew_failed(struct crew *c, enum status status, const struct error *err)
{
#pragma omp critical(sweep_crew)
    if (!c->status) {
        *c->err = *err;
        c->status = status;
    }
}

/* ---- A point's rows ---- */

struct rows {
    struct sweep_point point;
    struct sweep_fleet *fleets;
    struct sweep_param params[VARY_KEYS_MAX];
    char texts[VARY_KEYS_MAX][VARY_TEXT_MAX];
    struct sweep_target targets[RUN_TARGETS_MAX];
    struct run_target said[RUN_TARGETS_MAX];
    struct sweep_input *inputs;
};

/* The number that a value begins with, "$" left out; NAN where it is none. */
static double number_of(const char *text)
{
    char *end;
    if (*text == '$') text++;
    if (*text < '0' || *text > '9') return NAN;
    double number = strtod(text, &end);
    return end > text ? number : NAN;
}

static void fill_params(const struct sweep *s, int64_t point, struct rows *rows)
{
    for (size_t k = 0; k < s->vary.key_n; k++) {
        vary_text(&s->vary, (uint64_t)point, k, rows->texts[k]);
        rows->params[k] =
            (struct sweep_param){ s->vary.keys[k].path, rows->texts[k], number_of(rows->texts[k]) };
    }
}

static void free_rows(struct rows *rows)
{
    for (int32_t f = 0; rows->fleets && f < rows->point.fleet_n; f++)
        free((char *)rows->fleets[f].summary);
    free(rows->fleets);
    free(rows->inputs);
    free(rows);
}

static enum status fill_rows(const struct sweep *s, int64_t point, const struct point_run *run,
                             struct rows *rows, struct error *err)
{
    static const char *const tails[] = {
        [TAIL_FINITE] = NULL, [TAIL_NO_VARIANCE] = "variance", [TAIL_NO_MEAN] = "mean"
    };
    const struct scenario *of = &run->scenario;
    size_t target_n = run_targets(of, rows->said), input_n = 0;
    rows->fleets = calloc((size_t)of->fleet_n, sizeof *rows->fleets);
    rows->inputs = calloc((size_t)of->input_n + 1, sizeof *rows->inputs);
    if (!rows->fleets || !rows->inputs)
        return error_set(err, STATUS_NO_MEMORY, "no memory for a point's rows");
    rows->point.fleet_n = of->fleet_n;
    for (int32_t f = 0; f < of->fleet_n; f++) {
        const struct fleet_spec *spec = &of->fleets[f];
        struct sweep_fleet *fleet = &rows->fleets[f];
        *fleet = (struct sweep_fleet){ .name = spec->name,
                                       .summary = fleet_summary(spec),
                                       .queue_order = spec->scheduler.order->name,
                                       .placement = spec->scheduler.placement->name,
                                       .tail = tails[run->tail[f]],
                                       .is_baseline = f == of->baseline };
        for (int32_t p = 0; p < spec->pool_n; p++) {
            fleet->nodes += spec->pools[p].nodes;
            fleet->gpus += (int64_t)spec->pools[p].nodes * spec->pools[p].type.gpus;
        }
        if (!fleet->summary) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    }
    for (size_t t = 0; t < target_n; t++)
        rows->targets[t] = (struct sweep_target){ rows->said[t].metric, rows->said[t].label,
                                                  rows->said[t].target, rows->said[t].at_most };
    for (int32_t i = 0; i < of->input_n; i++)
        if (strcmp(of->inputs[i].role, "scenario") != 0)
            rows->inputs[input_n++] =
                (struct sweep_input){ of->inputs[i].role, of->inputs[i].path, of->inputs[i].sha256,
                                      of->inputs[i].bytes };
    rows->point = (struct sweep_point){ .point_id = point,
                                        .sha256 = of->figures_sha256,
                                        .ended = run->ended,
                                        .workload = run->workload,
                                        .price_as_of = of->price_as_of ? of->price_as_of : "",
                                        .jobs = run->jobs,
                                        .seed = of->seed,
                                        .antithetic = of->antithetic,
                                        .replications = run->replications,
                                        .fleet_n = of->fleet_n,
                                        .fleets = rows->fleets,
                                        .param_n = s->vary.key_n,
                                        .target_n = target_n,
                                        .input_n = input_n,
                                        .metric_n = run->metric_n,
                                        .params = rows->params,
                                        .targets = rows->targets,
                                        .inputs = rows->inputs,
                                        .metrics = run->metrics,
                                        .values = run->values };
    fill_params(s, point, rows);
    return STATUS_OK;
}

static enum status write_point(struct crew *c, int64_t point, const struct point_run *run,
                               int32_t from, struct error *err)
{
    struct rows *rows = calloc(1, sizeof *rows);
    if (!rows) return error_set(err, STATUS_NO_MEMORY, "no memory for a point's rows");
    enum status status = fill_rows(c->sweep, point, run, rows, err);
#pragma omp critical(sweep_results)
    {
        if (!status) status = sweep_results_add(c->results, &rows->point, err);
        if (!status && c->task->published)
            status = c->task->published(c->task->context, c->results, err);
        if (!status) {
            c->count->ran++;
            c->count->replications += run->replications - from;
            c->count->precise += strcmp(run->ended, "precise") == 0;
            c->count->missed += strcmp(run->ended, "misses") == 0;
            progress_set((double)++c->done);
        }
    }
    free_rows(rows);
    return status;
}

/* ---- Points ---- */

static enum status load(struct crew *c, int64_t point, struct point_run *run, struct error *err)
{
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    enum status status = sweep_load_point(c->sweep, point, &run->scenario, &diagnostics, err);
    diagnostics_free(&diagnostics);
    if (status) return status;
    if (strcmp(run->scenario.figures_sha256, c->sweep->sha256[point]) != 0)
        return error_set(err, STATUS_BAD_INPUT,
                         "a file that point %" PRId64 " is made of has changed meanwhile", point);
    return point_init(run, err);
}

static enum status run_point(struct crew *c, int64_t point, int32_t have, struct error *err)
{
    struct point_run run = { 0 };
    enum status status = load(c, point, &run, err);
    int32_t from = have < run.scenario.replications ? have : run.scenario.replications;
    if (!status && from > 0) {
#pragma omp critical(sweep_results)
        status = sweep_results_values(c->results, point, run.scenario.fleet_n, run.metric_n,
                                      run.metrics, from, run.values, err);
    }
    if (!status) status = point_run(&run, from, c->task->stop, err);
    if (!status) status = write_point(c, point, &run, from, err);
    point_free(&run);
    return status;
}

enum status sweep_run(const struct sweep *sweep, const struct sweep_task *task,
                      struct sweep_results *results, const int32_t *have, bool is_same,
                      struct sweep_count *count, struct error *err)
{
    int64_t step = task->shards ? task->shards : 1, first = task->shards ? task->shard : 0;
    struct crew crew = {
        .sweep = sweep, .task = task, .results = results, .count = count, .err = err
    };
    struct crew *c = &crew;
    *count = (struct sweep_count){ 0 };
    for (int64_t p = first; p < sweep->point_n; p += step) {
        count->points++;
        count->known += is_same && have[p] > 0;
    }
    progress_begin("Sweeping", (double)(count->points - count->known));
#pragma omp parallel for num_threads(task->threads) schedule(dynamic, 1)
    for (int64_t p = first; p < sweep->point_n; p += step) {
        struct error own;
        if ((is_same && have[p] > 0) || crew_state(c)) continue;
        enum status status = *task->stop ? error_set(&own, STATUS_INTERRUPTED, "interrupted")
                                         : run_point(c, p, have[p], &own);
        if (status) crew_failed(c, status, &own);
    }
    progress_end();
    return crew.status;
}
