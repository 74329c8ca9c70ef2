/* SPDX-License-Identifier: Apache-2.0 */
/* Importers against exact totals of public traces, counted by an independent program. */
#include "tests/support.h"

#include <math.h>
#include <string.h>

#include "scenarios/traces/formats.h"
#include "scenarios/traces/trace_file.h"

struct totals {
    int64_t jobs, gpu_milli, span_s, longest_s;
    double gpu_s;
};

static uint64_t reason_count(const struct import_report *r, const char *text)
{
    for (int i = 0; i < r->reason_n; i++)
        if (strcmp(r->reasons[i].text, text) == 0) return r->reasons[i].count;
    return 0;
}

static struct import_report import_one(const char *format, const char *path,
                                       const struct import_options *o, struct workload *w)
{
    struct import_options defaults;
    struct import_report report;
    struct error err = { STATUS_OK, "" };
    import_options_init(&defaults);
    assert_non_null(trace_format_find(format));
    if (import_files(trace_format_find(format), o ? o : &defaults, &path, 1, INT64_MIN, w, &report,
                     &err) != STATUS_OK)
        fail_msg("%s: %s", path, err.message);
    return report;
}

static struct totals total(const struct workload *w)
{
    struct totals t = { (int64_t)w->job_n, 0, w->span_us / US_PER_S, 0, 0 };
    for (size_t j = 0; j < w->job_n; j++) {
        t.gpu_milli += w->gpu_milli[j];
        t.gpu_s += (double)(w->run_us[j] / US_PER_S) * w->gpu_milli[j] / 1000;
        if (w->run_us[j] / US_PER_S > t.longest_s) t.longest_s = w->run_us[j] / US_PER_S;
        if (j) assert_true(w->submit_us[j] >= w->submit_us[j - 1]);
    }
    assert_int_equal(w->submit_us[0], 0);
    return t;
}

static void check_totals(const char *format, const char *file, int64_t jobs, double gpu_s,
                         int64_t gpus, int64_t span_s, int64_t longest_s, uint64_t unordered)
{
    struct workload w;
    struct import_report r = import_one(format, shared_or_skip(file), NULL, &w);
    struct totals t = total(&w);
    assert_int_equal(t.jobs, jobs);
    assert_int_equal(r.rows, jobs);
    assert_true(t.gpu_s == gpu_s);
    assert_int_equal(t.gpu_milli, gpus * 1000);
    assert_int_equal(t.span_s, span_s);
    assert_int_equal(t.longest_s, longest_s);
    assert_int_equal(reason_count(&r, "rows before an earlier one: sorted by submission"),
                     unordered);
    workload_free(&w);
}

static void itp(void **state)
{
    (void)state;
    check_totals("itp", "data/training/itp/raw/cluster02.csv.gz", 5778, 445494106, 11785, 5161376,
                 1114383, 0);
    check_totals("itp", "data/training/itp/raw/cluster03.csv.gz", 3011, 595593077, 18760, 4263429,
                 1022894, 0);
    check_totals("itp", "data/training/itp/raw/cluster06.csv.gz", 2396, 445963163, 12429, 5151898,
                 899735, 0);
    check_totals("itp", "data/training/itp/raw/cluster07.csv.gz", 12699, 1320479327, 23330, 5135939,
                 1102827, 0);
    check_totals("itp", "data/training/itp/raw/cluster10.csv.gz", 260, 14484569, 383, 2837918,
                 211425, 0);
    check_totals("itp", "data/training/itp/elasticflow/cluster10.csv.gz", 260, 14484569, 383,
                 2837918, 211425, 0);
    check_totals("itp", "data/training/itp/elasticflow/195job.csv", 195, 19763306, 572, 172045,
                 832399, 0);
}

static void itp_deadlines_are_kept_even_where_infeasible(void **state)
{
    struct workload w;
    int infeasible = 0;
    (void)state;
    import_one("itp", shared_or_skip("data/training/itp/elasticflow/cluster10.csv.gz"), NULL, &w);
    for (size_t j = 0; j < w.job_n; j++)
        infeasible += w.deadline_us[j] < w.submit_us[j] + w.run_us[j];
    assert_int_equal(infeasible, 136);
    workload_free(&w);
}

static void philly_sia(void **state)
{
    (void)state;
    check_totals("philly", "data/training/philly/philly.csv.gz", 82247, 3521082502.0, 107235,
                 9408690, 4628226, 44878);
}

