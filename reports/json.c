/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "reports/estimate.h"
#include "reports/json_values.h"
#include "reports/metrics.h"
#include "reports/money.h"
#include "reports/page.h"

static json_t *estimate_json(const struct estimate *e, const char *unit)
{
    json_t *o = json_object();
    json_object_set_new(o, "mean", real_json(e->mean));
    json_object_set_new(
        o, "ci95", e->n > 1 ? interval_json(e->mean - e->half, e->mean + e->half) : json_null());
    json_object_set_new(o, "n", json_integer(e->n));
    json_object_set_new(o, "unit", json_string(unit));
    return o;
}

static json_t *verdict_json(enum verdict v)
{
    return v == VERDICT_NONE ? json_null() : json_string(verdict_word(v));
}

/* Dollars and GPU-hours by layer. */
static json_t *money_json(const struct money *m)
{
    json_t *o = json_object();
    for (int l = 0; l < MONEY_LAYERS; l++) {
        json_t *layer = json_object();
        json_object_set_new(layer, "usd", real_json(m->usd[l]));
        if (money_has_hours((enum money_layer)l))
            json_object_set_new(layer, "gpu_hours", real_json(m->gpu_hours[l]));
        json_object_set_new(o, money_layers[l].key, layer);
    }
    return o;
}

/* A pool's cost by resource, in replication 0. */
static json_t *resources_json(const struct report_pool *p)
{
    json_t *all = json_object();
    for (int32_t i = 0; i < p->resource_n; i++) {
        const struct report_resource *r = &p->resources[i];
        json_t *o = json_object();
        json_object_set_new(o, "bought_hours", real_json(r->bought));
        json_object_set_new(o, "held_hours", real_json(r->held));
        json_object_set_new(o, "held_usd", real_json(r->held_usd));
        json_object_set_new(o, "idle_usd", real_json(r->idle_usd));
        json_object_set_new(all, r->resource, o);
    }
    return all;
}

/* What is paid besides nodes, in replication 0. */
static json_t *services_json(const struct report_fleet *f)
{
    json_t *all = json_array();
    for (int32_t i = 0; i < f->service_n; i++) {
        const struct report_service *s = &f->services[i];
        json_t *o = json_object();
        const char *const texts[][2] = {
            { "name", s->name },
            { "kind", s->kind },
            { "amount", s->amount },
            { "per", s->per },
            { "price_region", s->price_region },
            { "price_valid_from", s->price_valid_from },
            { "price_source", s->price_source },
        };
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            json_object_set_new(o, texts[k][0], text_json(texts[k][1]));
        json_object_set_new(o, "usd_per_unit", real_json((double)s->usd_nano / 1e9));
        json_object_set_new(o, "quantity", real_json(s->quantity));
        json_object_set_new(o, "jobs_usd", real_json(s->jobs_usd));
        json_object_set_new(o, "fleet_usd", real_json(s->fleet_usd));
        json_array_append_new(all, o);
    }
    return all;
}

