/* SPDX-License-Identifier: Apache-2.0 */
/* How bursty submissions are, and when they come. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "models/workload/stats_parts.h"

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static void gaps(const struct workload *w, struct workload_stats *s)
{
    size_t n = w->job_n, zero = 0;
    if (n < 2) return;
    double mean = (double)w->span_us / (double)(n - 1), squares = 0;
    for (size_t j = 1; j < n; j++) {
        double gap = (double)(w->submit_us[j] - w->submit_us[j - 1]);
        zero += gap == 0;
        squares += (gap - mean) * (gap - mean);
    }
    s->gap_mean_s = mean / US_PER_S;
    s->gap_cv = mean > 0 ? sqrt(squares / (double)(n - 1)) / mean : 0;
    s->zero_gaps = (double)zero / (double)(n - 1);
}

static void spread(struct workload_stats *s)
{
    double n = (double)s->hour_n, sum = 0, variance = 0, lag = 0, empty = 0;
    for (size_t h = 0; h < s->hour_n; h++) {
        sum += (double)s->hourly[h];
        empty += s->hourly[h] == 0;
        if (s->hourly[h] <= s->busiest_hour) continue;
        s->busiest_hour = s->hourly[h];
        s->busiest_hour_us = s->hour0_us + (int64_t)h * US_PER_HOUR;
    }
    s->hourly_mean = sum / n;
    s->empty_hours = empty / n;
    for (size_t h = 0; h < s->hour_n; h++) {
        double off = (double)s->hourly[h] - s->hourly_mean;
        variance += off * off;
        if (h) lag += off * ((double)s->hourly[h - 1] - s->hourly_mean);
    }
    s->hourly_fano = variance / n / s->hourly_mean;
    s->hourly_lag1 = variance > 0 ? lag / variance : 0;
}

/* Jobs in each hour of a period, against the mean of them; `first` is the first hour's place in it.
 */
static void pattern(const struct workload_stats *s, int64_t first, size_t period, double *weight)
{
    double jobs[168] = { 0 }, hours[168] = { 0 }, mean = 0;
    for (size_t h = 0; h < s->hour_n; h++) {
        jobs[((size_t)first + h) % period] += (double)s->hourly[h];
        hours[((size_t)first + h) % period]++;
    }
    for (size_t p = 0; p < period; p++) mean += jobs[p] / hours[p] / (double)period;
    for (size_t p = 0; p < period; p++) weight[p] = jobs[p] / hours[p] / mean;
}

enum status stats_arrivals(const struct workload *w, struct workload_stats *s, struct error *err)
{
    if (w->job_n == 0) return STATUS_OK;
    gaps(w, s);
    bool clock = w->t0_unix_us != INT64_MIN;
    int64_t t0_us = clock ? w->t0_unix_us : 0;
    int64_t first = floor_div(t0_us + w->submit_us[0], US_PER_HOUR);
    int64_t last = floor_div(t0_us + w->submit_us[w->job_n - 1], US_PER_HOUR);
    s->hour_n = (size_t)(last - first) + 1;
    s->hour0_us = first * US_PER_HOUR - t0_us;
    s->hourly = calloc(s->hour_n, sizeof *s->hourly);
    if (!s->hourly) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu hours", s->hour_n);
    for (size_t j = 0; j < w->job_n; j++)
        s->hourly[(w->submit_us[j] - s->hour0_us) / US_PER_HOUR]++;
    spread(s);
    /* 1970-01-01 was a Thursday: hour 0 of the Unix clock is hour 72 of its week. */
    int64_t of_week = ((first + 72) % 168 + 168) % 168;
    if (s->hour_n >= 24) pattern(s, of_week % 24, 24, s->hour_of_day);
    if (clock && s->hour_n >= 168) {
        double week[168];
        pattern(s, of_week, 168, week);
        for (int h = 0; h < 168; h++) s->day_of_week[h / 24] += week[h] / 24;
    }
    return STATUS_OK;
}
