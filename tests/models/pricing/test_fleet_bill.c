/* SPDX-License-Identifier: Apache-2.0 */
/* The bill of a fleet with commitments, worked out by hand; of whole worlds, added up. */
#include <stdlib.h>
#include <string.h>

#include "tests/random_world.h"
#include "tests/simulate.h"

#include "models/pricing/fleet_bill.h"
#include "models/pricing/money.h"

#define USD      INT64_C(1000000)
#define USD_NANO INT64_C(1000000000)
#define YEAR_US  (8760 * HOUR_US)

static const struct fleet_commitment_kind *kind(const char *name)
{
    const struct fleet_commitment_kind *k = fleet_commitment_kinds;
    while (k->name && strcmp(k->name, name) != 0) k++;
    assert_non_null(k->name);
    return k;
}

static struct fleet_commitment commitment(const char *name, const char *instance, int64_t count,
                                          double usd, double upfront)
{
    return (struct fleet_commitment){ .kind = kind(name),
                                      .terms = { .kind = kind(name)->kind,
                                                 .of = { "aws", "r", "", instance, 0, 0, 0 },
                                                 .count = count,
                                                 .usd_nano_per_hour = (int64_t)(usd * 1e9),
                                                 .upfront_usd_micro = (int64_t)(upfront * 1e6),
                                                 .to_us = YEAR_US },
                                      .price_market = name,
                                      .price_valid_from = "2026-01-01",
                                      .price_source = "a test" };
}

/* 10 p4d at $20, of which 6 reserved at $12 and, with a plan of $30 at $15, 2 more; 2 p5 at $50
 * with $80 of a plan at $30: $20 unused. A pool of 5 g6 at $10 has nothing. Over 100 hours. */
