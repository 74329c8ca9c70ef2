/* SPDX-License-Identifier: Apache-2.0 */
/* The log of every trace format, damaged: an importer gives a whole workload or says why not, and
 * counts what it leaves out; what it gives can be written and read again. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/diagnostics.h"
#include "scenarios/traces/formats.h"
#include "tests/mutation.h"
#include "tests/support.h"

enum { ROUNDS = 1500 };

static const struct trace_format *format;
static uint64_t format_number;
static struct seeds seeds;

/* Words of the formats. */
static const char *const words[] = { "job_id",
                                     "submission_time",
                                     "duration",
                                     "num_gpu",
                                     "timestamp",
                                     "cluster",
                                     "gpu_time",
                                     "vc",
                                     "gpu_num",
                                     "node_num",
                                     "mem_per_pod_GB",
                                     "creation_time",
                                     "deletion_time",
                                     "scheduled_time",
                                     "gpu_spec",
                                     "gpu_milli",
                                     "MISC",
                                     "Terminated",
                                     "Waiting",
                                     "Running",
                                     "Killed",
                                     "Pass",
                                     "gres/gpu=8",
                                     "gres/gpu:h100=9223372036854775807",
                                     "gres/gpu:7g.80gb=3",
                                     "gres/shard=1",
                                     "REQUEUED",
                                     "REVOKED",
                                     "PENDING",
                                     "CANCELLED by 0",
                                     "12+0",
                                     "12+1",
                                     "12_[3-5]",
                                     "12.batch",
                                     "JobID",
                                     "Submit",
                                     "ElapsedRaw",
                                     "AllocTRES",
                                     "ReqMem",
                                     "500m",
                                     "1e3",
                                     "99Pi",
                                     "64Gn",
                                     "2Tc",
                                     "\"items\"",
                                     "\"kind\"",
                                     "\"Pod\"",
                                     "\"Job\"",
                                     "\"attempts\"",
                                     "\"detail\"",
                                     "\"gpus\"",
                                     "\"start_time\"",
                                     "\"status\"",
                                     "\"resources\"",
                                     "\"limits\"",
                                     "\"nvidia.com/gpu\"",
                                     "\"nvidia.com/mig-3g.40gb\"",
                                     "\"initContainers\"",
                                     "\"labels\"",
                                     "null",
                                     NULL };

static void read_options(struct mutator *m, struct import_options *o)
{
    static const int64_t units[] = { 1, 1000, US_PER_S, 60 * (int64_t)US_PER_S, US_PER_HOUR };
    import_options_init(o);
    o->tz_us = ((int64_t)mutator_below(m, 29) - 14) * US_PER_HOUR;
    o->keep_bad_duration = mutator_below(m, 2);
    o->is_static = mutator_below(m, 4) == 0;
    o->requested_procs = mutator_below(m, 2);
    o->procs_per_gpu = (int64_t)mutator_below(m, 9);
    o->time_unit_us = units[mutator_below(m, 2) ? 2 : mutator_below(m, 5)];
    if (mutator_below(m, 8) == 0) o->delimiter = ";\t|"[mutator_below(m, 3)];
}

static void check_counts(const struct import_report *r, const struct workload *w)
{
    uint64_t dropped = 0;
    for (int i = 0; i < r->reason_n; i++) {
        assert_true(r->reasons[i].count > 0 && r->reasons[i].text[0]);
        if (r->reasons[i].dropped) dropped += r->reasons[i].count;
    }
    assert_int_equal(r->kept, w->job_n);
    assert_true(r->kept + dropped <= r->rows); /* the rest was joined to others */
}

/* What import says is a trace, the reader takes for one. */
static void check_trace(const struct workload *w)
{
    struct workload again;
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    const char *path = scratch_path("trace.csv");
    assert_int_equal(trace_write(w, path, &err), STATUS_OK);
    diagnostics_init(&d);
    if (trace_read(path, &again, &d, &err) != STATUS_OK) {
        diagnostics_print(&d, stderr, 0, NULL);
        fail_msg("what was imported cannot be read: %s", err.message);
    }
    assert_int_equal(again.job_n, w->job_n);
    assert_memory_equal(again.submit_us, w->submit_us, w->job_n * sizeof *w->submit_us);
    assert_memory_equal(again.run_us, w->run_us, w->job_n * sizeof *w->run_us);
    assert_memory_equal(again.gpu_milli, w->gpu_milli, w->job_n * sizeof *w->gpu_milli);
    workload_free(&again);
    diagnostics_free(&d);
}

static void import_paths(const struct trace_format *f, const struct import_options *o,
                         const char *const *paths, size_t n, int64_t t0_us)
{
    struct workload w;
    struct import_report r;
    struct error err = { STATUS_OK, "" };
    enum status status = import_files(f, o, paths, n, t0_us, &w, &r, &err);
    check_outcome(status, &err, NULL);
    if (status != STATUS_OK) return;
    check_workload(&w);
    check_counts(&r, &w);
    check_trace(&w);
    workload_free(&w);
}

