/* SPDX-License-Identifier: Apache-2.0 */
/* From logs to outages: by hand, and the public logs against what they say themselves. */
#include <stdlib.h>
#include <string.h>

#include "models/reliability/availability.h"
#include "scenarios/interruptions/logs.h"
#include "tests/support.h"

static void expect(const struct availability *a, size_t i, int32_t node, int64_t down, int64_t up)
{
    assert_true(i < a->n);
    assert_int_equal(a->log[i].node, node);
    assert_int_equal(a->log[i].down_us, down);
    assert_int_equal(a->log[i].up_us, up);
}

static void counts_by_hand(void **state)
{
    int64_t at[] = { 10, 20, 30, 40 }, value[] = { 2, 1, 3, 0 };
    struct series s = {
        .kind = SERIES_CAPACITY, .n = 4, .at_us = at, .value = value, .end_us = 50
    };
    struct availability a;
    struct error err;
    (void)state;
    assert_int_equal(availability_of_capacity(&s, 0, 3, 1, &a, &err), STATUS_OK);
    assert_int_equal(a.log_us, 50);
    assert_int_equal(a.places, 3);
    assert_int_equal(a.n, 5); /* before its first value the log is as it is then */
    expect(&a, 0, 0, 40, 50);
    expect(&a, 1, 1, 20, 30);
    expect(&a, 2, 1, 40, 50);
    expect(&a, 3, 2, 0, 30);
    expect(&a, 4, 2, 40, 50);
    availability_free(&a);

    /* From 25 on, two nodes of a pool of three for each of the log. */
    assert_int_equal(availability_of_capacity(&s, 25, 3, 2, &a, &err), STATUS_OK);
    assert_int_equal(a.log_us, 25);
    assert_int_equal(a.n, 4);
    expect(&a, 0, 0, 15, 25);
    expect(&a, 1, 1, 15, 25);
    expect(&a, 2, 2, 0, 5);
    expect(&a, 3, 2, 15, 25);
    availability_free(&a);
}

/* Where one node goes and another comes at once, one goes; the place that has been free for longer
 * than that is taken. */
static void lives_by_hand(void **state)
{
    struct life lives[] = {
        { .from_us = 0, .to_us = 10, .node = 0, .up = true },
        { .from_us = 0, .to_us = 30, .node = 1, .up = true },
        { .from_us = 10, .to_us = 20, .node = 2, .up = true },
        { .from_us = 20, .to_us = 40, .node = 3, .up = true, .end = LIFE_CUT }
    };
    struct series s = { .kind = SERIES_CAPACITY, .end_us = 40, .life_n = 4, .lives = lives };
    struct availability a;
    struct error err;
    (void)state;
    assert_int_equal(availability_of_capacity(&s, 0, 3, 1, &a, &err), STATUS_OK);
    assert_int_equal(a.places, 3);
    assert_int_equal(a.n, 4);
    expect(&a, 0, 0, 10, 20); /* node 0, then node 3 */
    expect(&a, 1, 1, 30, 40);
    expect(&a, 2, 2, 0, 10); /* node 2 */
    expect(&a, 3, 2, 20, 40);
    availability_free(&a);

    assert_int_equal(availability_of_capacity(&s, 0, 2, 1, &a, &err), STATUS_OK);
    assert_true(a.places > 2); /* there were more than the pool has */
    availability_free(&a);
}

/* Above a bid of 5: from 20 to 30, which a notice of 4 makes 24 to 30; at 35 the price is low again
 * before the notice is over. */
static void bids_by_hand(void **state)
{
    int64_t at[] = { 0, 20, 30, 35, 36 }, value[] = { 5, 6, 3, 9, 1 };
    struct series s = { .kind = SERIES_PRICE, .n = 5, .at_us = at, .value = value, .end_us = 50 };
    struct availability a;
    struct error err;
    (void)state;
    assert_int_equal(availability_of_prices(&s, 0, 2, 5, 4, &a, &err), STATUS_OK);
    assert_int_equal(a.n, 4);
    for (size_t node = 0; node < 2; node++) {
        expect(&a, 2 * node, (int32_t)node, 24, 30);
        expect(&a, 2 * node + 1, (int32_t)node, 39, 40);
    }
    availability_free(&a);
    assert_int_equal(availability_of_prices(&s, 22, 1, 5, 4, &a, &err), STATUS_OK);
    expect(&a, 0, 0, 0, 8); /* from the beginning there is nobody to tell */
    availability_free(&a);
}

/* Of Bamboo's log of p3 nodes: the nodes that its outages leave are, at each of its moments, as
 * many as it counts; and as many go as it says. */
static void bamboo_is_kept(void **state)
{
    static const struct log_options none;
    struct diagnostics diagnostics;
    struct interruptions log;
    struct availability a;
    struct error err;
    const char *path = shared_or_skip("data/spot/bamboo/p3-trace.csv");
    (void)state;
    diagnostics_init(&diagnostics);
    assert_int_equal(log_read(path, NULL, &none, &log, &diagnostics, &err), STATUS_OK);
    const struct series *s = &log.series[0];
    assert_int_equal(availability_of_capacity(s, 0, 60, 1, &a, &err), STATUS_OK);
    size_t goes = 0;
    for (size_t i = 0; i < a.n; i++) goes += a.log[i].down_us > 0;
    assert_int_equal(goes, 167 - 1); /* CHECKS.json: removes; the last of them is its end */
    for (size_t k = 0; k < s->n && s->at_us[k] < s->end_us; k++) {
        int64_t now = s->at_us[k], up = 60;
        for (size_t i = 0; i < a.n; i++) up -= a.log[i].down_us <= now && now < a.log[i].up_us;
        assert_int_equal(up, s->value[k]);
    }
    availability_free(&a);
    interruptions_free(&log);
    diagnostics_free(&diagnostics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_by_hand),
        cmocka_unit_test(lives_by_hand),
        cmocka_unit_test(bids_by_hand),
        cmocka_unit_test(bamboo_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