static void openb(void **state)
{
    static const struct {
        const char *file;
        int64_t pods;
        double running;
        uint64_t never;
        uint64_t unordered;
    } lists[] = {
        { "data/kubernetes/openb/openb_pod_list_default.csv.gz", 8152, 185294426.97, 897, 0 },
        { "data/kubernetes/openb/openb_pod_list_gpuspec33.csv.gz", 8152, 185294426.97, 897, 0 },
        { "data/kubernetes/openb/openb_pod_list_gpushare40.csv.gz", 8152, 152704808.22, 981, 3518 },
        { "data/kubernetes/openb/openb_pod_list_cpu100.csv.gz", 7853, 185294426.97, 883, 406 },
    };
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct workload w;
        struct import_report r = import_one("openb", shared_or_skip(lists[i].file), NULL, &w);
        struct totals t = total(&w);
        assert_int_equal(t.jobs, lists[i].pods);
        assert_true(fabs(t.gpu_s - lists[i].running) < 1e-3);
        assert_int_equal(reason_count(&r, "never scheduled: kept with a run time of 0"),
                         lists[i].never);
        assert_int_equal(reason_count(&r, "rows before an earlier one: sorted by submission"),
                         lists[i].unordered);
        workload_free(&w);
    }
}

static void openb_static_list_and_type_sets(void **state)
{
    struct workload w;
    struct import_options o;
    double gpus = 0;
    int sets = 0;
    (void)state;
    import_options_init(&o);
    o.is_static = true;
    import_one("openb", shared_or_skip("data/kubernetes/openb/openb_pod_list_multigpu20.csv.gz"),
               &o, &w);
    for (size_t j = 0; j < w.job_n; j++) gpus += w.gpu_milli[j] / 1000.0;
    assert_int_equal(w.job_n, 8324);
    assert_true(fabs(gpus - 7086.8) < 1e-6);
    workload_free(&w);
    import_one("openb", shared_or_skip("data/kubernetes/openb/openb_pod_list_gpuspec33.csv.gz"),
               NULL, &w);
    for (size_t j = 0; j < w.job_n; j++) sets += w.gpu_type[j] != 0;
    assert_int_equal(sets, 2388);
    /* 16 distinct texts; two of them name the same set once repeats are gone. */
    assert_int_equal(w.gpu_types.n - 1, 15);
    workload_free(&w);
}

static void swf_hpc2n(void **state)
{
    struct workload w;
    double proc_s = 0, wait_s = 0;
    (void)state;
    struct import_report r = import_one("swf", shared_or_skip("data/swf/hpc2n.swf.gz"), NULL, &w);
    assert_int_equal(r.rows, 3170);
    assert_int_equal(reason_count(&r, "run time unknown (-1)"), 25);
    assert_int_equal(w.job_n, 3145);
    for (size_t j = 0; j < w.job_n; j++) {
        proc_s += (double)(w.run_us[j] / US_PER_S) * w.gpu_milli[j] / 1000;
        wait_s += (double)((w.start_us[j] - w.submit_us[j]) / US_PER_S);
    }
    assert_true(proc_s == 503655194.0);
    assert_int_equal(reason_count(&r, "requested processors differ: the used ones are taken"), 213);
    assert_int_equal(reason_count(&r, "ran longer than its requested time: kept"), 320);
    /* MAPPING: mean recorded wait 17,285 s over rows with run > 0. */
    assert_true(fabs(wait_s / 3145 - 17285) < 1);
    workload_free(&w);
}

static void swf_lublin(void **state)
{
    struct workload w;
    double proc_s = 0;
    (void)state;
    import_one("swf", shared_or_skip("data/swf/lublin_256.swf.gz"), NULL, &w);
    for (size_t j = 0; j < w.job_n; j++)
        proc_s += (double)(w.run_us[j] / US_PER_S) * w.gpu_milli[j] / 1000;
    assert_int_equal(w.job_n, 10000);
    assert_true(proc_s == 2092781168.0);
    assert_int_equal(w.span_us / US_PER_S, 7711701 - 5094);
    workload_free(&w);
}

/* The published samples of formats whose files are not public in full, and made-up rows for their
 * quirks. */
