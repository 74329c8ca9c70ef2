/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/results.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/metrics.h"
#include "reports/sink.h"

static const char schema_sql[] = {
#include "reports/schema.sql.inc"
};

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
    INSERT_SATURATION,
    INSERT_TAIL,
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

static const struct sink_table tables[INSERT_N] = {
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
    [INSERT_SATURATION] = { "saturation", 3 },
    [INSERT_TAIL] = { "tail", 5 },
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
    struct sink sink;
    char *path; /* sink.path is of the partial file */
};

static void results_free(struct results *r)
{
    sink_free(&r->sink);
    free(r->path);
    free(r);
}

static enum status write_run(struct results *r, const struct results_run *run, struct error *err)
{
    char seed[24];
    struct row row = row_begin(&r->sink, INSERT_RUN);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->seed);
    row_int(&row, 1);
    row_text(&row, "running");
    row_text(&row, run->scenario_name);
    row_text(&row, run->scenario_path);
    row_text(&row, run->scenario_sha256);
    row_text(&row, run->scenario_json);
    row_text(&row, run->workload);
    row_int(&row, run->jobs);
    row_real(&row, run->span_s);
    row_real(&row, run->t0_unix_s);
    row_real(&row, run->books_s);
    row_text(&row, seed);
    row_int(&row, run->replications);
    row_int(&row, 0);
    row_int(&row, run->baseline);
    row_text(&row, run->price_as_of);
    row_text(&row, run->estimates);
    row_text(&row, run->notes);
    row_text(&row, run->tool_version);
    row_text(&row, run->rerun);
    enum status status = row_end(&row, err);
    for (const struct metric_def *m = metric_defs; status == STATUS_OK && m->name; m++) {
        row = row_begin(&r->sink, INSERT_METRIC_DEF);
        row_text(&row, m->name);
        row_text(&row, m->unit);
        row_text(&row, m->better);
        row_text(&row, m->description);
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
    if (sqlite3_prepare_v2(r->sink.db, sql, -1, &statement, NULL) == SQLITE_OK &&
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
    return sink_run(&r->sink, sql, err);
}

/* An empty database of our schema, whatever was in the file. */
static enum status start_anew(struct results *r, const struct results_run *run, bool existed,
                              struct error *err)
{
    char setup[128];
    enum status status = STATUS_OK;
    if (existed) {
        sqlite3_db_config(r->sink.db, SQLITE_DBCONFIG_RESET_DATABASE, 1, NULL);
        status = sink_run(&r->sink, "VACUUM", err);
        sqlite3_db_config(r->sink.db, SQLITE_DBCONFIG_RESET_DATABASE, 0, NULL);
    }
    snprintf(setup, sizeof setup,
             "BEGIN EXCLUSIVE; PRAGMA application_id = %d; PRAGMA user_version = %d",
             RESULTS_APPLICATION_ID, RESULTS_VERSION);
    if (status == STATUS_OK) status = sink_run(&r->sink, setup, err);
    if (status == STATUS_OK) status = sink_run(&r->sink, schema_sql, err);
    if (status == STATUS_OK) status = write_run(r, run, err);
    return status == STATUS_OK ? sink_commit(&r->sink, err) : status;
}

static enum status open_partial(struct results *r, const struct results_run *run, int32_t *done,
                                bool existed, struct error *err)
{
    enum status status = sink_check_replaceable(r->sink.path, RESULTS_APPLICATION_ID, err);
    if (status != STATUS_OK) return status;
    if (sqlite3_open_v2(r->sink.path, &r->sink.db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return sink_error(&r->sink, err);
    /* A rollback journal, synced at every commit: valid after a crash at any instant (MEMORY and
     * OFF are not). The lock is taken by the first write and kept until the file is closed. */
    status = sink_run(&r->sink,
                      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;"
                      "PRAGMA synchronous = NORMAL",
                      err);
    if (status != STATUS_OK && sqlite3_errcode(r->sink.db) != SQLITE_NOTADB) return status;
    int32_t before = done ? done_before(r, run) : 0;
    if (done) *done = before;
    return before > 0 ? resume(r, before, err) : start_anew(r, run, existed, err);
}

enum status results_open(const char *path, const struct results_run *run, struct results **results,
                         int32_t *done, struct error *err)
{
    enum status status = sink_check_replaceable(path, RESULTS_APPLICATION_ID, err);
    if (status != STATUS_OK) return status;
    struct results *r = calloc(1, sizeof *r);
    if (r) r->path = strdup(path);
    if (r) r->sink.tables = tables, r->sink.path = malloc(strlen(path) + sizeof ".partial");
    if (!r || !r->path || !r->sink.path) {
        if (r) results_free(r);
        return error_set(err, STATUS_NO_MEMORY, "out of memory");
    }
    sprintf(r->sink.path, "%s.partial", path);
    bool existed = access(r->sink.path, F_OK) == 0;
    status = open_partial(r, run, done, existed, err);
    if (status == STATUS_OK) {
        *results = r;
        return STATUS_OK;
    }
    if (!existed) unlink(r->sink.path);
    results_free(r);
    return status;
}

enum status results_mark(struct results *r, int32_t done, struct error *err)
{
    char sql[64];
    snprintf(sql, sizeof sql, "UPDATE run SET done = %d", done);
    enum status status = sink_run(&r->sink, sql, err);
    if (status == STATUS_OK && sink_age_s(&r->sink) >= COMMIT_EVERY_S)
        status = sink_commit(&r->sink, err);
    return status;
}

enum status results_add_input(struct results *r, const char *role, const char *path,
                              const char *sha256, int64_t bytes, struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_INPUT);
    row_text(&row, role);
    row_text(&row, path);
    row_text(&row, sha256);
    row_int(&row, bytes);
    return row_end(&row, err);
}

enum status results_add_fleet(struct results *r, const struct results_fleet *f, struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_FLEET);
    row_int(&row, f->fleet_id);
    row_text(&row, f->name);
    row_text(&row, f->summary);
    row_int(&row, f->gpus);
    row_int(&row, f->nodes);
    row_text(&row, f->queue_order);
    row_text(&row, f->placement);
    row_text(&row, f->gang);
    return row_end(&row, err);
}

enum status results_add_pool(struct results *r, const struct results_pool *p, struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_POOL);
    row_int(&row, p->fleet_id);
    row_int(&row, p->pool_id);
    row_text(&row, p->name);
    row_text(&row, p->instance);
    row_text(&row, p->gpu_model);
    row_int(&row, p->nodes);
    row_int(&row, p->gpus_per_node);
    row_text(&row, p->purchase);
    row_int(&row, p->usd_micro_per_node_hour);
    row_text(&row, p->price_region);
    row_text(&row, p->price_market);
    row_text(&row, p->price_valid_from);
    row_text(&row, p->price_source);
    return row_end(&row, err);
}

