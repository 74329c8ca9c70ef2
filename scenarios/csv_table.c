/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios/csv_table.h"

#include <stdio.h>
#include <string.h>

struct line_cells {
    struct csv_cell cells[CSV_COLUMNS_MAX];
    size_t n;
};

enum split { SPLIT_OK, SPLIT_BAD, SPLIT_NO_MEMORY };

static size_t characters(const char *from, const char *to)
{
    size_t n = 0;
    while (from < to) {
        utf8_next(&from);
        n++;
    }
    return n;
}

/* Bytes of the cell at s with its quotes: at least what its text needs. */
static size_t raw_length(const char *s)
{
    if (*s != '"') return strcspn(s, ",");
    const char *end = s + 1;
    while (*end && (*end != '"' || end[1] == '"')) end += *end == '"' ? 2 : 1;
    return (size_t)(end - s);
}

/* Cuts one line into cells; reports what cannot be cut. */
static enum split split_line(const struct source *source, size_t line, struct arena *arena,
                             struct diagnostics *diagnostics, struct line_cells *out)
{
    const char *s = source->lines[line - 1];
    size_t column = 1;
    for (out->n = 0;; s++, column++) {
        const char *start = s;
        if (out->n == CSV_COLUMNS_MAX) {
            source_report(source, diagnostics, SEVERITY_ERROR, (struct place){ line, column, 1 },
                          NULL, NULL, "more than 64 cells");
            return SPLIT_BAD;
        }
        char *text = arena_zeroed(arena, raw_length(s) + 1, 1);
        if (!text) return SPLIT_NO_MEMORY;
        if (*s == '"') {
            char *to = text;
            for (s++; *s && (*s != '"' || s[1] == '"'); s++) {
                if (*s == '"') s++;
                *to++ = *s;
            }
            if (*s != '"' || (s[1] && s[1] != ',')) {
                source_report(source, diagnostics, SEVERITY_ERROR,
                              (struct place){ line, column, 1 }, NULL, NULL,
                              *s == '"' ? "text after the closing quote"
                                        : "the quote is not closed on this line");
                return SPLIT_BAD;
            }
            s++;
        } else {
            size_t n = strcspn(s, ",");
            memcpy(text, s, n);
            s += n;
        }
        size_t width = characters(start, s);
        out->cells[out->n++] = (struct csv_cell){ text, { line, column, width ? width : 1 } };
        column += width;
        if (*s == '\0') return SPLIT_OK;
    }
}

/* Finds the columns in the header; false after reporting those that are not there. */
static bool find_columns(const struct csv_table *table, const struct source *source,
                         const struct line_cells *header, struct diagnostics *diagnostics,
                         size_t *where)
{
    const char *names[CSV_COLUMNS_MAX];
    bool good = true;
    for (size_t c = 0; c < header->n; c++) names[c] = header->cells[c].text;
    for (size_t i = 0; i < table->n; i++) {
        where[i] = header->n;
        for (size_t c = header->n; c-- > 0;)
            if (strcmp(names[c], table->columns[i].name) == 0) where[i] = c;
        if (where[i] < header->n || !table->columns[i].required) continue;
        const char *near = nearest_word(table->columns[i].name, names, header->n);
        struct place at = { header->cells[0].at.line, 1, 1 };
        for (size_t c = 0; near && c < header->n; c++)
            if (names[c] == near) at = header->cells[c].at;
        char hint[120] = "";
        if (near) snprintf(hint, sizeof hint, "did you mean '%s'?", table->columns[i].name);
        source_report(source, diagnostics, SEVERITY_ERROR, at, hint, NULL,
                      "there is no column '%s'", table->columns[i].name);
        good = false;
    }
    return good;
}

/* The cells in the order of the table's columns; false after reporting a required one that is
 * empty. */
static bool arrange(const struct csv_table *table, const struct source *source,
                    const struct line_cells *cut, struct diagnostics *diagnostics,
                    const size_t *where, struct csv_cell *cells)
{
    bool good = true;
    for (size_t i = 0; i < table->n; i++) {
        struct place end = { cut->cells[0].at.line,
                             cut->cells[cut->n - 1].at.column + cut->cells[cut->n - 1].at.width,
                             1 };
        cells[i] = where[i] < cut->n ? cut->cells[where[i]] : (struct csv_cell){ "", end };
        if (cells[i].text[0] || !table->columns[i].required) continue;
        source_report(source, diagnostics, SEVERITY_ERROR, cells[i].at, NULL, NULL,
                      "no '%s' in this row", table->columns[i].name);
        good = false;
    }
    return good;
}

enum status csv_table_read(const struct csv_table *table, const struct source *source,
                           struct arena *arena, struct diagnostics *diagnostics, struct error *err)
{
    struct line_cells cut;
    struct csv_cell cells[CSV_COLUMNS_MAX];
    size_t where[CSV_COLUMNS_MAX], width = 0;
    for (size_t line = 1; line <= source->line_n; line++) {
        const char *text = source->lines[line - 1];
        if (text[0] == '\0' || text[0] == '#') continue;
        enum split split = split_line(source, line, arena, diagnostics, &cut);
        if (split == SPLIT_NO_MEMORY)
            return error_set(err, STATUS_NO_MEMORY, "no memory to read %s", source->path);
        if (split == SPLIT_BAD) {
            if (width) continue;
            return STATUS_OK;
        }
        if (!width) {
            if (!find_columns(table, source, &cut, diagnostics, where)) return STATUS_OK;
            width = cut.n;
            continue;
        }
        if (cut.n != width) {
            source_report(source, diagnostics, SEVERITY_ERROR, (struct place){ line, 1, 1 }, NULL,
                          NULL, "%zu cells where the header has %zu", cut.n, width);
            continue;
        }
        if (!arrange(table, source, &cut, diagnostics, where, cells)) continue;
        enum status status = table->row(table->context, cells, err);
        if (status) return status;
    }
    if (!width)
        source_report(source, diagnostics, SEVERITY_ERROR, (struct place){ 0, 0, 0 }, NULL, NULL,
                      "the file has no header line");
    return STATUS_OK;
}
