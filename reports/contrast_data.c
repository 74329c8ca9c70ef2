/* SPDX-License-Identifier: Apache-2.0 */
/* Contrasts for a spreadsheet and for a program: all figures, in the units of metric_defs. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "reports/contrast_words.h"
#include "reports/contrast_write.h"
#include "reports/escape.h"
#include "reports/json_values.h"
#include "reports/metrics.h"

/* ---- CSV ---- */

static void put_number(FILE *out, double x)
{
    fputc(',', out);
    if (isfinite(x)) fprintf(out, "%.12g", x);
}

static const char *method_word(const struct contrast *c)
{
    return !c->paired ? "apart" : c->reference->data->antithetic ? "antithetic pairs" : "paired";
}

void contrasts_csv(const struct contrasts *all, FILE *out)
{
    fputs("reference_file,reference_fleet,file,fleet,metric,unit,better,reference,reference_half,"
          "value,value_half,difference,difference_low,difference_high,relative,relative_low,"
          "relative_high,confidence,n_reference,n,method,finding\n",
          out);
    for (size_t c = 0; c < all->n; c++)
        for (size_t i = 0; i < all->metric_n; i++) {
            const struct contrast *one = &all->list[c];
            const struct contrast_figure *f = &one->figures[i];
            const struct difference *d = &f->difference;
            const struct metric_def *m = &metric_defs[f->metric];
            const struct contrast_side *sides[] = { one->reference, one->side };
            for (int s = 0; s < 2; s++) {
                if (s) fputc(',', out);
                escape_csv(out, sides[s]->file);
                fputc(',', out);
                escape_csv(out, sides[s]->data->fleets[sides[s]->fleet].name);
            }
            fprintf(out, ",%s,%s,%s", m->name, m->unit, m->better);
            const double numbers[] = { f->reference.mean, f->reference.half, f->value.mean,
                                       f->value.half,     d->mean,           d->mean - d->half,
                                       d->mean + d->half, d->relative,       d->relative_low,
                                       d->relative_high,  all->confidence };
            for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
                put_number(out, numbers[k]);
            fprintf(out, ",%zu,%zu,%s,%s\n", d->n_a, d->n_b, method_word(one),
                    contrast_finding_word(f));
        }
}

/* ---- JSON ---- */

/* A number with its interval. */
static json_t *number_json(double mean, double low, double high)
{
    json_t *o = json_object();
    json_object_set_new(o, "mean", real_json(mean));
    json_object_set_new(o, "interval", interval_json(low, high));
    return o;
}

static json_t *mean_json(const struct mean_interval *of)
{
    return number_json(of->mean, of->mean - of->half, of->mean + of->half);
}

static json_t *figure_json(const struct contrast_figure *f)
{
    const struct difference *d = &f->difference;
    const struct metric_def *m = &metric_defs[f->metric];
    json_t *o = json_object();
    json_object_set_new(o, "unit", json_string(m->unit));
    json_object_set_new(o, "better", json_string(m->better));
    json_object_set_new(o, "reference", mean_json(&f->reference));
    json_object_set_new(o, "value", mean_json(&f->value));
    json_object_set_new(o, "difference",
                        number_json(d->mean, d->mean - d->half, d->mean + d->half));
    json_object_set_new(o, "relative", number_json(d->relative, d->relative_low, d->relative_high));
    if (!isnan(f->controlled.mean))
        json_object_set_new(o, "difference_controlled", mean_json(&f->controlled));
    json_object_set_new(o, "finding", json_string(contrast_finding_word(f)));
    json_object_set_new(o, "n_reference", json_integer((json_int_t)d->n_a));
    json_object_set_new(o, "n", json_integer((json_int_t)d->n_b));
    return o;
}

