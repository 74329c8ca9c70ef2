/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders that depend on whose a job is: against the same rules written plainly (slow_share.c), job
 * by job; Slurm's own worked example of the fair-share factor; the example of the paper on dominant
 * resource fairness; half-lives.
 */
#include <math.h>
#include <string.h>

#include "models/scheduling/accounts.h"
#include "models/scheduling/fair_factor.h"
#include "tests/random_world.h"

/* ---- against the plain rules ---- */

static void random_options(struct draw *d, struct share_options *o)
{
    static struct named_number shares[3], partitions[2];
    static const char *const names[] = { "a", "b", "c" };
    *o = (struct share_options){ 0 };
    for (int64_t *weight = &o->weight_age; weight <= &o->weight_qos; weight++)
        if (below(d, 3)) *weight = below(d, 30);
    o->fairshare = (enum fairshare_rule)below(d, 2);
    o->favor = (enum favor_rule)below(d, 2);
    o->age_max_us = 1 + below(d, 40);
    o->half_life_us = 1 + below(d, 60);
    o->period_us = 1 + below(d, 10);
    o->shares = shares;
    o->partitions = partitions;
    for (o->share_n = 0; o->share_n < 3 && below(d, 3); o->share_n++)
        shares[o->share_n] = (struct named_number){ names[o->share_n], 500000 * (1 + below(d, 4)) };
    for (o->partition_n = 0; o->partition_n < 2 && below(d, 3); o->partition_n++)
        partitions[o->partition_n] =
            (struct named_number){ names[o->partition_n], 1 + below(d, 4) };
}

static void agrees_with_the_plain_rules(void **state)
{
    static const char *const orders[] = { "multifactor", "fair-share", "fair-share-skip", "drf",
                                          "drf-skip" };
    (void)state;
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        struct draw d = { random_key(seed, 8), 0 };
        struct simulate_fleet fleet;
        struct workload w;
        int largest = random_fleet(&d, &fleet);
        random_workload(&d, 10 + below(&d, 40), largest, LIMITS_NONE, &w);
        random_options(&d, &fleet.share);
        fleet.timing.instant = (enum instant_rule)below(&d, 2);
        if (below(&d, 3) == 0) fleet.timing.cycle_us = 1 + below(&d, 6);
        else fleet.timing.events = (enum event_rule)below(&d, 2);
        for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
            fleet.order = orders[o];
            agree(&w, &fleet, seed);
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
