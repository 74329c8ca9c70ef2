/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/compare_jobs.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "sim/order.h"
#include "sim/quantile.h"

enum { TEXT_BLOCK = 1 << 20 };

const char *const compared_names[COMPARED_N] = { "start", "end", "wait" };
const double compared_quantiles[COMPARED_QUANTILE_N] = { 0, 0.05, 0.25, 0.5, 0.75, 0.95, 1 };

/* ---- Reading ---- */

/* A copy that lives as long as the side; NULL without memory. */
static const char *keep(struct compared_side *s, const char *text)
{
    size_t n = strlen(text) + 1;
    if (s->text_n == 0 || s->text_used + n > TEXT_BLOCK) {
        char **texts = realloc(s->texts, (s->text_n + 1) * sizeof *texts);
        if (!texts) return NULL;
        s->texts = texts;
        texts[s->text_n] = malloc(n > TEXT_BLOCK ? n : TEXT_BLOCK);
        if (!texts[s->text_n]) return NULL;
        s->text_n++;
        s->text_used = 0;
    }
    char *copy = memcpy(s->texts[s->text_n - 1] + s->text_used, text, n);
    s->text_used += n;
    return copy;
}

static double real_or_nan(sqlite3_stmt *q, int column)
{
    return sqlite3_column_type(q, column) == SQLITE_NULL ? NAN : sqlite3_column_double(q, column);
}

static const char *text_of(sqlite3_stmt *q, int column)
{
    const char *text = (const char *)sqlite3_column_text(q, column);
    return text ? text : "";
}

static bool add_job(struct compared_side *s, sqlite3_stmt *q, size_t *capacity)
{
    if (s->job_n == *capacity) {
        size_t grown = *capacity ? 2 * *capacity : 1024;
        struct compared_job *jobs = realloc(s->jobs, grown * sizeof *jobs);
        if (!jobs) return false;
        s->jobs = jobs;
        *capacity = grown;
    }
    const char *tenant = text_of(q, 1), *before = s->job_n ? s->jobs[s->job_n - 1].tenant : NULL;
    struct compared_job *j = &s->jobs[s->job_n];
    *j = (struct compared_job){ .id = keep(s, text_of(q, 0)),
                                .tenant = before && strcmp(before, tenant) == 0 ? before
                                                                                : keep(s, tenant),
                                .gpus = sqlite3_column_double(q, 2),
                                .submit_s = sqlite3_column_double(q, 3),
                                .start_s = real_or_nan(q, 4),
                                .end_s = real_or_nan(q, 5),
                                .wait_s = real_or_nan(q, 6),
                                .place = s->job_n };
    j->ran = isfinite(j->start_s) && isfinite(j->end_s) && isfinite(j->wait_s);
    s->job_n++;
    return j->id && j->tenant;
}

static enum status read_jobs(struct compared_side *s, struct error *err)
{
    static const char sql[] =
        "SELECT job_id, tenant, gpus, submit_s, start_s, end_s, wait_s FROM job"
        " WHERE fleet_id = ?1 ORDER BY job";
    const char *path = s->data.path;
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    size_t capacity = 0;
    enum status status = STATUS_OK;
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (db) sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (db) sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (code == SQLITE_OK) code = sqlite3_prepare_v2(db, sql, -1, &q, NULL);
    if (code == SQLITE_OK) code = sqlite3_bind_int(q, 1, s->fleet);
    if (code == SQLITE_OK)
        while ((code = sqlite3_step(q)) == SQLITE_ROW && status == STATUS_OK)
            if (!add_job(s, q, &capacity))
                status = error_set(err, STATUS_NO_MEMORY, "no memory for the jobs of %s", path);
    if (status == STATUS_OK && code != SQLITE_DONE)
        status =
            error_set(err, STATUS_BAD_INPUT, "%s cannot be read: %s", path, sqlite3_errmsg(db));
    if (status == STATUS_OK && s->job_n == 0)
        status =
            error_set(err, STATUS_BAD_INPUT,
                      "%s keeps no jobs: its scenario says run.keep_jobs: no, or has none", path);
    sqlite3_finalize(q);
    sqlite3_close(db);
    return status;
}

