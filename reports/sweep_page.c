/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a sweep: the order of its sections. */
#include <stdlib.h>
#include <string.h>

#include "reports/page_parts.h"
#include "reports/sweep_parts.h"

static const struct page_section sections[] = {
    { "compare", "Points compared" },
    { "keys", "What each key does" },
    { "points", "All points" },
    { "method", "Method and inputs" },
};
enum { SECTION_N = sizeof sections / sizeof *sections };

static enum status write_charts(const struct sweep_data *d, struct charts *charts,
                                const char *section, FILE *out, struct error *err)
{
    for (const struct sweep_chart_kind *k = sweep_chart_kinds; charts && k->name; k++) {
        struct chart chart;
        if (strcmp(k->section, section) != 0 || !sweep_chart_applies(d, k->name)) continue;
        enum status status = sweep_chart_draw(charts, d, k->name, &chart, err);
        if (status != STATUS_OK) return status;
        page_figure(&chart, out, k->name);
        chart_free(&chart);
    }
    return STATUS_OK;
}

enum status sweep_page_write(const struct sweep_data *d, struct charts *charts, FILE *out,
                             struct error *err)
{
    char *answer = sweep_answer(d);
    if (!answer) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    enum status status = STATUS_OK;
    page_head(answer, d->scenario_name, d->created_at, out);
    fputs("<main id=\"main\">\n<div class=\"in\">\n", out);
    sweep_page_top(d, answer, out);
    page_contents(sections, SECTION_N, out);
    for (int i = 0; status == STATUS_OK && i < SECTION_N; i++) {
        const char *id = sections[i].id;
        fprintf(out, "<section id=\"%s\"><h2>%s</h2>\n", id, sections[i].title);
        if (strcmp(id, "compare") == 0) sweep_page_worlds(d, out);
        status = write_charts(d, charts, id, out, err);
        if (strcmp(id, "points") == 0) sweep_page_rows(d, out);
        if (strcmp(id, "keys") == 0) sweep_page_effects(d, out);
        if (strcmp(id, "method") == 0) sweep_page_method(d, out);
        fputs("</section>\n", out);
    }
    free(answer);
    return page_end(d->tool_version, status, out, err);
}
