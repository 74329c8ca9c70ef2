/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small CSV file with a header line, read cell by cell with the place of each.
 *
 * Cells may be "quoted", with "" for a quote inside; a cell does not go over a line's end. Empty
 * lines and lines that start with # are passed over. Columns are found by name in any order; others
 * are ignored.
 */
#ifndef SCENARIOS_CSV_TABLE_H
#define SCENARIOS_CSV_TABLE_H

#include <stdbool.h>

#include "scenarios/arena.h"
#include "scenarios/source.h"

enum { CSV_COLUMNS_MAX = 64 };

struct csv_column {
    const char *name;
    bool required; /* the column must be there, and every cell of it must hold something */
};

struct csv_cell {
    const char *text; /* in the arena; "" where the column is not there */
    struct place at;
};

struct csv_table {
    const struct csv_column *columns;
    size_t n;
    void *context;
    /* One row: cells[i] belongs to columns[i]. STATUS_OK goes on (also after reporting an error).
     */
    enum status (*row)(void *context, const struct csv_cell *cells, struct error *err);
};

/* Errors in the file go to the diagnostics and reading goes on; anything but STATUS_OK is a failure
 * of ours. */
enum status csv_table_read(const struct csv_table *table, const struct source *source,
                           struct arena *arena, struct diagnostics *diagnostics, struct error *err);

#endif
