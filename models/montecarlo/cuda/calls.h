/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libseatrial_cuda.so offers: the only names that the program and the CUDA code share, besides
 * the models. device.h opens the library and is what others call.
 *
 * Pointers are the host's. A call returns 0, or fills `message` (of CUDA_MESSAGE bytes) and returns
 * -1; nothing is kept between calls, and a call that failed has written nothing that counts.
 */
#ifndef MODELS_MONTECARLO_CUDA_CALLS_H
#define MODELS_MONTECARLO_CUDA_CALLS_H

#include <stdint.h>

#include "models/montecarlo/fleet_year_tally.h"
#include "models/montecarlo/queue_model.h"

/* Changes with any struct here: a library of another build is refused. */
enum { CUDA_CALLS_VERSION = 2, CUDA_MESSAGE = 256, CUDA_NAME = 80, CUDA_FLEETS = 65535 };

/* How many words each of a queue's tables has; 0: the model does not have it. */
struct cuda_queue_tables {
    uint32_t class_bins, classes, run, gap, batches, spread, week;
};

struct cuda_calls {
    uint32_t version, queue_bytes, result_bytes, world_bytes, fleet_bytes, row_bytes, tally_bytes;
    /* Devices that can be used; name: of device i. */
    int (*count)(char *message);
    int (*name)(int device, char *name, char *message);
    /* As queue_run: results[n]; counts of waits above 0 are written to histogram[LOG_BUCKET_N] or,
     * where each replication has its own, to histogram[n][LOG_BUCKET_N]. */
    int (*queue)(int device, const struct queue_model *model,
                 const struct cuda_queue_tables *tables, uint32_t first, uint32_t n,
                 struct queue_result *results, int each, uint64_t *histogram, char *message);
    /* rows[fleet][replication], of at most CUDA_FLEETS fleets. */
    int (*fleet_year)(int device, const struct fleet_year_case *what,
                      const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                      uint32_t n, struct fleet_year_row *rows, char *message);
    /* As fleet_year_tally_run, of at most CUDA_FLEETS fleets: added to tallies[fleet]. */
    int (*fleet_year_tally)(int device, const struct fleet_year_case *what,
                            const struct fleet_year_fleet *fleets, uint32_t fleet_n, uint32_t first,
                            uint32_t n, struct fleet_year_tally *tallies, char *message);
};

#define CUDA_CALLS_SYMBOL "seatrial_cuda_calls"

#endif
