/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of sweep_data.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/metrics.h"
#include "reports/reading.h"
#include "reports/sweep_data.h"
#include "reports/sweep_results.h"

enum { REPLICATIONS_MAX = 100000, FILE_METRICS_MAX = 256 };

const struct sweep_figure_kind sweep_figures[SWEEP_FIGURE_N] = {
    [SWEEP_COST] = { METRIC_COST_MONTH, "cost per month", "USD/month" },
    [SWEEP_WAIT] = { METRIC_WAIT_P95, "p95 wait", "s" },
    [SWEEP_USE] = { METRIC_UTILIZATION, "utilization", "share" },
    [SWEEP_MEAN_WAIT] = { METRIC_WAIT_MEAN, "mean wait", "s" },
};

const struct mean_interval *sweep_mean_of(const struct swept_row *row, enum sweep_figure figure)
{
    return &row->figures[figure];
}

bool sweep_is(const char *path)
{
    struct reading in;
    struct error err;
    int64_t id, version;
    reading_open(&in, path, NULL, &err);
    reading_kind(&in, &id, &version);
    reading_close(&in);
    return id == SWEEP_APPLICATION_ID;
}

static void check_file(struct reading *in)
{
    int64_t id, version;
    reading_kind(in, &id, &version);
    if (in->status) return;
    if (id != SWEEP_APPLICATION_ID)
        in->status =
            error_set(in->err, STATUS_BAD_INPUT, "%s is not the results file of a sweep", in->path);
    else if (version != SWEEP_VERSION)
        in->status = error_set(in->err, STATUS_BAD_INPUT,
                               "%s is a sweep's file of version %lld; this Seatrial reads version "
                               "%d",
                               in->path, (long long)version, SWEEP_VERSION);
}

static void read_sweep(struct reading *in)
{
    struct sweep_data *d = in->data;
    int rows = 0;
    sqlite3_stmt *q =
        reading_query(in, "SELECT state, scenario_name, identity, tool_version, rerun, points, "
                          "shard, shards FROM sweep");
    while (reading_next(in, q)) {
        if (rows++) continue;
        char **const texts[] = { &d->state, &d->scenario_name, &d->identity, &d->tool_version,
                                 &d->rerun };
        for (int i = 0; i < 5; i++) *texts[i] = reading_text(in, q, i);
        d->points = sqlite3_column_int64(q, 5);
        d->shard = sqlite3_column_int64(q, 6);
        d->shards = sqlite3_column_int64(q, 7);
    }
    if (rows != 1 || d->points < 1) reading_fail_value(in, "it does not describe one sweep");
}

static void read_executions(struct reading *in)
{
    struct sweep_data *d = in->data;
    sqlite3_stmt *q = reading_query(in, "SELECT created_at, compiler, host, wall_s, cpu_s "
                                        "FROM execution ORDER BY created_at DESC, rowid");
    while (reading_next(in, q)) {
        if (d->runs++ == 0) {
            d->created_at = reading_text(in, q, 0);
            d->compiler = reading_text(in, q, 1);
            d->host = reading_text(in, q, 2);
        }
        d->wall_s += sqlite3_column_double(q, 3);
        d->cpu_s += sqlite3_column_double(q, 4);
    }
    if (!d->runs && !in->status) { /* it was interrupted before it could say */
        d->created_at = strdup("");
        d->compiler = strdup("");
        d->host = strdup("");
        if (!d->created_at || !d->compiler || !d->host) reading_fail_memory(in);
    }
}

static void read_inputs(struct reading *in)
{
    struct sweep_data *d = in->data;
    sqlite3_stmt *q =
        reading_query(in, "SELECT role, path, sha256, bytes FROM input ORDER BY role, path");
    while (reading_next(in, q)) {
        struct report_input *i =
            reading_more(in, (void **)&d->inputs, &d->input_n, sizeof *d->inputs);
        if (!i) continue;
        i->role = reading_text(in, q, 0);
        i->path = reading_text(in, q, 1);
        i->sha256 = reading_text(in, q, 2);
        i->bytes = sqlite3_column_int64(q, 3);
    }
}