static void by_hand(void **state)
{
    enum { HOURS = 101 }; /* second 0 is half past */
    __int128 used[3][HOURS];
    struct charge_line lines[3][CHARGE_KIND_N];
    const int32_t nodes[3] = { 10, 2, 5 };
    struct offering of[3] = { { "aws", "r", "", "p4d.24xlarge", 20 * USD_NANO, 0, 15 * USD_NANO },
                              { "aws", "r", "", "p5.48xlarge", 50 * USD_NANO, 30 * USD_NANO,
                                49 * USD_NANO },
                              { "aws", "r", "", "g6.48xlarge", 10 * USD_NANO, 0, 0 } };
    struct billed_pool pools[3];
    const struct fleet_commitment items[] = {
        commitment("reserved", "p4d.24xlarge", 6, 11, 8760),
        commitment("ec2-instance-savings-plan", "p5.48xlarge", 1, 80, 0),
        commitment("compute-savings-plan", "", 1, 30, 0),
    };
    const struct fleet_commitments all = { 3, items };
    struct error err;
    int64_t saved[3];
    (void)state;
    for (int p = 0; p < 3; p++) {
        for (int h = 0; h < HOURS; h++) used[p][h] = (__int128)nodes[p] * HOUR_US;
        used[p][0] /= 2;
        used[p][HOURS - 1] /= 2;
        pools[p] = (struct billed_pool){ of[p],
                                         { .gpus_per_node = 8,
                                           .node_us = (__int128)nodes[p] * 100 * HOUR_US,
                                           .busy_gpu_us = (__int128)nodes[p] * 8 * 25 * HOUR_US },
                                         used[p],
                                         NULL,
                                         p,
                                         lines[p] };
    }
    if (fleet_bill(&all, pools, 3, HOURS, HOUR_US / 2, 100 * HOUR_US, NULL, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    const int64_t expected[3][CHARGE_KIND_N] = {
        { [CHARGE_ON_DEMAND] = 2 * 20, [CHARGE_RESERVED] = 6 * 12, [CHARGE_SAVINGS_PLAN] = 30 },
        { [CHARGE_SAVINGS_PLAN] = 60, [CHARGE_UNUSED] = 20 },
        { [CHARGE_ON_DEMAND] = 50 },
    };
    for (int p = 0; p < 3; p++)
        for (int k = 0; k < CHARGE_KIND_N; k++) { /* a quarter was held */
            int64_t usd = expected[p][k] * 100 * USD, held = k == CHARGE_UNUSED ? 0 : usd / 4;
            assert_int_equal(lines[p][k].jobs_usd_micro, held);
            assert_int_equal(lines[p][k].idle_usd_micro, usd - held);
        }
    /* On the mean: p4d (40 + 72 + 30) / 10 instead of 20, p5 30 instead of 50. */
    if (fleet_bill_saved(&all, of, nodes, 3, saved, &err) != STATUS_OK) fail_msg("%s", err.message);
    assert_int_equal(saved[0], 20 * USD_NANO - 142 * USD_NANO / 10);
    assert_int_equal(saved[1], 20 * USD_NANO);
    assert_int_equal(saved[2], 0);
    assert_int_equal(fleet_commitment_usd_micro_per_hour(&items[0]), 6 * 12 * USD);
}

static void named(void **state)
{
    const struct fleet_commitment ri = commitment("reserved", "p4d.24xlarge", 6, 11, 0),
                                  family = commitment("ec2-instance-savings-plan", "p5.48xlarge", 1,
                                                      80.5, 0),
                                  any = commitment("compute-savings-plan", "", 1, 30, 0);
    char text[100];
    (void)state;
    fleet_commitment_text(&ri, text, sizeof text);
    assert_string_equal(text, "6 x p4d.24xlarge reserved");
    fleet_commitment_text(&family, text, sizeof text);
    assert_string_equal(text, "ec2-instance-savings-plan p5 $80.5/h");
    fleet_commitment_text(&any, text, sizeof text);
    assert_string_equal(text, "compute-savings-plan $30/h");
}

/* A term of a year is renewed: two years of one instance cost twice its year. */
static void renewed(void **state)
{
    enum { HOURS = 2 * 8760 };
    __int128 *used = malloc(HOURS * sizeof *used);
    struct charge_line lines[CHARGE_KIND_N];
    const struct billed_pool pool = { { "aws", "r", "", "p4d.24xlarge", 20 * USD_NANO, 0, 0 },
                                      { .gpus_per_node = 8, .node_us = (__int128)HOURS * HOUR_US },
                                      used,
                                      NULL,
                                      0,
                                      lines };
    const struct fleet_commitment item = commitment("reserved", "p4d.24xlarge", 1, 3, 70000);
    const struct fleet_commitments all = { 1, &item };
    struct error err;
    (void)state;
    for (int h = 0; h < HOURS; h++) used[h] = HOUR_US;
    if (fleet_bill(&all, &pool, 1, HOURS, 0, 2 * YEAR_US, NULL, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(lines[CHARGE_RESERVED].idle_usd_micro, (2 * 8760 * 3 + 2 * 70000) * USD);
    assert_int_equal(lines[CHARGE_ON_DEMAND].idle_usd_micro, 0);
    free(used);
}

/* ---- whole worlds ---- */

struct sums {
    int64_t jobs, nodes;
};

static void see_job(void *context, const struct job_record *record)
{
    ((struct sums *)context)->jobs += record->cost_usd_micro;
}

static void see_node(void *context, const struct node_record *record)
{
    ((struct sums *)context)->nodes += record->cost_usd_micro;
}

static struct pool_spec pool(const char *name, const char *instance, int32_t nodes,
                             const char *option)
{
    return (struct pool_spec){
        .name = name,
        .type = { .name = instance, .provider = "aws", .gpu_model = "X", .gpus = 8, .source = "" },
        .nodes = nodes,
        .purchase = { .option = purchase_option_find(option),
                      .usd_nano_per_hour = 21957642000,
                      .compute_plan_usd_nano_per_hour = 14000000007,
                      .price_region = "r" }
    };
}

/* Random worlds, with commitments too small and too large: jobs, nodes, pools and lines agree. */
static void worlds_add_up(void **state)
{
    int unused_seen = 0, on_demand_seen = 0;
    (void)state;
    for (uint64_t round = 0; round < 30; round++) {
        struct draw d = { random_key(round + 1, 9), 0 };
        struct workload w;
        struct pool_spec pools[3] = { pool("a", "p4d.24xlarge", 1 + below(&d, 5), "on-demand"),
                                      pool("b", "p5.48xlarge", 1 + below(&d, 5), "on-demand"),
                                      pool("c", "dgx", 2, "owned") };
        pools[2].purchase.owned =
            (struct owned_terms){ .capex_usd_micro = 1000 * USD, .life_us = YEAR_US };
        const struct fleet_commitment items[] = {
            commitment("reserved", "p4d.24xlarge", 1 + below(&d, 5), 12.345678901, 1234.56),
            commitment("compute-savings-plan", "", 1, 1 + below(&d, 90) / 7.0, 0),
        };
        struct fleet_spec fleet = { .name = "f",
                                    .pool_n = 3,
                                    .pools = pools,
                                    .scheduler = { .order = queue_order_find("fifo-skip"),
                                                   .placement = placement_find("pack") },
                                    .commitments = { 2, items } };
        struct offering of[2];
        int32_t nodes[2] = { pools[0].nodes, pools[1].nodes };
        int64_t saved[2], total = 0, held = 0, unused = 0;
        struct sums sums = { 0, 0 };
        const struct observer observer = { .context = &sums, .job = see_job, .node = see_node };
        const struct world_options options = { .seed = 1 };
        struct world_result result;
        struct error err;
        for (int p = 0; p < 2; p++)
            of[p] = fleet_offering("aws", pools[p].type.name, pools[p].zone, &pools[p].purchase);
        assert_int_equal(fleet_bill_saved(&fleet.commitments, of, nodes, 2, saved, &err),
                         STATUS_OK);
        for (int p = 0; p < 2; p++) pools[p].purchase.saved_usd_nano_per_hour = saved[p];
        random_workload(&d, 20 + below(&d, 60), 8, LIMITS_NONE, &w);
        w.t0_unix_us = (int64_t)below(&d, 1000000) * 7777777;
        if (world_run(&w, &fleet, &options, &observer, &result, &err) != STATUS_OK)
            fail_msg("round %d: %s", (int)round, err.message);
        for (int p = 0; p < 3; p++) {
            const struct pool_result *r = &result.pools[p];
            int64_t sum = 0;
            for (int k = 0; k < CHARGE_KIND_N; k++) {
                assert_true(r->charge[k].jobs_usd_micro >= 0 && r->charge[k].idle_usd_micro >= 0);
                sum += r->charge[k].jobs_usd_micro + r->charge[k].idle_usd_micro;
                held += r->charge[k].jobs_usd_micro;
            }
            assert_int_equal(sum, r->cost_usd_micro);
            total += sum;
            unused += r->charge[CHARGE_UNUSED].idle_usd_micro;
            on_demand_seen += r->charge[CHARGE_ON_DEMAND].idle_usd_micro > 0;
        }
        unused_seen += unused > 0;
        /* Each node's and each job's cost is rounded on its own. */
        int64_t hours = result.books_us / HOUR_US + 1, slack = hours / 100 + 30;
        assert_true(llabs(total - unused - sums.nodes) <= slack);
        assert_int_equal(sums.jobs, result.jobs_usd_micro);
        assert_true(sums.jobs <= held + 3 * CHARGE_KIND_N);
        assert_true(sums.jobs >= held - slack - (int64_t)w.job_n);
        /* What is committed is paid, whatever is used. */
        double paid = 0, committed = 0;
        for (int p = 0; p < 3; p++)
            for (int k = CHARGE_RESERVED; k <= CHARGE_UNUSED; k++)
                paid += (double)(result.pools[p].charge[k].jobs_usd_micro +
                                 result.pools[p].charge[k].idle_usd_micro);
        for (int i = 0; i < 2; i++) {
            const struct commitment *t = &items[i].terms;
            committed +=
                (double)t->count *
                ((double)t->usd_nano_per_hour / 1e3 + (double)t->upfront_usd_micro / 8760) *
                (double)result.books_us / (double)HOUR_US;
        }
        assert_true(paid > committed - 10 - committed * 1e-9);
        assert_true(paid < committed + 10 + committed * 1e-9);
        world_result_free(&result);
        workload_free(&w);
    }
    assert_true(unused_seen > 3 && on_demand_seen > 3);
}

/* ---- capacity ---- */

struct seen_once { /* each charge of an hour comes once: it is a row of a table */
    int32_t seen[8][CHARGE_KIND_N][4];
    int64_t idle_usd_micro[8];
    int32_t hour;
};

static void see_once(void *context, int32_t pool, const struct hour_charge *c)
{
    struct seen_once *s = context;
    assert_int_equal(pool, 0);
    assert_true(c->hour >= s->hour && c->hour < 8);
    s->hour = c->hour;
    assert_int_equal(s->seen[c->hour][c->kind][c->commitment + 1]++, 0);
    s->idle_usd_micro[c->hour] += c->line.idle_usd_micro;
    if (c->kind == CHARGE_UNUSED) assert_int_equal(c->line.jobs_usd_micro, 0);
}

/* Four nodes at $20, all held, for six hours. */
static void bills(const struct fleet_commitment *items, int32_t n,
                  const int64_t expected[CHARGE_KIND_N])
{
    enum { HOURS = 6 };
    __int128 used[HOURS];
    struct charge_line lines[CHARGE_KIND_N];
    struct seen_once seen;
    struct error err;
    for (int h = 0; h < HOURS; h++) used[h] = 4 * (__int128)HOUR_US;
    const struct billed_pool pool = {
        { "aws", "r", "", "p4d.24xlarge", 20 * USD_NANO, 0, 15 * USD_NANO },
        { .gpus_per_node = 8, .node_us = HOURS * used[0], .busy_gpu_us = HOURS * 8 * used[0] },
        used,
        NULL,
        0,
        lines
    };
    const struct fleet_commitments all = { n, items };
    const struct hour_observer observer = { &seen, see_once };
    memset(&seen, 0, sizeof seen);
    if (fleet_bill(&all, &pool, 1, HOURS, 0, HOURS * HOUR_US, &observer, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    int64_t idle = 0;
    for (int h = 0; h < HOURS; h++) idle += seen.idle_usd_micro[h];
    for (int k = 0; k < CHARGE_KIND_N; k++) {
        assert_int_equal(lines[k].jobs_usd_micro + lines[k].idle_usd_micro, expected[k] * USD);
        assert_int_equal(lines[k].jobs_usd_micro, k == CHARGE_UNUSED ? 0 : expected[k] * USD);
    }
    assert_int_equal(idle, expected[CHARGE_UNUSED] * USD);
}

static struct fleet_commitment reservation(int64_t count)
{
    struct fleet_commitment c = commitment("capacity-reservation", "p4d.24xlarge", count, 0, 0);
    c.terms.of.usd_nano_per_hour = 20 * USD_NANO;
    c.terms.of.compute_plan_usd_nano_per_hour = 15 * USD_NANO;
    return c;
}

static void capacity(void **state)
{
    (void)state;
    const struct fleet_commitment six = reservation(6), three = reservation(3),
                                  ri = commitment("reserved", "p4d.24xlarge", 7, 10, 0),
                                  plan = commitment("compute-savings-plan", "", 1, 75, 0);
    /* Six are paid, four are used. */
    bills(&six, 1, (int64_t[CHARGE_KIND_N]){ [CHARGE_ON_DEMAND] = 480, [CHARGE_UNUSED] = 240 });
    bills(&three, 1, (int64_t[CHARGE_KIND_N]){ [CHARGE_ON_DEMAND] = 480 });
    /* Of seven reserved instances four are used, two pay for what is reserved, one for nothing. */
    bills((struct fleet_commitment[]){ six, ri }, 2,
          (int64_t[CHARGE_KIND_N]){ [CHARGE_RESERVED] = 240, [CHARGE_UNUSED] = 180 });
    /* Four nodes and one reserved at the plan's rate: $75; another at $20. */
    bills((struct fleet_commitment[]){ six, plan }, 2,
          (int64_t[CHARGE_KIND_N]){ [CHARGE_SAVINGS_PLAN] = 360, [CHARGE_UNUSED] = (15 + 20) * 6 });
    /* Two reservations, whose unused parts the same instances pay for: 3 + 6 - 4 = 5 are unused. */
    bills((struct fleet_commitment[]){ three, ri, six }, 3,
          (int64_t[CHARGE_KIND_N]){ [CHARGE_RESERVED] = 240, [CHARGE_UNUSED] = 180 + 2 * 20 * 6 });
    /* A block of five from hour 1 to hour 3 at $12 an hour: one of them is unused. */
    struct fleet_commitment block = commitment("capacity-block", "p4d.24xlarge", 5, 0, 24);
    block.terms.from_us = HOUR_US;
    block.terms.to_us = 3 * HOUR_US;
    bills(&block, 1,
          (int64_t[CHARGE_KIND_N]){
              [CHARGE_ON_DEMAND] = 4 * 80, [CHARGE_RESERVED] = 4 * 24, [CHARGE_UNUSED] = 24 });
    char text[200];
    fleet_commitment_text(&block, text, sizeof text);
    assert_string_equal(text, "5 x p4d.24xlarge capacity-block");
    assert_int_equal(fleet_commitment_usd_micro_per_hour(&block), 60 * USD);
    assert_int_equal(fleet_commitment_usd_micro_per_hour(&six), 120 * USD);
    /* What a job's price is, knows no block. */
    const struct fleet_commitments all = { 2, (struct fleet_commitment[]){ block, ri } };
    const struct offering of = { "aws", "r", "", "p4d.24xlarge", 20 * USD_NANO, 0, 0 };
    const int32_t nodes = 10;
    int64_t saved;
    struct error err;
    assert_int_equal(fleet_bill_saved(&all, &of, &nodes, 1, &saved, &err), STATUS_OK);
    assert_int_equal(saved, 7 * USD_NANO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capacity), cmocka_unit_test(by_hand),       cmocka_unit_test(named),
        cmocka_unit_test(renewed),  cmocka_unit_test(worlds_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
