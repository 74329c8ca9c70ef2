/* SPDX-License-Identifier: Apache-2.0 */
/* Which autoscaler a fleet has, and its options, as data. The rules: autoscaler.h and the file of
 * each. */
#ifndef MODELS_AUTOSCALING_AUTOSCALER_SPEC_H
#define MODELS_AUTOSCALING_AUTOSCALER_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "models/autoscaling/karpenter_spec.h"
#include "models/reliability/duration.h"

struct autoscaler;

/* as_needed.c */
struct as_needed_options {
    bool one_at_a_time;   /* one node of a pool boots at once */
    struct duration idle; /* how long a node is idle before it goes; constant 0 = it goes at once */
};

/* schedule.c: from then on, each week, a pool is to have so many nodes. */
struct week_step {
    int64_t at_us; /* after Monday 00:00 UTC, less than a week */
    int32_t pool, nodes;
};
struct schedule_options {
    const struct week_step *steps; /* in order of time; borrowed */
    int32_t n;
};

/* slurm_power_save.c: parameters of slurm.conf. */
struct power_save_options {
    int64_t suspend_time_us; /* -1: INFINITE, nodes are never suspended */
    int64_t resume_timeout_us, interval_us;
    int32_t resume_rate, suspend_rate; /* nodes a minute; 0 = no limit */
};
void power_save_defaults(struct power_save_options *options);

/* target_tracking.c */
enum track_measure { TRACK_UTILIZATION, TRACK_QUEUE };
struct tracking_options {
    enum track_measure measure;
    int64_t target_ppm;              /* utilization */
    int64_t wait_us, job_us;         /* queue: acceptable wait, mean time of a job */
    int64_t period_us;               /* between two points */
    int32_t out_periods, in_periods; /* points in a row before it acts */
};
void tracking_defaults(struct tracking_options *options);

/* cluster_autoscaler.c: flags of the Kubernetes Cluster Autoscaler. */
enum expander {
    EXPANDER_RANDOM,
    EXPANDER_MOST_PODS,
    EXPANDER_LEAST_NODES,
    EXPANDER_LEAST_WASTE,
    EXPANDER_PRICE,
    EXPANDER_PRIORITY
};
struct cluster_autoscaler_options {
    enum expander expander;
    bool gpu_aware;          /* GPUs count in the order of pods: not so upstream */
    int64_t scan_us;         /* scan-interval */
    int64_t max_per_scaleup; /* max-nodes-per-scaleup */
    int64_t provision_us;    /* max-node-provision-time */
    int64_t backoff_us, backoff_most_us, backoff_reset_us; /* of a pool whose nodes fail to come */
    int64_t unneeded_us;                                   /* scale-down-unneeded-time */
    int64_t after_add_us;                                  /* scale-down-delay-after-add */
    int64_t parallel;                                      /* max-scale-down-parallelism */
    bool safe_to_evict;        /* no: every job is annotated safe-to-evict: "false" */
    int64_t threshold_ppm;     /* scale-down-utilization-threshold */
    int64_t gpu_threshold_ppm; /* scale-down-gpu-utilization-threshold: of nodes with GPUs */
    int64_t recheck_us;        /* of a node whose jobs fit nowhere else */
};
void cluster_autoscaler_defaults(struct cluster_autoscaler_options *options);

/* predictive.c */
enum predict_method { PREDICT_HOUR_OF_WEEK, PREDICT_HOLT_WINTERS };
struct predictive_options {
    enum predict_method method;
    int64_t period_us;    /* of an observation, and between two decisions; an hour has a whole
                             number of them, of whole minutes */
    int64_t horizon_us;   /* looked ahead; 0 = the longest median boot and a period */
    int64_t warm_up_us;   /* no forecast before so much is known */
    int64_t quantile_ppm; /* hour-of-week: of the peaks seen */
    int64_t headroom_ppm; /* on top of the forecast */
};
void predictive_defaults(struct predictive_options *options);

struct autoscaler_spec {
    const struct autoscaler *kind; /* NULL: the first of the table, static */
    struct as_needed_options needed;
    struct schedule_options schedule;
    struct power_save_options power_save;
    struct tracking_options tracking;
    struct cluster_autoscaler_options cluster;
    struct predictive_options predictive;
    struct karpenter_options karpenter;
};

#endif
