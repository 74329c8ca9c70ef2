/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/shell.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support.h"

static const char *prelude = "export COLUMNS=100 LC_ALL=C.UTF-8";

void sh_prelude(const char *lines) { prelude = lines; }

int sh(const char *command, char **out, char **err)
{
    char line[7000], *program = realpath(seatrial_path(), NULL),
                     *root = realpath(root_path("."), NULL);
    assert_true(program && root);
    int n = snprintf(line, sizeof line, "S='%s' D='%s' R='%s'; cd \"$D\"\n%s\n%s\n", program,
                     scratch_dir(), root, prelude, command);
    assert_true(n < (int)sizeof line);
    int status = run_command(line, out, err);
    free(program);
    free(root);
    return status;
}

void says(const char *command, int code, const char *in_out, const char *in_err)
{
    char *out, *err;
    int got = sh(command, &out, &err);
    if (got != code || (in_out && !strstr(out, in_out)) || (in_err && !strstr(err, in_err)))
        /* Standard output last: it is the longest, and cmocka cuts messages off. */
        fail_msg("%s: exit %d (expected %d)\n--- expected\n%s%s\n--- stderr\n%s--- stdout\n%s",
                 command, got, code, in_out ? in_out : "", in_err ? in_err : "", err, out);
    free(out);
    free(err);
}

json_t *json_of(const char *command)
{
    char *out, *err;
    json_error_t where;
    if (sh(command, &out, &err) != 0) fail_msg("%s: %s", command, err);
    json_t *value = json_loads(out, 0, &where);
    if (!value) fail_msg("%s: %s\n%s", command, where.text, out);
    free(out);
    free(err);
    return value;
}

/* The statement at the first row of the query. */
static sqlite3_stmt *first_row(const char *path, int flags, const char *query, sqlite3 **db)
{
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_open_v2(path, db, flags, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(*db, query, -1, &q, NULL) != SQLITE_OK)
        fail_msg("%s: %s", query, sqlite3_errmsg(*db));
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    return q;
}

sqlite3_int64 sql(const char *path, const char *query)
{
    sqlite3 *db;
    sqlite3_stmt *q = first_row(path, SQLITE_OPEN_READONLY, query, &db);
    sqlite3_int64 value = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    sqlite3_close(db);
    return value;
}

const char *sql_text(const char *path, const char *query)
{
    static char text[400];
    sqlite3 *db;
    sqlite3_stmt *q = first_row(path, SQLITE_OPEN_READWRITE, query, &db);
    snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(q, 0));
    sqlite3_finalize(q);
    sqlite3_close(db);
    return text;
}
