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
 * with a notice before, and maybe a signal before that; elsewhere (on demand) it stays until it is
 * given back, and no new one comes. What is done with the node then is its owner's:
 *
 *      drain       its jobs leave at once; they save what they have done if there is time for it
 *      cordon      they run on until it is gone, but no new ones are put on it
 *      ignore      nothing
 */
#ifndef MODELS_RELIABILITY_SUPPLY_SPEC_H
#define MODELS_RELIABILITY_SUPPLY_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/reliability/duration.h"
#include "models/reliability/failures.h"

enum supply_answer { ANSWER_DRAIN, ANSWER_CORDON, ANSWER_IGNORE }; /* the more comes first */

struct supply_answer_kind {
    const char *name, *summary;
};
extern const struct supply_answer_kind supply_answers[]; /* by answer, ended by a NULL name */

struct supply_spec {
    bool takes_back;
    int64_t notice_us; /* where it takes back: EC2's is two minutes */
    enum supply_answer on_notice;
    /* EC2's rebalance recommendation: so long before the notice, where it is known so early, else
     * with it. A node that was answered for it is given back once it is empty. */
    bool signals;
    int64_t rebalance_us;
    enum supply_answer on_rebalance;
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

/* Whether anybody looks at signals. */
static inline bool supply_heeds_signals(const struct supply_spec *s)
{
    return s->takes_back && s->signals && s->on_rebalance != ANSWER_IGNORE;
}

/* With the notice the signal comes, too, if it has not come before. */
static inline enum supply_answer supply_answer_to_notice(const struct supply_spec *s)
{
    return s->signals && s->on_rebalance < s->on_notice ? s->on_rebalance : s->on_notice;
}

/* Whether nodes are closed to new jobs while others run on. */
static inline bool supply_cordons(const struct supply_spec *s)
{
    return s->takes_back && (supply_answer_to_notice(s) == ANSWER_CORDON ||
                             (s->signals && s->on_rebalance == ANSWER_CORDON));
}

/* Whether anything is said. */
static inline bool supply_is_limited(const struct supply_spec *s)
{
    return s->log_n > 0 || s->by_node || s->by_region || s->refused_ppm > 0;
}

#endif
