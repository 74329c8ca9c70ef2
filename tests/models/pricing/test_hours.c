/* SPDX-License-Identifier: Apache-2.0 */
/* Dollars and GPU time by clock hour: worked out by hand, and of whole worlds, which must be their
 * bills; and that what checks it can fail. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/random_world.h"
#include "tests/simulate.h"

#include "models/pricing/fleet_bill.h"
#include "models/pricing/hours.h"
#include "models/pricing/money.h"

#define USD     INT64_C(1000000)
#define YEAR_US (8760 * HOUR_US)

enum { HOURS_MAX = 4096, POOLS = 3 };

struct seen {
    struct hour_record hour[POOLS][HOURS_MAX];
    struct charge_line charge[POOLS][HOURS_MAX][CHARGE_KIND_N];
    __int128 paid_node_us[POOLS][HOURS_MAX];
    int32_t hours;
    __int128 held_milli_us[POOLS][HOURS_MAX]; /* from the jobs, microsecond by microsecond */
    int64_t into_us, books_us;
    int64_t jobs_usd_micro;
};

static void see_hour(void *context, const struct hour_record *r)
{
    struct seen *s = context;
    assert_true(r->pool >= 0 && r->pool < POOLS && r->hour >= 0 && r->hour < HOURS_MAX);
    s->hour[r->pool][r->hour] = *r;
    if (r->hour >= s->hours) s->hours = r->hour + 1;
}

static void see_charge(void *context, const struct hour_charge_record *r)
{
    struct seen *s = context;
    struct charge_line *line = &s->charge[r->pool][r->hour][r->kind];
    line->jobs_usd_micro += r->jobs_usd_micro;
    line->idle_usd_micro += r->idle_usd_micro;
    assert_int_equal(r->commitment >= 0, r->kind >= CHARGE_RESERVED);
    if (r->kind == CHARGE_ON_DEMAND || r->kind == CHARGE_RESERVED || r->kind == CHARGE_SAVINGS_PLAN)
        s->paid_node_us[r->pool][r->hour] += r->node_us;
}

/* A job that was never stopped held its GPUs from its start to its end. */
static void see_job(void *context, const struct job_record *r)
{
    struct seen *s = context;
    s->jobs_usd_micro += r->cost_usd_micro;
    for (int64_t t = r->start_us; t < r->end_us && (s->books_us == 0 || t < s->books_us);) {
        int64_t hour = (t + s->into_us) / HOUR_US, until = (hour + 1) * HOUR_US - s->into_us;
        if (until > r->end_us) until = r->end_us;
        if (s->books_us > 0 && until > s->books_us) until = s->books_us;
        s->held_milli_us[r->pool][hour] += (__int128)(until - t) * r->gpu_milli;
        t = until;
    }
}

/* ---- one pool ---- */

/* Two nodes of 8 GPUs at $8 for an hour and a half, 8 GPUs held in the first hour. */
static void see_by_hand(void *context, int32_t pool, const struct hour_charge *c)
{
    struct charge_line *line = context;
    assert_int_equal(pool, 7);
    assert_int_equal(c->kind, CHARGE_ON_DEMAND);
    assert_int_equal(c->commitment, -1);
    line[c->hour] = c->line;
}

static void by_hand(void **state)
{
    const struct purchase p = { .option = purchase_option_find("on-demand"),
                                .usd_nano_per_hour = INT64_C(8000000000) };
    const __int128 node_us[2] = { 2 * HOUR_US, HOUR_US }, held[2] = { 8000 * HOUR_US, 0 };
    const struct hour_usage usage = { .hours = 2, .node_us = node_us, .held_milli_us = held };
    struct charge_line lines[CHARGE_KIND_N], by[2];
    const struct hour_observer observer = { by, see_by_hand };
    struct error err;
    (void)state;
    bill_pool(&p,
              &(struct pool_usage){
                  .gpus_per_node = 8, .node_us = 3 * HOUR_US, .busy_gpu_us = 8 * HOUR_US },
              lines);
    assert_int_equal(bill_by_hour(&p, 8, 7, &usage, lines, &observer, &err), STATUS_OK);
    assert_int_equal(by[0].jobs_usd_micro, 8 * USD);
    assert_int_equal(by[0].idle_usd_micro, 8 * USD);
    assert_int_equal(by[1].jobs_usd_micro, 0);
    assert_int_equal(by[1].idle_usd_micro, 8 * USD);
}

