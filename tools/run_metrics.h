/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of one run, by the names of metrics.h, and the targets that a scenario sets them. */
#ifndef TOOLS_RUN_METRICS_H
#define TOOLS_RUN_METRICS_H

#include <stdbool.h>

#include "models/world.h"
#include "scenarios/scenario.h"

enum { RUN_METRICS_MAX = 64, RUN_TARGETS_MAX = 20 };

struct run_metric {
    const char *name;
    double value; /* NAN: no job ran, or no GPU-hour was useful, and there is no such figure */
};

/* Fills out[], in an order that is always the same, and returns how many. */
size_t run_metrics(const struct world_result *result, struct run_metric out[RUN_METRICS_MAX]);

/* The metric METRIC_COST_MONTH of a run that cost so much in its books. */
double run_cost_month(int64_t cost_usd_micro, int64_t books_us);

struct run_target {
    const char *metric;
    double target; /* in the metric's unit */
    bool at_most;
    char label[160]; /* "p95 wait of class vision at most 2 h" */
};
/* The targets of the scenario: how many. */
size_t run_targets(const struct scenario *scenario, struct run_target out[RUN_TARGETS_MAX]);

#endif
