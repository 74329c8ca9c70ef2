/* SPDX-License-Identifier: Apache-2.0 */
/* Where the money goes: a bar a fleet, what jobs held by kind of charge, services, and what lay
 * idle. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/chart.h"
#include "reports/escape.h"
#include "reports/format.h"
#include "reports/metrics.h"

static const struct {
    const char *kind, *token, *label;
} parts[] = {
    { "on-demand", "od", "on-demand, held by jobs" },
    { "amortisation", "res", "amortisation, held by jobs" },
    { "power", "spot", "power of jobs" },
    { "space and staff", "sto", "space and staff, held by jobs" },
    { "reserved", "res", "reserved, held by jobs" },
    { "savings plan", "spot", "savings plan, held by jobs" },
    { "spot", "spot", "spot, held by jobs" },
    { NULL, "base", "besides nodes" },
};
enum { PART_N = sizeof parts / sizeof *parts };

/* NULL: of all services. */
static double jobs_part(const struct report_fleet *f, const char *kind)
{
    double sum = 0;
    for (int32_t i = 0; i < f->charge_n; i++)
        if (!kind) sum += f->charges[i].service_usd;
        else if (strcmp(f->charges[i].kind, kind) == 0) sum += f->charges[i].jobs_usd;
    return sum;
}

static double idle_part(const struct report_fleet *f)
{
    double idle = 0;
    for (int32_t i = 0; i < f->charge_n; i++) idle += f->charges[i].idle_usd;
    return idle;
}

static bool is_dark(const char *token)
{
    return strcmp(token, "res") == 0 || strcmp(token, "base") == 0;
}

static void bar(struct canvas *c, double x0, double x1, double y, const char *token)
{
    if (x1 - x0 <= 0) return;
    fprintf(
        c->script,
        "set object rectangle from %.9g,%.9g to %.9g,%.9g fc rgb %s fs solid 1 noborder front\n",
        x0, y - 0.3, x1, y + 0.3, canvas_colour(c, token));
}

void chart_money(const struct report_data *d, struct canvas *c, struct chart *chart)
{
    double most = 0;
    bool used[PART_N] = { false };
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct estimate *cost = report_metric(&d->fleets[f], METRIC_COST_MONTH);
        most = fmax(most, cost->mean + (isnan(cost->half) ? 0 : cost->half));
    }
    if (!(most > 0)) {
        chart->skipped = chart_text("no fleet costs anything");
        return;
    }
    double step = chart_step(most, 6), right = most * 1.22;
    fprintf(c->script,
            "set xrange [0:%.9g]\nset yrange [%.9g:0.4]\nset lmargin at screen 0.21\nset rmargin "
            "at screen 0.985\nset bmargin at screen %.4f\nset tmargin at screen 0.98\n"
            "unset ytics\nset grid noytics xtics lt 1 lw 1 lc rgb %s\nset xtics (",
            right, d->fleet_n + 0.6 - 0.0, 38.0 / c->height, canvas_colour(c, "grid"));
    for (double x = 0, n = 0; x <= right && n < 20; x += step, n++)
        fprintf(c->script, "%s'%s' %.9g", n ? ", " : "", x == 0 ? "$0" : format_usd(x).s, x);
    fputs(")\n", c->script);
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct report_fleet *fleet = &d->fleets[f];
        const struct estimate *cost = report_metric(fleet, METRIC_COST_MONTH);
        double x = 0, y = f + 1, idle = idle_part(fleet);
        for (int k = 0; k < PART_N; k++) {
            double part = jobs_part(fleet, parts[k].kind);
            bar(c, x, x + part, y, parts[k].token);
            used[k] |= part > 0;
            if (part > 0.07 * right)
                fprintf(c->script, "set label '%s' at %.9g,%.9g center tc rgb %s front\n",
                        format_usd(part).s, x + part / 2, y,
                        canvas_colour(c, is_dark(parts[k].token) ? "paper" : "onbar"));
            x += part;
        }
        bar(c, x, x + idle, y, "idle");
        if (idle > 0.07 * right)
            fprintf(c->script, "set label '%s' at %.9g,%.9g center tc rgb %s front\n",
                    format_usd(idle).s, x + idle / 2, y, canvas_colour(c, "ink"));
        x += idle;
        double end = x;
        if (cost->n > 1 && cost->half > 0) {
            fprintf(c->script,
                    "set arrow from %.9g,%.9g to %.9g,%.9g heads size screen 0.004,90 lc rgb %s lw "
                    "1.5 front\n",
                    x - cost->half, y + 0.38, x + cost->half, y + 0.38, canvas_colour(c, "ink"));
            end = x + cost->half;
        }
        fprintf(c->script, "set label '%s' at %.9g,%.9g left offset 1,0 tc rgb %s front\n",
                format_usd_interval(cost->mean, cost->half).s, end, y, canvas_colour(c, "ink"));
        char name[28], summary[40];
        snprintf(name, sizeof name, "%.*s", escape_cut(fleet->name, 27), fleet->name);
        snprintf(summary, sizeof summary, "%lld GPUs, %.*s", (long long)fleet->gpus,
                 escape_cut(fleet->queue_order, 24), fleet->queue_order);
        fprintf(c->script, "set label %s at screen 0.005, first %.9g left tc rgb %s\n",
                canvas_label(c, name), y - 0.12, canvas_colour(c, "ink"));
        fprintf(c->script, "set label %s at screen 0.005, first %.9g left tc rgb %s\n",
                canvas_label(c, summary), y + 0.22, canvas_colour(c, "mute"));
    }
    fprintf(c->script, "plot '-' using 1:2 with points pt 0 ps 0 lc rgb %s notitle\n0\t1\ne\n",
            canvas_colour(c, "grid"));

    const struct report_fleet *base = &d->fleets[d->baseline];
    double idle = report_metric(base, METRIC_COST_IDLE_MONTH)->mean,
           cost = report_metric(base, METRIC_COST_MONTH)->mean;
    chart->title = chart_text("%s of %s's bill buys GPU time that no job holds",
                              format_percent(cost > 0 ? idle / cost : 0).s, base->name);
    chart->subtitle = chart_text(
        "Cost per month by component.%s",
        d->replications > 1 ? " The line under each bar is the 95% interval of its total." : "");
    chart->note =
        chart_text("Idle is taken out of every component and shown once, at the right end.");
    for (int k = 0; k < PART_N; k++)
        if (used[k]) chart_legend_add(chart, parts[k].token, parts[k].label, 0, "");
    chart_legend_add(chart, "idle", "paid but idle", 0, "");
    char *alt = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&alt, &n);
    if (!out) return;
    for (int32_t f = 0; f < d->fleet_n; f++)
        fprintf(out, "%s%s: %s a month, of which %s idle", f ? "; " : "", d->fleets[f].name,
                format_usd(report_metric(&d->fleets[f], METRIC_COST_MONTH)->mean).s,
                format_usd(idle_part(&d->fleets[f])).s);
    fputc('.', out);
    if (fclose(out) == 0) chart->alt = alt;
}
