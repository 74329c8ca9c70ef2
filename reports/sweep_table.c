/* SPDX-License-Identifier: Apache-2.0 */
/* A sweep as a table: for a terminal, for a pull request. */
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/sweep_data.h"

enum { COLUMNS_MAX = SWEEP_KEYS_MAX + 8, CELL = 200, CELL_WIDTH = 32, WORLDS_SHOWN = 12 };

struct column {
    const char *head;
    int32_t key; /* -1: no key */
    bool is_left, is_fleet, is_n, is_verdict, is_frontier;
    enum sweep_figure figure;
};

struct cell {
    char s[CELL];
};

static int columns_of(const struct sweep_data *d, struct column all[COLUMNS_MAX])
{
    int n = 0;
    for (int32_t k = 0; k < d->key_n; k++)
        if (d->keys[k].varies)
            all[n++] = (struct column){ .head = d->keys[k].name, .key = k, .is_left = true };
    if (d->many_fleets || n == 0)
        all[n++] = (struct column){ .head = "fleet", .key = -1, .is_left = true, .is_fleet = true };
    for (int f = 0; f <= SWEEP_USE; f++)
        all[n++] = (struct column){ .head = sweep_figures[f].title,
                                    .key = -1,
                                    .figure = (enum sweep_figure)f };
    all[n++] = (struct column){ .head = "n", .key = -1, .is_n = true };
    if (d->has_targets)
        all[n++] = (struct column){ .head = "targets", .key = -1, .is_verdict = true };
    all[n++] = (struct column){ .head = "frontier", .key = -1, .is_frontier = true };
    return n;
}

/* What is longer than a column should be is cut, and says so. */
static struct cell clip(const char *text)
{
    struct cell c;
    int n = 0, width = 0;
    while (text[n] && width < CELL_WIDTH && n < CELL - 8) {
        int length = escape_length(text + n);
        n += length ? length : 1;
        width++;
    }
    snprintf(c.s, sizeof c.s, "%.*s%s", n, text, text[n] ? "..." : "");
    return c;
}

static struct cell cell_of(const struct sweep_data *d, int32_t row, const struct column *c)
{
    const struct swept_row *r = &d->rows[row];
    struct cell cell;
    if (c->key >= 0) return clip(d->list[r->point].values[c->key]);
    if (c->is_fleet) return clip(r->name);
    if (c->is_n) snprintf(cell.s, sizeof cell.s, "%d", (int)r->n);
    else if (c->is_verdict) snprintf(cell.s, sizeof cell.s, "%s", sweep_verdict(r->overall));
    else if (c->is_frontier) snprintf(cell.s, sizeof cell.s, "%s", r->on_frontier ? "*" : "");
    else snprintf(cell.s, sizeof cell.s, "%s", sweep_mean_text(r, c->figure).s);
    return cell;
}

static bool is_pick(const struct sweep_data *d, int32_t row)
{
    return d->worlds[d->list[d->rows[row].point].world].pick == row;
}

/* ---- What is said below, one thing a line ---- */

static bool same_targets(const struct sweep_data *d)
{
    const struct swept_point *a = &d->list[0];
    for (int32_t i = 1; i < d->point_n; i++) {
        const struct swept_point *b = &d->list[i];
        if (a->target_n != b->target_n) return false;
        for (int32_t t = 0; t < a->target_n; t++)
            if (strcmp(a->targets[t].label, b->targets[t].label) != 0) return false;
    }
    return true;
}

static void write_targets(const struct sweep_data *d, const char *indent, FILE *out,
                          void (*escape)(FILE *, const char *))
{
    if (!d->has_targets) return;
    fprintf(out, "%sTargets: ", indent);
    if (!same_targets(d)) fputs("each point's own", out);
    else
        for (int32_t t = 0; t < d->list[0].target_n; t++) {
            if (t) fputs("; ", out);
            escape(out, d->list[0].targets[t].label);
        }
    fputs(". One is met where the whole interval meets it.\n", out);
}

static void write_foot(const struct sweep_data *d, int32_t shown, const char *indent, FILE *out,
                       void (*escape)(FILE *, const char *))
{
    bool pairs = false, single = true;
    for (int32_t i = 0; i < d->point_n; i++) pairs |= d->list[i].antithetic;
    for (int32_t i = 0; i < d->row_n; i++) single &= d->rows[i].n == 1;
    if (single) fprintf(out, "%sOne replication: these figures have no interval.\n", indent);
    else
        fprintf(out, "%s\u00b1: half the 95%% interval of the mean over n %s (Student's t).\n",
                indent, pairs ? "replications, or pairs of opposite ones" : "replications");
    char *today = sweep_today(d);
    if (today && *today) {
        fprintf(out, "%s%s", indent, strcmp(indent, "") == 0 ? "" : "=: ");
        escape(out, today);
        fputs(".\n", out);
    }
    free(today);
    fprintf(out, "%s%s: on the frontier, as nothing%s costs less and waits no longer.\n", indent,
            strcmp(indent, "") == 0 ? "\\*" : "*", d->world_n > 1 ? " in the same world" : "");
    write_targets(d, indent, out, escape);
    if (d->mixed)
        fprintf(out,
                "%sThe workload varies with the fleets: a row may be cheap because its load is.\n",
                indent);
    if (shown < d->row_n)
        fprintf(out,
                "%s%s of %s rows: --top N shows more, --format csv has all, with every figure.\n",
                indent, format_count(shown).s, format_count(d->row_n).s);
    char *unfinished = sweep_unfinished(d);
    if (unfinished && *unfinished) fprintf(out, "%s%s.\n", indent, unfinished);
    free(unfinished);
}

