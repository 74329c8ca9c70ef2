/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which nodes of a fleet go, and when they come back.
 *
 *      node 0   up ---------. down .--- up -----------------
 *      node 1   up --. down .------ up ------. down ...
 *                    ^ outages_next_us       ^ ...
 *
 * What fails and how: failures.h. The chances of a node do not depend on what runs on it, nor on
 * the other nodes. A change costs O(log nodes). Owns its memory and allocates nothing once it is
 * made.
 */
#ifndef MODELS_RELIABILITY_OUTAGES_H
#define MODELS_RELIABILITY_OUTAGES_H

#include <stdbool.h>

#include "models/fleet/fleet_spec.h"
#include "sim/events.h"

struct outages {
    const struct fleet_spec *fleet;
    struct events changes; /* by node of the fleet: when it goes or comes */
    struct random_key key;
    size_t *next;  /* by node: its next outage in the log of its pool, or how many it has had */
    bool *is_down; /* by node */
};

/* All nodes are up at time 0, before any change. false: no memory; free it then, too. */
bool outages_init(struct outages *o, const struct fleet_spec *fleet, struct random_key key);
void outages_free(struct outages *o);

/* A node of the fleet, its pool, and what becomes of it. */
struct node_change {
    int32_t pool, node; /* node: within the pool */
    bool goes_down;
};
/* The next change, which is over with then; there must be one. */
struct node_change outages_take(struct outages *o);

/* Where nodes come and go, and fail by chance only: one, by its number in the fleet, is not there
 * any more; it is there again, as good as new. */
void outages_leave(struct outages *o, uint32_t number);
void outages_join(struct outages *o, int32_t pool, uint32_t number, int64_t now_us);

/* Whether some pool has outages at all; whether jobs of some pool fail by themselves. */
bool outages_expected(const struct fleet_spec *fleet);
bool job_failures_expected(const struct fleet_spec *fleet);

#endif
