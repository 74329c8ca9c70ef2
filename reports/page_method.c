/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the page: how sure, what to change, how it was made. */
#include <math.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/page_parts.h"

static void controlled_cells(const struct report_fleet *f, const char *metric, FILE *out)
{
    const struct estimate *plain = report_metric(f, metric),
                          *e = &f->controlled[metric_index(metric)];
    const char *unit = metric_defs[metric_index(metric)].unit;
    if (e->n < 2 || !(plain->half > 0)) fputs("<td>n/a</td><td>n/a</td>", out);
    else
        fprintf(out, "<td>%s</td><td>%.2f</td>", format_metric(e->mean, e->half, unit).s,
                e->half / plain->half);
}

/* The same means, sharpened by what is known of the draws. */
static void controlled(const struct report_data *d, FILE *out)
{
    fprintf(
        out,
        "<p>A replication that drew more work than others waits longer for that alone. The mean "
        "of the work is known, %s GPU-hours; as a control it gives these means "
        "(Lavenberg and Welch 1981), and intervals so many times as wide.</p>\n"
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"With a "
        "control\"><table>\n<thead><tr><th scope=\"col\">Fleet</th><th scope=\"col\">Cost per "
        "month</th><th scope=\"col\">width</th><th scope=\"col\">mean wait</th><th "
        "scope=\"col\">width</th><th scope=\"col\">p95 wait</th><th "
        "scope=\"col\">width</th></tr></thead>\n<tbody>\n",
        format_count(d->known_gpu_hours).s);
    for (int32_t f = 0; f < d->fleet_n; f++) {
        fputs("<tr><th scope=\"row\">", out);
        escape_html(out, d->fleets[f].name);
        fputs("</th>", out);
        controlled_cells(&d->fleets[f], METRIC_COST_MONTH, out);
        controlled_cells(&d->fleets[f], METRIC_WAIT_MEAN, out);
        controlled_cells(&d->fleets[f], METRIC_WAIT_P95, out);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

void page_sure(const struct report_data *d, FILE *out)
{
    if (d->replications == 1) {
        fputs("<p>This is one replay. It says what would have happened to this very trace, "
              "exactly; it does not say how another month would differ.</p>\n",
              out);
        return;
    }
    fputs("<p>Two spreads, named apart: the interval says how well the replications pin down the "
          "mean; the range says how far single replications lie apart.</p>\n"
          "<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
          "aria-label=\"Intervals\"><table>\n<thead><tr><th scope=\"col\">Fleet</th><th "
          "scope=\"col\">Cost per month, 95% interval of the mean</th><th scope=\"col\">least to "
          "most</th>"
          "<th scope=\"col\">p95 wait, 95% interval of the mean</th><th scope=\"col\">least to "
          "most</th><th scope=\"col\">median, 95% interval</th><th "
          "scope=\"col\">n</th></tr></thead>\n<tbody>\n",
          out);
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct estimate *c = report_metric(&d->fleets[f], METRIC_COST_MONTH),
                              *w = report_metric(&d->fleets[f], METRIC_WAIT_P95);
        fputs("<tr><th scope=\"row\">", out);
        escape_html(out, d->fleets[f].name);
        fprintf(out,
                "</th><td>%s to %s</td><td>%s to %s</td><td>%s to %s</td><td>%s to "
                "%s</td><td>",
                format_usd(c->mean - c->half).s, format_usd(c->mean + c->half).s,
                format_usd(c->least).s, format_usd(c->most).s,
                format_duration(fmax(0, w->mean - w->half)).s, format_duration(w->mean + w->half).s,
                format_duration(w->least).s, format_duration(w->most).s);
        const struct quantile_interval *median =
            &d->fleets[f].median[metric_index(METRIC_WAIT_P95)];
        if (isnan(median->low)) fputs("n/a", out);
        else
            fprintf(out, "%s to %s", format_duration(median->low).s,
                    format_duration(median->high).s);
        fprintf(out, "</td><td>%d</td></tr>\n", c->n);
    }
    fputs("</tbody></table></div>\n<p class=\"fine\">Comparisons are paired: every fleet replays "
          "the same draws.</p>\n",
          out);
    if (!isnan(d->known_gpu_hours)) controlled(d, out);
}

/* "6 x p4d.24xlarge, reserved". */
static void commitment_name(const struct report_commitment *c, FILE *out)
{
    if (c->count > 1) fprintf(out, "%lld x ", (long long)c->count);
    escape_html(out, c->instance);
    if (*c->instance) fputs(", ", out);
    escape_html(out, c->kind);
}

static void pools(const struct report_fleet *f, const char *sign, const char *class_, FILE *out)
{
    for (int32_t p = 0; p < f->pool_n; p++) {
        const struct report_pool *pool = &f->pools[p];
        fprintf(out, "<li class=\"%s\">%s %lld x ", class_, sign, (long long)pool->nodes);
        escape_html(out, pool->instance);
        fputs(", ", out);
        escape_html(out, pool->purchase);
        fprintf(out, ", %s per node-hour</li>\n", format_usd(pool->usd_per_node_hour).s);
    }
    for (int32_t i = 0; i < f->commitment_n; i++) {
        const struct report_commitment *c = &f->commitments[i];
        fprintf(out, "<li class=\"%s\">%s ", class_, sign);
        commitment_name(c, out);
        fprintf(out, ", %s per hour, used or not</li>\n", format_usd(c->usd_per_hour).s);
    }
}

void page_change(const struct report_data *d, FILE *out)
{
    const struct report_fleet *base = &d->fleets[d->baseline],
                              *pick = d->pick >= 0 ? &d->fleets[d->pick] : NULL;
    if (!pick || pick == base) {
        fputs(pick ? "<p>Nothing: the baseline is the choice.</p>\n"
                   : "<p>No fleet of this scenario can be recommended.</p>\n",
              out);
        return;
    }
    fputs("<ul class=\"change\">\n", out);
    if (!d->same_nodes) {
        pools(base, "\u2212", "minus", out);
        pools(pick, "+", "plus", out);
    }
    if (strcmp(base->queue_order, pick->queue_order) != 0 ||
        strcmp(base->placement, pick->placement) != 0) {
        fputs("<li>~ scheduler: ", out);
        escape_html(out, base->queue_order);
        fputs(", ", out);
        escape_html(out, base->placement);
        fputs(" \u2192 ", out);
        escape_html(out, pick->queue_order);
        fputs(", ", out);
        escape_html(out, pick->placement);
        fputs("</li>\n", out);
    }
    fputs("</ul>\n<p class=\"fine\">Seatrial changes nothing itself: it never talks to a cloud "
          "account.</p>\n",
          out);
}

static void write_commitment(const struct report_fleet *f, const struct report_commitment *c,
                             FILE *out)
{
    fputs("<tr><th scope=\"row\">", out);
    escape_html(out, f->name);
    fputs("</th><td class=\"l\">", out);
    commitment_name(c, out);
    fprintf(out, "</td><td>%s an hour</td><td class=\"l\">", format_usd(c->usd_per_hour).s);
    escape_html(out, c->price_region);
    if (*c->price_region) fputs(", ", out);
    escape_html(out, c->price_market);
    fputs("</td><td class=\"l\">", out);
    escape_html(out, c->price_valid_from);
    fputs("</td><td class=\"l\">", out);
    escape_html(out, c->price_source);
    fputs("</td></tr>\n", out);
}

static void write_service(const struct report_fleet *f, const struct report_service *s, FILE *out)
{
    fputs("<tr><th scope=\"row\">", out);
    escape_html(out, f->name);
    fputs("</th><td class=\"l\">", out);
    escape_html(out, s->name);
    fprintf(out, "</td><td>$%.9g a ", (double)s->usd_nano / 1e9);
    escape_html(out, s->per);
    fputs("</td><td class=\"l\">", out);
    escape_html(out, s->price_region);
    fputs("</td><td class=\"l\">", out);
    escape_html(out, s->price_valid_from);
    fputs("</td><td class=\"l\">", out);
    escape_html(out, s->price_source);
    fputs("</td></tr>\n", out);
}

static void write_prices(const struct report_data *d, FILE *out)
{
    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
          "aria-label=\"Prices\"><table>\n<caption>The prices that were used, with their "
          "sources.</caption>\n<thead><tr><th scope=\"col\">Fleet</th><th scope=\"col\" "
          "class=\"l\">Instance</th>"
          "<th scope=\"col\">per node-hour</th><th scope=\"col\" class=\"l\">Region, "
          "market</th><th scope=\"col\" class=\"l\">Valid from</th><th scope=\"col\" "
          "class=\"l\">Source</th></tr></thead>\n<tbody>\n",
          out);
    for (int32_t f = 0; f < d->fleet_n; f++)
        for (int32_t p = 0; p < d->fleets[f].pool_n; p++) {
            const struct report_pool *pool = &d->fleets[f].pools[p];
            const char *const texts[] = { pool->instance, NULL, pool->price_region,
                                          pool->price_valid_from, pool->price_source };
            fputs("<tr><th scope=\"row\">", out);
            escape_html(out, d->fleets[f].name);
            fputs("</th>", out);
            for (int t = 0; t < 5; t++) {
                if (!texts[t]) {
                    fprintf(out, "<td>%s</td>", format_usd(pool->usd_per_node_hour).s);
                    continue;
                }
                fputs("<td class=\"l\">", out);
                escape_html(out, texts[t]);
                if (t == 2 && *pool->price_market) {
                    fputs(", ", out);
                    escape_html(out, pool->price_market);
                }
                fputs("</td>", out);
            }
            fputs("</tr>\n", out);
        }
    for (int32_t f = 0; f < d->fleet_n; f++)
        for (int32_t i = 0; i < d->fleets[f].commitment_n; i++)
            write_commitment(&d->fleets[f], &d->fleets[f].commitments[i], out);
    for (int32_t f = 0; f < d->fleet_n; f++)
        for (int32_t i = 0; i < d->fleets[f].service_n; i++)
            write_service(&d->fleets[f], &d->fleets[f].services[i], out);
    fputs("</tbody></table></div>\n", out);
}

