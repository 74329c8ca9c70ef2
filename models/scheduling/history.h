/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a job will run, guessed from jobs that have ended.
 *
 *      ended ones of the same ...            of which
 *      user, class and GPUs                  each newer one counts as much as all before it
 *      user and GPUs                         the mean
 *      user                                  the mean
 *      GPUs                                  the mean
 *      all                                   the mean
 *
 * The first row that has jobs is the guess; a user is told apart by tenant and user together. It is
 * the rolling estimate of Helios (Hu et al., SC'21, section 4.2): there the user's jobs of a like
 * name with newer ones weighing more, then those of as many GPUs, then everybody's. Traces have no
 * names of jobs: the class stands for them. Helios' second estimate, by gradient boosted trees, is
 * not in it.
 *
 * Nothing is known of a job before history_learn is told that it has ended. Times are those of the
 * reference GPU, in microseconds. A history owns its memory; one call costs O(1).
 */
#ifndef MODELS_SCHEDULING_HISTORY_H
#define MODELS_SCHEDULING_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "models/workload/workload.h"

struct history_entry; /* history.c */

struct history {
    const struct workload *workload; /* borrowed */
    struct history_entry *entries;   /* open addressing */
    uint32_t n, capacity;
};

void history_init(struct history *h, const struct workload *workload);
void history_free(struct history *h);
/* The job has ended. false: no memory. */
bool history_learn(struct history *h, uint32_t job);
/* What the job will run for; 0 before any job has ended. */
int64_t history_predict_us(const struct history *h, uint32_t job);

#endif
