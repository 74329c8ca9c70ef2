/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a report is drawn from: one results file, read into plain structs, with its estimates made.
 *
 * Knows schema.sql alone. Everything is owned by the report_data and freed by report_data_free.
 */
#ifndef REPORTS_DATA_H
#define REPORTS_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include "reports/metrics.h"
#include "sim/interval.h"
#include "sim/status.h"

/* A number over replications: mean, half width of its 95 % interval (Student's t), n. With n = 1
 * there is no interval: half is NAN and a report says so. least and most are the extremes over
 * replications. */
struct estimate {
    double mean, half, least, most;
    int32_t n;
};

enum verdict {
    VERDICT_NONE,
    VERDICT_MEETS,
    VERDICT_MISSES,
    VERDICT_UNCLEAR
}; /* unclear: interval straddles */

/* Where a fleet stands by one metric: the best, or not clearly different from it (the 95 % interval
 * of the paired difference holds 0), or clearly worse. NONE: no better or worse, or no value. */
enum standing { STANDING_NONE, STANDING_BEST, STANDING_CLOSE, STANDING_WORSE };

struct report_slo {
    char *metric, *label; /* "p95_wait_s", "p95 wait at most 15 min" */
    double target;
    bool at_most;
};

struct report_precision { /* a figure that was to be known so well */
    char *metric;
    double share; /* half width of its interval / mean, at most */
};

/* What a pool used and cost in replication 0, inside the accounting window. */
struct report_use {
    double bought, held;                                                  /* GPU-hours */
    double lost_preempted, lost_failed, lost_reclaimed, lost_checkpoints; /* of those held */
    double jobs_usd, idle_usd, unused_usd; /* held by jobs, idle, of commitments unused */
    double booting, down;                  /* of what is idle, GPU-hours */
    double free_usd;                       /* first hours that are free: 0 or below */
};

/* What of a pool's cost is one resource's, in replication 0. */
struct report_resource {
    char *resource;      /* "gpu", "cpu", "memory" */
    double bought, held; /* GPU-hours, core-hours, GiB-hours */
    double held_usd, idle_usd;
};

struct report_pool {
    char *name, *instance, *gpu_model, *purchase;
    int64_t nodes, gpus_per_node;
    double usd_per_node_hour;
    struct report_use use;          /* zeros where the file keeps no hours */
    char *provider;                 /* "" of owned nodes, and where a file does not say */
    int64_t list_usd_nano_per_hour; /* of a node; -1: none */
    char *price_region, *price_market, *price_valid_from, *price_source;
    int32_t resource_n; /* 0 where jobs ask for GPUs alone */
    struct report_resource *resources;
};

/* What a fleet pays for pools on demand, used or not. */
struct report_commitment {
    char *kind, *instance; /* "" for all */
    int64_t count;
    double usd_per_hour; /* of all of them */
    char *price_region, *price_market, *price_valid_from, *price_source;
};

/* What a fleet pays besides its nodes. */
struct report_service {
    char *name, *kind, *amount, *per; /* "scratch", "lustre", "20 TB", "GB-month" */
    int64_t usd_nano;                 /* for one of `per` */
    char *price_region, *price_valid_from, *price_source;
    double quantity, jobs_usd, fleet_usd; /* replication 0: of `per`; jobs' own, and no job's */
};

/* One component of a fleet's bill, mean over replications, dollars a month of 730 hours. */
struct report_charge {
    char *kind; /* "on-demand", "amortisation" ... "unused commitment"; of a service its kind */
    double jobs_usd, idle_usd, service_usd; /* of a service the last alone */
};

struct report_sample {
    double t_s, queued_jobs, queued_gpus, running_jobs, busy_gpus, bought_gpus;
};
/* Nodes of a fleet by state, at a moment. */
struct report_nodes {
    double t_s, queued_jobs, busy, idle, booting, down, absent;
};
struct report_wait {
    double share;
    struct estimate wait_s;
};
struct report_tenant {
    char *tenant;
    int64_t jobs;
    double gpu_hours, mean_wait_s, p95_wait_s, usd;
};

