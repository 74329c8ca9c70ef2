/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a study's page: how sure, how it was made. */
#include <math.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/montecarlo_parts.h"
#include "reports/page_parts.h"

static void write_enough(const struct montecarlo_data *d, FILE *out)
{
    const char *metrics[MONTECARLO_ENOUGH_METRICS];
    int64_t numbers[MONTECARLO_ENOUGH_NUMBERS];
    int metric_n = montecarlo_enough_metrics(d, metrics), n = montecarlo_enough_numbers(d, numbers);
    fputs("<h3>How many replications are enough</h3>\n<div class=\"scroll\" tabindex=\"0\" "
          "role=\"group\" aria-label=\"Replications and precision\"><table>\n<caption>Half of the "
          "95% interval, as a share of the value, by the number of futures. * extrapolated by 1 / "
          "\u221an from what was measured.</caption>\n<thead><tr><th scope=\"col\">Figure</th>",
          out);
    for (int c = 0; c < n; c++)
        fprintf(out, "<th scope=\"col\">%s%s</th>", format_count((double)numbers[c]).s,
                numbers[c] == d->replications ? " (this study)" : "");
    fputs("</tr></thead>\n<tbody>\n", out);
    for (int m = 0; m < metric_n; m++) {
        fputs("<tr><th scope=\"row\">", out);
        escape_html(out, montecarlo_precision_title(metrics[m]));
        fputs("</th>", out);
        for (int c = 0; c < n; c++) {
            const struct montecarlo_precision *p = montecarlo_enough_at(d, metrics[m], numbers[c]);
            fprintf(out, "<td>%s%s</td>", p ? "\u00b1 " : "", p ? montecarlo_enough_text(p).s : "");
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

static void write_checks(const struct montecarlo_data *d, FILE *out)
{
    fputs("<h3>How far the model is to be believed</h3>\n<div class=\"scroll\" tabindex=\"0\" "
          "role=\"group\" aria-label=\"Calibration\"><table>\n<caption>Each fleet of the scenario "
          "was also simulated job by job.</caption>\n<thead><tr><th scope=\"col\">Fleet</th><th "
          "scope=\"col\" class=\"l\">Figure</th><th scope=\"col\">simulated</th><th "
          "scope=\"col\">by the model</th><th scope=\"col\">off by</th></tr></thead>\n<tbody>\n",
          out);
    for (int32_t i = 0; i < d->check_n; i++) {
        const struct montecarlo_check *c = &d->checks[i];
        const struct montecarlo_metric *m = &montecarlo_metrics[montecarlo_metric_index(c->metric)];
        fputs("<tr><th scope=\"row\">", out);
        escape_html(out, c->fleet);
        fprintf(out, "</th><td class=\"l\">%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
                m->title, format_metric(c->simulated, NAN, m->unit).s,
                format_metric(c->modelled, NAN, m->unit).s, format_change(c->error, NAN).s);
    }
    fputs("</tbody></table></div>\n", out);
}

static void write_spread(const struct montecarlo_data *d, int32_t plan, FILE *out)
{
    const struct montecarlo_plan *p = &d->plans[plan];
    int m = montecarlo_metric_index(MONTECARLO_COST_YEAR),
        w = montecarlo_metric_index(MONTECARLO_WAIT_P95);
    fputs("<tr><th scope=\"row\">", out);
    escape_html(out, p->name);
    fprintf(out, "</th><td>%s</td><td>%s to %s</td><td>%s</td><td>%s to %s</td></tr>\n",
            montecarlo_mean_text(p, MONTECARLO_COST_YEAR).s, format_usd(p->p5[m]).s,
            format_usd(p->p95[m]).s, montecarlo_mean_text(p, MONTECARLO_WAIT_P95).s,
            format_duration(p->p5[w]).s, format_duration(p->p95[w]).s);
}

void montecarlo_page_sure(const struct montecarlo_data *d, FILE *out)
{
    fputs(
        "<p>Two spreads, named apart: the interval says how well the futures pin down the mean; "
        "the range says how far single futures lie apart.</p>\n<div class=\"scroll\" "
        "tabindex=\"0\" role=\"group\" aria-label=\"Intervals\"><table>\n<thead><tr><th "
        "scope=\"col\">Fleet</th><th scope=\"col\">Cost per year, mean</th><th scope=\"col\">P5 to "
        "P95 of the futures</th><th scope=\"col\">p95 wait, mean</th><th scope=\"col\">P5 to P95 "
        "of the futures</th></tr></thead>\n<tbody>\n",
        out);
    write_spread(d, d->shown, out);
    if (d->shown != d->baseline) write_spread(d, d->baseline, out);
    fputs("</tbody></table></div>\n", out);
    if (d->precision_n) write_enough(d, out);
    if (d->check_n) write_checks(d, out);
    else fputs("<p>The model was not checked against a simulation of each job.</p>\n", out);
}

static void write_methods(const struct montecarlo_data *d, FILE *out)
{
    fputs("<dt>Intervals of means</dt><dd>", out);
    for (int32_t i = 0; i < d->method_n; i++) {
        if (i) fputs("; ", out);
        escape_html(out, d->methods[i]);
    }
    fputs("</dd>\n", out);
}

void montecarlo_page_method(const struct montecarlo_data *d, FILE *out)
{
    char text[320];
    fputs("<p>", out);
    escape_html(out, d->model);
    fputs("</p>\n", out);
    if (*d->assumptions) {
        fputs("<h3>What is uncertain</h3>\n", out);
        page_lines(d->assumptions, out);
    }
    fputs("<dl>\n", out);
    page_item(out, "Workload", d->workload);
    snprintf(text, sizeof text, "%s of %d %s each, the same for every fleet; seed %.24s%s",
             format_count((double)d->replications).s, d->years, d->years == 1 ? "year" : "years",
             d->seed, d->antithetic ? "; by pairs of opposite chances" : "");
    page_item(out, "Futures", text);
    write_methods(d, out);
    page_item(out, "Prices as of", d->price_as_of);
    if (!isnan(d->budget_usd_per_year))
        page_item(out, "Budget per year", format_usd(d->budget_usd_per_year).s);
    if (!isnan(d->budget_usd_per_month))
        page_item(out, "Budget per month", format_usd(d->budget_usd_per_month).s);
    if (!isnan(d->deadline_s))
        page_item(out, "Late is work that waits over", format_duration(d->deadline_s).s);
    page_item(out, "Scenario", d->scenario_path);
    page_item(out, "Scenario SHA-256", d->scenario_sha256);
    page_inputs(d->inputs, d->input_n, out);
    snprintf(text, sizeof text, "seatrial %.20s, %.60s, %.20s, %.40s%s%.60s, %d threads",
             d->tool_version, d->compiler, d->host, d->engine, *d->device ? " on " : "", d->device,
             d->threads);
    page_item(out, "Made with", text);
    if (!isnan(d->wall_s)) {
        snprintf(text, sizeof text, "%.2f s, %s futures of a fleet", d->wall_s,
                 format_count(d->futures).s);
        page_item(out, "It took", text);
    }
    fputs("</dl>\n", out);
    page_lines(d->notes, out);
    fputs("<h3>Run it again</h3>\n<pre>", out);
    escape_html(out, d->rerun);
    fputs("</pre>\n", out);
}
