/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/page.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reports/escape.h"
#include "reports/format.h"
#include "reports/metrics.h"
#include "reports/page_parts.h"
#include "reports/palette.h"

static const char page_css[] = {
#include "reports/page.css.inc"
};
static const char page_js[] = {
#include "reports/page.js.inc"
};

/* The palette as variables, and the few that only the page needs. */
static void write_theme(FILE *out, bool dark)
{
    for (const struct palette_entry *p = palette; p->token; p++)
        fprintf(out, "--%s:%s;", p->token, dark ? p->dark : p->light);
    fputs(dark ? "--panel:#191f28;--link:#76b7e2;--goodink:#6fe0bf;--goodback:#12302a;--badink:#"
                 "ffa16b;--badback:#3a2012"
               : "--panel:#f6f8fa;--link:#17629a;--goodink:#0a6b4a;--goodback:#e6f5ef;--badink:#"
                 "a63a00;--badback:#fdeee4",
          out);
}

static void write_style(FILE *out)
{
    fputs("<style>\n:root{color-scheme:light dark;", out);
    write_theme(out, false);
    fputs("}\n@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){", out);
    write_theme(out, true);
    fputs("}}\n@media screen{:root[data-theme=dark]{color-scheme:dark;", out);
    write_theme(out, true);
    fputs("}:root[data-theme=light]{color-scheme:light}}\n", out);
    fputs(page_css, out);
    fputs("</style>\n", out);
}

static void write_head(const struct report_data *d, const char *answer, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta "
          "name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
          "'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action "
          "'none'\"/>\n<title>",
          out);
    escape_html(out, answer);
    fputs(" | Seatrial</title>\n", out);
    write_style(out);
    fputs("</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the answer</a>\n<header "
          "class=\"top\"><div class=\"in\"><b>Seatrial report</b><span>",
          out);
    escape_html(out, d->scenario_name);
    fputs("</span><span>", out);
    escape_html(out, d->created_at);
    fputs("</span><span class=\"push\"></span><button type=\"button\" id=\"theme\" "
          "hidden=\"hidden\">Theme: auto</button>"
          "<button type=\"button\" id=\"print\" hidden=\"hidden\">Print</button></div></header>\n",
          out);
}

static void write_figure(const struct chart *c, FILE *out, const char *kind)
{
    fprintf(out, "<figure id=\"f-%s\">\n<figcaption>", kind);
    if (c->skipped) {
        fputs("<p>No chart here: ", out);
        escape_html(out, c->skipped);
        fputs(".</p></figcaption></figure>\n", out);
        return;
    }
    fputs("<h3>", out);
    escape_html(out, c->title);
    fputs("</h3><p>", out);
    escape_html(out, c->subtitle);
    fputs("</p></figcaption>\n", out);
    if (c->legend_n) {
        fputs("<ul class=\"legend\">", out);
        for (int i = 0; i < c->legend_n; i++) {
            const struct chart_legend *l = &c->legend[i];
            if (l->is_line)
                fprintf(out,
                        "<li><span class=\"ln\" "
                        "style=\"border-color:var(--%s);border-top-style:%s\"></span>",
                        l->token, *l->dash ? l->dash : "solid");
            else
                fprintf(out, "<li><span class=\"sw\" style=\"background:var(--%s)\"></span>",
                        l->token);
            escape_html(out, l->label);
            fputs("</li>", out);
        }
        fputs("</ul>\n", out);
    }
    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Chart; scrolls "
          "sideways on a narrow screen\">\n",
          out);
    fwrite(c->svg, 1, c->svg_n, out);
    fputs("</div>\n<p class=\"fine\">", out);
    escape_html(out, c->note);
    fputs("</p>\n</figure>\n", out);
}

/* All charts of a section. */
static enum status write_charts(const struct report_data *d, struct charts *charts,
                                const char *section, FILE *out, struct error *err)
{
    for (const struct chart_kind *k = chart_kinds; charts && k->name; k++) {
        struct chart chart;
        if (strcmp(k->section, section) != 0 || (k->applies && !k->applies(d))) continue;
        enum status status = chart_draw(charts, d, k->name, &chart, err);
        if (status != STATUS_OK) return status;
        write_figure(&chart, out, k->name);
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
    write_head(d, answer, out);
    fputs("<main id=\"main\">\n<div class=\"in\">\n", out);
    page_answer(d, answer, out);
    page_kpis(d, out);
    fputs("</div>\n<nav class=\"toc\" aria-label=\"Sections\"><div class=\"in\">", out);
    for (int i = 0; i < SECTION_N; i++)
        fprintf(out, "<a href=\"#%s\">%s</a>", sections[i].id, title_of(d, i));
    fputs("</div></nav>\n<div class=\"in\">\n", out);
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
    fputs("</div>\n</main>\n<footer><div class=\"in\">Made by Seatrial ", out);
    escape_html(out, d->tool_version);
    fputs(". One file; it asks nothing of any network.</div></footer>\n<script>\n//<![CDATA[\n",
          out);
    fputs(page_js, out);
    fputs("//]]>\n</script>\n</body>\n</html>\n", out);
    free(answer);
    bool written = fflush(out) == 0;
    if (status == STATUS_OK && (!written || ferror(out)))
        status = error_set(err, STATUS_IO, "cannot write the page: %s", strerror(errno));
    return status;
}
