/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the page: fleets, bill, waits. */
#include <math.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/estimate.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/page_parts.h"

static void cell(FILE *out, const struct report_fleet *f, const char *metric)
{
    const struct estimate *e = report_metric(f, metric);
    const char *unit = metric_defs[metric_index(metric)].unit;
    if (!e->n) {
        fputs("<td>n/a</td>", out);
        return;
    }
    fprintf(out, "<td data-v=\"%.9g\">%s", e->mean, format_metric(e->mean, NAN, unit).s);
    if (e->n > 1) {
        struct format_text text = format_metric(e->mean, e->half, unit);
        char *at = strstr(text.s, "\u00b1");
        if (at) fprintf(out, "<small>%s</small>", at);
    }
    fputs("</td>", out);
}

static void tag(FILE *out, enum verdict v)
{
    if (v == VERDICT_NONE) fputs("<td>no target</td>", out);
    else
        fprintf(out, "<td><span class=\"tag %s\">%s</span></td>",
                v == VERDICT_MEETS ? "good" : "bad", verdict_word(v));
}

void page_plans(const struct report_data *d, FILE *out)
{
    static const struct {
        const char *head, *metric;
    } columns[] = {
        { "Cost per month", METRIC_COST_MONTH },
        { "p95 wait", METRIC_WAIT_P95 },
        { "Mean wait", METRIC_WAIT_MEAN },
        { "Mean JCT", METRIC_JCT_MEAN },
        { "Slowdown", METRIC_SLOWDOWN },
        { "Utilization", METRIC_UTILIZATION },
        { "Per useful GPU-hour", METRIC_COST_USEFUL_GPU_HOUR },
    };
    enum { COLUMN_N = sizeof columns / sizeof *columns };
    fprintf(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table of fleets\"><table "
        "class=\"sort\" id=\"plans\">\n<caption>%s</caption>\n<thead><tr><th "
        "scope=\"col\">Fleet</th>",
        d->replications > 1
            ? "Means over replications; \u00b1 half the 95% interval. Select a column head to sort."
            : "One replication, no intervals. Select a column head to sort.");
    for (int c = 0; c < COLUMN_N; c++) {
        fprintf(out, "<th scope=\"col\">%s</th>", columns[c].head);
        if (c == 0) {
            fputs("<th scope=\"col\">Against ", out);
            escape_html(out, d->fleets[d->baseline].name);
            fputs("</th><th scope=\"col\">Targets</th>", out);
        }
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct report_fleet *fleet = &d->fleets[f];
        fprintf(out, "<tr%s><th scope=\"row\">", f == d->pick ? " class=\"pick\"" : "");
        escape_html(out, fleet->name);
        fputs("<small>", out);
        escape_html(out, fleet->summary);
        fputs("</small></th>", out);
        for (int c = 0; c < COLUMN_N; c++) {
            cell(out, fleet, columns[c].metric);
            if (c > 0) continue;
            if (f == d->baseline) fputs("<td data-v=\"0\">reference</td>", out);
            else if (!fleet->cost_change.n) fputs("<td>n/a</td>", out);
            else
                fprintf(out, "<td data-v=\"%.9g\">%s</td>", fleet->cost_change.mean,
                        format_change(fleet->cost_change.mean, fleet->cost_change.half).s);
            tag(out, fleet->overall);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

void page_bill(const struct report_data *d, FILE *out)
{
    fputs("<details><summary>Show the bill</summary>\n<div class=\"scroll\" tabindex=\"0\" "
          "role=\"group\" aria-label=\"The bill\"><table>\n<caption>US dollars a month of 730 "
          "hours. Every total is the sum of its lines.</caption>\n"
          "<thead><tr><th scope=\"col\">Fleet</th><th scope=\"col\" class=\"l\">Charge</th><th "
          "scope=\"col\">Held by jobs</th><th scope=\"col\">Idle</th>",
          out);
    bool services = false;
    for (int32_t f = 0; f < d->fleet_n; f++) services |= d->fleets[f].service_n > 0;
    fprintf(out, "%s<th scope=\"col\">Together</th></tr></thead>\n<tbody>\n",
            services ? "<th scope=\"col\">Besides nodes</th>" : "");
    for (int32_t f = 0; f < d->fleet_n; f++)
        for (int32_t c = 0; c < d->fleets[f].charge_n; c++) {
            const struct report_charge *charge = &d->fleets[f].charges[c];
            fputs("<tr><th scope=\"row\">", out);
            escape_html(out, d->fleets[f].name);
            fputs("</th><td class=\"l\">", out);
            escape_html(out, charge->kind);
            fprintf(out, "</td><td>%s</td><td>%s</td>", format_usd(charge->jobs_usd).s,
                    format_usd(charge->idle_usd).s);
            if (services) fprintf(out, "<td>%s</td>", format_usd(charge->service_usd).s);
            fprintf(out, "<td>%s</td></tr>\n", format_usd(report_charge_usd(charge)).s);
        }
    fputs("</tbody></table></div></details>\n", out);
}

void page_waits(const struct report_data *d, FILE *out)
{
    static const struct {
        const char *head, *metric;
    } columns[] = {
        { "p50", METRIC_WAIT_P50 },          { "p90", METRIC_WAIT_P90 },
        { "p95", METRIC_WAIT_P95 },          { "p99", METRIC_WAIT_P99 },
        { "longest", METRIC_WAIT_MAX },      { "mean", METRIC_WAIT_MEAN },
        { "mean queue", METRIC_QUEUE_MEAN }, { "longest queue", METRIC_QUEUE_MAX },
    };
    fputs("<details><summary>Show the numbers</summary>\n<div class=\"scroll\" tabindex=\"0\" "
          "role=\"group\" aria-label=\"Waits\"><table class=\"sort\">\n<caption>Queue wait by "
          "quantile (nearest rank), and jobs waiting.</caption>\n<thead><tr><th "
          "scope=\"col\">Fleet</th>",
          out);
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        fprintf(out, "<th scope=\"col\">%s</th>", columns[c].head);
    fputs("</tr></thead>\n<tbody>\n", out);
    for (int32_t f = 0; f < d->fleet_n; f++) {
        fputs("<tr><th scope=\"row\">", out);
        escape_html(out, d->fleets[f].name);
        fputs("</th>", out);
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
            cell(out, &d->fleets[f], columns[c].metric);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div></details>\n", out);
    const struct report_fleet *shown = &d->fleets[d->pick >= 0 ? d->pick : d->baseline];
    if (shown->tenant_n < 2) return;
    fputs("<details><summary>By tenant on ", out);
    escape_html(out, shown->name);
    fputs("</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
          "aria-label=\"Tenants\"><table class=\"sort\">\n<caption>Replication 0; at most 50 "
          "tenants, by GPU-hours.</caption>\n<thead><tr><th scope=\"col\">Tenant</th>"
          "<th scope=\"col\">Jobs</th><th scope=\"col\">GPU-hours</th><th scope=\"col\">Mean "
          "wait</th><th scope=\"col\">p95 wait</th><th "
          "scope=\"col\">Cost</th></tr></thead>\n<tbody>\n",
          out);
    for (int32_t i = 0; i < shown->tenant_n && i < 50; i++) {
        const struct report_tenant *t = &shown->tenants[i];
        fputs("<tr><th scope=\"row\">", out);
        escape_html(out, *t->tenant ? t->tenant : "(none)");
        fprintf(
            out,
            "</th><td data-v=\"%lld\">%s</td><td data-v=\"%.9g\">%s</td><td "
            "data-v=\"%.9g\">%s</td><td data-v=\"%.9g\">%s</td><td data-v=\"%.9g\">%s</td></tr>\n",
            (long long)t->jobs, format_count((double)t->jobs).s, t->gpu_hours,
            format_count(t->gpu_hours).s, t->mean_wait_s, format_duration(t->mean_wait_s).s,
            t->p95_wait_s, format_duration(t->p95_wait_s).s, t->usd, format_usd(t->usd).s);
    }
    fputs("</tbody></table></div></details>\n", out);
}
