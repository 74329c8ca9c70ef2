/* SPDX-License-Identifier: Apache-2.0 */
/* What the charts of a sweep share; for their files only. */
#ifndef REPORTS_SWEEP_CHART_H
#define REPORTS_SWEEP_CHART_H

#include "reports/chart.h"
#include "reports/sweep_data.h"

/* As chart.h says of draw; the heights are the canvas's. */
void sweep_chart_pareto(const struct sweep_data *d, struct canvas *c, struct chart *chart);
void sweep_chart_levels(const struct sweep_data *d, struct canvas *c, struct chart *chart);
int sweep_chart_levels_height(const struct sweep_data *d);
void sweep_chart_tornado(const struct sweep_data *d, struct canvas *c, struct chart *chart);
int sweep_chart_tornado_height(const struct sweep_data *d);
void sweep_chart_grid(const struct sweep_data *d, struct canvas *c, struct chart *chart);
int sweep_chart_grid_height(const struct sweep_data *d);

/* The canvas in pixels from the bottom left, without axes. */
void sweep_pixels(struct canvas *c);
void sweep_pixels_end(struct canvas *c); /* the plot that shows what was put on it */
/* side: "left", "center", "right", of x. At most `width` characters. */
void sweep_text(struct canvas *c, const char *text, int width, double x, double y, const char *side,
                const char *token, bool bold);
/* Of the token "grid" behind all else. */
void sweep_line(struct canvas *c, double x0, double y0, double x1, double y1, const char *token,
                double width);
void sweep_bar(struct canvas *c, double x0, double y0, double x1, double y1, const char *token);

/* A scale of a figure between the least and the most of what is shown: waits are logarithmic where
 * they differ much. */
struct sweep_scale {
    double low, high, from, to; /* of the figure; of the pixels */
    bool is_log;
    enum sweep_figure figure;
};
struct sweep_scale sweep_scale_of(const struct sweep_data *d, enum sweep_figure figure);
double sweep_at(const struct sweep_scale *s, double value);
/* The marks of an axis, rising; how many, at most 8. */
int sweep_marks(const struct sweep_scale *s, double marks[8]);
struct format_text sweep_mark_text(enum sweep_figure figure, double value); /* "6 h", "$300k" */
struct format_text sweep_figure_text(enum sweep_figure figure, double value);

/* The levels of least and of most mean of a figure; false: fewer than two have one. */
bool sweep_ends(const struct sweep_dimension *dim, enum sweep_figure figure, int32_t *low,
                int32_t *high);
/* The dimension of the largest main effect; -1: none has any. */
int32_t sweep_strongest(const struct sweep_data *d, enum sweep_figure figure);

#endif
