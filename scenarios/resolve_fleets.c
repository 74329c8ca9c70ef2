/* SPDX-License-Identifier: Apache-2.0 */
/* Fleets: pools, instance types, prices, schedulers. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/fleet/gpu_table.h"
#include "models/scheduling/profile.h"
#include "scenarios/kueue/quotas.h"
#include "scenarios/loading.h"

enum { PPM = 1000000, FLEET_NODES_MAX = 1000000, FLEET_GPUS_MAX = 100000000 };
_Static_assert((int)FLEET_GPUS_MAX <= (int)PROFILE_GPUS_MAX,
               "availability profiles count all GPUs of a pool");
_Static_assert((int)FLEET_NODES_MAX *(int)GPU_TABLE_GPUS_MAX <= PROFILE_GPUS_MAX / REPLICAS_MAX,
               "and all parts of those in time slices");
/* What a fleet may cost an hour: with this a century's bill still fits micro-dollars in 63 bits. */
#define FLEET_NANO_PER_HOUR_MAX ((__int128)10000000 * 1000000000)

struct note { /* "known ...: a, b, c", cut where it is full */
    char text[600];
    size_t n;
};

static void note_start(struct note *note, const char *text)
{
    note->n = (size_t)snprintf(note->text, sizeof note->text, "%s", text);
}

static void note_add(struct note *note, const char *between, const char *text)
{
    if (note->n < sizeof note->text)
        note->n += (size_t)snprintf(note->text + note->n, sizeof note->text - note->n, "%s%s",
                                    between, text);
}

/* ---- Instance types and prices ---- */

const struct instance_type *loading_instance(struct loading *l, const struct value *raw)
{
    const struct pricebook *book = &l->store->book;
    const struct instance_type *type = pricebook_instance(book, raw->text);
    if (type) return type;
    struct note note;
    char hint[HINT_MAX] = "";
    size_t n = book->n[PRICEBOOK_INSTANCES], shown = 0, family = strcspn(raw->text, ".-_");
    note_start(&note, "of this family there are: ");
    for (size_t i = 0; i < n;
         i++) { /* one word at a time: there are more of them than nearest_word wants */
        const char *name = book->instances[i].type.name;
        if (family > 1 && strncmp(name, raw->text, family) == 0 && shown < 12)
            note_add(&note, shown++ ? ", " : "", name);
    }
    const char **names = arena_zeroed(&l->store->arena, n + 1, sizeof *names);
    for (size_t i = 0; names && i < n; i++) names[i] = book->instances[i].type.name;
    if (names) did_you_mean(hint, raw->text, names, n);
    if (!shown)
        note_start(&note,
                   "seatrial list instances shows those that ship; prices.instances adds others");
    loading_complain(l, raw->at, hint, note.text, "unknown instance type '%.100s'", raw->text);
    return NULL;
}

/* What the book knows of an instance's price in a market: "us-east-1 from 2020-11-01 and
 * 2025-06-01; ..." */
static size_t note_prices(const struct pricebook *book, const char *instance, const char *market,
                          struct note *note, const char **regions, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < book->n[PRICEBOOK_PRICES]; i++) {
        const struct price_row *p = &book->prices[i];
        if (strcmp(p->instance, instance) != 0 || strcmp(p->market, market) != 0) continue;
        bool known = n > 0 && strcmp(regions[n - 1], p->region) == 0;
        if (!known && n == most) break;
        if (known) {
            note_add(note, " and ", p->valid_from);
        } else {
            note_add(note, n ? "; " : "", p->region);
            note_add(note, " from ", p->valid_from);
            regions[n++] = p->region;
        }
    }
    return n;
}

/* Spot nodes whose price the scenario says. */
static void price_as_said(struct loading *l, const struct raw_pool *raw, struct purchase *purchase)
{
    purchase->usd_nano_per_hour = value_or(&raw->spot_price, 0);
    purchase->price_region = loading_region(l, &raw->region, "");
    purchase->price_market = "spot";
    purchase->price_valid_from = l->scenario->price_as_of;
    purchase->price_source = "the scenario";
}

