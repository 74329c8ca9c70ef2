/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a plan's page: how it was found, from what. */
#include <string.h>

#include "reports/escape.h"
#include "reports/format.h"
#include "reports/page_parts.h"
#include "reports/plan_parts.h"

static void write_prices(const struct plan_data *d, FILE *out)
{
    if (!d->price_n) return;
    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
          "aria-label=\"Prices\"><table>\n<caption>Prices of the fleets that are named, with their "
          "sources.</caption>\n<thead><tr><th scope=\"col\">Fleet</th><th scope=\"col\" "
          "class=\"l\">What</th><th scope=\"col\">an hour, of one</th><th scope=\"col\" "
          "class=\"l\">Region, market</th><th scope=\"col\" class=\"l\">Valid from</th><th "
          "scope=\"col\" class=\"l\">Source</th></tr></thead>\n<tbody>\n",
          out);
    for (int32_t i = 0; i < d->price_n; i++) {
        const struct planned_price *p = &d->prices[i];
        const char *const texts[] = { p->where, p->valid_from, p->source };
        fprintf(out, "<tr><th scope=\"row\">%s</th><td class=\"l\">", p->fleet);
        escape_html(out, p->what);
        fprintf(out, "</td><td>%s</td>", format_usd(p->usd_per_hour).s);
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
            fputs("<td class=\"l\">", out);
            escape_html(out, texts[t]);
            fputs("</td>", out);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

void plan_page_method(const struct plan_data *d, FILE *out)
{
    char text[320];
    fputs("<p>Every fleet is the scenario with other values of some keys, simulated job by job. "
          "Along numbers of nodes that are always there the fewest that do are found by halving; "
          "fleets whose list prices alone rule them out are not simulated. Of those that surely "
          "meet the targets the best is chosen.</p>\n<dl>\n",
          out);
    snprintf(text, sizeof text,
             "%s of %s that there are, on %s line%s of nodes; %s replications in all",
             format_count((double)d->simulated).s, format_count((double)d->space).s,
             format_count((double)d->lines).s, d->lines == 1 ? "" : "s",
             format_count((double)d->replications).s);
    page_item(out, "Fleets simulated", text);
    if (d->rebilled > 0) {
        snprintf(text, sizeof text,
                 "%s: fleets that differ from these in commitments alone, billed for their usage",
                 format_count((double)d->rebilled).s);
        page_item(out, "Bills made anew", text);
    }
    snprintf(text, sizeof text, "%d a fleet at most%s; one that surely misses a target ends early",
             (int)d->asked, d->antithetic ? ", in antithetic pairs" : "");
    page_item(out, "Replications", text);
    page_item(out, "Seed", d->seed);
    page_item(out, "Workload", d->workload);
    for (int32_t t = 0; t < d->target_n; t++) page_item(out, "Target", d->targets[t].label);
    page_item(out, "Prices as of", d->price_as_of);
    page_inputs(d->inputs, d->input_n, out);
    snprintf(text, sizeof text, "seatrial %.40s, %.120s", d->tool_version, d->compiler);
    page_item(out, "Made with", text);
    fputs("</dl>\n", out);
    write_prices(d, out);
    fputs("<h3>Run it again</h3>\n<pre>", out);
    escape_html(out, d->rerun);
    fputs("</pre>\n", out);
}
