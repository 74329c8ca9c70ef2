/* SPDX-License-Identifier: Apache-2.0 */
/* When the nodes of a pool can be had, and what spot nodes cost. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "models/reliability/availability.h"
#include "models/scheduling/scheduler.h"
#include "scenarios/loading.h"

static const double PPM = 1e6;
/* EC2: two minutes (EC2 user guide, spot instance interruption notices). */
#define NOTICE_US (120 * US_PER_S)
/* Karpenter: an offering that had no capacity is not tried again for so long
 * (karpenter-provider-aws, pkg/cache/cache.go, UnavailableOfferingsTTL). */
#define RETRY_US (180 * US_PER_S)

/* ---- what is said, and what of it is nothing here ---- */

bool pool_is_limited(const struct raw_pool *raw)
{
    const struct raw_supply *s = &raw->supply;
    return is_there(&s->log) || is_there(&s->bid) || is_there(&s->up) || is_there(&s->region_up) ||
           is_there(&s->refused);
}

static void needs(struct loading *l, const struct value *what, const char *key,
                  const struct value *of, const char *of_key)
{
    if (is_there(what) && !is_there(of))
        loading_complain(l, what->at, NULL, NULL, "'%s' says nothing without '%s'", key, of_key);
}

static void clash(struct loading *l, const struct value *what, const char *key,
                  const struct value *with, const char *with_key)
{
    if (is_there(what) && is_there(with))
        loading_complain(l, what->at, "leave out one of them", NULL,
                         "'%s' and '%s' both say when nodes can be had", key, with_key);
}

static void check_keys(struct loading *l, const struct raw_pool *raw)
{
    const struct raw_supply *s = &raw->supply;
    const struct value *file = is_there(&s->log) ? &s->log : &s->prices;
    clash(l, &s->log, "log", &s->bid, "bid");
    clash(l, &s->log, "log", &s->up, "up");
    clash(l, &s->bid, "bid", &s->up, "up");
    clash(l, &s->log, "log", &s->region_up, "region_up");
    clash(l, &s->bid, "bid", &s->region_up, "region_up");
    needs(l, &s->bid, "bid", &s->prices, "prices");
    needs(l, &s->zone, "zone", file, "log");
    needs(l, &s->type, "type", file, "log");
    needs(l, &s->from, "from", file, "log");
    needs(l, &s->nodes_each, "nodes_each", &s->log, "log");
    needs(l, &s->up_shape, "up_shape", &s->up, "up");
    needs(l, &s->batch, "batch", &s->up, "up");
    needs(l, &s->retry, "retry", &s->refused, "refused");
    const struct value *chance = is_there(&s->up) ? &s->up : &s->region_up;
    needs(l, &s->down, "down", chance, "up");
    needs(l, &s->down_shape, "down_shape", &s->down, "down");
    const struct value *takes = is_there(&s->log) ? &s->log : is_there(&s->bid) ? &s->bid : chance;
    needs(l, &s->on_notice, "on_notice", takes, "up");
    needs(l, &s->on_rebalance, "on_rebalance", takes, "up");
    needs(l, &s->rebalance, "rebalance", &s->on_rebalance, "on_rebalance");
    needs(l, &s->on_rebalance, "on_rebalance", &s->rebalance, "rebalance");
    if (is_there(chance) && !is_there(&s->down))
        loading_complain(l, chance->at, "such as down: 20 min", NULL,
                         "'down' is missing: how long nodes cannot be had then");
    bool spot = raw->buy.state != VALUE_GOOD || strcmp(raw->buy.text, "spot") == 0;
    const struct {
        const char *key;
        const struct value *value;
    } only_spot[] = { { "prices", &s->prices },          { "bid", &s->bid },
                      { "notice", &s->notice },          { "on_notice", &s->on_notice },
                      { "rebalance", &s->rebalance },    { "on_rebalance", &s->on_rebalance },
                      { "spot_price", &raw->spot_price } };
    for (size_t i = 0; !spot && i < sizeof only_spot / sizeof *only_spot; i++)
        if (is_there(only_spot[i].value))
            loading_complain(l, only_spot[i].value->at, NULL, NULL,
                             "'%s' is only for spot nodes, not for %s ones", only_spot[i].key,
                             raw->buy.text);
    if (is_there(&raw->spot_price) && is_there(&s->prices))
        loading_complain(l, raw->spot_price.at, "leave out one of them", NULL,
                         "'spot_price' and 'prices' both say what a node costs");
    if (raw->buy.state == VALUE_GOOD && strcmp(raw->buy.text, "owned") == 0 &&
        s->self.state != VALUE_ABSENT)
        loading_complain(l, s->self.at, NULL, NULL,
                         "'supply' is for rented nodes: owned ones are there");
    else if (s->self.state == VALUE_GOOD && !pool_is_limited(raw) && !is_there(&s->prices))
        loading_complain(l, s->self.at, "say log, bid, up, region_up or refused", NULL,
                         "'supply' does not say when nodes can be had");
}

