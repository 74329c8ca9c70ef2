/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A preset from a trace, by the rules the built-in ones were fitted by: a batch is a run of jobs of
 * one tenant and one GPU count with gaps of at most 60 s between them. In a trace so dense that
 * such gaps are no sign of a batch, it is half the mean gap between jobs of that tenant and GPU
 * count: else all jobs of a busy tenant would be one batch.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/workload/synth_preset.h"
#include "sim/quantile.h"

#define BATCH_GAP_US ((SYNTH_GAP_N - 1) * (int64_t)US_PER_S)
enum { BATCH_SIZE_MAX = 1 << 20 }; /* places in a batch that synth.c can name */

struct fit {
    const struct workload *w;
    struct synth_preset *p;
    uint32_t *batch_of; /* by job */
    uint32_t *size;     /* by batch */
    uint32_t *first;    /* first job of a batch */
    uint32_t batch_n;
    int64_t *scratch; /* [job_n] */
};

/* The jobs of each (tenant, GPU count) so far: a small open table, grown never beyond jobs. */
struct kind {
    uint64_t key;
    uint32_t jobs, last; /* last: job + 1, 0 = none yet */
};

/* Where the table is crowded a kind may be forgotten for another: a batch then ends early. */
static struct kind *kind_of(struct kind *kinds, size_t slots, const struct workload *w, uint32_t j)
{
    uint64_t key = (uint64_t)w->tenant[j] << 32 | (uint32_t)w->gpu_milli[j],
             h = key * UINT64_C(0x9e3779b97f4a7c15) >> 20 & (slots - 1);
    for (size_t probe = 0; kinds[h].jobs && kinds[h].key != key && probe < 64; probe++)
        h = (h + 1) & (slots - 1);
    if (kinds[h].key != key || kinds[h].jobs == 0) kinds[h] = (struct kind){ key, 0, 0 };
    return &kinds[h];
}

static enum status find_batches(struct fit *f, struct error *err)
{
    const struct workload *w = f->w;
    size_t n = w->job_n, slots = 64;
    double gaps = 0;
    while (slots < 2 * n && slots < (size_t)1 << 22) slots *= 2;
    struct kind *kinds = calloc(slots, sizeof *kinds);
    if (!kinds) return error_set(err, STATUS_NO_MEMORY, "no memory to fit %zu jobs", n);
    for (uint32_t j = 0; j < n; j++) kind_of(kinds, slots, w, j)->jobs++;
    for (uint32_t j = 0; j < n; j++) {
        struct kind *kind = kind_of(kinds, slots, w, j);
        if (kind->jobs == 0) kind->jobs = 1; /* forgotten and met again */
        int64_t half_mean_us = w->span_us / kind->jobs / 2;
        int64_t most_us = half_mean_us < BATCH_GAP_US ? half_mean_us : BATCH_GAP_US;
        int64_t gap_us = kind->last ? w->submit_us[j] - w->submit_us[kind->last - 1] : INT64_MAX;
        uint32_t batch = kind->last ? f->batch_of[kind->last - 1] : 0;
        if (gap_us <= most_us && f->size[batch] < BATCH_SIZE_MAX) {
            f->p->gap_share[(gap_us + US_PER_S / 2) / US_PER_S]++;
            gaps++;
        } else {
            batch = f->batch_n++;
            f->first[batch] = j;
            f->size[batch] = 0;
        }
        f->batch_of[j] = batch;
        f->size[batch]++;
        kind->last = j + 1;
    }
    for (int gap = 0; gaps > 0 && gap < SYNTH_GAP_N; gap++) f->p->gap_share[gap] /= gaps;
    free(kinds);
    return STATUS_OK;
}

static enum status table_of(const int64_t *us, size_t n, double unit, double out[SYNTH_QUANTILE_N],
                            struct error *err)
{
    int64_t q[SYNTH_QUANTILE_N];
    enum status status = quantiles_of(us, n, synth_quantile_p, SYNTH_QUANTILE_N, q, err);
    for (int i = 0; status == STATUS_OK && i < SYNTH_QUANTILE_N; i++) out[i] = (double)q[i] / unit;
    return status;
}

