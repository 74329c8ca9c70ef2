/* SPDX-License-Identifier: Apache-2.0 */
#include "models/autoscaling/residents.h"

#include <stdlib.h>
#include <string.h>

bool residents_init(struct residents *r, size_t nodes)
{
    *r = (struct residents){ .first = malloc((nodes ? nodes : 1) * sizeof *r->first),
                             .free = RESIDENT_NONE };
    if (r->first) memset(r->first, 0xff, nodes * sizeof *r->first); /* RESIDENT_NONE */
    return r->first != NULL;
}

void residents_free(struct residents *r)
{
    free(r->first);
    free(r->all);
}

static bool grow(struct residents *r)
{
    uint32_t capacity = 2 * r->capacity + 64;
    struct resident *all = realloc(r->all, capacity * sizeof *all);
    if (!all) return false;
    r->all = all;
    r->capacity = capacity;
    return true;
}

bool residents_come(struct residents *r, int32_t node, uint32_t slot)
{
    uint32_t i = r->free;
    if (i != RESIDENT_NONE) r->free = r->all[i].after;
    else if (r->n == r->capacity && !grow(r)) return false;
    else i = r->n++;
    r->all[i] = (struct resident){ slot, r->first[node] };
    r->first[node] = i;
    return true;
}

void residents_leave(struct residents *r, int32_t node, uint32_t slot)
{
    uint32_t *link = &r->first[node];
    while (r->all[*link].slot != slot) link = &r->all[*link].after;
    uint32_t i = *link;
    *link = r->all[i].after;
    r->all[i].after = r->free;
    r->free = i;
}