/* ---- logs ---- */

static struct log_part part_of(const struct raw_pool *raw, const struct value *file)
{
    const struct raw_supply *s = &raw->supply;
    return (struct log_part){ file, &s->zone, &s->type, &s->from,
                              is_good(&raw->zone) ? raw->zone.text : NULL };
}

static enum status take_capacity(struct loading *l, const struct raw_pool *raw,
                                 const struct log_part *part, const struct series *s,
                                 struct pool_spec *pool)
{
    struct supply_spec *supply = &pool->supply;
    struct availability a;
    int64_t from_us, each = value_or(&raw->supply.nodes_each, 1);
    if (pool->nodes == 0 || !loading_begin(l, part, s, &from_us)) return STATUS_OK;
    enum status status = availability_of_capacity(s, from_us, pool->nodes, each, &a, l->err);
    if (status == STATUS_OK && a.places * each < pool->nodes)
        loading_complain(l, raw->nodes.at, "see 'nodes_each'", NULL,
                         "pool '%s' has %d nodes, but the log never more than %" PRId64 " at once",
                         pool->name, pool->nodes, a.places * each);
    if (status == STATUS_OK) supply->log_us = a.log_us;
    return loading_outages(l, part->file, status, &a, &supply->log, &supply->log_n);
}

static enum status read_capacity(struct loading *l, const struct raw_pool *raw,
                                 struct pool_spec *pool)
{
    const struct raw_supply *supply = &raw->supply;
    enum status status = STATUS_OK;
    const struct log_part part = part_of(raw, &supply->log);
    if (supply->log.state != VALUE_GOOD) return STATUS_OK;
    const struct interruptions *log = loading_log(l, &supply->log, &status);
    if (!log) return status;
    const struct series *s = loading_series(l, log, SERIES_CAPACITY, &part, pool->type.name);
    return s ? take_capacity(l, raw, &part, s, pool) : STATUS_OK;
}

/* ---- prices ---- */

static const char *date_of(struct loading *l, int64_t unix_us)
{
    char text[32];
    struct tm tm;
    time_t t = (time_t)(unix_us / US_PER_S);
    if (!gmtime_r(&t, &tm) || strftime(text, sizeof text, "%Y-%m-%d", &tm) == 0) return NULL;
    return arena_text(&l->store->arena, text, strlen(text));
}

static enum status take_prices(struct loading *l, const struct log_part *part,
                               const struct interruptions *log, const struct series *s,
                               int64_t from_us, struct purchase *purchase)
{
    struct arena *arena = &l->store->arena;
    enum status status =
        loading_hours(l, part, s, from_us, 1, &purchase->prices, &purchase->usd_nano_per_hour);
    if (status != STATUS_OK || purchase->usd_nano_per_hour < 0) return status;
    purchase->price_region = arena_text(arena, s->zone, strlen(s->zone));
    purchase->price_valid_from = date_of(l, log->t0_unix_us + from_us);
    purchase->price_source = part->file->text;
    if (!purchase->price_region || !purchase->price_valid_from)
        return error_set(l->err, STATUS_NO_MEMORY, "no memory for where a price is from");
    return STATUS_OK;
}

static enum status take_bid(struct loading *l, const struct value *bid, const struct log_part *part,
                            const struct series *s, int64_t from_us, struct pool_spec *pool)
{
    struct supply_spec *supply = &pool->supply;
    struct availability a;
    if (!is_good(bid) || pool->nodes == 0) return STATUS_OK;
    enum status status =
        availability_of_prices(s, from_us, pool->nodes, bid->number, supply->notice_us, &a, l->err);
    if (status == STATUS_OK && a.n == (size_t)pool->nodes && a.log[0].down_us == 0 &&
        a.log[0].up_us == a.log_us)
        loading_complain(l, bid->at, NULL, NULL, "'bid' is below every price of the log");
    if (status == STATUS_OK) supply->log_us = a.log_us;
    return loading_outages(l, part->file, status, &a, &supply->log, &supply->log_n);
}

static enum status read_prices(struct loading *l, const struct raw_pool *raw,
                               struct pool_spec *pool)
{
    const struct raw_supply *supply = &raw->supply;
    enum status status = STATUS_OK;
    const struct log_part part = part_of(raw, &supply->prices);
    int64_t from_us;
    if (supply->prices.state != VALUE_GOOD) return STATUS_OK;
    const struct interruptions *log = loading_log(l, &supply->prices, &status);
    if (!log) return status;
    const struct series *s = loading_series(l, log, SERIES_PRICE, &part, pool->type.name);
    if (s && log->t0_unix_us == INT64_MIN) {
        loading_complain(l, supply->prices.at, NULL, NULL,
                         "the prices of '%.100s' have no dates: undated prices are not used",
                         supply->prices.text);
        s = NULL;
    }
    if (!s || !loading_begin(l, &part, s, &from_us)) return status;
    status = take_prices(l, &part, log, s, from_us, &pool->purchase);
    return status ? status : take_bid(l, &supply->bid, &part, s, from_us, pool);
}