/* A bill that is a micro-dollar off, an hour that is not there, a stretch that was not counted. */
static void the_check_can_fail(void **state)
{
    const struct purchase p = { .option = purchase_option_find("on-demand"),
                                .usd_nano_per_hour = 32772600000 };
    const __int128 node_us[3] = { 5 * HOUR_US / 7, HOUR_US, HOUR_US / 3 },
                   held[3] = { 8000 * HOUR_US / 7, 8000 * HOUR_US / 3, 0 };
    const struct hour_usage all = { .hours = 3, .node_us = node_us, .held_milli_us = held },
                            less = { .hours = 2, .node_us = node_us, .held_milli_us = held };
    const __int128 unheld[3] = { held[0], 0, 0 };
    const struct hour_usage lacks = { .hours = 3, .node_us = node_us, .held_milli_us = unheld };
    struct charge_line lines[CHARGE_KIND_N];
    struct error err;
    (void)state;
    bill_pool(&p,
              &(struct pool_usage){ .gpus_per_node = 8,
                                    .node_us = node_us[0] + node_us[1] + node_us[2],
                                    .busy_gpu_us = (held[0] + held[1] + held[2]) / 1000 },
              lines);
    assert_int_equal(bill_by_hour(&p, 8, 0, &all, lines, NULL, &err), STATUS_OK);
    assert_int_equal(bill_by_hour(&p, 8, 0, &less, lines, NULL, &err), STATUS_BUG);
    assert_int_equal(bill_by_hour(&p, 8, 0, &lacks, lines, NULL, &err), STATUS_BUG);
    assert_non_null(strstr(err.message, "dollars by hour = dollars by pool"));
    lines[CHARGE_ON_DEMAND].jobs_usd_micro++;
    lines[CHARGE_ON_DEMAND].idle_usd_micro--;
    assert_int_equal(bill_by_hour(&p, 8, 0, &all, lines, NULL, &err), STATUS_BUG);
}

/* ---- whole worlds ---- */

static struct pool_spec pool(const char *name, const char *instance, int32_t nodes,
                             const char *option)
{
    return (struct pool_spec){
        .name = name,
        .type = { .name = instance, .provider = "aws", .gpu_model = "X", .gpus = 8, .source = "" },
        .nodes = nodes,
        .purchase = { .option = purchase_option_find(option),
                      .usd_nano_per_hour = 21957642001,
                      .compute_plan_usd_nano_per_hour = 14000000007,
                      .price_region = "r",
                      .owned = { .capex_usd_micro = 123457 * USD,
                                 .life_us = YEAR_US,
                                 .power_usd_nano_per_kwh = 80000000,
                                 .pue_ppm = 1300000,
                                 .busy_watts = 6500,
                                 .idle_watts = 1700,
                                 .space_staff_usd_nano_per_hour = 1234567891 } }
    };
}

static void compare(const struct seen *s, const struct world_result *result, bool never_stopped)
{
    __int128 lost_us = 0;
    for (int p = 0; p < POOLS; p++) {
        const struct pool_result *r = &result->pools[p];
        __int128 bought = 0, held = 0, held_milli = 0;
        for (int32_t h = 0; h < s->hours; h++) {
            const struct hour_record *hour = &s->hour[p][h];
            int64_t lost = hour->lost_preempted_gpu_us + hour->lost_failed_gpu_us +
                           hour->lost_checkpoints_gpu_us;
            assert_int_equal(hour->start_us, h * HOUR_US - s->into_us);
            bought += hour->bought_node_us;
            assert_int_equal(hour->bought_gpu_us, 8 * hour->bought_node_us);
            held += hour->held_gpu_us;
            held_milli += s->held_milli_us[p][h];
            lost_us += lost;
            assert_true(lost <= hour->held_gpu_us + 3 &&
                        hour->held_gpu_us <= hour->bought_gpu_us + 1);
            if (never_stopped && held_milli / 1000 != held) fail_msg("pool %d, hour %d", p, h);
            if (p < 2 && s->charge[p][h][CHARGE_ON_DEMAND].idle_usd_micro > 0 &&
                s->paid_node_us[p][h] != hour->bought_node_us)
                fail_msg("pool %d, hour %d", p, h);
        }
        assert_true(bought == r->bought_node_us && held == r->busy_gpu_us);
        for (int k = 0; k < CHARGE_KIND_N; k++) {
            struct charge_line sum = { 0, 0 };
            for (int32_t h = 0; h < s->hours; h++) {
                sum.jobs_usd_micro += s->charge[p][h][k].jobs_usd_micro;
                sum.idle_usd_micro += s->charge[p][h][k].idle_usd_micro;
                assert_true(s->charge[p][h][k].jobs_usd_micro >= 0);
                assert_true(s->charge[p][h][k].idle_usd_micro >= -1);
            }
            assert_int_equal(sum.jobs_usd_micro, r->charge[k].jobs_usd_micro);
            assert_int_equal(sum.idle_usd_micro, r->charge[k].idle_usd_micro);
        }
    }
    double lost_hours = (double)lost_us / (double)HOUR_US;
    if (s->books_us == 0) assert_true(fabs(lost_hours - result->lost_gpu_hours) < 1e-6);
    assert_true(s->jobs_usd_micro == result->jobs_usd_micro);
}

