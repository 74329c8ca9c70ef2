/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/sink.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* Rows between two commits: a transaction of this size costs no more a row than a larger one. */
enum { BATCH_ROWS = 100000 };

static double monotonic_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum status sink_error(struct sink *out, struct error *err)
{
    int code = sqlite3_errcode(out->db);
    const char *why = code == SQLITE_FULL   ? "the disk is full"
                      : code == SQLITE_BUSY ? "another run is writing it"
                                            : sqlite3_errmsg(out->db);
    return error_set(err, code == SQLITE_NOMEM ? STATUS_NO_MEMORY : STATUS_IO,
                     "cannot write %s: %s", out->path, why);
}

enum status sink_run(struct sink *out, const char *sql, struct error *err)
{
    return sqlite3_exec(out->db, sql, NULL, NULL, NULL) == SQLITE_OK ? STATUS_OK
                                                                     : sink_error(out, err);
}

enum status sink_commit(struct sink *out, struct error *err)
{
    out->rows = 0;
    out->committed_s = monotonic_s();
    return sink_run(out, "COMMIT; BEGIN", err);
}

double sink_age_s(const struct sink *out) { return monotonic_s() - out->committed_s; }

void sink_finalize(struct sink *out)
{
    for (int i = 0; i < SINK_TABLES_MAX; i++) sqlite3_finalize(out->statement[i]);
    memset(out->statement, 0, sizeof out->statement);
}

void sink_free(struct sink *out)
{
    sink_finalize(out);
    sqlite3_close(out->db);
    free(out->path);
    memset(out, 0, sizeof *out);
}

struct row row_begin(struct sink *out, int table)
{
    if (!out->statement[table]) {
        char sql[256];
        int n = snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?", out->tables[table].name);
        for (int i = 1; i < out->tables[table].columns; i++)
            n += snprintf(sql + n, sizeof sql - (size_t)n, ",?");
        snprintf(sql + n, sizeof sql - (size_t)n, ")");
        sqlite3_prepare_v2(out->db, sql, -1, &out->statement[table], NULL);
    }
    return (struct row){ out, out->statement[table], 0, 0 };
}

void row_text(struct row *row, const char *text)
{
    row->bad |= text ? sqlite3_bind_text(row->statement, ++row->column, text, -1, SQLITE_TRANSIENT)
                     : sqlite3_bind_null(row->statement, ++row->column);
}

void row_int(struct row *row, int64_t value)
{
    row->bad |= sqlite3_bind_int64(row->statement, ++row->column, value);
}

void row_real(struct row *row, double value)
{
    row->bad |= isnan(value) ? sqlite3_bind_null(row->statement, ++row->column)
                             : sqlite3_bind_double(row->statement, ++row->column, value);
}

void row_id(struct row *row, int32_t id)
{
    if (id < 0) row->bad |= sqlite3_bind_null(row->statement, ++row->column);
    else row_int(row, id);
}

enum status row_end(struct row *row, struct error *err)
{
    struct sink *out = row->out;
    if (!row->statement || row->bad) return sink_error(out, err);
    int code = sqlite3_step(row->statement);
    sqlite3_reset(row->statement);
    if (code != SQLITE_DONE) return sink_error(out, err);
    return ++out->rows < BATCH_ROWS ? STATUS_OK : sink_commit(out, err);
}

enum status sink_check_replaceable(const char *path, uint32_t application_id, struct error *err)
{
    unsigned char head[105];
    struct stat there;
    if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
        return error_set(err, STATUS_BAD_INPUT, "%s is not a file: results go into one", path);
    FILE *f = fopen(path, "rb");
    if (!f)
        return errno == ENOENT
                   ? STATUS_OK
                   : error_set(err, STATUS_IO, "cannot replace %s: %s", path, strerror(errno));
    size_t n = fread(head, 1, sizeof head, f);
    fclose(f);
    if (n == 0) return STATUS_OK;
    if (n == sizeof head && memcmp(head, "SQLite format 3", 16) == 0) {
        /* sqlite.org/fileformat: the application id is the big-endian word at byte 68 of the
         * header; behind the header, page 1 is the schema's tree: a leaf (13) of no cells has no
         * tables. A file whose content was of no use is so for a moment before it is known as ours
         * again, and stays so where the program is killed then. */
        uint32_t id = (uint32_t)head[68] << 24 | (uint32_t)head[69] << 16 |
                      (uint32_t)head[70] << 8 | head[71];
        bool has_no_tables = head[100] == 13 && head[103] == 0 && head[104] == 0;
        if (id == application_id || (id == 0 && has_no_tables)) return STATUS_OK;
    }
    return error_set(err, STATUS_BAD_INPUT,
                     "%s exists and is not a Seatrial results file; it is left alone", path);
}
