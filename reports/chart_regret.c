/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What choosing a fleet costs over having known the future, best first, in two panels:
 *
 *                      regret: mean and P95           the cheapest in
 *     spot-40          |===----|                      |==========| 62%
 *     spot-32          |=====-------|                 |====|       23%
 *
 * The canvas is used in pixels, from the bottom left.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/montecarlo_chart.h"

enum { TOP = 44, BOTTOM = 34, ROW = 34, ROWS_MAX = 8, NAME_X = 10, BAR = 16 };

/* The plans to show: those that meet where any do, by regret as by rank; their number. */
static int32_t rows_of(const struct montecarlo_data *d, int32_t rows[ROWS_MAX])
{
    int32_t n = 0, of = d->meet_n ? d->meet_n : d->plan_n;
    for (int32_t i = 0; i < of && n < ROWS_MAX; i++)
        if (isfinite(d->plans[d->ranking[i]].regret.mean)) rows[n++] = d->ranking[i];
    return n;
}

int chart_regret_height(const struct montecarlo_data *d)
{
    int32_t rows[ROWS_MAX];
    return TOP + BOTTOM + ROW * (int)rows_of(d, rows);
}

static void text_at(struct canvas *c, const char *text, double x, double y, const char *side,
                    const char *token, bool bold)
{
    fprintf(c->script, "set label %s at %.2f,%.2f %s tc rgb %s%s front\n", canvas_label(c, text), x,
            y, side, canvas_colour(c, token),
            bold && c->picture == PICTURE_SVG ? " font ':Bold'" : "");
}

static void bar(struct canvas *c, double x, double y, double width, double height,
                const char *token)
{
    if (!(width > 0)) return;
    fprintf(
        c->script,
        "set object rectangle from %.2f,%.2f to %.2f,%.2f fc rgb %s fs solid 1 noborder front\n", x,
        y - height / 2, x + width, y + height / 2, canvas_colour(c, token));
}

static void rules(struct canvas *c, double x0, double x1, double most, double top, bool is_share)
{
    double step = is_share ? 0.25 : chart_step(most, 4);
    for (int i = 0; i * step <= most * 1.0001; i++) {
        double x = x0 + (x1 - x0) * i * step / most;
        fprintf(c->script, "set arrow from %.2f,%d to %.2f,%.2f nohead lc rgb %s lw 1 back\n", x,
                BOTTOM - 4, x, top, canvas_colour(c, "grid"));
        text_at(c,
                i == 0     ? (is_share ? "0%" : "$0")
                : is_share ? format_percent(i * step).s
                           : format_usd(i * step).s,
                x, BOTTOM - 16, "center", "mute", false);
    }
}

static void say(const struct montecarlo_data *d, const int32_t *rows, int32_t n,
                struct chart *chart)
{
    const struct montecarlo_plan *first = &d->plans[rows[0]];
    int32_t often = rows[0];
    for (int32_t i = 0; i < n; i++)
        if (d->plans[rows[i]].regret.cheapest_share > d->plans[often].regret.cheapest_share)
            often = rows[i];
    double share = d->plans[often].regret.cheapest_share;
    if (n == 1)
        chart->title = chart_text("%s has no rival%s", first->name,
                                  d->target_n ? " that meets every target" : "");
    else if (often == rows[0])
        chart->title =
            chart_text("%s is the cheapest in %s of futures; choosing it costs %s a year "
                       "over knowing which is",
                       first->name, montecarlo_chance_text(share).s,
                       format_usd(first->regret.mean).s);
    else
        chart->title =
            chart_text("%s has the least mean, though %s is the cheapest more often (%s)",
                       first->name, d->plans[often].name, montecarlo_chance_text(share).s);
    chart->subtitle = chart_text(
        "A year's bill less that of the cheapest fleet in the same future%s: mean (bar) and P95 "
        "(line); and how often a fleet is that cheapest one.",
        d->target_n && d->meet_n ? ", of those that meet every target" : "");
    chart->note = chart_text("Every fleet meets the same futures (common random numbers), so that "
                             "differences are not luck.");
    chart->alt =
        chart_text("%s: mean regret %s a year, P95 %s, cheapest in %s of futures. All are "
                   "in the table.",
                   first->name, format_usd(first->regret.mean).s, format_usd(first->regret.p95).s,
                   montecarlo_chance_text(first->regret.cheapest_share).s);
}

void chart_regret(const struct montecarlo_data *d, struct canvas *c, struct chart *chart)
{
    int32_t rows[ROWS_MAX], n = rows_of(d, rows);
    if (n == 0 || d->plan_n < 2) {
        chart->skipped =
            chart_text(n ? "there is one fleet, and none to regret" : "the study kept no regrets");
        return;
    }
    double most = 0, top = c->height - TOP;
    int name_width = 8;
    for (int32_t i = 0; i < n; i++) {
        const struct montecarlo_plan *p = &d->plans[rows[i]];
        int width = escape_width(p->name) + (rows[i] == d->baseline ? 11 : 0);
        most = fmax(most, fmax(p->regret.mean, p->regret.p95));
        if (width > name_width) name_width = width;
    }
    most = most > 0 ? most * 1.02 : 1;
    double left = NAME_X + fmin(8.2 * name_width, 300) + 14, right = c->width - 24.0,
           share0 = right - 0.32 * (right - left), money1 = share0 - 60;
    fprintf(c->script,
            "set xrange [0:%d]\nset yrange [0:%d]\nset lmargin at screen 0\nset rmargin at screen "
            "1\nset bmargin at screen 0\nset tmargin at screen 1\nunset tics\nunset grid\n",
            c->width, c->height);
    text_at(c, "Regret, a year", left, c->height - 18, "left", "mute", false);
    text_at(c, "The cheapest in, of all futures", share0, c->height - 18, "left", "mute", false);
    rules(c, left, money1, most, top, false);
    rules(c, share0, right - 50, 1, top, true);
    for (int32_t i = 0; i < n; i++) {
        const struct montecarlo_plan *p = &d->plans[rows[i]];
        double y = top - (i + 0.5) * ROW, unit = (money1 - left) / most;
        bool picked = rows[i] == d->pick;
        const char *token = picked ? "accent" : rows[i] == d->baseline ? "base" : "res";
        char text[240];
        snprintf(text, sizeof text, "%.*s%s%s", escape_cut(p->name, 60), p->name,
                 p->name[escape_cut(p->name, 60)] ? "..." : "",
                 rows[i] == d->baseline ? " (baseline)" : "");
        text_at(c, text, NAME_X, y, "left", picked ? "ink" : "mute", picked);
        bar(c, left, y, unit * p->regret.mean, BAR, token);
        bar(c, left, y, unit * p->regret.p95, 2, token);
        bar(c, share0, y, (right - 50 - share0) * p->regret.cheapest_share, BAR, token);
        text_at(c, montecarlo_chance_text(p->regret.cheapest_share).s,
                share0 + (right - 50 - share0) * p->regret.cheapest_share + 8, y, "left", "ink",
                false);
    }
    fputs("plot 1/0 notitle\n", c->script);
    say(d, rows, n, chart);
}
