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

/* Who may not be beside whom: as likely nothing, one rule, or two. For orders that know it. */
void random_neighbours(const struct draw *d, struct simulate_fleet *fleet);

/* Fails the test where a start, an end or a node differs. */
void agree(const struct workload *w, const struct simulate_fleet *fleet, uint64_t seed);

#endif
