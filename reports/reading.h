/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows out of an SQLite database of unknown hands. The first thing that goes wrong is kept and all
 * that follows does nothing, so that a reader asks once, at the end.
 *
 *     sqlite3_stmt *q = reading_query(in, "SELECT name FROM fleet");
 *     while (reading_next(in, q)) name = reading_text(in, q, 0);
 */
#ifndef REPORTS_READING_H
#define REPORTS_READING_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/status.h"

/* One reading: the database, what it is read into, and the first thing that went wrong. */
struct reading {
    sqlite3 *db;
    const char *path;
    void *data;
    struct error *err;
    enum status status;
};

/* Opens it so that a file that lies about its schema runs no code of its own; the reading is to be
 * closed all the same. */
void reading_open(struct reading *in, const char *path, void *data, struct error *err);
void reading_close(struct reading *in);
/* The two numbers by which an application knows its files; 0, 0 on failure. */
void reading_kind(struct reading *in, int64_t *application_id, int64_t *version);

void reading_fail_sql(struct reading *in);
void reading_fail_memory(struct reading *in);
void reading_fail_value(struct reading *in, const char *what); /* "... is damaged: what" */

sqlite3_stmt *reading_query(struct reading *in, const char *sql);
/* 1 while there is a row; finalizes at the end or on failure. */
int reading_next(struct reading *in, sqlite3_stmt *statement);
char *reading_text(struct reading *in, sqlite3_stmt *statement, int column); /* the caller's */
/* Whether a column reads as `word`; a file that is not as our schema has it may hold NULL anywhere.
 */
bool reading_is(sqlite3_stmt *statement, int column, const char *word);
double reading_real(sqlite3_stmt *statement, int column); /* NULL is NAN */
/* Room for one more of *items (each of `size` bytes), zeroed; NULL on lack of memory. */
void *reading_more(struct reading *in, void **items, int32_t *n, size_t size);

#endif
