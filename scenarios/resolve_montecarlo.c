/* SPDX-License-Identifier: Apache-2.0 */
/* The key `mc`: what a Monte Carlo study asks of the scenario's fleets. */
#include <inttypes.h>
#include <string.h>

#include "scenarios/loading.h"
#include "scenarios/quantity.h"

/* Whether some fleet has |= s->fleets[f].pools[p].name &&
                       strcmp(s->fleets[f].pools[p].name, r->pool) == 0;the pool; one of several
   types is several pools, and has no number. */
static bool pool_is_there(struct loading *l, const struct value *named)
{
    const struct scenario *s = l->scenario;
    const char *names[SCENARIO_FLEETS_MAX];
    char hint[HINT_MAX];
    size_t n = 0;
    for (int32_t f = 0; f < s->fleet_n; f++)
        for (int32_t p = 0; p < s->fleets[f].pool_n; p++) {
            const struct pool_spec *pool = &s->fleets[f].pools[p];
            if (!pool->name) continue; /* it was complained of */
            if (strcmp(pool->name, named->text) == 0) {
                if (pool->group == 0) return true;
                loading_complain(l, named->at, NULL, NULL,
                                 "the pool '%s' is of several types or zones, and its nodes are "
                                 "not varied",
                                 named->text);
                return false;
            }
            if (n < SCENARIO_FLEETS_MAX) names[n++] = pool->name;
        }
    did_you_mean(hint, named->text, names, n);
    loading_complain(l, named->at, hint, NULL, "no fleet has a pool '%s'", named->text);
    return false;
}

/* How many fleets the ranges come to. */
static int64_t candidates(const struct scenario *s)
{
    int64_t all = 0;
    for (int32_t f = 0; f < s->fleet_n; f++) {
        int64_t of_fleet = 1;
        for (size_t i = 0; i < s->montecarlo.range_n; i++) {
            const struct montecarlo_range *r = &s->montecarlo.ranges[i];
            bool has = false;
            for (int32_t p = 0; p < s->fleets[f].pool_n; p++)
                has |= strcmp(s->fleets[f].pools[p].name, r->pool) == 0;
            if (has && of_fleet <= MONTECARLO_CANDIDATES_MAX)
                of_fleet *= (r->most - r->least) / r->step + 1;
        }
        all += of_fleet;
    }
    return all;
}

enum status resolve_montecarlo(struct loading *l)
{
    const struct raw_montecarlo *raw = &l->raw.mc;
    struct montecarlo_spec *m = &l->scenario->montecarlo;
    const struct value *nodes = raw->nodes.items;
    *m = (struct montecarlo_spec){
        .is_said = is_there(&raw->self),
        .years = (int32_t)value_or(&raw->years, 1),
        .precision_ppm = value_or(&raw->precision, 0),
        .replications = value_or(&raw->replications, is_good(&raw->precision) ? 65536 : 4096),
        .growth_ppm = value_or(&raw->growth, 0),
        .growth_sd_ppm = value_or(&raw->growth_sd, 0),
        .deadline_us = value_or(&raw->deadline, INT64_C(86400) * 1000000),
        .tolerance_ppm = value_or(&raw->tolerance, 50000),
    };
    if (l->scenario->antithetic && m->replications % 2)
        loading_complain(l, raw->replications.at, NULL, NULL,
                         "'run.antithetic' takes futures by pairs, and %" PRId64 " is odd",
                         m->replications);
    if (raw->nodes.state != VALUE_GOOD) return STATUS_OK;
    m->ranges = arena_zeroed(&l->store->arena, raw->nodes.n + 1, sizeof *m->ranges);
    if (!m->ranges) return error_set(l->err, STATUS_NO_MEMORY, "no memory for ranges of nodes");
    for (size_t i = 0; i < raw->nodes.n; i++) {
        if (!is_good(&nodes[i]) || !pool_is_there(l, &nodes[i])) continue;
        struct node_range r = node_range_of(nodes[i].number);
        m->ranges[m->range_n++] =
            (struct montecarlo_range){ nodes[i].text, r.least, r.most, r.step };
    }
    int64_t n = candidates(l->scenario);
    if (n > MONTECARLO_CANDIDATES_MAX)
        loading_complain(l, raw->nodes.at, NULL, NULL, "'nodes' makes more than %d fleets",
                         MONTECARLO_CANDIDATES_MAX);
    return STATUS_OK;
}
