/* SPDX-License-Identifier: Apache-2.0 */
/* All candidates: what a year costs against the p95 wait, one point each, by verdict. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/montecarlo_chart.h"

/* More points than these say no more and make a page heavy: those that miss are thinned out. */
enum { POINTS_MAX = 2000 };

/* Waits below a second are shown at a second: a log axis has no zero. */
static double wait_of(const struct montecarlo_plan *p)
{
    const struct estimate *e = montecarlo_mean(p, MONTECARLO_WAIT_P95);
    return !e->n ? NAN : e->mean < 1 ? 1 : e->mean;
}

static double cost_of(const struct montecarlo_plan *p)
{
    return montecarlo_mean(p, MONTECARLO_COST_YEAR)->mean;
}

static bool is_marked(const struct montecarlo_data *d, int32_t plan)
{
    return plan == d->shown || plan == d->baseline;
}

/* The points of the plans that meet, or of the others. */
static void write_points(const struct montecarlo_data *d, bool meets, FILE *out)
{
    int32_t first = meets ? 0 : d->meet_n, end = meets ? d->meet_n : d->plan_n;
    int32_t step = (end - first + POINTS_MAX / 2 - 1) / (POINTS_MAX / 2);
    for (int32_t i = first; i < end; i += step) {
        const struct montecarlo_plan *p = &d->plans[d->ranking[i]];
        if (!is_marked(d, d->ranking[i]) && isfinite(wait_of(p)))
            fprintf(out, "%.9g\t%.9g\n", wait_of(p), cost_of(p));
    }
    fputs("e\n", out);
}

static int32_t points_of(const struct montecarlo_data *d, bool meets)
{
    int32_t n = 0, end = meets ? d->meet_n : d->plan_n;
    for (int32_t i = meets ? 0 : d->meet_n; i < end; i++)
        n += !is_marked(d, d->ranking[i]) && isfinite(wait_of(&d->plans[d->ranking[i]]));
    return n;
}

static void mark(const struct montecarlo_data *d, int32_t plan, double low, double high,
                 struct canvas *c)
{
    const struct montecarlo_plan *p = &d->plans[plan];
    bool right = log(wait_of(p) / low) < 0.6 * log(high / low);
    char text[240];
    snprintf(text, sizeof text, "%.*s  %s, %s", escape_cut(p->name, 80), p->name,
             format_usd(cost_of(p)).s, format_duration(wait_of(p)).s);
    /* The one above its point, the other below: they may stand close. */
    fprintf(c->script, "set label %s at %.9g,%.9g %s offset %s,%s tc rgb %s%s front\n",
            canvas_label(c, text), wait_of(p), cost_of(p), right ? "left" : "right",
            right ? "1.2" : "-1.2", plan == d->shown ? "-0.9" : "0.9", canvas_colour(c, "ink"),
            plan == d->shown && c->picture == PICTURE_SVG ? " font ':Bold'" : "");
}

static void say(const struct montecarlo_data *d, struct chart *chart)
{
    const struct montecarlo_plan *p = &d->plans[d->shown];
    struct format_text all = format_count(d->plan_n), meet = format_count(d->meet_n);
    if (!d->target_n) chart->title = chart_text("%s is the cheapest of %s fleets", p->name, all.s);
    else if (d->meet_n == 0)
        chart->title = chart_text("None of %s fleets surely meets every target", all.s);
    else if (d->meet_n == d->plan_n)
        chart->title =
            chart_text("All %s fleets meet every target; %s is the cheapest", all.s, p->name);
    else
        chart->title = chart_text("%s of %s fleets meet%s every target, none cheaper than %s",
                                  meet.s, all.s, d->meet_n == 1 ? "s" : "", p->name);
    chart->subtitle = chart_text("Cost per year against p95 wait, means over %s futures. Down and "
                                 "left is better.",
                                 format_count((double)d->replications).s);
    chart->note = chart_text(
        "%s",
        d->plan_n > POINTS_MAX ? "Not every fleet is drawn: the table of --format csv has them all."
        : d->target_n ? "A fleet meets a target only if the whole 95% interval of its chance does."
                      : "");
    chart->alt =
        chart_text("%s costs %s a year with a p95 wait of %s; %s fleets of %s meet every "
                   "target.",
                   p->name, format_usd(cost_of(p)).s, format_duration(wait_of(p)).s, meet.s, all.s);
}

