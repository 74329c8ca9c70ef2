/* SPDX-License-Identifier: Apache-2.0 */
/* Every public trace there is against its totals in CHECKS.json, which another program counted from
 * the same files. */
#include "tests/imported.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static json_t *checks_of(const char *file)
{
    json_error_t problem;
    json_t *all = json_load_file(shared_or_skip("data/CHECKS.json"), 0, &problem);
    json_t *one = json_incref(json_object_get(all, file));
    if (!one) fail_msg("%s is not in CHECKS.json", file);
    json_decref(all);
    return one;
}

static double number(const json_t *checks, const char *key)
{
    const json_t *value = json_object_get(checks, key);
    if (!json_is_number(value)) fail_msg("CHECKS.json has no %s", key);
    return json_number_value(value);
}

static const char *path_of(const char *file)
{
    char path[300];
    snprintf(path, sizeof path, "data/%s", file);
    return shared_or_skip(path);
}

#define SAME(what, mine, key)                                                                      \
    if ((double)(mine) != number(checks, key) * (what))                                            \
    fail_msg("%s: %s is %.17g, should be %.17g", file, key, (double)(mine),                        \
             number(checks, key) * (what))

/* ---- Jobs ---- */

/* How many jobs ask for so many GPUs, for each number in CHECKS.json. */
static void check_sizes(const char *file, const json_t *checks, const struct workload *w)
{
    const char *gpus;
    json_t *count;
    size_t all = 0;
    json_object_foreach(json_object_get(checks, "gpu_counts"), gpus, count)
    {
        int64_t n = 0;
        for (size_t j = 0; j < w->job_n; j++) n += w->gpu_milli[j] == 1000 * atoll(gpus);
        if (n != json_integer_value(count))
            fail_msg("%s: %lld jobs of %s", file, (long long)n, gpus);
        all += (size_t)n;
    }
    assert_int_equal(all, w->job_n);
}

/* unit: seconds of CHECKS.json's times. */
static struct import_report check_jobs(const char *format, const char *file, double unit,
                                       const struct import_options *o, struct workload *w)
{
    json_t *checks = checks_of(file);
    struct import_report r = import_path(format, path_of(file), o, w);
    double gpus = 0, gpu_s = 0, run_s = 0, longest_s = 0;
    int64_t same = 0;
    for (size_t j = 0; j < w->job_n; j++) {
        double s = (double)(w->run_us[j] / US_PER_S), n = w->gpu_milli[j] / 1000.0;
        assert_int_equal(w->run_us[j] % 1000, 0);
        gpus += n;
        gpu_s += s * n;
        run_s += s;
        longest_s = s > longest_s ? s : longest_s;
        same += j && w->submit_us[j] == w->submit_us[j - 1];
    }
    SAME(1, r.rows, "jobs");
    SAME(1, r.kept, "jobs");
    SAME(1, w->job_n, "jobs");
    SAME(1, gpus, "sum_gpus");
    SAME(unit, gpu_s, "gpu_seconds");
    SAME(unit, run_s, "sum_duration_s");
    SAME(unit, longest_s, "max_duration_s");
    SAME(unit, w->span_us / 1e6, "submit_span_s");
    SAME(1, same, "same_submit_as_prev_sorted");
    SAME(1, reason_count(&r, "rows before an earlier one: sorted by submission"), "out_of_order");
    SAME(1, reason_count(&r, "zero run time kept as an instant"), "zero_or_neg_duration");
    check_sizes(file, checks, w);
    json_decref(checks);
    return r;
}

static void itp(void **state)
{
    static const char *const files[] = {
        "training/itp/raw/cluster02.csv.gz",        "training/itp/raw/cluster03.csv.gz",
        "training/itp/raw/cluster06.csv.gz",        "training/itp/raw/cluster07.csv.gz",
        "training/itp/raw/cluster10.csv.gz",        "training/itp/elasticflow/195job.csv",
        "training/itp/elasticflow/cluster10.csv.gz"
    };
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct workload w;
        const char *stem;
        check_jobs("itp", files[i], 1, NULL, &w);
        size_t n = import_stem(files[i], &stem);
        assert_int_equal(w.tenants.n, 2);
        assert_int_equal(strncmp(w.tenants.text[1], stem, n), 0);
        assert_int_equal(w.t0_unix_us, INT64_MIN);
        workload_free(&w);
    }
}

