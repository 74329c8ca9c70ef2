/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/estimate.h"
#include "reports/metrics.h"
#include "reports/montecarlo.h"
#include "reports/orders.h"
#include "reports/reading.h"
#include "reports/results.h"

const double *report_values(const struct report_data *d, int32_t fleet, int metric)
{
    return d->values +
           ((size_t)fleet * (size_t)metric_count() + (size_t)metric) * (size_t)d->replications;
}

const struct estimate *report_metric(const struct report_fleet *fleet, const char *name)
{
    return &fleet->metric[metric_index(name)];
}

/* A file from before there was such a table has none. */
static bool has_table(struct reading *in, const char *name)
{
    bool any = false;
    sqlite3_stmt *q = reading_query(in, "SELECT name FROM sqlite_schema WHERE type = 'table'");
    while (reading_next(in, q)) any |= reading_is(q, 0, name);
    return any;
}

static void read_run(struct reading *in)
{
    struct report_data *d = in->data;
    sqlite3_stmt *q = reading_query(
        in, "SELECT state, scenario_name, scenario_path, scenario_sha256, scenario_json, workload, "
            "seed,"
            " price_as_of, estimates, notes, tool_version, rerun, jobs, span_s, t0_unix_s, books_s,"
            " replications, baseline FROM run");
    int rows = 0;
    while (reading_next(in, q)) {
        char **texts[] = {
            &d->state,         &d->scenario_name, &d->scenario_path, &d->scenario_sha256,
            &d->scenario_json, &d->workload,      &d->seed,          &d->price_as_of,
            &d->estimates,     &d->notes,         &d->tool_version,  &d->rerun
        };
        if (rows++) continue; /* to its end: a statement left open would keep the file open */
        for (int i = 0; i < 12; i++) *texts[i] = reading_text(in, q, i);
        d->jobs = sqlite3_column_int64(q, 12);
        d->span_s = sqlite3_column_double(q, 13);
        d->t0_unix_s = reading_real(q, 14);
        d->books_s = sqlite3_column_double(q, 15);
        d->replications = sqlite3_column_int(q, 16);
        d->baseline = sqlite3_column_int(q, 17);
    }
    if (rows != 1) reading_fail_value(in, "it must have one row in table run");
    q = reading_query(in,
                      "SELECT created_at, command_line, compiler, host, threads, wall_s, cpu_s, "
                      "max_rss_kib, events FROM execution LIMIT 1");
    d->wall_s = d->cpu_s = d->max_rss_kib = d->events = NAN;
    while (reading_next(in, q)) {
        d->created_at = reading_text(in, q, 0);
        d->command_line = reading_text(in, q, 1);
        d->compiler = reading_text(in, q, 2);
        d->host = reading_text(in, q, 3);
        d->threads = sqlite3_column_int(q, 4);
        d->wall_s = reading_real(q, 5);
        d->cpu_s = reading_real(q, 6);
        d->max_rss_kib = reading_real(q, 7);
        d->events = reading_real(q, 8);
    }
    if (!d->created_at) { /* an unfinished run */
        d->created_at = strdup("");
        d->command_line = strdup("");
        d->compiler = strdup("");
        d->host = strdup("");
        if (!d->created_at || !d->command_line || !d->compiler || !d->host) reading_fail_memory(in);
    }
    q = reading_query(in, "SELECT role, path, sha256, bytes FROM input ORDER BY role, path");
    while (reading_next(in, q)) {
        struct report_input *input =
            reading_more(in, (void **)&d->inputs, &d->input_n, sizeof *d->inputs);
        if (!input) continue;
        input->role = reading_text(in, q, 0);
        input->path = reading_text(in, q, 1);
        input->sha256 = reading_text(in, q, 2);
        input->bytes = sqlite3_column_int64(q, 3);
    }
    q = reading_query(in, "SELECT metric, target, sense, label FROM slo ORDER BY rowid");
    while (reading_next(in, q)) {
        struct report_slo *slo = reading_more(in, (void **)&d->slos, &d->slo_n, sizeof *d->slos);
        if (!slo) continue;
        slo->metric = reading_text(in, q, 0);
        slo->target = sqlite3_column_double(q, 1);
        slo->at_most = reading_is(q, 2, "at most");
        slo->label = reading_text(in, q, 3);
        if (metric_index(slo->metric ? slo->metric : "") < 0)
            reading_fail_value(in, "an SLO names an unknown metric");
    }
}

