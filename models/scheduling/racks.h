/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of a gang on several nodes, which racks: as few as can be, or many.
 *
 *      rack 0  [8 free] [8] [3] [8]     24 GPUs are wanted: rack 0 has 3 empty nodes, rack 1 four
 *      rack 1  [8 free] [8] [8] [8]     rack 0 is taken, so that rack 1 stays whole
 *
 * Nodes of a pool stand in racks of pool.rack_nodes, by number. A gang has the fewest nodes: whole
 * ones, and one for the remainder. Within a rack the lowest-numbered empty ones. Ties to the lowest
 * number.
 *
 * Fewest racks: where a rack holds all of it, that with the fewest empty nodes is taken; else one
 * that holds all its whole nodes; else the rack with the most, and so on with what is left. The
 * remainder goes to the node of these racks that is left with the fewest free GPUs, or to any.
 *
 * Spread, as Kubernetes' topology spread with maxSkew 1 and ScheduleAnyway: node by node to the
 * rack with the fewest of the gang's, of these to the one with the most empty nodes; the remainder,
 * too, to a rack with the fewest, there to the node that is left with the fewest free GPUs. Above,
 * the 24 GPUs have two nodes of rack 1 and one of rack 0.
 *
 * A call costs a look at each empty node and each rack; for each rack taken, or for each node a
 * rack gives, a look at all racks.
 */
#ifndef MODELS_SCHEDULING_RACKS_H
#define MODELS_SCHEDULING_RACKS_H

#include "models/scheduling/placing.h"

/* For a demand of more GPUs than a node of the pool has. How many pieces, 0 = no room. */
int32_t racks_fewest_find(const struct pool *pool, const struct demand *d, struct piece *pieces);
int32_t racks_spread_find(const struct pool *pool, const struct demand *d, struct piece *pieces);

/* How many racks the pieces lie in, and how few could hold so many nodes. */
int32_t racks_of(const struct pool *pool, const struct piece *pieces, int32_t n);
static inline int32_t racks_fewest(const struct pool *pool, int32_t nodes)
{
    return pool->rack_nodes ? (nodes + pool->rack_nodes - 1) / pool->rack_nodes : 1;
}

#endif
