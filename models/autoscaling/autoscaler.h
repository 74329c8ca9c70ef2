/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Autoscalers: who asks for nodes, and gives them back. One table; to add one, add its file and its
 * line.
 *
 *      world --- jobs that wait, by demand --.
 *                free levels of the pools    >-- pass(view) --> autoscaler_add, _remove, _cancel
 *                nodes: ready, booting, idle -'      '--------> when it wants to be asked again
 *
 * An autoscaler is asked at multiples of its interval, and there only if something has changed
 * since it was asked (a job came, started, stopped; a node came or went), or if a time has come
 * that it named: idle time costs nothing, whatever the interval. In an instant it comes last, after
 * the pass of the scheduler: what waits then has found no room. An interval of 0 asks it in each
 * instant in which something has changed.
 *
 * An autoscaler is stateless; what it knows of one world is in view.state, which it allocates and
 * frees. Requests take effect at once in the view. It removes nodes that are idle; one that drains
 * may also stop what runs on a node, where the world can stop jobs. It never leaves a pool fewer
 * than its least.
 */
#ifndef MODELS_AUTOSCALING_AUTOSCALER_H
#define MODELS_AUTOSCALING_AUTOSCALER_H

#include "models/autoscaling/autoscaler_spec.h"
#include "models/autoscaling/pending.h"
#include "models/autoscaling/residents.h"
#include "models/fleet/lifecycle.h"
#include "models/fleet/pool.h"
#include "models/scheduling/demand.h"
#include "models/scheduling/running.h"

struct autoscaler_view {
    const struct autoscaler_spec *spec;
    const struct fleet_spec *fleet;
    const struct workload *workload;
    const struct pool *pools;
    int32_t pool_n;
    const struct demand_table *demands;
    const int64_t *waiting; /* by demand: jobs that wait; those of the first demand_n are known */
    uint32_t demand_n;
    int64_t waiting_n; /* jobs that wait */
    /* NULL where kind.by_job is not set: these one by one, and who runs on which node. */
    const struct pending *pending;
    const struct residents *residents;
    const struct running *running;
    const struct events *ends; /* of these, by slot; EVENT_NONE: the slot is free */
    struct lifecycle *nodes;
    struct random_key key;
    int64_t now_us;
    bool changed;   /* something has, since it was asked */
    bool can_drain; /* jobs can be stopped */

    /* Set by the pass. */
    int64_t wake_us;  /* asked then, whatever happens; EVENT_NONE = not */
    bool ask_changes; /* also where something changes: true before each pass */
    bool failed;      /* no memory: the world gives up */
    void *state;

    /* The world's: a node that it holds goes, or was asked for; a request fails, true, and then the
     * node that it was for cannot be had for a while. */
    void (*holds)(void *world, int32_t pool, int nodes);
    void (*removes)(void *world, int32_t pool, int32_t node);
    bool (*refuses)(void *world, int32_t pool);
    bool (*drains)(void *world, int32_t pool, int32_t node); /* false: no memory */
    void *world;
};

struct autoscaler {
    const char *name, *summary, *source;
    int64_t (*interval_us)(const struct autoscaler_spec *spec); /* NULL: 0 */
    size_t state_size;                                          /* given to it zeroed */
    bool (*init)(struct autoscaler_view *v); /* NULL: nothing to do; false: no memory, and free */
    void (*free)(struct autoscaler_view *v); /* what the state owns, not the state itself */
    void (*pass)(struct autoscaler_view *v); /* NULL: nothing ever */
    bool by_job;                             /* it looks at single jobs that wait */
    bool drains; /* it may stop jobs; of some fleets: autoscaler_drains */
};

/* Whether it may stop jobs that an order has started; NULL may not. The Cluster Autoscaler leaves
 * them alone where the order gives jobs to pools by itself, or holds nodes for a part of a gang, so
 * that what is stopped might not come back to what was seen to be free. */
bool autoscaler_drains_under(const struct autoscaler *a, const struct queue_order *order);
/* Whether the fleet's may stop jobs: it drains, and the scheduler bears that. Who shares a GPU's
 * time, a node's GPUs in parts, or keeps apart from others is not stopped. */
bool autoscaler_drains(const struct fleet_spec *fleet);

/* All of them, ended by NULL; the first is the default. */
extern const struct autoscaler *const autoscalers[];
const struct autoscaler *autoscaler_find(const char *name); /* NULL if unknown */

extern const struct autoscaler autoscaler_static, autoscaler_as_needed, autoscaler_schedule,
    autoscaler_slurm_power_save, autoscaler_target_tracking, autoscaler_cluster,
    autoscaler_predictive, autoscaler_karpenter;

/* Asks for n nodes of a pool; returns how many come: fewer where there is no room for more, or no
 * more can be had. */
int32_t autoscaler_add(struct autoscaler_view *v, int32_t pool, int32_t n);
/* An idle node goes; false where it must stay: the pool has no more than its least, or the
 * scheduler holds something on it. */
bool autoscaler_remove(struct autoscaler_view *v, int32_t pool, int32_t node);
/* What runs on a ready node is stopped as by a preemption and waits again, and the node goes; false
 * where it must stay. Only where can_drain; a node without jobs goes as by autoscaler_remove. */
bool autoscaler_drain(struct autoscaler_view *v, int32_t pool, int32_t node);
/* Idle nodes of a pool go, the longest idle first, until it holds no more than `nodes`. */
void autoscaler_shrink(struct autoscaler_view *v, int32_t pool, int64_t nodes);
/* A booting node goes. */
void autoscaler_cancel(struct autoscaler_view *v, int32_t pool, int32_t node);
/* Asked at that time at the latest. */
void autoscaler_wake(struct autoscaler_view *v, int64_t at_us);
/* Where second 0 stands in its week: microseconds after Monday, 00:00 UTC; 0 where the trace has no
 * dates. */
int64_t autoscaler_into_week_us(const struct autoscaler_view *v);

#endif