static void read_points(struct reading *in)
{
    struct sweep_data *d = in->data;
    sqlite3_stmt *q = reading_query(
        in, "SELECT point_id, replications, jobs, ended, workload, seed, price_as_of, antithetic, "
            "sha256 = (SELECT today_sha256 FROM sweep) FROM point WHERE in_sweep = 1 ORDER BY "
            "point_id");
    while (reading_next(in, q)) {
        struct swept_point *p = reading_more(in, (void **)&d->list, &d->point_n, sizeof *d->list);
        if (!p) continue;
        char **const texts[] = { &p->ended, &p->workload, &p->seed, &p->price_as_of };
        p->id = sqlite3_column_int64(q, 0);
        p->replications = sqlite3_column_int(q, 1);
        p->jobs = sqlite3_column_int64(q, 2);
        for (int i = 0; i < 4; i++) *texts[i] = reading_text(in, q, 3 + i);
        p->antithetic = sqlite3_column_int(q, 7) != 0;
        p->is_today = sqlite3_column_int(q, 8) != 0;
        if (p->replications < 1 || p->replications > REPLICATIONS_MAX)
            reading_fail_value(in, "a point has no replications");
        if (p->id < 0 || p->id >= d->points) reading_fail_value(in, "a point has no such number");
        if (!in->status && strcmp(p->ended, "all") != 0) d->early_n++;
    }
    if (!in->status && d->point_n == 0)
        in->status = error_set(in->err, STATUS_BAD_INPUT, "%s has no finished point yet", in->path);
}

/* The point of the row that a query is at; its rows come by rising point. NULL: of a point that is
 * not in the sweep. */
static struct swept_point *point_of(struct reading *in, sqlite3_stmt *q, int32_t *at)
{
    struct sweep_data *d = in->data;
    int64_t id = sqlite3_column_int64(q, 0);
    while (*at < d->point_n && d->list[*at].id < id) ++*at;
    return *at < d->point_n && d->list[*at].id == id ? &d->list[*at] : NULL;
}

static void add_value(struct reading *in, struct swept_point *p, int64_t place, const char *key,
                      sqlite3_stmt *q)
{
    struct sweep_data *d = in->data;
    if (p == d->list && place == d->key_n && place < SWEEP_KEYS_MAX) {
        struct sweep_key *k = reading_more(in, (void **)&d->keys, &d->key_n, sizeof *d->keys);
        if (k) k->path = strdup(key ? key : "");
        if (k && !k->path) reading_fail_memory(in);
    }
    if (!p->values && !in->status) {
        p->values = calloc(SWEEP_KEYS_MAX, sizeof *p->values);
        p->numbers = calloc(SWEEP_KEYS_MAX, sizeof *p->numbers);
        if (!p->values || !p->numbers) reading_fail_memory(in);
    }
    if (in->status) return;
    if (place < 0 || place >= d->key_n || p->values[place] || !key ||
        strcmp(d->keys[place].path, key) != 0) {
        reading_fail_value(in, "its points have other keys");
        return;
    }
    p->values[place] = reading_text(in, q, 3);
    p->numbers[place] = reading_real(q, 4);
}

static void read_params(struct reading *in)
{
    struct sweep_data *d = in->data;
    int32_t at = 0;
    sqlite3_stmt *q = reading_query(
        in, "SELECT point_id, place, key, value, number FROM param ORDER BY point_id, place");
    while (reading_next(in, q)) {
        struct swept_point *p = point_of(in, q, &at);
        if (p)
            add_value(in, p, sqlite3_column_int64(q, 1), (const char *)sqlite3_column_text(q, 2),
                      q);
    }
    for (int32_t i = 0; i < d->point_n && !in->status; i++)
        for (int32_t k = 0; k < d->key_n && !in->status; k++)
            if (!d->list[i].values || !d->list[i].values[k])
                reading_fail_value(in, "a point lacks a key");
}

static void read_rows(struct reading *in)
{
    struct sweep_data *d = in->data;
    int32_t at = 0;
    sqlite3_stmt *q = reading_query(in, "SELECT point_id, fleet_id, name, summary, queue_order, "
                                        "placement, tail, gpus, nodes, is_baseline FROM fleet "
                                        "ORDER BY point_id, fleet_id");
    while (reading_next(in, q)) {
        struct swept_point *p = point_of(in, q, &at);
        if (!p) continue;
        if (sqlite3_column_int64(q, 1) != p->row_n) {
            reading_fail_value(in, "the fleets of a point are not numbered");
            continue;
        }
        if (p->row_n++ == 0) p->first_row = d->row_n;
        struct swept_row *r = reading_more(in, (void **)&d->rows, &d->row_n, sizeof *d->rows);
        if (!r) continue;
        char **const texts[] = { &r->name, &r->summary, &r->queue_order, &r->placement, &r->tail };
        for (int i = 0; i < 5; i++) *texts[i] = reading_text(in, q, 2 + i);
        r->point = at;
        r->fleet = p->row_n - 1;
        r->gpus = sqlite3_column_int64(q, 7);
        r->nodes = sqlite3_column_int64(q, 8);
        r->is_baseline = sqlite3_column_int(q, 9) != 0;
        r->metrics = malloc((size_t)metric_count() * sizeof *r->metrics);
        if (!r->metrics) reading_fail_memory(in);
        for (int m = 0; r->metrics && m < metric_count(); m++)
            r->metrics[m] = (struct mean_interval){ NAN, NAN };
        for (int f = 0; f < SWEEP_FIGURE_N; f++) r->figures[f] = (struct mean_interval){ NAN, NAN };
        if (!in->status && strcmp(r->name, d->rows[0].name) != 0) d->many_fleets = true;
    }
    for (int32_t i = 0; i < d->point_n && !in->status; i++)
        if (d->list[i].row_n == 0) reading_fail_value(in, "a point has no fleet");
}

