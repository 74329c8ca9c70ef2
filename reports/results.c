/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/results.h"

#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "reports/metrics.h"

static const char schema_sql[] = {
#include "reports/schema.sql.inc"
};

/* Rows between two commits: a transaction of this size costs no more a row than a larger one. */
enum { BATCH_ROWS = 100000 };
/* A finished replication is committed when the last commit is this old: what a crash can lose. */
#define COMMIT_EVERY_S 1.0

enum insert {
    INSERT_RUN,
    INSERT_INPUT,
    INSERT_FLEET,
    INSERT_POOL,
    INSERT_COMMITMENT,
    INSERT_POOL_PRICE,
    INSERT_POOL_RESOURCE,
    INSERT_POOL_IDLE,
    INSERT_SERVICE,
    INSERT_SERVICE_CHARGE,
    INSERT_SERVICE_HOUR,
    INSERT_SLO,
    INSERT_PRECISION,
    INSERT_DESIGN,
    INSERT_CONTROL,
    INSERT_WARM_UP,
    INSERT_METRIC,
    INSERT_CHARGE,
    INSERT_HOUR,
    INSERT_HOUR_CHARGE,
    INSERT_WAIT,
    INSERT_SAMPLE,
    INSERT_NODE_STATE,
    INSERT_TENANT,
    INSERT_QUEUE,
    INSERT_NODE,
    INSERT_JOB,
    INSERT_EXECUTION,
    INSERT_METRIC_DEF,
    INSERT_N
};

static const struct {
    const char *table;
    int columns;
} inserts[INSERT_N] = {
    [INSERT_RUN] = { "run", 20 },
    [INSERT_INPUT] = { "input", 4 },
    [INSERT_FLEET] = { "fleet", 8 },
    [INSERT_POOL] = { "pool", 13 },
    [INSERT_COMMITMENT] = { "commitment", 10 },
    [INSERT_POOL_PRICE] = { "pool_price", 4 },
    [INSERT_POOL_RESOURCE] = { "pool_resource", 7 },
    [INSERT_POOL_IDLE] = { "pool_idle", 4 },
    [INSERT_SERVICE] = { "service", 10 },
    [INSERT_SERVICE_CHARGE] = { "service_charge", 6 },
    [INSERT_SERVICE_HOUR] = { "service_hour", 6 },
    [INSERT_SLO] = { "slo", 4 },
    [INSERT_PRECISION] = { "precision", 5 },
    [INSERT_DESIGN] = { "design", 3 },
    [INSERT_CONTROL] = { "control", 3 },
    [INSERT_WARM_UP] = { "warm_up", 4 },
    [INSERT_METRIC] = { "metric", 4 },
    [INSERT_CHARGE] = { "charge", 6 },
    [INSERT_HOUR] = { "hour", 12 },
    [INSERT_HOUR_CHARGE] = { "hour_charge", 9 },
    [INSERT_WAIT] = { "wait_curve", 4 },
    [INSERT_SAMPLE] = { "sample", 7 },
    [INSERT_NODE_STATE] = { "sample_nodes", 7 },
    [INSERT_TENANT] = { "tenant", 7 },
    [INSERT_QUEUE] = { "queue", 7 },
    [INSERT_NODE] = { "node", 7 },
    [INSERT_JOB] = { "job", 17 },
    [INSERT_EXECUTION] = { "execution", 9 },
    [INSERT_METRIC_DEF] = { "metric_def", 4 },
};

struct results {
    sqlite3 *db;
    sqlite3_stmt *statement[INSERT_N];
    char *path, *partial;
    int rows;           /* in the open transaction */
    double committed_s; /* when the last one ended, on the monotonic clock */
};

static double monotonic_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static enum status sql_error(struct results *r, struct error *err)
{
    int code = sqlite3_errcode(r->db);
    const char *why = code == SQLITE_FULL   ? "the disk is full"
                      : code == SQLITE_BUSY ? "another run is writing it"
                                            : sqlite3_errmsg(r->db);
    return error_set(err, code == SQLITE_NOMEM ? STATUS_NO_MEMORY : STATUS_IO,
                     "cannot write %s: %s", r->partial, why);
}