static void read_precision(struct reading *in)
{
    struct report_data *d = in->data;
    if (!has_table(in, "precision")) return;
    sqlite3_stmt *q =
        reading_query(in, "SELECT metric, share, least, most FROM precision ORDER BY rowid");
    while (reading_next(in, q)) {
        struct report_precision *p =
            reading_more(in, (void **)&d->precisions, &d->precision_n, sizeof *d->precisions);
        if (!p) continue;
        p->metric = reading_text(in, q, 0);
        p->share = sqlite3_column_double(q, 1);
        d->replications_least = sqlite3_column_int(q, 2);
        d->replications_most = sqlite3_column_int(q, 3);
        if (metric_index(p->metric ? p->metric : "") < 0)
            reading_fail_value(in, "a precision is of an unknown metric");
    }
}

static void read_design(struct reading *in)
{
    struct report_data *d = in->data;
    if (!has_table(in, "design")) return;
    sqlite3_stmt *q = reading_query(in, "SELECT antithetic, redrawn FROM design LIMIT 1");
    while (reading_next(in, q)) {
        d->antithetic = sqlite3_column_int(q, 0) != 0;
        d->redrawn = reading_text(in, q, 1);
    }
    if (d->antithetic && d->replications % 2 != 0)
        reading_fail_value(in, "its replications are pairs, and their number is odd");
}

static void read_warm_up(struct reading *in)
{
    struct report_data *d = in->data;
    if (!has_table(in, "warm_up")) return;
    sqlite3_stmt *q =
        reading_query(in, "SELECT count(*), count(*) - count(jobs), avg(jobs), max(jobs) FROM "
                          "warm_up");
    while (reading_next(in, q)) {
        d->warm_up_runs = sqlite3_column_int(q, 0);
        d->warm_up_lost = sqlite3_column_int(q, 1);
        d->warm_up_jobs = sqlite3_column_double(q, 2);
        d->warm_up_most = sqlite3_column_double(q, 3);
    }
}

static void read_fleets(struct reading *in)
{
    struct report_data *d = in->data;
    sqlite3_stmt *q =
        reading_query(in, "SELECT name, summary, queue_order, placement, gang, gpus, nodes, "
                          "fleet_id FROM fleet ORDER BY fleet_id");
    while (reading_next(in, q)) {
        struct report_fleet *f =
            reading_more(in, (void **)&d->fleets, &d->fleet_n, sizeof *d->fleets);
        if (!f) continue;
        char **texts[] = { &f->name, &f->summary, &f->queue_order, &f->placement, &f->gang };
        for (int i = 0; i < 5; i++) *texts[i] = reading_text(in, q, i);
        f->gpus = sqlite3_column_int64(q, 5);
        f->nodes = sqlite3_column_int64(q, 6);
        f->id = sqlite3_column_int(q, 7);
        if (f->id != d->fleet_n - 1) reading_fail_value(in, "fleets are not numbered from 0");
        f->metric = calloc((size_t)metric_count(), sizeof *f->metric);
        f->difference = calloc((size_t)metric_count(), sizeof *f->difference);
        f->verdict = calloc((size_t)d->slo_n + 1, sizeof *f->verdict);
        f->controlled = calloc((size_t)metric_count(), sizeof *f->controlled);
        f->median = calloc((size_t)metric_count(), sizeof *f->median);
        f->standing = calloc((size_t)metric_count(), sizeof *f->standing);
        if (!f->metric || !f->difference || !f->verdict || !f->standing || !f->controlled ||
            !f->median)
            reading_fail_memory(in);
    }
    if (in->status == STATUS_OK &&
        (d->fleet_n < 1 || d->baseline < 0 || d->baseline >= d->fleet_n || d->replications < 1))
        reading_fail_value(in, "it has no fleet, no replication or no baseline");
}

/* The fleet a row speaks of; NULL (and failed) where there is none. */
static struct report_fleet *fleet_of(struct reading *in, sqlite3_stmt *q, int column)
{
    int64_t id = sqlite3_column_int64(q, column);
    struct report_data *d = in->data;
    if (id >= 0 && id < d->fleet_n) return &d->fleets[id];
    reading_fail_value(in, "a row names a fleet there is not");
    return NULL;
}

/* Which pool a row is of: columns 0 and 1; NULL where there is no such. */
static struct report_pool *pool_of(struct reading *in, sqlite3_stmt *q)
{
    struct report_fleet *f = fleet_of(in, q, 0);
    int64_t pool = sqlite3_column_int64(q, 1);
    if (f && pool >= 0 && pool < f->pool_n) return &f->pools[pool];
    reading_fail_value(in, "a row names a pool there is not");
    return NULL;
}

