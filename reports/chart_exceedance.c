/* SPDX-License-Identifier: Apache-2.0 */
/* How likely a year's bill is more than so much: the tail stands large on a log axis of chances. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/montecarlo_chart.h"

enum { FAR = 3 };

/* The least chance that is drawn: below it a curve is of a few futures. */
static double floor_of(const struct montecarlo_data *d)
{
    double least = 5 / (double)d->replications;
    return least < 0.001 ? 0.001 : least > 0.05 ? 0.05 : least;
}

/* The chance of a bill over the budget; NAN where the study does not say. */
static double over_budget(const struct montecarlo_data *d, int32_t plan)
{
    for (int32_t e = 0; e < d->event_n; e++)
        if (strcmp(d->events[e].name, MONTECARLO_OVER_BUDGET) == 0)
            return d->plans[plan].chances[e].probability;
    return NAN;
}

/* Where the curve has come down to the chance. */
static double usd_at(const struct montecarlo_curves *c, double probability)
{
    for (int32_t i = 0; i < c->point_n; i++)
        if (c->points[i].probability <= probability) return c->points[i].usd;
    return c->points[c->point_n - 1].usd;
}

static void write_curve(const struct montecarlo_curves *c, double least, double low, FILE *out)
{
    fprintf(out, "%.9g\t1\n", fmin(low, c->points[0].usd));
    for (int32_t i = 0; i < c->point_n; i++)
        if (c->points[i].probability >= least)
            fprintf(out, "%.9g\t%.9g\n", c->points[i].usd, c->points[i].probability);
    fputs("e\n", out);
}

static void say(const struct montecarlo_data *d, bool both, struct chart *chart)
{
    const struct montecarlo_plan *p = &d->plans[d->shown];
    double budget = d->budget_usd_per_year, mine = over_budget(d, d->shown),
           theirs = over_budget(d, d->baseline);
    if (!isnan(budget) && !isnan(mine) && both)
        chart->title = chart_text("%s breaks the budget of %s in %s of futures, %s in %s", p->name,
                                  format_usd(budget).s, montecarlo_chance_text(mine).s,
                                  d->plans[d->baseline].name, montecarlo_chance_text(theirs).s);
    else if (!isnan(budget) && !isnan(mine))
        chart->title = chart_text("%s breaks the budget of %s in %s of futures", p->name,
                                  format_usd(budget).s, montecarlo_chance_text(mine).s);
    else if (!isnan(p->at_risk.usd))
        chart->title =
            chart_text("5 of 100 years' bills of %s are over %s, and %s on average", p->name,
                       format_usd(p->at_risk.usd).s, format_usd(p->at_risk.cvar).s);
    else chart->title = chart_text("How likely a year of %s costs more than so much", p->name);
    chart->subtitle =
        chart_text("Chance that a year's bill is more than the amount below it (log scale). "
                   "Left is better.");
    chart->note =
        chart_text("Over %s futures; chances under %s, of a few futures, are not drawn.",
                   format_count((double)d->replications).s, format_percent(floor_of(d)).s);
}