void page_method(const struct report_data *d, FILE *out)
{
    char text[160];
    fputs("<p>A discrete-event simulation replays every job: it arrives, waits in the queue, holds "
          "its GPUs for its run time, ends. Money and utilization are counted over the accounting "
          "window; jobs are followed "
          "until they end, so that no wait is cut off. A gang lies in one pool and starts all at "
          "once; nodes are bought for the whole window and do not fail; a job runs as long as the "
          "trace says, "
          "times the performance factor of its GPU. Utilization is GPU time held by jobs, not what "
          "their kernels do with it.</p>\n<dl>\n",
          out);
    page_item(out, "Workload", d->workload);
    snprintf(text, sizeof text, "%s, submitted over %s", format_count((double)d->jobs).s,
             format_duration(d->span_s).s);
    page_item(out, "Jobs", text);
    snprintf(text, sizeof text, "%s", format_duration(d->books_s).s);
    page_item(out, "Accounting window",
              d->books_s > 0 ? text : "until the last job of each fleet ends");
    snprintf(text, sizeof text, "%d, seed %s", d->replications, d->seed);
    page_item(out, "Replications", text);
    page_item(out, "Prices as of", d->price_as_of);
    page_item(out, "Backfill believes",
              strcmp(d->estimates, "none") == 0 ? "no fleet backfills" : d->estimates);
    page_item(out, "Scenario", d->scenario_path);
    page_item(out, "Scenario SHA-256", d->scenario_sha256);
    page_inputs(d->inputs, d->input_n, out);
    snprintf(text, sizeof text, "seatrial %.20s, %.60s, %.20s, %d threads", d->tool_version,
             d->compiler, d->host, d->threads);
    page_item(out, "Made with", text);
    if (!isnan(d->wall_s)) {
        snprintf(text, sizeof text, "%.2f s, %s events, %.0f MiB", d->wall_s,
                 format_count(d->events).s, d->max_rss_kib / 1024);
        page_item(out, "It took", text);
    }
    fputs("</dl>\n", out);
    page_lines(d->notes, out);
    write_prices(d, out);
    fputs("<h3>Run it again</h3>\n<pre>", out);
    escape_html(out, d->rerun);
    fputs("</pre>\n", out);
}
