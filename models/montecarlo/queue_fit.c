/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/queue_fit.h"
#include "sim/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_US      3600e6
#define DAY_US       (24 * HOUR_US)
#define WEEK_US      (QUEUE_WEEK_HOURS * HOUR_US)
#define BATCH_GAP_US 60e6
enum { GPU_MILLI = 1000, ENOUGH = 20 };

struct job {
    uint32_t servers, number; /* number: in order of arrival */
    int64_t run_us;
};

struct batch {
    int64_t at_us, last_us; /* first and last arrival */
    uint32_t class_, jobs;
    double rank;   /* of the last job's run */
    double run_us; /* of all */
};

/* What is made of the jobs that are fitted, until fit_free. */
struct fit {
    size_t n, batch_n;
    struct job *jobs; /* by size, then by run; of a class: by run */
    int64_t *at_us;   /* of arrival, rising */
    int64_t *run_us;
    uint32_t *tenant, *class_;
    double *rank; /* of the run among those of its class, 0 to 1 */
    struct batch *batches;
    int64_t *values; /* of one law */
};

static void fit_free(struct fit *f)
{
    free(f->jobs);
    free(f->at_us);
    free(f->run_us);
    free(f->tenant);
    free(f->class_);
    free(f->rank);
    free(f->batches);
    free(f->values);
}

static int by_size(const void *a, const void *b)
{
    const struct job *x = a, *y = b;
    if (x->servers != y->servers) return x->servers < y->servers ? -1 : 1;
    return (x->run_us > y->run_us) - (x->run_us < y->run_us);
}

static int by_run(const void *a, const void *b)
{
    const struct job *x = a, *y = b;
    return (x->run_us > y->run_us) - (x->run_us < y->run_us);
}

static enum status fit_init(struct fit *f, const struct workload *w, int32_t server_gpus,
                            struct error *err)
{
    size_t room = w->job_n + 1;
    *f = (struct fit){ .jobs = malloc(room * sizeof *f->jobs),
                       .at_us = malloc(room * sizeof *f->at_us),
                       .run_us = malloc(room * sizeof *f->run_us),
                       .tenant = malloc(room * sizeof *f->tenant),
                       .class_ = malloc(room * sizeof *f->class_),
                       .rank = malloc(room * sizeof *f->rank),
                       .batches = malloc(room * sizeof *f->batches),
                       .values = malloc(room * sizeof *f->values) };
    if (!f->jobs || !f->at_us || !f->run_us || !f->tenant || !f->class_ || !f->rank ||
        !f->batches || !f->values)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the laws of %zu jobs", w->job_n);
    int64_t server_milli = (int64_t)server_gpus * GPU_MILLI;
    for (size_t j = 0; j < w->job_n; j++) {
        if (w->gpu_milli[j] <= 0) continue;
        int64_t servers = (w->gpu_milli[j] + server_milli - 1) / server_milli;
        if (servers > QUEUE_SERVERS_MAX)
            return error_set(err, STATUS_BAD_INPUT, "job %zu asks for %lld servers; at most %d can",
                             j, (long long)servers, QUEUE_SERVERS_MAX);
        f->jobs[f->n] = (struct job){ (uint32_t)servers, (uint32_t)f->n, w->run_us[j] };
        f->tenant[f->n] = w->tenant[j];
        f->run_us[f->n] = w->run_us[j];
        f->at_us[f->n++] = w->submit_us[j];
    }
    qsort(f->jobs, f->n, sizeof *f->jobs, by_size);
    return STATUS_OK;
}

/* ---- sizes and runs ---- */

/* Jobs of one size, or of some that count as the largest of them. */
struct size {
    size_t from, to; /* in fit.jobs */
    double run_us;   /* of all */
};

/* What it adds to the work when size i counts as the next one. */
static double added_by(const struct fit *f, const struct size *s, size_t i)
{
    return s[i].run_us * (f->jobs[s[i + 1].to - 1].servers - f->jobs[s[i].to - 1].servers);
}

/* Merges until the classes are few enough; work is of whole servers before that. */
static size_t merge_sizes(const struct fit *f, struct size *s, size_t n, double *added)
{
    while (n > QUEUE_CLASSES_MAX) {
        size_t least = 0;
        for (size_t i = 1; i + 1 < n; i++)
            if (added_by(f, s, i) < added_by(f, s, least)) least = i;
        *added += added_by(f, s, least);
        s[least + 1].from = s[least].from;
        s[least + 1].run_us += s[least].run_us;
        memmove(s + least, s + least + 1, (--n - least) * sizeof *s);
    }
    return n;
}

