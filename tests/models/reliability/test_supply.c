/* SPDX-License-Identifier: Apache-2.0 */
/* When nodes can be had: by log, by chance, several at once, by region, and requests that fail. */
#include <string.h>

#include "models/reliability/supply.h"
#include "tests/estimate.h"
#include "tests/support.h"

#define S INT64_C(1000000)

static struct fleet_spec fleet_of(struct pool_spec *pools, int32_t n)
{
    return (struct fleet_spec){ .name = "test", .pool_n = n, .pools = pools };
}

struct seen {
    int64_t at_us;
    struct supply_change change;
};

/* The next n changes, but for chances that found nothing. */
static void take(struct supply *s, struct seen *seen, int n)
{
    for (int i = 0; i < n;) {
        seen[i].at_us = events_next_time(&s->changes);
        assert_true(seen[i].at_us != EVENT_NONE);
        seen[i].change = supply_take(s);
        i += seen[i].change.kind != SUPPLY_NOTHING;
    }
}

static void expect(const struct seen *seen, int64_t at_us, int32_t pool, int32_t node,
                   enum supply_kind kind)
{
    assert_int_equal(seen->at_us, at_us);
    assert_int_equal(seen->change.pool, pool);
    assert_int_equal(seen->change.node, node);
    assert_int_equal(seen->change.kind, kind);
}

/* Node 0 is out from 100 s to 200 s, and from 210 s to 230 s: its notice of 120 s would begin
 * before 0, and then before it was back. Node 1 is out from the beginning, where a notice has no
 * room. The log begins anew after 300 s. */
static void a_log_says_when(void **state)
{
    static const struct outage log[] = { { 100 * S, 200 * S, 0 },
                                         { 210 * S, 230 * S, 0 },
                                         { 0, 50 * S, 1 } };
    struct pool_spec pools[2] = { { .nodes = 3 }, { .nodes = 3 } };
    struct fleet_spec fleet = fleet_of(pools, 2);
    struct supply s;
    struct seen seen[16];
    (void)state;
    pools[1].supply = (struct supply_spec){
        .takes_back = true, .notice_us = 120 * S, .log = log, .log_n = 3, .log_us = 300 * S
    };
    assert_true(supply_init(&s, &fleet, random_key(1, 0)));
    take(&s, seen, 12);
    expect(&seen[0], 0, 1, 0, SUPPLY_NOTICE);
    expect(&seen[1], 0, 1, 1, SUPPLY_NOTICE);
    expect(&seen[2], 0, 1, 1, SUPPLY_GONE);
    expect(&seen[3], 50 * S, 1, 1, SUPPLY_BACK);
    expect(&seen[4], 100 * S, 1, 0, SUPPLY_GONE);
    expect(&seen[5], 180 * S, 1, 1, SUPPLY_NOTICE); /* of 300 s */
    expect(&seen[6], 200 * S, 1, 0, SUPPLY_BACK);
    expect(&seen[7], 200 * S, 1, 0, SUPPLY_NOTICE);
    expect(&seen[8], 210 * S, 1, 0, SUPPLY_GONE);
    expect(&seen[9], 230 * S, 1, 0, SUPPLY_BACK);
    expect(&seen[10], 280 * S, 1, 0, SUPPLY_NOTICE); /* of 400 s */
    expect(&seen[11], 300 * S, 1, 1, SUPPLY_GONE);
    supply_free(&s);

    /* Without a round there is no more; on demand nobody is told before. */
    pools[1].supply.log_us = 0;
    pools[1].supply.takes_back = false;
    assert_true(supply_init(&s, &fleet, random_key(1, 0)));
    take(&s, seen, 9);
    expect(&seen[3], 100 * S, 1, 0, SUPPLY_NOTICE);
    expect(&seen[8], 230 * S, 1, 0, SUPPLY_BACK);
    assert_true(events_next_time(&s.changes) == EVENT_NONE);
    supply_free(&s);
}

/* The same log with a signal 60 s before the notice: with it where there is no room for it, and
 * none that nobody looks at. */
