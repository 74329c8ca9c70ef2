/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a run: what the pools used and cost by clock hour, with the fleet's commitments over
 * those that are on demand.
 */
#include <stdlib.h>
#include <string.h>

#include "models/pricing/carbon.h"
#include "models/pricing/hours.h"
#include "models/pricing/money.h"
#include "models/world_state.h"

/* A world's pools, read hour by hour. */
struct reading {
    struct world *w;
    int32_t hours;                /* the same for all pools */
    __int128 *kind[LEDGER_N];     /* [pool][hours] */
    __int128 *held_gpu_us;        /* [pool][hours]: whole microseconds of the sum so far */
    struct hour_observer charges; /* that tells the world's observer */
};

static __int128 *of_pool(const struct reading *r, enum ledger_kind kind, int32_t pool)
{
    return r->kind[kind] + (size_t)pool * (size_t)r->hours;
}

/* ---- commitments ---- */

/* A pool's lines have changed: so has its cost. */
static enum status cost_anew(const struct world *w, int32_t pool, struct error *err)
{
    struct pool_result *r = &w->result->pools[pool];
    __int128 cost = 0;
    for (int k = 0; k < CHARGE_KIND_N; k++)
        cost += (__int128)r->charge[k].jobs_usd_micro + r->charge[k].idle_usd_micro;
    if (cost >= INT64_MAX)
        return error_set(err, STATUS_BAD_INPUT,
                         "pool '%s' costs more than can be counted ($9 trillion)",
                         w->fleet->pools[pool].name);
    r->cost_usd_micro = (int64_t)cost;
    return STATUS_OK;
}

/* Those on demand, where the fleet has commitments. */
static bool is_poured(const struct fleet_spec *fleet, int32_t pool)
{
    return fleet->commitments.n > 0 &&
           strcmp(fleet->pools[pool].purchase.option->name, "on-demand") == 0;
}

static enum status pour(const struct reading *r, struct error *err)
{
    struct world *w = r->w;
    const struct fleet_spec *fleet = w->fleet;
    size_t n = 0;
    if (fleet->commitments.n == 0) return STATUS_OK;
    struct billed_pool *billed = calloc((size_t)fleet->pool_n + 1, sizeof *billed);
    if (!billed) return error_set(err, STATUS_NO_MEMORY, "no memory for %d pools", fleet->pool_n);
    for (int32_t p = 0; p < fleet->pool_n; p++) {
        const struct pool_spec *spec = &fleet->pools[p];
        struct pool_result *result = &w->result->pools[p];
        if (!is_poured(fleet, p)) continue;
        billed[n++] = (struct billed_pool){ fleet_offering(spec->type.provider, spec->type.name,
                                                           spec->zone, &spec->purchase),
                                            { .gpus_per_node = spec->type.gpus,
                                              .node_us = result->billed_node_us,
                                              .busy_gpu_us = result->busy_gpu_us },
                                            of_pool(r, LEDGER_BOUGHT, p),
                                            r->held_gpu_us + (size_t)p * (size_t)r->hours,
                                            p,
                                            result->charge };
    }
    enum status status =
        fleet_bill(&fleet->commitments, billed, n, r->hours, w->ledgers[0].into_hour_us,
                   w->result->books_us, r->charges.charge ? &r->charges : NULL, err);
    for (int32_t p = 0; p < fleet->pool_n && status == STATUS_OK; p++)
        status = cost_anew(w, p, err);
    if (status == STATUS_BUG) status = world_broken(w, err, "the bill by hour = by pool = total");
    free(billed);
    return status;
}

/* ---- hours ---- */

static void tell_charge(void *context, int32_t pool, const struct hour_charge *c)
{
    const struct world *w = context;
    const struct hour_charge_record record = {
        pool,
        c->hour,
        c->commitment,
        c->kind,
        (int64_t)c->node_us,
        c->line.jobs_usd_micro,
        c->line.idle_usd_micro,
    };
    w->obs->hour_charge(w->obs->context, &record);
}

/* Sums of thousandths of GPUs, told as whole GPU-microseconds that add up to the whole of the sum.
 */