/* The fleet of that name, or the only one. */
static enum status find_fleet(struct compared_side *s, const char *name, struct error *err)
{
    const struct report_data *d = &s->data;
    char known[300];
    size_t n = 0;
    s->fleet = -1;
    for (int32_t f = 0; f < d->fleet_n; f++) {
        if (name ? strcmp(d->fleets[f].name, name) == 0 : d->fleet_n == 1) s->fleet = f;
        if (n < sizeof known)
            n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", f ? ", " : "",
                                  d->fleets[f].name);
    }
    if (s->fleet >= 0) return STATUS_OK;
    if (name)
        return error_set(err, STATUS_BAD_INPUT, "%s has no fleet '%.64s'; it has: %s", d->path,
                         name, known);
    return error_set(err, STATUS_BAD_INPUT, "%s has %d fleets: name one with --fleet: %s", d->path,
                     d->fleet_n, known);
}

static enum status read_side(struct compared_side *s, const char *path, const char *fleet,
                             struct error *err)
{
    enum status status = report_data_read(path, false, &s->data, err);
    if (status == STATUS_OK) status = find_fleet(s, fleet, err);
    return status == STATUS_OK ? read_jobs(s, err) : status;
}

/* ---- Matching ---- */

static int compare_ids(const void *x, const void *y)
{
    const struct compared_job *a = *(const struct compared_job *const *)x,
                              *b = *(const struct compared_job *const *)y;
    int order = strcmp(a->id, b->id);
    return order ? order : (a->place > b->place) - (a->place < b->place);
}

static int compare_pairs(const void *x, const void *y)
{
    const struct compared_pair *a = x, *b = y;
    return (a->a > b->a) - (a->a < b->a);
}

static int compare_places(const void *x, const void *y)
{
    size_t a = *(const size_t *)x, b = *(const size_t *)y;
    return (a > b) - (a < b);
}

static bool same_ids(const struct comparison *c)
{
    const struct compared_side *a = &c->side[0], *b = &c->side[1];
    if (a->job_n != b->job_n) return false;
    for (size_t j = 0; j < a->job_n; j++)
        if (strcmp(a->jobs[j].id, b->jobs[j].id) != 0) return false;
    return true;
}

/* The jobs by id; malloc'd. */
static const struct compared_job **sorted(const struct compared_side *s)
{
    const struct compared_job **jobs = malloc((s->job_n + 1) * sizeof *jobs);
    for (size_t j = 0; jobs && j < s->job_n; j++) jobs[j] = &s->jobs[j];
    if (jobs) qsort(jobs, s->job_n, sizeof *jobs, compare_ids);
    return jobs;
}

/* A merge of both sides by id. */
static void merge(struct comparison *c, const struct compared_job *const *a,
                  const struct compared_job *const *b)
{
    size_t n = c->side[0].job_n, m = c->side[1].job_n, i = 0, k = 0;
    while (i < n || k < m) {
        int order = i == n ? 1 : k == m ? -1 : strcmp(a[i]->id, b[k]->id);
        if (order < 0) c->only[0][c->only_n[0]++] = a[i++]->place;
        else if (order > 0) c->only[1][c->only_n[1]++] = b[k++]->place;
        else c->pairs[c->pair_n++] = (struct compared_pair){ a[i++]->place, b[k++]->place };
    }
    qsort(c->pairs, c->pair_n, sizeof *c->pairs, compare_pairs);
    for (int s = 0; s < 2; s++) qsort(c->only[s], c->only_n[s], sizeof *c->only[s], compare_places);
}

static enum status match(struct comparison *c, struct error *err)
{
    size_t n = c->side[0].job_n, m = c->side[1].job_n;
    const struct compared_job **a = NULL, **b = NULL;
    bool good;
    c->pairs = malloc(((n < m ? n : m) + 1) * sizeof *c->pairs);
    c->only[0] = malloc((n + 1) * sizeof *c->only[0]);
    c->only[1] = malloc((m + 1) * sizeof *c->only[1]);
    good = c->pairs && c->only[0] && c->only[1];
    if (good && same_ids(c)) {
        for (; c->pair_n < n; c->pair_n++)
            c->pairs[c->pair_n] = (struct compared_pair){ c->pair_n, c->pair_n };
    } else if (good) {
        a = sorted(&c->side[0]);
        b = sorted(&c->side[1]);
        good = a && b;
        if (good) merge(c, a, b);
    }
    free(a);
    free(b);
    return good ? STATUS_OK
                : error_set(err, STATUS_NO_MEMORY, "no memory to match %zu jobs", n + m);
}

/* ---- Differences ---- */

static double time_of(const struct compared_job *j, enum compared_time time)
{
    return time == COMPARED_START ? j->start_s : time == COMPARED_END ? j->end_s : j->wait_s;
}

/* Times are whole microseconds: what the division by a million left behind is rounded away. */
static double difference_s(double a, double b) { return round((b - a) * 1e6) / 1e6; }

