/* SPDX-License-Identifier: Apache-2.0 */
/* Cost per month against p95 wait: a point a row, by verdict, with the frontier of each world. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/metrics.h"
#include "reports/sweep_chart.h"

/* More points say no more and make a page heavy; more bars hide the points; more lines and names
 * hide all. */
enum { POINTS_MAX = 2000, BARS_MAX = 24, LINES_MAX = 6, NAMES_MAX = 4 };

enum kind { MEETS, UNCLEAR, MISSES, KIND_N };

/* Waits below a second are shown at a second: a log axis has no zero. */
static double x_of(double wait) { return fmax(wait, 1); }
static double wait_of(const struct swept_row *r) { return r->figures[SWEEP_WAIT].mean; }
static double cost_of(const struct swept_row *r) { return r->figures[SWEEP_COST].mean; }

static bool is_pick(const struct sweep_data *d, int32_t row)
{
    return d->worlds[d->list[d->rows[row].point].world].pick == row;
}

static bool is_baseline(const struct sweep_data *d, const struct swept_row *r)
{
    return r->is_baseline && d->list[r->point].row_n > 1;
}

static enum kind kind_of(const struct sweep_data *d, const struct swept_row *r)
{
    if (!d->has_targets) return r->on_frontier ? MEETS : MISSES;
    return r->overall == VERDICT_MISSES ? MISSES : r->overall == VERDICT_UNCLEAR ? UNCLEAR : MEETS;
}

static int32_t count_of(const struct sweep_data *d, enum kind kind, bool baselines)
{
    int32_t n = 0;
    for (int32_t i = 0; i < d->row_n; i++) {
        const struct swept_row *r = &d->rows[i];
        if (!r->is_answer || is_pick(d, i)) continue;
        n += baselines ? is_baseline(d, r) : !is_baseline(d, r) && kind_of(d, r) == kind;
    }
    return n;
}

static void write_points(const struct sweep_data *d, enum kind kind, bool baselines, FILE *out)
{
    int32_t step = count_of(d, kind, baselines) / POINTS_MAX + 1, n = 0;
    for (int32_t i = 0; i < d->row_n; i++) {
        const struct swept_row *r = &d->rows[i];
        if (!r->is_answer || is_pick(d, i)) continue;
        if (baselines ? !is_baseline(d, r) : is_baseline(d, r) || kind_of(d, r) != kind) continue;
        if (n++ % step == 0) fprintf(out, "%.9g\t%.9g\n", x_of(wait_of(r)), cost_of(r));
    }
    fputs("e\n", out);
}

static void bar(const struct swept_row *r, double low, const char *token, struct canvas *c)
{
    const struct sweep_mean *wait = &r->figures[SWEEP_WAIT], *cost = &r->figures[SWEEP_COST];
    if (wait->half > 0)
        fprintf(c->script, "set arrow from %.9g,%.9g to %.9g,%.9g nohead lc rgb %s lw 1.4\n",
                fmax(x_of(wait->mean - wait->half), low), cost->mean, x_of(wait->mean + wait->half),
                cost->mean, canvas_colour(c, token));
    if (cost->half > 0)
        fprintf(c->script, "set arrow from %.9g,%.9g to %.9g,%.9g nohead lc rgb %s lw 1.4\n",
                x_of(wait->mean), cost->mean - cost->half, x_of(wait->mean),
                cost->mean + cost->half, canvas_colour(c, token));
}

/* Of few rows all have bars, of many the frontier, where it is not many itself. */
static bool has_bars(const struct sweep_data *d, const struct swept_row *r)
{
    if (!r->is_answer) return false;
    return d->row_n <= BARS_MAX || (r->on_frontier && d->frontier_n <= 2 * BARS_MAX);
}

