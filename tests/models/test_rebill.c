/* SPDX-License-Identifier: Apache-2.0 */
/* A bill made from another run's usage is that of a run, to the micro-dollar. */
#include <stdlib.h>
#include <string.h>

#include "sim/random.h"
#include "tests/support.h"
#include "tools/runner.h"

static const char book[] =
    "instance,region,market,valid_from,usd_per_hour,source\n"
    "p3.16xlarge,us-east-1,compute-savings-plan,2026-01-01,18.3333,a test's\n"
    "p3.2xlarge,us-east-1,compute-savings-plan,2026-01-01,2.1111,a test's\n"
    "p3.16xlarge,us-east-1,ec2-instance-savings-plan,2026-01-01,17.77,a test's\n"
    "p3.2xlarge,us-east-1,ec2-instance-savings-plan,2026-01-01,2.07,a test's\n"
    "p3.16xlarge,us-east-1,capacity-block,2026-01-01,19.1,a test's\n";

/* Any of what can be committed to, at a level that may be 0. */
static void add_commitments(struct random_key key, uint64_t set, char *text, size_t size)
{
    static const char *const kinds[] = {
        "{kind: reserved, instance: p3.16xlarge, count: %d}",
        ("{kind: reserved, instance: p3.16xlarge, market: reserved-3y, upfront: $1234.567891, "
         "term: 1095 days, count: %d}"),
        "{kind: reserved, instance: p3.2xlarge, count: %d}",
        "{kind: ec2-instance-savings-plan, instance: p3.16xlarge, usd_per_hour: $%d per hour}",
        "{kind: compute-savings-plan, usd_per_hour: $%d per hour}",
        "{kind: capacity-reservation, instance: p3.16xlarge, count: %d}",
        "{kind: capacity-block, instance: p3.16xlarge, term: 2 days, start: 30 h, count: %d}",
    };
    /* One is always said, of none: a list of none is an error. */
    size_t n =
        (size_t)snprintf(text, size, "[{kind: compute-savings-plan, usd_per_hour: $0 per hour}");
    bool none = random_below(key, RANDOM_TEST, set, 100, 4) == 0;
    for (uint64_t k = 0; !none && k < sizeof kinds / sizeof *kinds; k++) {
        if (random_below(key, RANDOM_TEST, set, 2 * k, 2)) continue;
        n += (size_t)snprintf(text + n, size - n, ", ");
        n += (size_t)snprintf(text + n, size - n, kinds[k],
                              (int)random_below(key, RANDOM_TEST, set, 2 * k + 1, 9));
    }
    snprintf(text + n, size - n, "]");
}

/* Two fleets that differ in commitments alone, of pools of which some are not on demand. */
static void load(uint64_t seed, struct scenario *s)
{
    struct random_key key = random_key(seed, 0);
    struct diagnostics d;
    struct error err;
    char text[4000], commitments[2][1000];
    bool comes_and_goes = random_below(key, RANDOM_TEST, 2, 0, 3) > 0;
    for (uint64_t f = 0; f < 2; f++) add_commitments(key, f, commitments[f], sizeof commitments[f]);
    size_t n =
        (size_t)snprintf(text, sizeof text,
                         "seatrial: 1\n"
                         "workload: {synth: {like: itp, jobs: 300, days: %d days, load: 30 GPUs}}\n"
                         "prices: {as_of: 2026-07-20, region: us-east-1, book: rebill.csv}\n"
                         "run: {seed: %d, replications: 2, books: %s}\n"
                         "fleets:\n",
                         4 + (int)random_below(key, RANDOM_TEST, 2, 1, 4), (int)(seed % 1000),
                         random_below(key, RANDOM_TEST, 2, 2, 2) ? "drained" : "window");
    for (int f = 0; f < 2; f++)
        n += (size_t)snprintf(
            text + n, sizeof text - n,
            "  %s:\n"
            "    %s\n"
            "    commitments: %s\n"
            "    services: [{kind: control-plane}]\n"
            "    pools:\n"
            "      - {name: big, instance: p3.16xlarge, buy: on-demand, nodes: 7%s}\n"
            "      - {name: small, instance: p3.2xlarge, buy: on-demand, nodes: 5%s}\n"
            "      - {name: taken, instance: p3.16xlarge, buy: spot, nodes: 2, supply: {up: 9 h, "
            "down: 1 h}}\n",
            f ? "b" : "a", comes_and_goes ? "autoscaler: as-needed" : "scheduler: fifo",
            commitments[f], comes_and_goes ? ", min_nodes: 0, boot: 3 min" : "",
            comes_and_goes ? ", min_nodes: 1" : "");
    write_text(scratch_path("rebill.csv"), book);
    write_text(scratch_path("rebill.yaml"), text);
    diagnostics_init(&d);
    if (scenario_load(scratch_path("rebill.yaml"), NULL, s, &d, &err) != STATUS_OK)
        fail_msg("%s in %s", d.n ? d.items[0].message : err.message, text);
    diagnostics_free(&d);
}

static int64_t cost_of(const struct world_result *r)
{
    int64_t cost = 0;
    for (int32_t p = 0; p < r->pool_n; p++) cost += r->pools[p].cost_usd_micro;
    for (int32_t i = 0; i < r->service_n; i++)
        cost += r->services[i].jobs_usd_micro + r->services[i].fleet_usd_micro;
    return cost;
}

static void as_a_run_would(void **state)
{
    uint64_t differ = 0, seeds = seeds_or(60);
    (void)state;
    for (uint64_t seed = 0; seed < seeds; seed++) {
        struct scenario s;
        struct workload copy;
        const struct workload *workload;
        struct usage_log log[2] = { 0 };
        struct error err;
        bool owned;
        int64_t cost[2], anew;
        char usage[2][65], identity[2][65];
        load(seed, &s);
        for (int32_t f = 0; f < 2; f++) {
            assert_int_equal(scenario_usage_identity(&s, f, usage[f]), STATUS_OK);
            assert_int_equal(scenario_fleet_identity(&s, f, identity[f]), STATUS_OK);
        }
        assert_string_equal(usage[0], usage[1]);
        assert_int_equal(scenario_workload(&s, 1, &copy, &workload, &owned, &err), STATUS_OK);
        for (int32_t f = 0; f < 2; f++) {
            struct runner_run run = { .usage = &log[f] };
            if (runner_simulate(&s, 1, f, workload, false, NULL, &run, &err) != STATUS_OK)
                fail_msg("seed %d: %s", (int)seed, err.message);
            cost[f] = cost_of(&run.result);
            world_result_free(&run.result);
        }
        for (int32_t f = 0; f < 2; f++) {
            if (rebill(&log[1 - f], &s.fleets[f], &anew, &err) != STATUS_OK)
                fail_msg("seed %d: %s", (int)seed, err.message);
            if (anew != cost[f])
                fail_msg("seed %d: fleet %d costs %lld in a run and %lld by the other's usage",
                         (int)seed, (int)f, (long long)cost[f], (long long)anew);
        }
        differ += cost[0] != cost[1];
        if (cost[0] != cost[1]) assert_string_not_equal(identity[0], identity[1]);
        for (int f = 0; f < 2; f++) usage_log_free(&log[f]);
        if (owned) workload_free(&copy);
        scenario_free(&s);
    }
    assert_true(2 * differ > seeds);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(as_a_run_would) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