static enum status fit_sizes(struct fit *f, struct error *err)
{
    for (uint32_t b = 0; b < f->batch_n; b++) {
        uint32_t size = f->size[b];
        f->p->size_share[size < SYNTH_SIZE_N ? size - 1 : SYNTH_SIZE_N - 1]++;
        f->scratch[b] = size < SYNTH_SIZE_N ? -1 : (int64_t)size;
    }
    for (int k = 0; k < SYNTH_SIZE_N; k++) f->p->size_share[k] /= f->batch_n;
    return table_of(f->scratch, f->batch_n, 1, f->p->tail_size, err);
}

/* Batches by hour of the week, and how much hours vary beyond Poisson: k = sum of m^2 / sum of
 * (N - m)^2 - m. Hours of the wall clock where there is one, else of the trace from its second 0,
 * taken for a Monday 00:00. */
static enum status fit_rate(struct fit *f, struct error *err)
{
    const struct workload *w = f->w;
    /* 1970-01-01 was a Thursday. */
    int64_t week_us = SYNTH_WEEK_HOURS * US_PER_HOUR, t0_us = 0;
    if (w->t0_unix_us != INT64_MIN)
        t0_us = ((w->t0_unix_us % week_us) + week_us + 72 * US_PER_HOUR) % week_us;
    int64_t from = (t0_us + w->submit_us[0]) / US_PER_HOUR;
    size_t hours = (size_t)((t0_us + w->submit_us[w->job_n - 1]) / US_PER_HOUR - from) + 1;
    double seen[SYNTH_WEEK_HOURS] = { 0 }, count[SYNTH_WEEK_HOURS] = { 0 }, squares = 0, excess = 0;
    uint32_t *n = calloc(hours, sizeof *n);
    if (!n) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu hours", hours);
    for (uint32_t b = 0; b < f->batch_n; b++)
        n[(t0_us + w->submit_us[f->first[b]]) / US_PER_HOUR - from]++;
    for (size_t h = 0; h < hours; h++) {
        size_t of_week = ((size_t)from + h) % SYNTH_WEEK_HOURS;
        seen[of_week]++;
        count[of_week] += n[h];
    }
    /* Hours of the week that the trace never saw are taken for ordinary ones. */
    double ordinary = (double)f->batch_n / (double)hours, mean = 0;
    for (int h = 0; h < SYNTH_WEEK_HOURS; h++) {
        f->p->week[h] = seen[h] > 0 ? count[h] / seen[h] : ordinary;
        mean += f->p->week[h] / SYNTH_WEEK_HOURS;
    }
    for (size_t h = 0; h < hours; h++) {
        double m = f->p->week[((size_t)from + h) % SYNTH_WEEK_HOURS];
        squares += m * m;
        excess += (n[h] - m) * (n[h] - m) - m;
    }
    for (int h = 0; h < SYNTH_WEEK_HOURS; h++) f->p->week[h] /= mean;
    f->p->rate_k = excess > 0 ? fmin(fmax(squares / excess, 0.05), 1e6) : 1e6;
    free(n);
    return STATUS_OK;
}

static enum status fit_tables(struct fit *f, struct error *err)
{
    const struct workload *w = f->w;
    enum status status = STATUS_OK;
    for (int c = 0; status == STATUS_OK && c < CLASS_N; c++) {
        for (size_t j = 0; j < w->job_n; j++)
            f->scratch[j] = (int)gpu_class_of(w->gpu_milli[j]) == c ? w->run_us[j] : -1;
        status = table_of(f->scratch, w->job_n, US_PER_S, f->p->duration_s[c], err);
    }
    if (status == STATUS_OK) status = table_of(w->cpu_milli, w->job_n, 1000, f->p->cpu_cores, err);
    if (status == STATUS_OK) status = table_of(w->mem_mib, w->job_n, 1024, f->p->mem_gib, err);
    return status;
}

