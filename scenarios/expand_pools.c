/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool of several instance types or zones is as many pools as there are pairs of them, a group:
 * they are told apart by what differs, and have together no more nodes than the one would have.
 *
 *      {name: gpu, instance: [p4d.24xlarge, p4de.24xlarge], zone: [us-east-1a, us-east-1b], ...}
 *
 *      gpu/p4d.24xlarge/us-east-1a     the first, which has min_nodes
 *      gpu/p4d.24xlarge/us-east-1b
 *      gpu/p4de.24xlarge/us-east-1a
 *      gpu/p4de.24xlarge/us-east-1b
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/loading.h"

enum { POOLS_MAX = 64 };

static size_t at_least_one(const struct value_list *list) { return list->n > 0 ? list->n : 1; }

static size_t pools_of(const struct raw_pool *p)
{
    return at_least_one(&p->instances) * at_least_one(&p->zones);
}

/* Of several, where something is wrong with them. */
static void take_first(struct raw_pool *p)
{
    if (p->instances.n > 1) p->instances.n = 1;
    if (p->zones.n > 1) p->zones.n = 1;
}

static bool is_twice(const struct loading *l, const char *key, const struct value_list *list)
{
    const struct value *values = list->items;
    for (size_t i = 0; i < list->n; i++)
        for (size_t k = 0; k < i; k++)
            if (is_good(&values[i]) && is_good(&values[k]) &&
                strcmp(values[i].text, values[k].text) == 0) {
                source_report_twice(l->source, l->diagnostics, values[i].at, values[k].at.line,
                                    "'%s' names '%.100s' twice", key, values[i].text);
                return true;
            }
    return false;
}

/* Whether it may be of several. */
static bool check(const struct loading *l, const struct raw_pool *p)
{
    const struct value_list *list = p->instances.n > 1 ? &p->instances : &p->zones;
    const char *key = p->instances.n > 1 ? "instance" : "zone";
    bool twice = is_twice(l, "instance", &p->instances);
    if (is_twice(l, "zone", &p->zones) || twice) return false;
    if (pools_of(p) == 1) return true;
    if (is_good(&p->buy) && strcmp(p->buy.text, "owned") == 0)
        loading_complain(l, list->at, "say a pool of each", NULL,
                         "of owned nodes it must be said how many there are of each '%s'", key);
    else if (!is_there(&p->min_nodes))
        loading_complain(l, list->at, "say 'min_nodes'", NULL,
                         "several of '%s' are for nodes that come and go", key);
    else return true;
    return false;
}

static char *name_of(struct loading *l, const struct raw_pool *p, const struct value *type,
                     const struct value *zone)
{
    char name[400];
    snprintf(name, sizeof name, "%.100s%s%.100s%s%.100s", p->name.text,
             p->instances.n > 1 ? "/" : "", p->instances.n > 1 ? type->text : "",
             p->zones.n > 1 ? "/" : "", p->zones.n > 1 ? zone->text : "");
    return arena_text(&l->store->arena, name, strlen(name));
}

/* Pool k of those that p is. */
static bool make_one(struct loading *l, const struct raw_pool *p, size_t k, int32_t group,
                     struct raw_pool *one)
{
    const struct value *types = p->instances.items, *zones = p->zones.items;
    size_t zone_n = at_least_one(&p->zones);
    *one = *p;
    if (p->instances.n > 0) one->instance = types[k / zone_n];
    if (p->zones.n > 0) one->zone = zones[k % zone_n];
    if (pools_of(p) == 1) return true;
    one->group = group;
    if (k > 0 && is_good(&one->min_nodes)) one->min_nodes.number = 0;
    if (is_good(&p->name)) one->name.text = name_of(l, p, &one->instance, &one->zone);
    return one->name.text != NULL;
}

enum status expand_pools(struct loading *l, struct raw_fleet *raw)
{
    struct raw_pool *pools = raw->pools.items;
    size_t n = 0, made = 0;
    for (size_t p = 0; p < raw->pools.n; p++) {
        if (!check(l, &pools[p])) take_first(&pools[p]);
        n += pools_of(&pools[p]);
    }
    if (n > POOLS_MAX) {
        loading_complain(l, raw->pools.at, NULL, NULL,
                         "fleet '%s' has %zu pools, of each instance type in each zone: more than "
                         "%d",
                         raw->self.text, n, POOLS_MAX);
        for (size_t p = 0; p < raw->pools.n; p++) take_first(&pools[p]);
        n = raw->pools.n;
    }
    struct raw_pool *all = arena_zeroed(&l->store->arena, n + 1, sizeof *all);
    if (!all) return error_set(l->err, STATUS_NO_MEMORY, "no memory for pools");
    for (size_t p = 0; p < raw->pools.n; p++)
        for (size_t k = 0; k < pools_of(&pools[p]); k++)
            if (!make_one(l, &pools[p], k, (int32_t)p + 1, &all[made++]))
                return error_set(l->err, STATUS_NO_MEMORY, "no memory for the names of pools");
    raw->pools.items = all;
    raw->pools.n = n;
    return STATUS_OK;
}
