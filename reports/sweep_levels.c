/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small multiples: cost and p95 wait by each key's values, a column a key, on common scales.
 *
 *      nodes                   order               load
 *      |      ..-#             |  #  #  #          |   #  #       cost per month
 *      |  .-#'                 |                   |
 *      | #.                    |  #.               |      .#      p95 wait
 *      |   '-#..#              |    '#..#          |   #'
 *       12 14 16 18             fifo easy srsf      90  110
 *
 * The point is the mean over all rows that have the value, the grey bar goes from the least to the
 * most of them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/sweep_chart.h"

enum { PANELS = 4, DIMENSIONS_MAX = 8, HEAD = 34, PANEL = 150, GAP = 26, FOOT = 34, LEFT = 84 };
static const enum sweep_figure figures[] = { SWEEP_COST, SWEEP_WAIT };
enum { FIGURE_N = sizeof figures / sizeof *figures };

static int32_t shown_of(const struct sweep_data *d)
{
    return d->dimension_n < DIMENSIONS_MAX ? d->dimension_n : DIMENSIONS_MAX;
}

static int band_height(void) { return HEAD + FIGURE_N * PANEL + (FIGURE_N - 1) * GAP + FOOT; }

int sweep_chart_levels_height(const struct sweep_data *d)
{
    return (shown_of(d) + PANELS - 1) / PANELS * band_height();
}

struct panel {
    double left, right; /* pixels */
    struct sweep_scale scale;
};

static double x_of(const struct panel *p, const struct sweep_dimension *dim, int32_t level)
{
    return p->left + (p->right - p->left) * (level + 0.5) / dim->level_n;
}

static void draw_rules(struct canvas *c, const struct panel *p, bool with_numbers)
{
    double marks[8];
    int n = sweep_marks(&p->scale, marks);
    for (int i = 0; i < n; i++) {
        double y = sweep_at(&p->scale, marks[i]);
        sweep_line(c, p->left, y, p->right, y, "grid", 1);
        if (with_numbers)
            sweep_text(c, sweep_mark_text(p->scale.figure, marks[i]).s, 12, p->left - 8, y, "right",
                       "mute", false);
    }
}

static void draw_levels(struct canvas *c, const struct panel *p, const struct sweep_dimension *dim)
{
    enum sweep_figure f = p->scale.figure;
    double last_x = NAN, last_y = NAN,
           half_width = fmin(7, (p->right - p->left) / dim->level_n / 4);
    for (int32_t l = 0; l < dim->level_n; l++) {
        const struct sweep_level *level = &dim->levels[l];
        if (isnan(level->mean[f].mean)) continue;
        double x = x_of(p, dim, l), low = sweep_at(&p->scale, level->least[f]),
               high = sweep_at(&p->scale, level->most[f]);
        sweep_bar(c, x - half_width, low - 1, x + half_width, high + 1, "idle");
    }
    for (int32_t l = 0; l < dim->level_n; l++) {
        const struct mean_interval *m = &dim->levels[l].mean[f];
        if (isnan(m->mean)) continue;
        double x = x_of(p, dim, l), y = sweep_at(&p->scale, m->mean);
        if (!isnan(last_x)) sweep_line(c, last_x, last_y, x, y, "res", 2);
        if (m->half > 0)
            sweep_line(c, x, sweep_at(&p->scale, m->mean - m->half), x,
                       sweep_at(&p->scale, m->mean + m->half), "ink", 1.4);
        sweep_bar(c, x - 3.5, y - 3.5, x + 3.5, y + 3.5, "res");
        last_x = x, last_y = y;
    }
}