static void write_worlds(const struct sweep_data *d, const char *indent, const char *item,
                         FILE *out, void (*escape)(FILE *, const char *))
{
    if (d->world_n == 1 && !d->has_targets) return; /* the sentence says it all */
    for (int32_t w = 0; w < d->world_n && w < WORLDS_SHOWN; w++) {
        char *text = sweep_world_answer(d, w), *next = sweep_world_next(d, w);
        if (text && !*text) { /* nothing ran */
            free(text);
            free(next);
            continue;
        }
        fprintf(out, "%s%s", indent, item);
        if (d->world_n > 1) {
            escape(out, d->worlds[w].text);
            fputs(": ", out);
        }
        escape(out, text ? text : "");
        fputs(".\n", out);
        if (next && *next) {
            fprintf(out, "%s  next: ", indent);
            escape(out, next);
            fputs(".\n", out);
        }
        free(text);
        free(next);
    }
    if (d->world_n > WORLDS_SHOWN)
        fprintf(out, "%s%s%s more worlds: --json has them.\n", indent, item,
                format_count(d->world_n - WORLDS_SHOWN).s);
}

/* ---- Terminal ---- */

static void write_cell(const struct column *c, const char *text, int width, const char *gutter,
                       const char *before, const char *after, FILE *out)
{
    int gap = width - escape_width(text);
    fputs(gutter, out);
    if (!c->is_left) format_pad(out, gap);
    fputs(before, out);
    escape_terminal(out, text);
    fputs(after, out);
    if (c->is_left) format_pad(out, gap);
}

static void write_terminal(const struct sweep_data *d, int32_t top, int colour, FILE *out)
{
    struct column columns[COLUMNS_MAX];
    int width[COLUMNS_MAX], n = columns_of(d, columns);
    int32_t shown = d->row_n < top ? d->row_n : top;
    for (int c = 0; c < n; c++) {
        width[c] = escape_width(clip(columns[c].head).s);
        for (int32_t i = 0; i < shown; i++) {
            int w = escape_width(cell_of(d, d->ranking[i], &columns[c]).s);
            if (w > width[c]) width[c] = w;
        }
    }
    for (int c = 0; c < n; c++)
        write_cell(&columns[c], clip(columns[c].head).s, width[c], c ? "   " : "  ", "", "", out);
    fputc('\n', out);
    for (int32_t i = 0; i < shown; i++) {
        int32_t row = d->ranking[i];
        bool picked = is_pick(d, row), bold = colour && picked;
        if (bold) fputs("\033[1m", out);
        for (int c = 0; c < n; c++) {
            bool bad = colour && columns[c].is_verdict && d->rows[row].overall == VERDICT_MISSES;
            struct cell cell = cell_of(d, row, &columns[c]);
            if (c == n - 1 && !*cell.s) continue; /* nothing stands at a line's end */
            write_cell(&columns[c], cell.s, width[c],
                       c                        ? "   "
                       : picked                 ? "> "
                       : sweep_is_today(d, row) ? "= "
                                                : "  ",
                       bad ? "\033[33m" : "", bad ? "\033[0m" : "", out);
        }
        fputs(bold ? "\033[0m\n" : "\n", out);
    }
    char *answer = sweep_answer(d);
    fputs("\n  ", out);
    escape_terminal(out, answer ? answer : "");
    fputs(".\n", out);
    free(answer);
    write_worlds(d, "  ", "", out, escape_terminal);
    write_foot(d, shown, "  ", out, escape_terminal);
}

/* ---- Markdown ---- */

static void write_markdown(const struct sweep_data *d, int32_t top, FILE *out)
{
    struct column columns[COLUMNS_MAX];
    int n = columns_of(d, columns);
    int32_t shown = d->row_n < top ? d->row_n : top;
    char *answer = sweep_answer(d);
    fputs("**", out);
    escape_markdown(out, answer ? answer : "");
    fputs(".**\n\n|", out);
    free(answer);
    for (int c = 0; c < n; c++) {
        fputc(' ', out);
        escape_markdown(out, columns[c].head);
        fputs(" |", out);
    }
    fputs("\n|", out);
    for (int c = 0; c < n; c++) fputs(columns[c].is_left ? "---|" : "--:|", out);
    fputc('\n', out);
    for (int32_t i = 0; i < shown; i++) {
        const char *mark = is_pick(d, d->ranking[i]) ? "**" : "";
        fputc('|', out);
        for (int c = 0; c < n; c++) {
            bool bold = c == 0;
            fprintf(out, " %s", bold ? mark : "");
            escape_markdown(out, cell_of(d, d->ranking[i], &columns[c]).s);
            fprintf(out, "%s |", bold ? mark : "");
        }
        fputc('\n', out);
    }
    fputc('\n', out);
    write_worlds(d, "", "- ", out, escape_markdown);
    fputc('\n', out);
    write_foot(d, shown, "", out, escape_markdown);
}

enum status sweep_table_write(const struct sweep_data *d, const char *format, int32_t top,
                              int colour, FILE *out, struct error *err)
{
    if (strcmp(format, "csv") == 0) return sweep_csv_write(d, out, err);
    if (strcmp(format, "table") == 0) write_terminal(d, top, colour, out);
    else if (strcmp(format, "md") == 0 || strcmp(format, "markdown") == 0)
        write_markdown(d, top, out);
    else return error_set(err, STATUS_BAD_INPUT, "unknown format '%s': table, md, csv", format);
    return ferror(out) ? error_set(err, STATUS_IO, "cannot write the table") : STATUS_OK;
}
