/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/fleet_bill.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/pricing/money.h"

const struct fleet_commitment_kind fleet_commitment_kinds[] = {
    { "reserved", COMMITMENT_RESERVED_REGIONAL,
      "instances paid used or not; any size of the family where sizes are flexible; with a zone of "
      "that alone, and their type",
      "EC2 user guide, How Reserved Instance discounts are applied" },
    { "ec2-instance-savings-plan", COMMITMENT_EC2_PLAN,
      "dollars an hour for one family in one region, at lower rates",
      "AWS Savings Plans user guide, sp-applying" },
    { "compute-savings-plan", COMMITMENT_COMPUTE_PLAN,
      "dollars an hour for any instance in any region, at lower rates",
      "AWS Savings Plans user guide, sp-applying" },
    { "capacity-reservation", COMMITMENT_CAPACITY_RESERVATION,
      "instances at the price on demand, used or not; other commitments apply to them",
      "EC2 user guide, On-Demand Capacity Reservations" },
    { "capacity-block", COMMITMENT_CAPACITY_BLOCK,
      "instances for a time, used or not, at a fee that is paid at its start",
      "EC2 user guide, Capacity Blocks for ML" },
    { NULL, COMMITMENT_KINDS, NULL, NULL },
};

void fleet_commitment_text(const struct fleet_commitment *c, char *text, size_t size)
{
    const char *zone = c->terms.of.zone;
    char market[80] = "";
    /* A capacity reservation has the market of its pool. */
    if (c->price_market && c->terms.kind != COMMITMENT_CAPACITY_RESERVATION &&
        strcmp(c->price_market, c->kind->name) != 0)
        snprintf(market, sizeof market, " (%.64s)", c->price_market);
    if (!commitment_kind_is_plan(c->terms.kind))
        snprintf(text, size, "%lld x %.100s %s%s%s%.64s", (long long)c->terms.count,
                 c->terms.of.instance, c->kind->name, market, *zone ? " in " : "", zone);
    else
        snprintf(text, size, "%s%s%s%.*s $%.9g/h", c->kind->name, market,
                 c->terms.of.instance[0] ? " " : "", (int)strcspn(c->terms.of.instance, "."),
                 c->terms.of.instance, (double)c->terms.usd_nano_per_hour / 1e9);
}

/* Its term, until the books are over; a block is for its time alone. */
static struct commitment renewed(const struct commitment *terms, int64_t end_us)
{
    struct commitment c = *terms;
    if (c.kind == COMMITMENT_CAPACITY_BLOCK) return c;
    int64_t times = end_us / terms->to_us + (end_us % terms->to_us != 0);
    c.to_us *= times > 1 ? times : 1;
    c.upfront_usd_micro *= times > 1 ? times : 1;
    return c;
}

int64_t fleet_commitment_usd_micro_per_hour(const struct fleet_commitment *c)
{
    struct commitment terms = renewed(&c->terms, HOUR_US);
    int64_t rate = terms.kind == COMMITMENT_CAPACITY_RESERVATION ? terms.of.usd_nano_per_hour
                                                                 : terms.usd_nano_per_hour;
    __int128 rated = (__int128)rate * terms.count * HOUR_US;
    rated += rated_share((__int128)terms.upfront_usd_micro * terms.count * RATED_USD_MICRO, HOUR_US,
                         terms.to_us - terms.from_us);
    return rated_usd_micro(rated);
}

struct offering fleet_offering(const char *provider, const char *instance, const char *zone,
                               const struct purchase *purchase)
{
    return (struct offering){ provider,
                              purchase->price_region,
                              zone ? zone : "",
                              instance,
                              purchase->usd_nano_per_hour,
                              purchase->ec2_plan_usd_nano_per_hour,
                              purchase->compute_plan_usd_nano_per_hour };
}

/* ---- hour by hour ---- */

struct growing { /* a line up to now, before it is rounded, and of that the jobs' part */
    __int128 rated, jobs;
};

struct fleet_usage { /* what is poured */
    struct usage_line *lines;
    struct commitment *commitments;
    __int128 *by_hour;
    const struct billed_pool *pools;
    size_t pool_n;
    size_t *bears; /* [commitments]: the pool that bears what is unused */
    size_t commitment_n;
    __int128 *pending; /* [commitments]: what no usage took, of pending_hour */
    int32_t pending_hour;
    size_t *reservation;     /* of lines from pool_n on: the capacity reservation it is unused of */
    struct growing *growing; /* [pool_n][CHARGE_KIND_N] */
    const struct hour_observer *observer;
};

static struct charge_line rounded(const struct growing *g)
{
    int64_t all = rated_usd_micro(g->rated);
    int64_t jobs = (int64_t)(g->jobs / RATED_USD_MICRO); /* rounded down: at most all */
    return (struct charge_line){ jobs, all - jobs };
}

