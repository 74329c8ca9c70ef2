/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/reading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void reading_open(struct reading *in, const char *path, void *data, struct error *err)
{
    *in = (struct reading){ NULL, path, data, err, STATUS_OK };
    if (sqlite3_open_v2(path, &in->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        in->status = error_set(err, STATUS_IO, "cannot open %s: %s", path, sqlite3_errmsg(in->db));
    if (in->db) sqlite3_db_config(in->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (in->db) sqlite3_db_config(in->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
}

void reading_close(struct reading *in)
{
    sqlite3_close(in->db);
    in->db = NULL;
}

void reading_kind(struct reading *in, int64_t *application_id, int64_t *version)
{
    *application_id = *version = 0;
    sqlite3_stmt *q = reading_query(in, "PRAGMA application_id");
    while (reading_next(in, q)) *application_id = sqlite3_column_int64(q, 0);
    q = reading_query(in, "PRAGMA user_version");
    while (reading_next(in, q)) *version = sqlite3_column_int64(q, 0);
}

void reading_fail_sql(struct reading *in)
{
    if (in->status == STATUS_OK)
        in->status = error_set(in->err, STATUS_BAD_INPUT, "%s cannot be read: %s", in->path,
                               sqlite3_errmsg(in->db));
}

void reading_fail_memory(struct reading *in)
{
    if (in->status == STATUS_OK) in->status = error_set(in->err, STATUS_NO_MEMORY, "out of memory");
}

void reading_fail_value(struct reading *in, const char *what)
{
    if (in->status == STATUS_OK)
        in->status = error_set(in->err, STATUS_BAD_INPUT, "%s is damaged: %s", in->path, what);
}

sqlite3_stmt *reading_query(struct reading *in, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (in->status != STATUS_OK) return NULL;
    if (sqlite3_prepare_v2(in->db, sql, -1, &statement, NULL) != SQLITE_OK) reading_fail_sql(in);
    return statement;
}

int reading_next(struct reading *in, sqlite3_stmt *statement)
{
    if (statement && in->status == STATUS_OK) {
        int code = sqlite3_step(statement);
        if (code == SQLITE_ROW) return 1;
        if (code != SQLITE_DONE) reading_fail_sql(in);
    }
    sqlite3_finalize(statement);
    return 0;
}

char *reading_text(struct reading *in, sqlite3_stmt *statement, int column)
{
    const char *value = (const char *)sqlite3_column_text(statement, column);
    char *copy = strdup(value ? value : "");
    if (!copy) reading_fail_memory(in);
    return copy;
}

bool reading_is(sqlite3_stmt *statement, int column, const char *word)
{
    const char *value = (const char *)sqlite3_column_text(statement, column);
    return value && strcmp(value, word) == 0;
}

double reading_real(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL
               ? NAN
               : sqlite3_column_double(statement, column);
}

void *reading_more(struct reading *in, void **items, int32_t *n, size_t size)
{
    if ((*n & (*n - 1)) == 0) { /* powers of two: double */
        void *grown = realloc(*items, (size_t)(*n ? 2 * *n : 1) * size);
        if (!grown) {
            reading_fail_memory(in);
            return NULL;
        }
        *items = grown;
    }
    void *item = (char *)*items + (size_t)*n * size;
    memset(item, 0, size);
    ++*n;
    return item;
}
