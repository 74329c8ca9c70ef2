/* SPDX-License-Identifier: Apache-2.0 */
/* What would change a plan: against closed forms, and against plans made in worlds that are so. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/shell.h"
#include "tests/support.h"

static json_t *plan_of(const char *command, int *code)
{
    char *out, *err;
    json_error_t where;
    *code = sh(command, &out, &err);
    json_t *plan = json_loads(out, 0, &where);
    if (!plan) fail_msg("%s: exit %d, %s\n%s%s", command, *code, where.text, out, err);
    free(out);
    free(err);
    return plan;
}

static double real_of(const json_t *of, const char *key)
{
    return json_number_value(json_object_get(of, key));
}

static const char *text_of(const json_t *of, const char *key)
{
    return json_string_value(json_object_get(of, key));
}

static double cost_of(const json_t *plan, const char *which)
{
    const json_t *metrics = json_object_get(json_object_get(plan, which), "metrics");
    return real_of(json_object_get(metrics, "cost_usd_per_month"), "mean");
}

static const char *fleet_of(const json_t *plan, const char *which)
{
    return text_of(json_object_get(plan, which), "fleet");
}

/* The flip of a lever, up or down; NULL. */
static const json_t *flip_of(const json_t *plan, const char *lever, bool up)
{
    size_t i;
    json_t *flip;
    json_array_foreach(json_object_get(json_object_get(plan, "changes"), "flips"), i, flip)
    {
        if (strcmp(text_of(flip, "lever"), lever) == 0 && (real_of(flip, "factor") >= 1) == up &&
            strcmp(text_of(flip, "then"), "fewer nodes do") != 0)
            return flip;
    }
    return NULL;
}

/* ---- Closed forms ---- */

/* Nodes that are always there, at one price or another. */
static void prices_by_arithmetic(void **state)
{
    int code;
    (void)state;
    assert_int_equal(
        sh("cat > c.csv <<E\n"
           "instance,region,market,valid_from,usd_per_hour,source\n"
           "p4d.24xlarge,us-east-1,on-demand,2026-07-19,20,test\n"
           "p5.48xlarge,us-east-1,on-demand,2026-07-19,30,test\n"
           "E\n"
           "cat > c.yaml <<E\n"
           "seatrial: 1\n"
           "workload: {synth: {like: itp, jobs: 100, days: 5 days, load: 8 GPUs}}\n"
           "prices: {as_of: 2026-07-20, region: us-east-1, book: c.csv}\n"
           "slo: {p95_wait: 100 d, budget: '\\$250k per month'}\n"
           "fleets:\n"
           "  spot: {pools: [{name: p, instance: p4d.24xlarge, buy: spot, spot_price: '\\$16 per "
           "hour', nodes: 10}]}\n"
           "  firm: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 10}]}\n"
           "  fast: {pools: [{name: p, instance: p5.48xlarge, buy: on-demand, nodes: 8}]}\n"
           "run: {replications: 3}\n"
           "E\n",
           NULL, NULL),
        0);
    /* A month: spot $116.8k, firm $146k, fast $175.2k. */
    json_t *plan = plan_of("$S plan c.yaml --json", &code);
    assert_int_equal(code, 0);
    assert_string_equal(fleet_of(plan, "plan"), "spot");
    const json_t *flip = flip_of(plan, "spot price", true);
    assert_float_equal(real_of(flip, "factor"), 20. / 16, 1e-6);
    assert_string_equal(text_of(flip, "then"), "another wins");
    assert_string_equal(fleet_of(flip, "other"), "firm");
    flip = flip_of(plan, "spot price", false);
    assert_string_equal(text_of(flip, "then"), "stays");
    flip = flip_of(plan, "price", false);
    assert_string_equal(text_of(flip, "subject"), "p4d.24xlarge");
    assert_float_equal(real_of(flip, "factor"), 16. / 20, 1e-6);
    assert_string_equal(fleet_of(flip, "other"), "firm");
    json_decref(plan);
    /* The price of what the plan has none of. */
    plan = plan_of("sed '/^  firm/d' c.yaml > d.yaml; $S plan d.yaml --json", &code);
    flip = flip_of(plan, "price", false);
    assert_string_equal(text_of(flip, "subject"), "p5.48xlarge");
    assert_float_equal(real_of(flip, "factor"), 16. * 10 / (30 * 8), 1e-6);
    assert_string_equal(fleet_of(flip, "other"), "fast");
    json_decref(plan);
    /* Without the others it is the budget that ends it. */
    plan = plan_of("sed '/^  firm/d; /^  fast/d' c.yaml > d.yaml; $S plan d.yaml --json", &code);
    flip = flip_of(plan, "spot price", true);
    assert_string_equal(text_of(flip, "then"), "breaks");
    assert_string_equal(text_of(flip, "not_met"), "at most $250k a month");
    assert_float_equal(real_of(flip, "factor"), 250e3 / (16 * 10 * 730), 1e-6);
    json_decref(plan);
}