static enum status run_sql(struct results *r, const char *sql, struct error *err)
{
    return sqlite3_exec(r->db, sql, NULL, NULL, NULL) == SQLITE_OK ? STATUS_OK : sql_error(r, err);
}

static enum status commit(struct results *r, struct error *err)
{
    r->rows = 0;
    r->committed_s = monotonic_s();
    return run_sql(r, "COMMIT; BEGIN", err);
}

/* One cursor over the columns of a row: put_* in order, then row_end. */
struct row {
    struct results *r;
    sqlite3_stmt *statement;
    int column, bad;
};

static struct row row_begin(struct results *r, enum insert what)
{
    if (!r->statement[what]) {
        char sql[256];
        int n = snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?", inserts[what].table);
        for (int i = 1; i < inserts[what].columns; i++)
            n += snprintf(sql + n, sizeof sql - (size_t)n, ",?");
        snprintf(sql + n, sizeof sql - (size_t)n, ")");
        sqlite3_prepare_v2(r->db, sql, -1, &r->statement[what], NULL);
    }
    return (struct row){ r, r->statement[what], 0, 0 };
}

static void put_text(struct row *row, const char *text)
{
    row->bad |= text ? sqlite3_bind_text(row->statement, ++row->column, text, -1, SQLITE_TRANSIENT)
                     : sqlite3_bind_null(row->statement, ++row->column);
}

static void put_int(struct row *row, int64_t value)
{
    row->bad |= sqlite3_bind_int64(row->statement, ++row->column, value);
}

/* NAN is NULL. */
static void put_real(struct row *row, double value)
{
    row->bad |= isnan(value) ? sqlite3_bind_null(row->statement, ++row->column)
                             : sqlite3_bind_double(row->statement, ++row->column, value);
}

static void put_id(struct row *row, int32_t id)
{
    if (id < 0) row->bad |= sqlite3_bind_null(row->statement, ++row->column);
    else put_int(row, id);
}

static enum status row_end(struct row *row, struct error *err)
{
    struct results *r = row->r;
    if (!row->statement || row->bad) return sql_error(r, err);
    int code = sqlite3_step(row->statement);
    sqlite3_reset(row->statement);
    if (code != SQLITE_DONE) return sql_error(r, err);
    return ++r->rows < BATCH_ROWS ? STATUS_OK : commit(r, err);
}

static void results_free(struct results *r)
{
    for (int i = 0; i < INSERT_N; i++) sqlite3_finalize(r->statement[i]);
    sqlite3_close(r->db);
    free(r->path);
    free(r->partial);
    free(r);
}

/* An existing file may only be replaced by a newer run where it is one of ours. */
static enum status check_replaceable(const char *path, struct error *err)
{
    unsigned char head[72];
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
    /* The application id is the big-endian word at byte 68 of a database header
     * (sqlite.org/fileformat). */
    if (n == 0 || (n == sizeof head && memcmp(head, "SQLite format 3", 16) == 0 &&
                   ((uint32_t)head[68] << 24 | (uint32_t)head[69] << 16 | (uint32_t)head[70] << 8 |
                    head[71]) == RESULTS_APPLICATION_ID))
        return STATUS_OK;
    return error_set(err, STATUS_BAD_INPUT,
                     "%s exists and is not a Seatrial results file; it is left alone", path);
}

