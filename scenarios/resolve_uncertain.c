/* SPDX-License-Identifier: Apache-2.0 */
/* What is drawn for each replication: blocks of a trace, run times, growth, prices. */
#include "scenarios/loading.h"

#define DAY_US (INT64_C(86400) * US_PER_S)

static bool draws_prices(const struct scenario *s)
{
    for (int32_t f = 0; f < s->fleet_n; f++)
        for (int32_t p = 0; p < s->fleets[f].pool_n; p++)
            if (scenario_price_is_uncertain(s, f, p)) return true;
    return false;
}

bool is_uncertain(const struct scenario *s)
{
    const struct uncertain *u = &s->uncertain;
    return s->bootstrap || u->run_times_ppm || u->all_run_times_ppm || u->growth_ppm ||
           draws_prices(s);
}

/* Where a bid decides when nodes are taken back, the log's prices do; others would deny them. */
static void check_bids(struct loading *l)
{
    const struct raw_fleet *fleets = l->raw.fleets.items;
    for (size_t f = 0; f < l->raw.fleets.n; f++) {
        const struct raw_pool *pools = fleets[f].pools.items;
        for (size_t p = 0; p < fleets[f].pools.n; p++)
            if (is_there(&pools[p].supply.bid))
                loading_complain(l, pools[p].supply.bid.at, NULL, NULL,
                                 "'bid' goes by the prices of a log, and 'uncertain' draws others");
    }
}

void resolve_uncertain(struct loading *l)
{
    struct scenario *s = l->scenario;
    struct uncertain *u = &s->uncertain;
    const struct raw_uncertain *raw = &l->raw.uncertain;
    const struct value *bootstrap = &l->raw.workload.bootstrap;
    s->bootstrap = (enum bootstrap_blocks_of)value_or(bootstrap, BOOTSTRAP_NONE);
    u->run_times_ppm = value_or(&raw->run_times, 0);
    u->all_run_times_ppm = value_or(&raw->all_run_times, 0);
    u->growth_ppm = value_or(&raw->growth, 0);
    u->prices_ppm = value_or(&raw->prices, 0);
    u->spot_prices_ppm = value_or(&raw->spot_prices, 0);
    u->spot_half_life_us = value_or(&raw->spot_half_life, DAY_US);
    if (s->bootstrap && s->is_synth)
        loading_complain(l, bootstrap->at, NULL, NULL,
                         "'bootstrap' draws from a trace; synthetic jobs are drawn anew anyway");
    if (is_there(&raw->spot_half_life) && !is_there(&raw->spot_prices))
        loading_complain(l, raw->spot_half_life.at, NULL, NULL,
                         "'spot_half_life' says nothing without 'spot_prices'");
    if (u->prices_ppm || u->spot_prices_ppm) check_bids(l);
    if ((u->prices_ppm || u->spot_prices_ppm) && !draws_prices(s) && !l->diagnostics->errors)
        loading_warn(l, u->prices_ppm ? raw->prices.at : raw->spot_prices.at, NULL,
                     "no price is drawn: the fleets are owned, or have committed to theirs, or "
                     "have no spot nodes");
}

void resolve_bootstrap(struct loading *l)
{
    struct scenario *s = l->scenario;
    static const char *const words[] = { "", "2 whole days", "2 whole weeks", "2 whole weeks" };
    const struct shape *slice = &l->store->slice;
    if (!s->bootstrap) return;
    s->span_us =
        slice->to_us ? slice->to_us - slice->from_us - 1 : s->trace.submit_us[s->trace.job_n - 1];
    struct bootstrap b = scenario_bootstrap(s);
    int64_t missing_us = b.block_us - 1 - s->span_us % b.block_us;
    if (!slice->to_us) { /* it ends where nobody says: in its last hour a block is as good as whole
                          */
        if (missing_us < US_PER_HOUR) s->span_us = b.span_us += missing_us;
        s->window_us = (int64_t)((__int128)s->span_us * 1000000 / s->scale_load_ppm);
    }
    if (bootstrap_blocks(&b) < 2 * b.alike)
        loading_complain(l, l->raw.workload.bootstrap.at, NULL, NULL,
                         "there is little to draw from: %s or more are needed, not %.3g days",
                         words[s->bootstrap], (double)s->span_us / (double)DAY_US);
}