/* The share of time that a spot node is paid which is there for m hours on the mean, and away for
 * 2: a first hour is free that it is taken back in. Of an exponential time u, E[u; u > 1] is (1 +
 * m) e^(-1/m). */
static double share_paid(double m) { return (1 + m) * exp(-1 / m) / (m + 2); }

/* At $26 an hour ten spot nodes cost as much as ten on demand at $20 where that share is 20 / 26.
 * At 10 hours on the mean it is more: by a renewal argument, so many times the reclaims are needed.
 */
static void reclaims_by_renewal(void **state)
{
    int code;
    double often = 1;
    (void)state;
    while (share_paid(10 / often) > 20. / 26) often += 0.001;
    assert_int_equal(
        sh("cat > r.yaml <<E\n"
           "seatrial: 1\n"
           "workload: {synth: {like: itp, jobs: 10, days: 60 days, load: 1 GPUs}, window: 60 "
           "days}\n"
           "prices: {as_of: 2026-07-20, region: us-east-1, book: c.csv}\n"
           "slo: {p95_wait: 100 d}\n"
           "fleets:\n"
           "  firm: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 10}]}\n"
           "  spot:\n"
           "    scheduler: {checkpoint: 10 min}\n"
           "    pools: [{name: p, instance: p4d.24xlarge, buy: spot, spot_price: '\\$26 per hour', "
           "nodes: 10, supply: {up: 10 h, down: 2 h, notice: 0 s}}]\n"
           "run: {replications: 30}\n"
           "E\n",
           NULL, NULL),
        0);
    json_t *plan = plan_of("$S plan r.yaml --json", &code);
    assert_int_equal(code, 0);
    assert_string_equal(fleet_of(plan, "plan"), "firm");
    assert_float_equal(cost_of(plan, "runner_up"), 26 * 10 * 730 * share_paid(10), 500);
    const json_t *flip = flip_of(plan, "reclaims", true);
    assert_string_equal(text_of(flip, "then"), "another wins");
    assert_string_equal(fleet_of(flip, "other"), "spot");
    /* A step is 1 %; chance moves the share by 0.1 %, and so the factor by 1 %. */
    assert_float_equal(real_of(flip, "factor"), often, 0.03);
    json_decref(plan);
}

/* ---- Plans in those worlds ---- */

/* How fast jobs come, what a spot node costs, how long it is there. */
struct world {
    double load, usd, up_s;
    int nodes; /* of them */
};

static void write_world(const struct world *w, const char *slo)
{
    char command[3000];
    snprintf(command, sizeof command,
             "cat > w.yaml <<E\n"
             "seatrial: 1\n"
             "workload: {synth: {like: itp, jobs: 300, days: 5 days, load: 30 GPUs}, scale_load: "
             "%.4f%%}\n"
             "prices: {as_of: 2026-07-20, region: us-east-1, book: c.csv}\n"
             "slo: {%s}\n"
             "fleets:\n"
             "  spot:\n"
             "    scheduler: {order: easy, checkpoint: 1 h, restart_cost: 30 min}\n"
             "    pools: [{name: s, instance: p4d.24xlarge, buy: spot, spot_price: '\\$%.6f per "
             "hour', nodes: %d, supply: {up: %.6f s, down: 20 min}}]\n"
             "  firm: {scheduler: {order: easy}, pools: [{name: p, instance: p4d.24xlarge, buy: "
             "on-demand, nodes: 14}]}\n"
             "  large: {scheduler: {order: easy}, pools: [{name: p, instance: p4d.24xlarge, buy: "
             "on-demand, nodes: 30}]}\n"
             "  elastic: {scheduler: {order: easy}, pools: [{name: p, instance: p4d.24xlarge, buy: "
             "on-demand, nodes: 30, min_nodes: 2}], autoscaler: as-needed}\n"
             "run: {replications: 10}\n"
             "E\n",
             100 * w->load, slo, w->usd, w->nodes, w->up_s);
    assert_int_equal(sh(command, NULL, NULL), 0);
}

