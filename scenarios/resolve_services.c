/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fleet pays besides its nodes. A price is a row of services.csv, or the scenario's own,
 * with its day and its source: undated prices are refused here, too.
 */
#include <stdio.h>
#include <string.h>

#include "scenarios/loading.h"
#include "scenarios/units.h"

/* Which keys a kind wants, and which it has no use for. */
static bool check_keys(const struct loading *l, const struct raw_service *raw,
                       const struct service_kind *kind)
{
    bool cluster = kind->unit == SERVICE_CLUSTER_HOUR, stored = kind->unit == SERVICE_SIZE_MONTH;
    bool sent = kind->unit == SERVICE_SIZE;
    const struct kind_key keys[] = {
        { "clusters", &raw->clusters, false, !cluster },
        { "size", &raw->size, stored, !stored },
        { "per_job", &raw->per_job, false, !sent },
        { "per_gpu_hour", &raw->per_gpu_hour, false, !sent },
        { "free", &raw->free, false, !sent },
    };
    bool good = check_kind_keys(l, raw->self.at, kind->name, keys, sizeof keys / sizeof keys[0]);
    if (sent && raw->per_job.state == VALUE_ABSENT && raw->per_gpu_hour.state == VALUE_ABSENT) {
        loading_complain(l, raw->self.at, "such as per_job: 5 GB", NULL,
                         "'per_job' or 'per_gpu_hour' is missing: kind %s needs one", kind->name);
        good = false;
    }
    return good;
}

static const struct service_price_unit *unit_of(const struct service_kind *kind, const char *name)
{
    const struct service_price_unit *u = service_price_units;
    while (u->name && (u->unit != kind->unit || (name && strcmp(u->name, name) != 0))) u++;
    return u;
}

/* "$0.08 per GB-month", as the kind has it. */
static bool read_price(const struct loading *l, const struct value *raw, struct fleet_service *s)
{
    struct unit_problem problem;
    const char *per = NULL;
    bool good = s->kind->unit == SERVICE_CLUSTER_HOUR
                    ? unit_money_per_hour(raw->text, &s->usd_nano, &problem)
                : s->kind->unit == SERVICE_SIZE
                    ? unit_money_per_size(raw->text, &s->usd_nano, &per, &problem)
                    : unit_money_per_size_month(raw->text, &s->usd_nano, &per, &problem);
    if (!good) {
        loading_complain(l, raw->at, problem.hint[0] ? problem.hint : NULL,
                         problem.note[0] ? problem.note : NULL, "'price' %s", problem.message);
        return false;
    }
    s->per = unit_of(s->kind, per);
    if (s->usd_nano <= SERVICE_NANO_MAX) return true;
    loading_complain(l, raw->at, NULL, NULL, "'price' must be up to $1M, not '%.60s'", raw->text);
    return false;
}

/* A price of the scenario's own: all of it, or nothing. */
static bool own_price(const struct loading *l, const struct raw_service *raw,
                      struct fleet_service *s)
{
    bool good = raw->price.state == VALUE_GOOD && read_price(l, &raw->price, s);
    if (raw->valid_from.state == VALUE_ABSENT)
        loading_complain(l, raw->price.at, "such as valid_from: 2026-07-20", NULL,
                         "'valid_from' is missing: a price without a date is refused");
    if (raw->source.state == VALUE_ABSENT)
        loading_complain(l, raw->price.at, NULL, NULL,
                         "'source' is missing: say where the price is known from");
    if (raw->product.state != VALUE_ABSENT)
        loading_complain(l, raw->product.at, "leave out one of them", NULL,
                         "'product' says nothing beside 'price'");
    good &= raw->valid_from.state == VALUE_GOOD && raw->source.state == VALUE_GOOD &&
            raw->product.state == VALUE_ABSENT;
    if (raw->valid_from.state == VALUE_GOOD && raw->valid_from.number > l->as_of_days) {
        loading_complain(l, raw->valid_from.at, NULL, NULL,
                         "'valid_from' is after %s, the day whose prices hold",
                         l->scenario->price_as_of);
        good = false;
    }
    s->price_valid_from = raw->valid_from.text;
    s->price_source = raw->source.text;
    return good;
}