static void price_pool(struct loading *l, const struct raw_pool *raw,
                       const struct instance_type *type, struct purchase *purchase)
{
    const char *market = purchase->option->name;
    const struct pricebook *book = &l->store->book;
    const char *regions[32], *region = l->default_region;
    struct place at = region ? l->region_at : raw->instance.at;
    struct note note;
    if (raw->region.state == VALUE_BAD) return;
    if (raw->region.state == VALUE_GOOD) {
        region = raw->region.text;
        at = raw->region.at;
    }
    note_start(&note, "known prices: ");
    size_t n =
        note_prices(book, type->name, market, &note, regions, sizeof regions / sizeof regions[0]);
    if (n == 0) {
        loading_complain(l, raw->instance.at,
                         strcmp(market, "spot") == 0 ? "say spot_price, or supply.prices" : NULL,
                         "prices.book adds a price book of your own",
                         "no dated %s price of '%s' is known", market, type->name);
        return;
    }
    if (!region && n > 1) {
        loading_complain(l, raw->instance.at, NULL, note.text,
                         "'%s' has prices in several regions: say 'region' here or in prices",
                         type->name);
        return;
    }
    if (!region) region = regions[0];
    const struct price_row *row = pricebook_price(book, type->name, region, market, l->as_of_days);
    if (row) {
        purchase->usd_nano_per_hour = row->usd_nano_per_hour;
        purchase->price_region = row->region;
        purchase->price_market = row->market;
        purchase->price_valid_from = row->valid_from;
        purchase->price_source = row->source;
        return;
    }
    char hint[HINT_MAX] = "";
    bool priced = false;
    for (size_t i = 0; i < n; i++) priced |= strcmp(regions[i], region) == 0;
    if (!priced) did_you_mean(hint, region, regions, n);
    loading_complain(l, at, hint, note.text, "no %s price of '%s' in %.64s on %s", market,
                     type->name, region, l->scenario->price_as_of);
}

/* ---- Owned nodes ---- */

static void check_watts(struct loading *l, const struct raw_pool *raw, const struct owned_terms *o)
{
    if (raw->idle_watts.state == VALUE_GOOD && o->busy_watts > 0 && o->idle_watts > o->busy_watts)
        loading_complain(l, raw->idle_watts.at, NULL, NULL,
                         "'idle_watts' must not be more than 'busy_watts' (%" PRId64 " W)",
                         o->busy_watts);
}

static void own_pool(struct loading *l, const struct raw_pool *raw,
                     const struct instance_type *type, struct purchase *purchase)
{
    const struct {
        const char *key;
        const struct value *value;
        bool has_default;
    } needed[] = {
        { "capex", &raw->capex, false },
        { "life", &raw->life, false },
        { "power", &raw->power, false },
        { "busy_watts", &raw->busy_watts, type && type->watts > 0 },
        { "idle_watts", &raw->idle_watts, false },
    };
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (needed[i].value->state == VALUE_ABSENT && !needed[i].has_default)
            loading_complain(l, raw->self.at, NULL, NULL,
                             "'%s' is missing in pool '%s': owned nodes need it", needed[i].key,
                             raw->name.state == VALUE_GOOD ? raw->name.text : "?");
    purchase->owned = (struct owned_terms){
        .capex_usd_micro = value_or(&raw->capex, 0),
        .salvage_usd_micro = value_or(&raw->salvage, 0),
        .life_us = value_or(&raw->life, 1),
        .power_usd_nano_per_kwh = value_or(&raw->power, 0),
        .pue_ppm = value_or(&raw->pue, PPM),
        .busy_watts = value_or(&raw->busy_watts, type ? type->watts : 0),
        .idle_watts = value_or(&raw->idle_watts, 0),
        .space_staff_usd_nano_per_hour = value_or(&raw->space_and_staff, 0),
        .carbon_ug_per_kwh = value_or(&raw->grid_carbon, -1),
    };
    const struct owned_terms *o = &purchase->owned;
    if (raw->salvage.state == VALUE_GOOD && raw->capex.state == VALUE_GOOD &&
        o->salvage_usd_micro > o->capex_usd_micro)
        loading_complain(l, raw->salvage.at, NULL, NULL, "'salvage' must not be more than 'capex'");
    check_watts(l, raw, o);
    purchase->price_region = raw->region.state == VALUE_GOOD ? raw->region.text : "on-prem";
    purchase->price_market = "owned";
    purchase->price_valid_from = l->scenario->price_as_of;
    purchase->price_source = "the scenario";
}