/* Numbers the jobs of a class and ranks their runs; equal ones share a rank. */
static void rank_class(struct fit *f, const struct size *s, uint32_t class_)
{
    size_t m = s->to - s->from;
    struct job *jobs = f->jobs + s->from;
    for (size_t from = 0, to; from < m; from = to) {
        for (to = from; to < m && jobs[to].run_us == jobs[from].run_us;) to++;
        for (size_t i = from; i < to; i++) {
            f->class_[jobs[i].number] = class_;
            f->rank[jobs[i].number] = ((double)from + (double)to) / 2 / (double)m;
        }
    }
}

/* Classes with the laws of their runs. */
static enum status fit_classes(struct fit *f, struct queue_laws *laws,
                               struct queue_fit_report *report, struct error *err)
{
    size_t n = 0, sizes = 1;
    double work = 0, added = 0;
    for (size_t i = 1; i < f->n; i++) sizes += f->jobs[i].servers != f->jobs[i - 1].servers;
    struct size *s = calloc(sizes, sizeof *s);
    if (!s) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu sizes of jobs", sizes);
    for (size_t i = 0; i < f->n; i++) {
        if (i > 0 && f->jobs[i].servers != f->jobs[i - 1].servers) s[++n].from = i;
        s[n].to = i + 1;
        s[n].run_us += (double)f->jobs[i].run_us;
        work += (double)f->jobs[i].run_us * f->jobs[i].servers;
    }
    n = merge_sizes(f, s, sizes, &added);
    enum status status = STATUS_OK;
    for (uint32_t c = 0; c < n && status == STATUS_OK; c++) {
        size_t m = s[c].to - s[c].from;
        uint32_t servers = f->jobs[s[c].to - 1].servers;
        qsort(f->jobs + s[c].from, m, sizeof *f->jobs, by_run);
        for (size_t i = 0; i < m; i++) f->values[i] = f->jobs[s[c].from + i].run_us;
        rank_class(f, &s[c], c);
        struct queue_law_source run = { 1, NULL, NULL, f->values, m };
        status = queue_laws_class(laws, servers, (double)m, run, err);
    }
    report->sizes = (uint32_t)sizes;
    report->added_work = work > 0 ? added / work : 0;
    free(s);
    return status;
}

/* ---- batches ---- */

/* Correlation of the runs' ranks of one job and the next of its batch. */
struct pairs {
    double product, square; /* about the middle */
};

static enum status find_batches(struct fit *f, double gap_us, struct pairs *pairs,
                                struct error *err)
{
    uint32_t tenants = 1;
    for (size_t i = 0; i < f->n; i++)
        if (f->tenant[i] >= tenants) tenants = f->tenant[i] + 1;
    /* The last batch of each tenant and class, plus one. */
    size_t *open = calloc((size_t)tenants * QUEUE_CLASSES_MAX, sizeof *open);
    if (!open) return error_set(err, STATUS_NO_MEMORY, "no memory for %u tenants", tenants);
    for (size_t i = 0; i < f->n; i++) {
        size_t *last = &open[(size_t)f->tenant[i] * QUEUE_CLASSES_MAX + f->class_[i]];
        struct batch *b = *last ? &f->batches[*last - 1] : NULL;
        if (b && (double)(f->at_us[i] - b->last_us) <= gap_us && b->jobs < QUEUE_BATCH_JOBS_MAX) {
            double one = b->rank - 0.5, two = f->rank[i] - 0.5;
            pairs->product += one * two;
            pairs->square += (one * one + two * two) / 2;
        } else {
            b = &f->batches[f->batch_n++];
            *b = (struct batch){ f->at_us[i], 0, f->class_[i], 0, 0, 0 };
            *last = f->batch_n;
        }
        b->jobs++;
        b->run_us += (double)f->run_us[i];
        b->last_us = f->at_us[i];
        b->rank = f->rank[i];
    }
    free(open);
    return STATUS_OK;
}

/* Every batch of the trace is as likely as the others, with its class, its size and its mean run:
 * large batches may be of short jobs. */
static enum status fit_batches(struct fit *f, double gap_us, struct queue_laws *laws,
                               struct queue_fit_report *report, struct error *err)
{
    struct pairs pairs = { 0, 0 };
    enum status status = find_batches(f, gap_us, &pairs, err);
    if (status) return status;
    if (f->batch_n < 2 || f->batches[f->batch_n - 1].at_us == f->batches[0].at_us)
        return error_set(err, STATUS_BAD_INPUT,
                         "laws need two batches of jobs with GPUs that begin at different times");
    report->batches = f->batch_n;
    if (f->batch_n == f->n) return STATUS_OK;
    if (pairs.square > 0) report->alike = sqrt(fmax(pairs.product / pairs.square, 0));
    report->alike = fmin(report->alike, 1);
    struct queue_batch_row *rows = malloc(f->batch_n * sizeof *rows);
    if (!rows) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu batches", f->batch_n);
    for (size_t i = 0; i < f->batch_n; i++) {
        const struct batch *b = &f->batches[i];
        rows[i] = (struct queue_batch_row){ b->class_, b->jobs, b->run_us / b->jobs };
    }
    status = queue_laws_batches(laws, rows, (uint32_t)f->batch_n, report->alike, err);
    free(rows);
    return status;
}

