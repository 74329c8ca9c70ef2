/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scenario language: which keys there are, what their values must be. One table a mapping
 * (schema.c), one struct a table here; yaml_walk fills the structs. docs/scenario-format.md says
 * the same in prose.
 */
#ifndef SCENARIOS_SCHEMA_H
#define SCENARIOS_SCHEMA_H

#include "models/scheduling/options.h"
#include "scenarios/yaml_walk.h"

struct raw_synth {
    struct value self;
    struct value like, jobs, days, load;
};

struct raw_workload {
    struct value self;
    struct value trace, bootstrap, reference_gpu, window, scale_jobs, scale_load;
    struct raw_synth synth;
    struct value_list tenants;
};

struct raw_prices {
    struct value self;
    struct value as_of, region;
    struct value_list book, instances, performance, services;
};

struct raw_slo_part {
    struct value self; /* text: the name of a class, a tenant or a queue */
    struct value wait[4], jct[2];
};

struct raw_slo {
    struct value self;
    struct value_list part[3]; /* struct raw_slo_part: by enum slo_part_of */
    struct value wait[4], jct[2], budget, utilization, deadlines, co2;
};

struct raw_failure_log {
    struct value self;
    struct value log, zone, type, from;
};

struct raw_supply {
    struct value self;
    struct value log, prices, zone, type, from, nodes_each, bid;
    struct value notice, on_notice, rebalance, on_rebalance;
    struct value up, up_shape, down, down_shape, batch, region_up, refused, retry;
};

struct raw_provisioning {
    struct value self;
    struct value how, lead, lead_sigma, person_hours, usd_per_hour;
};

struct raw_carbon_log {
    struct value self;
    struct value log, zone, from;
};

struct raw_pool {
    struct value self;
    struct value_list instances, zones; /* struct value; expand_pools makes a pool of each pair */
    struct value instance, zone;        /* the one of them */
    int32_t group;                      /* above 0: with the others that it was written with */
    struct value name, buy, nodes, nodes_per_rack, region;
    struct value min_nodes, boot, boot_sigma, spot_price, billing;
    struct raw_supply supply;
    struct raw_provisioning provisioning;
    struct value_list tenants, queues; /* struct value, texts */
    struct value_list labels;          /* struct label */
    struct value_list taints;          /* struct value, texts */
    struct value mtbf, gpu_mtbf, mtbf_shape, repair, repair_sigma;
    struct value_list job_mtbf; /* struct value, texts */
    struct raw_failure_log failure_log;
    struct value capex, salvage, life, power, pue, busy_watts, idle_watts, space_and_staff,
        grid_carbon;
    struct raw_carbon_log carbon_log;
};

struct raw_step {
    struct value self;
    struct value pool, at, nodes;
};

struct raw_autoscaler {
    struct value self;
    struct value name;
    struct value idle_time, one_at_a_time;                                  /* as-needed */
    struct value_list steps;                                                /* struct raw_step */
    struct value suspend_time, resume_timeout, resume_rate, suspend_rate;   /* slurm-power-save */
    struct value expander, gpu_aware, scan_interval, max_nodes_per_scaleup; /* cluster-autoscaler */
    struct value max_node_provision_time, scale_down_unneeded_time, scale_down_delay_after_add;
    struct value scale_down_utilization_threshold, scale_down_gpu_utilization_threshold;
    struct value safe_to_evict;
    struct value measure, target, wait, job_time, period, out_periods, in_periods;
    struct value method, quantile, horizon, headroom, warm_up; /* predictive, and period */
    struct value_list nodepools; /* struct value, texts; this and the next: karpenter */
    struct value batch_idle, batch_max, spot_to_spot, do_not_disrupt;
};

struct raw_fallback {
    struct value self;
    struct value name, reclaims, changeover;
};

struct raw_commitment {
    struct value self;
    struct value kind, name;
    struct value instance, region, zone, market, count, usd_per_hour, upfront, term, start;
};

struct raw_service {
    struct value self;
    struct value kind, name, product, region;
    struct value clusters, size, per_job, per_gpu_hour, free;
    struct value price, valid_from, source;
};

