/* SPDX-License-Identifier: Apache-2.0 */
#include "models/reliability/outages.h"

#include <stdlib.h>
#include <string.h>

bool outages_expected(const struct fleet_spec *fleet)
{
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (fleet->pools[p].failures.log_n > 0) return true;
    return false;
}

bool outages_init(struct outages *o, const struct fleet_spec *fleet)
{
    size_t nodes = 0, base = 0;
    memset(o, 0, sizeof *o);
    o->fleet = fleet;
    for (int32_t p = 0; p < fleet->pool_n; p++) nodes += (size_t)fleet->pools[p].nodes;
    o->next = malloc(nodes * sizeof *o->next);
    o->is_down = calloc(nodes, sizeof *o->is_down);
    if (!o->next || !o->is_down || events_init(&o->changes, (uint32_t)nodes, NULL) != STATUS_OK)
        return false;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct failure_spec *f = &fleet->pools[p].failures;
        for (size_t i = f->log_n; i-- > 0;) { /* the first of each node is left */
            size_t node = base + (size_t)f->log[i].node;
            o->next[node] = i;
            events_set(&o->changes, (uint32_t)node, f->log[i].down_us);
        }
        base += (size_t)fleet->pools[p].nodes;
    }
    return true;
}

void outages_free(struct outages *o)
{
    events_free(&o->changes);
    free(o->next);
    free(o->is_down);
}

struct node_change outages_take(struct outages *o)
{
    uint32_t number = events_next_slot(&o->changes);
    struct node_change change = { .node = (int32_t)number };
    while (change.node >= o->fleet->pools[change.pool].nodes)
        change.node -= o->fleet->pools[change.pool++].nodes;
    const struct failure_spec *f = &o->fleet->pools[change.pool].failures;
    const struct outage *now = &f->log[o->next[number]];
    change.goes_down = o->is_down[number] = !o->is_down[number];
    int64_t next_us = now->up_us; /* EVENT_NONE where it never comes back */
    if (!change.goes_down) {
        bool more = ++o->next[number] < f->log_n && now[1].node == change.node;
        next_us = more ? now[1].down_us : EVENT_NONE;
    }
    events_set(&o->changes, number, next_us);
    return change;
}