static void a_signal_comes_before(void **state)
{
    static const struct outage log[] = { { 400 * S, 500 * S, 0 }, { 600 * S, 700 * S, 0 } };
    struct pool_spec pool = { .nodes = 1,
                              .supply = { .takes_back = true,
                                          .notice_us = 120 * S,
                                          .signals = true,
                                          .rebalance_us = 60 * S,
                                          .on_rebalance = ANSWER_CORDON,
                                          .log = log,
                                          .log_n = 2 } };
    struct fleet_spec fleet = fleet_of(&pool, 1);
    struct supply s;
    struct seen seen[8];
    (void)state;
    assert_true(supply_init(&s, &fleet, random_key(1, 0)));
    take(&s, seen, 8);
    expect(&seen[0], 220 * S, 0, 0, SUPPLY_SIGNAL);
    expect(&seen[1], 280 * S, 0, 0, SUPPLY_NOTICE);
    assert_int_equal(seen[0].change.gone_us, 400 * S);
    assert_int_equal(seen[1].change.gone_us, 400 * S);
    expect(&seen[2], 400 * S, 0, 0, SUPPLY_GONE);
    expect(&seen[3], 500 * S, 0, 0, SUPPLY_BACK);
    expect(&seen[4], 500 * S, 0, 0, SUPPLY_SIGNAL);
    expect(&seen[5], 500 * S, 0, 0, SUPPLY_NOTICE);
    assert_int_equal(seen[5].change.gone_us, 600 * S);
    expect(&seen[6], 600 * S, 0, 0, SUPPLY_GONE);
    supply_free(&s);

    pool.supply.on_rebalance = ANSWER_IGNORE;
    assert_true(supply_init(&s, &fleet, random_key(1, 0)));
    take(&s, seen, 2);
    expect(&seen[0], 280 * S, 0, 0, SUPPLY_NOTICE);
    supply_free(&s);
}

/* Signals move nothing else. Before each notice of its own chance a node has one; those that
 * another's chance takes are told with the notice. */
static void chances_are_what_they_are_without_signals(void **state)
{
    struct pool_spec pool = { .nodes = 8 };
    struct fleet_spec fleet = fleet_of(&pool, 1);
    struct supply with, without;
    struct error err;
    int64_t signals = 0, notices = 0;
    (void)state;
    pool.supply = (struct supply_spec){
        .takes_back = true, .notice_us = 120 * S, .by_node = true, .batch_ppm = 2000000
    };
    assert_int_equal(duration_exponential(4000e6, &pool.supply.up, &err), STATUS_OK);
    assert_int_equal(duration_constant(60 * S, &pool.supply.down, &err), STATUS_OK);
    struct pool_spec signaled = pool;
    signaled.supply.signals = true;
    signaled.supply.rebalance_us = 600 * S;
    signaled.supply.on_rebalance = ANSWER_DRAIN;
    struct fleet_spec other = fleet_of(&signaled, 1);
    assert_true(supply_init(&without, &fleet, random_key(5, 0)));
    assert_true(supply_init(&with, &other, random_key(5, 0)));
    for (int i = 0; i < 20000; i++) {
        struct seen a, b;
        take(&without, &a, 1);
        for (take(&with, &b, 1); b.change.kind == SUPPLY_SIGNAL; take(&with, &b, 1)) {
            assert_true(b.change.gone_us - b.at_us <= 720 * S);
            signals++;
        }
        expect(&b, a.at_us, 0, a.change.node, a.change.kind);
        notices += a.change.kind == SUPPLY_NOTICE;
    }
    assert_true(signals > notices / 3 && signals < notices);
    supply_free(&with);
    supply_free(&without);
}

/* However many a chance takes, a node is taken once in `up` on the mean; half of the chances that
 * take two on the mean take one. */
