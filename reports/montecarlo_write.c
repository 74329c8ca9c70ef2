/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of montecarlo.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/montecarlo.h"
#include "reports/sink.h"

static const char montecarlo_sql[] = {
#include "reports/montecarlo.sql.inc"
};

enum table {
    TABLE_RUN,
    TABLE_EXECUTION,
    TABLE_INPUT,
    TABLE_CANDIDATE,
    TABLE_METRIC_DEF,
    TABLE_ESTIMATE,
    TABLE_DISTRIBUTION,
    TABLE_FAN,
    TABLE_EXCEEDANCE,
    TABLE_RISK_DEF,
    TABLE_RISK,
    TABLE_VALUE_AT_RISK,
    TABLE_REGRET,
    TABLE_ENOUGH,
    TABLE_CALIBRATION,
};

static const struct sink_table tables[] = {
    [TABLE_RUN] = { "run", 22 },
    [TABLE_EXECUTION] = { "execution", 11 },
    [TABLE_INPUT] = { "input", 4 },
    [TABLE_CANDIDATE] = { "candidate", 6 },
    [TABLE_METRIC_DEF] = { "metric_def", 4 },
    [TABLE_ESTIMATE] = { "estimate", 6 },
    [TABLE_DISTRIBUTION] = { "distribution", 4 },
    [TABLE_FAN] = { "fan", 4 },
    [TABLE_EXCEEDANCE] = { "exceedance", 3 },
    [TABLE_RISK_DEF] = { "risk_def", 4 },
    [TABLE_RISK] = { "risk", 7 },
    [TABLE_VALUE_AT_RISK] = { "value_at_risk", 6 },
    [TABLE_REGRET] = { "regret", 9 },
    [TABLE_ENOUGH] = { "enough", 4 },
    [TABLE_CALIBRATION] = { "calibration", 5 },
};

struct montecarlo_file {
    struct sink sink; /* of PATH.partial */
    char *path;
};

/* One row under construction; what must be a number and is none is remembered until its end. */
struct checked {
    struct row row;
    bool bad;
};

static struct checked begin(struct montecarlo_file *out, enum table table)
{
    return (struct checked){ row_begin(&out->sink, table), false };
}

static void put_text(struct checked *c, const char *text) { row_text(&c->row, text); }
static void put_int(struct checked *c, int64_t value) { row_int(&c->row, value); }

static void put_real(struct checked *c, double value)
{
    c->bad |= !isfinite(value);
    row_real(&c->row, value);
}

/* NAN is NULL. */
static void put_optional(struct checked *c, double value)
{
    c->bad |= isinf(value);
    row_real(&c->row, value);
}

static enum status end(struct checked *c, const struct montecarlo_file *out, enum table table,
                       struct error *err)
{
    if (c->bad)
        return error_set(err, STATUS_BUG, "a number for table %s of %s is not finite",
                         tables[table].name, out->path);
    return row_end(&c->row, err);
}

static enum status check_metric(const char *metric, struct error *err)
{
    return montecarlo_metric_index(metric) >= 0
               ? STATUS_OK
               : error_set(err, STATUS_BUG, "no metric '%s' of a Monte Carlo study", metric);
}

static enum status add_run(struct montecarlo_file *out, const struct montecarlo_run *run,
                           struct error *err)
{
    char seed[24];
    struct checked c = begin(out, TABLE_RUN);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->seed);
    put_int(&c, 1);
    put_text(&c, "running");
    put_text(&c, run->scenario_name);
    put_text(&c, run->scenario_path);
    put_text(&c, run->scenario_sha256);
    put_text(&c, run->scenario_json);
    put_text(&c, run->workload);
    put_text(&c, run->model);
    put_text(&c, run->assumptions);
    put_text(&c, run->notes);
    put_int(&c, run->replications);
    put_int(&c, run->years);
    put_text(&c, seed);
    put_int(&c, run->antithetic);
    put_text(&c, run->first_month);
    put_optional(&c, run->budget_usd_per_year);
    put_optional(&c, run->budget_usd_per_month);
    put_optional(&c, run->deadline_s);
    put_optional(&c, run->precision);
    put_text(&c, run->price_as_of);
    put_text(&c, run->tool_version);
    put_text(&c, run->rerun);
    enum status status = end(&c, out, TABLE_RUN, err);
    for (const struct montecarlo_metric *m = montecarlo_metrics; status == STATUS_OK && m->name;
         m++) {
        c = begin(out, TABLE_METRIC_DEF);
        put_text(&c, m->name);
        put_text(&c, m->unit);
        put_text(&c, m->better);
        put_text(&c, m->description);
        status = end(&c, out, TABLE_METRIC_DEF, err);
    }
    return status;
}

