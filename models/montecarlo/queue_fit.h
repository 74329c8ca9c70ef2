/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws of a gang queue from a trace.
 *
 *      sizes      GPUs of each job, in servers, rounded up; more than 16 sizes: those of least work
 *                 count as the next larger one
 *      runs       of each size, as they occurred: quantiles of the trace, exact in the mean
 *      batches    a tenant's jobs of one size, each at most batch_gap after the one before; all of
 *                 them count as there when the first is. Each is kept, with its size and mean run
 *      alike      the chance that a job's run is that of its batch: the root of the correlation of
 *                 ranks between one job and the next
 *      gaps       between the first jobs of batches, as they occurred, on the clock of the rate
 *      week       batches by hour of the week where there are twenty for each and four weeks, else
 *                 by hour of the day where there are twenty for each and two days, else constant;
 *                 hours count from time 0 of the trace
 *
 * What is lost: longer memory than batches, trends, and that long runs may come at certain hours.
 * Where the trace has them, waits come out too short: hold a replication of the trace's fleet
 * against the full simulator before believing one of another. Jobs without GPUs are left out; a
 * part of a GPU takes a whole one.
 */
#ifndef MODELS_MONTECARLO_QUEUE_FIT_H
#define MODELS_MONTECARLO_QUEUE_FIT_H

#include "models/montecarlo/queue_laws.h"
#include "models/workload/workload.h"

struct queue_fit_options {
    int32_t server_gpus; /* GPUs of a server: 1, or a node's where gangs take whole nodes */
    double batch_gap_us; /* 0: a minute */
    bool constant_rate;  /* no week */
};

struct queue_fit_report {
    size_t jobs, without_gpus; /* fitted, left out */
    size_t batches;
    double alike;          /* as above */
    uint32_t sizes;        /* in the trace, of which 16 at most became classes */
    double added_work;     /* by rounding sizes up, beyond whole servers: a share of all work */
    uint32_t weekly_hours; /* 168, 24, or 0: constant */
};

/* laws need no init; freed by queue_laws_free where the fit succeeds. Refuses a trace without
 * two batches that begin at different times, jobs beyond QUEUE_SERVERS_MAX and batches beyond 65535
 * jobs. Sorts copies: time n log n, memory 60 bytes a job. report may be NULL. */
enum status queue_fit(const struct workload *w, const struct queue_fit_options *options,
                      struct queue_laws *laws, struct queue_fit_report *report, struct error *err);

#endif
