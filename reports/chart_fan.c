/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fan: the bill of each month to come, as a median with bands of half and of nine tenths of the
 * futures, and the baseline's beside it as lines.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/montecarlo_chart.h"

enum { FAR = 3 };
enum { P5, P25, P50, P75, P95 }; /* as montecarlo_fan_shares */
enum { HEIGHT = 400, PLOT = 308 /* pixels of HEIGHT */, LABELS = 6 };

static bool is_whole(const struct montecarlo_curves *c)
{
    for (int32_t m = 0; m < c->month_n; m++)
        for (int i = 0; i < MONTECARLO_FAN_SHARE_N; i++)
            if (!isfinite(c->fan[m][i])) return false;
    return c->month_n > 1;
}

/* Words at the right end of a line, moved apart where they would lie on each other. */
struct end_label {
    double usd, y; /* y in pixels from the bottom */
    char text[96];
    const char *token;
    bool bold;
};

static int by_y(const void *a, const void *b)
{
    const struct end_label *x = a, *y = b;
    return (x->y > y->y) - (x->y < y->y);
}

static void write_labels(struct canvas *c, struct end_label *labels, int n, double low, double high)
{
    enum { APART = 18 };
    for (int i = 0; i < n; i++) labels[i].y = PLOT * (labels[i].usd - low) / (high - low);
    qsort(labels, (size_t)n, sizeof *labels, by_y);
    for (int i = 1; i < n; i++) labels[i].y = fmax(labels[i].y, labels[i - 1].y + APART);
    for (int i = n; i-- > 0;)
        labels[i].y = fmin(labels[i].y, i == n - 1 ? PLOT + 4 : labels[i + 1].y - APART);
    for (int i = 0; i < n; i++)
        fprintf(c->script, "set label %s at graph 1.012,first %.9g left tc rgb %s%s\n",
                canvas_label(c, labels[i].text), low + labels[i].y / PLOT * (high - low),
                canvas_colour(c, labels[i].token),
                labels[i].bold && c->picture == PICTURE_SVG ? " font ':Bold'" : "");
}

static void month_tics(const struct montecarlo_data *d, int32_t n, struct canvas *c)
{
    int32_t step = (n + 7) / 8;
    if (n > 12) step = (step + 5) / 6 * 6;
    fputs("set xtics (", c->script);
    for (int32_t m = 0; m < n; m += step)
        fprintf(c->script, "%s%s %d", m ? ", " : "", canvas_label(c, chart_month(d, m).s), (int)m);
    fputs(")\n", c->script);
}

static void write_band(const struct montecarlo_curves *f, int low, int high, FILE *out)
{
    for (int32_t m = 0; m < f->month_n; m++)
        fprintf(out, "%d\t%.9g\t%.9g\n", (int)m, f->fan[m][low], f->fan[m][high]);
    fputs("e\n", out);
}

/* What a month may cost; NAN: no budget. Where only a year has one, a twelfth of it. */
static double budget_of(const struct montecarlo_data *d)
{
    return isnan(d->budget_usd_per_month) ? d->budget_usd_per_year / 12 : d->budget_usd_per_month;
}

static char *title_of(const struct montecarlo_data *d, const struct montecarlo_curves *f,
                      double budget)
{
    const char *name = d->plans[d->shown].name;
    int32_t last = f->month_n - 1, bad = f->month_n, median = f->month_n;
    for (int32_t m = last; m >= 0; m--) {
        if (f->fan[m][P95] > budget) bad = m;
        if (f->fan[m][P50] > budget) median = m;
    }
    if (isnan(budget))
        return chart_text("By %s a month of %s may cost %s to %s", chart_month(d, last).s, name,
                          format_usd(f->fan[last][P5]).s, format_usd(f->fan[last][P95]).s);
    const char *of =
        isnan(d->budget_usd_per_month) ? "a twelfth of the yearly budget" : "the budget";
    if (median == 0)
        return chart_text("From the first month on, %s is likelier than not over %s (%s)", name, of,
                          format_usd(budget).s);
    if (median < f->month_n)
        return chart_text("By %s a month of %s is likelier than not over %s (%s)",
                          chart_month(d, median).s, name, of, format_usd(budget).s);
    if (bad < f->month_n)
        return chart_text("By %s a bad month of %s is over %s (%s)", chart_month(d, bad).s, name,
                          of, format_usd(budget).s);
    return chart_text("Every month of %s stays under %s (%s) in 95 of 100 futures", name, of,
                      format_usd(budget).s);
}