static void free_file(struct montecarlo_file *out)
{
    sink_free(&out->sink);
    free(out->path);
    free(out);
}

static enum status open_database(struct montecarlo_file *out, struct error *err)
{
    if (sqlite3_open_v2(out->sink.path, &out->sink.db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return sink_error(&out->sink, err);
    /* What is not whole is worth nothing: the disk is waited for once, by the last commit. */
    return sink_run(&out->sink,
                    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA "
                    "synchronous = OFF; BEGIN EXCLUSIVE",
                    err);
}

/* What a study left that was killed is taken away, unless it is being written. */
static enum status take_away(struct montecarlo_file *out, struct error *err)
{
    if (access(out->sink.path, F_OK) != 0) return STATUS_OK;
    enum status status = sink_check_replaceable(out->sink.path, MONTECARLO_APPLICATION_ID, err);
    if (status != STATUS_OK) return status;
    status = open_database(out, err);
    /* One that is broken is no longer written either. */
    if (status != STATUS_OK && sqlite3_errcode(out->sink.db) == SQLITE_BUSY) return status;
    sqlite3_close(out->sink.db);
    out->sink.db = NULL;
    return unlink(out->sink.path) == 0 ? STATUS_OK
                                       : error_set(err, STATUS_IO, "cannot replace %s: %s",
                                                   out->sink.path, strerror(errno));
}

static enum status set_up(struct montecarlo_file *out, const struct montecarlo_run *run,
                          struct error *err)
{
    char sql[96];
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             MONTECARLO_APPLICATION_ID, MONTECARLO_VERSION);
    enum status status = open_database(out, err);
    if (status == STATUS_OK) status = sink_run(&out->sink, sql, err);
    if (status == STATUS_OK) status = sink_run(&out->sink, montecarlo_sql, err);
    if (status == STATUS_OK) status = add_run(out, run, err);
    return status;
}

enum status montecarlo_open(const char *path, const struct montecarlo_run *run,
                            struct montecarlo_file **result, struct error *err)
{
    enum status status = sink_check_replaceable(path, MONTECARLO_APPLICATION_ID, err);
    if (status != STATUS_OK) return status;
    struct montecarlo_file *out = calloc(1, sizeof *out);
    if (out) out->path = strdup(path);
    if (out) out->sink.path = malloc(strlen(path) + sizeof ".partial");
    if (!out || !out->path || !out->sink.path) {
        if (out) free_file(out);
        return error_set(err, STATUS_NO_MEMORY, "out of memory");
    }
    sprintf(out->sink.path, "%s.partial", path);
    out->sink.tables = tables;
    status = take_away(out, err);
    if (status == STATUS_OK) {
        status = set_up(out, run, err);
        if (status != STATUS_OK) unlink(out->sink.path);
    }
    if (status == STATUS_OK) *result = out;
    else free_file(out);
    return status;
}

enum status montecarlo_add_input(struct montecarlo_file *out, const char *role, const char *path,
                                 const char *sha256, int64_t bytes, struct error *err)
{
    struct checked c = begin(out, TABLE_INPUT);
    put_text(&c, role);
    put_text(&c, path);
    put_text(&c, sha256);
    put_int(&c, bytes);
    return end(&c, out, TABLE_INPUT, err);
}

enum status montecarlo_add_execution(struct montecarlo_file *out,
                                     const struct montecarlo_execution *e, struct error *err)
{
    struct checked c = begin(out, TABLE_EXECUTION);
    put_text(&c, e->created_at);
    put_text(&c, e->command_line);
    put_text(&c, e->compiler);
    put_text(&c, e->host);
    put_text(&c, e->engine);
    put_text(&c, e->device);
    put_int(&c, e->threads);
    put_optional(&c, e->wall_s);
    put_optional(&c, e->cpu_s);
    put_int(&c, e->max_rss_kib);
    put_int(&c, e->futures);
    return end(&c, out, TABLE_EXECUTION, err);
}

enum status montecarlo_add_risk_def(struct montecarlo_file *out,
                                    const struct montecarlo_risk_def *risk, struct error *err)
{
    struct checked c = begin(out, TABLE_RISK_DEF);
    put_int(&c, risk->id);
    put_text(&c, risk->name);
    put_text(&c, risk->label);
    put_optional(&c, risk->tolerance);
    return end(&c, out, TABLE_RISK_DEF, err);
}

enum status montecarlo_add_candidate(struct montecarlo_file *out,
                                     const struct montecarlo_candidate *of, struct error *err)
{
    struct checked c = begin(out, TABLE_CANDIDATE);
    put_int(&c, of->id);
    put_text(&c, of->name);
    put_text(&c, of->fleet);
    put_text(&c, of->summary);
    put_int(&c, of->gpus);
    put_int(&c, of->is_baseline);
    return end(&c, out, TABLE_CANDIDATE, err);
}

enum status montecarlo_add_estimate(struct montecarlo_file *out,
                                    const struct montecarlo_estimate *e, struct error *err)
{
    enum status status = check_metric(e->metric, err);
    if (status != STATUS_OK) return status;
    struct checked c = begin(out, TABLE_ESTIMATE);
    put_int(&c, e->candidate);
    put_text(&c, e->metric);
    put_real(&c, e->mean);
    put_optional(&c, e->half);
    put_int(&c, e->n);
    put_text(&c, e->method);
    return end(&c, out, TABLE_ESTIMATE, err);
}

enum status montecarlo_add_distribution(struct montecarlo_file *out, int32_t candidate,
                                        const char *metric, const double *shares,
                                        const double *values, size_t n, struct error *err)
{
    enum status status = check_metric(metric, err);
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        if (i > 0 && values[i] < values[i - 1])
            return error_set(err, STATUS_BUG, "the distribution of %s of candidate %d falls",
                             metric, (int)candidate);
        struct checked c = begin(out, TABLE_DISTRIBUTION);
        put_int(&c, candidate);
        put_text(&c, metric);
        put_real(&c, shares[i]);
        put_real(&c, values[i]);
        status = end(&c, out, TABLE_DISTRIBUTION, err);
    }
    return status;
}

