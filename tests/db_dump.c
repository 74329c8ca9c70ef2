/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/db_dump.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/hash.h"
#include "tests/support.h"

static void write_cell(sqlite3_stmt *row, int column, FILE *out)
{
    const char *separator = column ? "|" : "";
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL: fprintf(out, "%sNULL", separator); break;
    case SQLITE_FLOAT: fprintf(out, "%s%.17g", separator, sqlite3_column_double(row, column)); break;
    default: fprintf(out, "%s%s", separator, sqlite3_column_text(row, column)); break;
    }
}

static void write_table(sqlite3 *db, const char *table, FILE *out)
{
    sqlite3_stmt *rows;
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY 1, 2, 3, 4", table);
    if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK) fail_msg("%s", sqlite3_errmsg(db));
    fprintf(out, "# %s\n", table);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        for (int c = 0; c < sqlite3_column_count(rows); c++)
            if (strcmp(sqlite3_column_name(rows, c), "rerun") != 0) write_cell(rows, c, out);
        fputc('\n', out);
    }
    sqlite3_finalize(rows);
}

char *db_dump(const char *path)
{
    sqlite3 *db;
    sqlite3_stmt *tables;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db,
                           "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> "
                           "'execution' ORDER BY name",
                           -1, &tables, NULL) != SQLITE_OK)
        fail_msg("%s: %s", path, sqlite3_errmsg(db));
    while (sqlite3_step(tables) == SQLITE_ROW)
        write_table(db, (const char *)sqlite3_column_text(tables, 0), out);
    sqlite3_finalize(tables);
    sqlite3_close(db);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "# metric\n0|0|"));
    return text;
}

void db_digest(const char *path, char sha256[65])
{
    struct sha256 h;
    char *text = db_dump(path);
    sha256_init(&h);
    sha256_add(&h, text, strlen(text));
    sha256_end(&h, sha256);
    free(text);
}
