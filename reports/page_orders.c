/* SPDX-License-Identifier: Apache-2.0 */
/* The table of schedulers on the page. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/estimate.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/orders.h"
#include "reports/page_parts.h"

static void cell(FILE *out, const struct report_fleet *f, const char *metric)
{
    int m = metric_index(metric);
    const struct estimate *e = &f->metric[m];
    const char *unit = metric_defs[m].unit;
    if (!e->n) {
        fputs("<td>n/a</td>", out);
        return;
    }
    fprintf(out, "<td data-v=\"%.9g\">", e->mean);
    const char *text = format_metric(e->mean, NAN, unit).s;
    if (f->standing[m] == STANDING_BEST)
        fprintf(out, "<span class=\"tag good\">%s<span class=\"unseen\"> (best)</span></span>",
                text);
    else if (f->standing[m] == STANDING_CLOSE)
        fprintf(out,
                "%s<span class=\"near\" title=\"not clearly different from the best\">~</span>",
                text);
    else fputs(text, out);
    if (e->n > 1) {
        struct format_text whole = format_metric(e->mean, e->half, unit);
        char *at = strstr(whole.s, "\u00b1");
        if (at) fprintf(out, "<small>%s</small>", at);
    }
    fputs("</td>", out);
}

static void target_cell(FILE *out, enum verdict v)
{
    fprintf(out, "<td><span class=\"tag %s\">%s</span></td>", v == VERDICT_MEETS ? "good" : "bad",
            verdict_word(v));
}

static void put_nodes(FILE *out, const struct report_fleet *fleet)
{
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct report_pool *pool = &fleet->pools[p];
        fprintf(out, "%s%" PRId64 " x ", p ? " + " : "", pool->nodes);
        escape_html(out, pool->instance);
        fputc(' ', out);
        escape_html(out, pool->purchase);
    }
}

void page_orders(const struct report_data *d, FILE *out)
{
    int32_t *ranking = order_ranking(d);
    fprintf(out,
            "<p>%s The best of a column is marked%s. Select a column head to sort.</p>\n<div "
            "class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table of "
            "schedulers\"><table class=\"sort\" id=\"plans\">\n<thead><tr><th "
            "scope=\"col\">Scheduler</th>",
            d->replications > 1 ? "Means over replications; \u00b1 half the 95% interval."
                                : "One replication, no intervals.",
            d->replications > 1 ? "; ~ is not clearly different from it (paired)" : "");
    if (d->slo_n) fputs("<th scope=\"col\">Targets</th>", out);
    for (const struct order_column *c = order_columns; c->metric; c++)
        if (order_has_column(d, c)) fprintf(out, "<th scope=\"col\">%s</th>", c->title);
    fputs("</tr></thead>\n<tbody>\n", out);
    for (int32_t i = 0; i < d->fleet_n; i++) {
        int32_t f = ranking ? ranking[i] : i;
        const struct report_fleet *fleet = &d->fleets[f];
        fprintf(out, "<tr%s><th scope=\"row\">", f == d->pick ? " class=\"pick\"" : "");
        escape_html(out, order_label(d, f));
        if (f == d->baseline) fputs("<small>baseline</small>", out);
        fputs("</th>", out);
        if (d->slo_n) target_cell(out, fleet->overall);
        for (const struct order_column *c = order_columns; c->metric; c++)
            if (order_has_column(d, c)) cell(out, fleet, c->metric);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n<p class=\"fine\">Fairness: Jain's index of the tenants' mean "
          "bounded slowdowns, 1 where all fare alike. Idle GPU-hours: free while waiting jobs "
          "asked for GPUs. All are of the same nodes: ",
          out);
    put_nodes(out, &d->fleets[d->baseline]);
    fprintf(out, "; %s a month.</p>\n",
            format_usd(report_metric(&d->fleets[d->baseline], METRIC_COST_MONTH)->mean).s);
    free(ranking);
}
