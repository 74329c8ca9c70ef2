/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/charts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/chart.h"
#include "reports/format.h"

static bool differ_in_orders(const struct report_data *d) { return d->same_nodes; }
static bool differ_in_nodes(const struct report_data *d) { return !d->same_nodes; }

static bool nodes_come_and_go(const struct report_data *d) { return chart_nodes_fleets(d) > 0; }

const struct chart_kind chart_kinds[] = {
    { "cost-wait", "compare", differ_in_nodes },
    { "orders", "compare", differ_in_orders },
    { "money", "money", NULL },
    { "heat", "money", NULL },
    { "waits", "waits", NULL },
    { "week", "week", NULL },
    { "nodes", "week", nodes_come_and_go },
    { NULL, NULL, NULL },
};

struct charts {
    char *program; /* NULL: missing */
    char missing[160], failed[512];
    int limit_s;
};

enum status charts_open(const char *gnuplot, struct charts **charts, struct error *err)
{
    struct charts *c = calloc(1, sizeof *c);
    if (!c) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    c->program = gnuplot_find(gnuplot);
    if (!c->program)
        snprintf(c->missing, sizeof c->missing, "gnuplot not found %s%.120s",
                 gnuplot ? "at " : "in PATH", gnuplot ? gnuplot : "");
    c->limit_s = 60;
    *charts = c;
    return STATUS_OK;
}

const char *charts_missing(const struct charts *charts)
{
    return charts->program ? NULL : charts->missing;
}

const char *charts_failed(const struct charts *charts)
{
    return *charts->failed ? charts->failed : NULL;
}

void charts_set_limit(struct charts *charts, int limit_s) { charts->limit_s = limit_s; }

void charts_close(struct charts *charts)
{
    if (!charts) return;
    free(charts->program);
    free(charts);
}

void chart_free(struct chart *chart)
{
    for (int i = 0; i < chart->legend_n; i++) free(chart->legend[i].label);
    void *all[] = { chart->svg, chart->title,  chart->subtitle, chart->note,
                    chart->alt, chart->legend, chart->skipped };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    memset(chart, 0, sizeof *chart);
}

/* Draws one chart in either form; *picture stays NULL where it is skipped. */
static enum status paint(struct charts *charts, const struct chart_drawing *drawing,
                         enum picture form, struct chart *chart, char **picture, size_t *n,
                         struct error *err)
{
    struct canvas canvas;
    memset(chart, 0, sizeof *chart);
    *picture = NULL;
    enum status status = canvas_begin(&canvas, form, CHART_WIDTH, drawing->height, err);
    if (status != STATUS_OK) return status;
    drawing->draw(drawing->data, &canvas, chart);
    if (!chart->skipped && !charts->program) chart->skipped = chart_text("%s", charts->missing);
    if (chart->skipped) {
        canvas_free(&canvas);
        return STATUS_OK;
    }
    if (!chart->title || !chart->subtitle || !chart->note || !chart->alt) {
        canvas_free(&canvas);
        status = error_set(err, STATUS_NO_MEMORY, "no memory for a chart");
    } else {
        status = canvas_finish(&canvas, charts->program, charts->limit_s, drawing->kind,
                               chart->title, chart->alt, picture, n, err);
    }
    if (status != STATUS_OK) chart_free(chart);
    if (status != STATUS_IO && status != STATUS_INTERRUPTED) return status;
    if (!*charts->failed) snprintf(charts->failed, sizeof charts->failed, "%s", err->message);
    if (status == STATUS_INTERRUPTED) { /* it would hang again, for a minute each time */
        snprintf(charts->missing, sizeof charts->missing, "%.150s", err->message);
        free(charts->program);
        charts->program = NULL;
    }
    chart->skipped = chart_text("%s", err->message);
    return chart->skipped ? STATUS_OK : error_set(err, STATUS_NO_MEMORY, "no memory for a chart");
}

enum status chart_paint(struct charts *charts, const struct chart_drawing *drawing,
                        struct chart *chart, struct error *err)
{
    char *picture;
    size_t n = 0;
    enum status status = paint(charts, drawing, PICTURE_SVG, chart, &picture, &n, err);
    if (status != STATUS_OK) return status;
    chart->svg = picture;
    chart->svg_n = n;
    return STATUS_OK;
}

/* The whole picture or no file: a sibling is written and renamed. What is there and is no file, a
 * device or a pipe, is written to and stays what it is. */
