/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs every fleet of a scenario on every replication, side by side on threads, and keeps what the
 * results file needs. What it keeps does not depend on the number of threads: each (replication,
 * fleet) pair has its own place, and the writer walks them in order.
 */
#ifndef TOOLS_RUNNER_H
#define TOOLS_RUNNER_H

#include "models/world.h"
#include "reports/results.h"
#include "scenarios/scenario.h"

/* The shares of the wait curve. */
extern const double runner_shares[];
enum { RUNNER_SHARE_N = 102 };

/* One job of replication 0, as the results file shows it. */
struct runner_job {
    int64_t start_us, end_us, cost_usd_micro;
    int32_t pool, nodes, first_node;
    const char *reason;
};

struct runner_run { /* one (replication, fleet) pair */
    struct world_result result;
    int64_t wait_us[RUNNER_SHARE_N];
    struct runner_job *jobs;   /* replication 0 only, by job */
    struct node_record *nodes; /* replication 0 only */
    size_t node_n;
    struct sample_record *samples; /* replication 0 only */
    size_t sample_n, sample_capacity;
};

struct runner {
    const struct scenario *scenario;
    struct runner_run *runs;      /* [replication * fleet_n + fleet] */
    const struct workload *first; /* the workload of replication 0; the caller's */
    int64_t events;
};

/* first: the workload of replication 0. threads 0 = as many as there are processors. stop may be
 * set by a signal handler at any time. */
enum status runner_run(const struct scenario *scenario, const struct workload *first, int threads,
                       const volatile int *stop, struct runner *runner, struct error *err);
void runner_free(struct runner *runner);

/* Writes everything but the execution row, in a fixed order. */
enum status runner_write(const struct runner *runner, struct results *results, struct error *err);
/* What the run assumed or could not do, one a line; malloc'd. */
char *runner_notes(const struct runner *runner);
/* The run row, but for its notes; strings live in `text`, which the caller frees. */
void runner_describe(const struct scenario *scenario, const struct workload *first,
                     int64_t books_us, const char *rerun, struct results_run *run, char **text);
/* "17 x p4d.24xlarge on-demand; fifo, pack"; malloc'd. */
char *fleet_summary(const struct fleet_spec *fleet);

#endif
