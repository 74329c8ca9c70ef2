/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a results file (schema.sql): one SQLite database a run.
 *
 * The file grows as `PATH.partial` beside its final name and is renamed by results_close when
 * whole; a crash leaves the partial file, valid, with run.state = 'running'. An interrupted run is
 * closed as 'interrupted' and keeps the name PATH.partial; opened again by the same question, it
 * goes on after the last replication that is in it whole. The partial file is locked, so that two
 * runs never write one. Rows go in batches, a transaction each. A writer serves one thread at a
 * time. Strings are borrowed for the call.
 */
#ifndef REPORTS_RESULTS_H
#define REPORTS_RESULTS_H

#include <stdint.h>

#include "sim/status.h"

enum { RESULTS_APPLICATION_ID = 0x53656174 /* "Seat" */, RESULTS_VERSION = 1 };

struct results; /* one open results file */

struct results_run {
    const char *scenario_name, *scenario_path, *scenario_sha256, *scenario_json, *workload;
    int64_t jobs;
    double span_s, t0_unix_s /* NAN: none */, books_s;
    uint64_t seed;
    int32_t replications, baseline;
    const char *price_as_of, *estimates, *notes, *tool_version, *rerun;
};
struct results_execution {
    const char *created_at, *command_line, *compiler, *host;
    int32_t threads;
    double wall_s, cpu_s;
    int64_t max_rss_kib, events;
};
struct results_fleet {
    int32_t fleet_id;
    const char *name, *summary, *queue_order, *placement, *gang;
    int64_t gpus, nodes;
};
struct results_pool {
    int32_t fleet_id, pool_id;
    const char *name, *instance, *gpu_model, *purchase;
    int64_t nodes, gpus_per_node, usd_micro_per_node_hour;
    const char *price_region, *price_market, *price_valid_from, *price_source;
};
struct results_commitment {
    int32_t fleet_id, commitment_id;
    const char *kind, *instance;
    int64_t count, usd_micro_per_hour;
    const char *price_region, *price_market, *price_valid_from, *price_source;
};
struct results_pool_price {
    int32_t fleet_id, pool_id;
    const char *provider;
    int64_t usd_nano_per_node_hour; /* below 0: none */
};
struct results_pool_resource {
    int32_t fleet_id, pool_id;
    const char *resource;
    double bought_hours, held_hours;
    int64_t held_usd_micro, idle_usd_micro;
};
struct results_pool_idle { /* replication 0 */
    int32_t fleet_id, pool_id;
    int64_t booting_gpu_us, down_gpu_us;
};
struct results_service {
    int32_t fleet_id, service_id;
    const char *name, *kind, *amount, *per;
    int64_t usd_nano;
    const char *price_region, *price_valid_from, *price_source;
};
struct results_service_charge {
    int32_t fleet_id, replication, service_id;
    double quantity;
    int64_t jobs_usd_micro, fleet_usd_micro;
};
struct results_service_hour {
    int32_t fleet_id, replication, service_id, hour;
    int64_t jobs_usd_micro, fleet_usd_micro;
};
struct results_hour {
    int32_t fleet_id, replication, pool_id, hour;
    double t_s;
    int64_t bought_node_us, bought_gpu_us, held_gpu_us;
    int64_t lost_preempted_gpu_us, lost_failed_gpu_us, lost_reclaimed_gpu_us,
        lost_checkpoints_gpu_us;
};
struct results_hour_charge {
    int32_t fleet_id, replication, pool_id, hour;
    const char *kind;
    int32_t commitment_id; /* -1: none */
    int64_t node_us, jobs_usd_micro, idle_usd_micro;
};
struct results_precision {
    const char *metric;
    double share; /* half width / mean, at most */
    int32_t least, most, batch;
};
struct results_sample {
    double t_s;
    int64_t queued_jobs, queued_gpus, running_jobs;
    double busy_gpus, bought_gpus;
};
struct results_node_state { /* nodes of a fleet by state, at a sample */
    double t_s;
    int64_t busy, idle, booting, down, absent;
};
struct results_tenant {
    const char *tenant;
    int64_t jobs;
    double gpu_hours, mean_wait_s, p95_wait_s;
    int64_t usd_micro;
};
struct results_node {
    int32_t node_id, pool_id;
    double up_s, down_s, busy_gpu_hours;
    int64_t usd_micro;
};
struct results_job {
    int64_t job;
    const char *job_id, *tenant, *state, *reason; /* reason NULL: none */
    double gpus;
    double submit_s, start_s, end_s, wait_s; /* NAN: none */
    int64_t preemptions;
    double lost_s;
    int32_t pool_id, nodes, first_node; /* -1: none */
    int64_t usd_micro;
};

/* Opens PATH.partial and writes the run row. Refuses where PATH or PATH.partial exists and is not a
 * results file, and where another run is writing it. done: where a run of the same scenario (its
 * hash) by the same version was interrupted, how many replications need not be written again, else
 * 0; NULL: start anew whatever is there. */
enum status results_open(const char *path, const struct results_run *run, struct results **results,
                         int32_t *done, struct error *err);
