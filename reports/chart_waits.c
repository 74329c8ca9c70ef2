/* SPDX-License-Identifier: Apache-2.0 */
/* How many jobs have started within a wait: the axis of shares is stretched towards the tail. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/chart.h"
#include "reports/format.h"
#include "reports/metrics.h"

/* 50, 90, 99, 99.9 % at equal distances: the place of a share is -log10(1 - share). */
static double share_y(double share) { return share >= 0.9995 ? 3.3 : -log10(1 - share); }

/* An instant start has no place on a log axis: it stands at its left edge. */
enum { INSTANT_S = 1 };
static double wait_x(double s) { return s < INSTANT_S ? INSTANT_S : s; }

/* With more fleets than can be told apart, all but the chosen one and the baseline are grey. */
enum { TOLD_APART = 8 };

static bool is_grey(const struct report_data *d, int32_t f)
{
    return d->fleet_n > TOLD_APART && f != d->pick && f != d->baseline;
}

static const char *token_of(const struct report_data *d, int32_t f)
{
    return is_grey(d, f) ? "dim" : chart_fleet_token(d, f);
}

void chart_waits(const struct report_data *d, struct canvas *c, struct chart *chart)
{
    static const double shown[] = { 0.5, 0.75, 0.9, 0.95, 0.99, 0.999 };
    double most = 0;
    for (int32_t f = 0; f < d->fleet_n; f++)
        for (int32_t i = 0; i < d->fleets[f].wait_n; i++)
            if (d->fleets[f].waits[i].share <= 0.9995)
                most = fmax(most, d->fleets[f].waits[i].wait_s.most);
    if (!(most > INSTANT_S)) {
        chart->skipped = chart_text("no job waits longer than a second on any fleet");
        return;
    }
    double high = fmax(most * 1.3, 60), top = share_y(0.999) + 0.15, bottom = share_y(0.3);
    fprintf(c->script,
            "set logscale x\nset xrange [%d:%.9g]\nset yrange [%.6f:%.6f]\nset lmargin at screen "
            "0.06\nset rmargin at screen 0.985\nset bmargin at screen 0.14\nset tmargin at screen "
            "0.93\n",
            INSTANT_S, high, bottom, top);
    chart_time_tics(c->script, "x", INSTANT_S * 1.5, high);
    fprintf(c->script, "set xtics add ('instant' %d)\nset ytics (", INSTANT_S);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        fprintf(c->script, "%s'%g%%%%' %.6f", i ? ", " : "", 100 * shown[i], share_y(shown[i]));
    fputs(")\n", c->script);
    fprintf(c->script,
            "set label 'Queue wait (log scale)' at graph 1,-0.13 right tc rgb %s\nset label 'Share "
            "of jobs started (stretched towards the tail)' at graph -0.045,1.06 left tc rgb %s\n",
            canvas_colour(c, "mute"), canvas_colour(c, "mute"));
    for (int32_t s = 0; s < d->slo_n; s++) {
        static const struct {
            const char *metric;
            double share;
        } lines[] = { { METRIC_WAIT_P50, 0.5 },
                      { METRIC_WAIT_P90, 0.9 },
                      { METRIC_WAIT_P95, 0.95 },
                      { METRIC_WAIT_P99, 0.99 } };
        for (size_t i = 0; i < 4; i++) {
            if (strcmp(d->slos[s].metric, lines[i].metric) != 0) continue;
            double x = wait_x(d->slos[s].target), y = share_y(lines[i].share);
            fprintf(c->script,
                    "set object rectangle from %.9g,graph 0 to graph 1,graph 1 fc rgb %s fs solid "
                    "1 noborder behind\n",
                    x, canvas_colour(c, "zone"));
            fprintf(c->script,
                    "set arrow from %.9g,graph 0 to %.9g,graph 1 nohead lc rgb %s lw 1 dt 2\n", x,
                    x, canvas_colour(c, "mute"));
            fprintf(c->script,
                    "set arrow from graph 0,first %.6f to graph 1,first %.6f nohead lc rgb %s lw 1 "
                    "dt 2\n",
                    y, y, canvas_colour(c, "mute"));
            fprintf(c->script, "set label %s at %.9g,graph 0.04 left offset 0.6,0 tc rgb %s\n",
                    canvas_label(c, d->slos[s].label), x, canvas_colour(c, "mute"));
        }
    }
    fputs("plot", c->script);
    const char *separator = "";
    for (int32_t f = 0; d->replications > 1 && f < d->fleet_n; f++) {
        if (is_grey(d, f)) continue;
        fprintf(c->script,
                "%s '-' using 1:2 with filledcurves closed fc rgb %s fs transparent solid 0.18 "
                "noborder notitle",
                separator, canvas_colour(c, token_of(d, f)));
        separator = ",";
    }
    for (int32_t f = 0; f < d->fleet_n; f++) {
        fprintf(c->script, "%s '-' using 1:2 with lines lw %s dt %d lc rgb %s notitle", separator,
                f == d->pick    ? "3"
                : is_grey(d, f) ? "1.2"
                                : "2.2",
                is_grey(d, f) ? 1 : chart_fleet_dash(d, f), canvas_colour(c, token_of(d, f)));
        separator = ",";
    }
    fputc('\n', c->script);
    for (int32_t f = 0; d->replications > 1 && f < d->fleet_n; f++) {
        const struct report_fleet *fleet = &d->fleets[f];
        if (is_grey(d, f)) continue;
        for (int32_t i = 0; i < fleet->wait_n; i++)
            fprintf(c->script, "%.9g\t%.6f\n", wait_x(fleet->waits[i].wait_s.least),
                    share_y(fleet->waits[i].share));
        for (int32_t i = fleet->wait_n; i-- > 0;)
            fprintf(c->script, "%.9g\t%.6f\n", wait_x(fleet->waits[i].wait_s.most),
                    share_y(fleet->waits[i].share));
        fputs(fleet->wait_n ? "e\n" : "1\t0\ne\n", c->script);
    }
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct report_fleet *fleet = &d->fleets[f];
        for (int32_t i = 0; i < fleet->wait_n; i++)
            fprintf(c->script, "%.9g\t%.6f\n", wait_x(fleet->waits[i].wait_s.mean),
                    share_y(fleet->waits[i].share));
        fputs(fleet->wait_n ? "e\n" : "1\t0\ne\n", c->script);
    }
    int32_t best = 0, worst = 0;
    for (int32_t f = 0; f < d->fleet_n; f++) {
        double w = report_metric(&d->fleets[f], METRIC_WAIT_P95)->mean;
        if (isnan(w)) continue; /* nothing could run there */
        if (isnan(report_metric(&d->fleets[best], METRIC_WAIT_P95)->mean)) best = worst = f;
        if (w < report_metric(&d->fleets[best], METRIC_WAIT_P95)->mean) best = f;
        if (w > report_metric(&d->fleets[worst], METRIC_WAIT_P95)->mean) worst = f;
    }
    struct format_text fast =
                           format_duration(report_metric(&d->fleets[best], METRIC_WAIT_P95)->mean),
                       slow =
                           format_duration(report_metric(&d->fleets[worst], METRIC_WAIT_P95)->mean);
    chart->title = best == worst
                       ? chart_text("95%% of jobs start within %s", fast.s)
                       : chart_text("95%% of jobs start within %s on %s, within %s on %s", fast.s,
                                    d->fleets[best].name, slow.s, d->fleets[worst].name);
    chart->subtitle = chart_text(
        "Share of jobs that started within a given wait.%s",
        d->replications > 1 ? " Bands: from the least to the most of the replications." : "");
    chart->note = chart_text(
        "A curve further up and left is better. Waits under a second stand at the left edge.");
    if (d->fleet_n > TOLD_APART) chart_legend_add(chart, "dim", "the others", 1, "solid");
    for (int32_t f = 0; f < d->fleet_n; f++) {
        if (is_grey(d, f)) continue;
        static const char *const css[] = { "", "solid", "dashed", "dotted", "dashed", "dotted" };
        char *label =
            chart_text("%s, p95 %s", d->fleets[f].name,
                       format_duration(report_metric(&d->fleets[f], METRIC_WAIT_P95)->mean).s);
        if (label)
            chart_legend_add(chart, chart_fleet_token(d, f), label, 1, css[chart_fleet_dash(d, f)]);
        free(label);
    }
    chart->alt = chart_text(
        "The p95 wait lies between %s (%s) and %s (%s). The numbers are in the table below.",
        fast.s, d->fleets[best].name, slow.s, d->fleets[worst].name);
}
