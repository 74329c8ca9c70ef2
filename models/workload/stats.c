/* SPDX-License-Identifier: Apache-2.0 */
#include "models/workload/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/quantile.h"

const double stats_quantile_p[STATS_QUANTILE_N] = { 0.50, 0.90, 0.95, 0.99, 1.0 };

static double job_gpu_hours(const struct workload *w, size_t j)
{
    return (double)w->run_us[j] / (double)US_PER_HOUR * w->gpu_milli[j] / 1000;
}

static void count_all(const struct workload *w, struct workload_stats *s)
{
    __int128 gpu_us = 0;
    s->jobs = (int64_t)w->job_n;
    s->span_s = (double)w->span_us / US_PER_S;
    for (size_t j = 0; j < w->job_n; j++) {
        gpu_us += (__int128)w->run_us[j] * w->gpu_milli[j];
        s->cpu_jobs += w->gpu_milli[j] == 0;
        s->fractional_jobs += w->gpu_milli[j] % 1000 != 0;
        s->with_limit += w->limit_us[j] >= 0;
        s->with_start += w->start_us[j] >= 0;
        s->zero_runs += w->run_us[j] == 0;
        s->status[w->status[j]]++;
    }
    s->gpu_hours = (double)gpu_us / 1000 / (double)US_PER_HOUR;
}

static int compare_class(const void *a, const void *b)
{
    const struct stats_class *x = a, *y = b;
    return (x->gpu_milli > y->gpu_milli) - (x->gpu_milli < y->gpu_milli);
}

static enum status count_classes(const struct workload *w, struct workload_stats *s,
                                 struct error *err)
{
    int64_t *runs = malloc((w->job_n + 1) * sizeof *runs);
    enum status status = STATUS_OK;
    if (!runs)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the statistics of %zu jobs",
                         w->job_n);
    for (size_t j = 0; j < w->job_n; j++) {
        int c = 0;
        while (c < s->class_n && s->classes[c].gpu_milli != w->gpu_milli[j]) c++;
        if (c == s->class_n) {
            if (s->class_n == STATS_CLASS_MAX) {
                s->class_rest++;
                continue;
            }
            s->classes[s->class_n++].gpu_milli = w->gpu_milli[j];
        }
        s->classes[c].jobs++;
        s->classes[c].gpu_hours += job_gpu_hours(w, j);
    }
    qsort(s->classes, (size_t)s->class_n, sizeof *s->classes, compare_class);
    for (int c = 0; status == STATUS_OK && c < s->class_n; c++) {
        for (size_t j = 0; j < w->job_n; j++)
            runs[j] = w->gpu_milli[j] == s->classes[c].gpu_milli ? w->run_us[j] : -1;
        status = quantiles_of(runs, w->job_n, stats_quantile_p, STATS_QUANTILE_N,
                              s->classes[c].run_us, err);
    }
    free(runs);
    return status;
}

static int compare_tenant(const void *a, const void *b)
{
    const struct stats_tenant *x = a, *y = b;
    if (x->gpu_hours != y->gpu_hours) return x->gpu_hours > y->gpu_hours ? -1 : 1;
    return (x->tenant > y->tenant) - (x->tenant < y->tenant);
}

static enum status count_tenants(const struct workload *w, struct workload_stats *s,
                                 struct error *err)
{
    struct stats_tenant *all = calloc(w->tenants.n, sizeof *all);
    if (!all) return error_set(err, STATUS_NO_MEMORY, "no memory for %u tenants", w->tenants.n);
    for (uint32_t t = 0; t < w->tenants.n; t++) all[t].tenant = t;
    for (size_t j = 0; j < w->job_n; j++) {
        all[w->tenant[j]].jobs++;
        all[w->tenant[j]].gpu_hours += job_gpu_hours(w, j);
    }
    qsort(all, w->tenants.n, sizeof *all, compare_tenant);
    for (uint32_t t = 0; t < w->tenants.n; t++) {
        if (all[t].jobs == 0) continue;
        s->tenants++;
        if (s->tenant_n < STATS_TENANT_MAX) s->top[s->tenant_n++] = all[t];
    }
    free(all);
    return STATUS_OK;
}

static enum status count_arrivals(const struct workload *w, struct workload_stats *s,
                                  struct error *err)
{
    size_t n = w->job_n, zero = 0;
    if (n < 2) return STATUS_OK;
    double mean = (double)w->span_us / (double)(n - 1), squares = 0;
    for (size_t j = 1; j < n; j++) {
        double gap = (double)(w->submit_us[j] - w->submit_us[j - 1]);
        zero += gap == 0;
        squares += (gap - mean) * (gap - mean);
    }
    s->gap_cv = mean > 0 ? sqrt(squares / (double)(n - 1)) / mean : 0;
    s->zero_gaps = (double)zero / (double)(n - 1);

