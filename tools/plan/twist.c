/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/plan/twist.h"

#include <stdlib.h>
#include <string.h>

#include "models/pricing/price_path.h"

static bool is_bought(const struct pool_spec *pool, const char *option)
{
    return strcmp(pool->purchase.option->name, option) == 0;
}

static bool is_pool_touched(enum plan_lever lever, const char *subject,
                            const struct pool_spec *pool)
{
    const struct supply_spec *supply = &pool->supply;
    bool is_it = strcmp(pool->type.name, subject) == 0;
    switch (lever) {
    case LEVER_PRICE: return is_it && is_bought(pool, "on-demand");
    case LEVER_SPOT_PRICE: return is_it && is_bought(pool, "spot");
    case LEVER_RECLAIM: return supply->takes_back && (supply->by_node || supply->by_region);
    case LEVER_DEMAND: break;
    }
    return true;
}

bool twist_touches(enum plan_lever lever, const char *subject, const struct fleet_spec *fleet)
{
    if (lever == LEVER_DEMAND) return true;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (is_pool_touched(lever, subject, &fleet->pools[p])) return true;
    for (int32_t i = 0; lever == LEVER_PRICE && i < fleet->commitments.n; i++) {
        const struct commitment *c = &fleet->commitments.items[i].terms;
        if (c->kind == COMMITMENT_CAPACITY_RESERVATION && strcmp(c->of.instance, subject) == 0)
            return true;
    }
    return false;
}

/* The rates of what a capacity reservation holds are those on demand. */
static enum status price_reservations(const struct plan_twist *t, struct fleet_spec *fleet,
                                      struct twisted *own, struct error *err)
{
    size_t n = (size_t)fleet->commitments.n;
    if (n == 0) return STATUS_OK;
    own->commitments = malloc(n * sizeof *own->commitments);
    if (!own->commitments) return error_set(err, STATUS_NO_MEMORY, "no memory for commitments");
    memcpy(own->commitments, fleet->commitments.items, n * sizeof *own->commitments);
    fleet->commitments.items = own->commitments;
    for (size_t i = 0; i < n; i++) {
        struct commitment *c = &own->commitments[i].terms;
        if (c->kind != COMMITMENT_CAPACITY_RESERVATION || strcmp(c->of.instance, t->subject) != 0)
            continue;
        c->of.usd_nano_per_hour = price_times(c->of.usd_nano_per_hour, t->factor);
        c->of.ec2_plan_usd_nano_per_hour = price_times(c->of.ec2_plan_usd_nano_per_hour, t->factor);
        c->of.compute_plan_usd_nano_per_hour =
            price_times(c->of.compute_plan_usd_nano_per_hour, t->factor);
    }
    return STATUS_OK;
}

static void price_on_demand(double factor, struct purchase *p)
{
    p->usd_nano_per_hour = price_times(p->usd_nano_per_hour, factor);
    p->saved_usd_nano_per_hour = price_times(p->saved_usd_nano_per_hour, factor);
    p->ec2_plan_usd_nano_per_hour = price_times(p->ec2_plan_usd_nano_per_hour, factor);
    p->compute_plan_usd_nano_per_hour = price_times(p->compute_plan_usd_nano_per_hour, factor);
}

/* Every price of a log, in a trace of its own. */
static enum status price_spot(double factor, struct purchase *p, struct price_trace *to,
                              struct error *err)
{
    struct price_repairs none;
    p->usd_nano_per_hour = price_times(p->usd_nano_per_hour, factor);
    if (!p->prices) return STATUS_OK;
    size_t n = p->prices->n;
    struct price_step *steps = malloc(n * sizeof *steps);
    if (!steps) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu prices", n);
    for (size_t i = 0; i < n; i++)
        steps[i] = (struct price_step){ p->prices->step[i].at_us,
                                        price_times(p->prices->step[i].usd_nano_per_hour, factor) };
    enum status status = price_trace_init(to, steps, n, &none, err);
    if (!status) p->prices = to;
    free(steps);
    return status;
}

/* Changes what its pools cost, or how often they lose nodes. */
static enum status apply(const struct plan_twist *t, struct fleet_spec *fleet, struct twisted *own,
                         struct error *err)
{
    enum status status = STATUS_OK;
    own->traces = calloc((size_t)fleet->pool_n + 1, sizeof *own->traces);
    if (!own->traces) return error_set(err, STATUS_NO_MEMORY, "no memory for prices");
    own->trace_n = fleet->pool_n;
    for (int32_t p = 0; p < fleet->pool_n && !status; p++) {
        struct pool_spec *pool = &fleet->pools[p];
        if (!is_pool_touched(t->lever, t->subject, pool)) continue;
        if (t->lever == LEVER_PRICE) price_on_demand(t->factor, &pool->purchase);
        else if (t->lever == LEVER_SPOT_PRICE)
            status = price_spot(t->factor, &pool->purchase, &own->traces[p], err);
        else pool->supply.up.scale_us /= t->factor;
    }
    /* Pools of a region have its chances together, those on demand among them. */
    for (int32_t p = 0; p < fleet->pool_n && t->lever == LEVER_RECLAIM; p++)
        fleet->pools[p].supply.region_up.scale_us /= t->factor;
    if (!status && t->lever == LEVER_PRICE) status = price_reservations(t, fleet, own, err);
    return status;
}

enum status twist_load(const struct plan_twist *t, const struct plan *plan,
                       const struct plan_candidate *c, struct scenario *s, struct twisted *own,
                       struct error *err)
{
    struct sweep there = *plan->sweep; /* borrowed */
    *own = (struct twisted){ 0 };
    if (t->lever == LEVER_DEMAND) there.settings.load = t->factor;
    enum status status = sweep_load_point(&there, c->point, s, plan->diagnostics, err);
    if (status || t->lever == LEVER_DEMAND) return status;
    status = apply(t, &s->fleets[c->fleet], own, err);
    if (status) scenario_free(s);
    return status;
}

void twisted_free(struct twisted *own)
{
    for (int32_t i = 0; i < own->trace_n; i++) price_trace_free(&own->traces[i]);
    free(own->traces);
    free(own->commitments);
    *own = (struct twisted){ 0 };
}