static int64_t whole_gpu_us(__int128 *sum, __int128 more)
{
    __int128 before = *sum / GPU_WHOLE;
    *sum += more;
    return (int64_t)(*sum / GPU_WHOLE - before);
}

static void tell_hours(const struct reading *r, int32_t pool)
{
    const struct world *w = r->w;
    __int128 lost[LEDGER_N] = { 0 };
    for (int32_t h = 0; h < r->hours; h++) {
        __int128 node_us = of_pool(r, LEDGER_BOUGHT, pool)[h];
        int64_t lost_us[LEDGER_N];
        for (int k = LEDGER_LOST_PREEMPTED; k <= LEDGER_LOST_CHECKPOINTS; k++)
            lost_us[k] = whole_gpu_us(&lost[k], of_pool(r, (enum ledger_kind)k, pool)[h]);
        const struct hour_record record = {
            pool,
            h,
            h * HOUR_US - w->ledgers[pool].into_hour_us,
            (int64_t)node_us,
            (int64_t)(node_us * w->pools[pool].gpus),
            (int64_t)r->held_gpu_us[(size_t)pool * (size_t)r->hours + (size_t)h],
            lost_us[LEDGER_LOST_PREEMPTED],
            lost_us[LEDGER_LOST_FAILED],
            lost_us[LEDGER_LOST_RECLAIMED],
            lost_us[LEDGER_LOST_CHECKPOINTS],
        };
        w->obs->hour(w->obs->context, &record);
    }
}

/* What the hours of a pool must be: its totals, which were counted otherwise, and within each hour
 * lost <= held <= bought. */
static enum status check_pool(const struct reading *r, int32_t pool, struct error *err)
{
    const struct world *w = r->w;
    __int128 bought = 0, held = 0;
    for (int32_t h = 0; h < r->hours; h++) {
        __int128 lost = 0, held_now = of_pool(r, LEDGER_HELD, pool)[h],
                 bought_now = of_pool(r, LEDGER_BOUGHT, pool)[h];
        for (int k = LEDGER_LOST_PREEMPTED; k <= LEDGER_LOST_CHECKPOINTS; k++)
            lost += of_pool(r, (enum ledger_kind)k, pool)[h];
        bought += bought_now;
        held += held_now;
        if (lost < 0 || lost > held_now || held_now > bought_now * w->pools[pool].gpus * GPU_WHOLE)
            return world_broken(w, err, "lost <= held <= bought in each hour");
    }
    if (bought != w->result->pools[pool].billed_node_us || held != w->pool_busy_milli_us[pool])
        return world_broken(w, err, "GPU time bought and held by hour = by pool");
    return STATUS_OK;
}

static enum status bill_pool_hours(const struct reading *r, int32_t pool, struct error *err)
{
    const struct world *w = r->w;
    const struct hour_usage usage = {
        .hours = r->hours,
        .node_us = of_pool(r, LEDGER_BOUGHT, pool),
        .held_milli_us = of_pool(r, LEDGER_HELD, pool),
        .on_us = w->elastic && w->fleet->pools[pool].purchase.owned.life_us > 0
                     ? of_pool(r, LEDGER_ON, pool)
                     : NULL,
        .free_us = of_pool(r, LEDGER_FREE, pool),
        .into_hour_us = w->ledgers[pool].into_hour_us,
    };
    enum status status = check_pool(r, pool, err);
    if (status == STATUS_OK && w->fleet->pools[pool].purchase.carbon)
        status =
            bill_co2_by_hour(&w->fleet->pools[pool].purchase, w->pools[pool].gpus, &usage,
                             w->result->pools[pool].energy_wh, &w->result->pools[pool].co2_g, err);
    if (status == STATUS_BUG) return world_broken(w, err, "energy by hour = by pool");
    if (status != STATUS_OK || is_poured(w->fleet, pool)) return status;
    if (w->fleet->pools[pool].purchase.prices) {
        struct pool_usage all = { .gpus_per_node = w->pools[pool].gpus };
        for (int32_t h = 0; h < r->hours; h++)
            bill_rate_hour(&w->fleet->pools[pool].purchase, all.gpus_per_node, &usage, h, &all);
        bill_pool(&w->fleet->pools[pool].purchase, &all, w->result->pools[pool].charge);
        if ((status = cost_anew(w, pool, err)) != STATUS_OK) return status;
    }
    status =
        bill_by_hour(&w->fleet->pools[pool].purchase, w->pools[pool].gpus, pool, &usage,
                     w->result->pools[pool].charge, r->charges.charge ? &r->charges : NULL, err);
    if (status == STATUS_BUG)
        status = world_broken(w, err, "dollars by hour = by pool, held by jobs and idle");
    return status;
}

