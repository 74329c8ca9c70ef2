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

/* Tables with rows by point, in the order in which they are written. */
static const char *const by_point[] = { "point", "param", "fleet", "target", "metric" };
enum { BY_POINT_N = sizeof by_point / sizeof *by_point };

struct merging {
    sqlite3 *db;      /* the file that is made; the shard at hand is attached as `shard` */
    const char *file; /* at hand */
    struct merge_report *report;
    struct error *err;
};

static enum status failed(struct merging *m)
{
    return error_set(m->err, sqlite3_errcode(m->db) == SQLITE_NOMEM ? STATUS_NO_MEMORY : STATUS_IO,
                     "cannot merge: %s",
                     sqlite3_errcode(m->db) == SQLITE_FULL ? "the disk is full"
                                                           : sqlite3_errmsg(m->db));
}

static enum status bad(struct merging *m, const char *why)
{
    return error_set(m->err, STATUS_BAD_INPUT, "%.200s: %s", m->file, why);
}

static enum status run(struct merging *m, const char *sql)
{
    return sqlite3_exec(m->db, sql, NULL, NULL, NULL) == SQLITE_OK ? STATUS_OK : failed(m);
}

/* One number of a query over the shard at hand: what it has is in doubt, so that a failure is its.
 */
static enum status number(struct merging *m, const char *sql, int64_t *value)
{
    sqlite3_stmt *q = NULL;
    enum status status = STATUS_OK;
    if (sqlite3_prepare_v2(m->db, sql, -1, &q, NULL) != SQLITE_OK || sqlite3_step(q) != SQLITE_ROW)
        status = error_set(m->err, STATUS_BAD_INPUT, "%.200s is damaged: %s", m->file,
                           sqlite3_errmsg(m->db));
    else *value = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return status;
}

