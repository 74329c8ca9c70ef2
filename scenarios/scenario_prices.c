/* SPDX-License-Identifier: Apache-2.0 */
/* What nodes cost in a replication, where that is uncertain. */
#include <stdlib.h>
#include <string.h>

#include "models/pricing/ledger.h"
#include "models/pricing/money.h"
#include "models/pricing/price_path.h"
#include "scenarios/scenario.h"
#include "sim/random.h"

enum { PPM = 1000000 };

static bool is_spot(const struct purchase *p) { return strcmp(p->option->name, "spot") == 0; }

bool scenario_price_is_uncertain(const struct scenario *s, int32_t fleet, int32_t pool)
{
    const struct fleet_spec *f = &s->fleets[fleet];
    const struct purchase *p = &f->pools[pool].purchase;
    if (!p->option) return false; /* of a pool that was complained of */
    if (is_spot(p)) return s->uncertain.prices_ppm > 0 || s->uncertain.spot_prices_ppm > 0;
    return s->uncertain.prices_ppm > 0 && strcmp(p->option->name, "on-demand") == 0 &&
           f->commitments.n == 0;
}

/* Hours for which prices are drawn: to the end of the books; where they last until the last job
 * ends, for twice the time in which jobs come. */
static int32_t hours_of(const struct scenario *s)
{
    int64_t span_us = s->window_us > 0 ? s->window_us : s->trace.submit_us[s->trace.job_n - 1];
    int64_t hours = (s->books_drained ? 2 : 1) * (span_us / HOUR_US + 1) + 1;
    return (int32_t)(hours < LEDGER_HOURS_MAX ? hours : LEDGER_HOURS_MAX);
}

static enum status price_pool(const struct scenario *s, struct random_key key, double level,
                              struct pool_spec *pool, struct price_trace *trace, struct error *err)
{
    struct purchase *p = &pool->purchase;
    int64_t t0_us = s->is_synth ? INT64_MIN : s->trace.t0_unix_us;
    bool wanders = is_spot(p) && s->uncertain.spot_prices_ppm > 0;
    if (!wanders && !p->prices) {
        p->usd_nano_per_hour = price_times(p->usd_nano_per_hour, level);
        return STATUS_OK;
    }
    const struct price_path path = {
        .deviation = wanders ? (double)s->uncertain.spot_prices_ppm / PPM : 0,
        .half_life_us = s->uncertain.spot_half_life_us,
        .level = level,
        .market = price_path_market(pool->type.name, p->price_region, pool->zone),
        .into_hour_us = t0_us == INT64_MIN ? 0 : ((t0_us % HOUR_US) + HOUR_US) % HOUR_US,
        .hours = hours_of(s),
    };
    enum status status = price_path_draw(&path, p->prices, p->usd_nano_per_hour, key, trace,
                                         &p->usd_nano_per_hour, err);
    p->prices = trace;
    return status;
}

enum status scenario_price(const struct scenario *s, uint32_t replication, int32_t fleet,
                           struct priced_fleet *priced, struct error *err)
{
    struct fleet_spec *f = &priced->fleet;
    bool any = false;
    *priced = (struct priced_fleet){ s->fleets[fleet], NULL, NULL };
    for (int32_t p = 0; p < f->pool_n; p++) any |= scenario_price_is_uncertain(s, fleet, p);
    if (!any) return STATUS_OK;
    struct random_key key = random_key(s->seed, scenario_draws(s, replication));
    double level = 1;
    if (s->uncertain.prices_ppm > 0)
        level = random_lognormal_of(random_unit(key, RANDOM_PRICE, 0, 0),
                                    (double)s->uncertain.prices_ppm / PPM);
    priced->pools = malloc((size_t)f->pool_n * sizeof *priced->pools);
    priced->traces = calloc((size_t)f->pool_n, sizeof *priced->traces);
    enum status status = priced->pools && priced->traces
                             ? STATUS_OK
                             : error_set(err, STATUS_NO_MEMORY, "no memory for prices");
    if (status == STATUS_OK) {
        memcpy(priced->pools, f->pools, (size_t)f->pool_n * sizeof *priced->pools);
        f->pools = priced->pools;
    }
    for (int32_t p = 0; p < f->pool_n && status == STATUS_OK; p++)
        if (scenario_price_is_uncertain(s, fleet, p))
            status = price_pool(s, key, level, &priced->pools[p], &priced->traces[p], err);
    if (status != STATUS_OK) priced_fleet_free(priced);
    return status;
}

void priced_fleet_free(struct priced_fleet *priced)
{
    for (int32_t p = 0; priced->traces && p < priced->fleet.pool_n; p++)
        price_trace_free(&priced->traces[p]);
    free(priced->traces);
    free(priced->pools);
    priced->traces = NULL;
    priced->pools = NULL;
}
