/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trace at a glance:
 *
 *      title, subtitle
 *      GPUs in use if every job started at once; mean, p95, peak
 *      jobs submitted in each hour, on the same axis of time
 *      by GPUs a job | by run time: shares of the jobs and of the GPU time
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reports/chart.h"
#include "reports/format.h"

enum { COLUMNS = 1000 };

struct column {
    double mean, most;
};

/* A step function, value[i] x unit from time[i] on (0 before), over [from, to) in COLUMNS. */
static void columns_of(const int64_t *time_us, const int64_t *value, size_t n, double unit,
                       int64_t from_us, int64_t to_us, struct column columns[COLUMNS])
{
    size_t i = 0;
    double level = 0, width = (double)(to_us - from_us) / COLUMNS;
    for (int c = 0; c < COLUMNS; c++) {
        double at = (double)from_us + c * width, end = at + width, area = 0;
        double most = level;
        while (i < n && (double)time_us[i] < end) {
            double t = fmax((double)time_us[i], at);
            area += level * (t - at);
            at = t;
            level = (double)value[i++] * unit;
            most = fmax(most, level);
        }
        area += level * (end - at);
        columns[c] = (struct column){ area / width, most };
    }
}

static void write_columns(FILE *script, const struct column columns[COLUMNS], double from_s,
                          double to_s, bool most)
{
    double width = (to_s - from_s) / COLUMNS;
    for (int c = 0; c < COLUMNS; c++) { /* explicit corners: a step is two points */
        double y = most ? columns[c].most : columns[c].mean;
        fprintf(script, "%.9g\t%.9g\n%.9g\t%.9g\n", from_s + c * width, y, from_s + (c + 1) * width,
                y);
    }
    fputs("e\n", script);
}

/* The time scale: seconds of the trace, tics on round days or hours of the clock where there is
 * one. */
static void time_tics(struct canvas *c, const struct trace_picture *p, double from_s, double to_s,
                      bool words)
{
    static const double steps[] = {
        60,         300,        900,        1800,        3600,        2 * 3600,
        4 * 3600,   6 * 3600,   12 * 3600,  86400,       2 * 86400,   7 * 86400,
        14 * 86400, 28 * 86400, 56 * 86400, 182 * 86400, 364 * 86400, 10 * 364 * 86400.0
    };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    size_t k = 0;
    while (k + 1 < sizeof steps / sizeof *steps && (to_s - from_s) / steps[k] > 13) k++;
    double step = steps[k];
    bool clock = p->t0_unix_us != INT64_MIN;
    /* Weeks begin on Mondays: 1970-01-05 was one. */
    double zero = clock ? (step >= 7 * 86400 ? 4 * 86400.0 : 0) - (double)p->t0_unix_us / 1e6 : 0;
    int n = 0;
    fputs("set xtics (", c->script);
    for (double i = ceil((from_s - zero) / step); zero + i * step <= to_s && n < 40; i++, n++) {
        char text[40] = "";
        double at = zero + i * step;
        time_t t = (time_t)llround(at + (double)p->t0_unix_us / 1e6);
        struct tm tm;
        if (words && clock && gmtime_r(&t, &tm)) {
            if (tm.tm_hour || tm.tm_min)
                snprintf(text, sizeof text, "%02d:%02d", tm.tm_hour, tm.tm_min);
            else if (n == 0 || tm.tm_yday < step / 86400)
                snprintf(text, sizeof text, "%d %s %d", tm.tm_mday, months[tm.tm_mon],
                         tm.tm_year + 1900);
            else snprintf(text, sizeof text, "%d %s", tm.tm_mday, months[tm.tm_mon]);
        } else if (words && !clock) {
            if (step >= 86400) snprintf(text, sizeof text, "day %.0f", at / 86400);
            else if (step >= 3600) snprintf(text, sizeof text, "%.0f h", at / 3600);
            else snprintf(text, sizeof text, "%.0f min", at / 60);
        }
        fprintf(c->script, "%s'%s' %.9g", n ? ", " : "", text, at);
    }
    fputs(")\n", c->script);
}

static void value_tics(struct canvas *c, double top, int parts)
{
    double step = chart_step(top, parts);
    fputs("set ytics (", c->script);
    for (double y = 0, k = 0; y <= top && k < 12; y += step, k++) {
        char text[32];
        snprintf(text, sizeof text, "%.6g", y);
        fprintf(c->script, "%s'%s' %.9g", k ? ", " : "", y < 1000 ? text : format_count(y).s, y);
    }
    fputs(")\n", c->script);
}

