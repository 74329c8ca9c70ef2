/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fleet/neighbours.h"

#include <stdlib.h>

struct neighbours *neighbours_new(int32_t node_n, uint32_t marks, uint32_t owners)
{
    struct neighbours *n = calloc(1, sizeof *n);
    if (!n) return NULL;
    n->words = ((size_t)node_n + 63) / 64;
    n->memory =
        calloc(((size_t)marks + owners + 1) * n->words + (size_t)node_n / 2 + 1, sizeof *n->held);
    if (!n->memory) {
        neighbours_free(n);
        return NULL;
    }
    n->marked = n->memory;
    n->owned = n->marked + (size_t)marks * n->words;
    n->held = n->owned + (size_t)owners * n->words;
    n->jobs = (uint32_t *)(n->held + n->words);
    return n;
}

void neighbours_free(struct neighbours *n)
{
    if (!n) return;
    free(n->memory);
    free(n);
}
