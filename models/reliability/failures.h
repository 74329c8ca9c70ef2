/* SPDX-License-Identifier: Apache-2.0 */
/* What makes the nodes of a pool fail, as data. */
#ifndef MODELS_RELIABILITY_FAILURES_H
#define MODELS_RELIABILITY_FAILURES_H

#include <stddef.h>
#include <stdint.h>

/* From down_us on, before up_us, the node is not there. INT64_MAX: it never comes back. */
struct outage {
    int64_t down_us, up_us; /* down_us < up_us */
    int32_t node;           /* of the pool */
};

struct failure_spec {
    /* In order of node, then of time; those of a node neither overlap nor touch. Borrowed. */
    const struct outage *log;
    size_t log_n;
};

#endif
