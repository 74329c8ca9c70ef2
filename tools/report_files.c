/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/report_files.h"

#include <stdlib.h>
#include <string.h>

#include "reports/montecarlo_data.h"
#include "reports/page.h"
#include "reports/plan_data.h"
#include "reports/sweep_data.h"
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

/* A run, a Monte Carlo study, a sweep or a plan. */
struct source {
    enum { RUN, STUDY, SWEEP, PLAN } kind;
    struct report_data run;
    struct montecarlo_data study;
    struct sweep_data sweep;
    const struct plan_data *plan;
};

static enum status source_read(struct source *s, const struct report_request *r, struct error *err)
{
    const char *path = r->results;
    s->plan = r->plan;
    s->kind = PLAN;
    if (s->plan) return STATUS_OK;
    s->kind = montecarlo_is(path) ? STUDY : sweep_is(path) ? SWEEP : RUN;
    return s->kind == STUDY   ? montecarlo_read(path, &s->study, err)
           : s->kind == SWEEP ? sweep_read(path, &s->sweep, err)
                              : report_data_read(path, false, &s->run, err);
}

static void source_free(struct source *s)
{
    if (s->kind == STUDY) montecarlo_data_free(&s->study);
    else if (s->kind == SWEEP) sweep_data_free(&s->sweep);
    else if (s->kind == RUN) report_data_free(&s->run);
}

static enum status write_page(const struct source *s, struct charts *charts, FILE *out,
                              struct error *err)
{
    return s->kind == STUDY   ? montecarlo_page_write(&s->study, charts, out, err)
           : s->kind == SWEEP ? sweep_page_write(&s->sweep, charts, out, err)
           : s->kind == PLAN  ? plan_page_write(s->plan, charts, out, err)
                              : page_write(&s->run, charts, out, err);
}

static enum status write_png(const struct report_request *r, const struct source *s,
                             struct charts *charts, const char *kind, int *n, struct error *err)
{
    int drawn = 0;
    char *path = png_path(r, kind);
    if (!path) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    enum status status =
        s->kind == STUDY   ? montecarlo_chart_png(charts, &s->study, kind, path, &drawn, err)
        : s->kind == SWEEP ? sweep_chart_png(charts, &s->sweep, kind, path, &drawn, err)
        : s->kind == PLAN  ? plan_chart_png(charts, s->plan, kind, path, &drawn, err)
                           : chart_png(charts, &s->run, kind, path, &drawn, err);
    *n += drawn;
    free(path);
    return status;
}

/* The i-th chart of this source; NULL past the last. */
static const char *chart_at(const struct source *s, size_t i)
{
    return s->kind == STUDY   ? montecarlo_chart_kinds[i].name
           : s->kind == SWEEP ? sweep_chart_kinds[i].name
           : s->kind == PLAN  ? plan_chart_kinds[i].name
                              : chart_kinds[i].name;
}

static bool applies(const struct source *s, size_t i)
{
    if (s->kind == STUDY || s->kind == PLAN) return true;
    if (s->kind == SWEEP) return sweep_chart_applies(&s->sweep, sweep_chart_kinds[i].name);
    return !chart_kinds[i].applies || chart_kinds[i].applies(&s->run);
}

static enum status write_pngs(const struct report_request *r, const struct source *s,
                              struct charts *charts, int *n, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && chart_at(s, i); i++)
        if (applies(s, i)) status = write_png(r, s, charts, chart_at(s, i), n, err);
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
    enum status status = source_read(&source, r, &err);
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
        status = write_page(&source, charts, out.file, &err);
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
        fprintf(stderr, "  %s: one file, opens without a network; %d PNG%s beside it\n", r->html,
                pngs, pngs == 1 ? "" : "s");
    charts_close(charts);
    source_free(&source);
    return status == STATUS_OK ? EXIT_YES : command_fail(&err);
}