    /* Whole hours from the first submission; the last, broken one is left out. */
    size_t hours = (size_t)(w->span_us / US_PER_HOUR);
    if (hours < 2) return STATUS_OK;
    int64_t *count = calloc(hours, sizeof *count);
    if (!count) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu hours", hours);
    double sum = 0, variance = 0, lag = 0;
    for (size_t j = 0; j < n; j++) {
        size_t h = (size_t)((w->submit_us[j] - w->submit_us[0]) / US_PER_HOUR);
        if (h < hours) count[h]++;
    }
    for (size_t h = 0; h < hours; h++) {
        sum += (double)count[h];
        if (count[h] > s->busiest_hour) s->busiest_hour = count[h];
    }
    mean = sum / (double)hours;
    for (size_t h = 0; h < hours; h++) {
        variance += ((double)count[h] - mean) * ((double)count[h] - mean);
        if (h) lag += ((double)count[h] - mean) * ((double)count[h - 1] - mean);
    }
    s->hourly_fano = mean > 0 ? variance / (double)hours / mean : 0;
    s->hourly_lag1 = variance > 0 ? lag / variance : 0;
    free(count);
    return STATUS_OK;
}

struct change {
    int64_t time_us, gpu_milli;
};

static int compare_change(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    return (x->time_us > y->time_us) - (x->time_us < y->time_us);
}

struct held {
    int64_t gpu_milli, us;
};

static int compare_held(const void *a, const void *b)
{
    const struct held *x = a, *y = b;
    return (x->gpu_milli > y->gpu_milli) - (x->gpu_milli < y->gpu_milli);
}

/* The load that is not exceeded for a share q of the time. */
static double time_quantile(const struct held *held, size_t n, int64_t total_us, double q)
{
    double below = 0;
    for (size_t i = 0; i < n; i++) {
        below += (double)held[i].us;
        if (below >= q * (double)total_us) return (double)held[i].gpu_milli / 1000;
    }
    return n ? (double)held[n - 1].gpu_milli / 1000 : 0;
}

static enum status sweep_load(const struct workload *w, struct workload_stats *s, struct error *err)
{
    size_t n = 0, steps = 0;
    struct change *changes = malloc((2 * w->job_n + 1) * sizeof *changes);
    s->load = malloc((2 * w->job_n + 1) * sizeof *s->load);
    struct held *held = malloc((2 * w->job_n + 1) * sizeof *held);
    enum status status =
        changes && s->load && held
            ? STATUS_OK
            : error_set(err, STATUS_NO_MEMORY, "no memory for the load of %zu jobs", w->job_n);
    for (size_t j = 0; status == STATUS_OK && j < w->job_n; j++) {
        if (w->gpu_milli[j] == 0 || w->run_us[j] == 0) continue;
        changes[n++] = (struct change){ w->submit_us[j], w->gpu_milli[j] };
        changes[n++] = (struct change){ w->submit_us[j] + w->run_us[j], -(int64_t)w->gpu_milli[j] };
    }
    if (status == STATUS_OK && n > 0) {
        __int128 area = 0;
        int64_t gpu_milli = 0, peak = 0;
        qsort(changes, n, sizeof *changes, compare_change);
        for (size_t i = 0; i < n;) {
            int64_t time_us = changes[i].time_us;
            while (i < n && changes[i].time_us == time_us) gpu_milli += changes[i++].gpu_milli;
            int64_t until_us = i < n ? changes[i].time_us : time_us;
            s->load[s->load_n++] = (struct load_point){ time_us, gpu_milli };
            held[steps++] = (struct held){ gpu_milli, until_us - time_us };
            area += (__int128)gpu_milli * (until_us - time_us);
            if (gpu_milli > peak) peak = gpu_milli;
        }
        int64_t total_us = changes[n - 1].time_us - changes[0].time_us;
        qsort(held, steps, sizeof *held, compare_held);
        s->load_mean = total_us > 0 ? (double)area / 1000 / (double)total_us : 0;
        s->load_p50 = time_quantile(held, steps, total_us, 0.50);
        s->load_p95 = time_quantile(held, steps, total_us, 0.95);
        s->load_peak = (double)peak / 1000;
    }
    free(changes);
    free(held);
    return status;
}

enum status workload_stats_of(const struct workload *w, struct workload_stats *s, struct error *err)
{
    memset(s, 0, sizeof *s);
    count_all(w, s);
    enum status status = count_classes(w, s, err);
    if (status == STATUS_OK) status = count_tenants(w, s, err);
    if (status == STATUS_OK) status = count_arrivals(w, s, err);
    if (status == STATUS_OK) status = sweep_load(w, s, err);
    if (status != STATUS_OK) workload_stats_free(s);
    return status;
}

void workload_stats_free(struct workload_stats *s)
{
    free(s->load);
    memset(s, 0, sizeof *s);
}
