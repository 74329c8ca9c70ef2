/* SPDX-License-Identifier: Apache-2.0 */
/* Making traces, their statistics, and fitting one: nanoseconds a job, which must not grow faster
 * than a logarithm, and bytes a job. */
#include <string.h>

#include "models/workload/stats.h"
#include "models/workload/synth.h"
#include "tools/bench/bench.h"

static void measure(int64_t jobs, int repeat)
{
    struct error err = { STATUS_OK, "" };
    struct synth_options o;
    double synth = 1e9, stats = 1e9, fit = 1e9, hours = 0;
    synth_options_init(&o);
    o.preset = synth_preset_find("philly");
    o.jobs = jobs;
    o.days = 365;
    for (int r = 0; r < repeat; r++) {
        struct workload w;
        struct workload_stats s;
        struct synth_preset *fitted;
        double start = bench_now();
        bench_need(synth_make(&o, &w, &err), &err);
        double made = bench_now();
        bench_need(workload_stats_of(&w, &s, &err), &err);
        double counted = bench_now();
        bench_need(synth_preset_fit(&w, &fitted, &err), &err);
        double end = bench_now();
        synth = made - start < synth ? made - start : synth;
        stats = counted - made < stats ? counted - made : stats;
        fit = end - counted < fit ? end - counted : fit;
        hours = s.all.gpu_hours;
        synth_preset_free(fitted);
        workload_stats_free(&s);
        workload_free(&w);
    }
    printf("%10lld %12.1f %12.1f %12.1f %14.0f   %.17g\n", (long long)jobs,
           synth / (double)jobs * 1e9, stats / (double)jobs * 1e9, fit / (double)jobs * 1e9,
           bench_peak_gib() * 1073741824 / (double)jobs, hours);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    printf("\n# Traces, like Philly over a year; processor time of the thread\n%10s %12s %12s %12s "
           "%14s   %s\n",
           "jobs", "synth ns", "stats ns", "fit ns", "bytes a job", "GPU-hours");
    for (int64_t jobs = 10000; jobs <= (quick ? 100000 : 10000000); jobs *= 10)
        measure(jobs, jobs >= 10000000 ? 1 : 3);
    return 0;
}