struct report_fleet {
    int32_t id;
    char *name, *summary, *queue_order, *placement, *gang;
    int64_t gpus, nodes;
    double usd_per_gpu_hour; /* bought, without power, replication 0: what jobs do not change */
    struct estimate *metric; /* by position in metric_defs; n = 0 where absent */
    struct estimate
        *difference; /* against the baseline, paired by replication; n = 0 for the baseline */
    struct estimate
        cost_change; /* paired (fleet - baseline) / baseline of cost per month; n = 0: baseline */
    /* By position in metric_defs, with the GPU-hours that jobs ask for as a control
     * (sim/control.h); n = 0 where their mean is not known, or there is no such figure. */
    struct estimate *controlled;
    /* The median over replications and the 95 % interval of that, by rank; NAN where there are too
     * few of them, or they are pairs. */
    struct quantile_interval *median;
    enum standing *standing; /* by position in metric_defs, among all fleets */
    enum verdict *verdict;   /* by SLO */
    enum verdict overall;    /* meets all / misses one / unclear; NONE without SLOs */
    /* Jobs that start over so often that the variance, or the mean, of their time to finish is
     * infinite: no figure has an interval then. NULL: none do. */
    char *tail_moment;
    int64_t tail_gpus;
    double tail_failure_s, tail_excess_s;
    double offered, ceiling; /* of its GPUs, what jobs ask for and what it can keep busy; 0, 1: not
                                known */
    int32_t meets_in;        /* replications in which every SLO is met */
    int32_t charge_n;
    struct report_charge *charges;
    int32_t pool_n;
    struct report_pool *pools;
    int32_t commitment_n;
    struct report_commitment *commitments;
    int32_t service_n;
    struct report_service *services;
    int32_t wait_n;
    struct report_wait *waits; /* by share, rising */
    int32_t sample_n;
    struct report_sample *samples; /* replication 0 */
    int32_t state_n;
    struct report_nodes *states; /* replication 0; none where nodes neither come, go nor fail */
    int32_t tenant_n;
    struct report_tenant *tenants; /* by GPU-hours, falling */
    int32_t queue_n;
    struct report_tenant *queues; /* the same by queue; none where jobs have none */
    bool has_hours;               /* of replication 0 */
    int64_t ran;                  /* jobs that finished in replication 0 */
    double idle_while_waiting;    /* GPU-hours, of that, too */
};

struct report_input {
    char *role, *path, *sha256;
    int64_t bytes;
};

struct report_data {
    char *path, *state, *scenario_name, *scenario_path, *scenario_sha256, *scenario_json, *workload;
    char *seed, *price_as_of, *estimates, *notes, *tool_version, *rerun;
    char *created_at, *command_line, *compiler, *host;
    char *redrawn; /* what is drawn for each replication, in words; NULL: the file does not say */
    double wall_s, cpu_s, max_rss_kib, events; /* NAN where unknown */
    int32_t threads;
    int64_t jobs;
    double span_s, t0_unix_s, books_s; /* t0 NAN: no wall clock */
    int32_t replications;
    double known_gpu_hours; /* the mean of the control; NAN: there is none */
    double *control;        /* by replication: GPU-hours that its jobs ask for, where it is known */
    bool antithetic;        /* 2i and 2i + 1 are a pair: intervals are of the means of pairs */
    /* What the estimates are of: [(fleet * metrics + metric) * replications + replication], NAN
     * where there is none. */
    double *values;
    /* What waits leave out at the start of runs: how many runs say so (0: nothing was to be left
     * out), in how many of them no end was found; of the others jobs on the mean, and at most. */
    int32_t warm_up_runs, warm_up_lost;
    double warm_up_jobs, warm_up_most;
    int32_t baseline; /* index into fleets */
    bool same_nodes; /* two fleets or more, all of the same nodes: they differ in scheduler alone */
    int32_t pick;    /* index of the fleet that meets every SLO (any without SLOs) and is best by
                        pick_metric, -1 where none meets them */
    bool pick_is_clear; /* its paired interval against every other that meets excludes 0 */
    int32_t slo_n;
    struct report_slo *slos;
    int32_t precision_n; /* 0: there were to be so many replications, and no more */
    struct report_precision *precisions;
    int32_t replications_least, replications_most; /* where it is not 0 */
    int32_t fleet_n;
    struct report_fleet *fleets;
    int32_t input_n;
    struct report_input *inputs;
};

/* All of it. */
static inline double report_charge_usd(const struct report_charge *c)
{
    return c->jobs_usd + c->idle_usd + c->service_usd;
}

/* Refuses other versions, other files and (allow_partial false) unfinished runs, each with its
 * reason. */
enum status report_data_read(const char *path, bool allow_partial, struct report_data *data,
                             struct error *err);
void report_data_free(struct report_data *data);

/* What the fleet is picked by: the cost of a month; the p95 wait where fleets are of the same
 * nodes, which cost the same. */
const char *report_pick_metric(const struct report_data *data);
/* A fleet's values of a metric, one a replication. */
const double *report_values(const struct report_data *data, int32_t fleet, int metric);
const struct estimate *report_metric(const struct report_fleet *fleet, const char *name);

#endif
