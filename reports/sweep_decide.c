/* SPDX-License-Identifier: Apache-2.0 */
/* What a sweep decides: verdicts, worlds, frontiers, the order of rows, picks. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/estimate.h"
#include "reports/metrics.h"
#include "reports/reading.h"
#include "reports/sweep_data.h"
#include "sim/difference.h"

static double cost_of(const struct swept_row *r) { return sweep_mean_of(r, SWEEP_COST)->mean; }
static double wait_of(const struct swept_row *r) { return sweep_mean_of(r, SWEEP_WAIT)->mean; }

/* ---- Verdicts ---- */

static void judge_row(const struct sweep_data *d, struct swept_row *r)
{
    const struct swept_point *p = &d->list[r->point];
    r->overall = p->target_n ? VERDICT_MEETS : VERDICT_NONE;
    r->excess = -INFINITY;
    for (int32_t t = 0; t < p->target_n; t++) {
        const struct swept_target *target = &p->targets[t];
        const struct mean_interval *m = &r->metrics[target->metric];
        const struct estimate e = { m->mean, m->half, m->mean, m->mean, isnan(m->mean) ? 0 : r->n };
        enum verdict v = estimate_verdict(&e, target->target, target->at_most);
        double beyond = (target->at_most ? 1 : -1) * (m->mean - target->target);
        if (v == VERDICT_NONE) v = VERDICT_UNCLEAR; /* no job ran: nothing says that it meets */
        if (v == VERDICT_MISSES) r->overall = v;
        if (v == VERDICT_UNCLEAR && r->overall == VERDICT_MEETS) r->overall = v;
        beyond /= target->target > 0 ? target->target : 1;
        r->excess = fmax(r->excess, isnan(beyond) ? INFINITY : beyond);
    }
    /* A fleet that runs nothing is cheap, and no answer. */
    double finished = r->metrics[metric_index(METRIC_JOBS_FINISHED)].mean;
    r->is_answer = !isnan(cost_of(r)) && !isnan(wait_of(r)) && strcmp(r->tail, "mean") != 0 &&
                   !(p->jobs > 0 && finished == 0);
}

/* ---- Worlds ---- */

/* Points by the values of the keys that are no choice: numbers rising, words by their letters;
 * equal ones in their order. */
static int by_world(const void *x, const void *y, void *arg)
{
    const struct sweep_data *d = arg;
    int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;
    for (int32_t k = 0; k < d->key_n; k++) {
        if (d->keys[k].is_choice || !d->keys[k].varies) continue;
        double u = d->list[a].numbers[k], v = d->list[b].numbers[k];
        if (u < v || u > v) return u < v ? -1 : 1;
        if (isnan(u) != isnan(v)) return isnan(v) ? -1 : 1;
        int order = strcmp(d->list[a].values[k], d->list[b].values[k]);
        if (order) return order;
    }
    return a < b ? -1 : a > b;
}

static bool same_world(struct sweep_data *d, int32_t a, int32_t b)
{
    for (int32_t k = 0; k < d->key_n; k++)
        if (!d->keys[k].is_choice && d->keys[k].varies &&
            strcmp(d->list[a].values[k], d->list[b].values[k]) != 0)
            return false;
    return true;
}