static void write_bars(const struct sweep_data *d, double low, struct canvas *c)
{
    static const char *const tokens[KIND_N] = { "res", "od", "dim" };
    for (int32_t i = d->row_n - 1; i >= 0; i--) { /* the best on top */
        const struct swept_row *r = &d->rows[d->ranking[i]];
        if (has_bars(d, r))
            bar(r, low, is_pick(d, d->ranking[i]) ? "accent" : tokens[kind_of(d, r)], c);
    }
}

/* Rows of a world's frontier, shortest wait first. */
static int by_wait(const void *x, const void *y, void *arg)
{
    const struct sweep_data *d = arg;
    const struct swept_row *a = &d->rows[*(const int32_t *)x], *b = &d->rows[*(const int32_t *)y];
    if (wait_of(a) != wait_of(b)) return wait_of(a) < wait_of(b) ? -1 : 1;
    return cost_of(a) < cost_of(b) ? 1 : cost_of(a) > cost_of(b) ? -1 : 0;
}

static void write_frontier(const struct sweep_data *d, int32_t world, FILE *out)
{
    int32_t *rows = malloc((size_t)d->row_n * sizeof *rows), n = 0;
    for (int32_t i = 0; rows && i < d->row_n; i++)
        if (d->rows[i].on_frontier && d->list[d->rows[i].point].world == world) rows[n++] = i;
    if (rows) qsort_r(rows, (size_t)n, sizeof *rows, by_wait, (void *)d);
    for (int32_t i = 0; i < n; i++)
        fprintf(out, "%.9g\t%.9g\n", x_of(wait_of(&d->rows[rows[i]])), cost_of(&d->rows[rows[i]]));
    free(rows);
    fputs("e\n", out);
}

/* The target of the wait that all points have; NAN: none. */
static double target_of(const struct sweep_data *d)
{
    double common = NAN;
    for (int32_t p = 0; p < d->point_n; p++) {
        double mine = NAN;
        for (int32_t t = 0; t < d->list[p].target_n; t++)
            if (strcmp(metric_defs[d->list[p].targets[t].metric].name, METRIC_WAIT_P95) == 0 &&
                d->list[p].targets[t].at_most)
                mine = d->list[p].targets[t].target;
        if (isnan(mine) || (p > 0 && mine != common)) return NAN;
        common = mine;
    }
    return common;
}

static void write_target(double target, struct canvas *c)
{
    fprintf(c->script,
            "set object rectangle from %.9g,graph 0 to graph 1,graph 1 fc rgb %s fs solid 1 "
            "noborder behind\n",
            x_of(target), canvas_colour(c, "zone"));
    fprintf(c->script, "set arrow from %.9g,graph 0 to %.9g,graph 1 nohead lc rgb %s lw 1\n",
            x_of(target), x_of(target), canvas_colour(c, "mute"));
    fprintf(c->script,
            "set label 'beyond the target' at %.9g,graph 0.97 left offset 1,0 tc rgb %s\n",
            x_of(target), canvas_colour(c, "mute"));
}

static void write_name(struct canvas *c, const struct swept_row *r, const char *name,
                       const char *side, const char *offset, bool bold)
{
    char text[240];
    int cut = escape_cut(name, 90);
    snprintf(text, sizeof text, "%.*s%s", cut, name, name[cut] ? "..." : "");
    fprintf(c->script, "set label %s at %.9g,%.9g %s offset %s tc rgb %s%s front\n",
            canvas_label(c, text), x_of(wait_of(r)), cost_of(r), side, offset,
            canvas_colour(c, bold ? "ink" : "mute"),
            bold && c->picture == PICTURE_SVG ? " font ':Bold'" : "");
}

/* Names of the picks, left below where nothing better is, those of further worlds right above; of
 * worlds where their frontiers end. */
