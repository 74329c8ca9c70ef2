/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Target tracking, as EC2 Auto Scaling's: a pool is to be as large as brings a measure to its
 * target.
 *
 *      utilization   nodes x (share of their GPUs that jobs hold) / target
 *      queue         what waits, in nodes x the mean time of a job / the acceptable wait
 *                    ("Scaling based on Amazon SQS": 1,500 messages of 0.1 s and a latency of 10 s
 *                    are 100 a node, so 15 nodes)
 *
 * rounded up, and at least what a waiting job needs at once. The measure must ask for more at three
 * points in a row, a minute apart, before nodes are added, and for less at fifteen before they go
 * (the two alarms that the service is seen to make; its guide does not say so); at less than a
 * tenth below the target none goes. Then the longest idle go. The measure is read at those points,
 * not averaged in between. With nothing there and somebody waiting, utilization says nothing: nodes
 * for what waits are asked for.
 */
#include <stdlib.h>

#include "models/autoscaling/needs.h"

struct tracking {
    struct needs needs;
    int64_t *high_us, *low_us; /* by pool: since when it is; -1 = it is not */
};

void tracking_defaults(struct tracking_options *o)
{
    *o = (struct tracking_options){ .measure = TRACK_UTILIZATION,
                                    .target_ppm = 700000,
                                    .wait_us = 10 * 60 * US_PER_S,
                                    .job_us = US_PER_HOUR,
                                    .period_us = 60 * US_PER_S,
                                    .out_periods = 3,
                                    .in_periods = 15 };
}

static int64_t tracking_interval(const struct autoscaler_spec *spec)
{
    return spec->tracking.period_us;
}

static bool tracking_init(struct autoscaler_view *v)
{
    struct tracking *t = v->state;
    t->high_us = malloc(2 * (size_t)v->pool_n * sizeof *t->high_us);
    if (!t->high_us) return false;
    t->low_us = t->high_us + v->pool_n;
    for (int32_t p = 0; p < 2 * v->pool_n; p++) t->high_us[p] = -1;
    return true;
}

static void tracking_free(struct autoscaler_view *v)
{
    struct tracking *t = v->state;
    needs_free(&t->needs);
    free(t->high_us);
}

static int64_t clamp(const struct lifecycle_pool *p, __int128 nodes)
{
    return nodes < p->least ? p->least : nodes > p->node_n ? p->node_n : (int64_t)nodes;
}

static __int128 up(__int128 numerator, __int128 denominator)
{
    return (numerator + denominator - 1) / denominator;
}

/* What the pool is to have, by a target times slack_ppm. */
static int64_t desired(const struct autoscaler_view *v, int32_t pool, int64_t waiting_milli,
                       int64_t slack_ppm)
{
    const struct tracking_options *o = &v->spec->tracking;
    const struct pool *p = &v->pools[pool];
    int64_t gpus = p->gpus > 0 ? p->gpus : 1;
    __int128 million = 1000000;
    __int128 nodes = o->measure == TRACK_UTILIZATION
                         ? up((p->busy_milli - p->leaving_milli) * million * million,
                              (__int128)gpus * GPU_WHOLE * o->target_ppm * slack_ppm)
                         : up((__int128)waiting_milli * o->job_us * million,
                              (__int128)gpus * GPU_WHOLE * o->wait_us * slack_ppm);
    return clamp(&v->nodes->pools[pool], nodes);
}

/* Whether it has been so at so many points; if not yet, when it will. */
static bool lasts(struct autoscaler_view *v, int64_t *since_us, bool is_so, int32_t periods)
{
    if (!is_so) *since_us = -1;
    if (!is_so) return false;
    if (*since_us < 0) *since_us = v->now_us;
    int64_t at_us = *since_us + (periods - 1) * v->spec->tracking.period_us;
    if (at_us <= v->now_us) return true;
    autoscaler_wake(v, at_us);
    return false;
}

static int64_t waiting_milli(const struct autoscaler_view *v, const struct needs *n, int32_t pool)
{
    int64_t milli = 0;
    for (size_t i = 0; i < n->n; i++) {
        const struct demand *d = &v->demands->entries[n->order[i]].demand;
        if (d->pools >> pool & 1) milli += v->waiting[n->order[i]] * demand_milli(d);
    }
    return milli;
}

static void track(struct autoscaler_view *v, int32_t pool)
{
    struct tracking *t = v->state;
    const struct tracking_options *o = &v->spec->tracking;
    const struct lifecycle_pool *p = &v->nodes->pools[pool];
    int64_t held = lifecycle_held(p), milli = waiting_milli(v, &t->needs, pool);
    /* What waits and can never start on what is held: a gang, or the first job. */
    int64_t needed = needs_largest(&t->needs, v, pool);
    int64_t more = desired(v, pool, milli, 1000000), less = desired(v, pool, milli, 900000);
    if (more < needed) more = needed;
    if (less < needed) less = needed;
    if (lasts(v, &t->high_us[pool], more > held, o->out_periods)) {
        autoscaler_add(v, pool, (int32_t)(more - held));
        t->high_us[pool] = -1;
    }
    if (lasts(v, &t->low_us[pool], less < held && more <= held, o->in_periods))
        autoscaler_shrink(v, pool, more);
}

static void tracking_pass(struct autoscaler_view *v)
{
    struct tracking *t = v->state;
    if (!needs_gather(&t->needs, v)) {
        v->failed = true;
        return;
    }
    for (int32_t p = 0; p < v->pool_n; p++) track(v, p);
}

const struct autoscaler autoscaler_target_tracking = {
    .name = "target-tracking",
    .summary = "as many nodes as bring utilization, or the time in the queue, to a target",
    .source = "EC2 Auto Scaling user guide, target tracking; scaling based on Amazon SQS",
    .interval_us = tracking_interval,
    .state_size = sizeof(struct tracking),
    .init = tracking_init,
    .free = tracking_free,
    .pass = tracking_pass,
};
