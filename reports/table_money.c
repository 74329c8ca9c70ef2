/* SPDX-License-Identifier: Apache-2.0 */
/* Where the money went, for a terminal. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/money.h"

enum { NAME_MOST = 28, OWNERS_MOST = 10, INDENT = 2 };

/* A name in its column, cut where it is too long. */
static void name(FILE *out, int indent, const char *text, int width)
{
    char cut[NAME_MOST * 4 + 1];
    int columns = escape_width(text);
    snprintf(cut, sizeof cut, "%.*s", escape_cut(text, NAME_MOST), text);
    if (columns > NAME_MOST) columns = escape_width(cut);
    format_pad(out, INDENT + indent);
    escape_terminal(out, columns == escape_width(text) ? text : cut);
    format_pad(out, width - indent - columns);
}

static void line(FILE *out, int indent, const char *title, const struct money *m,
                 enum money_layer layer)
{
    struct format_text usd = format_usd(m->usd[layer]), hours = format_count(m->gpu_hours[layer]),
                       share = format_percent(
                           m->usd[MONEY_BOUGHT] > 0 ? m->usd[layer] / m->usd[MONEY_BOUGHT] : NAN);
    name(out, indent, title, NAME_MOST);
    fprintf(out, "%10s %8s", usd.s, share.s);
    fprintf(out, money_has_hours(layer) ? " %14s\n" : "\n", hours.s);
}

static void layers(const struct money *m, int indent, FILE *out)
{
    for (int l = MONEY_HELD; l < MONEY_LAYERS; l++) {
        bool part = (l >= MONEY_USEFUL && l <= MONEY_LOST_CHECKPOINTS) ||
                    (l >= MONEY_BOOTING && l <= MONEY_WAITED);
        int deeper = part ? 2 : 0;
        bool always = l == MONEY_HELD || l == MONEY_USEFUL || l == MONEY_IDLE;
        if (always || fabs(m->usd[l]) > 0 || m->gpu_hours[l] > 0)
            line(out, indent + deeper, money_layers[l].title, m, (enum money_layer)l);
    }
}

static void owners(FILE *out, const char *head, const struct report_tenant *list, int32_t n)
{
    if (n < 2) return;
    int32_t shown = n > OWNERS_MOST + 1 ? OWNERS_MOST : n;
    fputc('\n', out);
    name(out, 0, head, NAME_MOST);
    fprintf(out, "%10s %8s %14s\n", "cost", "jobs", "GPU-hours");
    for (int32_t i = 0; i <= shown; i++) {
        struct report_tenant rest = money_rest(list, n, shown);
        const struct report_tenant *t = i < shown ? &list[i] : &rest;
        char others[40];
        if (i == shown && shown == n) continue;
        snprintf(others, sizeof others, "(%d others)", n - shown);
        name(out, 0, i == shown ? others : *t->tenant ? t->tenant : "(none)", NAME_MOST);
        fprintf(out, "%10s %8s %14s\n", format_usd(t->usd).s, format_count((double)t->jobs).s,
                format_count(t->gpu_hours).s);
    }
}

/* What of the pools' nodes is GPUs', cores', memory's, held and idle. */
static void resources(const struct report_fleet *f, FILE *out)
{
    for (int32_t p = 0; p < f->pool_n; p++) {
        const struct report_pool *pool = &f->pools[p];
        if (pool->resource_n == 0) continue;
        fputc('\n', out);
        name(out, 0, pool->name, NAME_MOST);
        fprintf(out, "%10s %8s %14s\n", "held", "idle", "held, hours");
        for (int32_t i = 0; i < pool->resource_n; i++) {
            const struct report_resource *r = &pool->resources[i];
            name(out, 2, money_resource_title(r->resource), NAME_MOST);
            fprintf(out, "%10s %8s %14s\n", format_usd(r->held_usd).s, format_usd(r->idle_usd).s,
                    format_count(r->held).s);
        }
    }
}

/* What is paid besides nodes, by name, with how much of it there was. */
static void services(const struct report_fleet *f, double bought, FILE *out)
{
    for (int32_t i = 0; i < f->service_n; i++) {
        const struct report_service *s = &f->services[i];
        double usd = s->jobs_usd + s->fleet_usd;
        if (i == 0) fputc('\n', out);
        name(out, 0, s->name, NAME_MOST);
        fprintf(out, "%10s %8s %14s ", format_usd(usd).s,
                format_percent(bought > 0 ? usd / bought : NAN).s, format_count(s->quantity).s);
        escape_terminal(out, s->per);
        fputc('\n', out);
    }
}

static void one_fleet(const struct report_fleet *f, FILE *out)
{
    struct money m = money_of_fleet(f);
    name(out, 0, f->name, NAME_MOST);
    fprintf(out, "%10s %8s %14s\n", "cost", "of all", "GPU-hours");
    line(out, 0, money_layers[MONEY_BOUGHT].title, &m, MONEY_BOUGHT);
    layers(&m, 2, out);
    for (int32_t p = 0; f->pool_n > 1 && p < f->pool_n; p++) {
        struct money of = money_of_pool(&f->pools[p].use);
        fputc('\n', out);
        name(out, 0, f->pools[p].name, NAME_MOST);
        fprintf(out, "%10s %8s %14s\n", format_usd(of.usd[MONEY_BOUGHT]).s, "",
                format_count(of.gpu_hours[MONEY_BOUGHT]).s);
        layers(&of, 2, out);
    }
    resources(f, out);
    services(f, m.usd[MONEY_BOUGHT], out);
    fputc('\n', out);
    if (f->ran > 0) {
        name(out, 0, "Per finished job", NAME_MOST);
        fprintf(out, "%10s\n", format_usd(m.usd[MONEY_BOUGHT] / (double)f->ran).s);
    }
    if (m.gpu_hours[MONEY_USEFUL] > 0) {
        name(out, 0, "Per useful GPU-hour", NAME_MOST);
        fprintf(out, "%10s\n", format_usd(m.usd[MONEY_BOUGHT] / m.gpu_hours[MONEY_USEFUL]).s);
    }
    static const char *const metered[][3] = { { METRIC_ENERGY_KWH, "Energy at the meter", "kWh" },
                                              { METRIC_CO2_KG, "CO2 of it", "kg" } };
    for (int i = 0; i < 2; i++) { /* the mean over replications, as of any metric */
        const struct estimate *e = report_metric(f, metered[i][0]);
        if (e->n == 0 || !(e->mean > 0)) continue;
        name(out, 0, metered[i][1], NAME_MOST);
        fprintf(out, "%10s %s\n", format_count(e->mean).s, metered[i][2]);
    }
    owners(out, "tenant", f->tenants, f->tenant_n);
    owners(out, "queue", f->queues, f->queue_n);
}

void table_money(const struct report_data *d, FILE *out)
{
    int shown = 0;
    for (int32_t f = 0; f < d->fleet_n; f++) {
        if (!d->fleets[f].has_hours) continue;
        if (shown++) fputc('\n', out);
        one_fleet(&d->fleets[f], out);
    }
    fputs(shown ? "\n  Replication 0, inside the accounting window; of all: of what was bought.\n"
                : "  These results keep no hours: their scenario says run.keep_hours: no, or they "
                  "are of an older\n  Seatrial.\n",
          out);
}
