/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that come and go: of each pool of a fleet, which of its nodes are there.
 *
 *      absent --request--> booting --after the boot--> ready --remove, where idle--> absent
 *                             '------- cancel -------------------------------------->'
 *
 * A pool has room for `nodes`, of which `elastic_nodes` come and go; the others are ready from
 * second 0 on, as are all of a pool without elastic ones. The node that comes is the absent one of
 * the lowest number. How long it boots is drawn by node and by how often it came before, so that
 * two autoscalers that ask for the same node see the same boot. Where people provide nodes, those
 * that are wanted at one instant are one change of their pool, which has one lead time, drawn by
 * pool and number; the request comes after it. A stay is from the request to the end, whether the
 * node became ready or not; one that is not wanted any more before its request is of no time.
 *
 * Booting nodes stand in order of request, idle ones of how long they have been idle, for each
 * pool. Every change costs O(1) and the boots' O(log nodes). Owns its memory; only a request can
 * allocate, for its stay.
 */
#ifndef MODELS_FLEET_LIFECYCLE_H
#define MODELS_FLEET_LIFECYCLE_H

#include <stdbool.h>

#include "models/fleet/fleet_spec.h"
#include "models/fleet/nodeset.h"
#include "sim/events.h"

enum node_state { NODE_ABSENT, NODE_BOOTING, NODE_READY };

struct stay {
    int32_t pool, node;     /* node: within the pool */
    int64_t requested_us;   /* of the provider: after the lead of its change; at 0 those that are
                               there from the beginning, and ready then */
    int64_t ready_us;       /* -1: it was not */
    int64_t gone_us;        /* INT64_MAX: it has not gone */
    __int128 busy_milli_us; /* that jobs held its node up to gone_us, in all stays */
};

struct lifecycle_line {
    int32_t first, last, n; /* first: the one that is longest in it; -1: none is */
};

struct lifecycle_pool {
    int32_t base, node_n, least; /* least: those that never go */
    int32_t absent_n, ready_n;
    int64_t grows_us, lead_us; /* the latest change: when it began, how long it leads; -1: none */
    uint32_t grows;            /* changes so far */
    struct lifecycle_line booting, idle;
    struct nodeset absent;
};

struct lifecycle_node {
    uint8_t state;
    bool is_idle;
    int32_t before, after; /* in its line, within the pool; -1 = none */
    int32_t jobs;          /* that run on it */
    uint32_t stay;         /* the latest; not where absent */
    uint32_t comings;      /* requests so far */
    uint32_t idles;        /* times it became idle so far */
    int64_t since_us;      /* booting: requested; idle: idle since */
};

struct lifecycle {
    const struct fleet_spec *fleet;
    struct random_key key;
    struct events boots; /* by node of the fleet: when it is ready */
    struct lifecycle_pool *pools;
    struct lifecycle_node *nodes; /* of the fleet */
    struct stay *stays;           /* in order of request */
    uint32_t stay_n, stay_capacity;
    uint32_t first_n; /* stays that were there from the beginning */
    void *memory;
};

/* Whether some pool has nodes that come and go. */
bool lifecycle_expected(const struct fleet_spec *fleet);

/* At time 0. false: no memory; free it then, too. */
bool lifecycle_init(struct lifecycle *l, const struct fleet_spec *fleet, struct random_key key);
void lifecycle_free(struct lifecycle *l);

static inline struct lifecycle_node *lifecycle_node(const struct lifecycle *l, int32_t pool,
                                                    int32_t node)
{
    return &l->nodes[l->pools[pool].base + node];
}

/* Asks for one more; returns it, -1 where all are there, -2 on lack of memory. */
int32_t lifecycle_request(struct lifecycle *l, int32_t pool, int64_t now_us);
/* The node that is ready now: the next of boots. */
struct node_at {
    int32_t pool, node;
};
struct node_at lifecycle_take_ready(struct lifecycle *l);
/* A booting node is not wanted any more. */
void lifecycle_cancel(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us);
/* An idle node goes; busy_milli_us: as of its stay. */
void lifecycle_remove(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us,
                      __int128 busy_milli_us);

/* A job comes to a node, or leaves it. */
void lifecycle_job_comes(struct lifecycle *l, int32_t pool, int32_t node);
void lifecycle_job_leaves(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us);
/* A node on which no job is fails, and is nobody's; it is repaired, and idle. */
void lifecycle_fails(struct lifecycle *l, int32_t pool, int32_t node);
void lifecycle_is_repaired(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us);

/* Nodes that are asked for and not gone. */
static inline int32_t lifecycle_held(const struct lifecycle_pool *p)
{
    return p->booting.n + p->ready_n;
}

#endif
