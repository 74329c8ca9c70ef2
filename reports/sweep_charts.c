/* SPDX-License-Identifier: Apache-2.0 */
/* The charts of a sweep by name, and what they share. */
#include <math.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/pareto.h"
#include "reports/sweep_chart.h"

const struct sweep_chart_kind sweep_chart_kinds[] = {
    { "pareto", "compare" }, { "levels", "keys" }, { "tornado", "keys" },
    { "grid", "keys" },      { NULL, NULL },
};

/* ---- A canvas in pixels ---- */

void sweep_pixels(struct canvas *c)
{
    fprintf(c->script,
            "set xrange [0:%d]\nset yrange [0:%d]\nset lmargin at screen 0\nset rmargin at screen "
            "1\nset bmargin at screen 0\nset tmargin at screen 1\nunset tics\nunset grid\n",
            c->width, c->height);
}

void sweep_pixels_end(struct canvas *c) { fputs("plot 1/0 notitle\n", c->script); }

void sweep_text(struct canvas *c, const char *text, int width, double x, double y, const char *side,
                const char *token, bool bold)
{
    char cut[180];
    int n = 0;
    for (int w = 0; text[n] && w < width && n < 160; w++) {
        int length = escape_length(text + n);
        n += length ? length : 1;
    }
    snprintf(cut, sizeof cut, "%.*s%s", n, text, text[n] ? "..." : "");
    fprintf(c->script, "set label %s at %.2f,%.2f %s tc rgb %s%s front\n", canvas_label(c, cut), x,
            y, side, canvas_colour(c, token),
            bold && c->picture == PICTURE_SVG ? " font ':Bold'" : "");
}

void sweep_line(struct canvas *c, double x0, double y0, double x1, double y1, const char *token,
                double width)
{
    fprintf(c->script, "set arrow from %.2f,%.2f to %.2f,%.2f nohead lc rgb %s lw %.1f %s\n", x0,
            y0, x1, y1, canvas_colour(c, token), width,
            strcmp(token, "grid") == 0 ? "back" : "front");
}

void sweep_bar(struct canvas *c, double x0, double y0, double x1, double y1, const char *token)
{
    if (!(x1 > x0) || !(y1 > y0)) return;
    fprintf(c->script,
            "set object rectangle from %.2f,%.2f to %.2f,%.2f fc rgb %s fs solid 1 noborder "
            "front\n",
            x0, y0, x1, y1, canvas_colour(c, token));
}

/* ---- Scales ---- */

struct format_text sweep_figure_text(enum sweep_figure figure, double value)
{
    return format_metric(value, NAN, sweep_figures[figure].unit);
}

struct format_text sweep_mark_text(enum sweep_figure figure, double value)
{
    struct format_text t = sweep_figure_text(figure, value);
    if (figure != SWEEP_WAIT) return t;
    double days = value / 86400, hours = value / 3600, minutes = value / 60;
    if (days >= 2 || days == 1) snprintf(t.s, sizeof t.s, "%.3g day%s", days, days > 1 ? "s" : "");
    else if (hours >= 1) snprintf(t.s, sizeof t.s, "%.3g h", hours);
    else if (minutes >= 1) snprintf(t.s, sizeof t.s, "%.3g min", minutes);
    else snprintf(t.s, sizeof t.s, "%.3g s", value);
    return t;
}

struct sweep_scale sweep_scale_of(const struct sweep_data *d, enum sweep_figure figure)
{
    struct sweep_scale s = { INFINITY, -INFINITY, 0, 1, false, figure };
    for (int32_t i = 0; i < d->row_n; i++) {
        double mean = d->rows[i].figures[figure].mean;
        if (isnan(mean)) continue;
        s.low = fmin(s.low, mean);
        s.high = fmax(s.high, mean);
    }
    if (!(s.high >= s.low)) s.low = 0, s.high = 1;
    s.is_log = figure == SWEEP_WAIT && s.high > 20 * fmax(s.low, 1) && s.high > 60;
    if (s.is_log) {
        s.low = fmax(s.low, 1) / 1.2;
        s.high *= 1.2;
    } else {
        double room = 0.08 * fmax(s.high - s.low, 0.1 * fmax(s.high, 1e-9));
        s.low = fmax(0, s.low - room);
        s.high += room;
    }
    return s;
}

double sweep_at(const struct sweep_scale *s, double value)
{
    double share = s->is_log ? log(fmax(value, s->low) / s->low) / log(s->high / s->low)
                             : (fmax(value, s->low) - s->low) / (s->high - s->low);
    return s->from + fmin(share, 1) * (s->to - s->from);
}

