/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names a scheduler is put together from: a queue order, a placement and options.
 *
 * Each family is a table; help, error messages, `seatrial list` and the manual read it. The rules
 * themselves are in the engines (engine.h) and in placing.c.
 */
#ifndef MODELS_SCHEDULING_POLICY_H
#define MODELS_SCHEDULING_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "models/scheduling/options.h"

struct workload;
struct scheduler_engine;
struct quota_spec;

/* What the order of jobs that can be preempted goes by, smallest first; rank.c. */
enum rank_by {
    RANK_NONE, /* the order does not preempt */
    RANK_WORK_LEFT,
    RANK_SERVICE_LEFT,     /* work left x GPUs */
    RANK_WORK,             /* all of it */
    RANK_ATTAINED,         /* the level of the time on GPUs so far; levels.h */
    RANK_ATTAINED_SERVICE, /* of that time x GPUs */
    RANK_GITTINS,          /* of that, too; levels in the order of gittins.h */
    RANK_GPUS,
    RANK_PRIORITY,
    RANK_EVICT, /* none is ranked: the engine says who is stopped for whom; evict.c, kueue.c */
    /* Whose next GPU comes first; elastic.c. */
    RANK_SIZE_FIFO,
    RANK_SIZE_MAX_MIN,
    RANK_SIZE_MARGINAL,
    /* Shares of pools, received round by round; rounds.c, and shares.h for each. */
    RANK_SHARES_FIFO,
    RANK_SHARES_ISOLATED,
    RANK_SHARES_ANY,
    RANK_SHARES_MAX_MIN,
    RANK_SHARES_FINISH_TIME,
    RANK_SHARES_MAKESPAN,
    RANK_SHARES_THROUGHPUT,
    RANK_SHARES_WORTH
};

static inline bool rank_by_level(enum rank_by rank)
{
    return rank >= RANK_ATTAINED && rank <= RANK_GITTINS;
}

static inline bool rank_by_size(enum rank_by rank)
{
    return rank >= RANK_SIZE_FIFO && rank <= RANK_SIZE_MARGINAL;
}

static inline bool rank_by_shares(enum rank_by rank) { return rank >= RANK_SHARES_FIFO; }

struct queue_order {
    const char *name;
    const char *summary, *source;
    /* Where a job stands: smaller first, ties in order of arrival. NULL: in order of arrival. */
    int64_t (*key)(const struct workload *workload, uint32_t job);
    const struct scheduler_engine *engine;
    enum backfill backfills; /* believes in limits or run times, which a report must say */
    enum rank_by rank;
};

/* PLACE_SCORED: by the score alone; the others find their node without one where no GPU is shared.
 */
enum placement_rule { PLACE_FIRST_FIT, PLACE_PACK, PLACE_SPREAD, PLACE_RANDOM, PLACE_SCORED };

struct node_view; /* scored.h */

/* How well the node serves the request that fits it, more is better, at least 0. Of a request for a
 * part of a GPU *gpu is set to the one that is to have it, if it is not the tightest. */
typedef int32_t placement_score_fn(const struct node_view *node, int *gpu);

struct placement {
    const char *name;
    const char *summary, *source;
    enum placement_rule rule;
    placement_score_fn *score;
};

enum gang_rule {
    GANG_FEWEST_NODES,
    GANG_ANYWHERE,
    GANG_ONE_NODE,
    GANG_FEWEST_RACKS,
    GANG_SPREAD_RACKS
};

static inline bool gang_knows_racks(enum gang_rule gang)
{
    return gang == GANG_FEWEST_RACKS || gang == GANG_SPREAD_RACKS;
}

struct gang {
    const char *name;
    const char *summary, *source;
};

/* These tables end with an entry whose name is NULL. */
extern const struct queue_order queue_orders[];
extern const struct placement placements[];
extern const struct gang gangs[];                             /* by enum gang_rule */
const struct queue_order *queue_order_find(const char *name); /* NULL if unknown */
const struct placement *placement_find(const char *name);

struct scheduler_spec {
    const struct queue_order *order;     /* default fifo */
    const struct placement *placement;   /* default pack */
    enum gang_rule gang;                 /* default GANG_FEWEST_NODES */
    enum sharing_rule sharing;           /* default SHARING_NONE */
    int32_t replicas;                    /* of SHARING_TIME */
    enum remainder_rule remainder;       /* of GANG_FEWEST_NODES */
    struct neighbour_options neighbours; /* of orders that neither plan nor preempt */
    struct scatter_options scatter;      /* of gangs that may lie anywhere */
    struct scatter_options cross_rack;   /* of gangs on more racks than the fewest */
    struct backfill_options backfill;    /* of orders that backfill */
    enum predictor_rule predictor;       /* of orders that predict run times */
    struct share_options share;          /* of orders that know whose a job is */
    enum tie_rule ties;                  /* of orders that rank jobs by the work they have left */
    struct level_options levels;         /* of orders that rank jobs by attained service */
    struct restart_options restart;      /* of orders that preempt */
    struct round_options rounds;         /* of orders that share GPUs round by round */
    enum victim_rule victims;            /* of the order priority-evict */
    struct permit_options permit;        /* of the order coscheduling */
    struct elastic_options elastic;      /* of orders that size jobs */
    struct limit_options limits;         /* of the order slurm-backfill */
    const struct quota_spec *quota;      /* of the order kueue; NULL, borrowed */
    struct timing_options timing;
};

/* Whether it looks at each GPU of a node: to share it, or to score the node. */
bool scheduler_looks_at_gpus(const struct scheduler_spec *spec);
/* Whether it places pods one by one, so that the gang rule says nothing. */
bool scheduler_places_pods(const struct scheduler_spec *spec);
/* Whether it ranks jobs by true run times, which no scheduler knows. */
bool scheduler_knows_run_times(const struct scheduler_spec *spec);
/* Whether it ranks jobs by run times guessed from jobs that have ended. */
bool scheduler_predicts_run_times(const struct scheduler_spec *spec);

#endif
