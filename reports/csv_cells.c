/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/csv_cells.h"

#include <stdlib.h>
#include <string.h>

void csv_cells_init(struct csv_cells *csv, FILE *in)
{
    memset(csv, 0, sizeof *csv);
    csv->in = in;
    csv->line = csv->column = 1;
}

void csv_cells_free(struct csv_cells *csv) { free(csv->text); }

static int next_byte(struct csv_cells *csv)
{
    int c = getc(csv->in);
    if (c == '\n') {
        csv->line++;
        csv->column = 1;
    } else if (c != EOF) {
        csv->column++;
    }
    return c;
}

static int peek(struct csv_cells *csv)
{
    int c = getc(csv->in);
    if (c != EOF) ungetc(c, csv->in);
    return c;
}

static enum csv_row keep(struct csv_cells *csv, int c)
{
    if (csv->used == csv->capacity) {
        size_t wider = csv->capacity ? 2 * csv->capacity : 4096;
        if (wider > CSV_ROW_BYTES_MAX) return CSV_TOO_LONG;
        char *more = realloc(csv->text, wider);
        if (!more) return CSV_NO_MEMORY;
        csv->text = more;
        csv->capacity = wider;
    }
    csv->text[csv->used++] = (char)c;
    return CSV_ROW;
}

/* Up to the closing quote; the byte behind it must end the cell. */
static enum csv_row quoted(struct csv_cells *csv)
{
    for (;;) {
        int c = next_byte(csv);
        if (c == EOF) return CSV_UNTERMINATED;
        if (c == '\0') return CSV_NUL;
        if (c == '"' && peek(csv) != '"') {
            int after = peek(csv);
            return after == ',' || after == '\n' || after == '\r' || after == EOF ? CSV_ROW
                                                                                  : CSV_STRAY_QUOTE;
        }
        if (c == '"') next_byte(csv);
        enum csv_row kept = keep(csv, c);
        if (kept != CSV_ROW) return kept;
    }
}

static enum csv_row plain(struct csv_cells *csv)
{
    for (;;) {
        int c = peek(csv);
        if (c == ',' || c == '\n' || c == '\r' || c == EOF) return CSV_ROW;
        if (c == '"') return CSV_STRAY_QUOTE;
        if (c == '\0') return CSV_NUL;
        enum csv_row kept = keep(csv, next_byte(csv));
        if (kept != CSV_ROW) return kept;
    }
}

static enum csv_row one_cell(struct csv_cells *csv)
{
    struct csv_read_cell *cell = &csv->cell[csv->n];
    if (csv->n == CSV_CELLS_MAX) return CSV_TOO_LONG;
    *cell = (struct csv_read_cell){ "", peek(csv) == '"', csv->line, csv->column };
    csv->at[csv->n++] = csv->used;
    if (cell->quoted) next_byte(csv);
    enum csv_row row = cell->quoted ? quoted(csv) : plain(csv);
    return row == CSV_ROW ? keep(csv, '\0') : row;
}

enum csv_row csv_cells_next(struct csv_cells *csv)
{
    csv->used = csv->n = 0;
    if (csv->line == 1 && csv->column == 1 && peek(csv) == 0xef) /* a byte order mark */
        for (int i = 0; i < 3; i++) getc(csv->in);
    while (peek(csv) == '\n' || peek(csv) == '\r') next_byte(csv);
    if (peek(csv) == EOF) return ferror(csv->in) ? CSV_IO : CSV_END;
    for (;;) {
        enum csv_row row = one_cell(csv);
        if (row != CSV_ROW) return row;
        int c = next_byte(csv);
        if (c == '\r' && peek(csv) == '\n') c = next_byte(csv);
        if (c != ',') break;
    }
    for (size_t i = 0; i < csv->n; i++) csv->cell[i].text = csv->text + csv->at[i];
    return ferror(csv->in) ? CSV_IO : CSV_ROW;
}