/* ---- all of it ---- */

static enum status read_pool(struct reading *r, int32_t pool, struct error *err)
{
    const struct ledger *ledger = &r->w->ledgers[pool];
    __int128 *held_us = r->held_gpu_us + (size_t)pool * (size_t)r->hours, sum = 0;
    enum status status = STATUS_OK;
    for (int k = 0; k < LEDGER_N && status == STATUS_OK; k++)
        status =
            ledger_read(ledger, (enum ledger_kind)k, of_pool(r, (enum ledger_kind)k, pool), err);
    for (int32_t h = 0; h < r->hours; h++)
        held_us[h] = whole_gpu_us(&sum, of_pool(r, LEDGER_HELD, pool)[h]);
    return status;
}

static enum status read_all(struct reading *r, struct error *err)
{
    const struct world *w = r->w;
    int32_t pool_n = w->fleet->pool_n;
    /* Commitments are paid in all hours of the books, the last ones without usage, too. */
    if (w->fleet->commitments.n > 0)
        r->hours = ledger_hours_of(w->ledgers[0].into_hour_us, w->result->books_us);
    for (int32_t p = 0; p < pool_n; p++)
        if (ledger_hours(&w->ledgers[p]) > r->hours) r->hours = ledger_hours(&w->ledgers[p]);
    size_t cells = (size_t)pool_n * (size_t)r->hours + 1;
    bool good = (r->held_gpu_us = calloc(cells, sizeof *r->held_gpu_us)) != NULL;
    for (int k = 0; k < LEDGER_N; k++)
        good = (r->kind[k] = calloc(cells, sizeof *r->kind[k])) != NULL && good;
    if (!good) return error_set(err, STATUS_NO_MEMORY, "no memory for %zu hours", cells);
    enum status status = STATUS_OK;
    for (int32_t p = 0; p < pool_n && status == STATUS_OK; p++) status = read_pool(r, p, err);
    return status;
}

enum status world_bill_hours(struct world *w, struct error *err)
{
    struct reading r = { .w = w };
    world_hours_bought(w);
    if (w->ledgers_failed)
        return error_set(err, w->ledgers_failed, "no memory for the hours of %d pools",
                         w->fleet->pool_n);
    if (!w->ledgers && w->fleet->commitments.n > 0)
        return error_set(err, STATUS_BAD_INPUT,
                         "fleet '%s' has more hours to bill than commitments can be poured over",
                         w->fleet->name);
    for (int32_t p = 0; !w->ledgers && p < w->fleet->pool_n; p++) {
        const struct purchase *purchase = &w->fleet->pools[p].purchase;
        if (purchase->prices || purchase->carbon)
            return error_set(err, STATUS_BAD_INPUT,
                             "pool '%s' has a %s that changes, and more hours than can be billed "
                             "by the hour",
                             w->fleet->pools[p].name, purchase->prices ? "price" : "grid");
    }
    if (!w->ledgers) return STATUS_OK; /* too many hours: there are totals alone */
    if (w->obs && w->obs->hour_charge) r.charges = (struct hour_observer){ w, tell_charge };
    enum status status = read_all(&r, err);
    if (status == STATUS_OK) status = pour(&r, err);
    for (int32_t p = 0; p < w->fleet->pool_n && status == STATUS_OK; p++) {
        status = bill_pool_hours(&r, p, err);
        if (status == STATUS_OK && w->obs && w->obs->hour) tell_hours(&r, p);
    }
    free(r.held_gpu_us);
    for (int k = 0; k < LEDGER_N; k++) free(r.kind[k]);
    return status;
}
