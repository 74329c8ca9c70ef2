/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schedulers by what they trade: a row each, best on top, so that no two names can collide.
 *
 *               mean and p95 wait (log)              fairness     idle while waiting
 *     easy      |      o-----------*        |        |     o  |     |===    |
 *     fifo      |             o---------*   |        |      o |     |=====  |
 *
 * The canvas is used in pixels, from the bottom left: each panel has its own scale.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/chart.h"
#include "reports/escape.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/orders.h"

enum { TOP = 52, BOTTOM = 34, NAME_X = 10, PANEL_GAP = 44, RIGHT = CHART_WIDTH - 24 };

struct panel {
    double x0, x1, low, high;
    bool log;
};

static double place(const struct panel *p, double value)
{
    double share = p->log ? log(value / p->low) / log(p->high / p->low)
                          : (value - p->low) / (p->high - p->low);
    return p->x0 + fmin(fmax(share, 0), 1) * (p->x1 - p->x0);
}

/* Waits below a second are shown at a second: a log axis has no zero. */
static double wait_x(double s) { return s < 1 ? 1 : s; }

static void text_at(struct canvas *c, const char *text, double x, double y, const char *side,
                    const char *token)
{
    fprintf(c->script, "set label %s at %.2f,%.2f %s tc rgb %s front\n", canvas_label(c, text), x,
            y, side, canvas_colour(c, token));
}

static void line(struct canvas *c, double x0, double y0, double x1, double y1, const char *token,
                 double width)
{
    fprintf(c->script, "set arrow from %.2f,%.2f to %.2f,%.2f nohead lc rgb %s lw %g back\n", x0,
            y0, x1, y1, canvas_colour(c, token), width);
}

static void rule(struct canvas *c, double x, double top, const char *text)
{
    line(c, x, BOTTOM - 4, x, top, "grid", 1);
    text_at(c, text, x, BOTTOM - 16, "center", "mute");
}

/* Powers of the clock within the panel, at least 60 pixels apart. */
static void wait_rules(struct canvas *c, const struct panel *p, double top)
{
    static const struct {
        double s;
        const char *text;
    } tics[] = { { 1, "1 s" },
                 { 10, "10 s" },
                 { 60, "1 min" },
                 { 600, "10 min" },
                 { 3600, "1 h" },
                 { 4 * 3600, "4 h" },
                 { 86400, "1 day" },
                 { 3 * 86400, "3 days" },
                 { 7 * 86400, "1 week" },
                 { 30 * 86400, "30 days" },
                 { 365.0 * 86400, "1 year" } };
    double last = -INFINITY;
    for (size_t i = 0; i < sizeof tics / sizeof *tics; i++) {
        if (tics[i].s < p->low || tics[i].s > p->high || place(p, tics[i].s) - last < 60) continue;
        last = place(p, tics[i].s);
        rule(c, last, top, tics[i].text);
    }
}

static void number_rules(struct canvas *c, const struct panel *p, double top)
{
    double step = chart_step(p->high - p->low, 3);
    for (int i = 0; i * step <= (p->high - p->low) * 1.0001 && i < 12; i++) {
        double value = p->low + i * step;
        rule(c, place(p, value), top, format_number(value).s);
    }
}

static void interval(struct canvas *c, const struct panel *p, const struct estimate *e, double y,
                     const char *token)
{
    if (e->n < 2) return;
    double least = p->log ? wait_x(e->mean - e->half) : e->mean - e->half;
    line(c, place(p, least), y, place(p, e->mean + e->half), y, token, 1.5);
}

/* Points of one metric, a row each. */
struct series {
    const char *metric, *token;
    int shape;
    double shift;     /* up from the middle of the row */
    const char *word; /* that stands above the panel with a mark, so many pixels in; NULL: none */
    double in;
};