void chart_fan(const struct montecarlo_data *d, struct canvas *c, struct chart *chart)
{
    const struct montecarlo_curves *f = &d->curves[0], *base = &d->curves[1];
    if (!is_whole(f)) {
        chart->skipped = chart_text("the study kept no bills by month");
        return;
    }
    double low = INFINITY, high = 0, budget = budget_of(d);
    int32_t last = f->month_n - 1;
    bool both = d->shown != d->baseline && is_whole(base) && base->month_n == f->month_n;
    /* A baseline far from the bills of the pick would flatten them. */
    both = both && base->fan[last][P95] < FAR * f->fan[last][P95];
    for (int32_t m = 0; m <= last; m++) {
        low = fmin(low, fmin(f->fan[m][P5], both ? base->fan[m][P5] : INFINITY));
        high = fmax(high, fmax(f->fan[m][P95], both ? base->fan[m][P95] : 0));
    }
    /* A budget far from all bills does not flatten them. */
    bool budget_shown = budget > low - (high - low) - 0.1 * high && budget < high * 1.6;
    if (budget_shown) low = fmin(low, budget), high = fmax(high, budget);
    fputs("set lmargin at screen 0.065\nset rmargin at screen 0.80\nset bmargin at screen "
          "0.12\nset tmargin at screen 0.89\n",
          c->script);
    chart_usd_axis(c->script, "y", &low, &high, 6);
    fprintf(c->script, "set xrange [0:%d]\n", (int)last);
    month_tics(d, f->month_n, c);
    fprintf(c->script, "set label 'Cost per month' at graph -0.06,1.07 left tc rgb %s\n",
            canvas_colour(c, "mute"));
    if (budget_shown) {
        fprintf(c->script,
                "set arrow from graph 0,first %.9g to graph 1,first %.9g nohead lc rgb "
                "%s lw 1.2 front\n",
                budget, budget, canvas_colour(c, "ink"));
        char *words =
            chart_text("%s %s",
                       isnan(d->budget_usd_per_month) ? "a twelfth of the budget" : "budget",
                       format_usd(budget).s);
        fprintf(c->script,
                "set label %s at graph 0.01,first %.9g left offset 0,0.6 tc rgb %s front\n",
                canvas_label(c, words ? words : "budget"), budget, canvas_colour(c, "ink"));
        free(words);
    }
    struct end_label labels[LABELS];
    int n = 0;
    static const struct {
        int at;
        const char *words, *token;
    } ends[] = { { P95, "95 of 100 below ", "mute" },
                 { P50, "median ", "ink" },
                 { P5, "5 of 100 below ", "mute" } };
    for (int i = 0; i < 3; i++) {
        struct end_label *l = &labels[n++];
        *l = (struct end_label){ f->fan[last][ends[i].at], 0, "", ends[i].token, i == 1 };
        snprintf(l->text, sizeof l->text, "%s%s", ends[i].words,
                 format_usd(f->fan[last][ends[i].at]).s);
    }
    if (both) {
        struct end_label *l = &labels[n++];
        *l = (struct end_label){ base->fan[last][P50], 0, "", "mute", false };
        snprintf(l->text, sizeof l->text, "baseline's median %s",
                 format_usd(base->fan[last][P50]).s);
    }
    write_labels(c, labels, n, low, high);
    fprintf(c->script,
            "plot '-' using 1:2:3 with filledcurves fs transparent solid 0.18 fc rgb %s notitle, "
            "'-' using 1:2:3 with filledcurves fs transparent solid 0.32 fc rgb %s notitle",
            canvas_colour(c, "accent"), canvas_colour(c, "accent"));
    if (both) {
        fprintf(c->script, ", '-' using 1:2 with lines lw 2 dt 2 lc rgb %s notitle",
                canvas_colour(c, "base"));
        for (int i = 0; i < 2; i++)
            fprintf(c->script, ", '-' using 1:2 with lines lw 1 dt 3 lc rgb %s notitle",
                    canvas_colour(c, "base"));
    }
    fprintf(c->script, ", '-' using 1:2 with lines lw 2.6 lc rgb %s notitle\n",
            canvas_colour(c, "accent"));
    write_band(f, P5, P95, c->script);
    write_band(f, P25, P75, c->script);
    if (both) {
        write_band(base, P50, P50, c->script);
        write_band(base, P5, P5, c->script);
        write_band(base, P95, P95, c->script);
    }
    write_band(f, P50, P50, c->script);
    chart->title = title_of(d, f, budget);
    chart->subtitle = chart_text("The bill of each month, over %s futures.",
                                 format_count((double)d->replications).s);
    chart->note =
        chart_text("The bands say how far a single month may lie from the middle, not how "
                   "well the middle is known: that is under How sure.");
    chart->alt = chart_text(
        "The median month costs %s in %s and %s in %s; 90 of 100 futures lie between %s and %s in "
        "the first and between %s and %s in the last.",
        format_usd(f->fan[0][P50]).s, chart_month(d, 0).s, format_usd(f->fan[last][P50]).s,
        chart_month(d, last).s, format_usd(f->fan[0][P5]).s, format_usd(f->fan[0][P95]).s,
        format_usd(f->fan[last][P5]).s, format_usd(f->fan[last][P95]).s);
    char *label = chart_text("%s: median, 50%% and 90%% of the futures", d->plans[d->shown].name);
    if (label) chart_legend_add(chart, "accent", label, 0, "");
    free(label);
    label =
        chart_text("%s (baseline): median, and dotted 5%% and 95%%", d->plans[d->baseline].name);
    if (label && both) chart_legend_add(chart, "base", label, 1, "dashed");
    free(label);
}