static void refuse_owned_keys(struct loading *l, const struct raw_pool *raw, const char *option)
{
    const struct {
        const char *key;
        const struct value *value;
    } keys[] = {
        { "capex", &raw->capex },
        { "salvage", &raw->salvage },
        { "life", &raw->life },
        { "power", &raw->power },
        { "space_and_staff", &raw->space_and_staff },
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (keys[i].value->state != VALUE_ABSENT)
            loading_complain(l, keys[i].value->at, NULL, NULL,
                             "'%s' is only for owned nodes, not for %s ones", keys[i].key, option);
}

/* What rented nodes draw, which their price holds, where the scenario says it: idle watts are not
 * guessed. */
static void meter_rented(struct loading *l, const struct raw_pool *raw,
                         const struct instance_type *type, struct purchase *purchase)
{
    const struct value *given[] = { &raw->pue, &raw->busy_watts, &raw->idle_watts,
                                    &raw->grid_carbon, &raw->carbon_log.self };
    struct owned_terms *o = &purchase->owned;
    bool any = false;
    o->carbon_ug_per_kwh = -1;
    for (int i = 0; i < 5; i++) any |= given[i]->state != VALUE_ABSENT;
    if (!any) return;
    if (raw->idle_watts.state == VALUE_ABSENT)
        loading_complain(l, raw->self.at, NULL, NULL,
                         "'idle_watts' is missing in pool '%s': energy of nodes needs it",
                         raw->name.state == VALUE_GOOD ? raw->name.text : "?");
    if (raw->busy_watts.state == VALUE_ABSENT && !(type && type->watts > 0))
        loading_complain(l, raw->self.at, NULL, NULL,
                         "'busy_watts' is missing in pool '%s': energy of nodes needs it",
                         raw->name.state == VALUE_GOOD ? raw->name.text : "?");
    o->pue_ppm = value_or(&raw->pue, PPM);
    o->busy_watts = value_or(&raw->busy_watts, type ? type->watts : 0);
    o->idle_watts = value_or(&raw->idle_watts, 0);
    o->carbon_ug_per_kwh = value_or(&raw->grid_carbon, -1);
    check_watts(l, raw, o);
}

/* Nano-dollars an hour at most, of one node. */
static __int128 hourly_most(const struct pool_spec *pool, const void *context)
{
    const struct owned_terms *o = &pool->purchase.owned;
    (void)context;
    if (o->life_us == 0) return pool->purchase.usd_nano_per_hour;
    __int128 rate =
        ((__int128)o->capex_usd_micro - o->salvage_usd_micro) * 1000 * US_PER_HOUR / o->life_us;
    rate += (__int128)o->power_usd_nano_per_kwh * o->busy_watts * o->pue_ppm / 1000 / PPM;
    return rate + o->space_staff_usd_nano_per_hour;
}

/* ---- Pools ---- */

static void check_speed(struct loading *l, const struct raw_pool *raw,
                        const struct instance_type *type)
{
    const struct pricebook *book = &l->store->book;
    const char *reference = l->scenario->reference_gpu;
    double speed;
    if (!reference || type->gpus == 0 ||
        pricebook_speed(book, "all", type->gpu_model, reference, &speed))
        return;
    struct note note;
    size_t n = 0;
    note_start(&note, "there are factors from it to: ");
    for (size_t g = 0; g < book->n[PRICEBOOK_GPUS]; g++)
        if (strcmp(book->gpus[g].name, reference) != 0 &&
            pricebook_speed(book, "all", book->gpus[g].name, reference, &speed))
            note_add(&note, n++ ? ", " : "", book->gpus[g].name);
    loading_complain(l, raw->instance.at, NULL,
                     n ? note.text : "prices.performance adds factors of your own",
                     "no performance factor leads from the reference GPU '%s' to '%s' of '%s'",
                     reference, type->gpu_model, type->name);
}

static enum status resolve_names(struct loading *l, const struct value_list *raw,
                                 struct name_list *names)
{
    const struct value *values = raw->items;
    if (raw->state != VALUE_GOOD) return STATUS_OK;
    const char **text = arena_zeroed(&l->store->arena, raw->n + 1, sizeof *text);
    if (!text) return error_set(l->err, STATUS_NO_MEMORY, "no memory for names");
    for (size_t i = 0; i < raw->n; i++) text[i] = values[i].text;
    *names = (struct name_list){ (int32_t)raw->n, text };
    return STATUS_OK;
}

static enum status resolve_pool(struct loading *l, const struct raw_pool *raw,
                                struct pool_spec *pool)
{
    const struct instance_type *type =
        raw->instance.state == VALUE_GOOD ? loading_instance(l, &raw->instance) : NULL;
    pool->name = raw->name.state == VALUE_GOOD ? raw->name.text : "";
    pool->group = raw->group;
    pool->zone = raw->zone.state == VALUE_GOOD ? raw->zone.text : NULL;
    pool->nodes = (int32_t)value_or(&raw->nodes, 0);
    pool->rack_nodes = (int32_t)value_or(&raw->nodes_per_rack, 0);
    if (type) {
        pool->type = *type;
        check_speed(l, raw, type);
        resolve_failures(l, raw, pool, &pool->failures);
    }
    enum status status = type ? resolve_failure_log(l, raw, pool, &pool->failures) : STATUS_OK;
    if (status != STATUS_OK || raw->buy.state != VALUE_GOOD) return status;
    pool->purchase.option = &purchase_options[raw->buy.number];
    if (strcmp(raw->buy.text, "owned") == 0) {
        own_pool(l, raw, type, &pool->purchase);
        if (raw->billing.state != VALUE_ABSENT)
            loading_complain(l, raw->billing.at, NULL, NULL,
                             "'billing' says nothing of owned nodes, which nobody bills");
    } else {
        refuse_owned_keys(l, raw, raw->buy.text);
        bool said =
            raw->spot_price.state != VALUE_ABSENT || raw->supply.prices.state != VALUE_ABSENT;
        if (said && strcmp(raw->buy.text, "spot") == 0) price_as_said(l, raw, &pool->purchase);
        else if (type) price_pool(l, raw, type, &pool->purchase);
        meter_rented(l, raw, type, &pool->purchase);
        if (raw->billing.state == VALUE_GOOD)
            pool->purchase.billing = billing_rule_find(raw->billing.text);
        else if (type) pool->purchase.billing = billing_rule_of(type->provider);
    }
    if (type) status = resolve_carbon(l, raw, &pool->purchase);
    return type && status == STATUS_OK ? resolve_supply(l, raw, pool) : status;
}

/* ---- Fleets ---- */

/* A policy may be named in the scheduler's mapping or beside it, not in both. */
static int64_t one_of(struct loading *l, const char *key, const struct value *inside,
                      const struct value *beside, int64_t otherwise)
{
    if (inside->state != VALUE_ABSENT && beside->state != VALUE_ABSENT)
        source_report_twice(l->source, l->diagnostics, beside->at, inside->at.line,
                            "'%s' is set in 'scheduler' and beside it", key);
    return value_or(beside->state == VALUE_GOOD ? beside : inside, otherwise);
}

/* What is believed of run times, and who may pass. Which order knows which is checked where orders
 * are chosen (variants.c). */
static void resolve_backfill(struct loading *l, const struct raw_scheduler *raw,
                             struct backfill_options *options)
{
    *options = (struct backfill_options){
        .shadow = (enum shadow_rule)value_or(&raw->shadow, SHADOW_ENDS_BY),
        .extra = (enum extra_rule)value_or(&raw->extra, EXTRA_ALL_FREED),
        .scan = (enum scan_rule)value_or(&raw->scan, SCAN_ARRIVAL),
        .estimates = (enum estimate_rule)value_or(&raw->estimates, ESTIMATES_LIMITS),
        .estimate_ppm = value_or(&raw->estimate_factor, PPM),
        .interval_us = value_or(&raw->bf_interval, 0),
        .window_us = value_or(&raw->bf_window, 0),
        .resolution_us = value_or(&raw->bf_resolution, 0),
        .max_job_test = value_or(&raw->bf_max_job_test, 0),
        .queue_depth = value_or(&raw->default_queue_depth, 0),
        .sched_interval_us = value_or(&raw->sched_interval, 0),
        .sched_delay_us = value_or(&raw->batch_sched_delay, 0),
    };
    if (raw->sched_interval.state != VALUE_ABSENT &&
        raw->default_queue_depth.state == VALUE_ABSENT &&
        raw->batch_sched_delay.state == VALUE_ABSENT)
        loading_complain(
            l, raw->sched_interval.at, NULL,
            "set default_queue_depth or batch_sched_delay, which Slurm has 100 and 3 s "
            "for",
            "'sched_interval' says nothing here: the main loop sees the whole queue "
            "after each event");
    int64_t window_us = options->window_us ? options->window_us : SLURM_WINDOW_US;
    int64_t grid_us = options->resolution_us ? options->resolution_us : SLURM_RESOLUTION_US;
    if (grid_us > window_us)
        loading_complain(l, options->resolution_us ? raw->bf_resolution.at : raw->bf_window.at,
                         NULL, NULL, "'bf_resolution' must not be more than 'bf_window'");
}

static void resolve_timing(struct loading *l, const struct raw_scheduler *raw,
                           struct timing_options *options)
{
    *options = (struct timing_options){
        .events = (enum event_rule)value_or(&raw->events, EVENTS_INSTANT),
        .instant = (enum instant_rule)value_or(&raw->instant, INSTANT_ENDS_FIRST),
        .cycle_us = value_or(&raw->cycle, 0),
    };
    if (options->events == EVENTS_SINGLE && raw->cycle.state != VALUE_ABSENT)
        loading_complain(
            l, raw->cycle.at, NULL,
            "leave out one of them: events: single is a pass after each event",
            "'cycle' and 'events: single' contradict each other: with a cycle one pass "
            "sees all events since the last");
}

static void resolve_sharing(struct loading *l, const struct raw_scheduler *raw,
                            struct scheduler_spec *spec)
{
    spec->sharing = (enum sharing_rule)value_or(&raw->gpu_sharing, SHARING_NONE);
    spec->replicas = (int32_t)value_or(&raw->replicas, REPLICAS_MIN);
    if (spec->sharing == SHARING_TIME && raw->replicas.state == VALUE_ABSENT)
        loading_complain(l, raw->gpu_sharing.at, "such as replicas: 4", NULL,
                         "'gpu_sharing: time-slicing' needs to know how many may be on a GPU: "
                         "'replicas' is missing");
    if (spec->sharing != SHARING_TIME && raw->replicas.state != VALUE_ABSENT &&
        raw->gpu_sharing.state != VALUE_BAD)
        loading_complain(l, raw->replicas.at, NULL, "gpu_sharing: time-slicing has them",
                         "'replicas' says nothing with 'gpu_sharing: %s'",
                         sharing_rules[spec->sharing].name);
}

/* All but order and placement, of which there may be several. */
static enum status resolve_scheduler(struct loading *l, const struct raw_fleet *raw,
                                     struct scheduler_spec *spec)
{
    spec->gang =
        (enum gang_rule)one_of(l, "gang", &raw->scheduler.gang, &raw->gang, GANG_FEWEST_NODES);
    resolve_sharing(l, &raw->scheduler, spec);
    resolve_nodes(l, &raw->scheduler, spec);
    resolve_backfill(l, &raw->scheduler, &spec->backfill);
    spec->predictor = (enum predictor_rule)value_or(&raw->scheduler.predictor, PREDICTOR_HISTORY);
    spec->ties = (enum tie_rule)value_or(&raw->scheduler.ties, TIES_ARRIVAL);
    resolve_levels(l, &raw->scheduler, &spec->levels);
    resolve_restart(l, &raw->scheduler, &spec->restart);
    if (spec->ties == TIES_PREVIOUS &&
        (spec->restart.cost.n > 0 || fleet_fails(raw) || fleet_drains(raw, NULL) ||
         spec->restart.checkpoint != CHECKPOINT_AT_STOP))
        loading_complain(l, raw->scheduler.ties.at, NULL, "ties: arrival and ties: waiting can",
                         "'ties: previous' knows no costs: where preemption or failures have them, "
                         "a job that is stopped changes its rank at once");
    if (spec->sharing == SHARING_TIME && fleet_fails(raw))
        loading_complain(l, raw->scheduler.gpu_sharing.at, NULL,
                         "gpu_sharing: fractional and mig can",
                         "'gpu_sharing: time-slicing' knows no failures: what a job that shares "
                         "its time has done is not known until it ends");
    spec->rounds = (struct round_options){ .round_us = value_or(&raw->scheduler.round, 0),
                                           .shares_us = value_or(&raw->scheduler.round_shares, 0) };
    spec->victims = (enum victim_rule)value_or(&raw->scheduler.victims, VICTIMS_POOL);
    spec->permit =
        (struct permit_options){ .pods = (enum pods_rule)value_or(&raw->scheduler.pods, 0),
                                 .timeout_us = value_or(&raw->scheduler.permit_timeout, 0),
                                 .backoff_us = value_or(&raw->scheduler.permit_backoff, 0) };
    resolve_timing(l, &raw->scheduler, &spec->timing);
    enum status status = resolve_scatter(l, &raw->scheduler, spec, &spec->scatter);
    if (!status) status = resolve_racks(l, &raw->scheduler, &spec->cross_rack);
    if (!status) status = resolve_elastic(l, &raw->scheduler, &spec->elastic);
    if (!status) status = resolve_limits(l, &raw->scheduler, &spec->limits);
    if (status) return status;
    return resolve_share(l, &raw->scheduler, &spec->share);
}

/* What is said of racks, and no pool has any. */
static void check_racks(struct loading *l, const struct raw_fleet *raw,
                        const struct fleet_spec *fleet)
{
    const struct raw_scheduler *s = &raw->scheduler;
    struct place gang_at = s->gang.state != VALUE_ABSENT ? s->gang.at : raw->gang.at;
    const struct raw_pool *pools = raw->pools.items;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        if (pools[p].nodes_per_rack.state != VALUE_ABSENT) return;
    if (gang_knows_racks(fleet->scheduler.gang))
        loading_complain(l, gang_at, "say 'nodes_per_rack' of a pool", NULL,
                         "'gang: %s' on a fleet without racks", gangs[fleet->scheduler.gang].name);
    if (s->cross_rack_speed.state != VALUE_ABSENT)
        loading_complain(l, s->cross_rack_speed.at, "say 'nodes_per_rack' of a pool", NULL,
                         "'cross_rack_speed' on a fleet without racks");
}

static void check_totals(struct loading *l, const struct raw_fleet *raw,
                         const struct fleet_spec *fleet)
{
    int64_t nodes = 0, gpus = 0;
    __int128 hourly = 0;
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        nodes += fleet->pools[p].nodes;
        gpus += (int64_t)fleet->pools[p].nodes * fleet->pools[p].type.gpus;
        hourly += fleet_above_group(fleet, p, hourly_most, NULL) * fleet->pools[p].nodes;
    }
    for (int32_t c = 0; c < fleet->commitments.n; c++)
        hourly +=
            (__int128)fleet_commitment_usd_micro_per_hour(&fleet->commitments.items[c]) * 1000;
    for (int32_t i = 0; i < fleet->services.n; i++)
        hourly += service_usd_nano_per_hour(&fleet->services.items[i]);
    if (nodes > FLEET_NODES_MAX)
        loading_complain(l, raw->self.at, NULL, NULL,
                         "fleet '%s' has %" PRId64 " nodes, more than %d", fleet->name, nodes,
                         FLEET_NODES_MAX);
    if (gpus > FLEET_GPUS_MAX)
        loading_complain(l, raw->self.at, NULL, NULL,
                         "fleet '%s' has %" PRId64 " GPUs, more than %d", fleet->name, gpus,
                         FLEET_GPUS_MAX);
    if (hourly > FLEET_NANO_PER_HOUR_MAX)
        loading_complain(
            l, raw->self.at, NULL, NULL,
            "fleet '%s' may cost more than $10M an hour: there must be a mistake in it",
            fleet->name);
}

