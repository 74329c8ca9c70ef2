/* SPDX-License-Identifier: Apache-2.0 */
/* Pools of several instance types and zones: what they become, and what each takes from logs. */
#include <string.h>

#include "scenarios/scenario.h"
#include "tests/support.h"

static void load(const char *pools, struct scenario *s)
{
    struct error err = { STATUS_OK, "" };
    struct diagnostics d;
    char text[4000];
    snprintf(text, sizeof text,
             "seatrial: 1\n"
             "workload: {synth: {like: itp, jobs: 200, days: 2 days, load: 20 GPUs}, "
             "reference_gpu: V100-SXM2}\n"
             "prices: {as_of: 2026-07-20, region: us-east-1}\n"
             "fleets:\n"
             "  f: {autoscaler: as-needed, pools: [%s]}\n",
             pools);
    write_text(scratch_path("several.yaml"), text);
    diagnostics_init(&d);
    if (scenario_load(scratch_path("several.yaml"), NULL, s, &d, &err) != STATUS_OK) {
        diagnostics_print(&d, stderr, 0, "");
        fail_msg("%s", err.message);
    }
    diagnostics_free(&d);
}

/* Types before zones, each pair once; the first has the least nodes; other pools stay themselves.
 */
static void a_pool_of_each_pair(void **state)
{
    static const struct {
        const char *name, *instance, *zone;
        int32_t group, elastic;
    } expected[] = {
        { "before", "p3.2xlarge", NULL, 0, 3 },
        { "gpu/p4d.24xlarge/us-east-1a", "p4d.24xlarge", "us-east-1a", 2, 6 },
        { "gpu/p4d.24xlarge/us-east-1b", "p4d.24xlarge", "us-east-1b", 2, 8 },
        { "gpu/p3.16xlarge/us-east-1a", "p3.16xlarge", "us-east-1a", 2, 8 },
        { "gpu/p3.16xlarge/us-east-1b", "p3.16xlarge", "us-east-1b", 2, 8 },
        { "after/us-east-1b", "p3.2xlarge", "us-east-1b", 3, 1 },
        { "after/us-east-1a", "p3.2xlarge", "us-east-1a", 3, 1 },
        { "last", "p3.2xlarge", "us-east-1f", 0, 1 },
    };
    struct scenario s;
    (void)state;
    load("{name: before, instance: p3.2xlarge, buy: on-demand, nodes: 3, min_nodes: 0},"
         "{name: gpu, instance: [p4d.24xlarge, p3.16xlarge], zone: [us-east-1a, us-east-1b], "
         "buy: on-demand, nodes: 8, min_nodes: 2},"
         "{name: after, instance: [p3.2xlarge], zone: [us-east-1b, us-east-1a], buy: on-demand, "
         "nodes: 1, min_nodes: 0},"
         "{name: last, instance: p3.2xlarge, zone: [us-east-1f], buy: on-demand, nodes: 1, "
         "min_nodes: 0}",
         &s);
    const struct fleet_spec *f = &s.fleets[0];
    assert_int_equal(f->pool_n, sizeof expected / sizeof *expected);
    for (int32_t p = 0; p < f->pool_n; p++) {
        const struct pool_spec *pool = &f->pools[p];
        assert_string_equal(pool->name, expected[p].name);
        assert_string_equal(pool->type.name, expected[p].instance);
        if (expected[p].zone) assert_string_equal(pool->zone, expected[p].zone);
        else assert_null(pool->zone);
        assert_int_equal(pool->group, expected[p].group);
        assert_int_equal(pool->elastic_nodes, expected[p].elastic);
    }
    assert_int_equal(fleet_spec_most_nodes(f), 13);
    scenario_free(&s);
}

#define RECORD(zone, type, usd, day)                                                               \
    "{\"AvailabilityZone\": \"us-east-1" zone "\", \"InstanceType\": \"" type                      \
    "\", \"ProductDescription\": \"Linux/UNIX\", \"SpotPrice\": \"" usd                            \
    ".0\", \"Timestamp\": \"2026-01-" day "T00:00:00+00:00\"}"
#define SERIES(zone, type, usd) RECORD(zone, type, usd, "01") ", " RECORD(zone, type, usd, "02")

/* One log of prices for all of them: each finds its own type and zone. */
static void each_finds_itself_in_a_log(void **state)
{
    /* clang-format off */
    static const char log[] = "{\"SpotPriceHistory\": ["
        SERIES("a", "p3.16xlarge", "5") ", " SERIES("b", "p3.16xlarge", "6") ", "
        SERIES("a", "p3.2xlarge", "1") ", " SERIES("b", "p3.2xlarge", "2") "]}";
    /* clang-format on */
    static const int64_t usd[] = { 5, 6, 1, 2 };
    struct scenario s;
    (void)state;
    write_text(scratch_path("spot.json"), log);
    load("{name: gpu, instance: [p3.16xlarge, p3.2xlarge], zone: [us-east-1a, us-east-1b], buy: "
         "spot, nodes: 4, min_nodes: 0, supply: {prices: spot.json, bid: $20 per hour}}",
         &s);
    for (int32_t p = 0; p < 4; p++)
        assert_int_equal(s.fleets[0].pools[p].purchase.usd_nano_per_hour, usd[p] * 1000000000);
    scenario_free(&s);
}

/* A list of one is that one; several are another scenario than the first of them. */
static void a_list_of_one_is_that_one(void **state)
{
    struct scenario a, b, c;
    (void)state;
    load("{name: a, instance: p3.16xlarge, buy: on-demand, nodes: 2, min_nodes: 0}", &a);
    load("{name: a, instance: [p3.16xlarge], buy: on-demand, nodes: 2, min_nodes: 0}", &b);
    load("{name: a, instance: [p3.16xlarge, p3.2xlarge], buy: on-demand, nodes: 2, min_nodes: 0}",
         &c);
    assert_string_equal(a.sha256, b.sha256);
    assert_string_not_equal(a.sha256, c.sha256);
    scenario_free(&a);
    scenario_free(&b);
    scenario_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_of_each_pair),
        cmocka_unit_test(each_finds_itself_in_a_log),
        cmocka_unit_test(a_list_of_one_is_that_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
