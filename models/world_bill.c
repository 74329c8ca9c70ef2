/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a run: commitments over what the pools used, by clock hour. */
#include <stdlib.h>
#include <string.h>

#include "models/pricing/ledger.h"
#include "models/pricing/money.h"
#include "models/world_state.h"

static int64_t into_hour_us(const struct workload *w)
{
    if (w->t0_unix_us == INT64_MIN) return 0; /* not known: it is on the hour */
    int64_t into = w->t0_unix_us % HOUR_US;
    return into < 0 ? into + HOUR_US : into;
}

/* A pool's ledger, read: its nodes are up from the books' start to their end, or for as long as
 * they stay. */
static enum status pool_hours(const struct world *w, int32_t pool, int64_t into_us, int32_t *hours,
                              __int128 **node_us, struct error *err)
{
    int64_t end_us = w->result->books_us;
    struct ledger ledger;
    ledger_init(&ledger, into_us, end_us);
    enum status status =
        w->elastic ? elastic_ledger(w, pool, &ledger, err)
                   : ledger_add(&ledger, LEDGER_BOUGHT, 0, end_us, w->pools[pool].node_n, err);
    *hours = ledger_hours(&ledger);
    *node_us = malloc(((size_t)*hours + 1) * sizeof **node_us);
    if (!*node_us)
        status = error_set(err, STATUS_NO_MEMORY, "no memory for %d hours to bill", *hours);
    if (status == STATUS_OK) status = ledger_read(&ledger, LEDGER_BOUGHT, *node_us, err);
    ledger_free(&ledger);
    return status;
}

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

enum status world_commit(struct world *w, struct error *err)
{
    const struct fleet_spec *fleet = w->fleet;
    int64_t into_us = into_hour_us(w->workload);
    int32_t hours = 0;
    size_t n = 0;
    if (fleet->commitments.n == 0) return STATUS_OK;
    struct billed_pool *billed = calloc((size_t)fleet->pool_n + 1, sizeof *billed);
    __int128 **node_us = calloc((size_t)fleet->pool_n + 1, sizeof *node_us);
    enum status status = STATUS_OK;
    if (!billed || !node_us)
        status = error_set(err, STATUS_NO_MEMORY, "no memory for %d pools", fleet->pool_n);
    for (int32_t p = 0; p < fleet->pool_n && status == STATUS_OK; p++) {
        const struct pool_spec *spec = &fleet->pools[p];
        struct pool_result *r = &w->result->pools[p];
        if (strcmp(spec->purchase.option->name, "on-demand") != 0) continue;
        status = pool_hours(w, p, into_us, &hours, &node_us[n], err);
        billed[n] = (struct billed_pool){ fleet_offering(spec->type.provider, spec->type.name,
                                                         &spec->purchase),
                                          { spec->type.gpus, r->billed_node_us, r->busy_gpu_us, 0 },
                                          node_us[n],
                                          r->charge };
        n++;
    }
    if (status == STATUS_OK)
        status =
            fleet_bill(&fleet->commitments, billed, n, hours, into_us, w->result->books_us, err);
    for (int32_t p = 0; p < fleet->pool_n && status == STATUS_OK; p++)
        status = cost_anew(w, p, err);
    if (status == STATUS_BUG) status = world_broken(w, err, "the bill by hour = by pool = total");
    for (size_t i = 0; node_us && i < n; i++) free(node_us[i]);
    free(node_us);
    free(billed);
    return status;
}
