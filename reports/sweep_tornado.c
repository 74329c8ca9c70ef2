/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tornado: how far each key moves the mean, strongest first, of cost and of wait.
 *
 *                   cost per month                       p95 wait
 *      nodes    12 |======|======| 26        order  srsf |===|=========| fifo
 *      order       |                         nodes    26  |==|====| 12
 *                      $310k                             14 h
 */
#include <math.h>
#include <stdlib.h>

#include "reports/escape.h"
#include "reports/sweep_chart.h"

enum { TOP = 46, BOTTOM = 30, ROW = 34, ROWS_MAX = 10, BAR = 16 };

struct effect {
    const struct sweep_dimension *dim;
    int32_t low, high;
    double span;
};

static int by_span(const void *x, const void *y)
{
    const struct effect *a = x, *b = y;
    if (a->span != b->span) return a->span > b->span ? -1 : 1;
    return a->dim < b->dim ? -1 : a->dim > b->dim;
}

/* The effects on a figure, strongest first; their number. */
static int effects_of(const struct sweep_data *d, enum sweep_figure f, struct effect rows[ROWS_MAX])
{
    struct effect *all = calloc((size_t)d->dimension_n + 1, sizeof *all);
    int n = 0;
    for (int32_t i = 0; all && i < d->dimension_n; i++) {
        struct effect *e = &all[n];
        e->dim = &d->dimensions[i];
        if (!sweep_ends(e->dim, f, &e->low, &e->high)) continue;
        e->span = e->dim->levels[e->high].mean[f].mean - e->dim->levels[e->low].mean[f].mean;
        n++;
    }
    if (n) qsort(all, (size_t)n, sizeof *all, by_span);
    if (n > ROWS_MAX) n = ROWS_MAX;
    for (int i = 0; i < n; i++) rows[i] = all[i];
    free(all);
    return n;
}

int sweep_chart_tornado_height(const struct sweep_data *d)
{
    struct effect rows[ROWS_MAX];
    int cost = effects_of(d, SWEEP_COST, rows), wait = effects_of(d, SWEEP_WAIT, rows);
    return TOP + BOTTOM + ROW * (cost > wait ? cost : wait);
}

/* The mean over all rows. */
static double middle_of(const struct sweep_data *d, enum sweep_figure f)
{
    double sum = 0;
    int32_t n = 0;
    for (int32_t i = 0; i < d->row_n; i++)
        if (!isnan(d->rows[i].figures[f].mean)) sum += d->rows[i].figures[f].mean, n++;
    return n ? sum / n : NAN;
}

static void whisker(struct canvas *c, const struct sweep_scale *s, const struct mean_interval *m,
                    double y)
{
    if (m->half > 0)
        sweep_line(c, sweep_at(s, m->mean - m->half), y, sweep_at(s, m->mean + m->half), y, "ink",
                   1.4);
}