static char *world_text(const struct sweep_data *d, const struct swept_point *p)
{
    char *text = NULL;
    size_t n = 0;
    const char *separator = "";
    FILE *out = open_memstream(&text, &n);
    if (!out) return NULL;
    for (int32_t k = 0; k < d->key_n && d->world_n > 1; k++) {
        if (d->keys[k].is_choice || !d->keys[k].varies) continue;
        fprintf(out, "%s%s=%s", separator, d->keys[k].name, p->values[k]);
        separator = ", ";
    }
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

/* Whether worlds differ in numbers alone. */
static bool are_numbers(const struct sweep_data *d)
{
    for (int32_t k = 0; k < d->key_n; k++)
        for (int32_t p = 0; p < d->point_n && !d->keys[k].is_choice && d->keys[k].varies; p++)
            if (isnan(d->list[p].numbers[k])) return false;
    return true;
}

/* Numbers worlds: of numbers rising, of words as they first appear. order: room for a number a
 * point. */
static void number_worlds(struct sweep_data *d, int32_t *order)
{
    bool chosen = false, rising = are_numbers(d);
    for (int32_t p = 0; p < d->point_n; p++) order[p] = p;
    for (int32_t k = 0; k < d->key_n; k++) chosen |= d->keys[k].is_choice && d->keys[k].varies;
    qsort_r(order, (size_t)d->point_n, sizeof *order, by_world, d);
    /* The first point of each is its leader; the others point at it. */
    for (int32_t i = 0, leader = 0; i < d->point_n; i++) {
        bool begins = i == 0 || !same_world(d, order[i - 1], order[i]);
        if (begins) leader = order[i];
        if (begins && rising) d->world_n++;
        d->list[order[i]].world = rising ? d->world_n - 1 : leader;
    }
    for (int32_t p = 0; p < d->point_n && !rising; p++)
        d->list[p].world = d->list[p].world == p ? d->world_n++ : d->list[d->list[p].world].world;
    /* Worlds of a point or two, as in samples: there is nothing in them to choose from. */
    d->mixed = chosen && d->world_n > 1 && 2 * (int64_t)d->world_n > d->point_n;
    if (d->mixed) d->world_n = 1;
    for (int32_t p = 0; d->mixed && p < d->point_n; p++) d->list[p].world = 0;
}

static void find_worlds(struct reading *in)
{
    struct sweep_data *d = in->data;
    int32_t *order = malloc((size_t)d->point_n * sizeof *order);
    if (order) number_worlds(d, order);
    free(order);
    d->worlds = order ? calloc((size_t)d->world_n, sizeof *d->worlds) : NULL;
    if (!d->worlds) {
        d->world_n = 0;
        reading_fail_memory(in);
        return;
    }
    for (int32_t p = 0; p < d->point_n; p++) {
        struct sweep_world *w = &d->worlds[d->list[p].world];
        if (!w->text && !(w->text = world_text(d, &d->list[p]))) reading_fail_memory(in);
        w->pick = w->next = w->nearest = w->fastest = -1;
    }
}

/* ---- Frontiers ---- */

static int32_t world_of(const struct sweep_data *d, int32_t row)
{
    return d->list[d->rows[row].point].world;
}

/* By world; answers before others; then by cost, by wait. */
static int by_cost(const void *x, const void *y, void *arg)
{
    const struct sweep_data *d = arg;
    int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;
    const struct swept_row *r = &d->rows[a], *s = &d->rows[b];
    if (world_of(d, a) != world_of(d, b)) return world_of(d, a) < world_of(d, b) ? -1 : 1;
    if (r->is_answer != s->is_answer) return r->is_answer ? -1 : 1;
    if (r->is_answer && cost_of(r) != cost_of(s)) return cost_of(r) < cost_of(s) ? -1 : 1;
    if (r->is_answer && wait_of(r) != wait_of(s)) return wait_of(r) < wait_of(s) ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* Of each world the rows that no other is better than in one of cost and wait, and as good in the
 * other. order: rows by by_cost. */
static void find_frontiers(struct sweep_data *d, const int32_t *order)
{
    const struct swept_row *last = NULL;
    for (int32_t i = 0; i < d->row_n; i++) {
        struct swept_row *r = &d->rows[order[i]];
        struct sweep_world *w = &d->worlds[world_of(d, order[i])];
        if (i == 0 || world_of(d, order[i]) != world_of(d, order[i - 1])) last = NULL;
        if (!r->is_answer) continue;
        r->on_frontier = !last || wait_of(r) < wait_of(last) ||
                         (wait_of(r) == wait_of(last) && cost_of(r) == cost_of(last));
        if (!r->on_frontier) continue;
        last = r;
        w->frontier_n++;
        w->fastest = order[i];
    }
}

/* ---- The order of rows ---- */

static int class_of(const struct sweep_data *d, const struct swept_row *r)
{
    if (!r->is_answer) return 3;
    if (!d->has_targets) return r->on_frontier ? 0 : 1;
    return r->overall == VERDICT_MISSES ? 2 : r->overall == VERDICT_UNCLEAR ? 1 : 0;
}

static int by_rank(const void *x, const void *y, void *arg)
{
    const struct sweep_data *d = arg;
    int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;
    const struct swept_row *r = &d->rows[a], *s = &d->rows[b];
    int mine = class_of(d, r), theirs = class_of(d, s);
    if (mine != theirs) return mine < theirs ? -1 : 1;
    if (cost_of(r) != cost_of(s)) return cost_of(r) < cost_of(s) ? -1 : 1;
    if (r->is_answer && wait_of(r) != wait_of(s)) return wait_of(r) < wait_of(s) ? -1 : 1;
    return a < b ? -1 : a > b;
}

static void pick(struct sweep_data *d)
{
    for (int32_t i = 0; i < d->row_n; i++) {
        int32_t row = d->ranking[i];
        const struct swept_row *r = &d->rows[row];
        struct sweep_world *w = &d->worlds[world_of(d, row)];
        bool meets = r->is_answer && (d->has_targets ? class_of(d, r) == 0 : r->on_frontier);
        bool is_close = class_of(d, r) == 1 && d->has_targets;
        w->row_n++;
        w->meet_n += meets && d->has_targets;
        w->unclear_n += is_close;
        d->meet_n += meets && d->has_targets;
        d->unclear_n += is_close;
        d->frontier_n += r->on_frontier;
        if (meets && w->pick < 0) w->pick = row;
        else if (meets && w->next < 0) w->next = row;
        if (r->is_answer && (w->nearest < 0 || r->excess < d->rows[w->nearest].excess))
            w->nearest = row;
    }
}

/* ---- Pick against runner-up ---- */

static double *costs_of(struct reading *in, const struct swept_row *r, size_t *n)
{
    const struct sweep_data *d = in->data;
    char sql[320];
    double *values = calloc((size_t)d->list[r->point].replications, sizeof *values);
    if (!values) reading_fail_memory(in);
    snprintf(sql, sizeof sql,
             "SELECT value FROM metric JOIN metric_def USING (metric_id) WHERE metric = '%s' AND "
             "point_id = %" PRId64 " AND fleet_id = %d ORDER BY replication LIMIT %d",
             METRIC_COST_MONTH, d->list[r->point].id, (int)r->fleet,
             (int)d->list[r->point].replications);
    *n = 0;
    sqlite3_stmt *q = reading_query(in, sql);
    while (reading_next(in, q)) values[(*n)++] = reading_real(q, 0);
    return values;
}

/* Of pairs their means, in place; how many there are. */
static size_t halve(double *values, size_t n)
{
    for (size_t i = 0; i + 1 < n; i += 2) values[i / 2] = (values[i] + values[i + 1]) / 2;
    return n / 2;
}

/* By replication where both have the same seed, so that both meet the same chances. */
static void compare(struct reading *in, const struct swept_row *a, const struct swept_row *b,
                    struct sweep_difference *to)
{
    const struct sweep_data *d = in->data;
    const struct swept_point *p = &d->list[a->point], *o = &d->list[b->point];
    size_t n, m;
    double *x = costs_of(in, a, &n), *y = costs_of(in, b, &m);
    if (!in->status) {
        if (p->antithetic) n = halve(x, n);
        if (o->antithetic) m = halve(y, m);
        *to = (struct sweep_difference){ .mean = cost_of(b) - cost_of(a), .half = NAN };
        to->is_paired = strcmp(p->seed, o->seed) == 0 && p->antithetic == o->antithetic;
        struct difference diff;
        if (to->is_paired) {
            size_t both = n < m ? n : m;
            difference_paired(x, y, both, 0.95, &diff);
            to->mean = diff.mean;
            to->n = (int32_t)both;
        } else {
            difference_apart(x, n, y, m, 0.95, &diff);
        }
        to->half = diff.half;
        if ((*a->tail || *b->tail) && to->half > 0) to->half = NAN;
    }
    free(x);
    free(y);
}

void sweep_decide(struct reading *in)
{
    struct sweep_data *d = in->data;
    for (int32_t i = 0; i < d->row_n; i++) judge_row(d, &d->rows[i]);
    find_worlds(in);
    d->ranking = malloc((size_t)d->row_n * sizeof *d->ranking);
    if (!d->ranking) reading_fail_memory(in);
    if (in->status) return;
    for (int32_t i = 0; i < d->row_n; i++) d->ranking[i] = i;
    qsort_r(d->ranking, (size_t)d->row_n, sizeof *d->ranking, by_cost, d);
    find_frontiers(d, d->ranking);
    qsort_r(d->ranking, (size_t)d->row_n, sizeof *d->ranking, by_rank, d);
    pick(d);
    for (int32_t w = 0; w < d->world_n && !in->status; w++)
        if (d->worlds[w].next >= 0)
            compare(in, &d->rows[d->worlds[w].pick], &d->rows[d->worlds[w].next],
                    &d->worlds[w].dearer);
}
