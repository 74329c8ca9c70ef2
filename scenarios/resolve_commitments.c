/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fleet has committed to: instances, used or not, and Savings Plans. Their prices are rows
 * of the price books, dated and sourced as all others, in a market of their own:
 *
 *      reserved                    of its instance type: dollars an hour, used or not
 *      capacity-block              of its instance type: dollars an hour, paid at its start
 *      ec2-instance-savings-plan   of each pool's instance type in the family and region: its rate
 *      compute-savings-plan        of each AWS pool's instance type on demand: its rate
 *
 * A capacity reservation has the price on demand.
 */
#include <string.h>

#include "scenarios/loading.h"

static bool is_on_demand(const struct pool_spec *pool)
{
    return pool->purchase.option && strcmp(pool->purchase.option->name, "on-demand") == 0;
}

/* Which keys a kind wants, and which it has no use for. */
static bool check_keys(const struct loading *l, const struct raw_commitment *raw,
                       const struct fleet_commitment_kind *kind)
{
    bool reserved = kind->kind == COMMITMENT_RESERVED_REGIONAL,
         plan = commitment_kind_is_plan(kind->kind);
    bool compute = kind->kind == COMMITMENT_COMPUTE_PLAN;
    bool block = kind->kind == COMMITMENT_CAPACITY_BLOCK;
    const struct kind_key keys[] = {
        { "instance", &raw->instance, !compute, compute },
        { "region", &raw->region, false, compute },
        { "zone", &raw->zone, false, plan },
        { "market", &raw->market, false, kind->kind == COMMITMENT_CAPACITY_RESERVATION },
        { "count", &raw->count, !plan, plan },
        { "usd_per_hour", &raw->usd_per_hour, plan, !plan },
        { "upfront", &raw->upfront, false, !reserved },
        { "term", &raw->term, block, !block && !reserved },
        { "start", &raw->start, false, !block },
    };
    return check_kind_keys(l, raw->self.at, kind->name, keys, sizeof keys / sizeof keys[0]);
}

static const struct price_row *find_price(const struct loading *l, struct place at,
                                          const char *instance, const char *region,
                                          const char *market)
{
    const struct price_row *row =
        pricebook_price(&l->store->book, instance, region, market, l->as_of_days);
    if (!row)
        loading_complain(l, at, NULL, "prices.book adds a price book of your own",
                         "no dated price of '%.100s' in %.64s in the market '%.64s' on %s",
                         instance, region, market, l->scenario->price_as_of);
    return row;
}

static void take_source(struct fleet_commitment *c, const struct price_row *row)
{
    c->price_valid_from = row->valid_from;
    c->price_source = row->source;
}

/* The rate of each pool that the plan is for. false: complained of. */
static bool price_plan(const struct loading *l, const struct raw_commitment *raw,
                       struct fleet_spec *fleet, struct fleet_commitment *c)
{
    bool compute = c->terms.kind == COMMITMENT_COMPUTE_PLAN, good = true;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        struct pool_spec *pool = &fleet->pools[p];
        struct purchase *buy = &pool->purchase;
        int64_t *rate =
            compute ? &buy->compute_plan_usd_nano_per_hour : &buy->ec2_plan_usd_nano_per_hour;
        if (!is_on_demand(pool) || !pool->type.name) continue;
        struct offering line =
            fleet_offering(pool->type.provider, pool->type.name, pool->zone, buy);
        line.compute_plan_usd_nano_per_hour = line.ec2_plan_usd_nano_per_hour = 1; /* in it */
        if (!commitment_covers(&c->terms, &line)) continue;
        const struct price_row *row =
            find_price(l, raw->self.at, pool->type.name, buy->price_region, c->price_market);
        good &= row != NULL;
        if (!row) continue;
        if (row->usd_nano_per_hour == 0 || row->usd_nano_per_hour > buy->usd_nano_per_hour) {
            loading_complain(l, raw->self.at, NULL, NULL,
                             "the price of '%.100s' in the market '%.64s' is %s", pool->type.name,
                             c->price_market,
                             row->usd_nano_per_hour ? "above its price on demand" : "$0");
            good = false;
        }
        *rate = row->usd_nano_per_hour;
        take_source(c, row);
    }
    return good;
}

