/* SPDX-License-Identifier: Apache-2.0 */
#include "models/scheduling/quota.h"

#include <stdlib.h>
#include <string.h>

const char *const quota_resource_names[QUOTA_RESOURCES] = { "cpu", "memory", "nvidia.com/gpu",
                                                            "pods" };

static const struct quota_limits no_limits[QUOTA_RESOURCES] = {
    { INT64_MAX / 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT },
    { INT64_MAX / 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT },
    { INT64_MAX / 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT },
    { INT64_MAX / 4, QUOTA_NO_LIMIT, QUOTA_NO_LIMIT },
};

const struct quota_spec quota_unlimited = {
    .flavor_n = 1,
    .queue_n = 1,
    .node_n = 1,
    .flavors = (const struct quota_flavor[]){ { "any", UINT64_MAX, false } },
    .queues =
        (const struct quota_queue[]){
            { .group_n = 1,
              .groups = (const struct quota_group[]){ { (1 << QUOTA_RESOURCES) - 1, 1,
                                                        (const int32_t[]){ 0 } } },
              .threshold = INT64_MAX } },
    .nodes = (const struct quota_node[]){ { "any", -1, no_limits } },
};

/* ---- the tree ---- */

static const struct quota_limits *limits_of(const struct quota *q, int32_t node, int32_t cell)
{
    return &q->spec->nodes[node].limits[cell];
}

/* What it never lends. */
static int64_t own_of(const struct quota *q, int32_t node, int32_t cell)
{
    int64_t lending = limits_of(q, node, cell)->lending;
    int64_t all = quota_at(q, node, cell)->all;
    return lending != QUOTA_NO_LIMIT && all > lending ? all - lending : 0;
}

/* Adds up from the leaves: each node once all that are below it. */
static void add_up(struct quota *q, int32_t node)
{
    for (int32_t c = 0; c < q->cells; c++)
        quota_at(q, node, c)->all += limits_of(q, node, c)->nominal;
    for (int32_t child = 0; child < q->spec->node_n; child++) {
        if (q->spec->nodes[child].parent != node) continue;
        add_up(q, child);
        for (int32_t c = 0; c < q->cells; c++) {
            const struct quota_amounts *below = quota_at(q, child, c);
            quota_at(q, node, c)->all += below->all - below->own;
        }
        if (q->height[node] < q->height[child] + 1) q->height[node] = q->height[child] + 1;
    }
    for (int32_t c = 0; c < q->cells; c++) quota_at(q, node, c)->own = own_of(q, node, c);
}

/* Down from the tops: each node once all that are above it. */
static void find_potential(struct quota *q, int32_t node)
{
    int32_t parent = q->spec->nodes[node].parent;
    for (int32_t c = 0; c < q->cells; c++) {
        struct quota_amounts *a = quota_at(q, node, c);
        a->borrowing = limits_of(q, node, c)->borrowing;
        a->potential = a->all;
        if (parent < 0) continue;
        a->potential = a->own + quota_at(q, parent, c)->potential;
        if (a->borrowing != QUOTA_NO_LIMIT && a->all + a->borrowing < a->potential)
            a->potential = a->all + a->borrowing;
    }
    for (int32_t child = 0; child < q->spec->node_n; child++)
        if (q->spec->nodes[child].parent == node) find_potential(q, child);
}

bool quota_init(struct quota *q, const struct quota_spec *spec)
{
    *q = (struct quota){ .spec = spec, .cells = spec->flavor_n * QUOTA_RESOURCES };
    size_t n = (size_t)spec->node_n * (size_t)q->cells;
    q->amounts = calloc(n + 1, sizeof *q->amounts);
    q->height = calloc((size_t)spec->node_n + 1, sizeof *q->height);
    if (!q->amounts || !q->height) return false;
    for (int32_t node = 0; node < spec->node_n; node++) {
        if (spec->nodes[node].parent >= 0) continue;
        add_up(q, node);
        find_potential(q, node);
    }
    return true;
}

void quota_free(struct quota *q)
{
    free(q->amounts);
    free(q->height);
    *q = (struct quota){ 0 };
}

int32_t quota_root(const struct quota_spec *spec, int32_t node)
{
    while (spec->nodes[node].parent >= 0) node = spec->nodes[node].parent;
    return node;
}

/* ---- what is left ---- */

/* Its own, and what its parent can give: all that can, or up to what it may borrow. */
int64_t quota_available(const struct quota *q, int32_t node, int32_t cell)
{
    int64_t own = 0, most = INT64_MAX;
    const struct quota_amounts *a = quota_at(q, node, cell);
    for (int32_t parent; (parent = q->spec->nodes[node].parent) >= 0; node = parent) {
        own += quota_own_left(q, node, cell);
        if (a->borrowing != QUOTA_NO_LIMIT) {
            int64_t taken = a->used > a->own ? a->used - a->own : 0;
            int64_t limited = own + a->all - a->own - taken + a->borrowing;
            if (limited < most) most = limited;
        }
        a = quota_at(q, parent, cell);
    }
    int64_t all = own + a->all - a->used;
    return all < most ? all : most;
}

int32_t quota_borrow_level(const struct quota *q, int32_t queue, int32_t cell, int64_t more,
                           bool *above)
{
    const struct quota_node *nodes = q->spec->nodes;
    int32_t node = queue;
    *above = nodes[queue].parent >= 0;
    if (!*above || !quota_exceeds(q, queue, cell, more)) return 0;
    do {
        more -= quota_own_left(q, node, cell);
        node = nodes[node].parent;
    } while (nodes[node].parent >= 0 && quota_exceeds(q, node, cell, more));
    *above = nodes[node].parent >= 0;
    return q->height[node];
}

/* ---- use ---- */

void quota_use(struct quota *q, int32_t node, int32_t cell, int64_t amount)
{
    for (; node >= 0 && amount > 0; node = q->spec->nodes[node].parent) {
        int64_t left = quota_own_left(q, node, cell);
        quota_at(q, node, cell)->used += amount;
        amount -= left;
    }
}

void quota_give_back(struct quota *q, int32_t node, int32_t cell, int64_t amount)
{
    for (; node >= 0 && amount > 0; node = q->spec->nodes[node].parent) {
        struct quota_amounts *a = quota_at(q, node, cell);
        int64_t beyond = a->used - a->own;
        a->used -= amount;
        if (beyond < amount) amount = beyond;
    }
}
