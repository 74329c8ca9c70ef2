/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/merge.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/sweep_results.h"
#include "tools/command.h"
#include "tools/sweep/merge_files.h"

enum {
    TABLE_POINT,
    TABLE_PARAM,
    TABLE_FLEET,
    TABLE_TARGET,
    TABLE_METRIC,
    TABLE_N,
    OPEN_MAX = 200,
    METRIC_ROWS = 100
};

/* Tables with rows by point. Rows go in the order of their keys, so that each lands behind all that
 * is there. */
static const struct {
    const char *name, *order;
    int columns;
} tables[TABLE_N] = {
    [TABLE_POINT] = { "point", "point_id", 10 },
    [TABLE_PARAM] = { "param", "point_id, place", 5 },
    [TABLE_FLEET] = { "fleet", "point_id, fleet_id", 10 },
    [TABLE_TARGET] = { "target", "point_id, metric_id", 5 },
    [TABLE_METRIC] = { "metric", "point_id, fleet_id, replication, metric_id", 5 },
};

/* A file that rows are read from. */
struct open_file {
    int32_t file;
    uint64_t used;
    sqlite3 *db;
    sqlite3_stmt *select[TABLE_N];
};

struct merging {
    const struct merge_request *request;
    struct merge_report *report;
    struct merge_files files;
    struct open_file open[OPEN_MAX];
    size_t open_n;
    uint64_t uses;
    sqlite3 *db;                                    /* the file that is made */
    sqlite3_stmt *insert[TABLE_N], *insert_metrics; /* a row; METRIC_ROWS of them */
    struct error *err;
};

static enum status failed(struct merging *m)
{
    return error_set(m->err, sqlite3_errcode(m->db) == SQLITE_NOMEM ? STATUS_NO_MEMORY : STATUS_IO,
                     "cannot write %s: %s", m->request->output,
                     sqlite3_errcode(m->db) == SQLITE_FULL ? "the disk is full"
                                                           : sqlite3_errmsg(m->db));
}

static enum status damaged(struct merging *m, const struct open_file *f)
{
    return error_set(m->err, STATUS_BAD_INPUT, "%.200s is damaged: %s",
                     m->files.items[f->file].path, sqlite3_errmsg(f->db));
}

/* ---- Reading ---- */

static void close_file(struct open_file *f)
{
    for (int t = 0; t < TABLE_N; t++) sqlite3_finalize(f->select[t]);
    sqlite3_close(f->db);
    *f = (struct open_file){ 0 };
}

