/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/sweep_results.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/metrics.h"
#include "reports/sink.h"

static const char schema_sql[] = {
#include "reports/sweep.sql.inc"
};

/* A finished point is committed when the last commit is this old: what a crash can lose. */
#define COMMIT_EVERY_S 1.0

enum insert {
    INSERT_SWEEP,
    INSERT_EXECUTION,
    INSERT_INPUT,
    INSERT_POINT,
    INSERT_PARAM,
    INSERT_FLEET,
    INSERT_TARGET,
    INSERT_METRIC_DEF,
    INSERT_METRIC,
    INSERT_N
};

static const struct sink_table tables[INSERT_N] = {
    [INSERT_SWEEP] = { "sweep", 13 },  [INSERT_EXECUTION] = { "execution", 9 },
    [INSERT_INPUT] = { "input", 4 },   [INSERT_POINT] = { "point", 10 },
    [INSERT_PARAM] = { "param", 5 },   [INSERT_FLEET] = { "fleet", 10 },
    [INSERT_TARGET] = { "target", 5 }, [INSERT_METRIC_DEF] = { "metric_def", 5 },
    [INSERT_METRIC] = { "metric", 5 },
};

/* Those with rows by point. */
static const char *const by_point[] = { "metric", "target", "fleet", "param", "point" };
enum { BY_POINT_N = sizeof by_point / sizeof *by_point };

struct sweep_results {
    struct sink sink;
    char *path; /* sink.path is of the partial file */
    sqlite3_stmt *remove[BY_POINT_N];
};

static void results_free(struct sweep_results *r)
{
    for (int t = 0; t < BY_POINT_N; t++) sqlite3_finalize(r->remove[t]);
    sink_free(&r->sink);
    free(r->path);
    free(r);
}

/* ---- What there is ---- */

static bool exists(const char *path) { return access(path, F_OK) == 0; }