/* Nor such a column. */
static bool has_column(struct reading *in, const char *table, const char *name)
{
    char sql[100];
    bool any = false;
    snprintf(sql, sizeof sql, "SELECT name FROM pragma_table_info('%s')", table);
    sqlite3_stmt *q = reading_query(in, sql);
    while (reading_next(in, q)) any |= reading_is(q, 0, name);
    return any;
}

static void read_commitments(struct reading *in)
{
    if (!has_table(in, "commitment")) return;
    sqlite3_stmt *q = reading_query(
        in, "SELECT fleet_id, kind, instance, price_region, price_market, price_valid_from, "
            "price_source, count, usd_micro_per_hour FROM commitment ORDER BY fleet_id, "
            "commitment_id");
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        struct report_commitment *c =
            f ? reading_more(in, (void **)&f->commitments, &f->commitment_n, sizeof *f->commitments)
              : NULL;
        if (!c) continue;
        char **texts[] = { &c->kind,         &c->instance,         &c->price_region,
                           &c->price_market, &c->price_valid_from, &c->price_source };
        for (int i = 0; i < 6; i++) *texts[i] = reading_text(in, q, i + 1);
        c->count = sqlite3_column_int64(q, 7);
        c->usd_per_hour = (double)sqlite3_column_int64(q, 8) / 1e6;
    }
}

static void read_resources(struct reading *in)
{
    if (!has_table(in, "pool_resource")) return;
    sqlite3_stmt *q = reading_query(
        in, "SELECT fleet_id, pool_id, resource, bought_hours, held_hours, held_usd_micro, "
            "idle_usd_micro FROM pool_resource ORDER BY fleet_id, pool_id, CASE resource WHEN "
            "'gpu' THEN 0 WHEN 'cpu' THEN 1 ELSE 2 END");
    while (reading_next(in, q)) {
        struct report_pool *p = pool_of(in, q);
        struct report_resource *r =
            p ? reading_more(in, (void **)&p->resources, &p->resource_n, sizeof *p->resources)
              : NULL;
        if (!r) continue;
        r->resource = reading_text(in, q, 2);
        r->bought = sqlite3_column_double(q, 3);
        r->held = sqlite3_column_double(q, 4);
        r->held_usd = sqlite3_column_double(q, 5) / 1e6;
        r->idle_usd = sqlite3_column_double(q, 6) / 1e6;
    }
}

static void read_services(struct reading *in)
{
    if (!has_table(in, "service")) return;
    sqlite3_stmt *q = reading_query(
        in, "SELECT s.fleet_id, name, kind, amount, per, price_region, price_valid_from, "
            "price_source, usd_nano, quantity, jobs_usd_micro, fleet_usd_micro FROM service s "
            "LEFT JOIN service_charge c ON c.fleet_id = s.fleet_id AND c.service_id = "
            "s.service_id AND replication = 0 ORDER BY s.fleet_id, s.service_id");
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        struct report_service *s =
            f ? reading_more(in, (void **)&f->services, &f->service_n, sizeof *f->services) : NULL;
        if (!s) continue;
        char **texts[] = { &s->name,        &s->kind,         &s->amount,
                           &s->per,         &s->price_region, &s->price_valid_from,
                           &s->price_source };
        for (int i = 0; i < 7; i++) *texts[i] = reading_text(in, q, i + 1);
        s->usd_nano = sqlite3_column_int64(q, 8);
        s->quantity = sqlite3_column_double(q, 9);
        s->jobs_usd = sqlite3_column_double(q, 10) / 1e6;
        s->fleet_usd = sqlite3_column_double(q, 11) / 1e6;
    }
}