static enum status open_file(struct merging *m, struct open_file *f, int32_t file)
{
    *f = (struct open_file){ .file = file };
    if (sqlite3_open_v2(m->files.items[file].path, &f->db,
                        SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
        sqlite3_db_config(f->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) != SQLITE_OK)
        return damaged(m, f);
    for (int t = 0; t < TABLE_N; t++) {
        char sql[160];
        snprintf(sql, sizeof sql, "SELECT * FROM %s WHERE point_id = ? ORDER BY %s", tables[t].name,
                 tables[t].order);
        if (sqlite3_prepare_v2(f->db, sql, -1, &f->select[t], NULL) != SQLITE_OK)
            return damaged(m, f);
        if (sqlite3_column_count(f->select[t]) != tables[t].columns)
            return error_set(m->err, STATUS_BAD_INPUT,
                             "%.200s: its table %s is not that of a sweep",
                             m->files.items[file].path, tables[t].name);
    }
    return STATUS_OK;
}

/* The file, open. Where too many are, the last that was used is closed: points go round all files,
 * so that it is the one that is wanted again last. */
static enum status reach(struct merging *m, int32_t file, struct open_file **found)
{
    struct open_file *closing = NULL;
    for (size_t i = 0; i < m->open_n; i++) {
        if (m->open[i].file == file) {
            *found = &m->open[i];
            m->open[i].used = ++m->uses;
            return STATUS_OK;
        }
        if (!closing || m->open[i].used > closing->used) closing = &m->open[i];
    }
    if (m->open_n < OPEN_MAX) closing = &m->open[m->open_n++];
    else close_file(closing);
    enum status status = open_file(m, closing, file);
    closing->used = ++m->uses;
    *found = closing;
    return status;
}

/* ---- Writing ---- */

static enum status insert(struct merging *m, sqlite3_stmt *to)
{
    int code = sqlite3_step(to);
    sqlite3_reset(to);
    return code == SQLITE_DONE ? STATUS_OK : failed(m);
}

static enum status copy_rows(struct merging *m, struct open_file *f, int table, int64_t point)
{
    sqlite3_stmt *from = f->select[table], *to = m->insert[table];
    int code = SQLITE_DONE;
    enum status status = STATUS_OK;
    sqlite3_bind_int64(from, 1, point);
    while (!status && (code = sqlite3_step(from)) == SQLITE_ROW) {
        for (int c = 0; c < tables[table].columns; c++)
            sqlite3_bind_value(to, c + 1, sqlite3_column_value(from, c));
        status = insert(m, to);
    }
    sqlite3_reset(from);
    return !status && code != SQLITE_DONE ? damaged(m, f) : status;
}

/* A row of table metric. */
struct metric_row {
    int64_t key[4];
    double value;
};

static void bind_metric(sqlite3_stmt *to, const struct metric_row *row, int at)
{
    for (int c = 0; c < 4; c++) sqlite3_bind_int64(to, at + c + 1, row->key[c]);
    sqlite3_bind_double(to, at + 5, row->value);
}

/* Nearly all rows are metrics, and a statement costs as much as several rows: they go METRIC_ROWS
 * at a time, the rest of a point one by one. */
static enum status copy_metrics(struct merging *m, struct open_file *f, int64_t point)
{
    struct metric_row rows[METRIC_ROWS];
    sqlite3_stmt *from = f->select[TABLE_METRIC];
    int code = SQLITE_DONE, held = 0;
    enum status status = STATUS_OK;
    sqlite3_bind_int64(from, 1, point);
    while (!status && (code = sqlite3_step(from)) == SQLITE_ROW) {
        struct metric_row *row = &rows[held];
        for (int c = 0; c < 4; c++) row->key[c] = sqlite3_column_int64(from, c);
        row->value = sqlite3_column_double(from, 4);
        if (++held < METRIC_ROWS) continue;
        for (int i = 0; i < METRIC_ROWS; i++) bind_metric(m->insert_metrics, &rows[i], 5 * i);
        status = insert(m, m->insert_metrics);
        held = 0;
    }
    sqlite3_reset(from);
    if (!status && code != SQLITE_DONE) status = damaged(m, f);
    for (int i = 0; i < held && !status; i++) {
        bind_metric(m->insert[TABLE_METRIC], &rows[i], 0);
        status = insert(m, m->insert[TABLE_METRIC]);
    }
    return status;
}

static enum status copy_points(struct merging *m)
{
    int64_t points = m->files.items[0].head.points;
    enum status status = STATUS_OK;
    progress_begin("Merging", (double)points);
    for (int64_t p = 0; p < points && !status; p++) {
        struct open_file *f;
        if (m->files.owner[p] < 0) continue;
        if (*m->request->stop) status = error_set(m->err, STATUS_INTERRUPTED, "interrupted");
        if (!status) status = reach(m, m->files.owner[p], &f);
        for (int t = 0; t < TABLE_METRIC && !status; t++) status = copy_rows(m, f, t, p);
        if (!status) status = copy_metrics(m, f, p);
        m->report->merged++;
        progress_set((double)p);
    }
    progress_end();
    return status;
}

/* Of a file after the first that has it, a point has the same rows. */
static enum status compare_point(struct merging *m, struct open_file *f, int64_t point)
{
    for (int t = 0; t < TABLE_N; t++) {
        char sql[120];
        sqlite3_stmt *made = NULL, *from = f->select[t];
        bool same = true;
        snprintf(sql, sizeof sql, "SELECT * FROM %s WHERE point_id = ? ORDER BY %s", tables[t].name,
                 tables[t].order);
        if (sqlite3_prepare_v2(m->db, sql, -1, &made, NULL) != SQLITE_OK) return failed(m);
        sqlite3_bind_int64(made, 1, point);
        sqlite3_bind_int64(from, 1, point);
        for (int a = SQLITE_ROW, b = SQLITE_ROW; same && a == SQLITE_ROW;) {
            a = sqlite3_step(made);
            b = sqlite3_step(from);
            same = a == b;
            for (int c = 0; same && a == SQLITE_ROW && c < tables[t].columns; c++) {
                int n = sqlite3_column_bytes(made, c);
                same = n == sqlite3_column_bytes(from, c) &&
                       sqlite3_column_double(made, c) == sqlite3_column_double(from, c) &&
                       (n == 0 || memcmp(sqlite3_column_blob(made, c), sqlite3_column_blob(from, c),
                                         (size_t)n) == 0);
            }
        }
        sqlite3_finalize(made);
        sqlite3_reset(from);
        if (!same)
            return error_set(m->err, STATUS_BAD_INPUT,
                             "%.150s holds other figures of point %" PRId64 " than %.100s",
                             m->files.items[f->file].path, point,
                             m->files.items[m->files.owner[point]].path);
    }
    return STATUS_OK;
}

static enum status compare_twice(struct merging *m)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; m->files.twice && i < m->files.n && !status; i++)
        for (size_t k = 0; k < m->files.items[i].point_n && !status; k++) {
            struct open_file *f;
            int64_t p = m->files.items[i].points[k];
            if (m->files.owner[p] == (int32_t)i) continue;
            status = reach(m, (int32_t)i, &f);
            if (!status) status = compare_point(m, f, p);
        }
    return status;
}

