/* SPDX-License-Identifier: Apache-2.0 */
/* Which autoscaler a fleet has, and its options, as data. The rules: autoscaler.h and the file of
 * each. */
#ifndef MODELS_AUTOSCALING_AUTOSCALER_SPEC_H
#define MODELS_AUTOSCALING_AUTOSCALER_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "models/reliability/duration.h"

struct autoscaler;

/* as_needed.c */
struct as_needed_options {
    bool one_at_a_time;   /* one node of a pool boots at once */
    struct duration idle; /* how long a node is idle before it goes; constant 0 = it goes at once */
};

/* schedule.c: from then on, each week, a pool is to have so many nodes. */
struct week_step {
    int64_t at_us; /* after Monday 00:00 UTC, less than a week */
    int32_t pool, nodes;
};
struct schedule_options {
    const struct week_step *steps; /* in order of time; borrowed */
    int32_t n;
};

struct autoscaler_spec {
    const struct autoscaler *kind; /* NULL: the first of the table, static */
    struct as_needed_options needed;
    struct schedule_options schedule;
};

#endif