/* What jobs held of a pool's GPU time in an hour, of `whole`. */
static __int128 held_of(const struct billed_pool *pool, int32_t hour, __int128 *whole)
{
    *whole = pool->node_us[hour] * pool->usage.gpus_per_node;
    if (pool->held_gpu_us) return pool->held_gpu_us[hour];
    *whole = pool->usage.node_us * pool->usage.gpus_per_node;
    return pool->usage.busy_gpu_us;
}

static void see(struct fleet_usage *f, size_t p, enum charge_kind kind, int32_t commitment,
                int32_t hour, const struct poured *what)
{
    f->by_hour[hour] += what->rated;
    if (p >= f->pool_n) return; /* a fleet without a pool on demand */
    struct growing *g = &f->growing[p * CHARGE_KIND_N + kind];
    struct charge_line before = rounded(g), now;
    __int128 whole, held = held_of(&f->pools[p], hour, &whole);
    g->rated += what->rated;
    if (kind != CHARGE_UNUSED && whole > 0) g->jobs += rated_share(what->rated, held, whole);
    now = rounded(g);
    if (!f->observer) return;
    const struct hour_charge charge = { hour,
                                        kind,
                                        commitment,
                                        what->used_us,
                                        { now.jobs_usd_micro - before.jobs_usd_micro,
                                          now.idle_usd_micro - before.idle_usd_micro } };
    f->observer->charge(f->observer->context, f->pools[p].pool, &charge);
}

static enum charge_kind covered_kind(const struct commitment *c)
{
    return commitment_kind_is_plan(c->kind) ? CHARGE_SAVINGS_PLAN : CHARGE_RESERVED;
}

/* What no usage took of commitments in the hour, each in one charge: it may come in parts, where a
 * commitment pays for what is unused of capacity reservations, too. */
static void see_pending(struct fleet_usage *f)
{
    for (size_t i = 0; i < f->commitment_n; i++) {
        const struct poured what = { 0, f->pending[i] };
        if (what.rated == 0) continue;
        f->pending[i] = 0;
        see(f, f->bears[i], CHARGE_UNUSED, (int32_t)i, f->pending_hour, &what);
    }
}

static void come_to(struct fleet_usage *f, int32_t hour)
{
    if (hour != f->pending_hour) see_pending(f);
    f->pending_hour = hour;
}

static void see_covered(void *context, int32_t hour, size_t line, size_t commitment,
                        const struct poured *what)
{
    struct fleet_usage *f = context;
    come_to(f, hour);
    if (line >= f->pool_n) f->pending[commitment] += what->rated;
    else see(f, line, covered_kind(&f->commitments[commitment]), (int32_t)commitment, hour, what);
}

static void see_on_demand(void *context, int32_t hour, size_t line, const struct poured *what)
{
    struct fleet_usage *f = context;
    come_to(f, hour);
    if (line >= f->pool_n) f->pending[f->reservation[line - f->pool_n]] += what->rated;
    else see(f, line, CHARGE_ON_DEMAND, -1, hour, what);
}

static void see_unused(void *context, int32_t hour, size_t commitment, __int128 rated)
{
    struct fleet_usage *f = context;
    come_to(f, hour);
    f->pending[commitment] += rated;
}

/* ---- the bill ---- */

/* The first pool that the commitment may cover, the first of all where there is none. */
static size_t bearer(const struct commitment *terms, const struct usage_line *lines, size_t n)
{
    for (size_t p = 0; p < n; p++)
        if (commitment_covers(terms, &lines[p].of)) return p;
    return 0;
}

static enum status usage_init(struct fleet_usage *f, const struct fleet_commitments *c,
                              size_t pool_n, int32_t hours, int64_t end_us, struct error *err)
{
    *f = (struct fleet_usage){ .pool_n = pool_n, .commitment_n = (size_t)c->n };
    f->lines = calloc(pool_n + 1, sizeof *f->lines);
    f->commitments = calloc((size_t)c->n + 1, sizeof *f->commitments);
    f->by_hour = calloc((size_t)hours + 1, sizeof *f->by_hour);
    f->bears = calloc((size_t)c->n + 1, sizeof *f->bears);
    f->pending = calloc((size_t)c->n + 1, sizeof *f->pending);
    f->reservation = calloc((size_t)c->n + 1, sizeof *f->reservation);
    f->growing = calloc((pool_n + 1) * CHARGE_KIND_N, sizeof *f->growing);
    if (!f->lines || !f->commitments || !f->by_hour || !f->bears || !f->pending ||
        !f->reservation || !f->growing)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the bill of %zu pools", pool_n);
    size_t reservations = 0; /* in the order of their lines: commitments.h */
    for (int32_t i = 0; i < c->n; i++) {
        f->commitments[i] = renewed(&c->items[i].terms, end_us);
        if (f->commitments[i].kind == COMMITMENT_CAPACITY_RESERVATION)
            f->reservation[reservations++] = (size_t)i;
    }
    return STATUS_OK;
}

