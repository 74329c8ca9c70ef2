/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/page_parts.h"

/* All charts of a section. */
static enum status write_charts(const struct report_data *d, struct charts *charts,
                                const char *section, FILE *out, struct error *err)
{
    for (const struct chart_kind *k = chart_kinds; charts && k->name; k++) {
        struct chart chart;
        if (strcmp(k->section, section) != 0 || (k->applies && !k->applies(d))) continue;
        enum status status = chart_draw(charts, d, k->name, &chart, err);
        if (status != STATUS_OK) return status;
        page_figure(&chart, out, k->name);
        chart_free(&chart);
    }
    return STATUS_OK;
}

/* What would make a person stop believing in figures: shares beyond 1, parts that are not the
 * whole. */
static enum status check_sane(const struct report_data *d, struct error *err)
{
    for (int32_t f = 0; f < d->fleet_n; f++) {
        const struct report_fleet *fleet = &d->fleets[f];
        const struct estimate *use = report_metric(fleet, METRIC_UTILIZATION),
                              *cost = report_metric(fleet, METRIC_COST_MONTH),
                              *idle = report_metric(fleet, METRIC_COST_IDLE_MONTH);
        double sum = 0;
        for (int32_t c = 0; c < fleet->charge_n; c++) sum += report_charge_usd(&fleet->charges[c]);
        if (!use->n || !cost->n || !idle->n)
            return error_set(err, STATUS_BAD_INPUT, "%s: fleet %d has no cost or utilization",
                             d->path, f);
        if (use->least < 0 || use->most > 1 || idle->mean > cost->mean * (1 + 1e-9) + 1e-6 ||
            cost->least < 0)
            return error_set(err, STATUS_BAD_INPUT,
                             "%s is damaged: the figures of fleet %d contradict each other",
                             d->path, f);
        if (fabs(sum - cost->mean) > 1e-6 * fabs(cost->mean) + 1e-6)
            return error_set(err, STATUS_BAD_INPUT,
                             "%s is damaged: the bill of fleet %d is not the sum of its lines",
                             d->path, f);
    }
    return STATUS_OK;
}

static const struct {
    const char *id, *title;
} sections[] = {
    { "compare", "Fleets compared" },
    { "money", "Where the money went" },
    { "waits", "Waits" },
    { "week", "A week in the fleet" },
    { "sure", "How sure" },
    { "change", "What to change" },
    { "method", "Method and inputs" },
};
enum { SECTION_N = sizeof sections / sizeof *sections };

static const char *title_of(const struct report_data *d, int section)
{
    return section == 0 && d->same_nodes ? "Schedulers compared" : sections[section].title;
}

enum status page_write(const struct report_data *d, struct charts *charts, FILE *out,
                       struct error *err)
{
    enum status status = check_sane(d, err);
    char *answer = status == STATUS_OK ? report_answer(d) : NULL;
    if (status == STATUS_OK && !answer) status = error_set(err, STATUS_NO_MEMORY, "out of memory");
    if (status != STATUS_OK) return status;
    page_head(answer, d->scenario_name, d->created_at, out);
    fputs("<main id=\"main\">\n<div class=\"in\">\n", out);
    page_answer(d, answer, out);
    page_kpis(d, out);
    struct page_section shown[SECTION_N];
    for (int i = 0; i < SECTION_N; i++)
        shown[i] = (struct page_section){ sections[i].id, title_of(d, i) };
    page_contents(shown, SECTION_N, out);
    for (int i = 0; status == STATUS_OK && i < SECTION_N; i++) {
        const char *id = sections[i].id;
        fprintf(out, "<section id=\"%s\"><h2>%s</h2>\n", id, title_of(d, i));
        if (strcmp(id, "compare") == 0) (d->same_nodes ? page_orders : page_plans)(d, out);
        if (strcmp(id, "money") == 0) page_money(d, out);
        status = write_charts(d, charts, id, out, err);
        if (strcmp(id, "money") == 0) page_bill(d, out);
        if (strcmp(id, "waits") == 0) page_waits(d, out);
        if (strcmp(id, "sure") == 0) page_sure(d, out);
        if (strcmp(id, "change") == 0) page_change(d, out);
        if (strcmp(id, "method") == 0) page_method(d, out);
        fputs("</section>\n", out);
    }
    free(answer);
    return page_end(d->tool_version, status, out, err);
}
