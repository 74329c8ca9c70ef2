/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many new nodes of a pool would hold what waits, first fit: what is free on the nodes that are
 * there, then those that boot, then new ones, each opened where no node before it has room.
 *
 *      bins   3 nodes with 2 GPUs free | 1 node with 5 | 2 empty, booting | new: 4 empty
 *
 * Nodes that are alike and stand together are one bin, so that a placement costs what there are
 * bins, not nodes nor jobs; it is what first fit gives for one share after the other. Where the
 * fleet tracks cores or memory, each node that is there is a bin. Owns its bins.
 */
#ifndef MODELS_AUTOSCALING_PACKING_H
#define MODELS_AUTOSCALING_PACKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/fleet/pool.h"

struct bin {
    int64_t n;    /* nodes that are alike */
    int32_t gpus; /* free, as the rest; cores and memory are INT64_MAX where nobody looks */
    int64_t cpu_milli, mem_mib;
};

struct packing {
    struct bin *bins;
    size_t bin_n, capacity;
    struct bin empty;     /* a node of the pool */
    int64_t opened, most; /* new nodes so far, and at most */
    bool failed;          /* no memory */
};

void packing_free(struct packing *p);
/* What is free in the pool, and `booting` empty nodes; at most `most` new ones. */
void packing_begin(struct packing *p, const struct pool *pool, int64_t booting, int64_t most);
/* A copy to try something in; where there is no memory it has failed. */
void packing_copy(struct packing *to, const struct packing *from);
/* Only new nodes. */
void packing_begin_empty(struct packing *p, const struct pool *pool, int64_t most);
/* Places shares that are alike; returns how many found room. */
int64_t packing_place(struct packing *p, const struct share *share, int64_t n);
/* How many would. */
int64_t packing_room(const struct packing *p, const struct share *share);

#endif
