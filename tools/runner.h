/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs every fleet of a scenario on every replication, side by side on threads, and keeps what the
 * results file needs. What it keeps does not depend on the number of threads: each (replication,
 * fleet) pair has its own place, and the writer walks them in order.
 */
#ifndef TOOLS_RUNNER_H
#define TOOLS_RUNNER_H

#include "models/rebill.h"
#include "models/world.h"
#include "reports/results.h"
#include "scenarios/scenario.h"
#include "tools/warm_up.h"

/* The shares of the wait curve. */
extern const double runner_shares[];
enum { RUNNER_SHARE_N = 102 };
/* Hours of all pools of a fleet together that a results file keeps: a year of 64 pools is 560,640.
 */
enum { RUNNER_HOURS_MAX = 1 << 20 };

/* One job of replication 0, as the results file shows it. */
struct runner_job {
    int64_t start_us, end_us; /* -1 where rejected */
    int64_t wait_us, held_us, lost_us, cost_usd_micro;
    int64_t gpu_milli; /* held; where rejected, asked for */
    uint32_t preemptions;
    int32_t pool, nodes, first_node;
    const char *reason;
};

struct runner_run { /* one (replication, fleet) pair */
    struct world_result result;
    struct warm_up warm_up;
    double gpu_hours; /* that its jobs ask for */
    int64_t wait_us[RUNNER_SHARE_N];
    struct runner_job *jobs;   /* replication 0 only, by job */
    struct node_record *nodes; /* replication 0 only */
    size_t node_n, node_capacity;
    struct sample_record *samples; /* replication 0 only */
    size_t sample_n, sample_capacity;
    /* Replication 0 only, where the scenario keeps hours; at most RUNNER_HOURS_MAX of them. */
    struct hour_record *hours;
    size_t hour_n, hour_capacity;
    struct hour_charge_record *hour_charges;
    size_t hour_charge_n, hour_charge_capacity;
    struct service_hour_record *service_hours; /* as many at most */
    size_t service_hour_n, service_hour_capacity;
    bool hours_over;         /* more of them: none are kept */
    struct usage_log *usage; /* the caller's, to be filled; NULL: none is wanted */
};

struct runner {
    const struct scenario *scenario;
    struct runner_run *runs;      /* [replication * fleet_n + fleet] */
    const struct workload *first; /* the workload of replication 0; the caller's */
    int32_t ran;                  /* replications before it were run, here or earlier */
    int32_t handed;               /* and before it went to the sink */
    int64_t events;
};

/* One (replication, fleet) pair by itself; keep: with jobs, nodes, samples and hours. The result is
 * the caller's, by world_result_free. Any thread. */
enum status runner_simulate(const struct scenario *scenario, uint32_t replication, int32_t fleet,
                            const struct workload *workload, bool keep, const volatile int *stop,
                            struct runner_run *run, struct error *err);

/* Takes a replication as soon as it and all before it are whole; one at a time, on any thread. What
 * only replication 0 keeps is freed afterwards. */
struct runner_sink {
    enum status (*replication)(void *context, const struct runner *runner, int32_t replication,
                               struct error *err);
    void *context;
};

/* Nothing is run yet; replications before `from` were run earlier. first: the workload of
 * replication 0. Free it whatever is returned. */
enum status runner_init(struct runner *runner, const struct scenario *scenario,
                        const struct workload *first, int32_t from, struct error *err);
/* Replications up to `to`, which is left out. threads 0 = as many as there are processors. stop may
 * be set by a signal handler at any time. sink NULL: all is kept. */
enum status runner_run(struct runner *runner, int32_t to, int threads, const volatile int *stop,
                       const struct runner_sink *sink, struct error *err);
void runner_free(struct runner *runner);

/* The end of the accounting window: the scenario's window, else the last submission; 0: until the
 * last job of each fleet ends. */
int64_t runner_books_us(const struct scenario *scenario, const struct workload *workload);
/* Writes what one replication left; with the first, what is said once (inputs, targets, fleets,
 * notes). A runner_sink with the results as its context. */
enum status runner_write(void *results, const struct runner *runner, int32_t replication,
                         struct error *err);
/* The run row, but for its notes; strings live in `text`, which the caller frees. */
void runner_describe(const struct scenario *scenario, const struct workload *first,
                     int64_t books_us, const char *rerun, struct results_run *run, char **text);
/* "17 x p4d.24xlarge on-demand; fifo, pack"; malloc'd. */
char *fleet_summary(const struct fleet_spec *fleet);

#endif
