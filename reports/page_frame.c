/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of all reports are made of. */
#include <errno.h>
#include <string.h>

#include "reports/escape.h"
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

void page_head(const char *answer, const char *name, const char *created_at, FILE *out)
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
    escape_html(out, name);
    fputs("</span><span>", out);
    escape_html(out, created_at);
    fputs("</span><span class=\"push\"></span><button type=\"button\" id=\"theme\" "
          "hidden=\"hidden\">Theme: auto</button>"
          "<button type=\"button\" id=\"print\" hidden=\"hidden\">Print</button></div></header>\n",
          out);
}

void page_figure(const struct chart *c, FILE *out, const char *kind)
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

enum status page_end(const char *tool_version, enum status status, FILE *out, struct error *err)
{
    fputs("</div>\n</main>\n<footer><div class=\"in\">Made by Seatrial ", out);
    escape_html(out, tool_version);
    fputs(". One file; it asks nothing of any network.</div></footer>\n<script>\n//<![CDATA[\n",
          out);
    fputs(page_js, out);
    fputs("//]]>\n</script>\n</body>\n</html>\n", out);
    bool written = fflush(out) == 0;
    if (status == STATUS_OK && (!written || ferror(out)))
        status = error_set(err, STATUS_IO, "cannot write the page: %s", strerror(errno));
    return status;
}

void page_contents(const struct page_section *sections, int n, FILE *out)
{
    fputs("</div>\n<nav class=\"toc\" aria-label=\"Sections\"><div class=\"in\">", out);
    for (int i = 0; i < n; i++)
        fprintf(out, "<a href=\"#%s\">%s</a>", sections[i].id, sections[i].title);
    fputs("</div></nav>\n<div class=\"in\">\n", out);
}

void page_chip(FILE *out, int good, const char *before, const char *text, const char *after)
{
    fprintf(out,
            "<li class=\"chip %s\"><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"%s\" "
            "fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\"/></svg><span>%s",
            good ? "good" : "bad", good ? "M3 8.5l3.2 3.2L13 4.8" : "M4 4l8 8M12 4l-8 8", before);
    escape_html(out, text);
    fprintf(out, "%s</span></li>\n", after);
}

void page_warning(FILE *out, int *n)
{
    fputs(*n ? "</p><p>" : "<div class=\"warn\"><p><b>Read this first.</b> ", out);
    ++*n;
}

void page_kpi(const char *title, struct format_text value, FILE *out)
{
    const char *half = strstr(value.s, " \u00b1");
    fputs("<div class=\"kpi\"><h2>", out);
    escape_html(out, title);
    fprintf(out, "</h2><div class=\"v\">%.*s", half ? (int)(half - value.s) : (int)strlen(value.s),
            value.s);
    if (half) fprintf(out, " <small>%s</small>", half + 1);
    fputs("</div><div class=\"d\">", out);
}

void page_item(FILE *out, const char *name, const char *text)
{
    fprintf(out, "<dt>%s</dt><dd>", name);
    escape_html(out, text);
    fputs("</dd>\n", out);
}

void page_inputs(const struct report_input *inputs, int32_t n, FILE *out)
{
    for (int32_t i = 0; i < n; i++) {
        fputs("<dt>", out);
        escape_html(out, inputs[i].role);
        fputs("</dt><dd>", out);
        escape_html(out, inputs[i].path);
        fprintf(out, ", %s bytes, SHA-256 ", format_count((double)inputs[i].bytes).s);
        escape_html(out, inputs[i].sha256);
        fputs("</dd>\n", out);
    }
}

void page_lines(const char *lines, FILE *out)
{
    if (!*lines) return;
    fputs("<ul>\n", out);
    for (const char *line = lines; *line;) {
        size_t n = strcspn(line, "\n");
        char note[600];
        snprintf(note, sizeof note, "%.*s", n < 590 ? (int)n : escape_cut(line, 590), line);
        fputs("<li>", out);
        escape_html(out, note);
        fputs("</li>\n", out);
        line += n + (line[n] == '\n');
    }
    fputs("</ul>\n", out);
}
