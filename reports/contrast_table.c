/* SPDX-License-Identifier: Apache-2.0 */
/* Contrasts for a terminal. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/contrast_words.h"
#include "reports/contrast_write.h"
#include "reports/escape.h"
#include "reports/metrics.h"

enum { CELLS = 7, CELL_SIZE = 320, LINE = 96, HEAD_MOST = 24, LABEL_MOST = 40, GAP = 3 };

const char *const contrast_columns[] = { METRIC_COST_MONTH, METRIC_WAIT_P95, METRIC_JCT_MEAN,
                                         METRIC_UTILIZATION, NULL };

bool contrasts_share_reference(const struct contrasts *all)
{
    for (size_t c = 1; c < all->n; c++)
        if (all->list[c].reference != all->list[0].reference) return false;
    return true;
}

/* A table in memory: cells that are safe to print, +1 or -1 where they are good or bad. */
struct grid {
    size_t row_n, column_n;
    const char *align; /* by column: 'l' words, 'r' numbers */
    struct grid_cell {
        char text[CELL_SIZE];
        int sign;
    } (*row)[CELLS];
};

static struct grid_cell *cell_at(struct grid *g, size_t row, size_t column)
{
    return &g->row[row][column];
}

static void put_cell(struct grid *g, size_t row, size_t column, const char *text)
{
    snprintf(cell_at(g, row, column)->text, CELL_SIZE, "%s", text);
}

/* A name, safe, and cut where it has more than `columns` characters. */
static void put_name(struct grid *g, size_t row, size_t column, const char *name, int columns)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out) return;
    escape_terminal(out, name);
    if (fclose(out) == 0) {
        int most = (int)strlen(text);
        bool cut = escape_width(text) > columns;
        while (cut && escape_width(text) > columns - 1) { /* by whole characters from the end */
            most = escape_cut(text, most - 1);
            text[most] = '\0';
        }
        char whole[CELL_SIZE];
        snprintf(whole, sizeof whole, "%.300s%s", text, cut ? "\u2026" : "");
        put_cell(g, row, column, whole);
    }
    free(text);
}

static void put_coloured(const struct grid_cell *cell, int colour, FILE *out)
{
    if (colour && cell->sign) fputs(cell->sign > 0 ? "\033[32m" : "\033[33m", out);
    fputs(cell->text, out);
    if (colour && cell->sign) fputs("\033[0m", out);
}

/* Columns that the grid takes; width: of each of its columns. */
static int grid_width(struct grid *g, int width[CELLS])
{
    int total = 2;
    for (size_t c = 0; c < g->column_n; c++) {
        width[c] = 0;
        for (size_t r = 0; r < g->row_n; r++) {
            int w = escape_width(cell_at(g, r, c)->text);
            if (w > width[c]) width[c] = w;
        }
        total += width[c] + (c ? GAP : 0);
    }
    return total;
}

static bool grid_fits(struct grid *g, const struct contrast_style *style)
{
    int width[CELLS];
    return style->columns <= 0 || grid_width(g, width) <= style->columns;
}

/* In columns; where that is wider than the terminal, a cell a line under the first of its row, each
 * with its heading. Frees the grid. */
static void write_grid(struct grid *g, const struct contrast_style *style, FILE *out)
{
    int width[CELLS];
    bool stacked = !grid_fits(g, style);
    int head_width = 0;
    grid_width(g, width);
    for (size_t c = 1; c < g->column_n; c++) {
        int w = escape_width(cell_at(g, 0, c)->text);
        if (w > head_width) head_width = w;
    }
    for (size_t r = stacked ? 1 : 0; r < g->row_n; r++) {
        int spaces = 2; /* that stand before whatever comes next: none at the end of a line */
        for (size_t c = 0; c < g->column_n; c++) {
            const struct grid_cell *cell = cell_at(g, r, c);
            int room = width[c] - escape_width(cell->text);
            bool left = g->align[c] == 'l';
            if (!*cell->text) {
                spaces += width[c] + GAP;
                continue;
            }
            if (stacked && c > 0) {
                int head = escape_width(cell_at(g, 0, c)->text);
                fprintf(out, "\n    %s", cell_at(g, 0, c)->text);
                format_pad(out, head ? head_width - head + 2 : 0);
            } else {
                format_pad(out, spaces + (left ? 0 : room));
            }
            put_coloured(cell, style->colour, out);
            spaces = GAP + (left ? room : 0);
        }
        fputc('\n', out);
    }
    free(g->row);
}