static void write_names(const struct sweep_data *d, double low, double high, struct canvas *c)
{
    for (int32_t w = 0; w < d->world_n && d->world_n <= NAMES_MAX; w++) {
        if (d->worlds[w].pick < 0) continue;
        const struct swept_row *r = &d->rows[d->worlds[w].pick];
        double share = log(x_of(wait_of(r)) / low) / log(high / low);
        bool right = share < 0.25 || (w > 0 && share < 0.75);
        char *name = sweep_row_text(d, d->worlds[w].pick, false);
        if (name)
            write_name(c, r, name, right ? "left" : "right", right ? "1.2,0.7" : "-1.2,-0.9", true);
        free(name);
    }
    for (int32_t w = 0; w < d->world_n && d->world_n > 1 && d->world_n <= LINES_MAX; w++)
        if (d->worlds[w].frontier_n)
            write_name(c, &d->rows[d->worlds[w].fastest], d->worlds[w].text, "center",
                       w % 2 ? "0,1.0" : "0,1.9", false);
}

static void say(const struct sweep_data *d, struct chart *chart)
{
    char *answer = sweep_answer(d);
    struct format_text all = format_count(d->row_n);
    const char *where = d->world_n > 1 ? " in the same world" : "";
    if (d->has_targets && d->meet_n > 0)
        chart->title =
            chart_text("%s of %s surely meet%s every target%s", format_count(d->meet_n).s, all.s,
                       d->meet_n == 1 ? "s" : "",
                       d->mixed ? "" : ": what is cheapest, and what waiting less costs");
    else if (d->has_targets)
        chart->title = chart_text("None of %s surely meets every target", all.s);
    else
        chart->title = chart_text("%s of %s are on the frontier: nothing%s is cheaper without "
                                  "waiting longer",
                                  format_count(d->frontier_n).s, all.s, where);
    chart->subtitle =
        chart_text("Cost per month against p95 wait, US dollars and log scale; means "
                   "over replications. Down and left is better. Line: the frontier%s.",
                   d->world_n > 1 ? " of each world" : "");
    chart->note =
        chart_text("%s%s%s",
                   d->row_n <= BARS_MAX ? "Bars: 95% intervals of the means."
                   : d->frontier_n <= 2 * BARS_MAX
                       ? "Bars: 95% intervals of the means on the frontier."
                       : "Intervals are in the table.",

                   d->row_n > POINTS_MAX ? " Not every point is drawn: --csv has them all." : "",
                   d->world_n > LINES_MAX ? " Frontiers of many worlds are not drawn." : "");
    chart->alt = chart_text("%s. %s of %s rows are on the frontier.", answer ? answer : "",
                            format_count(d->frontier_n).s, all.s);
    free(answer);
}

static void add_legend(const struct sweep_data *d, const int32_t n[KIND_N], int32_t baselines,
                       bool picks, struct chart *chart)
{
    if (picks)
        chart_legend_add(chart, "accent",
                         d->has_targets ? "cheapest that surely meets every target" : "cheapest", 0,
                         "");
    if (baselines) chart_legend_add(chart, "base", "baseline (square)", 0, "");
    if (n[MEETS])
        chart_legend_add(chart, "res", d->has_targets ? "surely meets" : "on the frontier", 0, "");
    if (n[UNCLEAR]) chart_legend_add(chart, "od", "too close to call (hollow)", 0, "");
    if (n[MISSES])
        chart_legend_add(chart, "sto", d->has_targets ? "misses (hollow)" : "others (hollow)", 0,
                         "");
    if (d->world_n <= LINES_MAX) chart_legend_add(chart, "mute", "frontier", 1, "solid");
}

