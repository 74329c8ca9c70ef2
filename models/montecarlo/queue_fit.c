/* SPDX-License-Identifier: Apache-2.0 */
#include "models/montecarlo/queue_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_US 3600e6
#define DAY_US  (24 * HOUR_US)
#define WEEK_US (QUEUE_WEEK_HOURS * HOUR_US)
enum { GPU_MILLI = 1000, ENOUGH = 20, BATCH_SIZES = 1 << QUEUE_BATCH_BITS };

struct job {
    uint32_t servers;
    int64_t run_us;
};

/* Columns of the jobs that are fitted, the caller's until fit_free. */
struct fit {
    size_t n;
    struct job *jobs; /* by servers, then by run */
    int64_t *at;      /* of arrival, rising */
    int64_t *values;  /* of one law */
};

static void fit_free(struct fit *f)
{
    free(f->jobs);
    free(f->at);
    free(f->values);
}

static int by_size(const void *a, const void *b)
{
    const struct job *x = a, *y = b;
    if (x->servers != y->servers) return x->servers < y->servers ? -1 : 1;
    return (x->run_us > y->run_us) - (x->run_us < y->run_us);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static enum status fit_init(struct fit *f, const struct workload *w, int32_t server_gpus,
                            struct error *err)
{
    *f = (struct fit){ .jobs = malloc((w->job_n + 1) * sizeof *f->jobs),
                       .at = malloc((w->job_n + 1) * sizeof *f->at),
                       .values = malloc((w->job_n + 1) * sizeof *f->values) };
    if (!f->jobs || !f->at || !f->values)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the laws of %zu jobs", w->job_n);
    int64_t server_milli = (int64_t)server_gpus * GPU_MILLI;
    for (size_t j = 0; j < w->job_n; j++) {
        if (w->gpu_milli[j] <= 0) continue;
        int64_t servers = (w->gpu_milli[j] + server_milli - 1) / server_milli;
        if (servers > QUEUE_SERVERS_MAX)
            return error_set(err, STATUS_BAD_INPUT, "job %zu asks for %lld servers; at most %d can",
                             j, (long long)servers, QUEUE_SERVERS_MAX);
        f->jobs[f->n] = (struct job){ (uint32_t)servers, w->run_us[j] };
        f->at[f->n++] = w->submit_us[j];
    }
    if (f->n < 2 || f->at[f->n - 1] == f->at[0])
        return error_set(err, STATUS_BAD_INPUT,
                         "laws need two jobs with GPUs that come at different times");
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
    for (size_t c = 0; c < n && status == STATUS_OK; c++) {
        size_t m = s[c].to - s[c].from;
        for (size_t i = 0; i < m; i++) f->values[i] = f->jobs[s[c].from + i].run_us;
        qsort(f->values, m, sizeof *f->values, by_value);
        struct queue_law_source run = { 1, NULL, NULL, f->values, m };
        status = queue_laws_class(laws, f->jobs[s[c].to - 1].servers, (double)m, run, err);
    }
    report->sizes = (uint32_t)sizes;
    report->added_work = work > 0 ? added / work : 0;
    free(s);
    return status;
}

/* ---- arrivals ---- */

static bool begins_batch(const struct fit *f, size_t i, double batch_gap_us)
{
    return i == 0 || (double)(f->at[i] - f->at[i - 1]) >= batch_gap_us;
}

/* Arrivals of batches in each of so many hours, over how often the hour was seen. */
static enum status fit_week(const struct fit *f, double batch_gap_us, size_t batches,
                            struct queue_laws *laws, struct queue_fit_report *report,
                            struct error *err)
{
    double span = (double)(f->at[f->n - 1] - f->at[0]), week[QUEUE_WEEK_HOURS] = { 0 };
    double seen[QUEUE_WEEK_HOURS] = { 0 };
    int hours = 0;
    if (span >= 4 * WEEK_US && batches >= (size_t)ENOUGH * QUEUE_WEEK_HOURS)
        hours = QUEUE_WEEK_HOURS;
    else if (span >= 2 * DAY_US && batches >= (size_t)ENOUGH * 24) hours = 24;
    report->weekly_hours = (uint32_t)hours;
    if (hours == 0) return STATUS_OK;
    for (size_t i = 0; i < f->n; i++)
        if (begins_batch(f, i, batch_gap_us)) week[(int64_t)((double)f->at[i] / HOUR_US) % hours]++;
    double from = (double)f->at[0] / HOUR_US, to = (double)f->at[f->n - 1] / HOUR_US;
    for (double h = floor(from); h < to; h++)
        seen[(int64_t)h % hours] += fmin(h + 1, to) - fmax(h, from);
    for (int h = 0; h < hours; h++) week[h] = seen[h] > 0 ? week[h] / seen[h] : 0;
    for (int h = hours; h < QUEUE_WEEK_HOURS; h++) week[h] = week[h % hours];
    return queue_laws_week(laws, week, err);
}

/* The time on the clock of the rate. */
static double rate_clock(const struct queue_laws *laws, const double began[QUEUE_WEEK_HOURS],
                         int64_t at)
{
    if (!laws->weekly) return (double)at;
    double weeks = floor((double)at / WEEK_US), into = (double)at - weeks * WEEK_US;
    int hour = (int)fmin(into / HOUR_US, QUEUE_WEEK_HOURS - 1);
    return weeks * WEEK_US + began[hour] + (into - hour * HOUR_US) * laws->week[hour];
}

/* The law of gaps before jobs that begin a batch, or of those before the others. */
static enum status fit_gaps(struct fit *f, double batch_gap_us, bool between,
                            struct queue_laws *laws, struct error *err)
{
    double began[QUEUE_WEEK_HOURS] = { 0 };
    size_t n = 0;
    for (int h = 1; h < QUEUE_WEEK_HOURS; h++)
        began[h] = began[h - 1] + laws->week[h - 1] * HOUR_US;
    for (size_t i = 1; i < f->n; i++)
        if (begins_batch(f, i, batch_gap_us) == between)
            f->values[n++] =
                llround(rate_clock(laws, began, f->at[i]) - rate_clock(laws, began, f->at[i - 1]));
    qsort(f->values, n, sizeof *f->values, by_value);
    struct queue_law_source source = { 1, NULL, NULL, f->values, n };
    if (between) return queue_laws_gap(laws, source, err);
    return n ? queue_laws_spread(laws, source, err) : STATUS_OK;
}

/* Sizes as they are while there is room for the rest in even groups of their mean. */
static enum status fit_batches(struct fit *f, double batch_gap_us, size_t batches,
                               struct queue_laws *laws, struct error *err)
{
    uint32_t sizes[BATCH_SIZES], n = 0;
    double weights[BATCH_SIZES];
    size_t at = 0;
    if (batches == f->n) return STATUS_OK;
    memset(f->values, 0, batches * sizeof *f->values);
    for (size_t i = 0; i < f->n; i++) {
        if (i > 0 && begins_batch(f, i, batch_gap_us)) at++;
        if (++f->values[at] > UINT16_MAX)
            return error_set(err, STATUS_BAD_INPUT,
                             "a batch of more than %d jobs; let batches end after shorter gaps",
                             UINT16_MAX);
    }
    qsort(f->values, batches, sizeof *f->values, by_value);
    for (size_t from = 0; from < batches; n++) {
        size_t to = from;
        double sum = 0;
        if (n < BATCH_SIZES / 2)
            while (to < batches && f->values[to] == f->values[from]) to++;
        else to += (batches - from + BATCH_SIZES - n - 1) / (BATCH_SIZES - n);
        for (size_t i = from; i < to; i++) sum += (double)f->values[i];
        sizes[n] = (uint32_t)floor(sum / (double)(to - from) + 0.5);
        weights[n] = (double)(to - from);
        from = to;
    }
    return queue_laws_batches(laws, sizes, weights, n, err);
}

enum status queue_fit(const struct workload *w, const struct queue_fit_options *options,
                      struct queue_laws *laws, struct queue_fit_report *report, struct error *err)
{
    struct queue_fit_report own;
    struct fit f;
    size_t batches = 0;
    if (!report) report = &own;
    memset(report, 0, sizeof *report);
    if (options->server_gpus < 1 || !(options->batch_gap_us >= 0))
        return error_set(err, STATUS_BAD_INPUT, "servers of %d GPUs, batches that end after %g us",
                         options->server_gpus, options->batch_gap_us);
    enum status status = queue_laws_init(laws, LAW_SHORT, err);
    if (status) return status;
    status = fit_init(&f, w, options->server_gpus, err);
    if (status) goto done;
    double batch_gap = options->batch_gap_us > 0
                           ? options->batch_gap_us
                           : (double)(f.at[f.n - 1] - f.at[0]) / (double)(f.n - 1) / 10;
    for (size_t i = 0; i < f.n; i++) batches += begins_batch(&f, i, batch_gap);
    report->jobs = f.n;
    report->without_gpus = w->job_n - f.n;
    report->batches = batches;
    if (batches < 2) {
        status =
            error_set(err, STATUS_BAD_INPUT,
                      "all jobs are one batch; let batches end after gaps below %g us", batch_gap);
        goto done;
    }
    if (!options->constant_rate) status = fit_week(&f, batch_gap, batches, laws, report, err);
    if (status == STATUS_OK) status = fit_batches(&f, batch_gap, batches, laws, err);
    if (status == STATUS_OK) status = fit_gaps(&f, batch_gap, true, laws, err);
    if (status == STATUS_OK) status = fit_gaps(&f, batch_gap, false, laws, err);
    if (status == STATUS_OK) status = fit_classes(&f, laws, report, err);
done:
    fit_free(&f);
    if (status) queue_laws_free(laws);
    return status;
}
