/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small print of a scheduler: what decides start times and yet is in no policy's name.
 *
 *      backfill   what is believed of run times, who may pass a blocked head, in which order
 *      levels     how attained service is cut into levels, and who is lifted out of them
 *      restart    what a preempted job keeps of its work, and what it costs to go on
 *      predictor  what run times an order believes that goes by predicted ones
 *      share      what a tenant's share is, and what makes a job's priority
 *      limits     what jobs of a queue, a tenant or a user may hold
 *      ties       who of two jobs of equal rank goes first, where running jobs are ranked, too
 *      scatter    what it costs a gang to lie on more nodes than it must
 *      sharing    whether a part of a GPU may be held
 *      neighbours who may not be beside whom on a node
 *      remainder  which node has what is left of a gang beyond its whole nodes
 *      rounds     how long a round is, and how long shares of GPUs stand
 *      elastic    between how many GPUs a job may be sized, and how fast it is on them
 *      timing     when passes are made, and what comes first within an instant
 *
 * A struct of zeros is the default of everything: it is what the tables list first, and a number of
 * 0 means the default that its comment gives. Which orders know which options is
 * options_refusal's to say. The tables are read by the scenario language, error messages, `seatrial
 * list` and the manual.
 */
#ifndef MODELS_SCHEDULING_OPTIONS_H
#define MODELS_SCHEDULING_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/fleet/gpu_costs.h"

/* A number as it is given, or its default where it is 0. */
static inline int64_t option_or(int64_t value, int64_t otherwise)
{
    return value ? value : otherwise;
}

/* How an order backfills, which decides the options it knows. */
enum backfill { BACKFILL_NONE, BACKFILL_EASY, BACKFILL_CONSERVATIVE, BACKFILL_SLURM };

/* A later job that would end exactly at the shadow time may start, or may not. */
enum shadow_rule { SHADOW_ENDS_BY, SHADOW_ENDS_BEFORE };
/* Of the jobs expected to end at the shadow time, all count as gone, or in order of arrival only as
 * many as the head needs. */
enum extra_rule { EXTRA_ALL_FREED, EXTRA_AS_NEEDED };
/* Who is looked at first behind a blocked head. */
enum scan_rule { SCAN_ARRIVAL, SCAN_SHORTEST };
/* What is believed: the user's limit (the run time where there is none), or the true run time. */
enum estimate_rule { ESTIMATES_LIMITS, ESTIMATES_PERFECT };

struct backfill_options {
    enum shadow_rule shadow;
    enum extra_rule extra;
    enum scan_rule scan;
    enum estimate_rule estimates;
    int64_t estimate_ppm; /* each estimate times this many millionths; 0 = 1,000,000 */
    /* Slurm's bf_interval, bf_window, bf_resolution and bf_max_job_test; 0 = the values below. */
    int64_t interval_us, window_us, resolution_us, max_job_test;
    /* Of its main loop: default_queue_depth, 0 = all; sched_interval, 0 = the value below;
     * batch_sched_delay, 0 = none. */
    int64_t queue_depth, sched_interval_us, sched_delay_us;
};

/* slurm.conf(5), SchedulerParameters. */
#define SLURM_INTERVAL_US       (INT64_C(30) * 1000000)
#define SLURM_WINDOW_US         (INT64_C(1440) * 60 * 1000000)
#define SLURM_RESOLUTION_US     (INT64_C(60) * 1000000)
#define SLURM_SCHED_INTERVAL_US (INT64_C(60) * 1000000)
enum { SLURM_MAX_JOB_TEST = 500 };

/* What jobs may hold, and how many there may be: limits.h. Of the jobs that an entry is for, all
 * together, each user's, each tenant's: so many GPUs and jobs that run, so many that are submitted.
 * And of one job. */
enum { LIMIT_OF_ALL, LIMIT_OF_USER, LIMIT_OF_TENANT, LIMIT_WHOSE };
enum limit {
    LIMIT_GPUS, /* LIMIT_OF_ALL */
    LIMIT_JOBS,
    LIMIT_SUBMIT,
    LIMIT_COUNTS, /* so many of each */
    LIMIT_GPUS_PER_USER = LIMIT_COUNTS * LIMIT_OF_USER,
    LIMIT_JOBS_PER_USER,
    LIMIT_SUBMIT_PER_USER,
    LIMIT_GPUS_PER_TENANT = LIMIT_COUNTS * LIMIT_OF_TENANT,
    LIMIT_JOBS_PER_TENANT,
    LIMIT_SUBMIT_PER_TENANT,
    LIMIT_GPUS_PER_JOB = LIMIT_COUNTS * LIMIT_WHOSE,
    LIMIT_WALL_PER_JOB, /* microseconds */
    LIMIT_N
};

struct limit_entry {
    const char *queue, *tenant, *user; /* whom it is for; NULL: any */
    int64_t most[LIMIT_N];             /* 0: no limit */
};

/* By enum limit: "gpus", "gpus_per_user". */
extern const char *const limit_names[LIMIT_N];

struct limit_options {
    struct limit_entry *entries; /* borrowed */
    size_t n;
};

/* Run times that jobs are put in order by: guessed from those that have ended (history.h), or true.
 */
enum predictor_rule { PREDICTOR_HISTORY, PREDICTOR_PERFECT };

/* Who of two jobs of equal rank goes first: who came first, who was first at the pass before, or
 * who waits. */
enum tie_rule { TIES_ARRIVAL, TIES_PREVIOUS, TIES_WAITING };

enum { LEVEL_THRESHOLDS_MAX = 16 };

/* Levels of attained service: models/scheduling/levels.h. */
struct level_options {
    int64_t threshold_us[LEVEL_THRESHOLDS_MAX]; /* growing; of time, or of time x GPUs */
    int32_t threshold_n;                        /* 0 = 3,250 s and 7,200 s, Tiresias' */
    int64_t quantum_us;  /* not 0: a level for each multiple of it, instead of thresholds */
    int64_t promote_ppm; /* lifted to level 0 after waiting this many millionths of what it
                            attained; 0 = never */
};

/* What is there of a job's work when it is preempted: all of it, nothing, or what it had done at
 * the last checkpoint. */
enum checkpoint_rule { CHECKPOINT_AT_STOP, CHECKPOINT_NEVER, CHECKPOINT_INTERVAL };
/* What is owed by a job that is preempted in its restart: one whole restart, or that and the rest
 * of the one cut short. */
enum restart_rule { RESTART_WHOLE, RESTART_ADDS_UP };
/* Run time between checkpoints: as given, or what loses least by a formula of
 * models/reliability/checkpoint_interval.h. */
enum interval_rule { INTERVAL_GIVEN, INTERVAL_YOUNG, INTERVAL_DALY };
enum { INTERVAL_LEAST_US = 1000000 }; /* of the formulas */

struct restart_options {
    enum checkpoint_rule checkpoint;
    enum interval_rule interval; /* CHECKPOINT_INTERVAL */
    int64_t interval_us;         /* INTERVAL_GIVEN: more than 0 */
    double node_mtbf_us;         /* INTERVAL_YOUNG, INTERVAL_DALY: of a node, */
    int32_t node_gpus;           /* which has so many GPUs */
    struct gpu_costs write;      /* CHECKPOINT_INTERVAL: the job stands still for so long at each */
    struct gpu_costs cost;       /* a preempted job holds its GPUs for so long before it goes on */
    enum restart_rule cut_short;
};

/* Who has a part of something, and how much. */
struct named_number {
    const char *name;
    int64_t number;
};

/* What is said of the name, else of "all", else `otherwise`. */
int64_t named_number_of(const struct named_number *numbers, size_t n, const char *name,
                        int64_t otherwise);

/* How fast a gang runs on more nodes than the fewest, by class, in millionths; "all": of every
 * other class. 1 where nothing is said. Borrowed. */
struct scatter_options {
    struct named_number *speed;
    size_t n;
};

/* Slurm's fair-share factor: Fair Tree, or the one before it (PriorityFlags=NO_FAIR_TREE). */
enum fairshare_rule { FAIRSHARE_TREE, FAIRSHARE_CLASSIC };
/* Slurm's PriorityFavorSmall. */
enum favor_rule { FAVOR_LARGE, FAVOR_SMALL };

struct share_options {
    /* Points of priority for a factor of 1: Slurm's PriorityWeight...; all 0 by default, as there.
     */
    int64_t weight_age, weight_fairshare, weight_size, weight_partition, weight_qos;
    enum fairshare_rule fairshare;
    enum favor_rule favor;
    int64_t age_max_us; /* the age at which its factor is 1; 0 = the value below, as the next two */
    int64_t half_life_us, period_us;
    struct named_number *shares;     /* by tenant, millionths; 1 where nothing is said. Borrowed. */
    struct named_number *partitions; /* by queue; 1 where nothing is said. Borrowed. */
    size_t share_n, partition_n;
};

/* slurm.conf(5): PriorityMaxAge, PriorityDecayHalfLife, PriorityCalcPeriod. */
#define SHARE_AGE_MAX_US   (INT64_C(7) * 86400 * 1000000)
#define SHARE_HALF_LIFE_US (INT64_C(7) * 86400 * 1000000)
#define SHARE_PERIOD_US    (INT64_C(5) * 60 * 1000000)

/* Rounds with shares of GPUs: models/scheduling/shares.h. */
struct round_options {
    int64_t round_us;  /* 0 = 360 s */
    int64_t shares_us; /* shares stand for at least this; 0 = 1,920 s */
};

/* Gavel's simulator (OSDI'20): its round, and its least time between allocations. */
#define ROUND_US        (INT64_C(360) * 1000000)
#define ROUND_SHARES_US (INT64_C(1920) * 1000000)

/* How fast a job is on so many GPUs, against one: GPUs to a power, or measured points. */
enum { SPEEDUP_POINTS_MAX = 16 };

struct speedup_curve {
    const char *name;     /* of a class; "all": of every other class. Borrowed. */
    int64_t exponent_ppm; /* where there are no points */
    int32_t point_n;      /* on more GPUs than on 1, where it is 1; growing, and no slower */
    struct {
        int64_t gpus, ppm;
    } point[SPEEDUP_POINTS_MAX];
};

/* How jobs may be sized, by class: models/scheduling/elasticity.h. "all": of every other class.
 * Borrowed. */
struct elastic_options {
    struct named_number *least, *most; /* in millionths of the GPUs asked for; 1 if none is said */
    size_t least_n, most_n;
    struct speedup_curve *curves; /* in proportion to the GPUs where none is said */
    size_t curve_n;
};

/* Whom the head of a queue stops: the least urgent of a pool, or those of one node. */
enum victim_rule { VICTIMS_POOL, VICTIMS_NODE };

/* Whether the pods of a gang are tried one after another, or one of each gang in turn. */
enum pods_rule { PODS_TOGETHER, PODS_IN_TURN };

/* Gangs whose pods wait for each other: models/scheduling/coscheduling.c. */
struct permit_options {
    enum pods_rule pods;
    int64_t timeout_us; /* 0 = 60 s */
    int64_t backoff_us; /* the first; 0 = 1 s */
};

/* The coscheduling plugin's scheduleTimeoutSeconds; kube-scheduler's podInitialBackoffSeconds. */
#define PERMIT_TIMEOUT_US (INT64_C(60) * 1000000)
#define PERMIT_BACKOFF_US (INT64_C(1) * 1000000)

/* Whether a job that asks for less than a GPU holds the whole of one, its part of one, an instance
 * that is at least so large, or, as who asks for just one, a slice of its time. */
enum sharing_rule { SHARING_NONE, SHARING_FRACTIONAL, SHARING_MIG, SHARING_TIME };

/* How many may slice a GPU's time; each holds so many whole thousandths of it that no more fit. */
enum { REPLICAS_MIN = 2, REPLICAS_MAX = 31 };

/* Two jobs of one are never on one node; a job that names none is beside any. */
enum apart_rule { APART_NONE, APART_TENANT, APART_USER, APART_CLASS, APART_QUEUE };
/* A node has jobs of one alone at a time; those that name none are of one, too. */
enum exclusive_rule { EXCLUSIVE_NONE, EXCLUSIVE_TENANT, EXCLUSIVE_USER, EXCLUSIVE_JOB };

struct neighbour_options {
    enum apart_rule apart;
    enum exclusive_rule exclusive;
};

/* Of a gang on the fewest nodes, which has what is left beyond whole ones: as the placement says;
 * the lowest-numbered that fits; that with the fewest free GPUs; with the most; or the next after
 * its whole nodes. */
enum remainder_rule {
    REMAINDER_PLACEMENT,
    REMAINDER_FIRST_FIT,
    REMAINDER_PACK,
    REMAINDER_SPREAD,
    REMAINDER_NEAR
};

/* One pass after all events of an instant, or one after each event, which a cycle rules out. */
enum event_rule { EVENTS_INSTANT, EVENTS_SINGLE };
/* Within an instant. */
enum instant_rule { INSTANT_ENDS_FIRST, INSTANT_SUBMISSIONS_FIRST };

struct timing_options {
    enum event_rule events;
    enum instant_rule instant;
    int64_t cycle_us; /* passes only at multiples of it; 0 = after events, at once */
};

/* One value of an option. */
struct choice {
    const char *name, *summary, *source;
};

/* By their enums; each ends with an entry whose name is NULL. */
extern const struct choice shadow_rules[], extra_rules[], scan_rules[], estimate_rules[],
    predictor_rules[], sharing_rules[], fairshare_rules[], favor_rules[], tie_rules[],
    restart_rules[], event_rules[], instant_rules[], pods_rules[], victim_rules[],
    remainder_rules[], apart_rules[], exclusive_rules[];

enum scheduler_option {
    OPTION_SHADOW,
    OPTION_EXTRA,
    OPTION_SCAN,
    OPTION_ESTIMATES,
    OPTION_ESTIMATE_FACTOR,
    OPTION_BF_INTERVAL,
    OPTION_BF_WINDOW,
    OPTION_BF_RESOLUTION,
    OPTION_BF_MAX_JOB_TEST,
    OPTION_DEFAULT_QUEUE_DEPTH,
    OPTION_SCHED_INTERVAL,
    OPTION_BATCH_SCHED_DELAY,
    OPTION_LIMITS,
    OPTION_PREDICTOR,
    OPTION_WEIGHT_AGE,
    OPTION_WEIGHT_FAIRSHARE,
    OPTION_WEIGHT_SIZE,
    OPTION_WEIGHT_PARTITION,
    OPTION_WEIGHT_QOS,
    OPTION_FAIRSHARE,
    OPTION_FAVOR,
    OPTION_AGE_MAX,
    OPTION_PARTITIONS,
    OPTION_HALF_LIFE,
    OPTION_CALC_PERIOD,
    OPTION_SHARES,
    OPTION_TIES,
    OPTION_LAS_THRESHOLDS,
    OPTION_LAS_QUANTUM,
    OPTION_LAS_PROMOTE,
    OPTION_RESTART_COST,
    OPTION_RESTART_CUT,
    OPTION_CHECKPOINT,
    OPTION_CHECKPOINT_COST,
    OPTION_GPU_SHARING,
    OPTION_REPLICAS,
    OPTION_REMAINDER,
    OPTION_ANTI_AFFINITY,
    OPTION_EXCLUSIVE,
    OPTION_SCATTERED_SPEED,
    OPTION_CROSS_RACK_SPEED,
    OPTION_ROUND,
    OPTION_ROUND_SHARES,
    OPTION_KUEUE,
    OPTION_VICTIMS,
    OPTION_PODS,
    OPTION_PERMIT_TIMEOUT,
    OPTION_PERMIT_BACKOFF,
    OPTION_ELASTIC_MIN,
    OPTION_ELASTIC_MAX,
    OPTION_SPEEDUP,
    OPTION_N
};
struct queue_order;
/* Whether some factor makes a priority. */
static inline bool share_options_weigh(const struct share_options *o)
{
    return o->weight_age || o->weight_fairshare || o->weight_size || o->weight_partition ||
           o->weight_qos;
}
/* Why an order does not know the option, for a person; NULL where it does. */
const char *options_refusal(const struct queue_order *order, enum scheduler_option option);

#endif
