/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charts by gnuplot through a pipe: one drawing for light, dark and print.
 *
 * SVG is drawn with sentinel colours and rewritten to CSS variables (palette.h), so that a page
 * themes it; PNG is drawn with the real colours. No text of a user ever reaches gnuplot: labels go
 * in as numbered tokens and are put back, escaped, in the finished SVG (PNG labels go through a
 * file gnuplot reads as data, never as a script). Titles state the finding and fall back to a
 * neutral one where the data do not carry it.
 */
#ifndef REPORTS_CHARTS_H
#define REPORTS_CHARTS_H

#include <stddef.h>
#include <stdint.h>

#include "reports/data.h"
#include "sim/status.h"

struct chart_legend {
    const char *token;
    char *label;
    int is_line;
    const char *dash;
};

struct chart {
    char *svg; /* "<svg ...>...</svg>", ids prefixed; NULL where there is no picture */
    size_t svg_n;
    char *title, *subtitle, *note; /* plain text, not escaped; note may be "" */
    char *alt;                     /* what the picture shows, for a reader who cannot see it */
    int legend_n;
    struct chart_legend *legend;
    char *skipped; /* why there is no picture ("no job waited"), NULL otherwise */
};

struct chart_kind {
    const char *name;    /* "cost-wait": id in the page, stem of the PNG file */
    const char *section; /* "compare", "money", "waits", "week" */
    /* Whether it has something to say of such results; NULL: always. */
    bool (*applies)(const struct report_data *data);
};
/* cost-wait or orders, money, heat, waits, week, nodes; ended by a NULL name. */
extern const struct chart_kind chart_kinds[];

struct charts; /* finds gnuplot once */
/* gnuplot: path, NULL = $PATH. Succeeds where gnuplot is missing: then every chart is skipped and
 * charts_missing says why in one line (NULL otherwise). A gnuplot that takes longer than a minute
 * over one picture counts as missing from then on. */
enum status charts_open(const char *gnuplot, struct charts **charts, struct error *err);
const char *charts_missing(const struct charts *charts);
/* Why the first picture that gnuplot could not draw could not be drawn; NULL where there was none.
 */
const char *charts_failed(const struct charts *charts);
/* Another limit than a minute. */
void charts_set_limit(struct charts *charts, int limit_s);
void charts_close(struct charts *charts);

/* What gnuplot cannot draw is skipped, with its complaint as the reason: it must not cost the
 * report. */
enum status chart_draw(struct charts *charts, const struct report_data *data, const char *kind,
                       struct chart *chart, struct error *err);
void chart_free(struct chart *chart);
/* Writes the PNG at 2x, light; a file is replaced whole or not at all. *drawn is 0 where the chart
 * was skipped. */
enum status chart_png(struct charts *charts, const struct report_data *data, const char *kind,
                      const char *path, int *drawn, struct error *err);

/* ---- the picture of a trace, for `trace stats --picture` ---- */

struct trace_picture_bar {
    const char *name; /* of the bars, by run time of their upper end; our own word, not a user's */
    double jobs, gpu_time; /* shares of all */
};

/* Everything is borrowed. Times are microseconds of the trace. */
struct trace_picture {
    const char *title, *subtitle;
    int64_t t0_unix_us;        /* wall clock of time 0; INT64_MIN: none */
    int64_t first_us, last_us; /* submissions */
    size_t load_n;             /* a step function: load_milli[i] thousandths of a GPU from */
    const int64_t *load_us, *load_milli; /* load_us[i] on */
    double mean, p95, peak;              /* of the load, GPUs: marked with lines */
    int64_t hour0_us;
    const int64_t *hourly; /* jobs submitted in each hour from hour0_us on */
    size_t hour_n;
    int size_n, span_n; /* by GPUs a job, by run time */
    const struct trace_picture_bar *sizes, *spans;
};

/* Writes path, whole or not at all: SVG where it ends in ".svg", else PNG, both in light
 * colours. A trace of any length is drawn in 1,000 columns of time, each with its mean and its
 * most, so that no peak is lost. STATUS_IO where gnuplot is missing. */
enum status trace_picture_write(struct charts *charts, const struct trace_picture *picture,
                                const char *path, struct error *err);

#endif
