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

static int64_t *at(int64_t *amounts, const struct quota *q, int32_t node, int32_t cell)
{
    return &amounts[(size_t)node * (size_t)q->cells + (size_t)cell];
}

/* What it never lends. */
static int64_t own(const struct quota *q, int32_t node, int32_t cell)
{
    int64_t lending = limits_of(q, node, cell)->lending;
    int64_t all = *at(q->subtree, q, node, cell);
    return lending != QUOTA_NO_LIMIT && all > lending ? all - lending : 0;
}

/* Adds up from the leaves: each node once all that are below it. */
static void add_up(struct quota *q, int32_t node)
{
    for (int32_t c = 0; c < q->cells; c++)
        *at(q->subtree, q, node, c) += limits_of(q, node, c)->nominal;
    for (int32_t child = 0; child < q->spec->node_n; child++) {
        if (q->spec->nodes[child].parent != node) continue;
        add_up(q, child);
        for (int32_t c = 0; c < q->cells; c++)
            *at(q->subtree, q, node, c) += *at(q->subtree, q, child, c) - own(q, child, c);
        if (q->height[node] < q->height[child] + 1) q->height[node] = q->height[child] + 1;
    }
}

bool quota_init(struct quota *q, const struct quota_spec *spec)
{
    *q = (struct quota){ .spec = spec, .cells = spec->flavor_n * QUOTA_RESOURCES };
    size_t n = (size_t)spec->node_n * (size_t)q->cells;
    q->subtree = calloc(n + 1, sizeof *q->subtree);
    q->usage = calloc(n + 1, sizeof *q->usage);
    q->height = calloc((size_t)spec->node_n + 1, sizeof *q->height);
    if (!q->subtree || !q->usage || !q->height) return false;
    for (int32_t node = 0; node < spec->node_n; node++)
        if (spec->nodes[node].parent < 0) add_up(q, node);
    return true;
}

void quota_free(struct quota *q)
{
    free(q->subtree);
    free(q->usage);
    free(q->height);
    *q = (struct quota){ 0 };
}

int32_t quota_root(const struct quota_spec *spec, int32_t node)
{
    while (spec->nodes[node].parent >= 0) node = spec->nodes[node].parent;
    return node;
}

/* ---- what is left ---- */

int64_t quota_own_left(const struct quota *q, int32_t node, int32_t cell)
{
    int64_t left = own(q, node, cell) - *at(q->usage, q, node, cell);
    return left > 0 ? left : 0;
}

int64_t quota_available(const struct quota *q, int32_t node, int32_t cell)
{
    int64_t all = *at(q->subtree, q, node, cell), used = *at(q->usage, q, node, cell);
    int32_t parent = q->spec->nodes[node].parent;
    if (parent < 0) return all - used;
    int64_t above = quota_available(q, parent, cell);
    int64_t borrowing = limits_of(q, node, cell)->borrowing;
    if (borrowing != QUOTA_NO_LIMIT) {
        int64_t mine = own(q, node, cell), taken = used > mine ? used - mine : 0;
        int64_t most = all - mine - taken + borrowing;
        if (most < above) above = most;
    }
    return quota_own_left(q, node, cell) + above;
}

int64_t quota_potential(const struct quota *q, int32_t node, int32_t cell)
{
    int64_t all = *at(q->subtree, q, node, cell);
    int32_t parent = q->spec->nodes[node].parent;
    if (parent < 0) return all;
    int64_t most = own(q, node, cell) + quota_potential(q, parent, cell);
    int64_t borrowing = limits_of(q, node, cell)->borrowing;
    return borrowing != QUOTA_NO_LIMIT && all + borrowing < most ? all + borrowing : most;
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
        *at(q->usage, q, node, cell) += amount;
        amount -= left;
    }
}

void quota_give_back(struct quota *q, int32_t node, int32_t cell, int64_t amount)
{
    for (; node >= 0 && amount > 0; node = q->spec->nodes[node].parent) {
        int64_t *used = at(q->usage, q, node, cell), beyond = *used - own(q, node, cell);
        *used -= amount;
        if (beyond < amount) amount = beyond;
    }
}