/* Every row of the first `done` replications has been added: a resumed run goes on from here. */
enum status results_mark(struct results *r, int32_t done, struct error *err);
enum status results_add_input(struct results *r, const char *role, const char *path,
                              const char *sha256, int64_t bytes, struct error *err);
enum status results_add_fleet(struct results *r, const struct results_fleet *fleet,
                              struct error *err);
enum status results_add_pool(struct results *r, const struct results_pool *pool, struct error *err);
enum status results_add_commitment(struct results *r, const struct results_commitment *commitment,
                                   struct error *err);
enum status results_add_pool_price(struct results *r, const struct results_pool_price *price,
                                   struct error *err);
enum status results_add_pool_idle(struct results *r, const struct results_pool_idle *of,
                                  struct error *err);
enum status results_add_pool_resource(struct results *r, const struct results_pool_resource *of,
                                      struct error *err);
enum status results_add_service(struct results *r, const struct results_service *service,
                                struct error *err);
enum status results_add_service_charge(struct results *r,
                                       const struct results_service_charge *charge,
                                       struct error *err);
enum status results_add_service_hour(struct results *r, const struct results_service_hour *hour,
                                     struct error *err);
enum status results_add_slo(struct results *r, const char *metric, double target, const char *sense,
                            const char *label, struct error *err);
enum status results_add_precision(struct results *r, const struct results_precision *precision,
                                  struct error *err);
/* How replications are made: what is drawn for each of them, in words, and whether in pairs. */
enum status results_add_design(struct results *r, const char *redrawn, int antithetic,
                               struct error *err);
/* GPU-hours that jobs of a replication ask for, and their known mean. */
enum status results_add_control(struct results *r, int32_t replication, double gpu_hours,
                                double known, struct error *err);
/* What waits leave out; jobs below 0: no end of it was found. */
enum status results_add_warm_up(struct results *r, int32_t fleet_id, int32_t replication,
                                int64_t jobs, double until_s, struct error *err);
/* What jobs ask of a fleet and what it can keep busy at most, as shares of its GPUs. */
enum status results_add_saturation(struct results *r, int32_t fleet_id, double offered,
                                   double ceiling, struct error *err);
struct results_tail {
    int32_t fleet_id;
    const char *moment; /* "variance", "mean" */
    int32_t gpus;
    double failure_s, excess_s;
};
enum status results_add_tail(struct results *r, const struct results_tail *tail, struct error *err);
/* A metric of the first n replications as they are in the file: values[fleet * n + replication];
 * NAN where there is none. */
enum status results_values(struct results *r, const char *metric, int32_t fleets, int32_t n,
                           double *values, struct error *err);
/* So many replications it is, in the end. */
enum status results_set_replications(struct results *r, int32_t n, struct error *err);
/* The metric must be one of metric_names (metrics.h); a value that is not finite is refused. */
enum status results_add_metric(struct results *r, int32_t fleet_id, int32_t replication,
                               const char *metric, double value, struct error *err);
enum status results_add_charge(struct results *r, int32_t fleet_id, int32_t replication,
                               int32_t pool_id, const char *kind, const char *use,
                               int64_t usd_micro, struct error *err);
enum status results_add_hour(struct results *r, const struct results_hour *hour, struct error *err);
enum status results_add_hour_charge(struct results *r, const struct results_hour_charge *charge,
                                    struct error *err);
/* What focus.h makes its rows of, hours of charges and of services, is the fleet's bill, to the
 * micro-dollar; STATUS_BUG where it is not. All rows of the replication are added; one without
 * hours is right. */
enum status results_check_hours(struct results *r, int32_t fleet_id, int32_t replication,
                                struct error *err);
enum status results_add_wait(struct results *r, int32_t fleet_id, int32_t replication, double share,
                             double wait_s, struct error *err);
enum status results_add_sample(struct results *r, int32_t fleet_id, const struct results_sample *s,
                               struct error *err);
enum status results_add_node_state(struct results *r, int32_t fleet_id,
                                   const struct results_node_state *s, struct error *err);
enum status results_add_tenant(struct results *r, int32_t fleet_id, const struct results_tenant *t,
                               struct error *err);
/* The same by queue: `tenant` is its name. */
enum status results_add_queue(struct results *r, int32_t fleet_id, const struct results_tenant *t,
                              struct error *err);
enum status results_add_node(struct results *r, int32_t fleet_id, const struct results_node *n,
                             struct error *err);
enum status results_add_job(struct results *r, int32_t fleet_id, const struct results_job *j,
                            struct error *err);
enum status results_add_execution(struct results *r, const struct results_execution *e,
                                  struct error *err);
/* What was repaired or assumed, one a line; known only after the run. */
enum status results_set_notes(struct results *r, const char *notes, struct error *err);
/* Commits, sets run.state ('complete', 'interrupted' or 'failed'), closes; only 'complete' gets its
 * final name. Frees the writer whatever happens. */
enum status results_close(struct results *r, const char *state, struct error *err);

#endif
