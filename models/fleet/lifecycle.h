/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that come and go: of each pool of a fleet, which of its nodes are there.
 *
 *      absent --request--> booting --after the boot--> ready --remove, where idle--> absent
 *                             |------- cancel --------- | ------------------------->'
 *                             '------- drain ---------> draining -gone, given back->'
 *
 * A pool has room for `nodes`, of which `elastic_nodes` come and go; the others are ready from
 * second 0 on, as are all of a pool without elastic ones. The node that comes is the absent one of
 * the lowest number that can be had: where supply is limited (models/reliability/supply.h), a node
 * is closed and opened again, and one that is taken back drains until it is gone, or until its
 * owner gives it back before that; jobs may run on it meanwhile. How long it boots
 * is drawn by node and by how often it came before, so that two autoscalers that ask for the same
 * node see the same boot. Where people provide nodes, those that are wanted at one instant are one
 * change of their pool, which has one lead time, drawn by pool and number; the request comes after
 * it. A stay is from the request to the end, whether the node became ready or not; one that is not
 * wanted any more before its request is of no time.
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

enum node_state { NODE_ABSENT, NODE_BOOTING, NODE_READY, NODE_DRAINING };

struct stay {
    int32_t pool, node;     /* node: within the pool */
    int64_t requested_us;   /* of the provider: after the lead of its change; at 0 those that are
                               there from the beginning, and ready then */
    int64_t ready_us;       /* -1: it was not */
    int64_t gone_us;        /* INT64_MAX: it has not gone */
    int64_t told_us;        /* taken back, and told so then; -1: it is not */
    __int128 busy_milli_us; /* that jobs held its node up to gone_us, in all stays */
};

struct lifecycle_line {
    int32_t first, last, n; /* first: the one that is longest in it; -1: none is */
};

/* Pools of a group have together no more nodes than each alone might have. */
struct lifecycle_group {
    int32_t most, held; /* held: booting, ready, draining */
};

struct lifecycle_pool {
    int32_t base, node_n, least;   /* least: those that never go */
    struct lifecycle_group *group; /* NULL: of none */
    int32_t absent_n;              /* that can be had, but for what the group allows */
    int32_t ready_n, draining_n;
    int32_t leaving_n;         /* of those that drain: jobs run on */
    int64_t grows_us, lead_us; /* the latest change: when it began, how long it leads; -1: none */
    uint32_t grows;            /* changes so far */
    struct lifecycle_line booting, idle;
    struct nodeset absent;
};

struct lifecycle_node {
    uint8_t state;
    bool is_idle, is_closed; /* closed: it cannot be had */
    int32_t before, after;   /* in its line, within the pool; -1 = none */
    int32_t jobs;            /* that run on it */
    uint32_t stay;           /* the latest; not where absent */
    uint32_t comings;        /* requests so far */
    uint32_t idles;          /* times it became idle so far */
    int64_t since_us;        /* booting: requested; idle: idle since; draining: since then */
    int64_t touched_us;      /* when it became ready, or the last job came or left; the caller's */
    int64_t busy_us;         /* when it was idle last; the caller's */
};

struct lifecycle {
    const struct fleet_spec *fleet;
    struct random_key key;
    struct events boots; /* by node of the fleet: when it is ready, or given back */
    struct lifecycle_pool *pools;
    struct lifecycle_group *groups; /* by the number of a pool's group */
    struct lifecycle_node *nodes;   /* of the fleet */
    struct stay *stays;             /* in order of request */
    uint32_t stay_n, stay_capacity;
    uint32_t first_n; /* stays that were there from the beginning */
    void *memory;
};

/* Whether some pool has nodes that come and go. */
bool lifecycle_expected(const struct fleet_spec *fleet);
/* Of a pool, nodes that are there whatever the autoscaler says, as far as they can be had. */
int32_t lifecycle_least(const struct pool_spec *pool);

/* At time 0. false: no memory; free it then, too. */
bool lifecycle_init(struct lifecycle *l, const struct fleet_spec *fleet, struct random_key key);
void lifecycle_free(struct lifecycle *l);

static inline struct lifecycle_node *lifecycle_node(const struct lifecycle *l, int32_t pool,
                                                    int32_t node)
{
    return &l->nodes[l->pools[pool].base + node];
}

/* Of n nodes those that the pool's group has room for. */
static inline int32_t lifecycle_in_group(const struct lifecycle_pool *p, int32_t n)
{
    int32_t left = p->group ? p->group->most - p->group->held : n;
    return left < n ? left : n;
}
/* Nodes of a pool that can be had. */
static inline int32_t lifecycle_can_come(const struct lifecycle_pool *p)
{
    return lifecycle_in_group(p, p->absent_n);
}
/* The node that a request is for; -1 where there is none. */
static inline int32_t lifecycle_next(const struct lifecycle *l, int32_t pool)
{
    const struct lifecycle_pool *p = &l->pools[pool];
    return lifecycle_can_come(p) > 0 ? (int32_t)nodeset_first(&p->absent) : -1;
}
/* Asks for one more; returns it, -1 where all are there, -2 on lack of memory. */
int32_t lifecycle_request(struct lifecycle *l, int32_t pool, int64_t now_us);
/* The next of boots: a node that is ready now, or one that drains, which is to go now. */
struct node_at {
    int32_t pool, node;
};
struct node_at lifecycle_take_due(struct lifecycle *l);
/* A booting node is not wanted any more. */
void lifecycle_cancel(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us);
/* An idle node goes; busy_milli_us: as of its stay. */
void lifecycle_remove(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us,
                      __int128 busy_milli_us);

/* A node that cannot be had, which an absent one must not be asked for; it can be had again. */
void lifecycle_close(struct lifecycle *l, int32_t pool, int32_t node);
void lifecycle_open(struct lifecycle *l, int32_t pool, int32_t node);
/* A node that boots, or is ready, takes no more jobs, and goes. It is given back then; or it is
 * told that it is taken back, and is not given back any more. It is gone, without jobs. */
void lifecycle_drain(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us);
void lifecycle_give_back(struct lifecycle *l, int32_t pool, int32_t node, int64_t at_us);
void lifecycle_is_told(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us);
void lifecycle_gone(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us,
                    __int128 busy_milli_us);

/* A job comes to a node, or leaves it. */
void lifecycle_job_comes(struct lifecycle *l, int32_t pool, int32_t node);
void lifecycle_job_leaves(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us);
/* A node on which no job is fails, and is nobody's; it is repaired, and idle. */
void lifecycle_fails(struct lifecycle *l, int32_t pool, int32_t node);
void lifecycle_is_repaired(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us);

/* Nodes that are asked for, and neither gone nor going. */
static inline int32_t lifecycle_held(const struct lifecycle_pool *p)
{
    return p->booting.n + p->ready_n;
}

/* As many as the pool may still ask for, whether or not they can be had. */
static inline int32_t lifecycle_room(const struct lifecycle_pool *p)
{
    return lifecycle_in_group(p, p->node_n - lifecycle_held(p) - p->draining_n);
}

#endif
