/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of montecarlo_data.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/montecarlo_data.h"
#include "reports/reading.h"

bool montecarlo_is(const char *path)
{
    struct reading in;
    struct error err;
    int64_t id, version;
    reading_open(&in, path, NULL, &err);
    reading_kind(&in, &id, &version);
    reading_close(&in);
    return id == MONTECARLO_APPLICATION_ID;
}

static void check_file(struct reading *in)
{
    int64_t id, version;
    reading_kind(in, &id, &version);
    if (in->status != STATUS_OK) return;
    if (id != MONTECARLO_APPLICATION_ID)
        in->status = error_set(in->err, STATUS_BAD_INPUT,
                               "%s is not the results file of a Monte Carlo study", in->path);
    else if (version != MONTECARLO_VERSION)
        in->status =
            error_set(in->err, STATUS_BAD_INPUT,
                      "%s is a Monte Carlo file of version %lld; this Seatrial reads version %d",
                      in->path, (long long)version, MONTECARLO_VERSION);
}

static void read_run(struct reading *in)
{
    struct montecarlo_data *d = in->data;
    int rows = 0;
    bool complete = true;
    sqlite3_stmt *q = reading_query(
        in, "SELECT state, scenario_name, scenario_path, scenario_sha256, workload, model, "
            "assumptions, notes, seed, first_month, price_as_of, tool_version, rerun, "
            "budget_usd_per_year, budget_usd_per_month, deadline_s, precision, replications, "
            "years, antithetic FROM run");
    while (reading_next(in, q)) {
        if (rows++) continue;
        char **const texts[] = { &d->scenario_name, &d->scenario_path, &d->scenario_sha256,
                                 &d->workload,      &d->model,         &d->assumptions,
                                 &d->notes,         &d->seed,          &d->first_month,
                                 &d->price_as_of,   &d->tool_version,  &d->rerun };
        double *const reals[] = { &d->budget_usd_per_year, &d->budget_usd_per_month, &d->deadline_s,
                                  &d->precision };
        complete = reading_is(q, 0, "complete");
        for (int i = 0; i < 12; i++) *texts[i] = reading_text(in, q, 1 + i);
        for (int i = 0; i < 4; i++) *reals[i] = reading_real(q, 13 + i);
        d->replications = sqlite3_column_int64(q, 17);
        d->years = sqlite3_column_int(q, 18);
        d->antithetic = sqlite3_column_int(q, 19) != 0;
    }
    if (rows != 1) reading_fail_value(in, "it does not describe one study");
    else if (!complete)
        in->status =
            error_set(in->err, STATUS_BAD_INPUT, "%s is incomplete: run the study again", in->path);
    else if (d->replications < 1 || d->years < 1) reading_fail_value(in, "no replications");
}

static void read_execution(struct reading *in)
{
    struct montecarlo_data *d = in->data;
    int rows = 0;
    sqlite3_stmt *q =
        reading_query(in, "SELECT created_at, compiler, host, engine, device, threads, wall_s, "
                          "futures FROM execution ORDER BY rowid LIMIT 1");
    while (reading_next(in, q)) {
        char **const texts[] = { &d->created_at, &d->compiler, &d->host, &d->engine, &d->device };
        for (int i = 0; i < 5; i++) *texts[i] = reading_text(in, q, i);
        d->threads = sqlite3_column_int(q, 5);
        d->wall_s = reading_real(q, 6);
        d->futures = reading_real(q, 7);
        rows++;
    }
    if (!rows) reading_fail_value(in, "nothing says how it was made");
}