/* As many columns as align has letters. */
static bool grid_init(struct grid *g, size_t rows, const char *align)
{
    *g = (struct grid){ rows, strlen(align), align, calloc(rows, sizeof *g->row) };
    return g->row != NULL;
}

/* Words of a text that is safe to print, in lines of the terminal. */
static void put_wrapped(const char *text, int columns, FILE *out)
{
    int at = 2, most = columns > 20 ? columns : LINE;
    fputs("  ", out);
    for (bool first = true; *text; first = false) {
        size_t n = strcspn(text, " ");
        char word[CELL_SIZE];
        snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), text);
        int width = escape_width(word);
        if (!first && at + 1 + width > most) {
            fputs("\n  ", out);
            at = 2;
        } else if (!first) {
            fputc(' ', out);
            at++;
        }
        fwrite(text, 1, n, out);
        at += width;
        text += n + strspn(text + n, " ");
    }
    fputc('\n', out);
}

/* "backfill against today: ...". */
static void put_headline(const struct contrasts *all, const struct contrast *c,
                         const struct contrast_style *style, FILE *out)
{
    char *text = NULL;
    size_t n = 0;
    FILE *line = open_memstream(&text, &n);
    if (!line) return;
    escape_terminal(line, c->side->label);
    fputs(" against ", line);
    escape_terminal(line, c->reference->label);
    fprintf(line, ": %s.", contrast_headline(all, c).s);
    if (fclose(line) == 0) put_wrapped(text, style->columns, out);
    free(text);
}

/* How they were compared. Of: whose contrasts of all it is said, by label; NULL: it needs no name.
 */
static void put_method(const struct contrast *c, const struct contrasts *of,
                       const struct contrast_style *style, FILE *out)
{
    char *text = NULL;
    size_t n = 0, named = 0;
    struct contrast_text method = contrast_method(c);
    FILE *line = open_memstream(&text, &n);
    if (!line) return;
    for (size_t i = 0; of && i < of->n; i++) {
        if (strcmp(contrast_method(&of->list[i]).s, method.s) != 0) continue;
        fputs(named++ ? ", " : "", line);
        escape_terminal(line, of->list[i].side->label);
    }
    if (!of && method.s[0] >= 'a' && method.s[0] <= 'z') method.s[0] += 'A' - 'a';
    if (of) fputs(": ", line);
    escape_terminal(line, method.s);
    fputc('.', line);
    if (fclose(line) == 0) put_wrapped(text, style->columns, out);
    free(text);
}

/* ---- one contrast: a row for each figure ---- */

/* How much of a figure is shown: as much as fits. */
enum detail { DETAIL_CHANGE, DETAIL_DIFFERENCE, DETAIL_SIDES };

static struct contrast_text side_cell(struct mean_interval of, int metric, enum detail detail)
{
    if (detail < DETAIL_SIDES) of.half = NAN;
    return contrast_cell(&of, metric);
}

static void fill_figure(struct grid *g, size_t row, const struct contrast_figure *f,
                        enum detail detail)
{
    size_t c = 0;
    put_cell(g, row, c++, contrast_title(f->metric));
    put_cell(g, row, c++, side_cell(f->reference, f->metric, detail).s);
    put_cell(g, row, c++, side_cell(f->value, f->metric, detail).s);
    if (detail >= DETAIL_DIFFERENCE) {
        put_cell(g, row, c++, contrast_absolute(f).s);
        put_cell(g, row, c++, f->finding == CONTRAST_SAME ? "" : contrast_relative(f).s);
    } else {
        put_cell(g, row, c++, contrast_change(f).s);
    }
    put_cell(g, row, c, contrast_finding_word(f));
    cell_at(g, row, c)->sign = contrast_sign(f);
}

