/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report_files.h"

#include <stdlib.h>
#include <string.h>

#include "reports/montecarlo_data.h"
#include "reports/page.h"
#include "tools/command.h"

/* "DIR/report-cost-wait.png" from "DIR/report.html". */
static char *png_path(const struct report_request *r, const char *kind)
{
    const char *slash = strrchr(r->html, '/'), *base = slash ? slash + 1 : r->html;
    size_t stem = strlen(base), folder = (size_t)(base - r->html);
    if (stem > 5 && strcmp(base + stem - 5, ".html") == 0) stem -= 5;
    char *path =
        malloc(strlen(r->html) + strlen(kind) + (r->png_dir ? strlen(r->png_dir) : 0) + 16);
    if (!path) return NULL;
    if (r->png_dir) sprintf(path, "%s/%.*s-%s.png", r->png_dir, (int)stem, base, kind);
    else sprintf(path, "%.*s%.*s-%s.png", (int)folder, r->html, (int)stem, base, kind);
    return path;
}

/* A run or a Monte Carlo study. */
struct source {
    bool is_study;
    struct report_data run;
    struct montecarlo_data study;
};

static enum status source_read(struct source *s, const char *path, struct error *err)
{
    s->is_study = montecarlo_is(path);
    return s->is_study ? montecarlo_read(path, &s->study, err)
                       : report_data_read(path, false, &s->run, err);
}

static void source_free(struct source *s)
{
    if (s->is_study) montecarlo_data_free(&s->study);
    else report_data_free(&s->run);
}

static enum status write_png(const struct report_request *r, const struct source *s,
                             struct charts *charts, const char *kind, int *n, struct error *err)
{
    int drawn = 0;
    char *path = png_path(r, kind);
    if (!path) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    enum status status = s->is_study
                             ? montecarlo_chart_png(charts, &s->study, kind, path, &drawn, err)
                             : chart_png(charts, &s->run, kind, path, &drawn, err);
    *n += drawn;
    free(path);
    return status;
}

static enum status write_pngs(const struct report_request *r, const struct source *s,
                              struct charts *charts, int *n, struct error *err)
{
    enum status status = STATUS_OK;
    if (s->is_study)
        for (const struct montecarlo_chart_kind *k = montecarlo_chart_kinds;
             status == STATUS_OK && k->name; k++)
            status = write_png(r, s, charts, k->name, n, err);
    else
        for (const struct chart_kind *k = chart_kinds; status == STATUS_OK && k->name; k++)
            if (!k->applies || k->applies(&s->run))
                status = write_png(r, s, charts, k->name, n, err);
    return status;
}

int report_files_write(const struct report_request *r)
{
    struct source source;
    struct charts *charts = NULL;
    struct output out = { 0 };
    struct error err;
    bool beside = false; /* is there a file that PNGs can stand beside? */
    int pngs = 0;
    enum status status = source_read(&source, r->results, &err);
    if (status != STATUS_OK) return command_fail(&err);
    status = charts_open(r->gnuplot, &charts, &err);
    if (status == STATUS_OK && charts_missing(charts))
        fprintf(stderr,
                "seatrial: warning: %s; the report has tables and no charts\n"
                "  install it (apt install gnuplot-nox) or pass --gnuplot PATH; then run the same "
                "line again\n",
                charts_missing(charts));
    if (status == STATUS_OK) status = output_open(&out, r->html, &err);
    if (status == STATUS_OK) {
        beside = out.temporary != NULL;
        status = source.is_study ? montecarlo_page_write(&source.study, charts, out.file, &err)
                                 : page_write(&source.run, charts, out.file, &err);
        if (status == STATUS_OK) status = output_commit(&out, &err);
        else output_abandon(&out);
    }
    if (status == STATUS_OK && r->png && beside && !charts_missing(charts))
        status = write_pngs(r, &source, charts, &pngs, &err);
    if (status == STATUS_OK && charts_failed(charts))
        fprintf(stderr,
                "seatrial: warning: %s; charts are missing from the report, which says so in their "
                "place\n",
                charts_failed(charts));
    if (status == STATUS_OK && !r->quiet && strcmp(r->html, "-") != 0)
        fprintf(stderr, "  %s: one file, opens without a network; %d PNGs beside it\n", r->html,
                pngs);
    charts_close(charts);
    source_free(&source);
    return status == STATUS_OK ? EXIT_YES : command_fail(&err);
}
