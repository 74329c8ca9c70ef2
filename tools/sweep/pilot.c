/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sweep/pilot.h"

#include <math.h>

#include "tools/process.h"
#include "tools/sweep/point.h"

static enum status run_point(const struct sweep *sweep, int64_t point, const volatile int *stop,
                             struct error *err)
{
    struct point_run run = { 0 };
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics);
    enum status status = sweep_load_point(sweep, point, &run.scenario, &diagnostics, err);
    diagnostics_free(&diagnostics);
    if (status != STATUS_OK) return status;
    status = point_init(&run, err);
    if (status == STATUS_OK) {
#pragma omp parallel num_threads(1)
        status = point_run(&run, 0, stop, err);
    }
    point_free(&run);
    return status;
}

enum status pilot_run(const struct sweep *sweep, const volatile int *stop, struct pilot *pilot,
                      struct error *err)
{
    const int64_t points[] = { 0, sweep->point_n - 1 };
    struct process_facts facts;
    *pilot = (struct pilot){ 0.0, 0 };
    for (int i = 0; i < (sweep->point_n > 1 ? 2 : 1); i++) {
        double began_s = process_wall_s();
        enum status status = run_point(sweep, points[i], stop, err);
        if (status != STATUS_OK) return status;
        pilot->seconds = fmax(pilot->seconds, process_wall_s() - began_s);
    }
    process_facts_now(&facts);
    pilot->kib = facts.max_rss_kib;
    return STATUS_OK;
}