static void usage_free(struct fleet_usage *f)
{
    free(f->lines);
    free(f->commitments);
    free(f->by_hour);
    free(f->bears);
    free(f->pending);
    free(f->reservation);
    free(f->growing);
}

/* What the bill has of a pool, before it is rounded. */
static __int128 pool_rated(const struct fleet_usage *f, const struct bill *bill, size_t p)
{
    __int128 sum = bill->on_demand[p].rated;
    for (size_t i = 0; i < bill->commitment_n; i++) {
        sum += bill->covered[p * bill->commitment_n + i].rated;
        if (f->bears[i] == p) sum += bill->unused[i];
    }
    for (size_t l = f->pool_n; l < bill->line_n; l++) {
        if (f->bears[f->reservation[l - f->pool_n]] == p) sum += bill->on_demand[l].rated;
        for (size_t i = 0; i < bill->commitment_n; i++)
            if (f->bears[i] == p) sum += bill->covered[l * bill->commitment_n + i].rated;
    }
    return sum;
}

enum status fleet_bill(const struct fleet_commitments *commitments, const struct billed_pool *pools,
                       size_t pool_n, int32_t hours, int64_t into_hour_us, int64_t end_us,
                       const struct hour_observer *seen, struct error *err)
{
    struct fleet_usage f;
    struct bill bill;
    __int128 by_hour = 0, by_pool = 0;
    enum status status = usage_init(&f, commitments, pool_n, hours, end_us, err);
    if (status != STATUS_OK) goto done;
    f.pools = pools;
    f.observer = seen;
    for (size_t p = 0; p < pool_n; p++)
        f.lines[p] = (struct usage_line){ pools[p].of, pools[p].node_us };
    for (int32_t i = 0; i < commitments->n; i++)
        f.bears[i] = bearer(&f.commitments[i], f.lines, pool_n);
    const struct usage usage = { hours, into_hour_us, end_us, pool_n, f.lines };
    const struct pour_observer observer = { &f, see_covered, see_on_demand, see_unused };
    status = commitments_pour(&usage, f.commitments, (size_t)commitments->n, &observer, &bill, err);
    if (status != STATUS_OK) goto done;
    see_pending(&f);
    for (int32_t h = 0; h < hours; h++) by_hour += f.by_hour[h];
    for (size_t p = 0; p < pool_n; p++) {
        __int128 of_pool = 0;
        for (int k = 0; k < CHARGE_KIND_N; k++) {
            of_pool += f.growing[p * CHARGE_KIND_N + (size_t)k].rated;
            pools[p].lines[k] = rounded(&f.growing[p * CHARGE_KIND_N + (size_t)k]);
        }
        by_pool += of_pool;
        if (of_pool != pool_rated(&f, &bill, p)) by_hour = -1;
    }
    if (by_pool != bill.total || by_hour != bill.total)
        status = error_set(err, STATUS_BUG, "invariant broken: the bill by hour = by pool = total");
    bill_free(&bill);
done:
    usage_free(&f);
    return status;
}

enum status fleet_bill_saved(const struct fleet_commitments *commitments,
                             const struct offering *pools, const int32_t *nodes, size_t pool_n,
                             int64_t *saved_usd_nano_per_hour, struct error *err)
{
    struct fleet_usage f;
    struct bill bill;
    __int128 *used = calloc(pool_n + 1, sizeof *used);
    enum status status = usage_init(&f, commitments, pool_n, 1, HOUR_US, err);
    if (!used) status = error_set(err, STATUS_NO_MEMORY, "no memory for %zu pools", pool_n);
    if (status != STATUS_OK) goto done;
    for (size_t p = 0; p < pool_n; p++) {
        used[p] = (__int128)nodes[p] * HOUR_US;
        f.lines[p] = (struct usage_line){ pools[p], &used[p] };
    }
    const struct usage usage = { 1, 0, HOUR_US, pool_n, f.lines };
    for (int32_t i = 0; i < commitments->n; i++) /* for a time alone: out of this hour */
        if (f.commitments[i].kind == COMMITMENT_CAPACITY_BLOCK) {
            f.commitments[i].from_us += 2 * HOUR_US;
            f.commitments[i].to_us += 2 * HOUR_US;
        }
    status = commitments_pour(&usage, f.commitments, (size_t)commitments->n, NULL, &bill, err);
    if (status != STATUS_OK) goto done;
    for (size_t p = 0; p < pool_n; p++) {
        __int128 rated = bill.on_demand[p].rated;
        for (size_t i = 0; i < bill.commitment_n; i++)
            rated += bill.covered[p * bill.commitment_n + i].rated;
        saved_usd_nano_per_hour[p] =
            used[p] > 0 ? pools[p].usd_nano_per_hour - (int64_t)(rated / used[p]) : 0;
    }
    bill_free(&bill);
done:
    usage_free(&f);
    free(used);
    return status;
}
