/* SPDX-License-Identifier: Apache-2.0 */
/* Small random worlds full of ties, and the check that a world follows the plain rules
 * (slow_scheduler.h) in them, job by job. */
#ifndef TESTS_RANDOM_WORLD_H
#define TESTS_RANDOM_WORLD_H

#include "sim/random.h"
#include "tests/slow_scheduler.h"

struct draw {
    struct random_key key;
    uint64_t n;
};

/* 0 ... limit - 1, each as likely. */
int below(struct draw *d, int limit);

enum limits { LIMITS_NONE, LIMITS_EXACT, LIMITS_OVER, LIMITS_ANY };

/* Few distinct times and sizes, so that nearly everything happens at the same instant as something
 * else. */
void random_workload(struct draw *d, int jobs, int gpus_max, enum limits limits,
                     struct workload *w);
/* One pool or two, first-fit and fifo. Returns the GPUs of the largest. */
int random_fleet(struct draw *d, struct simulate_fleet *fleet);

/* Three spot nodes, each out eight times in a log that begins anew, after a notice. */
enum { SPOT_OUTAGES = 24 };
void three_spot_nodes(struct draw *d, struct outage log[SPOT_OUTAGES], struct supply_spec *supply);

/* What restarts cost and when checkpoints are written. */
void random_restart(struct draw *d, struct restart_options *restart);
/* Placement, restarts, when passes are made, and what the orders are told. */
void random_scheduling(struct draw *d, struct simulate_fleet *fleet);

struct random_sizes { /* what a fleet borrows */
    struct named_number least[2], most[2];
    struct speedup_curve curves[2];
    double speed[4 * SIMULATE_POOLS_MAX];
};
/* Sizes that jobs may have, speeds, restarts and when passes are made, for orders that size jobs;
 * from draws of its own, so that worlds stay what they were. */
void random_sizes(uint64_t seed, struct random_sizes *sizes, struct simulate_fleet *fleet);
/* Some jobs say themselves between how many GPUs they may be sized. */
void random_own_sizes(uint64_t seed, struct workload *w);

/* Who may not be beside whom: as likely nothing, one rule, or two. For orders that know it. */
void random_neighbours(const struct draw *d, struct simulate_fleet *fleet);

/* Fails the test where a start, an end, a node, or what a job held or lost differs. */
void agree(const struct workload *w, const struct simulate_fleet *fleet, uint64_t seed);

#endif
