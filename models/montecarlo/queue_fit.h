/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws of a gang queue from a trace.
 *
 *      sizes      GPUs of each job, in servers, rounded up; more than 16 sizes: those of least work
 *                 count as the next larger one
 *      runs       of each size, as they occurred: quantiles of the trace, exact in the mean
 *      batches    jobs less than batch_gap after the one before belong to its batch
 *      gaps       between batches, and within them, as they occurred, on the clock of the rate
 *      week       arrivals of batches by hour of the week where there are twenty for each hour and
 *                 four weeks, else by hour of the day where there are twenty for each and two days,
 *                 else constant; hours count from time 0 of the trace
 *
 * What is lost: which user a batch is of, longer memory than batches, and that long runs may come
 * at certain hours. Jobs without GPUs are left out; a part of a GPU takes a whole one.
 */
#ifndef MODELS_MONTECARLO_QUEUE_FIT_H
#define MODELS_MONTECARLO_QUEUE_FIT_H

#include "models/montecarlo/queue_laws.h"
#include "models/workload/workload.h"

struct queue_fit_options {
    int32_t server_gpus; /* GPUs of a server: 1, or a node's where gangs take whole nodes */
    double batch_gap_us; /* 0: a tenth of the mean time between jobs */
    bool constant_rate;  /* no week */
};

struct queue_fit_report {
    size_t jobs, without_gpus; /* fitted, left out */
    size_t batches;
    uint32_t sizes;        /* in the trace, of which 16 at most became classes */
    double added_work;     /* by rounding sizes up, beyond whole servers: a share of all work */
    uint32_t weekly_hours; /* 168, 24, or 0: constant */
};

/* laws need no init; freed by queue_laws_free where the fit succeeds. Refuses a trace of fewer than
 * two jobs with GPUs, one whose jobs all come at once, and jobs beyond QUEUE_SERVERS_MAX. Sorts
 * copies: time n log n, memory 40 bytes a job. report may be NULL. */
enum status queue_fit(const struct workload *w, const struct queue_fit_options *options,
                      struct queue_laws *laws, struct queue_fit_report *report, struct error *err);

#endif
