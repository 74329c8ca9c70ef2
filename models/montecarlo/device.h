/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CUDA devices of this machine, where there are any: opened at run time, so that one program
 * runs with and without.
 *
 *      device_set_open -- dlopen libseatrial_cuda.so -- devices? -- device_queue_run, ...
 *
 * A device computes the very function that processors do, from the same tables, in integers: the
 * bits are the same, and the hash of all outputs tells (engine.h compares where it is asked to).
 * Several devices share the replications by ranges. A call that fails has changed nothing but what
 * it writes, which whoever falls back to processors writes anew: nothing that it adds to.
 */
#ifndef MODELS_MONTECARLO_DEVICE_H
#define MODELS_MONTECARLO_DEVICE_H

#include "models/montecarlo/cuda/calls.h"
#include "models/montecarlo/fleet_year_tally.h"
#include "models/montecarlo/queue.h"
#include "sim/status.h"

struct device_set {
    void *library; /* NULL: not open */
    const struct cuda_calls *calls;
    int n;
    char name[CUDA_NAME]; /* of the first; "2 x NVIDIA H200" of several that are alike */
};

/* path: of the library. Fails, with the reason, where it is not there, is of another build, or
 * finds no device; then there is nothing to close. */
enum status device_set_open(struct device_set *devices, const char *path, struct error *err);
void device_set_close(struct device_set *devices);

/* As queue_run_threads. */
enum status device_queue_run(const struct device_set *devices, const struct queue_model *model,
                             uint32_t first, uint32_t n, struct queue_result *results,
                             enum queue_counting counting, uint64_t *histogram, struct error *err);

/* Rows of all fleets x replications first .. first + n - 1: rows[fleet * n + i]. */
enum status device_year_rows(const struct device_set *devices, const struct fleet_year_case *what,
                             const struct fleet_year_fleet *fleets, uint32_t fleet_n,
                             uint32_t first, uint32_t n, struct fleet_year_row *rows,
                             struct error *err);

/* The same replications of at most CUDA_FLEETS fleets, added up on the devices: as
 * fleet_year_tally_run. */
enum status device_year_tally(const struct device_set *devices, const struct fleet_year_case *what,
                              const struct fleet_year_fleet *fleets, uint32_t fleet_n,
                              uint32_t first, uint32_t n, struct fleet_year_tally *tallies,
                              struct error *err);

#endif