static struct world changed(struct world w, const char *lever, double factor)
{
    if (strcmp(lever, "demand") == 0) w.load *= factor;
    else if (strcmp(lever, "spot price") == 0) w.usd *= factor;
    else w.up_s /= factor;
    return w;
}

/* Inside of the factor the plan is the plan; at it, the other one is, or nothing is left. */
static int hold(const struct world *w, const char *slo, const char *goal)
{
    static const char *const levers[] = { "demand", "spot price", "reclaims" };
    char command[100];
    int code, looked = 0;
    write_world(w, slo);
    snprintf(command, sizeof command, "$S plan w.yaml --json --goal %s", goal);
    json_t *plan = plan_of(command, &code);
    assert_int_equal(code, 0);
    for (int i = 0; i < 6; i++) {
        const char *lever = levers[i / 2];
        bool up = i % 2;
        const json_t *flip = flip_of(plan, lever, up);
        if (!flip || strcmp(text_of(flip, "then"), "stays") == 0) continue;
        for (int beyond = 0; beyond < 2; beyond++) {
            double by = strcmp(lever, "spot price") == 0 ? 1.002 : 1.01,
                   out = beyond ? strcmp(lever, "spot price") == 0 ? 1.002 : 1 : 1 / by;
            struct world there = changed(*w, lever, real_of(flip, "factor") * (up ? out : 1 / out));
            write_world(&there, slo);
            snprintf(command, sizeof command, "$S plan w.yaml --json --no-changes --goal %s", goal);
            json_t *then = plan_of(command, &code);
            const char *best = fleet_of(then, "plan"), *said = fleet_of(flip, "other");
            if (!beyond) said = fleet_of(plan, "plan");
            if ((best == NULL) != (said == NULL) || (best && strcmp(best, said) != 0))
                fail_msg("%s, %s, %s %s %g: the plan is %s, not %s", slo, goal, lever,
                         beyond ? "at" : "before", real_of(flip, "factor"), best ? best : "none",
                         said ? said : "none");
            json_decref(then);
        }
        looked++;
    }
    json_decref(plan);
    return looked;
}

static void as_plans_there_have_it(void **state)
{
    const double day = 86400;
    const struct world worlds[] = {
        { 1, 5, day, 14 }, { 1, 5, 4 * day, 14 }, { 1, 6, 4 * day, 14 }, { 1, 4, 4 * day, 30 }
    };
    int looked = 0;
    (void)state;
    looked += hold(&worlds[0], "p95_wait: 12 h, budget: '\\$60k per month'", "cheapest");
    looked += hold(&worlds[1], "p95_wait: 8 h, utilization: 22%", "cheapest");
    looked += hold(&worlds[2], "p95_wait: 8 h, utilization: 15%", "cheapest");
    looked += hold(&worlds[3], "p95_wait: 8 h, budget: '\\$100k per month'", "fastest");
    assert_int_equal(looked, 10);
}

/* ---- What is said, and what is not ---- */

static void what_is_said(void **state)
{
    const struct world w = { 1, 5, 86400, 14 };
    char *out;
    int code;
    (void)state;
    write_world(&w, "p95_wait: 12 h");
    json_t *plan = plan_of("$S plan w.yaml --json", &code),
           *bare = plan_of("$S plan w.yaml --json --no-changes", &code);
    assert_true(json_is_null(json_object_get(bare, "changes")));
    /* A plan of four fleets and 40 replications: what would change it is 30 times as much at most.
     */
    double more = real_of(json_object_get(plan, "searched"), "replications") -
                  real_of(json_object_get(bare, "searched"), "replications");
    assert_true(more > 0 && more <= 1200);
    json_decref(plan);
    json_decref(bare);
    assert_int_equal(
        sh("$S plan w.yaml -j 1 > one; $S plan w.yaml -j 3 | cmp - one && cat one", &out, NULL), 0);
    if (!strstr(out, "What would change it") || !strstr(out, "spot price of p4d.24xlarge "))
        fail_msg("no table of changes in\n%s", out);
    free(out);
}