static void panel(struct canvas *c, double left, double right, double top, double bottom)
{
    fprintf(c->script,
            "set lmargin at screen %g\nset rmargin at screen %g\nset tmargin at screen %g\nset "
            "bmargin at screen %g\n",
            left, right, top, bottom);
}

static void heading(struct canvas *c, const char *text, double left, double y)
{
    fprintf(c->script, "set label 1 %s at screen %g,%g left tc rgb %s\n", canvas_label(c, text),
            left, y, canvas_colour(c, "ink"));
}

/* Lines at the mean, the p95 and the peak, named at the right; names keep their distance. */
static void marks(struct canvas *c, const struct trace_picture *p, double top)
{
    const struct {
        const char *name;
        double value;
    } all[] = { { "mean", p->mean }, { "p95", p->p95 }, { "peak", p->peak } };
    double free_from = 0;
    for (int i = 0; i < 3; i++) {
        char text[80];
        double y = fmax(all[i].value / top, free_from);
        free_from = y + 0.085;
        snprintf(text, sizeof text, "%s %s", all[i].name, format_number(all[i].value).s);
        fprintf(
            c->script,
            "set arrow %d from graph 0,first %.9g to graph 1,first %.9g nohead lc rgb %s lw %g\n",
            i + 1, all[i].value, all[i].value, canvas_colour(c, "accent"), i ? 0.7 : 1.2);
        fprintf(c->script, "set label %d %s at graph 1.008,%.5g left tc rgb %s\n", i + 10,
                canvas_label(c, text), y, canvas_colour(c, "accent"));
    }
}

static void unmark(struct canvas *c)
{
    for (int i = 0; i < 3; i++)
        fprintf(c->script, "unset arrow %d\nunset label %d\n", i + 1, i + 10);
}

static void plot_columns(struct canvas *c, const struct column columns[COLUMNS], double from_s,
                         double to_s)
{
    fprintf(c->script,
            "plot '-' using 1:2 with filledcurves y1=0 fc rgb %s notitle, '-' using 1:2 with "
            "filledcurves y1=0 fc rgb %s notitle\n",
            canvas_colour(c, "h3"), canvas_colour(c, "res"));
    write_columns(c->script, columns, from_s, to_s, true);
    write_columns(c->script, columns, from_s, to_s, false);
}

/* Shares of jobs and of GPU time side by side. A name stands below its bars, or where they end. */
static void plot_bars(struct canvas *c, const struct trace_picture_bar *bars, int n, bool ends,
                      const char *title, double left, double right)
{
    double most = 0.05;
    for (int i = 0; i < n; i++) most = fmax(most, fmax(bars[i].jobs, bars[i].gpu_time));
    double step = chart_step(most, 4);
    panel(c, left, right, 0.235, 0.065);
    heading(c, title, left - 0.035, 0.262);
    fprintf(c->script, "set label 2 %s at screen %g,0.262 right tc rgb %s\n",
            canvas_label(c, "\u25a0 share of jobs"), right - 0.105, canvas_colour(c, "spot"));
    fprintf(c->script, "set label 3 %s at screen %g,0.262 right tc rgb %s\n",
            canvas_label(c, "\u25a0 of GPU time"), right, canvas_colour(c, "res"));
    fprintf(c->script, "set xrange [-0.6:%g]\nset yrange [0:%.9g]\nset xtics (", n - 0.4,
            most * 1.08);
    for (int i = 0; i < n; i++)
        fprintf(c->script, "%s'%s' %g", i ? ", " : "", bars[i].name, ends ? i + 0.5 : i);
    fputs(")\nset ytics (", c->script);
    for (double y = 0, k = 0; y <= most * 1.08 && k < 12; y += step, k++)
        fprintf(c->script, "%s'%.0f%%%%' %.9g", k ? ", " : "", 100 * y, y);
    fprintf(c->script,
            ")\nplot '-' using 1:2:(0.36) with boxes fc rgb %s notitle, '-' using 1:2:(0.36) with "
            "boxes fc rgb %s notitle\n",
            canvas_colour(c, "spot"), canvas_colour(c, "res"));
    for (int series = 0; series < 2; series++) {
        for (int i = 0; i < n; i++)
            fprintf(c->script, "%.3f\t%.9g\n", i + (series ? 0.2 : -0.2),
                    series ? bars[i].gpu_time : bars[i].jobs);
        fputs("e\n", c->script);
    }
}

