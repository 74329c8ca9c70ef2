/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fleet-year of a workload and a fleet that the simulator knows: what it takes from them, how
 * it is calibrated, and how far off it is.
 *
 *      workload -- GPUs in use, hour by hour, if nobody waited --> mean, week, AR(1), bursts
 *      fleet ----- pools, commitments, autoscaler, failures -----> candidate, reclaims, failures
 *                                         |
 *      world_run of the same fleet --> usable share or headroom --> checked on other jobs
 *
 * Demand is what jobs would hold if each started when it is submitted. Its mean is kept exactly.
 * The week is the mean of each hour of the week, drawn towards flat where there are few weeks:
 * weeks / (weeks + 4) of it counts. What is left, as a factor, is log-normal: an AR(1) process
 * times noise of single hours; its covariances 0, 1 and 24 hours apart give the three parameters.
 *
 * A GPU-hour of work is done so much later than without a queue: the delay. Over a window it is the
 * area between work that came and work that was done, over the work that was done (Little's law);
 * the simulator's and the fleet-year's are the same quantity.
 *
 * What one hour and no gangs cannot show is calibrated by one number: the share of GPUs that work
 * can hold where the fleet does not change, so that the delay is the simulator's, and the headroom
 * where it does, so that what is bought is. Nothing else is; all other differences are the error.
 */
#ifndef MODELS_MONTECARLO_FLEET_YEAR_FIT_H
#define MODELS_MONTECARLO_FLEET_YEAR_FIT_H

#include <stdbool.h>
#include <stdint.h>

#include "models/montecarlo/fleet_year_setup.h"
#include "models/world.h"
#include "sim/status.h"

struct fleet_year_fit {
    struct fleet_year_outlook outlook; /* no growth, nothing unsure; hours: of the books */
    struct fleet_year_offer offer;
    double work_gpu_hours; /* that came within the books */
    bool is_elastic;       /* pools whose nodes come and go */
    /* The first thing of the fleet that a fleet-year does not know, in a person's words: "services"
     * ...; NULL: it knows all. */
    const char *left_out;
};

/* options: of the simulator; books_us is the window, 0 = up to the last submission. Fails where
 * there is no job with GPUs, more than five years, or something out of the fleet-year's range. */
enum status fleet_year_fit(const struct workload *workload, const struct fleet_spec *fleet,
                           const struct world_options *options, struct fleet_year_fit *fit,
                           struct error *err);

/* What one of the two says of the window. */
struct fleet_year_figures {
    double hours, usd, bought_gpu_hours, busy_gpu_hours;
    double delay_hours; /* of a GPU-hour of work, on the mean */
};

/* Of an hour's mean, as shares: 0.01 is 1 % more than the simulator has. The fleet-year has whole
 * hours. */
struct fleet_year_errors {
    struct fleet_year_figures simulated, modelled;
    double usd, bought, busy;
    double delay_hours; /* the difference */
};

/* Runs the world: seconds, where it has a hundred thousand jobs. Pools only, no services. */
enum status fleet_year_simulate(const struct workload *workload, const struct fleet_spec *fleet,
                                const struct world_options *options,
                                struct fleet_year_figures *figures, struct error *err);
/* The mean of FLEET_YEAR_FIT_REPLICATIONS replications over the window. */
enum { FLEET_YEAR_FIT_REPLICATIONS = 256 };
enum status fleet_year_model(const struct fleet_year_fit *fit, struct fleet_year_figures *figures,
                             struct error *err);

/* Sets the one number so that the model comes as close as it can to what was simulated. */
enum status fleet_year_calibrate(struct fleet_year_fit *fit,
                                 const struct fleet_year_figures *simulated, struct error *err);

/* The model's figures against the simulator's. To be honest, of other jobs than it was calibrated
 * on: another replication's. */
enum status fleet_year_measure(const struct fleet_year_fit *fit,
                               const struct fleet_year_figures *simulated,
                               struct fleet_year_errors *errors, struct error *err);

#endif
