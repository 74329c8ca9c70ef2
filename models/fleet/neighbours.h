/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose jobs are on the nodes of a pool, where not all may be beside each other.
 *
 *      apart    two jobs of one mark are never on one node    marked   1: {0, 4}   2: {4}
 *      owner    all jobs of a node are of one owner           owned    1: {0}      2: {4, 7}
 *                                                             held     {0, 4, 7}
 *
 * Marks and owners are numbers from 1, given by whoever knows the jobs (scheduling/whose.h); sets
 * are bits by node, so that a search asks for 64 nodes at once. While jobs are only put on nodes,
 * who may go where only shrinks; a node is open to all again when its last job has left.
 *
 * A look is two or three words; the memory is a bit for each node and mark, and node and owner.
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
    uint64_t *marked; /* [mark][words] nodes that have a job of it */
    uint64_t *owned;  /* [owner][words] nodes that have jobs of it; of OWNER_ALONE there is none */
    uint64_t *held;   /* [words] nodes that have jobs of any owner */
    uint32_t *jobs;   /* [node] how many */
    size_t words;
    void *memory;
};

/* Nobody is on any node. The largest mark and owner there are, 0 = none. NULL: no memory. */
struct neighbours *neighbours_new(int32_t node_n, uint32_t marks, uint32_t owners);
void neighbours_free(struct neighbours *n);

static inline uint64_t *neighbours_marked(const struct neighbours *n, size_t word, uint32_t mark)
{
    return &n->marked[(size_t)(mark - 1) * n->words + word];
}

static inline uint64_t *neighbours_owned(const struct neighbours *n, size_t word, uint32_t owner)
{
    return &n->owned[(size_t)(owner - 1) * n->words + word];
}

/* Of the nodes 64 x word and up, bit by bit: whether such a job may be put there, whatever is free.
 */
static inline uint64_t neighbours_open(const struct neighbours *n, size_t word, struct whose whose)
{
    uint64_t shut = whose.apart ? *neighbours_marked(n, word, whose.apart) : 0;
    if (whose.owner == OWNER_ALONE) shut |= n->held[word];
    else if (whose.owner) shut |= n->held[word] & ~*neighbours_owned(n, word, whose.owner);
    return ~shut;
}

static inline bool neighbours_allow(const struct neighbours *n, int64_t node, struct whose whose)
{
    return neighbours_open(n, (size_t)node / 64, whose) >> (node & 63) & 1;
}

/* A job that is allowed there is put on the node (sign -1, as it takes of what is free), or leaves
 * it (+1). */
static inline void neighbours_shift(struct neighbours *n, int64_t node, struct whose whose,
                                    int sign)
{
    size_t word = (size_t)node / 64;
    uint64_t bit = UINT64_C(1) << (node & 63);
    assert(sign > 0 || neighbours_allow(n, node, whose));
    if (whose.apart) *neighbours_marked(n, word, whose.apart) ^= bit;
    if (!whose.owner) return;
    uint32_t before = n->jobs[node];
    n->jobs[node] -= (uint32_t)sign;
    if (before > 0 && n->jobs[node] > 0) return;
    n->held[word] ^= bit; /* the first has come, or the last has left */
    if (whose.owner != OWNER_ALONE) *neighbours_owned(n, word, whose.owner) ^= bit;
}

#endif
