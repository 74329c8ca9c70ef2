/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fleet/lifecycle.h"

#include <stdlib.h>
#include <string.h>

bool lifecycle_expected(const struct fleet_spec *fleet)
{
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (fleet->pools[p].elastic_nodes > 0 || supply_is_limited(&fleet->pools[p].supply))
            return true;
    return false;
}

int32_t lifecycle_least(const struct pool_spec *pool) { return pool->nodes - pool->elastic_nodes; }

/* ---- lines of nodes ---- */

static void line_add(struct lifecycle *l, struct lifecycle_line *line, int32_t pool, int32_t node,
                     int64_t now_us)
{
    struct lifecycle_node *n = lifecycle_node(l, pool, node);
    n->since_us = now_us;
    n->before = line->last;
    n->after = -1;
    if (line->last >= 0) lifecycle_node(l, pool, line->last)->after = node;
    else line->first = node;
    line->last = node;
    line->n++;
}

static void line_take(struct lifecycle *l, struct lifecycle_line *line, int32_t pool, int32_t node)
{
    struct lifecycle_node *n = lifecycle_node(l, pool, node);
    if (n->before >= 0) lifecycle_node(l, pool, n->before)->after = n->after;
    else line->first = n->after;
    if (n->after >= 0) lifecycle_node(l, pool, n->after)->before = n->before;
    else line->last = n->before;
    line->n--;
}

static void idle_add(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us)
{
    line_add(l, &l->pools[pool].idle, pool, node, now_us);
    lifecycle_node(l, pool, node)->is_idle = true;
    lifecycle_node(l, pool, node)->idles++;
}

static void idle_take(struct lifecycle *l, int32_t pool, int32_t node)
{
    line_take(l, &l->pools[pool].idle, pool, node);
    lifecycle_node(l, pool, node)->is_idle = false;
}

void lifecycle_job_comes(struct lifecycle *l, int32_t pool, int32_t node)
{
    if (lifecycle_node(l, pool, node)->jobs++ == 0) idle_take(l, pool, node);
}

void lifecycle_job_leaves(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us)
{
    struct lifecycle_node *n = lifecycle_node(l, pool, node);
    if (--n->jobs > 0) return;
    if (n->state == NODE_DRAINING) l->pools[pool].leaving_n--;
    else idle_add(l, pool, node, now_us);
}

void lifecycle_fails(struct lifecycle *l, int32_t pool, int32_t node) { idle_take(l, pool, node); }

void lifecycle_is_repaired(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us)
{
    idle_add(l, pool, node, now_us);
}

/* ---- coming and going ---- */

static void absent_add(struct lifecycle *l, int32_t pool, int32_t node)
{
    nodeset_add(&l->pools[pool].absent, (uint32_t)node);
    l->pools[pool].absent_n++;
}

static void absent_take(struct lifecycle *l, int32_t pool, int32_t node)
{
    nodeset_remove(&l->pools[pool].absent, (uint32_t)node);
    l->pools[pool].absent_n--;
}

static bool stay_begin(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us,
                       int64_t ready_us)
{
    if (l->stay_n == l->stay_capacity) {
        uint32_t capacity = l->stay_capacity ? 2 * l->stay_capacity : 256;
        struct stay *stays = realloc(l->stays, capacity * sizeof *stays);
        if (!stays) return false;
        l->stays = stays;
        l->stay_capacity = capacity;
    }
    lifecycle_node(l, pool, node)->stay = l->stay_n;
    l->stays[l->stay_n++] = (struct stay){ pool, node, now_us, ready_us, INT64_MAX, -1, 0 };
    return true;
}

/* A pool of constant boots of no time at all has none. */
static int64_t boot_us(const struct lifecycle *l, int32_t pool, uint32_t number, uint32_t coming)
{
    const struct duration *boot = &l->fleet->pools[pool].boot;
    return boot->kind == DURATION_CONSTANT && boot->scale_us == 0
               ? 0
               : duration_draw(boot, l->key, RANDOM_BOOT, number, coming);
}

