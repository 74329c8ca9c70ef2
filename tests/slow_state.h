/* SPDX-License-Identifier: Apache-2.0 */
/* A plain scheduler while it runs: for slow_scheduler.c, which keeps the time, and the files of
 * slow queue orders. */
#ifndef TESTS_SLOW_STATE_H
#define TESTS_SLOW_STATE_H

#include "tests/slow_scheduler.h"

enum job_state { COMING, WAITING, RUNNING, DONE, REFUSED };

enum { SLOW_LEVELS_MAX = 512, SLOW_AWAY = 1000000 };

struct slow_kueue_job {
    int32_t queue; /* ClusterQueue */
    int flavor[4]; /* while it runs: by resource */
    int aside;     /* while it waits: it is not looked at, and until when; slow_kueue.c */
};

struct slow_gang {  /* of the order coscheduling */
    int pods, each; /* each: GPUs of every pod but the last, which has the rest */
    unsigned pools; /* that have room for all pods when they are empty */
    int placed;     /* so many pods have a node, all in one pool */
    int *node;      /* by pod: where it lies */
    int64_t *since; /* by pod: when it got its node */
    int64_t retry;  /* it is not tried before */
    int failures;
};

struct slow {
    const struct workload *w;
    const struct simulate_fleet *fleet;
    int pool_n, node_n;
    int pool_of[4096], room[4096]; /* by node of the fleet: its pool, its free GPUs */
    int down[4096],
        has_outages;       /* by node: it is not there, and its room far below 0; jobs may fail */
    int64_t changed[4096]; /* by node: when it went or came last */
    int first[SIMULATE_POOLS_MAX]; /* first node of each pool */
    enum job_state *state;
    int *first_of; /* by job: the node it was put on first */
    int picked;    /* the node of the last placement's first piece */
    int **held;    /* by job: GPUs held on each node, NULL where it does not run */
    int64_t now, *start, *end, *expected;
    int64_t shadow;
    int has_reservation, reserved_pool,
        left[4096]; /* left[node]: for others at the shadow time; -1 = not reserved */
    size_t head;
    int released;          /* since the last pass */
    int *ends_now;         /* by job: among the ends of this instant that are being gone through */
    int64_t wake, pass_at; /* when the order wants a pass; when one is due; INT64_MAX = never */
    /* conservative, by job: what it is promised, -1 = nothing yet, and whether that has passed. */
    int64_t *promised;
    int *promised_pool, *overdue;
    int loose; /* something became free that a promise may use */
    /* slurm-backfill: when the loops are due, INT64_MAX = not; by job, whether it came since the
     * last pass; whether some job came or ended. */
    int64_t backfill_at, main_at, full_at, last_main;
    int *comer, asked;
    /* Preemption, by job: work_left at `since`, and whether it ever ran; all jobs as they were
     * sorted last. */
    int64_t *work_left, *since;
    int *started;
    uint32_t *failures;       /* how often it lost its nodes */
    int *will_fail, *failed;  /* its end is a failure; it has failed, and is to wait again */
    int64_t *would_end;       /* its end, if it is no failure */
    uint32_t *stops, *queued; /* queued: those of them after which it has joined the queue */
    int64_t *turn;            /* counts starts and stops: greater is later */
    int64_t turns;
    int64_t *owed, *lost;      /* the restart before it; time that was not run to be kept */
    int64_t *on_gpus, *gpu_us; /* time on GPUs, and x GPUs, up to now or to its last stop */
    size_t *list, list_n;
    /* Levels, by job: its level, what it had attained at `since`, and when it was stopped. */
    int64_t *level, *attained, *gone;
    int64_t place[SLOW_LEVELS_MAX], place_n; /* gittins-2d, by level */
    /* qssf: jobs that ended, in the order in which they did; by job, whether it came since the last
     * pass, and its predicted time x GPUs. */
    size_t *ended, ended_n;
    int *fresh;
    int64_t *service;
    /* Shares: by account, which is the first job of the same user of a tenant (or of the tenant),
     * what it has used at calc_at. */
    double *used;
    int64_t calc_at;
    /* Rounds, by job and pool; arrivals and ends before the last shares; times, -1 = never. */
    int64_t (*share)[SIMULATE_POOLS_MAX], (*received)[SIMULATE_POOLS_MAX],
        (*behind)[SIMULATE_POOLS_MAX];
    size_t shared_moves;
    int64_t next_round, last_round, shares_at;
    int *size;      /* by job: GPUs that it has, or needs at least; 0 = those that it asks for */
    size_t blocked; /* elastic orders: the head as of the last pass */
    struct slow_kueue_job *kueue; /* by job */
    struct slow_gang *gang;       /* by job */
    int64_t gang_timeouts, half_placed_gpu_us;
    struct slow_spot_event *spot; /* of spot nodes, in order; the next of them */
    size_t spot_n, spot_at;
    int64_t given_back[4096]; /* by node: when it is, though nothing comes of that; INT64_MAX */
};