static void read_pools(struct reading *in)
{
    struct report_data *d = in->data;
    sqlite3_stmt *q = reading_query(
        in, "SELECT fleet_id, name, instance, gpu_model, purchase, price_region, price_market,"
            " price_valid_from, price_source, nodes, gpus_per_node, usd_micro_per_node_hour FROM "
            "pool ORDER BY fleet_id, pool_id");
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        struct report_pool *p =
            f ? reading_more(in, (void **)&f->pools, &f->pool_n, sizeof *f->pools) : NULL;
        if (!p) continue;
        char **texts[] = {
            &p->name,         &p->instance,     &p->gpu_model,        &p->purchase,
            &p->price_region, &p->price_market, &p->price_valid_from, &p->price_source
        };
        for (int i = 0; i < 8; i++) *texts[i] = reading_text(in, q, i + 1);
        p->nodes = sqlite3_column_int64(q, 9);
        p->gpus_per_node = sqlite3_column_int64(q, 10);
        p->usd_per_node_hour = (double)sqlite3_column_int64(q, 11) / 1e6;
        p->list_usd_nano_per_hour = -1;
        p->provider = strdup("");
        if (!p->provider) reading_fail_memory(in);
    }
    if (has_table(in, "pool_price")) {
        q = reading_query(
            in, "SELECT fleet_id, pool_id, provider, usd_nano_per_node_hour FROM pool_price");
        while (reading_next(in, q)) {
            struct report_pool *p = pool_of(in, q);
            if (!p) continue;
            free(p->provider);
            p->provider = reading_text(in, q, 2);
            if (sqlite3_column_type(q, 3) != SQLITE_NULL)
                p->list_usd_nano_per_hour = sqlite3_column_int64(q, 3);
        }
    }
    q = reading_query(
        in, "SELECT fleet_id, sum(usd_micro) / (SELECT value FROM metric m WHERE m.fleet_id = "
            "c.fleet_id AND replication = 0 AND metric = '" METRIC_BOUGHT_GPU_HOURS "')"
            " FROM charge c WHERE replication = 0 AND kind <> 'power' GROUP BY fleet_id");
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        if (f) f->usd_per_gpu_hour = sqlite3_column_double(q, 1) / 1e6;
    }
    d->same_nodes = in->status == STATUS_OK && report_same_nodes(d);
}

/* Tenants, or queues, of all fleets. */
static void read_owners(struct reading *in, const char *table)
{
    char sql[200];
    bool queues = strcmp(table, "queue") == 0;
    snprintf(sql, sizeof sql,
             "SELECT fleet_id, %s, jobs, gpu_hours, mean_wait_s, p95_wait_s, usd_micro FROM %s"
             " ORDER BY fleet_id, gpu_hours DESC, %s",
             table, table, table);
    sqlite3_stmt *q = reading_query(in, sql);
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        if (!f) continue;
        struct report_tenant *t =
            queues ? reading_more(in, (void **)&f->queues, &f->queue_n, sizeof *f->queues)
                   : reading_more(in, (void **)&f->tenants, &f->tenant_n, sizeof *f->tenants);
        if (!t) continue;
        t->tenant = reading_text(in, q, 1);
        t->jobs = sqlite3_column_int64(q, 2);
        t->gpu_hours = sqlite3_column_double(q, 3);
        t->mean_wait_s = sqlite3_column_double(q, 4);
        t->p95_wait_s = sqlite3_column_double(q, 5);
        t->usd = (double)sqlite3_column_int64(q, 6) / 1e6;
    }
}

static void read_use(struct reading *in)
{
    const double hour_us = 3.6e9;
    char sql[400];
    snprintf(sql, sizeof sql,
             "SELECT fleet_id, pool_id, total(bought_gpu_us), total(held_gpu_us), "
             "total(lost_preempted_gpu_us), total(lost_failed_gpu_us), total(%s), "
             "total(lost_checkpoints_gpu_us) FROM hour WHERE replication = 0 GROUP BY fleet_id, "
             "pool_id",
             has_column(in, "hour", "lost_reclaimed_gpu_us") ? "lost_reclaimed_gpu_us" : "0");
    sqlite3_stmt *q = reading_query(in, sql);
    while (reading_next(in, q)) {
        struct report_pool *p = pool_of(in, q);
        if (!p) continue;
        p->use.bought = sqlite3_column_double(q, 2) / hour_us;
        p->use.held = sqlite3_column_double(q, 3) / hour_us;
        p->use.lost_preempted = sqlite3_column_double(q, 4) / hour_us;
        p->use.lost_failed = sqlite3_column_double(q, 5) / hour_us;
        p->use.lost_reclaimed = sqlite3_column_double(q, 6) / hour_us;
        p->use.lost_checkpoints = sqlite3_column_double(q, 7) / hour_us;
        ((struct report_data *)in->data)->fleets[sqlite3_column_int(q, 0)].has_hours = true;
    }
    q = reading_query(
        in, "SELECT fleet_id, pool_id, total(iif(use = 'jobs', usd_micro, 0)), "
            "total(iif(use = 'idle' AND kind NOT IN ('unused commitment', 'first hours "
            "free'), usd_micro, 0)), total(iif(kind = 'unused commitment', usd_micro, 0)), "
            "total(iif(kind = 'first hours free', usd_micro, 0)) FROM charge WHERE "
            "replication = 0 GROUP BY fleet_id, pool_id");
    while (reading_next(in, q)) {
        struct report_pool *p = pool_of(in, q);
        if (!p) continue;
        p->use.jobs_usd = sqlite3_column_double(q, 2) / 1e6;
        p->use.idle_usd = sqlite3_column_double(q, 3) / 1e6;
        p->use.unused_usd = sqlite3_column_double(q, 4) / 1e6;
        p->use.free_usd = sqlite3_column_double(q, 5) / 1e6;
    }
    q = reading_query(in, "SELECT fleet_id, value FROM metric WHERE replication = 0 AND metric = "
                          "'" METRIC_JOBS_FINISHED "'");
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        if (f) f->ran = sqlite3_column_int64(q, 1);
    }
    q = reading_query(in, "SELECT fleet_id, value FROM metric WHERE replication = 0 AND metric = "
                          "'" METRIC_IDLE_WAITING "'");
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        if (f) f->idle_while_waiting = sqlite3_column_double(q, 1);
    }
    if (!has_table(in, "pool_idle")) return;
    q = reading_query(in, "SELECT fleet_id, pool_id, booting_gpu_us, down_gpu_us FROM pool_idle");
    while (reading_next(in, q)) {
        struct report_pool *p = pool_of(in, q);
        if (!p) continue;
        p->use.booting = sqlite3_column_double(q, 2) / hour_us;
        p->use.down = sqlite3_column_double(q, 3) / hour_us;
        if (p->use.booting < 0 || p->use.down < 0)
            reading_fail_value(in, "a pool was idle for less than no time");
    }
}