static void infeasible_deadlines_are_kept(void **state)
{
    static const char *const files[] = { "training/itp/elasticflow/195job.csv",
                                         "training/itp/elasticflow/cluster10.csv.gz" };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const char *file = files[i];
        json_t *checks = checks_of(file);
        struct workload w;
        int64_t infeasible = 0;
        import_path("itp", path_of(file), NULL, &w);
        for (size_t j = 0; j < w.job_n; j++)
            infeasible += w.deadline_us[j] < w.submit_us[j] + w.run_us[j];
        SAME(1, infeasible, "deadline_before_submit_plus_duration");
        workload_free(&w);
        json_decref(checks);
    }
}

static void philly(void **state)
{
    static const char file[] = "training/philly/philly.csv.gz";
    json_t *checks = checks_of(file), *count;
    const char *vc;
    struct workload w;
    (void)state;
    check_jobs("philly", file, 1, NULL, &w);
    assert_int_equal(w.t0_unix_us, INT64_C(1504521041) * US_PER_S); /* 2017-09-04 10:30:41 */
    json_object_foreach(json_object_get(checks, "vcs"), vc, count)
    {
        int64_t n = 0;
        for (size_t j = 0; j < w.job_n; j++) n += strcmp(tenant_of(&w, j), vc) == 0;
        assert_int_equal(n, json_integer_value(count));
    }
    assert_int_equal(w.tenants.n, 16);
    workload_free(&w);
    json_decref(checks);
}

/* ---- Other files, by --map ---- */

static struct import_options mapped(const char *submit, const char *run, const char *gpus,
                                    int64_t unit_us)
{
    struct import_options o;
    import_options_init(&o);
    o.map[o.map_n++] = (struct import_map){ submit, "submit_s" };
    o.map[o.map_n++] = (struct import_map){ run, "run_s" };
    o.map[o.map_n++] = (struct import_map){ gpus, "gpus" };
    o.time_unit_us = unit_us;
    return o;
}

static void chronus_in_minutes(void **state)
{
    struct import_options o = mapped("submit_time", "duration", "num_gpu", 60 * US_PER_S);
    struct workload w;
    (void)state;
    o.map[o.map_n++] = (struct import_map){ "user", "tenant" };
    struct import_report r =
        check_jobs("csv", "training/chronus/trace_job_Philly_MIX1.csv.gz", 60, &o, &w);
    assert_int_equal(reason_count(&r, "no GPU asked for: kept as a CPU job"), 184);
    assert_int_equal(w.tenants.n, 12);
    workload_free(&w);
}

static void tiresias_muri_and_gaia(void **state)
{
    struct import_options tiresias = mapped("submit_time", "duration", "num_gpu", US_PER_S),
                          muri = mapped("submit_time", "duration", "num_gpu", US_PER_S / 1000),
                          seconds = mapped("arrival_time", "length", "cpus", US_PER_S),
                          hours = mapped("arrival_time", "length", "cpus", US_PER_HOUR);
    struct workload w;
    (void)state;
    check_jobs("csv", "training/tiresias/60_job.csv", 1, &tiresias, &w);
    workload_free(&w);
    check_jobs("csv", "training/muri/trace1.csv", 1, &muri, &w);
    assert_int_equal(w.priority[0], 1);
    workload_free(&w);
    check_jobs("csv", "training/gaia/pai_1k.csv", 1, &seconds, &w);
    workload_free(&w);
    check_jobs("csv", "training/gaia/pai_1k.csv", 3600, &hours, &w);
    workload_free(&w);
}

/* ---- openb ---- */

static void check_qos(const json_t *checks, const struct workload *w)
{
    static const char *const rising[] = { "BE", "Burstable", "LS", "Guaranteed" };
    const json_t *qos = json_object_get(checks, "qos");
    for (int p = 0; p < 4; p++) {
        int64_t queued = 0, prior = 0;
        for (size_t j = 0; j < w->job_n; j++) {
            queued += strcmp(queue_of_job(w, j), rising[p]) == 0;
            prior += w->priority[j] == p;
        }
        assert_int_equal(queued, json_integer_value(json_object_get(qos, rising[p])));
        assert_int_equal(prior, queued);
    }
}