static int32_t hours_seen;

static void run(uint64_t round, const char *order, bool books, bool commits)
{
    static struct seen seen;
    struct draw d = { random_key(round + 1, 11), 0 };
    struct workload w;
    struct pool_spec pools[POOLS] = { pool("a", "p4d.24xlarge", 1 + below(&d, 4), "on-demand"),
                                      pool("b", "p5.48xlarge", 1 + below(&d, 3), "on-demand"),
                                      pool("c", "dgx", 2, "owned") };
    const struct fleet_commitment items[] = {
        { .kind = &fleet_commitment_kinds[0],
          .terms = { .kind = COMMITMENT_RESERVED_REGIONAL,
                     .of = { "aws", "r", "", "p4d.24xlarge", 0, 0, 0 },
                     .count = 2,
                     .usd_nano_per_hour = 12345678901,
                     .upfront_usd_micro = 1234560000,
                     .to_us = YEAR_US } },
        { .kind = &fleet_commitment_kinds[2],
          .terms = { .kind = COMMITMENT_COMPUTE_PLAN,
                     .of = { "aws", "", "", "", 0, 0, 0 },
                     .count = 1,
                     .usd_nano_per_hour = (1 + below(&d, 90)) * INT64_C(333333333),
                     .to_us = YEAR_US } },
    };
    struct fleet_spec fleet = { .name = "f",
                                .pool_n = POOLS,
                                .pools = pools,
                                .scheduler = { .order = queue_order_find(order),
                                               .placement = placement_find("pack") } };
    if (commits) fleet.commitments = (struct fleet_commitments){ 2, items };
    random_restart(&d, &fleet.scheduler.restart);
    memset(&seen, 0, sizeof seen);
    if (books) seen.books_us = (int64_t)below(&d, 100000) * 2000001;
    random_workload(&d, 20 + below(&d, 60), 8, LIMITS_NONE, &w);
    for (size_t j = 0; j < w.job_n; j++) { /* from seconds to hours and parts of them */
        w.submit_us[j] *= 360000011;
        w.run_us[j] *= 370000003;
    }
    w.t0_unix_us = (int64_t)below(&d, 1000000) * 7777777;
    seen.into_us = w.t0_unix_us % HOUR_US;
    /* What commitments save is not in the jobs' costs here, so that those are not within the bill.
     */
    struct observer observer = { .context = &seen, .hour = see_hour, .hour_charge = see_charge };
    if (!commits) observer.job = see_job;
    const struct world_options options = { .seed = 1, .books_us = seen.books_us };
    struct world_result result;
    struct error err;
    if (world_run(&w, &fleet, &options, &observer, &result, &err) != STATUS_OK)
        fail_msg("round %d: %s", (int)round, err.message);
    if (!books) hours_seen += seen.hours;
    compare(&seen, &result, !commits && strcmp(order, "fifo-skip") == 0);
    world_result_free(&result);
    workload_free(&w);
}

static void worlds_are_their_hours(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 40; round++) run(round, "fifo-skip", round % 2, false);
    assert_true(hours_seen > 200);
}

static void stops_too(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 40; round++) run(round, "srtf", round % 2, false);
}

static void commitments_too(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 40; round++) run(round, "fifo-skip", round % 2, true);
}

/* A century has too many hours: the bill is of totals. */
static void a_century_has_no_hours(void **state)
{
    static struct seen seen;
    struct pool_spec pools[1] = { pool("a", "p4d.24xlarge", 1, "on-demand") };
    struct fleet_spec fleet = { .name = "f",
                                .pool_n = 1,
                                .pools = pools,
                                .scheduler = { .order = queue_order_find("fifo"),
                                               .placement = placement_find("pack") } };
    const struct observer observer = { .context = &seen, .hour = see_hour };
    const struct world_options options = { .seed = 1, .books_us = 100 * YEAR_US };
    struct world_result result;
    struct workload w;
    struct error err;
    (void)state;
    memset(&seen, 0, sizeof seen);
    simulate_workload_init(&w);
    simulate_add(&w, 0, 8, 3600, -1, -1);
    simulate_seal(&w);
    if (world_run(&w, &fleet, &options, &observer, &result, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(seen.hours, 0);
    assert_true(result.pools[0].cost_usd_micro > 0);
    world_result_free(&result);
    workload_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(the_check_can_fail),
        cmocka_unit_test(worlds_are_their_hours),
        cmocka_unit_test(stops_too),
        cmocka_unit_test(commitments_too),
        cmocka_unit_test(a_century_has_no_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
