/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes the nodes of a pool fail, as data.
 *
 *      by node    the whole node fails by itself: board, power, network
 *      by GPU     one of its GPUs fails, and the node is out until that is mended
 *      by log     it was out when a log says so, and at no other time
 *      by job     a job fails by itself, and its nodes are there for others at once
 *
 * A node is as good as new at second 0, and whenever it comes back; it ages while it is there,
 * whether or not jobs run on it.
 */
#ifndef MODELS_RELIABILITY_FAILURES_H
#define MODELS_RELIABILITY_FAILURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/fleet/gpu_costs.h"
#include "models/reliability/duration.h"

/* From down_us on, before up_us, the node is not there. INT64_MAX: it never comes back. */
struct outage {
    int64_t down_us, up_us; /* down_us < up_us */
    int32_t node;           /* of the pool */
};

struct failure_spec {
    bool by_node, by_gpu;
    /* From when a node is up to its own failure, and to the first failure of one of its GPUs; from
     * its failure until it is back. */
    struct duration node, gpus, repair;
    /* Mean run time until a job fails by itself, by its GPUs, exponential; none: it does not. */
    struct gpu_costs job_mtbf;
    /* In order of node, then of time; those of a node neither overlap nor touch. Borrowed. */
    const struct outage *log;
    size_t log_n;
};

#endif