static void read_events(struct reading *in)
{
    struct montecarlo_data *d = in->data;
    sqlite3_stmt *q =
        reading_query(in, "SELECT risk, name, label, tolerance FROM risk_def ORDER BY risk");
    while (reading_next(in, q)) {
        if (sqlite3_column_int64(q, 0) != d->event_n) {
            reading_fail_value(in, "its risks are not numbered");
            continue;
        }
        struct montecarlo_event *e =
            reading_more(in, (void **)&d->events, &d->event_n, sizeof *d->events);
        if (!e) continue;
        e->name = reading_text(in, q, 1);
        e->label = reading_text(in, q, 2);
        e->tolerance = reading_real(q, 3);
        d->target_n += e->tolerance >= 0;
    }
}

static void read_plans(struct reading *in)
{
    struct montecarlo_data *d = in->data;
    int baselines = 0;
    sqlite3_stmt *q = reading_query(in, "SELECT candidate, name, fleet, summary, gpus, is_baseline "
                                        "FROM candidate ORDER BY candidate");
    while (reading_next(in, q)) {
        if (sqlite3_column_int64(q, 0) != d->plan_n) {
            reading_fail_value(in, "its candidates are not numbered");
            continue;
        }
        struct montecarlo_plan *p =
            reading_more(in, (void **)&d->plans, &d->plan_n, sizeof *d->plans);
        if (!p) continue;
        p->name = reading_text(in, q, 1);
        p->fleet = reading_text(in, q, 2);
        p->summary = reading_text(in, q, 3);
        p->gpus = sqlite3_column_int64(q, 4);
        if (sqlite3_column_int(q, 5)) {
            d->baseline = d->plan_n - 1;
            baselines++;
        }
        for (int m = 0; m < MONTECARLO_METRIC_N; m++) {
            p->metric[m] = (struct estimate){ NAN, NAN, NAN, NAN, 0 };
            p->p5[m] = p->p50[m] = p->p95[m] = NAN;
        }
        p->at_risk = (struct montecarlo_value_at_risk){ d->plan_n - 1, NAN, NAN, NAN, NAN, NAN };
        p->regret =
            (struct montecarlo_regret){ d->plan_n - 1, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
        p->chances = calloc((size_t)d->event_n + 1, sizeof *p->chances);
        if (!p->chances) reading_fail_memory(in);
    }
    if (in->status == STATUS_OK && baselines != 1) reading_fail_value(in, "no baseline");
}

static struct montecarlo_plan *plan_of(struct reading *in, sqlite3_stmt *q)
{
    const struct montecarlo_data *d = in->data;
    int64_t id = sqlite3_column_int64(q, 0);
    if (id >= 0 && id < d->plan_n) return &d->plans[id];
    reading_fail_value(in, "a row of a candidate that it does not have");
    return NULL;
}

/* -1 of a metric that is not ours: a later version may have more. */
static int metric_of(sqlite3_stmt *q, int column)
{
    const char *name = (const char *)sqlite3_column_text(q, column);
    return name ? montecarlo_metric_index(name) : -1;
}

static void read_estimates(struct reading *in)
{
    struct montecarlo_data *d = in->data;
    sqlite3_stmt *q = reading_query(in, "SELECT candidate, metric, mean, half, n FROM estimate");
    while (reading_next(in, q)) {
        struct montecarlo_plan *p = plan_of(in, q);
        int m = metric_of(q, 1);
        if (!p || m < 0) continue;
        int64_t n = sqlite3_column_int64(q, 4);
        p->metric[m].mean = reading_real(q, 2);
        p->metric[m].half = reading_real(q, 3);
        p->metric[m].n = n < 1 || isnan(p->metric[m].mean) ? 0
                         : n > INT32_MAX                   ? INT32_MAX
                                                           : (int32_t)n;
    }
    for (int32_t i = 0; in->status == STATUS_OK && i < d->plan_n; i++)
        if (!montecarlo_mean(&d->plans[i], MONTECARLO_COST_YEAR)->n)
            reading_fail_value(in, "a candidate without its cost");
    q = reading_query(in, "SELECT DISTINCT method FROM estimate ORDER BY method LIMIT 8");
    while (reading_next(in, q)) {
        char **method = reading_more(in, (void **)&d->methods, &d->method_n, sizeof *d->methods);
        if (method) *method = reading_text(in, q, 0);
    }
}

static void read_distributions(struct reading *in)
{
    sqlite3_stmt *q = reading_query(in, "SELECT candidate, metric, share, value FROM distribution "
                                        "WHERE share IN (0.05, 0.5, 0.95)");
    while (reading_next(in, q)) {
        struct montecarlo_plan *p = plan_of(in, q);
        int m = metric_of(q, 1);
        double share = sqlite3_column_double(q, 2);
        if (!p || m < 0) continue;
        (share < 0.1 ? p->p5 : share < 0.9 ? p->p50 : p->p95)[m] = reading_real(q, 3);
    }
}

static void read_chances(struct reading *in)
{
    struct montecarlo_data *d = in->data;
    /* One that has no row is not known of that candidate. */
    for (int32_t p = 0; p < d->plan_n; p++)
        for (int32_t e = 0; e < d->event_n; e++)
            d->plans[p].chances[e] = (struct montecarlo_chance){
                NAN, NAN, NAN, montecarlo_verdict(NAN, NAN, NAN, d->events[e].tolerance)
            };
    sqlite3_stmt *q = reading_query(in, "SELECT candidate, risk, probability, low, high FROM risk");
    while (reading_next(in, q)) {
        struct montecarlo_plan *p = plan_of(in, q);
        int64_t e = sqlite3_column_int64(q, 1);
        if (!p || e < 0 || e >= d->event_n) {
            reading_fail_value(in, "a risk that it does not define");
            continue;
        }
        struct montecarlo_chance *c = &p->chances[e];
        c->probability = reading_real(q, 2);
        c->low = reading_real(q, 3);
        c->high = reading_real(q, 4);
        c->verdict = montecarlo_verdict(c->probability, c->low, c->high, d->events[e].tolerance);
        if (!(c->probability >= 0 && c->probability <= 1))
            reading_fail_value(in, "a chance beyond 0 and 1");
    }
}

static void read_money(struct reading *in)
{
    sqlite3_stmt *q = reading_query(in, "SELECT candidate, share, usd, low, high, cvar_usd FROM "
                                        "value_at_risk WHERE share = 0.95");
    while (reading_next(in, q)) {
        struct montecarlo_plan *p = plan_of(in, q);
        if (p)
            p->at_risk =
                (struct montecarlo_value_at_risk){ p->at_risk.candidate, reading_real(q, 1),
                                                   reading_real(q, 2),   reading_real(q, 3),
                                                   reading_real(q, 4),   reading_real(q, 5) };
    }
    q = reading_query(in, "SELECT candidate, mean, p95, worst, cheapest_share, from_best, "
                          "from_best_half, from_baseline, from_baseline_half FROM regret");
    while (reading_next(in, q)) {
        struct montecarlo_plan *p = plan_of(in, q);
        if (!p) continue;
        double *const to[] = { &p->regret.mean,          &p->regret.p95,
                               &p->regret.worst,         &p->regret.cheapest_share,
                               &p->regret.from_best,     &p->regret.from_best_half,
                               &p->regret.from_baseline, &p->regret.from_baseline_half };
        for (int i = 0; i < 8; i++) *to[i] = reading_real(q, 1 + i);
    }
}

static void read_checks(struct reading *in)
{
    struct montecarlo_data *d = in->data;
    sqlite3_stmt *q = reading_query(in, "SELECT metric, replications, half_share, is_measured FROM "
                                        "enough ORDER BY metric, replications");
    while (reading_next(in, q)) {
        struct montecarlo_precision *p =
            reading_more(in, (void **)&d->precisions, &d->precision_n, sizeof *d->precisions);
        if (!p) continue;
        p->metric = reading_text(in, q, 0);
        p->replications = sqlite3_column_int64(q, 1);
        p->half_share = reading_real(q, 2);
        p->is_measured = sqlite3_column_int(q, 3) != 0;
    }
    q = reading_query(in, "SELECT fleet, metric, simulated, modelled, error FROM calibration "
                          "ORDER BY fleet, metric");
    while (reading_next(in, q)) {
        if (metric_of(q, 1) < 0) continue;
        struct montecarlo_check *c =
            reading_more(in, (void **)&d->checks, &d->check_n, sizeof *d->checks);
        if (!c) continue;
        c->fleet = reading_text(in, q, 0);
        c->metric = reading_text(in, q, 1);
        c->simulated = reading_real(q, 2);
        c->modelled = reading_real(q, 3);
        c->error = reading_real(q, 4);
    }
    q = reading_query(in, "SELECT role, path, sha256, bytes FROM input ORDER BY role, path");
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

static int class_of(const struct montecarlo_plan *p)
{
    return p->overall == MONTECARLO_MISSES ? 2 : p->overall == MONTECARLO_UNCLEAR ? 1 : 0;
}

static int by_rank(const void *a, const void *b, void *arg)
{
    const struct montecarlo_plan *plans = arg;
    int32_t i = *(const int32_t *)a, k = *(const int32_t *)b;
    int mine = class_of(&plans[i]), theirs = class_of(&plans[k]);
    double x = montecarlo_mean(&plans[i], MONTECARLO_COST_YEAR)->mean,
           y = montecarlo_mean(&plans[k], MONTECARLO_COST_YEAR)->mean;
    if (mine != theirs) return mine < theirs ? -1 : 1;
    if (mine > 0 && plans[i].excess != plans[k].excess)
        return plans[i].excess < plans[k].excess ? -1 : 1;
    if (x != y) return x < y ? -1 : 1;
    return i < k ? -1 : i > k;
}

static void decide(struct reading *in)
{
    struct montecarlo_data *d = in->data;
    d->ranking = malloc((size_t)d->plan_n * sizeof *d->ranking);
    if (!d->ranking) {
        reading_fail_memory(in);
        return;
    }
    for (int32_t i = 0; i < d->plan_n; i++) {
        struct montecarlo_plan *p = &d->plans[i];
        p->excess = -1;
        p->overall = d->target_n ? MONTECARLO_MEETS : MONTECARLO_NO_TARGET;
        for (int32_t e = 0; e < d->event_n; e++) {
            enum montecarlo_verdict v = p->chances[e].verdict;
            p->excess = fmax(p->excess, p->chances[e].probability - d->events[e].tolerance);
            if (v == MONTECARLO_MISSES) p->overall = v;
            if (v == MONTECARLO_UNCLEAR && p->overall == MONTECARLO_MEETS) p->overall = v;
        }
        d->meet_n += class_of(p) == 0;
        d->unclear_n += class_of(p) == 1;
        d->ranking[i] = i;
    }
    qsort_r(d->ranking, (size_t)d->plan_n, sizeof *d->ranking, by_rank, d->plans);
    d->shown = d->ranking[0];
    d->pick = d->meet_n ? d->shown : -1;
    for (int32_t i = 1; i < d->meet_n; i++) {
        const struct montecarlo_regret *r = &d->plans[d->ranking[i]].regret;
        d->rival_n += !(r->from_best - r->from_best_half > 0);
    }
}

static void read_fan(struct reading *in, struct montecarlo_curves *c)
{
    char sql[160];
    int32_t n = 0;
    snprintf(sql, sizeof sql,
             "SELECT month, share, usd FROM fan WHERE candidate = %d ORDER BY month, share",
             (int)c->plan);
    sqlite3_stmt *q = reading_query(in, sql);
    while (reading_next(in, q)) {
        int64_t month = sqlite3_column_int64(q, 0);
        if (month < 0 || (month != n && month != n - 1)) {
            reading_fail_value(in, "a month of a fan is missing");
            continue;
        }
        if (month == n) {
            double(*row)[MONTECARLO_FAN_SHARE_N] =
                reading_more(in, (void **)&c->fan, &n, sizeof *c->fan);
            for (int i = 0; row && i < MONTECARLO_FAN_SHARE_N; i++) (*row)[i] = NAN;
            c->month_n = n;
        }
        if (in->status != STATUS_OK) continue;
        for (int i = 0; i < MONTECARLO_FAN_SHARE_N; i++)
            if (fabs(sqlite3_column_double(q, 1) - montecarlo_fan_shares[i]) < 1e-9)
                c->fan[month][i] = reading_real(q, 2);
    }
}

static void read_curves(struct reading *in, struct montecarlo_curves *c)
{
    char sql[160];
    read_fan(in, c);
    snprintf(sql, sizeof sql,
             "SELECT usd, probability FROM exceedance WHERE candidate = %d ORDER BY usd LIMIT %d",
             (int)c->plan, MONTECARLO_EXCEEDANCE_MAX);
    sqlite3_stmt *q = reading_query(in, sql);
    while (reading_next(in, q)) {
        struct montecarlo_point *p =
            reading_more(in, (void **)&c->points, &c->point_n, sizeof *c->points);
        if (!p) continue;
        p->usd = reading_real(q, 0);
        p->probability = reading_real(q, 1);
    }
}

enum status montecarlo_read(const char *path, struct montecarlo_data *d, struct error *err)
{
    struct reading in;
    memset(d, 0, sizeof *d);
    d->path = strdup(path);
    if (!d->path) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    reading_open(&in, path, d, err);
    void (*const parts[])(struct reading *) = { check_file,         read_run,     read_execution,
                                                read_events,        read_plans,   read_estimates,
                                                read_distributions, read_chances, read_money,
                                                read_checks,        decide };
    for (size_t i = 0; in.status == STATUS_OK && i < sizeof parts / sizeof *parts; i++)
        parts[i](&in);
    d->curves[0].plan = d->shown;
    d->curves[1].plan = d->baseline;
    for (int i = 0; i < 2 && in.status == STATUS_OK; i++) read_curves(&in, &d->curves[i]);
    reading_close(&in);
    if (in.status != STATUS_OK) montecarlo_data_free(d);
    return in.status;
}

void montecarlo_data_free(struct montecarlo_data *d)
{
    char *const texts[] = { d->path,     d->scenario_name, d->scenario_path, d->scenario_sha256,
                            d->workload, d->model,         d->assumptions,   d->notes,
                            d->seed,     d->first_month,   d->price_as_of,   d->tool_version,
                            d->rerun,    d->created_at,    d->compiler,      d->host,
                            d->engine,   d->device };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
    for (int32_t i = 0; i < d->event_n; i++) {
        free(d->events[i].name);
        free(d->events[i].label);
    }
    for (int32_t i = 0; i < d->plan_n; i++) {
        free(d->plans[i].name);
        free(d->plans[i].fleet);
        free(d->plans[i].summary);
        free(d->plans[i].chances);
    }
    for (int i = 0; i < 2; i++) {
        free(d->curves[i].fan);
        free(d->curves[i].points);
    }
    for (int32_t i = 0; i < d->precision_n; i++) free(d->precisions[i].metric);
    for (int32_t i = 0; i < d->check_n; i++) {
        free(d->checks[i].fleet);
        free(d->checks[i].metric);
    }
    for (int32_t i = 0; i < d->method_n; i++) free(d->methods[i]);
    for (int32_t i = 0; i < d->input_n; i++) {
        free(d->inputs[i].role);
        free(d->inputs[i].path);
        free(d->inputs[i].sha256);
    }
    void *const arrays[] = { d->events, d->plans,   d->ranking, d->precisions,
                             d->checks, d->methods, d->inputs };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    memset(d, 0, sizeof *d);
}