static void philly_json(void **state)
{
    struct workload w;
    (void)state;
    struct import_report r =
        import_one("philly", shared_or_skip("data/fixtures/philly_cluster_job_log.json"), NULL, &w);
    assert_int_equal(r.rows, 5);
    assert_int_equal(r.kept, 4);
    assert_int_equal(reason_count(&r, "no submitted_time"), 1);
    size_t j = 0;
    char id[64];
    while (strcmp(workload_job_id(&w, j, id, sizeof id), "application_1506638472019_14199") != 0)
        assert_true(++j < w.job_n);
    assert_int_equal(w.run_us[j] / US_PER_S, 193256); /* two attempts: 74 + 193,182 */
    assert_int_equal(w.gpu_milli[j], 8000);
    assert_int_equal((w.start_us[j] - w.submit_us[j]) / US_PER_S, 30);
    assert_int_equal(w.status[j], JOB_COMPLETED);
    assert_string_equal(w.tenants.text[w.tenant[j]], "ee9e8c");
    workload_free(&w);
}

static void slurm_lines(void **state)
{
    static const char log[] =
        "JobID|User|Account|Partition|Submit|Start|End|ElapsedRaw|TimelimitRaw|State|AllocTRES|"
        "AllocCPUS|ReqMem|NNodes\n"
        "101|ann|vision|gpu|2026-03-01T00:00:00|2026-03-01T00:10:00|2026-03-01T02:10:00|7200|240|"
        "COMPLETED|billing=64,cpu=64,gres/gpu:a100=8,gres/gpu=8,mem=512G,node=1|64|512G|1\n"
        "101.batch||vision||2026-03-01T00:10:00|2026-03-01T00:10:00|2026-03-01T02:10:00|7200||"
        "COMPLETED|cpu=64|64||1\n"
        "102|bob|nlp|gpu|2026-03-01T00:05:00|Unknown|Unknown|0|UNLIMITED|PENDING|||2Gc|2\n"
        "103_4|bob|nlp|gpu|2026-03-01T00:06:00|2026-03-01T01:00:00|2026-03-01T01:30:00|1800|60|"
        "CANCELLED by 1000|gres/gpu=2|4|2Gc|1\n";
    struct workload w;
    char more[2000];
    (void)state;
    write_text(scratch_path("sacct.txt"), log);
    struct import_report r = import_one("slurm", scratch_path("sacct.txt"), NULL, &w);
    assert_int_equal(r.rows, 4);
    assert_int_equal(r.kept, 3);
    assert_int_equal(reason_count(&r, "job step (belongs to its job)"), 1);
    assert_int_equal(w.gpu_milli[0], 8000);
    assert_string_equal(w.gpu_types.text[w.gpu_type[0]], "a100");
    assert_int_equal(w.run_us[0], 7200 * (int64_t)US_PER_S);
    assert_int_equal(w.limit_us[0], 4 * US_PER_HOUR);
    assert_int_equal(w.mem_mib[0], 512 * 1024);
    assert_int_equal(w.start_us[0], 600 * (int64_t)US_PER_S);
    assert_int_equal(w.status[1], JOB_NEVER_STARTED);
    assert_int_equal(w.limit_us[1], -1);
    assert_int_equal(w.mem_mib[2], 8 * 1024); /* 2 GiB for each of 4 cores */
    assert_int_equal(w.status[2], JOB_CANCELLED);
    workload_free(&w);
    /* A job cancelled in the queue has never started either. */
    struct import_options o;
    import_options_init(&o);
    o.drop_never_started = true;
    write_text(scratch_path("sacct.txt"),
               strcat(strcpy(more, log), "104|bob|nlp|gpu|2026-03-01T00:07:00|None|"
                                         "2026-03-01T00:09:00|0|60|CANCELLED by "
                                         "1000||0|2Gc|1\n"));
    r = import_one("slurm", scratch_path("sacct.txt"), &o, &w);
    assert_int_equal(reason_count(&r, "never started (--drop-never-started)"), 2);
    assert_int_equal(r.kept, 2);
    workload_free(&w);
}

