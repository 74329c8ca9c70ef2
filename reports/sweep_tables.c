/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of a sweep's page: decisions by world, rows, main effects. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/page_parts.h"
#include "reports/sweep_parts.h"

enum { WORLDS_MAX = 200, WORLDS_OPEN = 12 };

static void mean_cell(const struct mean_interval *m, const char *unit, FILE *out)
{
    if (isnan(m->mean)) {
        fputs("<td>n/a</td>", out);
        return;
    }
    struct format_text whole = format_metric(m->mean, m->half, unit);
    const char *half = strstr(whole.s, "\u00b1");
    fprintf(out, "<td data-v=\"%.9g\">%s", m->mean, format_metric(m->mean, NAN, unit).s);
    if (half) fprintf(out, "<small>%s</small>", half);
    fputs("</td>", out);
}

static void figure_cell(const struct swept_row *r, enum sweep_figure f, FILE *out)
{
    mean_cell(&r->figures[f], sweep_figures[f].unit, out);
}

static void owned(char *text, FILE *out)
{
    escape_html(out, text ? text : "");
    free(text);
}

/* ---- Worlds ---- */

void sweep_page_worlds(const struct sweep_data *d, FILE *out)
{
    if (d->world_n < 2) return;
    fprintf(out,
            "<p>What is no choice of fleet (keys outside <code>fleets</code>) makes a world; a "
            "choice is compared with others of its world.</p>\n%s<div class=\"scroll\" "
            "tabindex=\"0\" role=\"group\" aria-label=\"Decisions\"><table class=\"sort\" "
            "id=\"worlds\">\n<caption>%s, by world%s.</caption>\n<thead><tr><th "
            "scope=\"col\">World</th><th scope=\"col\" class=\"l\">Cheapest</th><th "
            "scope=\"col\">Cost per month</th><th scope=\"col\">p95 wait</th><th "
            "scope=\"col\">%s</th><th scope=\"col\" class=\"l\">Next</th></tr></thead>\n<tbody>\n",
            d->world_n > WORLDS_OPEN ? "<details><summary>All worlds</summary>\n" : "",
            d->has_targets ? "The cheapest that surely meets every target" : "The cheapest",
            d->world_n > WORLDS_MAX ? "; the first 200, --json has all" : "",
            d->has_targets ? "Surely meet" : "On the frontier");
    for (int32_t i = 0; i < d->world_n && i < WORLDS_MAX; i++) {
        const struct sweep_world *w = &d->worlds[i];
        fputs("<tr><th scope=\"row\">", out);
        escape_html(out, w->text);
        fputs("</th><td class=\"l\">", out);
        if (w->pick >= 0) {
            owned(sweep_row_text(d, w->pick, false), out);
            fputs("</td>", out);
            figure_cell(&d->rows[w->pick], SWEEP_COST, out);
            figure_cell(&d->rows[w->pick], SWEEP_WAIT, out);
        } else {
            fputs("none</td><td>n/a</td><td>n/a</td>", out);
        }
        int32_t n = d->has_targets ? w->meet_n : w->frontier_n;
        fprintf(out, "<td data-v=\"%d\">%s of %s</td><td class=\"l\">", (int)n, format_count(n).s,
                format_count(w->row_n).s);
        owned(sweep_world_next(d, i), out);
        fputs("</td></tr>\n", out);
    }
    fprintf(out, "</tbody></table></div>\n%s", d->world_n > WORLDS_OPEN ? "</details>\n" : "");
}

/* ---- Rows ---- */

static void write_row(const struct sweep_data *d, int32_t row, FILE *out)
{
    const struct swept_row *r = &d->rows[row];
    const struct swept_point *p = &d->list[r->point];
    bool picked = d->worlds[p->world].pick == row;
    fprintf(out, "<tr%s><th scope=\"row\">", picked ? " class=\"pick\"" : "");
    escape_html(out, r->name);
    fputs(sweep_is_today(d, row)           ? "<small>today; "
          : r->is_baseline && p->row_n > 1 ? "<small>baseline; "
                                           : "<small>",
          out);
    escape_html(out, r->summary);
    fputs("</small></th>", out);
    for (int32_t k = 0; k < d->key_n; k++) {
        if (!d->keys[k].varies) continue;
        if (isfinite(p->numbers[k])) fprintf(out, "<td data-v=\"%.9g\">", p->numbers[k]);
        else fputs("<td>", out);
        escape_html(out, p->values[k]);
        fputs("</td>", out);
    }
    for (int f = 0; f < SWEEP_FIGURE_N; f++) figure_cell(r, (enum sweep_figure)f, out);
    fprintf(out, "<td>%d</td>", (int)r->n);
    if (d->has_targets && r->overall != VERDICT_NONE)
        fprintf(out, "<td><span class=\"tag %s\">%s</span></td>",
                r->overall == VERDICT_MEETS ? "good" : "bad", sweep_verdict(r->overall));
    else if (d->has_targets) fputs("<td>no target</td>", out);
    fprintf(out, "<td>%s</td></tr>\n", r->on_frontier ? "yes" : "");
}