static void worlds_are_no_choice(void **state)
{
    static const char *const said[] = {
        "a plan cannot choose its demand ('workload.synth.load')",
        "a plan cannot choose its targets ('slo.p95_wait')",
        "a plan cannot choose how it is simulated ('run.seed')",
        "a plan cannot choose its prices ('prices.as_of')",
        "a plan cannot choose when nodes can be had ('fleets.spot.pools.s.supply.up')",
        "a plan cannot choose its prices ('fleets.spot.pools.s.spot_price')",
        "w.yaml:14:5",
        "sweep it instead",
        "6 errors",
    };
    const struct world w = { 1, 5, 86400, 14 };
    char *err;
    (void)state;
    write_world(&w, "p95_wait: 12 h");
    assert_int_equal(sh("cat >> w.yaml <<E\n"
                        "vary:\n"
                        "  - workload.synth.load: [20 GPUs, 30 GPUs]\n"
                        "  - slo.p95_wait: [12 h, 13 h]\n"
                        "  - {fleets.spot.pools.s.nodes: [10, 14], run.seed: [1, 2]}\n"
                        "  - prices.as_of: [2026-07-20, 2026-07-21]\n"
                        "  - fleets.spot.pools.s.supply.up: [1 day, 2 days]\n"
                        "  - fleets.spot.pools.s.spot_price: ['\\$9 per hour', '\\$11 per hour']\n"
                        "E\n"
                        "$S plan w.yaml",
                        NULL, &err),
                     2);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (!strstr(err, said[i])) fail_msg("no '%s' in\n%s", said[i], err);
    free(err);
    /* What a provider makes so may go with what is chosen; answers to a notice are chosen. */
    write_world(&w, "p95_wait: 12 h");
    assert_int_equal(sh("cat >> w.yaml <<E\n"
                        "vary:\n"
                        "  - {fleets.spot.pools.s.nodes: [13, 14], "
                        "fleets.spot.pools.s.supply.up: [1 day, 2 days]}\n"
                        "  - fleets.spot.pools.s.supply.on_notice: [drain, ignore]\n"
                        "  - prices.region: [us-east-1]\n"
                        "E\n"
                        "$S plan w.yaml --no-changes -q",
                        NULL, NULL),
                     0);
}

/* An instance that its list price rules out wins where the plan's costs so much more: the best of
 * it is looked for. The two have the same GPUs, and so the same waits. */
static void another_mix_though_it_is_dear(void **state)
{
    int code;
    (void)state;
    assert_int_equal(
        sh("cat > m.yaml <<E\n"
           "seatrial: 1\n"
           "workload: {synth: {like: itp, jobs: 400, days: 5 days, load: 60 GPUs}}\n"
           "prices: {as_of: 2026-07-20, region: us-east-1}\n"
           "slo: {p95_wait: 20 h}\n"
           "fleets:\n"
           "  f: {pools: [{name: p, instance: p4d.24xlarge, buy: on-demand, nodes: 20}]}\n"
           "run: {replications: 5}\n"
           "vary:\n"
           "  - fleets.f.pools.p.nodes: 8..60\n"
           "  - fleets.f.pools.p.instance: [p4d.24xlarge, p4de.24xlarge]\n"
           "  - fleets.f.scheduler.order: [fifo, easy, sjf]\n"
           "E\n",
           NULL, NULL),
        0);
    json_t *plan = plan_of("$S plan m.yaml --json", &code);
    assert_int_equal(code, 0);
    const json_t *flip = flip_of(plan, "price", true);
    assert_string_equal(text_of(flip, "subject"), "p4d.24xlarge");
    assert_string_equal(text_of(flip, "then"), "another wins");
    assert_float_equal(real_of(flip, "factor"), 27.44705 / 21.957642, 1e-6);
    assert_non_null(strstr(text_of(json_object_get(flip, "other"), "params"), "p4de.24xlarge"));
    const json_t *searched = json_object_get(plan, "searched");
    assert_true(real_of(searched, "for_changes") > 0);
    json_decref(plan);
    json_t *plain = plan_of("$S plan m.yaml --json --no-changes", &code);
    assert_true(real_of(json_object_get(plain, "searched"), "for_changes") == 0);
    json_decref(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_mix_though_it_is_dear),
        cmocka_unit_test(prices_by_arithmetic), /* writes c.csv, which the others read */
        cmocka_unit_test(reclaims_by_renewal),
        cmocka_unit_test(as_plans_there_have_it),
        cmocka_unit_test(what_is_said),
        cmocka_unit_test(worlds_are_no_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
