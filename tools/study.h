/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Monte Carlo study of a scenario: what each candidate fleet comes to in each future.
 *
 *      scenario -- candidates -- worlds, one a fleet of the scenario, of one seed
 *                                  '-- futures by the fleet-year model -- values[candidate][future]
 *      jobs ---- laws ------------------ waits by the gang queue
 *      fleets -- a full simulation of each --- calibration
 *
 * Futures are the same for all candidates: row i of each is of one world. All values are kept, so
 * that whoever reads them (study_write.c) finds quantiles, pairs and regrets exactly; a study of
 * more than STUDY_VALUES_MAX candidates x futures is refused.
 */
#ifndef TOOLS_STUDY_H
#define TOOLS_STUDY_H

#include "models/montecarlo/engine.h"
#include "models/montecarlo/fleet_year_fit.h"
#include "scenarios/scenario.h"
#include "tools/candidates.h"
#include "tools/study_waits.h"

enum { STUDY_VALUES_MAX = 1 << 26, STUDY_CONTROL_N = 5, STUDY_MONTHS_MAX = FLEET_YEAR_MONTHS };

/* Of a candidate, by future. */
struct study_values {
    int64_t *cost_usd_micro; /* a year, the mean of all */
    float *late;             /* share of hours in which work was behind by more than the deadline */
    float *backlog_gpu_h;    /* at the end */
    float *delay_s;          /* of a GPU-hour of work, on the mean */
    float *unserved_gpu_h;   /* a year */
    float *utilization;      /* of GPU time bought, what work held */
};

struct study {
    const struct scenario *scenario;
    struct candidates candidates;
    uint32_t futures;                  /* that were drawn */
    struct study_values *values;       /* [candidates.n] */
    int64_t *control[STUDY_CONTROL_N]; /* [futures]: FLEET_YEAR_Z_GROWTH and on, of all fleets */
    struct study_waits *waits;         /* [candidates.n] */
    struct fleet_year_fit *fits;       /* [scenario->fleet_n], calibrated */
    struct fleet_year_errors *errors;  /* [scenario->fleet_n] */
    struct fleet_year_world *worlds;   /* [scenario->fleet_n] */
    struct fleet_year_tables *tables;  /* likewise */
    struct fleet_year_fleet *fleets;   /* [candidates.n] */
};

struct study_watch {
    const volatile int *stop;
    void (*progress)(void *context, const char *what, double share); /* may be NULL */
    void *context;
};

enum status study_run(const struct scenario *scenario, struct engine *engine,
                      const struct study_watch *watch, struct study *study, struct error *err);
/* The bills by month of one candidate in futures 0 .. n - 1: usd_micro[month * n + i]. */
enum status study_months(const struct study *study, struct engine *engine, size_t candidate,
                         uint32_t n, int64_t *usd_micro, struct error *err);
void study_free(struct study *study);

#endif