static enum status write_run(struct results *r, const struct results_run *run, struct error *err)
{
    char seed[24];
    struct row row = row_begin(r, INSERT_RUN);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->seed);
    put_int(&row, 1);
    put_text(&row, "running");
    put_text(&row, run->scenario_name);
    put_text(&row, run->scenario_path);
    put_text(&row, run->scenario_sha256);
    put_text(&row, run->scenario_json);
    put_text(&row, run->workload);
    put_int(&row, run->jobs);
    put_real(&row, run->span_s);
    put_real(&row, run->t0_unix_s);
    put_real(&row, run->books_s);
    put_text(&row, seed);
    put_int(&row, run->replications);
    put_int(&row, 0);
    put_int(&row, run->baseline);
    put_text(&row, run->price_as_of);
    put_text(&row, run->estimates);
    put_text(&row, run->notes);
    put_text(&row, run->tool_version);
    put_text(&row, run->rerun);
    enum status status = row_end(&row, err);
    for (const struct metric_def *m = metric_defs; status == STATUS_OK && m->name; m++) {
        row = row_begin(r, INSERT_METRIC_DEF);
        put_text(&row, m->name);
        put_text(&row, m->unit);
        put_text(&row, m->better);
        put_text(&row, m->description);
        status = row_end(&row, err);
    }
    return status;
}

/* How many replications of this very question an unfinished file holds whole; 0 where it is another
 * file or nothing at all. */