static void kubernetes_list(void **state)
{
    static const char list[] =
        "{\"items\":[{\"kind\":\"Job\",\"metadata\":{\"name\":\"train\",\"namespace\":\"ml\"},"
        "\"spec\":{\"parallelism\":4}},"
        "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"train-0\",\"namespace\":\"ml\","
        "\"creationTimestamp\":\"2026-03-01T00:00:00Z\",\"ownerReferences\":[{\"kind\":\"Job\","
        "\"name\":\"train\"}]},"
        "\"spec\":{\"containers\":[{\"resources\":{\"limits\":{\"nvidia.com/"
        "gpu\":\"8\"},\"requests\":{\"cpu\":\"500m\",\"memory\":\"64Gi\"}}}],\"nodeSelector\":{"
        "\"nvidia.com/gpu.product\":\"H100\"}},"
        "\"status\":{\"phase\":\"Succeeded\",\"startTime\":\"2026-03-01T00:01:00Z\","
        "\"containerStatuses\":[{\"state\":{\"terminated\":{\"startedAt\":\"2026-03-01T00:02:00Z\","
        "\"finishedAt\":\"2026-03-01T01:02:00Z\"}}}]}},"
        "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"train-1\",\"namespace\":\"ml\","
        "\"creationTimestamp\":\"2026-03-01T00:00:00Z\",\"ownerReferences\":[{\"kind\":\"Job\","
        "\"name\":\"train\"}]},\"spec\":{},\"status\":{}},"
        "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"waits\",\"namespace\":\"ml\","
        "\"creationTimestamp\":\"2026-03-01T00:30:00Z\"},\"spec\":{\"containers\":[{\"resources\":{"
        "\"limits\":{\"nvidia.com/gpu\":1}}}]},\"status\":{\"phase\":\"Pending\"}}]}";
    struct workload w;
    (void)state;
    write_text(scratch_path("pods.json"), list);
    struct import_report r = import_one("kubernetes", scratch_path("pods.json"), NULL, &w);
    assert_int_equal(r.kept, 2);
    assert_int_equal(w.gpu_milli[0], 32000); /* a gang of four pods of eight */
    assert_int_equal(w.cpu_milli[0], 2000);
    assert_int_equal(w.mem_mib[0], 4 * 64 * 1024);
    assert_int_equal(w.run_us[0], US_PER_HOUR);
    assert_string_equal(w.gpu_types.text[w.gpu_type[0]], "H100");
    assert_int_equal(w.status[1], JOB_NEVER_STARTED);
    workload_free(&w);
}

