/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trace that might have been: the days or weeks of one that was, drawn with replacement.
 *
 *      the trace        | Mon | Tue | Wed | Thu | ...     whole blocks, from second 0 on
 *      a replication    | Tue | Thu | Tue | Mon | ...     one drawn for each block of it
 *
 * A block bootstrap of blocks that do not overlap (Carlstein 1986; Kuensch 1989 of those that do):
 * what depends on each other within a block stays together, blocks are taken for independent.
 * Blocks begin where second 0 lies in its day, so that a job keeps its hour of the day, in blocks
 * of a week its hour of the week; with `alike` 7, blocks of a day come from the same day of the
 * week alone. A trace's last block, where it is not whole, is drawn from the whole ones and cut; it
 * is itself never drawn. A job keeps all but its times, which move with its block.
 */
#ifndef MODELS_WORKLOAD_BOOTSTRAP_H
#define MODELS_WORKLOAD_BOOTSTRAP_H

#include "models/workload/workload.h"
#include "sim/random.h"

struct bootstrap {
    int64_t block_us; /* > 0 */
    int64_t alike;    /* block k is drawn from those whose number leaves the same rest; >= 1 */
    int64_t span_us;  /* jobs are submitted from 0 up to and with this */
};

/* How many whole blocks there are; each must have two to be drawn from: 2 x alike. */
int64_t bootstrap_blocks(const struct bootstrap *b);
/* Draws, and seals; out is the caller's to free. The second time a block is taken its jobs' ids get
 * a ~2, the third time a ~3. */
enum status bootstrap_draw(const struct workload *w, const struct bootstrap *b,
                           struct random_key key, struct workload *out, struct error *err);
/* The mean of the GPU-hours that draws ask for, exactly: that of all draws there can be. */
double bootstrap_mean_gpu_hours(const struct workload *w, const struct bootstrap *b);

#endif