/* ---- gaps and hours ---- */

/* Batches that begin in each of so many hours, over how often the hour was seen. */
static enum status fit_week(const struct fit *f, struct queue_laws *laws,
                            struct queue_fit_report *report, struct error *err)
{
    double week[QUEUE_WEEK_HOURS] = { 0 }, seen[QUEUE_WEEK_HOURS] = { 0 };
    double from_us = (double)f->batches[0].at_us, to_us = (double)f->batches[f->batch_n - 1].at_us;
    int hours = 0;
    if (to_us - from_us >= 4 * WEEK_US && f->batch_n >= (size_t)ENOUGH * QUEUE_WEEK_HOURS)
        hours = QUEUE_WEEK_HOURS;
    else if (to_us - from_us >= 2 * DAY_US && f->batch_n >= (size_t)ENOUGH * 24) hours = 24;
    report->weekly_hours = (uint32_t)hours;
    if (hours == 0) return STATUS_OK;
    for (size_t i = 0; i < f->batch_n; i++)
        week[(int64_t)((double)f->batches[i].at_us / HOUR_US) % hours]++;
    for (double h = floor(from_us / HOUR_US); h * HOUR_US < to_us; h++)
        seen[(int64_t)h % hours] += fmin(h + 1, to_us / HOUR_US) - fmax(h, from_us / HOUR_US);
    for (int h = 0; h < hours; h++) week[h] = seen[h] > 0 ? week[h] / seen[h] : 0;
    for (int h = hours; h < QUEUE_WEEK_HOURS; h++) week[h] = week[h % hours];
    return queue_laws_week(laws, week, err);
}

/* The time on the clock of the rate. */
static double rate_clock(const struct queue_laws *laws, const double began[QUEUE_WEEK_HOURS],
                         int64_t at_us)
{
    if (!laws->weekly) return (double)at_us;
    double weeks = floor((double)at_us / WEEK_US), into = (double)at_us - weeks * WEEK_US;
    int hour = (int)fmin(into / HOUR_US, QUEUE_WEEK_HOURS - 1);
    return weeks * WEEK_US + began[hour] + (into - hour * HOUR_US) * laws->week[hour];
}

static enum status fit_gaps(struct fit *f, struct queue_laws *laws, struct error *err)
{
    double began[QUEUE_WEEK_HOURS] = { 0 };
    for (int h = 1; h < QUEUE_WEEK_HOURS; h++)
        began[h] = began[h - 1] + laws->week[h - 1] * HOUR_US;
    for (size_t i = 1; i < f->batch_n; i++)
        f->values[i - 1] = llround(rate_clock(laws, began, f->batches[i].at_us) -
                                   rate_clock(laws, began, f->batches[i - 1].at_us));
    qsort(f->values, f->batch_n - 1, sizeof *f->values, order_integers);
    struct queue_law_source source = { 1, NULL, NULL, f->values, f->batch_n - 1 };
    return queue_laws_gap(laws, source, err);
}

enum status queue_fit(const struct workload *w, const struct queue_fit_options *options,
                      struct queue_laws *laws, struct queue_fit_report *report, struct error *err)
{
    struct queue_fit_report own;
    struct fit f;
    if (!report) report = &own;
    memset(report, 0, sizeof *report);
    if (options->server_gpus < 1 || !(options->batch_gap_us >= 0))
        return error_set(err, STATUS_BAD_INPUT, "servers of %d GPUs, batches that end after %g us",
                         options->server_gpus, options->batch_gap_us);
    enum status status = queue_laws_init(laws, LAW_SHORT, err);
    if (status) return status;
    double batch_gap_us = options->batch_gap_us > 0 ? options->batch_gap_us : BATCH_GAP_US;
    status = fit_init(&f, w, options->server_gpus, err);
    report->jobs = f.n;
    report->without_gpus = w->job_n - f.n;
    if (status == STATUS_OK && f.n) status = fit_classes(&f, laws, report, err);
    if (status == STATUS_OK) status = fit_batches(&f, batch_gap_us, laws, report, err);
    if (status == STATUS_OK && !options->constant_rate) status = fit_week(&f, laws, report, err);
    if (status == STATUS_OK) status = fit_gaps(&f, laws, err);
    fit_free(&f);
    if (status) queue_laws_free(laws);
    return status;
}