/* A file as it is becomes the beginning of PATH.partial; its locks and its journal are SQLite's. */
static enum status copy_to_partial(struct sweep_results *r, const char *path, struct error *err)
{
    sqlite3 *from = NULL;
    enum status status = STATUS_OK;
    if (sqlite3_open_v2(path, &from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        status = error_set(err, STATUS_IO, "cannot read %s: %s", path, sqlite3_errmsg(from));
    } else {
        sqlite3_backup *backup = sqlite3_backup_init(r->sink.db, "main", from, "main");
        if (!backup) {
            status = sink_error(&r->sink, err);
        } else {
            int code = sqlite3_backup_step(backup, -1);
            sqlite3_backup_finish(backup);
            if (code != SQLITE_DONE)
                status = error_set(err, STATUS_IO, "cannot copy %s to %s: %s", path, r->sink.path,
                                   sqlite3_errstr(code));
        }
    }
    sqlite3_close(from);
    return status;
}

/* A text that a query of one row and column gives; NULL: none, or no such table. malloc'd. */
static char *one_text(struct sweep_results *r, const char *sql)
{
    sqlite3_stmt *q = NULL;
    char *text = NULL;
    if (sqlite3_prepare_v2(r->sink.db, sql, -1, &q, NULL) == SQLITE_OK &&
        sqlite3_step(q) == SQLITE_ROW && sqlite3_column_text(q, 0))
        text = strdup((const char *)sqlite3_column_text(q, 0));
    sqlite3_finalize(q);
    return text;
}

/* Whether what the file holds is a sweep's of this program, whose points can be kept. */
static bool is_of_use(struct sweep_results *r, const struct sweep_head *head, char note[300])
{
    char kind[160];
    snprintf(kind, sizeof kind,
             "SELECT 1 FROM pragma_application_id, pragma_user_version WHERE application_id = %d "
             "AND user_version = %d",
             SWEEP_APPLICATION_ID, SWEEP_VERSION);
    char *is_ours = one_text(r, kind), *version = one_text(r, "SELECT tool_version FROM sweep");
    bool good = is_ours && version && strcmp(version, head->tool_version) == 0;
    if (is_ours && version && !good)
        snprintf(note, 300, "the points in %.150s are of version %.40s, and are run again", r->path,
                 version);
    if (!is_ours) {
        char *other = one_text(r, "SELECT user_version FROM pragma_user_version WHERE user_version "
                                  "> 0");
        if (other)
            snprintf(note, 300,
                     "the points in %.150s are in a file of version %.20s, and are run again",
                     r->path, other);
        free(other);
    }
    free(is_ours);
    free(version);
    return good;
}

static enum status write_head(struct sweep_results *r, const struct sweep_head *head,
                              struct error *err)
{
    enum status status = sink_run(&r->sink, "DELETE FROM sweep", err);
    if (status) return status;
    struct row row = row_begin(&r->sink, INSERT_SWEEP);
    row_int(&row, 1);
    row_text(&row, "running");
    row_text(&row, head->identity);
    row_text(&row, head->today_sha256);
    row_text(&row, head->scenario_name);
    row_text(&row, head->scenario_text);
    row_text(&row, head->seed);
    row_id(&row, head->replications ? head->replications : -1);
    row_int(&row, head->points);
    row_id(&row, head->shards ? (int32_t)head->shard : -1);
    row_id(&row, head->shards ? (int32_t)head->shards : -1);
    row_text(&row, head->tool_version);
    row_text(&row, head->rerun);
    return row_end(&row, err);
}

static enum status start_anew(struct sweep_results *r, bool is_new, const struct sweep_head *head,
                              struct error *err)
{
    char sql[100];
    enum status status = STATUS_OK;
    if (!is_new) { /* whatever is there is of no use; its schema goes with it */
        status = sink_run(&r->sink, "COMMIT", err);
        sqlite3_db_config(r->sink.db, SQLITE_DBCONFIG_RESET_DATABASE, 1, 0);
        if (!status) status = sink_run(&r->sink, "VACUUM", err);
        sqlite3_db_config(r->sink.db, SQLITE_DBCONFIG_RESET_DATABASE, 0, 0);
    }
    /* Not in the transaction of the rest: the file is known as ours whatever becomes of that. */
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             SWEEP_APPLICATION_ID, SWEEP_VERSION);
    if (!status) status = sink_run(&r->sink, sql, err);
    if (!status) status = sink_run(&r->sink, is_new ? "COMMIT; BEGIN" : "BEGIN", err);
    if (!status) status = sink_run(&r->sink, schema_sql, err);
    for (int i = 0; !status && metric_defs[i].name; i++) {
        struct row row = row_begin(&r->sink, INSERT_METRIC_DEF);
        row_int(&row, i);
        row_text(&row, metric_defs[i].name);
        row_text(&row, metric_defs[i].unit);
        row_text(&row, metric_defs[i].better);
        row_text(&row, metric_defs[i].description);
        status = row_end(&row, err);
    }
    if (!status) status = write_head(r, head, err);
    return status;
}

/* ---- Points that are there ---- */

struct known {
    const char *sha256;
    int64_t point;
};

static int by_hash(const void *x, const void *y)
{
    const struct known *a = x, *b = y;
    int order = strcmp(a->sha256, b->sha256);
    return order ? order : a->point < b->point ? -1 : a->point > b->point;
}

/* A point of the sweep with this hash that no point of the file has become yet; -1. */
static int64_t place_of(struct known *known, int64_t n, const char *sha256)
{
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (strcmp(known[middle].sha256, sha256) < 0) low = middle + 1;
        else high = middle;
    }
    for (; low < n && strcmp(known[low].sha256, sha256) == 0; low++)
        if (known[low].point >= 0) {
            int64_t point = known[low].point;
            known[low].point = -1;
            return point;
        }
    return -1;
}

