/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the nodes of a pool can be had, as data.
 *
 *      by log      each node has its times at which it cannot be had, as a log says
 *      by node     it is had for a while, and not for a while, by chance; each such chance may
 *                  take several nodes of the pool at once
 *      by region   at one moment all that pools have in a region is taken
 *      refused     a request fails, by chance, and the node cannot be had for a while
 *
 * Where `takes_back` (spot), a node that is there is taken back when it cannot be had any more,
 * with a notice before; elsewhere (on demand) it stays until it is given back, and no new one
 * comes.
 */
#ifndef MODELS_RELIABILITY_SUPPLY_SPEC_H
#define MODELS_RELIABILITY_SUPPLY_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/reliability/duration.h"
#include "models/reliability/failures.h"

struct supply_spec {
    bool takes_back;
    int64_t notice_us; /* where it takes back: EC2's is two minutes */
    /* From down_us on, before up_us, the node cannot be had; in order of node, then of time; those
     * of a node neither overlap nor touch. It begins anew every log_us; 0: after the last of them
     * all can be had. Borrowed. */
    const struct outage *log;
    size_t log_n;
    int64_t log_us;
    /* By chance: from when it can be had until it cannot, and from then on. */
    bool by_node, by_region;
    struct duration up, down, region_up;
    int64_t batch_ppm;  /* nodes that one chance takes on the mean, geometric; >= 1000000 */
    const char *region; /* pools of the same one lose their nodes together; they agree on
                           region_up */
    int64_t refused_ppm, retry_us;
};

/* Whether anything is said. */
static inline bool supply_is_limited(const struct supply_spec *s)
{
    return s->log_n > 0 || s->by_node || s->by_region || s->refused_ppm > 0;
}

#endif
