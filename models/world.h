/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One world: one fleet replaying one workload once, from the first arrival until the last job is
 * done.
 *
 *      arrivals (cursor over the sorted trace) --.
 *                                                 >-- event loop --> queue --> placement --> nodes
 *      completions (winner tree over slots) -----'     ^               |
 *                                                  autoscaler      observer
 *
 * Rules, in order, at each instant: completions; nodes that fail or come back; arrivals in trace
 * order; one scheduling pass; the autoscaler, where nodes come and go; samples. A job of which a
 * node fails loses all its nodes, goes back to its place in the queue, and later goes on from its
 * last checkpoint. A job that can never fit the empty fleet is rejected on arrival, with its
 * reason, and the run goes on. The books (money, utilization) cover [0, books_us]; jobs are
 * followed beyond it until they end, so that no wait is censored. A world is deterministic in
 * (workload, fleet, options): threads cannot matter. This order of things within an instant is the
 * default; scheduler.timing has others (models/clockwork.h).
 *
 * A job's cost is its share of its nodes' price over the time it held them: GPUs held / GPUs of the
 * node (CPU-only jobs carry none), rounded down to a micro-dollar; see models/pricing/bill.h for
 * the rest. To that comes what it sends out, where the fleet pays for it.
 */
#ifndef MODELS_WORLD_H
#define MODELS_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "models/fleet/fleet_spec.h"
#include "models/observer.h"
#include "models/pricing/bill.h"
#include "models/pricing/resources.h"
#include "models/scheduling/demand.h"
#include "models/workload/workload.h"
#include "sim/status.h"

enum { WORLD_SAMPLES_MAX = 1000000, WORLD_PARTS_MAX = 8 };

struct world_options {
    uint64_t seed;        /* of the scenario */
    uint32_t replication; /* from 0 */
    int64_t books_us;     /* end of the accounting window; 0 = until the last job ends */
    /* Sampling step, 0 = no samples; they stop at the end of the books, or after
     * WORLD_SAMPLES_MAX: a job of a century must not fill the memory with them. */
    int64_t sample_us;
    /* speed[class * pool_n + pool]: run time on that pool = run_us / speed, rounded to a
     * microsecond; class is the workload's class number. NULL = 1 everywhere. Borrowed. */
    const double *speed;
    uint32_t part; /* of a fleet of parts (parts.h): which, so that each has draws of its own */
    const volatile int *stop; /* non-zero: give up with STATUS_INTERRUPTED; may be NULL */
    int replay_recorded; /* 1: the scheduler is ignored, each job starts at its recorded start */
};

/* "asks for more GPUs than any pool has" ...: static text for a person. */
const char *reject_reason_text(enum reject_reason reason);

struct pool_result {
    int64_t bought_gpu_us, busy_gpu_us; /* inside the books; 128-bit inside, checked to fit */
    int64_t bought_node_us;
    int64_t down_gpu_us;     /* of bought: of nodes that were down */
    int64_t booting_node_us; /* of bought: until they were ready, or not wanted any more */
    int64_t billed_node_us;  /* bought, with what short lives cost beyond that */
    int64_t nodes_started, most_nodes; /* requests; bought at once */
    int64_t energy_wh;                 /* at the meter (x PUE); 0 = not known */
    int64_t co2_g;                     /* of it; -1 = the grid is not known */
    int64_t cost_usd_micro;            /* the sum of the lines below, exactly */
    struct charge_line charge[CHARGE_KIND_N];
    /* By resource, where jobs ask for cores or memory: of the cost, less unused commitments, what
     * jobs held and what was idle; GPU-hours, core-hours, GiB-hours. */
    bool has_resources;
    struct charge_line resource[RESOURCE_N];
    double bought_hours[RESOURCE_N], held_hours[RESOURCE_N];
};

struct service_result { /* inside the books */
    int64_t jobs_usd_micro, fleet_usd_micro;
    double quantity; /* in units of its price */
};

struct world_result {
    int64_t submitted, finished, rejected, rejected_by[REJECT_N];
    int64_t books_us;    /* the window used */
    int64_t makespan_us; /* first submit to last end */
    int64_t events, passes;
    int64_t max_queue;      /* longest queue, jobs */
    int64_t jobs_usd_micro; /* sum of the jobs' costs; 0 where no observer asked for jobs */
    int64_t over_racks;     /* jobs on more racks than the fewest possible */
    int64_t gang_timeouts; /* gangs that gave up what they held: models/scheduling/coscheduling.c */
    double half_placed_gpu_hours; /* held by gangs that had not all their pods */
    int64_t backfilled;           /* jobs started ahead of one that was before them */
    int64_t fractional;           /* jobs whose fraction of a GPU was rounded up to a whole one */
    int64_t scattered;            /* jobs on more nodes than the fewest possible */
    int64_t preemptions;          /* times a job was stopped to go on later */
    int64_t node_failures;        /* times a node went down */
    int64_t job_failures;         /* times a job was stopped by that, or failed by itself */
    int64_t node_reclaims;        /* nodes that were taken back */
    int64_t job_reclaims;         /* times a job was stopped by that */
    double scattered_gpu_hours;   /* held by gangs on more nodes than the fewest, beyond what they
                                     would have held there; below 0 where they are faster so */
    double beside_gpu_hours;      /* held longer, because others had slices of the same GPU */
    double held_gpu_hours;        /* by jobs, to their ends */
    double lost_gpu_hours;        /* held for restarts, checkpoints, and work that was done again */
    double lost_to_preemption, lost_to_failure, lost_to_reclaim; /* of that, GPU-hours; the rest:
                                                                   checkpoints */
    double mean_wait_s, mean_run_s, mean_jct_s,
        mean_bounded_slowdown; /* over finished jobs, in job order */
    double mean_queue; /* time average of jobs waiting over the makespan (Little's law is checked on
                          it) */
    /* Quantiles of wait over finished jobs, nearest rank: smallest wait with at least q of jobs at
     * or below. */
    int64_t wait_p50_us, wait_p90_us, wait_p95_us, wait_p99_us, wait_max_us;
    int64_t jct_p50_us, jct_p95_us;
    int64_t deadlines, deadlines_met; /* jobs that have one; of these, ended by it */
    double slowdown_p95; /* of bounded slowdowns rounded to a millionth, nearest rank */
    /* Jain's index (models/fairness.h) of the tenants' mean bounded slowdowns, each tenant of which
     * a job ran counting once; 0 where there are fewer than two. Jobs without a tenant are
     * nobody's. */
    double fairness;
    /* Inside the books: at each moment the smaller of the GPUs that are free and those that waiting
     * jobs ask for. What blocked heads, scattered holes and waits for a pass cost. */
    int64_t idle_while_waiting_gpu_us;
    int32_t pool_n;
    struct pool_result *pools; /* owned by the result */
    /* Figures of parts of the jobs, in seconds; NAN: no such job ran. world_run leaves them: who
     * runs it knows which are wanted. */
    int32_t part_n;
    double part_s[WORLD_PARTS_MAX];
    int32_t service_n;               /* of the fleet's */
    struct service_result *services; /* owned by the result */
};

/* Runs one world. obs may be NULL. On success the caller frees result with world_result_free. Every
 * invariant of design.md is checked before it returns; a broken one is STATUS_BUG with the seed,
 * replication and simulated time in the message. */
enum status world_run(const struct workload *workload, const struct fleet_spec *fleet,
                      const struct world_options *options, const struct observer *obs,
                      struct world_result *result, struct error *err);
void world_result_free(struct world_result *result);

#endif