/* Of plans of one kind a pool has one rate. */
static bool check_market(const struct loading *l, const struct raw_commitment *raw,
                         const struct fleet_commitments *before, const struct fleet_commitment *c)
{
    for (int32_t i = 0; i < before->n; i++) {
        const struct fleet_commitment *other = &before->items[i];
        if (other->terms.kind != c->terms.kind || !commitment_kind_is_plan(c->terms.kind) ||
            strcmp(other->price_market, c->price_market) == 0)
            continue;
        loading_complain(l, raw->market.state == VALUE_GOOD ? raw->market.at : raw->self.at, NULL,
                         NULL,
                         "two commitments of the kind %s of a fleet have prices of two "
                         "markets: '%.64s', '%.64s'",
                         c->kind->name, other->price_market, c->price_market);
        return false;
    }
    return true;
}

/* The first pool that it covers, and that pool's line; NULL: none. */
static const struct pool_spec *covered_pool(const struct fleet_spec *fleet,
                                            const struct commitment *terms, struct offering *line)
{
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        if (!is_on_demand(pool)) continue;
        *line = fleet_offering(pool->type.provider, pool->type.name, pool->zone, &pool->purchase);
        if (commitment_covers(terms, line)) return pool;
    }
    return NULL;
}

/* Its prices are those of the first pool it covers. */
static void price_reservation(const struct fleet_spec *fleet, struct fleet_commitment *c)
{
    struct offering line;
    const struct pool_spec *pool = covered_pool(fleet, &c->terms, &line);
    c->terms.of.usd_nano_per_hour = line.usd_nano_per_hour;
    c->terms.of.ec2_plan_usd_nano_per_hour = line.ec2_plan_usd_nano_per_hour;
    c->terms.of.compute_plan_usd_nano_per_hour = line.compute_plan_usd_nano_per_hour;
    c->price_market = pool->purchase.price_market;
    c->price_valid_from = pool->purchase.price_valid_from;
    c->price_source = pool->purchase.price_source;
}

/* Adds one, unless it is of nothing: then the fleet is as without it. false: complained of. */
static bool resolve_one(struct loading *l, const struct raw_commitment *raw,
                        struct fleet_spec *fleet, struct fleet_commitments *to,
                        struct fleet_commitment *c)
{
    if (raw->kind.state != VALUE_GOOD) return false;
    c->kind = &fleet_commitment_kinds[raw->kind.number];
    if (!check_keys(l, raw, c->kind) || raw->market.state == VALUE_BAD) return false;
    struct offering line;
    bool plan = commitment_kind_is_plan(c->kind->kind),
         block = c->kind->kind == COMMITMENT_CAPACITY_BLOCK;
    c->price_market = raw->market.state == VALUE_GOOD ? raw->market.text : c->kind->name;
    c->terms = (struct commitment){
        .kind = c->kind->kind,
        .of = { "aws", "", is_good(&raw->zone) ? raw->zone.text : "", "", 0, 0, 0 },
        .count = value_or(&raw->count, 1),
        .usd_nano_per_hour = value_or(&raw->usd_per_hour, 0),
        .upfront_usd_micro = value_or(&raw->upfront, 0),
        .from_us = value_or(&raw->start, 0),
        .to_us = value_or(&raw->start, 0) + value_or(&raw->term, 8760 * (int64_t)US_PER_HOUR)
    };
    if (is_good(&raw->zone) && c->kind->kind == COMMITMENT_RESERVED_REGIONAL)
        c->terms.kind = COMMITMENT_RESERVED_ZONAL;
    if (c->kind->kind != COMMITMENT_COMPUTE_PLAN) {
        const struct instance_type *type = loading_instance(l, &raw->instance);
        if (!type) return false;
        c->terms.of.instance = type->name;
        if (!plan) c->terms.of.provider = type->provider;
        c->terms.of.region = loading_region(l, &raw->region, "");
        if (!c->terms.of.region[0]) {
            loading_complain(l, raw->self.at, NULL, NULL, "say 'region' here or in prices");
            return false;
        }
    }
    if (!check_market(l, raw, to, c)) return false;
    if (!plan && c->kind->kind != COMMITMENT_CAPACITY_RESERVATION) {
        const struct price_row *row = find_price(l, raw->instance.at, c->terms.of.instance,
                                                 c->terms.of.region, c->price_market);
        if (!row) return false;
        if (block) /* the fee of an instance, all of it before its first hour */
            c->terms.upfront_usd_micro =
                charge_usd_micro(row->usd_nano_per_hour, c->terms.to_us - c->terms.from_us);
        else c->terms.usd_nano_per_hour = row->usd_nano_per_hour;
        take_source(c, row);
    } else if (plan && !price_plan(l, raw, fleet, c)) {
        return false;
    }
    if (!covered_pool(fleet, &c->terms, &line)) {
        loading_complain(l, raw->self.at, NULL,
                         *c->terms.of.zone ? "it is for pools on demand of its instance type that "
                                             "say its zone"
                                           : "it is for pools on demand of its instance type, or "
                                             "of its family, in its region",
                         "this commitment covers no pool of fleet '%s'", fleet->name);
        return false;
    }
    if (c->terms.count > 0 && (!plan || c->terms.usd_nano_per_hour > 0)) to->n++;
    return true;
}