/* Fills temp.place(old, new, in_sweep); *moved says whether anything changes. */
static enum status place_points(struct sweep_results *r, const struct sweep_head *head,
                                int32_t *replications, bool *moved, struct error *err)
{
    struct known *known = malloc((size_t)(head->points + 1) * sizeof *known);
    sqlite3_stmt *q = NULL, *put = NULL;
    int64_t n = 0, behind = head->points;
    enum status status = STATUS_OK;
    if (!known) return error_set(err, STATUS_NO_MEMORY, "no memory for %" PRId64 " points", n);
    for (int64_t p = 0; p < head->points; p++)
        if (head->sha256[p][0]) known[n++] = (struct known){ head->sha256[p], p };
    qsort(known, (size_t)n, sizeof *known, by_hash);
    status = sink_run(&r->sink,
                      "CREATE TEMP TABLE place (old INTEGER PRIMARY KEY, new INTEGER, in_sweep "
                      "INTEGER)",
                      err);
    if (!status && (sqlite3_prepare_v2(r->sink.db,
                                       "SELECT point_id, sha256, replications, in_sweep FROM point "
                                       "ORDER BY point_id",
                                       -1, &q, NULL) != SQLITE_OK ||
                    sqlite3_prepare_v2(r->sink.db, "INSERT INTO temp.place VALUES (?, ?, ?)", -1,
                                       &put, NULL) != SQLITE_OK))
        status = sink_error(&r->sink, err);
    *moved = false;
    for (int code; !status && (code = sqlite3_step(q)) != SQLITE_DONE;) {
        const char *sha256 = code == SQLITE_ROW ? (const char *)sqlite3_column_text(q, 1) : NULL;
        if (!sha256) {
            status = sink_error(&r->sink, err);
            break;
        }
        int64_t old = sqlite3_column_int64(q, 0), new = place_of(known, n, sha256);
        bool in_sweep = new >= 0;
        if (in_sweep) replications[new] = sqlite3_column_int(q, 2);
        else new = behind++;
        *moved |= new != old || in_sweep != (sqlite3_column_int(q, 3) == 1);
        sqlite3_bind_int64(put, 1, old);
        sqlite3_bind_int64(put, 2, new);
        sqlite3_bind_int(put, 3, in_sweep);
        if (sqlite3_step(put) != SQLITE_DONE) status = sink_error(&r->sink, err);
        sqlite3_reset(put);
    }
    sqlite3_finalize(q);
    sqlite3_finalize(put);
    free(known);
    return status;
}

/* Points take the numbers they have in this sweep: in two steps, by way of numbers below 0, so that
 * none meets another. */
static enum status move_points(struct sweep_results *r, struct error *err)
{
    enum status status = sink_run(&r->sink,
                                  "UPDATE point SET in_sweep = (SELECT in_sweep FROM temp.place "
                                  "WHERE old = point_id)",
                                  err);
    for (int t = 0; t < BY_POINT_N && !status; t++) {
        char sql[300];
        snprintf(sql, sizeof sql,
                 "UPDATE %s SET point_id = (SELECT -1 - new FROM temp.place WHERE old = point_id); "
                 "UPDATE %s SET point_id = -1 - point_id",
                 by_point[t], by_point[t]);
        status = sink_run(&r->sink, sql, err);
    }
    return status;
}

static enum status go_on(struct sweep_results *r, const struct sweep_head *head,
                         struct sweep_found *found, struct error *err)
{
    bool moved = false;
    char *identity = one_text(r, "SELECT identity FROM sweep");
    found->is_same = identity && strcmp(identity, head->identity) == 0;
    free(identity);
    enum status status = place_points(r, head, found->replications, &moved, err);
    if (!status && moved) status = move_points(r, err);
    if (!status) status = sink_run(&r->sink, "DROP TABLE temp.place", err);
    if (!status) status = write_head(r, head, err);
    return status;
}

/* ---- Opening ---- */

