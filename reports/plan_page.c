/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a plan: the order of its sections. */
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/page_parts.h"
#include "reports/plan_parts.h"

static const struct page_section sections[] = {
    { "compare", "Fleets compared" },
    { "change", "What to change" },
    { "flips", "What would change the answer" },
    { "sure", "How sure" },
    { "method", "How it was found" },
};
enum { SECTION_N = sizeof sections / sizeof *sections };

static enum status write_charts(const struct plan_data *d, struct charts *charts,
                                const char *section, FILE *out, struct error *err)
{
    for (const struct plan_chart_kind *k = plan_chart_kinds; charts && k->name; k++) {
        struct chart chart;
        if (strcmp(k->section, section) != 0) continue;
        enum status status = plan_chart_draw(charts, d, k->name, &chart, err);
        if (status != STATUS_OK) return status;
        page_figure(&chart, out, k->name);
        chart_free(&chart);
    }
    return STATUS_OK;
}

/* A block of data, which no browser runs. Nothing in it ends it: what could is written as JSON's
 * own escapes. Bytes that HTML may not hold are none in JSON. */
static void write_json(const char *json, FILE *out)
{
    fputs("<script type=\"application/json\" id=\"plan-json\">\n", out);
    for (const char *c = json; *c; c++) {
        if (*c == '<' || *c == '>' || *c == '&') fprintf(out, "\\u%04x", (unsigned)*c);
        else fputc(*c, out);
    }
    fputs("</script>\n", out);
}

enum status plan_page_write(const struct plan_data *d, struct charts *charts, FILE *out,
                            struct error *err)
{
    char prices[80], *answer = plan_answer(d);
    if (!answer) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    enum status status = STATUS_OK;
    snprintf(prices, sizeof prices, "prices as of %.40s", d->price_as_of);
    page_head(answer, d->scenario_name, prices, out);
    fputs("<main id=\"main\">\n<div class=\"in\">\n", out);
    plan_page_top(d, answer, out);
    page_contents(sections, SECTION_N, out);
    for (int i = 0; status == STATUS_OK && i < SECTION_N; i++) {
        fprintf(out, "<section id=\"%s\"><h2>%s</h2>\n", sections[i].id, sections[i].title);
        const char *id = sections[i].id;
        if (strcmp(id, "compare") == 0) plan_page_fleets(d, out);
        status = write_charts(d, charts, id, out, err);
        if (strcmp(id, "compare") == 0) plan_page_all(d, out);
        if (strcmp(id, "change") == 0) plan_page_change(d, out);
        if (strcmp(id, "flips") == 0) plan_page_flips(d, out);
        if (strcmp(id, "sure") == 0) plan_page_sure(d, out);
        if (strcmp(id, "method") == 0) plan_page_method(d, out);
        fputs("</section>\n", out);
    }
    write_json(d->json, out);
    free(answer);
    return page_end(d->tool_version, status, out, err);
}
