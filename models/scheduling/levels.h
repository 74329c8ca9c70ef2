/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levels of attained service: how long a job has run, or for how many GPU microseconds, cut into
 * steps. Who has attained least is in level 0.
 *
 *      0 ..... threshold 1 ..... threshold 2 ..... threshold n .....
 *      level 0           level 1           ...     level n
 *
 * or, with a quantum, as many levels as there are multiples of it. A job that has attained exactly
 * a threshold is in the level above. Source: Tiresias (Gu et al., NSDI'19), section 3.2.2,
 * Discretized 2D-LAS; its simulator's queue limits. With a small quantum it is
 * foreground-background (Kleinrock 1976).
 */
#ifndef MODELS_SCHEDULING_LEVELS_H
#define MODELS_SCHEDULING_LEVELS_H

#include <stdint.h>

#include "models/scheduling/options.h"

/* The level of who has attained so much. */
int64_t levels_of(const struct level_options *options, int64_t attained);
/* What is attained where the level ends, INT64_MAX = never. */
int64_t levels_end(const struct level_options *options, int64_t level);

#endif
