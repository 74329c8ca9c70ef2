/* SPDX-License-Identifier: Apache-2.0 */
/* Trace statistics against figures that an independent program computed from the same files
 * (../shared/data/fits and CHECKS.json), and by hand. */
#include "tests/support.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "models/workload/stats.h"
#include "scenarios/traces/formats.h"
#include "sim/quantile.h"
#include "sim/random.h"

/* ---- figures of the fits ---- */

static json_t *json_of(const char *relative)
{
    json_error_t where;
    const char *path = shared_or_skip(relative);
    json_t *value = json_load_file(path, 0, &where);
    if (!value) fail_msg("%s: %s", path, where.text);
    return value;
}

/* A number down a path of keys; keys ended by NULL. */
static double number(const json_t *o, const char *const *keys)
{
    for (; *keys; keys++) {
        const json_t *next = json_object_get(o, *keys);
        if (!next) fail_msg("no '%s'", *keys);
        o = next;
    }
    return json_number_value(o);
}
#define NUMBER(o, ...) number(o, (const char *const[]){ __VA_ARGS__, NULL })

/* The fits are printed with six digits. */
static void same(const char *what, double value, double expected)
{
    if (fabs(value - expected) > 5.1e-6 * fabs(expected) + 1e-12)
        fail_msg("%s: %.9g, expected %.9g", what, value, expected);
}

/* ---- traces ---- */