static bool fill_figures(struct grid *g, const struct contrasts *all, const struct contrast *c,
                         enum detail detail)
{
    bool targets = *contrast_targets(c->reference) || *contrast_targets(c->side);
    if (!grid_init(g, all->metric_n + 1 + targets,
                   detail >= DETAIL_DIFFERENCE ? "lrrrrl" : "lrrrl"))
        return false;
    put_name(g, 0, 1, c->reference->label, HEAD_MOST);
    put_name(g, 0, 2, c->side->label, HEAD_MOST);
    if (detail >= DETAIL_DIFFERENCE) put_cell(g, 0, 3, "difference");
    put_cell(g, 0, g->column_n - 2, "change");
    for (size_t i = 0; i < all->metric_n; i++) fill_figure(g, i + 1, &c->figures[i], detail);
    if (targets) {
        put_cell(g, g->row_n - 1, 0, "targets");
        put_cell(g, g->row_n - 1, 1, contrast_targets(c->reference));
        put_cell(g, g->row_n - 1, 2, contrast_targets(c->side));
        int sign = contrast_targets_sign(c);
        put_cell(g, g->row_n - 1, g->column_n - 1, sign > 0 ? "better" : sign < 0 ? "worse" : "");
        cell_at(g, g->row_n - 1, g->column_n - 1)->sign = sign;
    }
    return true;
}

static void write_figures(const struct contrasts *all, const struct contrast *c,
                          const struct contrast_style *style, FILE *out)
{
    struct grid g;
    int detail = DETAIL_SIDES;
    while (fill_figures(&g, all, c, (enum detail)detail)) {
        if (detail == DETAIL_CHANGE || grid_fits(&g, style)) {
            write_grid(&g, style, out);
            break;
        }
        free(g.row);
        detail--;
    }
    put_method(c, NULL, style, out);
}

/* ---- several: a row for each ---- */

static void write_rows(const struct contrasts *all, const struct contrast_style *style, FILE *out)
{
    struct grid g;
    bool against = !contrasts_share_reference(all), targets = false;
    for (size_t c = 0; c < all->n; c++) targets |= *contrast_targets(all->list[c].side) != 0;
    size_t first = against ? 2 : 1, columns = first;
    char align[CELLS + 1] = "ll";
    for (size_t i = 0; contrast_columns[i]; i++) align[columns++] = 'r';
    align[columns] = targets ? 'l' : '\0';
    if (!grid_init(&g, all->n + 1, align)) return;
    if (against) put_cell(&g, 0, 1, "against");
    for (size_t i = 0; contrast_columns[i]; i++)
        put_cell(&g, 0, first + i, contrast_title(metric_index(contrast_columns[i])));
    if (targets) put_cell(&g, 0, columns, "targets");
    for (size_t c = 0; c < all->n; c++) {
        const struct contrast *one = &all->list[c];
        put_name(&g, c + 1, 0, one->side->label, LABEL_MOST);
        if (against) put_name(&g, c + 1, 1, one->reference->label, LABEL_MOST);
        for (size_t i = 0; contrast_columns[i]; i++) {
            const struct contrast_figure *f =
                contrast_figure(all, one, metric_index(contrast_columns[i]));
            if (!f) continue;
            char text[CELL_SIZE];
            snprintf(text, sizeof text, "%.300s%s", contrast_change(f).s,
                     f->finding == CONTRAST_UNCLEAR   ? " ~"
                     : f->finding == CONTRAST_NO_SPAN ? " ?"
                                                      : "");
            put_cell(&g, c + 1, first + i, text);
            cell_at(&g, c + 1, first + i)->sign = contrast_sign(f);
        }
        if (targets) put_cell(&g, c + 1, columns, contrast_targets(one->side));
        if (targets) cell_at(&g, c + 1, columns)->sign = contrast_targets_sign(one);
    }
    write_grid(&g, style, out);
}