struct raw_limit {
    struct value self;
    struct value queue, tenant, user;
    struct value most[LIMIT_N];
};

struct raw_scheduler {
    struct value self;
    struct value_list order, placement; /* struct value */
    struct value gang, remainder, anti_affinity, exclusive, gpu_sharing, replicas;
    struct value_list scattered_speed, cross_rack_speed; /* struct value: named numbers */
    struct value estimates, estimate_factor, shadow, extra, scan, predictor, ties;
    struct value_list las_thresholds; /* struct value, texts */
    struct value las_quantum, las_promote;
    struct value_list restart_cost, checkpoint_cost; /* struct value, texts */
    struct value restart_cut, checkpoint;
    struct value weight_age, weight_fairshare, weight_size, weight_partition, weight_qos;
    struct value fairshare, favor, age_max, half_life, calc_period;
    struct value_list shares, partitions; /* struct value: named numbers */
    struct value round, round_shares;
    struct value_list kueue; /* struct value, texts */
    struct value victims, pods, permit_timeout, permit_backoff;
    struct value_list elastic_min, elastic_max; /* struct value: named numbers */
    struct value_list speedup;                  /* struct label: by class */
    struct value bf_interval, bf_window, bf_resolution, bf_max_job_test;
    struct value default_queue_depth, sched_interval, batch_sched_delay;
    struct value_list limits; /* struct raw_limit */
    struct value events, instant, cycle;
};

struct raw_fleet {
    struct value self; /* text: its name */
    struct raw_scheduler scheduler;
    struct value_list placement; /* struct value */
    struct value gang;
    struct value_list pools; /* struct raw_pool */
    struct raw_autoscaler autoscaler;
    struct raw_fallback fallback;
    struct value_list commitments; /* struct raw_commitment */
    struct value_list services;    /* struct raw_service */
    struct value_list quotas;      /* struct value: named numbers */
    int32_t first;                 /* of the fleets that it became */
};

struct raw_precision {
    struct value self;
    struct value figure[7]; /* by precision_names */
    struct value least, most, batch;
};

struct raw_uncertain {
    struct value self;
    struct value run_times, all_run_times, growth, prices, spot_prices, spot_half_life;
};

struct raw_run {
    struct value self;
    struct value baseline, replications, seed, sample, books, keep_jobs, keep_hours, replay;
    struct raw_precision precision;
    struct value antithetic, warm_up;
};

struct raw_montecarlo {
    struct value self;
    struct value years, replications, precision;
    struct value growth, growth_sd, deadline, tolerance;
    struct value_list nodes; /* struct value: ranges of nodes by pool */
};

struct raw_scenario {
    struct value self;
    struct value seatrial, name; /* seatrial: the version */
    struct raw_workload workload;
    struct raw_prices prices;
    struct raw_slo slo;
    struct value_list fleets; /* struct raw_fleet */
    struct raw_uncertain uncertain;
    struct raw_run run;
    struct raw_montecarlo mc;
    struct value vary; /* vary.h reads it */
};

extern const struct schema scenario_schema;

/* A key of the language as `seatrial list keys` shows it. Of its two texts, value says what may
 * stand behind the key: "a whole number, from 1 to 10000", "one of: window, drained". */
struct schema_key {
    char path[80]; /* "fleets.NAME.pools[].nodes" */
    char value[600];
    const struct field *field;
};
/* Key i of a scenario, in the order of the tables; false past the last. */
bool schema_key_at(size_t i, struct schema_key *key);

/* The numbers of nodes that '40..72 by 8' stands for, as one number. */
struct node_range {
    int64_t least, most, step;
};
enum { NODE_RANGE_MAX = 1000000 };
struct node_range node_range_of(int64_t number);

/* Where the scenario says `books: drained` and so on: the choices by number. */
enum raw_books { BOOKS_WINDOW, BOOKS_DRAINED };
enum raw_replay { REPLAY_SCHEDULER, REPLAY_RECORDED };

#endif