/* Where the axis of time ends: with the last end of a job, but not more than a tenth of the time of
 * submissions after them, or a few long jobs would squeeze all the rest. */
static int64_t last_shown(const struct trace_picture *p)
{
    const int64_t hour_us = INT64_C(3600000000);
    int64_t end_us = p->load_n ? p->load_us[p->load_n - 1] : p->last_us;
    int64_t most_us = p->last_us + (p->last_us - p->first_us) / 10;
    if (p->last_us - p->first_us < hour_us) most_us = end_us;
    if (end_us > most_us) end_us = most_us;
    if (end_us < p->last_us) end_us = p->last_us;
    return end_us > p->first_us ? end_us : p->first_us + hour_us;
}

bool chart_trace(const struct trace_picture *p, struct canvas *c)
{
    const int64_t hour_us = INT64_C(3600000000);
    char text[160];
    struct column *columns = malloc(COLUMNS * sizeof *columns);
    int64_t *hour_at = malloc((p->hour_n + 1) * sizeof *hour_at),
            *hours = malloc((p->hour_n + 1) * sizeof *hours);
    if (!columns || !hour_at || !hours) {
        free(columns), free(hour_at), free(hours);
        return false;
    }
    for (size_t h = 0; h < p->hour_n; h++) {
        hour_at[h] = p->hour0_us + (int64_t)h * hour_us;
        hours[h] = p->hourly[h];
    }
    hour_at[p->hour_n] = p->hour0_us + (int64_t)p->hour_n * hour_us;
    hours[p->hour_n] = 0;
    int64_t to_us = last_shown(p);
    double from_s = (double)p->first_us / 1e6, to_s = (double)to_us / 1e6;

    fprintf(c->script,
            "set multiplot\nset label 4 %s at screen 0.02,0.965 left font ':Bold' tc rgb %s\n",
            canvas_label(c, p->title), canvas_colour(c, "ink"));
    fprintf(c->script, "set label 5 %s at screen 0.02,0.935 left tc rgb %s\n",
            canvas_label(c, p->subtitle), canvas_colour(c, "mute"));

    columns_of(p->load_us, p->load_milli, p->load_n, 1e-3, p->first_us, to_us, columns);
    double top = p->peak > 0 ? p->peak * 1.06 : 1;
    /* Room for the numbers at the left and for "peak" and its number at the right. */
    double digits = (double)strlen(format_number(p->peak).s);
    double left = fmax(0.055, 0.016 + 0.0075 * digits), right = 0.942 - 0.0082 * digits;
    panel(c, left, right, 0.875, 0.545);
    snprintf(text, sizeof text, "GPUs in use: the mean and, lighter, the most in every %s",
             format_duration((to_s - from_s) / COLUMNS).s);
    heading(c, text, 0.02, 0.898);
    fprintf(c->script, "set xrange [%.9g:%.9g]\nset yrange [0:%.9g]\n", from_s, to_s, top);
    time_tics(c, p, from_s, to_s, false);
    value_tics(c, top, 5);
    marks(c, p, top);
    plot_columns(c, columns, from_s, to_s);
    unmark(c);
    fputs("unset label 4\nunset label 5\n", c->script);

    columns_of(hour_at, hours, p->hour_n + 1, 1, p->first_us, to_us, columns);
    top = 1;
    for (size_t h = 0; h < p->hour_n; h++) top = fmax(top, 1.08 * (double)hours[h]);
    panel(c, left, right, 0.48, 0.345);
    heading(c, "Jobs submitted in an hour", 0.02, 0.505);
    fprintf(c->script, "set yrange [0:%.9g]\n", top);
    time_tics(c, p, from_s, to_s, true);
    value_tics(c, top, 4);
    plot_columns(c, columns, from_s, to_s);

    plot_bars(c, p->sizes, p->size_n, false, "By GPUs a job", 0.055, 0.475);
    plot_bars(c, p->spans, p->span_n, true, "By run time", 0.565, 0.985);
    fputs("unset multiplot\n", c->script);
    free(columns), free(hour_at), free(hours);
    return true;
}