/* Which of metric_defs a number of the file is; -1. */
static void read_metric_numbers(struct reading *in, int numbers[FILE_METRICS_MAX])
{
    for (int i = 0; i < FILE_METRICS_MAX; i++) numbers[i] = -1;
    sqlite3_stmt *q = reading_query(in, "SELECT metric_id, metric FROM metric_def");
    while (reading_next(in, q)) {
        int64_t id = sqlite3_column_int64(q, 0);
        const char *name = (const char *)sqlite3_column_text(q, 1);
        if (id >= 0 && id < FILE_METRICS_MAX && name) numbers[id] = metric_index(name);
    }
}

static int number_of(const int numbers[FILE_METRICS_MAX], int64_t id)
{
    return id >= 0 && id < FILE_METRICS_MAX ? numbers[id] : -1;
}

static void read_targets(struct reading *in, const int numbers[FILE_METRICS_MAX])
{
    struct sweep_data *d = in->data;
    int32_t at = 0;
    sqlite3_stmt *q = reading_query(in, "SELECT point_id, metric_id, target, sense, label FROM "
                                        "target ORDER BY point_id, metric_id");
    while (reading_next(in, q)) {
        struct swept_point *p = point_of(in, q, &at);
        int metric = number_of(numbers, sqlite3_column_int64(q, 1));
        if (!p) continue;
        if (metric < 0) {
            reading_fail_value(in, "a target is of a metric that there is not");
            continue;
        }
        struct swept_target *t =
            reading_more(in, (void **)&p->targets, &p->target_n, sizeof *p->targets);
        if (!t) continue;
        *t = (struct swept_target){ metric, reading_real(q, 2), reading_is(q, 3, "at most"),
                                    reading_text(in, q, 4) };
        d->has_targets = true;
    }
}

/* ---- Metrics: one pass through all replications ---- */

/* The values of one row. */
struct gathering {
    struct swept_row *row; /* NULL: none */
    int32_t replications;
    double *values; /* [metric * replications + replication] */
    size_t room;
};

static void estimate_row(const struct sweep_data *d, struct gathering *g)
{
    struct swept_row *r = g->row;
    if (!r) return;
    bool antithetic = d->list[r->point].antithetic;
    size_t n = (size_t)g->replications;
    r->n = antithetic ? g->replications / 2 : g->replications;
    for (int m = 0; metric_defs[m].name; m++) {
        const double *values = g->values + (size_t)m * n;
        struct mean_interval of =
            antithetic ? interval_of_pairs(values, n) : interval_of_mean(values, n);
        bool has_none = *r->tail && of.half > 0;
        r->metrics[m] = (struct mean_interval){ of.mean, has_none ? NAN : of.half };
    }
    for (int f = 0; f < SWEEP_FIGURE_N; f++)
        r->figures[f] = r->metrics[metric_index(sweep_figures[f].metric)];
    g->row = NULL;
}

static void begin_row(struct reading *in, struct gathering *g, struct swept_row *row)
{
    const struct sweep_data *d = in->data;
    size_t wanted = (size_t)d->list[row->point].replications * (size_t)metric_count();
    g->replications = d->list[row->point].replications;
    if (wanted > g->room) {
        double *grown = realloc(g->values, wanted * sizeof *grown);
        if (!grown) {
            reading_fail_memory(in);
            return;
        }
        g->values = grown;
        g->room = wanted;
    }
    for (size_t i = 0; i < wanted; i++) g->values[i] = NAN;
    g->row = row;
}

