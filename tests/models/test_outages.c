/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that fail and come back: the world against the plain rules (tests/slow_scheduler.c), job by
 * job, on random traces and outages full of ties, under every order that takes jobs back.
 */
#include <stdlib.h>
#include <string.h>

#include "models/reliability/outages.h"
#include "tests/random_world.h"

enum { OUTAGES_MAX = 64 };

/* Of each node none, one, or several, near each other. */
static size_t random_outages(struct draw *d, int nodes, struct outage *log)
{
    size_t n = 0;
    for (int node = 0; node < nodes; node++) {
        int64_t at = 0;
        for (int i = below(d, 4); i > 0 && n < OUTAGES_MAX; i--) {
            at += 1 + below(d, 12);
            int64_t until = at + 1 + below(d, 6);
            log[n++] = (struct outage){ at, until, node };
            at = until;
        }
    }
    return n;
}

/* When passes are made, and what the orders are told. */
static void random_options(struct draw *d, struct simulate_fleet *fleet)
{
    static const char *const rules[] = { "first-fit", "pack", "spread" };
    fleet->placement = rules[below(d, 3)];
    fleet->ties = below(d, 2) ? TIES_ARRIVAL : TIES_WAITING;
    fleet->victims = (enum victim_rule)below(d, 2);
    fleet->predictor = (enum predictor_rule)below(d, 2);
    random_restart(d, &fleet->restart);
    fleet->timing.instant = (enum instant_rule)below(d, 2);
    if (below(d, 3) == 0) fleet->timing.cycle_us = 1 + below(d, 4);
    fleet->backfill.shadow = (enum shadow_rule)below(d, 2);
    fleet->backfill.scan = (enum scan_rule)below(d, 2);
    fleet->backfill.estimates = (enum estimate_rule)below(d, 2);
    fleet->backfill.interval_us = 1 + below(d, 6);
    fleet->backfill.window_us = 1 + below(d, 30);
    fleet->backfill.resolution_us = 1 + below(d, 4);
    fleet->rounds.round_us = 1 + below(d, 4);
    fleet->rounds.shares_us = 1 + below(d, 8);
    fleet->permit.timeout_us = 1 + below(d, 6);
    fleet->permit.backoff_us = 1 + below(d, 3);
    fleet->levels.threshold_n = 2;
    fleet->levels.threshold_us[0] = 1 + below(d, 5);
    fleet->levels.threshold_us[1] = fleet->levels.threshold_us[0] + 1 + below(d, 9);
}

static void agrees_with_the_plain_rules(void **state)
{
    uint64_t seeds = getenv("SEATRIAL_SLOW") ? 200 : 800;
    if (getenv("SEATRIAL_SEEDS")) seeds = strtoull(getenv("SEATRIAL_SEEDS"), NULL, 10);
    const char *only = getenv("SEATRIAL_ORDER");
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct draw d = { random_key(seed, 7), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        struct outage log[SIMULATE_POOLS_MAX][OUTAGES_MAX];
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 10 + below(&d, 30), largest, (enum limits)below(&d, 4), &w);
        random_options(&d, &fleet);
        for (int p = 0; p < SIMULATE_POOLS_MAX && fleet.pools[p].nodes > 0; p++)
            fleet.outages[p] =
                (struct simulate_outages){ log[p],
                                           random_outages(&d, fleet.pools[p].nodes, log[p]) };
        for (const struct queue_order *o = queue_orders; o->name; o++) {
            if (only && strcmp(only, o->name) != 0) continue;
            if (o->rank > RANK_SHARES_ISOLATED) continue; /* linear programs */
            fleet.order = o->name;
            struct simulate_fleet one = fleet;
            if (rank_by_shares(o->rank)) one.restart = (struct restart_options){ 0 };
            agree(&w, &one, seed);
        }
        workload_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_plain_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