enum status results_add_commitment(struct results *r, const struct results_commitment *c,
                                   struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_COMMITMENT);
    row_int(&row, c->fleet_id);
    row_int(&row, c->commitment_id);
    row_text(&row, c->kind);
    row_text(&row, c->instance);
    row_int(&row, c->count);
    row_int(&row, c->usd_micro_per_hour);
    row_text(&row, c->price_region);
    row_text(&row, c->price_market);
    row_text(&row, c->price_valid_from);
    row_text(&row, c->price_source);
    return row_end(&row, err);
}

enum status results_add_pool_price(struct results *r, const struct results_pool_price *p,
                                   struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_POOL_PRICE);
    row_int(&row, p->fleet_id);
    row_int(&row, p->pool_id);
    row_text(&row, p->provider);
    if (p->usd_nano_per_node_hour < 0) row_text(&row, NULL);
    else row_int(&row, p->usd_nano_per_node_hour);
    return row_end(&row, err);
}

enum status results_add_pool_idle(struct results *r, const struct results_pool_idle *of,
                                  struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_POOL_IDLE);
    row_int(&row, of->fleet_id);
    row_int(&row, of->pool_id);
    row_int(&row, of->booting_gpu_us);
    row_int(&row, of->down_gpu_us);
    return row_end(&row, err);
}

