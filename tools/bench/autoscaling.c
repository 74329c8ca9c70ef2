/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What nodes that come and go cost: ITP's cluster 07 under each autoscaler against nodes that are
 * always there, and a year of 10,000 nodes in which nothing happens but 3 million scan intervals.
 */
#include <string.h>
#include <unistd.h>

#include "models/autoscaling/autoscaler.h"
#include "scenarios/traces/formats.h"
#include "scenarios/traces/trace_file.h"
#include "tools/bench/bench.h"

#define S INT64_C(1000000)

static const struct week_step week[] = { { 8 * US_PER_HOUR, 0, 1000000 },
                                         { 20 * US_PER_HOUR, 0, 0 } };

/* The steps of the schedule name as many nodes as there are. */
static double run(const struct workload *w, const struct autoscaler *kind,
                  enum predict_method method, int32_t nodes, int32_t gpus, int32_t coming,
                  struct world_result *result)
{
    struct error err = { STATUS_OK, "" };
    struct week_step steps[2] = { week[0], week[1] };
    struct pool_spec pool = { .name = "p",
                              .type = { .name = "node",
                                        .provider = "bench",
                                        .gpu_model = "",
                                        .gpus = gpus,
                                        .source = "" },
                              .nodes = nodes,
                              .elastic_nodes = kind->pass ? coming : 0,
                              .purchase = { .option = purchase_option_find("on-demand"),
                                            .usd_nano_per_hour = 1000000000 } };
    struct fleet_spec fleet = { .name = "bench", .pool_n = 1, .pools = &pool };
    struct world_options options = { .seed = 1 };
    steps[0].nodes = nodes;
    steps[1].nodes = nodes / 2;
    bench_need(duration_constant(240 * S, &pool.boot, &err), &err);
    fleet.scheduler.order = queue_order_find("fifo");
    fleet.scheduler.placement = placement_find("pack");
    fleet.autoscaler.kind = kind;
    fleet.autoscaler.schedule = (struct schedule_options){ steps, 2 };
    power_save_defaults(&fleet.autoscaler.power_save);
    fleet.autoscaler.power_save.suspend_time_us = 600 * S;
    fleet.autoscaler.power_save.resume_timeout_us = 600 * S;
    tracking_defaults(&fleet.autoscaler.tracking);
    cluster_autoscaler_defaults(&fleet.autoscaler.cluster);
    predictive_defaults(&fleet.autoscaler.predictive);
    fleet.autoscaler.predictive.method = method;
    karpenter_defaults(&fleet.autoscaler.karpenter);
    double from = bench_now();
    bench_need(world_run(w, &fleet, &options, NULL, result, &err), &err);
    return bench_now() - from;
}

static void itp(int rounds)
{
    static const char *const path = "../shared/data/training/itp/raw/cluster07.csv.gz";
    struct error err = { STATUS_OK, "" };
    struct import_options options;
    struct import_report report = { 0 };
    struct workload w;
    double gpu_s = 0, plain_s = 0;
    if (access(path, R_OK) != 0) return;
    import_options_init(&options);
    bench_need(import_files(trace_format_find("itp"), &options, &path, 1, INT64_MIN, &w, &report,
                            &err),
               &err);
    for (size_t j = 0; j < w.job_n; j++) gpu_s += (double)w.run_us[j] / 1e6 * w.gpu_milli[j] / 1000;
    int32_t nodes = (int32_t)(gpu_s / ((double)w.submit_us[w.job_n - 1] / 1e6) / 8 / 0.9) + 1;
    for (size_t k = 0, done = 0; !done; k++) {
        done = !autoscalers[k]; /* and predictive's other method */
        const struct autoscaler *kind = done ? &autoscaler_predictive : autoscalers[k];
        enum predict_method method = done ? PREDICT_HOLT_WINTERS : PREDICT_HOUR_OF_WEEK;
        struct world_result r;
        double best_s = 1e9;
        for (int i = 0; i < rounds; i++) {
            double s = run(&w, kind, method, nodes, 8, nodes, &r);
            if (s < best_s) best_s = s;
            world_result_free(&r);
        }
        if (k == 0) plain_s = best_s;
        run(&w, kind, method, nodes, 8, nodes, &r);
        printf("ITP 07 on %-5d %-18s %8zu jobs %8.3f s %6.2f of static %10lld started   %lld\n",
               nodes, done ? "holt-winters" : kind->name, w.job_n, best_s, best_s / plain_s,
               (long long)r.pools[0].nodes_started, (long long)r.passes);
        world_result_free(&r);
    }
    workload_free(&w);
}

/* A job at each end of a year, and half of the nodes always there. */
static void idle_year(void)
{
    struct error err = { STATUS_OK, "" };
    struct workload w;
    bench_need(workload_init(&w, &err), &err);
    for (int i = 0; i < 2; i++) {
        struct job_row row;
        job_row_init(&row);
        row.submit_us = i * 8760 * US_PER_HOUR;
        row.gpu_milli = 1000;
        row.run_us = US_PER_HOUR;
        bench_need(workload_add(&w, &row, &err), &err);
    }
    bench_need(workload_seal(&w, 0, &err), &err);
    for (size_t k = 0; autoscalers[k]; k++) {
        struct world_result r;
        double s = run(&w, autoscalers[k], PREDICT_HOUR_OF_WEEK, 10000, 8, 5000, &r);
        printf("a year of 10,000    %-18s %8.4f s   %lld\n", autoscalers[k]->name, s,
               (long long)r.events);
        world_result_free(&r);
    }
    workload_free(&w);
}

int main(int argc, char **argv)
{
    int quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
    printf("\n# Nodes that come and go; processor time of the thread\n");
    itp(quick ? 1 : 5);
    idle_year();
    return 0;
}
