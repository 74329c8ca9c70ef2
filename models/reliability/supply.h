/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which nodes of a fleet can be had, and when that changes.
 *
 *      had ---signal---> had ----notice----> going ----gone----> out ----back----> had
 *         '- or none at all -'      '- no notice: at once -'
 *
 * What is said of a pool: supply_spec.h; it has a log, or chances. Those of a node depend neither
 * on what runs on it nor on whether anybody has it, so that two fleets of the same pools see the
 * same reclaims, but for requests that fail. A chance that takes several nodes takes the one it is
 * of, and those after it in the pool that can be had, by number, as a ring. A node that is back is
 * as if it had never been out; it is there for its notice at least. A signal comes only before a
 * node's own chance, or its log: those that another's takes, or their region's, are told at once.
 *
 * A change costs O(log nodes), one that takes several O(nodes of the pool). Owns its memory and
 * allocates nothing once it is made.
 */
#ifndef MODELS_RELIABILITY_SUPPLY_H
#define MODELS_RELIABILITY_SUPPLY_H

#include <stdbool.h>

#include "models/fleet/fleet_spec.h"
#include "sim/events.h"

enum supply_kind {
    SUPPLY_SIGNAL, /* it may be gone soon; it can be had still; where anybody looks at that */
    SUPPLY_NOTICE, /* it will be gone soon */
    SUPPLY_GONE,
    SUPPLY_BACK,
    SUPPLY_NOTHING /* a chance that found nothing to take */
};

struct supply_change {
    int32_t pool, node; /* node: within the pool */
    enum supply_kind kind;
    int64_t gone_us; /* of a signal, or a notice: when the node will be gone */
};

struct supply_node {
    uint8_t phase;
    uint32_t turn;   /* times it was out, for its draws */
    uint32_t asked;  /* requests of it, likewise */
    int64_t told_us; /* while it can be had: its notice, if it is known */
    int64_t gone_us; /* and it is gone then */
    int64_t back_us; /* and back then */
    size_t next;     /* its next outage in the log of its pool */
    int64_t lap_us;  /* when this round of the log began */
};

struct supply {
    const struct fleet_spec *fleet;
    struct random_key key;
    struct events changes; /* by node of the fleet, then by pool: the chances of its region */
    struct supply_node *nodes;
    int32_t *base; /* by pool: its first node */
    uint32_t node_n;
    uint32_t *shocks; /* by pool: chances of its region so far */
};

/* Whether some pool is limited. */
bool supply_expected(const struct fleet_spec *fleet);

/* At time 0 all can be had, before any change. false: no memory; free it then, too. */
bool supply_init(struct supply *s, const struct fleet_spec *fleet, struct random_key key);
void supply_free(struct supply *s);

/* The next change, which is over with then; there must be one. */
struct supply_change supply_take(struct supply *s);

/* A request of a node that can be had: true where it fails, and the node is out for a while. */
bool supply_refuses(struct supply *s, int32_t pool, int32_t node, int64_t now_us);

#endif