enum status montecarlo_add_fan(struct montecarlo_file *out, int32_t candidate, int32_t month,
                               const double *shares, const double *usd, size_t n, struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        struct checked c = begin(out, TABLE_FAN);
        put_int(&c, candidate);
        put_int(&c, month);
        put_real(&c, shares[i]);
        put_real(&c, usd[i]);
        status = end(&c, out, TABLE_FAN, err);
    }
    return status;
}

enum status montecarlo_add_exceedance(struct montecarlo_file *out, int32_t candidate,
                                      const double *usd, const double *probability, size_t n,
                                      struct error *err)
{
    enum status status = STATUS_OK;
    if (n > MONTECARLO_EXCEEDANCE_MAX)
        return error_set(err, STATUS_BUG, "an exceedance curve of %zu points", n);
    for (size_t i = 0; status == STATUS_OK && i < n; i++) {
        if (i > 0 && (usd[i] <= usd[i - 1] || probability[i] > probability[i - 1]))
            return error_set(err, STATUS_BUG, "the exceedance of candidate %d rises",
                             (int)candidate);
        struct checked c = begin(out, TABLE_EXCEEDANCE);
        put_int(&c, candidate);
        put_real(&c, usd[i]);
        put_real(&c, probability[i]);
        status = end(&c, out, TABLE_EXCEEDANCE, err);
    }
    return status;
}

enum status montecarlo_add_risk(struct montecarlo_file *out, const struct montecarlo_risk *risk,
                                struct error *err)
{
    struct checked c = begin(out, TABLE_RISK);
    put_int(&c, risk->candidate);
    put_int(&c, risk->risk);
    put_real(&c, risk->probability);
    put_real(&c, risk->low);
    put_real(&c, risk->high);
    put_int(&c, risk->n);
    put_text(&c, risk->method);
    return end(&c, out, TABLE_RISK, err);
}