static void read_metrics(struct reading *in, const int numbers[FILE_METRICS_MAX])
{
    struct sweep_data *d = in->data;
    struct gathering g = { 0 };
    int32_t at = 0;
    sqlite3_stmt *q = reading_query(in, "SELECT point_id, fleet_id, replication, metric_id, value "
                                        "FROM metric ORDER BY 1, 2, 3, 4");
    while (reading_next(in, q)) {
        struct swept_point *p = point_of(in, q, &at);
        int64_t fleet = sqlite3_column_int64(q, 1), replication = sqlite3_column_int64(q, 2);
        int metric = number_of(numbers, sqlite3_column_int64(q, 3));
        double value = reading_real(q, 4);
        if (!p || metric < 0) continue;
        if (fleet < 0 || fleet >= p->row_n || replication < 0 || replication >= p->replications ||
            !isfinite(value)) {
            reading_fail_value(in, "a number is of no fleet or replication, or is none");
            continue;
        }
        struct swept_row *row = &d->rows[p->first_row + fleet];
        if (row != g.row) {
            estimate_row(d, &g);
            begin_row(in, &g, row);
        }
        if (!in->status)
            g.values[(size_t)metric * (size_t)g.replications + (size_t)replication] = value;
    }
    if (!in->status) estimate_row(d, &g);
    free(g.values);
}

/* What would make a person stop believing in figures. */
static void check_sane(struct reading *in)
{
    const struct sweep_data *d = in->data;
    for (int32_t i = 0; i < d->row_n && !in->status; i++) {
        const struct mean_interval *use = sweep_mean_of(&d->rows[i], SWEEP_USE),
                                   *cost = sweep_mean_of(&d->rows[i], SWEEP_COST),
                                   *wait = sweep_mean_of(&d->rows[i], SWEEP_WAIT);
        if (isnan(cost->mean)) reading_fail_value(in, "a fleet has no cost");
        else if (cost->mean < 0 || wait->mean < 0 || use->mean < 0 || use->mean > 1 + 1e-9)
            reading_fail_value(in, "the figures of a fleet contradict each other");
    }
}

static void read_figures(struct reading *in)
{
    int numbers[FILE_METRICS_MAX];
    read_metric_numbers(in, numbers);
    read_targets(in, numbers);
    read_metrics(in, numbers);
}

enum status sweep_read(const char *path, struct sweep_data *d, struct error *err)
{
    struct reading in;
    memset(d, 0, sizeof *d);
    d->path = strdup(path);
    if (!d->path) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    reading_open(&in, path, d, err);
    void (*const parts[])(struct reading *) = {
        check_file,  read_sweep,      read_executions, read_inputs,
        read_points, read_params,     read_rows,       read_figures,
        check_sane,  sweep_name_keys, sweep_decide,    sweep_find_dimensions
    };
    for (size_t i = 0; in.status == STATUS_OK && i < sizeof parts / sizeof *parts; i++)
        parts[i](&in);
    reading_close(&in);
    if (in.status != STATUS_OK) sweep_data_free(d);
    return in.status;
}

static void free_point(const struct sweep_data *d, struct swept_point *p)
{
    for (int32_t k = 0; p->values && k < d->key_n; k++) free(p->values[k]);
    for (int32_t t = 0; t < p->target_n; t++) free(p->targets[t].label);
    void *const all[] = { p->ended,  p->workload, p->seed,   p->price_as_of,
                          p->values, p->numbers,  p->targets };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

void sweep_data_free(struct sweep_data *d)
{
    for (int32_t i = 0; i < d->point_n; i++) free_point(d, &d->list[i]);
    for (int32_t i = 0; i < d->row_n; i++) {
        struct swept_row *r = &d->rows[i];
        void *const all[] = {
            r->name, r->summary, r->queue_order, r->placement, r->tail, r->metrics
        };
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
    }
    for (int32_t i = 0; i < d->key_n; i++) {
        free(d->keys[i].path);
        free(d->keys[i].name);
    }
    for (int32_t i = 0; i < d->input_n; i++) {
        free(d->inputs[i].role);
        free(d->inputs[i].path);
        free(d->inputs[i].sha256);
    }
    for (int32_t i = 0; i < d->world_n; i++) free(d->worlds[i].text);
    sweep_dimensions_free(d);
    void *const all[] = { d->path,  d->state,      d->scenario_name, d->identity, d->tool_version,
                          d->rerun, d->created_at, d->compiler,      d->host,     d->keys,
                          d->list,  d->rows,       d->worlds,        d->ranking,  d->inputs };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    memset(d, 0, sizeof *d);
}