static void read_states(struct reading *in)
{
    sqlite3_stmt *q =
        reading_query(in, "SELECT fleet_id, t_s, queued_jobs, busy, idle, booting, down, "
                          "absent FROM sample_nodes JOIN sample USING (fleet_id, t_s) ORDER "
                          "BY fleet_id, t_s");
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        struct report_nodes *n =
            f ? reading_more(in, (void **)&f->states, &f->state_n, sizeof *f->states) : NULL;
        if (!n) continue;
        double *numbers[] = { &n->t_s,     &n->queued_jobs, &n->busy,  &n->idle,
                              &n->booting, &n->down,        &n->absent };
        for (int i = 0; i < 7; i++) *numbers[i] = sqlite3_column_double(q, i + 1);
        for (int i = 0; i < 7; i++)
            if (*numbers[i] < 0) reading_fail_value(in, "a state has less than no nodes");
        if (n->busy + n->idle + n->booting + n->down + n->absent != (double)f->nodes)
            reading_fail_value(in, "nodes by state are not the fleet's nodes");
    }
}

/* Of each fleet and kind, over replications. */
static void read_charges(struct reading *in, const char *sql)
{
    sqlite3_stmt *q = reading_query(in, sql);
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        struct report_charge *c =
            f ? reading_more(in, (void **)&f->charges, &f->charge_n, sizeof *f->charges) : NULL;
        if (!c) continue;
        c->kind = reading_text(in, q, 1);
        c->jobs_usd = (double)sqlite3_column_int64(q, 2) / 1e6;
        c->idle_usd = (double)sqlite3_column_int64(q, 3) / 1e6;
        c->service_usd = (double)sqlite3_column_int64(q, 4) / 1e6;
    }
}

static void read_details(struct reading *in)
{
    struct report_data *d = in->data;
    read_charges(in, "SELECT fleet_id, kind, sum(iif(use = 'jobs', usd_micro, 0)), sum(iif(use = "
                     "'idle', usd_micro, 0)), 0 FROM charge GROUP BY fleet_id, kind ORDER BY "
                     "fleet_id, kind");
    if (has_table(in, "service_charge"))
        read_charges(in, "SELECT fleet_id, kind, 0, 0, sum(jobs_usd_micro + fleet_usd_micro) FROM "
                         "service_charge JOIN service USING (fleet_id, service_id) GROUP BY "
                         "fleet_id, kind ORDER BY fleet_id, kind");
    /* From the sum over replications to a month: by the mean cost of a month, so that the parts add
     * up to it also where the accounting windows of replications differ. */
    for (int32_t f = 0; in->status == STATUS_OK && f < d->fleet_n; f++) {
        double sum = 0, month = report_metric(&d->fleets[f], METRIC_COST_MONTH)->mean;
        for (int32_t c = 0; c < d->fleets[f].charge_n; c++)
            sum += report_charge_usd(&d->fleets[f].charges[c]);
        for (int32_t c = 0; c < d->fleets[f].charge_n; c++) {
            d->fleets[f].charges[c].jobs_usd *= sum > 0 ? month / sum : 0;
            d->fleets[f].charges[c].idle_usd *= sum > 0 ? month / sum : 0;
            d->fleets[f].charges[c].service_usd *= sum > 0 ? month / sum : 0;
        }
    }
    sqlite3_stmt *q =
        reading_query(in,
                      "SELECT fleet_id, t_s, queued_jobs, queued_gpus, running_jobs, busy_gpus, "
                      "bought_gpus FROM sample ORDER BY fleet_id, t_s");
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        struct report_sample *s =
            f ? reading_more(in, (void **)&f->samples, &f->sample_n, sizeof *f->samples) : NULL;
        if (!s) continue;
        *s = (struct report_sample){ sqlite3_column_double(q, 1), sqlite3_column_double(q, 2),
                                     sqlite3_column_double(q, 3), sqlite3_column_double(q, 4),
                                     sqlite3_column_double(q, 5), sqlite3_column_double(q, 6) };
    }
    if (has_table(in, "sample_nodes")) read_states(in);
    read_owners(in, "tenant");
    if (has_table(in, "queue")) read_owners(in, "queue");
    if (has_table(in, "hour")) read_use(in);
}

