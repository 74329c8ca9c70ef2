/* SPDX-License-Identifier: Apache-2.0 */
/*
 * So many nodes at this time of the week: the desired capacity of a scheduled action (EC2 Auto
 * Scaling user guide, "Scheduled scaling"). Before the first step of a week the last one holds. Of
 * nodes that are too many the booting go first, then those that are idle, the longest first; those
 * that are busy go when they are not. A pool without steps keeps its least.
 */
#include "models/autoscaling/autoscaler.h"

#define DAY_US  (24 * US_PER_HOUR)
#define WEEK_US (7 * DAY_US)

/* Microseconds since a Monday, 00:00 UTC. */
static int64_t of_week_us(const struct autoscaler_view *v)
{
    return (autoscaler_into_week_us(v) + v->now_us % WEEK_US) % WEEK_US;
}

/* What a pool is to have now; -1: nothing is said of it. */
static int32_t desired(const struct schedule_options *o, int32_t pool, int64_t of_week)
{
    int32_t now = -1, last = -1;
    for (int32_t i = 0; i < o->n; i++) {
        if (o->steps[i].pool != pool) continue;
        last = o->steps[i].nodes;
        if (o->steps[i].at_us <= of_week) now = last;
    }
    return now >= 0 ? now : last;
}

/* Until the next step, of any pool. */
static int64_t next_step_us(const struct schedule_options *o, int64_t of_week)
{
    for (int32_t i = 0; i < o->n; i++)
        if (o->steps[i].at_us > of_week) return o->steps[i].at_us - of_week;
    return o->steps[0].at_us + WEEK_US - of_week;
}

static void schedule_pass(struct autoscaler_view *v)
{
    const struct schedule_options *o = &v->spec->schedule;
    int64_t of_week = of_week_us(v);
    v->ask_changes = false;
    if (o->n == 0) return;
    for (int32_t p = 0; p < v->pool_n; p++) {
        const struct lifecycle_pool *pool = &v->nodes->pools[p];
        int32_t want = desired(o, p, of_week);
        if (want < 0) want = pool->least;
        if (lifecycle_held(pool) < want) autoscaler_add(v, p, want - lifecycle_held(pool));
        while (lifecycle_held(pool) > want && pool->booting.n > 0)
            autoscaler_cancel(v, p, pool->booting.last);
        autoscaler_shrink(v, p, want);
        v->ask_changes |= lifecycle_held(pool) > want && lifecycle_held(pool) > pool->least;
    }
    v->wake_us = v->now_us + next_step_us(o, of_week);
}

const struct autoscaler autoscaler_schedule = {
    .name = "schedule",
    .summary = "so many nodes from this time of the week on",
    .source = "EC2 Auto Scaling user guide, scheduled scaling",
    .pass = schedule_pass,
};
