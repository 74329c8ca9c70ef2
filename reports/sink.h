/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows into an SQLite database: a prepared insert a table, a transaction a batch.
 *
 *     struct row row = row_begin(out, TABLE);
 *     row_text(&row, "name");
 *     row_int(&row, 3);
 *     status = row_end(&row, err);
 *
 * A value that cannot be bound shows in row_end, so that each column need not be looked at. For
 * those who write results files.
 */
#ifndef REPORTS_SINK_H
#define REPORTS_SINK_H

#include <sqlite3.h>
#include <stdint.h>

#include "sim/status.h"

struct sink_table {
    const char *name;
    int columns;
};

enum { SINK_TABLES_MAX = 32 };

struct sink {
    sqlite3 *db;
    char *path;                      /* as messages name it; owned */
    const struct sink_table *tables; /* borrowed; row_begin takes a position in them */
    sqlite3_stmt *statement[SINK_TABLES_MAX];
    int rows;           /* in the open transaction */
    double committed_s; /* when the last one ended, on the monotonic clock */
};

struct row {
    struct sink *out;
    sqlite3_stmt *statement;
    int column, bad;
};

/* An existing file may only be replaced where it is empty, a database without tables, or one of
 * that application. */
enum status sink_check_replaceable(const char *path, uint32_t application_id, struct error *err);
enum status sink_run(struct sink *out, const char *sql, struct error *err);
/* Ends the transaction and begins the next. */
enum status sink_commit(struct sink *out, struct error *err);
/* Seconds since the last commit. */
double sink_age_s(const struct sink *out);
/* What the database last complained of. */
enum status sink_error(struct sink *out, struct error *err);
/* Ends all statements, so that the database can be closed. */
void sink_finalize(struct sink *out);
/* Closes whatever is open, without a commit. */
void sink_free(struct sink *out);

struct row row_begin(struct sink *out, int table);
void row_text(struct row *row, const char *text); /* NULL is NULL */
void row_int(struct row *row, int64_t value);
void row_real(struct row *row, double value); /* NAN is NULL */
void row_id(struct row *row, int32_t id);     /* below 0 is NULL */
enum status row_end(struct row *row, struct error *err);

#endif
