/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of levels of attained service by the Gittins index.
 *
 * Of the jobs whose service S (GPU time in all) is more than the level's lower end a, and for each
 * upper end e of it or of a later level, or without end:
 *
 *      G = jobs with S <= e / sum of (min(S, e) - a)        a level's index is its largest G
 *
 * how likely a job of the level is to end, for what is spent on it: Tiresias (Gu et al., NSDI'19),
 * section 3.2.2, 2D-Gittins; Gittins 1979. The largest index goes first, of equals the lowest
 * level; levels that no job attains come last. The distribution is that of the workload's jobs: the
 * whole is known, and nothing of any one of them. CPU jobs have no service and are not in it.
 *
 * Ratios are compared exactly, in whole microseconds.
 */
#ifndef MODELS_SCHEDULING_GITTINS_H
#define MODELS_SCHEDULING_GITTINS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/scheduling/options.h"
#include "models/workload/workload.h"

enum { GITTINS_LEVELS_MAX = 1024 };

/* Where each level stands, and which level stands where; those beyond n in order of number. */
struct level_order {
    int64_t n;
    int64_t *place, *level;
};

/* false: no memory; free it then, too. Without thresholds a quantum's first GITTINS_LEVELS_MAX
 * levels are ordered. O(jobs x log levels + levels^2). */
bool level_order_init(struct level_order *o, const struct level_options *options,
                      const struct workload *workload);
void level_order_free(struct level_order *o);

static inline int64_t place_of_level(const struct level_order *o, int64_t level)
{
    return level < o->n ? o->place[level] : level;
}

static inline int64_t level_of_place(const struct level_order *o, int64_t place)
{
    return place < o->n ? o->level[place] : place;
}

#endif
