/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The textbook's: a node boots for whatever waits and has no room, and no longer than that; an idle
 * node goes at once, or after a time. Gandhi, Doroudi, Harchol-Balter and Scheller-Wolf, "Exact
 * analysis of the M/M/k/setup class of Markov chains", 2013: nodes in set-up are as many as jobs
 * wait, or as are off; staggered, one of a pool at a time; delayed-off, an idle node waits. No
 * autoscaler of a cloud reacts so fast: it bounds what they can do.
 */
#include <stdlib.h>

#include "models/autoscaling/needs.h"

static void needed_free(struct autoscaler_view *v) { needs_free(v->state); }

/* Nodes boot as many as are needed, at most, but for the least of the pool. */
static void adjust(struct autoscaler_view *v, int32_t pool, int64_t needed, int64_t most)
{
    const struct lifecycle_pool *held = &v->nodes->pools[pool];
    const struct lifecycle_line *booting = &held->booting;
    if (needed > most) needed = most;
    while (booting->n > needed && lifecycle_held(held) > held->least)
        autoscaler_cancel(v, pool, booting->last);
    if (booting->n < needed) autoscaler_add(v, pool, (int32_t)(needed - booting->n));
}

/* When an idle node has been idle for long enough. */
static int64_t leaves_us(const struct autoscaler_view *v, int32_t pool, int32_t node)
{
    const struct duration *idle = &v->spec->needed.idle;
    const struct lifecycle_node *n = lifecycle_node(v->nodes, pool, node);
    if (idle->kind == DURATION_CONSTANT) return n->since_us + (int64_t)idle->scale_us;
    return n->since_us + duration_draw(idle, v->key, RANDOM_AUTOSCALER,
                                       (uint64_t)(v->pools[pool].base + node), n->idles);
}

/* Idle nodes of a pool for which nobody waits go when their time has come. */
static void release(struct autoscaler_view *v, int32_t pool)
{
    bool constant = v->spec->needed.idle.kind == DURATION_CONSTANT;
    for (int32_t node = v->nodes->pools[pool].idle.first, after; node >= 0; node = after) {
        int64_t at_us = leaves_us(v, pool, node);
        after = lifecycle_node(v->nodes, pool, node)->after;
        if (at_us <= v->now_us) {
            if (!autoscaler_remove(v, pool, node) &&
                lifecycle_held(&v->nodes->pools[pool]) <= v->nodes->pools[pool].least)
                return;
            continue;
        }
        autoscaler_wake(v, at_us);
        if (constant) return; /* the others came later */
    }
}

static void needed_pass(struct autoscaler_view *v)
{
    struct needs *n = v->state;
    int64_t most = v->spec->needed.one_at_a_time ? 1 : INT64_MAX;
    if (!needs_gather(n, v)) {
        v->failed = true;
        return;
    }
    for (int32_t p = 0; p < v->pool_n; p++) {
        const struct lifecycle_pool *pool = &v->nodes->pools[p];
        int64_t needed = needs_of_pool(n, v, p, 0, lifecycle_can_come(pool) + pool->booting.n);
        adjust(v, p, needed, most);
        if (!needs_want(n, v, p)) release(v, p);
    }
    v->failed |= n->failed;
}

const struct autoscaler autoscaler_as_needed = {
    .name = "as-needed",
    .summary = "a node boots for whatever waits, at once; idle ones go, or wait a while",
    .source = "Gandhi et al. 2013, M/M/k/setup",
    .state_size = sizeof(struct needs),
    .free = needed_free,
    .pass = needed_pass,
};