/* Each value has a row of some twenty bytes: a file that says it holds more than it can must not
 * take memory for them. */
static void check_size(struct reading *in, size_t values)
{
    enum { FEW = 1 << 20, BYTES_LEAST = 4 };
    int64_t bytes = 0;
    sqlite3_stmt *q =
        reading_query(in, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    while (reading_next(in, q)) bytes = sqlite3_column_int64(q, 0);
    if (values > FEW && (int64_t)values > bytes / BYTES_LEAST)
        reading_fail_value(in, "it is too small for the replications it says it holds");
}

static void read_saturation(struct reading *in)
{
    struct report_data *d = in->data;
    for (int32_t f = 0; f < d->fleet_n; f++) d->fleets[f].ceiling = 1;
    if (!has_table(in, "saturation")) return;
    sqlite3_stmt *q = reading_query(in, "SELECT fleet_id, offered, ceiling FROM saturation");
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        if (!f) continue;
        f->offered = sqlite3_column_double(q, 1);
        f->ceiling = sqlite3_column_double(q, 2);
    }
}

static void read_tails(struct reading *in)
{
    if (!has_table(in, "tail")) return;
    sqlite3_stmt *q =
        reading_query(in, "SELECT fleet_id, moment, gpus, failure_s, excess_s FROM tail");
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        if (!f) continue;
        free(f->tail_moment);
        f->tail_moment = reading_text(in, q, 1);
        f->tail_gpus = sqlite3_column_int64(q, 2);
        f->tail_failure_s = sqlite3_column_double(q, 3);
        f->tail_excess_s = sqlite3_column_double(q, 4);
    }
}

/* A sample of what has no variance has no interval: the difference from it could be anything. */
static void forget_intervals(struct report_data *d, struct report_fleet *f, size_t metrics)
{
    const struct report_fleet *base = &d->fleets[d->baseline];
    for (size_t m = 0; m < metrics; m++) {
        if (f->tail_moment && f->metric[m].half > 0) f->metric[m].half = NAN;
        if (f->tail_moment) f->controlled[m].n = 0;
        if ((f->tail_moment || base->tail_moment) && f->difference[m].half > 0)
            f->difference[m].half = INFINITY;
    }
    if ((f->tail_moment || base->tail_moment) && f->cost_change.half > 0)
        f->cost_change.half = INFINITY;
}

/* GPU-hours that the jobs of each replication ask for, into control. */
static void read_control(struct reading *in, double *control)
{
    struct report_data *d = in->data;
    int32_t n = 0;
    double known = NAN;
    d->known_gpu_hours = NAN;
    if (!has_table(in, "control")) return;
    sqlite3_stmt *q = reading_query(in, "SELECT replication, gpu_hours, known FROM control");
    while (reading_next(in, q)) {
        int64_t r = sqlite3_column_int64(q, 0);
        if (r < 0 || r >= d->replications) {
            reading_fail_value(in, "a control of a replication there is not");
            continue;
        }
        control[r] = sqlite3_column_double(q, 1);
        known = sqlite3_column_double(q, 2);
        n++;
    }
    if (n == d->replications) d->known_gpu_hours = known;
}

/* Values by (fleet, metric, replication), NAN where absent; then estimates and paired differences.
 */