/* What is said once: the sweep of the first file, its metrics; of each file its inputs, and who
 * made it. */
static enum status copy_once(struct merging *m, int32_t file)
{
    static const char *const
        always[] = { "INSERT INTO main.execution SELECT * FROM shard.execution",
                     "INSERT OR IGNORE INTO main.input SELECT * FROM "
                     "shard.input",
                     NULL },
        *const first[] = { "INSERT INTO main.metric_def SELECT * FROM "
                           "shard.metric_def",
                           "INSERT INTO main.sweep SELECT sweep_id, 'running', "
                           "identity, today_sha256, scenario_name, scenario_text, seed, "
                           "replications, points, NULL, NULL, tool_version, "
                           "?2 FROM shard.sweep",
                           NULL },
        *const conflicts = "SELECT a.path FROM shard.input AS a JOIN main.input AS b USING "
                           "(role, path) WHERE a.sha256 <> b.sha256 UNION ALL SELECT 'table "
                           "of metrics' FROM (SELECT * FROM shard.metric_def EXCEPT SELECT * "
                           "FROM main.metric_def)";
    const char *path = m->files.items[file].path;
    const char *const *const lists[] = { file == 0 ? first : NULL, always };
    sqlite3_stmt *q = NULL;
    enum status status = STATUS_OK;
    if (sqlite3_prepare_v2(m->db, "ATTACH ?1 AS shard", -1, &q, NULL) != SQLITE_OK ||
        sqlite3_bind_text(q, 1, path, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(q) != SQLITE_DONE)
        status = failed(m);
    sqlite3_finalize(q);
    for (size_t l = 0; l < 2 && !status; l++) {
        for (const char *const *sql = lists[l]; sql && *sql && !status; sql++) {
            if (sqlite3_prepare_v2(m->db, *sql, -1, &q, NULL) != SQLITE_OK) status = failed(m);
            if (!status && strstr(*sql, "?2"))
                sqlite3_bind_text(q, 2, m->request->rerun, -1, SQLITE_STATIC);
            if (!status && sqlite3_step(q) != SQLITE_DONE) status = failed(m);
            sqlite3_finalize(q);
        }
        if (l > 0 || status) continue;
        if (sqlite3_prepare_v2(m->db, conflicts, -1, &q, NULL) != SQLITE_OK) status = failed(m);
        else if (sqlite3_step(q) == SQLITE_ROW)
            status = error_set(m->err, STATUS_BAD_INPUT,
                               "%.150s was made from another %.100s than the files before it", path,
                               (const char *)sqlite3_column_text(q, 0));
        sqlite3_finalize(q);
    }
    if (!status && sqlite3_exec(m->db, "DETACH shard", NULL, NULL, NULL) != SQLITE_OK)
        status = failed(m);
    return status;
}

/* ---- What is missing ---- */

/* "3, 7 to 9": the numbers below n that are set. */
static void write_set(const bool *set, int64_t n, FILE *out)
{
    const char *separator = "";
    for (int64_t i = 0, end; i < n; i = end) {
        for (end = i + 1; set[i] && end < n && set[end];) end++;
        if (!set[i]) continue;
        fprintf(out, "%s%" PRId64, separator, i);
        if (end > i + 1) fprintf(out, "%s%" PRId64, end == i + 2 ? ", " : " to ", end - 1);
        separator = ", ";
    }
}

/* Which points are not there, and of which shards they are. */
static enum status find_missing(struct merging *m)
{
    struct merge_report *r = m->report;
    const struct merge_head *head = &m->files.items[0].head;
    size_t size;
    for (size_t i = 0; i < m->files.n; i++)
        if (m->files.items[i].head.shards > 0) r->shards = m->files.items[i].head.shards;
    int64_t units = r->shards ? r->shards : head->points;
    bool *lacks = calloc((size_t)units + 1, sizeof *lacks);
    FILE *out = open_memstream(&r->missing_text, &size);
    if (!lacks || !out) {
        free(lacks);
        if (out) fclose(out);
        return error_set(m->err, STATUS_NO_MEMORY, "out of memory");
    }
    for (int64_t p = 0; p < head->points; p++) {
        if (m->files.owner[p] >= 0) continue;
        lacks[p % units] = true;
        r->missing++;
    }
    fputs(r->shards ? "shards " : "points ", out);
    write_set(lacks, units, out);
    fclose(out);
    free(lacks);
    return STATUS_OK;
}

/* ---- All of it ---- */

/* INSERT of so many rows at once. */
static enum status prepare_insert(struct merging *m, int table, int rows, sqlite3_stmt **to)
{
    char *sql = NULL;
    size_t size;
    FILE *out = open_memstream(&sql, &size);
    if (!out) return error_set(m->err, STATUS_NO_MEMORY, "out of memory");
    fprintf(out, "INSERT INTO %s VALUES ", tables[table].name);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < tables[table].columns; c++)
            fprintf(out, "%s?%s",
                    c   ? ","
                    : r ? ",("
                        : "(",
                    c == tables[table].columns - 1 ? ")" : "");
    fclose(out);
    bool good = sql && sqlite3_prepare_v2(m->db, sql, -1, to, NULL) == SQLITE_OK;
    free(sql);
    return good ? STATUS_OK : failed(m);
}

