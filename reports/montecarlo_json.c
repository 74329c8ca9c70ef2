/* SPDX-License-Identifier: Apache-2.0 */
/* A Monte Carlo study as JSON. */
#include <jansson.h>
#include <stdlib.h>

#include "reports/json_values.h"
#include "reports/montecarlo_data.h"

static void put_text(json_t *o, const char *key, const char *text)
{
    json_object_set_new(o, key, text_json(text));
}

static void put_real(json_t *o, const char *key, double x)
{
    json_object_set_new(o, key, real_json(x));
}

static void put_int(json_t *o, const char *key, int64_t n)
{
    json_object_set_new(o, key, json_integer(n));
}

static void put_interval(json_t *o, double low, double high)
{
    json_object_set_new(o, "ci95", interval_json(low, high));
}

static json_t *verdict_json(enum montecarlo_verdict v)
{
    static const char *const words[] = { NULL, "meets", "misses", "unclear" };
    return v == MONTECARLO_NO_TARGET ? json_null() : json_string(words[v]);
}

static json_t *metrics_json(const struct montecarlo_plan *p)
{
    json_t *all = json_object();
    for (int m = 0; m < MONTECARLO_METRIC_N; m++) {
        const struct estimate *e = &p->metric[m];
        if (!e->n) continue;
        json_t *o = json_object();
        put_real(o, "mean", e->mean);
        put_interval(o, e->mean - e->half, e->mean + e->half);
        put_real(o, "p5", p->p5[m]);
        put_real(o, "p50", p->p50[m]);
        put_real(o, "p95", p->p95[m]);
        put_int(o, "n", e->n);
        put_text(o, "unit", montecarlo_metrics[m].unit);
        json_object_set_new(all, montecarlo_metrics[m].name, o);
    }
    return all;
}

static json_t *chances_json(const struct montecarlo_data *d, const struct montecarlo_plan *p)
{
    json_t *all = json_array();
    for (int32_t e = 0; e < d->event_n; e++) {
        const struct montecarlo_chance *c = &p->chances[e];
        json_t *o = json_object();
        put_text(o, "of", d->events[e].label);
        put_real(o, "probability", c->probability);
        put_interval(o, c->low, c->high);
        put_real(o, "tolerance", d->events[e].tolerance);
        json_object_set_new(o, "verdict", verdict_json(c->verdict));
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *plan_json(const struct montecarlo_data *d, int32_t index)
{
    const struct montecarlo_plan *p = &d->plans[index];
    json_t *o = json_object(), *regret = json_object(), *risk = json_object();
    put_text(o, "name", p->name);
    put_text(o, "fleet", p->fleet);
    put_text(o, "summary", p->summary);
    put_int(o, "gpus", p->gpus);
    json_object_set_new(o, "targets", verdict_json(p->overall));
    json_object_set_new(o, "metrics", metrics_json(p));
    json_object_set_new(o, "chances", chances_json(d, p));
    put_real(risk, "usd", p->at_risk.usd);
    put_interval(risk, p->at_risk.low, p->at_risk.high);
    put_real(risk, "cvar_usd", p->at_risk.cvar);
    json_object_set_new(o, "value_at_risk_95", risk);
    put_real(regret, "mean_usd", p->regret.mean);
    put_real(regret, "p95_usd", p->regret.p95);
    put_real(regret, "worst_usd", p->regret.worst);
    put_real(regret, "cheapest_share", p->regret.cheapest_share);
    put_real(regret, "from_baseline_usd", p->regret.from_baseline);
    put_real(regret, "from_baseline_half_usd", p->regret.from_baseline_half);
    put_real(regret, "from_best_usd", p->regret.from_best);
    put_real(regret, "from_best_half_usd", p->regret.from_best_half);
    json_object_set_new(o, "regret", regret);
    return o;
}

static json_t *precisions_json(const struct montecarlo_data *d)
{
    json_t *all = json_array();
    for (int32_t i = 0; i < d->precision_n; i++) {
        const struct montecarlo_precision *p = &d->precisions[i];
        json_t *o = json_object();
        put_text(o, "metric", p->metric);
        put_int(o, "replications", p->replications);
        put_real(o, "half_share", p->half_share);
        json_object_set_new(o, "measured", json_boolean(p->is_measured));
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *checks_json(const struct montecarlo_data *d)
{
    json_t *all = json_array();
    for (int32_t i = 0; i < d->check_n; i++) {
        const struct montecarlo_check *c = &d->checks[i];
        json_t *o = json_object();
        put_text(o, "fleet", c->fleet);
        put_text(o, "metric", c->metric);
        put_real(o, "simulated", c->simulated);
        put_real(o, "modelled", c->modelled);
        put_real(o, "error", c->error);
        json_array_append_new(all, o);
    }
    return all;
}

enum status montecarlo_json_write(const struct montecarlo_data *d, FILE *out, struct error *err)
{
    json_t *o = json_object(), *plans = json_array();
    char *answer = montecarlo_answer(d);
    put_text(o, "format_version", "1.0");
    put_text(o, "kind", "montecarlo");
    put_text(o, "answer", answer ? answer : "");
    put_text(o, "scenario", d->scenario_name);
    put_text(o, "scenario_sha256", d->scenario_sha256);
    put_text(o, "workload", d->workload);
    put_text(o, "model", d->model);
    put_text(o, "seed", d->seed);
    put_int(o, "replications", d->replications);
    put_int(o, "years", d->years);
    json_object_set_new(o, "antithetic", json_boolean(d->antithetic));
    put_text(o, "price_as_of", d->price_as_of);
    put_real(o, "budget_usd_per_year", d->budget_usd_per_year);
    put_real(o, "budget_usd_per_month", d->budget_usd_per_month);
    put_real(o, "deadline_s", d->deadline_s);
    put_text(o, "baseline", d->plans[d->baseline].name);
    json_object_set_new(o, "pick", d->pick >= 0 ? text_json(d->plans[d->pick].name) : json_null());
    json_object_set_new(o, "enough", precisions_json(d));
    json_object_set_new(o, "calibration", checks_json(d));
    for (int32_t i = 0; i < d->plan_n; i++)
        json_array_append_new(plans, plan_json(d, d->ranking[i]));
    json_object_set_new(o, "candidates", plans); /* best first */
    free(answer);
    int failed = !o ||
                 json_dumpf(o, out,
                            JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENSURE_ASCII |
                                JSON_REAL_PRECISION(12)) != 0 ||
                 fputc('\n', out) == EOF;
    json_decref(o);
    return failed ? error_set(err, STATUS_IO, "cannot write the JSON summary") : STATUS_OK;
}
