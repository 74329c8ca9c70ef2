/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who runs on which node of the fleet, for autoscalers that look at single jobs.
 *
 *      node 0 -> slot 7 -> slot 2
 *      node 1 -> none
 *      node 2 -> slot 7             a gang is on each of its nodes
 *
 * In no order that means anything. Coming costs O(1), leaving what there are jobs on the node. Owns
 * its memory; it allocates where more are on nodes than ever before.
 */
#ifndef MODELS_AUTOSCALING_RESIDENTS_H
#define MODELS_AUTOSCALING_RESIDENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RESIDENT_NONE = UINT32_MAX };

struct resident {
    uint32_t slot;  /* of models/scheduling/running.h */
    uint32_t after; /* RESIDENT_NONE: none is */
};

struct residents {
    uint32_t *first; /* by node of the fleet, in `all` */
    struct resident *all;
    uint32_t free; /* the first of those that nobody is, in a chain */
    uint32_t n, capacity;
};

/* false: no memory; free it then, too. */
bool residents_init(struct residents *r, size_t nodes);
void residents_free(struct residents *r);
/* false: no memory, and nothing has changed. */
bool residents_come(struct residents *r, int32_t node, uint32_t slot);
/* One that has come to the node. */
void residents_leave(struct residents *r, int32_t node, uint32_t slot);

#endif
