/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CSV file (RFC 4180) cell by cell, each with its place, from a stream: cells may be "quoted",
 * with "" for a quote inside, and then go over the ends of lines. Memory is that of one row, which
 * is bounded.
 */
#ifndef REPORTS_CSV_CELLS_H
#define REPORTS_CSV_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { CSV_CELLS_MAX = 512, CSV_ROW_BYTES_MAX = 1 << 20 };

struct csv_read_cell {
    const char *text; /* until the next row */
    bool quoted;
    int64_t line, column; /* from 1, column in bytes */
};

struct csv_cells {
    FILE *in;
    int64_t line, column; /* of the next byte */
    char *text;
    size_t used, capacity;
    size_t n;
    struct csv_read_cell cell[CSV_CELLS_MAX];
    size_t at[CSV_CELLS_MAX]; /* of the cells in text */
};

enum csv_row {
    CSV_ROW,
    CSV_END,
    CSV_UNTERMINATED, /* a quoted cell has no end; cell[n - 1] is where it begins */
    CSV_STRAY_QUOTE,  /* text before or behind quotes; the same */
    CSV_TOO_LONG,     /* more cells or bytes than the bounds */
    CSV_NUL,          /* a zero byte */
    CSV_NO_MEMORY,
    CSV_IO
};

void csv_cells_init(struct csv_cells *csv, FILE *in);
void csv_cells_free(struct csv_cells *csv);
/* The next row; empty lines are passed over. After anything but CSV_ROW nothing more is read. */
enum csv_row csv_cells_next(struct csv_cells *csv);

#endif
