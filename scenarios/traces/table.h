/* SPDX-License-Identifier: Apache-2.0 */
/* A delimited file with a header, by column name; for the formats that are one. */
#ifndef SCENARIOS_TRACES_TABLE_H
#define SCENARIOS_TRACES_TABLE_H

#include "scenarios/traces/fields.h"
#include "scenarios/traces/formats.h"

struct table {
    struct import *import;
    char delimiter;
    size_t column_n;
    struct field fields[FIELDS_MAX];
    char names[FIELDS_MAX][160];
    char made[IMPORT_TYPES_MAX]; /* room for a text that a reader makes for its row */
};

/* Reads the header. names: columns that must be there, ended by NULL; what is missing is said, all
 * at once. */
enum status table_open(struct table *t, struct import *import, char delimiter,
                       const char *const *needed);
/* All rows there are: `read` fills a job from the current one, or says why it is dropped. */
enum status table_each(struct table *t, const char *(*read)(struct table *t, struct job_row *row));
/* The next row; *more false at the end. Rows of another width are dropped and counted. */
enum status table_row(struct table *t, bool *more);
/* The column's number, -1 absent. */
int table_column(const struct table *t, const char *name);
/* The cell of a column by name; an empty one where the column or the cell is absent. */
struct field table_cell(const struct table *t, const char *name);
/* A cell as number x scale; `absent` where it is missing; false where it is not a number. */
bool table_number(const struct table *t, const char *name, int64_t scale, int64_t absent,
                  int64_t *value);
/* A cell as a time in units of unit_us microseconds. */
bool table_time(const struct table *t, const char *name, int64_t unit_us, int64_t absent,
                int64_t *us);
/* A wall clock cell; false where it is missing or none. */
bool table_clock(const struct table *t, const char *name, int64_t *unix_us);
/* A cell as one of a row's texts; missing words (nan, NULL, ...) become the empty text. */
static inline void row_text(const char **text, size_t *n, struct field cell)
{
    *text = cell.text;
    *n = field_missing(&cell) ? 0 : cell.n;
}

#endif