static void draw_panel(const struct sweep_data *d, enum sweep_figure f, const char *title,
                       double left, double right, struct canvas *c)
{
    struct effect rows[ROWS_MAX];
    int n = effects_of(d, f, rows), widest = 4, name = 4;
    double low = INFINITY, high = -INFINITY, middle = middle_of(d, f), marks[8];
    sweep_text(c, title, 40, left, c->height - 16, "left", "mute", false);
    if (n == 0) {
        sweep_text(c, "no key moves it", 40, left, c->height - TOP, "left", "mute", false);
        return;
    }
    for (int i = 0; i < n; i++) {
        const struct sweep_level *a = &rows[i].dim->levels[rows[i].low],
                                 *b = &rows[i].dim->levels[rows[i].high];
        low = fmin(low, a->mean[f].mean - (a->mean[f].half > 0 ? a->mean[f].half : 0));
        high = fmax(high, b->mean[f].mean + (b->mean[f].half > 0 ? b->mean[f].half : 0));
        int width = escape_width(a->label) > escape_width(b->label) ? escape_width(a->label)
                                                                    : escape_width(b->label);
        if (width > widest) widest = width;
        if (escape_width(rows[i].dim->name) > name) name = escape_width(rows[i].dim->name);
    }
    if (widest > 12) widest = 12;
    if (name > 16) name = 16;
    double bars = left + 8.4 * name + 12, margin = 7.8 * widest + 14;
    if (!(high > low)) high = low + fmax(fabs(low), 1);
    struct sweep_scale s = { fmax(0, low), high, bars + margin, right - margin, false, f };
    int mark_n = sweep_marks(&s, marks);
    for (int i = 0; i<mark_n; i += mark_n> 5 ? 2 : 1) {
        double x = sweep_at(&s, marks[i]);
        sweep_line(c, x, BOTTOM - 4, x, c->height - TOP + 6, "grid", 1);
        sweep_text(c, sweep_mark_text(f, marks[i]).s, 12, x, BOTTOM - 14, "center", "mute", false);
    }
    for (int i = 0; i < n; i++) {
        const struct sweep_level *a = &rows[i].dim->levels[rows[i].low],
                                 *b = &rows[i].dim->levels[rows[i].high];
        double y = c->height - TOP - (i + 0.5) * ROW, x = sweep_at(&s, middle),
               from = sweep_at(&s, a->mean[f].mean), to = sweep_at(&s, b->mean[f].mean);
        sweep_text(c, rows[i].dim->name, name, left, y, "left", i ? "mute" : "ink", i == 0);
        sweep_bar(c, from, y - BAR / 2.0, fmin(x, to), y + BAR / 2.0, "res");
        sweep_bar(c, fmax(x, from), y - BAR / 2.0, to, y + BAR / 2.0, "od");
        whisker(c, &s, &a->mean[f], y);
        whisker(c, &s, &b->mean[f], y);
        if (rows[i].span > 0) {
            double before = sweep_at(&s, a->mean[f].mean - fmax(a->mean[f].half, 0)),
                   after = sweep_at(&s, b->mean[f].mean + fmax(b->mean[f].half, 0));
            sweep_text(c, a->label, widest, fmin(before, from) - 7, y, "right", "ink", false);
            sweep_text(c, b->label, widest, fmax(after, to) + 7, y, "left", "ink", false);
        } else {
            sweep_text(c, "no effect", 12, x + 7, y, "left", "mute", false);
        }
    }
    sweep_line(c, sweep_at(&s, middle), BOTTOM - 4, sweep_at(&s, middle), c->height - TOP + 6,
               "ink", 1.2);
}

static void say(const struct sweep_data *d, struct chart *chart)
{
    int32_t cost = sweep_strongest(d, SWEEP_COST), wait = sweep_strongest(d, SWEEP_WAIT);
    if (cost >= 0 && cost == wait)
        chart->title = chart_text("%s moves both cost and wait most", d->dimensions[cost].name);
    else if (cost >= 0 && wait >= 0)
        chart->title = chart_text("%s moves the cost most, %s the wait", d->dimensions[cost].name,
                                  d->dimensions[wait].name);
    else if (cost >= 0 || wait >= 0)
        chart->title = chart_text("%s moves the %s; nothing moves the %s",
                                  d->dimensions[cost >= 0 ? cost : wait].name,
                                  cost >= 0 ? "cost" : "wait", cost >= 0 ? "wait" : "cost");
    else chart->title = chart_text("No key moves cost or wait");
    chart->subtitle = chart_text("Main effects: from the value of the least mean to that of the "
                                 "most, each the mean over all other keys. US dollars a month, p95 "
                                 "wait.");
    chart->note =
        chart_text("Upright line: the mean over all rows. Thin lines: 95%% intervals. A "
                   "main effect is no promise: what a key does may depend on the others.");
    chart->alt = chart_text("%s. The figures are in the table of main effects.", chart->title);
    chart_legend_add(chart, "res", "below the mean", 0, "");
    chart_legend_add(chart, "od", "above it", 0, "");
}

void sweep_chart_tornado(const struct sweep_data *d, struct canvas *c, struct chart *chart)
{
    if (d->dimension_n == 0) {
        chart->skipped = chart_text("nothing varies");
        return;
    }
    sweep_pixels(c);
    draw_panel(d, SWEEP_COST, "cost per month", 10, c->width / 2.0 - 24, c);
    draw_panel(d, SWEEP_WAIT, "p95 wait", c->width / 2.0 + 14, c->width - 10.0, c);
    sweep_pixels_end(c);
    say(d, chart);
}