enum status results_add_pool_resource(struct results *r, const struct results_pool_resource *of,
                                      struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_POOL_RESOURCE);
    row_int(&row, of->fleet_id);
    row_int(&row, of->pool_id);
    row_text(&row, of->resource);
    row_real(&row, of->bought_hours);
    row_real(&row, of->held_hours);
    row_int(&row, of->held_usd_micro);
    row_int(&row, of->idle_usd_micro);
    return row_end(&row, err);
}

enum status results_add_service(struct results *r, const struct results_service *s,
                                struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_SERVICE);
    row_int(&row, s->fleet_id);
    row_int(&row, s->service_id);
    row_text(&row, s->name);
    row_text(&row, s->kind);
    row_text(&row, s->amount);
    row_int(&row, s->usd_nano);
    row_text(&row, s->per);
    row_text(&row, s->price_region);
    row_text(&row, s->price_valid_from);
    row_text(&row, s->price_source);
    return row_end(&row, err);
}

enum status results_add_service_charge(struct results *r, const struct results_service_charge *c,
                                       struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_SERVICE_CHARGE);
    row_int(&row, c->fleet_id);
    row_int(&row, c->replication);
    row_int(&row, c->service_id);
    row_real(&row, c->quantity);
    row_int(&row, c->jobs_usd_micro);
    row_int(&row, c->fleet_usd_micro);
    return row_end(&row, err);
}

enum status results_add_service_hour(struct results *r, const struct results_service_hour *h,
                                     struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_SERVICE_HOUR);
    row_int(&row, h->fleet_id);
    row_int(&row, h->replication);
    row_int(&row, h->service_id);
    row_int(&row, h->hour);
    row_int(&row, h->jobs_usd_micro);
    row_int(&row, h->fleet_usd_micro);
    return row_end(&row, err);
}

enum status results_add_slo(struct results *r, const char *metric, double target, const char *sense,
                            const char *label, struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_SLO);
    row_text(&row, metric);
    row_real(&row, target);
    row_text(&row, sense);
    row_text(&row, label);
    return row_end(&row, err);
}

enum status results_add_precision(struct results *r, const struct results_precision *p,
                                  struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_PRECISION);
    row_text(&row, p->metric);
    row_real(&row, p->share);
    row_int(&row, p->least);
    row_int(&row, p->most);
    row_int(&row, p->batch);
    return row_end(&row, err);
}

enum status results_add_design(struct results *r, const char *redrawn, int antithetic,
                               struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_DESIGN);
    row_int(&row, 1);
    row_text(&row, redrawn);
    row_int(&row, antithetic);
    return row_end(&row, err);
}

enum status results_add_control(struct results *r, int32_t replication, double gpu_hours,
                                double known, struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_CONTROL);
    row_int(&row, replication);
    row_real(&row, gpu_hours);
    row_real(&row, known);
    return row_end(&row, err);
}

enum status results_add_warm_up(struct results *r, int32_t fleet_id, int32_t replication,
                                int64_t jobs, double until_s, struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_WARM_UP);
    row_int(&row, fleet_id);
    row_int(&row, replication);
    if (jobs < 0) row_text(&row, NULL);
    else row_int(&row, jobs);
    row_real(&row, until_s);
    return row_end(&row, err);
}

enum status results_add_saturation(struct results *r, int32_t fleet_id, double offered,
                                   double ceiling, struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_SATURATION);
    row_int(&row, fleet_id);
    row_real(&row, offered);
    row_real(&row, ceiling);
    return row_end(&row, err);
}