int sweep_marks(const struct sweep_scale *s, double marks[8])
{
    static const double waits[] = {
        1, 10, 60, 600, 3600, 6 * 3600, 86400, 7 * 86400.0, 60 * 86400.0
    };
    int n = 0;
    if (s->is_log) {
        for (size_t i = 0; i < sizeof waits / sizeof *waits && n < 8; i++)
            if (waits[i] >= s->low && waits[i] <= s->high) marks[n++] = waits[i];
        return n;
    }
    /* Times in whole units of theirs. */
    double unit = s->figure != SWEEP_WAIT ? 1
                  : s->high > 2 * 86400   ? 86400
                  : s->high > 2 * 3600    ? 3600
                  : s->high > 120         ? 60
                                          : 1;
    double step = unit * chart_step((s->high - s->low) / unit, 4);
    for (double at = ceil(s->low / step) * step; at <= s->high && n < 8; at += step)
        marks[n++] = at;
    return n;
}

/* ---- Effects ---- */

bool sweep_ends(const struct sweep_dimension *dim, enum sweep_figure figure, int32_t *low,
                int32_t *high)
{
    *low = *high = -1;
    int known = 0;
    for (int32_t l = 0; l < dim->level_n; l++) {
        double mean = dim->levels[l].mean[figure].mean;
        if (isnan(mean)) continue;
        known++;
        if (*low < 0 || mean < dim->levels[*low].mean[figure].mean) *low = l;
        if (*high < 0 || mean > dim->levels[*high].mean[figure].mean) *high = l;
    }
    return known > 1;
}

int32_t sweep_strongest(const struct sweep_data *d, enum sweep_figure figure)
{
    int32_t best = -1, low, high;
    double most = 0;
    for (int32_t i = 0; i < d->dimension_n; i++) {
        const struct sweep_dimension *dim = &d->dimensions[i];
        if (!sweep_ends(dim, figure, &low, &high)) continue;
        double effect = dim->levels[high].mean[figure].mean - dim->levels[low].mean[figure].mean;
        if (effect > most) {
            most = effect;
            best = i;
        }
    }
    return best;
}

/* ---- By name ---- */

typedef void draw_fn(const struct sweep_data *d, struct canvas *c, struct chart *chart);
struct of_sweep {
    draw_fn *draw;
    const struct sweep_data *data;
};

static void draw_of_sweep(const void *arg, struct canvas *c, struct chart *chart)
{
    const struct of_sweep *of = arg;
    of->draw(of->data, c, chart);
}

bool sweep_chart_applies(const struct sweep_data *d, const char *kind)
{
    if (strcmp(kind, "grid") == 0)
        return d->dimension_n == 2 && d->dimensions[0].level_n > 1 && d->dimensions[1].level_n > 1;
    return strcmp(kind, "pareto") == 0 || d->dimension_n > 0;
}

static enum status drawing_of(const char *kind, const struct sweep_data *d, struct of_sweep *of,
                              struct chart_drawing *drawing, struct error *err)
{
    const struct {
        const char *kind;
        draw_fn *draw;
        int height;
    } all[] = { { "pareto", sweep_chart_pareto, PARETO_HEIGHT },
                { "levels", sweep_chart_levels, sweep_chart_levels_height(d) },
                { "tornado", sweep_chart_tornado, sweep_chart_tornado_height(d) },
                { "grid", sweep_chart_grid, sweep_chart_grid_height(d) } };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].kind, kind) != 0) continue;
        *of = (struct of_sweep){ all[i].draw, d };
        *drawing = (struct chart_drawing){ all[i].kind, draw_of_sweep, of, all[i].height };
        return STATUS_OK;
    }
    return error_set(err, STATUS_BUG, "no chart '%s'", kind);
}

enum status sweep_chart_draw(struct charts *charts, const struct sweep_data *data, const char *kind,
                             struct chart *chart, struct error *err)
{
    struct of_sweep of;
    struct chart_drawing drawing;
    enum status status = drawing_of(kind, data, &of, &drawing, err);
    return status == STATUS_OK ? chart_paint(charts, &drawing, chart, err) : status;
}

enum status sweep_chart_png(struct charts *charts, const struct sweep_data *data, const char *kind,
                            const char *path, int *drawn, struct error *err)
{
    struct of_sweep of;
    struct chart_drawing drawing;
    *drawn = 0;
    enum status status = drawing_of(kind, data, &of, &drawing, err);
    return status == STATUS_OK ? chart_paint_png(charts, &drawing, path, drawn, err) : status;
}
