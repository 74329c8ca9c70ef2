/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs that wait, in the order in which they began to: a job that is stopped comes last, as a pod
 * that is created anew.
 *
 *      first -> job 7 -> job 9 -> job 3 (stopped, waits again) -> last
 *
 * Coming and going cost O(1). Owns its memory, one entry a job.
 */
#ifndef MODELS_AUTOSCALING_PENDING_H
#define MODELS_AUTOSCALING_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PENDING_NONE = UINT32_MAX };

struct pending_job {
    uint32_t before, after; /* PENDING_NONE: none is */
    uint32_t demand;
    uint64_t number; /* of those that came, from 1: it rises along the line */
};

struct pending {
    struct pending_job *jobs;
    uint32_t first, last;
    uint64_t come_n; /* that ever began to wait */
};

/* false: no memory. */
bool pending_init(struct pending *p, size_t jobs);
void pending_free(struct pending *p);
void pending_comes(struct pending *p, uint32_t job, uint32_t demand);
void pending_leaves(struct pending *p, uint32_t job);

#endif
