/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `seatrial montecarlo` from the outside: the same answer from any number of threads and on any
 * engine, an answer that its own rows bear out, and what it says where it cannot.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/shell.h"
#include "tests/support.h"

static void works(const char *command) { EXITS(command, 0); }

static double number(const char *query)
{
    char command[2000], *out, *err;
    snprintf(command, sizeof command, "sqlite3 -readonly s.db \"%s\"", query);
    int status = sh(command, &out, &err);
    if (status != 0) fail_msg("%s: %s", query, err);
    double x = *out == '\n' || *out == '\0' ? NAN : atof(out);
    free(out);
    free(err);
    return x;
}

static const char scenario[] =
    "cat > s.yaml <<'E'\n"
    "seatrial: 1\n"
    "name: a study\n"
    "workload: {synth: {like: itp, jobs: 1500, days: 14 days, load: 60 GPUs}}\n"
    "prices: {as_of: 2026-07-20, region: us-east-1}\n"
    "slo: {budget: $250k per month, p95_wait: 6 h}\n"
    "fleets:\n"
    "  kept: {pools: [{name: p, instance: p3.16xlarge, buy: on-demand, nodes: 14}]}\n"
    "  scaled:\n"
    "    autoscaler: cluster-autoscaler\n"
    "    pools:\n"
    "      - {name: p, instance: p3.16xlarge, buy: on-demand, nodes: 4}\n"
    "      - {name: more, instance: p3.16xlarge, buy: spot, nodes: 12, min_nodes: 0, boot: 4 min,\n"
    "         supply: {up: 8 h, down: 1 h}}\n"
    "uncertain: {growth: 15%, spot_prices: 30%}\n"
    "mc: {years: 1, replications: 512, growth: 20%, growth_sd: 20%, nodes: {p: 8..16 by 4}}\n"
    "run: {seed: 7}\n"
    "E\n";

static int prepare(void **state)
{
    (void)state;
    works(scenario);
    works("$S montecarlo s.yaml -o s.db -q > first.txt");
    return 0;
}

static void any_threads_and_engine_give_the_same(void **state)
{
    (void)state;
    /* All rows but how it was made. */
    works(
        "dump() { sqlite3 -readonly $1 .dump | grep -v -e 'INTO execution' -e 'INTO run '; }\n"
        "$S montecarlo s.yaml -o t.db -q -j 1 --engine cpu > second.txt && cmp first.txt "
        "second.txt && dump s.db > s.sql && dump t.db > t.sql && test $(wc -l < s.sql) -gt 500 && "
        "cmp s.sql t.sql");
    works(
        "$S report s.db --json > a.json && $S montecarlo s.yaml -o t.db --json -q -j 3 > b.json && "
        "cmp a.json b.json");
    works("$S montecarlo s.yaml -o t.db -q --seed 8 > second.txt; ! cmp -s first.txt second.txt");
}

/* The rows of the file agree with each other. */
static void the_file_bears_itself_out(void **state)
{
    (void)state;
    /* Two fleets of three sizes, and the baseline, whose 14 nodes are in no range. */
    assert_true(number("SELECT count(*) FROM candidate") == 7);
    assert_true(number("SELECT count(*) FROM candidate WHERE is_baseline AND name = 'kept'") == 1);
    assert_true(number("SELECT replications FROM run") == 512);
    /* Nodes that are always there cost what they cost: 14 for 8,760 hours. */
    double node = number("SELECT mean / 14 / 8760 FROM estimate JOIN candidate USING (candidate) "
                         "WHERE name = 'kept' AND metric = 'cost_usd_per_year'");
    assert_true(fabs(node - 24.48) < 0.0001);
    assert_true(number("SELECT half FROM estimate JOIN candidate USING (candidate) WHERE name = "
                       "'kept' AND metric = 'cost_usd_per_year'") == 0);
    /* What comes and goes does not; its quantiles rise and hold its mean, its shortfall is beyond
     * its value at risk. */
    assert_true(number("SELECT half / mean FROM estimate JOIN candidate USING (candidate) WHERE "
                       "name = 'scaled, 8 p' AND metric = 'cost_usd_per_year'") > 0.0001);
    assert_true(
        number("SELECT count(*) FROM value_at_risk v JOIN estimate e USING (candidate) "
               "WHERE metric = 'cost_usd_per_year' AND (v.cvar_usd < v.usd OR v.usd < e.mean - "
               "1 OR v.low > v.usd OR v.usd > v.high)") == 0);
    /* The chance of breaking the budget is what the exceedance curve says at it. */
    double chance = number("SELECT probability FROM risk JOIN candidate USING (candidate) WHERE "
                           "name = 'scaled, 12 p' AND risk = 0");
    double curve = number("SELECT max(probability) FROM exceedance JOIN candidate USING "
                          "(candidate) WHERE name = 'scaled, 12 p' AND usd >= 3000000");
    assert_true(fabs(chance - (isnan(curve) ? 0 : curve)) < 0.02);
    /* In each future somebody is the cheapest; nobody regrets less than nothing. */
    assert_true(fabs(number("SELECT sum(cheapest_share) FROM regret") - 1) < 1e-9);
    assert_true(number("SELECT count(*) FROM regret WHERE mean < 0 OR worst < p95") == 0);
    /* Months add up to years: medians of a fleet whose bill is no matter of chance. */
    double months = number("SELECT sum(usd) FROM fan JOIN candidate USING (candidate) WHERE name "
                           "= 'kept' AND share = 0.5");
    assert_true(fabs(months - node * 14 * 8760) < 1);
    /* Waits of what is always there, more of them with fewer nodes. */
    double few = number("SELECT mean FROM estimate JOIN candidate USING (candidate) WHERE name = "
                        "'kept, 12 p' AND metric = 'wait_p95_s'");
    double many = number("SELECT mean FROM estimate JOIN candidate USING (candidate) WHERE name "
                         "= 'kept, 16 p' AND metric = 'wait_p95_s'");
    assert_true(few > many && many >= 0);
    assert_true(number("SELECT count(*) FROM calibration WHERE metric = 'cost_usd_per_month'") ==
                2);
    assert_true(number("SELECT abs(error) FROM calibration WHERE fleet = 'kept' AND metric = "
                       "'cost_usd_per_month'") < 1e-6);
}

