/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can't-Be-Late's own simulator (Wu et al., NSDI'24, as FrontierCS ships it), policy greedy_safety:
 * 48 hours of work in 52 or 70, on 120 stretches of real availability, with two overheads. Against
 * it our fallback `safety-net`.
 *
 * It decides at ticks of 10 minutes, and bills whole ones; here anything may happen at any moment.
 * So an end is within two ticks of its end, one for the decision and one for the end, and dollars
 * are within two ticks on demand: 455 of 480. In the others we go on waiting for spot nodes until
 * the last moment, where it leaves up to a tick before, and then has the dearer node to the end; or
 * it leaves a spot node on which the overhead is not over, where we stay: so we are cheaper, and in
 * time. In two of them the last node is taken in the moment in which it would have ended.
 *
 * An overhead comes before its first start, too: here the job is stopped once, microseconds after
 * it has come, and before second 0 of the stretch.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/autoscaling/autoscaler.h"
#include "tests/rows.h"
#include "tests/simulate.h"

#define S      INT64_C(1000000)
#define TICK_S 600
/* Second 0 of the trace. */
#define T0_US 10

#define TICK_USD 0.51 /* on demand */

enum { TICKS_MAX = 1024 };
/* Cells of a row. */
enum { REGION, TRACE, DEADLINE_H, OVERHEAD_H, COST, FINISH = 6, DEADLINE_MET = 11 };

/* When there was no spot node: data[i] = 1 says that of tick i. */
static size_t read_outages(const char *region, const char *trace, struct outage *log)
{
    char path[200];
    json_error_t problem;
    snprintf(path, sizeof path, "oracles/peers/cantbelate-spot/traces/%s/%s", region, trace);
    json_t *all = json_load_file(shared_or_skip(path), 0, &problem);
    if (!all) fail_msg("%s: %s", path, problem.text);
    json_t *data = json_object_get(all, "data");
    size_t ticks = json_array_size(data), n = 0;
    assert_true(ticks > 0 && ticks <= TICKS_MAX);
    log[n++] = (struct outage){ 5, T0_US, 0 };
    for (size_t i = 0; i < ticks; i++) {
        int64_t at_us = T0_US + (int64_t)i * TICK_S * S;
        if (json_integer_value(json_array_get(data, i)) == 0) continue;
        if (log[n - 1].up_us != at_us) log[n++] = (struct outage){ at_us, at_us, 0 };
        log[n - 1].up_us = at_us + TICK_S * S;
    }
    json_decref(all);
    return n;
}

static int64_t hours_us(double hours) { return (int64_t)llround(hours * 3600e6); }

static void the_greedy_policy(void **state)
{
    struct rows r = read_rows(shared_or_skip("oracles/peers/cantbelate-spot/expected.csv"));
    double cost = 0, theirs = 0;
    int64_t within = 0, cheaper = 0, ticks = 0;
    (void)state;
    assert_int_equal(r.n, 480);
    for (size_t i = 0; i < r.n; i++) {
        struct outage log[TICKS_MAX + 1];
        struct simulate_fleet fleet = {
            .pools = { { 1, 1 }, { 1, 1 } },
            .coming = { 0, 1 },
            .autoscaler = { .kind = &autoscaler_as_needed },
            .order = "fifo-skip",
            .supply = { { .takes_back = true, .notice_us = 1, .log = log } },
            .fallback = { .rule = FALLBACK_SAFETY_NET },
        };
        struct workload w;
        struct schedule s;
        int64_t overhead_us = hours_us(strtod(r.cell[i][OVERHEAD_H], NULL));
        fleet.supply[0].log_n = read_outages(r.cell[i][REGION], r.cell[i][TRACE], log);
        fleet.restart.cost = (struct gpu_costs){ .at = { { 0, overhead_us } }, .n = 1 };
        fleet.fallback.changeover_us = overhead_us / 2; /* of two, one is owed already */
        simulate_workload_init(&w);
        simulate_add(&w, 0, 1, 48 * 3600 * S, -1, -1);
        simulate_seal(&w);
        w.deadline_us[0] = T0_US + hours_us(strtod(r.cell[i][DEADLINE_H], NULL));
        simulate(&w, &fleet, &s);
        double end_s = (double)(s.end_us[0] - T0_US) / 1e6;
        double usd = 0.9731 * (double)s.result.pools[0].busy_gpu_us / 3600e6 +
                     3.06 * (double)s.result.pools[1].busy_gpu_us / 3600e6;
        double ds = end_s - strtod(r.cell[i][FINISH], NULL),
               du = usd - strtod(r.cell[i][COST], NULL);
        bool late = strtol(r.cell[i][DEADLINE_MET], NULL, 10) == 0;
        assert_int_equal(s.end_us[0] > w.deadline_us[0], late);
        if (fabs(ds) <= 2 * TICK_S && fabs(du) <= 2 * TICK_USD) within++;
        else if (du < -2 * TICK_USD && ds <= 2 * TICK_S) cheaper++;
        else ticks++;
        cost += usd;
        theirs += strtod(r.cell[i][COST], NULL);
        schedule_free(&s);
        workload_free(&w);
    }
    assert_int_equal(within, 455);
    assert_int_equal(cheaper, 23);
    assert_int_equal(ticks, 2);
    assert_true(fabs(cost / theirs - 1) < 0.01);
    rows_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_greedy_policy) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