static void plot(const struct report_data *d, const int32_t *ranking, const struct panel *p,
                 const struct series *s, double top, double row, struct canvas *c, FILE *points)
{
    if (s->word) {
        double y = c->height - 18;
        fprintf(points, "%.2f\t%.2f\n", p->x0 + s->in, y);
        text_at(c, s->word, p->x0 + s->in + 10, y, "left", "mute");
    }
    for (int32_t i = 0; i < d->fleet_n; i++) {
        const struct estimate *e = report_metric(&d->fleets[ranking[i]], s->metric);
        double y = top - (i + 0.5) * row + s->shift;
        if (!e->n) continue;
        interval(c, p, e, y, s->token);
        fprintf(points, "%.2f\t%.2f\n", place(p, p->log ? wait_x(e->mean) : e->mean), y);
    }
    fputs("e\n", points);
}

/* Names, and a band behind the one that is picked; pixels that the longest name takes. */
static double name_width(const struct report_data *d)
{
    int most = 8;
    for (int32_t f = 0; f < d->fleet_n; f++) {
        int width = escape_width(order_label(d, f)) + (f == d->baseline ? 11 : 0);
        if (width > most) most = width;
    }
    return fmin(8.2 * most, 320);
}

static void write_names(const struct report_data *d, const int32_t *ranking, double top, double row,
                        struct canvas *c)
{
    for (int32_t i = 0; i < d->fleet_n; i++) {
        int32_t f = ranking[i];
        double y = top - (i + 0.5) * row;
        const char *name = order_label(d, f);
        char text[240];
        snprintf(text, sizeof text, "%.*s%s%s", escape_cut(name, 60), name,
                 name[escape_cut(name, 60)] ? "..." : "", f == d->baseline ? " (baseline)" : "");
        fprintf(c->script, "set label %s at %d,%.2f left tc rgb %s%s front\n",
                canvas_label(c, text), NAME_X, y,
                canvas_colour(c, f == d->pick || f == d->baseline ? "ink" : "mute"),
                f == d->pick && c->picture == PICTURE_SVG ? " font ':Bold'" : "");
        if (f == d->pick)
            fprintf(c->script,
                    "set object rectangle from 0,%.2f to %d,%.2f fc rgb %s fs solid 1 noborder "
                    "behind\n",
                    y - row / 2, CHART_WIDTH, y + row / 2, canvas_colour(c, "zone"));
    }
}

static double most_of(const struct report_data *d, const char *metric, bool with_half)
{
    double most = 0;
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct estimate *e = report_metric(&d->fleets[f], metric);
        if (e->n) most = fmax(most, e->mean + (with_half && e->n > 1 ? e->half : 0));
    }
    return most;
}

/* Where the axis of waits begins: an interval that reaches far below every mean, to nothing or
 * less, does not stretch it. */
static double least_wait(const struct report_data *d)
{
    double least = INFINITY, mean = INFINITY;
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct estimate *e = report_metric(&d->fleets[f], METRIC_WAIT_MEAN);
        if (!e->n) continue;
        mean = fmin(mean, wait_x(e->mean));
        least = fmin(least, wait_x(e->mean - (e->n > 1 ? e->half : 0)));
    }
    return fmax(least, mean / 8);
}

/* What the order of the rows shows: who waits least, and whether that one is the fairest. */
static void say(const struct report_data *d, const int32_t *ranking, bool fair, struct chart *chart)
{
    int m = metric_index(METRIC_FAIRNESS);
    int32_t first = ranking[0], even = first, last = first;
    for (int32_t i = 0; i < d->fleet_n; i++)
        if (report_metric(&d->fleets[ranking[i]], METRIC_WAIT_P95)->n) last = ranking[i];
    for (int32_t f = 0; fair && f < d->fleet_n; f++)
        if (d->fleets[f].standing[m] == STANDING_BEST &&
            d->fleets[even].standing[m] != STANDING_BEST)
            even = f;
    chart->title = fair && d->fleets[first].standing[m] == STANDING_WORSE
                       ? chart_text("%s has the shortest p95 wait; %s is the fairest",
                                    order_label(d, first), order_label(d, even))
                       : chart_text("%s has the shortest p95 wait%s", order_label(d, first),
                                    fair && even == first ? " and is the fairest" : "");
    chart->subtitle = chart_text(
        "A row each, shortest p95 wait first. Left is better for waits and idle GPUs%s.%s",
        fair ? ", right for fairness" : "",
        d->replications > 1 ? " Lines: 95% intervals of the mean." : "");
    chart->note = chart_text("Waits under a second stand at one second. A line that ends at an "
                             "edge goes on.");
    chart->alt = chart_text(
        "The p95 wait lies between %s (%s) and %s (%s). All numbers are in the table above.",
        format_duration(report_metric(&d->fleets[first], METRIC_WAIT_P95)->mean).s,
        order_label(d, first),
        format_duration(report_metric(&d->fleets[last], METRIC_WAIT_P95)->mean).s,
        order_label(d, last));
}