enum status results_add_tail(struct results *r, const struct results_tail *t, struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_TAIL);
    row_int(&row, t->fleet_id);
    row_text(&row, t->moment);
    row_int(&row, t->gpus);
    row_real(&row, t->failure_s);
    row_real(&row, t->excess_s);
    return row_end(&row, err);
}

enum status results_values(struct results *r, const char *metric, int32_t fleets, int32_t n,
                           double *values, struct error *err)
{
    static const char sql[] = "SELECT fleet_id, replication, value FROM metric WHERE metric = ?1 "
                              "AND replication < ?2 AND fleet_id < ?3";
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(r->sink.db, sql, -1, &statement, NULL);
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
    enum status status = code == SQLITE_DONE ? STATUS_OK : sink_error(&r->sink, err);
    sqlite3_finalize(statement);
    return status;
}

enum status results_set_replications(struct results *r, int32_t n, struct error *err)
{
    char sql[64];
    snprintf(sql, sizeof sql, "UPDATE run SET replications = %d", n);
    return sink_run(&r->sink, sql, err);
}

enum status results_add_metric(struct results *r, int32_t fleet_id, int32_t replication,
                               const char *metric, double value, struct error *err)
{
    if (!isfinite(value))
        return error_set(err, STATUS_BUG, "metric %s of fleet %d is not a number", metric,
                         fleet_id);
    struct row row = row_begin(&r->sink, INSERT_METRIC);
    row_int(&row, fleet_id);
    row_int(&row, replication);
    row_text(&row, metric);
    row_real(&row, value);
    return row_end(&row, err);
}

enum status results_add_charge(struct results *r, int32_t fleet_id, int32_t replication,
                               int32_t pool_id, const char *kind, const char *use,
                               int64_t usd_micro, struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_CHARGE);
    row_int(&row, fleet_id);
    row_int(&row, replication);
    row_int(&row, pool_id);
    row_text(&row, kind);
    row_text(&row, use);
    row_int(&row, usd_micro);
    return row_end(&row, err);
}

enum status results_add_hour(struct results *r, const struct results_hour *h, struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_HOUR);
    row_int(&row, h->fleet_id);
    row_int(&row, h->replication);
    row_int(&row, h->pool_id);
    row_int(&row, h->hour);
    row_real(&row, h->t_s);
    row_int(&row, h->bought_node_us);
    row_int(&row, h->bought_gpu_us);
    row_int(&row, h->held_gpu_us);
    row_int(&row, h->lost_preempted_gpu_us);
    row_int(&row, h->lost_failed_gpu_us);
    row_int(&row, h->lost_reclaimed_gpu_us);
    row_int(&row, h->lost_checkpoints_gpu_us);
    return row_end(&row, err);
}

enum status results_add_hour_charge(struct results *r, const struct results_hour_charge *c,
                                    struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_HOUR_CHARGE);
    row_int(&row, c->fleet_id);
    row_int(&row, c->replication);
    row_int(&row, c->pool_id);
    row_int(&row, c->hour);
    row_text(&row, c->kind);
    row_int(&row, c->commitment_id);
    row_int(&row, c->node_us);
    row_int(&row, c->jobs_usd_micro);
    row_int(&row, c->idle_usd_micro);
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
    if (sqlite3_prepare_v2(r->sink.db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_bind_int(statement, 1, fleet_id) != SQLITE_OK ||
        sqlite3_bind_int(statement, 2, replication) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        status = sink_error(&r->sink, err);
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
    struct row row = row_begin(&r->sink, INSERT_WAIT);
    row_int(&row, fleet_id);
    row_int(&row, replication);
    row_real(&row, share);
    row_real(&row, wait_s);
    return row_end(&row, err);
}

enum status results_add_sample(struct results *r, int32_t fleet_id, const struct results_sample *s,
                               struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_SAMPLE);
    row_int(&row, fleet_id);
    row_real(&row, s->t_s);
    row_int(&row, s->queued_jobs);
    row_int(&row, s->queued_gpus);
    row_int(&row, s->running_jobs);
    row_real(&row, s->busy_gpus);
    row_real(&row, s->bought_gpus);
    return row_end(&row, err);
}