void sweep_chart_pareto(const struct sweep_data *d, struct canvas *c, struct chart *chart)
{
    double low = INFINITY, least = INFINITY, high = 0, bottom = INFINITY, top = 0,
           target = target_of(d);
    int32_t answers = 0, n[KIND_N], baselines = count_of(d, MEETS, true);
    bool picks = false;
    for (int32_t i = 0; i < d->row_n; i++) {
        const struct swept_row *r = &d->rows[i];
        if (!r->is_answer) continue;
        double wait = has_bars(d, r) ? fmax(r->figures[SWEEP_WAIT].half, 0) : 0,
               cost = has_bars(d, r) ? fmax(r->figures[SWEEP_COST].half, 0) : 0;
        least = fmin(least, x_of(wait_of(r)));
        low = fmin(low, x_of(wait_of(r) - wait)), high = fmax(high, x_of(wait_of(r) + wait));
        bottom = fmin(bottom, cost_of(r) - cost), top = fmax(top, cost_of(r) + cost);
        answers++;
    }
    for (int32_t w = 0; w < d->world_n; w++) picks |= d->worlds[w].pick >= 0;
    if (answers < 2) {
        chart->skipped = chart_text("fewer than two rows have both a cost and a wait");
        return;
    }
    if (!isnan(target)) least = fmin(least, x_of(target)), high = fmax(high, x_of(target));
    low = fmin(low, least);
    low = fmax(low, least / 5); /* an interval that reaches to 0 has no end on a log axis */
    low = fmax(low / 1.6, 0.7);
    high = fmax(high * 1.8, 4 * low);
    fprintf(c->script,
            "set logscale x\nset xrange [%.9g:%.9g]\nset lmargin at screen 0.075\nset rmargin at "
            "screen 0.985\nset bmargin at screen 0.14\nset tmargin at screen 0.92\n",
            low, high);
    chart_time_tics(c->script, "x", low, high);
    chart_usd_axis(c->script, "y", &bottom, &top, 6);
    fprintf(c->script,
            "set label 'p95 wait (log scale)' at graph 1,-0.13 right tc rgb %s\nset label 'Cost "
            "per month' at graph -0.06,1.06 left tc rgb %s\n",
            canvas_colour(c, "mute"), canvas_colour(c, "mute"));
    if (!isnan(target)) write_target(target, c);
    write_bars(d, low, c);
    write_names(d, low, high, c);
    static const struct {
        const char *token;
        int symbol;
    } looks[KIND_N] = { { "res", 7 }, { "od", 6 }, { "sto", 6 } };
    const char *size = d->row_n > 400 ? "0.55" : "0.95", *separator = "plot ";
    int32_t lines = d->world_n <= LINES_MAX ? d->world_n : 0;
    for (int32_t w = 0; w < lines; w++) {
        if (!d->worlds[w].frontier_n) continue;
        fprintf(c->script, "%s'-' using 1:2 with lines lw 1.6 lc rgb %s notitle", separator,
                canvas_colour(c, "mute"));
        separator = ", ";
    }
    for (int k = KIND_N - 1; k >= 0; k--) {
        n[k] = count_of(d, (enum kind)k, false);
        if (!n[k]) continue;
        fprintf(c->script, "%s'-' using 1:2 with points pt %d ps %s lc rgb %s notitle", separator,
                looks[k].symbol, size, canvas_colour(c, looks[k].token));
        separator = ", ";
    }
    if (baselines) {
        fprintf(c->script, "%s'-' using 1:2 with points pt 5 ps %s lc rgb %s notitle", separator,
                size, canvas_colour(c, "base"));
        separator = ", ";
    }
    if (picks)
        fprintf(c->script, "%s'-' using 1:2 with points pt 7 ps %s lc rgb %s notitle", separator,
                d->world_n > LINES_MAX ? "0.7" : "1.5", canvas_colour(c, "accent"));
    fputc('\n', c->script);
    for (int32_t w = 0; w < lines; w++)
        if (d->worlds[w].frontier_n) write_frontier(d, w, c->script);
    for (int k = KIND_N - 1; k >= 0; k--)
        if (n[k]) write_points(d, (enum kind)k, false, c->script);
    if (baselines) write_points(d, MEETS, true, c->script);
    for (int32_t w = 0; picks && w < d->world_n; w++)
        if (d->worlds[w].pick >= 0)
            fprintf(c->script, "%.9g\t%.9g\n", x_of(wait_of(&d->rows[d->worlds[w].pick])),
                    cost_of(&d->rows[d->worlds[w].pick]));
    if (picks) fputs("e\n", c->script);
    say(d, chart);
    add_legend(d, n, baselines, picks, chart);
}