static int32_t done_before(struct results *r, const struct results_run *run)
{
    static const char sql[] =
        "SELECT done FROM run, pragma_application_id, pragma_user_version WHERE application_id = ?1"
        " AND user_version = ?2 AND scenario_sha256 = ?3 AND tool_version = ?4 AND"
        " replications = ?5 AND state IN ('running', 'interrupted')";
    sqlite3_stmt *statement = NULL;
    int32_t done = 0;
    if (sqlite3_prepare_v2(r->db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_int(statement, 1, RESULTS_APPLICATION_ID) == SQLITE_OK &&
        sqlite3_bind_int(statement, 2, RESULTS_VERSION) == SQLITE_OK &&
        sqlite3_bind_text(statement, 3, run->scenario_sha256, -1, SQLITE_TRANSIENT) == SQLITE_OK &&
        sqlite3_bind_text(statement, 4, run->tool_version, -1, SQLITE_TRANSIENT) == SQLITE_OK &&
        sqlite3_bind_int(statement, 5, run->replications) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        done = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return done > 0 && done <= run->replications ? done : 0;
}

/* Rows of a replication that did not get in whole are taken out. */
static enum status resume(struct results *r, int32_t done, struct error *err)
{
    char sql[800];
    snprintf(
        sql, sizeof sql,
        "BEGIN; DELETE FROM metric WHERE replication >= %d; DELETE FROM charge WHERE "
        "replication >= %d; DELETE FROM wait_curve WHERE replication >= %d; DELETE FROM hour "
        "WHERE replication >= %d; DELETE FROM hour_charge WHERE replication >= %d; DELETE FROM "
        "service_charge WHERE replication >= %d; DELETE FROM service_hour WHERE replication "
        ">= %d; DELETE FROM control WHERE replication >= %d; DELETE FROM warm_up WHERE replication "
        ">= %d; UPDATE run SET state = 'running'; "
        "COMMIT; BEGIN",
        done, done, done, done, done, done, done, done, done);
    return run_sql(r, sql, err);
}

/* An empty database of our schema, whatever was in the file. */
static enum status start_anew(struct results *r, const struct results_run *run, bool existed,
                              struct error *err)
{
    char setup[128];
    enum status status = STATUS_OK;
    if (existed) {
        sqlite3_db_config(r->db, SQLITE_DBCONFIG_RESET_DATABASE, 1, NULL);
        status = run_sql(r, "VACUUM", err);
        sqlite3_db_config(r->db, SQLITE_DBCONFIG_RESET_DATABASE, 0, NULL);
    }
    snprintf(setup, sizeof setup,
             "BEGIN EXCLUSIVE; PRAGMA application_id = %d; PRAGMA user_version = %d",
             RESULTS_APPLICATION_ID, RESULTS_VERSION);
    if (status == STATUS_OK) status = run_sql(r, setup, err);
    if (status == STATUS_OK) status = run_sql(r, schema_sql, err);
    if (status == STATUS_OK) status = write_run(r, run, err);
    return status == STATUS_OK ? commit(r, err) : status;
}

static enum status open_partial(struct results *r, const struct results_run *run, int32_t *done,
                                bool existed, struct error *err)
{
    enum status status = check_replaceable(r->partial, err);
    if (status != STATUS_OK) return status;
    if (sqlite3_open_v2(r->partial, &r->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return sql_error(r, err);
    /* A rollback journal, synced at every commit: valid after a crash at any instant (MEMORY and
     * OFF are not). The lock is taken by the first write and kept until the file is closed. */
    status = run_sql(r,
                     "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;"
                     "PRAGMA synchronous = NORMAL",
                     err);
    if (status != STATUS_OK && sqlite3_errcode(r->db) != SQLITE_NOTADB) return status;
    int32_t before = done ? done_before(r, run) : 0;
    if (done) *done = before;
    return before > 0 ? resume(r, before, err) : start_anew(r, run, existed, err);
}

enum status results_open(const char *path, const struct results_run *run, struct results **results,
                         int32_t *done, struct error *err)
{
    enum status status = check_replaceable(path, err);
    if (status != STATUS_OK) return status;
    struct results *r = calloc(1, sizeof *r);
    if (r) r->path = strdup(path);
    if (r) r->partial = malloc(strlen(path) + sizeof ".partial");
    if (!r || !r->path || !r->partial) {
        if (r) results_free(r);
        return error_set(err, STATUS_NO_MEMORY, "out of memory");
    }
    sprintf(r->partial, "%s.partial", path);
    bool existed = access(r->partial, F_OK) == 0;
    status = open_partial(r, run, done, existed, err);
    if (status == STATUS_OK) {
        *results = r;
        return STATUS_OK;
    }
    if (!existed) unlink(r->partial);
    results_free(r);
    return status;
}

enum status results_mark(struct results *r, int32_t done, struct error *err)
{
    char sql[64];
    snprintf(sql, sizeof sql, "UPDATE run SET done = %d", done);
    enum status status = run_sql(r, sql, err);
    if (status == STATUS_OK && monotonic_s() - r->committed_s >= COMMIT_EVERY_S)
        status = commit(r, err);
    return status;
}

enum status results_add_input(struct results *r, const char *role, const char *path,
                              const char *sha256, int64_t bytes, struct error *err)
{
    struct row row = row_begin(r, INSERT_INPUT);
    put_text(&row, role);
    put_text(&row, path);
    put_text(&row, sha256);
    put_int(&row, bytes);
    return row_end(&row, err);
}

enum status results_add_fleet(struct results *r, const struct results_fleet *f, struct error *err)
{
    struct row row = row_begin(r, INSERT_FLEET);
    put_int(&row, f->fleet_id);
    put_text(&row, f->name);
    put_text(&row, f->summary);
    put_int(&row, f->gpus);
    put_int(&row, f->nodes);
    put_text(&row, f->queue_order);
    put_text(&row, f->placement);
    put_text(&row, f->gang);
    return row_end(&row, err);
}

enum status results_add_pool(struct results *r, const struct results_pool *p, struct error *err)
{
    struct row row = row_begin(r, INSERT_POOL);
    put_int(&row, p->fleet_id);
    put_int(&row, p->pool_id);
    put_text(&row, p->name);
    put_text(&row, p->instance);
    put_text(&row, p->gpu_model);
    put_int(&row, p->nodes);
    put_int(&row, p->gpus_per_node);
    put_text(&row, p->purchase);
    put_int(&row, p->usd_micro_per_node_hour);
    put_text(&row, p->price_region);
    put_text(&row, p->price_market);
    put_text(&row, p->price_valid_from);
    put_text(&row, p->price_source);
    return row_end(&row, err);
}

enum status results_add_commitment(struct results *r, const struct results_commitment *c,
                                   struct error *err)
{
    struct row row = row_begin(r, INSERT_COMMITMENT);
    put_int(&row, c->fleet_id);
    put_int(&row, c->commitment_id);
    put_text(&row, c->kind);
    put_text(&row, c->instance);
    put_int(&row, c->count);
    put_int(&row, c->usd_micro_per_hour);
    put_text(&row, c->price_region);
    put_text(&row, c->price_market);
    put_text(&row, c->price_valid_from);
    put_text(&row, c->price_source);
    return row_end(&row, err);
}

enum status results_add_pool_price(struct results *r, const struct results_pool_price *p,
                                   struct error *err)
{
    struct row row = row_begin(r, INSERT_POOL_PRICE);
    put_int(&row, p->fleet_id);
    put_int(&row, p->pool_id);
    put_text(&row, p->provider);
    if (p->usd_nano_per_node_hour < 0) put_text(&row, NULL);
    else put_int(&row, p->usd_nano_per_node_hour);
    return row_end(&row, err);
}

enum status results_add_pool_idle(struct results *r, const struct results_pool_idle *of,
                                  struct error *err)
{
    struct row row = row_begin(r, INSERT_POOL_IDLE);
    put_int(&row, of->fleet_id);
    put_int(&row, of->pool_id);
    put_int(&row, of->booting_gpu_us);
    put_int(&row, of->down_gpu_us);
    return row_end(&row, err);
}

enum status results_add_pool_resource(struct results *r, const struct results_pool_resource *of,
                                      struct error *err)
{
    struct row row = row_begin(r, INSERT_POOL_RESOURCE);
    put_int(&row, of->fleet_id);
    put_int(&row, of->pool_id);
    put_text(&row, of->resource);
    put_real(&row, of->bought_hours);
    put_real(&row, of->held_hours);
    put_int(&row, of->held_usd_micro);
    put_int(&row, of->idle_usd_micro);
    return row_end(&row, err);
}

enum status results_add_service(struct results *r, const struct results_service *s,
                                struct error *err)
{
    struct row row = row_begin(r, INSERT_SERVICE);
    put_int(&row, s->fleet_id);
    put_int(&row, s->service_id);
    put_text(&row, s->name);
    put_text(&row, s->kind);
    put_text(&row, s->amount);
    put_int(&row, s->usd_nano);
    put_text(&row, s->per);
    put_text(&row, s->price_region);
    put_text(&row, s->price_valid_from);
    put_text(&row, s->price_source);
    return row_end(&row, err);
}

enum status results_add_service_charge(struct results *r, const struct results_service_charge *c,
                                       struct error *err)
{
    struct row row = row_begin(r, INSERT_SERVICE_CHARGE);
    put_int(&row, c->fleet_id);
    put_int(&row, c->replication);
    put_int(&row, c->service_id);
    put_real(&row, c->quantity);
    put_int(&row, c->jobs_usd_micro);
    put_int(&row, c->fleet_usd_micro);
    return row_end(&row, err);
}

enum status results_add_service_hour(struct results *r, const struct results_service_hour *h,
                                     struct error *err)
{
    struct row row = row_begin(r, INSERT_SERVICE_HOUR);
    put_int(&row, h->fleet_id);
    put_int(&row, h->replication);
    put_int(&row, h->service_id);
    put_int(&row, h->hour);
    put_int(&row, h->jobs_usd_micro);
    put_int(&row, h->fleet_usd_micro);
    return row_end(&row, err);
}

enum status results_add_slo(struct results *r, const char *metric, double target, const char *sense,
                            const char *label, struct error *err)
{
    struct row row = row_begin(r, INSERT_SLO);
    put_text(&row, metric);
    put_real(&row, target);
    put_text(&row, sense);
    put_text(&row, label);
    return row_end(&row, err);
}

enum status results_add_precision(struct results *r, const struct results_precision *p,
                                  struct error *err)
{
    struct row row = row_begin(r, INSERT_PRECISION);
    put_text(&row, p->metric);
    put_real(&row, p->share);
    put_int(&row, p->least);
    put_int(&row, p->most);
    put_int(&row, p->batch);
    return row_end(&row, err);
}

enum status results_add_design(struct results *r, const char *redrawn, int antithetic,
                               struct error *err)
{
    struct row row = row_begin(r, INSERT_DESIGN);
    put_int(&row, 1);
    put_text(&row, redrawn);
    put_int(&row, antithetic);
    return row_end(&row, err);
}

enum status results_add_control(struct results *r, int32_t replication, double gpu_hours,
                                double known, struct error *err)
{
    struct row row = row_begin(r, INSERT_CONTROL);
    put_int(&row, replication);
    put_real(&row, gpu_hours);
    put_real(&row, known);
    return row_end(&row, err);
}

enum status results_add_warm_up(struct results *r, int32_t fleet_id, int32_t replication,
                                int64_t jobs, double until_s, struct error *err)
{
    struct row row = row_begin(r, INSERT_WARM_UP);
    put_int(&row, fleet_id);
    put_int(&row, replication);
    if (jobs < 0) put_text(&row, NULL);
    else put_int(&row, jobs);
    put_real(&row, until_s);
    return row_end(&row, err);
}

enum status results_values(struct results *r, const char *metric, int32_t fleets, int32_t n,
                           double *values, struct error *err)
{
    static const char sql[] = "SELECT fleet_id, replication, value FROM metric WHERE metric = ?1 "
                              "AND replication < ?2 AND fleet_id < ?3";
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(r->db, sql, -1, &statement, NULL);
    for (int64_t i = 0; i < (int64_t)fleets * n; i++) values[i] = NAN;
    if (code == SQLITE_OK) code = sqlite3_bind_text(statement, 1, metric, -1, SQLITE_TRANSIENT);
    if (code == SQLITE_OK) code = sqlite3_bind_int(statement, 2, n);
    if (code == SQLITE_OK) code = sqlite3_bind_int(statement, 3, fleets);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        int64_t fleet = sqlite3_column_int64(statement, 0);
        values[fleet * n + sqlite3_column_int64(statement, 1)] =
            sqlite3_column_double(statement, 2);
        code = SQLITE_OK;
    }
    enum status status = code == SQLITE_DONE ? STATUS_OK : sql_error(r, err);
    sqlite3_finalize(statement);
    return status;
}

enum status results_set_replications(struct results *r, int32_t n, struct error *err)
{
    char sql[64];
    snprintf(sql, sizeof sql, "UPDATE run SET replications = %d", n);
    return run_sql(r, sql, err);
}

enum status results_add_metric(struct results *r, int32_t fleet_id, int32_t replication,
                               const char *metric, double value, struct error *err)
{
    if (!isfinite(value))
        return error_set(err, STATUS_BUG, "metric %s of fleet %d is not a number", metric,
                         fleet_id);
    struct row row = row_begin(r, INSERT_METRIC);
    put_int(&row, fleet_id);
    put_int(&row, replication);
    put_text(&row, metric);
    put_real(&row, value);
    return row_end(&row, err);
}

enum status results_add_charge(struct results *r, int32_t fleet_id, int32_t replication,
                               int32_t pool_id, const char *kind, const char *use,
                               int64_t usd_micro, struct error *err)
{
    struct row row = row_begin(r, INSERT_CHARGE);
    put_int(&row, fleet_id);
    put_int(&row, replication);
    put_int(&row, pool_id);
    put_text(&row, kind);
    put_text(&row, use);
    put_int(&row, usd_micro);
    return row_end(&row, err);
}

enum status results_add_hour(struct results *r, const struct results_hour *h, struct error *err)
{
    struct row row = row_begin(r, INSERT_HOUR);
    put_int(&row, h->fleet_id);
    put_int(&row, h->replication);
    put_int(&row, h->pool_id);
    put_int(&row, h->hour);
    put_real(&row, h->t_s);
    put_int(&row, h->bought_node_us);
    put_int(&row, h->bought_gpu_us);
    put_int(&row, h->held_gpu_us);
    put_int(&row, h->lost_preempted_gpu_us);
    put_int(&row, h->lost_failed_gpu_us);
    put_int(&row, h->lost_reclaimed_gpu_us);
    put_int(&row, h->lost_checkpoints_gpu_us);
    return row_end(&row, err);
}

enum status results_add_hour_charge(struct results *r, const struct results_hour_charge *c,
                                    struct error *err)
{
    struct row row = row_begin(r, INSERT_HOUR_CHARGE);
    put_int(&row, c->fleet_id);
    put_int(&row, c->replication);
    put_int(&row, c->pool_id);
    put_int(&row, c->hour);
    put_text(&row, c->kind);
    put_int(&row, c->commitment_id);
    put_int(&row, c->node_us);
    put_int(&row, c->jobs_usd_micro);
    put_int(&row, c->idle_usd_micro);
    return row_end(&row, err);
}

enum status results_check_hours(struct results *r, int32_t fleet_id, int32_t replication,
                                struct error *err)
{
    static const char sql[] =
        "WITH of(hours, lines) AS (SELECT jobs_usd_micro + idle_usd_micro, 0 FROM hour_charge "
        "WHERE "
        "fleet_id = ?1 AND replication = ?2 UNION ALL SELECT jobs_usd_micro + fleet_usd_micro, 0 "
        "FROM service_hour WHERE fleet_id = ?1 AND replication = ?2 UNION ALL SELECT 0, usd_micro "
        "FROM charge WHERE fleet_id = ?1 AND replication = ?2 UNION ALL SELECT 0, jobs_usd_micro + "
        "fleet_usd_micro FROM service_charge WHERE fleet_id = ?1 AND replication = ?2) SELECT "
        "coalesce(sum(hours), 0), coalesce(sum(lines), 0) FROM of WHERE EXISTS (SELECT 1 FROM hour "
        "WHERE fleet_id = ?1 AND replication = ?2)";
    sqlite3_stmt *statement = NULL;
    enum status status = STATUS_OK;
    if (sqlite3_prepare_v2(r->db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_bind_int(statement, 1, fleet_id) != SQLITE_OK ||
        sqlite3_bind_int(statement, 2, replication) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        status = sql_error(r, err);
    else if (sqlite3_column_int64(statement, 0) != sqlite3_column_int64(statement, 1))
        status = error_set(err, STATUS_BUG,
                           "invariant broken: the bill by hour, of which FOCUS rows are made = the "
                           "total (fleet %d, replication %d: %lld, not %lld micro-dollars)",
                           (int)fleet_id, (int)replication,
                           (long long)sqlite3_column_int64(statement, 0),
                           (long long)sqlite3_column_int64(statement, 1));
    sqlite3_finalize(statement);
    return status;
}

enum status results_add_wait(struct results *r, int32_t fleet_id, int32_t replication, double share,
                             double wait_s, struct error *err)
{
    struct row row = row_begin(r, INSERT_WAIT);
    put_int(&row, fleet_id);
    put_int(&row, replication);
    put_real(&row, share);
    put_real(&row, wait_s);
    return row_end(&row, err);
}

enum status results_add_sample(struct results *r, int32_t fleet_id, const struct results_sample *s,
                               struct error *err)
{
    struct row row = row_begin(r, INSERT_SAMPLE);
    put_int(&row, fleet_id);
    put_real(&row, s->t_s);
    put_int(&row, s->queued_jobs);
    put_int(&row, s->queued_gpus);
    put_int(&row, s->running_jobs);
    put_real(&row, s->busy_gpus);
    put_real(&row, s->bought_gpus);
    return row_end(&row, err);
}

enum status results_add_node_state(struct results *r, int32_t fleet_id,
                                   const struct results_node_state *s, struct error *err)
{
    struct row row = row_begin(r, INSERT_NODE_STATE);
    put_int(&row, fleet_id);
    put_real(&row, s->t_s);
    put_int(&row, s->busy);
    put_int(&row, s->idle);
    put_int(&row, s->booting);
    put_int(&row, s->down);
    put_int(&row, s->absent);
    return row_end(&row, err);
}

static enum status add_owner(struct results *r, enum insert what, int32_t fleet_id,
                             const struct results_tenant *t, struct error *err)
{
    struct row row = row_begin(r, what);
    put_int(&row, fleet_id);
    put_text(&row, t->tenant);
    put_int(&row, t->jobs);
    put_real(&row, t->gpu_hours);
    put_real(&row, t->mean_wait_s);
    put_real(&row, t->p95_wait_s);
    put_int(&row, t->usd_micro);
    return row_end(&row, err);
}

enum status results_add_tenant(struct results *r, int32_t fleet_id, const struct results_tenant *t,
                               struct error *err)
{
    return add_owner(r, INSERT_TENANT, fleet_id, t, err);
}

enum status results_add_queue(struct results *r, int32_t fleet_id, const struct results_tenant *t,
                              struct error *err)
{
    return add_owner(r, INSERT_QUEUE, fleet_id, t, err);
}

enum status results_add_node(struct results *r, int32_t fleet_id, const struct results_node *n,
                             struct error *err)
{
    struct row row = row_begin(r, INSERT_NODE);
    put_int(&row, fleet_id);
    put_int(&row, n->node_id);
    put_int(&row, n->pool_id);
    put_real(&row, n->up_s);
    put_real(&row, n->down_s);
    put_real(&row, n->busy_gpu_hours);
    put_int(&row, n->usd_micro);
    return row_end(&row, err);
}

enum status results_add_job(struct results *r, int32_t fleet_id, const struct results_job *j,
                            struct error *err)
{
    struct row row = row_begin(r, INSERT_JOB);
    put_int(&row, fleet_id);
    put_int(&row, j->job);
    put_text(&row, j->job_id);
    put_text(&row, j->tenant);
    if (j->gpus == floor(j->gpus)) put_int(&row, (int64_t)j->gpus);
    else put_real(&row, j->gpus);
    put_real(&row, j->submit_s);
    put_real(&row, j->start_s);
    put_real(&row, j->end_s);
    put_real(&row, j->wait_s);
    put_int(&row, j->preemptions);
    put_real(&row, j->lost_s);
    put_id(&row, j->pool_id);
    put_id(&row, j->nodes);
    put_id(&row, j->first_node);
    put_text(&row, j->state);
    put_text(&row, j->reason);
    put_int(&row, j->usd_micro);
    return row_end(&row, err);
}

enum status results_add_execution(struct results *r, const struct results_execution *e,
                                  struct error *err)
{
    struct row row = row_begin(r, INSERT_EXECUTION);
    put_text(&row, e->created_at);
    put_text(&row, e->command_line);
    put_text(&row, e->compiler);
    put_text(&row, e->host);
    put_int(&row, e->threads);
    put_real(&row, e->wall_s);
    put_real(&row, e->cpu_s);
    put_int(&row, e->max_rss_kib);
    put_int(&row, e->events);
    return row_end(&row, err);
}

/* One text parameter, one statement. */
static enum status run_with_text(struct results *r, const char *sql, const char *text,
                                 struct error *err)
{
    sqlite3_stmt *statement = NULL;
    enum status status = STATUS_OK;
    if (sqlite3_prepare_v2(r->db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_bind_text(statement, 1, text, -1, SQLITE_TRANSIENT) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_DONE)
        status = sql_error(r, err);
    sqlite3_finalize(statement);
    return status;
}

enum status results_set_notes(struct results *r, const char *notes, struct error *err)
{
    return run_with_text(r, "UPDATE run SET notes = ?1", notes, err);
}

enum status results_close(struct results *r, const char *state, struct error *err)
{
    enum status status = run_with_text(r, "UPDATE run SET state = ?1", state, err);
    if (status == STATUS_OK) status = run_sql(r, "COMMIT", err);
    if (status == STATUS_OK && strcmp(state, "complete") == 0) {
        for (int i = 0; i < INSERT_N; i++) sqlite3_finalize(r->statement[i]);
        memset(r->statement, 0, sizeof r->statement);
        if (sqlite3_close(r->db) != SQLITE_OK) status = sql_error(r, err);
        else r->db = NULL;
        if (status == STATUS_OK && rename(r->partial, r->path) != 0)
            status = error_set(err, STATUS_IO, "cannot rename %s to %s: %s", r->partial, r->path,
                               strerror(errno));
    }
    results_free(r);
    return status;
}
