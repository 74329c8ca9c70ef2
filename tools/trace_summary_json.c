/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "tools/trace_summary.h"

static void put_real(json_t *o, const char *key, double value)
{
    json_object_set_new(o, key, json_real(value));
}

static void put_count(json_t *o, const char *key, int64_t value)
{
    json_object_set_new(o, key, json_integer(value));
}

static void put_text(json_t *o, const char *key, const char *text)
{
    json_t *value = json_string(text);
    json_object_set_new(o, key, value ? value : json_string("(not UTF-8)"));
}

static double seconds(int64_t us) { return (double)us / US_PER_S; }

/* "2017-10-02T07:00:00Z"; left out where the trace has no clock. */
static void put_clock(json_t *o, const char *key, const struct workload *w, int64_t us)
{
    char text[40];
    struct tm tm;
    if (w->t0_unix_us == INT64_MIN) return;
    int64_t unix_us = w->t0_unix_us + us;
    time_t t = (time_t)(unix_us / US_PER_S - (unix_us % US_PER_S < 0));
    if (gmtime_r(&t, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
        put_text(o, key, text);
}

/* prefix_p50_s ... prefix_max_s */
static void put_quantiles(json_t *o, const char *prefix, const int64_t us[STATS_QUANTILE_N])
{
    static const char *const names[STATS_QUANTILE_N] = { "p50", "p90", "p95", "p99", "max" };
    for (int q = 0; q < STATS_QUANTILE_N; q++) {
        char key[32];
        snprintf(key, sizeof key, "%s_%s_s", prefix, names[q]);
        put_real(o, key, seconds(us[q]));
    }
}

static void put_runs(json_t *o, const struct stats_runs *k)
{
    put_count(o, "jobs", k->jobs);
    put_real(o, "gpu_hours", k->gpu_hours);
    put_real(o, "run_mean_s", k->run_mean_s);
    put_quantiles(o, "run", k->run_us);
}

static void put_sizes(json_t *o, const struct workload_stats *s)
{
    json_t *counts = json_array(), *classes = json_array(), *spans = json_array();
    for (int c = 0; c < s->count_n; c++) {
        json_t *k = json_object();
        put_real(k, "gpus", s->counts[c].gpu_milli / 1000.0);
        put_runs(k, &s->counts[c].of);
        json_array_append_new(counts, k);
    }
    for (int c = 0; c < CLASS_N; c++) {
        if (s->sizes[c].jobs == 0) continue;
        json_t *k = json_object();
        put_text(k, "gpus", gpu_class_name((enum gpu_class)c));
        put_runs(k, &s->sizes[c]);
        json_array_append_new(classes, k);
    }
    for (int i = 0; i < STATS_SPAN_N; i++) {
        json_t *k = json_object();
        put_text(k, "run_time", stats_span_name[i]);
        put_count(k, "jobs", s->spans[i].jobs);
        put_real(k, "gpu_hours", s->spans[i].gpu_hours);
        json_array_append_new(spans, k);
    }
    json_object_set_new(o, "gpu_counts", counts);
    put_count(o, "jobs_of_other_gpu_counts", s->count_rest);
    json_object_set_new(o, "gpu_classes", classes);
    json_object_set_new(o, "run_times", spans);
}

static void put_names(json_t *o, const char *many, const char *one, const struct names *names,
                      const struct stats_names *of)
{
    char key[32];
    json_t *top = json_array();
    for (int t = 0; t < of->top_n; t++) {
        json_t *k = json_object();
        put_text(k, one, names->text[of->top[t].name]);
        put_count(k, "jobs", of->top[t].jobs);
        put_real(k, "gpu_hours", of->top[t].gpu_hours);
        json_array_append_new(top, k);
    }
    put_count(o, many, of->n);
    snprintf(key, sizeof key, "top_%s", many);
    json_object_set_new(o, key, top);
}

static void put_weights(json_t *o, const char *key, const double *weight, int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++) json_array_append_new(list, json_real(weight[i]));
    json_object_set_new(o, key, list);
}

static void put_arrivals(json_t *o, const struct workload *w, const struct workload_stats *s)
{
    put_clock(o, "first_submit", w, s->first_us);
    put_clock(o, "last_submit", w, s->first_us + s->span_us);
    put_real(o, "span_s", seconds(s->span_us));
    put_real(o, "gap_mean_s", s->gap_mean_s);
    put_real(o, "gap_cv", s->gap_cv);
    put_real(o, "zero_gap_share", s->zero_gaps);
    put_real(o, "hourly_mean_jobs", s->hourly_mean);
    put_real(o, "hourly_fano", s->hourly_fano);
    put_real(o, "hourly_lag1", s->hourly_lag1);
    put_real(o, "empty_hour_share", s->empty_hours);
    put_count(o, "busiest_hour_jobs", s->busiest_hour);
    put_real(o, "busiest_hour_at_s", seconds(s->busiest_hour_us));
    if (s->hour_n >= 24) put_weights(o, "hour_of_day_weight", s->hour_of_day, 24);
    if (s->hour_n >= 168 && w->t0_unix_us != INT64_MIN)
        put_weights(o, "day_of_week_weight", s->day_of_week, 7);
}

static void put_load(json_t *o, const struct workload_stats *s)
{
    put_real(o, "load_offered_gpus", s->load_offered);
    put_real(o, "load_mean_gpus", s->load_mean);
    put_real(o, "load_p50_gpus", s->load_p50);
    put_real(o, "load_p95_gpus", s->load_p95);
    put_real(o, "load_p99_gpus", s->load_p99);
    put_real(o, "load_peak_gpus", s->load_peak);
    put_real(o, "load_peak_at_s", seconds(s->load_peak_us));
}

bool trace_summary_json(const struct workload *w, const struct workload_stats *s)
{
    json_t *o = json_object(), *statuses = json_object();
    json_object_set_new(o, "format_version", json_string("1.0"));
    put_runs(o, &s->all);
    put_real(o, "top_percent_gpu_time_share", s->top_share);
    put_count(o, "cpu_jobs", s->cpu_jobs);
    put_count(o, "fractional_jobs", s->fractional_jobs);
    put_count(o, "with_time_limit", s->with_limit);
    put_count(o, "with_recorded_start", s->with_start);
    put_count(o, "zero_run_jobs", s->zero_runs);
    put_arrivals(o, w, s);
    put_load(o, s);
    if (s->wait_n) {
        put_count(o, "wait_jobs", s->wait_n);
        put_real(o, "wait_mean_s", s->wait_mean_s);
        put_quantiles(o, "wait", s->wait_us);
    }
    for (int k = 0; k < JOB_STATUS_N; k++)
        put_count(statuses, job_status_name((enum job_status)k), s->status[k]);
    json_object_set_new(o, "status", statuses);
    put_names(o, "tenants", "tenant", &w->tenants, &s->tenants);
    put_names(o, "users", "user", &w->users, &s->users);
    put_names(o, "queues", "queue", &w->queues, &s->queues);
    put_names(o, "classes", "class", &w->classes, &s->classes);
    put_names(o, "gpu_types", "gpu_type", &w->gpu_types, &s->gpu_types);
    put_sizes(o, s);
    bool ok =
        json_dumpf(o, stdout, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15)) == 0 &&
        putchar('\n') != EOF;
    json_decref(o);
    return ok;
}
