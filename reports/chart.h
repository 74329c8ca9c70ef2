/* SPDX-License-Identifier: Apache-2.0 */
/* What the chart files share; for reports/chart_*.c and charts.c only. */
#ifndef REPORTS_CHART_H
#define REPORTS_CHART_H

#include "reports/canvas.h"
#include "reports/charts.h"

enum { CHART_WIDTH = 1080, CHART_TRACE_HEIGHT = 830 };

/* Each draws into c and fills title, subtitle, note, alt and legend of the chart, or sets
 * chart->skipped where there is nothing to draw. */
void chart_cost_wait(const struct report_data *data, struct canvas *c, struct chart *chart);
void chart_orders(const struct report_data *data, struct canvas *c, struct chart *chart);
void chart_money(const struct report_data *data, struct canvas *c, struct chart *chart);
void chart_heat(const struct report_data *data, struct canvas *c, struct chart *chart);
void chart_waits(const struct report_data *data, struct canvas *c, struct chart *chart);
void chart_week(const struct report_data *data, struct canvas *c, struct chart *chart);
void chart_nodes(const struct report_data *data, struct canvas *c, struct chart *chart);
/* How many fleets that one shows, and how high it is. */
int32_t chart_nodes_fleets(const struct report_data *data);
int chart_nodes_height(const struct report_data *data);

/* The picture of a trace; false without memory. */
bool chart_trace(const struct trace_picture *picture, struct canvas *c);

/* One chart, of whatever data: `draw` is as those above. */
struct chart_drawing {
    const char *kind; /* id of the SVG */
    void (*draw)(const void *data, struct canvas *c, struct chart *chart);
    const void *data;
    int height;
};
/* As chart_draw and chart_png. */
enum status chart_paint(struct charts *charts, const struct chart_drawing *drawing,
                        struct chart *chart, struct error *err);
enum status chart_paint_png(struct charts *charts, const struct chart_drawing *drawing,
                            const char *path, int *drawn, struct error *err);

/* printf into a malloc'd string; NULL on lack of memory. */
char *chart_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
void chart_legend_add(struct chart *chart, const char *token, const char *label, int is_line,
                      const char *dash);

/* A tidy step (1, 2 or 5 times a power of ten) that divides `span` into about `parts`. */
double chart_step(double span, int parts);
/* Tics of a log axis of seconds inside [low, high]: writes "'1 min' 60, ..." pairs. */
void chart_time_tics(FILE *script, const char *axis, double low, double high);
/* An axis of money that holds [*low, *high] and some room, with its tics. */
void chart_usd_axis(FILE *script, const char *axis, double *low, double *high, int parts);
/* The colour of the k-th series that is neither picked nor baseline, its line style and its word.
 */
const char *chart_series_token(int k);
/* Token and dash type (gnuplot) of a fleet: picked, baseline, others. */
const char *chart_fleet_token(const struct report_data *data, int32_t fleet);
int chart_fleet_dash(const struct report_data *data, int32_t fleet);

#endif