/* What the job is believed to run for. */
int64_t slow_estimate(const struct slow *s, size_t j);
int slow_gpus(const struct slow *s, size_t j);
/* What of a running job's GPUs others may have after it: not those on nodes that are not there. */
int slow_gpus_left(const struct slow *s, size_t j);
/* Of the pool's nodes that are there. */
int slow_gpus_up(const struct slow *s, int pool);
/* One node of the pool for so many GPUs by the placement rule; -1 = none has them. */
int slow_node(const struct slow *s, int pool, int gpus);
/* Whether the job may be started in the pool now, with respect for the reservation if there is one;
 * take[] is what it would hold. */
int slow_room(struct slow *s, size_t j, int pool, int *take);
/* Counts what it takes of the reservation, and starts it. */
void slow_start_beside(struct slow *s, size_t j, int pool, const int *take);
/* Starts the job in the first pool in which it fits, whatever is reserved. */
int slow_try(struct slow *s, size_t j);
/* The same, but in none of these pools (bits). */
int slow_try_but(struct slow *s, size_t j, unsigned closed);
/* Whether the pool is for jobs of its queue. */
int slow_may_use(const struct slow *s, size_t j, int pool);
/* A reservation for the head. */
void slow_reserve(struct slow *s, size_t head);
/* The waiting job that comes first in the order, but for those marked (NULL: none are); job_n where
 * nobody waits. */
size_t slow_next(const struct slow *s, const char *but);
/* When it was put on the nodes that it holds. */
int64_t slow_held_since(const struct slow *s, size_t j);
/* When a running job is expected to end: an instant after its start at the least. */
int64_t slow_held_until(const struct slow *s, size_t j);

void slow_conservative_pass(struct slow *s);
/* Promises anew where more of the pool is promised than there is: a node has gone. */
void slow_conservative_relieve(struct slow *s, int pool);
void slow_slurm_pass(struct slow *s);
/* Whether the limits let the job never run, or not be submitted now. */
int slow_limits_refuse(const struct slow *s, size_t j);
/* What holds it: 0 nothing, 1 the number of jobs, 2 GPUs. */
int slow_limits_hold(const struct slow *s, size_t j);
void slow_preempt_came(struct slow *s, size_t j);
void slow_preempt_pass(struct slow *s);
void slow_levels_init(struct slow *s);
void slow_evict_pass(struct slow *s);
void slow_qssf_arrive(struct slow *s, size_t j);
void slow_qssf_pass(struct slow *s);
void slow_share_pass(struct slow *s);
/* Works out what accounts have used by now. */
void slow_share_advance(struct slow *s);
int64_t slow_share_next_calc(const struct slow *s);
/* The waiting job that comes first for whose it is, but for those marked (NULL: none are). */
size_t slow_share_next(const struct slow *s, const char *but);
void slow_kueue_pass(struct slow *s);
/* Whether the job can ever run; it waits then. */
int slow_kueue_arrive(struct slow *s, size_t j);
/* The job has left its nodes: some that have stepped aside are looked at again. */
void slow_kueue_left(struct slow *s, size_t job);
/* Whether some pool has room for all pods of the job when it is empty; it waits then. */
int slow_coscheduling_arrive(struct slow *s, size_t j);
void slow_coscheduling_pass(struct slow *s);
/* How fast the job works where it runs, and how long all that is left of it takes there. */
double slow_speed(const struct slow *s, size_t j);
int64_t slow_run_time(const struct slow *s, size_t j);
/* What it does there in so much run time; no more than is left. */
int64_t slow_work_in(const struct slow *s, size_t j, int64_t time);
/* Run time since it was put there, in a checkpoint or not. */
int64_t slow_run_by_now(const struct slow *s, size_t j);
void slow_elastic_arrive(struct slow *s, size_t j);
void slow_elastic_pass(struct slow *s);
void slow_rounds_init(struct slow *s);
/* A job waits; where it is the only one rounds begin anew. */
void slow_rounds_came(struct slow *s, size_t j);
void slow_rounds_pass(struct slow *s);
/* When a job that starts now ends, or fails by itself. */
void slow_set_end(struct slow *s, size_t j);
/* How long a job that starts holds its GPUs if nobody stops it. */
int64_t slow_stay(const struct slow *s, size_t j);
/* A running job is taken off a spot node: told so long before, or so long ago, if it ran on. */
void slow_reclaim(struct slow *s, size_t j, int64_t told, int ran_on);
void slow_lose_to_reclaim(struct slow *s, size_t j, int64_t told, int ran_on);
int64_t slow_write_time(const struct slow *s, size_t j);
void slow_spot_init(struct slow *s);
int64_t slow_spot_next(const struct slow *s);
void slow_spot_change(struct slow *s);
/* A running job loses its nodes without warning; then what its order makes of that. */
void slow_fail(struct slow *s, size_t j);
void slow_preempt_failed(struct slow *s, size_t j);
void slow_rounds_failed(struct slow *s, size_t j, int pool);
void slow_kueue_failed(struct slow *s, size_t j);
void slow_kueue_node_came(struct slow *s);
/* Gangs that are half placed lose all that they have where one of their pods is on the node. */
void slow_coscheduling_node_goes(struct slow *s, int node);
/* Takes a running job off its nodes; lets a waiting one start, or go on with what it has left. */
void slow_stop(struct slow *s, size_t j);
void slow_go_on(struct slow *s, size_t j, int pool, const int *take);

#endif