void chart_exceedance(const struct montecarlo_data *d, struct canvas *c, struct chart *chart)
{
    static const double shown[] = { 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001 };
    const struct montecarlo_curves *f = &d->curves[0], *base = &d->curves[1];
    if (f->point_n < 2) {
        chart->skipped = chart_text(f->point_n ? "every year's bill is the same"
                                               : "the study kept no bills by chance");
        return;
    }
    double least = floor_of(d);
    bool both = d->shown != d->baseline && base->point_n > 1;
    /* A baseline far from the bills of the pick would flatten them. */
    both = both && usd_at(base, least) < FAR * usd_at(f, least);
    double budget = d->budget_usd_per_year,
           low = fmin(usd_at(f, 0.995), both ? usd_at(base, 0.995) : INFINITY),
           high = fmax(usd_at(f, least), both ? usd_at(base, least) : 0);
    bool budget_shown = budget > low - 0.5 * (high - low) && budget < high + (high - low);
    if (budget_shown) low = fmin(low, budget), high = fmax(high, budget);
    fputs("set lmargin at screen 0.065\nset rmargin at screen 0.975\nset bmargin at screen "
          "0.15\nset tmargin at screen 0.91\nset logscale y\n",
          c->script);
    chart_usd_axis(c->script, "x", &low, &high, 8);
    fprintf(c->script, "set yrange [%.9g:1.15]\nset ytics (", least * 0.9);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (shown[i] >= least)
            fprintf(c->script, "%s'%g%%%%' %g", i ? ", " : "", 100 * shown[i], shown[i]);
    fprintf(
        c->script,
        ")\nset label 'A year''s bill' at graph 1,-0.14 right tc rgb %s\nset label 'Chance that "
        "it is more' at graph -0.06,1.06 left tc rgb %s\n",
        canvas_colour(c, "mute"), canvas_colour(c, "mute"));
    fprintf(c->script,
            "set arrow from graph 0,first 0.05 to graph 1,first 0.05 nohead lc rgb %s lw 1 dt 3\n",
            canvas_colour(c, "mute"));
    if (budget_shown) {
        bool right = budget < low + 0.8 * (high - low);
        fprintf(c->script,
                "set object rectangle from %.9g,graph 0 to graph 1,graph 1 fc rgb %s fs solid 1 "
                "noborder behind\nset arrow from %.9g,graph 0 to %.9g,graph 1 nohead lc rgb %s lw "
                "1.2\n",
                budget, canvas_colour(c, "zone"), budget, budget, canvas_colour(c, "ink"));
        char *words = chart_text("budget %s", format_usd(budget).s);
        fprintf(c->script, "set label %s at %.9g,graph 0.96 %s offset %s,0 tc rgb %s front\n",
                canvas_label(c, words ? words : "budget"), budget, right ? "left" : "right",
                right ? "1" : "-1", canvas_colour(c, "ink"));
        free(words);
    }
    const struct montecarlo_value_at_risk *v = &d->plans[d->shown].at_risk;
    bool marked = isfinite(v->usd) && v->usd > low && v->usd < high;
    if (marked) {
        char *words = chart_text("value at risk %s", format_usd(v->usd).s);
        fprintf(c->script, "set label %s at %.9g,0.05 right offset -1.2,-0.9 tc rgb %s%s front\n",
                canvas_label(c, words ? words : ""), v->usd, canvas_colour(c, "ink"),
                c->picture == PICTURE_SVG ? " font ':Bold'" : "");
        free(words);
    }
    fputs("plot", c->script);
    if (both)
        fprintf(c->script, " '-' using 1:2 with lines lw 2 dt 2 lc rgb %s notitle,",
                canvas_colour(c, "base"));
    fprintf(c->script, " '-' using 1:2 with lines lw 2.6 lc rgb %s notitle",
            canvas_colour(c, "accent"));
    if (marked)
        fprintf(c->script, ", '-' using 1:2 with points pt 7 ps 1.1 lc rgb %s notitle",
                canvas_colour(c, "accent"));
    fputc('\n', c->script);
    if (both) write_curve(base, least, low, c->script);
    write_curve(f, least, low, c->script);
    if (marked) fprintf(c->script, "%.9g\t0.05\ne\n", v->usd);
    say(d, both, chart);
    chart->alt = chart_text("Half of the years' bills of %s are over %s, one in twenty over %s.",
                            d->plans[d->shown].name, format_usd(usd_at(f, 0.5)).s,
                            format_usd(usd_at(f, 0.05)).s);
    chart_legend_add(chart, "accent", d->plans[d->shown].name, 1, "solid");
    char *label = chart_text("%s (baseline)", d->plans[d->baseline].name);
    if (label && both) chart_legend_add(chart, "base", label, 1, "dashed");
    free(label);
}
