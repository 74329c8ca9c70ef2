/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical trace, damaged: trace_read gives a whole workload or says why not; what it gives,
 * trace_write writes and trace_read reads again. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "scenarios/diagnostics.h"
#include "scenarios/traces/trace_file.h"
#include "tests/mutation.h"
#include "tests/support.h"

static struct seeds seeds;

static const char full[] =
    "# t0_unix_s=1772323200.25\n"
    "job_id,submit_s,run_s,gpus,gpu_type,cpus,mem_mib,nodes,tenant,user,queue,class,priority,"
    "status,limit_s,start_s,deadline_s,min_gpus,max_gpus,node_selector,tolerations\n"
    "a,0,10.5,8,A100|H100,64,524288,1,vision,ann,gpu,language-model,5,completed,3600,1.000001,90,"
    "2,16,\"disk in (nvme,ssd)||!old,cores>8\",dedicated=ml:NoSchedule\n"
    "\"b,\"\"c\",0.000001,0,0.25,,0.5,,0,\"=x\",,,,-5,failed,,,-10,,1,,*\n"
    ",7,60,0,,,1,,,,,,,,60,9,,0,,a=b,\n"
    "d,3,1e2,1,T4,,,,speech,bob,,,,never_started,,,,,1,a notin (),\n";

static const char *const columns[] = { "job_id",      "cpus",      "mem_mib",  "nodes",
                                       "tenant",      "user",      "queue",    "class",
                                       "priority",    "status",    "gpu_type", "running_at_end",
                                       "1000000.001", "1.0000001", NULL };

static int start(void **state)
{
    unsigned char packed[4000];
    (void)state;
    seeds_add(&seeds, full, sizeof full - 1);
    seeds_add(&seeds, "submit_s,run_s,gpus\n0,1,1\n5,2,2\n5,3,4\n9,4,8\n", 44);
    size_t n = ZSTD_compress(packed, sizeof packed, full, sizeof full - 1, 3);
    assert_false(ZSTD_isError(n));
    seeds_add(&seeds, packed, n);
    gzFile gz = gzopen(scratch_path("seed.gz"), "wb");
    gzwrite(gz, full, sizeof full - 1);
    gzclose(gz);
    char *bytes = read_file(scratch_path("seed.gz"), &n);
    seeds_add(&seeds, bytes, n);
    free(bytes);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    seeds_free(&seeds);
    return 0;
}

static void check_again(const struct workload *w)
{
    const char *path = scratch_path("again.csv");
    struct workload again;
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    assert_int_equal(trace_write(w, path, &err), STATUS_OK);
    diagnostics_init(&d);
    if (trace_read(path, &again, &d, &err) != STATUS_OK) fail_msg("again: %s", err.message);
    assert_int_equal(again.job_n, w->job_n);
    assert_int_equal(again.t0_unix_us, w->t0_unix_us);
    assert_memory_equal(again.submit_us, w->submit_us, w->job_n * sizeof *w->submit_us);
    assert_memory_equal(again.run_us, w->run_us, w->job_n * sizeof *w->run_us);
    assert_memory_equal(again.gpu_milli, w->gpu_milli, w->job_n * sizeof *w->gpu_milli);
    assert_memory_equal(again.start_us, w->start_us, w->job_n * sizeof *w->start_us);
    assert_memory_equal(again.deadline_us, w->deadline_us, w->job_n * sizeof *w->deadline_us);
    assert_memory_equal(again.min_gpus, w->min_gpus, w->job_n * sizeof *w->min_gpus);
    assert_memory_equal(again.max_gpus, w->max_gpus, w->job_n * sizeof *w->max_gpus);
    for (size_t j = 0; j < w->job_n; j++) {
        assert_string_equal(again.tenants.text[again.tenant[j]], w->tenants.text[w->tenant[j]]);
        assert_string_equal(again.selectors.text[again.selector[j]],
                            w->selectors.text[w->selector[j]]);
        assert_string_equal(again.tolerations.text[again.toleration[j]],
                            w->tolerations.text[w->toleration[j]]);
        assert_string_equal(again.gpu_types.text[again.gpu_type[j]],
                            w->gpu_types.text[w->gpu_type[j]]);
    }
    diagnostics_free(&d);
    workload_free(&again);
}

static void read_bytes(const char *bytes, size_t n)
{
    const char *path = scratch_path("trace.csv");
    struct workload w;
    struct diagnostics d;
    struct error err = { STATUS_OK, "" };
    write_file(path, bytes, n);
    diagnostics_init(&d);
    enum status status = trace_read(path, &w, &d, &err);
    check_outcome(status, &err, &d);
    if (status == STATUS_OK) {
        check_workload(&w);
        check_again(&w);
        workload_free(&w);
    } else {
        assert_true(status != STATUS_BAD_INPUT || d.errors > 0);
    }
    diagnostics_free(&d);
}

static void one(uint64_t input)
{
    size_t n;
    char *bytes = mutated(101, input, &seeds, columns, &n);
    read_bytes(bytes, n);
    free(bytes);
}

static void damaged_traces(void **state)
{
    (void)state;
    fuzz("trace", 25000, one);
}

/* Inputs that once went wrong. */
static void regressions(void **state)
{
    static const char *const inputs[] = {
        /* the wall clock of second 0 in microseconds is beyond 64 bits once the origin is added */
        "# t0_unix_s=9223372036854\nsubmit_s,run_s,gpus\n0,1,1\n",
        "# t0_unix_s=-9223372036854\nsubmit_s,run_s,gpus\n0,1,1\n",
        /* a known column behind seventeen others was kept beyond the end of an array */
        "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,submit_s,run_s,gpus\n0,1,1\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        read_bytes(inputs[i], strlen(inputs[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_traces),
        cmocka_unit_test(regressions),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