static enum status open_partial(struct sweep_results *r, const char *from,
                                const struct sweep_head *head, struct sweep_found *found,
                                struct error *err)
{
    bool is_new = !exists(r->sink.path);
    enum status status = sink_check_replaceable(r->sink.path, SWEEP_APPLICATION_ID, err);
    if (status) return status;
    if (sqlite3_open_v2(r->sink.path, &r->sink.db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return sink_error(&r->sink, err);
    if (is_new && exists(from) && (status = copy_to_partial(r, from, err))) {
        unlink(r->sink.path);
        return status;
    }
    /* As results.c: valid after a crash at any instant, locked by the first write. */
    status = sink_run(&r->sink,
                      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;"
                      "PRAGMA synchronous = NORMAL",
                      err);
    if (status && sqlite3_errcode(r->sink.db) != SQLITE_NOTADB) return status;
    status = sink_run(&r->sink, "BEGIN EXCLUSIVE", err);
    if (status) return status;
    bool is_empty = is_new && !exists(from);
    status = !is_empty && is_of_use(r, head, found->note) ? go_on(r, head, found, err)
                                                          : start_anew(r, is_empty, head, err);
    return status ? status : sink_commit(&r->sink, err);
}

enum status sweep_results_open(const char *path, const char *from, const struct sweep_head *head,
                               struct sweep_results **results, struct sweep_found *found,
                               struct error *err)
{
    found->note[0] = '\0';
    found->is_same = false;
    memset(found->replications, 0, (size_t)head->points * sizeof *found->replications);
    if (!from) from = path;
    enum status status = sink_check_replaceable(path, SWEEP_APPLICATION_ID, err);
    if (!status) status = sink_check_replaceable(from, SWEEP_APPLICATION_ID, err);
    if (status) return status;
    struct sweep_results *r = calloc(1, sizeof *r);
    if (r) r->path = strdup(path);
    if (r) r->sink.tables = tables, r->sink.path = malloc(strlen(path) + sizeof ".partial");
    if (!r || !r->path || !r->sink.path) {
        if (r) results_free(r);
        return error_set(err, STATUS_NO_MEMORY, "out of memory");
    }
    sprintf(r->sink.path, "%s.partial", path);
    status = open_partial(r, from, head, found, err);
    if (status) results_free(r);
    else *results = r;
    return status;
}

/* ---- Points ---- */

enum status sweep_results_values(struct sweep_results *r, int64_t point, int32_t fleet_n,
                                 size_t metric_n, const char *const *metrics, int32_t replications,
                                 double *values, struct error *err)
{
    static const char sql[] = "SELECT replication, fleet_id, metric_id, value FROM metric WHERE "
                              "point_id = ?";
    sqlite3_stmt *q = NULL;
    int64_t *place = NULL;
    int code = SQLITE_DONE, def_n = metric_count();
    enum status status = STATUS_OK;
    if (!(place = malloc((size_t)(def_n + 1) * sizeof *place)))
        return error_set(err, STATUS_NO_MEMORY, "out of memory");
    for (int i = 0; i < def_n; i++) place[i] = -1;
    for (size_t m = 0; m < metric_n; m++) place[metric_index(metrics[m])] = (int64_t)m;
    for (size_t i = 0; i < (size_t)replications * (size_t)fleet_n * metric_n; i++) values[i] = NAN;
    if (sqlite3_prepare_v2(r->sink.db, sql, -1, &q, NULL) != SQLITE_OK ||
        sqlite3_bind_int64(q, 1, point) != SQLITE_OK)
        status = sink_error(&r->sink, err);
    while (!status && (code = sqlite3_step(q)) == SQLITE_ROW) {
        int64_t i = sqlite3_column_int64(q, 0), f = sqlite3_column_int64(q, 1),
                m = sqlite3_column_int64(q, 2);
        if (i < 0 || i >= replications || f < 0 || f >= fleet_n || m < 0 || m >= def_n) continue;
        if (place[m] >= 0)
            values[((size_t)i * (size_t)fleet_n + (size_t)f) * metric_n + (size_t)place[m]] =
                sqlite3_column_double(q, 3);
    }
    if (!status && code != SQLITE_DONE) status = sink_error(&r->sink, err);
    sqlite3_finalize(q);
    free(place);
    return status;
}

/* What there is of a point goes. */
static enum status remove_point(struct sweep_results *r, int64_t point, struct error *err)
{
    for (int t = 0; t < BY_POINT_N; t++) {
        char sql[100];
        snprintf(sql, sizeof sql, "DELETE FROM %s WHERE point_id = ?", by_point[t]);
        if (!r->remove[t] &&
            sqlite3_prepare_v2(r->sink.db, sql, -1, &r->remove[t], NULL) != SQLITE_OK)
            return sink_error(&r->sink, err);
        sqlite3_bind_int64(r->remove[t], 1, point);
        int code = sqlite3_step(r->remove[t]);
        sqlite3_reset(r->remove[t]);
        if (code != SQLITE_DONE) return sink_error(&r->sink, err);
    }
    return STATUS_OK;
}

/* Each file once; the same path with other bytes was changed while the sweep ran. */
static enum status add_input(struct sweep_results *r, const struct sweep_input *input,
                             struct error *err)
{
    sqlite3_stmt *q = NULL;
    bool known = false, same = false;
    if (sqlite3_prepare_v2(r->sink.db,
                           "SELECT sha256 = ?1 FROM input WHERE role = ?2 AND path = ?3", -1, &q,
                           NULL) != SQLITE_OK)
        return sink_error(&r->sink, err);
    sqlite3_bind_text(q, 1, input->sha256, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 2, input->role, -1, SQLITE_STATIC);
    sqlite3_bind_text(q, 3, input->path, -1, SQLITE_STATIC);
    if (sqlite3_step(q) == SQLITE_ROW) {
        known = true;
        same = sqlite3_column_int(q, 0) == 1;
    }
    sqlite3_finalize(q);
    if (known && same) return STATUS_OK;
    if (known) {
        if (sqlite3_prepare_v2(r->sink.db, "DELETE FROM input WHERE role = ?1 AND path = ?2", -1,
                               &q, NULL) != SQLITE_OK)
            return sink_error(&r->sink, err);
        sqlite3_bind_text(q, 1, input->role, -1, SQLITE_STATIC);
        sqlite3_bind_text(q, 2, input->path, -1, SQLITE_STATIC);
        int code = sqlite3_step(q);
        sqlite3_finalize(q);
        if (code != SQLITE_DONE) return sink_error(&r->sink, err);
    }
    struct row row = row_begin(&r->sink, INSERT_INPUT);
    row_text(&row, input->role);
    row_text(&row, input->path);
    row_text(&row, input->sha256);
    row_int(&row, input->bytes);
    return row_end(&row, err);
}

static enum status add_fleets(struct sweep_results *r, const struct sweep_point *p,
                              struct error *err)
{
    enum status status = STATUS_OK;
    for (int32_t f = 0; f < p->fleet_n && !status; f++) {
        struct row row = row_begin(&r->sink, INSERT_FLEET);
        row_int(&row, p->point_id);
        row_int(&row, f);
        row_text(&row, p->fleets[f].name);
        row_text(&row, p->fleets[f].summary);
        row_int(&row, p->fleets[f].gpus);
        row_int(&row, p->fleets[f].nodes);
        row_text(&row, p->fleets[f].queue_order);
        row_text(&row, p->fleets[f].placement);
        row_int(&row, p->fleets[f].is_baseline);
        row_text(&row, p->fleets[f].tail);
        status = row_end(&row, err);
    }
    return status;
}

static enum status add_metrics(struct sweep_results *r, const struct sweep_point *p,
                               struct error *err)
{
    int ids[64];
    enum status status = STATUS_OK;
    if (p->metric_n > 64) return error_set(err, STATUS_BUG, "more than 64 metrics");
    for (size_t m = 0; m < p->metric_n; m++) ids[m] = metric_index(p->metrics[m]);
    for (int32_t f = 0; f < p->fleet_n; f++)
        for (int32_t i = 0; i < p->replications; i++) {
            const double *values =
                p->values + ((size_t)i * (size_t)p->fleet_n + (size_t)f) * p->metric_n;
            for (size_t m = 0; m < p->metric_n && !status; m++) {
                if (isnan(values[m])) continue;
                struct row row = row_begin(&r->sink, INSERT_METRIC);
                row_int(&row, p->point_id);
                row_int(&row, f);
                row_int(&row, i);
                row_int(&row, ids[m]);
                row_real(&row, values[m]);
                status = row_end(&row, err);
            }
        }
    return status;
}

enum status sweep_results_add(struct sweep_results *r, const struct sweep_point *p,
                              struct error *err)
{
    char seed[24];
    enum status status = remove_point(r, p->point_id, err);
    if (status) return status;
    struct row row = row_begin(&r->sink, INSERT_POINT);
    row_int(&row, p->point_id);
    row_int(&row, 1);
    row_text(&row, p->sha256);
    row_int(&row, p->replications);
    row_text(&row, p->ended);
    row_int(&row, p->jobs);
    row_text(&row, p->workload);
    snprintf(seed, sizeof seed, "%" PRIu64, p->seed);
    row_text(&row, seed);
    row_int(&row, p->antithetic);
    row_text(&row, p->price_as_of);
    status = row_end(&row, err);
    for (size_t i = 0; i < p->param_n && !status; i++) {
        row = row_begin(&r->sink, INSERT_PARAM);
        row_int(&row, p->point_id);
        row_int(&row, (int64_t)i);
        row_text(&row, p->params[i].key);
        row_text(&row, p->params[i].value);
        row_real(&row, p->params[i].number);
        status = row_end(&row, err);
    }
    if (!status) status = add_fleets(r, p, err);
    for (size_t i = 0; i < p->target_n && !status; i++) {
        row = row_begin(&r->sink, INSERT_TARGET);
        row_int(&row, p->point_id);
        row_int(&row, metric_index(p->targets[i].metric));
        row_real(&row, p->targets[i].target);
        row_text(&row, p->targets[i].at_most ? "at most" : "at least");
        row_text(&row, p->targets[i].label);
        status = row_end(&row, err);
    }
    for (size_t i = 0; i < p->input_n && !status; i++) status = add_input(r, &p->inputs[i], err);
    if (!status) status = add_metrics(r, p, err);
    if (!status && sink_age_s(&r->sink) >= COMMIT_EVERY_S) status = sink_commit(&r->sink, err);
    return status;
}

enum status sweep_results_add_execution(struct sweep_results *r, const struct sweep_execution *e,
                                        struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_EXECUTION);
    row_text(&row, e->created_at);
    row_text(&row, e->command_line);
    row_text(&row, e->compiler);
    row_text(&row, e->host);
    row_int(&row, e->threads);
    row_int(&row, e->points);
    row_real(&row, e->wall_s);
    row_real(&row, e->cpu_s);
    row_int(&row, e->max_rss_kib);
    return row_end(&row, err);
}

/* ---- The end ---- */

/* What is written lies on the disk: a name is only given to whole files. */
static enum status sync_path(const char *path, int flags, struct error *err)
{
    int fd = open(path, O_RDONLY | flags);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (!good) error_set(err, STATUS_IO, "cannot sync %s: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    return good ? STATUS_OK : STATUS_IO;
}

enum status sweep_results_name(const char *from, const char *to, struct error *err)
{
    char *folder = strdup(to);
    if (!folder) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = '\0';
    enum status status = sync_path(from, 0, err);
    if (!status && rename(from, to) != 0)
        status = error_set(err, STATUS_IO, "cannot rename %s to %s: %s", from, to, strerror(errno));
    if (!status) status = sync_path(slash ? folder : ".", O_DIRECTORY, err);
    free(folder);
    return status;
}

/* PATH.HOST.PROCESS.tmp: nobody else's; malloc'd. */
static char *own_name(const char *path)
{
    char host[64] = "host", *name = NULL;
    gethostname(host, sizeof host - 1);
    for (char *c = host; *c; c++)
        if (*c == '/') *c = '-';
    return asprintf(&name, "%s.%s.%ld.tmp", path, host, (long)getpid()) < 0 ? NULL : name;
}

enum status sweep_results_new(const char *path, char **temporary, sqlite3 **db, struct error *err)
{
    char sql[240];
    enum status status = sink_check_replaceable(path, SWEEP_APPLICATION_ID, err);
    if (status) return status;
    if (!(*temporary = own_name(path))) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    unlink(*temporary);
    snprintf(
        sql, sizeof sql,
        "PRAGMA page_size = 16384; PRAGMA application_id = %d; PRAGMA user_version = %d; PRAGMA "
        "journal_mode = OFF;"
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; BEGIN",
        SWEEP_APPLICATION_ID, SWEEP_VERSION);
    if (sqlite3_open_v2(*temporary, db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) == SQLITE_OK &&
        sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) == SQLITE_OK &&
        sqlite3_exec(*db, sql, NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_exec(*db, schema_sql, NULL, NULL, NULL) == SQLITE_OK)
        return STATUS_OK;
    status = error_set(err, STATUS_IO, "cannot write %s: %s", path, sqlite3_errmsg(*db));
    sqlite3_close(*db);
    unlink(*temporary);
    free(*temporary);
    return status;
}

static enum status set_state(struct sweep_results *r, const char *state, struct error *err)
{
    char sql[80];
    snprintf(sql, sizeof sql, "UPDATE sweep SET state = '%s'; COMMIT", state);
    return sink_run(&r->sink, sql, err);
}

enum status sweep_results_publish(struct sweep_results *r, const char *to, const char *state,
                                  struct error *err)
{
    sqlite3_stmt *q = NULL;
    enum status status = set_state(r, state, err);
    if (status) return status;
    char *temporary = own_name(to);
    if (!temporary) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    unlink(temporary);
    if (sqlite3_prepare_v2(r->sink.db, "VACUUM INTO ?1", -1, &q, NULL) != SQLITE_OK ||
        sqlite3_bind_text(q, 1, temporary, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(q) != SQLITE_DONE)
        status = error_set(err, STATUS_IO, "cannot write %s: %s", temporary,
                           sqlite3_errcode(r->sink.db) == SQLITE_FULL ? "the disk is full"
                                                                      : sqlite3_errmsg(r->sink.db));
    sqlite3_finalize(q);
    if (!status) status = sweep_results_name(temporary, to, err);
    if (status) unlink(temporary);
    free(temporary);
    struct error begin_err;
    enum status begun = sink_run(&r->sink, "BEGIN", status ? &begin_err : err);
    return status ? status : begun;
}

enum status sweep_results_close(struct sweep_results *r, const char *state, struct error *err)
{
    enum status status = set_state(r, state, err);
    if (!status && strcmp(state, "complete") == 0) {
        for (int t = 0; t < BY_POINT_N; t++) {
            sqlite3_finalize(r->remove[t]);
            r->remove[t] = NULL;
        }
        sink_finalize(&r->sink);
        if (sqlite3_close(r->sink.db) != SQLITE_OK) status = sink_error(&r->sink, err);
        else r->sink.db = NULL;
        if (!status) status = sweep_results_name(r->sink.path, r->path, err);
    }
    results_free(r);
    return status;
}

void sweep_results_discard(struct sweep_results *r)
{
    unlink(r->sink.path);
    results_free(r);
}