static enum status save(const char *path, const char *bytes, size_t n, struct error *err)
{
    struct stat there;
    bool exists = stat(path, &there) == 0, special = exists && !S_ISREG(there.st_mode);
    char *real = exists && !special ? realpath(path, NULL) : strdup(path); /* a link stays a link */
    char *temporary = real && !special ? chart_text("%s.tmp-XXXXXX", real) : NULL;
    int fd = special ? open(path, O_WRONLY | O_CLOEXEC) : temporary ? mkstemp(temporary) : -1;
    if (fd < 0) {
        enum status status =
            error_set(err, STATUS_IO, "cannot write %s: %s", path, strerror(errno));
        free(temporary);
        free(real);
        return status;
    }
    mode_t mask = umask(0);
    umask(mask);
    if (!special) fchmod(fd, 0666 & ~mask);
    size_t done = 0;
    while (done < n) {
        ssize_t wrote = write(fd, bytes + done, n - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) break;
        done += (size_t)wrote;
    }
    int why = errno;
    bool ok = done == n;
    if (ok && !special && fsync(fd) != 0) ok = false, why = errno;
    if (close(fd) != 0 && ok) ok = false, why = errno;
    if (ok && !special && rename(temporary, real) != 0) ok = false, why = errno;
    if (!ok && !special) unlink(temporary);
    free(temporary);
    free(real);
    return ok ? STATUS_OK
              : error_set(err, STATUS_IO, "cannot write %s: %s", path, strerror(why ? why : EIO));
}

enum status chart_paint_png(struct charts *charts, const struct chart_drawing *drawing,
                            const char *path, int *drawn, struct error *err)
{
    struct chart chart;
    char *picture;
    size_t n = 0;
    *drawn = 0;
    enum status status = paint(charts, drawing, PICTURE_PNG, &chart, &picture, &n, err);
    if (status != STATUS_OK) return status;
    if (picture) {
        status = save(path, picture, n, err);
        *drawn = status == STATUS_OK;
    }
    free(picture);
    chart_free(&chart);
    return status;
}

/* ---- the charts of a run ---- */

typedef void draw_fn(const struct report_data *data, struct canvas *c, struct chart *chart);
struct of_run {
    draw_fn *draw;
    const struct report_data *data;
};

static void draw_of_run(const void *arg, struct canvas *c, struct chart *chart)
{
    const struct of_run *of = arg;
    of->draw(of->data, c, chart);
}

static draw_fn *draw_of(const char *kind, const struct report_data *data, int *height)
{
    static const struct {
        const char *kind;
        draw_fn *draw;
        int height, fleet_height; /* of the whole, and more for each fleet */
    } all[] = {
        { "cost-wait", chart_cost_wait, 470, 0 }, { "orders", chart_orders, 120, 27 },
        { "money", chart_money, 60, 62 },         { "heat", chart_heat, 300, 0 },
        { "waits", chart_waits, 440, 0 },         { "week", chart_week, 430, 0 },
        { "nodes", chart_nodes, 0, 0 },
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].kind, kind) != 0) continue;
        *height = all[i].draw == chart_nodes ? chart_nodes_height(data)
                                             : all[i].height + all[i].fleet_height * data->fleet_n;
        return all[i].draw;
    }
    return NULL;
}

/* The drawing of that kind; `of` is its data. */
static enum status drawing_of(const char *kind, const struct report_data *data, struct of_run *of,
                              struct chart_drawing *drawing, struct error *err)
{
    *drawing = (struct chart_drawing){ kind, draw_of_run, of, 0 };
    *of = (struct of_run){ draw_of(kind, data, &drawing->height), data };
    return of->draw ? STATUS_OK : error_set(err, STATUS_BUG, "no chart '%s'", kind);
}

enum status chart_draw(struct charts *charts, const struct report_data *data, const char *kind,
                       struct chart *chart, struct error *err)
{
    struct of_run of;
    struct chart_drawing drawing;
    enum status status = drawing_of(kind, data, &of, &drawing, err);
    return status == STATUS_OK ? chart_paint(charts, &drawing, chart, err) : status;
}

enum status chart_png(struct charts *charts, const struct report_data *data, const char *kind,
                      const char *path, int *drawn, struct error *err)
{
    struct of_run of;
    struct chart_drawing drawing;
    *drawn = 0;
    enum status status = drawing_of(kind, data, &of, &drawing, err);
    return status == STATUS_OK ? chart_paint_png(charts, &drawing, path, drawn, err) : status;
}

/* ---- the picture of a trace ---- */

enum status trace_picture_write(struct charts *charts, const struct trace_picture *picture,
                                const char *path, struct error *err)
{
    struct canvas c;
    char *bytes = NULL;
    size_t n = 0, length = strlen(path);
    bool svg = length > 4 && strcmp(path + length - 4, ".svg") == 0;
    if (!charts->program)
        return error_set(err, STATUS_IO, "%s: install it (apt install gnuplot-nox) to draw %s",
                         charts->missing, path);
    enum status status =
        canvas_begin(&c, svg ? PICTURE_SVG : PICTURE_PNG, CHART_WIDTH, CHART_TRACE_HEIGHT, err);
    if (status != STATUS_OK) return status;
    c.alone = true;
    if (!chart_trace(picture, &c)) {
        canvas_free(&c);
        return error_set(err, STATUS_NO_MEMORY, "no memory for a chart");
    }
    status = canvas_finish(&c, charts->program, charts->limit_s, "trace", picture->title,
                           picture->subtitle, &bytes, &n, err);
    if (status == STATUS_OK) status = save(path, bytes, n, err);
    free(bytes);
    return status;
}
