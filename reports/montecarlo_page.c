/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a Monte Carlo study: the order of its sections. */
#include <stdlib.h>
#include <string.h>

#include "reports/montecarlo_parts.h"
#include "reports/page_parts.h"

static const struct page_section sections[] = {
    { "compare", "Fleets compared" }, { "bill", "The bill to come" },    { "regret", "Regret" },
    { "sure", "How sure" },           { "method", "Method and inputs" },
};
enum { SECTION_N = sizeof sections / sizeof *sections };

static enum status write_charts(const struct montecarlo_data *d, struct charts *charts,
                                const char *section, FILE *out, struct error *err)
{
    for (const struct montecarlo_chart_kind *k = montecarlo_chart_kinds; charts && k->name; k++) {
        struct chart chart;
        if (strcmp(k->section, section) != 0) continue;
        enum status status = montecarlo_chart_draw(charts, d, k->name, &chart, err);
        if (status != STATUS_OK) return status;
        page_figure(&chart, out, k->name);
        chart_free(&chart);
    }
    return STATUS_OK;
}

enum status montecarlo_page_write(const struct montecarlo_data *d, struct charts *charts, FILE *out,
                                  struct error *err)
{
    char *answer = montecarlo_answer(d);
    if (!answer) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    enum status status = STATUS_OK;
    page_head(answer, d->scenario_name, d->created_at, out);
    fputs("<main id=\"main\">\n<div class=\"in\">\n", out);
    montecarlo_page_top(d, answer, out);
    page_contents(sections, SECTION_N, out);
    for (int i = 0; status == STATUS_OK && i < SECTION_N; i++) {
        const char *id = sections[i].id;
        fprintf(out, "<section id=\"%s\"><h2>%s</h2>\n", id, sections[i].title);
        if (strcmp(id, "compare") == 0) montecarlo_page_plans(d, out);
        status = write_charts(d, charts, id, out, err);
        if (strcmp(id, "bill") == 0) montecarlo_page_risks(d, out);
        if (strcmp(id, "sure") == 0) montecarlo_page_sure(d, out);
        if (strcmp(id, "method") == 0) montecarlo_page_method(d, out);
        fputs("</section>\n", out);
    }
    free(answer);
    return page_end(d->tool_version, status, out, err);
}