static void batches_take_a_node_as_often(void **state)
{
    (void)state;
    for (int batch = 1; batch <= 2; batch++) {
        struct pool_spec pool = { .nodes = 64 };
        struct fleet_spec fleet = fleet_of(&pool, 1);
        struct estimate taken = { 0 }, single = { 0 };
        struct error err;
        const double up_s = 4000, horizon_s = 40000;
        pool.supply = (struct supply_spec){ .by_node = true, .batch_ppm = batch * 1000000 };
        assert_int_equal(duration_exponential(up_s * 1e6 * batch, &pool.supply.up, &err),
                         STATUS_OK);
        assert_int_equal(duration_constant(1, &pool.supply.down, &err), STATUS_OK);
        for (uint64_t seed = 1; seed <= 400; seed++) {
            struct supply s;
            int64_t n = 0, before_us = -1, together = 0, chances = 0, alone = 0;
            assert_true(supply_init(&s, &fleet, random_key(seed, 0)));
            for (;;) {
                int64_t at_us = events_next_time(&s.changes);
                if (at_us > (int64_t)(horizon_s * 1e6)) break;
                if (supply_take(&s).kind != SUPPLY_NOTICE) continue;
                if (at_us != before_us) {
                    alone += together == 1;
                    chances++;
                    together = 0;
                }
                before_us = at_us;
                together++;
                n++;
            }
            estimate_add(&taken, (double)n / pool.nodes / (horizon_s / up_s));
            estimate_add(&single, (double)alone / (double)(chances - 1));
            supply_free(&s);
        }
        estimate_agrees("batches", "times a node was taken", &taken, 1, 1.05);
        if (batch == 2) estimate_agrees("batches", "alone", &single, 0.5, 0.55);
        else assert_true(estimate_mean(&single) > 0.999);
    }
}

/* Pools of one region lose all at once, that of another one does not. */
static void a_region_takes_all(void **state)
{
    struct pool_spec pools[3] = { { .nodes = 2 }, { .nodes = 3 }, { .nodes = 2 } };
    static const char *const regions[3] = { "us-east-1", "us-east-1", "us-west-2" };
    struct fleet_spec fleet = fleet_of(pools, 3);
    struct supply s;
    struct error err;
    int64_t at_us[3][3];
    (void)state;
    for (int p = 0; p < 3; p++) {
        pools[p].supply = (struct supply_spec){
            .takes_back = true, .notice_us = 2 * S, .by_region = true, .region = regions[p]
        };
        assert_int_equal(duration_exponential(1000e6, &pools[p].supply.region_up, &err), STATUS_OK);
        assert_int_equal(duration_constant(1 << 30, &pools[p].supply.down, &err), STATUS_OK);
    }
    assert_true(supply_init(&s, &fleet, random_key(1, 0)));
    memset(at_us, 0, sizeof at_us);
    for (int n = 0; n < 7;) {
        int64_t now_us = events_next_time(&s.changes);
        struct supply_change c = supply_take(&s);
        if (c.kind != SUPPLY_NOTICE) continue;
        assert_int_equal(at_us[c.pool][c.node], 0);
        at_us[c.pool][c.node] = now_us;
        n++;
    }
    for (int n = 0; n < 3; n++) assert_int_equal(at_us[1][n], at_us[0][0]);
    assert_int_equal(at_us[0][1], at_us[0][0]);
    assert_int_equal(at_us[2][0], at_us[2][1]);
    assert_true(at_us[2][0] != at_us[0][0]);
    supply_free(&s);
}

/* A request that fails leaves the node out for a while, which a log may make longer. */
static void requests_fail(void **state)
{
    static const struct outage log[] = { { 100 * S, 200 * S, 0 } };
    struct pool_spec pool = { .nodes = 2 };
    struct fleet_spec fleet = fleet_of(&pool, 1);
    struct supply s;
    struct seen seen[3];
    int64_t failed = 0;
    (void)state;
    pool.supply =
        (struct supply_spec){ .log = log, .log_n = 1, .refused_ppm = 1000000, .retry_us = 90 * S };
    assert_true(supply_init(&s, &fleet, random_key(1, 0)));
    assert_true(supply_refuses(&s, 0, 1, 10 * S));
    assert_true(supply_refuses(&s, 0, 0, 50 * S));
    take(&s, seen, 2);
    expect(&seen[0], 100 * S, 0, 1, SUPPLY_BACK);
    expect(&seen[1], 200 * S, 0, 0, SUPPLY_BACK); /* at 140 s it is out by the log */
    supply_free(&s);

    pool.supply = (struct supply_spec){ .refused_ppm = 250000, .retry_us = 1 };
    assert_true(supply_init(&s, &fleet, random_key(1, 0)));
    for (int i = 0; i < 100000; i++) failed += supply_refuses(&s, 0, 0, i);
    assert_true(failed > 24500 && failed < 25500); /* 3.6 standard deviations */
    supply_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_says_when),
        cmocka_unit_test(a_signal_comes_before),
        cmocka_unit_test(chances_are_what_they_are_without_signals),
        cmocka_unit_test(batches_take_a_node_as_often),
        cmocka_unit_test(a_region_takes_all),
        cmocka_unit_test(requests_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