void chart_orders(const struct report_data *d, struct canvas *c, struct chart *chart)
{
    static const struct series mean = { METRIC_WAIT_MEAN, "spot", 7, 3.5, "mean", 180 },
                               p95 = { METRIC_WAIT_P95, "res", 5, -3.5, "p95", 246 },
                               fairness = { METRIC_FAIRNESS, "sto", 7, 0, NULL, 0 },
                               idle = { METRIC_IDLE_WAITING, "od", 7, 0, NULL, 0 };
    double most = most_of(d, METRIC_WAIT_P95, true);
    bool fair = most_of(d, METRIC_FAIRNESS, false) > 0;
    int32_t *ranking = order_ranking(d);
    char *text = NULL;
    size_t n = 0;
    FILE *points = open_memstream(&text, &n);
    if (!ranking || !points || !(most > 0)) {
        chart->skipped =
            chart_text(most > 0 ? "out of memory" : "no job waits, whatever the order");
        if (points) fclose(points);
        free(text);
        free(ranking);
        return;
    }
    double top = c->height - TOP, row = (top - BOTTOM) / d->fleet_n;
    double left = NAME_X + name_width(d) + 14, rest = RIGHT - left;
    double low = fmax(least_wait(d) / 1.4, 1), high = fmax(most * 1.2, 4 * low);
    double side = fair ? 0.2 * rest : 0.26 * rest;
    struct panel waits = { left, RIGHT - (fair ? 2 : 1) * (side + PANEL_GAP), low, high, true },
                 even = { waits.x1 + PANEL_GAP, waits.x1 + PANEL_GAP + side, 0, 1, false },
                 hours = { RIGHT - side, RIGHT, 0, 0, false };
    hours.high = fmax(most_of(d, METRIC_IDLE_WAITING, true) * 1.05, 1e-3);
    fprintf(c->script,
            "set xrange [0:%d]\nset yrange [0:%d]\nset lmargin at screen 0\nset rmargin at screen "
            "1\nset bmargin at screen 0\nset tmargin at screen 1\nunset tics\nunset grid\n",
            CHART_WIDTH, c->height);
    write_names(d, ranking, top, row, c);
    wait_rules(c, &waits, top);
    text_at(c, "Queue wait (log scale)", waits.x0, c->height - 18, "left", "mute");
    number_rules(c, &hours, top);
    text_at(c, "Idle GPU-hours", hours.x0, c->height - 18, "left", "mute");
    if (fair) number_rules(c, &even, top);
    if (fair) text_at(c, "Fairness", even.x0, c->height - 18, "left", "mute");
    plot(d, ranking, &waits, &mean, top, row, c, points);
    plot(d, ranking, &waits, &p95, top, row, c, points);
    plot(d, ranking, &hours, &idle, top, row, c, points);
    if (fair) plot(d, ranking, &even, &fairness, top, row, c, points);
    const struct series *const all[] = { &mean, &p95, &idle, &fairness };
    fputs("plot", c->script);
    for (int i = 0; i < (fair ? 4 : 3); i++)
        fprintf(c->script, "%s '-' using 1:2 with points pt %d ps %s lc rgb %s notitle",
                i ? "," : "", all[i]->shape, all[i]->shape == 5 ? "0.85" : "0.95",
                canvas_colour(c, all[i]->token));
    fputc('\n', c->script);
    fclose(points);
    if (text) fputs(text, c->script);
    say(d, ranking, fair, chart);
    free(text);
    free(ranking);
}
