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
    uint32_t preemptions;
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

/* State at a sample instant, and means since the sample before it. */
struct sample_record {
    int64_t time_us;
    int64_t queued_jobs, queued_gpus, running_jobs; /* at the instant */
    int64_t busy_gpu_us; /* GPU-microseconds held since the previous sample */
    int64_t bought_gpu_us;
};

struct observer {
    void *context;
    void (*job)(void *context, const struct job_record *record);
    void (*node)(void *context, const struct node_record *record);
    void (*sample)(void *context, const struct sample_record *record);
};

#endif