void chart_plans(const struct montecarlo_data *d, struct canvas *c, struct chart *chart)
{
    double low = INFINITY, high = 0, bottom = INFINITY, top = 0;
    for (int32_t i = 0; i < d->plan_n; i++) {
        double wait = wait_of(&d->plans[i]);
        if (!isfinite(wait)) continue;
        low = fmin(low, wait), high = fmax(high, wait);
        bottom = fmin(bottom, cost_of(&d->plans[i])), top = fmax(top, cost_of(&d->plans[i]));
    }
    if (d->plan_n < 2 || !isfinite(wait_of(&d->plans[d->shown])) ||
        !isfinite(wait_of(&d->plans[d->baseline]))) {
        chart->skipped = chart_text(d->plan_n < 2 ? "there is one fleet" : "no wait is known");
        return;
    }
    low = fmax(low / 1.5, 0.7);
    high = fmax(high * 1.7, 4 * low);
    fprintf(c->script,
            "set logscale x\nset xrange [%.9g:%.9g]\nset lmargin at screen 0.075\nset rmargin at "
            "screen 0.985\nset bmargin at screen 0.14\nset tmargin at screen 0.92\n",
            low, high);
    chart_time_tics(c->script, "x", low, high);
    chart_usd_axis(c->script, "y", &bottom, &top, 6);
    fprintf(
        c->script,
        "set label 'p95 wait (log scale)' at graph 1,-0.13 right tc rgb %s\nset label 'Cost per "
        "year' at graph -0.06,1.06 left tc rgb %s\n",
        canvas_colour(c, "mute"), canvas_colour(c, "mute"));
    mark(d, d->shown, low, high, c);
    if (d->baseline != d->shown) mark(d, d->baseline, low, high, c);
    fputs("plot", c->script);
    const char *size = d->plan_n > 400 ? "0.55" : "0.95";
    bool others = points_of(d, false) > 0, meet = points_of(d, true) > 0;
    if (others)
        fprintf(c->script, " '-' using 1:2 with points pt 6 ps %s lc rgb %s notitle,", size,
                canvas_colour(c, "sto"));
    if (meet)
        fprintf(c->script, " '-' using 1:2 with points pt 7 ps %s lc rgb %s notitle,", size,
                canvas_colour(c, "res"));
    if (d->baseline != d->shown)
        fprintf(c->script, " '-' using 1:2 with points pt 5 ps 1.1 lc rgb %s notitle,",
                canvas_colour(c, "base"));
    fprintf(c->script, " '-' using 1:2 with points pt 7 ps 1.5 lc rgb %s notitle\n",
            canvas_colour(c, "accent"));
    if (others) write_points(d, false, c->script);
    if (meet) write_points(d, true, c->script);
    for (int i = d->baseline == d->shown; i < 2; i++) {
        const struct montecarlo_plan *p = &d->plans[i ? d->shown : d->baseline];
        fprintf(c->script, "%.9g\t%.9g\ne\n", wait_of(p), cost_of(p));
    }
    say(d, chart);
    chart_legend_add(chart, "accent",
                     d->pick < 0              ? "nearest to the targets"
                     : d->pick == d->baseline ? "chosen: the baseline"
                                              : "chosen",
                     0, "");
    if (d->baseline != d->shown) chart_legend_add(chart, "base", "baseline (square)", 0, "");
    if (meet && d->target_n) chart_legend_add(chart, "res", "meet every target", 0, "");
    if (others) chart_legend_add(chart, "sto", "miss one or may miss one (hollow)", 0, "");
}
