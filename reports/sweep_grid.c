/* SPDX-License-Identifier: Apache-2.0 */
/* Two keys against each other: cost and p95 wait of each pair of values, darker where more. */
#include <math.h>
#include <stdlib.h>

#include "reports/escape.h"
#include "reports/sweep_chart.h"

enum { TOP = 56, BOTTOM = 44, CELL = 34, SHADES = 8 };

/* The mean of the rows at a pair of levels; NAN: there is none. surely: one of them is a row that
 * meets every target. */
static double cell_of(const struct sweep_data *d, enum sweep_figure f, int32_t across, int32_t up,
                      bool *surely)
{
    double sum = 0;
    int32_t n = 0;
    *surely = false;
    for (int32_t i = 0; i < d->row_n; i++) {
        const struct swept_row *r = &d->rows[i];
        if (d->dimensions[0].level[i] != across || d->dimensions[1].level[i] != up ||
            isnan(r->figures[f].mean))
            continue;
        *surely |= r->is_answer && r->overall == VERDICT_MEETS;
        sum += r->figures[f].mean;
        n++;
    }
    return n ? sum / n : NAN;
}

/* A cell has room for a number; its unit stands above. */
struct wait_unit {
    const char *name;
    double s;
};

static struct wait_unit wait_unit_of(double most)
{
    static const struct wait_unit units[] = {
        { "days", 86400 }, { "hours", 3600 }, { "minutes", 60 }, { "seconds", 1 }
    };
    int i = 0;
    while (i < 3 && most < 2 * units[i].s) i++;
    return units[i];
}

static struct format_text cell_text(enum sweep_figure f, double mean, struct wait_unit unit)
{
    struct format_text t;
    if (f != SWEEP_WAIT) return sweep_figure_text(f, mean);
    double x = mean / unit.s;
    snprintf(t.s, sizeof t.s, "%.*f", x >= 99.95 ? 0 : x >= 9.995 ? 1 : 2, x);
    return t;
}

int sweep_chart_grid_height(const struct sweep_data *d)
{
    return TOP + BOTTOM + CELL * (d->dimension_n > 1 ? d->dimensions[1].level_n : 1);
}

static void draw_panel(const struct sweep_data *d, enum sweep_figure f, const char *title,
                       double left, double right, bool with_names, struct canvas *c)
{
    static const char *const shades[SHADES] = { "h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7" },
                             *const inks[SHADES] = {
                                 "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"
                             };
    const struct sweep_dimension *x = &d->dimensions[0], *y = &d->dimensions[1];
    struct sweep_scale s = sweep_scale_of(d, f);
    double width = (right - left) / x->level_n;
    int fits = (int)((width - 4) / 7.6);
    struct wait_unit unit = wait_unit_of(s.high / 10);
    char head[40];
    snprintf(head, sizeof head, "%s%s%s", title, f == SWEEP_WAIT ? ", " : "",
             f == SWEEP_WAIT ? unit.name : "");
    s.from = 0, s.to = SHADES - 0.01;
    sweep_text(c, head, 40, left, c->height - 16, "left", "mute", false);
    for (int32_t v = 0; v < y->level_n; v++) {
        double base = BOTTOM + (double)v * CELL;
        if (with_names)
            sweep_text(c, y->levels[v].label, 14, left - 8, base + CELL / 2.0, "right", "mute",
                       false);
        for (int32_t u = 0; u < x->level_n; u++) {
            bool surely;
            double mean = cell_of(d, f, u, v, &surely), at = left + u * width;
            if (isnan(mean)) continue;
            int shade = (int)sweep_at(&s, mean);
            sweep_bar(c, at + 1, base + 1, at + width - 1, base + CELL - 1, shades[shade]);
            if (fits >= 5)
                sweep_text(c, cell_text(f, mean, unit).s, fits, at + width / 2, base + CELL / 2.0,
                           "center", inks[shade], false);
            if (surely) sweep_bar(c, at + 4, base + 4, at + width - 4, base + 7, "accent");
        }
    }
    int widest = 3, every = 1;
    for (int32_t u = 0; u < x->level_n; u++)
        if (escape_width(x->levels[u].label) > widest) widest = escape_width(x->levels[u].label);
    if (widest > 16) widest = 16;
    while (every < x->level_n && width * every < 7.6 * widest + 4) every++;
    for (int32_t u = 0; u < x->level_n; u += every)
        sweep_text(c, x->levels[u].label, widest, left + (u + 0.5) * width, BOTTOM - 12, "center",
                   "mute", false);
    sweep_text(c, x->name, 40, (left + right) / 2, 12, "center", "mute", false);
}

static void say(const struct sweep_data *d, struct chart *chart)
{
    const char *across = d->dimensions[0].name, *up = d->dimensions[1].name;
    bool surely = false;
    chart->title = chart_text("%s against %s", across, up);
    chart->subtitle = chart_text("Cost per month (US dollars) and p95 wait of each pair of values, "
                                 "means over replications; shades follow the figures. Down: %s.",
                                 up);
    chart->note = chart_text("%s", d->has_targets ? "A bar under a cell: it surely meets every "
                                                    "target of its point."
                                                  : "");
    chart->alt = chart_text("A grid of %s against %s; the figures are in the table.", across, up);
    for (int32_t i = 0; i < d->row_n; i++) surely |= d->rows[i].overall == VERDICT_MEETS;
    if (surely) chart_legend_add(chart, "accent", "surely meets every target", 1, "solid");
}

void sweep_chart_grid(const struct sweep_data *d, struct canvas *c, struct chart *chart)
{
    if (d->dimension_n != 2) {
        chart->skipped = chart_text("not exactly two keys vary");
        return;
    }
    int widest = 4;
    for (int32_t v = 0; v < d->dimensions[1].level_n; v++)
        if (escape_width(d->dimensions[1].levels[v].label) > widest)
            widest = escape_width(d->dimensions[1].levels[v].label);
    double names = 8.2 * (widest < 14 ? widest : 14) + 20, half = (c->width - names - 34.0) / 2;
    sweep_pixels(c);
    sweep_text(c, d->dimensions[1].name, 20, 8, c->height - 38.0, "left", "mute", false);
    draw_panel(d, SWEEP_COST, "cost per month", names, names + half, true, c);
    draw_panel(d, SWEEP_WAIT, "p95 wait", names + half + 24, names + 2 * half + 24, false, c);
    sweep_pixels_end(c);
    say(d, chart);
}
