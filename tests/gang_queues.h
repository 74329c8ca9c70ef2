/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gang queues of every kind that the Monte Carlo model knows, for tests that hold one way of
 * computing them against another.
 */
#ifndef TESTS_GANG_QUEUES_H
#define TESTS_GANG_QUEUES_H

#include "models/montecarlo/queue.h"

struct gang_queue {
    const char *name;
    uint32_t servers;
    double load;         /* offered over servers */
    double sigma;        /* of log-normal runs by long tables; 0: exponential, by short ones */
    uint32_t sizes[6];   /* of gangs, equally likely; ended by 0 */
    uint32_t batches[4]; /* equally likely, ended by 0; none: single jobs */
    double spread;       /* within a batch, in mean runs */
    bool weekly;         /* runs of two hours; else of one */
    bool instant;        /* one class in two runs for no time at all */
    bool coarse;         /* runs and gaps of a few ticks, so that much happens at once */
};

extern const struct gang_queue gang_queues[];
enum { GANG_QUEUE_N = 17, GANG_QUEUE_JOBS = 4000 };

/* Fails the test where it cannot be made. The caller frees the laws by queue_laws_free. */
void gang_queue_plan(const struct gang_queue *q, uint64_t seed, struct queue_laws *laws,
                     struct queue_plan *plan);

/* Room for a path; freed by gang_path_free. */
void gang_path_init(struct queue_path *path, uint32_t jobs);
void gang_path_free(struct queue_path *path);

#endif
