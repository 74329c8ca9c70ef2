/* SPDX-License-Identifier: Apache-2.0 */
/* The load at infinite capacity: starts come sorted, ends are sorted, the two are merged. */
#include <stdbool.h>
#include <stdlib.h>

#include "models/workload/stats_parts.h"
#include "sim/quantile.h"

struct end {
    int64_t time_us, gpu_milli;
};

static int compare_end(const void *a, const void *b)
{
    const struct end *x = a, *y = b;
    return (x->time_us > y->time_us) - (x->time_us < y->time_us);
}

static bool holds(const struct workload *w, size_t j)
{
    return w->gpu_milli[j] > 0 && w->run_us[j] > 0;
}

/* The step function: one point a moment at which something starts or ends. */
static void merge(const struct workload *w, const struct end *ends, size_t end_n,
                  struct workload_stats *s)
{
    int64_t gpu_milli = 0;
    size_t j = 0, e = 0;
    while (e < end_n) {
        while (j < w->job_n && !holds(w, j)) j++;
        int64_t now_us =
            j < w->job_n && w->submit_us[j] < ends[e].time_us ? w->submit_us[j] : ends[e].time_us;
        while (j < w->job_n && w->submit_us[j] == now_us) {
            if (holds(w, j)) gpu_milli += w->gpu_milli[j];
            j++;
        }
        while (e < end_n && ends[e].time_us == now_us) gpu_milli -= ends[e++].gpu_milli;
        s->load_us[s->load_n] = now_us;
        s->load_milli[s->load_n++] = gpu_milli;
    }
}

/* held_us[i] becomes how long step i lasts. */
static enum status measure(struct workload_stats *s, int64_t *held_us, struct error *err)
{
    static const double q[] = { 0.50, 0.95, 0.99 };
    int64_t level[3], total_us = s->load_us[s->load_n - 1] - s->load_us[0], peak = 0;
    __int128 area = 0;
    for (size_t i = 0; i < s->load_n; i++) {
        held_us[i] = i + 1 < s->load_n ? s->load_us[i + 1] - s->load_us[i] : 0;
        area += (__int128)s->load_milli[i] * held_us[i];
        if (s->load_milli[i] <= peak) continue;
        peak = s->load_milli[i];
        s->load_peak_us = s->load_us[i];
    }
    enum status status = quantiles_weighted(s->load_milli, held_us, s->load_n, q, 3, level, err);
    if (status != STATUS_OK) return status;
    s->load_mean = (double)area / (1e3 * (double)total_us);
    s->load_offered = s->span_us > 0 ? (double)area / (1e3 * (double)s->span_us) : 0;
    s->load_p50 = (double)level[0] / 1000;
    s->load_p95 = (double)level[1] / 1000;
    s->load_p99 = (double)level[2] / 1000;
    s->load_peak = (double)peak / 1000;
    return STATUS_OK;
}

enum status stats_load(const struct workload *w, struct workload_stats *s, struct error *err)
{
    size_t n = 0;
    for (size_t j = 0; j < w->job_n; j++) n += holds(w, j);
    if (n == 0) return STATUS_OK;
    struct end *ends = malloc(n * sizeof *ends);
    int64_t *held_us = malloc(2 * n * sizeof *held_us);
    s->load_us = malloc(2 * n * sizeof *s->load_us);
    s->load_milli = malloc(2 * n * sizeof *s->load_milli);
    enum status status = STATUS_OK;
    if (!ends || !held_us || !s->load_us || !s->load_milli) {
        status = error_set(err, STATUS_NO_MEMORY, "no memory for the load of %zu jobs", n);
    } else {
        size_t e = 0;
        for (size_t j = 0; j < w->job_n; j++)
            if (holds(w, j))
                ends[e++] = (struct end){ w->submit_us[j] + w->run_us[j], w->gpu_milli[j] };
        qsort(ends, n, sizeof *ends, compare_end);
        merge(w, ends, n, s);
        status = measure(s, held_us, err);
    }
    free(ends);
    free(held_us);
    return status;
}
