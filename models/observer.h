/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a running model tells the outside. A world calls these in order of simulated time; any may
 * be NULL. The observer must not touch the world. Times in microseconds from the workload's t0.
 */
#ifndef MODELS_OBSERVER_H
#define MODELS_OBSERVER_H

#include <stdint.h>

enum job_outcome { OUTCOME_FINISHED, OUTCOME_REJECTED };

struct job_record {
    uint32_t job; /* index in the workload */
    enum job_outcome outcome;
    const char *reason;       /* why rejected, NULL otherwise; static text */
    int64_t start_us, end_us; /* first start, last end; -1 where rejected */
    int64_t held_us;          /* time on GPUs in between; less than end - start if preempted */
    int64_t lost_us;          /* of that: restarts, checkpoints, work that was done again */
    uint32_t preemptions, reclaims;
    int32_t pool;        /* -1 where rejected */
    int64_t gpu_milli;   /* thousandths of GPUs held, the mean where it was sized; where rejected,
                            asked for */
    int32_t nodes;       /* nodes the gang lies on */
    int32_t first_node;  /* number in the fleet, -1 where rejected */
    uint8_t first_slots; /* of an instance of a GPU, as bits: models/fleet/mig.h; 0 = none */
    uint16_t first_mask; /* its GPUs there, as bits; 0 where they are not told apart */
    int64_t
        cost_usd_micro; /* the job's share of its nodes' price while it held them (see world.h) */
};

struct node_record {
    int32_t node, pool;
    int64_t up_us, down_us; /* bought from .. to (the books' window) */
    int64_t ready_us;       /* there for jobs from then on; -1: it never was */
    int64_t busy_gpu_us;    /* GPU time held by jobs inside the books' window */
    int64_t cost_usd_micro;
};

/* What a pool used in a clock hour of the books; hours count from the one of second 0. The sums of
 * all hours are the pool's. */
struct hour_record {
    int32_t pool, hour;
    int64_t start_us;       /* of the clock hour; below 0 where second 0 lies within it */
    int64_t bought_node_us; /* node time */
    int64_t bought_gpu_us, held_gpu_us;
    /* Of what was held: work done again and restarts, by the cause of the stop; and checkpoints. */
    int64_t lost_preempted_gpu_us, lost_failed_gpu_us, lost_reclaimed_gpu_us,
        lost_checkpoints_gpu_us;
};

/* What it cost in one: a charge of a kind, for a commitment (of the fleet's, -1: none). */
struct hour_charge_record {
    int32_t pool, hour, commitment;
    int kind;        /* enum charge_kind */
    int64_t node_us; /* node time that it pays for; 0 of a commitment that no usage took */
    int64_t jobs_usd_micro, idle_usd_micro;
};

/* Every node of a fleet is in one of these states. */
struct node_counts {
    int64_t busy;    /* a job is on it */
    int64_t idle;    /* there for jobs, and none is on it */
    int64_t booting; /* asked for, and not ready yet */
    int64_t down;    /* failed, and not repaired yet */
    int64_t absent;  /* there is room for it, and it was not asked for */
};

/* What a service of the fleet cost in a clock hour (models/pricing/services.h). */
struct service_hour_record {
    int32_t service, hour;                   /* of the fleet's, in their order */
    int64_t jobs_usd_micro, fleet_usd_micro; /* jobs' own, and no job's */
};

/* State at a sample instant, and means since the sample before it. */
struct sample_record {
    int64_t time_us;
    int64_t queued_jobs, queued_gpus, running_jobs; /* at the instant */
    int64_t busy_gpu_us; /* GPU-microseconds held since the previous sample */
    int64_t bought_gpu_us;
    struct node_counts nodes; /* at the instant */
};

struct observer {
    void *context;
    void (*job)(void *context, const struct job_record *record);
    void (*node)(void *context, const struct node_record *record);
    void (*sample)(void *context, const struct sample_record *record);
    /* After all else: by pool and hour; and charges, in no order but that of hours; and services,
     * one after another. */
    void (*hour)(void *context, const struct hour_record *record);
    void (*hour_charge)(void *context, const struct hour_charge_record *record);
    void (*service_hour)(void *context, const struct service_hour_record *record);
};

#endif