/* Target by target. */
static json_t *verdicts_json(const struct report_data *d, const struct report_fleet *f)
{
    json_t *all = json_array();
    for (int32_t s = 0; s < d->slo_n; s++) {
        const struct report_slo *slo = &d->slos[s];
        json_t *o = json_object();
        json_object_set_new(o, "metric", text_json(slo->metric));
        json_object_set_new(o, "sense", json_string(slo->at_most ? "at most" : "at least"));
        json_object_set_new(o, "target", real_json(slo->target));
        json_object_set_new(o, "label", text_json(slo->label));
        json_object_set_new(o, "verdict", verdict_json(f->verdict[s]));
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *fleet_json(const struct report_data *d, int32_t index)
{
    const struct report_fleet *f = &d->fleets[index];
    json_t *o = json_object(), *metrics = json_object(), *controlled = json_object(),
           *pools = json_array();
    json_object_set_new(o, "name", text_json(f->name));
    json_object_set_new(o, "summary", text_json(f->summary));
    json_object_set_new(o, "gpus", json_integer(f->gpus));
    json_object_set_new(o, "nodes", json_integer(f->nodes));
    json_object_set_new(o, "order", text_json(f->queue_order));
    json_object_set_new(o, "placement", text_json(f->placement));
    json_object_set_new(o, "targets", verdict_json(f->overall));
    if (d->slo_n > 0) json_object_set_new(o, "verdicts", verdicts_json(d, f));
    for (int m = 0; metric_defs[m].name; m++)
        if (f->metric[m].n)
            json_object_set_new(metrics, metric_defs[m].name,
                                estimate_json(&f->metric[m], metric_defs[m].unit));
    for (int m = 0; metric_defs[m].name; m++)
        if (f->controlled[m].n)
            json_object_set_new(controlled, metric_defs[m].name,
                                estimate_json(&f->controlled[m], metric_defs[m].unit));
    json_object_set_new(o, "metrics", metrics);
    if (isnan(d->known_gpu_hours)) json_decref(controlled);
    else json_object_set_new(o, "controlled", controlled);
    if (index != d->baseline)
        json_object_set_new(o, "cost_change", estimate_json(&f->cost_change, "share"));
    for (int32_t p = 0; p < f->pool_n; p++) {
        json_t *pool = json_object();
        json_object_set_new(pool, "name", text_json(f->pools[p].name));
        json_object_set_new(pool, "instance", text_json(f->pools[p].instance));
        json_object_set_new(pool, "nodes", json_integer(f->pools[p].nodes));
        json_object_set_new(pool, "purchase", text_json(f->pools[p].purchase));
        json_object_set_new(pool, "usd_per_node_hour", real_json(f->pools[p].usd_per_node_hour));
        json_object_set_new(pool, "price_region", text_json(f->pools[p].price_region));
        json_object_set_new(pool, "price_valid_from", text_json(f->pools[p].price_valid_from));
        json_object_set_new(pool, "price_source", text_json(f->pools[p].price_source));
        struct money of = money_of_pool(&f->pools[p].use);
        if (f->has_hours) json_object_set_new(pool, "money", money_json(&of));
        if (f->pools[p].resource_n > 0)
            json_object_set_new(pool, "resources", resources_json(&f->pools[p]));
        json_array_append_new(pools, pool);
    }
    json_object_set_new(o, "pools", pools);
    if (f->service_n > 0) json_object_set_new(o, "services", services_json(f));
    struct money m = money_of_fleet(f);
    if (f->has_hours) json_object_set_new(o, "money", money_json(&m));
    return o;
}

/* What was to be known how well; by metric the half width / mean that was wanted. */
static json_t *precision_json(const struct report_data *d)
{
    json_t *o = json_object(), *wanted = json_object();
    char *words = report_precision(d);
    for (int32_t i = 0; i < d->precision_n; i++)
        json_object_set_new(wanted, d->precisions[i].metric, real_json(d->precisions[i].share));
    json_object_set_new(o, "wanted", wanted);
    json_object_set_new(o, "least", json_integer(d->replications_least));
    json_object_set_new(o, "most", json_integer(d->replications_most));
    json_object_set_new(o, "reached", text_json(words ? words : ""));
    free(words);
    return o;
}

enum status report_json_write(const struct report_data *d, FILE *out, struct error *err)
{
    json_t *o = json_object(), *fleets = json_array();
    char *answer = report_answer(d);
    json_object_set_new(o, "format_version", json_string("1.1"));
    json_object_set_new(o, "answer", text_json(answer ? answer : ""));
    json_object_set_new(o, "scenario", text_json(d->scenario_name));
    json_object_set_new(o, "scenario_sha256", text_json(d->scenario_sha256));
    json_object_set_new(o, "state", text_json(d->state));
    json_object_set_new(o, "workload", text_json(d->workload));
    json_object_set_new(o, "jobs", json_integer(d->jobs));
    json_object_set_new(o, "books_s", real_json(d->books_s));
    json_object_set_new(o, "seed", text_json(d->seed));
    json_object_set_new(o, "replications", json_integer(d->replications));
    if (d->precision_n > 0) json_object_set_new(o, "precision", precision_json(d));
    json_object_set_new(o, "price_as_of", text_json(d->price_as_of));
    json_object_set_new(o, "baseline", text_json(d->fleets[d->baseline].name));
    json_object_set_new(o, "pick", d->pick >= 0 ? text_json(d->fleets[d->pick].name) : json_null());
    json_object_set_new(o, "picked_by", json_string(report_pick_metric(d)));
    for (int32_t f = 0; f < d->fleet_n; f++) json_array_append_new(fleets, fleet_json(d, f));
    json_object_set_new(o, "fleets", fleets);
    free(answer);
    int failed = !o ||
                 json_dumpf(o, out,
                            JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENSURE_ASCII |
                                JSON_REAL_PRECISION(12)) != 0 ||
                 fputc('\n', out) == EOF;
    json_decref(o);
    return failed ? error_set(err, STATUS_IO, "cannot write the JSON summary") : STATUS_OK;
}
