/* SPDX-License-Identifier: Apache-2.0 */
/* Usage by clock hour against a walk over every hour of every interval. */
#include <stdlib.h>

#include "tests/support.h"

#include "models/pricing/ledger.h"
#include "models/pricing/money.h"
#include "sim/random.h"

enum { HOURS = 60 };

static void expect(const struct ledger *l, enum ledger_kind kind, const __int128 *by)
{
    __int128 read[HOURS + 1];
    struct error err;
    assert_true(ledger_hours(l) <= HOURS);
    if (ledger_read(l, kind, read, &err) != STATUS_OK) fail_msg("%s", err.message);
    for (int32_t h = 0; h < HOURS; h++)
        if ((h < ledger_hours(l) ? read[h] : 0) != by[h]) fail_msg("hour %d", h);
}

static void hours_are_the_providers(void **state)
{
    /* Second 0 is 10:45. 8 nodes to 11:15, one from 10:50 to 12:00, and none after 12:10. */
    const int64_t minute = 60000000;
    const __int128 by[HOURS] = { (8 * 15 + 10) * minute, (8 * 15 + 60 + 3 * 60) * minute,
                                 3 * 10 * minute };
    struct ledger l;
    struct error err;
    (void)state;
    ledger_init(&l, 45 * minute, 85 * minute);
    assert_int_equal(ledger_add(&l, LEDGER_BOUGHT, 0, 30 * minute, 8, &err), STATUS_OK);
    assert_int_equal(ledger_add(&l, LEDGER_BOUGHT, 5 * minute, 75 * minute, 1, &err), STATUS_OK);
    assert_int_equal(ledger_add(&l, LEDGER_BOUGHT, 15 * minute, INT64_MAX, 3, &err), STATUS_OK);
    assert_int_equal(ledger_hours(&l), 3);
    expect(&l, LEDGER_BOUGHT, by);
    expect(&l, LEDGER_HELD, (const __int128[HOURS]){ 0 });
    ledger_free(&l);
}

static void the_same_as_hour_by_hour(void **state)
{
    struct random_key key = random_key(11, 0);
    struct error err;
    (void)state;
    for (uint64_t round = 0; round < 20; round++) {
        __int128 by[LEDGER_N][HOURS] = { { 0 } }, total[LEDGER_N] = { 0 };
        int64_t into = (int64_t)random_below(key, RANDOM_TEST, round, 0, (uint64_t)HOUR_US);
        struct ledger l;
        ledger_init(&l, into, 50 * HOUR_US);
        for (uint64_t i = 0; i < 200; i++) {
            uint64_t kind = random_below(key, RANDOM_TEST, round, 5 * i + 1, LEDGER_N);
            int64_t from =
                (int64_t)random_below(key, RANDOM_TEST, round, 5 * i + 2, (uint64_t)(51 * HOUR_US));
            int64_t span = (int64_t)random_below(key, RANDOM_TEST, round, 5 * i + 3,
                                                 (uint64_t)(i % 2 ? 9 * HOUR_US : HOUR_US / 50));
            int64_t weight = (int64_t)random_below(key, RANDOM_TEST, round, 5 * i + 4, 9000);
            if (i % 7 == 0) from = from / HOUR_US * HOUR_US - into; /* on the hour */
            if (i % 3 == 0) span = span / HOUR_US * HOUR_US;
            if (from < 0) from = 0;
            assert_int_equal(
                ledger_add(&l, (enum ledger_kind)kind, from, from + span, weight, &err), STATUS_OK);
            for (int64_t h = 0; h < HOURS; h++) {
                int64_t start = h * HOUR_US - into, end = start + HOUR_US;
                if (start < from) start = from;
                if (end > from + span) end = from + span;
                if (end > 50 * HOUR_US) end = 50 * HOUR_US;
                if (start < end) by[kind][h] += (__int128)weight * (end - start);
            }
        }
        for (int k = 0; k < LEDGER_N; k++) {
            expect(&l, (enum ledger_kind)k, by[k]);
            for (int h = 0; h < HOURS; h++) total[k] += by[k][h];
            assert_true(l.total[k] == total[k] && total[k] > 0);
        }
        ledger_free(&l);
    }
}

static void what_cannot_be_counted_is_refused(void **state)
{
    struct ledger l;
    struct error err;
    (void)state;
    ledger_init(&l, 0, INT64_MAX);
    assert_int_equal(ledger_add(&l, LEDGER_HELD, 0, INT64_MAX, 1, &err), STATUS_BAD_INPUT);
    assert_int_equal(ledger_add(&l, LEDGER_HELD, 0, (int64_t)LEDGER_HOURS_MAX * HOUR_US + 1, 1,
                                &err),
                     STATUS_BAD_INPUT);
    assert_int_equal(ledger_add(&l, LEDGER_HELD, 0, 1, LEDGER_WEIGHT_MAX + 1, &err),
                     STATUS_BAD_INPUT);
    assert_int_equal(ledger_add(&l, LEDGER_HELD, 0, 1, -1, &err), STATUS_BAD_INPUT);
    assert_int_equal(ledger_hours(&l), 0);
    /* All of it at the most there may be: 2^44 x 2^19 h. */
    assert_int_equal(ledger_add(&l, LEDGER_HELD, 0, (int64_t)LEDGER_HOURS_MAX * HOUR_US,
                                LEDGER_WEIGHT_MAX, &err),
                     STATUS_OK);
    __int128 *by = malloc(sizeof *by * (size_t)ledger_hours(&l));
    assert_int_equal(ledger_read(&l, LEDGER_HELD, by, &err), STATUS_OK);
    assert_true(by[LEDGER_HOURS_MAX - 1] == (__int128)LEDGER_WEIGHT_MAX * HOUR_US);
    l.hour[LEDGER_HELD][7].part++; /* a ledger that lost something says so */
    assert_int_equal(ledger_read(&l, LEDGER_HELD, by, &err), STATUS_BUG);
    free(by);
    ledger_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_are_the_providers),
        cmocka_unit_test(the_same_as_hour_by_hour),
        cmocka_unit_test(what_cannot_be_counted_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
