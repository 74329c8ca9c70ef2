/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "models/scheduling/engine.h"
#include "models/scheduling/whose.h"

const struct autoscaler *const autoscalers[] = {
    &autoscaler_static,           &autoscaler_as_needed,       &autoscaler_schedule,
    &autoscaler_slurm_power_save, &autoscaler_target_tracking, &autoscaler_cluster,
    &autoscaler_predictive,       &autoscaler_karpenter,       NULL,
};

const struct autoscaler autoscaler_static = {
    .name = "static",
    .summary = "none: a pool has its nodes all the time",
    .source = "",
};

const struct autoscaler *autoscaler_find(const char *name)
{
    for (size_t i = 0; autoscalers[i]; i++)
        if (strcmp(autoscalers[i]->name, name) == 0) return autoscalers[i];
    return NULL;
}

bool autoscaler_drains_under(const struct autoscaler *a, const struct queue_order *order)
{
    if (a == &autoscaler_cluster && (rank_by_shares(order->rank) || order->engine->by_pod))
        return false;
    return a && a->drains;
}

/* The Cluster Autoscaler leaves alone who bears no stops that cost something. */
static bool leaves_jobs_alone(const struct cluster_autoscaler_options *o,
                              const struct scheduler_spec *s)
{
    return !o->safe_to_evict || s->ties == TIES_PREVIOUS;
}

bool autoscaler_drains(const struct fleet_spec *fleet)
{
    const struct scheduler_spec *s = &fleet->scheduler;
    const struct autoscaler_spec *a = &fleet->autoscaler;
    if (a->kind == &autoscaler_cluster && leaves_jobs_alone(&a->cluster, s)) return false;
    return autoscaler_drains_under(a->kind, s->order) && lifecycle_expected(fleet) &&
           s->sharing == SHARING_NONE && !whose_matters(&s->neighbours);
}

int32_t autoscaler_add(struct autoscaler_view *v, int32_t pool, int32_t n)
{
    int32_t added = 0;
    for (int32_t asked = 0; asked < n && !v->failed; asked++) {
        if (v->refuses(v->world, pool)) continue;
        int32_t node = lifecycle_request(v->nodes, pool, v->now_us);
        v->failed |= node == -2;
        if (node < 0) break;
        added++;
    }
    if (added > 0) v->holds(v->world, pool, added);
    return added;
}

bool autoscaler_remove(struct autoscaler_view *v, int32_t pool, int32_t node)
{
    const struct pool *p = &v->pools[pool];
    const struct lifecycle_pool *held = &v->nodes->pools[pool];
    bool whole =
        p->free_gpu[node] == p->gpus &&
        (!p->free_cpu || (p->free_cpu[node] == p->cpu_milli && p->free_mem[node] == p->mem_mib));
    if (!lifecycle_node(v->nodes, pool, node)->is_idle || !whole ||
        lifecycle_held(held) <= held->least)
        return false;
    v->removes(v->world, pool, node);
    if (held->group && v->waiting_n > 0) autoscaler_wake(v, v->now_us + 1); /* others may come */
    return true;
}

bool autoscaler_drain(struct autoscaler_view *v, int32_t pool, int32_t node)
{
    const struct lifecycle_pool *held = &v->nodes->pools[pool];
    const struct lifecycle_node *n = lifecycle_node(v->nodes, pool, node);
    if (n->state != NODE_READY || lifecycle_held(held) <= held->least) return false;
    if (n->jobs == 0) return autoscaler_remove(v, pool, node);
    if (!v->can_drain) return false;
    v->failed |= !v->drains(v->world, pool, node);
    return !v->failed;
}

void autoscaler_shrink(struct autoscaler_view *v, int32_t pool, int64_t nodes)
{
    const struct lifecycle_pool *p = &v->nodes->pools[pool];
    for (int32_t node = p->idle.first, after; node >= 0 && lifecycle_held(p) > nodes;
         node = after) {
        after = lifecycle_node(v->nodes, pool, node)->after;
        autoscaler_remove(v, pool, node);
    }
}

void autoscaler_wake(struct autoscaler_view *v, int64_t at_us)
{
    if (at_us < v->wake_us) v->wake_us = at_us;
}

int64_t autoscaler_into_week_us(const struct autoscaler_view *v)
{
    const int64_t day_us = 24 * US_PER_HOUR, week_us = 7 * day_us;
    int64_t t0 = v->workload->t0_unix_us;
    /* 1970-01-01 was a Thursday. */
    return t0 == INT64_MIN ? 0 : ((t0 + 3 * day_us) % week_us + week_us) % week_us;
}

void autoscaler_cancel(struct autoscaler_view *v, int32_t pool, int32_t node)
{
    lifecycle_cancel(v->nodes, pool, node, v->now_us);
    v->holds(v->world, pool, -1);
}
