/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether jobs that start over after each failure ever end, on the mean.
 *
 *      run time L, failures at a rate d      time to finish: (e^(d L) - 1) / d on the mean
 *      L exponential with mean 1 / m         its mean is infinite where d >= m
 *                                            its variance where 2 d >= m
 *
 * Without checkpoints the time to finish grows as e to the run time, and a distribution of run
 * times that falls off no faster leaves no mean (Asmussen, Fiorini, Lipsky, Rolski and Sheahan
 * 2008, on restart). A sample has a mean all the same, and an interval that means nothing: it is
 * its longest job's. So how run times fall off is read from their upper end: the mean by which the
 * longest tenth of them exceed the rest, which of an exponential law is its mean.
 */
#ifndef MODELS_RELIABILITY_RESTART_TAIL_H
#define MODELS_RELIABILITY_RESTART_TAIL_H

#include "models/fleet/fleet_spec.h"
#include "models/workload/workload.h"
#include "sim/status.h"

enum tail_moment { TAIL_FINITE, TAIL_NO_VARIANCE, TAIL_NO_MEAN };

struct restart_tail {
    enum tail_moment worst;
    int32_t gpus;      /* of the jobs of which it is worst; the fewest of them */
    double failure_us; /* mean time between their failures, on the pool where they fail least */
    double excess_us;  /* how their run times fall off */
};

/* Of the jobs that fail equally often, 200 of them or more. Failures of nodes, by whatever law,
 * count by their mean; FINITE where a fleet writes checkpoints at an interval, and where nothing
 * fails. */
enum status restart_tail_find(const struct workload *w, const struct fleet_spec *fleet,
                              struct restart_tail *tail, struct error *err);

#endif