/* The same of a text, "" where there is no row; malloc'd. */
static enum status text(struct merging *m, const char *sql, char **value)
{
    sqlite3_stmt *q = NULL;
    enum status status = STATUS_OK;
    *value = NULL;
    int code = sqlite3_prepare_v2(m->db, sql, -1, &q, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(q);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        status = error_set(m->err, STATUS_BAD_INPUT, "%.200s is damaged: %s", m->file,
                           sqlite3_errmsg(m->db));
    const char *found = code == SQLITE_ROW ? (const char *)sqlite3_column_text(q, 0) : NULL;
    if (!status && !(*value = strdup(found ? found : "")))
        status = error_set(m->err, STATUS_NO_MEMORY, "out of memory");
    sqlite3_finalize(q);
    return status;
}

/* ---- One file ---- */

static enum status attach(struct merging *m)
{
    sqlite3_stmt *q = NULL;
    enum status status = STATUS_OK;
    if (access(m->file, R_OK) != 0) return bad(m, "it cannot be read");
    if (sqlite3_prepare_v2(m->db, "ATTACH ?1 AS shard", -1, &q, NULL) != SQLITE_OK ||
        sqlite3_bind_text(q, 1, m->file, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(q) != SQLITE_DONE)
        status = bad(m, sqlite3_errmsg(m->db));
    sqlite3_finalize(q);
    return status;
}

/* Whether it is a sound results file of a sweep of this program. */
static enum status check_file(struct merging *m)
{
    int64_t application = 0, version = 0, rows = 0;
    char *sound = NULL, *program = NULL;
    enum status status = number(m, "PRAGMA shard.application_id", &application);
    if (!status && application != SWEEP_APPLICATION_ID)
        return bad(m, "it is no results file of a sweep");
    if (!status) status = number(m, "PRAGMA shard.user_version", &version);
    if (!status && version != SWEEP_VERSION)
        return bad(m, "it is of another version of the format");
    if (!status) status = text(m, "PRAGMA shard.integrity_check(1)", &sound);
    if (!status && strcmp(sound, "ok") != 0)
        status = bad(m, "it is damaged: SQLite's integrity check fails");
    if (!status) status = number(m, "SELECT count(*) FROM shard.sweep", &rows);
    if (!status && rows != 1) status = bad(m, "it says nothing of its sweep");
    if (!status) status = text(m, "SELECT tool_version FROM shard.sweep", &program);
    if (!status && strcmp(program, SEATRIAL_VERSION) != 0)
        status = error_set(m->err, STATUS_BAD_INPUT, "%.200s is of version %.40s of the program",
                           m->file, program);
    free(sound);
    free(program);
    return status;
}

/* Whether it is of the sweep that the first file is of. */
static enum status check_sweep(struct merging *m)
{
    int64_t same = 0, known = 0, changed = 0;
    char *path = NULL;
    enum status status = number(m,
                                "SELECT count(*) FROM shard.sweep JOIN main.sweep USING (identity, "
                                "scenario_name, scenario_text, seed, points)",
                                &same);
    if (!status && !same) return bad(m, "it is of another scenario, or of other settings");
    if (!status)
        status = number(m,
                        "SELECT (SELECT count(*) FROM (SELECT * FROM shard.metric_def EXCEPT "
                        "SELECT * FROM main.metric_def)) + (SELECT count(*) FROM (SELECT * FROM "
                        "main.metric_def EXCEPT SELECT * FROM shard.metric_def))",
                        &known);
    if (!status && known) return bad(m, "it has other metrics");
    if (!status)
        status = number(m,
                        "SELECT count(*) FROM shard.point, main.sweep WHERE in_sweep AND (point_id "
                        "< 0 OR point_id >= points)",
                        &changed);
    if (!status && changed) return bad(m, "it has points that the sweep does not have");
    if (!status)
        status = text(m,
                      "SELECT a.path FROM shard.input AS a JOIN main.input AS b USING (role, path) "
                      "WHERE a.sha256 <> b.sha256",
                      &path);
    if (!status && *path)
        status = error_set(m->err, STATUS_BAD_INPUT,
                           "%.200s was made from another %.100s than the files before it", m->file,
                           path);
    free(path);
    return status;
}

/* Points that an earlier file has are the same in this one, row by row. */
static enum status check_twice(struct merging *m, int64_t *twice)
{
    enum status status = number(m,
                                "SELECT count(*) FROM shard.point AS a JOIN main.point AS b USING "
                                "(point_id) WHERE a.in_sweep",
                                twice);
    for (int t = 0; t < BY_POINT_N && !status && *twice; t++) {
        char sql[400];
        int64_t differ = 0;
        snprintf(sql, sizeof sql,
                 "WITH both AS (SELECT point_id FROM shard.point JOIN main.point USING (point_id) "
                 "WHERE shard.point.in_sweep), a AS (SELECT * FROM shard.%s WHERE point_id IN "
                 "both), b AS (SELECT * FROM main.%s WHERE point_id IN both) SELECT EXISTS (SELECT "
                 "* FROM a EXCEPT SELECT * FROM b) OR EXISTS (SELECT * FROM b EXCEPT SELECT * FROM "
                 "a)",
                 by_point[t], by_point[t]);
        status = number(m, sql, &differ);
        if (!status && differ)
            status = bad(m, "it holds other figures of a point than an earlier file does");
    }
    return status;
}

static enum status take_points(struct merging *m, int64_t twice)
{
    int64_t outside = 0;
    enum status status = number(m, "SELECT count(*) FROM shard.point WHERE NOT in_sweep", &outside);
    if (!status)
        status =
            run(m, "CREATE TEMP TABLE fresh AS SELECT point_id FROM shard.point WHERE in_sweep "
                   "AND point_id NOT IN (SELECT point_id FROM main.point)");
    for (int t = 0; t < BY_POINT_N && !status; t++) {
        char sql[200];
        snprintf(sql, sizeof sql, "INSERT INTO main.%s SELECT * FROM shard.%s%s", by_point[t],
                 by_point[t],
                 twice || outside ? " WHERE point_id IN (SELECT point_id FROM temp.fresh)" : "");
        status = run(m, sql);
    }
    if (!status) status = run(m, "DROP TABLE temp.fresh");
    if (!status)
        status = run(m, "INSERT OR IGNORE INTO main.input SELECT * FROM shard.input;"
                        "INSERT INTO main.execution SELECT * FROM shard.execution");
    return status;
}

static enum status take_head(struct merging *m, const char *rerun)
{
    sqlite3_stmt *q = NULL;
    enum status status = run(m, "INSERT INTO main.metric_def SELECT * FROM shard.metric_def");
    if (!status &&
        (sqlite3_prepare_v2(m->db,
                            "INSERT INTO main.sweep SELECT sweep_id, 'running', identity, "
                            "scenario_name, scenario_text, seed, replications, points, NULL, NULL, "
                            "tool_version, ?1 FROM shard.sweep",
                            -1, &q, NULL) != SQLITE_OK ||
         sqlite3_bind_text(q, 1, rerun, -1, SQLITE_STATIC) != SQLITE_OK ||
         sqlite3_step(q) != SQLITE_DONE))
        status = failed(m);
    sqlite3_finalize(q);
    return status;
}

static enum status take_file(struct merging *m, const struct merge_request *request, bool is_first)
{
    struct merge_report *r = m->report;
    int64_t twice = 0, shards = 0;
    enum status status = attach(m);
    if (status) return status;
    status = check_file(m);
    if (!status && is_first) status = take_head(m, request->rerun);
    if (!status) status = check_sweep(m);
    if (!status) status = check_twice(m, &twice);
    if (!status) status = number(m, "SELECT coalesce(max(shards), 0) FROM shard.sweep", &shards);
    if (!status) status = take_points(m, twice);
    if (!status && shards) r->shards = shards;
    r->twice += twice;
    if (!status) status = run(m, "COMMIT; DETACH shard; BEGIN");
    return status;
}

/* ---- All of them ---- */

/* "3, 7 to 9" into out, of numbers that come in rising order. */
struct ranges {
    FILE *out;
    int64_t first, last;
    bool any;
};

static void ranges_end(struct ranges *r)
{
    if (r->first < 0) return;
    fprintf(r->out, "%s%" PRId64, r->any ? ", " : "", r->first);
    if (r->last > r->first)
        fprintf(r->out, "%s%" PRId64, r->last == r->first + 1 ? ", " : " to ", r->last);
    r->any = true;
}

static void ranges_add(struct ranges *r, int64_t number)
{
    if (r->first >= 0 && number == r->last + 1) {
        r->last = number;
        return;
    }
    ranges_end(r);
    r->first = r->last = number;
}

/* Which points are not there, and of which shards they are. */
static enum status find_missing(struct merging *m)
{
    struct merge_report *r = m->report;
    enum status status = number(m, "SELECT points FROM main.sweep", &r->points);
    sqlite3_stmt *q = NULL;
    size_t size;
    if (!status) status = text(m, "SELECT identity FROM main.sweep", &r->missing_text);
    if (status) return status;
    snprintf(r->identity, sizeof r->identity, "%s", r->missing_text);
    free(r->missing_text);
    r->missing_text = NULL;
    int64_t units = r->shards ? r->shards : r->points;
    bool *lacks = calloc((size_t)units + 1, sizeof *lacks);
    FILE *out = open_memstream(&r->missing_text, &size);
    if (!lacks || !out ||
        sqlite3_prepare_v2(m->db, "SELECT point_id FROM main.point ORDER BY point_id", -1, &q,
                           NULL) != SQLITE_OK) {
        status = lacks && out ? failed(m) : error_set(m->err, STATUS_NO_MEMORY, "out of memory");
    } else {
        int64_t next = 0;
        for (bool more = true; more;) {
            more = sqlite3_step(q) == SQLITE_ROW;
            int64_t there = more ? sqlite3_column_int64(q, 0) : r->points;
            for (; next < there; next++) lacks[next % units] = true, r->missing++;
            r->merged += more;
            next = there + 1;
        }
        struct ranges ranges = { out, -1, -1, false };
        fputs(r->shards ? "shards " : "points ", out);
        for (int64_t i = 0; i < units; i++)
            if (lacks[i]) ranges_add(&ranges, i);
        ranges_end(&ranges);
    }
    sqlite3_finalize(q);
    free(lacks);
    if (out) fclose(out);
    return status;
}

static enum status merge_files(struct merging *m, const struct merge_request *request)
{
    enum status status = STATUS_OK;
    progress_begin("Merging", (double)request->n);
    for (size_t i = 0; i < request->n && !status; i++) {
        m->file = request->files[i];
        status = *request->stop ? error_set(m->err, STATUS_INTERRUPTED, "interrupted")
                                : take_file(m, request, i == 0);
        progress_set((double)(i + 1));
    }
    progress_end();
    if (!status) status = find_missing(m);
    if (!status) {
        char sql[80];
        snprintf(sql, sizeof sql, "UPDATE main.sweep SET state = '%s'; COMMIT",
                 m->report->missing ? "interrupted" : "complete");
        status = run(m, sql);
    }
    return status;
}

enum status sweep_merge(const struct merge_request *request, struct merge_report *report,
                        struct error *err)
{
    char *temporary = NULL;
    struct merging m = { .report = report, .err = err };
    *report = (struct merge_report){ 0 };
    enum status status = sweep_results_new(request->output, &temporary, &m.db, err);
    if (status) return status;
    status = merge_files(&m, request);
    if (sqlite3_close(m.db) != SQLITE_OK && !status) status = failed(&m);
    if (!status && (!report->missing || request->partial)) {
        status = sweep_results_name(temporary, request->output, err);
        report->written = !status;
    }
    if (!report->written) unlink(temporary);
    free(temporary);
    return status;
}

void merge_report_free(struct merge_report *report)
{
    free(report->missing_text);
    *report = (struct merge_report){ 0 };
}