static void check_statuses(const json_t *checks, const struct workload *w)
{
    const json_t *phase = json_object_get(checks, "phase");
    int64_t n[JOB_STATUS_N] = { 0 };
    for (size_t j = 0; j < w->job_n; j++) n[w->status[j]]++;
    assert_int_equal(n[JOB_NEVER_STARTED], json_integer_value(json_object_get(phase, "Pending")));
    assert_int_equal(n[JOB_UNKNOWN], json_integer_value(json_object_get(phase, "Running")));
    assert_int_equal(n[JOB_FAILED], json_integer_value(json_object_get(phase, "Failed")));
    assert_int_equal(n[JOB_COMPLETED], json_integer_value(json_object_get(phase, "Succeeded")));
}

static void check_pods(const char *file)
{
    json_t *checks = checks_of(file);
    struct workload w;
    struct import_report r = import_path("openb", path_of(file), NULL, &w);
    int64_t milli = 0, gpu_ms = 0, cpu = 0, memory = 0, fractional = 0, typed = 0, wait_us = 0;
    for (size_t j = 0; j < w.job_n; j++) {
        milli += w.gpu_milli[j];
        gpu_ms += w.run_us[j] / US_PER_S * w.gpu_milli[j];
        cpu += w.cpu_milli[j];
        memory += w.mem_mib[j];
        fractional += w.gpu_milli[j] % 1000 != 0;
        typed += w.gpu_type[j] != 0;
        if (w.start_us[j] != -1) wait_us += w.start_us[j] - w.submit_us[j];
    }
    SAME(1, w.job_n, "pods");
    SAME(1, r.rows, "pods");
    SAME(1, milli / 1000.0, "sum_gpus");
    SAME(1, gpu_ms / 1000.0, "gpu_seconds_running");
    SAME(1, cpu, "cpu_milli");
    SAME(1, memory, "memory_mib");
    SAME(1, fractional, "fractional");
    SAME(1, typed, "with_gpu_spec");
    SAME(1, wait_us / 1e6, "sum_wait_s");
    SAME(1, w.submit_us[w.job_n - 1] / 1e6, "creation_last");
    SAME(1, reason_count(&r, "never scheduled: kept with a run time of 0"), "no_scheduled_time");
    SAME(1, reason_count(&r, "rows before an earlier one: sorted by submission"), "out_of_order");
    assert_int_equal(reason_count(&r, "no GPU asked for: kept as a CPU job"),
                     json_integer_value(json_object_get(json_object_get(checks, "num_gpu"), "0")));
    check_qos(checks, &w);
    check_statuses(checks, &w);
    workload_free(&w);
    json_decref(checks);
}

static void openb(void **state)
{
    (void)state;
    check_pods("kubernetes/openb/openb_pod_list_default.csv.gz");
    check_pods("kubernetes/openb/openb_pod_list_gpuspec33.csv.gz");
    check_pods("kubernetes/openb/openb_pod_list_gpushare40.csv.gz");
    check_pods("kubernetes/openb/openb_pod_list_cpu100.csv.gz");
}

static void openb_without_times(void **state)
{
    static const char file[] = "kubernetes/openb/openb_pod_list_multigpu20.csv.gz";
    json_t *checks = checks_of(file);
    struct import_options o;
    struct workload w;
    int64_t milli = 0, cpu = 0, memory = 0;
    (void)state;
    import_options_init(&o);
    o.is_static = true;
    import_path("openb", path_of(file), &o, &w);
    for (size_t j = 0; j < w.job_n; j++) {
        assert_int_equal(w.submit_us[j], 0);
        assert_int_equal(w.run_us[j], JOB_TIME_MAX_US);
        milli += w.gpu_milli[j];
        cpu += w.cpu_milli[j];
        memory += w.mem_mib[j];
    }
    SAME(1, w.job_n, "pods");
    SAME(1, milli / 1000.0, "sum_gpus");
    SAME(1, cpu, "cpu_milli");
    SAME(1, memory, "memory_mib");
    workload_free(&w);
    json_decref(checks);
}

/* ---- SWF ---- */

