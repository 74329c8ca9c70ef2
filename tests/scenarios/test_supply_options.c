/* SPDX-License-Identifier: Apache-2.0 */
/* What a scenario says is done with spot nodes that are to go is what the world is given, what is
 * said of it in words, and part of what the scenario is; what says nothing is not. */
#include <string.h>

#include "scenarios/option_values.h"
#include "scenarios/scenario.h"
#include "tests/support.h"

#define MIN (INT64_C(60) * 1000000)

static void load(const char *more, struct scenario *s)
{
    struct diagnostics d;
    struct error err;
    char text[1000];
    snprintf(text, sizeof text,
             "seatrial: 1\nworkload: {synth: {like: itp, jobs: 10, days: 1 day}}\n"
             "prices: {as_of: 2026-07-20, region: us-east-1}\nfleets:\n  a:\n    pools:\n"
             "      - {name: p, instance: p4d.24xlarge, buy: spot, spot_price: $9 per hour, "
             "nodes: 2,\n         supply: {up: 6 h, down: 20 min%s}}\n",
             more);
    write_text(scratch_path("supply.yaml"), text);
    diagnostics_init(&d);
    if (scenario_load(scratch_path("supply.yaml"), NULL, s, &d, &err) != STATUS_OK)
        fail_msg("%s: %s", more, d.n ? d.items[0].message : err.message);
    diagnostics_free(&d);
}

static void answers(void **state)
{
    static const struct {
        const char *more, *words;
        struct supply_spec spec;
        bool is_plain;
    } cases[] = {
        { "", "", { .notice_us = 2 * MIN, .on_rebalance = ANSWER_IGNORE }, true },
        { ", on_notice: drain", "", { .notice_us = 2 * MIN, .on_rebalance = ANSWER_IGNORE }, true },
        { ", rebalance: 1 h, on_rebalance: ignore",
          "",
          { .notice_us = 2 * MIN,
            .signals = true,
            .rebalance_us = 60 * MIN,
            .on_rebalance = ANSWER_IGNORE },
          true },
        { ", notice: 30 s, on_notice: cordon",
          ", cordoned at the notice",
          { .notice_us = MIN / 2, .on_notice = ANSWER_CORDON, .on_rebalance = ANSWER_IGNORE },
          false },
        { ", rebalance: 0 s, on_rebalance: drain, on_notice: ignore",
          ", drained 0 s before the notice, left alone at the notice",
          { .notice_us = 2 * MIN,
            .on_notice = ANSWER_IGNORE,
            .signals = true,
            .on_rebalance = ANSWER_DRAIN },
          false },
        { ", rebalance: 10 min, on_rebalance: cordon",
          ", cordoned 10 min before the notice",
          { .notice_us = 2 * MIN,
            .signals = true,
            .rebalance_us = 10 * MIN,
            .on_rebalance = ANSWER_CORDON },
          false },
    };
    struct scenario plain;
    (void)state;
    load("", &plain);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scenario s;
        char words[300], expected[300];
        load(cases[i].more, &s);
        const struct supply_spec *a = &s.fleets[0].pools[0].supply, *b = &cases[i].spec;
        assert_true(a->takes_back);
        assert_int_equal(a->notice_us, b->notice_us);
        assert_int_equal(a->on_notice, b->on_notice);
        assert_int_equal(a->signals, b->signals);
        assert_int_equal(a->rebalance_us, b->rebalance_us);
        assert_int_equal(a->on_rebalance, b->on_rebalance);
        snprintf(expected, sizeof expected, ", taken back every 6 h for 20 min%s", cases[i].words);
        supply_write(a, words, sizeof words);
        assert_string_equal(words, expected);
        assert_int_equal(strcmp(s.sha256, plain.sha256) == 0, cases[i].is_plain);
        scenario_free(&s);
    }
    scenario_free(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(answers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