/* Labels that have room: all, or every second, third, ... */
static void draw_names(struct canvas *c, const struct panel *p, const struct sweep_dimension *dim,
                       double y)
{
    double room = (p->right - p->left) / dim->level_n;
    int widest = 1, every = 1;
    for (int32_t l = 0; l < dim->level_n; l++) {
        int width = escape_width(dim->levels[l].label);
        if (width > widest) widest = width;
    }
    if (widest > 18) widest = 18;
    while (every < dim->level_n && room * every < 7.6 * widest + 6) every++;
    int fits = (int)((room * every - 6) / 7.6);
    for (int32_t l = (every - 1) / 2; l < dim->level_n; l += every) {
        int width = escape_width(dim->levels[l].label), most = fits < 3 ? 3 : fits < 18 ? fits : 18;
        double x = x_of(p, dim, l), half = 3.8 * (width < most ? width : most);
        if (l > 0 && x + half > p->right + 24) break; /* it would lie on the next panel's */
        sweep_text(c, dim->levels[l].label, most, x, y, "center", "mute", false);
    }
}

static void say(const struct sweep_data *d, int32_t shown, struct chart *chart)
{
    int32_t strongest = sweep_strongest(d, SWEEP_WAIT), low, high;
    if (strongest >= 0 && sweep_ends(&d->dimensions[strongest], SWEEP_WAIT, &low, &high)) {
        const struct sweep_dimension *dim = &d->dimensions[strongest];
        chart->title = chart_text(
            "%s moves the p95 wait most: %s on average at %s, %s at %s", dim->name,
            format_duration(dim->levels[low].mean[SWEEP_WAIT].mean).s, dim->levels[low].label,
            format_duration(dim->levels[high].mean[SWEEP_WAIT].mean).s, dim->levels[high].label);
    } else {
        chart->title = chart_text("What each key does to cost and wait");
    }
    chart->subtitle = chart_text(
        "Cost per month (US dollars) and p95 wait by each key's values. Point: the mean over all "
        "rows that have the value, whatever else they have; grey: from the least to the most.");
    chart->note = chart_text(
        "Thin lines: 95%% intervals of the means, as wide as those of the rows.%s%s",
        shown < d->dimension_n ? " More keys vary than are drawn: the table has them." : "",
        d->left_out ? " Keys of many words are left out." : "");
    chart->alt = chart_text("%s. The figures are in the table of main effects.", chart->title);
}

void sweep_chart_levels(const struct sweep_data *d, struct canvas *c, struct chart *chart)
{
    int32_t shown = shown_of(d), columns = shown < PANELS ? shown : PANELS;
    if (shown == 0) {
        chart->skipped = chart_text("nothing varies");
        return;
    }
    double width = (c->width - LEFT - 10.0) / columns;
    sweep_pixels(c);
    for (int32_t i = 0; i < shown; i++) {
        const struct sweep_dimension *dim = &d->dimensions[i];
        double top = c->height - (double)(i / PANELS) * band_height();
        struct panel p = { .left = LEFT + (i % PANELS) * width };
        p.right = p.left + width - 28;
        sweep_text(c, dim->name, (int)((width - 28) / 8), p.left, top - 14, "left", "ink", true);
        for (int f = 0; f < FIGURE_N; f++) {
            double base = top - HEAD - (f + 1) * PANEL - f * GAP;
            p.scale = sweep_scale_of(d, figures[f]);
            p.scale.from = base;
            p.scale.to = base + PANEL - 16;
            draw_rules(c, &p, i % PANELS == 0);
            if (i % PANELS == 0)
                sweep_text(c,
                           figures[f] == SWEEP_COST ? "cost per month"
                           : p.scale.is_log         ? "p95 wait (log scale)"
                                                    : "p95 wait",
                           24, 8, base + PANEL - 2, "left", "mute", false);
            draw_levels(c, &p, dim);
            sweep_line(c, p.left, base, p.right, base, "mute", 1);
        }
        draw_names(c, &p, dim, top - HEAD - FIGURE_N * PANEL - (FIGURE_N - 1) * GAP - 14);
    }
    sweep_pixels_end(c);
    say(d, shown, chart);
}