static enum status resolve_fleet(struct loading *l, struct raw_fleet *raw, struct fleet_spec *fleet)
{
    enum status status = expand_pools(l, raw);
    const struct raw_pool *pools = raw->pools.items;
    fleet->name = raw->self.text;
    if (status || (status = resolve_scheduler(l, raw, &fleet->scheduler))) return status;
    fleet->pools = arena_zeroed(&l->store->arena, raw->pools.n + 1, sizeof *fleet->pools);
    if (!fleet->pools) return error_set(l->err, STATUS_NO_MEMORY, "no memory for pools");
    fleet->pool_n = (int32_t)raw->pools.n;
    for (size_t p = 0; p < raw->pools.n; p++) {
        if (pools[p].self.state != VALUE_GOOD) continue;
        if ((status = resolve_pool(l, &pools[p], &fleet->pools[p])) ||
            (status = resolve_names(l, &pools[p].tenants, &fleet->pools[p].tenants)) ||
            (status = resolve_names(l, &pools[p].queues, &fleet->pools[p].queues)) ||
            (status = resolve_marks(l, &pools[p], &fleet->pools[p].marks)))
            return status;
        for (size_t k = 0; k < p && pools[p].name.state == VALUE_GOOD; k++)
            if (pools[k].name.state == VALUE_GOOD &&
                strcmp(pools[k].name.text, pools[p].name.text) == 0) {
                source_report_twice(l->source, l->diagnostics, pools[p].name.at,
                                    pools[k].name.at.line,
                                    "two pools of fleet '%s' are called '%s'", fleet->name,
                                    pools[p].name.text);
                break;
            }
    }
    if ((status = resolve_autoscaler(l, raw, fleet))) return status;
    if ((status = resolve_commitments(l, raw, fleet))) return status;
    if ((status = resolve_services(l, raw, fleet))) return status;
    if ((status = resolve_quotas(l, raw, fleet))) return status;
    check_totals(l, raw, fleet);
    check_racks(l, raw, fleet);
    check_regions(l, raw, fleet);
    resolve_fallback(l, raw, fleet);
    resolve_interval(l, &raw->scheduler, fleet);
    return kueue_resolve(l, raw, fleet, &fleet->scheduler.quota);
}