static enum status prepare_inserts(struct merging *m)
{
    enum status status = STATUS_OK;
    for (int t = 0; t < TABLE_N && !status; t++) status = prepare_insert(m, t, 1, &m->insert[t]);
    return status ? status : prepare_insert(m, TABLE_METRIC, METRIC_ROWS, &m->insert_metrics);
}

static enum status write_file(struct merging *m)
{
    char sql[80];
    enum status status = STATUS_OK;
    /* ATTACH wants no transaction. */
    if (sqlite3_exec(m->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) status = failed(m);
    for (size_t i = 0; i < m->files.n && !status; i++) status = copy_once(m, (int32_t)i);
    if (!status && sqlite3_exec(m->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) status = failed(m);
    if (!status) status = prepare_inserts(m);
    if (!status) status = copy_points(m);
    if (!status) status = compare_twice(m);
    snprintf(sql, sizeof sql, "UPDATE sweep SET state = '%s'; COMMIT",
             m->report->missing ? "interrupted" : "complete");
    if (!status && sqlite3_exec(m->db, sql, NULL, NULL, NULL) != SQLITE_OK) status = failed(m);
    for (int t = 0; t < TABLE_N; t++) sqlite3_finalize(m->insert[t]);
    sqlite3_finalize(m->insert_metrics);
    for (size_t i = 0; i < m->open_n; i++) close_file(&m->open[i]);
    return status;
}

static enum status merge(struct merging *m)
{
    struct merge_report *r = m->report;
    char *temporary = NULL;
    r->points = m->files.items[0].head.points;
    r->twice = m->files.twice;
    snprintf(r->identity, sizeof r->identity, "%s", m->files.items[0].head.identity);
    enum status status = find_missing(m);
    if (status || (r->missing && !m->request->partial)) {
        r->merged = r->points - r->missing;
        return status;
    }
    status = sweep_results_new(m->request->output, &temporary, &m->db, m->err);
    if (status) return status;
    status = write_file(m);
    if (sqlite3_close(m->db) != SQLITE_OK && !status) status = failed(m);
    if (!status) status = sweep_results_name(temporary, m->request->output, m->err);
    if (status) unlink(temporary);
    r->written = !status;
    free(temporary);
    return status;
}

enum status sweep_merge(const struct merge_request *request, struct merge_report *report,
                        struct error *err)
{
    struct merging *m = calloc(1, sizeof *m);
    *report = (struct merge_report){ 0 };
    if (!m) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    m->request = request;
    m->report = report;
    m->err = err;
    enum status status = merge_files_look(request->files, request->n, request->stop, &m->files,
                                          &report->problems, err);
    if (!status) status = merge(m);
    merge_files_free(&m->files);
    free(m);
    return status;
}

void merge_report_free(struct merge_report *report)
{
    free(report->missing_text);
    free(report->problems);
    *report = (struct merge_report){ 0 };
}
