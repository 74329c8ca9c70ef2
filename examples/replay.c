/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library in one sitting: read a trace, describe a fleet, replay the one on the other, print
 * what it cost.
 *
 *   make examples && build/examples/replay scenarios/examples/itp-like.csv.gz 20
 */
#include <stdio.h>
#include <stdlib.h>

#include "models/world.h"
#include "scenarios/diagnostics.h"
#include "scenarios/traces/trace_file.h"

/* Called once a job, in order of simulated time. */
static void job_ended(void *context, const struct job_record *job)
{
    int64_t *longest_us = context;
    if (job->outcome == OUTCOME_FINISHED && job->end_us - job->start_us > *longest_us)
        *longest_us = job->end_us - job->start_us;
}

int main(int argc, char **argv)
{
    struct error err = { STATUS_OK, "" };
    struct diagnostics diagnostics;
    struct workload trace;
    if (argc != 3) return fprintf(stderr, "usage: replay TRACE.csv NODES\n"), 2;

    diagnostics_init(&diagnostics);
    if (trace_read(argv[1], &trace, &diagnostics, &err) != STATUS_OK) {
        diagnostics_print(&diagnostics, stderr, false, NULL);
        return 2;
    }
    struct pool_spec pool = {
        .name = "main",
        .type = { .name = "p3.16xlarge",
                  .provider = "aws",
                  .gpu_model = "V100-SXM2",
                  .gpus = 8,
                  .source = "" },
        .nodes = atoi(argv[2]),
        .purchase = { .option = purchase_option_find("on-demand"),
                      .usd_nano_per_hour = INT64_C(24480000000) }, /* $24.48 */
    };
    struct fleet_spec fleet = { .name = "today",
                                .pool_n = 1,
                                .pools = &pool,
                                .scheduler = { .order = queue_order_find("easy"),
                                               .placement = placement_find("pack") } };
    struct world_options options = { .seed = 1 };
    struct world_result result;
    int64_t longest_us = 0;
    struct observer observer = { .context = &longest_us, .job = job_ended };

    if (world_run(&trace, &fleet, &options, &observer, &result, &err) != STATUS_OK)
        return fprintf(stderr, "%s\n", err.message), 2;
    printf("%lld jobs: mean wait %.0f s, p95 %.0f s, longest run %.1f h, $%.2f\n",
           (long long)result.finished, result.mean_wait_s, (double)result.wait_p95_us / 1e6,
           (double)longest_us / 3.6e9, (double)result.pools[0].cost_usd_micro / 1e6);
    world_result_free(&result);
    workload_free(&trace);
    diagnostics_free(&diagnostics);
    return 0;
}