/* --t0, mostly not given. */
static const int64_t origins[12] = {
    INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN,     INT64_MIN,
    INT64_MIN, 0,         -1,        INT64_MAX, INT64_MIN + 1, INT64_C(1500000000000000)
};

static void one(uint64_t input)
{
    struct mutator m = { 201 + format_number, input, 1 << 20 };
    const char *paths[2] = { scratch_path("a.log"), scratch_path("b.log") };
    struct import_options o;
    size_t files = 1 + (mutator_below(&m, 4) == 0), n;
    for (size_t i = 0; i < files; i++) {
        char *bytes = mutated(201 + format_number, 2 * input + i, &seeds, words, &n);
        write_file(paths[i], bytes, n);
        free(bytes);
    }
    read_options(&m, &o);
    import_paths(format, &o, paths, files, origins[mutator_below(&m, 12)]);
}

/* A seed named after a format, or after it and a number: "slurm-2.txt". */
static void add_seeds(const char *name)
{
    char start[40];
    snprintf(start, sizeof start, "%s-", name);
    for (int i = 1; i <= 9; i++) {
        char path[100];
        snprintf(path, sizeof path, "tests/fuzz/seeds/%s%d", start, i);
        FILE *f = fopen(root_path(path), "rb");
        if (!f) break;
        fclose(f);
        seeds_add_file(&seeds, path);
    }
    if (seeds.count == 0) fail_msg("no seed for %s", name);
}

static void damaged_logs(void **state)
{
    (void)state;
    for (format = trace_formats; format->name; format++) {
        format_number = (uint64_t)(format - trace_formats);
        add_seeds(format->name);
        fuzz(format->name, ROUNDS, one);
        seeds_free(&seeds);
    }
}

/* Undamaged, every seed gives jobs. */
static void seeds_are_good(void **state)
{
    (void)state;
    for (format = trace_formats; format->name; format++) {
        add_seeds(format->name);
        for (size_t i = 0; i < seeds.count; i++) {
            struct import_options o;
            struct import_report r;
            struct workload w;
            struct error err = { STATUS_OK, "" };
            const char *path = scratch_path("seed");
            import_options_init(&o);
            write_file(path, seeds.bytes[i], seeds.n[i]);
            if (import_files(format, &o, &path, 1, INT64_MIN, &w, &r, &err) != STATUS_OK)
                fail_msg("%s %zu: %s", format->name, i + 1, err.message);
            assert_true(w.job_n >= 2);
            workload_free(&w);
        }
        seeds_free(&seeds);
    }
}

/* Inputs that once went wrong. */
static void regressions(void **state)
{
    static const struct {
        const char *format, *text;
    } inputs[] = {
        /* GPU counts that wrapped around 32 or 64 bits into something small and plausible */
        { "philly", "timestamp,duration,num_gpus,cluster\n2017-10-07 01:00:00,1,-4294966,a\n" },
        { "openb", "name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time,deletion_time,"
                   "scheduled_time\na,1,1,9223372036854775807,1000,0,1,0\n" },
        /* sums and differences of times beyond 64 bits */
        { "openb", "name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time,deletion_time,"
                   "scheduled_time\na,1,1,1,1000,0,-9e12,9e12\n" },
        { "pai2020", "j,t,1,Terminated,9e12,-9e12,100,1,100,T4\n" },
        { "swf", "1 9e12 9e12 1 1 -1 -1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n" },
        { "csv", "submit_s,run_s,gpus,start_s,deadline_s\n0,1,1,9e12,-9e12\n" },
        { "slurm", "JobID|Submit|State|Elapsed|ReqTRES\n1|2026-01-01T00:00:00|COMPLETED|"
                   "9999999999999999999-0|gres/gpu:a=9223372036854775807,gres/gpu:b="
                   "9223372036854775807\n" },
        { "kubernetes",
          "{\"items\":[{\"kind\":\"Pod\",\"metadata\":{\"creationTimestamp\":"
          "\"2026-01-01T00:00:00Z\"},\"spec\":{\"containers\":[{\"resources\":{\"limits\":{"
          "\"nvidia.com/gpu\":\"1e15\",\"memory\":\"1023Pi\",\"cpu\":\"1e15\"}}},{\"resources\":{"
          "\"limits\":{\"nvidia.com/"
          "gpu\":\"1e15\",\"memory\":\"1023Pi\",\"cpu\":\"1e15\"}}}]}}]}" },
        /* a line end in a name was two lines of the trace */
        { "philly", "[{\"submitted_time\":\"2026-01-01 00:00:00\",\"vc\":\"a\\nb,c\\u001b\"}]" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        struct import_options o;
        const char *path = scratch_path("regression");
        import_options_init(&o);
        write_text(path, inputs[i].text);
        import_paths(trace_format_find(inputs[i].format), &o, &path, 1, INT64_MIN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_are_good),
        cmocka_unit_test(regressions),
        cmocka_unit_test(damaged_logs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