/* Of the change that a request at this time is of. */
static int64_t lead_us(struct lifecycle *l, int32_t pool, int64_t now_us)
{
    struct lifecycle_pool *p = &l->pools[pool];
    const struct duration *lead = &l->fleet->pools[pool].provisioning.lead;
    if (lead->kind == DURATION_CONSTANT && lead->scale_us == 0) return 0;
    if (p->grows_us != now_us)
        p->lead_us = duration_draw(lead, l->key, RANDOM_LEAD, (uint32_t)pool, p->grows++);
    p->grows_us = now_us;
    return p->lead_us;
}

int32_t lifecycle_request(struct lifecycle *l, int32_t pool, int64_t now_us)
{
    struct lifecycle_pool *p = &l->pools[pool];
    int32_t node = lifecycle_next(l, pool);
    if (node < 0) return -1;
    uint32_t number = (uint32_t)(p->base + node);
    struct lifecycle_node *n = &l->nodes[number];
    int64_t asked_us = now_us + lead_us(l, pool, now_us);
    if (!stay_begin(l, pool, node, asked_us, -1)) return -2;
    absent_take(l, pool, node);
    if (p->group) p->group->held++;
    n->state = NODE_BOOTING;
    line_add(l, &p->booting, pool, node, now_us);
    events_set(&l->boots, number, asked_us + boot_us(l, pool, number, n->comings++));
    return node;
}

struct node_at lifecycle_take_due(struct lifecycle *l)
{
    uint32_t number = events_next_slot(&l->boots);
    int64_t now_us = events_next_time(&l->boots);
    struct node_at at = { 0, (int32_t)number };
    while (at.node >= l->pools[at.pool].node_n) at.node -= l->pools[at.pool++].node_n;
    struct lifecycle_node *n = &l->nodes[number];
    events_set(&l->boots, number, EVENT_NONE);
    if (n->state == NODE_DRAINING) return at;
    line_take(l, &l->pools[at.pool].booting, at.pool, at.node);
    l->pools[at.pool].ready_n++;
    n->state = NODE_READY;
    n->touched_us = now_us;
    l->stays[n->stay].ready_us = now_us;
    idle_add(l, at.pool, at.node, now_us);
    return at;
}

static void leaves(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us)
{
    struct lifecycle_node *n = lifecycle_node(l, pool, node);
    struct stay *stay = &l->stays[n->stay];
    n->state = NODE_ABSENT;
    if (l->pools[pool].group) l->pools[pool].group->held--;
    stay->gone_us = now_us > stay->requested_us ? now_us : stay->requested_us;
    if (!n->is_closed) absent_add(l, pool, node);
}

void lifecycle_cancel(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us)
{
    events_set(&l->boots, (uint32_t)(l->pools[pool].base + node), EVENT_NONE);
    line_take(l, &l->pools[pool].booting, pool, node);
    leaves(l, pool, node, now_us);
}

void lifecycle_remove(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us,
                      __int128 busy_milli_us)
{
    idle_take(l, pool, node);
    l->stays[lifecycle_node(l, pool, node)->stay].busy_milli_us = busy_milli_us;
    l->pools[pool].ready_n--;
    leaves(l, pool, node, now_us);
}

/* ---- taken back ---- */

void lifecycle_close(struct lifecycle *l, int32_t pool, int32_t node)
{
    struct lifecycle_node *n = lifecycle_node(l, pool, node);
    if (n->state == NODE_ABSENT && !n->is_closed) absent_take(l, pool, node);
    n->is_closed = true;
}

void lifecycle_open(struct lifecycle *l, int32_t pool, int32_t node)
{
    struct lifecycle_node *n = lifecycle_node(l, pool, node);
    if (n->state == NODE_ABSENT && n->is_closed) absent_add(l, pool, node);
    n->is_closed = false;
}

