/* SPDX-License-Identifier: Apache-2.0 */
/* Options that say which nodes a job may have, beside its placement. */
#include "scenarios/loading.h"

void resolve_nodes(struct loading *l, const struct raw_scheduler *raw, struct scheduler_spec *spec)
{
    spec->remainder = (enum remainder_rule)value_or(&raw->remainder, REMAINDER_PLACEMENT);
    if (raw->remainder.state != VALUE_ABSENT && spec->gang != GANG_FEWEST_NODES)
        loading_complain(l, raw->remainder.at, NULL, "gang: fewest-nodes asks for one",
                         "'remainder' says nothing here: 'gang: %s' %s", gangs[spec->gang].name,
                         gang_knows_racks(spec->gang) ? "places it by rack" : "leaves none");
    spec->neighbours = (struct neighbour_options){
        .apart = (enum apart_rule)value_or(&raw->anti_affinity, APART_NONE),
        .exclusive = (enum exclusive_rule)value_or(&raw->exclusive, EXCLUSIVE_NONE),
    };
    if (spec->neighbours.apart != APART_NONE && spec->neighbours.exclusive == EXCLUSIVE_JOB)
        loading_complain(l, raw->anti_affinity.at, NULL, "leave it out",
                         "'anti_affinity' says nothing here: with 'exclusive: job' no two jobs are "
                         "on one node");
}

static bool is_named(struct loading *l, const struct value *value, const char *key, size_t n,
                     const struct choice *rule)
{
    if (value->state != VALUE_GOOD || n > 0) return true;
    loading_complain(l, value->at, NULL, NULL,
                     "'%s: %s' says nothing here: no job of the trace names a %s", key, rule->name,
                     rule->name);
    return false;
}

bool neighbours_are_named(struct loading *l, size_t tenants, size_t users, size_t classes,
                          size_t queues)
{
    const size_t apart[] = { [APART_NONE] = 1,
                             [APART_TENANT] = tenants,
                             [APART_USER] = users,
                             [APART_CLASS] = classes,
                             [APART_QUEUE] = queues };
    const size_t exclusive[] = { [EXCLUSIVE_NONE] = 1,
                                 [EXCLUSIVE_TENANT] = tenants,
                                 [EXCLUSIVE_USER] = users,
                                 [EXCLUSIVE_JOB] = 1 };
    const struct raw_fleet *fleets = l->raw.fleets.items;
    bool good = true;
    for (size_t f = 0; f < l->raw.fleets.n; f++) {
        const struct raw_scheduler *s = &fleets[f].scheduler;
        int64_t a = value_or(&s->anti_affinity, 0), e = value_or(&s->exclusive, 0);
        good &= is_named(l, &s->anti_affinity, "anti_affinity", apart[a], &apart_rules[a]);
        good &= is_named(l, &s->exclusive, "exclusive", exclusive[e], &exclusive_rules[e]);
    }
    return good;
}
