/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/candidates.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int32_t pool_of(const struct fleet_spec *fleet, const char *name)
{
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (strcmp(fleet->pools[p].name, name) == 0) return p;
    return -1;
}

/* So many nodes: those that always are stay, as far as they can. What is said of each node by its
 * number among all of them holds no longer. */
static void resize(struct fleet_spec *fleet, struct pool_spec *pool, int32_t nodes)
{
    int32_t always = pool->nodes - pool->elastic_nodes;
    if (nodes == pool->nodes) return;
    pool->elastic_nodes = pool->elastic_nodes && nodes > always ? nodes - always : 0;
    pool->nodes = nodes;
    for (int32_t p = 0; p < fleet->pool_n; p++) fleet->pools[p].rank = NULL;
}

static char *add_text(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static char *add_text(char *text, const char *format, ...)
{
    char *all = NULL, part[160];
    va_list args;
    va_start(args, format);
    vsnprintf(part, sizeof part, format, args);
    va_end(args);
    if (text && asprintf(&all, "%s%s", text, part) < 0) all = NULL;
    free(text);
    return all;
}

/* The next candidate of fleet f; nodes[i]: of range i, or NULL for the fleet as it is. */
static enum status add(const struct scenario *s, int32_t f, const int64_t *nodes,
                       struct candidates *c, struct error *err)
{
    const struct fleet_spec *from = &s->fleets[f];
    struct candidate *to = &c->items[c->n];
    size_t bytes = (size_t)from->pool_n * sizeof *from->pools;
    *to = (struct candidate){ .name = strdup(from->name), .of = f, .is_own = true, .fleet = *from };
    to->fleet.pools = malloc(bytes + 1);
    c->n++;
    if (!to->fleet.pools || !to->name) goto no_memory;
    memcpy(to->fleet.pools, from->pools, bytes);
    for (size_t i = 0; nodes && i < s->montecarlo.range_n; i++) {
        int32_t p = pool_of(from, s->montecarlo.ranges[i].pool);
        if (p < 0) continue;
        to->is_own &= nodes[i] == from->pools[p].nodes;
        resize(&to->fleet, &to->fleet.pools[p], (int32_t)nodes[i]);
        to->name = add_text(to->name, ", %" PRId64 " %s", nodes[i], from->pools[p].name);
        if (!to->name) goto no_memory;
    }
    /* A fleet of the scenario may be called just so. */
    for (size_t i = 0; i + 1 < c->n; i++)
        if (strcmp(c->items[i].name, to->name) == 0) {
            if (!(to->name = add_text(to->name, " again"))) goto no_memory;
            i = SIZE_MAX; /* and from the first again */
        }
    to->fleet.name = to->name;
    if (to->is_own && f == s->baseline) c->baseline = c->n - 1;
    return STATUS_OK;
no_memory:
    return error_set(err, STATUS_NO_MEMORY, "no memory for candidates");
}

/* Each number of nodes of range `at` and those behind it. */
static enum status add_all(const struct scenario *s, int32_t f, size_t at, int64_t *nodes,
                           struct candidates *c, struct error *err)
{
    enum status status = STATUS_OK;
    while (at < s->montecarlo.range_n && pool_of(&s->fleets[f], s->montecarlo.ranges[at].pool) < 0)
        at++;
    if (at == s->montecarlo.range_n) return add(s, f, nodes, c, err);
    const struct montecarlo_range *r = &s->montecarlo.ranges[at];
    for (nodes[at] = r->least; !status && nodes[at] <= r->most; nodes[at] += r->step)
        status = add_all(s, f, at + 1, nodes, c, err);
    return status;
}

enum status candidates_make(const struct scenario *s, struct candidates *c, struct error *err)
{
    enum status status = STATUS_OK;
    int64_t *nodes = calloc(s->montecarlo.range_n + 1, sizeof *nodes);
    size_t most = MONTECARLO_CANDIDATES_MAX + SCENARIO_FLEETS_MAX + 1;
    *c = (struct candidates){ calloc(most, sizeof *c->items), 0, SIZE_MAX };
    if (!nodes || !c->items) status = error_set(err, STATUS_NO_MEMORY, "no memory for candidates");
    for (int32_t f = 0; f < s->fleet_n && !status; f++) status = add_all(s, f, 0, nodes, c, err);
    if (!status && c->baseline == SIZE_MAX) status = add(s, s->baseline, NULL, c, err);
    free(nodes);
    if (status) candidates_free(c);
    return status;
}

void candidates_free(struct candidates *c)
{
    for (size_t i = 0; i < c->n; i++) {
        free(c->items[i].name);
        free(c->items[i].fleet.pools);
    }
    free(c->items);
    *c = (struct candidates){ NULL, 0, 0 };
}