/* Without a reference GPU every model runs jobs equally fast: worth saying where there are several.
 */
static void warn_of_speed(struct loading *l)
{
    const struct scenario *s = l->scenario;
    const char *first = NULL;
    if (l->raw.workload.reference_gpu.state != VALUE_ABSENT) return;
    for (int32_t f = 0; f < s->fleet_n; f++)
        for (int32_t p = 0; p < s->fleets[f].pool_n; p++) {
            const char *model = s->fleets[f].pools[p].type.gpu_model;
            if (!model || !model[0]) continue;
            if (!first) first = model;
            if (strcmp(first, model) == 0) continue;
            loading_warn(l, l->raw.workload.self.at,
                         "set 'reference_gpu' to the GPU the run times were measured on",
                         "every job runs as long on '%s' as on '%s'", model, first);
            return;
        }
}

enum status resolve_fleets(struct loading *l)
{
    struct scenario *s = l->scenario;
    struct raw_fleet *raw = l->raw.fleets.items;
    s->fleets = arena_zeroed(&l->store->arena, SCENARIO_FLEETS_MAX, sizeof *s->fleets);
    if (!s->fleets) return error_set(l->err, STATUS_NO_MEMORY, "no memory for fleets");
    for (size_t f = 0; f < l->raw.fleets.n; f++) {
        struct fleet_spec fleet = { 0 };
        enum status status = resolve_fleet(l, &raw[f], &fleet);
        if (!status) status = variants_add(l, &raw[f], &fleet);
        if (status) return status;
    }
    warn_of_speed(l);
    return STATUS_OK;
}
