/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a plan: the order of its sections. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/page_parts.h"
#include "reports/plan_parts.h"

static const struct {
    const char *id, *title;
    void (*write)(const struct plan_data *d, FILE *out);
} sections[] = {
    { "compare", "Fleets compared", plan_page_fleets },
    { "change", "What to change", plan_page_change },
    { "flips", "What would change the answer", plan_page_flips },
    { "sure", "How sure", plan_page_sure },
    { "method", "How it was found", plan_page_method },
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
    fputs("</div>\n<nav class=\"toc\" aria-label=\"Sections\"><div class=\"in\">", out);
    for (int i = 0; i < SECTION_N; i++)
        fprintf(out, "<a href=\"#%s\">%s</a>", sections[i].id, sections[i].title);
    fputs("</div></nav>\n<div class=\"in\">\n", out);
    for (int i = 0; status == STATUS_OK && i < SECTION_N; i++) {
        fprintf(out, "<section id=\"%s\"><h2>%s</h2>\n", sections[i].id, sections[i].title);
        sections[i].write(d, out);
        status = write_charts(d, charts, sections[i].id, out, err);
        if (strcmp(sections[i].id, "compare") == 0) plan_page_all(d, out);
        fputs("</section>\n", out);
    }
    write_json(d->json, out);
    page_foot(d->tool_version, out);
    free(answer);
    bool written = fflush(out) == 0;
    if (status == STATUS_OK && (!written || ferror(out)))
        status = error_set(err, STATUS_IO, "cannot write the page: %s", strerror(errno));
    return status;
}