static void read_trace(const char *format, const struct import_options *o, const char *const *paths,
                       size_t n, int64_t t0_us, struct workload *w)
{
    struct import_report report;
    struct error err = { STATUS_OK, "" };
    if (import_files(trace_format_find(format), o, paths, n, t0_us, w, &report, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

static void read_plain(const char *format, const char *path, int64_t t0_us, struct workload *w)
{
    struct import_options o;
    import_options_init(&o);
    read_trace(format, &o, &path, 1, t0_us, w);
}

static const char *const itp_clusters[] = { "cluster02", "cluster03", "cluster06", "cluster07",
                                            "cluster10" };
enum { ITP_N = 5 };

static const char *itp_path(int i)
{
    static char relative[ITP_N][80];
    snprintf(relative[i], sizeof relative[i], "data/training/itp/raw/%s.csv.gz", itp_clusters[i]);
    return shared_or_skip(relative[i]);
}

/* Times stay those of the file, so that its hours are the fit's. */
static void read_itp_all(struct workload *w)
{
    struct import_options o;
    const char *paths[ITP_N];
    for (int i = 0; i < ITP_N; i++) paths[i] = itp_path(i);
    import_options_init(&o);
    read_trace("itp", &o, paths, ITP_N, 0, w);
}

/* The only member of a zip archive, deflated. */
static const char *unzipped(const char *path)
{
    size_t n;
    char *zip = read_file(path, &n);
    const unsigned char *head = (const unsigned char *)zip;
    assert_memory_equal(zip, "PK\3\4", 4);
    assert_int_equal(head[8], 8);
    size_t room = 8 << 20, from = 30 + head[26] + 256u * head[27] + head[28] + 256u * head[29];
    char *text = malloc(room);
    assert_non_null(text);
    z_stream z = { .next_in = (Bytef *)zip + from,
                   .avail_in = (uInt)(n - from),
                   .next_out = (Bytef *)text,
                   .avail_out = (uInt)room };
    assert_int_equal(inflateInit2(&z, -15), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    const char *out = scratch_path("unzipped");
    write_file(out, text, z.total_out);
    inflateEnd(&z);
    free(text);
    free(zip);
    return out;
}

/* ---- one trace against its fit ---- */

static int compare_int64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The fit's quantiles interpolate between neighbours (Hyndman and Fan 1996, definition 7); ours is
 * one of the two: first that the fit speaks of the same jobs, then that ours is where it must be.
 */
static void check_runs(const char *what, const struct workload *w, enum gpu_class c,
                       const struct stats_runs *runs, const json_t *fit)
{
    static const char *const names[] = { "50", "90", "95", "99" };
    int64_t *sorted = malloc((w->job_n + 1) * sizeof *sorted);
    size_t n = 0;
    assert_non_null(sorted);
    for (size_t j = 0; j < w->job_n; j++)
        if (c == CLASS_N || gpu_class_of(w->gpu_milli[j]) == c) sorted[n++] = w->run_us[j];
    qsort(sorted, n, sizeof *sorted, compare_int64);
    assert_int_equal(runs->jobs, n);
    same(what, (double)n, NUMBER(fit, "n"));
    same(what, runs->run_mean_s, NUMBER(fit, "mean"));
    same(what, (double)runs->run_us[4] / 1e6, NUMBER(fit, "max"));
    for (int k = 0; k < 4; k++) {
        double h = stats_quantile_p[k] * (double)(n - 1);
        size_t below = (size_t)h, above = below + 1 < n ? below + 1 : below;
        double between =
            (double)sorted[below] + (h - (double)below) * (double)(sorted[above] - sorted[below]);
        same(what, between / 1e6, NUMBER(fit, "q", names[k]));
        assert_int_equal(runs->run_us[k], sorted[quantile_rank(stats_quantile_p[k], n) - 1]);
        assert_true(runs->run_us[k] == sorted[below] || runs->run_us[k] == sorted[above]);
    }
    free(sorted);
}

static void check_sizes(const struct workload *w, const struct workload_stats *s, const json_t *fit)
{
    static const char *const keys[CLASS_N] = { "0", "frac", "1",     "2-3", "4-7",
                                               "8", "9-16", "17-64", ">64" };
    const char *key;
    const json_t *value;
    int seen = 0;
    json_object_foreach((json_t *)json_object_get(fit, "gpu_count_pmf"), key, value)
    {
        int32_t milli = (int32_t)lround(atof(key) * 1000);
        int c = 0;
        while (c < s->count_n && s->counts[c].gpu_milli != milli) c++;
        if (c == s->count_n) fail_msg("no jobs of %s GPUs", key);
        same(key, (double)s->counts[c].of.jobs / (double)s->all.jobs, json_number_value(value));
        seen++;
    }
    assert_int_equal(s->count_n, seen);
    assert_int_equal(s->count_rest, 0);
    for (int c = 0; c < CLASS_N; c++) {
        const json_t *of = json_object_get(json_object_get(fit, "by_class"), keys[c]);
        assert_int_equal(s->sizes[c].jobs > 0, of != NULL);
        if (!of) continue;
        same(keys[c], (double)s->sizes[c].jobs, NUMBER(of, "jobs"));
        same(keys[c], s->sizes[c].gpu_hours, NUMBER(of, "gpu_hours"));
        check_runs(keys[c], w, (enum gpu_class)c, &s->sizes[c], json_object_get(of, "duration_s"));
    }
    check_runs("all", w, CLASS_N, &s->all, json_object_get(fit, "all_duration_s"));
    same("zero durations", (double)s->zero_runs, NUMBER(fit, "zero_duration_jobs"));
}

static double pearson_of_neighbours(const int64_t *count, size_t n)
{
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0, pairs = (double)(n - 1);
    for (size_t h = 0; h + 1 < n; h++) {
        double a = (double)count[h], b = (double)count[h + 1];
        x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
    }
    return (pairs * xy - x * y) / sqrt((pairs * xx - x * x) * (pairs * yy - y * y));
}

static void check_arrivals(const struct workload_stats *s, const json_t *a)
{
    same("span", (double)s->span_us / 1e6, NUMBER(a, "span_s"));
    same("mean gap", s->gap_mean_s, NUMBER(a, "iat_s", "mean"));
    same("gap CV", s->gap_cv, NUMBER(a, "iat_cv"));
    same("zero gaps", s->zero_gaps, NUMBER(a, "iat_zero_frac"));
    same("hourly mean", s->hourly_mean, NUMBER(a, "hourly_count", "mean"));
    same("hourly variance", s->hourly_fano * s->hourly_mean, NUMBER(a, "hourly_count", "var"));
    same("Fano", s->hourly_fano, NUMBER(a, "hourly_count", "fano"));
    /* The fit correlates the pairs of neighbours by Pearson; ours is the sample autocorrelation. */
    double lag1 = NUMBER(a, "hourly_count", "lag1_autocorr");
    same("lag 1", pearson_of_neighbours(s->hourly, s->hour_n), lag1);
    assert_true(fabs(s->hourly_lag1 - lag1) < 2.0 / (double)s->hour_n);
    same("busiest hour", (double)s->busiest_hour, NUMBER(a, "hourly_count", "max"));
    same("empty hours", s->empty_hours, NUMBER(a, "hourly_count", "zero_frac"));
}

static void check_load(const struct workload_stats *s, const json_t *fit)
{
    const json_t *load = json_object_get(fit, "concurrency_infinite_capacity_gpus");
    same("load mean", s->load_mean, NUMBER(load, "time_mean"));
    same("load peak", s->load_peak, NUMBER(load, "max"));
    same("load p50", s->load_p50, NUMBER(load, "time_q", "50"));
    same("load p95", s->load_p95, NUMBER(load, "time_q", "95"));
    same("load p99", s->load_p99, NUMBER(load, "time_q", "99"));
}

static void check_tenants(const struct stats_names *of, const struct workload_stats *s,
                          const json_t *fit)
{
    const json_t *shares = json_object_get(
        json_object_get(json_object_get(fit, "tenants"), "by_gpu_hours"), "share_sorted");
    assert_int_equal(of->n, json_array_size(shares));
    for (int t = 0; t < of->top_n; t++)
        same("share of GPU-hours", of->top[t].gpu_hours / s->all.gpu_hours,
             json_number_value(json_array_get(shares, (size_t)t)));
}

static void check_pattern(const struct workload_stats *s, const json_t *arrival, bool days)
{
    const json_t *hours = json_object_get(arrival, "hour_of_day_weight"),
                 *week = json_object_get(arrival, "day_of_week_weight");
    for (size_t h = 0; h < 24; h++)
        same("hour of day", s->hour_of_day[h], json_number_value(json_array_get(hours, h)));
    for (size_t d = 0; d < 7 && days; d++)
        same("day of week", s->day_of_week[d], json_number_value(json_array_get(week, d)));
}

static void check_trace(struct workload *w, const json_t *fit, struct workload_stats *s)
{
    struct error err = { STATUS_OK, "" };
    if (workload_stats_of(w, s, &err) != STATUS_OK) fail_msg("%s", err.message);
    same("jobs", (double)s->all.jobs, NUMBER(fit, "jobs"));
    same("GPU-hours", s->all.gpu_hours, NUMBER(fit, "gpu_hours"));
    check_sizes(w, s, fit);
    check_arrivals(s, json_object_get(fit, "arrival"));
    check_load(s, fit);
}

static void philly(void **state)
{
    (void)state;
    struct workload w;
    struct workload_stats s;
    json_t *fit = json_of("data/fits/philly.json");
    read_plain("philly", shared_or_skip("data/training/philly/philly.csv.gz"), INT64_MIN, &w);
    check_trace(&w, fit, &s);
    check_tenants(&s.tenants, &s, fit);
    check_pattern(&s, json_object_get(fit, "arrival"), true);
    workload_stats_free(&s);
    workload_free(&w);
    json_decref(fit);
}

static void itp(void **state)
{
    (void)state;
    struct workload w;
    struct workload_stats s;
    json_t *fit = json_of("data/fits/itp.json");
    read_itp_all(&w);
    w.t0_unix_us = INT64_C(1614816000) * US_PER_S; /* as the fit assumes: Thursday 2021-03-04 */
    check_trace(&w, fit, &s);
    check_tenants(&s.tenants, &s, fit);
    check_pattern(&s, json_object_get(fit, "arrival"), true);
    workload_stats_free(&s);
    workload_free(&w);
    for (int i = 0; i < ITP_N; i++) {
        const json_t *one = json_object_get(json_object_get(fit, "per_cluster"), itp_clusters[i]);
        read_plain("itp", itp_path(i), 0, &w);
        assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
        same("jobs", (double)s.all.jobs, NUMBER(one, "jobs"));
        same("GPU-hours", s.all.gpu_hours, NUMBER(one, "gpu_hours"));
        same("span", (double)s.span_us / 1e6, NUMBER(one, "span_s"));
        same("gap CV", s.gap_cv, NUMBER(one, "iat_cv"));
        check_load(&s, one);
        check_runs("all", &w, CLASS_N, &s.all, json_object_get(one, "all_duration_s"));
        workload_stats_free(&s);
        workload_free(&w);
    }
    json_decref(fit);
}

static void openb(void **state)
{
    (void)state;
    struct workload w;
    struct workload_stats s;
    struct import_options o;
    json_t *fit = json_of("data/fits/openb.json");
    const char *path = shared_or_skip("data/kubernetes/openb/openb_pod_list_gpuspec33.csv.gz");
    import_options_init(&o);
    o.drop_never_started = true; /* the fit has only pods that ran */
    read_trace("openb", &o, &path, 1, 0, &w);
    check_trace(&w, fit, &s);
    check_tenants(&s.queues, &s, fit);
    assert_int_equal(s.wait_n, s.all.jobs);
    const json_t *wait = json_object_get(fit, "sched_wait_s");
    same("wait mean", s.wait_mean_s, NUMBER(wait, "mean"));
    same("wait max", (double)s.wait_us[4] / 1e6, NUMBER(wait, "max"));
    same("wait p50", (double)s.wait_us[0] / 1e6, NUMBER(wait, "q", "50"));
    same("wait p90", (double)s.wait_us[1] / 1e6, NUMBER(wait, "q", "90"));
    workload_stats_free(&s);
    workload_free(&w);
    json_decref(fit);
}

static void nasa(void **state)
{
    (void)state;
    struct workload w;
    struct workload_stats s;
    json_t *fit = json_of("data/fits/swf_nasa_ipsc.json");
    read_plain("swf", unzipped(shared_or_skip("data/swf/NASA-iPSC-1993-3.1-cln.swf.zip")),
               INT64_MIN, &w);
    w.t0_unix_us -= 7 * US_PER_HOUR; /* the fit's days are Pacific ones */
    check_trace(&w, fit, &s);
    check_tenants(&s.users, &s, fit);
    check_pattern(&s, json_object_get(fit, "arrival"), true);
    workload_stats_free(&s);
    workload_free(&w);
    json_decref(fit);
}

static void hpc2n(void **state)
{
    (void)state;
    struct workload w;
    struct workload_stats s;
    json_t *fit = json_of("data/fits/swf_hpc2n_excerpt.json");
    read_plain("swf", shared_or_skip("data/swf/hpc2n.swf.gz"), INT64_MIN, &w);
    w.t0_unix_us = INT64_MIN; /* the fit's hours are the trace's own */
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    /* 25 of the fit's jobs have no known run time and are not imported. */
    assert_int_equal(s.all.jobs, 3145);
    same("GPU-hours", s.all.gpu_hours, 503655194.0 / 3600);
    check_load(&s, fit);
    assert_int_equal(s.wait_n, 3145);
    assert_true(fabs(s.wait_mean_s - 17285) < 1); /* MAPPING.md */
    workload_stats_free(&s);
    workload_free(&w);
    json_decref(fit);
}

static void gaia(void **state)
{
    (void)state;
    struct workload w;
    struct workload_stats s;
    struct import_options o;
    json_t *fit = json_of("data/fits/gaia_pai_1k.json");
    const char *path = shared_or_skip("data/training/gaia/pai_1k.csv");
    import_options_init(&o);
    o.map[0] = (struct import_map){ "arrival_time", "submit_s" };
    o.map[1] = (struct import_map){ "length", "run_s" };
    o.map[2] = (struct import_map){ "cpus", "gpus" };
    o.map_n = 3;
    read_trace("csv", &o, &path, 1, 0, &w);
    check_trace(&w, fit, &s);
    check_pattern(&s, json_object_get(fit, "arrival"), false);
    workload_stats_free(&s);
    workload_free(&w);
    json_decref(fit);
}

/* GPU-seconds are whole numbers in these traces, and none is lost. */
static void gpu_time_is_exact(void **state)
{
    (void)state;
    static const struct {
        const char *file, *format, *key, *submit, *run, *gpus;
        double unit;
    } all[] = {
        { "training/philly/philly.csv.gz", "philly", "gpu_seconds", NULL, NULL, NULL, 1 },
        { "training/itp/raw/cluster02.csv.gz", "itp", "gpu_seconds", NULL, NULL, NULL, 1 },
        { "training/itp/raw/cluster07.csv.gz", "itp", "gpu_seconds", NULL, NULL, NULL, 1 },
        { "training/itp/elasticflow/195job.csv", "itp", "gpu_seconds", NULL, NULL, NULL, 1 },
        { "training/itp/elasticflow/cluster10.csv.gz", "itp", "gpu_seconds", NULL, NULL, NULL, 1 },
        { "training/tiresias/60_job.csv", "csv", "gpu_seconds", "submit_time", "duration",
          "num_gpu", 1 },
        { "training/chronus/trace_job_Philly_MIX1.csv.gz", "csv", "gpu_seconds", "submit_time",
          "duration", "num_gpu", 1 },
        { "training/muri/trace1.csv", "csv", "gpu_seconds", "submit_time", "duration", "num_gpu",
          1e-3 },
        { "swf/hpc2n.swf.gz", "swf", "proc_seconds_run_gt0", NULL, NULL, NULL, 1 },
        { "swf/lublin_256.swf.gz", "swf", "proc_seconds_run_gt0", NULL, NULL, NULL, 1 },
    };
    json_t *checks = json_of("data/CHECKS.json");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct workload w;
        struct workload_stats s;
        struct import_options o;
        char relative[120];
        snprintf(relative, sizeof relative, "data/%s", all[i].file);
        const char *path = shared_or_skip(relative);
        import_options_init(&o);
        if (all[i].submit) {
            o.map[0] = (struct import_map){ all[i].submit, "submit_s" };
            o.map[1] = (struct import_map){ all[i].run, "run_s" };
            o.map[2] = (struct import_map){ all[i].gpus, "gpus" };
            o.map_n = 3;
            o.time_unit_us = (int64_t)(all[i].unit * US_PER_S);
        }
        read_trace(all[i].format, &o, &path, 1, INT64_MIN, &w);
        assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
        double gpu_s = NUMBER(checks, all[i].file, all[i].key);
        if (s.all.gpu_hours * 3600 != gpu_s && s.all.gpu_hours != gpu_s / 3600)
            fail_msg("%s: %.17g GPU-seconds, expected %.17g", all[i].file, s.all.gpu_hours * 3600,
                     gpu_s);
        workload_stats_free(&s);
        workload_free(&w);
    }
    json_decref(checks);
}

/* ---- by hand ---- */

struct row {
    double submit_s, run_s, gpus, start_s; /* start < 0: none */
    const char *tenant;
};

static void make(const struct row *rows, size_t n, int64_t t0_unix_s, struct workload *w)
{
    assert_int_equal(workload_init(w, NULL), STATUS_OK);
    if (t0_unix_s >= 0) w->t0_unix_us = t0_unix_s * US_PER_S;
    for (size_t j = 0; j < n; j++) {
        struct job_row row;
        job_row_init(&row);
        row.submit_us = llround(rows[j].submit_s * 1e6);
        row.run_us = llround(rows[j].run_s * 1e6);
        row.gpu_milli = (int32_t)lround(rows[j].gpus * 1000);
        if (rows[j].start_s >= 0) row.start_us = llround(rows[j].start_s * 1e6);
        if (rows[j].tenant) row.tenant = rows[j].tenant, row.tenant_n = strlen(rows[j].tenant);
        assert_int_equal(workload_add(w, &row, NULL), STATUS_OK);
    }
    assert_int_equal(workload_seal(w, 0, NULL), STATUS_OK);
}

static void a_trace_by_hand(void **state)
{
    /* 2 GPUs for 10 s from 0, 1 GPU for 4 s from 2, 3 from 20 for 5 s, no GPU for 7 s: load 2 on
     * 0-2, 3 on 2-6, 2 on 6-10, 0 on 10-20, 3 on 20-25. */
    static const struct row rows[] = {
        { 0, 10, 2, 1, "a" }, { 2, 4, 1, -1, "b" }, { 20, 5, 3, 26, "a" }, { 20, 7, 0, 15, "c" }
    };
    struct workload w;
    struct workload_stats s;
    (void)state;
    make(rows, 4, -1, &w);
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    assert_true(fabs(s.all.gpu_hours - 39.0 / 3600) < 1e-15);
    assert_true(fabs(s.all.run_mean_s - 6.5) < 1e-12);
    assert_true(fabs(s.load_mean - 39.0 / 25) < 1e-12);
    assert_true(fabs(s.load_offered - 39.0 / 20) < 1e-12);
    assert_true(s.load_peak == 3 && s.load_peak_us == 2 * US_PER_S);
    assert_true(s.load_p50 == 2); /* 0 for 10 of 25 s, 2 for 6, 3 for 9 */
    assert_true(s.load_p95 == 3);
    static const int64_t at_s[] = { 0, 2, 6, 10, 20, 25 }, gpus[] = { 2, 3, 2, 0, 3, 0 };
    assert_int_equal(s.load_n, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(s.load_us[i], at_s[i] * US_PER_S);
        assert_int_equal(s.load_milli[i], gpus[i] * 1000);
    }
    assert_int_equal(s.cpu_jobs, 1);
    assert_int_equal(s.count_n, 4);
    assert_true(fabs(s.zero_gaps - 1.0 / 3) < 1e-12);
    /* Gaps 2, 18, 0: mean 20/3, variance 584/9. */
    assert_true(fabs(s.gap_cv - sqrt(584.0) / 20) < 1e-12);
    /* One job starts before it comes, one has no start: waits 1 and 6 s. */
    assert_int_equal(s.with_start, 3);
    assert_int_equal(s.wait_n, 2);
    assert_true(fabs(s.wait_mean_s - 3.5) < 1e-12);
    assert_int_equal(s.wait_us[0], 1 * US_PER_S);
    assert_int_equal(s.wait_us[4], 6 * US_PER_S);
    /* a holds 35 of 39 GPU-seconds. */
    assert_int_equal(s.tenants.n, 3);
    assert_string_equal(w.tenants.text[s.tenants.top[0].name], "a");
    assert_int_equal(s.tenants.top[0].jobs, 2);
    assert_true(fabs(s.tenants.top[0].gpu_hours - 35.0 / 3600) < 1e-15);
    workload_stats_free(&s);
    workload_free(&w);
}

/* A Wednesday 13:30 in UTC, and jobs at 13:30, 13:59, 14:00 and 16:59:59. */
static void hours_are_the_clocks(void **state)
{
    static const struct row rows[] = { { 0, 1, 1, -1, NULL },
                                       { 29 * 60, 1, 1, -1, NULL },
                                       { 30 * 60, 1, 1, -1, NULL },
                                       { 3.5 * 3600 - 1, 1, 1, -1, NULL } };
    static const int64_t counts[] = { 2, 1, 0, 1 };
    struct workload w;
    struct workload_stats s;
    (void)state;
    make(rows, 4, 1767792600, &w); /* 2026-01-07 13:30:00 */
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    assert_int_equal(s.hour_n, 4);
    for (size_t h = 0; h < 4; h++) assert_int_equal(s.hourly[h], counts[h]);
    assert_int_equal(s.hour0_us, -30 * 60 * INT64_C(1000000));
    assert_int_equal(s.busiest_hour, 2);
    assert_true(s.hourly_mean == 1 && s.empty_hours == 0.25);
    assert_true(fabs(s.hourly_fano - 0.5) < 1e-12); /* squares 1 0 1 0 over 4, mean 1 */
    assert_true(fabs(s.hourly_lag1 - 0) < 1e-12);
    workload_stats_free(&s);
    /* Without a clock the hours begin at second 0. */
    w.t0_unix_us = INT64_MIN;
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    assert_int_equal(s.hour_n, 4);
    assert_int_equal(s.hourly[0], 3);
    workload_stats_free(&s);
    workload_free(&w);
}

/* Ten weeks in which jobs come at 09:00 only, on Mondays thrice: weights by hour and by day. */
static void the_week_has_a_pattern(void **state)
{
    struct row rows[10 * 9];
    struct workload w;
    struct workload_stats s;
    size_t n = 0;
    (void)state;
    for (int day = 0; day < 70; day++)
        for (int k = 0; k < (day % 7 == 0 ? 3 : 1); k++)
            rows[n++] = (struct row){ day * 86400 + 9 * 3600.0 + k, 60, 1, -1, NULL };
    make(rows, n, 1767571200, &w); /* Monday 2026-01-05 00:00 */
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    for (int h = 0; h < 24; h++)
        if (h != 9) assert_true(s.hour_of_day[h] == 0);
    assert_true(fabs(s.hour_of_day[9] - 24) < 1e-9);
    /* 3 jobs at the ninth hour of Mondays and 1 of other days: the mean of the days is 9/7. */
    for (int d = 0; d < 7; d++)
        assert_true(fabs(s.day_of_week[d] - (d == 0 ? 3 : 1) * 7 / 9.0) < 1e-9);
    workload_stats_free(&s);
    workload_free(&w);
}

/* 300 GPU counts, count g of g % 7 + 1 jobs: the 64 most frequent are kept, by GPU count. */
static void many_gpu_counts(void **state)
{
    struct row rows[1300];
    struct workload w;
    struct workload_stats s;
    size_t n = 0;
    int64_t left = 0;
    (void)state;
    for (int g = 1; g <= 300; g++)
        for (int k = 0; k <= g % 7; k++, n++)
            rows[n] = (struct row){ (double)n, 10 + k, g, -1, NULL };
    make(rows, n, -1, &w);
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    assert_int_equal(s.count_n, STATS_COUNT_MAX);
    /* 43 counts have 7 jobs (g % 7 = 6); the next 21 have 6 (g = 5, 12, ... 145). */
    for (int c = 0; c < s.count_n; c++) {
        int g = s.counts[c].gpu_milli / 1000;
        assert_true(g % 7 == 6 || (g % 7 == 5 && g <= 5 + 7 * 20));
        assert_int_equal(s.counts[c].of.jobs, g % 7 + 1);
        assert_int_equal(s.counts[c].of.run_us[4], (10 + g % 7) * US_PER_S);
        if (c) assert_true(s.counts[c].gpu_milli > s.counts[c - 1].gpu_milli);
        left += s.counts[c].of.jobs;
    }
    assert_int_equal(left, 43 * 7 + 21 * 6);
    assert_int_equal(s.count_rest, s.all.jobs - left);
    workload_stats_free(&s);
    workload_free(&w);
}

/* The share that the largest hundredth holds: of 1,000 jobs ten, with ties at the edge. */
static void the_largest_hundredth(void **state)
{
    static struct row rows[1000];
    struct workload w;
    struct workload_stats s;
    (void)state;
    for (int j = 0; j < 1000; j++)
        rows[j] = (struct row){ j, j < 4 ? 1000 : j < 20 ? 100 : 1, 1, -1, NULL };
    make(rows, 1000, -1, &w);
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    assert_true(fabs(s.top_share - (4 * 1000 + 6 * 100) / (4 * 1000 + 16 * 100 + 980.0)) < 1e-12);
    workload_stats_free(&s);
    workload_free(&w);
}

/* Jobs as long and as wide as may be: nothing overflows. */
static void the_largest_jobs(void **state)
{
    struct workload w;
    struct workload_stats s;
    (void)state;
    assert_int_equal(workload_init(&w, NULL), STATUS_OK);
    for (int j = 0; j < 200; j++) {
        struct job_row row;
        job_row_init(&row);
        row.run_us = JOB_TIME_MAX_US;
        row.gpu_milli = (int32_t)JOB_GPU_MILLI_MAX;
        assert_int_equal(workload_add(&w, &row, NULL), STATUS_OK);
    }
    assert_int_equal(workload_seal(&w, INT64_MIN, NULL), STATUS_OK);
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    assert_true(fabs(s.all.gpu_hours / (200 * 1e6 * 100 * 366 * 24) - 1) < 1e-15);
    assert_true(fabs(s.top_share - 0.01) < 1e-12);
    assert_true(s.load_peak == 200e6 && fabs(s.load_mean / 200e6 - 1) < 1e-15);
    assert_int_equal(s.sizes[CLASS_OVER_64].jobs, 200);
    assert_int_equal(s.spans[STATS_SPAN_N - 1].jobs, 200);
    workload_stats_free(&s);
    workload_free(&w);
}

static void next_to_nothing(void **state)
{
    static const struct row one[] = { { 5, 0, 1, -1, NULL } };
    struct workload w;
    struct workload_stats s;
    (void)state;
    make(one, 1, -1, &w);
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    assert_int_equal(s.all.jobs, 1);
    assert_int_equal(s.zero_runs, 1);
    assert_true(s.all.gpu_hours == 0 && s.load_peak == 0 && s.gap_cv == 0 && s.hourly_fano == 0);
    workload_stats_free(&s);
    workload_free(&w);
    make(NULL, 0, -1, &w);
    assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
    assert_int_equal(s.all.jobs, 0);
    workload_stats_free(&s);
    workload_free(&w);
}

/* The sweep against counting, moment by moment. */
static void load_agrees_with_counting(void **state)
{
    enum { N = 60, END = 400 };
    struct random_key key = random_key(11, 0);
    (void)state;
    for (uint64_t round = 0; round < 50; round++) {
        struct row rows[N];
        struct workload w;
        struct workload_stats s;
        for (uint64_t j = 0; j < N; j++)
            rows[j] = (struct row){ (double)random_below(key, RANDOM_TEST, round, 3 * j, 200),
                                    (double)random_below(key, RANDOM_TEST, round, 3 * j + 1, 100),
                                    (double)random_below(key, RANDOM_TEST, round, 3 * j + 2, 4), -1,
                                    NULL };
        make(rows, N, -1, &w);
        assert_int_equal(workload_stats_of(&w, &s, NULL), STATUS_OK);
        int64_t levels[END], n = 0, sum = 0;
        for (int64_t t = s.load_us[0] / US_PER_S; t < s.load_us[s.load_n - 1] / US_PER_S; t++) {
            levels[n] = 0;
            for (int j = 0; j < N; j++)
                if (rows[j].submit_s <= (double)t && rows[j].submit_s + rows[j].run_s > (double)t)
                    levels[n] += (int64_t)rows[j].gpus;
            sum += levels[n++];
        }
        qsort(levels, (size_t)n, sizeof *levels, compare_int64);
        assert_true(fabs(s.load_mean - (double)sum / (double)n) < 1e-12);
        assert_true(s.load_peak == (double)levels[n - 1]);
        assert_true(s.load_p50 == (double)levels[quantile_rank(0.50, (size_t)n) - 1]);
        assert_true(s.load_p95 == (double)levels[quantile_rank(0.95, (size_t)n) - 1]);
        workload_stats_free(&s);
        workload_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philly),
        cmocka_unit_test(itp),
        cmocka_unit_test(openb),
        cmocka_unit_test(nasa),
        cmocka_unit_test(hpc2n),
        cmocka_unit_test(gaia),
        cmocka_unit_test(gpu_time_is_exact),
        cmocka_unit_test(a_trace_by_hand),
        cmocka_unit_test(hours_are_the_clocks),
        cmocka_unit_test(the_week_has_a_pattern),
        cmocka_unit_test(many_gpu_counts),
        cmocka_unit_test(the_largest_hundredth),
        cmocka_unit_test(the_largest_jobs),
        cmocka_unit_test(next_to_nothing),
        cmocka_unit_test(load_agrees_with_counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
