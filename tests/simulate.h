/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small worlds for tests: a workload written job by job, a fleet of plain nodes, the schedule that
 * comes out.
 *
 * Prices do not matter here: every node costs a dollar an hour on demand.
 */
#ifndef TESTS_SIMULATE_H
#define TESTS_SIMULATE_H

#include "models/world.h"
#include "tests/support.h"

enum { SIMULATE_POOLS_MAX = 16 };

struct simulate_pool {
    int32_t nodes, gpus; /* gpus a node */
};

struct simulate_outages {
    const struct outage *log; /* as of failure_spec */
    size_t n;
};

struct simulate_fleet {
    struct simulate_pool pools[SIMULATE_POOLS_MAX]; /* ended by nodes = 0 */
    struct name_list queues[SIMULATE_POOLS_MAX];    /* that a pool is for; none = all */
    struct simulate_outages outages[SIMULATE_POOLS_MAX];
    const struct failure_spec *failures; /* of every pool, instead; world only */
    struct gpu_costs job_mtbf;           /* of every pool, beside outages */
    int32_t coming[SIMULATE_POOLS_MAX];  /* nodes of each pool that come and go; world only */
    struct supply_spec supply[SIMULATE_POOLS_MAX]; /* of pools of spot nodes; world only */
    struct fallback_spec fallback;                 /* from spot pools */
    const struct price_trace *prices; /* of spot nodes, over time; NULL: a dollar an hour */
    const struct pool_spec
        *kinds[SIMULATE_POOLS_MAX];   /* type, purchase, zone, group and marks; NULL = plain */
    struct duration boot;             /* of these */
    struct provisioning provisioning; /* of these */
    struct fleet_services services;
    const struct billing_rule *billing; /* of these; NULL = ec2 */
    struct autoscaler_spec autoscaler;
    int64_t books_us;              /* 0 = until the last job ends */
    int64_t sample_us;             /* 0 = no samples */
    uint64_t seed;                 /* of the world; 0 = 1 */
    const char *order, *placement; /* names; NULL = fifo, first-fit */
    enum gang_rule gang;
    enum sharing_rule sharing;
    int32_t replicas; /* of SHARING_TIME */
    enum remainder_rule remainder;
    struct neighbour_options neighbours;
    int32_t rack_nodes; /* of every pool; 0 = one rack */
    struct scatter_options scatter, cross_rack;
    struct backfill_options backfill;
    struct timing_options timing;
    enum predictor_rule predictor;
    struct share_options share;
    enum tie_rule ties;
    enum victim_rule victims;
    struct level_options levels;
    struct restart_options restart;
    struct round_options rounds;
    struct permit_options permit;   /* of the order coscheduling */
    struct elastic_options elastic; /* of orders that size jobs */
    const struct quota_spec *quota; /* of the order kueue; NULL = no limits */
    struct limit_options limits;    /* of the order slurm-backfill */
    const double *speed;            /* [class][pool] as in world_options; NULL = 1 */
    int tiresias_wakes; /* slow scheduler only: las-2d with that simulator's late wake-ups */
    int replay_recorded;
};

/* One entry a job, in the workload's order. The caller frees it with schedule_free. */
struct schedule {
    size_t n;
    int64_t *start_us, *end_us; /* -1 where rejected */
    int64_t *wait_us;           /* in the queue, all stretches; -1 where rejected */
    uint32_t *preemptions, *reclaims;
    int64_t *lost_us, *gpu_milli;
    int32_t *first_node, *nodes;
    const int64_t *submit_us;  /* the workload's */
    struct node_record *stays; /* of nodes that come and go, in order of pool, then of request */
    size_t stay_n;
    struct sample_record *samples;
    size_t sample_n;
    struct world_result result;
};

void simulate_workload_init(struct workload *w);
/* limit_us and start_us: -1 = not given. */
void simulate_add(struct workload *w, int64_t submit_us, int32_t gpus, int64_t run_us,
                  int64_t limit_us, int64_t start_us);
/* n jobs of one GPU. */
void simulate_add_singles(struct workload *w, int n, int64_t submit_us, int64_t run_us);
void simulate_seal(struct workload *w); /* keeps times as they are: time 0 stays 0 */
/* Fails the test where the world does not run, or where an invariant is broken. */
void simulate(const struct workload *w, const struct simulate_fleet *fleet, struct schedule *out);
/* Seals the workload, runs it, and frees it. */
void simulate_once(struct workload *w, const struct simulate_fleet *fleet, struct schedule *out);
/* simulate without the failure: what world_run returned. */
enum status simulate_status(const struct workload *w, const struct simulate_fleet *fleet,
                            struct schedule *out, struct error *err);
void schedule_free(struct schedule *s);

#endif