/* ---- chances ---- */

/* The ranges of the keys are within those of the distributions. */
static void weibull(struct loading *l, const struct value *mean, const struct value *shape,
                    double times, struct duration *d)
{
    struct error err;
    if (mean->state != VALUE_GOOD || shape->state == VALUE_BAD) return;
    if (duration_weibull_mean((double)value_or(shape, 1000000) / PPM, (double)mean->number * times,
                              d, &err) != STATUS_OK)
        loading_complain(l, mean->at, NULL, NULL, "%s", err.message);
}

static void take_chances(struct loading *l, const struct raw_pool *raw, struct pool_spec *pool)
{
    static const struct value none = { VALUE_ABSENT, { 0 }, NULL, 0 };
    const struct raw_supply *s = &raw->supply;
    struct supply_spec *supply = &pool->supply;
    supply->batch_ppm = value_or(&s->batch, 1000000);
    supply->by_node = s->up.state == VALUE_GOOD && s->down.state == VALUE_GOOD;
    supply->by_region = s->region_up.state == VALUE_GOOD && s->down.state == VALUE_GOOD;
    /* A node's own chance comes that much more rarely, and takes that many on the mean. */
    weibull(l, &s->up, &s->up_shape, (double)supply->batch_ppm / PPM, &supply->up);
    weibull(l, &s->down, &s->down_shape, 1, &supply->down);
    weibull(l, &s->region_up, &none, 1, &supply->region_up);
    supply->refused_ppm = value_or(&s->refused, 0);
    supply->retry_us = value_or(&s->retry, RETRY_US);
}

static void take_answers(const struct raw_supply *raw, struct supply_spec *supply)
{
    supply->notice_us = value_or(&raw->notice, NOTICE_US);
    supply->on_notice = (enum supply_answer)value_or(&raw->on_notice, ANSWER_DRAIN);
    supply->signals = raw->rebalance.state == VALUE_GOOD && raw->on_rebalance.state == VALUE_GOOD;
    supply->rebalance_us = value_or(&raw->rebalance, 0);
    supply->on_rebalance = (enum supply_answer)value_or(&raw->on_rebalance, ANSWER_IGNORE);
}

enum status resolve_supply(struct loading *l, const struct raw_pool *raw, struct pool_spec *pool)
{
    check_keys(l, raw);
    if (raw->supply.self.state != VALUE_GOOD || raw->buy.state != VALUE_GOOD ||
        strcmp(raw->buy.text, "owned") == 0)
        return STATUS_OK;
    pool->supply.takes_back = strcmp(raw->buy.text, "spot") == 0;
    take_answers(&raw->supply, &pool->supply);
    take_chances(l, raw, pool);
    enum status status = read_capacity(l, raw, pool);
    if (status == STATUS_OK && pool->supply.takes_back) status = read_prices(l, raw, pool);
    pool->supply.region = pool->purchase.price_region ? pool->purchase.price_region : "";
    return status;
}

void check_cordons(struct loading *l, const struct raw_fleet *raw, const struct fleet_spec *fleet,
                   const struct queue_order *order)
{
    const struct raw_pool *pools = raw->pools.items;
    for (int32_t p = 0; p < fleet->pool_n && !scheduler_can_cordon(order); p++) {
        const struct supply_spec *s = &fleet->pools[p].supply;
        const struct raw_supply *said = &pools[p].supply;
        if (!supply_cordons(s)) continue;
        bool at_notice = s->on_notice == ANSWER_CORDON;
        loading_complain(l, at_notice ? said->on_notice.at : said->on_rebalance.at,
                         "say drain or ignore", NULL,
                         "under the order '%s', which sizes jobs, no job runs on on a node that is "
                         "cordoned",
                         order->name);
        return;
    }
}

/* Of pools that lose their nodes together. */
void check_regions(struct loading *l, const struct raw_fleet *raw, const struct fleet_spec *fleet)
{
    const struct raw_pool *pools = raw->pools.items;
    for (int32_t p = 0; p < fleet->pool_n; p++)
        for (int32_t q = 0; q < p; q++) {
            const struct supply_spec *a = &fleet->pools[q].supply, *b = &fleet->pools[p].supply;
            if (!a->by_region || !b->by_region || strcmp(a->region, b->region) != 0 ||
                a->region_up.scale_us == b->region_up.scale_us)
                continue;
            loading_complain(l, pools[p].supply.region_up.at, NULL, NULL,
                             "pools '%s' and '%s' of fleet '%s' are in one region, and say "
                             "'region_up' differently",
                             fleet->pools[q].name, fleet->pools[p].name, fleet->name);
        }
}