enum status montecarlo_add_value_at_risk(struct montecarlo_file *out,
                                         const struct montecarlo_value_at_risk *v,
                                         struct error *err)
{
    struct checked c = begin(out, TABLE_VALUE_AT_RISK);
    put_int(&c, v->candidate);
    put_real(&c, v->share);
    put_real(&c, v->usd);
    put_real(&c, v->low);
    put_real(&c, v->high);
    put_real(&c, v->cvar);
    return end(&c, out, TABLE_VALUE_AT_RISK, err);
}

enum status montecarlo_add_regret(struct montecarlo_file *out, const struct montecarlo_regret *r,
                                  struct error *err)
{
    struct checked c = begin(out, TABLE_REGRET);
    put_int(&c, r->candidate);
    put_real(&c, r->mean);
    put_real(&c, r->p95);
    put_real(&c, r->worst);
    put_real(&c, r->cheapest_share);
    put_optional(&c, r->from_best);
    put_optional(&c, r->from_best_half);
    put_real(&c, r->from_baseline);
    put_optional(&c, r->from_baseline_half);
    return end(&c, out, TABLE_REGRET, err);
}

enum status montecarlo_add_enough(struct montecarlo_file *out, const struct montecarlo_enough *e,
                                  struct error *err)
{
    struct checked c = begin(out, TABLE_ENOUGH);
    put_text(&c, e->metric);
    put_int(&c, e->replications);
    put_real(&c, e->half_share);
    put_int(&c, e->is_measured);
    return end(&c, out, TABLE_ENOUGH, err);
}

enum status montecarlo_add_calibration(struct montecarlo_file *out,
                                       const struct montecarlo_calibration *of, struct error *err)
{
    enum status status = check_metric(of->metric, err);
    if (status != STATUS_OK) return status;
    struct checked c = begin(out, TABLE_CALIBRATION);
    put_text(&c, of->fleet);
    put_text(&c, of->metric);
    put_real(&c, of->simulated);
    put_real(&c, of->modelled);
    put_optional(&c, of->error);
    return end(&c, out, TABLE_CALIBRATION, err);
}

enum status montecarlo_set_replications(struct montecarlo_file *out, int64_t replications,
                                        struct error *err)
{
    char sql[80];
    snprintf(sql, sizeof sql, "UPDATE run SET replications = %lld", (long long)replications);
    return sink_run(&out->sink, sql, err);
}

/* What every reader rests on is there. */
static enum status check_whole(struct montecarlo_file *out, struct error *err)
{
    static const char sql[] =
        "SELECT CASE WHEN (SELECT count(*) FROM candidate WHERE is_baseline = 1) <> 1 THEN 'not "
        "one baseline' WHEN EXISTS (SELECT 1 FROM candidate c WHERE NOT EXISTS (SELECT 1 FROM "
        "estimate e WHERE e.candidate = c.candidate AND e.metric = '" MONTECARLO_COST_YEAR
        "')) THEN 'a candidate without its cost' WHEN (SELECT count(*) FROM risk) <> (SELECT "
        "count(*) FROM risk_def) * (SELECT count(*) FROM candidate) THEN 'a candidate without one "
        "of its risks' END";
    sqlite3_stmt *statement = NULL;
    enum status status = STATUS_OK;
    if (sqlite3_prepare_v2(out->sink.db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        status = sink_error(&out->sink, err);
    else if (sqlite3_column_type(statement, 0) != SQLITE_NULL)
        status = error_set(err, STATUS_BUG, "%s would hold %s", out->path,
                           (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return status;
}

enum status montecarlo_close(struct montecarlo_file *out, bool complete, struct error *err)
{
    enum status status = STATUS_OK;
    if (complete) status = check_whole(out, err);
    if (complete && status == STATUS_OK)
        status =
            sink_run(&out->sink,
                     "COMMIT; PRAGMA synchronous = FULL; UPDATE run SET state = 'complete'", err);
    sink_finalize(&out->sink);
    if (complete && status == STATUS_OK) {
        if (sqlite3_close(out->sink.db) != SQLITE_OK) status = sink_error(&out->sink, err);
        else out->sink.db = NULL;
    }
    if (complete && status == STATUS_OK && rename(out->sink.path, out->path) != 0)
        status = error_set(err, STATUS_IO, "cannot rename %s to %s: %s", out->sink.path, out->path,
                           strerror(errno));
    if (!complete || status != STATUS_OK) unlink(out->sink.path);
    free_file(out);
    return status;
}
