/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/db_dump.h"

#include <sqlite3.h>
#include <stdbool.h>
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
    case SQLITE_FLOAT:
        fprintf(out, "%s%.17g", separator, sqlite3_column_double(row, column));
        break;
    default: fprintf(out, "%s%s", separator, sqlite3_column_text(row, column)); break;
    }
}

static void write_table(sqlite3 *db, const char *table, FILE *out)
{
    sqlite3_stmt *rows = NULL;
    char sql[200];
    static const char order[] = " ORDER BY 1, 2, 3, 4"; /* or by the columns there are */
    int n = snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
    if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    int columns = sqlite3_column_count(rows) < 4 ? sqlite3_column_count(rows) : 4;
    sqlite3_finalize(rows);
    snprintf(sql + n, sizeof sql - (size_t)n, "%.*s", 8 + 3 * columns, order);
    if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    fprintf(out, "# %s\n", table);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        for (int c = 0; c < sqlite3_column_count(rows); c++)
            if (strcmp(sqlite3_column_name(rows, c), "rerun") != 0) write_cell(rows, c, out);
        fputc('\n', out);
    }
    sqlite3_finalize(rows);
}

static bool is_listed(const char *tables, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = tables; (at = strstr(at, name)) != NULL; at++)
        if ((at == tables || at[-1] == ',') && (at[n] == ',' || at[n] == '\0')) return true;
    return false;
}

char *db_dump(const char *path, const char *tables)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *names = NULL;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db,
                           "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> "
                           "'execution' ORDER BY name",
                           -1, &names, NULL) != SQLITE_OK)
        fail_msg("%s: %s", path, sqlite3_errmsg(db));
    while (sqlite3_step(names) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(names, 0);
        if (!tables || is_listed(tables, name)) write_table(db, name, out);
    }
    sqlite3_finalize(names);
    sqlite3_close(db);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "# metric\n0|0|"));
    return text;
}

void db_digest(const char *path, const char *tables, char sha256[65])
{
    struct sha256 h;
    char *text = db_dump(path, tables);
    sha256_init(&h);
    sha256_add(&h, text, strlen(text));
    sha256_end(&h, sha256);
    free(text);
}