static void read_metrics(struct reading *in)
{
    struct report_data *d = in->data;
    size_t metrics = (size_t)metric_count(), reps = (size_t)d->replications;
    if (reps > 1000000) reading_fail_value(in, "more than a million replications");
    check_size(in, (size_t)d->fleet_n * metrics * reps);
    if (in->status != STATUS_OK) return;
    double *value = d->values = malloc((size_t)d->fleet_n * metrics * reps * sizeof *value),
           *control = d->control = calloc(reps, sizeof *control),
           *pair = malloc(reps * sizeof *pair);
    if (!value || !control || !pair) reading_fail_memory(in);
    for (size_t i = 0; in->status == STATUS_OK && i < (size_t)d->fleet_n * metrics * reps; i++)
        value[i] = NAN;
    sqlite3_stmt *q = reading_query(in, "SELECT fleet_id, replication, metric, value FROM metric");
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        int64_t rep = sqlite3_column_int64(q, 1);
        const char *name = (const char *)sqlite3_column_text(q, 2);
        int m = metric_index(name ? name : "");
        if (!f || m < 0) continue; /* a metric of a newer minor version is passed over */
        if (rep < 0 || rep >= d->replications)
            reading_fail_value(in, "a metric of a replication there is not");
        else if (!isfinite(sqlite3_column_double(q, 3)))
            reading_fail_value(in, "a metric is not a finite number");
        else
            value[((size_t)f->id * metrics + (size_t)m) * reps + (size_t)rep] =
                sqlite3_column_double(q, 3);
    }
    read_control(in, control);
    for (int32_t f = 0; in->status == STATUS_OK && f < d->fleet_n; f++) {
        struct report_fleet *fleet = &d->fleets[f];
        for (size_t m = 0; m < metrics; m++) {
            const double *mine = value + ((size_t)f * metrics + m) * reps;
            memcpy(pair, mine, reps * sizeof *pair);
            fleet->median[m] = estimate_median(d, pair, reps);
            estimate_controlled(d, mine, control, reps, &fleet->controlled[m]);
            const double *theirs = value + ((size_t)d->baseline * metrics + m) * reps;
            estimate_over(d, mine, reps, &fleet->metric[m]);
            for (size_t r = 0; r < reps; r++) pair[r] = mine[r] - theirs[r];
            if (f != d->baseline) estimate_over(d, pair, reps, &fleet->difference[m]);
            if (f == d->baseline || (int)m != metric_index(METRIC_COST_MONTH)) continue;
            for (size_t r = 0; r < reps; r++)
                pair[r] = theirs[r] > 0 ? mine[r] / theirs[r] - 1 : NAN;
            estimate_over(d, pair, reps, &fleet->cost_change);
        }
        for (size_t r = 0; r < reps; r++) {
            bool all = d->slo_n > 0;
            for (int32_t s = 0; s < d->slo_n; s++) {
                double x =
                    value[((size_t)f * metrics + (size_t)metric_index(d->slos[s].metric)) * reps +
                          r];
                all = all && (d->slos[s].at_most ? x <= d->slos[s].target : x >= d->slos[s].target);
            }
            fleet->meets_in += all;
        }
    }
    for (int32_t f = 0; in->status == STATUS_OK && f < d->fleet_n; f++)
        forget_intervals(d, &d->fleets[f], metrics);
    if (in->status == STATUS_OK) report_judge(d, value, metrics);
    free(pair);
}

static void read_waits(struct reading *in)
{
    struct report_data *d = in->data;
    sqlite3_stmt *q = reading_query(
        in, "SELECT fleet_id, share, wait_s FROM wait_curve ORDER BY fleet_id, share, replication");
    double *reps = malloc((size_t)(d->replications > 0 ? d->replications : 1) * sizeof *reps);
    size_t n = 0;
    struct report_wait *open = NULL;
    if (!reps) reading_fail_memory(in);
    while (reading_next(in, q)) {
        struct report_fleet *f = fleet_of(in, q, 0);
        double share = sqlite3_column_double(q, 1);
        if (!f) continue;
        if (f->wait_n == 0 || f->waits[f->wait_n - 1].share != share) {
            if (open) estimate_over(d, reps, n, &open->wait_s);
            open = reading_more(in, (void **)&f->waits, &f->wait_n, sizeof *f->waits);
            if (!open) continue;
            open->share = share;
            n = 0;
        }
        if (n < (size_t)d->replications) reps[n++] = sqlite3_column_double(q, 2);
    }
    if (open && in->status == STATUS_OK) estimate_over(d, reps, n, &open->wait_s);
    free(reps);
}

static void check_file(struct reading *in, bool allow_partial)
{
    const struct report_data *d = in->data;
    int64_t id, version;
    reading_kind(in, &id, &version);
    if (in->status != STATUS_OK) return;
    if (id == MONTECARLO_APPLICATION_ID)
        in->status =
            error_set(in->err, STATUS_BAD_INPUT,
                      "%s is the results file of a Monte Carlo study, not of a run", in->path);
    else if (id != RESULTS_APPLICATION_ID)
        in->status = error_set(in->err, STATUS_BAD_INPUT,
                               "%s is an SQLite file but not a Seatrial results file", in->path);
    else if (version != RESULTS_VERSION)
        in->status =
            error_set(in->err, STATUS_BAD_INPUT,
                      "%s is a results file of version %lld; this Seatrial reads version %d",
                      in->path, (long long)version, RESULTS_VERSION);
    if (in->status == STATUS_OK) read_run(in);
    if (in->status == STATUS_OK && !allow_partial && strcmp(d->state, "complete") != 0)
        in->status = error_set(in->err, STATUS_BAD_INPUT,
                               "%s is incomplete (its run is '%s'): run the scenario again",
                               in->path, d->state);
}

