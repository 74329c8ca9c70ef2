/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slurm's power saving: nodes that are idle for SuspendTime are powered down, and nodes are resumed
 * for what waits. src/slurmctld/power_save.c (_do_power_work) and slurm.conf(5):
 *
 *      rates     a minute's: of what was resumed so far, (60 - s) / 60 is left after s seconds,
 *                nothing after 60; while that, rounded, is less than ResumeRate one more is resumed
 *      suspend   idle since before now - SuspendTime
 *      timeout   a node that boots for longer than ResumeTimeout is given up
 *
 * The thread works at changes and every 10 s (power_save_interval). A node that is given up is DOWN
 * until somebody returns it; here it can be asked for again at once. Nodes that a waiting job may
 * use are not suspended: in Slurm they are allocated to it while the others boot. SuspendTimeout is
 * not modelled: a node that goes can be asked for at once.
 */
#include <math.h>
#include <stdlib.h>

#include "models/autoscaling/needs.h"

struct power_save {
    struct needs needs;
    double resumed, suspended; /* of the minute */
    int64_t worked_us;
};

void power_save_defaults(struct power_save_options *o)
{
    *o = (struct power_save_options){ .suspend_time_us = -1,
                                      .resume_timeout_us = INT64_C(60000000),
                                      .interval_us = INT64_C(10000000),
                                      .resume_rate = 300,
                                      .suspend_rate = 60 };
}

static void power_free(struct autoscaler_view *v)
{
    struct power_save *s = v->state;
    needs_free(&s->needs);
}

static void forget(struct power_save *s, int64_t now_us)
{
    int64_t passed_s = now_us / US_PER_S - s->worked_us / US_PER_S;
    double left = passed_s >= 60 ? 0 : (double)(60 - passed_s) / 60;
    s->resumed *= left;
    s->suspended *= left;
    s->worked_us = now_us;
}

/* How many more a rate allows, of `n`. */
static int64_t allowed(double done, int32_t rate, int64_t n)
{
    if (rate == 0) return n;
    int64_t more = rate - (int64_t)(done + 0.5);
    return more < 0 ? 0 : more < n ? more : n;
}

/* The thread's next time after a moment. */
static void wake_after(struct autoscaler_view *v, int64_t time_us)
{
    int64_t interval = v->spec->power_save.interval_us;
    autoscaler_wake(v, (time_us / interval + 1) * interval);
}

/* When the node that boots for the longest is given up. */
static int64_t given_up_us(const struct autoscaler_view *v, int32_t pool)
{
    return lifecycle_node(v->nodes, pool, v->nodes->pools[pool].booting.first)->since_us +
           v->spec->power_save.resume_timeout_us;
}

static void give_up(struct autoscaler_view *v, int32_t pool)
{
    const struct lifecycle_line *booting = &v->nodes->pools[pool].booting;
    while (booting->n > 0 && given_up_us(v, pool) < v->now_us)
        autoscaler_cancel(v, pool, booting->first);
}

static void resume(struct autoscaler_view *v, int32_t pool)
{
    struct power_save *s = v->state;
    const struct lifecycle_pool *p = &v->nodes->pools[pool];
    int64_t wanted = needs_of_pool(&s->needs, v, pool, p->booting.n, lifecycle_can_come(p));
    int64_t n = allowed(s->resumed, v->spec->power_save.resume_rate, wanted);
    s->resumed += autoscaler_add(v, pool, (int32_t)n);
    if (n < wanted) wake_after(v, v->now_us);
    if (p->booting.n > 0) wake_after(v, given_up_us(v, pool));
}

static void suspend(struct autoscaler_view *v, int32_t pool)
{
    struct power_save *s = v->state;
    const struct power_save_options *o = &v->spec->power_save;
    for (int32_t node = v->nodes->pools[pool].idle.first, after; node >= 0; node = after) {
        const struct lifecycle_node *n = lifecycle_node(v->nodes, pool, node);
        after = n->after;
        if (lifecycle_held(&v->nodes->pools[pool]) <= v->nodes->pools[pool].least) return;
        if (n->since_us + o->suspend_time_us >= v->now_us) {
            wake_after(v, n->since_us + o->suspend_time_us);
            return;
        }
        if (allowed(s->suspended, o->suspend_rate, 1) == 0) {
            wake_after(v, v->now_us);
            return;
        }
        s->suspended += autoscaler_remove(v, pool, node);
    }
}

static void power_pass(struct autoscaler_view *v)
{
    struct power_save *s = v->state;
    forget(s, v->now_us);
    for (int32_t p = 0; p < v->pool_n; p++) give_up(v, p);
    if (!needs_gather(&s->needs, v)) {
        v->failed = true;
        return;
    }
    for (int32_t p = 0; p < v->pool_n; p++) resume(v, p);
    for (int32_t p = 0; p < v->pool_n && v->spec->power_save.suspend_time_us >= 0; p++)
        if (!needs_want(&s->needs, v, p)) suspend(v, p);
    v->failed |= s->needs.failed;
}

const struct autoscaler autoscaler_slurm_power_save = {
    .name = "slurm-power-save",
    .summary = "nodes idle for SuspendTime are powered down; resumed for what waits, by rates",
    .source = "slurm.conf(5); src/slurmctld/power_save.c, 2026-08-20",
    .state_size = sizeof(struct power_save),
    .free = power_free,
    .pass = power_pass,
};