enum status resolve_commitments(struct loading *l, const struct raw_fleet *raw,
                                struct fleet_spec *fleet)
{
    const struct raw_commitment *all = raw->commitments.items;
    size_t pool_n = (size_t)fleet->pool_n, n = 0;
    bool good = true;
    if (raw->commitments.state != VALUE_GOOD) return STATUS_OK;
    for (int32_t p = 0; p < fleet->pool_n; p++) /* nothing to cover: complained of already */
        if (!fleet->pools[p].purchase.price_region || !fleet->pools[p].type.name) return STATUS_OK;
    struct arena *arena = &l->store->arena;
    struct fleet_commitment *items = arena_zeroed(arena, raw->commitments.n + 1, sizeof *items);
    struct offering *lines = arena_zeroed(arena, pool_n + 1, sizeof *lines);
    int32_t *nodes = arena_zeroed(arena, pool_n + 1, sizeof *nodes),
            *which = arena_zeroed(arena, pool_n + 1, sizeof *which);
    int64_t *saved = arena_zeroed(arena, pool_n + 1, sizeof *saved);
    if (!items || !lines || !nodes || !which || !saved)
        return error_set(l->err, STATUS_NO_MEMORY, "no memory for commitments");
    struct fleet_commitments commitments = { 0, items };
    for (size_t i = 0; i < raw->commitments.n; i++)
        good &= resolve_one(l, &all[i], fleet, &commitments, &items[commitments.n]);
    if (!good) return STATUS_OK;
    for (int32_t i = 0; i < commitments.n; i++) /* now that the plans' rates are known */
        if (items[i].terms.kind == COMMITMENT_CAPACITY_RESERVATION)
            price_reservation(fleet, &items[i]);
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *pool = &fleet->pools[p];
        if (!is_on_demand(pool)) continue;
        lines[n] =
            fleet_offering(pool->type.provider, pool->type.name, pool->zone, &pool->purchase);
        nodes[n] = pool->nodes;
        which[n++] = p;
    }
    enum status status = fleet_bill_saved(&commitments, lines, nodes, n, saved, l->err);
    if (status == STATUS_BAD_INPUT) {
        loading_complain(l, raw->commitments.at, NULL, NULL, "%s", l->err->message);
        return STATUS_OK;
    }
    if (status != STATUS_OK) return status;
    for (size_t i = 0; i < n; i++)
        fleet->pools[which[i]].purchase.saved_usd_nano_per_hour = saved[i];
    fleet->commitments = commitments;
    return STATUS_OK;
}
