/* SPDX-License-Identifier: Apache-2.0 */
/* Cost per month against p95 wait: a point a row, by verdict, with the frontier of each world. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/metrics.h"
#include "reports/pareto.h"
#include "reports/sweep_chart.h"

/* More bars hide the points; more lines and names hide all. */
enum { BARS_MAX = 24, LINES_MAX = 6, NAMES_MAX = 4 };

static double wait_of(const struct swept_row *r) { return r->figures[SWEEP_WAIT].mean; }
static double cost_of(const struct swept_row *r) { return r->figures[SWEEP_COST].mean; }

static enum pareto_look look_of(const struct sweep_data *d, int32_t row)
{
    const struct swept_row *r = &d->rows[row];
    const struct swept_point *point = &d->list[r->point];
    if (d->worlds[point->world].pick == row) return PARETO_PICK;
    if (r->is_baseline && (point->row_n > 1 || point->is_today)) return PARETO_BASE;
    if (!d->has_targets) return r->on_frontier ? PARETO_GOOD : PARETO_OTHER;
    return r->overall == VERDICT_MISSES    ? PARETO_OTHER
           : r->overall == VERDICT_UNCLEAR ? PARETO_CLOSE
                                           : PARETO_GOOD;
}

/* Of few rows all have bars, of many the frontier, where it is not many itself. */
static bool has_bars(const struct sweep_data *d, const struct swept_row *r)
{
    return d->row_n <= BARS_MAX || (r->on_frontier && d->frontier_n <= 2 * BARS_MAX);
}

/* The best first; at[row]: its point, -1 where it is no answer. How many. */
static int32_t take_points(const struct sweep_data *d, struct pareto_point *points, int32_t *at)
{
    int32_t n = 0;
    for (int32_t i = 0; i < d->row_n; i++) {
        int32_t row = d->ranking[i];
        const struct swept_row *r = &d->rows[row];
        at[row] = -1;
        if (!r->is_answer) continue;
        bool bars = has_bars(d, r);
        int32_t world = d->list[r->point].world;
        points[n] = (struct pareto_point){
            .wait_s = wait_of(r),
            .cost_usd = cost_of(r),
            .wait_half = bars ? r->figures[SWEEP_WAIT].half : NAN,
            .cost_half = bars ? r->figures[SWEEP_COST].half : NAN,
            .look = look_of(d, row),
            .line = r->on_frontier && d->world_n <= LINES_MAX ? world : -1,
        };
        at[row] = n++;
    }
    return n;
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

/* Those of the picks; of worlds where their frontiers end. texts are the caller's to free. */
static int32_t take_names(const struct sweep_data *d, const int32_t *at, char **texts,
                          struct pareto_name *names)
{
    int32_t n = 0;
    for (int32_t w = 0; w < d->world_n && d->world_n <= NAMES_MAX; w++) {
        int32_t pick = d->worlds[w].pick;
        if (pick < 0 || at[pick] < 0) continue;
        texts[n] = sweep_row_text(d, pick, false);
        if (texts[n]) names[n] = (struct pareto_name){ at[pick], texts[n], true }, n++;
    }
    for (int32_t w = 0; w < d->world_n && d->world_n > 1 && d->world_n <= LINES_MAX; w++) {
        int32_t end = d->worlds[w].fastest;
        if (!d->worlds[w].frontier_n || end < 0 || at[end] < 0) continue;
        texts[n] = strdup(d->worlds[w].text);
        if (texts[n]) names[n] = (struct pareto_name){ at[end], texts[n], false }, n++;
    }
    return n;
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

                   pareto_thins(d->row_n) ? " Not every point is drawn: --csv has them all." : "",
                   d->world_n > LINES_MAX ? " Frontiers of many worlds are not drawn." : "");
    chart->alt = chart_text("%s. %s of %s rows are on the frontier.", answer ? answer : "",
                            format_count(d->frontier_n).s, all.s);
    free(answer);
}

static void add_legend(const struct sweep_data *d, const struct pareto *p, struct chart *chart)
{
    if (pareto_count(p, PARETO_PICK))
        chart_legend_add(chart, "accent",
                         d->has_targets ? "cheapest that surely meets every target" : "cheapest", 0,
                         "");
    bool one_fleet = d->row_n == d->point_n; /* then it is today that is drawn so */
    if (pareto_count(p, PARETO_BASE))
        chart_legend_add(chart, "base", one_fleet ? "today (square)" : "baseline (square)", 0, "");
    if (pareto_count(p, PARETO_GOOD))
        chart_legend_add(chart, "res", d->has_targets ? "surely meets" : "on the frontier", 0, "");
    if (pareto_count(p, PARETO_CLOSE))
        chart_legend_add(chart, "od", "too close to call (hollow)", 0, "");
    if (pareto_count(p, PARETO_OTHER))
        chart_legend_add(chart, "sto", d->has_targets ? "misses (hollow)" : "others (hollow)", 0,
                         "");
    if (p->line_n) chart_legend_add(chart, "mute", "frontier", 1, "solid");
}

void sweep_chart_pareto(const struct sweep_data *d, struct canvas *c, struct chart *chart)
{
    char *texts[NAMES_MAX + LINES_MAX] = { NULL };
    struct pareto_name names[NAMES_MAX + LINES_MAX];
    struct pareto_point *points = malloc((size_t)d->row_n * sizeof *points);
    int32_t *at = malloc((size_t)d->row_n * sizeof *at);
    if (points && at) {
        int32_t n = take_points(d, points, at);
        struct pareto p = { .n = n,
                            .points = points,
                            .line_n = d->world_n <= LINES_MAX ? d->world_n : 0,
                            .name_n = take_names(d, at, texts, names),
                            .names = names,
                            .most_wait_s = target_of(d),
                            .most_usd = NAN };
        if (p.n < 2) {
            chart->skipped = chart_text("fewer than two rows have both a cost and a wait");
        } else {
            pareto_draw(&p, c);
            say(d, chart);
            add_legend(d, &p, chart);
        }
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
    free(points);
    free(at);
}
