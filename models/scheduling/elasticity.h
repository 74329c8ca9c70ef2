/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elastic jobs: between how many GPUs they may be sized, and how fast they are on them.
 *
 *      speed  8 |              . '     a power:   g^0.8, whatever g is
 *             4 |         . '          points:    straight between them, from 1 on one GPU; as the
 *             1 |   . '                           last one beyond it
 *               +--------------- GPUs
 *
 * A trace says how long a job runs on the GPUs that it asks for. On others it is faster or slower
 * by the ratio of the two speeds, its pace. The power is the usual model of parallel work: Berg,
 * Dorsman and Harchol-Balter, Towards Optimality in Parallel Scheduling (SIGMETRICS 2018), s(k) =
 * k^p. Speeds are whole millionths, so that every machine has the same: the nearest for a power,
 * rounded down between points.
 */
#ifndef MODELS_SCHEDULING_ELASTICITY_H
#define MODELS_SCHEDULING_ELASTICITY_H

#include <stdbool.h>
#include <stdint.h>

#include "models/scheduling/options.h"

struct workload;

struct elasticity; /* the options by class of a workload */

/* The options are borrowed. NULL: no memory. */
struct elasticity *elasticity_new(const struct elastic_options *options,
                                  const struct workload *workload);
void elasticity_free(struct elasticity *e);

struct size_range {
    int64_t least, most; /* GPUs */
};

/* Of a job of the class that asks for so many GPUs: at least 1 and at most what it asks for,
 * rounded up; at least that and at most a million, rounded down. One that asks for none has none.
 */
struct size_range elasticity_range(const struct elasticity *e, uint32_t class_, int64_t asked);
/* How fast it is on so many GPUs against on those it asks for. */
double elasticity_pace(const struct elasticity *e, uint32_t class_, int64_t asked, int64_t gpus);

/* Millionths of the speed on one GPU; gpus from 1 to a million. */
int64_t speedup_ppm(const struct speedup_curve *curve, int64_t gpus);

#endif