static void kubernetes_quantities(void **state)
{
    static const struct {
        const char *cpu, *memory;
        int64_t cpu_milli, mem_mib;
    } quantities[] = {
        { "2", "1073741824", 2000, 1024 },       { "0.1", "1Gi", 100, 1024 },
        { "1e3", "1e9", 1000000, 953 },          { "15E-1", "12E6", 1500, 11 },
        { "2500000u", "1Ti", 2500, 1 << 20 },    { "1500000000n", "1Pi", 1500, 1 << 30 },
        { "1k", "128974848000m", 1000000, 123 }, { "x", "1Zi", 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof quantities / sizeof *quantities; i++) {
        char list[600];
        struct workload w;
        snprintf(
            list, sizeof list,
            "{\"items\":[{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"creationTimestamp\":"
            "\"2026-03-01T00:00:00Z\"},\"spec\":{\"containers\":[{\"resources\":{\"requests\":{"
            "\"cpu\":\"%s\",\"memory\":\"%s\"}}}]},\"status\":{}}]}",
            quantities[i].cpu, quantities[i].memory);
        write_text(scratch_path("pod.json"), list);
        import_one("kubernetes", scratch_path("pod.json"), NULL, &w);
        assert_int_equal(w.cpu_milli[0], quantities[i].cpu_milli);
        assert_int_equal(w.mem_mib[0], quantities[i].mem_mib);
        workload_free(&w);
    }
}

static void gpu_types_may_be_forgotten(void **state)
{
    static const char rows[] = "submit_s,run_s,gpus,gpu_type\n0,10,1,A100\n1,10,1,\n2,10,8,T4|L4\n";
    struct workload w;
    struct import_options o;
    (void)state;
    write_text(scratch_path("types.csv"), rows);
    import_options_init(&o);
    o.any_gpu = true;
    struct import_report r = import_one("csv", scratch_path("types.csv"), &o, &w);
    assert_int_equal(reason_count(&r, "GPU type forgotten (--any-gpu)"), 2);
    for (size_t j = 0; j < w.job_n; j++) assert_int_equal(w.gpu_type[j], 0);
    workload_free(&w);
}

/* What the canonical trace says became of a job, import --from csv reads again. */
static void every_status_is_read_back(void **state)
{
    char rows[600] = "submit_s,run_s,gpus,status\n";
    struct workload w;
    (void)state;
    for (int s = 0; s < JOB_STATUS_N; s++)
        sprintf(rows + strlen(rows), "%d,10,1,%s\n", s, job_status_name((enum job_status)s));
    write_text(scratch_path("statuses.csv"), rows);
    import_one("csv", scratch_path("statuses.csv"), NULL, &w);
    assert_int_equal(w.job_n, JOB_STATUS_N);
    for (int s = 0; s < JOB_STATUS_N; s++) assert_int_equal(w.status[s], s);
    workload_free(&w);
}

static void helios_and_acme_samples(void **state)
{
    struct workload w;
    (void)state;
    import_one("helios", shared_or_skip("data/fixtures/helios_cluster_log.csv"), NULL, &w);
    assert_int_equal(w.job_n, 3);
    assert_int_equal(w.run_us[0] / US_PER_S, 36848);
    assert_int_equal(w.gpu_milli[1], 4000);
    workload_free(&w);
    import_one("acme", shared_or_skip("data/fixtures/acme_trace_kalos.csv"), NULL, &w);
    assert_int_equal(w.run_us[1] / US_PER_S,
                     70); /* its duration column says 82: 12 s of queue are in it */
    assert_int_equal(w.gpu_milli[1], 64000);
    workload_free(&w);
    import_one("acme", shared_or_skip("data/fixtures/acme_trace_seren.csv"), NULL, &w);
    assert_int_equal(w.run_us[0] / US_PER_S, 117);
    workload_free(&w);
    import_one("pai2020", shared_or_skip("data/fixtures/pai2020_task_table_made_up.csv"), NULL, &w);
    assert_int_equal(w.job_n, 3);
    int64_t gpu_milli = 0;
    for (size_t j = 0; j < w.job_n; j++) gpu_milli += w.gpu_milli[j];
    assert_int_equal(gpu_milli, 1000 + 1000); /* two instances of half a GPU, one of a whole one */
    workload_free(&w);
}

static void any_csv_by_a_map(void **state)
{
    struct workload w;
    struct import_options o;
    (void)state;
    import_options_init(&o);
    o.map[o.map_n++] = (struct import_map){ "arrival_time", "submit_s" };
    o.map[o.map_n++] = (struct import_map){ "length", "run_s" };
    o.map[o.map_n++] = (struct import_map){ "cpus", "gpus" };
    import_one("csv", shared_or_skip("data/training/gaia/pai_1k.csv"), &o, &w);
    struct totals t = total(&w);
    assert_int_equal(t.jobs, 1000);
    assert_true(t.gpu_s == 11493272.0);
    assert_int_equal(t.span_s, 604756);
    workload_free(&w);
}

static void the_canonical_trace_round_trips(void **state)
{
    struct workload w, again;
    struct diagnostics d;
    struct error err;
    (void)state;
    import_one("openb", shared_or_skip("data/kubernetes/openb/openb_pod_list_gpuspec33.csv.gz"),
               NULL, &w);
    assert_int_equal(trace_write(&w, scratch_path("openb.csv.gz"), &err), STATUS_OK);
    diagnostics_init(&d);
    assert_int_equal(trace_read(scratch_path("openb.csv.gz"), &again, &d, &err), STATUS_OK);
    assert_int_equal(d.n, 0);
    assert_int_equal(again.job_n, w.job_n);
    for (size_t j = 0; j < w.job_n; j++) {
        char a[80], b[80];
        assert_int_equal(again.submit_us[j], w.submit_us[j]);
        assert_int_equal(again.run_us[j], w.run_us[j]);
        assert_int_equal(again.start_us[j], w.start_us[j]);
        assert_int_equal(again.gpu_milli[j], w.gpu_milli[j]);
        assert_int_equal(again.cpu_milli[j], w.cpu_milli[j]);
        assert_int_equal(again.mem_mib[j], w.mem_mib[j]);
        assert_int_equal(again.status[j], w.status[j]);
        assert_string_equal(again.gpu_types.text[again.gpu_type[j]],
                            w.gpu_types.text[w.gpu_type[j]]);
        assert_string_equal(workload_job_id(&again, j, a, sizeof a),
                            workload_job_id(&w, j, b, sizeof b));
    }
    diagnostics_free(&d);
    workload_free(&w);
    workload_free(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(itp),
        cmocka_unit_test(itp_deadlines_are_kept_even_where_infeasible),
        cmocka_unit_test(philly_sia),
        cmocka_unit_test(openb),
        cmocka_unit_test(openb_static_list_and_type_sets),
        cmocka_unit_test(swf_hpc2n),
        cmocka_unit_test(swf_lublin),
        cmocka_unit_test(philly_json),
        cmocka_unit_test(slurm_lines),
        cmocka_unit_test(kubernetes_list),
        cmocka_unit_test(kubernetes_quantities),
        cmocka_unit_test(gpu_types_may_be_forgotten),
        cmocka_unit_test(every_status_is_read_back),
        cmocka_unit_test(helios_and_acme_samples),
        cmocka_unit_test(any_csv_by_a_map),
        cmocka_unit_test(the_canonical_trace_round_trips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
