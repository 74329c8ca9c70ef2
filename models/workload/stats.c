/* SPDX-License-Identifier: Apache-2.0 */
#include "models/workload/stats.h"

#include <stdlib.h>
#include <string.h>

#include "models/workload/stats_parts.h"
#include "sim/quantile.h"

const double stats_quantile_p[STATS_QUANTILE_N] = { 0.50, 0.90, 0.95, 0.99, 1.0 };

const int64_t stats_span_most_s[STATS_SPAN_N] = { 60,    600,       3600,      14400,
                                                  86400, 3 * 86400, 7 * 86400, INT64_MAX };
const char *const stats_span_name[STATS_SPAN_N] = { "under 1 min", "1-10 min",   "10-60 min",
                                                    "1-4 h",       "4-24 h",     "1-3 days",
                                                    "3-7 days",    "over 7 days" };

static void count_all(const struct workload *w, struct workload_stats *s)
{
    __int128 gpu_us[STATS_SPAN_N] = { 0 };
    s->first_us = w->job_n ? w->submit_us[0] : 0;
    s->span_us = w->span_us;
    for (size_t j = 0; j < w->job_n; j++) {
        s->cpu_jobs += w->gpu_milli[j] == 0;
        s->fractional_jobs += w->gpu_milli[j] % 1000 != 0;
        s->with_limit += w->limit_us[j] >= 0;
        s->with_start += w->start_us[j] != -1;
        s->zero_runs += w->run_us[j] == 0;
        s->status[w->status[j]]++;
        int span = 0;
        while (w->run_us[j] / US_PER_S >= stats_span_most_s[span]) span++;
        s->spans[span].jobs++;
        gpu_us[span] += (__int128)w->run_us[j] * w->gpu_milli[j];
    }
    for (int i = 0; i < STATS_SPAN_N; i++) s->spans[i].gpu_hours = gpu_hours_of(gpu_us[i]);
}

static enum status waits(const struct workload *w, struct workload_stats *s, struct error *err)
{
    if (s->with_start == 0) return STATUS_OK;
    int64_t *wait_us = malloc(w->job_n * sizeof *wait_us);
    if (!wait_us)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the waits of %zu jobs", w->job_n);
    __int128 sum = 0;
    for (size_t j = 0; j < w->job_n; j++) {
        wait_us[j] = w->start_us[j] == -1 ? -1 : w->start_us[j] - w->submit_us[j];
        if (wait_us[j] < 0) continue;
        sum += wait_us[j];
        s->wait_n++;
    }
    if (s->wait_n) s->wait_mean_s = (double)sum / (double)s->wait_n / US_PER_S;
    enum status status =
        quantiles_of(wait_us, w->job_n, stats_quantile_p, STATS_QUANTILE_N, s->wait_us, err);
    free(wait_us);
    return status;
}

/* What the hundredth of the jobs with the most GPU time holds of all of it. */
static enum status top_share(const struct workload *w, struct workload_stats *s, struct error *err)
{
    static const double q[] = { 0.99 };
    int64_t *held = malloc((w->job_n + 1) * sizeof *held), edge;
    if (!held)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the statistics of %zu jobs",
                         w->job_n);
    /* GPU time of a job, shifted down where the largest one does not fit. */
    __int128 most = 0;
    int shift = 0;
    for (size_t j = 0; j < w->job_n; j++) {
        __int128 gpu_us = (__int128)w->run_us[j] * w->gpu_milli[j];
        if (gpu_us > most) most = gpu_us;
    }
    while (most >> shift > INT64_MAX) shift++;
    for (size_t j = 0; j < w->job_n; j++)
        held[j] = (int64_t)((__int128)w->run_us[j] * w->gpu_milli[j] >> shift);
    enum status status = quantiles_of(held, w->job_n, q, 1, &edge, err);
    if (status == STATUS_OK) {
        /* Those above the edge, and of those at the edge as many as are still wanted. */
        size_t left = w->job_n - quantile_rank(0.99, w->job_n);
        __int128 all = 0, top = 0;
        for (size_t j = 0; j < w->job_n; j++) {
            all += held[j];
            if (held[j] <= edge) continue;
            top += held[j];
            left--;
        }
        top += (__int128)edge * (int64_t)left;
        if (all > 0) s->top_share = (double)top / (double)all;
    }
    free(held);
    return status;
}

enum status workload_stats_of(const struct workload *w, struct workload_stats *s, struct error *err)
{
    memset(s, 0, sizeof *s);
    count_all(w, s);
    enum status status = stats_sizes(w, s, err);
    if (status == STATUS_OK) status = top_share(w, s, err);
    if (status == STATUS_OK) status = stats_names_of(w, s, err);
    if (status == STATUS_OK) status = stats_arrivals(w, s, err);
    if (status == STATUS_OK) status = stats_load(w, s, err);
    if (status == STATUS_OK) status = waits(w, s, err);
    if (status != STATUS_OK) workload_stats_free(s);
    return status;
}

void workload_stats_free(struct workload_stats *s)
{
    free(s->hourly);
    free(s->load_us);
    free(s->load_milli);
    memset(s, 0, sizeof *s);
}
