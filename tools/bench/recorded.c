/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real traces, where they lie beside the project (../shared): jobs a second of every order, and
 * how many times as long as fifo it takes. Philly is the 68,503 jobs of Helios' simulator, each
 * virtual cluster a world of its own; ITP is one cluster's trace on as many nodes of 8 GPUs as do
 * nine tenths, or all, of its work. One thread, and its time alone; fifo and the order by turns, of
 * each the best of several.
 */
#include <string.h>
#include <unistd.h>

#include "scenarios/traces/formats.h"
#include "tools/bench/bench.h"

enum { PARTS_MAX = 16, REPEAT = 5 };

struct part { /* jobs, and the nodes of 8 GPUs that they run on */
    char name[16];
    int nodes;
    struct workload w;
};

static double replay(const struct part *parts, int part_n, const char *order, double *waited_s)
{
    double seconds = 0;
    *waited_s = 0;
    for (int i = 0; i < part_n; i++) {
        struct world_result result;
        seconds += bench_world(&parts[i].w, parts[i].nodes, 8, order, &result);
        *waited_s += result.mean_wait_s * (double)result.finished;
        world_result_free(&result);
    }
    return seconds;
}

static void every_order(const char *name, const struct part *parts, int part_n)
{
    size_t jobs = 0;
    for (int i = 0; i < part_n; i++) jobs += parts[i].w.job_n;
    for (const struct queue_order *o = queue_orders; o->name; o++) {
        double best = 1e9, fifo = 1e9, waited_s = 0;
        for (int r = 0; r < REPEAT; r++) {
            double t = replay(parts, part_n, "fifo", &waited_s);
            if (t < fifo) fifo = t;
            t = replay(parts, part_n, o->name, &waited_s);
            if (t < best) best = t;
        }
        printf("%-22s %-18s %9zu %12.0f %10.2f   %.6g s waited\n", name, o->name, jobs,
               (double)jobs / best, best / fifo, waited_s);
        fflush(stdout);
    }
}

static void philly(void)
{
    static const char dir[] = "../shared/oracles/peers/helios-philly";
    struct error err = { STATUS_OK, "" };
    struct part parts[PARTS_MAX];
    char path[200], line[256], vc[16], job[64];
    long long submit, duration, in_vc;
    int part_n = 0, gpus;
    snprintf(path, sizeof path, "%s/cluster_vc_nodes.csv", dir);
    FILE *f = fopen(path, "r");
    if (!f) return;
    while (part_n < PARTS_MAX && fgets(line, sizeof line, f))
        if (sscanf(line, "%15[^,],%d", parts[part_n].name, &parts[part_n].nodes) == 2)
            bench_need(workload_init(&parts[part_n++].w, &err), &err);
    fclose(f);
    snprintf(line, sizeof line, "gzip -dc %s/trace.csv.gz", dir);
    f = popen(line, "r");
    if (!f) exit(1);
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "%63[^,],%15[^,],%lld,%d,%lld,%lld", job, vc, &in_vc, &gpus, &submit,
                   &duration) != 6)
            continue;
        for (int i = 0; i < part_n; i++)
            if (strcmp(parts[i].name, vc) == 0) {
                struct job_row row;
                job_row_init(&row);
                row.submit_us = submit * US_PER_S;
                row.run_us = duration * US_PER_S;
                row.gpu_milli = 1000 * gpus;
                bench_need(workload_add(&parts[i].w, &row, &err), &err);
            }
    }
    if (pclose(f) != 0) exit(1);
    for (int i = 0; i < part_n; i++) bench_need(workload_seal(&parts[i].w, 0, &err), &err);
    every_order("Philly, 11 clusters", parts, part_n);
    for (int i = 0; i < part_n; i++) workload_free(&parts[i].w);
}

static void itp(double load)
{
    static const char *const path = "../shared/data/training/itp/raw/cluster07.csv.gz";
    struct error err = { STATUS_OK, "" };
    struct import_options options;
    struct import_report report = { 0 };
    struct part part = { .name = "itp" };
    char name[40];
    if (access(path, R_OK) != 0) return;
    import_options_init(&options);
    bench_need(import_files(trace_format_find("itp"), &options, &path, 1, INT64_MIN, &part.w,
                            &report, &err),
               &err);
    double gpu_s = 0, last_s = 0;
    for (size_t j = 0; j < part.w.job_n; j++) {
        gpu_s += (double)part.w.run_us[j] / 1e6 * part.w.gpu_milli[j] / 1000;
        last_s = (double)part.w.submit_us[j] / 1e6;
    }
    part.nodes = (int)(gpu_s / last_s / 8 / load) + 1;
    snprintf(name, sizeof name, "ITP 07 on %d nodes", part.nodes);
    every_order(name, &part, 1);
    workload_free(&part.w);
}

int main(int argc, char **argv)
{
    int quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    printf("\n# Real traces; processor time of the thread\n%-22s %-18s %9s %12s %10s   %s\n",
           "trace", "order", "jobs", "jobs a second", "of fifo", "checksum");
    philly();
    itp(0.9);
    if (!quick) itp(1.0);
    return 0;
}