/* "~: not clearly different. ?: no interval." of what there is. */
static void write_legend(const struct contrasts *all, const struct contrast_style *style, FILE *out)
{
    bool close = false, none = false;
    for (size_t c = 0; c < all->n; c++)
        for (size_t i = 0; contrast_columns[i]; i++) {
            const struct contrast_figure *f =
                contrast_figure(all, &all->list[c], metric_index(contrast_columns[i]));
            close |= f && f->finding == CONTRAST_UNCLEAR;
            none |= f && f->finding == CONTRAST_NO_SPAN;
        }
    char text[100];
    snprintf(text, sizeof text, "%s%s%s", close ? "~: not clearly different." : "",
             close && none ? " " : "", none ? "?: no interval." : "");
    if (*text) put_wrapped(text, style->columns, out);
}

/* The position of the first contrast that was compared as the i-th was. */
static size_t first_alike(const struct contrasts *all, size_t i)
{
    struct contrast_text mine = contrast_method(&all->list[i]);
    size_t k = 0;
    while (k < i && strcmp(contrast_method(&all->list[k]).s, mine.s) != 0) k++;
    return k;
}

/* How they were compared: once for all that were alike, by name where not all are. */
static void write_methods(const struct contrasts *all, const struct contrast_style *style,
                          FILE *out)
{
    bool one = true;
    for (size_t c = 0; c < all->n; c++) one &= first_alike(all, c) == 0;
    for (size_t c = 0; c < all->n; c++)
        if (first_alike(all, c) == c) put_method(&all->list[c], one ? NULL : all, style, out);
}

void conditions_lines(const struct contrasts *all, const struct conditions *conditions,
                      const struct contrast_style *style, FILE *out)
{
    static const char *const heads[] = { "", "condition", "", "fleet", "found" };
    struct grid g;
    size_t row = 0;
    if (conditions->n == 0 || !grid_init(&g, conditions->n * all->n + 1, "lllll")) return;
    for (size_t h = 0; h < 5; h++) put_cell(&g, 0, h, heads[h]);
    for (size_t i = 0; i < conditions->n; i++)
        for (size_t c = 0; c < all->n; c++) {
            const struct condition *asked = &conditions->list[i];
            struct condition_finding found = condition_ask(asked, all, &all->list[c]);
            bool fails = condition_fails(conditions, &found);
            put_cell(&g, ++row, 0, fails ? "FAILS" : "passes");
            cell_at(&g, row, 0)->sign = fails ? -1 : 1;
            put_name(&g, row, 1, asked->text, LABEL_MOST);
            put_cell(&g, row, 2, condition_answers[found.answer]);
            put_name(&g, row, 3, all->list[c].side->label, LABEL_MOST);
            put_cell(&g, row, 4, condition_figure(asked, &found).s);
        }
    write_grid(&g, style, out);
}

void contrasts_table(const struct contrasts *all, const struct conditions *conditions,
                     const struct contrast_style *style, FILE *out)
{
    struct contrast_note note;
    if (all->n == 1) {
        put_headline(all, &all->list[0], style, out);
        fputc('\n', out);
        write_figures(all, &all->list[0], style, out);
    } else {
        if (contrasts_share_reference(all)) {
            fputs("  Against ", out);
            escape_terminal(out, all->list[0].reference->label);
            fputs(":\n\n", out);
        }
        write_rows(all, style, out);
        write_legend(all, style, out);
        if (!style->all) write_methods(all, style, out);
        for (size_t c = 0; style->all && c < all->n; c++) {
            fputc('\n', out);
            put_headline(all, &all->list[c], style, out);
            write_figures(all, &all->list[c], style, out);
        }
    }
    for (size_t i = 0; contrast_note_at(all, i, &note); i++)
        put_wrapped(note.s, style->columns, out);
    if (conditions->n) fputc('\n', out);
    conditions_lines(all, conditions, style, out);
}
