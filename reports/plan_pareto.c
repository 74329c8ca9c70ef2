/* SPDX-License-Identifier: Apache-2.0 */
/* Cost a month against p95 wait: a point a fleet that was simulated, those with a role by name. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/chart.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/pareto.h"
#include "reports/plan_parts.h"

/* More bars hide the points. */
enum { BARS_MAX = 12 };

const struct plan_chart_kind plan_chart_kinds[] = { { "pareto", "compare" }, { NULL, NULL } };

static bool is_known(const struct planned_fleet *f)
{
    return isfinite(f->cost.mean) && isfinite(f->wait.mean);
}

static enum pareto_look look_of(const struct plan_data *d, int32_t fleet)
{
    if (fleet == d->pick) return PARETO_PICK;
    if (fleet == d->today) return PARETO_BASE;
    return d->fleets[fleet].verdict == VERDICT_MISSES    ? PARETO_OTHER
           : d->fleets[fleet].verdict == VERDICT_UNCLEAR ? PARETO_CLOSE
                                                         : PARETO_GOOD;
}

static bool has_name(const struct plan_data *d, int32_t fleet)
{
    return fleet == d->pick || fleet == d->today || fleet == d->next || fleet == d->fewer;
}

/* Of many fleets those with a role alone have bars. */
static bool has_bars(const struct plan_data *d, int32_t fleet)
{
    return d->fleet_n <= BARS_MAX || *plan_role(d, fleet);
}

static double target_of(const struct plan_data *d, const char *metric)
{
    for (int32_t t = 0; t < d->target_n; t++)
        if (strcmp(d->targets[t].metric, metric) == 0 && d->targets[t].at_most)
            return d->targets[t].target;
    return NAN;
}

/* The plan on top and named first; fleets come with the named ones first. */
static int32_t take_points(const struct plan_data *d, struct pareto_point *points,
                           struct pareto_name *names, char **texts, int32_t *name_n)
{
    int32_t n = 0;
    *name_n = 0;
    for (int32_t i = -1; i < d->fleet_n; i++) {
        int32_t fleet = i < 0 ? d->pick : i;
        if (fleet < 0 || (i >= 0 && i == d->pick) || !is_known(&d->fleets[fleet])) continue;
        const struct planned_fleet *f = &d->fleets[fleet];
        bool bars = has_bars(d, fleet);
        points[n] = (struct pareto_point){ .wait_s = f->wait.mean,
                                           .cost_usd = f->cost.mean,
                                           .wait_half = bars ? f->wait.half : NAN,
                                           .cost_half = bars ? f->cost.half : NAN,
                                           .look = look_of(d, fleet),
                                           .line = f->on_frontier ? 0 : -1 };
        if (has_name(d, fleet)) {
            char *text = chart_text("%s: %s node%s", plan_role(d, fleet),
                                    format_count((double)f->nodes).s, f->nodes == 1 ? "" : "s");
            texts[*name_n] = text;
            if (text) names[(*name_n)++] = (struct pareto_name){ n, text, fleet == d->pick };
        }
        n++;
    }
    return n;
}

static void say(const struct plan_data *d, int32_t n, bool has_line, struct chart *chart)
{
    int32_t meet = 0;
    const char *best = d->is_fastest ? "faster" : "cheaper";
    for (int32_t f = 0; f < d->fleet_n; f++) meet += d->fleets[f].verdict == VERDICT_MEETS;
    struct format_text all = format_count(n);
    if (d->pick < 0)
        chart->title =
            chart_text("None of the %s fleets looked at surely meets every target", all.s);
    else if (d->is_clear || d->next < 0)
        chart->title = chart_text("%s of %s fleets looked at surely meet every target, and none of "
                                  "them is %s than the plan",
                                  format_count(meet).s, all.s, best);
    else
        chart->title =
            chart_text("Cost against wait of the %s fleets looked at, of which %s surely "
                       "meet every target",
                       all.s, format_count(meet).s);
    chart->subtitle = chart_text("Cost a month against p95 wait, US dollars and log scale; means "
                                 "over replications. Down and left is better.");
    chart->note = chart_text("%sBars: 95%% intervals of the means%s.%s",
                             pareto_thins(n) ? "Not every fleet is drawn. " : "",
                             d->fleet_n > BARS_MAX ? ", of the fleets in the table above" : "",
                             has_line ? " The frontier: fleets that surely meet every target, of "
                                        "which none is cheaper without waiting longer."
                                      : "");
    char *answer = plan_answer(d);
    chart->alt = chart_text("%s. %s of %s fleets surely meet every target.", answer ? answer : "",
                            format_count(meet).s, all.s);
    free(answer);
}

static void add_legend(const struct pareto *p, struct chart *chart)
{
    static const struct {
        enum pareto_look look;
        const char *token, *label;
    } looks[] = { { PARETO_PICK, "accent", "plan" },
                  { PARETO_BASE, "base", "today (square)" },
                  { PARETO_GOOD, "res", "surely meets" },
                  { PARETO_CLOSE, "od", "too close to call (hollow)" },
                  { PARETO_OTHER, "sto", "misses (hollow)" } };
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (pareto_count(p, looks[i].look))
            chart_legend_add(chart, looks[i].token, looks[i].label, 0, "");
    if (p->line_n) chart_legend_add(chart, "mute", "frontier", 1, "solid");
}

static void draw(const void *arg, struct canvas *c, struct chart *chart)
{
    const struct plan_data *d = arg;
    struct pareto_point *points = malloc((size_t)d->fleet_n * sizeof *points);
    struct pareto_name names[4];
    char *texts[4] = { NULL };
    int32_t name_n, on_line = 0;
    if (!points) return;
    int32_t n = take_points(d, points, names, texts, &name_n);
    for (int32_t i = 0; i < n; i++) on_line += points[i].line >= 0;
    if (n < 2) {
        chart->skipped = chart_text("fewer than two fleets have both a cost and a wait");
    } else {
        struct pareto p = { .n = n,
                            .points = points,
                            .line_n = on_line > 1,
                            .name_n = name_n,
                            .names = names,
                            .most_wait_s = target_of(d, METRIC_WAIT_P95),
                            .most_usd = target_of(d, METRIC_COST_MONTH) };
        pareto_draw(&p, c);
        say(d, n, p.line_n > 0, chart);
        add_legend(&p, chart);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
    free(points);
}

enum status plan_chart_draw(struct charts *charts, const struct plan_data *d, const char *kind,
                            struct chart *chart, struct error *err)
{
    const struct chart_drawing drawing = { "pareto", draw, d, PARETO_HEIGHT };
    if (strcmp(kind, drawing.kind) != 0) return error_set(err, STATUS_BUG, "no chart '%s'", kind);
    return chart_paint(charts, &drawing, chart, err);
}

enum status plan_chart_png(struct charts *charts, const struct plan_data *d, const char *kind,
                           const char *path, int *drawn, struct error *err)
{
    const struct chart_drawing drawing = { "pareto", draw, d, PARETO_HEIGHT };
    *drawn = 0;
    if (strcmp(kind, drawing.kind) != 0) return error_set(err, STATUS_BUG, "no chart '%s'", kind);
    return chart_paint_png(charts, &drawing, path, drawn, err);
}