/* Fewer of them are known less well, by the square root. */
static void precision_ends_it(void **state)
{
    (void)state;
    works("sed 's/replications: 512/precision: 2%/; s/8..16 by 4/8..16 by 8/' s.yaml > p.yaml "
          "&& $S montecarlo p.yaml -o p.db "
          "-q > /dev/null");
    char *out, *err;
    assert_int_equal(
        sh("sqlite3 -readonly p.db 'SELECT replications, (SELECT max((high - low) / 2 / "
           "usd) FROM value_at_risk) FROM run'",
           &out, &err),
        0);
    char *bar = strchr(out, '|');
    assert_non_null(bar);
    assert_int_equal(atoi(out), 16384); /* the first look */
    assert_true(atof(bar + 1) <= 0.02 && atof(bar + 1) > 0);
    free(out);
    free(err);
}

static void pairs_are_opposites(void **state)
{
    (void)state;
    works(
        "sed 's/seed: 7/seed: 7, antithetic: yes/' s.yaml > a.yaml && $S montecarlo a.yaml -o a.db "
        "-q > /dev/null");
    char *out, *err;
    assert_int_equal(sh("sqlite3 -readonly a.db \"SELECT count(*) FROM estimate WHERE metric = "
                        "'cost_usd_per_year' AND method LIKE '%pairs%'\"",
                        &out, &err),
                     0);
    assert_int_equal(atoi(out), 7);
    free(out);
    free(err);
    says("$S montecarlo a.yaml --replications 101", 2, NULL, "--replications is even");
}

static void it_says_what_it_cannot(void **state)
{
    (void)state;
    says("$S montecarlo s.yaml --engine gpu", 2, NULL, "--engine is auto, cuda or cpu, not 'gpu'");
    says("SEATRIAL_CUDA=/nowhere.so $S montecarlo s.yaml -o c.db --engine cuda > c.txt; cmp "
         "first.txt "
         "c.txt",
         0, NULL, "no GPU is used (/nowhere.so: ");
    says("$S montecarlo s.yaml -o - ", 2, NULL, "cannot go to standard output");
    says("$S montecarlo s.yaml -o s.yaml", 2, NULL, "s.yaml");
    says("$S montecarlo s.yaml --replications 3", 2, NULL, "--replications");
    /* As many values as futures of all fleets. */
    says("$S montecarlo s.yaml --replications 10000000 -o n.db", 2, NULL,
         "are more than 67108864 values");
    works("test ! -e n.db && test ! -e n.db.partial");
    says("sed 's/250k/1k/' s.yaml > poor.yaml; $S montecarlo poor.yaml -o poor.db --slo", 1, NULL,
         "Saved poor.db");
    says("sed 's/load: 60/load: 200/' s.yaml > o.yaml; $S montecarlo o.yaml -o o.db > /dev/null", 0,
         NULL, "kept is overloaded: jobs ask for");
    says("$S report s.db --format money", 2, NULL, "is a Monte Carlo study");
    says("$S compare s.db s.db", 2, NULL, "s.db");
}

static void it_is_drawn(void **state)
{
    (void)state;
    works("$S report s.db -o s.html --no-png && grep -q '<svg' s.html && grep -q 'a study' s.html");
    works("$S report s.db --format csv > s.csv && test $(wc -l < s.csv) -eq 8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_threads_and_engine_give_the_same),
        cmocka_unit_test(the_file_bears_itself_out),
        cmocka_unit_test(precision_ends_it),
        cmocka_unit_test(pairs_are_opposites),
        cmocka_unit_test(it_says_what_it_cannot),
        cmocka_unit_test(it_is_drawn),
    };
    return cmocka_run_group_tests(tests, prepare, NULL);
}