static json_t *side_json(const struct contrast_side *s)
{
    const struct report_fleet *f = &s->data->fleets[s->fleet];
    const char *targets = contrast_targets(s);
    json_t *o = json_object();
    json_object_set_new(o, "file", text_json(s->file));
    json_object_set_new(o, "fleet", text_json(f->name));
    json_object_set_new(o, "label", text_json(s->label));
    json_object_set_new(o, "summary", text_json(f->summary));
    json_object_set_new(o, "scenario_sha256", text_json(s->data->scenario_sha256));
    json_object_set_new(o, "seed", text_json(s->data->seed));
    json_object_set_new(o, "replications", json_integer(s->data->replications));
    json_object_set_new(o, "targets", *targets ? json_string(targets) : json_null());
    return o;
}

static json_t *contrast_json(const struct contrasts *all, const struct contrast *c)
{
    json_t *o = json_object(), *figures = json_object();
    json_object_set_new(o, "reference", side_json(c->reference));
    json_object_set_new(o, "side", side_json(c->side));
    json_object_set_new(o, "paired", json_boolean(c->paired));
    json_object_set_new(o, "method", json_string(method_word(c)));
    json_object_set_new(o, "why_not_paired", c->paired ? json_null() : text_json(c->why));
    json_object_set_new(o, "left_out", json_integer(c->left_out));
    json_object_set_new(o, "tail", json_boolean(c->tail));
    json_object_set_new(o, "headline", text_json(contrast_headline(all, c).s));
    for (size_t i = 0; i < all->metric_n; i++)
        if (c->figures[i].finding != CONTRAST_ABSENT)
            json_object_set_new(figures, metric_defs[c->figures[i].metric].name,
                                figure_json(&c->figures[i]));
    json_object_set_new(o, "figures", figures);
    return o;
}

static json_t *condition_json(const struct contrasts *all, const struct conditions *conditions,
                              const struct condition *asked, const struct contrast *c)
{
    static const char *const of[] = { "value", "difference", "relative" };
    struct condition_finding found = condition_ask(asked, all, c);
    json_t *o = json_object();
    json_object_set_new(o, "condition", text_json(asked->text));
    json_object_set_new(o, "metric", json_string(metric_defs[asked->metric].name));
    json_object_set_new(o, "of", json_string(of[asked->of]));
    json_object_set_new(o, "operator", json_string(condition_relations[asked->relation]));
    json_object_set_new(o, "limit", json_real(asked->limit));
    json_object_set_new(o, "file", text_json(c->side->file));
    json_object_set_new(o, "fleet", text_json(c->side->data->fleets[c->side->fleet].name));
    json_object_set_new(o, "answer", json_string(condition_answers[found.answer]));
    json_object_set_new(o, "found", number_json(found.value, found.low, found.high));
    json_object_set_new(o, "fails", json_boolean(condition_fails(conditions, &found)));
    return o;
}

enum status contrasts_json(const struct contrasts *all, const struct conditions *conditions,
                           FILE *out, struct error *err)
{
    json_t *o = json_object(), *list = json_array(), *asked = json_array();
    json_object_set_new(o, "format_version", json_string("1.0"));
    json_object_set_new(o, "confidence", json_real(all->confidence));
    json_object_set_new(o, "family", json_boolean(all->family));
    json_object_set_new(o, "intervals", json_integer((json_int_t)all->interval_n));
    for (size_t c = 0; c < all->n; c++)
        json_array_append_new(list, contrast_json(all, &all->list[c]));
    for (size_t i = 0; i < conditions->n; i++)
        for (size_t c = 0; c < all->n; c++)
            json_array_append_new(asked, condition_json(all, conditions, &conditions->list[i],
                                                        &all->list[c]));
    json_object_set_new(o, "comparisons", list);
    json_object_set_new(o, "conditions", asked);
    json_object_set_new(o, "fails", json_boolean(conditions_fail(conditions, all)));
    bool failed = !o ||
                  json_dumpf(o, out,
                             JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENSURE_ASCII |
                                 JSON_REAL_PRECISION(12)) != 0 ||
                  fputc('\n', out) == EOF;
    json_decref(o);
    return failed ? error_set(err, STATUS_IO, "cannot write the JSON comparison") : STATUS_OK;
}
