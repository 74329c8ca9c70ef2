/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pricing/fleet_bill.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/pricing/money.h"

const struct fleet_commitment_kind fleet_commitment_kinds[] = {
    { "reserved", COMMITMENT_RESERVED_REGIONAL,
      "instances paid used or not; any size of the family where sizes are flexible",
      "EC2 user guide, How Reserved Instance discounts are applied" },
    { "ec2-instance-savings-plan", COMMITMENT_EC2_PLAN,
      "dollars an hour for one family in one region, at lower rates",
      "AWS Savings Plans user guide, sp-applying" },
    { "compute-savings-plan", COMMITMENT_COMPUTE_PLAN,
      "dollars an hour for any instance in any region, at lower rates",
      "AWS Savings Plans user guide, sp-applying" },
    { NULL, COMMITMENT_KINDS, NULL, NULL },
};

void fleet_commitment_text(const struct fleet_commitment *c, char *text, size_t size)
{
    if (c->terms.kind == COMMITMENT_RESERVED_REGIONAL)
        snprintf(text, size, "%lld x %.100s reserved", (long long)c->terms.count,
                 c->terms.of.instance);
    else
        snprintf(text, size, "%s%s%.*s $%.9g/h", c->kind->name, c->terms.of.instance[0] ? " " : "",
                 (int)strcspn(c->terms.of.instance, "."), c->terms.of.instance,
                 (double)c->terms.usd_nano_per_hour / 1e9);
}

/* Its term, until the books are over. */
static struct commitment renewed(const struct commitment *terms, int64_t end_us)
{
    struct commitment c = *terms;
    int64_t times = end_us / terms->to_us + (end_us % terms->to_us != 0);
    c.to_us *= times > 1 ? times : 1;
    c.upfront_usd_micro *= times > 1 ? times : 1;
    return c;
}

int64_t fleet_commitment_usd_micro_per_hour(const struct fleet_commitment *c)
{
    struct commitment terms = renewed(&c->terms, HOUR_US);
    __int128 rated = (__int128)terms.usd_nano_per_hour * terms.count * HOUR_US;
    rated += rated_share((__int128)terms.upfront_usd_micro * terms.count * RATED_USD_MICRO, HOUR_US,
                         terms.to_us);
    return rated_usd_micro(rated);
}

struct offering fleet_offering(const char *provider, const char *instance,
                               const struct purchase *purchase)
{
    return (struct offering){ provider,
                              purchase->price_region,
                              "",
                              instance,
                              purchase->usd_nano_per_hour,
                              purchase->ec2_plan_usd_nano_per_hour,
                              purchase->compute_plan_usd_nano_per_hour };
}

/* ---- hour by hour ---- */

static void see(void *context, int32_t hour, __int128 rated)
{
    __int128 *by_hour = context;
    by_hour[hour] += rated;
}

static void see_covered(void *context, int32_t hour, size_t line, size_t commitment,
                        const struct poured *what)
{
    (void)line;
    (void)commitment;
    see(context, hour, what->rated);
}

static void see_on_demand(void *context, int32_t hour, size_t line, const struct poured *what)
{
    (void)line;
    see(context, hour, what->rated);
}

static void see_unused(void *context, int32_t hour, size_t commitment, __int128 rated)
{
    (void)commitment;
    see(context, hour, rated);
}

/* ---- the bill ---- */

struct fleet_usage { /* what is poured */
    struct usage_line *lines;
    struct commitment *commitments;
    __int128 *by_hour;
};

static enum status usage_init(struct fleet_usage *f, const struct fleet_commitments *c,
                              size_t pool_n, int32_t hours, int64_t end_us, struct error *err)
{
    f->lines = calloc(pool_n + 1, sizeof *f->lines);
    f->commitments = calloc((size_t)c->n + 1, sizeof *f->commitments);
    f->by_hour = calloc((size_t)hours + 1, sizeof *f->by_hour);
    if (!f->lines || !f->commitments || !f->by_hour)
        return error_set(err, STATUS_NO_MEMORY, "no memory for the bill of %zu pools", pool_n);
    for (int32_t i = 0; i < c->n; i++) f->commitments[i] = renewed(&c->items[i].terms, end_us);
    return STATUS_OK;
}

static void usage_free(struct fleet_usage *f)
{
    free(f->lines);
    free(f->commitments);
    free(f->by_hour);
}

/* A charge line, of which jobs bear their share. */
static struct charge_line line_of(const struct pool_usage *u, __int128 rated)
{
    struct charge_line line = { 0, rated_usd_micro(rated) };
    __int128 all = u->node_us * u->gpus_per_node;
    if (all == 0) return line;
    line.jobs_usd_micro = (int64_t)rated_share(line.idle_usd_micro, u->busy_gpu_us, all);
    line.idle_usd_micro -= line.jobs_usd_micro;
    return line;
}

/* Sets a pool's lines, and returns their sum before it is rounded. */
static __int128 bill_one(const struct bill *bill, const struct fleet_commitments *c,
                         const struct billed_pool *pools, size_t p)
{
    __int128 rated[CHARGE_KIND_N] = { 0 }, sum = 0;
    const struct pool_usage *usage = &pools[p].usage;
    for (size_t i = 0; i < bill->commitment_n; i++) {
        const struct commitment *terms = &c->items[i].terms;
        bool plan = terms->kind == COMMITMENT_EC2_PLAN || terms->kind == COMMITMENT_COMPUTE_PLAN;
        size_t first = 0; /* the pool that bears what is unused */
        while (first < bill->line_n && !commitment_covers(terms, &pools[first].of)) first++;
        rated[plan ? CHARGE_SAVINGS_PLAN : CHARGE_RESERVED] +=
            bill->covered[p * bill->commitment_n + i].rated;
        if (first == p || (first == bill->line_n && p == 0))
            rated[CHARGE_UNUSED] += bill->unused[i];
    }
    rated[CHARGE_ON_DEMAND] = bill->on_demand[p].rated;
    for (int k = 0; k < CHARGE_KIND_N; k++) {
        pools[p].lines[k] = line_of(usage, rated[k]);
        sum += rated[k];
    }
    pools[p].lines[CHARGE_UNUSED] =
        (struct charge_line){ 0, rated_usd_micro(rated[CHARGE_UNUSED]) };
    return sum;
}

enum status fleet_bill(const struct fleet_commitments *commitments, const struct billed_pool *pools,
                       size_t pool_n, int32_t hours, int64_t into_hour_us, int64_t end_us,
                       struct error *err)
{
    struct fleet_usage f;
    struct bill bill;
    __int128 by_hour = 0, by_pool = 0;
    enum status status = usage_init(&f, commitments, pool_n, hours, end_us, err);
    if (status != STATUS_OK) goto done;
    for (size_t p = 0; p < pool_n; p++)
        f.lines[p] = (struct usage_line){ pools[p].of, pools[p].node_us };
    const struct usage usage = { hours, into_hour_us, end_us, pool_n, f.lines };
    const struct pour_observer observer = { f.by_hour, see_covered, see_on_demand, see_unused };
    status = commitments_pour(&usage, f.commitments, (size_t)commitments->n, &observer, &bill, err);
    if (status != STATUS_OK) goto done;
    for (size_t p = 0; p < pool_n; p++) by_pool += bill_one(&bill, commitments, pools, p);
    for (int32_t h = 0; h < hours; h++) by_hour += f.by_hour[h];
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