double compared_difference_s(const struct comparison *c, size_t pair, enum compared_time time)
{
    const struct compared_job *a = &c->side[0].jobs[c->pairs[pair].a],
                              *b = &c->side[1].jobs[c->pairs[pair].b];
    return a->ran && b->ran ? difference_s(time_of(a, time), time_of(b, time)) : 0;
}

/* values: scratch for all pairs. */
static void figure(struct comparison *c, enum compared_time time, double *values)
{
    struct compared_figures *f = &c->figures[time];
    size_t n = 0;
    for (size_t p = 0; p < c->pair_n; p++) {
        if (!c->side[0].jobs[c->pairs[p].a].ran || !c->side[1].jobs[c->pairs[p].b].ran) continue;
        double x = compared_difference_s(c, p, time);
        f->same += x == 0;
        f->earlier += x < 0;
        f->later += x > 0;
        f->mean_s += x;
        f->mean_size_s += fabs(x);
        values[n++] = x;
    }
    if (n == 0) return;
    f->mean_s /= (double)n;
    f->mean_size_s /= (double)n;
    qsort(values, n, sizeof *values, order_reals);
    for (int q = 0; q < COMPARED_QUANTILE_N; q++)
        f->quantile_s[q] = quantile_sorted(values, n, compared_quantiles[q]);
}

static double size_of(const struct comparison *c, size_t pair)
{
    return fmax(fabs(compared_difference_s(c, pair, COMPARED_START)),
                fabs(compared_difference_s(c, pair, COMPARED_END)));
}

static int compare_sizes(const void *x, const void *y, void *comparison)
{
    size_t a = *(const size_t *)x, b = *(const size_t *)y;
    double p = size_of(comparison, a), q = size_of(comparison, b);
    return p != q ? (p < q) - (p > q) : (a > b) - (a < b);
}

/* c->largest has room for every pair. */
static void keep_largest(struct comparison *c, size_t limit)
{
    for (size_t p = 0; limit > 0 && p < c->pair_n; p++)
        if (size_of(c, p) > 0) c->largest[c->largest_n++] = p;
    qsort_r(c->largest, c->largest_n, sizeof *c->largest, compare_sizes, c);
    if (c->largest_n > limit) c->largest_n = limit;
}

static enum status differ(struct comparison *c, size_t limit, struct error *err)
{
    double *values = malloc((c->pair_n + 1) * sizeof *values);
    c->largest = malloc((c->pair_n + 1) * sizeof *c->largest);
    if (!values || !c->largest) {
        free(values);
        return error_set(err, STATUS_NO_MEMORY, "no memory to compare %zu jobs", c->pair_n);
    }
    for (size_t p = 0; p < c->pair_n; p++) {
        const struct compared_job *a = &c->side[0].jobs[c->pairs[p].a],
                                  *b = &c->side[1].jobs[c->pairs[p].b];
        c->both_ran += a->ran && b->ran;
        c->ran_in_a += a->ran && !b->ran;
        c->ran_in_b += b->ran && !a->ran;
        c->submit_differs += difference_s(a->submit_s, b->submit_s) != 0;
        c->gpus_differ += a->gpus != b->gpus;
    }
    for (int t = 0; t < COMPARED_N; t++) figure(c, (enum compared_time)t, values);
    free(values);
    keep_largest(c, limit);
    c->same = c->only_n[0] + c->only_n[1] + c->ran_in_a + c->ran_in_b + c->submit_differs +
                  c->gpus_differ ==
              0;
    for (int t = 0; t < COMPARED_N; t++)
        c->same = c->same && c->figures[t].earlier + c->figures[t].later == 0;
    return STATUS_OK;
}

enum status comparison_read(const char *path_a, const char *fleet_a, const char *path_b,
                            const char *fleet_b, size_t limit, struct comparison *c,
                            struct error *err)
{
    memset(c, 0, sizeof *c);
    enum status status = read_side(&c->side[0], path_a, fleet_a, err);
    if (status == STATUS_OK) status = read_side(&c->side[1], path_b, fleet_b, err);
    if (status == STATUS_OK) status = match(c, err);
    if (status == STATUS_OK) status = differ(c, limit, err);
    if (status != STATUS_OK) comparison_free(c);
    return status;
}

void comparison_free(struct comparison *c)
{
    for (int s = 0; s < 2; s++) {
        struct compared_side *side = &c->side[s];
        report_data_free(&side->data);
        for (size_t t = 0; t < side->text_n; t++) free(side->texts[t]);
        free(side->texts);
        free(side->jobs);
        free(c->only[s]);
    }
    free(c->pairs);
    free(c->largest);
    memset(c, 0, sizeof *c);
}