void sweep_page_rows(const struct sweep_data *d, FILE *out)
{
    int32_t n = d->row_n < SWEEP_ROWS_PAGE ? d->row_n : SWEEP_ROWS_PAGE;
    fputs("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table of points\">"
          "<table class=\"sort\" id=\"plans\">\n<caption>",
          out);
    fputs(d->has_targets ? "Those that surely meet every target, cheapest first; then what is too "
                           "close to call; then the others"
                         : "Those on the frontier, cheapest first; then the others",
          out);
    if (n < d->row_n)
        fprintf(out, ": %s of %s rows, --csv has them all", format_count(n).s,
                format_count(d->row_n).s);
    fputs(". Means over n replications; \u00b1 half the 95% interval. Select a column head to "
          "sort.</caption>\n<thead><tr><th scope=\"col\">Fleet</th>",
          out);
    for (int32_t k = 0; k < d->key_n; k++) {
        if (!d->keys[k].varies) continue;
        fputs("<th scope=\"col\">", out);
        escape_html(out, d->keys[k].name);
        fputs("</th>", out);
    }
    fputs("<th scope=\"col\">Cost per month</th><th scope=\"col\">p95 wait</th><th "
          "scope=\"col\">Utilization</th><th scope=\"col\">Mean wait</th><th scope=\"col\">n</th>",
          out);
    if (d->has_targets) fputs("<th scope=\"col\">Targets</th>", out);
    fputs("<th scope=\"col\">Frontier</th></tr></thead>\n<tbody>\n", out);
    for (int32_t i = 0; i < n; i++) write_row(d, d->ranking[i], out);
    fputs("</tbody></table></div>\n", out);
}

/* ---- Main effects ---- */

static void level_cell(const struct sweep_level *level, enum sweep_figure f, FILE *out)
{
    if (isnan(level->mean[f].mean)) {
        fputs("<td>n/a</td><td>n/a</td>", out);
        return;
    }
    mean_cell(&level->mean[f], sweep_figures[f].unit, out);
    fprintf(out, "<td>%s to %s</td>", format_metric(level->least[f], NAN, sweep_figures[f].unit).s,
            format_metric(level->most[f], NAN, sweep_figures[f].unit).s);
}

void sweep_page_effects(const struct sweep_data *d, FILE *out)
{
    if (d->dimension_n == 0) {
        fputs("<p>Nothing varies, or nothing that can be grouped.</p>\n", out);
        return;
    }
    fputs("<h3>Main effects</h3>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
          "aria-label=\"Main effects\"><table id=\"effects\">\n<caption>Mean over all rows that "
          "have the value, whatever else they have; \u00b1 at most half its 95% interval. Then "
          "the least and the most of the rows' means.</caption>\n<thead><tr><th "
          "scope=\"col\">Key</th><th scope=\"col\" class=\"l\">Value</th><th "
          "scope=\"col\">Rows</th>",
          out);
    if (d->has_targets) fputs("<th scope=\"col\">Surely meet</th>", out);
    fputs("<th scope=\"col\">Cost per month</th><th scope=\"col\">rows</th><th "
          "scope=\"col\">p95 wait</th><th scope=\"col\">rows</th></tr></thead>\n<tbody>\n",
          out);
    for (int32_t i = 0; i < d->dimension_n; i++) {
        const struct sweep_dimension *dim = &d->dimensions[i];
        for (int32_t l = 0; l < dim->level_n; l++) {
            fputs("<tr><th scope=\"row\">", out);
            if (l == 0) escape_html(out, dim->name);
            fputs("</th><td class=\"l\">", out);
            escape_html(out, dim->levels[l].label);
            fprintf(out, "</td><td>%s</td>", format_count(dim->levels[l].row_n).s);
            if (d->has_targets) fprintf(out, "<td>%s</td>", format_count(dim->levels[l].meet_n).s);
            level_cell(&dim->levels[l], SWEEP_COST, out);
            level_cell(&dim->levels[l], SWEEP_WAIT, out);
            fputs("</tr>\n", out);
        }
    }
    fputs("</tbody></table></div>\n", out);
    if (d->left_out)
        fprintf(out,
                "<p class=\"fine\">%s key%s of more values than can be shown: %s left out.</p>\n",
                format_count(d->left_out).s, d->left_out == 1 ? "" : "s",
                d->left_out == 1 ? "it is" : "they are");
}
