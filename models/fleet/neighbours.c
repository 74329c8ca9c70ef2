/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fleet/neighbours.h"

#include <stdlib.h>

struct neighbours *neighbours_new(int32_t node_n, uint32_t marks, bool owners)
{
    struct neighbours *n = calloc(1, sizeof *n);
    if (!n) return NULL;
    n->words = ((size_t)node_n + 63) / 64;
    if (marks) n->marked = calloc((size_t)marks * n->words, sizeof *n->marked);
    if (owners) n->owner = calloc(2 * (size_t)node_n, sizeof *n->owner);
    if (n->owner) n->jobs = n->owner + node_n;
    if ((!marks || n->marked) && (!owners || n->owner)) return n;
    neighbours_free(n);
    return NULL;
}

void neighbours_free(struct neighbours *n)
{
    if (!n) return;
    free(n->marked);
    free(n->owner);
    free(n);
}
