/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the canonical CSV: megabytes and rows a second, for narrow rows and for rows with every
 * usual column. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "models/workload/synth.h"
#include "scenarios/diagnostics.h"
#include "scenarios/traces/trace_file.h"
#include "tools/bench/bench.h"

static void read_back(const char *what, const char *path)
{
    struct stat st;
    double best = 1e9;
    size_t jobs = 0;
    int64_t sum = 0;
    for (int r = 0; r < 3; r++) {
        struct workload w;
        struct diagnostics d;
        struct error err = { STATUS_OK, "" };
        diagnostics_init(&d);
        double start = bench_now();
        bench_need(trace_read(path, &w, &d, &err), &err);
        double t = bench_now() - start;
        if (t < best) best = t;
        jobs = w.job_n;
        sum = 0;
        for (size_t j = 0; j < w.job_n; j++) sum += w.submit_us[j] ^ w.run_us[j];
        workload_free(&w);
        diagnostics_free(&d);
    }
    if (stat(path, &st) != 0) exit(1);
    printf("%-28s %10zu %10.1f %10.0f %10.1f   %llx\n", what, jobs, (double)st.st_size / 1e6,
           (double)st.st_size / 1e6 / best, best / (double)jobs * 1e9, (unsigned long long)sum);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int64_t jobs = argc > 1 && strcmp(argv[1], "--quick") == 0 ? 200000 : 2000000;
    char path[200];
    const char *tmp = getenv("TMPDIR");
    struct workload w;
    struct error err = { STATUS_OK, "" };
    printf("\n# Canonical CSV; processor time of the thread\n%-28s %10s %10s %10s %10s\n", "file",
           "jobs", "MB", "MB/s", "ns a job");
    snprintf(path, sizeof path, "%s/seatrial-bench-%d.csv", tmp ? tmp : "/tmp", (int)getpid());

    bench_workload(&w, jobs, 100000, 0.9, 16, 0);
    bench_need(trace_write(&w, path, &err), &err);
    workload_free(&w);
    read_back("submit, run, GPUs", path);

    struct synth_options o;
    synth_options_init(&o);
    o.preset = synth_preset_find("philly");
    o.jobs = jobs;
    o.days = 60;
    bench_need(synth_make(&o, &w, &err), &err);
    bench_need(trace_write(&w, path, &err), &err);
    workload_free(&w);
    read_back("synthetic, like Philly", path);

    FILE *f = fopen(path, "w");
    if (!f) return 1;
    fputs("job_id,submit_s,run_s,gpus,tenant,user,queue,cpus,mem_mib,limit_s,status\n", f);
    for (int64_t j = 0; j < jobs; j++)
        fprintf(f, "application_%lld,%lld.%03d,%d,%d,team-%d,user-%d,batch,%d,%d,%d,completed\n",
                (long long)(1506638472607 + j), (long long)j * 3, (int)(j % 1000),
                (int)(j * 7919 % 90000), 1 << j % 4, (int)(j % 14), (int)(j % 300), 8 << j % 4,
                65536 << j % 4, 86400);
    if (fclose(f) != 0) return 1;
    read_back("ids, tenants, cores, limits", path);
    unlink(path);
    return 0;
}