void lifecycle_drain(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us)
{
    struct lifecycle_pool *p = &l->pools[pool];
    struct lifecycle_node *n = lifecycle_node(l, pool, node);
    if (n->state == NODE_BOOTING) {
        events_set(&l->boots, (uint32_t)(p->base + node), EVENT_NONE);
        line_take(l, &p->booting, pool, node);
    } else {
        if (n->is_idle) idle_take(l, pool, node); /* else it has failed, or has jobs */
        p->ready_n--;
    }
    n->state = NODE_DRAINING;
    n->since_us = now_us;
    p->draining_n++;
    p->leaving_n += n->jobs > 0;
}

void lifecycle_give_back(struct lifecycle *l, int32_t pool, int32_t node, int64_t at_us)
{
    events_set(&l->boots, (uint32_t)(l->pools[pool].base + node), at_us);
}

void lifecycle_is_told(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us)
{
    lifecycle_give_back(l, pool, node, EVENT_NONE);
    l->stays[lifecycle_node(l, pool, node)->stay].told_us = now_us;
}

void lifecycle_gone(struct lifecycle *l, int32_t pool, int32_t node, int64_t now_us,
                    __int128 busy_milli_us)
{
    lifecycle_give_back(l, pool, node, EVENT_NONE);
    l->stays[lifecycle_node(l, pool, node)->stay].busy_milli_us = busy_milli_us;
    l->pools[pool].draining_n--;
    leaves(l, pool, node, now_us);
}

/* ---- the whole ---- */

static bool pool_begins(struct lifecycle *l, int32_t pool)
{
    struct lifecycle_pool *p = &l->pools[pool];
    p->booting = p->idle = (struct lifecycle_line){ -1, -1, 0 };
    p->absent_n = p->node_n - p->least;
    p->ready_n = p->least;
    if (p->group) p->group->held += p->least;
    p->grows_us = -1;
    for (int32_t node = 0; node < p->node_n; node++) {
        struct lifecycle_node *n = lifecycle_node(l, pool, node);
        if (node >= p->least) {
            nodeset_add(&p->absent, (uint32_t)node);
            continue;
        }
        n->state = NODE_READY;
        idle_add(l, pool, node, 0);
        if (!stay_begin(l, pool, node, 0, 0)) return false;
    }
    return true;
}

bool lifecycle_init(struct lifecycle *l, const struct fleet_spec *fleet, struct random_key key)
{
    uint64_t words = 0, nodes = 0;
    memset(l, 0, sizeof *l);
    l->fleet = fleet;
    l->key = key;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        words += nodeset_words((uint64_t)fleet->pools[p].nodes);
        nodes += (uint64_t)fleet->pools[p].nodes;
    }
    l->pools = calloc((size_t)fleet->pool_n, sizeof *l->pools);
    l->groups = calloc((size_t)fleet->pool_n + 1, sizeof *l->groups);
    l->nodes = calloc(nodes, sizeof *l->nodes);
    uint64_t *word = l->memory = calloc(words, sizeof *word);
    if (!l->pools || !l->groups || !l->nodes || !word ||
        events_init(&l->boots, (uint32_t)nodes, NULL))
        return false;
    for (int32_t p = 0, base = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *spec = &fleet->pools[p];
        l->pools[p].base = base;
        l->pools[p].node_n = spec->nodes;
        l->pools[p].least = lifecycle_least(spec);
        if (spec->group > 0) {
            l->pools[p].group = &l->groups[spec->group];
            l->pools[p].group->most = spec->nodes;
        }
        word = nodeset_lay(&l->pools[p].absent, (uint64_t)spec->nodes, word);
        base += spec->nodes;
        if (!pool_begins(l, p)) return false;
    }
    l->first_n = l->stay_n;
    return true;
}

void lifecycle_free(struct lifecycle *l)
{
    events_free(&l->boots);
    free(l->pools);
    free(l->groups);
    free(l->nodes);
    free(l->stays);
    free(l->memory);
}
