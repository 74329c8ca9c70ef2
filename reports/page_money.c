/* SPDX-License-Identifier: Apache-2.0 */
/* Where the money went, on the page: fleets and pools from bought to useful, tenants, queues. */
#include <math.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/money.h"
#include "reports/page_parts.h"

enum { OWNERS_MOST = 12 };

static const struct {
    enum money_layer layer;
    const char *token;
} parts[] = {
    { MONEY_USEFUL, "res" },
    { MONEY_LOST_PREEMPTED, "od" },
    { MONEY_LOST_FAILED, "accent" },
    { MONEY_LOST_RECLAIMED, "t1" },
    { MONEY_LOST_CHECKPOINTS, "spot" },
    { MONEY_IDLE, "idle" },
    { MONEY_UNUSED, "sto" },
    { MONEY_SERVICES, "base" },
};
enum { PART_N = sizeof parts / sizeof *parts };

static void cell(FILE *out, const struct money *m, enum money_layer layer)
{
    double share = m->usd[MONEY_BOUGHT] > 0 ? m->usd[layer] / m->usd[MONEY_BOUGHT] : NAN;
    if (!(fabs(m->usd[layer]) > 0) && !(m->gpu_hours[layer] > 0)) {
        fputs("<td data-v=\"0\">none</td>", out);
        return;
    }
    fprintf(out, "<td data-v=\"%.9g\">%s", m->usd[layer], format_usd(m->usd[layer]).s);
    if (layer != MONEY_BOUGHT) fprintf(out, "<small>%s</small>", format_percent(share).s);
    if (money_has_hours(layer))
        fprintf(out, "<small>%s GPU-h</small>", format_count(m->gpu_hours[layer]).s);
    fputs("</td>", out);
}

/* A bar of what was bought, before what of it is free; as wide as its column whatever it cost. */
static void bar(FILE *out, const struct money *m)
{
    double all = m->usd[MONEY_BOUGHT] - m->usd[MONEY_FREE];
    fputs("<div class=\"went\" aria-hidden=\"true\">", out);
    for (int i = 0; i < PART_N; i++) {
        double share = all > 0 ? m->usd[parts[i].layer] / all : 0;
        if (share > 0)
            fprintf(out, "<i style=\"width:%.3f%%;background:var(--%s)\"></i>", 100 * share,
                    parts[i].token);
    }
    fputs("</div>", out);
}

static void legend(const struct report_data *d, FILE *out)
{
    fputs("<ul class=\"legend\">", out);
    for (int i = 0; i < PART_N; i++)
        if (money_has(d, parts[i].layer))
            fprintf(out, "<li><span class=\"sw\" style=\"background:var(--%s)\"></span>%s</li>",
                    parts[i].token, money_layers[parts[i].layer].title);
    fputs("</ul>\n", out);
}

/* A pool has no services. */
static bool shown(const struct report_data *d, enum money_layer layer, bool of_fleet)
{
    return money_has(d, layer) && (of_fleet || layer != MONEY_SERVICES);
}