static struct import_report check_swf(const char *file, const char *path, struct workload *w)
{
    json_t *checks = checks_of(file);
    struct import_report r = import_path("swf", path, NULL, w);
    double proc_s = 0, wait_s = 0;
    int64_t waits = 0, limits = 0, instants = 0;
    for (size_t j = 0; j < w->job_n; j++) {
        proc_s += (double)(w->run_us[j] / US_PER_S) * (w->gpu_milli[j] / 1000);
        limits += w->limit_us[j] != -1;
        instants += w->run_us[j] == 0;
        if (w->start_us[j] == -1) continue;
        waits++;
        wait_s += (double)(w->start_us[j] - w->submit_us[j]) / 1e6;
    }
    int64_t unknown = (int64_t)reason_count(&r, "run time unknown (-1)");
    SAME(1, r.rows, "jobs");
    SAME(1, w->job_n + (size_t)unknown, "jobs");
    SAME(1, unknown, "run_lt_0");
    SAME(1, unknown + instants, "run_le_0");
    SAME(1, proc_s, "proc_seconds_run_gt0");
    SAME(1, reason_count(&r, "ran longer than its requested time: kept"), "run_gt_req");
    if (unknown == 0) { /* the rest is known of all rows together */
        SAME(1, waits, "wait_known");
        SAME(1, wait_s, "sum_wait_known");
        SAME(1, limits, "reqtime_known");
        SAME(1, w->users.n - 1, "users");
    }
    json_decref(checks);
    return r;
}

/* The first file of a zip archive, unpacked into the scratch folder. */
static const char *unzip(const char *path)
{
    size_t n, room = 1 << 22;
    unsigned char *packed = (unsigned char *)read_file(path, &n), *text = malloc(room);
    z_stream z = { 0 };
    assert_non_null(text);
    assert_memory_equal(packed, "PK\3\4", 4);
    size_t at =
        30 + (size_t)(packed[26] | packed[27] << 8) + (size_t)(packed[28] | packed[29] << 8);
    assert_int_equal(inflateInit2(&z, -15), Z_OK);
    z.next_in = packed + at;
    z.avail_in = (uInt)(n - at);
    z.next_out = text;
    z.avail_out = (uInt)room;
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    write_file(scratch_path("unzipped"), text, z.total_out);
    inflateEnd(&z);
    free(packed);
    free(text);
    return scratch_path("unzipped");
}

static void swf(void **state)
{
    static const char hpc2n[] = "swf/hpc2n.swf.gz", lublin[] = "swf/lublin_256.swf.gz",
                      nasa[] = "swf/NASA-iPSC-1993-3.1-cln.swf.zip";
    struct workload w;
    double wait_s = 0;
    (void)state;
    struct import_report r = check_swf(hpc2n, path_of(hpc2n), &w);
    assert_int_equal(reason_count(&r, "requested processors differ: the used ones are taken"), 213);
    assert_int_equal(w.t0_unix_us, INT64_C(1027839845) * US_PER_S);
    for (size_t j = 0; j < w.job_n; j++) wait_s += (double)(w.start_us[j] - w.submit_us[j]) / 1e6;
    assert_true(fabs(wait_s / 3145 - 17285) < 1); /* the mean wait of MAPPING.md */
    workload_free(&w);
    check_swf(lublin, path_of(lublin), &w);
    assert_int_equal(w.span_us / US_PER_S, 7711701 - 5094);
    workload_free(&w);
    check_swf(nasa, unzip(path_of(nasa)), &w);
    assert_int_equal(w.span_us / US_PER_S, 7948936);
    workload_free(&w);
}

/* An archive is refused with the way out. */
static void an_archive_is_named(void **state)
{
    struct import_options o;
    struct import_report r;
    struct workload w;
    struct error err;
    const char *path = path_of("swf/NASA-iPSC-1993-3.1-cln.swf.zip");
    (void)state;
    import_options_init(&o);
    assert_int_equal(import_files(trace_format_find("swf"), &o, &path, 1, INT64_MIN, &w, &r, &err),
                     STATUS_BAD_INPUT);
    assert_non_null(strstr(err.message, "is a zip archive: unpack it first"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(itp),
        cmocka_unit_test(infeasible_deadlines_are_kept),
        cmocka_unit_test(philly),
        cmocka_unit_test(chronus_in_minutes),
        cmocka_unit_test(tiresias_muri_and_gaia),
        cmocka_unit_test(openb),
        cmocka_unit_test(openb_without_times),
        cmocka_unit_test(swf),
        cmocka_unit_test(an_archive_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
