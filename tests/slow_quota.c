/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/slow_quota.h"

#include <string.h>

static const struct quota_limits no_limits[QUOTA_RESOURCES] = {
    { INT64_MAX / 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT },
    { INT64_MAX / 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT },
    { INT64_MAX / 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT },
    { INT64_MAX / 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT },
};
static const int32_t only_flavor[] = { 0 };
static const struct quota_group only_group[] = { { 15, 1, only_flavor } };
static const struct quota_flavor anywhere[] = { { "any", UINT64_MAX, false } };
static const struct quota_queue only_queue[] = { { .group_n = 1, .groups = only_group } };
static const struct quota_node only_node[] = { { "any", -1, no_limits } };
const struct quota_spec slow_without_quotas = { .flavor_n = 1,
                                                .queue_n = 1,
                                                .node_n = 1,
                                                .flavors = anywhere,
                                                .queues = only_queue,
                                                .nodes = only_node };

/* ---- a job ---- */

unsigned slow_kueue_pools(const struct slow *s, size_t j)
{
    unsigned pools = 0;
    for (int p = 0; p < s->pool_n; p++)
        if (slow_gpus(s, j) <= s->fleet->pools[p].nodes * s->fleet->pools[p].gpus) pools |= 1u << p;
    return pools;
}

int64_t slow_kueue_amount(const struct slow *s, size_t j, int resource)
{
    int gpus = slow_gpus(s, j);
    if (resource == QUOTA_GPU) return 1000 * (int64_t)gpus;
    if (resource != QUOTA_PODS) return 0;
    int first = 0, pods = 1;
    while (!(slow_kueue_pools(s, j) >> first & 1)) first++;
    while (pods * s->fleet->pools[first].gpus < gpus) pods++;
    return 1000 * (int64_t)pods;
}

/* ---- quotas, from scratch ---- */

int32_t slow_quota_parent(const struct slow_view *v, int32_t node)
{
    return v->spec->nodes[node].parent;
}

int32_t slow_quota_top(const struct quota_spec *spec, int32_t node)
{
    while (spec->nodes[node].parent >= 0) node = spec->nodes[node].parent;
    return node;
}

const struct quota_limits *slow_quota_limits(const struct slow_view *v, int32_t node, int f, int r)
{
    return &v->spec->nodes[node].limits[f * QUOTA_RESOURCES + r];
}

static int64_t own(const struct slow_view *v, int32_t node, int f, int r);

/* What it and all below it have, but for what these keep. */
static int64_t quota_of(const struct slow_view *v, int32_t node, int f, int r)
{
    int64_t all = slow_quota_limits(v, node, f, r)->nominal;
    for (int32_t child = 0; child < v->spec->node_n; child++)
        if (slow_quota_parent(v, child) == node)
            all += quota_of(v, child, f, r) - own(v, child, f, r);
    return all;
}

/* What it does not lend. */
static int64_t own(const struct slow_view *v, int32_t node, int f, int r)
{
    int64_t lending = slow_quota_limits(v, node, f, r)->lending;
    if (lending == QUOTA_NO_LIMIT || v->all_is_lent) return 0;
    int64_t all = quota_of(v, node, f, r);
    return all > lending ? all - lending : 0;
}

int64_t slow_quota_usage(const struct slow_view *v, int32_t node, int f, int r)
{
    const struct slow *s = v->s;
    int64_t sum = 0;
    if (v->nobody) return 0;
    for (int32_t child = 0; child < v->spec->node_n; child++) {
        if (slow_quota_parent(v, child) != node) continue;
        int64_t beyond = slow_quota_usage(v, child, f, r) - own(v, child, f, r);
        if (beyond > 0) sum += beyond;
    }
    for (size_t j = 0; node < v->spec->queue_n && j < s->w->job_n; j++)
        if (s->state[j] == RUNNING && !v->gone[j] && s->kueue[j].queue == node &&
            s->kueue[j].flavor[r] == f)
            sum += slow_kueue_amount(s, j, r);
    for (int i = 0; i < v->plan_n; i++)
        if (v->plans[i].queue == node && v->plans[i].flavor[r] == f)
            sum += v->plans[i].held_back[r];
    return sum;
}

int64_t slow_quota_own_left(const struct slow_view *v, int32_t node, int f, int r)
{
    int64_t left = own(v, node, f, r) - slow_quota_usage(v, node, f, r);
    return left > 0 ? left : 0;
}

int64_t slow_quota_available(const struct slow_view *v, int32_t node, int f, int r)
{
    if (slow_quota_parent(v, node) < 0)
        return quota_of(v, node, f, r) - slow_quota_usage(v, node, f, r);
    int64_t above = slow_quota_available(v, slow_quota_parent(v, node), f, r);
    int64_t borrowing = slow_quota_limits(v, node, f, r)->borrowing;
    if (borrowing != QUOTA_NO_LIMIT) {
        /* Of what it lends and borrows, that which is not used. */
        int64_t lent = quota_of(v, node, f, r) - own(v, node, f, r);
        int64_t beyond = slow_quota_usage(v, node, f, r) - own(v, node, f, r);
        int64_t most = lent + borrowing - (beyond > 0 ? beyond : 0);
        if (most < above) above = most;
    }
    return slow_quota_own_left(v, node, f, r) + above;
}

int slow_quota_exceeds(const struct slow_view *v, int32_t node, int f, int r, int64_t more)
{
    return slow_quota_usage(v, node, f, r) + more > quota_of(v, node, f, r);
}

int slow_quota_height(const struct slow_view *v, int32_t node)
{
    int most = 0;
    for (int32_t child = 0; child < v->spec->node_n; child++)
        if (slow_quota_parent(v, child) == node && slow_quota_height(v, child) + 1 > most)
            most = slow_quota_height(v, child) + 1;
    return most;
}

int32_t slow_quota_lender(const struct slow_view *v, int32_t queue, int f, int r, int64_t more)
{
    int32_t node = queue;
    if (slow_quota_parent(v, queue) < 0 || !slow_quota_exceeds(v, queue, f, r, more)) return -1;
    for (;;) {
        more -= slow_quota_own_left(v, node, f, r);
        node = slow_quota_parent(v, node);
        if (slow_quota_parent(v, node) < 0 || !slow_quota_exceeds(v, node, f, r, more)) return node;
    }
}

int slow_kueue_has_quota(const struct slow_view *v, const struct slow_plan *p)
{
    for (int r = 0; r < QUOTA_RESOURCES; r++)
        if (p->flavor[r] >= 0 &&
            slow_kueue_amount(v->s, p->job, r) > slow_quota_available(v, p->queue, p->flavor[r], r))
            return 0;
    return 1;
}

int slow_kueue_room(const struct slow_view *v, size_t job, unsigned pools, int *take)
{
    struct slow *s = v->s;
    int saved[4096], found = -1;
    memcpy(saved, s->room, sizeof saved);
    for (size_t j = 0; j < s->w->job_n; j++)
        for (int k = 0; v->gone[j] && k < s->node_n; k++)
            if (s->held[j][k] > 0) s->room[k] += s->held[j][k];
    for (int p = 0; p < s->pool_n && found < 0; p++)
        if (pools >> p & 1 && slow_room(s, job, p, take)) found = p;
    memcpy(s->room, saved, sizeof saved);
    return found;
}