static void table_head(const struct report_data *d, const char *first, const char *label,
                       const char *caption, bool per, FILE *out)
{
    fprintf(out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\"><table "
            "class=\"sort\">\n<caption>%s</caption>\n<thead><tr><th scope=\"col\">%s</th>",
            label, caption, first);
    for (int l = 0; l < MONEY_LAYERS; l++)
        if (shown(d, (enum money_layer)l, per))
            fprintf(out, "<th scope=\"col\">%s</th>", money_layers[l].title);
    if (per)
        fputs("<th scope=\"col\">Per finished job</th><th scope=\"col\">Per useful GPU-hour</th>",
              out);
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void per(FILE *out, double usd, double n)
{
    if (n > 0) fprintf(out, "<td data-v=\"%.9g\">%s</td>", usd / n, format_usd(usd / n).s);
    else fputs("<td>n/a</td>", out);
}

static void cells(const struct report_data *d, const struct money *m, bool of_fleet, FILE *out)
{
    for (int l = 0; l < MONEY_LAYERS; l++)
        if (shown(d, (enum money_layer)l, of_fleet)) cell(out, m, (enum money_layer)l);
}

static void fleets(const struct report_data *d, FILE *out)
{
    table_head(d, "Fleet", "Where the money of each fleet went",
               "Dollars and GPU-hours of replication 0, inside the accounting window. Shares are "
               "of the dollars bought.",
               true, out);
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct report_fleet *fleet = &d->fleets[f];
        struct money m = money_of_fleet(fleet);
        if (!fleet->has_hours) continue;
        fprintf(out, "<tr%s><th scope=\"row\">", f == d->pick ? " class=\"pick\"" : "");
        escape_html(out, fleet->name);
        bar(out, &m);
        fputs("</th>", out);
        cells(d, &m, true, out);
        per(out, m.usd[MONEY_BOUGHT], (double)fleet->ran);
        per(out, m.usd[MONEY_BOUGHT], m.gpu_hours[MONEY_USEFUL]);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}

static void pools(const struct report_data *d, FILE *out)
{
    int32_t n = 0;
    for (int32_t f = 0; f < d->fleet_n; f++)
        if (d->fleets[f].has_hours) n += d->fleets[f].pool_n;
    if (n <= d->fleet_n) return; /* the same as by fleet */
    fputs("<details><summary>By pool</summary>\n", out);
    table_head(d, "Pool", "Where the money of each pool went", "Replication 0.", false, out);
    for (int32_t f = 0; f < d->fleet_n; f++)
        for (int32_t p = 0; d->fleets[f].has_hours && p < d->fleets[f].pool_n; p++) {
            struct money m = money_of_pool(&d->fleets[f].pools[p].use);
            fputs("<tr><th scope=\"row\">", out);
            escape_html(out, d->fleets[f].pools[p].name);
            fputs("<small>", out);
            escape_html(out, d->fleets[f].name);
            fputs("</small>", out);
            bar(out, &m);
            fputs("</th>", out);
            cells(d, &m, false, out);
            fputs("</tr>\n", out);
        }
    fputs("</tbody></table></div></details>\n", out);
}

static void owners(const struct report_fleet *f, const char *what, const char *head,
                   const struct report_tenant *list, int32_t n, FILE *out)
{
    if (n < 2) return;
    int32_t shown = n > OWNERS_MOST + 1 ? OWNERS_MOST : n;
    double usd = money_of_fleet(f).usd[MONEY_HELD];
    for (int32_t i = 0; i < f->service_n; i++) usd += f->services[i].jobs_usd;
    fprintf(out, "<details><summary>By %s on ", what);
    escape_html(out, f->name);
    fprintf(out,
            "</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"By "
            "%s\"><table>\n<caption>Replication 0. Shares are of the dollars of "
            "jobs.</caption>\n<thead><tr><th scope=\"col\">%s</th><th scope=\"col\">Cost</th><th "
            "scope=\"col\">Share</th><th scope=\"col\">GPU-hours</th><th "
            "scope=\"col\">Jobs</th><th scope=\"col\">Per job</th></tr></thead>\n<tbody>\n",
            what, head);
    for (int32_t i = 0; i <= shown; i++) {
        struct report_tenant rest = money_rest(list, n, shown);
        const struct report_tenant *t = i < shown ? &list[i] : &rest;
        if (i == shown && shown == n) continue;
        fputs("<tr><th scope=\"row\">", out);
        if (i == shown) fprintf(out, "%d others", n - shown);
        else escape_html(out, *t->tenant ? t->tenant : "(none)");
        fprintf(out, "</th><td>%s</td><td>%s</td><td>%s</td><td>%s</td>", format_usd(t->usd).s,
                format_percent(usd > 0 ? t->usd / usd : NAN).s, format_count(t->gpu_hours).s,
                format_count((double)t->jobs).s);
        per(out, t->usd, (double)t->jobs);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div></details>\n", out);
}

/* A pool's cost by resource, where jobs ask for cores or memory. */
static void resources(const struct report_data *d, FILE *out)
{
    bool any = false;
    for (int32_t f = 0; f < d->fleet_n; f++)
        for (int32_t p = 0; p < d->fleets[f].pool_n; p++)
            any |= d->fleets[f].pools[p].resource_n > 0;
    if (!any) return;
    fputs("<details><summary>By resource</summary>\n<div class=\"scroll\" tabindex=\"0\" "
          "role=\"group\" aria-label=\"By resource\"><table>\n<caption>Replication 0: what of a "
          "pool's cost is its GPUs', its cores' and its memory's, by OpenCost's list "
          "rates; what jobs asked for, and what was idle.</caption>\n<thead><tr><th "
          "scope=\"col\">Pool</th><th scope=\"col\" class=\"l\">Resource</th><th "
          "scope=\"col\">Bought, hours</th><th scope=\"col\">Held, hours</th><th "
          "scope=\"col\">Held</th><th scope=\"col\">Idle</th></tr></thead>\n<tbody>\n",
          out);
    for (int32_t f = 0; f < d->fleet_n; f++)
        for (int32_t p = 0; p < d->fleets[f].pool_n; p++)
            for (int32_t i = 0; i < d->fleets[f].pools[p].resource_n; i++) {
                const struct report_resource *r = &d->fleets[f].pools[p].resources[i];
                fputs("<tr><th scope=\"row\">", out);
                escape_html(out, d->fleets[f].pools[p].name);
                fputs("<small>", out);
                escape_html(out, d->fleets[f].name);
                fputs("</small></th><td class=\"l\">", out);
                escape_html(out, money_resource_title(r->resource));
                fprintf(out, "</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
                        format_count(r->bought).s, format_count(r->held).s,
                        format_usd(r->held_usd).s, format_usd(r->idle_usd).s);
            }
    fputs("</tbody></table></div></details>\n", out);
}

/* What is paid besides nodes. */
static void services(const struct report_data *d, FILE *out)
{
    bool any = false;
    for (int32_t f = 0; f < d->fleet_n; f++) any |= d->fleets[f].service_n > 0;
    if (!any) return;
    fputs("<details><summary>Besides nodes</summary>\n<div class=\"scroll\" tabindex=\"0\" "
          "role=\"group\" aria-label=\"Services\"><table>\n<caption>Replication 0, inside the "
          "accounting window. No pool and no job has a part of it, but for what jobs "
          "send.</caption>\n<thead><tr><th scope=\"col\">Service</th><th scope=\"col\" "
          "class=\"l\">Amount</th><th scope=\"col\">Quantity</th><th "
          "scope=\"col\">Price</th><th scope=\"col\">Cost</th></tr></thead>\n<tbody>\n",
          out);
    for (int32_t f = 0; f < d->fleet_n; f++)
        for (int32_t i = 0; i < d->fleets[f].service_n; i++) {
            const struct report_service *s = &d->fleets[f].services[i];
            fputs("<tr><th scope=\"row\">", out);
            escape_html(out, s->name);
            fputs("<small>", out);
            escape_html(out, d->fleets[f].name);
            fputs("</small></th><td class=\"l\">", out);
            escape_html(out, s->amount);
            fprintf(out, "</td><td>%s</td><td>$%.9g a ", format_count(s->quantity).s,
                    (double)s->usd_nano / 1e9);
            escape_html(out, s->per);
            fprintf(out, "</td><td>%s</td></tr>\n", format_usd(s->jobs_usd + s->fleet_usd).s);
        }
    fputs("</tbody></table></div></details>\n", out);
}

/* Where watts are known: energy, and CO2 where the grid is. */
static void energy(const struct report_data *d, FILE *out)
{
    bool any = false;
    for (int32_t f = 0; f < d->fleet_n; f++)
        any |= report_metric(&d->fleets[f], METRIC_ENERGY_KWH)->mean > 0;
    if (!any) return;
    fputs(
        "<details><summary>Energy and CO\u2082</summary>\n<div class=\"scroll\" tabindex=\"0\" "
        "role=\"group\" aria-label=\"Energy\"><table>\n<caption>At the meter, of nodes whose watts "
        "are known, inside the accounting window; means over replications.</caption>\n"
        "<thead><tr><th scope=\"col\">Fleet</th><th scope=\"col\">Energy</th><th "
        "scope=\"col\">CO\u2082</th></tr></thead>\n<tbody>\n",
        out);
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct estimate *kwh = report_metric(&d->fleets[f], METRIC_ENERGY_KWH),
                              *co2 = report_metric(&d->fleets[f], METRIC_CO2_KG);
        fputs("<tr><th scope=\"row\">", out);
        escape_html(out, d->fleets[f].name);
        if (kwh->n && kwh->mean > 0)
            fprintf(out, "</th><td>%s kWh</td>", format_count(kwh->mean).s);
        else fputs("</th><td>not known</td>", out);
        if (co2->n) fprintf(out, "<td>%s kg</td></tr>\n", format_count(co2->mean).s);
        else fputs("<td>not known</td></tr>\n", out);
    }
    fputs("</tbody></table></div></details>\n", out);
}

void page_money(const struct report_data *d, FILE *out)
{
    const struct report_fleet *choice = &d->fleets[d->pick >= 0 ? d->pick : d->baseline];
    bool any = false;
    for (int32_t f = 0; f < d->fleet_n; f++) any |= d->fleets[f].has_hours;
    if (!any) return; /* a file that keeps no hours */
    fputs("<h3>From bought to useful</h3>\n", out);
    legend(d, out);
    fleets(d, out);
    pools(d, out);
    owners(choice, "tenant", "Tenant", choice->tenants, choice->tenant_n, out);
    owners(choice, "queue", "Queue", choice->queues, choice->queue_n, out);
    resources(d, out);
    services(d, out);
    energy(d, out);
}