static bool book_price(const struct loading *l, const struct raw_service *raw,
                       struct fleet_service *s)
{
    const struct value *stray = raw->valid_from.state != VALUE_ABSENT ? &raw->valid_from
                                : raw->source.state != VALUE_ABSENT   ? &raw->source
                                                                      : NULL;
    const char *product = raw->product.state == VALUE_GOOD ? raw->product.text : s->kind->name;
    struct place at = raw->product.state == VALUE_GOOD ? raw->product.at : raw->kind.at;
    if (stray)
        loading_complain(l, stray->at, NULL, NULL, "'%s' says nothing without 'price'",
                         stray == &raw->source ? "source" : "valid_from");
    if (stray || raw->product.state == VALUE_BAD) return false;
    const struct service_row *row =
        pricebook_service(&l->store->book, product, s->price_region, l->as_of_days);
    if (!row)
        loading_complain(l, at, NULL,
                         "say 'price', 'valid_from' and 'source' here; or prices.services adds "
                         "prices of your own",
                         "no dated price of '%.64s' in %.64s on %s", product, s->price_region,
                         l->scenario->price_as_of);
    else if (row->per->unit != s->kind->unit)
        loading_complain(l, at, NULL, NULL, "'%.64s' is priced by the %s, which kind %s is not",
                         product, row->per->name, s->kind->name);
    if (!row || row->per->unit != s->kind->unit) return false;
    s->per = row->per;
    s->usd_nano = row->usd_nano;
    s->price_valid_from = row->valid_from;
    s->price_source = row->source;
    return true;
}

/* Whether it is whole; else it was complained of. */
static bool resolve_one(const struct loading *l, const struct raw_service *raw,
                        const struct fleet_spec *fleet, struct fleet_service *s)
{
    if (raw->kind.state != VALUE_GOOD) return false;
    s->kind = &service_kinds[raw->kind.number];
    s->name = raw->name.state == VALUE_GOOD ? raw->name.text : s->kind->name;
    s->price_region = loading_region(l, &raw->region, fleet->pools[0].purchase.price_region);
    s->amount = s->kind->unit == SERVICE_CLUSTER_HOUR ? value_or(&raw->clusters, 1)
                                                      : value_or(&raw->size, 0);
    s->bytes_per_job = value_or(&raw->per_job, 0);
    s->bytes_per_gpu_hour = value_or(&raw->per_gpu_hour, 0);
    s->free_bytes = value_or(&raw->free, 0);
    bool good = check_keys(l, raw, s->kind);
    if (raw->name.state == VALUE_BAD || raw->region.state == VALUE_BAD) return false;
    if (!s->price_region) return false; /* of the first pool, which was complained of */
    return (raw->price.state == VALUE_ABSENT ? book_price(l, raw, s) : own_price(l, raw, s)) &&
           good;
}

/* What the people of a pool cost: its own rate, of the day whose prices hold. */
static bool people_of(struct loading *l, const struct raw_pool *raw, int32_t pool,
                      struct fleet_service *s)
{
    const struct raw_provisioning *people = &raw->provisioning;
    const struct service_kind *kind = service_kinds;
    char name[160];
    if (people->how.state != VALUE_GOOD || people->person_hours.state != VALUE_GOOD ||
        people->usd_per_hour.state != VALUE_GOOD || raw->min_nodes.state != VALUE_GOOD)
        return false;
    while (kind->unit != SERVICE_PERSON_HOUR) kind++;
    snprintf(name, sizeof name, "people, %.128s", raw->name.text ? raw->name.text : "");
    *s = (struct fleet_service){
        .kind = kind,
        .name = arena_text(&l->store->arena, name, strlen(name)),
        .per = unit_of(kind, NULL),
        .usd_nano = people->usd_per_hour.number,
        .amount = people->person_hours.number * 3600, /* millionths of an hour to microseconds */
        .pool = pool,
        .price_region = "",
        .price_valid_from = l->scenario->price_as_of,
        .price_source = "the scenario",
    };
    return true;
}

enum status resolve_services(struct loading *l, const struct raw_fleet *raw,
                             struct fleet_spec *fleet)
{
    const struct raw_service *all = raw->services.items;
    const struct raw_pool *pools = raw->pools.items;
    size_t n = raw->services.state == VALUE_GOOD ? raw->services.n : 0;
    if (fleet->pool_n == 0) return STATUS_OK;
    struct fleet_service *items =
        arena_zeroed(&l->store->arena, n + (size_t)fleet->pool_n + 1, sizeof *items);
    if (!items) return error_set(l->err, STATUS_NO_MEMORY, "no memory for services");
    bool good = true;
    for (size_t i = 0; i < n; i++) {
        good &= resolve_one(l, &all[i], fleet, &items[i]);
        for (size_t k = 0; k < i && items[i].name; k++)
            if (items[k].name && strcmp(items[k].name, items[i].name) == 0) {
                loading_complain(l,
                                 all[i].name.state == VALUE_GOOD ? all[i].name.at : all[i].self.at,
                                 "give each a name of its own", NULL,
                                 "two services of fleet '%s' are called '%s'", fleet->name,
                                 items[i].name);
                good = false;
                break;
            }
    }
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        if (!people_of(l, &pools[p], p, &items[n])) continue;
        if (!items[n++].name) return error_set(l->err, STATUS_NO_MEMORY, "no memory for services");
    }
    if (good && n > 0) fleet->services = (struct fleet_services){ (int32_t)n, items };
    return STATUS_OK;
}
