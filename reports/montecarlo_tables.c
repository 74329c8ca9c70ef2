/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of a study's page: fleets, risks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/montecarlo_parts.h"
#include "reports/page_parts.h"

static void usd_cell(double usd, FILE *out)
{
    if (isfinite(usd)) fprintf(out, "<td data-v=\"%.9g\">%s</td>", usd, format_usd(usd).s);
    else fputs("<td>n/a</td>", out);
}

/* A mean with half its interval below it, or with the range of nine tenths of the futures. */
static void mean_cell(const struct montecarlo_plan *p, const char *metric, bool range, FILE *out)
{
    int m = montecarlo_metric_index(metric);
    const struct estimate *e = &p->metric[m];
    const char *unit = montecarlo_metrics[m].unit;
    if (!e->n) {
        fputs("<td>n/a</td>", out);
        return;
    }
    fprintf(out, "<td data-v=\"%.9g\">%s", e->mean, format_metric(e->mean, NAN, unit).s);
    struct format_text whole = format_metric(e->mean, e->half, unit);
    const char *half = strstr(whole.s, "\u00b1");
    if (range && isfinite(p->p5[m]) && isfinite(p->p95[m]))
        fprintf(out, "<small>%s to %s</small>", format_metric(p->p5[m], NAN, unit).s,
                format_metric(p->p95[m], NAN, unit).s);
    else if (half) fprintf(out, "<small>%s</small>", half);
    fputs("</td>", out);
}

static void chance_cell(const struct montecarlo_chance *c, FILE *out)
{
    fprintf(out, "<td data-v=\"%.9g\">", c->probability);
    if (c->verdict == MONTECARLO_NO_TARGET)
        fprintf(out, "%s</td>", montecarlo_chance_text(c->probability).s);
    else
        fprintf(out, "<span class=\"tag %s\">%s</span></td>",
                c->verdict == MONTECARLO_MEETS ? "good" : "bad",
                montecarlo_chance_text(c->probability).s);
}

static void plan_head(const struct montecarlo_data *d, int32_t plan, FILE *out)
{
    const struct montecarlo_plan *p = &d->plans[plan];
    fprintf(out, "<tr%s><th scope=\"row\">", plan == d->pick ? " class=\"pick\"" : "");
    escape_html(out, p->name);
    fputs(plan == d->baseline ? "<small>baseline; " : "<small>", out);
    escape_html(out, p->summary);
    fputs("</small></th>", out);
}

static void write_plan(const struct montecarlo_data *d, int32_t plan, FILE *out)
{
    const struct montecarlo_plan *p = &d->plans[plan];
    double base = montecarlo_mean(&d->plans[d->baseline], MONTECARLO_COST_YEAR)->mean;
    plan_head(d, plan, out);
    mean_cell(p, MONTECARLO_COST_YEAR, false, out);
    if (plan == d->baseline) fputs("<td data-v=\"0\">reference</td>", out);
    else if (!(base > 0) || isnan(p->regret.from_baseline)) fputs("<td>n/a</td>", out);
    else
        fprintf(
            out, "<td data-v=\"%.9g\">%s</td>", p->regret.from_baseline / base,
            format_change(p->regret.from_baseline / base, p->regret.from_baseline_half / base).s);
    usd_cell(p->at_risk.usd, out);
    usd_cell(p->at_risk.cvar, out);
    for (int32_t e = 0; e < d->event_n; e++) chance_cell(&p->chances[e], out);
    mean_cell(p, MONTECARLO_WAIT_P95, true, out);
    mean_cell(p, MONTECARLO_UTILIZATION, true, out);
    usd_cell(p->regret.mean, out);
    fputs("</tr>\n", out);
}

void montecarlo_page_plans(const struct montecarlo_data *d, FILE *out)
{
    int32_t shown[MONTECARLO_SHOWN_PAGE + 1], n = montecarlo_shown(d, MONTECARLO_SHOWN_PAGE, shown);
    if (d->target_n)
        fprintf(out,
                "<p>%s of %s fleets meet%s every target. A target is met where the whole 95%% "
                "interval of its chance is within tolerance.</p>\n",
                format_count(d->meet_n).s, format_count(d->plan_n).s, d->meet_n == 1 ? "s" : "");
    fprintf(out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table of fleets\">"
            "<table class=\"sort\" id=\"plans\">\n<caption>Best first");
    if (n < d->plan_n)
        fprintf(out, ": %s of %s fleets; --format csv has them all", format_count(n).s,
                format_count(d->plan_n).s);
    fputs(
        ". Cost: mean, \u00b1 half its 95% interval. Below wait and utilization: P5 to P95 of the "
        "futures. Select a column head to sort.</caption>\n<thead><tr><th "
        "scope=\"col\">Fleet</th><th scope=\"col\">Cost per year</th><th scope=\"col\">Against ",
        out);
    escape_html(out, d->plans[d->baseline].name);
    fputs("</th><th scope=\"col\">VaR 95%</th><th scope=\"col\">CVaR 95%</th>", out);
    for (int32_t e = 0; e < d->event_n; e++) {
        fputs("<th scope=\"col\">Chance: ", out);
        escape_html(out, d->events[e].name);
        fputs("</th>", out);
    }
    fputs("<th scope=\"col\">p95 wait</th><th scope=\"col\">Utilization</th><th "
          "scope=\"col\">Regret a year</th></tr></thead>\n<tbody>\n",
          out);
    for (int32_t i = 0; i < n; i++) write_plan(d, shown[i], out);
    fputs("</tbody></table></div>\n", out);
}

void montecarlo_page_risks(const struct montecarlo_data *d, FILE *out)
{
    int32_t both[2] = { d->shown, d->baseline };
    if (!d->event_n) return;
    fputs("<h3>What may go wrong</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
          "aria-label=\"Risks\"><table>\n<thead><tr><th scope=\"col\">Chance of</th><th "
          "scope=\"col\">may be</th>",
          out);
    for (int i = 0; i < (d->shown == d->baseline ? 1 : 2); i++) {
        fputs("<th scope=\"col\">", out);
        escape_html(out, d->plans[both[i]].name);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (int32_t e = 0; e < d->event_n; e++) {
        fputs("<tr><th scope=\"row\">", out);
        escape_html(out, d->events[e].label);
        fprintf(out, "</th><td>%s</td>",
                d->events[e].tolerance >= 0 ? format_percent(d->events[e].tolerance).s : "");
        for (int i = 0; i < (d->shown == d->baseline ? 1 : 2); i++) {
            const struct montecarlo_chance *c = &d->plans[both[i]].chances[e];
            fprintf(out, "<td>%s<small>%s to %s</small></td>",
                    montecarlo_chance_text(c->probability).s, montecarlo_chance_text(c->low).s,
                    montecarlo_chance_text(c->high).s);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n<p class=\"fine\">Below each chance: its 95% interval.</p>\n",
          out);
}