/* The median over batches of five jobs or more of the standard deviation of ln run time. */
static enum status fit_noise(struct fit *f, struct error *err)
{
    const struct workload *w = f->w;
    static const double half[] = { 0.5 };
    double *sum = calloc(f->batch_n, sizeof *sum), *squares = calloc(f->batch_n, sizeof *squares);
    int64_t median = 0;
    enum status status = sum && squares ? STATUS_OK
                                        : error_set(err, STATUS_NO_MEMORY,
                                                    "no memory to fit %u batches", f->batch_n);
    for (size_t j = 0; status == STATUS_OK && j < w->job_n; j++) {
        double x = log(fmax((double)w->run_us[j] / US_PER_S, 1));
        sum[f->batch_of[j]] += x;
        squares[f->batch_of[j]] += x * x;
    }
    for (uint32_t b = 0; status == STATUS_OK && b < f->batch_n; b++) {
        double n = f->size[b],
               variance = n >= 5 ? (squares[b] - sum[b] * sum[b] / n) / (n - 1) : -1;
        f->scratch[b] = n >= 5 ? (int64_t)(1e9 * sqrt(fmax(variance, 0))) : -1;
    }
    if (status == STATUS_OK) status = quantiles_of(f->scratch, f->batch_n, half, 1, &median, err);
    f->p->noise_sd = (double)median / 1e9;
    free(sum);
    free(squares);
    return status;
}

static int compare_share(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static enum status fit_shares(struct fit *f, struct error *err)
{
    const struct workload *w = f->w;
    struct synth_share *gpus = calloc(1024, sizeof *gpus);
    double *tenants = calloc(w->tenants.n, sizeof *tenants);
    f->p->gpus = gpus;
    f->p->tenants = tenants;
    if (!gpus || !tenants) return error_set(err, STATUS_NO_MEMORY, "out of memory");
    for (size_t j = 0; j < w->job_n; j++) {
        int32_t g = 0;
        while (g < f->p->gpu_n && gpus[g].gpu_milli != w->gpu_milli[j]) g++;
        if (g == 1024) g = 1023; /* beyond a thousand counts the last one takes them */
        if (g == f->p->gpu_n) gpus[f->p->gpu_n++].gpu_milli = w->gpu_milli[j];
        gpus[g].share += 1.0 / (double)w->job_n;
        tenants[w->tenant[j]] += 1.0 / (double)w->job_n;
    }
    qsort(tenants, w->tenants.n, sizeof *tenants, compare_share);
    while (f->p->tenant_n < (int32_t)w->tenants.n && tenants[f->p->tenant_n] > 0) f->p->tenant_n++;
    return STATUS_OK;
}

enum status synth_preset_fit(const struct workload *w, struct synth_preset **preset,
                             struct error *err)
{
    size_t n = w->job_n ? w->job_n : 1;
    struct fit f = { .w = w,
                     .p = calloc(1, sizeof *f.p),
                     .batch_of = malloc(n * 4),
                     .size = malloc(n * 4),
                     .first = malloc(n * 4),
                     .scratch = malloc(n * 8) };
    enum status status = f.p && f.batch_of && f.size && f.first && f.scratch
                             ? STATUS_OK
                             : error_set(err, STATUS_NO_MEMORY, "no memory to fit %zu jobs", n);
    if (status == STATUS_OK && (w->job_n < 100 || w->span_us < US_PER_HOUR))
        status = error_set(err, STATUS_BAD_INPUT,
                           "a trace of at least 100 jobs and an hour is needed to imitate it");
    if (status == STATUS_OK) {
        f.p->name = "the given trace";
        f.p->summary = "fitted from a trace file";
        f.p->source = "";
        f.p->owned = true;
        status = find_batches(&f, err);
    }
    if (status == STATUS_OK) status = fit_sizes(&f, err);
    if (status == STATUS_OK) status = fit_rate(&f, err);
    if (status == STATUS_OK) status = fit_tables(&f, err);
    if (status == STATUS_OK) status = fit_noise(&f, err);
    if (status == STATUS_OK) status = fit_shares(&f, err);
    free(f.batch_of);
    free(f.size);
    free(f.first);
    free(f.scratch);
    if (status == STATUS_OK) {
        *preset = f.p;
    } else {
        if (f.p) f.p->owned = true;
        synth_preset_free(f.p);
    }
    return status;
}

void synth_preset_free(struct synth_preset *preset)
{
    if (!preset || !preset->owned) return;
    free((void *)preset->gpus);
    free((void *)preset->tenants);
    free(preset);
}
