/* SPDX-License-Identifier: Apache-2.0 */
#include "models/reliability/outages.h"

#include <stdlib.h>
#include <string.h>

static bool is_expected(const struct failure_spec *f)
{
    return f->by_node || f->by_gpu || f->log_n > 0;
}

bool outages_expected(const struct fleet_spec *fleet)
{
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (is_expected(&fleet->pools[p].failures)) return true;
    return false;
}

bool job_failures_expected(const struct fleet_spec *fleet)
{
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (fleet->pools[p].failures.job_mtbf.n > 0) return true;
    return false;
}

/* ---- by chance ---- */

enum draw { DRAW_NODE, DRAW_GPUS, DRAW_REPAIR };

static int64_t draw(const struct outages *o, const struct duration *d, uint32_t number,
                    enum draw which)
{
    return duration_draw(d, o->key, RANDOM_FAILURE, number, 4 * o->next[number] + which);
}

/* How long a node stays up this time. */
static int64_t up_us(const struct outages *o, const struct failure_spec *f, uint32_t number)
{
    int64_t us = INT64_MAX;
    if (f->by_node) us = draw(o, &f->node, number, DRAW_NODE);
    if (!f->by_gpu) return us;
    int64_t gpus_us = draw(o, &f->gpus, number, DRAW_GPUS);
    return gpus_us < us ? gpus_us : us;
}

/* Beyond what time can hold nothing happens. */
static int64_t later(int64_t now_us, int64_t us)
{
    return us < EVENT_NONE - now_us ? now_us + us : EVENT_NONE;
}

static int64_t next_by_chance(struct outages *o, const struct failure_spec *f, uint32_t number,
                              int64_t now_us)
{
    if (o->is_down[number]) return later(now_us, draw(o, &f->repair, number, DRAW_REPAIR));
    o->next[number]++;
    return later(now_us, up_us(o, f, number));
}

/* ---- by a log ---- */

static int64_t next_in_log(struct outages *o, const struct failure_spec *f, uint32_t number)
{
    const struct outage *now = &f->log[o->next[number]];
    if (o->is_down[number]) return now->up_us; /* EVENT_NONE where it never comes back */
    bool more = ++o->next[number] < f->log_n && now[1].node == now->node;
    return more ? now[1].down_us : EVENT_NONE;
}

/* ---- both ---- */

static void pool_init_outages(struct outages *o, const struct pool_spec *pool, uint32_t base)
{
    const struct failure_spec *f = &pool->failures;
    for (size_t i = f->log_n; i-- > 0;) { /* the first of each node is left */
        uint32_t number = base + (uint32_t)f->log[i].node;
        o->next[number] = i;
        events_set(&o->changes, number, f->log[i].down_us);
    }
    for (int32_t n = 0; (f->by_node || f->by_gpu) && n < pool->nodes; n++)
        events_set(&o->changes, base + (uint32_t)n, up_us(o, f, base + (uint32_t)n));
}

bool outages_init(struct outages *o, const struct fleet_spec *fleet, struct random_key key)
{
    uint32_t nodes = 0, base = 0;
    memset(o, 0, sizeof *o);
    o->fleet = fleet;
    o->key = key;
    for (int32_t p = 0; p < fleet->pool_n; p++) nodes += (uint32_t)fleet->pools[p].nodes;
    o->next = calloc(nodes, sizeof *o->next);
    o->is_down = calloc(nodes, sizeof *o->is_down);
    if (!o->next || !o->is_down || events_init(&o->changes, nodes, NULL) != STATUS_OK) return false;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        pool_init_outages(o, &fleet->pools[p], base);
        base += (uint32_t)fleet->pools[p].nodes;
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
    int64_t now_us = events_next_time(&o->changes);
    struct node_change change = { .node = (int32_t)number };
    while (change.node >= o->fleet->pools[change.pool].nodes)
        change.node -= o->fleet->pools[change.pool++].nodes;
    const struct failure_spec *f = &o->fleet->pools[change.pool].failures;
    change.goes_down = o->is_down[number] = !o->is_down[number];
    events_set(&o->changes, number,
               f->log_n > 0 ? next_in_log(o, f, number) : next_by_chance(o, f, number, now_us));
    return change;
}

void outages_leave(struct outages *o, uint32_t number)
{
    events_set(&o->changes, number, EVENT_NONE);
    o->is_down[number] = false;
}

void outages_join(struct outages *o, int32_t pool, uint32_t number, int64_t now_us)
{
    const struct failure_spec *f = &o->fleet->pools[pool].failures;
    if (f->by_node || f->by_gpu)
        events_set(&o->changes, number, next_by_chance(o, f, number, now_us));
}