enum status results_add_node_state(struct results *r, int32_t fleet_id,
                                   const struct results_node_state *s, struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_NODE_STATE);
    row_int(&row, fleet_id);
    row_real(&row, s->t_s);
    row_int(&row, s->busy);
    row_int(&row, s->idle);
    row_int(&row, s->booting);
    row_int(&row, s->down);
    row_int(&row, s->absent);
    return row_end(&row, err);
}

static enum status add_owner(struct results *r, enum insert what, int32_t fleet_id,
                             const struct results_tenant *t, struct error *err)
{
    struct row row = row_begin(&r->sink, what);
    row_int(&row, fleet_id);
    row_text(&row, t->tenant);
    row_int(&row, t->jobs);
    row_real(&row, t->gpu_hours);
    row_real(&row, t->mean_wait_s);
    row_real(&row, t->p95_wait_s);
    row_int(&row, t->usd_micro);
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
    struct row row = row_begin(&r->sink, INSERT_NODE);
    row_int(&row, fleet_id);
    row_int(&row, n->node_id);
    row_int(&row, n->pool_id);
    row_real(&row, n->up_s);
    row_real(&row, n->down_s);
    row_real(&row, n->busy_gpu_hours);
    row_int(&row, n->usd_micro);
    return row_end(&row, err);
}

enum status results_add_job(struct results *r, int32_t fleet_id, const struct results_job *j,
                            struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_JOB);
    row_int(&row, fleet_id);
    row_int(&row, j->job);
    row_text(&row, j->job_id);
    row_text(&row, j->tenant);
    if (j->gpus == floor(j->gpus)) row_int(&row, (int64_t)j->gpus);
    else row_real(&row, j->gpus);
    row_real(&row, j->submit_s);
    row_real(&row, j->start_s);
    row_real(&row, j->end_s);
    row_real(&row, j->wait_s);
    row_int(&row, j->preemptions);
    row_real(&row, j->lost_s);
    row_id(&row, j->pool_id);
    row_id(&row, j->nodes);
    row_id(&row, j->first_node);
    row_text(&row, j->state);
    row_text(&row, j->reason);
    row_int(&row, j->usd_micro);
    return row_end(&row, err);
}

enum status results_add_execution(struct results *r, const struct results_execution *e,
                                  struct error *err)
{
    struct row row = row_begin(&r->sink, INSERT_EXECUTION);
    row_text(&row, e->created_at);
    row_text(&row, e->command_line);
    row_text(&row, e->compiler);
    row_text(&row, e->host);
    row_int(&row, e->threads);
    row_real(&row, e->wall_s);
    row_real(&row, e->cpu_s);
    row_int(&row, e->max_rss_kib);
    row_int(&row, e->events);
    return row_end(&row, err);
}

/* One text parameter, one statement. */
static enum status run_with_text(struct results *r, const char *sql, const char *text,
                                 struct error *err)
{
    sqlite3_stmt *statement = NULL;
    enum status status = STATUS_OK;
    if (sqlite3_prepare_v2(r->sink.db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_bind_text(statement, 1, text, -1, SQLITE_TRANSIENT) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_DONE)
        status = sink_error(&r->sink, err);
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
    if (status == STATUS_OK) status = sink_run(&r->sink, "COMMIT", err);
    if (status == STATUS_OK && strcmp(state, "complete") == 0) {
        sink_finalize(&r->sink);
        if (sqlite3_close(r->sink.db) != SQLITE_OK) status = sink_error(&r->sink, err);
        else r->sink.db = NULL;
        if (status == STATUS_OK && rename(r->sink.path, r->path) != 0)
            status = error_set(err, STATUS_IO, "cannot rename %s to %s: %s", r->sink.path, r->path,
                               strerror(errno));
    }
    results_free(r);
    return status;
}