enum status report_data_read(const char *path, bool allow_partial, struct report_data *data,
                             struct error *err)
{
    memset(data, 0, sizeof *data);
    struct reading in;
    data->path = strdup(path);
    if (!data->path) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    reading_open(&in, path, data, err);
    if (in.status == STATUS_OK) check_file(&in, allow_partial);
    if (in.status == STATUS_OK) read_precision(&in);
    if (in.status == STATUS_OK) read_design(&in);
    if (in.status == STATUS_OK) read_warm_up(&in);
    if (in.status == STATUS_OK) read_fleets(&in);
    if (in.status == STATUS_OK) read_pools(&in);
    if (in.status == STATUS_OK) read_commitments(&in);
    if (in.status == STATUS_OK) read_services(&in);
    if (in.status == STATUS_OK) read_resources(&in);
    if (in.status == STATUS_OK) read_saturation(&in);
    if (in.status == STATUS_OK) read_tails(&in);
    if (in.status == STATUS_OK) read_metrics(&in);
    if (in.status == STATUS_OK) read_details(&in);
    if (in.status == STATUS_OK) read_waits(&in);
    reading_close(&in);
    if (in.status != STATUS_OK) report_data_free(data);
    return in.status;
}

static void free_fleet(struct report_fleet *f)
{
    for (int32_t i = 0; i < f->charge_n; i++) free(f->charges[i].kind);
    for (int32_t i = 0; i < f->tenant_n; i++) free(f->tenants[i].tenant);
    for (int32_t i = 0; i < f->queue_n; i++) free(f->queues[i].tenant);
    for (int32_t i = 0; i < f->pool_n; i++) {
        struct report_pool *p = &f->pools[i];
        char *texts[] = { p->name,         p->instance,         p->gpu_model,
                          p->purchase,     p->provider,         p->price_region,
                          p->price_market, p->price_valid_from, p->price_source };
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) free(texts[k]);
        for (int32_t k = 0; k < p->resource_n; k++) free(p->resources[k].resource);
        free(p->resources);
    }
    for (int32_t i = 0; i < f->commitment_n; i++) {
        struct report_commitment *c = &f->commitments[i];
        char *texts[] = { c->kind,         c->instance,         c->price_region,
                          c->price_market, c->price_valid_from, c->price_source };
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) free(texts[k]);
    }
    for (int32_t i = 0; i < f->service_n; i++) {
        struct report_service *of = &f->services[i];
        char *texts[] = { of->name,        of->kind,         of->amount,
                          of->per,         of->price_region, of->price_valid_from,
                          of->price_source };
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) free(texts[k]);
    }
    void *all[] = { f->controlled, f->tail_moment, f->median,    f->services,    f->name,
                    f->summary,    f->queue_order, f->placement, f->gang,        f->metric,
                    f->difference, f->verdict,     f->standing,  f->charges,     f->pools,
                    f->waits,      f->samples,     f->tenants,   f->commitments, f->queues,
                    f->states };
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
}

void report_data_free(struct report_data *d)
{
    for (int32_t i = 0; i < d->fleet_n; i++) free_fleet(&d->fleets[i]);
    for (int32_t i = 0; i < d->slo_n; i++) {
        free(d->slos[i].metric);
        free(d->slos[i].label);
    }
    for (int32_t i = 0; i < d->precision_n; i++) free(d->precisions[i].metric);
    free(d->precisions);
    for (int32_t i = 0; i < d->input_n; i++) {
        free(d->inputs[i].role);
        free(d->inputs[i].path);
        free(d->inputs[i].sha256);
    }
    void *all[] = {
        d->path,          d->state,        d->scenario_name, d->scenario_path, d->scenario_sha256,
        d->scenario_json, d->workload,     d->seed,          d->price_as_of,   d->estimates,
        d->notes,         d->tool_version, d->rerun,         d->created_at,    d->command_line,
        d->compiler,      d->host,         d->fleets,        d->slos,          d->inputs,
        d->redrawn,       d->values,       d->control
    };
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) free(all[k]);
    memset(d, 0, sizeof *d);
}
