/* SPDX-License-Identifier: Apache-2.0 */
/* Cost per month against p95 wait: one point a fleet, with its intervals and the target's line. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/chart.h"
#include "reports/escape.h"
#include "reports/format.h"
#include "reports/metrics.h"

static double half_of(const struct estimate *e) { return isnan(e->half) ? 0 : e->half; }

/* Waits below a second are shown at a second: a log axis has no zero. */
static double wait_x(double s) { return s < 1 ? 1 : s; }

struct box {
    double x0, y0, x1, y1;
};

static bool overlaps(struct box a, struct box b)
{
    return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

/* A fleet on which nothing could run has no wait, and no place in the drawing. */
static bool has_place(const struct report_fleet *f)
{
    return report_metric(f, METRIC_WAIT_P95)->n && report_metric(f, METRIC_COST_MONTH)->n;
}

void chart_cost_wait(const struct report_data *d, struct canvas *c, struct chart *chart)
{
    double low = INFINITY, high = 0, top = 0, bottom = INFINITY, target = NAN;
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct estimate *wait = report_metric(&d->fleets[f], METRIC_WAIT_P95),
                              *cost = report_metric(&d->fleets[f], METRIC_COST_MONTH);
        if (!has_place(&d->fleets[f])) continue;
        low = fmin(low, wait_x(wait->mean - half_of(wait)));
        high = fmax(high, wait_x(wait->mean + half_of(wait)));
        bottom = fmin(bottom, cost->mean - half_of(cost));
        top = fmax(top, cost->mean + half_of(cost));
    }
    if (!(high > 0) || !(top > 0)) {
        chart->skipped = chart_text("no fleet has both a cost and a wait");
        return;
    }
    for (int32_t s = 0; s < d->slo_n; s++)
        if (strcmp(d->slos[s].metric, METRIC_WAIT_P95) == 0) target = d->slos[s].target;
    if (!isnan(target)) {
        low = fmin(low, wait_x(target));
        high = fmax(high, wait_x(target));
    }
    low = fmax(low / 1.8, 0.7);
    high = fmax(high * 2.2, 4 * low);
    double span = fmax(top - bottom, top * 0.15), step, y0, y1;
    y0 = fmax(0, bottom - 0.25 * span);
    y1 = top + 0.25 * span;
    step = chart_step(y1 - y0, 6);
    fprintf(c->script,
            "set logscale x\nset xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\nset lmargin at screen "
            "0.075\nset rmargin at screen 0.985\n"
            "set bmargin at screen 0.14\nset tmargin at screen 0.93\n",
            low, high, y0, y1);
    chart_time_tics(c->script, "x", low, high);
    fputs("set ytics (", c->script);
    for (double y = ceil(y0 / step) * step, n = 0; y <= y1 * 1.0000001 && n < 20; y += step, n++)
        fprintf(c->script, "%s'%s' %.9g", n ? ", " : "", format_usd(y).s, y);
    fputs(")\n", c->script);
    fprintf(c->script, "set label 'p95 queue wait (log scale)' at graph 1,-0.13 right tc rgb %s\n",
            canvas_colour(c, "mute"));
    fprintf(c->script, "set label 'Cost per month' at graph -0.06,1.06 left tc rgb %s\n",
            canvas_colour(c, "mute"));
    if (!isnan(target)) {
        double x = wait_x(target);
        fprintf(c->script,
                "set object rectangle from %.9g,graph 0 to graph 1,graph 1 fc rgb %s fs solid 1 "
                "noborder behind\n",
                x, canvas_colour(c, "zone"));
        fprintf(c->script, "set arrow from %.9g,graph 0 to %.9g,graph 1 nohead lc rgb %s lw 1\n", x,
                x, canvas_colour(c, "mute"));
        fprintf(c->script,
                "set label 'misses the target' at %.9g,graph 0.97 left offset 1,0 tc rgb %s\n", x,
                canvas_colour(c, "mute"));
        fprintf(c->script, "set label 'meets' at %.9g,graph 0.97 right offset -1,0 tc rgb %s\n", x,
                canvas_colour(c, "mute"));
    }
    /* Labels right of their points, or above, below, left where they would lie on another or on an
     * interval's line. In CSS pixels. */
    struct box *boxes = calloc((size_t)d->fleet_n * 3 + 1, sizeof *boxes);
    int box_n = 0;
    for (int32_t f = 0; boxes && f < d->fleet_n; f++) {
        boxes[box_n++] = (struct box){ -99, -99, -99, -99 };
        if (!has_place(&d->fleets[f])) continue;
        double px =
            81 + 983 * log(wait_x(report_metric(&d->fleets[f], METRIC_WAIT_P95)->mean) / low) /
                     log(high / low);
        double py = 373 * (report_metric(&d->fleets[f], METRIC_COST_MONTH)->mean - y0) / (y1 - y0);
        boxes[f] = (struct box){ px - 9, py - 9, px + 9, py + 9 };
    }
    for (int32_t f = 0; boxes && f < d->fleet_n; f++) {
        const struct estimate *wait = report_metric(&d->fleets[f], METRIC_WAIT_P95);
        double py = (boxes[f].y0 + boxes[f].y1) / 2;
        if (wait->n > 1)
            boxes[box_n++] = (struct box){
                81 + 983 * log(wait_x(wait->mean - wait->half) / low) / log(high / low), py - 2,
                81 + 983 * log(wait_x(wait->mean + wait->half) / low) / log(high / low), py + 2
            };
    }
    for (int32_t f = 0; boxes && f < d->fleet_n; f++) {
        const struct report_fleet *fleet = &d->fleets[f];
        if (!has_place(fleet)) continue;
        const struct estimate *wait = report_metric(fleet, METRIC_WAIT_P95),
                              *cost = report_metric(fleet, METRIC_COST_MONTH);
        const char *colour = chart_fleet_token(d, f);
        double px = (boxes[f].x0 + boxes[f].x1) / 2, py = (boxes[f].y0 + boxes[f].y1) / 2,
               width = 8.0 * (double)strlen(fleet->name) + 100;
        static const struct {
            double dx, dy;
            const char *side;
        } places[] = { { 14, 0, "left" },   { 4, 20, "left" },   { 4, -20, "left" },
                       { -14, 0, "right" }, { -4, 20, "right" }, { -4, -20, "right" },
                       { 4, 44, "left" },   { 4, -44, "left" } };
        size_t best = 0;
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            double x = px + places[k].dx, y = py + places[k].dy;
            struct box b = places[k].dx > 0 ? (struct box){ x, y - 9, x + width, y + 9 }
                                            : (struct box){ x - width, y - 9, x, y + 9 };
            bool bad = b.x0 < 82 || b.x1 > 1064 || b.y0 < 0 || b.y1 > 355;
            for (int i = 0; i < box_n; i++) bad |= i != f && overlaps(b, boxes[i]);
            if (bad) continue;
            best = k;
            boxes[box_n++] = b;
            break;
        }
        if (wait->n > 1)
            fprintf(c->script, "set arrow from %.9g,%.9g to %.9g,%.9g nohead lc rgb %s lw 2\n",
                    wait_x(wait->mean - wait->half), cost->mean, wait_x(wait->mean + wait->half),
                    cost->mean, canvas_colour(c, colour));
        if (cost->n > 1)
            fprintf(c->script, "set arrow from %.9g,%.9g to %.9g,%.9g nohead lc rgb %s lw 2\n",
                    wait_x(wait->mean), cost->mean - cost->half, wait_x(wait->mean),
                    cost->mean + cost->half, canvas_colour(c, colour));
        char text[240];
        snprintf(text, sizeof text, "%.*s  %s, %s", escape_cut(fleet->name, 80), fleet->name,
                 format_usd(cost->mean).s, format_duration(wait->mean).s);
        double lx = low * exp((px + places[best].dx - 81) / 983 * log(high / low)),
               ly = y0 + (py + places[best].dy) / 373 * (y1 - y0);
        fprintf(c->script, "set label %s at %.9g,%.9g %s tc rgb %s%s front\n",
                canvas_label(c, text), lx, ly, places[best].side,
                canvas_colour(c, f == d->pick || f == d->baseline ? "ink" : "mute"),
                f == d->pick && c->picture == PICTURE_SVG ? " font ':Bold'" : "");
    }
    free(boxes);
    fputs("plot", c->script);
    const char *separator = "";
    for (int32_t f = 0; f < d->fleet_n; f++) {
        if (!has_place(&d->fleets[f])) continue;
        fprintf(c->script, "%s '-' using 1:2 with points pt %d ps %s lc rgb %s notitle", separator,
                f == d->baseline ? 5 : 7, f == d->pick ? "1.5" : "1.1",
                canvas_colour(c, chart_fleet_token(d, f)));
        separator = ",";
    }
    fputc('\n', c->script);
    for (int32_t f = 0; f < d->fleet_n; f++)
        if (has_place(&d->fleets[f]))
            fprintf(c->script, "%.9g\t%.9g\ne\n",
                    wait_x(report_metric(&d->fleets[f], METRIC_WAIT_P95)->mean),
                    report_metric(&d->fleets[f], METRIC_COST_MONTH)->mean);

    int meets = 0;
    for (int32_t f = 0; f < d->fleet_n; f++)
        meets += !isnan(target) && report_metric(&d->fleets[f], METRIC_WAIT_P95)->mean +
                                           half_of(report_metric(&d->fleets[f], METRIC_WAIT_P95)) <=
                                       target;
    chart->title =
        isnan(target) ? chart_text("What each fleet costs and how long it makes people wait")
        : meets == 0  ? chart_text("No fleet keeps the wait surely under its target")
        : meets == d->fleet_n
            ? chart_text("Every fleet keeps the wait under its target; they differ in cost")
            : chart_text("%d of %d fleets keep%s the wait under its target", meets, d->fleet_n,
                         meets == 1 ? "s" : "");
    chart->subtitle =
        chart_text("Cost per month against p95 queue wait. Down and left is better.%s",
                   d->replications > 1 ? " Lines: 95% intervals of the mean." : "");
    chart->note = chart_text(
        "%s", isnan(target)
                  ? ""
                  : "A fleet meets the target only if its whole interval lies left of the line.");
    if (d->pick >= 0) chart_legend_add(chart, "accent", "chosen", 0, "");
    chart_legend_add(chart, "base",
                     d->pick == d->baseline ? "today is the choice" : "baseline (square)", 0, "");
    char *alt = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&alt, &n);
    if (!out) return;
    for (int32_t f = 0; f < d->fleet_n; f++)
        fprintf(out, "%s%s costs %s a month with a p95 wait of %s", f ? "; " : "",
                d->fleets[f].name,
                format_usd(report_metric(&d->fleets[f], METRIC_COST_MONTH)->mean).s,
                format_duration(report_metric(&d->fleets[f], METRIC_WAIT_P95)->mean).s);
    fputc('.', out);
    if (fclose(out) == 0) chart->alt = alt;
}
