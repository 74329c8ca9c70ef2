/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose jobs are on the nodes of a pool, where not all may be beside each other.
 *
 *      apart    two jobs of one mark are never on one node     mark 1: nodes {0, 4}   mark 2: {4}
 *      owner    all jobs of a node are of one owner            node 0: owner 3, 2 jobs   node 4:
 * ...
 *
 * Marks and owners are numbers from 1, given by whoever knows the jobs (scheduling/whose.h). While
 * jobs are only put on nodes, who may go where only shrinks; a node that is given back is open to
 * all again when its last job has left.
 *
 * A look at a node is a bit and two words, O(1); the memory is a bit for each node and mark.
 */
#ifndef MODELS_FLEET_NEIGHBOURS_H
#define MODELS_FLEET_NEIGHBOURS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a job: its mark, 0 = it goes with everybody; its owner, 0 = nobody asks. */
struct whose {
    uint32_t apart, owner;
};

#define OWNER_ALONE UINT32_MAX /* of jobs of which none shares a node with any */

struct neighbours {
    uint64_t *marked;       /* [mark][words] a bit for each node; NULL = no marks */
    uint32_t *owner, *jobs; /* [node] owner: whose it is while jobs > 0; NULL = no owners */
    size_t words;
};

/* Nobody is on any node. marks: the largest there is, 0 = none are given. NULL: no memory. */
struct neighbours *neighbours_new(int32_t node_n, uint32_t marks, bool owners);
void neighbours_free(struct neighbours *n);

static inline uint64_t *neighbours_word(const struct neighbours *n, int64_t node, uint32_t mark)
{
    return &n->marked[(size_t)(mark - 1) * n->words + (size_t)node / 64];
}

/* Whether such a job may be put on the node, whatever is free there. */
static inline bool neighbours_allow(const struct neighbours *n, int64_t node, struct whose whose)
{
    if (whose.apart && *neighbours_word(n, node, whose.apart) >> (node & 63) & 1) return false;
    if (!whose.owner || n->jobs[node] == 0) return true;
    return n->owner[node] == whose.owner && whose.owner != OWNER_ALONE;
}

/* A job that is allowed there is put on the node (sign -1, as it takes of what is free), or leaves
 * it (+1). */
static inline void neighbours_shift(struct neighbours *n, int64_t node, struct whose whose,
                                    int sign)
{
    assert(sign > 0 || neighbours_allow(n, node, whose));
    if (whose.apart) *neighbours_word(n, node, whose.apart) ^= UINT64_C(1) << (node & 63);
    if (!whose.owner) return;
    n->owner[node] = whose.owner;
    n->jobs[node] -= (uint32_t)sign;
}

#endif
