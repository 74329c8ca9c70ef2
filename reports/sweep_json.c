/* SPDX-License-Identifier: Apache-2.0 */
/* A sweep as JSON. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "reports/json_values.h"
#include "reports/metrics.h"
#include "reports/sweep_data.h"

static void put_text(json_t *o, const char *key, const char *text)
{
    json_object_set_new(o, key, text ? text_json(text) : json_null());
}

static void put_real(json_t *o, const char *key, double x)
{
    json_object_set_new(o, key, real_json(x));
}

static void put_int(json_t *o, const char *key, int64_t n)
{
    json_object_set_new(o, key, json_integer(n));
}

static void put_interval(json_t *o, double mean, double half)
{
    json_object_set_new(o, "ci95", interval_json(mean - half, mean + half));
}

static void put_owned(json_t *o, const char *key, char *text)
{
    put_text(o, key, text ? text : "");
    free(text);
}

static json_t *mean_json(const struct mean_interval *m, int32_t n, const char *unit)
{
    json_t *o = json_object();
    put_real(o, "mean", m->mean);
    put_interval(o, m->mean, m->half);
    put_int(o, "n", n);
    put_text(o, "unit", unit);
    return o;
}

/* The figures that reports draw, and those that have a target; the CSV has all. */
static json_t *metrics_json(const struct sweep_data *d, const struct swept_row *r)
{
    json_t *all = json_object();
    const struct swept_point *p = &d->list[r->point];
    for (int f = 0; f < SWEEP_FIGURE_N; f++)
        if (isfinite(r->figures[f].mean))
            json_object_set_new(all, sweep_figures[f].metric,
                                mean_json(&r->figures[f], r->n, sweep_figures[f].unit));
    for (int32_t t = 0; t < p->target_n; t++) {
        int m = p->targets[t].metric;
        if (!isfinite(r->metrics[m].mean)) continue;
        json_t *o = mean_json(&r->metrics[m], r->n, metric_defs[m].unit);
        put_text(o, "target", p->targets[t].label);
        json_object_set_new(all, metric_defs[m].name, o);
    }
    return all;
}

static json_t *row_json(const struct sweep_data *d, int32_t row)
{
    const struct swept_row *r = &d->rows[row];
    const struct swept_point *p = &d->list[r->point];
    json_t *o = json_object(), *values = json_array();
    put_int(o, "point", p->id);
    put_text(o, "fleet", r->name);
    put_text(o, "summary", r->summary);
    put_int(o, "gpus", r->gpus);
    put_int(o, "nodes", r->nodes);
    put_text(o, "queue_order", r->queue_order);
    put_text(o, "placement", r->placement);
    put_text(o, "ended", p->ended);
    put_text(o, "seed", p->seed);
    put_text(o, "workload", p->workload);
    put_text(o, "price_as_of", p->price_as_of);
    put_text(o, "infinite", *r->tail ? r->tail : NULL);
    put_text(o, "targets", r->overall == VERDICT_NONE ? NULL : sweep_verdict(r->overall));
    json_object_set_new(o, "baseline", json_boolean(r->is_baseline));
    json_object_set_new(o, "frontier", json_boolean(r->on_frontier));
    json_object_set_new(o, "today", json_boolean(r->is_baseline && p->is_today));
    put_int(o, "world", p->world);
    for (int32_t k = 0; k < d->key_n; k++) {
        json_t *value = json_string(p->values[k]);
        json_array_append_new(values, value ? value : json_string("(not UTF-8)"));
    }
    json_object_set_new(o, "values", values);
    json_object_set_new(o, "metrics", metrics_json(d, r));
    return o;
}

static json_t *worlds_json(const struct sweep_data *d)
{
    json_t *all = json_array();
    for (int32_t i = 0; i < d->world_n; i++) {
        const struct sweep_world *w = &d->worlds[i];
        json_t *o = json_object(), *dearer = json_object();
        put_text(o, "world", w->text);
        put_owned(o, "answer", sweep_world_answer(d, i));
        put_owned(o, "next_answer", sweep_world_next(d, i));
        put_int(o, "rows", w->row_n);
        put_int(o, "meet", w->meet_n);
        put_int(o, "unclear", w->unclear_n);
        put_real(dearer, "mean_usd_per_month", w->dearer.mean);
        put_interval(dearer, w->dearer.mean, w->dearer.half);
        json_object_set_new(dearer, "paired", json_boolean(w->dearer.is_paired));
        json_object_set_new(o, "pick", w->pick >= 0 ? row_json(d, w->pick) : json_null());
        json_object_set_new(o, "next", w->next >= 0 ? row_json(d, w->next) : json_null());
        json_object_set_new(o, "next_dearer_by", w->next >= 0 ? json_incref(dearer) : json_null());
        json_object_set_new(o, "fastest", w->fastest >= 0 ? row_json(d, w->fastest) : json_null());
        json_decref(dearer);
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *keys_json(const struct sweep_data *d)
{
    json_t *all = json_array();
    for (int32_t k = 0; k < d->key_n; k++) {
        json_t *o = json_object();
        put_text(o, "key", d->keys[k].path);
        put_text(o, "name", d->keys[k].name);
        json_object_set_new(o, "choice", json_boolean(d->keys[k].is_choice));
        json_object_set_new(o, "varies", json_boolean(d->keys[k].varies));
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *dimensions_json(const struct sweep_data *d)
{
    json_t *all = json_array();
    for (int32_t i = 0; i < d->dimension_n; i++) {
        const struct sweep_dimension *dim = &d->dimensions[i];
        json_t *o = json_object(), *levels = json_array();
        put_text(o, "name", dim->name);
        for (int32_t l = 0; l < dim->level_n; l++) {
            json_t *level = json_object(), *means = json_object();
            put_text(level, "level", dim->levels[l].label);
            put_int(level, "rows", dim->levels[l].row_n);
            put_int(level, "meet", dim->levels[l].meet_n);
            for (int f = 0; f < SWEEP_FIGURE_N; f++)
                put_real(means, sweep_figures[f].metric, dim->levels[l].mean[f].mean);
            json_object_set_new(level, "metrics", means);
            json_array_append_new(levels, level);
        }
        json_object_set_new(o, "levels", levels);
        json_array_append_new(all, o);
    }
    return all;
}

enum status sweep_json_write(const struct sweep_data *d, FILE *out, struct error *err)
{
    json_t *o = json_object(), *rows = json_array();
    put_text(o, "format_version", "1.0");
    put_text(o, "kind", "sweep");
    put_owned(o, "answer", sweep_answer(d));
    put_text(o, "scenario", d->scenario_name);
    put_text(o, "identity", d->identity);
    put_int(o, "points", d->points);
    put_int(o, "finished", d->point_n);
    put_int(o, "ended_early", d->early_n);
    json_object_set_new(o, "keys", keys_json(d));
    json_object_set_new(o, "worlds", worlds_json(d));
    json_object_set_new(o, "dimensions", dimensions_json(d));
    for (int32_t i = 0; i < d->row_n; i++)
        json_array_append_new(rows, row_json(d, d->ranking[i])); /* best first */
    json_object_set_new(o, "results", rows);
    int failed = json_dumpf(o, out,
                            JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENSURE_ASCII |
                                JSON_REAL_PRECISION(12)) != 0 ||
                 fputc('\n', out) == EOF;
    json_decref(o);
    return failed ? error_set(err, STATUS_IO, "cannot write the JSON summary") : STATUS_OK;
}
