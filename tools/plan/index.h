/* SPDX-License-Identifier: Apache-2.0 */
/* The candidates of a plan, by where they are and by what their figures follow from. */
#ifndef TOOLS_PLAN_INDEX_H
#define TOOLS_PLAN_INDEX_H

#include <stdint.h>

#include "sim/status.h"

struct plan_candidate;

struct plan_index { /* trees of <search.h>; begins zeroed */
    void *place, *identity, *usage;
};

/* A candidate that is looked at. */
enum status index_add(struct plan_index *index, struct plan_candidate *c);
/* One that was simulated: the first of its identity, and the last of its usage. */
enum status index_simulated(struct plan_index *index, struct plan_candidate *c);

/* NULL: there is none. */
struct plan_candidate *index_at(const struct plan_index *index, int64_t point, int32_t fleet);
struct plan_candidate *index_of_identity(const struct plan_index *index, const char *identity);
struct plan_candidate *index_of_usage(const struct plan_index *index, const char *usage);

void index_free(struct plan_index *index);

#endif
